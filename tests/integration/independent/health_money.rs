//! The premium and its parts, whole dong. All the percentages divide without a rest, nothing is rounded.

use chrono::NaiveDate;

use super::calendar::day;
use super::{Field, Share, Term};

/// The premium after 2026 is not settled (a higher rate "by roadmap", Resolution 261/2025/QH15): an amount or none.
const RATE_UNSURE_FROM: NaiveDate = day(2027, 1, 1);

/// The whole premium a month: 4.5 % of the base salary (Decree 146/2018 Art. 7.1; Decree 188/2025 Art. 6).
pub fn premium(on: NaiveDate) -> i64 {
    let base = base_salary(on);
    base * 45 / 1000
}

/// The base salary, dong a month.
pub fn base_salary(on: NaiveDate) -> i64 {
    if on >= day(2026, 7, 1) {
        2_530_000 // Decree 161/2026/NĐ-CP
    } else if on >= day(2024, 7, 1) {
        2_340_000 // Decree 73/2024/NĐ-CP
    } else if on >= day(2023, 7, 1) {
        1_800_000 // Decree 24/2023/NĐ-CP
    } else if on >= day(2019, 7, 1) {
        1_490_000 // Decree 38/2019/NĐ-CP
    } else {
        1_390_000 // Decree 72/2018/NĐ-CP
    }
}

/// Law 25/2008/QH12 as amended, Art. 13.3; Decree 146/2018 Art. 7.1.e: percent of the first member's premium by place in the household.
pub fn scale(rank: i64) -> i64 {
    match rank {
        1 => 100,
        2 => 70,
        3 => 60,
        4 => 50,
        _ => 40,
    }
}

/// Who pays how much of the whole premium, where it is known.
pub fn shares(parts: &[(&'static str, i64)], whole: Option<i64>, on: NaiveDate) -> Field {
    let whole = whole.filter(|_| on < RATE_UNSURE_FROM);
    let share = |&(payer, percent): &(&'static str, i64)| {
        let monthly_vnd = whole.map(|one| one * percent / 100);
        (percent > 0).then_some(Share { payer, percent, monthly_vnd })
    };
    Field::is(Term::Shares(parts.iter().filter_map(share).collect()))
}

/// The whole premium, what others pay of it a month and a year, and what is left to the insured.
pub fn money(whole: Option<i64>, support: i64, on: NaiveDate) -> [(&'static str, Field); 4] {
    let told = |amount: Option<i64>| match amount {
        None => Field::Unsaid,
        Some(amount) if on >= RATE_UNSURE_FROM => Field::whole_or_null(amount),
        Some(amount) => Field::is(Term::Whole(amount)),
    };
    let monthly = whole.map(|one| one * support / 100);
    [
        ("premium_vnd", told(whole)),
        ("monthly_vnd", told(monthly)),
        ("yearly_vnd", told(monthly.map(|one| one * 12))),
        ("self_vnd", told(whole.zip(monthly).map(|(one, part)| one - part))),
    ]
}
