//! Values of outputs and fields, by reference to the law: nothing is copied to answer.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{
    facts::Text,
    policy::{
        Op,
        conditions::{OutputValue, Truth},
        field_table::WordPiece,
    },
};

pub use crate::policy::field_table::{MOST_FIELDS, MOST_OUTPUTS};

/// A value of an output or field.
#[derive(Debug, Clone, Copy)]
pub enum Told<'p> {
    Number(Decimal),
    Word(&'p str),
    Bool(bool),
    Date(NaiveDate),
    List(&'p [String]),
    /// A word put together of pieces.
    Pieces(&'p [WordPiece]),
}

impl PartialEq for Told<'_> {
    /// Most values that are compared stand at the same place of the law.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Word(a), Self::Word(b)) => std::ptr::eq(*a, *b) || a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Date(a), Self::Date(b)) => a == b,
            (Self::List(a), Self::List(b)) => std::ptr::eq(*a, *b) || a == b,
            (Self::Pieces(a), Self::Pieces(b)) => std::ptr::eq(*a, *b) || a == b,
            _ => false,
        }
    }
}

impl<'p> From<&'p OutputValue> for Told<'p> {
    fn from(value: &'p OutputValue) -> Self {
        match value {
            OutputValue::Number(number) => Self::Number(*number),
            OutputValue::Word(word) => Self::Word(word),
            OutputValue::Bool(value) => Self::Bool(*value),
            OutputValue::Date(day) => Self::Date(*day),
            OutputValue::List(words) => Self::List(words),
        }
    }
}

/// What is known of an output.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Output<'p> {
    /// Completions of the unknown facts differ.
    #[default]
    Undetermined,
    /// Settled: no rule sets it.
    Nothing,
    /// Settled.
    Value(Told<'p>),
}

/// What is known of a field.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Field<'p> {
    /// Completions differ, or no fact of the vocabulary settles it.
    #[default]
    Undetermined,
    /// Settled: none.
    Nothing,
    /// Settled.
    Value(Told<'p>),
    /// The law does not say.
    Open(&'p Text),
    /// Not shown.
    Omit,
}

impl<'p> From<Output<'p>> for Field<'p> {
    fn from(output: Output<'p>) -> Self {
        match output {
            Output::Undetermined => Self::Undetermined,
            Output::Nothing => Self::Nothing,
            Output::Value(value) => Self::Value(value),
        }
    }
}

/// Whether two values are told alike. Pieces are put together with the fields they stand among.
pub fn same(a: Told<'_>, among: &[Field<'_>], b: Told<'_>, others: &[Field<'_>]) -> bool {
    match (a, b) {
        (Told::Pieces(one), Told::Pieces(two)) if std::ptr::eq(one, two) || one == two => {
            one.iter().all(|piece| match piece {
                WordPiece::Literal(_) => true,
                WordPiece::Field(at) => among[*at] == others[*at],
            })
        }
        (Told::Pieces(_), _) | (_, Told::Pieces(_)) => match (word(a, among), word(b, others)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
        (a, b) => a == b,
    }
}

/// A word as it is told, where the value is one.
pub fn word(value: Told<'_>, among: &[Field<'_>]) -> Option<String> {
    match value {
        Told::Word(word) => Some(word.to_owned()),
        Told::Pieces(pieces) => {
            let mut out = String::new();
            for piece in pieces {
                match field_of(piece, among) {
                    Told::Word(word) => out.push_str(word),
                    Told::Number(number) => out.push_str(&number.normalize().to_string()),
                    _ => {}
                }
            }
            Some(out)
        }
        _ => None,
    }
}

/// What a piece of a word stands for.
pub fn field_of<'a>(piece: &'a WordPiece, among: &[Field<'a>]) -> Told<'a> {
    match piece {
        WordPiece::Literal(text) => Told::Word(text),
        WordPiece::Field(at) => match among[*at] {
            Field::Value(value) => value,
            _ => Told::Word(""),
        },
    }
}

/// How a value compares with what a field's condition asks.
pub fn compare(got: Told<'_>, op: Op, asked: &OutputValue) -> bool {
    match (got, Told::from(asked)) {
        (Told::Number(got), Told::Number(asked)) => op.holds(got.cmp(&asked)),
        (got, asked) => match op {
            Op::Eq => got == asked,
            Op::Ne => got != asked,
            _ => false,
        },
    }
}

/// Truth of a comparison with what is known of a field.
pub fn truth(field: Field<'_>, holds: impl Fn(Told<'_>) -> bool) -> Truth {
    match field {
        Field::Value(value) => holds(value).into(),
        Field::Nothing | Field::Omit => Truth::No,
        Field::Undetermined | Field::Open(_) => Truth::Unknown,
    }
}
