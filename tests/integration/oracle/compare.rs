//! Compares answers of the engine with those of the slow evaluator.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::answer::{Outcome, Question};
use super::benefit::{self, Field};
use super::completions::{self, Unknowns, Verdict};
use super::pack::{Decision, Pack};
use super::people::People;
use super::profile::Profile;
use super::request;
use super::vocabulary;

/// One in so many people has unknown facts.
const PARTIAL: usize = 4;
/// Most completions tried for one question.
pub const MOST_COMPLETIONS: usize = 400;

/// One answer that is not as expected.
pub struct Difference {
    pub request: Json,
    pub entitlement: String,
    pub what: String,
    pub expected: String,
    pub got: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        writeln!(out, "{} {}: expected {}, got {}", self.entitlement, self.what, self.expected, self.got)?;
        write!(out, "  {}", self.request)
    }
}

/// The shipped pack.
pub fn shipped() -> Pack {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("policy/hanoi");
    Pack::read(&dir).unwrap_or_else(|error| panic!("{error}"))
}

/// Asks about `n` random people and returns every answer that differs. `ask` gets the body of a request and returns
/// the body of the answer.
pub fn compare(n: usize, seed: u64, ask: impl Fn(&Json) -> Json) -> Vec<Difference> {
    let pack = shipped();
    let mut people = People::new(&pack, seed);
    let mut differences = Vec::new();
    for number in 0..n {
        let complete = people.complete();
        let request = if number % PARTIAL == 0 { partial(&pack, &mut people, &complete) } else { complete };
        differences.extend(differences_of(&pack, &request, &ask(&request)));
    }
    differences
}

/// Requests about `n` random people, some with unknown facts.
pub fn requests(n: usize, seed: u64) -> Vec<Json> {
    let pack = shipped();
    let mut people = People::new(&pack, seed);
    (0..n)
        .map(|number| {
            let complete = people.complete();
            if number % PARTIAL == 0 { people.without(&complete, 3) } else { complete }
        })
        .collect()
}

/// Adds the unknown facts of `n` random people back one at a time: a decided outcome must not turn.
pub fn turns(n: usize, seed: u64, ask: impl Fn(&Json) -> Json) -> Vec<Difference> {
    let pack = shipped();
    let mut people = People::new(&pack, seed);
    let mut differences = Vec::new();
    for _ in 0..n {
        let complete = people.complete();
        let how_many = 2 + people.random().below(5);
        let mut request = people.without(&complete, how_many);
        let mut before = ask(&request);
        loop {
            let lacking: Vec<&str> = vocabulary::FACTS
                .iter()
                .map(|fact| fact.id)
                .filter(|fact| request::get(&request, fact) != request::get(&complete, fact))
                .collect();
            if lacking.is_empty() {
                break;
            }
            let fact = *people.random().pick(&lacking);
            request::put(&mut request, fact, request::get(&complete, fact).cloned());
            if fact.starts_with("trip.") && trip_facts(&request) == 1 {
                // The first fact of a trip asks another question: no longer the right itself, but this trip.
                before = ask(&request);
                continue;
            }
            if fact == "studying" {
                // Whoever says that someone is at school says how in the same breath: the mode has a default there.
                request::put(&mut request, "study_mode", request::get(&complete, "study_mode").cloned());
            }
            let after = ask(&request);
            for entitlement in pack.decisions.keys() {
                let outcome = |answer: &Json| decision_of(answer, entitlement)["outcome"].clone();
                let (was, is) = (outcome(&before), outcome(&after));
                if was != is && was != json!(Outcome::NeedsInformation.name()) {
                    let what = format!("outcome after adding {fact}");
                    differences.push(difference(&request, entitlement, &what, &was, &is));
                }
            }
            before = after;
        }
    }
    differences
}

fn trip_facts(request: &Json) -> usize {
    let trip = vocabulary::FACTS.iter().filter(|fact| fact.id.starts_with("trip."));
    trip.filter(|fact| request::get(request, fact.id).is_some()).count()
}

/// Leaves out one to four facts, fewer when there would be too many completions.
fn partial(pack: &Pack, people: &mut People, complete: &Json) -> Json {
    for how_many in [4, 4, 3, 3, 2, 2, 1, 1] {
        let how_many = 1 + people.random().below(how_many);
        let request = people.without(complete, how_many);
        let (on, plan) = asked(&request);
        let profile = Profile::read(&request, 0, on);
        let few = |decision: &Decision| {
            [plan, false].into_iter().all(|plan| {
                Unknowns::of(&Question::new(pack, decision, plan, on), &profile).count() <= MOST_COMPLETIONS
            })
        };
        if pack.decisions.values().all(few) {
            return request;
        }
    }
    complete.clone()
}

/// The day and whether the plan counts.
pub fn asked(request: &Json) -> (NaiveDate, bool) {
    let on = request["as_of"].as_str().and_then(|text| text.parse().ok());
    (on.unwrap_or_else(|| panic!("no as_of: {request}")), request["authority"] != "law")
}

/// Every way in which an answer differs from what the slow evaluator says.
pub fn differences_of(pack: &Pack, request: &Json, answer: &Json) -> Vec<Difference> {
    let (on, plan) = asked(request);
    let profile = Profile::read(request, 0, on);
    let mut found = Vec::new();
    for decision in pack.decisions.values() {
        let question = Question::new(pack, decision, plan, on);
        let verdict = completions::decide(&question, &profile);
        let got = decision_of(answer, &decision.id);
        for (what, expected, got) in compared(&question, &profile, &verdict, got) {
            found.push(Difference {
                request: request.clone(),
                entitlement: decision.id.clone(),
                what,
                expected,
                got,
            });
        }
        if plan {
            let law = Question::new(pack, decision, false, on);
            let by_law = completions::decide(&law, &profile);
            if by_law.outcome != verdict.outcome {
                let (expected, got) = (json!(by_law.outcome.name()), &got["under_law"]["outcome"]);
                if expected != *got {
                    found.push(difference(request, &decision.id, "under_law.outcome", &expected, got));
                }
            }
        }
    }
    found
}

/// What, expected and got of each difference.
fn compared(
    question: &Question,
    profile: &Profile,
    verdict: &Verdict,
    got: &Json,
) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut differs =
        |what: &str, expected: String, got: String| found.push((what.to_owned(), expected, got));
    if got["outcome"] != verdict.outcome.name() {
        differs("outcome", verdict.outcome.name().to_owned(), got["outcome"].to_string());
        return found;
    }
    let missing: BTreeSet<String> = verdict.missing.iter().map(|fact| short(fact)).collect();
    let named: BTreeSet<String> =
        got["missing_facts"].as_array().into_iter().flatten().map(fact_name).collect();
    if missing != named {
        differs("missing_facts", format!("{missing:?}"), format!("{named:?}"));
    }
    let decided = matches!(verdict.outcome, Outcome::Entitled | Outcome::NotEntitled);
    let Some(answer) = verdict.answer.as_ref().filter(|_| decided && verdict.same_rule) else { return found };
    for (name, expected) in benefit::fields(question, profile, answer) {
        let path = format!("/benefit/{}", name.replace('.', "/"));
        if !benefit::shows(&expected, got.pointer(&path)) {
            let expected = match expected {
                Field::Known(json) => json.to_string(),
                other => format!("{other:?}"),
            };
            differs(&name, expected, got.pointer(&path).unwrap_or(&Json::Null).to_string());
        }
    }
    let reasons = |verdict: &str| -> BTreeSet<String> {
        let reasons = got["reasons"].as_array().into_iter().flatten();
        let with = reasons.filter(|reason| reason["verdict"] == verdict);
        with.filter_map(|reason| Some(reason["rule"].as_str()?.to_owned())).collect()
    };
    let applied = reasons("applied");
    if answer.applied.as_ref().is_some_and(|rule| rule != "otherwise" && !applied.contains(rule)) {
        differs("applied", format!("{:?}", answer.applied), format!("{applied:?}"));
    }
    let added = reasons("added");
    if !answer.added.iter().all(|rule| added.contains(rule)) {
        differs("added", format!("{:?}", answer.added), format!("{added:?}"));
    }
    if question.decision.fields.iter().any(|field| field == "paid_by") {
        let expected: Vec<String> =
            answer.paid_by.iter().filter(|(_, percent)| !percent.is_zero()).map(share).collect();
        let mut paid: Vec<String> =
            got["benefit"]["paid_by"].as_array().into_iter().flatten().map(paid).collect();
        paid.sort();
        if expected != paid {
            differs("paid_by", format!("{expected:?}"), format!("{paid:?}"));
        }
    }
    found
}

fn share((payer, percent): (&String, &Decimal)) -> String {
    format!("{payer} {}", percent.normalize())
}

fn paid(json: &Json) -> String {
    let percent = json["percent"].as_str().and_then(|text| text.parse::<Decimal>().ok()).unwrap_or_default();
    format!("{} {}", json["payer"].as_str().unwrap_or_default(), percent.normalize())
}

/// A fact as `missing_facts` may name it: as a text or inside an object, with or without the part it belongs to.
fn fact_name(json: &Json) -> String {
    short(json.as_str().or_else(|| json["fact"].as_str()).or_else(|| json["id"].as_str()).unwrap_or_default())
}

pub fn short(fact: &str) -> String {
    let fact = fact.strip_prefix("household.").or_else(|| fact.strip_prefix("trip.")).unwrap_or(fact);
    fact.strip_suffix(".severity").unwrap_or(fact).to_owned()
}

fn decision_of<'a>(answer: &'a Json, entitlement: &str) -> &'a Json {
    let of = |holder: &'a Json| holder["decisions"].as_array().into_iter().flatten();
    of(&answer["people"][0])
        .chain(of(&answer["household"]))
        .find(|decision| decision["entitlement"] == entitlement)
        .unwrap_or(&Json::Null)
}

fn difference(request: &Json, entitlement: &str, what: &str, expected: &Json, got: &Json) -> Difference {
    Difference {
        request: request.clone(),
        entitlement: entitlement.to_owned(),
        what: what.to_owned(),
        expected: expected.to_string(),
        got: got.to_string(),
    }
}
