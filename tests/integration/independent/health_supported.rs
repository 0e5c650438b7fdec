//! Groups of Art. 12.4: the State pays a part of the premium.

use chrono::NaiveDate;

use super::Facts;
use super::calendar::{day, within_months};
use super::health::{Claim, LAW_51, SUPPORTED};
use super::health_state::RESOLUTION_261;

/// Decree 75/2023/NĐ-CP: ethnic minorities of places that left the list, 36 months from this month or, later, from the month of leaving.
const FORMER_DIFFICULT_FROM: NaiveDate = day(2023, 11, 1);
const FORMER_DIFFICULT_MONTHS: i32 = 36;
/// Law 51/2024, Decree 188/2025: victims of trafficking for one year.
const TRAFFICKING_MONTHS: i32 = 12;

/// Decree 146/2018 Art. 8.1: 30 %; Decree 188/2025 Art. 6.6: 50 % (from 2025-07-01; other sources 2025-08-15).
fn lower_share(on: NaiveDate) -> i64 {
    if on >= LAW_51 { 50 } else { 30 }
}

/// Every group with a share of the State.
pub fn supported_claims(on: NaiveDate, person: &Facts) -> Vec<Claim> {
    let mut claims = Vec::new();
    // Points after the students', their order is not known.
    let (rest, last) = (SUPPORTED + 50, SUPPORTED + 90);
    if person.poverty_status == "near_poor" {
        let level = if on >= RESOLUTION_261 { 100 } else { 95 };
        claims.push(Claim::new(SUPPORTED + 10, &["near_poor"], 70, level, "CN"));
        if person.place_is("poor_commune") {
            // Poor communes from mid-2025; before, the rule spoke of poor districts, which the fact does not tell.
            claims.push(Claim::new(SUPPORTED + 10, &["near_poor"], 100, level, "CN").sure(on >= LAW_51));
        }
    }
    if is_student(person) {
        let letters = match person.studying {
            "primary" | "lower_secondary" | "upper_secondary" => "HS",
            "college" | "university" => "SV",
            _ => "",
        };
        let sure = person.studying != "postgraduate";
        claims.push(Claim::new(SUPPORTED + 20, &["student"], lower_share(on), 80, letters).sure(sure));
    }
    if person.livelihood == "farm_average" {
        // Before the law of 2024 the farm households came right after the students; after, the point is not known.
        let claim = Claim::new(rest, &["farm_average"], lower_share(on), 80, "GB");
        claims.push(claim.floating(last));
    }
    if is_former_difficult(on, person) {
        // Whether Decree 75/2023 also held for places that left the list after it is not said; Decree 188/2025 counts from the month of leaving.
        let sure = on >= LAW_51 || person.area_class_since.is_some_and(|since| since < FORMER_DIFFICULT_FROM);
        let categories = ["ethnic_minority", "area_resident"];
        claims.push(Claim::new(rest, &categories, 70, 95, "").floating(last).sure(sure));
    }
    if on >= LAW_51 {
        for (group, since) in &person.other_groups {
            let holds = match *group {
                "grassroots_security" | "village_health_worker" | "artisan" => Some(true),
                "trafficking_victim" => since.map(|from| within_months(from, TRAFFICKING_MONTHS, on)),
                _ => Some(false),
            };
            if holds != Some(false) {
                let claim = Claim::new(rest, &["other_supported"], 50, 80, "").floating(last);
                claims.push(claim.sure(holds.is_some()));
            }
        }
    }
    claims
}

/// Pupils and students; preschool children are neither.
pub fn is_student(person: &Facts) -> bool {
    !matches!(person.studying, "none" | "preschool")
}

/// An ethnic-minority person in a place that is no longer on the list, within the 36 months.
pub fn is_former_difficult(on: NaiveDate, person: &Facts) -> bool {
    let from =
        person.area_class_since.map_or(FORMER_DIFFICULT_FROM, |since| since.max(FORMER_DIFFICULT_FROM));
    person.ethnic_minority
        && person.area_class == "former_difficult"
        && within_months(from, FORMER_DIFFICULT_MONTHS, on)
}
