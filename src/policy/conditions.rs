//! Conditions with meaning: a flat arena of typed nodes, and their truth for one person on one day.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    atoms::entry_truth,
    model::{CategoryIdx, Pack, ParameterIdx},
    syntax::Op,
};
use crate::facts::{FactId, Kind, PartialDate, Profile, UnitCode, Value, calendar, vocabulary};

/// Kleene's three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    No,
    Yes,
    Unknown,
}

impl Truth {
    /// Both.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unknown,
        }
    }

    /// Either.
    pub fn or(self, other: Self) -> Self {
        self.negate().and(other.negate()).negate()
    }

    /// Not.
    pub fn negate(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

/// A number that stands in a condition or belongs to a parameter of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    Number(i64),
    Parameter(ParameterIdx),
}

/// A day of the year that belongs to a parameter.
pub type MonthDay = ParameterIdx;

/// One question about one fact.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Test {
    /// A word fact is one of the words (a bit each).
    Words { fact: FactId, set: u64 },
    /// A bool fact is true.
    Bool { fact: FactId },
    /// A number compares so.
    Number { fact: FactId, op: Op, value: Quantity },
    /// A date compares so.
    Date { fact: FactId, op: Op, day: NaiveDate },
    /// Completed years on the day asked compare so.
    Age { op: Op, years: Quantity },
    /// Full calendar months from the month of the fact to the month asked compare so.
    MonthsSince { fact: FactId, op: Op, months: Quantity },
    /// The school-year rule of a child's health card.
    CardRunning { months: Quantity, month_day: MonthDay },
    /// The household lives in one of the units.
    Unit { fact: FactId, units: Vec<UnitCode> },
    /// Some entry of the list fits.
    Some { fact: FactId, entry: Box<EntryTest> },
}

/// A question about one entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EntryTest {
    Always,
    All(Vec<EntryTest>),
    Any(Vec<EntryTest>),
    Not(Box<EntryTest>),
    Words { member: usize, set: u64 },
    Bool { member: usize },
    Number { member: usize, op: Op, value: Quantity },
    MonthsSince { member: usize, op: Op, months: Quantity },
}

impl std::hash::Hash for Op {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (*self as u8).hash(state);
    }
}

/// The place of a node in the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeIdx(pub u32);

/// A node of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Always,
    Test(Test),
    Not(NodeIdx),
    All(Vec<NodeIdx>),
    Any(Vec<NodeIdx>),
    Category(CategoryIdx),
    /// A benefit's output or field compares so; only in the conditions of fields.
    Output {
        name: String,
        op: Op,
        value: OutputValue,
    },
    /// A benefit's output is one of the words; only in the conditions of fields.
    OutputIn {
        name: String,
        words: Vec<String>,
    },
}

/// A value of an output or field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutputValue {
    Number(Decimal),
    Word(Arc<str>),
    Bool(bool),
    Date(NaiveDate),
    List(Arc<[String]>),
}

impl OutputValue {
    /// A word. Equal words are one in memory, so that comparing them seldom has to look at their letters.
    pub fn word(text: &str) -> Self {
        static WORDS: Mutex<BTreeSet<Arc<str>>> = Mutex::new(BTreeSet::new());
        let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = words.get(text) {
            return Self::Word(Arc::clone(known));
        }
        let word: Arc<str> = text.into();
        words.insert(Arc::clone(&word));
        Self::Word(word)
    }
}

/// Every condition of a pack.
#[derive(Debug, Default)]
pub struct Conditions {
    nodes: Vec<Node>,
}

impl Conditions {
    /// Adds a node.
    pub fn add(&mut self, node: Node) -> NodeIdx {
        self.nodes.push(node);
        NodeIdx(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX))
    }

    /// A node.
    pub fn get(&self, at: NodeIdx) -> &Node {
        &self.nodes[at.0 as usize]
    }
}

/// One person on one day, as conditions see them.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub pack: &'a Pack,
    pub profile: &'a Profile,
    pub day: NaiveDate,
}

impl Case<'_> {
    /// Truth of a condition.
    pub fn truth(&self, at: NodeIdx) -> Truth {
        match self.pack.conditions.get(at) {
            Node::Always => Truth::Yes,
            Node::Test(test) => self.test(test),
            Node::Not(inner) => self.truth(*inner).negate(),
            Node::All(parts) => parts.iter().fold(Truth::Yes, |all, part| all.and(self.truth(*part))),
            Node::Any(parts) => parts.iter().fold(Truth::No, |any, part| any.or(self.truth(*part))),
            Node::Category(category) => self.category(*category),
            // Only the conditions of fields ask outputs; they are answered where fields are worked out.
            Node::Output { .. } | Node::OutputIn { .. } => Truth::Unknown,
        }
    }

    /// Whether the person is in a category on the day.
    pub fn category(&self, category: CategoryIdx) -> Truth {
        match self.pack.category_on(category, self.day) {
            Some(version) => self.truth(version.when),
            None => Truth::No,
        }
    }

    /// Truth of one test.
    pub fn test(&self, test: &Test) -> Truth {
        let value = |fact: &FactId| self.profile.get(*fact);
        match test {
            Test::Words { fact, set } => match value(fact) {
                Some(Value::Word(word)) => (set >> word & 1 == 1).into(),
                _ => Truth::Unknown,
            },
            Test::Bool { fact } => match value(fact) {
                Some(Value::Bool(value)) => (*value).into(),
                _ => Truth::Unknown,
            },
            Test::Number { fact, op, value: limit } => match (value(fact), self.quantity(*limit)) {
                (Some(Value::Number(number)), Some(limit)) => op.holds(number.cmp(&limit)).into(),
                _ => Truth::Unknown,
            },
            Test::Date { fact, op, day } => match value(fact) {
                Some(Value::Date(date)) => interval(date.earliest(), date.latest(), *op, *day),
                Some(Value::NoDate) => Truth::No,
                _ => Truth::Unknown,
            },
            Test::Age { op, years } => match (self.born(), self.quantity(*years)) {
                (Some(born), Some(years)) => {
                    let age = |day| i64::from(calendar::age_on(day, self.day));
                    interval(age(born.latest()), age(born.earliest()), *op, years)
                }
                _ => Truth::Unknown,
            },
            Test::MonthsSince { fact, op, months } => match (value(fact), self.quantity(*months)) {
                (Some(Value::Date(date)), Some(months)) => self.months(*date, *op, months),
                (Some(Value::NoDate), _) => Truth::No,
                _ => Truth::Unknown,
            },
            Test::CardRunning { months, month_day } => {
                match (self.born(), self.quantity(*months), self.pack.month_day(*month_day, self.day)) {
                    (Some(born), Some(months), Some(month_day)) => {
                        let end = |day| {
                            calendar::child_card_end(day, u32::try_from(months).unwrap_or(0), month_day)
                        };
                        interval(end(born.earliest()), end(born.latest()), Op::Ge, self.day)
                    }
                    _ => Truth::Unknown,
                }
            }
            Test::Unit { fact, units } => match value(fact) {
                Some(Value::Unit(unit)) => units.contains(unit).into(),
                _ => Truth::Unknown,
            },
            Test::Some { fact, entry } => match value(fact) {
                Some(Value::Records(entries)) => {
                    entries.iter().fold(Truth::No, |any, members| any.or(self.entry(*fact, entry, members)))
                }
                Some(Value::Words(words)) => words.iter().fold(Truth::No, |any, word| {
                    any.or(self.entry(*fact, entry, &[Some(Value::Word(*word))]))
                }),
                _ => Truth::Unknown,
            },
        }
    }

    /// Truth of a test of one entry.
    pub fn entry(&self, fact: FactId, test: &EntryTest, members: &[Option<Value>]) -> Truth {
        let defs = match &vocabulary().get(fact).kind {
            Kind::Records(defs) => Some(defs.as_slice()),
            _ => None,
        };
        let quantity = |quantity| self.quantity(quantity);
        entry_truth(defs, test, members, calendar::month_index(self.day), &quantity)
    }

    /// A quantity on the day.
    pub fn quantity(&self, quantity: Quantity) -> Option<i64> {
        self.pack.quantity(quantity, self.day)
    }

    fn months(&self, date: PartialDate, op: Op, months: i64) -> Truth {
        let since = |day| calendar::month_index(self.day) - calendar::month_index(day);
        interval(since(date.latest()), since(date.earliest()), op, months)
    }

    fn born(&self) -> Option<PartialDate> {
        match self.profile.get(self.pack.born_on) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }
}

/// How an unknown value between two known bounds compares with a limit.
pub fn interval<T: Ord>(low: T, high: T, op: Op, limit: T) -> Truth {
    let (low, high) = if low <= high { (low, high) } else { (high, low) };
    let (at_low, at_high) = (op.holds(low.cmp(&limit)), op.holds(high.cmp(&limit)));
    let inside = low <= limit && limit <= high;
    match op {
        Op::Eq if !inside => Truth::No,
        Op::Ne if !inside => Truth::Yes,
        Op::Eq | Op::Ne if low != high => Truth::Unknown,
        _ if at_low == at_high => at_low.into(),
        _ => Truth::Unknown,
    }
}

/// How an output compares with what a field's condition asks.
pub fn compare_outputs(got: &OutputValue, op: Op, asked: &OutputValue) -> bool {
    match (got, asked) {
        (OutputValue::Number(got), OutputValue::Number(asked)) => op.holds(got.cmp(asked)),
        (got, asked) => match op {
            Op::Eq => got == asked,
            Op::Ne => got != asked,
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_know_only_what_both_ends_say() {
        assert_eq!(interval(59, 60, Op::Ge, 60), Truth::Unknown);
        assert_eq!(interval(60, 61, Op::Ge, 60), Truth::Yes);
        assert_eq!(interval(58, 59, Op::Ge, 60), Truth::No);
        assert_eq!(interval(58, 60, Op::Eq, 59), Truth::Unknown);
        assert_eq!(interval(58, 58, Op::Eq, 59), Truth::No);
        assert_eq!(interval(58, 58, Op::Ne, 58), Truth::No);
    }
}
