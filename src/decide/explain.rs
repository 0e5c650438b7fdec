//! Why: every rule's part in the answer, in words.

use chrono::NaiveDate;

use super::{
    answer::{Answer, Verdict},
    response::{CiteAnswer, FactUsed, ParameterUsed, Reason},
};
use crate::{
    facts::{Text, Value, calendar, describe_day, english, vocabulary},
    policy::{
        Authority, Confidence, Decision, OTHERWISE, Pack,
        conditions::{Case, Node, NodeIdx, OutputValue, Truth},
        model::{Cite, ParameterAmount, ParameterIdx, Piece, Rule, RuleIdx, Setting},
        reads::read_by,
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
    let mut parts: Vec<(Verdict, usize, RuleIdx)> = Vec::new();
    for (at, rule) in decision.rules() {
        if answer.rules.authority == Authority::Law && rule.authority == Authority::Plan {
            continue;
        }
        let verdict = match answer.truth(at) {
            None => Verdict::NotInForce,
            Some(_) if applied.contains(&at) => Verdict::Applied,
            Some(_) if added.contains(&at) => Verdict::Added,
            Some(_) if rule.id == OTHERWISE => continue,
            Some(Truth::Yes) => Verdict::Beaten,
            Some(Truth::No) => Verdict::NotMet,
            Some(Truth::Unknown) => Verdict::NeedsFacts,
        };
        let misses = if verdict == Verdict::NotMet { misses(pack, answer, rule.when, day) } else { 0 };
        parts.push((verdict, misses, at));
    }
    parts.sort_by_key(|(verdict, _, at)| (*verdict, *at));
    if !full {
        summarise(&mut parts);
    }
    parts.into_iter().map(|(verdict, _, at)| reason(pack, decision, answer, day, verdict, at)).collect()
}

/// The deciding rules and at most three near misses: what facts are still needed for comes before what is not met, and what
/// fails least before what fails more.
fn summarise(parts: &mut Vec<(Verdict, usize, RuleIdx)>) {
    let mut near: Vec<(bool, usize, RuleIdx)> = parts
        .iter()
        .filter(|(verdict, ..)| matches!(verdict, Verdict::NotMet | Verdict::NeedsFacts | Verdict::Beaten))
        .map(|(verdict, misses, at)| (*verdict == Verdict::NotMet, *misses, *at))
        .collect();
    near.sort_unstable();
    near.truncate(NEAR_MISSES);
    parts.retain(|(verdict, _, at)| {
        matches!(verdict, Verdict::Applied | Verdict::Added) || near.iter().any(|(.., kept)| kept == at)
    });
}

/// How many parts of a condition fail.
fn misses(pack: &Pack, answer: &Answer<'_>, at: NodeIdx, day: NaiveDate) -> usize {
    let case = Case { pack, profile: &answer.prepared.profile, day, outputs: None };
    if case.truth(at) == Truth::Yes {
        return 0;
    }
    match pack.conditions.get(at) {
        Node::All(parts) => parts.iter().map(|part| misses(pack, answer, *part, day)).sum(),
        Node::Any(parts) => parts.iter().map(|part| misses(pack, answer, *part, day)).min().unwrap_or(1),
        Node::Category(category) => {
            pack.category_on(*category, day).map_or(1, |version| misses(pack, answer, version.when, day))
        }
        _ => 1,
    }
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
        Verdict::Applied | Verdict::Added | Verdict::Beaten => fill(pack, decision, rule, answer, day),
        Verdict::NotMet => unmet(pack, rule, answer, day),
        Verdict::NotInForce => not_in_force(rule),
        Verdict::NeedsFacts => needs_facts(pack, rule, answer, day),
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

/// Parameters of a rule, those of its categories included.
pub fn parameters_of(pack: &Pack, rule: &Rule) -> Vec<ParameterIdx> {
    let mut parameters = rule.parameters.clone();
    read_by(pack, rule.when, &mut parameters, &mut Vec::new());
    parameters.sort_unstable();
    parameters.dedup();
    parameters
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

fn not_in_force(rule: &Rule) -> Text {
    let (from, to) = (describe_day(rule.valid.from), describe_day(rule.valid.to));
    Text::new(
        format!("Quy định này chỉ áp dụng từ {} đến {}.", from.vi, to.vi),
        format!("This rule applies from {} to {} only.", from.en, to.en),
    )
}

/// What the rule asks, with the first condition that fails and the person's actual value.
fn unmet(pack: &Pack, rule: &Rule, answer: &Answer<'_>, day: NaiveDate) -> Text {
    let actual = first_failing(pack, answer, rule.when, day).map(|node| values(pack, answer, node, day));
    match actual.filter(|text| !text.vi.is_empty()) {
        Some(actual) => Text::new(
            format!("{} ({})", rule.unmet.vi.trim_end_matches('.'), actual.vi),
            format!("{} ({})", rule.unmet.en.trim_end_matches('.'), actual.en),
        ),
        None => rule.unmet.clone(),
    }
}

fn needs_facts(pack: &Pack, rule: &Rule, answer: &Answer<'_>, day: NaiveDate) -> Text {
    let facts = crate::policy::reads::facts(pack, rule.when, day);
    let unknown: Vec<_> = facts
        .into_iter()
        .filter(|fact| match answer.prepared.profile.get(*fact) {
            None => true,
            Some(Value::Date(date)) => date.exact().is_none(),
            Some(_) => false,
        })
        .map(|fact| &vocabulary().get(fact).label)
        .collect();
    let list =
        |pick: fn(&Text) -> &str| unknown.iter().map(|label| pick(label)).collect::<Vec<_>>().join(", ");
    let text = fill_unmet_head(rule);
    Text::new(
        format!("Chưa đủ thông tin để xét: {}. Còn thiếu: {}.", text.vi, list(|text| &text.vi)),
        format!("Not enough is known to tell: {}. Missing: {}.", text.en, list(|text| &text.en)),
    )
}

fn fill_unmet_head(rule: &Rule) -> Text {
    let trim = |text: &str| text.trim_end_matches('.').to_owned();
    Text { vi: lower_first(&trim(&rule.unmet.vi)), en: lower_first(&trim(&rule.unmet.en)) }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// The first part of a condition that is not met.
fn first_failing(pack: &Pack, answer: &Answer<'_>, at: NodeIdx, day: NaiveDate) -> Option<NodeIdx> {
    let case = Case { pack, profile: &answer.prepared.profile, day, outputs: None };
    match pack.conditions.get(at) {
        Node::All(parts) => {
            let failing = parts.iter().find(|part| case.truth(**part) == Truth::No)?;
            first_failing(pack, answer, *failing, day)
        }
        Node::Category(category) => pack
            .category_on(*category, day)
            .map_or(Some(at), |version| first_failing(pack, answer, version.when, day)),
        _ => Some(at),
    }
}

/// The person's values of what a condition reads.
fn values(pack: &Pack, answer: &Answer<'_>, node: NodeIdx, day: NaiveDate) -> Text {
    let facts = crate::policy::reads::facts(pack, node, day);
    let (mut vi, mut en) = (Vec::new(), Vec::new());
    for fact in facts {
        let Some(value) = answer.prepared.profile.get(fact) else { continue };
        let def = vocabulary().get(fact);
        if fact == pack.born_on {
            if let Value::Date(born) = value {
                let age = age(*born, day);
                vi.push(format!("tuổi: {age}"));
                en.push(format!("age: {age}"));
            }
            continue;
        }
        let value = value.describe(&def.kind);
        vi.push(format!("{}: {}", def.label.vi, value.vi));
        en.push(format!("{}: {}", def.label.en, value.en));
    }
    Text::new(vi.join("; "), en.join("; "))
}

fn age(born: crate::facts::PartialDate, day: NaiveDate) -> String {
    let (low, high) = (calendar::age_on(born.latest(), day), calendar::age_on(born.earliest(), day));
    if low == high { low.to_string() } else { format!("{low}–{high}") }
}

/// Fills the blanks of a rule's text.
fn fill(pack: &Pack, decision: &Decision, rule: &Rule, answer: &Answer<'_>, day: NaiveDate) -> Text {
    let write = |pieces: &[Piece], pick: fn(&Text) -> &str, money: fn(crate::facts::Vnd) -> String| {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Output(name) => out.push_str(&setting(pack, decision, rule, name, day)),
                Piece::Parameter(at) => out.push_str(&parameter(pack, *at, day, money)),
                Piece::Age => match answer.born(pack) {
                    Some(born) => out.push_str(&age(born, day)),
                    None => out.push('?'),
                },
                Piece::Fact(fact) => {
                    let def = vocabulary().get(*fact);
                    match answer.prepared.profile.get(*fact) {
                        Some(value) => out.push_str(pick(&value.describe(&def.kind))),
                        None => out.push('?'),
                    }
                }
            }
        }
        out
    };
    Text {
        vi: write(&rule.text.vi, |text| &text.vi, |vnd| vnd.to_string()),
        en: write(&rule.text.en, |text| &text.en, english),
    }
}

fn setting(pack: &Pack, decision: &Decision, rule: &Rule, name: &str, day: NaiveDate) -> String {
    let Some(output) = decision.output(name) else { return String::new() };
    match rule.then.iter().find(|(at, _)| *at == output).map(|(_, setting)| setting) {
        Some(Setting::Fixed(OutputValue::Number(number))) => number.normalize().to_string(),
        Some(Setting::Fixed(OutputValue::Word(word))) => word.clone(),
        Some(Setting::Parameter(at)) => {
            pack.number(*at, day).map_or_else(|| "?".to_owned(), |number| number.normalize().to_string())
        }
        _ => String::new(),
    }
}

fn parameter(
    pack: &Pack,
    at: ParameterIdx,
    day: NaiveDate,
    money: fn(crate::facts::Vnd) -> String,
) -> String {
    let parameter = pack.parameter(at);
    match pack.parameter_on(at, day).map(|value| &value.amount) {
        Some(ParameterAmount::Number(number)) => match crate::facts::Vnd::round_half_up(*number) {
            Some(vnd) if parameter.unit.starts_with("vnd") => money(vnd),
            _ => number.normalize().to_string(),
        },
        Some(ParameterAmount::MonthDay(month, day)) => format!("{day:02}/{month:02}"),
        Some(ParameterAmount::Day(day)) => describe_day(*day).vi,
        Some(ParameterAmount::Unknown) | None => "?".into(),
    }
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
    let refused = answer.outcome == super::Outcome::NotEntitled;
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
