//! Golden cases: what an authority, a ministry or a newspaper answered to a real question, and boundary cases that follow
//! from the law. One case a line; `fixtures/cases/README.md` tells their form.

use an_sinh::{
    decide::{self, EvaluationResponse},
    policy::Policy,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    id: String,
    request: Value,
    expect: Vec<Expectation>,
    why: String,
}

#[derive(Deserialize)]
struct Expectation {
    /// `None`: the household.
    person: Option<String>,
    entitlement: String,
    path: String,
    op: String,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    tolerance: i64,
}

/// The requests of all cases, with the ids of the cases.
pub fn requests() -> Vec<(String, Value)> {
    cases().into_iter().map(|case| (case.id, case.request)).collect()
}

fn cases() -> Vec<Case> {
    let files = [
        include_str!("../../fixtures/cases/published.jsonl"),
        include_str!("../../fixtures/cases/own.jsonl"),
    ];
    files.iter().flat_map(|file| file.lines()).map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// Every value at a dotted path; `*` is any member, `**` any depth, `**_vnd` any depth with that ending.
fn values<'v>(at: &'v Value, path: &[&str], found: &mut Vec<&'v Value>) {
    let Some((head, rest)) = path.split_first() else {
        found.push(at);
        return;
    };
    let members: Vec<(&str, &Value)> = match at {
        Value::Object(object) => object.iter().map(|(name, value)| (name.as_str(), value)).collect(),
        Value::Array(items) => items.iter().map(|item| ("", item)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in members {
        if let Some(ending) = head.strip_prefix("**") {
            if name.ends_with(ending) {
                values(value, rest, found);
            }
            values(value, path, found);
        } else if *head == "*" || *head == name {
            values(value, rest, found);
        }
    }
}

/// Decimal strings compare as numbers; money must be an integer.
fn equal(got: &Value, wanted: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse::<rust_decimal::Decimal>().ok(),
        Value::Number(number) => number.as_i64().map(Into::into),
        _ => None,
    };
    got == wanted || number(got).zip(number(wanted)).is_some_and(|(got, wanted)| got == wanted)
}

fn names(value: &Value, fact: &str) -> bool {
    match value {
        Value::String(text) => text == fact || text.rsplit('.').next() == Some(fact),
        Value::Array(items) => items.iter().any(|item| names(item, fact)),
        Value::Object(object) => object.values().any(|item| names(item, fact)),
        _ => false,
    }
}

fn holds(expectation: &Expectation, decision: &Value) -> bool {
    let path: Vec<&str> = expectation.path.split('.').collect();
    let mut found = Vec::new();
    values(decision, &path, &mut found);
    let wanted = &expectation.value;
    match expectation.op.as_str() {
        "eq" => found.iter().any(|got| equal(got, wanted)) || (wanted.is_null() && found.is_empty()),
        "in" => {
            wanted.as_array().is_some_and(|all| found.iter().any(|got| all.iter().any(|one| equal(got, one))))
        }
        "approx" => found.iter().any(|got| {
            got.as_i64()
                .zip(wanted.as_i64())
                .is_some_and(|(got, wanted)| (got - wanted).abs() <= expectation.tolerance)
        }),
        "names" => wanted.as_str().is_some_and(|fact| found.iter().any(|got| names(got, fact))),
        "lacks" => !found.iter().any(|got| equal(got, wanted)),
        other => panic!("no op {other}"),
    }
}

fn decision(answer: &EvaluationResponse, expectation: &Expectation) -> Value {
    let decisions = match &expectation.person {
        None => &answer.household.decisions,
        Some(id) => &answer.people.iter().find(|person| person.id == *id).expect("the person").decisions,
    };
    let decision =
        decisions.iter().find(|told| told.entitlement == expectation.entitlement).expect("the decision");
    serde_json::to_value(decision).expect("a decision is JSON")
}

/// The golden cases that a pack answers otherwise.
pub fn failing(policy: &Policy) -> Vec<String> {
    let mut wrong = Vec::new();
    for case in cases() {
        let today = "2026-11-24".parse().expect("a day");
        let answer = decide::evaluate(policy, &case.request, today)
            .unwrap_or_else(|errors| panic!("{}: {errors:?}", case.id));
        for expectation in &case.expect {
            let told = decision(&answer, expectation);
            if !holds(expectation, &told) {
                wrong.push(format!(
                    "{}: {} {} {} — {}\n    got {told}",
                    case.id, expectation.path, expectation.op, expectation.value, case.why
                ));
            }
        }
    }
    wrong
}

#[test]
fn every_golden_case_holds() {
    let wrong = failing(&Policy::embedded().expect("the embedded pack"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The published cases were answered by law; under both authorities the plan may only add to what law gives.
#[test]
fn the_plan_takes_nothing_away() {
    let policy = Policy::embedded().expect("the embedded pack");
    let support = |told: &Value| {
        told["benefit"]["support_percent"]
            .as_str()
            .and_then(|text| text.parse::<rust_decimal::Decimal>().ok())
    };
    for case in cases() {
        let ask = |authority: &str| {
            let mut request = case.request.clone();
            request["authority"] = authority.into();
            decide::evaluate(&policy, &request, "2026-11-24".parse().expect("a day")).expect("an answer")
        };
        let (law, plan) = (ask("law"), ask("plan"));
        for expectation in &case.expect {
            let (law, plan) = (decision(&law, expectation), decision(&plan, expectation));
            if law["outcome"] == "entitled" {
                assert_eq!(plan["outcome"], "entitled", "{}", case.id);
                assert!(support(&plan) >= support(&law), "{}", case.id);
            }
            assert_eq!(plan["authority"] == "plan", !plan["under_law"].is_null(), "{}", case.id);
            if plan["authority"] == "plan" {
                assert_eq!(plan["under_law"]["outcome"], law["outcome"], "{}", case.id);
            }
        }
    }
}

/// The example of the API's contract comes back as printed there, texts, clauses and versions aside.
#[test]
fn the_example_of_the_contract() {
    let policy = Policy::embedded().expect("the embedded pack");
    let request: Value =
        serde_json::from_str(include_str!("../../openapi/examples/evaluate.request.json")).expect("JSON");
    let mut answer = decide::evaluate(&policy, &request, "2026-11-24".parse().expect("a day"))
        .expect("an answer")
        .to_json();
    let person = &mut answer["people"][0];
    for category in person["categories"].as_array_mut().expect("categories") {
        category.as_object_mut().expect("an object").retain(|name, _| name == "id" || name == "holds");
    }
    let told = &mut person["decisions"][0];
    for aside in ["title", "reasons"] {
        told.as_object_mut().expect("an object").remove(aside);
    }
    let printed = serde_json::json!({
        "id": "me",
        "categories": [{ "id": "near_poor", "holds": "yes" }],
        "warnings": [],
        "assumptions": [{ "fact": "other_groups", "value": [] }],
        "decisions": [{
            "entitlement": "health_insurance_premium",
            "outcome": "entitled",
            "benefit": {
                "group": "near_poor", "support_percent": "100", "premium_vnd": 105_300, "monthly_vnd": 105_300,
                "yearly_vnd": 1_263_600, "self_vnd": 0,
                "paid_by": [
                    { "payer": "state_budget", "percent": "70", "monthly_vnd": 73_710 },
                    { "payer": "city_budget", "percent": "30", "monthly_vnd": 31_590 },
                ],
                "benefit_level_percent": "100", "level_group": "near_poor", "card_code": "CN2", "card_valid": null,
            },
            "undetermined": ["benefit.card_valid"],
            "valid": { "from": "2026-01-01", "to": "2026-06-30" },
            "next_change": { "on": "2026-07-01", "because": { "kind": "parameter", "id": "base_salary" } },
            "authority": "plan",
            "under_law": { "outcome": "entitled", "support_percent": "70" },
            "confidence": "secondary",
            "review": null,
            "missing_facts": [],
            "would_change_if": [],
        }],
    });
    assert_eq!(*person, printed, "{person:#}");
}
