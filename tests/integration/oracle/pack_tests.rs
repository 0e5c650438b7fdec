//! The pack's own `[[test]]` blocks, answered by the slow evaluator.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use toml::{Table, Value};

use super::answer::Question;
use super::benefit::{self, Field};
use super::completions::{self, Unknowns};
use super::pack::{Decision, Pack};

use super::profile::Profile;
use super::request;

/// Every expectation of a test of the pack that the evaluator does not meet, in words.
pub fn failures(pack: &Pack) -> Vec<String> {
    let mut failures = Vec::new();
    for decision in pack.decisions.values() {
        for test in &decision.tests {
            let name = test.get("name").and_then(Value::as_str).unwrap_or("without a name");
            let found = failures_of(pack, decision, test);
            failures.extend(found.into_iter().map(|failure| format!("{} `{name}`: {failure}", decision.id)));
        }
    }
    failures
}

fn failures_of(pack: &Pack, decision: &Decision, test: &Table) -> Vec<String> {
    let day = test.get("as_of").map(Value::to_string).unwrap_or_default();
    let on = day.parse().unwrap_or_else(|_| panic!("not a day: {day}"));
    let plan = test.get("authority").and_then(Value::as_str) == Some("plan");
    let mut request = json!({ "household": {}, "people": [{}] });
    give(&mut request, "", test.get("given").and_then(Value::as_table).unwrap_or(&Table::new()));
    let profile = Profile::read(&request, 0, on);
    let question = Question::new(pack, decision, plan, on);
    if Unknowns::of(&question, &profile).count() > completions::TOO_MANY {
        return Vec::new(); // nearly nothing is known: more than can be tried
    }
    let verdict = completions::decide(&question, &profile);
    let fields = verdict.answer.as_ref().map(|answer| benefit::fields(&question, &profile, answer));
    let mut failures = Vec::new();
    for (wanted, value) in test.get("want").and_then(Value::as_table).unwrap_or(&Table::new()) {
        let value = json(value);
        let got = match wanted.as_str() {
            "authority" | "confidence" | "review" => continue,
            "paid_by" => {
                let share = |share: &Json| {
                    let percent = share["percent"].as_str().and_then(|text| text.parse().ok());
                    Some((share["payer"].as_str()?.to_owned(), percent?))
                };
                let wanted: Option<BTreeMap<String, Decimal>> =
                    value.as_array().and_then(|shares| shares.iter().map(share).collect());
                let paid = verdict.answer.as_ref().map(|answer| {
                    answer.paid_by.clone().into_iter().filter(|(_, percent)| !percent.is_zero()).collect()
                });
                if wanted != paid {
                    failures.push(format!("paid_by is {paid:?}, not {value}"));
                }
                continue;
            }
            "outcome" => json!(verdict.outcome.name()),
            "applied" => json!(verdict.answer.as_ref().and_then(|answer| answer.applied.clone())),
            "missing" => {
                let missing = |json: &Json| json.as_array().map(|facts| facts.iter().map(short).collect());
                let wanted: Option<BTreeSet<String>> = missing(&value);
                let found = json!(verdict.missing);
                if wanted != missing(&found) {
                    failures.push(format!("missing is {found}, not {value}"));
                }
                continue;
            }
            name => {
                let output = || verdict.answer.as_ref()?.outputs.get(name)?.as_ref().map(benefit::shown_as);
                let field = fields.as_ref().and_then(|fields| fields.get(name));
                match field {
                    Some(Field::Known(json)) => json.clone(),
                    Some(_) => Json::Null,
                    None => output().unwrap_or_default(),
                }
            }
        };
        let null = value == json!("null") && got.is_null();
        if !null && !benefit::shows(&Field::Known(value.clone()), Some(&got)) {
            failures.push(format!("{wanted} is {got}, not {value}"));
        }
    }
    failures
}

fn short(json: &Json) -> String {
    super::compare::short(json.as_str().unwrap_or_default())
}

/// Puts facts into a request; tables are `household`, `trip` or a fact with members.
fn give(request: &mut Json, prefix: &str, facts: &Table) {
    for (name, value) in facts {
        match value {
            Value::Table(inner) => give(request, &format!("{prefix}{name}."), inner),
            value => request::put(request, &format!("{prefix}{name}"), Some(json(value))),
        }
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::String(text) => json!(text),
        Value::Integer(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Boolean(value) => json!(value),
        Value::Datetime(day) => json!(day.to_string()),
        Value::Array(values) => json!(values.iter().map(json).collect::<Vec<_>>()),
        Value::Table(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone(), json(value))).collect())
        }
    }
}

#[test]
fn the_tests_of_the_shipped_pack_hold() {
    let failures = failures(&super::compare::shipped());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
