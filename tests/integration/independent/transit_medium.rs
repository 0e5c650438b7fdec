//! Which card or ticket is accepted, and until when.

use chrono::NaiveDate;

use super::calendar::day;
use super::transit::Why;
use super::{Facts, Field, Term};

/// Notice of 2026-06-23: on-board control; the chip identity card is enough for the elderly and for children.
pub const ID_ENOUGH_ON_BUS: NaiveDate = day(2026, 6, 25);
/// Decision 5316/QĐ-UBND: line 2A, new media only.
pub const METRO_GATES_2A: NaiveDate = day(2025, 11, 18);
/// Line 3.1, new media only.
const METRO_GATES_3_1: NaiveDate = day(2026, 2, 1);
/// Last day of plastic cards without a chip (first announced: 2026-07-31), told by a notice of July 2026.
const PLASTIC_TO: NaiveDate = day(2026, 12, 31);
const PLASTIC_TOLD: NaiveDate = day(2026, 7, 15);
/// Virtual cards exist.
const VIRTUAL_CARD: NaiveDate = day(2024, 4, 1);
/// Chip cards can be ordered.
const CHIP_CARD: NaiveDate = day(2026, 7, 6);

/// `medium.accepted` and `medium.until` of one who rides free.
pub fn medium(on: NaiveDate, person: &Facts, whys: &[Why]) -> Vec<(&'static str, Field)> {
    let Some(trip) = person.trip.as_ref() else { return Vec::new() };
    let Some(medium) = trip.medium else { return Vec::new() };
    let by_identity = whys.iter().any(|why| matches!(why, Why::Elderly | Why::Child));
    let answer = match trip.service {
        "bus" => on_bus(on, medium, by_identity),
        "metro_2a" => on_metro(on, medium, whys, METRO_GATES_2A),
        _ => on_metro(on, medium, whys, METRO_GATES_3_1),
    };
    match answer {
        Some((accepted, until)) => {
            let until = until.map_or(Field::Unsaid, |until| Field::is(until.map_or(Term::Null, Term::Day)));
            vec![("medium.accepted", Field::is(Term::Flag(accepted))), ("medium.until", until)]
        }
        None => Vec::new(),
    }
}

/// Accepted or not, and the last day: `None` = not compared, `Some(None)` = no end.
type Answer = Option<(bool, Option<Option<NaiveDate>>)>;

fn on_bus(on: NaiveDate, medium: &str, by_identity: bool) -> Answer {
    match medium {
        "plastic_no_chip" if on > PLASTIC_TO => Some((false, None)),
        "plastic_no_chip" if on >= PLASTIC_TOLD => Some((true, Some(Some(PLASTIC_TO)))),
        "plastic_no_chip" => Some((true, None)),
        "virtual_card" if on >= VIRTUAL_CARD => Some((true, Some(None))),
        "chip_card" if on >= CHIP_CARD => Some((true, Some(None))),
        // People of merit, with disabilities and the poor show a virtual or chip card.
        "chip_id" if on >= ID_ENOUGH_ON_BUS && by_identity => Some((true, Some(None))),
        "chip_id" if on >= ID_ENOUGH_ON_BUS => Some((false, None)),
        _ => None,
    }
}

fn on_metro(on: NaiveDate, medium: &str, whys: &[Why], gates: NaiveDate) -> Answer {
    let new_gates = on >= gates;
    match medium {
        // Not readable by the new gates; the free ticket comes from the counter.
        "plastic_no_chip" | "old_metro_card" if new_gates => Some((false, None)),
        "old_metro_card" => Some((true, None)),
        "metro_app" if new_gates => Some((true, Some(None))),
        "chip_id" if new_gates && whys.contains(&Why::Elderly) => Some((true, Some(None))),
        _ => None,
    }
}
