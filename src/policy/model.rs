//! The compiled pack: what the files say once every name has a meaning.

use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    conditions::{Conditions, NodeIdx, Quantity},
    raw::{Confidence, Days},
};
use crate::facts::{FactId, Text};

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);
        impl $name {
            /// As a place in a list.
            pub fn at(self) -> usize {
                usize::from(self.0)
            }
        }
    )*};
}

index! {
    /// A source's place in the pack.
    SourceIdx
    /// A parameter's place in the pack.
    ParameterIdx
    /// A category's place in the pack.
    CategoryIdx
    /// A rule's place in its decision.
    RuleIdx
    /// An output's place in its decision.
    OutputIdx
}

pub use super::decision::*;

/// A legal document.
#[derive(Debug)]
pub struct Source {
    /// As cited.
    pub id: String,
    /// Number, such as `188/2025/NĐ-CP`.
    pub number: String,
    /// Title.
    pub title: Text,
    /// Who issued it.
    pub issuer: Text,
    /// Day of issue.
    pub issued: Option<NaiveDate>,
    /// Day of effect of the document as a whole.
    pub effective: Option<NaiveDate>,
    /// First day on which a cited part applies.
    pub from: Option<NaiveDate>,
    /// Last day in force.
    pub to: Option<NaiveDate>,
    /// Where it can be read.
    pub url: Option<String>,
    /// Sources it replaced.
    pub replaces: Vec<String>,
    /// The source that it amends and whose articles are meant where it is cited.
    pub amends: Option<SourceIdx>,
    /// How well its text was verified.
    pub confidence: Confidence,
    /// Texts that amend it.
    pub amended_by: Vec<Amendment>,
}

/// A text that amends a source.
#[derive(Debug)]
pub struct Amendment {
    /// The amending source.
    pub source: SourceIdx,
    /// From this day.
    pub from: NaiveDate,
    /// Whether its content is known and carried into the pack.
    pub read: bool,
}

impl Source {
    /// Whether the source is in force on a day.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        let from = self.from.into_iter().chain(self.effective).min();
        from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// The amendment by an unread text that holds on a day.
    pub fn unread_amendment(&self, day: NaiveDate) -> Option<&Amendment> {
        self.amended_by.iter().find(|amendment| !amendment.read && amendment.from <= day)
    }
}

/// A place in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cite {
    /// The source.
    pub source: SourceIdx,
    /// Article, clause, point; may be empty.
    pub place: String,
}

/// A number of the law with its days.
#[derive(Debug)]
pub struct Parameter {
    /// As written `$id`.
    pub id: String,
    /// `vnd_per_month`, `percent`, `years` …
    pub unit: String,
    /// For people.
    pub label: Text,
    /// In the order of their days.
    pub values: Vec<ParameterValue>,
}

/// One dated value.
#[derive(Debug)]
pub struct ParameterValue {
    /// First and last day.
    pub days: Days,
    /// The value.
    pub amount: ParameterAmount,
    /// Where it stands.
    pub cites: Vec<Cite>,
    /// How well it was verified.
    pub confidence: Confidence,
    /// Sources differ on the first day: the other one.
    pub alternative_from: Option<NaiveDate>,
}

impl ParameterValue {
    /// Whether the day lies between the two first days that sources name.
    pub fn disputed_on(&self, day: NaiveDate) -> bool {
        self.alternative_from.is_some_and(|other| {
            let (first, second) = (self.days.from.min(other), self.days.from.max(other));
            first <= day && day < second
        })
    }
}

/// What a parameter is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterAmount {
    /// A number.
    Number(Decimal),
    /// A day of the year.
    MonthDay(u32, u32),
    /// A day.
    Day(NaiveDate),
    /// Announced, but not published.
    Unknown,
}

/// A beneficiary category.
#[derive(Debug)]
pub struct Category {
    /// As written `@id`.
    pub id: String,
    /// For people.
    pub label: Text,
    /// One a stretch of law; none for a mere label of a payer group.
    pub versions: Vec<CategoryVersion>,
}

/// What puts a person in a category on some days.
#[derive(Debug)]
pub struct CategoryVersion {
    /// The days.
    pub days: Days,
    /// The condition.
    pub when: NodeIdx,
    /// Where it stands.
    pub cites: Vec<Cite>,
    /// How well it was verified.
    pub confidence: Confidence,
}

/// A pack with every name resolved.
#[derive(Debug)]
pub struct Pack {
    pub id: String,
    pub version: String,
    pub title: Text,
    pub covers: Days,
    pub approval: Option<Approval>,
    pub digest: String,
    pub sources: Vec<Source>,
    pub parameters: Vec<Parameter>,
    pub categories: Vec<Category>,
    pub decisions: Vec<Arc<Decision>>,
    pub conditions: Conditions,
    pub implied: Vec<Implied>,
    pub born_on: FactId,
}

/// Who approved a pack, and from when it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The office that approved it.
    pub by: Text,
    /// Day of the approval.
    pub on: NaiveDate,
    /// First day of the calendar on which it may answer.
    pub applies_from: NaiveDate,
}

/// One line of what facts imply.
#[derive(Debug)]
pub struct Implied {
    pub when: NodeIdx,
    pub then: NodeIdx,
    /// The fact that `then` speaks of.
    pub fact: FactId,
}

impl Pack {
    /// A source.
    pub fn source(&self, at: SourceIdx) -> &Source {
        &self.sources[at.at()]
    }

    /// A parameter.
    pub fn parameter(&self, at: ParameterIdx) -> &Parameter {
        &self.parameters[at.at()]
    }

    /// A category.
    pub fn category(&self, at: CategoryIdx) -> &Category {
        &self.categories[at.at()]
    }

    /// The law of a category on a day.
    pub fn category_on(&self, at: CategoryIdx, day: NaiveDate) -> Option<&CategoryVersion> {
        self.category(at).versions.iter().find(|version| version.days.holds(day))
    }

    /// The value of a parameter on a day.
    pub fn parameter_on(&self, at: ParameterIdx, day: NaiveDate) -> Option<&ParameterValue> {
        self.parameter(at).values.iter().find(|value| value.days.holds(day))
    }

    /// A parameter that is a number.
    pub fn number(&self, at: ParameterIdx, day: NaiveDate) -> Option<Decimal> {
        match self.parameter_on(at, day)?.amount {
            ParameterAmount::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A parameter that is a day of the year.
    pub fn month_day(&self, at: ParameterIdx, day: NaiveDate) -> Option<(u32, u32)> {
        match self.parameter_on(at, day)?.amount {
            ParameterAmount::MonthDay(month, day) => Some((month, day)),
            _ => None,
        }
    }

    /// A quantity of a condition on a day.
    pub fn quantity(&self, quantity: Quantity, day: NaiveDate) -> Option<i64> {
        match quantity {
            Quantity::Number(number) => Some(number),
            Quantity::Parameter(at) => self.number(at, day).filter(|number| number.is_integer())?.to_i64(),
        }
    }

    /// Finds a decision by its entitlement.
    pub fn decision(&self, id: &str) -> Option<&Arc<Decision>> {
        self.decisions.iter().find(|decision| decision.id == id)
    }
}
