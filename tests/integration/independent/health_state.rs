//! Groups of Art. 12.3: the State pays the whole premium.

use chrono::NaiveDate;

use super::Facts;
use super::calendar::{age, child_card_end, day};
use super::health::{Claim, LAW_51, STATE};
use super::health_money::base_salary;
use super::merit::{is_carer, is_martyr_relative, is_other_relative, is_uncapped, remarried_on_allowance};

/// Decree 75/2023/NĐ-CP Art. 3.2: its clause 1, with the people of safe zones, applies from this day.
const DECREE_75_CLAUSE_1: NaiveDate = day(2023, 10, 19);
/// Resolution 261/2025/QH15 Art. 2.1.a: level 100 % for the near-poor and for social pensioners of 75 and more.
pub const RESOLUTION_261: NaiveDate = day(2026, 1, 1);
/// Decree 176/2025/NĐ-CP Art. 3: the social pension, dong a month.
const SOCIAL_PENSION_VND: i64 = 500_000;

/// Every state-paid group the person is in, beside those of Art. 12.1 and 12.2 (`before`).
pub fn state_claims(on: NaiveDate, person: &Facts, before: &[Claim]) -> Vec<Claim> {
    let mut claims = merit_claims(on, person);
    claims.extend(social_claims(on, person));
    claims.extend(place_claims(on, person));
    claims.extend(other_claims(on, person));
    claims.extend(safe_zone_claim(on, person, before, &claims));
    // Law 51/2010/QH12 Art. 51 and the ministry's answer of 2016: severe or more, without the allowance and without another card. Who gets a
    // card through another group does not need this one; whether its level still counts is not said.
    if matches!(person.severity, "severe" | "exceptionally_severe") && !person.has_health_card {
        let severity =
            if person.severity == "severe" { "disability_severe" } else { "disability_exceptionally_severe" };
        let claim = Claim::new(LAST - 1, &[severity, "social_protection"], 100, 100, "");
        let alone = before.is_empty() && claims.is_empty();
        claims.push(claim.sure(alone));
    }
    claims
}

/// The last place of Art. 12.3, behind people whom a decree adds to it.
const LAST: u32 = STATE + 990;

/// The order inside Art. 12.3: the clause of Decree 146/2018 Art. 3 (times ten) until 2025-06-30, after that the place of the point in the
/// law of 2024 (a b c d đ e g h i k l m n o p q r s t u).
fn order(on: NaiveDate, clause: u32, point: u32) -> u32 {
    STATE + 10 * if on >= LAW_51 { point } else { clause }
}

/// Decree 146/2018 Art. 3.3-3.5, 3.11, 3.12, 3.18, 3.19; Law 51/2024 Art. 12.3.e, i, k.
fn merit_claims(on: NaiveDate, person: &Facts) -> Vec<Claim> {
    let mut claims = Vec::new();
    let new_law = on >= LAW_51;
    if !person.merit.is_empty() {
        let uncapped = is_uncapped(person);
        let letters = if uncapped { "CC" } else { "CK" };
        claims.push(Claim { uncapped, ..Claim::new(order(on, 3, 6), &["merit"], 100, 100, letters) });
    }
    if person.veteran && person.veteran_kind == Some("war_veteran") {
        // Same point of the law as merit, named after it.
        claims.push(Claim::new(order(on, 4, 6) + u32::from(new_law), &["veteran"], 100, 100, "CB"));
    } else if person.veteran {
        // The point of the law of 2024 was not read: with the veterans, later, or only in the decree.
        let claim = Claim::new(order(on, 5, 6) + 2, &["veteran"], 100, 100, "KC");
        claims.push(if new_law { claim.floating(LAST) } else { claim });
    }
    if let Some(sure) = is_martyr_relative(on, person) {
        claims.push(Claim::new(order(on, 11, 9), &["martyr_relative"], 100, 100, "TS").sure(sure));
    }
    if let Some(sure) = is_other_relative(on, person) {
        let claim = Claim::new(order(on, 12, 10), &["merit_relative"], 100, 95, "TC");
        claims.push(if sure { claim } else { claim.open() });
    }
    if let Some(sure) = remarried_on_allowance(on, person) {
        let categories = ["merit_relative", "martyr_relative"];
        claims.push(Claim::new(order(on, 18, 10), &categories, 100, 95, "").sure(sure));
    }
    if let Some(sure) = is_carer(on, person) {
        // From 2025-07-01 point k, behind the relatives, or only the decree.
        let claim = Claim::new(order(on, 19, 10) + 2, &["merit_carer"], 100, 95, "PV");
        let claim = if new_law { claim.floating(LAST) } else { claim };
        claims.push(if sure { claim } else { claim.open() });
    }
    claims
}

/// Children, social assistance, poverty, survivors, social pension.
fn social_claims(on: NaiveDate, person: &Facts) -> Vec<Claim> {
    let mut claims = Vec::new();
    let years = age(person.born_on, on);
    // Decree 146/2018 Art. 3.7 and 13.2; Art. 12.3.h: the State pays until the child's card ends.
    if on <= child_card_end(person.born_on) {
        claims.push(Claim {
            uncapped: true,
            ..Claim::new(order(on, 7, 8), &["child_under_6"], 100, 100, "TE")
        });
    }
    // Art. 3.8; Art. 12.3.r: monthly social allowance under national law. Whether the city's own groups count is not said.
    if person.social_allowance == "drawing" {
        let national = person.social_allowance_group != Some("city");
        claims.push(Claim::new(order(on, 8, 17), &["social_protection"], 100, 100, "BT").sure(national));
    }
    // Art. 3.9.a; Art. 12.3.o: poor by the national standard.
    if person.poverty_status == "poor" {
        claims.push(Claim::new(order(on, 9, 14), &["poor"], 100, 100, "HN"));
    }
    // Art. 3.17 until 2025-06-30: survivors of 80 and more; Art. 12.3.s: of 75 and more, or of 70 to 74 in a near-poor household.
    let survivor_age = if on < LAW_51 {
        years >= 80
    } else {
        years >= 75 || years >= 70 && person.poverty_status == "near_poor"
    };
    if matches!(person.pension, "survivor" | "retirement_and_survivor") && survivor_age {
        claims.push(Claim::new(order(on, 17, 18), &["survivor"], 100, 100, "CT"));
    }
    if on >= LAW_51 && draws_social_pension(years, person) {
        // Level: 80 % in 2025, from 2026 100 % for those of 75 and more; a converted social allowance keeps 100 %.
        let full = person.social_allowance == "converted" || on >= RESOLUTION_261 && years >= 75;
        let level = if full { 100 } else { 80 };
        claims.push(Claim::new(order(on, 0, 19), &["social_pensioner"], 100, level, "LH"));
    }
    // Law 41/2024/QH15 Art. 23; Art. 12.3.u.
    if on >= LAW_51 && person.pension == "interim" {
        claims.push(Claim::new(order(on, 0, 20), &["interim_allowance"], 100, 80, ""));
    }
    claims
}

/// Law 41/2024/QH15 Art. 21, Decree 176/2025: as told, else as the conditions say (then it is taken as drawn). Poor and near-poor are meant by
/// the local line.
fn draws_social_pension(years: i32, person: &Facts) -> bool {
    match person.social_pension {
        Some(told) => told == "drawing",
        None if person.social_allowance == "converted" => true,
        None => {
            let local_poor = matches!(person.city_poverty_status, "poor" | "near_poor");
            let old_enough = years >= 75 || years >= 70 && local_poor;
            let no_pension =
                matches!(person.pension, "none" | "unemployment") || person.pension_vnd < SOCIAL_PENSION_VND;
            person.citizenship == "vietnamese" && old_enough && no_pension
        }
    }
}

/// Decree 146/2018 Art. 3.9.b-d, 3.20 (by Decree 75/2023); Law 51/2024 Art. 12.3.o; Decree 188/2025 Art. 5.2.
fn place_claims(on: NaiveDate, person: &Facts) -> Vec<Claim> {
    let mut claims = Vec::new();
    let new_law = on >= LAW_51;
    let rank = order(on, 9, 14);
    if new_law && person.ethnic_minority && person.poverty_status == "near_poor" {
        // Ethnic-minority and mountain area: told as a trait; a commune that left the list of difficult ones may still be in it.
        let told = person.area_traits.contains(&"ethnic_mountain");
        if told || person.area_class == "former_difficult" {
            let categories = ["near_poor", "poor", "ethnic_minority", "area_resident"];
            claims.push(Claim::new(rank + 1, &categories, 100, 100, "").sure(told));
        }
    }
    if person.area_class == "difficult" && person.ethnic_minority {
        claims.push(Claim::new(rank + 2, &["area_resident", "ethnic_minority"], 100, 100, "DT"));
    }
    if person.area_class == "very_difficult" {
        let letters = if person.ethnic_minority { "" } else { "DK" };
        let categories: &[&'static str] =
            if person.ethnic_minority { &["area_resident", "ethnic_minority"] } else { &["area_resident"] };
        claims.push(Claim::new(rank + 3, categories, 100, 100, letters));
    }
    if person.place_is("island") {
        claims.push(Claim::new(rank + 4, &["area_resident"], 100, 100, "XD"));
    } else if person.place_is("special_zone") {
        // Island districts became special zones in 2025; the texts do not name them here.
        claims.push(Claim::new(rank + 4, &["area_resident"], 100, 100, "").sure(false));
    }
    claims
}

/// Decree 146/2018 Art. 3.20 (by Decree 75/2023): permanent residents of safe zones who are in none of Art. 12.1, 12.2 and 12.3; Decree 188/2025
/// Art. 5.2 adds them to Art. 12.3 without that condition, behind those whom the law itself names.
fn safe_zone_claim(on: NaiveDate, person: &Facts, before: &[Claim], state: &[Claim]) -> Option<Claim> {
    if !person.place_is("safe_zone") || person.residence != "permanent" || on < DECREE_75_CLAUSE_1 {
        return None;
    }
    let claim = Claim::new(order(on, 20, 20) + 5, &["area_resident"], 100, 100, "AK");
    if on >= LAW_51 {
        return Some(claim);
    }
    // Who is in Art. 12.3 is not counted here by the text; whether the level of safe zones still counts for them is left unsure.
    let elsewhere = before.iter().any(|claim| claim.sure);
    (!elsewhere).then(|| claim.sure(before.is_empty() && state.is_empty()))
}

/// Decree 146/2018 Art. 3.6, 3.10, 3.14; Decree 188/2025 Art. 5.3.
fn other_claims(on: NaiveDate, person: &Facts) -> Vec<Claim> {
    let new_law = on >= LAW_51;
    let mut claims = Vec::new();
    for (group, _) in &person.other_groups {
        let claim = |rank, letters| Claim::new(rank, &["other_supported"], 100, 80, letters);
        match *group {
            "elected_deputy" => claims.push(claim(order(on, 6, 7), "")),
            // In Art. 12.3 of the law of 2024 only the points l to q are left for them, of which o is the poor: before r, beside o unknown.
            "organ_donor" => {
                let donor = claim(order(on, 14, 11), "HG");
                claims.push(if new_law { donor.floating(order(on, 14, 16)) } else { donor });
            }
            // Decree 188/2025 Art. 5.3: only who is in none of Art. 12.1, 12.2 and 12.3, so behind them all; part-time officials are in 12.1.
            "artisan" if new_law && person.employment == "commune_part_time" => {}
            "artisan" => {
                // Income per head below the base salary.
                let below = person.income_per_person_vnd.map(|income| income < base_salary(on));
                if below != Some(false) {
                    let artisan = claim(order(on, 10, 20) + 7, "");
                    claims.push(artisan.sure(below.is_some()));
                }
            }
            // Card letters exist for them; no text at hand says who pays.
            "armed_forces_relative" => {
                claims.push(claim(order(on, 13, 11), "").floating(LAST).sure(false));
            }
            _ => {}
        }
    }
    claims
}
