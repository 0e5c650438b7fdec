//! A pack that is broken, on purpose or not, is refused with findings; it never brings the program down.

use std::panic::{AssertUnwindSafe, catch_unwind};

use an_sinh::{
    decide,
    policy::{Policy, SourceText},
};

use crate::{oracle::Random, proofs::small_files};

/// How many broken packs: small ones, shipped ones.
fn sizes() -> (usize, usize) {
    if std::env::var_os("AN_SINH_FULL").is_some() { (50_000, 1_000) } else { (1_500, 30) }
}

/// Values that a calculation, a calendar or a list might not survive.
const STRANGE: &[&str] = &[
    "9223372036854775807",
    "99999999999999999999999999999999",
    "-1",
    "0.0000000001",
    "4294967295",
    "",
    "\u{0}",
    "ờ",
    "{",
    "\"",
    "[]",
    "0001-01-01",
    "9999-12-31",
    "not not not",
    "@aged",
    "over = [\"poor\", \"aged\", \"city\"]",
    "adds_to_tiers = [\"first\"]",
];

/// Breaks a file in one place: lines cut, doubled, swapped, or something strange in the place of a word.
fn break_one(files: &mut [SourceText], random: &mut Random) {
    let at = random.below(files.len());
    let text = &mut files[at].text;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return;
    }
    let (line, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(6) {
        0 => drop(lines.remove(line)),
        1 => lines.insert(other, lines[line].clone()),
        2 => lines.swap(line, other),
        3 => {
            let shorter: String =
                lines[line].chars().take(random.below(lines[line].chars().count() + 1)).collect();
            lines[line] = shorter;
        }
        4 => lines[line] = (*random.pick(STRANGE)).to_owned(),
        _ => {
            let words: Vec<&str> = lines[line].split(' ').collect();
            let strange = random.below(words.len());
            let words: Vec<&str> = words
                .iter()
                .enumerate()
                .map(|(at, word)| if at == strange { random_word(word, at + other) } else { word })
                .collect();
            lines[line] = words.join(" ");
        }
    }
    *text = lines.join("\n");
}

/// Something strange, inside quotes where the word was.
fn random_word(word: &str, at: usize) -> &'static str {
    const QUOTED: &[&str] = &[
        "\"9223372036854775807\",",
        "\"-5\",",
        "\"\",",
        "\"$aged\",",
        "\"0.5\",",
        "\"100000000000000000000000000000\",",
    ];
    if word.starts_with('"') { QUOTED[at % QUOTED.len()] } else { STRANGE[at % STRANGE.len()] }
}

/// Reads, proves, tests; asks the witnesses of what was found. Returns whether the pack would be taken.
fn live_through(files: Vec<SourceText>) -> bool {
    let Ok(policy) = Policy::read(files) else { return false };
    let today = "2026-11-24".parse().expect("a day");
    match decide::prove(&policy) {
        Ok(_) => true,
        Err(findings) => {
            for witness in findings.iter().filter_map(|finding| finding.witness.as_ref()) {
                decide::evaluate(&policy, witness, today).expect("a witness is a request");
            }
            false
        }
    }
}

fn break_many(original: &[SourceText], how_many: usize, seed: u64) {
    let mut random = Random::new(seed);
    let mut refused = 0;
    for _ in 0..how_many {
        let mut files = original.to_vec();
        for _ in 0..=random.below(3) {
            break_one(&mut files, &mut random);
        }
        let copy = files.clone();
        let lived = catch_unwind(AssertUnwindSafe(|| live_through(files)));
        let broken = || {
            copy.iter()
                .zip(original)
                .filter(|(now, was)| now != was)
                .map(|(now, _)| format!("{}:\n{}", now.name, now.text))
        };
        refused +=
            usize::from(!lived.unwrap_or_else(|_| panic!("{}", broken().collect::<Vec<_>>().join("\n"))));
    }
    assert!(refused * 4 > how_many, "only {refused} of {how_many} were refused");
}

#[test]
fn a_broken_pack_is_refused_and_brings_nothing_down() {
    break_many(&small_files(), sizes().0, 5);
}

#[test]
fn the_shipped_pack_broken_in_one_place() {
    let policy = Policy::embedded().expect("the embedded pack");
    break_many(policy.files(), sizes().1, 6);
}

/// Groups that use each other until no condition could be written out.
#[test]
fn groups_in_groups_without_end() {
    let with = |categories: &str| {
        let mut files = small_files();
        files[0].text.push_str(categories);
        Policy::read(files).map(|_| ()).map_err(|findings| findings[0].to_string())
    };
    let category = |id: &str, when: &str| {
        format!(
            "[[category]]\nid = \"{id}\"\nwhen = \"{when}\"\nlabel = {{ vi = \"a\", en = \"a\" }}\nconfidence = \"seen\"\n"
        )
    };
    let circle = with(&(category("a", "@b") + &category("b", "@a"))).expect_err("a circle");
    assert!(circle.contains("this category uses itself"), "{circle}");
    let doubling: String =
        (0..30).map(|at| category(&format!("c{at}"), &format!("@c{} or @c{}", at + 1, at + 1))).collect();
    let large = with(&(doubling + &category("c30", "age > 5"))).expect_err("too large");
    assert!(large.contains("asks more than") && large.starts_with("categories/all.toml:"), "{large}");
    let chain: String = (0..500).map(|at| category(&format!("d{at}"), &format!("@d{}", at + 1))).collect();
    let deep = with(&(chain + &category("d500", "age > 5"))).expect_err("too deep");
    assert!(deep.contains("deep in each other"), "{deep}");
    with(&(category("e", "@f") + &category("f", "age > 5"))).expect("an ordinary use");
}
