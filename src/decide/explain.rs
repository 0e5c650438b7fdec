//! Why: every rule's part in the answer, in words.

use chrono::NaiveDate;

use super::{
    answer::{Answer, Outcome, Verdict},
    response::{CiteAnswer, FactUsed, ParameterUsed, Reason},
    wording::{Distance, distance, fill, first_failing, needs_facts, not_in_force, unmet},
};
use crate::{
    facts::{Text, vocabulary},
    policy::{
        Authority, Confidence, Decision, OTHERWISE, Pack,
        conditions::{NodeIdx, OutputValue, Truth, compare_outputs},
        model::{Cite, ParameterAmount, ParameterIdx, Rule, RuleIdx, Setting},
        reads::parameters_of,
    },
};

/// How many near misses a summary shows.
const NEAR_MISSES: usize = 3;

/// Cited places of sources in force on a day.
pub fn cites(pack: &Pack, cites: &[Cite], day: NaiveDate) -> Vec<CiteAnswer> {
    cites
        .iter()
        .map(|cite| (pack.source(cite.source), cite))
        .filter(|(source, _)| source.in_force(day))
        .map(|(source, cite)| CiteAnswer {
            source: source.id.clone(),
            number: source.number.clone(),
            place: cite.place.clone(),
        })
        .collect()
}

/// Every rule's part, in the order of verdicts and of the pack within each; `full` leaves none out.
pub fn reasons(
    pack: &Pack,
    decision: &Decision,
    answer: &Answer<'_>,
    day: NaiveDate,
    full: bool,
) -> Vec<Reason> {
    let (applied, added) = answer.deciding(decision);
    let mut parts: Vec<Part> = Vec::new();
    for (at, rule) in decision.rules() {
        if answer.rules.authority == Authority::Law && rule.authority == Authority::Plan {
            if full {
                parts.push(Part { verdict: Verdict::NotInForce, near: None, at });
            }
            continue;
        }
        let truth = answer.truth(at);
        let verdict = match truth {
            None => Verdict::NotInForce,
            Some(_) if applied.contains(&at) => Verdict::Applied,
            Some(_) if added.contains(&at) => Verdict::Added,
            Some(_) if rule.id == OTHERWISE && !full => continue,
            Some(Truth::Yes) if !has_base(answer, decision, rule) => Verdict::NotMet,
            Some(Truth::Yes) => Verdict::Beaten,
            Some(Truth::No) => Verdict::NotMet,
            Some(Truth::Unknown) => Verdict::NeedsFacts,
        };
        let near = match verdict {
            // A rule of which nothing holds is no near miss; one that only lacks a base is none, either.
            Verdict::NotMet if truth == Some(Truth::No) => {
                Some(distance(pack, answer, rule.when, day)).filter(|distance| distance.hold.0 > 0)
            }
            Verdict::NeedsFacts => Some(distance(pack, answer, rule.when, day)),
            _ => None,
        };
        parts.push(Part { verdict, near, at });
    }
    parts.sort_by_key(|part| (part.verdict, part.at));
    if !full {
        summarise(&mut parts, answer.outcome, |at| entitles(pack, decision, decision.rule(at), day));
    }
    parts.into_iter().map(|part| reason(pack, decision, answer, day, part.verdict, part.at)).collect()
}

/// A rule's part before it is put into words.
struct Part {
    verdict: Verdict,
    near: Option<Distance>,
    at: RuleIdx,
}

/// An adding rule has nothing to add to while none of the rules it adds to holds.
fn has_base(answer: &Answer<'_>, decision: &Decision, rule: &Rule) -> bool {
    let Some(adds_to) = &rule.adds_to else { return true };
    let mut bases = decision.rules().filter(|(at, base)| {
        base.adds_to.is_none() && (adds_to.rules.contains(at) || adds_to.tiers.contains(&base.tier))
    });
    bases.any(|(at, _)| answer.truth(at).is_some_and(|truth| truth != Truth::No))
}

/// Whether a rule would give the right if it held: what a person told no wants to read about.
fn entitles(pack: &Pack, decision: &Decision, rule: &Rule, day: NaiveDate) -> bool {
    let (output, op, asked) = &decision.entitled;
    let setting = rule.then.iter().find(|(at, _)| at == output).map(|(_, setting)| setting);
    match setting {
        Some(Setting::Fixed(value)) => compare_outputs(value, *op, asked),
        Some(Setting::Parameter(at)) => pack
            .number(*at, day)
            .is_some_and(|number| compare_outputs(&OutputValue::Number(number), *op, asked)),
        None => false,
    }
}

/// The deciding rules and at most three near misses: rules that would give the right, those that facts are still needed for
/// first, then what fails least. Whoever has the right is told what else holds, not what does not.
fn summarise(parts: &mut Vec<Part>, outcome: Outcome, entitles: impl Fn(RuleIdx) -> bool) {
    let mut near: Vec<(bool, Option<Distance>, RuleIdx)> = parts
        .iter()
        .filter(|part| match part.verdict {
            Verdict::NeedsFacts | Verdict::NotMet => {
                outcome != Outcome::Entitled && part.near.is_some() && entitles(part.at)
            }
            Verdict::Beaten => outcome == Outcome::Entitled,
            _ => false,
        })
        .map(|part| (part.verdict == Verdict::NotMet, part.near, part.at))
        .collect();
    near.sort_unstable();
    near.truncate(NEAR_MISSES);
    parts.retain(|part| {
        matches!(part.verdict, Verdict::Applied | Verdict::Added)
            || near.iter().any(|(.., kept)| *kept == part.at)
    });
}

fn reason(
    pack: &Pack,
    decision: &Decision,
    answer: &Answer<'_>,
    day: NaiveDate,
    verdict: Verdict,
    at: RuleIdx,
) -> Reason {
    let rule = decision.rule(at);
    let text = match verdict {
        Verdict::Applied => fill(pack, decision, rule, answer, day),
        Verdict::Added => match &decision.added_note {
            // A base rule of another group that gives one output only must not read as if it decided.
            Some(note) if rule.adds_to.is_none() => join(fill(pack, decision, rule, answer, day), note),
            _ => fill(pack, decision, rule, answer, day),
        },
        Verdict::Beaten => join(
            fill(pack, decision, rule, answer, day),
            &Text::new(
                "Không dùng tới vì có căn cứ khác được xét trước.",
                "Not used: another ground comes first.",
            ),
        ),
        Verdict::NotMet => unmet(pack, rule, answer, day),
        Verdict::NotInForce => not_in_force(rule, answer.rules.authority),
        Verdict::NeedsFacts => needs_facts(pack, decision, rule, answer, day),
    };
    let facts = if verdict == Verdict::NotMet {
        // What failed is told by what it read; the rest would only blur it.
        first_failing(pack, answer, rule.when, day)
            .map_or_else(Vec::new, |node| facts_used(pack, answer, node, day))
    } else {
        facts_used(pack, answer, rule.when, day)
    };
    Reason {
        rule: rule.id.clone(),
        verdict,
        text,
        cite: cites(pack, &rule.cites, day),
        authority: rule.authority,
        confidence: rule.confidence,
        facts,
        parameters: parameters_used(pack, &parameters_of(pack, rule), day),
    }
}

fn join(text: Text, note: &Text) -> Text {
    Text { vi: format!("{} {}", text.vi, note.vi), en: format!("{} {}", text.en, note.en) }
}

fn facts_used(pack: &Pack, answer: &Answer<'_>, node: NodeIdx, day: NaiveDate) -> Vec<FactUsed> {
    let facts = crate::policy::reads::facts(pack, node, day);
    facts
        .into_iter()
        .map(|fact| {
            let def = vocabulary().get(fact);
            let value = answer
                .prepared
                .profile
                .get(fact)
                .map_or(serde_json::Value::Null, |value| value.to_json(&def.kind));
            FactUsed { fact: def.name(), value }
        })
        .collect()
}

/// Parameters with the value of the day.
pub fn parameters_used(pack: &Pack, parameters: &[ParameterIdx], day: NaiveDate) -> Vec<ParameterUsed> {
    parameters
        .iter()
        .filter_map(|at| {
            let value = pack.parameter_on(*at, day)?;
            Some(ParameterUsed {
                id: pack.parameter(*at).id.clone(),
                value: match &value.amount {
                    ParameterAmount::Number(number) => Some(number.normalize().to_string()),
                    ParameterAmount::MonthDay(month, day) => Some(format!("{month:02}-{day:02}")),
                    ParameterAmount::Day(day) => Some(day.to_string()),
                    ParameterAmount::Unknown => None,
                },
                from: value.days.from,
                cite: cites(pack, &value.cites, day),
                confidence: value.confidence,
            })
        })
        .collect()
}

/// What an answer rests on: the weakest mark over rules, their parameters and sources, and the fields' cases.
pub struct Ground {
    /// The weakest mark.
    pub confidence: Confidence,
    /// Cites in force of everything the answer rests on.
    pub cites: Vec<Cite>,
    /// Parameters read.
    pub parameters: Vec<ParameterIdx>,
}

/// Gathers what the answer rests on. For a no: the closing answer and the conditions nearest to being met.
pub fn ground(
    pack: &Pack,
    decision: &Decision,
    answer: &Answer<'_>,
    reasons: &[Reason],
    day: NaiveDate,
) -> Ground {
    let (applied, added) = answer.deciding(decision);
    let mut rules: Vec<&Rule> = applied.iter().chain(&added).map(|at| decision.rule(*at)).collect();
    let refused = answer.outcome == Outcome::NotEntitled;
    // Where nothing decides, the rules still in question do.
    if rules.is_empty() || answer.outcome == Outcome::NeedsInformation {
        let open = |at: RuleIdx| answer.truth(at) == Some(Truth::Unknown);
        rules.extend(decision.rules().filter(|(at, _)| open(*at)).map(|(_, rule)| rule));
    }
    let near = |rule: &Rule| {
        reasons.iter().any(|reason| reason.rule == rule.id && reason.verdict == Verdict::NotMet)
    };
    if refused {
        rules.extend(decision.rules.iter().filter(|rule| near(rule)));
    }
    let mut ground = Ground { confidence: Confidence::Seen, cites: Vec::new(), parameters: Vec::new() };
    let mut weaken = |mark: Confidence| ground.confidence = ground.confidence.min(mark);
    for rule in rules {
        weaken(rule.confidence);
        ground.cites.extend(rule.cites.iter().filter(|cite| pack.source(cite.source).in_force(day)).cloned());
        ground.parameters.extend(parameters_of(pack, rule));
    }
    if answer.outcome == Outcome::NeedsReview {
        for (at, active) in answer.rules.opens.iter().enumerate() {
            let open = &decision.opens[active.open];
            if open.outcome && answer.rules.open_can_hold(decision, at, &answer.allowed) {
                weaken(open.confidence);
                ground
                    .cites
                    .extend(open.cites.iter().filter(|cite| pack.source(cite.source).in_force(day)).cloned());
            }
        }
    }
    for at in &answer.fields.used {
        let case = &decision.field_cases[*at];
        case.confidence.into_iter().for_each(&mut weaken);
        ground.cites.extend(case.cites.iter().filter(|cite| pack.source(cite.source).in_force(day)).cloned());
        ground.parameters.extend(&case.parameters);
    }
    ground.parameters.sort_unstable();
    ground.parameters.dedup();
    for at in &ground.parameters {
        if let Some(value) = pack.parameter_on(*at, day) {
            weaken(value.confidence);
        }
    }
    for cite in &ground.cites {
        weaken(pack.source(cite.source).confidence);
    }
    ground
}
