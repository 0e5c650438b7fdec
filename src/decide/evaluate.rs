//! From a request to its answers.

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::{
    answer::{Answer, Outcome, Question, Verdict, answer},
    explain::{Ground, cites, ground, reasons},
    fields::View,
    prepare::Warning,
    request::{Explain, Person, Request},
    response::{
        Assumption, CategoryAnswer, DaysAnswer, DecisionAnswer, EvaluationResponse, FactUsed,
        HouseholdAnswer, MissingFact, NextChange, PersonAnswer, PolicyRef, Reason, Review, WarningAnswer,
    },
    validity::validity,
};
use crate::{
    facts::{FactId, Of, Text, UNSTATED, describe_day, vocabulary},
    policy::{
        Authority, Confidence, Decision, Epochs, Policy,
        conditions::{Case, Truth},
    },
};

/// Answers a request.
pub fn evaluate(policy: &Policy, request: &Request) -> EvaluationResponse {
    let people =
        (0..).zip(&request.people).map(|(at, person)| person_answer(policy, request, at, person)).collect();
    EvaluationResponse {
        as_of: request.as_of,
        policy: PolicyRef {
            id: policy.id().into(),
            version: policy.version().into(),
            digest: policy.digest().into(),
        },
        people,
        household: HouseholdAnswer::default(),
    }
}

fn person_answer(policy: &Policy, request: &Request, at: usize, person: &Person) -> PersonAnswer {
    let pack = &policy.pack;
    let asked: Vec<(&Decision, &Epochs)> = policy
        .decisions()
        .enumerate()
        .filter(|(at, _)| request.entitlements.contains(at))
        .map(|(_, decision)| decision)
        .collect();
    let prepared = super::prepare::prepare(pack, person, request.as_of);
    let mut assumed: Vec<FactId> = Vec::new();
    let decisions = asked
        .iter()
        .map(|(decision, epochs)| {
            let question = Question { pack, decision, epochs, authority: request.authority, person };
            decision_answer(question, request, at, &mut assumed)
        })
        .collect();
    let case = Case { pack, profile: &prepared.profile, day: request.as_of, outputs: None };
    let mut categories: Vec<_> =
        asked.iter().flat_map(|(decision, _)| &decision.categories).copied().collect();
    categories.sort_unstable();
    categories.dedup();
    let categories = categories
        .into_iter()
        .filter_map(|category| {
            let holds = match case.category(category) {
                Truth::Yes => "yes",
                Truth::No => "no",
                Truth::Unknown => "unknown",
            };
            (request.explain == Explain::Full || holds != "no").then(|| CategoryAnswer {
                id: pack.category(category).id.clone(),
                label: pack.category(category).label.clone(),
                holds,
                cite: pack
                    .category_on(category, request.as_of)
                    .map_or_else(Vec::new, |version| cites(pack, &version.cites, request.as_of)),
            })
        })
        .collect();
    assumed.sort_unstable();
    assumed.dedup();
    let assumptions = assumed
        .into_iter()
        .map(|fact| {
            let def = vocabulary().get(fact);
            let value = prepared.profile.get(fact).map_or(Json::Null, |value| value.to_json(&def.kind));
            // The only fact whose absence speaks is taken as drawn by whoever qualifies.
            let value = if value == UNSTATED { "drawing".into() } else { value };
            Assumption { fact: def.id.clone(), value }
        })
        .collect();
    let warnings = prepared.warnings.iter().map(|warning| warning_answer(warning, at)).collect();
    PersonAnswer { id: person.id.clone(), categories, warnings, assumptions, decisions }
}

fn warning_answer(warning: &Warning, person: usize) -> WarningAnswer {
    WarningAnswer {
        code: warning.code,
        pointers: warning.facts.iter().map(|fact| pointer(*fact, person)).collect(),
        detail: warning.detail.clone(),
    }
}

/// Where a fact belongs in the request.
fn pointer(fact: FactId, person: usize) -> String {
    let def = vocabulary().get(fact);
    let path = def.id.replace('.', "/");
    match def.of {
        Of::Person => format!("/people/{person}/{path}"),
        of => format!("/{}/{path}", of.as_str()),
    }
}

fn decision_answer(
    question: Question<'_>,
    request: &Request,
    person: usize,
    assumed: &mut Vec<FactId>,
) -> DecisionAnswer {
    let (pack, decision, day) = (question.pack, question.decision, request.as_of);
    if decision.introduced.is_some_and(|introduced| day < introduced) {
        return without_rules(decision, Outcome::NotEntitled, None);
    }
    let Some(here) = answer(question, day) else {
        let (from, to) = (describe_day(decision.covers.from), describe_day(decision.covers.to));
        let text = Text::new(
            format!("Quyền lợi này mới chỉ được rà soát cho các ngày từ {} đến {}.", from.vi, to.vi),
            format!("This entitlement has been worked out for days from {} to {} only.", from.en, to.en),
        );
        let review = Review { kind: "outside_coverage", text, cite: Vec::new() };
        return without_rules(decision, Outcome::NeedsReview, Some(review));
    };
    let by_law = (question.authority == Authority::Plan)
        .then(|| answer(Question { authority: Authority::Law, ..question }, day))
        .flatten();
    let differs =
        by_law.as_ref().is_some_and(|law| law.outcome != here.outcome || law.benefit != here.benefit);
    let under_law = by_law.as_ref().filter(|_| differs).map(|law| {
        let headline = &decision.outputs[decision.headline.at()].name;
        let mut told = json!({ "outcome": law.outcome });
        if let (Json::Object(told), Some(value)) = (&mut told, law.benefit.get(headline)) {
            told.insert(headline.clone(), value.clone());
        }
        told
    });
    let near = reasons(pack, decision, &here, day, false);
    if here.died {
        return after_death(question, &here, day);
    }
    let Ground { mut confidence, cites: grounds, parameters } = ground(pack, decision, &here, &near, day);
    let review = review(question, &here, day, &grounds, &parameters);
    if grounds.iter().any(|cite| pack.source(cite.source).unread_amendment(day).is_some()) {
        confidence = Confidence::Unverified;
    }
    let stretch = validity(question, day, &here);
    assumed.extend(assumptions(question, &here, day));
    DecisionAnswer {
        entitlement: decision.id.clone(),
        title: decision.title.clone(),
        outcome: here.outcome,
        benefit: here.benefit.clone(),
        undetermined: here.undetermined.clone(),
        valid: Some(DaysAnswer { from: stretch.days.from, to: stretch.days.to }),
        next_change: stretch.next.map(|(on, because)| NextChange { on, because }),
        authority: if differs { Authority::Plan } else { Authority::Law },
        under_law,
        confidence,
        review,
        missing_facts: here.missing.iter().map(|fact| missing(*fact, person)).collect(),
        reasons: match request.explain {
            Explain::None => Vec::new(),
            Explain::Summary => near,
            Explain::Full => reasons(pack, decision, &here, day, true),
        },
        would_change_if: Vec::new(),
    }
}

/// Death ends the right; no rule of the decision speaks any more.
fn after_death(question: Question<'_>, here: &Answer<'_>, day: NaiveDate) -> DecisionAnswer {
    let stretch = validity(question, day, here);
    let died_on = vocabulary().find("died_on").and_then(|fact| {
        let value = here.prepared.profile.get(fact)?.to_json(&vocabulary().get(fact).kind);
        Some(FactUsed { fact: vocabulary().get(fact).name(), value })
    });
    let reason = Reason {
        rule: "died_on".into(),
        verdict: Verdict::NotMet,
        text: Text::new(
            "Người này đã mất trước ngày được hỏi; quyền lợi chấm dứt từ ngày hôm sau.",
            "The person had died before the day asked; the right ended with the next day.",
        ),
        cite: Vec::new(),
        authority: Authority::Law,
        confidence: Confidence::Inferred,
        facts: died_on.into_iter().collect(),
        parameters: Vec::new(),
    };
    DecisionAnswer {
        valid: Some(DaysAnswer { from: stretch.days.from, to: stretch.days.to }),
        confidence: Confidence::Inferred,
        reasons: vec![reason],
        ..without_rules(question.decision, Outcome::NotEntitled, None)
    }
}

/// An answer on a day on which the decision has no rules.
fn without_rules(decision: &Decision, outcome: Outcome, review: Option<Review>) -> DecisionAnswer {
    DecisionAnswer {
        entitlement: decision.id.clone(),
        title: decision.title.clone(),
        outcome,
        benefit: Json::Null,
        undetermined: Vec::new(),
        valid: None,
        next_change: None,
        authority: Authority::Law,
        under_law: None,
        confidence: Confidence::Unverified,
        review,
        missing_facts: Vec::new(),
        reasons: Vec::new(),
        would_change_if: Vec::new(),
    }
}

fn missing(fact: FactId, person: usize) -> MissingFact {
    let def = vocabulary().get(fact);
    MissingFact {
        fact: def.question().to_owned(),
        of: def.of.as_str(),
        pointer: pointer(fact, person),
        label: def.label.clone(),
    }
}

/// Rare facts that were taken at their default and could have changed what is told.
fn assumptions(question: Question<'_>, here: &Answer<'_>, day: NaiveDate) -> Vec<FactId> {
    let mut found: Vec<FactId> = here
        .rules
        .vars
        .iter()
        .filter(|var| {
            here.prepared.assumed.contains(&var.fact)
                && here.rules.matters(question.decision, &here.allowed, var, here.sound)
        })
        .map(|var| var.fact)
        .collect();
    // Facts that only fields read: would not knowing them leave a field open?
    let mut read = Vec::new();
    for case in &question.decision.field_cases {
        if let Some(when) = case.when {
            read.extend(crate::policy::reads::facts(question.pack, when, day));
        }
    }
    for fact in read
        .into_iter()
        .filter(|fact| here.prepared.assumed.contains(fact) && !found.contains(fact))
        .collect::<Vec<_>>()
    {
        let mut profile = here.prepared.profile.clone();
        profile.set(fact, None);
        let view = View {
            pack: question.pack,
            decision: question.decision,
            rules: here.rules,
            profile: &profile,
            day,
        };
        let fields = view.fields(&here.said, &here.allowed, here.sound);
        let (benefit, _) = super::fields::benefit(question.decision, &fields, here.said.support.as_ref());
        if benefit != here.benefit {
            found.push(fact);
        }
    }
    found
}

/// The first thing that a person has to look at.
fn review(
    question: Question<'_>,
    here: &Answer<'_>,
    day: NaiveDate,
    grounds: &[crate::policy::model::Cite],
    parameters: &[crate::policy::model::ParameterIdx],
) -> Option<Review> {
    let (pack, decision) = (question.pack, question.decision);
    if here.died {
        return None;
    }
    if here.papers_hold_no_more {
        return Some(Review {
            kind: "law_open",
            text: Text::new(
                "Giấy tờ chỉ ghi năm (tháng) sinh và câu trả lời phụ thuộc vào ngày sinh; người có thẩm quyền quyết định.",
                "The papers hold only the year (month) of birth and the answer hangs on the day; the competent body decides.",
            ),
            cite: Vec::new(),
        });
    }
    if here.outcome == Outcome::NeedsReview {
        let open = here.rules.opens.iter().enumerate().find(|(at, active)| {
            decision.opens[active.open].outcome
                && (here.said.opens[*at] == Truth::Yes
                    || here.rules.open_can_hold(decision, *at, &here.allowed))
        });
        let open = open.map(|(_, active)| &decision.opens[active.open])?;
        return Some(Review {
            kind: "law_open",
            text: open.text.clone(),
            cite: cites(pack, &open.cites, day),
        });
    }
    if let Some(text) = here.open_amount(decision) {
        let cite =
            here.fields.open_clause.map_or_else(Vec::new, |at| cites(pack, &decision.opens[at].cites, day));
        return Some(Review { kind: "amount", text, cite });
    }
    for cite in grounds {
        let source = pack.source(cite.source);
        if let Some(amendment) = source.unread_amendment(day) {
            let by = pack.source(amendment.source);
            let from = describe_day(amendment.from);
            return Some(Review {
                kind: "source_amended",
                text: Text::new(
                    format!(
                        "{} đã được {} sửa đổi từ {}, nội dung sửa đổi chưa được rà soát; câu trả lời theo văn bản trước khi sửa.",
                        source.number, by.number, from.vi
                    ),
                    format!(
                        "{} was amended by {} from {}; the amendment has not been read, the answer follows the text before it.",
                        source.number, by.number, from.en
                    ),
                ),
                cite: cites(pack, std::slice::from_ref(cite), day),
            });
        }
    }
    parameters.iter().find_map(|at| {
        let parameter = pack.parameter(*at);
        let value = parameter.values.iter().find(|value| value.disputed_on(day))?;
        let (first, other) = (describe_day(value.days.from), describe_day(value.alternative_from?));
        Some(Review {
            kind: "effective_date",
            text: Text::new(
                format!(
                    "Các nguồn ghi ngày áp dụng khác nhau cho {}: {} hoặc {}.",
                    parameter.label.vi, first.vi, other.vi
                ),
                format!(
                    "Sources differ on the first day of the {}: {} or {}.",
                    parameter.label.en, first.en, other.en
                ),
            ),
            cite: cites(pack, &value.cites, day),
        })
    })
}
