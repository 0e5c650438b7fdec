//! Values of facts, and one person's facts side by side.

use std::{fmt::Write as _, sync::Arc};

use chrono::{Datelike, NaiveDate};

use super::{FactId, Kind, PartialDate, PersonalId, Text, UnitCode, Vnd, vocabulary};

/// What is known of one fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Of a bool.
    Bool(bool),
    /// The place of the word in the fact's list of words.
    Word(u16),
    /// Of a count, an amount of money in đồng or a percent.
    Number(i64),
    /// A day, month or year.
    Date(PartialDate),
    /// Known: there is no such date.
    NoDate,
    /// A complete list of words.
    Words(Arc<[u16]>),
    /// A complete list of entries; each has one place a member, `None` where it was left out.
    Records(Arc<[Vec<Option<Value>>]>),
    /// A personal number.
    PersonalId(PersonalId),
    /// A ward or commune.
    Unit(UnitCode),
}

impl Value {
    /// As it stands in a request. A personal number is never echoed.
    pub fn to_json(&self, kind: &Kind) -> serde_json::Value {
        let word = |at: &u16| {
            kind.words()
                .and_then(|words| words.get(usize::from(*at)))
                .map_or("unstated", |word| word.id.as_str())
                .into()
        };
        match self {
            Self::Bool(value) => (*value).into(),
            Self::Word(at) => word(at),
            Self::Number(value) => (*value).into(),
            Self::Date(date) => date.to_string().into(),
            Self::NoDate | Self::PersonalId(_) => serde_json::Value::Null,
            Self::Words(list) => list.iter().map(word).collect::<Vec<_>>().into(),
            Self::Unit(unit) => unit.as_str().into(),
            Self::Records(entries) => {
                let Kind::Records(members) = kind else { return serde_json::Value::Null };
                let entry = |values: &Vec<Option<Value>>| {
                    members
                        .iter()
                        .zip(values)
                        .filter_map(|(member, value)| {
                            Some((member.id.clone(), value.as_ref()?.to_json(&member.kind)))
                        })
                        .collect::<serde_json::Map<_, _>>()
                };
                entries.iter().map(entry).map(serde_json::Value::Object).collect::<Vec<_>>().into()
            }
        }
    }

    /// In words, as an official would say it.
    pub fn describe(&self, kind: &Kind) -> Text {
        let word = |at: &u16| {
            kind.words()
                .and_then(|words| words.get(usize::from(*at)))
                .map_or_else(unstated, |word| word.label.clone())
        };
        match self {
            Self::Bool(true) => Text::new("có", "yes"),
            Self::Bool(false) => Text::new("không", "no"),
            Self::Word(at) => word(at),
            Self::Number(value) => match kind {
                Kind::Money => {
                    Text::new(format!("{} đồng", Vnd(*value)), format!("{} VND", english(Vnd(*value))))
                }
                Kind::Percent => Text::new(format!("{value}%"), format!("{value}%")),
                _ => Text::new(value.to_string(), value.to_string()),
            },
            Self::Date(date) => describe_date(*date),
            Self::NoDate => Text::new("không có", "none"),
            Self::Words(list) if list.is_empty() => Text::new("không có", "none"),
            Self::Words(list) => join(list.iter().map(word)),
            Self::Records(entries) if entries.is_empty() => Text::new("không có", "none"),
            Self::Records(entries) => {
                let Kind::Records(members) = kind else { return Text::default() };
                join(entries.iter().map(|entry| {
                    let known = members.iter().zip(entry).filter_map(|(m, value)| Some((m, value.as_ref()?)));
                    let parts: Vec<Text> = known
                        .map(|(member, value)| match &member.kind {
                            Kind::Word { .. } => value.describe(&member.kind),
                            _ => {
                                let value = value.describe(&member.kind);
                                Text {
                                    vi: format!("{}: {}", member.label.vi, value.vi),
                                    en: format!("{}: {}", member.label.en, value.en),
                                }
                            }
                        })
                        .collect();
                    Text {
                        vi: parts.iter().map(|part| part.vi.as_str()).collect::<Vec<_>>().join(", "),
                        en: parts.iter().map(|part| part.en.as_str()).collect::<Vec<_>>().join(", "),
                    }
                }))
            }
            Self::PersonalId(id) => Text::new(id.to_string(), id.to_string()),
            Self::Unit(unit) => Text::new(unit.unit().name, unit.unit().name),
        }
    }
}

/// An amount with commas, as English papers write it.
pub fn english(amount: Vnd) -> String {
    amount.to_string().replace('.', ",")
}

/// A date as people write it: 14/01/2026, 01/2026 or 2026; in English 14 January 2026.
pub fn describe_date(date: PartialDate) -> Text {
    let (first, last) = (date.earliest(), date.latest());
    if first == last {
        describe_day(first)
    } else if first.month() == last.month() {
        Text::new(first.format("%m/%Y").to_string(), first.format("%B %Y").to_string())
    } else {
        Text::new(first.format("%Y").to_string(), first.format("%Y").to_string())
    }
}

/// A day as people write it.
pub fn describe_day(day: NaiveDate) -> Text {
    // A nought before days below ten and before January and February only, as official papers write them.
    let month = if day.month() < 3 { "%m" } else { "%-m" };
    Text::new(day.format(&format!("%d/{month}/%Y")).to_string(), day.format("%-d %B %Y").to_string())
}

fn unstated() -> Text {
    Text::new("chưa khai", "not stated")
}

fn join(texts: impl Iterator<Item = Text>) -> Text {
    let mut all = Text::default();
    for (i, text) in texts.enumerate() {
        let sep = if i == 0 { "" } else { "; " };
        let _ = write!(all.vi, "{sep}{}", text.vi);
        let _ = write!(all.en, "{sep}{}", text.en);
    }
    all
}

/// The facts of one person, with those of the household and the trip: one place a row of the vocabulary.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    values: Vec<Option<Value>>,
}

impl Clone for Profile {
    fn clone(&self) -> Self {
        Self { values: self.values.clone() }
    }

    /// Keeps the memory: thousands of people a second pass through one profile.
    fn clone_from(&mut self, other: &Self) {
        self.values.clone_from(&other.values);
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self { values: vec![None; vocabulary().len()] }
    }
}

impl Profile {
    /// What is known of a fact.
    pub fn get(&self, fact: FactId) -> Option<&Value> {
        self.values[usize::from(fact.0)].as_ref()
    }

    /// Learns or forgets a fact.
    pub fn set(&mut self, fact: FactId, value: Option<Value>) {
        self.values[usize::from(fact.0)] = value;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.values.iter_mut().for_each(|value| *value = None);
    }

    /// The known facts, in table order.
    pub fn known(&self) -> impl Iterator<Item = (FactId, &Value)> {
        (0..).map(FactId).zip(&self.values).filter_map(|(fact, value)| Some((fact, value.as_ref()?)))
    }
}
