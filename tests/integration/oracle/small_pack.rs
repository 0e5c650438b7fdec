//! Answers worked out by hand on a pack small enough to read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::answer::{Answer, Outcome, Question};
use super::benefit::{self, Field};
use super::completions::{self, Verdict};
use super::pack::Pack;
use super::profile::{Profile, Value};

const HEAD: &str = r#"
id = "small"
version = "1"
covers = { from = 2024-01-01, to = 2025-12-31 }
"#;
const PARAMETERS: &str = r#"
[[parameter]]
id = "old"
unit = "years"
values = [{ from = 2024-01-01, value = "75" }, { from = 2025-01-01, value = "70" }]
"#;
const CATEGORIES: &str = r#"
[[category]]
id = "aged"
when = "age >= $old"
valid = { from = 2024-03-01 }
"#;
const DECISION: &str = r#"
decision = "help"
covers = { from = 2024-01-01, to = 2025-12-31 }
headline = "percent"
entitled_when = "percent > 0"
tiers = ["first", "second"]
fields = ["group", "percent", "level", "level_group", "double", "card.until"]
[hit]
group = "priority"
percent = "tier_max_then_add"
level = "max"
level_group = "argmax level"
[[rule]]
id = "poor"
tier = "first"
rank = 10
when = "household.poverty_status = poor"
then = { group = "poor", percent = "40", payer = "state", level = "80" }
[[rule]]
id = "war"
tier = "first"
rank = 20
when = "some merit (title = war_invalid and impairment_percent >= 61)"
then = { group = "war", percent = "60", payer = "state", level = "80" }
[[rule]]
id = "aged"
tier = "second"
rank = 10
when = "@aged or not @aged and ethnic_minority"
then = { group = "aged", percent = "100", payer = "state", level = "95" }
[[rule]]
id = "city"
adds_to_tiers = ["first"]
authority = "plan"
when = "residence = permanent"
then = { percent = "+50", payer = "city", cap_total = "100" }
[[open]]
id = "foreign"
when = "citizenship != vietnamese"
side = "grant"
[otherwise]
then = { group = "nobody", percent = "0", level = "0" }
[[field]]
id = "double"
value = "round(2 * percent)"
[[field]]
id = "card.until"
date = "end_of_year"
"#;

fn pack() -> Pack {
    let dir =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("small-pack-{:?}", std::thread::current().id()));
    let write = |file: &str, text: &str| {
        let file = dir.join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
        fs::write(file, text).expect("the file is written");
    };
    write("pack.toml", HEAD);
    write("parameters/all.toml", PARAMETERS);
    write("categories/all.toml", CATEGORIES);
    write("entitlements/help.toml", DECISION);
    Pack::read(&dir).unwrap_or_else(|error| panic!("{error}"))
}

fn verdict(on: &str, authority: &str, person: Json, household: Json) -> (Verdict, Option<Field>) {
    let pack = pack();
    let on = on.parse().expect("a day");
    let request = json!({ "people": [person], "household": household });
    let profile = Profile::read(&request, 0, on);
    let question = Question::new(&pack, &pack.decisions["help"], authority == "plan", on);
    let verdict = completions::decide(&question, &profile);
    let fields = verdict.answer.as_ref().map(|answer| benefit::fields(&question, &profile, answer));
    (verdict, fields.and_then(|mut fields| fields.remove("double")))
}

fn known(born_on: &str) -> Json {
    json!({ "born_on": born_on, "citizenship": "vietnamese", "residence": "permanent",
        "ethnic_minority": false, "merit": [] })
}

fn number(answer: &Answer, output: &str) -> String {
    match &answer.outputs[output] {
        Some(Value::Number(number)) => number.to_string(),
        other => panic!("{output} is {other:?}"),
    }
}

#[test]
fn the_highest_of_the_first_tier_is_raised_to_the_cap() {
    let mut person = known("1940-01-01");
    person["merit"] = json!([{ "title": "war_invalid", "impairment_percent": 61 }]);
    let (verdict, double) = verdict("2025-01-01", "plan", person, json!({ "poverty_status": "poor" }));
    let answer = verdict.answer.expect("an answer");
    assert_eq!((answer.applied.as_deref(), &answer.added[..]), (Some("war"), &["city".to_owned()][..]));
    assert_eq!((number(&answer, "percent"), number(&answer, "level")), ("100".to_owned(), "95".to_owned()));
    assert_eq!(answer.outputs["group"], Some(Value::Word("poor".to_owned())));
    assert_eq!(answer.outputs["level_group"], Some(Value::Word("aged".to_owned())));
    assert_eq!(answer.paid_by["city"], 40.into());
    assert_eq!(double, Some(Field::Known(json!("200"))));
}

#[test]
fn law_alone_knows_no_promise_and_a_category_no_other_day() {
    let not_poor = json!({ "poverty_status": "none" });
    let of = |on, person| verdict(on, "law", person, not_poor.clone()).0.outcome;
    assert_eq!(of("2024-02-29", known("1940-01-01")), Outcome::NotEntitled);
    assert_eq!(of("2024-03-01", known("1940-01-01")), Outcome::Entitled);
    assert_eq!(of("2024-12-31", known("1955-01-01")), Outcome::NotEntitled);
    assert_eq!(of("2025-01-01", known("1955-01-01")), Outcome::Entitled);
    assert_eq!(of("2025-01-01", known("1955-01-02")), Outcome::NotEntitled);
    let mut foreign = known("1955-01-02");
    foreign["citizenship"] = json!("foreign");
    assert_eq!(of("2025-01-01", foreign.clone()), Outcome::NeedsReview);
    foreign["born_on"] = json!("1955-01-01");
    assert_eq!(of("2025-01-01", foreign), Outcome::Entitled);
}

#[test]
fn what_every_completion_says_is_decided() {
    let not_poor = json!({ "poverty_status": "none" });
    let mut minority = known("1955");
    minority["ethnic_minority"] = json!(true); // aged or not: the answer is the same
    assert_eq!(verdict("2025-06-01", "law", minority, not_poor.clone()).0.outcome, Outcome::Entitled);
    let (open, _) = verdict("2025-06-01", "law", known("1955"), not_poor);
    assert_eq!(open.outcome, Outcome::NeedsInformation);
    assert_eq!(open.missing, BTreeSet::from(["born_on".to_owned()]));
    // A child under 15 has no merit: what is not said needs not be asked.
    let mut child = known("2015-05-05");
    child.as_object_mut().expect("a person").remove("merit");
    let (decided, _) = verdict("2025-06-01", "law", child, json!({ "poverty_status": "none" }));
    assert_eq!((decided.outcome, decided.missing.len()), (Outcome::NotEntitled, 0));
}

#[test]
fn facts_that_turn_the_outcome_are_missing_and_others_are_not() {
    let mut person = known("1990-01-01");
    person["merit"] = json!([{ "title": "war_invalid" }]);
    let (open, _) = verdict("2025-06-01", "law", person.clone(), json!({}));
    let expected = ["household.poverty_status", "merit"].map(str::to_owned);
    assert_eq!(open.missing, BTreeSet::from(expected));
    person["merit"] = json!([{ "title": "heroic_mother" }]);
    person.as_object_mut().expect("a person").remove("residence");
    let (open, _) = verdict("2025-06-01", "plan", person, json!({}));
    assert_eq!(open.missing, BTreeSet::from(["household.poverty_status".to_owned()]));
}
