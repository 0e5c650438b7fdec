//! A rule's part in an answer, in words: what it says, what it misses, what is still to be told.

use chrono::NaiveDate;

use super::answer::Answer;
use crate::{
    facts::{Kind, Text, Value, calendar, describe_day, english, vocabulary},
    policy::{
        Authority, Decision, Pack,
        conditions::{Case, Node, NodeIdx, OutputValue, Truth},
        model::{ParameterAmount, ParameterIdx, Piece, Rule, Setting},
    },
};

/// Why a rule is not looked at: another day, or a promise where law alone was asked.
pub fn not_in_force(rule: &Rule, asked: Authority) -> Text {
    if asked == Authority::Law && rule.authority == Authority::Plan {
        return Text::new(
            "Đây là mục tiêu của Kế hoạch; câu hỏi chỉ xét theo luật hiện hành.",
            "This is an aim of the plan; only the law in force was asked about.",
        );
    }
    let (from, to) = (describe_day(rule.valid.from), describe_day(rule.valid.to));
    Text::new(
        format!("Quy định này chỉ áp dụng từ {} đến {}.", from.vi, to.vi),
        format!("This rule applies from {} to {} only.", from.en, to.en),
    )
}

/// What the rule asks, with the first condition that fails and the person's actual value.
pub fn unmet(pack: &Pack, rule: &Rule, answer: &Answer<'_>, day: NaiveDate) -> Text {
    let Some(failing) = first_failing(pack, answer, rule.when, day) else {
        // Its own condition holds: there is nothing that it could add to.
        return Text::new(
            "Không có phần hỗ trợ nào để cộng thêm theo quy định này.",
            "There is no support that this rule could add to.",
        );
    };
    let actual = values(pack, answer, failing, day);
    if actual.vi.is_empty() {
        return rule.unmet.clone();
    }
    Text::new(
        format!("{} ({})", rule.unmet.vi.trim_end_matches('.'), actual.vi),
        format!("{} ({})", rule.unmet.en.trim_end_matches('.'), actual.en),
    )
}

/// What the rule would say, and what has to be known to tell.
pub fn needs_facts(
    pack: &Pack,
    decision: &Decision,
    rule: &Rule,
    answer: &Answer<'_>,
    day: NaiveDate,
) -> Text {
    let unknown: Vec<&Text> = crate::policy::reads::facts(pack, rule.when, day)
        .into_iter()
        .filter(|fact| is_open(answer.prepared.profile.get(*fact), &vocabulary().get(*fact).kind))
        .map(|fact| &vocabulary().get(fact).label)
        .collect();
    let list =
        |pick: fn(&Text) -> &str| unknown.iter().map(|label| pick(label)).collect::<Vec<_>>().join(", ");
    let would = fill(pack, decision, rule, answer, day);
    Text::new(
        format!("Chưa biết có thuộc trường hợp này không: {} Cần khai: {}.", would.vi, list(|text| &text.vi)),
        format!("Not known whether this applies: {} To be told: {}.", would.en, list(|text| &text.en)),
    )
}

/// Whether something of a fact is still to be told: all of it, the day of a date, a member of an entry.
fn is_open(value: Option<&Value>, kind: &Kind) -> bool {
    match (value, kind) {
        (None, _) => true,
        (Some(Value::Date(date)), _) => date.exact().is_none(),
        (Some(Value::Records(entries)), Kind::Records(members)) => entries.iter().any(|entry| {
            members.iter().zip(entry).any(|(member, value)| value.is_none() && member.default.is_none())
        }),
        _ => false,
    }
}

/// The first part of a condition that is not met; of alternatives the one that fails least.
pub fn first_failing(pack: &Pack, answer: &Answer<'_>, at: NodeIdx, day: NaiveDate) -> Option<NodeIdx> {
    let case = Case { pack, profile: &answer.prepared.profile, day, outputs: None };
    if case.truth(at) != Truth::No {
        return None;
    }
    match pack.conditions.get(at) {
        Node::All(parts) => {
            let failing = parts.iter().find(|part| case.truth(**part) == Truth::No)?;
            first_failing(pack, answer, *failing, day)
        }
        Node::Any(parts) => {
            let nearest = parts.iter().min_by_key(|part| distance(pack, answer, **part, day))?;
            first_failing(pack, answer, *nearest, day)
        }
        Node::Category(category) => pack
            .category_on(*category, day)
            .map_or(Some(at), |version| first_failing(pack, answer, version.when, day)),
        _ => Some(at),
    }
}

/// How far a person is from meeting a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distance {
    /// Parts that fail.
    pub fail: usize,
    /// Parts that hold; more of them is nearer.
    pub hold: std::cmp::Reverse<usize>,
}

/// Counts what fails and what holds; of alternatives the nearest.
pub fn distance(pack: &Pack, answer: &Answer<'_>, at: NodeIdx, day: NaiveDate) -> Distance {
    use std::cmp::Reverse;
    let case = Case { pack, profile: &answer.prepared.profile, day, outputs: None };
    match pack.conditions.get(at) {
        Node::All(parts) => parts.iter().map(|part| distance(pack, answer, *part, day)).fold(
            Distance { fail: 0, hold: Reverse(0) },
            |sum, part| Distance { fail: sum.fail + part.fail, hold: Reverse(sum.hold.0 + part.hold.0) },
        ),
        Node::Any(parts) => parts
            .iter()
            .map(|part| distance(pack, answer, *part, day))
            .min()
            .unwrap_or(Distance { fail: 1, hold: Reverse(0) }),
        Node::Category(category) => match pack.category_on(*category, day) {
            Some(version) => distance(pack, answer, version.when, day),
            None => Distance { fail: 1, hold: Reverse(0) },
        },
        _ => match case.truth(at) {
            Truth::Yes => Distance { fail: 0, hold: Reverse(1) },
            _ => Distance { fail: 1, hold: Reverse(0) },
        },
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
pub fn fill(pack: &Pack, decision: &Decision, rule: &Rule, answer: &Answer<'_>, day: NaiveDate) -> Text {
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
