//! The service's answers against the two readings.

use chrono::NaiveDate;
use serde_json::Value;

use super::calendar::day;
use super::facts::asked;
use super::{Authority, Facts, Verdict, free_transit, health_insurance};

/// A point on which an answer of the service is not as read.
#[derive(Debug)]
pub struct Difference {
    /// The entitlement's id.
    pub entitlement: &'static str,
    /// `outcome`, or the member of `benefit` by its dotted path.
    pub path: &'static str,
    /// What the reading says: the word of an outcome, else the field.
    pub read: String,
    /// What the service said, as JSON.
    pub told: String,
    /// The day asked about.
    pub on: NaiveDate,
    /// What the answer was to rest on.
    pub authority: Authority,
    /// The person's place in the request.
    pub place: usize,
}

impl Difference {
    /// One line, with the facts of the person.
    pub fn line(&self, request: &Value) -> String {
        let Self { entitlement, path, read, told, on, authority, place } = self;
        let part = |id: &str| request.get(id).map_or_else(|| "-".to_owned(), ToString::to_string);
        let (household, trip, person) = (part("household"), part("trip"), &request["people"][*place]);
        format!(
            "{entitlement} {path}: read {read}, told {told} <- {on} {authority:?} household {household} trip {trip} person {person}"
        )
    }
}

/// How often something could be held against the reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compared {
    /// People asked about.
    pub people: u64,
    /// Outcomes that the reading settles.
    pub outcomes: u64,
    /// Members of a benefit that the reading settles.
    pub fields: u64,
}

/// Every point on which the service's answer to the request differs from the reading here. People some of whose facts are unknown are left out.
pub fn differences(request: &Value, response: &Value, compared: &mut Compared) -> Vec<Difference> {
    let mut found = Vec::new();
    let Some((on, authority)) = asked(request) else { return found };
    let people = request["people"].as_array().map_or(0, Vec::len);
    for place in 0..people {
        let Some(facts) = Facts::read(request, place) else { continue };
        compared.people += 1;
        let mut differs = |entitlement, path, read, told: &Value| {
            found.push(Difference { entitlement, path, read, told: told.to_string(), on, authority, place });
        };
        let decisions = &response["people"][place]["decisions"];
        if on >= day(2018, 12, 1) {
            let id = "health_insurance_premium";
            let verdict = health_insurance(on, authority, &facts);
            compare(decision(decisions, id), &verdict, compared, |path, read, told| {
                differs(id, path, read, told)
            });
        }
        if on >= day(2019, 9, 1) {
            let id = "free_transit";
            let verdict = free_transit(on, authority, &facts);
            compare(decision(decisions, id), &verdict, compared, |path, read, told| {
                differs(id, path, read, told)
            });
        }
    }
    found
}

/// The decision on this entitlement; null where there is none, which is a difference of its own.
fn decision<'a>(decisions: &'a Value, id: &str) -> &'a Value {
    let found = decisions.as_array().and_then(|all| all.iter().find(|one| one["entitlement"] == id));
    found.unwrap_or(&Value::Null)
}

fn compare(
    decision: &Value,
    verdict: &Verdict,
    compared: &mut Compared,
    mut differs: impl FnMut(&'static str, String, &Value),
) {
    let outcome = &decision["outcome"];
    if let Some(word) = verdict.outcome.word() {
        compared.outcomes += 1;
        if outcome != word {
            return differs("outcome", word.to_owned(), outcome);
        }
    }
    if !matches!(outcome.as_str(), Some("entitled" | "not_entitled" | "needs_review")) {
        // Every fact is given: nothing can be missing.
        return differs("outcome", format!("{:?}", verdict.outcome), outcome);
    }
    if outcome == "needs_review" {
        return;
    }
    for (path, field) in &verdict.benefit {
        compared.fields += u64::from(field.is_said());
        let told = path.split('.').try_fold(&decision["benefit"], |value, member| value.get(member));
        if !field.agrees(told) {
            differs(path, format!("{field:?}"), told.unwrap_or(&Value::Null));
        }
    }
}
