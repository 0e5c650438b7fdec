//! Another pack of law comes into force while the service runs.

use std::{
    collections::{HashMap, HashSet},
    fs,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use ureq::Agent;

use crate::{
    helpers::TempDir,
    packs::{Service, point, told, write},
};

/// Two packs that differ in a figure, and a name for the one in use.
fn two_packs(dir: &TempDir) -> [std::path::PathBuf; 3] {
    let (one, other, current) =
        (write(dir, "one", 100_000), write(dir, "other", 250_000), dir.path().join("current"));
    point(&current, &one);
    [one, other, current]
}

#[test]
fn packs_are_swapped_under_load_and_no_answer_mixes_them() {
    let dir = TempDir::new();
    let [one, other, current] = two_packs(&dir);
    let service = Service::start(|command| {
        command.arg("--policy").arg(&current).args(["--anonymous-per-minute", "0"]);
    });
    let (done, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let figures: Vec<HashMap<String, HashSet<u64>>> = thread::scope(|scope| {
        let hammer = || {
            let agent = Agent::new_with_defaults();
            let mut seen: HashMap<String, HashSet<u64>> = HashMap::new();
            while !done.load(Ordering::Relaxed) {
                let (digest, figure) = told(&service.ask(&agent));
                seen.entry(digest).or_default().insert(figure);
                asked.fetch_add(1, Ordering::Relaxed);
            }
            seen
        };
        let hammers: Vec<_> = (0..4).map(|_| scope.spawn(hammer)).collect();
        for round in 0..30 {
            // Some answers by each pack before the next comes.
            let until = asked.load(Ordering::Relaxed) + 20;
            while asked.load(Ordering::Relaxed) < until && hammers.iter().all(|one| !one.is_finished()) {
                thread::yield_now();
            }
            point(&current, if round % 2 == 0 { &other } else { &one });
            let news = service.hang_up("is in force");
            assert!(news.contains(if round % 2 == 0 { "Pack other" } else { "Pack one" }), "{news}");
        }
        done.store(true, Ordering::Relaxed);
        hammers.into_iter().map(|hammer| hammer.join().expect("every request is answered")).collect()
    });
    let mut all: HashMap<String, HashSet<u64>> = HashMap::new();
    figures.into_iter().flatten().for_each(|(digest, seen)| all.entry(digest).or_default().extend(seen));
    let mut seen: Vec<Vec<u64>> = all.into_values().map(|seen| seen.into_iter().collect()).collect();
    seen.sort();
    assert_eq!(seen, [[100_000], [250_000]], "each digest has one figure");
    let metrics = service.metrics();
    assert!(metrics.contains("an_sinh_policy_reloads_total{result=\"in_force\"} 30"), "{metrics}");
    assert_eq!(metrics.matches("an_sinh_policy_info{").count(), 1, "{metrics}");
}

#[test]
fn a_bad_pack_is_refused_and_the_old_one_stays() {
    let dir = TempDir::new();
    let [one, _, current] = two_packs(&dir);
    let service = Service::start(|command| {
        command.arg("--policy").arg(&current);
    });
    let agent = Agent::new_with_defaults();
    let before = told(&service.ask(&agent));
    let decision = one.join("entitlements/gift.toml");
    let good = fs::read_to_string(&decision).expect("the rules");
    for (from, to, finding) in [
        // A name, a proof, a test beside the rules, and no TOML at all.
        ("poverty_status = poor\"", "poverty_statuss = poor\"", "entitlements/gift.toml:15:9: poor: no fact"),
        (
            "= poor\"\nthen",
            "= poor and household.poverty_status != poor\"\nthen",
            "poor: nobody can meet this rule",
        ),
        ("want = { outcome = \"entitled\"", "want = { outcome = \"not_entitled\"", "poor: outcome: wanted"),
        ("[otherwise]", "[otherwise", "gift.toml"),
    ] {
        assert!(good.contains(from));
        fs::write(&decision, good.replace(from, to)).expect("break the pack");
        let news = service.hang_up("stays in force");
        assert!(news.contains(finding), "{finding} in {news}");
        assert!(news.contains("The pack is refused; one stays in force"), "{news}");
        assert_eq!(told(&service.ask(&agent)), before);
    }
    fs::remove_file(&current).expect("remove the name");
    assert!(service.hang_up("stays in force").contains("no pack here"));
    assert_eq!(told(&service.ask(&agent)), before);
    fs::write(&decision, good).expect("mend the pack");
    point(&current, &one);
    service.hang_up("The pack is unchanged");
    let metrics = service.metrics();
    for line in ["refused\"} 5", "unchanged\"} 1", "in_force\"} 0"] {
        assert!(metrics.contains(&format!("an_sinh_policy_reloads_total{{result=\"{line}")), "{metrics}");
    }
}

#[test]
fn the_browser_shows_the_pack_in_force_under_a_new_tag() {
    let dir = TempDir::new();
    let [_, other, current] = two_packs(&dir);
    let service = Service::start(|command| {
        command.arg("--policy").arg(&current);
    });
    for path in ["/v1/policy", "/v1/policy/parameters/gift", "/v1/policy/checks"] {
        let (status, tag, _) = service.get(path, "");
        assert_eq!((status, service.get(path, &tag).0), (200, 304), "{path}");
    }
    let (_, tag, body) = service.get("/v1/policy/parameters/gift", "");
    assert_eq!(body["values"][0]["value"], "100000", "{body}");
    point(&current, &other);
    service.hang_up("is in force");
    let (status, new, body) = service.get("/v1/policy/parameters/gift", &tag);
    assert_eq!((status, &body["values"][0]["value"]), (200, &"250000".into()), "{body}");
    assert_ne!(tag, new);
}

#[test]
fn a_service_without_a_folder_is_told_so_and_goes_on() {
    let service = Service::start(|_| ());
    service.hang_up("SIGHUP does nothing without --policy");
    assert_eq!(service.get("/health/ready", "").0, 200);
}
