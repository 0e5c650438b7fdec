//! From when to when an answer stays the same, and what ends it.

use chrono::{Datelike, Days as Span, NaiveDate};
use serde::Serialize;

use super::answer::{Answer, Question, answer};
use crate::{
    facts::{PartialDate, Value, calendar, vocabulary},
    policy::{
        Change, Mark, Pack,
        model::{DateCalc, FieldValue, ParameterIdx},
        raw::Days,
        reads::parameters_of,
    },
};

/// Why an answer changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Because {
    /// `birthday`, `months`, `parameter`, `law`, `list`, `calendar_year` or `death`.
    pub kind: &'static str,
    /// The parameter, rule or fact.
    pub id: String,
}

/// The stretch on which an answer stays the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validity {
    /// First and last day.
    pub days: Days,
    /// The day after the last one, with its cause; `None` at the end of coverage.
    pub next: Option<(NaiveDate, Because)>,
}

/// Walks outward over the days on which something may turn and stops at the first difference.
pub fn validity(question: Question<'_>, day: NaiveDate, here: &Answer<'_>) -> Validity {
    let covers = question.decision.covers;
    let mut turns = turns(question, here);
    turns.retain(|(on, _)| covers.from < *on && *on <= covers.to);
    turns.sort_by_key(|(on, _)| *on);
    let same = |other: NaiveDate| {
        answer(question, other)
            .is_some_and(|there| there.outcome == here.outcome && there.benefit == here.benefit)
    };
    let mut days = covers;
    // Nobody is entitled before birth; such a day could not even be asked.
    if let Some(born) = here.born(question.pack).map(PartialDate::earliest).filter(|born| *born <= day) {
        days.from = days.from.max(born);
        turns.retain(|(on, _)| born < *on);
    }
    let mut last = None;
    for (on, _) in turns.iter().rev().filter(|(on, _)| *on <= day) {
        if last.replace(*on) == Some(*on) {
            continue;
        }
        if on.pred_opt().is_some_and(|before| !same(before)) {
            days.from = *on;
            break;
        }
    }
    let mut next = None;
    let mut last = None;
    for (on, _) in turns.iter().filter(|(on, _)| *on > day) {
        if last == Some(*on) {
            continue;
        }
        last = Some(*on);
        if !same(*on) {
            days.to = *on - Span::new(1);
            let causes: Vec<&Because> =
                turns.iter().filter(|(other, _)| other == on).map(|(_, because)| because).collect();
            next = causes
                .into_iter()
                .min_by_key(|because| weight(question, here, because))
                .map(|because| (*on, because.clone()));
            break;
        }
    }
    Validity { days, next }
}

/// Of several causes on one day the one that the answer is known to hang on comes first.
fn weight(question: Question<'_>, here: &Answer<'_>, because: &Because) -> u8 {
    let (applied, added) = here.deciding(question.decision);
    let by_rules =
        applied.iter().chain(&added).flat_map(|at| parameters_of(question.pack, question.decision.rule(*at)));
    let mut parameters = here.fields.parameters.iter().copied().chain(by_rules);
    let mut read = |id: &str| parameters.any(|at| question.pack.parameter(at).id == id);
    match because.kind {
        "list" => 0,
        "birthday" | "months" | "death" => 1,
        "parameter" if read(&because.id) => 2,
        "law" => 3,
        "parameter" => 4,
        _ => 5,
    }
}

fn same_value(pack: &Pack, at: ParameterIdx, on: NaiveDate) -> bool {
    let amount = |day| pack.parameter_on(at, day).map(|value| &value.amount);
    on.pred_opt().is_some_and(|before| amount(before) == amount(on))
}

/// Every day on which the answer may turn, with its cause.
fn turns(question: Question<'_>, here: &Answer<'_>) -> Vec<(NaiveDate, Because)> {
    let (pack, decision) = (question.pack, question.decision);
    let mut turns = Vec::new();
    for (on, changes) in &question.epochs.changes {
        for change in changes {
            let (kind, id) = match change {
                // A value that is only written anew, with another source, changes nothing.
                Change::Parameter(at) if same_value(pack, *at, *on) => continue,
                Change::Parameter(at) => ("parameter", pack.parameter(*at).id.clone()),
                Change::Rule(at) => ("law", decision.rules[*at].id.clone()),
                Change::Open(at) => ("law", decision.opens[*at].id.clone()),
                Change::Category(at) => ("law", pack.category(*at).id.clone()),
            };
            turns.push((*on, Because { kind, id }));
        }
    }
    let profile = &here.prepared.profile;
    for &(fact, mark) in &question.epochs.marks {
        let Some(Value::Date(date)) = profile.get(fact) else { continue };
        let name = vocabulary().get(fact).id.clone();
        for end in [date.earliest(), date.latest()] {
            let (on, kind) = match mark {
                Mark::Aged(years) => (calendar::birthday(end, years), "birthday"),
                Mark::CardEnded { months, month_day } => {
                    (calendar::child_card_end(end, months, month_day) + Span::new(1), "birthday")
                }
                Mark::MonthsBack(months) => {
                    match calendar::first_of_month(calendar::month_index(end) + months) {
                        Some(on) => (on, "months"),
                        None => continue,
                    }
                }
                Mark::Day(_) => continue,
            };
            turns.push((on, Because { kind, id: name.clone() }));
        }
    }
    for &(fact, member, months) in &question.epochs.entry_marks {
        let Some(Value::Records(entries)) = profile.get(fact) else { continue };
        for entry in entries.iter() {
            let Some(Some(Value::Date(date))) = entry.get(member) else { continue };
            let ends = [date.earliest(), date.latest()].map(|end| calendar::month_index(end) + months);
            let days = ends.into_iter().filter_map(calendar::first_of_month);
            turns.extend(
                days.map(|on| (on, Because { kind: "months", id: vocabulary().get(fact).id.clone() })),
            );
        }
    }
    let year_ends =
        decision.field_cases.iter().any(|case| case.value == FieldValue::Date(DateCalc::EndOfYear));
    let years = decision.covers.from.year()..=decision.covers.to.year();
    if year_ends {
        for on in years.filter_map(|year| NaiveDate::from_ymd_opt(year, 1, 1)) {
            turns.push((on, Because { kind: "calendar_year", id: "end_of_year".into() }));
        }
    }
    listed(here, &mut turns);
    if let Some(Value::Date(died)) = vocabulary().find("died_on").and_then(|fact| profile.get(fact)) {
        for end in [died.earliest(), died.latest()] {
            turns.push((end + Span::new(1), Because { kind: "death", id: "died_on".into() }));
        }
    }
    turns
}

/// A list holds for its year.
fn listed(here: &Answer<'_>, turns: &mut Vec<(NaiveDate, Because)>) {
    let get = |name: &str| vocabulary().find(name).and_then(|fact| here.prepared.profile.get(fact));
    let Some(Value::Number(year)) = get("household.list_year") else { return };
    let Ok(year) = i32::try_from(*year) else { return };
    for year in [year, year + 1] {
        if let Some(on) = NaiveDate::from_ymd_opt(year, 1, 1) {
            turns.push((on, Because { kind: "list", id: "list_year".into() }));
        }
    }
}
