//! Ages and months.

use chrono::{Datelike, Months, NaiveDate};

/// A day of the calendar; what does not exist (no constant here) is the first day of time.
pub const fn day(year: i32, month: u32, date: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, date) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

/// Completed years of age ("từ đủ N tuổi" = this is at least N). A person born on 29 February has the birthday on 28 February of common years.
pub fn age(born: NaiveDate, on: NaiveDate) -> i32 {
    let years = on.year() - born.year();
    let (month, date) = match (born.month(), born.day()) {
        (2, 29) if !on.leap_year() => (2, 28),
        other => other,
    };
    if (on.month(), on.day()) < (month, date) { years - 1 } else { years }
}

/// Whether the day lies in the `months` calendar months that begin with the month of `from`.
pub fn within_months(from: NaiveDate, months: i32, on: NaiveDate) -> bool {
    let passed = (on.year() - from.year()) * 12 + on.month0() as i32 - from.month0() as i32;
    from <= on && passed < months
}

/// The last day of a young child's health card, Decree 146/2018/NĐ-CP Art. 13.2 (unchanged by agency guidance of August 2025): born on or before
/// 30 September, 30 September of the year of the 72nd month; born later, the last day of the month of the 72nd month.
pub fn child_card_end(born: NaiveDate) -> NaiveDate {
    let year = born.year() + 6;
    if (born.month(), born.day()) <= (9, 30) {
        return day(year, 9, 30);
    }
    let first = day(year, born.month(), 1);
    first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::{age, child_card_end, day, within_months};

    #[test]
    fn a_birthday_of_29_february_falls_on_the_28th_of_common_years() {
        let born = day(1956, 2, 29);
        assert_eq!((age(born, day(2026, 2, 27)), age(born, day(2026, 2, 28))), (69, 70));
        assert_eq!((age(born, day(2024, 2, 28)), age(born, day(2024, 2, 29))), (67, 68));
    }

    #[test]
    fn a_childs_card_ends_on_30_september_or_with_the_month_of_birth() {
        assert_eq!(child_card_end(day(2021, 9, 30)), day(2027, 9, 30));
        assert_eq!(child_card_end(day(2021, 10, 1)), day(2027, 10, 31));
        assert_eq!(child_card_end(day(2020, 12, 31)), day(2026, 12, 31));
    }

    #[test]
    fn months_are_counted_from_the_month_of_the_decision() {
        assert!(within_months(day(2023, 11, 20), 36, day(2026, 10, 31)));
        assert!(!within_months(day(2023, 11, 20), 36, day(2026, 11, 1)));
        assert!(!within_months(day(2023, 11, 20), 36, day(2023, 11, 19)));
    }
}
