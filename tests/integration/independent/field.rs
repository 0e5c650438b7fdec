//! What can be said of one benefit field, and whether a JSON value agrees with it.

use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

/// What the law says of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// Nothing that could be compared.
    Unsaid,
    /// One of these values; more than one where the texts leave a choice.
    OneOf(Vec<Term>),
}

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// Null or absent.
    Null,
    /// True or false.
    Flag(bool),
    /// Whole dong, months and other counts.
    Whole(i64),
    /// A percent, in the answer a decimal string.
    Percent(i64),
    /// A fixed word.
    Word(&'static str),
    /// A composed text (a card code).
    Text(String),
    /// A day.
    Day(NaiveDate),
    /// A set of words in any order.
    Words(Vec<&'static str>),
    /// Who pays how much, in any order.
    Shares(Vec<Share>),
}

/// One payer's part of the premium.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// `state_budget`, `city_budget` or `social_insurance_agency`.
    pub payer: &'static str,
    /// Percent of the premium.
    pub percent: i64,
    /// Dong a month; none = not compared.
    pub monthly_vnd: Option<i64>,
}

impl Field {
    /// Exactly this value.
    pub fn is(term: Term) -> Self {
        Self::OneOf(vec![term])
    }

    /// One of these words.
    pub fn words(words: &[&'static str]) -> Self {
        Self::OneOf(words.iter().map(|word| Term::Word(word)).collect())
    }

    /// This amount, or no amount at all: for figures that rest on an unsure text.
    pub fn whole_or_null(amount: i64) -> Self {
        Self::OneOf(vec![Term::Whole(amount), Term::Null])
    }

    /// What two readings both allow: equal statements stay, word lists are joined, the rest is unsaid.
    pub fn joined(self, other: Self) -> Self {
        match (self, other) {
            (Self::OneOf(mine), Self::OneOf(theirs)) if mine == theirs => Self::OneOf(mine),
            (Self::OneOf(mut mine), Self::OneOf(theirs))
                if mine.iter().chain(&theirs).all(|term| matches!(term, Term::Word(_))) =>
            {
                for term in theirs {
                    if !mine.contains(&term) {
                        mine.push(term);
                    }
                }
                Self::OneOf(mine)
            }
            _ => Self::Unsaid,
        }
    }

    /// Whether there is anything to compare.
    pub fn is_said(&self) -> bool {
        matches!(self, Self::OneOf(_))
    }

    /// Whether the value told by the service (none = the member is absent) agrees.
    pub fn agrees(&self, told: Option<&Value>) -> bool {
        match self {
            Self::Unsaid => true,
            Self::OneOf(terms) => terms.iter().any(|term| term.agrees(told)),
        }
    }
}

impl Term {
    fn agrees(&self, told: Option<&Value>) -> bool {
        let told = told.unwrap_or(&Value::Null);
        match self {
            Self::Null => told.is_null(),
            Self::Flag(flag) => told.as_bool() == Some(*flag),
            Self::Whole(amount) => told.as_i64() == Some(*amount),
            Self::Percent(percent) => is_percent(told, *percent),
            Self::Word(word) => told.as_str() == Some(word),
            Self::Text(text) => told.as_str() == Some(text),
            Self::Day(day) => told.as_str() == Some(day.to_string().as_str()),
            Self::Words(words) => told.as_array().is_some_and(|list| {
                list.len() == words.len()
                    && words.iter().all(|word| list.iter().any(|one| one.as_str() == Some(word)))
            }),
            Self::Shares(shares) => told.as_array().is_some_and(|list| {
                list.len() == shares.len()
                    && shares.iter().all(|share| list.iter().any(|one| share.agrees(one)))
            }),
        }
    }
}

impl Share {
    fn agrees(&self, told: &Value) -> bool {
        told["payer"].as_str() == Some(self.payer)
            && is_percent(&told["percent"], self.percent)
            && (self.monthly_vnd.is_none() || told["monthly_vnd"].as_i64() == self.monthly_vnd)
    }
}

fn is_percent(told: &Value, percent: i64) -> bool {
    told.as_str().and_then(|text| Decimal::from_str(text).ok()) == Some(Decimal::from(percent))
}
