//! Day arithmetic of the law, written once. The numbers (72 months, 30 September) are parameters of the pack.

use chrono::{Datelike, Days, Months, NaiveDate};

/// Nobody older than this is believed: a birth date further back is a slip of the pen.
pub const MAX_AGE_YEARS: u32 = 130;

/// The same calendar day `years` later. Born on 29 February: the birthday falls on 28 February in other years (a
/// convention; no legal text read says otherwise).
pub fn birthday(born: NaiveDate, years: u32) -> NaiveDate {
    born.checked_add_months(Months::new(years.saturating_mul(12))).unwrap_or(NaiveDate::MAX)
}

/// Completed years on a day; zero before birth.
pub fn age_on(born: NaiveDate, day: NaiveDate) -> u32 {
    let years = u32::try_from(day.year() - born.year()).unwrap_or(0);
    if birthday(born, years) <= day { years } else { years.saturating_sub(1) }
}

/// The last birth date of those who have completed `years` on `day`: `age_on(b, day) >= years` exactly when
/// `b <= last_birth_date_aged(years, day)`.
pub fn last_birth_date_aged(years: u32, day: NaiveDate) -> NaiveDate {
    let Some(shifted) = day.checked_sub_months(Months::new(years.saturating_mul(12))) else {
        return NaiveDate::MIN;
    };
    // 28 February of a common year is also the birthday of those born on 29 February.
    let next = shifted + Days::new(1);
    if birthday(next, years) <= day { next } else { shifted }
}

/// The last day of the month that a day lies in.
pub fn end_of_month(day: NaiveDate) -> NaiveDate {
    let first = day.with_day(1).unwrap_or(day);
    first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(day)
}

/// A count of months since year 0; months of a period are counted from the month of the decision.
pub fn month_index(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// The first day of the month with this index, if the calendar reaches that far.
pub fn first_of_month(index: i64) -> Option<NaiveDate> {
    let year = i32::try_from(index.div_euclid(12)).ok()?;
    NaiveDate::from_ymd_opt(year, u32::try_from(index.rem_euclid(12)).ok()? + 1, 1)
}

/// The last day of a child's health card: born on or before `month_day`, until that day of the year in which the child
/// reaches `months`; born later, until the end of the month in which it reaches them (Decree 146/2018/NĐ-CP Đ13.2; births
/// on 30 September itself by agency guidance of 2025).
pub fn child_card_end(born: NaiveDate, months: u32, (month, day): (u32, u32)) -> NaiveDate {
    let reaches = born.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX);
    if (born.month(), born.day()) <= (month, day) {
        NaiveDate::from_ymd_opt(reaches.year(), month, day).unwrap_or(reaches)
    } else {
        end_of_month(reaches)
    }
}

/// The first birth date whose child card still runs on `day`. The end of the card never comes earlier for a younger child,
/// so a search by halves finds it.
pub fn first_birth_date_card_runs(months: u32, month_day: (u32, u32), day: NaiveDate) -> NaiveDate {
    let span = Months::new(months.saturating_add(13));
    let mut ended = day.checked_sub_months(span).unwrap_or(NaiveDate::MIN);
    let mut runs = day;
    while runs.signed_duration_since(ended).num_days() > 1 {
        let middle =
            ended + Days::new(u64::try_from(runs.signed_duration_since(ended).num_days() / 2).unwrap_or(1));
        if child_card_end(middle, months, month_day) >= day { runs = middle } else { ended = middle }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn ages_turn_on_the_birthday() {
        assert_eq!(age_on(day("1966-04-15"), day("2026-04-14")), 59);
        assert_eq!(age_on(day("1966-04-15"), day("2026-04-15")), 60);
        assert_eq!(age_on(day("1956-02-29"), day("2026-02-27")), 69);
        assert_eq!(age_on(day("1956-02-29"), day("2026-02-28")), 70);
        assert_eq!(age_on(day("1964-02-29"), day("2024-02-28")), 59);
        assert_eq!(age_on(day("2026-01-01"), day("2026-01-01")), 0);
    }

    #[test]
    fn the_last_birth_date_agrees_with_the_age() {
        for asked in ["2026-02-28", "2024-02-29", "2024-02-28", "2026-03-01", "2025-12-31", "2024-03-01"] {
            for years in [6, 15, 18, 60, 70, 75, 80] {
                let last = last_birth_date_aged(years, day(asked));
                assert!(age_on(last, day(asked)) >= years, "{asked} {years} {last}");
                assert!(age_on(last + Days::new(1), day(asked)) < years, "{asked} {years} {last}");
            }
        }
    }

    #[test]
    fn a_childs_card_ends_with_the_school_year() {
        assert_eq!(child_card_end(day("2021-03-10"), 72, (9, 30)), day("2027-09-30"));
        assert_eq!(child_card_end(day("2020-09-30"), 72, (9, 30)), day("2026-09-30"));
        assert_eq!(child_card_end(day("2020-10-01"), 72, (9, 30)), day("2026-10-31"));
        assert_eq!(child_card_end(day("2020-02-29"), 72, (9, 30)), day("2026-09-30"));
    }

    #[test]
    fn the_first_birth_date_agrees_with_the_card() {
        let mut asked = day("2024-01-01");
        while asked <= day("2027-12-31") {
            let first = first_birth_date_card_runs(72, (9, 30), asked);
            assert!(child_card_end(first, 72, (9, 30)) >= asked, "{asked} {first}");
            assert!(child_card_end(first - Days::new(1), 72, (9, 30)) < asked, "{asked} {first}");
            asked = asked + Days::new(1);
        }
    }

    #[test]
    fn months_count_from_the_month() {
        assert_eq!(month_index(day("2026-02-15")) - month_index(day("2026-02-10")), 0);
        assert_eq!(first_of_month(month_index(day("2026-02-15"))), Some(day("2026-02-01")));
        assert_eq!(end_of_month(day("2024-02-05")), day("2024-02-29"));
    }
}
