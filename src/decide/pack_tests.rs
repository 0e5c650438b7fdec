//! The tests that stand beside the rules of a pack.

use serde_json::{Value as Json, json};

use super::{DecisionAnswer, EvaluationResponse, Verdict, evaluate};
use crate::policy::{Decision, Finding, Policy, Proof, model::PackTest};

/// Proves a pack on its diagrams and runs every `[[test]]` in it; tells the sizes of the proofs. A pack with a finding does
/// not start.
///
/// # Errors
/// What the proofs found, or one finding a failing test, with what was wanted and what came.
pub fn prove(policy: &Policy) -> Result<Vec<Proof>, Vec<Finding>> {
    let sizes = policy.prove()?;
    let findings: Vec<Finding> = failing_tests(policy).collect();
    if findings.is_empty() { Ok(sizes) } else { Err(findings) }
}

/// Runs the tests one after the other: a finding for each that fails, with what was wanted and what came.
pub fn failing_tests(policy: &Policy) -> impl Iterator<Item = Finding> {
    let tests =
        policy.decisions().flat_map(|(decision, _)| decision.tests.iter().map(move |test| (decision, test)));
    tests.filter_map(|(decision, test)| {
        let message = run(policy, decision, test)?;
        Some(Finding::at(&policy.files()[test.place.file], test.place.offset, &test.name, message))
    })
}

/// What is wrong with a test's answer, if anything is.
fn run(policy: &Policy, decision: &Decision, test: &PackTest) -> Option<String> {
    let request = request(decision, test);
    let answer = match evaluate(policy, &request, test.as_of) {
        Ok(answer) => answer,
        Err(errors) => {
            let errors: Vec<String> =
                errors.iter().map(|error| format!("{}: {}", error.pointer, error.detail.en)).collect();
            return Some(format!("the test's facts are not understood: {}", errors.join("; ")));
        }
    };
    let told = told(&answer)?;
    let wrong: Vec<String> =
        test.want.iter().filter_map(|(name, wanted)| compare(told, name, wanted)).collect();
    (!wrong.is_empty()).then(|| format!("{}; outcome {}", wrong.join("; "), told.outcome.as_str()))
}

fn request(decision: &Decision, test: &PackTest) -> Json {
    let (mut person, mut household, mut trip) = (json!({ "id": "p" }), json!({}), json!({}));
    if let Json::Object(given) = &test.given {
        for (name, value) in given {
            match name.as_str() {
                "household" => household = value.clone(),
                "trip" => trip = value.clone(),
                _ => nest(&mut person, name, value.clone()),
            }
        }
    }
    // Reasons are most of the work, and only `applied` looks at them.
    let explain = if test.want.iter().any(|(name, _)| name == "applied") { "full" } else { "none" };
    json!({
        "as_of": test.as_of.to_string(),
        "authority": test.authority,
        "explain": explain,
        "entitlements": [decision.id],
        "household": household,
        "trip": trip,
        "people": [person],
    })
}

/// `disability.severity` may stand as one quoted name.
fn nest(object: &mut Json, name: &str, value: Json) {
    match name.split_once('.') {
        Some((outer, inner)) => {
            if let Json::Object(object) = object {
                nest(object.entry(outer.to_owned()).or_insert_with(|| json!({})), inner, value);
            }
        }
        None => object[name] = value,
    }
}

fn told(answer: &EvaluationResponse) -> Option<&DecisionAnswer> {
    answer.people.first()?.decisions.first()
}

/// `None` when the answer is as wanted.
fn compare(told: &DecisionAnswer, name: &str, wanted: &toml::Value) -> Option<String> {
    let got = match name {
        "outcome" => json!(told.outcome),
        "authority" => json!(told.authority),
        "confidence" => json!(told.confidence),
        "review" => json!(told.review.as_ref().map(|review| &review.kind)),
        "applied" => {
            let mut applied = told.reasons.iter().filter(|reason| reason.verdict == Verdict::Applied);
            if applied.any(|reason| Some(reason.rule.as_str()) == wanted.as_str()) {
                return None;
            }
            let applied = told.reasons.iter().filter(|reason| reason.verdict == Verdict::Applied);
            json!(applied.map(|reason| reason.rule.as_str()).collect::<Vec<_>>())
        }
        "missing" => {
            let mut got: Vec<&str> = told.missing_facts.iter().map(|missing| missing.fact.as_str()).collect();
            let mut want: Vec<&str> =
                wanted.as_array().into_iter().flatten().filter_map(toml::Value::as_str).collect();
            // A test may write the scope, as conditions do.
            want.iter_mut().for_each(|name| {
                *name =
                    name.rsplit_once("household.").or(name.rsplit_once("trip.")).map_or(*name, |(_, id)| id)
            });
            want.iter_mut().for_each(|name| *name = name.split('.').next().unwrap_or(name));
            got.sort_unstable();
            want.sort_unstable();
            return (got != want).then(|| format!("missing: wanted {want:?}, got {got:?}"));
        }
        _ => {
            let path = format!("/{}", name.replace('.', "/"));
            told.benefit.pointer(&path).cloned().unwrap_or(Json::Null)
        }
    };
    (!equal(&got, wanted)).then(|| format!("{name}: wanted {wanted}, got {got}"))
}

/// Decimal strings compare as numbers; the word `null` stands for nothing, which TOML cannot say.
fn equal(got: &Json, wanted: &toml::Value) -> bool {
    use rust_decimal::Decimal;
    match (got, wanted) {
        (Json::Null, toml::Value::String(word)) => word == "null" || word == "none",
        (Json::String(got), toml::Value::String(wanted)) => {
            got == wanted
                || matches!((got.parse::<Decimal>(), wanted.parse::<Decimal>()), (Ok(a), Ok(b)) if a == b)
        }
        (Json::String(got), toml::Value::Datetime(wanted)) => *got == wanted.to_string(),
        (Json::Number(got), toml::Value::Integer(wanted)) => got.as_i64() == Some(*wanted),
        (Json::Bool(got), toml::Value::Boolean(wanted)) => got == wanted,
        (Json::Array(got), toml::Value::Array(wanted)) => {
            got.len() == wanted.len() && got.iter().zip(wanted).all(|(got, wanted)| equal(got, wanted))
        }
        (Json::Object(got), toml::Value::Table(wanted)) => {
            wanted.iter().all(|(name, wanted)| got.get(name).is_some_and(|got| equal(got, wanted)))
        }
        _ => false,
    }
}
