//! Finding a name, and the nearest one when it is not there.

use crate::facts::reader::nearest;

/// The place of a name in a list.
pub fn index(names: &[String], name: &str) -> Option<u16> {
    names.iter().position(|other| other == name).and_then(|at| u16::try_from(at).ok())
}

/// `; did you mean “…”?`, when a name is like one that exists.
pub fn hint(name: &str, known: &[String]) -> String {
    nearest(name, known.iter().map(String::as_str))
        .map_or_else(String::new, |word| format!("; did you mean “{word}”?"))
}
