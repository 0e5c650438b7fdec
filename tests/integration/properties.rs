//! Properties on random people, against the slow second evaluator.

use an_sinh::{decide, policy::Policy};

use crate::oracle;

fn ask(policy: &Policy) -> impl Fn(&serde_json::Value) -> serde_json::Value {
    let today = "2026-11-24".parse().expect("a day");
    move |request| decide::evaluate(policy, request, today).expect("an answer").to_json()
}

fn show<T: std::fmt::Display>(differences: &[T]) -> String {
    let shown: Vec<String> = differences.iter().take(5).map(ToString::to_string).collect();
    format!("{} differences:\n{}", differences.len(), shown.join("\n\n"))
}

/// How many people.
fn people() -> usize {
    if std::env::var_os("AN_SINH_FULL").is_some() { 50_000 } else { 2_000 }
}

#[test]
fn the_answer_equals_a_slow_and_obvious_evaluator() {
    let policy = Policy::embedded().expect("the embedded pack");
    let differences = oracle::compare(people(), 20_260_114, ask(&policy));
    assert!(differences.is_empty(), "{}", show(&differences));
}

#[test]
fn an_added_fact_never_turns_a_decided_answer() {
    let policy = Policy::embedded().expect("the embedded pack");
    let differences = oracle::turns(people(), 7, ask(&policy));
    assert!(differences.is_empty(), "{}", show(&differences));
}

/// How much is explained changes neither outcome nor benefit nor anything else that is decided.
#[test]
fn explaining_never_changes_the_answer() {
    let policy = Policy::embedded().expect("the embedded pack");
    let ask = ask(&policy);
    for request in oracle::requests(people() / 4, 99) {
        let told = |explain: &str| {
            let mut request = request.clone();
            request["explain"] = explain.into();
            let mut answer = ask(&request);
            for decision in answer["people"][0]["decisions"].as_array_mut().expect("decisions") {
                decision["reasons"] = serde_json::Value::Null;
                decision["title"] = serde_json::Value::Null;
            }
            answer["people"][0]["categories"] = serde_json::Value::Null;
            answer
        };
        let (none, summary, full) = (told("none"), told("summary"), told("full"));
        assert_eq!(none, summary, "{request}");
        assert_eq!(summary, full, "{request}");
    }
}
