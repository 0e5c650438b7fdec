//! Dates inside lists, dates known in part, births and deaths: what they settle and until when.

use an_sinh::{decide, policy::Policy};
use serde_json::{Value, json};

/// The premium decision about an adult in no group, with some facts changed.
fn ask(as_of: &str, changes: &Value, household: &Value) -> Value {
    let policy = Policy::embedded().expect("the embedded pack");
    let mut person = json!({
        "id": "p", "born_on": "1980-05-02", "citizenship": "vietnamese", "residence": "permanent", "ethnic_minority": false,
        "employment": "self_employed", "pension": "none", "social_allowance": "none", "has_health_card": false, "merit": [],
        "merit_relations": [], "veteran": false, "disability": { "severity": "none" }, "studying": "none",
        "industrial_zone_worker": false,
    });
    let mut home = json!({ "unit": "00070", "poverty_status": "none", "city_poverty_status": "none", "area_class": "normal", "livelihood": "other" });
    for (object, changes) in [(&mut person, changes), (&mut home, household)] {
        for (name, value) in changes.as_object().expect("an object") {
            object[name] = value.clone();
        }
    }
    let body = json!({ "as_of": as_of, "authority": "law", "entitlements": ["health_insurance_premium"],
        "household": home, "people": [person] });
    let today = "2026-11-24".parse().expect("a day");
    decide::evaluate(&policy, &body, today).expect("an answer").to_json()["people"][0]["decisions"][0].clone()
}

fn victim(since: &str) -> Value {
    json!({ "other_groups": [{ "group": "trafficking_victim", "since": since }] })
}

#[test]
fn a_year_inside_a_list_entry_is_no_day() {
    let none = json!({});
    assert_eq!(ask("2026-05-20", &victim("2025-12-01"), &none)["outcome"], "entitled");
    assert_eq!(ask("2026-05-20", &victim("2025-01-01"), &none)["outcome"], "not_entitled");
    let told = ask("2026-05-20", &victim("2025"), &none);
    assert_eq!(told["outcome"], "needs_information");
    assert_eq!(told["missing_facts"][0]["fact"], "other_groups");
}

#[test]
fn an_entry_that_runs_out_ends_the_answer() {
    let told = ask("2026-07-15", &victim("2025-08-10"), &json!({}));
    assert_eq!(told["valid"]["to"], "2026-07-31");
    assert_eq!(told["next_change"]["because"]["kind"], "months");
    assert_eq!(ask("2026-08-01", &victim("2025-08-10"), &json!({}))["outcome"], "not_entitled");
}

#[test]
fn death_ends_the_right_and_says_so() {
    let poor = json!({ "poverty_status": "poor", "city_poverty_status": "poor" });
    let on = |as_of: &str, died: &str| ask(as_of, &json!({ "died_on": died }), &poor);
    assert_eq!(on("2026-03-01", "2026-03-01")["outcome"], "entitled");
    let dead = on("2026-03-02", "2026-03-01");
    assert_eq!(dead["outcome"], "not_entitled");
    assert_eq!(dead["reasons"][0]["rule"], "died_on");
    assert_eq!(dead["reasons"].as_array().map(Vec::len), Some(1));
    let perhaps = on("2026-07-05", "2026");
    assert_eq!(perhaps["outcome"], "needs_information");
    assert_eq!(perhaps["missing_facts"][0]["fact"], "died_on");
}

#[test]
fn an_answer_does_not_reach_back_before_birth() {
    let told = ask("2026-06-01", &json!({ "born_on": "2026-05-10", "employment": "none" }), &json!({}));
    assert_eq!(told["valid"]["from"], "2026-05-10");
}

#[test]
fn a_list_of_another_year_holds_for_its_own() {
    let listed = json!({ "poverty_status": "poor", "city_poverty_status": "poor", "list_year": 2025 });
    let before = ask("2024-12-15", &json!({}), &listed);
    assert_eq!(before["outcome"], "needs_information");
    assert_eq!(before["next_change"]["on"], "2025-01-01");
    assert_eq!(before["next_change"]["because"]["kind"], "list");
    let inside = ask("2025-12-15", &json!({}), &listed);
    assert_eq!((&inside["outcome"], &inside["valid"]["to"]), (&json!("entitled"), &json!("2025-12-31")));
}
