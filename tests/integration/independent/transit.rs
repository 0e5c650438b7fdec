//! Who rides free or at a reduced fare: Resolution 07/2019/NQ-HĐND (free travel from 2019-09-01), joint guidance of 2019 and 1151/HDLS of 2024,
//! notices of June and July 2026, the free days and areas, and Plan 181/KH-UBND for the near-poor.

use chrono::{Datelike, NaiveDate};

use super::calendar::{age, day};
use super::facts::Trip;
use super::transit_fares::{discount_prices, estimated_value};
use super::transit_medium::{ID_ENOUGH_ON_BUS, METRO_GATES_2A, medium};
use super::{Authority, Facts, Field, Outcome, Term, Verdict};

/// Line 2A Cát Linh - Hà Đông opened; free for all for its first 15 days (Resolution 07/2019).
const METRO_2A: NaiveDate = day(2021, 11, 6);
const METRO_2A_FREE_TO: NaiveDate = day(2021, 11, 20);
/// Line 3.1 Nhổn - Cầu Giấy opened; free for all for its first 15 days.
const METRO_3_1: NaiveDate = day(2024, 8, 8);
const METRO_3_1_FREE_TO: NaiveDate = day(2024, 8, 22);
/// Plan 181/KH-UBND III.3.4.h.
const PLAN_181: NaiveDate = day(2024, 6, 13);
/// 1151/HDLS: cards of people of merit, with disabilities and the elderly have no expiry; before, 5 years (guidance of August 2019).
const GUIDANCE_1151: NaiveDate = day(2024, 10, 27);
/// People's Council resolution on free travel inside Ring Road 1.
const RING_ROAD_FROM: NaiveDate = day(2026, 7, 1);
const RING_ROAD_TO: NaiveDate = day(2027, 6, 30);
/// Metro passes for groups are not sold from this day.
const NO_METRO_GROUP_PASS: NaiveDate = day(2025, 8, 1);

/// Why the person rides free, in the order in which a card shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Merit,
    Disabled,
    Elderly,
    Child,
    Poor,
    /// By the plan alone.
    NearPoor,
}

/// Free or reduced fares of a person on a day; without a trip the right itself.
pub fn free_transit(on: NaiveDate, authority: Authority, person: &Facts) -> Verdict {
    let bare = |outcome| Verdict { outcome, benefit: Vec::new() };
    if let Some(died) = person.died_on {
        return bare(if died < on { Outcome::NotEntitled } else { Outcome::Unsaid });
    }
    let trip = person.trip.as_ref();
    if let Some(trip) = trip {
        let covered = match trip.service {
            "bus" => true,
            "metro_2a" => on >= METRO_2A,
            "metro_3_1" => on >= METRO_3_1,
            _ => false,
        };
        if !covered {
            // Whether the free area also covers services without subsidy is not said.
            let inside =
                in_ring_road_days(on) && trip.area != "elsewhere" && trip.service == "unsubsidised_bus";
            return bare(if inside { Outcome::Unsaid } else { Outcome::NotEntitled });
        }
    }
    let whys = whys(on, authority, person);
    if everyone_free(on, trip) {
        return everyone(on, person, &whys);
    }
    if !whys.is_empty() {
        // By the plan alone, from outside Hanoi: the plan is the city's, only the card rule speaks of others.
        if whys == [Why::NearPoor] && person.residence == "none" {
            return bare(Outcome::Unsaid);
        }
        return Verdict { outcome: Outcome::Entitled, benefit: free_benefit(on, person, &whys) };
    }
    if person.industrial_zone_worker.is_none()
        || is_doubtful_student(person) && person.industrial_zone_worker == Some(false)
    {
        return bare(Outcome::Unsaid);
    }
    let discount = discount(on, person);
    let partly = in_ring_road_days(on) && trip.is_some_and(|trip| trip.area == "partly_inside");
    // The law on the elderly covers citizens only, yet foreigners of 60 got the card: never a silent yes or no.
    let foreign_elder = person.citizenship != "vietnamese" && age(person.born_on, on) >= 60;
    // On the city's list of the poor and not living in the city: no text speaks of that.
    let listed_outside = person.residence == "none"
        && person.city_poverty_status == "poor"
        && trip.is_some_and(|trip| trip.regular_travel);
    let doubtful = foreign_elder || listed_outside;
    match (discount, partly || doubtful) {
        (Some(_), true) => bare(if partly && !doubtful { Outcome::Entitled } else { Outcome::Unsaid }),
        (Some(discount), false) => discounted(on, person, discount),
        (None, true) => bare(Outcome::NeedsReview),
        (None, false) => {
            let fare = Field::OneOf(vec![Term::Word("full"), Term::Null]);
            Verdict { outcome: Outcome::NotEntitled, benefit: vec![("fare", fare)] }
        }
    }
}

/// Every ground on which the person rides free.
fn whys(on: NaiveDate, authority: Authority, person: &Facts) -> Vec<Why> {
    let mut whys = Vec::new();
    let years = age(person.born_on, on);
    // People of other provinces were admitted with a confirmation that they travel regularly in Hanoi.
    let regular = person.trip.as_ref().is_some_and(|trip| trip.regular_travel);
    let resident = person.residence != "none" || regular;
    if resident && !person.merit.is_empty() {
        whys.push(Why::Merit);
    }
    // No limit of severity was found.
    if resident && person.severity != "none" {
        whys.push(Why::Disabled);
    }
    if years >= 60 && person.citizenship == "vietnamese" {
        whys.push(Why::Elderly);
    }
    if years < 6 {
        whys.push(Why::Child);
    }
    // A benefit of the city's budget goes by the city's line, in which the national one lies.
    let city_poor = person.city_poverty_status == "poor" && person.residence != "none";
    if resident && (person.poverty_status == "poor" || city_poor) {
        whys.push(Why::Poor);
    }
    let near_poor = person.poverty_status == "near_poor" || person.city_poverty_status == "near_poor";
    if whys.is_empty() && authority == Authority::Plan && on >= PLAN_181 && resident && near_poor {
        whys.push(Why::NearPoor);
    }
    whys
}

fn in_ring_road_days(on: NaiveDate) -> bool {
    (RING_ROAD_FROM..=RING_ROAD_TO).contains(&on)
}

/// 30 August - 2 September 2025 and 14 - 22 February 2026: subsidised buses and both metro lines, everybody.
fn general_free_day(on: NaiveDate) -> bool {
    (day(2025, 8, 30)..=day(2025, 9, 2)).contains(&on) || (day(2026, 2, 14)..=day(2026, 2, 22)).contains(&on)
}

fn everyone_free(on: NaiveDate, trip: Option<&Trip>) -> bool {
    if general_free_day(on) {
        return true;
    }
    let Some(trip) = trip else { return false };
    match trip.service {
        "metro_2a" if (METRO_2A..=METRO_2A_FREE_TO).contains(&on) => true,
        "metro_3_1" if (METRO_3_1..=METRO_3_1_FREE_TO).contains(&on) => true,
        _ => in_ring_road_days(on) && trip.area == "inside_ring_road_1",
    }
}

/// What one may ride.
fn modes(on: NaiveDate) -> Field {
    let mut modes = vec!["bus"];
    if on >= METRO_2A {
        modes.push("metro_2a");
    }
    if on >= METRO_3_1 {
        modes.push("metro_3_1");
    }
    Field::is(Term::Words(modes))
}

fn everyone(on: NaiveDate, person: &Facts, whys: &[Why]) -> Verdict {
    let mut groups = vec!["everyone"];
    groups.extend(categories(on, person, whys));
    let benefit = vec![
        ("fare", Field::is(Term::Word("free"))),
        ("group", Field::words(&groups)),
        // The category saves nothing where everyone is free.
        ("estimated_value_vnd", Field::whole_or_null(0)),
    ];
    Verdict { outcome: Outcome::Entitled, benefit }
}

/// Ids under which these grounds may be told. People of merit, with disabilities, elderly and children stand before the poor.
fn categories(on: NaiveDate, person: &Facts, whys: &[Why]) -> Vec<&'static str> {
    let mut found = Vec::new();
    let years = age(person.born_on, on);
    for why in whys {
        match why {
            Why::Merit => found.push("merit"),
            Why::Disabled => found.push(match person.severity {
                "mild" => "disability_mild",
                "severe" => "disability_severe",
                _ => "disability_exceptionally_severe",
            }),
            Why::Elderly => {
                found.push("elderly_60_plus");
                let older = [(70, "elderly_70_plus"), (75, "elderly_75_plus"), (80, "elderly_80_plus")];
                found.extend(older.iter().filter(|(from, _)| years >= *from).map(|(_, id)| *id));
            }
            Why::Child => found.push("child_under_6"),
            Why::Poor if found.is_empty() => {
                found.push(if person.poverty_status == "poor" { "poor" } else { "city_poor" });
            }
            Why::Poor => {}
            Why::NearPoor => {
                found.push(if person.poverty_status == "near_poor" { "near_poor" } else { "city_near_poor" })
            }
        }
    }
    found
}

fn free_benefit(on: NaiveDate, person: &Facts, whys: &[Why]) -> Vec<(&'static str, Field)> {
    let mut benefit = vec![
        ("fare", Field::is(Term::Word("free"))),
        ("group", Field::words(&categories(on, person, whys))),
        ("modes", modes(on)),
        ("estimated_value_vnd", estimated_value(on, person, whys)),
        ("card.required", card_required(on, person, whys)),
    ];
    benefit.extend(card_term(on, whys));
    benefit.extend(medium(on, person, whys));
    benefit
}

/// A card is expected of all but children; from 25 June 2026 the chip identity card is enough for the elderly on the bus, on the metro earlier.
/// One ground that needs no card is enough.
fn card_required(on: NaiveDate, person: &Facts, whys: &[Why]) -> Field {
    let metro = person.trip.as_ref().is_some_and(|trip| trip.service != "bus");
    let elderly = whys.contains(&Why::Elderly);
    if whys.contains(&Why::Child) || elderly && on >= ID_ENOUGH_ON_BUS {
        Field::is(Term::Flag(false))
    } else if whys == [Why::NearPoor] || elderly && metro && on >= METRO_GATES_2A {
        Field::Unsaid
    } else {
        Field::is(Term::Flag(true))
    }
}

/// The card with the latest end: none since October 2024 for merit, disability, age; the calendar year for the poor.
fn card_term(on: NaiveDate, whys: &[Why]) -> [(&'static str, Field); 2] {
    let lasting = whys.iter().any(|why| matches!(why, Why::Merit | Why::Disabled | Why::Elderly));
    let months = if lasting && on >= GUIDANCE_1151 {
        Field::is(Term::Null)
    } else if lasting {
        Field::is(Term::Whole(60))
    } else if whys == [Why::Poor] {
        Field::is(Term::Whole(12))
    } else {
        Field::Unsaid
    };
    let until = if lasting && on >= GUIDANCE_1151 {
        Field::is(Term::Null)
    } else if whys == [Why::Poor] {
        Field::is(Term::Day(day(on.year(), 12, 31)))
    } else {
        Field::Unsaid
    };
    [("card.valid_months", months), ("card.until", until)]
}

/// A reduced monthly pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discount {
    /// Half price: pupils and students, workers of industrial zones.
    Half,
    /// Bought by 30 or more together.
    Group,
}

/// Resolution 07/2019: 50 % and 30 % of the monthly pass.
fn discount(on: NaiveDate, person: &Facts) -> Option<Discount> {
    if is_reduced(person) {
        return Some(Discount::Half);
    }
    let trip = person.trip.as_ref()?;
    let sold = trip.service == "bus" || on < NO_METRO_GROUP_PASS;
    (trip.group_purchase && sold).then_some(Discount::Group)
}

/// Whether postgraduates and those who study online at a vocational school, college or university count as students is not told.
pub fn is_doubtful_student(person: &Facts) -> bool {
    let mode = person.study_mode;
    match person.studying {
        "postgraduate" => mode != Some("work_while_study"),
        "vocational" | "college" | "university" => mode == Some("online"),
        _ => false,
    }
}

/// Pupils and students but for courses alongside work, and workers of industrial zones.
pub fn is_reduced(person: &Facts) -> bool {
    let studying =
        !matches!(person.studying, "none" | "preschool") && person.study_mode != Some("work_while_study");
    studying || person.industrial_zone_worker == Some(true)
}

fn discounted(on: NaiveDate, person: &Facts, discount: Discount) -> Verdict {
    let mut groups = Vec::new();
    if discount == Discount::Half {
        if !matches!(person.studying, "none" | "preschool") {
            groups.push("student");
        }
        if person.industrial_zone_worker == Some(true) {
            groups.push("industrial_zone_worker");
        }
    }
    let group = if groups.is_empty() { Field::Unsaid } else { Field::words(&groups) };
    let mut benefit = vec![("fare", Field::is(Term::Word("discounted"))), ("group", group)];
    if discount == Discount::Half {
        benefit.push(("modes", modes(on)));
    }
    benefit.extend(discount_prices(on, person, discount));
    Verdict { outcome: Outcome::Entitled, benefit }
}
