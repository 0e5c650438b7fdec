//! A kept answer by law alone. A notice tells nobody of money, payers, cards or days that only the plan would give.

use serde_json::Value;

use crate::{
    decide::{self, DecisionAnswer, EvaluationResponse, Outcome},
    policy::{Authority, Policy},
    store::decisions::Decision,
};

/// The answer by law alone, and whether it was worked out whole: of the facts that were kept, by the pack that decided.
/// Without that pack, of a benefit that the plan changed only the outcome and the share of the kept `under_law` are told.
pub fn by_law(
    decision: &Decision,
    kept: &EvaluationResponse,
    pack: Option<&Policy>,
) -> (EvaluationResponse, bool) {
    if decision.content.facts["authority"] == "law" {
        return (kept.clone(), true);
    }
    let pack = pack.filter(|pack| pack.digest() == decision.policy_digest);
    let mut facts = decision.content.facts.clone();
    facts["authority"] = "law".into();
    let answer = pack.and_then(|pack| decide::evaluate(pack, &facts, decision.as_of).ok());
    match answer {
        Some(answer) => (answer, true),
        None => {
            let mut answer = kept.clone();
            let own = answer.people.iter_mut().flat_map(|person| &mut person.decisions);
            let told = own.chain(&mut answer.household.decisions);
            let changed = told.filter(|told| told.authority == Authority::Plan).map(without_plan).count();
            (answer, changed == 0)
        }
    }
}

/// Takes everything off a benefit that may come from the plan.
fn without_plan(told: &mut DecisionAnswer) {
    let under_law = told.under_law.take().unwrap_or_default();
    told.outcome = match under_law["outcome"].as_str() {
        Some("entitled") => Outcome::Entitled,
        Some("not_entitled") => Outcome::NotEntitled,
        Some("needs_information") => Outcome::NeedsInformation,
        _ => Outcome::NeedsReview,
    };
    told.benefit = match under_law {
        Value::Object(mut members) => {
            members.remove("outcome");
            members.into()
        }
        _ => Value::Null,
    };
    told.undetermined.clear();
    told.valid = None;
    told.next_change = None;
    told.authority = Authority::Law;
    told.review = None;
    told.missing_facts.clear();
    told.reasons.retain(|reason| reason.authority == Authority::Law);
}
