//! How long things are kept. No number stands here: each is a setting, and what is not set is kept.

use std::{fmt, str::FromStr};

use chrono::{Days, Months, NaiveDate};

/// A stretch of whole days, months or years, such as `90d`, `18m`, `10y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepFor {
    /// Days.
    Days(u16),
    /// Months.
    Months(u16),
    /// Years.
    Years(u16),
}

impl KeepFor {
    /// The first day on which what is of `day` need not be kept any more. A day that a month does not have is its last.
    pub fn end(self, day: NaiveDate) -> NaiveDate {
        let end = match self {
            Self::Days(days) => day.checked_add_days(Days::new(days.into())),
            Self::Months(months) => day.checked_add_months(Months::new(months.into())),
            Self::Years(years) => day.checked_add_months(Months::new(u32::from(years) * 12)),
        };
        end.unwrap_or(NaiveDate::MAX)
    }

    /// What is of a day before this one need not be kept on `today`.
    pub fn start(self, today: NaiveDate) -> NaiveDate {
        let start = match self {
            Self::Days(days) => today.checked_sub_days(Days::new(days.into())),
            Self::Months(months) => today.checked_sub_months(Months::new(months.into())),
            Self::Years(years) => today.checked_sub_months(Months::new(u32::from(years) * 12)),
        };
        start.unwrap_or(NaiveDate::MIN)
    }
}

impl FromStr for KeepFor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = text.chars().last();
        let number = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
        let number = Some(number).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        let number: Option<u16> = number.and_then(|number| number.parse().ok()).filter(|number| *number > 0);
        match (number, unit) {
            (Some(number), Some('d')) => Ok(Self::Days(number)),
            (Some(number), Some('m')) => Ok(Self::Months(number)),
            (Some(number), Some('y')) => Ok(Self::Years(number)),
            _ => Err("a whole number of days, months or years: 90d, 18m, 10y".to_owned()),
        }
    }
}

impl fmt::Display for KeepFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(number) => write!(f, "{number}d"),
            Self::Months(number) => write!(f, "{number}m"),
            Self::Years(number) => write!(f, "{number}y"),
        }
    }
}

/// How long each kind of row is kept; none = until somebody says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keeping {
    /// What acts of reading were about.
    pub readings: Option<KeepFor>,
    /// Versions of a record that a newer one took the place of.
    pub versions: Option<KeepFor>,
    /// Documents that were replaced or withdrawn.
    pub ended_evidence: Option<KeepFor>,
    /// Cards that were revoked or have expired.
    pub ended_cards: Option<KeepFor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_read_as_it_is_written_and_counts_whole_days() {
        for text in ["1d", "90d", "18m", "70y"] {
            assert_eq!(text.parse::<KeepFor>().map(|read| read.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "d", "0d", "-1d", "+1d", "1", "1w", "1.5y", " 1d", "99999d", "đ"] {
            assert!(text.parse::<KeepFor>().is_err(), "{text}");
        }
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(KeepFor::Years(1).end(day("2024-02-29")), day("2025-02-28"));
        assert_eq!(KeepFor::Years(70).end(day("2026-01-14")), day("2096-01-14"));
        assert_eq!(KeepFor::Months(1).start(day("2026-03-31")), day("2026-02-28"));
        assert_eq!(KeepFor::Days(90).end(day("2026-01-14")), day("2026-04-14"));
        assert_eq!(KeepFor::Years(65_535).end(day("2026-01-14")).to_string(), "67561-01-14");
    }
}
