//! What is checked before a pack may answer.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    Finding, SourceText,
    model::{Cite, Pack, ParameterIdx, Piece, Place},
    raw::Days,
    reads::read_by,
};

/// What was proved of one decision, and how large the proof is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Proof {
    /// The entitlement.
    pub entitlement: String,
    /// Rules, the closing answer included.
    pub rules: usize,
    /// Stretches of days with the same law, under both authorities.
    pub rule_sets: usize,
    /// Facts in the largest of them.
    pub facts: usize,
    /// Diagram nodes of the proofs; sets of rules that are the same on other days are proved once.
    pub nodes: usize,
    /// Tests beside the rules, all passed.
    pub tests: usize,
}

/// Citations in force and parameter values on every covered day.
pub fn names_and_days(pack: &Pack, files: &[SourceText]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for decision in &pack.decisions {
        let mut cited = |cites: &[Cite], days: Days, place: Place, subject: &str| {
            if let Some(day) = uncited_day(pack, cites, cut(days, decision.covers)) {
                let message = format!("no cited source is in force on {day}");
                findings.push(Finding::at(&files[place.file], place.offset, subject, message));
            }
        };
        for rule in &decision.rules {
            cited(&rule.cites, rule.valid, rule.place, &rule.id);
        }
        for open in &decision.opens {
            cited(&open.cites, open.valid, open.place, &open.id);
        }
        for rule in &decision.rules {
            let (mut parameters, mut categories) = (rule.parameters.clone(), Vec::new());
            parameters.extend(rule.text.vi.iter().chain(&rule.text.en).filter_map(|piece| match piece {
                Piece::Parameter(at) => Some(*at),
                _ => None,
            }));
            read_by(pack, rule.when, &mut parameters, &mut categories);
            for parameter in parameters {
                if let Some(day) = valueless_day(pack, parameter, cut(rule.valid, decision.covers)) {
                    let message = format!("${} has no value on {day}", pack.parameter(parameter).id);
                    findings.push(Finding::at(&files[rule.place.file], rule.place.offset, &rule.id, message));
                }
            }
        }
        for case in &decision.field_cases {
            for parameter in &case.parameters {
                // A field case has no days of its own. A price that is no longer sold ends by its own `to`: the case is
                // passed over from then on.
                let ends = pack
                    .parameter(*parameter)
                    .values
                    .last()
                    .is_some_and(|last| last.days.to != NaiveDate::MAX);
                if !ends && let Some(day) = valueless_day(pack, *parameter, decision.covers) {
                    let message = format!("${} has no value on {day}", pack.parameter(*parameter).id);
                    findings.push(Finding::at(&files[case.place.file], case.place.offset, &case.id, message));
                }
            }
        }
    }
    for parameter in &pack.parameters {
        for value in &parameter.values {
            if let Some(day) = uncited_day(pack, &value.cites, cut(value.days, pack.covers)) {
                let (file, offset) = find(files, "parameters/", &parameter.id);
                let message = format!("value from {}: no cited source is in force on {day}", value.days.from);
                findings.push(Finding::at(&files[file], offset, &parameter.id, message));
            }
        }
    }
    for category in &pack.categories {
        for version in &category.versions {
            if !version.cites.is_empty()
                && let Some(day) = uncited_day(pack, &version.cites, cut(version.days, pack.covers))
            {
                let (file, offset) = find(files, "categories/", &category.id);
                findings.push(Finding::at(
                    &files[file],
                    offset,
                    &category.id,
                    format!("no cited source is in force on {day}"),
                ));
            }
        }
    }
    findings
}

/// Where a name first stands in the files of a folder.
pub fn find(files: &[SourceText], folder: &str, id: &str) -> (usize, usize) {
    let needle = format!("\"{id}\"");
    let found = files.iter().enumerate().filter(|(_, file)| file.name.starts_with(folder));
    found.filter_map(|(at, file)| Some((at, file.text.find(&needle)?))).next().unwrap_or((0, 0))
}

/// The part of a stretch that is covered; empty when `from > to`.
fn cut(days: Days, covers: Days) -> Days {
    Days { from: days.from.max(covers.from), to: days.to.min(covers.to) }
}

/// The first day of a stretch on which no cited source is in force.
fn uncited_day(pack: &Pack, cites: &[Cite], days: Days) -> Option<NaiveDate> {
    first_day(days, |day| !cites.iter().any(|cite| pack.source(cite.source).in_force(day)))
}

fn valueless_day(pack: &Pack, parameter: ParameterIdx, days: Days) -> Option<NaiveDate> {
    first_day(days, |day| pack.parameter_on(parameter, day).is_none())
}

fn first_day(days: Days, wrong: impl Fn(NaiveDate) -> bool) -> Option<NaiveDate> {
    days.from.iter_days().take_while(|day| *day <= days.to).find(|day| wrong(*day))
}
