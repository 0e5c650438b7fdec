//! Decisions that last: where each fact came from, the law they were made by, what took their place.

use an_sinh::{
    decisions::{self, receipt},
    policy::Policy,
    store::{DecisionId, decisions::Decision},
};
use serde_json::{Value, json};

use crate::{
    audit::assert_whole,
    cards::{decision as given, free},
    helpers::{Database, Reply, TempDir, TestApp},
    packs,
    people::{Session, text},
};

crate::on_each_database![
    each_fact_names_its_document,
    a_decision_of_an_earlier_law_comes_out_the_same,
    a_law_that_is_gone_or_damaged_is_told,
    what_differs_is_told,
    one_decision_takes_the_place_of_another,
    of_ten_at_once_one_takes_the_place,
    the_list_comes_in_pages,
];

/// Records a decision.
#[track_caller]
pub fn decide(official: &Session<'_>, citizen: &str, question: &Value) -> Value {
    let reply = official.create(&format!("/v1/citizens/{citizen}/decisions"), question);
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.json()
}

fn refused(official: &Session<'_>, citizen: &str, question: &Value) -> Reply {
    official.create(&format!("/v1/citizens/{citizen}/decisions"), question)
}

#[track_caller]
fn document(official: &Session<'_>, citizen: &str, body: &Value) -> String {
    let reply = official.create(&format!("/v1/citizens/{citizen}/evidence"), body);
    assert_eq!(reply.status, 201, "{reply:?}");
    text(&reply.json(), "id")
}

fn path(decision: &Value) -> String {
    format!("/v1/decisions/{}", text(decision, "id"))
}

/// A pack that gives so many đồng to poor households.
fn pack(dir: &TempDir, name: &str, figure: u32) -> Policy {
    Policy::from_folder(&packs::write(dir, name, figure)).expect("a pack")
}

/// A citizen of a poor household.
fn poor(official: &Session<'_>) -> String {
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let list = json!({ "kind": "poverty_list", "issued_on": "2025-12-20",
        "facts": { "household": { "poverty_status": "poor" } } });
    document(official, &citizen, &list);
    citizen
}

/// The bytes of the answer in a reply, as they were sent.
#[track_caller]
fn result_bytes(reply: &Reply) -> &str {
    let (_, rest) = reply.text().split_once("\"result\":").expect("a result");
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    values.next().expect("a value").expect("JSON");
    &rest[..values.byte_offset()]
}

fn each_fact_names_its_document(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let declared = document(
        &official,
        &citizen,
        &json!({ "kind": "declaration", "issued_on": "2025-12-01",
            "facts": { "person": { "employment": "none", "ethnic_minority": false } } }),
    );
    let contract = document(
        &official,
        &citizen,
        &json!({ "kind": "employment_contract", "issued_on": "2025-09-01",
            "facts": { "person": { "employment": "contract", "disability": { "kind": null } } } }),
    );
    let first = document(
        &official,
        &citizen,
        &json!({ "kind": "disability_certificate", "issued_on": "2025-01-01",
            "facts": { "person": { "disability": { "severity": "mild", "certificate": true } } } }),
    );
    let second = document(
        &official,
        &citizen,
        &json!({ "kind": "disability_certificate", "issued_on": "2025-06-01",
            "facts": { "person": { "disability": { "severity": "severe" } },
                "household": { "poverty_status": "near_poor" } } }),
    );
    let decision = decide(&official, &citizen, &json!({ "as_of": "2026-01-14" }));
    let own = Value::Null;
    let from = |fact: &str, evidence: &Value| json!({ "fact": fact, "evidence_id": evidence });
    let expected = json!([
        from("/household/poverty_status", &json!(second)),
        from("/household/unit", &own),
        from("/people/0/born_on", &own),
        from("/people/0/disability/certificate", &json!(first)),
        from("/people/0/disability/severity", &json!(second)),
        from("/people/0/employment", &json!(contract)),
        from("/people/0/ethnic_minority", &json!(declared)),
        from("/people/0/personal_id", &own),
    ]);
    let told = decision["facts_from"].as_array().expect("a list");
    assert_eq!(decision["facts_from"], expected);
    for fact in told {
        let pointer = text(fact, "fact");
        assert!(decision["facts"].pointer(&pointer).is_some_and(|fact| !fact.is_object()), "{pointer}");
    }
    assert_eq!(official.get(&path(&decision)).json()["facts_from"], decision["facts_from"]);
}

fn a_decision_of_an_earlier_law_comes_out_the_same(on: Database) {
    let app = TestApp::on(on);
    let dir = TempDir::new();
    app.state.replace_policy(pack(&dir, "one", 100_000));
    let official = app.official();
    let citizen = poor(&official);
    let question = json!({ "as_of": "2026-01-14" });
    let earlier = decide(&official, &citizen, &question);
    let gift =
        |decision: &Value| decision["result"]["people"][0]["decisions"][0]["benefit"]["gift_vnd"].clone();
    assert_eq!(gift(&earlier), 100_000);

    // The law changes: what is decided from now on follows the new one.
    app.state.replace_policy(pack(&dir, "two", 250_000));
    assert_eq!(gift(&decide(&official, &citizen, &question)), 250_000);
    let same = |official: &Session<'_>, decision: &Value| {
        let kept = official.get(&path(decision));
        let replay = official.get(&format!("{}/replay", path(decision)));
        let told = replay.json();
        assert_eq!((replay.status, &told["same"]), (200, &json!(true)), "{told}");
        assert_eq!((&told["differences"], &told["difference_count"]), (&json!([]), &json!(0)));
        assert_eq!(
            told["receipt"],
            json!({ "kept": decision["receipt"], "recomputed": decision["receipt"] })
        );
        assert_eq!((&told["policy"], &told["release"]), (&decision["policy"], &json!("0.1.0")));
        assert_eq!(result_bytes(&replay), result_bytes(&kept), "the same bytes");
    };
    same(&official, &earlier);
    // A pack that is held, and after a restart by yet another pack, one that is compiled anew.
    same(&official, &earlier);
    let app = app.restart();
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    same(&official, &earlier);

    // More packs than are held at once.
    let made: Vec<Value> = (0..6)
        .map(|n| {
            app.state.replace_policy(pack(&dir, &format!("pack-{n}"), 1_000 + n));
            decide(&official, &citizen, &question)
        })
        .collect();
    made.iter().chain(made.iter().rev()).for_each(|decision| same(&official, decision));
    assert_whole(&app.state.records.store);
}

fn a_law_that_is_gone_or_damaged_is_told(on: Database) {
    let app = TestApp::on(on);
    let dir = TempDir::new();
    app.state.replace_policy(pack(&dir, "one", 100_000));
    let official = app.official();
    let citizen = poor(&official);
    let decision = decide(&official, &citizen, &json!({ "as_of": "2026-01-14" }));
    let replay = format!("{}/replay", path(&decision));

    // Files that are not those of the digest, whole or not.
    app.dir.execute("CREATE TABLE aside AS SELECT * FROM policy_packs");
    let garbage = if on == Database::Postgres { "'\\x7b7d'::bytea" } else { "X'7b7d'" };
    app.dir.execute(&format!("UPDATE policy_packs SET files = {garbage}"));
    assert_eq!(official.get(&replay).json()["same"], true, "the pack in force is compiled already");
    app.state.replace_policy(pack(&dir, "two", 250_000));
    official.get(&replay).problem(409, "policy_pack_unavailable");
    app.dir.execute("UPDATE policy_packs SET files = (SELECT files FROM aside)");
    assert_eq!(official.get(&replay).json()["same"], true);

    // A pack that decided before packs were kept.
    let transit = given(&app, &citizen, "2026-01-14", &free());
    official.get(&format!("/v1/decisions/{transit}/replay")).problem(409, "policy_pack_unavailable");
    official.get("/v1/decisions/x/replay").problem(404, "decision_not_found");
    app.dir.execute("DROP TABLE aside");
}

/// Keeps a copy of a decision with another content, as an earlier release might have decided.
fn copy(app: &TestApp, decision: &Value, change: impl FnOnce(&mut Decision)) -> String {
    let store = &app.state.records.store;
    let id = DecisionId::parse(&text(decision, "id")).expect("an id");
    let reach = an_sinh::store::Reach::City;
    let mut copy = store.read(|conn| decisions::find(conn, store.vault(), id, &reach)).expect("found");
    copy.id = DecisionId::new();
    change(&mut copy);
    copy.receipt = receipt(&copy.content.facts, &copy.content.result, &copy.policy_digest);
    store.write(|conn| decisions::keep(conn, store.vault(), &copy)).expect("kept");
    copy.id.to_string()
}

fn what_differs_is_told(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let decision =
        decide(&official, &citizen, &json!({ "as_of": "2026-01-14", "entitlements": ["free_transit"] }));
    let told = &decision["result"]["people"][0]["decisions"][0];
    let other = copy(&app, &decision, |copy| {
        let changed = &mut copy.content.result["people"][0]["decisions"][0];
        changed["outcome"] = json!("entitled");
        changed["since_removed"] = json!(1);
    });
    let replay = official.get(&format!("/v1/decisions/{other}/replay")).json();
    let at = |member: &str| format!("/people/0/decisions/0/{member}");
    assert_eq!((&replay["same"], &replay["difference_count"]), (&json!(false), &json!(2)), "{replay}");
    assert_eq!(
        replay["differences"],
        json!([
            { "pointer": at("outcome"), "kept": "entitled", "recomputed": told["outcome"] },
            { "pointer": at("since_removed"), "kept": 1, "recomputed": null },
        ])
    );
    assert_eq!(replay["receipt"]["recomputed"], decision["receipt"]);
    assert_ne!(replay["receipt"]["kept"], decision["receipt"]);
    assert_eq!(replay["result"], decision["result"]);

    // Facts by a vocabulary that is no longer spoken.
    let foreign = copy(&app, &decision, |copy| copy.content.facts["people"][0]["shoe_size"] = json!(41));
    let problem = official.get(&format!("/v1/decisions/{foreign}/replay")).problem(409, "replay_refused");
    assert_eq!(problem["errors"][0]["pointer"], "/people/0/shoe_size");
}

fn one_decision_takes_the_place_of_another(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let other = official.citizen("Trần Văn Mẫu", "001080000002", "1980-05-02");
    let both = json!({ "as_of": "2026-01-14" });
    let first = decide(&official, &citizen, &both);
    let id = text(&first, "id");
    assert_eq!((&first["supersedes"], &first["superseded_by"]), (&Value::Null, &Value::Null));
    let asking = |entitlements: Value, supersedes: &str| json!({ "as_of": "2026-02-01", "entitlements": entitlements, "supersedes": supersedes });
    let all = json!(null);

    // Nothing may be left without a decision, and nobody's decision replaces another's.
    let narrower = refused(&official, &citizen, &asking(json!(["free_transit"]), &id));
    let problem = narrower.problem(422, "supersedes_narrower");
    assert!(text(&problem, "detail").contains("health_insurance_premium"), "{problem}");
    for unknown in ["x", "01938f6e-0000-7000-8000-000000000001"] {
        let problem =
            refused(&official, &citizen, &asking(all.clone(), unknown)).problem(422, "supersedes_unknown");
        assert_eq!(problem["errors"][0]["pointer"], "/supersedes");
    }
    refused(&official, &other, &asking(all.clone(), &id)).problem(422, "supersedes_unknown");
    assert_eq!(official.get(&path(&first)).json(), first, "a refusal leaves no trace");

    let second = decide(&official, &citizen, &asking(all.clone(), &id));
    assert_eq!(second["supersedes"], json!(id));
    let kept = official.get(&path(&first)).json();
    let mut expected = first;
    expected["superseded_by"] = second["id"].clone();
    assert_eq!(kept, expected, "the earlier one stays as it is");
    let again = refused(&official, &citizen, &asking(all, &id)).problem(409, "superseded_already");
    assert!(text(&again, "detail").contains(&text(&second, "id")), "{again}");
    assert_whole(&app.state.records.store);

    // A card rests on the decision that stands.
    let transit = given(&app, &citizen, "2026-01-14", &free());
    let replaced = decide(&official, &citizen, &json!({ "as_of": "2026-01-14", "supersedes": transit }));
    let card = official.create("/v1/cards", &json!({ "decision_id": transit }));
    let problem = card.problem(422, "decision_superseded");
    assert_eq!(problem["errors"][0]["pointer"], "/decision_id");
    assert_eq!(official.get(&format!("/v1/decisions/{transit}")).json()["superseded_by"], replaced["id"]);
    // What is written past the service does not come through either.
    let spoil = format!(
        "UPDATE supersessions SET decision_id = '{transit}' WHERE decision_id = '{}'",
        text(&second, "id")
    );
    app.dir.execute(&spoil);
    let store = &app.state.records.store;
    let report = store.read(|conn| crate::audit::verify(conn, store)).expect("the log is read");
    assert!(!report.is_clean(), "a changed link is found");
}

fn of_ten_at_once_one_takes_the_place(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let first = text(&decide(&official, &citizen, &json!({})), "id");
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let send = || refused(&official, &citizen, &json!({ "supersedes": first }));
        let threads: Vec<_> = (0..10).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a reply")).collect()
    });
    let made: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert_eq!(made.len(), 1, "{replies:?}");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.problem(409, "superseded_already");
    }
    let list = official.get(&format!("/v1/citizens/{citizen}/decisions")).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2), "what was refused is not kept: {list}");
}

fn the_list_comes_in_pages(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let other = official.citizen("Trần Văn Mẫu", "001080000002", "1980-05-02");
    decide(&official, &other, &json!({}));
    let question = json!({ "as_of": "2026-01-14", "entitlements": ["free_transit"] });
    let mut made: Vec<String> = (0..5).map(|_| text(&decide(&official, &citizen, &question), "id")).collect();
    made.reverse();
    let list = format!("/v1/citizens/{citizen}/decisions");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = official.get(&format!("{list}?limit=2{cursor}")).json();
        let items = page["items"].as_array().expect("items");
        assert!((1..=2).contains(&items.len()));
        seen.extend(items.iter().map(|item| text(item, "id")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, made, "the last made first, each once");
    let whole = official.get(&list).json();
    assert_eq!(whole["items"].as_array().map(Vec::len), Some(5));
    assert_eq!(whole["items"][0]["outcomes"][0]["entitlement"], "free_transit");
    for query in ["limit=0", "limit=201", "limit=x", "cursor=x", "page=2"] {
        official.get(&format!("{list}?{query}")).problem(400, "bad_request");
    }
    assert_eq!(official.get(&format!("{list}?limit=200")).status, 200);
    let nobody = official.get("/v1/citizens/01938f6e-0000-7000-8000-000000000001/decisions");
    nobody.problem(404, "citizen_not_found");
}
