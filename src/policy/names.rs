//! Finding a name, and the nearest one when it is not there.

use rust_decimal::Decimal;

use crate::facts::reader::nearest;

/// The largest number that a pack may name, and the most digits behind its point: far beyond any law, far from where
/// calculations would overflow.
const LARGEST: i64 = crate::facts::MAX_VND;
const MOST_DIGITS: u32 = 9;

/// Reads a number of the law.
pub fn number(text: &str) -> Option<Decimal> {
    let number: Decimal = text.parse().ok()?;
    (number.abs() <= LARGEST.into() && number.scale() <= MOST_DIGITS).then_some(number)
}

/// Whether a whole number of a condition is one that a pack may name.
pub fn in_bounds(number: i64) -> bool {
    (0..=LARGEST).contains(&number)
}

/// The place of a name in a list.
pub fn index(names: &[String], name: &str) -> Option<u16> {
    names.iter().position(|other| other == name).and_then(|at| u16::try_from(at).ok())
}

/// Whether a name is made of small letters, digits and underscores: it stands in answers, addresses and texts as it is.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// What a name that is not plain is told.
pub const NOT_PLAIN: &str = "a name is made of small letters, digits and underscores";

/// `; did you mean “…”?`, when a name is like one that exists.
pub fn hint(name: &str, known: &[String]) -> String {
    nearest(name, known.iter().map(String::as_str))
        .map_or_else(String::new, |word| format!("; did you mean “{word}”?"))
}
