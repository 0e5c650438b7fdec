//! Ages, counts of months and the school-year rule of a child's card, on plain calendar days.

use chrono::{Datelike, NaiveDate};

/// A day of which the month or the day of the month may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialDate {
    year: i32,
    month: Option<u32>,
    day: Option<u32>,
}

impl PartialDate {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split('-');
        let year = parts.next().and_then(|part| part.parse().ok()).ok_or(format!("not a date: {text}"))?;
        let mut number = || parts.next().map(str::parse::<u32>).transpose();
        let month = number().map_err(|error| format!("{text}: {error}"))?;
        let day = number().map_err(|error| format!("{text}: {error}"))?;
        Ok(Self { year, month, day })
    }

    /// A day known in full.
    pub fn full(day: NaiveDate) -> Self {
        Self { year: day.year(), month: Some(day.month()), day: Some(day.day()) }
    }

    /// First day it can be.
    pub fn first(self) -> NaiveDate {
        day(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))
    }

    /// Last day it can be.
    pub fn last(self) -> NaiveDate {
        match (self.month, self.day) {
            (Some(month), Some(of_month)) => day(self.year, month, of_month),
            (Some(month), None) => end_of_month(self.year, month),
            (None, _) => day(self.year, 12, 31),
        }
    }

    /// Whether nothing is missing.
    pub fn is_full(self) -> bool {
        self.day.is_some()
    }
}

/// A calendar day that is known to exist.
pub fn day(year: i32, month: u32, of_month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, of_month)
        .unwrap_or_else(|| panic!("no day {year}-{month}-{of_month}"))
}

/// Last day of a month.
pub fn end_of_month(year: i32, month: u32) -> NaiveDate {
    (28..=31).rev().find_map(|of_month| NaiveDate::from_ymd_opt(year, month, of_month)).expect("a month")
}

/// The birthday in a year; a child of 29 February has it on the 28th in other years.
pub fn birthday(born: NaiveDate, year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, born.month(), born.day()).unwrap_or_else(|| day(year, 2, 28))
}

/// Completed years of life on a day.
pub fn age(born: NaiveDate, on: NaiveDate) -> i32 {
    let had_birthday = on >= birthday(born, on.year());
    on.year() - born.year() - i32::from(!had_birthday)
}

/// Months since year 0, so that a difference counts calendar months.
pub fn month_number(day: NaiveDate) -> i32 {
    day.year() * 12 + day.month0() as i32
}

/// Last day of a child's card: born on or before `(month, day)`, that day of the year in which the child reaches the
/// age in months; born later in the year, the end of the month in which it does.
pub fn card_end(born: NaiveDate, months: i32, month_day: (u32, u32)) -> NaiveDate {
    let reached = month_number(born) + months;
    let (year, month) = (reached.div_euclid(12), reached.rem_euclid(12) as u32 + 1);
    if (born.month(), born.day()) <= month_day {
        day(year, month_day.0, month_day.1)
    } else {
        end_of_month(year, month)
    }
}

#[test]
fn birthdays_of_a_leap_day() {
    let born = day(2020, 2, 29);
    assert_eq!(age(born, day(2026, 2, 27)), 5);
    assert_eq!(age(born, day(2026, 2, 28)), 6);
    assert_eq!(age(born, day(2024, 2, 28)), 3);
    assert_eq!(age(born, day(2024, 2, 29)), 4);
}

#[test]
fn end_of_a_childs_card() {
    assert_eq!(card_end(day(2020, 9, 30), 72, (9, 30)), day(2026, 9, 30));
    assert_eq!(card_end(day(2020, 10, 1), 72, (9, 30)), day(2026, 10, 31));
    assert_eq!(card_end(day(2020, 2, 29), 72, (9, 30)), day(2026, 9, 30));
}

#[test]
fn partial_dates_are_intervals() {
    let february = PartialDate::parse("2024-02").expect("a month");
    assert_eq!((february.first(), february.last()), (day(2024, 2, 1), day(2024, 2, 29)));
    assert!(PartialDate::parse("soon").is_err());
}
