//! What the proofs find, each with a place and, where somebody can show it, a person whose answer does.

use an_sinh::{
    decide,
    policy::{Finding, Policy, SourceText},
};
use serde_json::Value as Json;

const HEAD: &str = r#"
id = "small"
version = "1"
title = { vi = "Nhỏ", en = "Small" }
covers = { from = 2024-01-01, to = 2026-12-31 }
"#;
const SOURCES: &str = r#"
[[source]]
id = "law"
number = "1/2020/QH"
title = { vi = "Luật", en = "Law" }
issuer = { vi = "Quốc hội", en = "National Assembly" }
confidence = "seen"
"#;
const PARAMETERS: &str = r#"
[[parameter]]
id = "aged"
unit = "years"
label = { vi = "tuổi", en = "age" }
values = [{ from = 2020-01-01, value = "60", cite = ["law 1"], confidence = "seen" }]
"#;
const CATEGORIES: &str = r#"
[[category]]
id = "aged"
when = "age >= $aged"
label = { vi = "người cao tuổi", en = "aged" }
confidence = "seen"
[[category]]
id = "poor"
group_only = true
label = { vi = "nghèo", en = "poor" }
confidence = "seen"
[[category]]
id = "nobody"
group_only = true
label = { vi = "không ai", en = "nobody" }
confidence = "seen"
"#;
const DECISION: &str = r#"
decision = "help"
title = { vi = "Giúp đỡ", en = "Help" }
covers = { from = 2024-01-01, to = 2026-12-31 }
headline = "percent"
entitled_when = "percent > 0"
tiers = ["first", "second"]
fields = ["group", "percent", "paid_by", "level_percent", "level_group", "note"]
[hit]
group = "priority"
percent = "tier_max_then_add"
level_percent = "max"
level_group = "argmax level_percent"
[[rule]]
id = "poor"
tier = "first"
rank = 10
when = "household.poverty_status = poor"
then = { group = "poor", percent = "40", payer = "state_budget", level_percent = "80" }
cite = ["law 2"]
confidence = "seen"
vi = "Hộ nghèo."
en = "Poor."
unmet = { vi = "Không nghèo.", en = "Not poor." }
[[rule]]
id = "aged"
tier = "first"
rank = 20
when = "@aged"
then = { group = "aged", percent = "40", payer = "city_budget", level_percent = "80" }
cite = ["law 3"]
confidence = "seen"
vi = "Người cao tuổi."
en = "Aged."
unmet = { vi = "Không cao tuổi.", en = "Not aged." }
[[rule]]
id = "city"
adds_to = ["poor"]
when = "residence = permanent"
then = { percent = "+50", payer = "city_budget" }
cite = ["law 4"]
confidence = "seen"
vi = "Thành phố thêm."
en = "The city adds."
unmet = { vi = "Không thường trú.", en = "Not resident." }
[[open]]
id = "foreign"
when = "citizenship = foreign"
side = "grant"
cite = ["law 5"]
confidence = "seen"
vi = "Chưa rõ."
en = "Open."
[otherwise]
then = { group = "nobody", percent = "0", level_percent = "0" }
cite = ["law 6"]
confidence = "seen"
vi = "Không ai."
en = "Nobody."
[[field]]
id = "note"
when = "percent >= 90"
word = "much"
[[field]]
id = "note"
when = "group = poor and residence = none"
word = "far"
[[field]]
id = "note"
omit = true
"#;

/// The small pack with its decision changed.
fn pack(change: impl Fn(&str) -> String) -> Policy {
    Policy::read(files(change(DECISION))).unwrap_or_else(|findings| panic!("{}", show(&findings)))
}

/// The files of the small pack.
pub fn small_files() -> Vec<SourceText> {
    files(DECISION.to_owned())
}

fn files(decision: String) -> Vec<SourceText> {
    let files = [
        ("categories/all.toml", CATEGORIES.to_owned()),
        ("entitlements/help.toml", decision),
        ("pack.toml", HEAD.to_owned()),
        ("parameters/all.toml", PARAMETERS.to_owned()),
        ("sources.toml", SOURCES.to_owned()),
    ];
    files.map(|(name, text)| SourceText { name: name.into(), text }).into()
}

fn show(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The finding of the pack with `old` replaced by `new` whose message holds `message`, and the answer to its witness.
fn finding(old: &str, new: &str, message: &str) -> (Finding, Option<Json>) {
    let policy = pack(|text| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    });
    let findings = policy.prove().expect_err("a finding");
    let fits = |finding: &&Finding| finding.message.contains(message);
    let found = findings.iter().find(fits).unwrap_or_else(|| panic!("{}", show(&findings)));
    let answers: Vec<Option<Json>> = findings.iter().map(|finding| answer(&policy, finding)).collect();
    let at = findings.iter().position(|finding| finding == found).expect("it is there");
    (found.clone(), answers[at].clone())
}

/// The answer to the witness of a finding: a possible person of whom nothing is asked any more.
fn answer(policy: &Policy, finding: &Finding) -> Option<Json> {
    let witness = finding.witness.as_ref()?;
    let answer = decide::evaluate(policy, witness, "2026-11-24".parse().expect("a day"));
    let answer = answer.unwrap_or_else(|errors| panic!("{witness}: {errors:?}")).to_json();
    let person = &answer["people"][0];
    assert_eq!(person["warnings"], serde_json::json!([]), "a possible person: {witness}");
    assert_eq!(person["decisions"][0]["missing_facts"], serde_json::json!([]), "{witness}");
    Some(person["decisions"][0].clone())
}

/// What is wrong with the pack with `old` replaced by `new` before anything is proved.
fn refused(old: &str, new: &str) -> String {
    let text = DECISION.replacen(old, new, 1);
    assert_ne!(text, DECISION, "{old}");
    show(&Policy::read(files(text)).expect_err("a finding"))
}

fn verdict<'a>(answer: &'a Json, rule: &str) -> &'a str {
    let reasons = answer["reasons"].as_array().expect("reasons");
    reasons
        .iter()
        .find(|reason| reason["rule"] == rule)
        .and_then(|reason| reason["verdict"].as_str())
        .expect(rule)
}

/// The line on which a text first stands.
fn line_of(text: &str) -> usize {
    DECISION[..DECISION.find(text).expect(text)].matches('\n').count() + 1
}

/// The pack in this program holds its proofs and tests, and the record that is compiled in says so: at start nothing is
/// proved again.
#[test]
fn the_embedded_pack_is_proved_and_recorded() {
    let policy = Policy::embedded().unwrap_or_else(|findings| panic!("{}", show(&findings)));
    let sizes = decide::prove(&policy).unwrap_or_else(|findings| panic!("{}", show(&findings)));
    let recorded = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/policy/hanoi.proved"));
    assert_eq!(policy.record(sizes).to_text(), recorded.expect("the record"), "run scripts/update-contract");
    assert!(policy.is_recorded());
    // One letter more, and it is another pack.
    let mut files = policy.files().to_vec();
    files[0].text.push('\n');
    let other = Policy::read(files).unwrap_or_else(|findings| panic!("{}", show(&findings)));
    assert!(!other.is_recorded());
    assert_eq!(other.proofs(), policy.proofs());
}

#[test]
fn the_small_pack_is_proved() {
    let sizes = pack(str::to_owned).prove().unwrap_or_else(|findings| panic!("{}", show(&findings)));
    assert_eq!((sizes.len(), sizes[0].rules), (1, 4));
    assert!(sizes[0].nodes > 0 && sizes[0].facts >= 4, "{sizes:?}");
}

#[test]
fn a_rule_that_nobody_can_meet() {
    let nobody = "nobody can meet this rule";
    let (found, witness) = finding("when = \"@aged\"", "when = \"@aged and age < 3\"", nobody);
    assert_eq!((found.file.as_str(), found.subject.as_str()), ("entitlements/help.toml", "aged"));
    assert_eq!((found.line, found.column), (line_of("[[rule]]\nid = \"aged\""), 1));
    assert!(witness.is_none());
    // What the facts themselves rule out, bounds of numbers and ages included.
    for never in ["age < 15 and employment = contract", "age > 130", "pension_vnd > 1000000000000"] {
        finding("when = \"@aged\"", &format!("when = \"{never}\""), nobody);
    }
}

#[test]
fn a_rule_that_never_decides() {
    let never = "never decides or adds";
    let (_, answer) =
        finding("when = \"@aged\"", "when = \"household.poverty_status = poor and age > 70\"", never);
    assert_eq!(verdict(&answer.expect("a witness"), "aged"), "beaten");
    let (_, answer) = finding("percent = \"+50\"", "percent = \"+0\"", never);
    assert_ne!(verdict(&answer.expect("a witness"), "city"), "added");
}

#[test]
fn a_clause_that_nobody_meets_or_that_never_matters() {
    let when = "when = \"citizenship = foreign\"";
    finding(when, "when = \"citizenship = foreign and age < 0\"", "nobody can meet this clause");
    let (_, answer) =
        finding(when, "when = \"household.poverty_status = poor\"", "never puts an answer in doubt");
    assert_eq!(answer.expect("a witness")["outcome"], "entitled");
}

#[test]
fn a_case_that_never_gives_its_field() {
    let never = "this case never gives the field";
    let (found, _) = finding("when = \"percent >= 90\"", "when = \"percent > 90\"", never);
    assert_eq!((found.subject.as_str(), found.line), ("note", line_of("[[field]]")));
    let (found, _) =
        finding("when = \"group = poor and residence = none\"", "when = \"percent > 89\"", never);
    assert_eq!(found.line, line_of("[[field]]\nid = \"note\"\nwhen = \"group"), "{found}");
}

#[test]
fn two_rules_at_the_same_place() {
    for (what, differing) in [
        ("gives another “group”", "group"),
        ("lets another pay the same support", "paid_by"),
        ("gives the same “level_percent” with another “level_group”", "level_group"),
    ] {
        let (found, answer) = finding("rank = 20", "rank = 10", what);
        assert_eq!(
            (found.subject.as_str(), found.line),
            ("aged", line_of("[[rule]]\nid = \"aged\"")),
            "{found}"
        );
        assert!(found.message.contains("“poor”, which has the same tier and rank"), "{found}");
        let answer = answer.expect("a witness");
        assert_eq!(
            (verdict(&answer, "poor"), verdict(&answer, "aged")),
            ("applied", "beaten"),
            "{differing}"
        );
        // The two in the other order in the file, the same person: the answer turns with nothing but their order.
        let swapped = pack(|text| {
            let (a, b) = (
                text.find("[[rule]]\nid = \"poor\"").expect("poor"),
                text.find("[[rule]]\nid = \"aged\"").expect("aged"),
            );
            let end = text.find("[[rule]]\nid = \"city\"").expect("city");
            let text = format!("{}{}{}{}", &text[..a], &text[b..end], &text[a..b], &text[end..]);
            text.replacen("rank = 20", "rank = 10", 1)
        });
        let other = self::answer(&swapped, &found).expect("an answer");
        assert_ne!(answer["benefit"][differing], other["benefit"][differing], "{differing}");
    }
}

#[test]
fn two_rules_of_which_one_is_added_to() {
    let both = "group = \"poor\", percent = \"40\", payer = \"city_budget\"";
    let policy =
        |text: &str| text.replacen("group = \"poor\", percent = \"40\", payer = \"state_budget\"", both, 1);
    let policy = pack(|text| policy(text).replacen("rank = 20", "rank = 10", 1));
    let findings = policy.prove().expect_err("a finding");
    let found = findings.iter().find(|finding| finding.message.contains("“city” adds to one of them only"));
    let answer = answer(&policy, found.unwrap_or_else(|| panic!("{}", show(&findings)))).expect("a witness");
    assert_eq!((answer["benefit"]["percent"].as_str(), verdict(&answer, "city")), (Some("90"), "added"));
}

/// Different ranks, `over`, or an earlier rule wherever the two hold: then the law says which comes first.
#[test]
fn two_rules_that_do_not_clash() {
    let free = |change: &dyn Fn(&str) -> String| {
        let findings = pack(change).prove().err().unwrap_or_default();
        let clash: Vec<_> =
            findings.iter().filter(|finding| finding.message.contains("gives another “group”")).collect();
        assert!(clash.is_empty(), "{clash:?}");
    };
    free(&|text| text.replacen("rank = 20", "rank = 10\nover = [\"poor\"]", 1));
    free(&|text| {
        let first = "[[rule]]\nid = \"first\"\ntier = \"first\"\nrank = 1\nwhen = \"household.poverty_status = poor and @aged\"\nthen = { group = \"aged\", percent = \"10\", payer = \"state_budget\" }\ncite = [\"law 2\"]\nconfidence = \"seen\"\nvi = \"Một.\"\nen = \"One.\"\nunmet = { vi = \"Không.\", en = \"No.\" }\n";
        let at = text.find("[[rule]]").expect("a rule");
        format!("{}{first}{}", &text[..at], &text[at..]).replacen("rank = 20", "rank = 10", 1)
    });
}

#[test]
fn somebody_with_the_right_lacks_an_output() {
    let (found, answer) =
        finding("{ group = \"aged\", percent", "{ percent", "who has “group” from the closing answer");
    assert_eq!(found.subject, "aged");
    let answer = answer.expect("a witness");
    assert_eq!(
        (answer["outcome"].as_str(), &answer["benefit"]["group"]),
        (Some("entitled"), &"nobody".into())
    );
    let without = |text: &str| {
        let text = text.replacen("{ group = \"aged\", percent", "{ percent", 1);
        text.replacen("then = { group = \"nobody\", ", "then = { ", 1)
    };
    let policy = pack(without);
    let findings = policy.prove().expect_err("a finding");
    let found = findings.iter().find(|finding| finding.message.contains("without the output “group”"));
    let answer = self::answer(&policy, found.unwrap_or_else(|| panic!("{}", show(&findings))));
    assert_eq!(answer.expect("a witness")["benefit"]["group"], Json::Null);
    let nothing = "nothing settles the output “percent” for somebody";
    let (_, answer) = finding("group = \"nobody\", percent = \"0\", ", "group = \"nobody\", ", nothing);
    assert_eq!(answer.expect("a witness")["benefit"]["percent"], Json::Null);
    let no_last = ("[[field]]\nid = \"note\"\nomit = true\n", "");
    let (_, answer) = finding(no_last.0, no_last.1, "meets no case of “note”");
    assert!(
        answer.expect("a witness")["undetermined"]
            .as_array()
            .expect("a list")
            .contains(&"benefit.note".into())
    );
}

#[test]
fn a_percent_outside_its_bounds() {
    let outside = "outside 0 to 100";
    let (found, answer) = finding("level_percent = \"80\"", "level_percent = \"180\"", outside);
    assert_eq!(
        (found.subject.as_str(), &answer.expect("a witness")["benefit"]["level_percent"]),
        ("poor", &"180".into())
    );
    let (found, answer) =
        finding("percent = \"40\", payer = \"city", "percent = \"-40\", payer = \"city", outside);
    assert_eq!(
        (found.subject.as_str(), &answer.expect("a witness")["benefit"]["percent"]),
        ("aged", &"-40".into())
    );
    let more = "percent = \"+70\", payer = \"city_budget\", cap_total = \"120\"";
    let (found, answer) = finding("percent = \"+50\", payer = \"city_budget\"", more, outside);
    assert_eq!(
        (found.subject.as_str(), &answer.expect("a witness")["benefit"]["percent"]),
        ("city", &"110".into())
    );
}

#[test]
fn links_and_words_that_lead_nowhere() {
    let circle = refused("rank = 20\n", "rank = 20\nover = [\"aged\"]\n");
    assert!(circle.contains(":25:1: aged: `over` leads in a circle through “aged”"), "{circle}");
    let adding = refused("adds_to = [\"poor\"]", "adds_to = [\"city\"]");
    assert!(adding.contains("adds to “city”, which is an adding rule itself"), "{adding}");
    let unread = refused("percent = \"+50\"", "percent = \"+50\", group = \"aged\"");
    assert!(unread.contains("its “group” would not be read"), "{unread}");
    let word = refused("group = poor and", "group = pour and");
    assert!(word.contains("nothing gives “group” the word “pour”; did you mean “poor”?"), "{word}");
    let blank = refused("en = \"Not aged.\"", "en = \"Not {aged}.\"");
    assert!(blank.contains("`unmet` in en has a blank"), "{blank}");
    let parameter = refused("en = \"Aged.\"", "en = \"Aged {$agde}.\"");
    assert!(parameter.contains("the blank {$agde} has no value; did you mean “$aged”?"), "{parameter}");
}
