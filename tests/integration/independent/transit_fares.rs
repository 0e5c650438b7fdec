//! Prices of passes and the estimated value of riding free.

use chrono::NaiveDate;

use super::calendar::day;
use super::transit::{Discount, Why, is_doubtful_student, is_reduced};
use super::{Facts, Field, Term};

/// City decision on subsidised bus fares, reported 2024-10-11.
const BUS_FARES_2024: NaiveDate = day(2024, 11, 1);
/// Metro fares of 2025.
const METRO_FARES_2025: NaiveDate = day(2025, 8, 1);
/// Metro 3.1 is paid from this day.
const METRO_3_1_PAID: NaiveDate = day(2024, 8, 23);
/// Metro 2A is paid from this day.
const METRO_2A_PAID: NaiveDate = day(2021, 11, 21);
/// Distance fares (Decision 3316/QĐ-UBND) may have replaced the table of single fares on this day: open.
const DISTANCE_FARES_MAYBE: NaiveDate = day(2026, 6, 25);

/// Prices of one monthly pass, dong: half price, group, full.
struct Pass {
    half: i64,
    group: Option<i64>,
    full: i64,
}

fn bus_pass(on: NaiveDate, one_route: bool) -> Pass {
    let (half, group, full) = match (on >= BUS_FARES_2024, one_route) {
        (false, true) => (55_000, 70_000, 100_000),
        (false, false) => (100_000, 140_000, 200_000),
        (true, true) => (70_000, 100_000, 140_000),
        (true, false) => (140_000, 200_000, 280_000),
    };
    Pass { half, group: Some(group), full }
}

fn metro_pass(on: NaiveDate) -> Pass {
    if on >= METRO_FARES_2025 {
        return Pass { half: 140_000, group: None, full: 280_000 };
    }
    Pass { half: 100_000, group: Some(140_000), full: 200_000 }
}

/// The pass that fits the trip; none where the scope is not told, runs over several modes (not known to be on sale) or over both metro lines
/// (whether one pass covers them is not settled), or nothing is sold yet.
fn pass(on: NaiveDate, person: &Facts) -> Option<Pass> {
    let trip = person.trip.as_ref()?;
    let scope = trip.pass_scope.filter(|scope| *scope != "multimodal")?;
    match trip.service {
        "bus" => Some(bus_pass(on, scope == "one_route")),
        _ if scope == "inter_route" => None,
        "metro_2a" if on >= METRO_2A_PAID => Some(metro_pass(on)),
        "metro_3_1" if on >= METRO_3_1_PAID => Some(metro_pass(on)),
        _ => None,
    }
}

/// Prices of a reduced pass and what it saves.
pub fn discount_prices(on: NaiveDate, person: &Facts, discount: Discount) -> Vec<(&'static str, Field)> {
    let Some(pass) = pass(on, person) else { return Vec::new() };
    let price = match discount {
        Discount::Half => Some(pass.half),
        Discount::Group => pass.group,
    };
    let Some(price) = price else { return Vec::new() };
    vec![
        ("monthly_pass_vnd", Field::is(Term::Whole(price))),
        ("full_pass_vnd", Field::is(Term::Whole(pass.full))),
        ("estimated_value_vnd", Field::whole_or_null(pass.full - price)),
    ]
}

/// What riding free saves a month: the cheapest product for the same travel. An estimate; no figure is never wrong.
pub fn estimated_value(on: NaiveDate, person: &Facts, whys: &[Why]) -> Field {
    let Some(trip) = person.trip.as_ref() else { return Field::Unsaid };
    let bus = trip.service == "bus";
    if whys.contains(&Why::Child) {
        return if bus { child_value(on, person) } else { Field::Unsaid };
    }
    let Some(fitting) = pass(on, person) else { return Field::Unsaid };
    if trip.group_purchase || is_doubtful_student(person) {
        return Field::Unsaid;
    }
    // The table of values names the inter-route pass for the bus, the definition the cheapest for the same travel.
    let inter_route = if bus { bus_pass(on, false) } else { metro_pass(on) };
    let price = |pass: &Pass| if is_reduced(person) { pass.half } else { pass.full };
    Field::OneOf(vec![Term::Whole(price(&fitting)), Term::Whole(price(&inter_route)), Term::Null])
}

/// Trips times the single fare of the band; whether the pass price caps it for a child, who has no pass, is not clear.
fn child_value(on: NaiveDate, person: &Facts) -> Field {
    let told = person.trip.as_ref().and_then(|trip| trip.trips_a_month.zip(trip.route_km));
    let Some((trips, km)) = told.filter(|_| on < DISTANCE_FARES_MAYBE) else { return Field::Unsaid };
    let sum = trips * single_fare(on, km);
    let caps = [bus_pass(on, false).full, bus_pass(on, true).full];
    let mut terms = vec![Term::Whole(sum), Term::Null];
    terms.extend(caps.iter().map(|cap| Term::Whole(sum.min(*cap))));
    Field::OneOf(terms)
}

/// The single bus fare by length of the route.
fn single_fare(on: NaiveDate, km: i64) -> i64 {
    let new = on >= BUS_FARES_2024;
    match km {
        ..15 if new => 8_000,
        15..25 if new => 10_000,
        25..30 if new => 12_000,
        30..40 if new => 15_000,
        _ if new => 20_000,
        ..25 => 7_000,
        25..30 => 8_000,
        _ => 9_000,
    }
}
