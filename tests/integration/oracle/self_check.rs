//! The comparison itself: it must accept the slow evaluator's own answers and notice every change of one.

use std::cell::Cell;

use serde_json::{Value as Json, json};

use super::answer::{Outcome, Question};
use super::benefit::{self, Field};
use super::compare::{self, Difference, MOST_COMPLETIONS};
use super::completions::{self, Unknowns};
use super::pack::Pack;
use super::profile::Profile;

/// The slow evaluator's answer in the shape of the API, as far as the comparison reads it.
fn rendered(pack: &Pack, request: &Json) -> Json {
    let (on, plan) = compare::asked(request);
    let profile = Profile::read(request, 0, on);
    let mut decisions = Vec::new();
    for decision in pack.decisions.values() {
        let question = Question::new(pack, decision, plan, on);
        let law = Question::new(pack, decision, false, on);
        let many = |question| Unknowns::of(question, &profile).count() > MOST_COMPLETIONS;
        if many(&question) || many(&law) {
            decisions.push(json!({ "entitlement": decision.id, "outcome": "needs_information" }));
            continue;
        }
        let verdict = completions::decide(&question, &profile);
        let by_law = completions::decide(&law, &profile);
        let mut shown = json!({
            "entitlement": decision.id,
            "outcome": verdict.outcome.name(),
            "missing_facts": verdict.missing,
            "under_law": { "outcome": by_law.outcome.name() },
            "benefit": {},
            "reasons": [],
        });
        if let Some(answer) = &verdict.answer {
            if Unknowns::of(&question, &profile).facts.is_empty() {
                assert_eq!(*answer, completions::decide_complete(&question, &profile));
            }
            for (name, field) in benefit::fields(&question, &profile, answer) {
                let Field::Known(json) = field else { continue };
                match name.split_once('.') {
                    Some((outer, inner)) => shown["benefit"][outer][inner] = json,
                    None => shown["benefit"][name.as_str()] = json,
                }
            }
            let share = |(payer, percent): (&String, &rust_decimal::Decimal)| json!({ "payer": payer, "percent": percent.to_string() });
            let paid = answer.paid_by.iter().filter(|(_, percent)| !percent.is_zero()).map(share);
            shown["benefit"]["paid_by"] = paid.collect();
            let reason = |rule: &String, verdict: &str| json!({ "rule": rule, "verdict": verdict });
            let applied = answer.applied.iter().map(|rule| reason(rule, "applied"));
            shown["reasons"] = applied.chain(answer.added.iter().map(|rule| reason(rule, "added"))).collect();
        }
        decisions.push(shown);
    }
    json!({ "people": [{ "id": "me", "decisions": decisions }], "household": { "decisions": [] } })
}

fn listed(differences: &[Difference]) -> String {
    differences.iter().map(Difference::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn its_own_answers_are_accepted_and_vary() {
    let pack = compare::shipped();
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    let counted = std::cell::RefCell::new(&mut seen);
    let differences = compare::compare(300, 7, |request| {
        let answer = rendered(&pack, request);
        for decision in answer["people"][0]["decisions"].as_array().into_iter().flatten() {
            *counted
                .borrow_mut()
                .entry(format!("{} {}", decision["entitlement"], decision["outcome"]))
                .or_default() += 1;
        }
        answer
    });
    assert!(differences.is_empty(), "{}", listed(&differences));
    let outcomes = [Outcome::Entitled, Outcome::NotEntitled, Outcome::NeedsInformation];
    for outcome in outcomes {
        assert!(seen.keys().any(|key| key.contains(outcome.name())), "{seen:?}");
    }
}

#[test]
fn its_own_decided_answers_never_turn() {
    let pack = compare::shipped();
    let differences = compare::turns(15, 11, |request| rendered(&pack, request));
    assert!(differences.is_empty(), "{}", listed(&differences));
}

#[test]
fn a_changed_answer_is_noticed() {
    let pack = compare::shipped();
    let asked = Cell::new(0);
    let differences = compare::compare(40, 3, |request| {
        asked.set(asked.get() + 1);
        let mut answer = rendered(&pack, request);
        for decision in answer["people"][0]["decisions"].as_array_mut().into_iter().flatten() {
            decision["outcome"] = json!("perhaps");
        }
        answer
    });
    assert!(differences.len() >= asked.get() * pack.decisions.len(), "{}", differences.len());
}
