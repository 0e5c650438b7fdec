//! A rule's part in an answer, in words: what it says, what it misses, what is still to be told. Written into the middle of
//! JSON strings.

use std::io::Write as _;

use chrono::NaiveDate;

use super::{
    json::{escape, integer, raw},
    standing::Standing,
};
use crate::{
    facts::{FactId, Kind, PartialDate, Profile, Text, Value, Vnd, calendar, english, named, vocabulary},
    policy::span_texts::TextPart,
};

/// A language of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    Vi,
    En,
}

impl Tongue {
    /// Picks the language of a text.
    pub fn of(self, text: &Text) -> &str {
        match self {
            Self::Vi => &text.vi,
            Self::En => &text.en,
        }
    }

    /// Picks one of two.
    pub fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

/// Whether something of a fact is still to be told: all of it, the day of a date, a member of an entry.
pub fn is_open(value: Option<&Value>, kind: &Kind) -> bool {
    match (value, kind) {
        (None, _) => true,
        (Some(Value::Date(date)), _) => date.exact().is_none(),
        (Some(Value::Records(entries)), Kind::Records(members)) => entries.iter().any(|entry| {
            members.iter().zip(entry).any(|(member, value)| value.is_none() && member.default.is_none())
        }),
        _ => false,
    }
}

/// Writes what a rule says, with the person's facts in its blanks.
pub fn says(out: &mut Vec<u8>, parts: &[TextPart], tongue: Tongue, standing: &Standing) {
    let profile = &standing.prepared.profile;
    for part in parts {
        match part {
            TextPart::Plain(text) => raw(out, text),
            TextPart::Age => match profile.get(named().born_on) {
                Some(Value::Date(born)) => age(out, *born, standing.day()),
                _ => out.push(b'?'),
            },
            TextPart::Fact(fact) => match profile.get(*fact) {
                Some(value) => describe(out, value, &vocabulary().get(*fact).kind, tongue),
                None => out.push(b'?'),
            },
        }
    }
}

/// The least and the most that somebody can be; a date known in part spans a year at most.
fn ages(born: PartialDate, day: NaiveDate) -> (u32, u32) {
    (calendar::age_on(born.latest(), day), calendar::age_on(born.earliest(), day))
}

fn age(out: &mut Vec<u8>, born: PartialDate, day: NaiveDate) {
    let (low, high) = ages(born, day);
    integer(out, low.into());
    if low != high {
        raw(out, "–");
        integer(out, high.into());
    }
}

/// Writes a fact's name and the person's value, as “ – what is known: 41 years”; nothing when it is unknown.
pub fn actual(out: &mut Vec<u8>, fact: FactId, tongue: Tongue, standing: &Standing) {
    let Some(value) = standing.prepared.profile.get(fact) else { return };
    let def = vocabulary().get(fact);
    raw(out, tongue.pick(" – theo thông tin đã có: ", " – what is known: "));
    match value {
        Value::Date(born) if fact == named().born_on => {
            let (low, high) = ages(*born, standing.day());
            integer(out, low.into());
            if low != high {
                raw(out, tongue.pick(" hoặc ", " or "));
                integer(out, high.into());
            }
            raw(out, tongue.pick(" tuổi", " years"));
        }
        value => {
            escape(out, tongue.of(&def.label));
            raw(out, ": ");
            describe(out, value, &def.kind, tongue);
        }
    }
}

/// Writes the names of those of the facts that are still to be told.
pub fn still_open(out: &mut Vec<u8>, facts: &[FactId], tongue: Tongue, profile: &Profile) {
    let mut first = true;
    for fact in facts {
        let def = vocabulary().get(*fact);
        if is_open(profile.get(*fact), &def.kind) {
            if !std::mem::take(&mut first) {
                raw(out, "; ");
            }
            escape(out, tongue.of(&def.label));
        }
    }
}

/// Writes a value in words, as an official would say it.
pub fn describe(out: &mut Vec<u8>, value: &Value, kind: &Kind, tongue: Tongue) {
    match value {
        Value::Bool(true) => raw(out, tongue.pick("có", "yes")),
        Value::Bool(false) => raw(out, tongue.pick("không", "no")),
        Value::Word(at) => match kind.words().and_then(|words| words.get(usize::from(*at))) {
            Some(word) => escape(out, tongue.of(&word.label)),
            None => raw(out, tongue.pick("chưa khai", "not stated")),
        },
        Value::Number(number) => match kind {
            // Writing to a buffer cannot fail.
            Kind::Money => drop(match tongue {
                Tongue::Vi => write!(out, "{} đồng", Vnd(*number)),
                Tongue::En => write!(out, "{} VND", english(Vnd(*number))),
            }),
            Kind::Percent => {
                integer(out, *number);
                out.push(b'%');
            }
            _ => integer(out, *number),
        },
        Value::NoDate => raw(out, tongue.pick("không có", "none")),
        other => escape(out, tongue.of(&other.describe(kind))),
    }
}

/// Writes a value as it stands in a request. A personal number is never echoed.
pub fn value(out: &mut Vec<u8>, value: Option<&Value>, kind: &Kind) {
    let word = |out: &mut Vec<u8>, at: u16| {
        let word = kind.words().and_then(|words| words.get(usize::from(at)));
        super::json::string(out, word.map_or("unstated", |word| &word.id));
    };
    match value {
        None | Some(Value::NoDate | Value::PersonalId(_)) => raw(out, "null"),
        Some(Value::Bool(value)) => raw(out, if *value { "true" } else { "false" }),
        Some(Value::Word(at)) => word(out, *at),
        Some(Value::Number(number)) => integer(out, *number),
        Some(Value::Date(date)) => match date.exact() {
            Some(day) => super::json::quoted_day(out, day),
            // Writing to a buffer cannot fail.
            None => drop(write!(out, "\"{date}\"")),
        },
        Some(Value::Unit(unit)) => super::json::string(out, unit.as_str()),
        Some(Value::Words(words)) => {
            out.push(b'[');
            for (at, each) in words.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                word(out, *each);
            }
            out.push(b']');
        }
        Some(Value::Records(entries)) => {
            let Kind::Records(members) = kind else { return raw(out, "null") };
            out.push(b'[');
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                let mut start = b'{';
                for (member, known) in members.iter().zip(entry) {
                    if known.is_some() {
                        out.push(start);
                        start = b',';
                        super::json::string(out, &member.id);
                        out.push(b':');
                        self::value(out, known.as_ref(), &member.kind);
                    }
                }
                raw(out, if start == b'{' { "{}" } else { "}" });
            }
            out.push(b']');
        }
    }
}
