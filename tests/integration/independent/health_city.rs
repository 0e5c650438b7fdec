//! What the city pays: Resolutions of 2019 and 2021 on leaving poverty, 13/2023/NQ-HĐND, 19/2025/NQ-HĐND, and whom the plan promises the rest.

use chrono::NaiveDate;

use super::Facts;
use super::calendar::{age, day, within_months};
use super::health::{Claim, HOUSEHOLD};
use super::health_supported::{is_former_difficult, is_student};

/// People's Council, 9th meeting of term XV, adopted 2019-07-08; the day it took effect was not found, by the new year it had.
const RESOLUTION_2019: NaiveDate = day(2019, 7, 8);
const RESOLUTION_2019_SURELY: NaiveDate = day(2020, 1, 1);
/// People's Council resolution of 2021-12-08 on sustainable poverty reduction.
const RESOLUTION_2021: NaiveDate = day(2022, 1, 1);
/// 13/2023/NQ-HĐND: 2024-01-01 to 2025-12-31.
const RESOLUTION_13: NaiveDate = day(2024, 1, 1);
/// 19/2025/NQ-HĐND: from 2026-01-01, no end found; amended in 2026 by a text not read.
const RESOLUTION_19: NaiveDate = day(2026, 1, 1);
/// Places no longer on the lists of 2021-2025 had left by then.
const LISTS_OF_2021_SETTLED: NaiveDate = day(2022, 1, 1);
/// Months of support after leaving poverty, all three resolutions (the one of 2021 is silent).
const EXIT_MONTHS: i32 = 36;

/// Percent that the city adds to a share of the State.
pub struct TopUp {
    /// Percent of the premium.
    pub percent: i64,
    /// False: not settled for this person.
    pub sure: bool,
}

/// Groups whose whole premium the city pays. They are for those who are in no group of Art. 12.1-12.4 (`found`): "not in a compulsory group",
/// "no card", support of the household type. Where only unsure groups were found, these are unsure too.
pub fn city_claims(on: NaiveDate, person: &Facts, found: &[Claim]) -> Vec<Claim> {
    let mut claims = Vec::new();
    let years = age(person.born_on, on);
    let full = |category| Claim::new(HOUSEHOLD + 1, &[category], 100, 80, "").sure(found.is_empty());
    if found.iter().any(|claim| claim.sure) {
        return claims;
    }
    // 13/2023 asks for permanent residence; the wording of 19/2025 was not read: temporary residents are open.
    let resident = |claim: Claim| match person.residence {
        "permanent" => Some(claim),
        "temporary" if on >= RESOLUTION_19 => Some(claim.open()),
        _ => None,
    };
    if on >= RESOLUTION_19 {
        let free = !person.has_health_card;
        if free && (70..75).contains(&years) {
            claims.extend(resident(full("elderly_70_plus")));
        }
        if free && person.ethnic_minority {
            claims.extend(resident(full("ethnic_minority")));
        }
    } else if on >= RESOLUTION_13 && (70..80).contains(&years) {
        claims.extend(resident(full("elderly_70_plus")));
    }
    if on >= RESOLUTION_13 && person.severity == "mild" && years >= 16 && !person.has_health_card {
        claims.extend(resident(full("disability_mild")));
    }
    claims
        .extend(exit_claim(on, person).map(|claim| if found.is_empty() { claim } else { claim.sure(false) }));
    // Poor or near-poor by the city's line alone: "the city pays through its own decision", how much is not said.
    let national = matches!(person.poverty_status, "poor" | "near_poor");
    if !national {
        match person.city_poverty_status {
            "poor" => claims.push(full("city_poor").sure(false)),
            "near_poor" => claims.push(full("city_near_poor").sure(false)),
            _ => {}
        }
    }
    claims
}

/// 100 % for members of households that left poverty or near-poverty, by either line.
fn exit_claim(on: NaiveDate, person: &Facts) -> Option<Claim> {
    if on < RESOLUTION_2019 {
        return None;
    }
    let claim = Claim::new(HOUSEHOLD + 1, &["exited_poverty"], 100, 80, "");
    let national = left(on, person.poverty_status, person.status_since);
    let city = left(on, person.city_poverty_status, person.city_status_since);
    // Out by the national line but still on the city's list: not settled.
    let still_listed = matches!(person.city_poverty_status, "poor" | "near_poor");
    let (recent, sure) = match (national, city) {
        (Exit::No, Exit::No) => return None,
        (Exit::Recent, _) | (_, Exit::Recent) => (true, !still_listed),
        (Exit::Undated, _) | (_, Exit::Undated) => (true, false),
        (Exit::Past, _) | (_, Exit::Past) => (false, false),
    };
    // Only the resolution of 2021 is silent on the length.
    if !recent && !(RESOLUTION_2021..RESOLUTION_19).contains(&on) {
        return None;
    }
    match person.residence {
        "permanent" => Some(claim.sure(sure && on >= RESOLUTION_2019_SURELY)),
        // Residence is not told for 2019 and 2025; the resolution of 2021 asks for permanent residence.
        "temporary" if on >= RESOLUTION_19 && sure => Some(claim.open()),
        "temporary" if on >= RESOLUTION_19 => Some(claim.sure(false)),
        _ if on < RESOLUTION_2021 => Some(claim.sure(false)),
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Exit {
    No,
    Recent,
    Past,
    Undated,
}

fn left(on: NaiveDate, status: &str, since: Option<NaiveDate>) -> Exit {
    if !matches!(status, "exited_poverty" | "exited_near_poverty") {
        return Exit::No;
    }
    match since {
        None => Exit::Undated,
        Some(since) if within_months(since, EXIT_MONTHS, on) => Exit::Recent,
        Some(_) => Exit::Past,
    }
}

/// What the city adds to the State's share of Art. 12.4.
pub fn top_ups(on: NaiveDate, person: &Facts) -> Vec<TopUp> {
    let mut added = Vec::new();
    let sure = match person.residence {
        "permanent" => true,
        "temporary" if on >= RESOLUTION_19 => false,
        _ => return added,
    };
    let farm = person.livelihood == "farm_average";
    let surely_student = sure && person.studying != "postgraduate";
    if on >= RESOLUTION_19 {
        // 19/2025: pupils and students of such households who study in Hanoi +70, members +30, former difficult places +30.
        if farm && is_student(person) && person.studies_in_hanoi != Some(false) {
            added.push(TopUp { percent: 70, sure: surely_student && person.studies_in_hanoi.is_some() });
        }
        if farm {
            added.push(TopUp { percent: 30, sure });
        }
        if is_former_difficult(on, person) {
            // Places of the lists of 2016-2020; one that left later may not have been on them.
            let first = person.area_class_since.is_some_and(|since| since < LISTS_OF_2021_SETTLED);
            added.push(TopUp { percent: 30, sure: sure && first });
        }
    } else if on >= RESOLUTION_13 && farm {
        // 13/2023: +70 without a card and at a school founded by the city, +30 for members.
        if is_student(person) && !person.has_health_card && person.school_founded_by_city != Some(false) {
            added
                .push(TopUp { percent: 70, sure: surely_student && person.school_founded_by_city.is_some() });
        }
        added.push(TopUp { percent: 30, sure });
    }
    added
}

/// Plan 181/KH-UBND III.3.3.b: merit, poor and near-poor (the city's lines too), social protection, disability, 70 and more. Merit and social
/// protection are paid by the State already.
pub fn plan_groups(on: NaiveDate, person: &Facts) -> Vec<&'static str> {
    let mut groups = Vec::new();
    if !person.merit.is_empty() {
        groups.push("merit");
    }
    if person.social_allowance == "drawing" {
        groups.push("social_protection");
    }
    match (person.poverty_status, person.city_poverty_status) {
        ("poor", _) => groups.push("poor"),
        ("near_poor", _) => groups.push("near_poor"),
        (_, "poor") => groups.push("city_poor"),
        (_, "near_poor") => groups.push("city_near_poor"),
        _ => {}
    }
    match person.severity {
        "mild" => groups.push("disability_mild"),
        "severe" => groups.push("disability_severe"),
        "exceptionally_severe" => groups.push("disability_exceptionally_severe"),
        _ => {}
    }
    if age(person.born_on, on) >= 70 {
        groups.push("elderly_70_plus");
    }
    groups
}
