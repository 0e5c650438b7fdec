//! A day of which the month or the day may not be known.

use std::{fmt, str::FromStr};

use chrono::{Datelike, NaiveDate};
use serde::{Serialize, Serializer};

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Older people's papers often hold the year alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    first: NaiveDate,
    last: NaiveDate,
}

/// Why a text is not a partial date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a date is written YYYY-MM-DD, YYYY-MM or YYYY and must exist in the calendar")]
pub struct NotADate;

impl PartialDate {
    /// A day known to the day.
    pub fn day(day: NaiveDate) -> Self {
        Self { first: day, last: day }
    }

    /// Years from 1800 to 2200 are read; whatever lies outside is a slip of the pen.
    pub fn parse(text: &str) -> Result<Self, NotADate> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| -> Result<u32, NotADate> {
            let part = bytes.get(range).ok_or(NotADate)?;
            if !part.iter().all(u8::is_ascii_digit) {
                return Err(NotADate);
            }
            Ok(part.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')))
        };
        let dash = |at: usize| if bytes.get(at) == Some(&b'-') { Ok(()) } else { Err(NotADate) };
        let year = i32::try_from(digits(0..4)?).map_err(|_| NotADate)?;
        if !(1800..=2200).contains(&year) {
            return Err(NotADate);
        }
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).ok_or(NotADate);
        match bytes.len() {
            4 => Ok(Self { first: day(year, 1, 1)?, last: day(year, 12, 31)? }),
            7 => {
                dash(4)?;
                let first = day(year, digits(5..7)?, 1)?;
                Ok(Self { first, last: super::calendar::end_of_month(first) })
            }
            10 => {
                dash(4)?;
                dash(7)?;
                Ok(Self::day(day(year, digits(5..7)?, digits(8..10)?)?))
            }
            _ => Err(NotADate),
        }
    }

    /// The first day it can be.
    pub fn earliest(self) -> NaiveDate {
        self.first
    }

    /// The last day it can be.
    pub fn latest(self) -> NaiveDate {
        self.last
    }

    /// The day, when all of it is known.
    pub fn exact(self) -> Option<NaiveDate> {
        (self.first == self.last).then_some(self.first)
    }
}

impl FromStr for PartialDate {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        Self::parse(text)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first.format("%Y-%m-%d"))
        } else if self.first.month() == self.last.month() {
            write!(f, "{}", self.first.format("%Y-%m"))
        } else {
            write!(f, "{}", self.first.format("%Y"))
        }
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_papers_hold() {
        for text in ["1956", "1956-03", "1956-03-10", "1964-02-29"] {
            assert_eq!(PartialDate::parse(text).unwrap().to_string(), text);
        }
        let year = PartialDate::parse("1956").unwrap();
        assert_eq!(year.earliest().to_string(), "1956-01-01");
        assert_eq!(year.latest().to_string(), "1956-12-31");
        assert_eq!(year.exact(), None);
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "56",
            "1956-13",
            "1956-02-30",
            "2023-02-29",
            "1956/03/10",
            "1956-3-1",
            "1799",
            "2201",
            "19560310",
            "１９５６",
            "1956-03-10 ",
        ] {
            assert_eq!(PartialDate::parse(text), Err(NotADate), "{text}");
        }
    }
}
