//! Answers worked out by hand, to keep the readings honest on days that no published case covers.

use serde_json::{Value, json};

use super::facts::asked;
use super::{Facts, Field, Outcome, Verdict, free_transit, health_insurance};

/// A request of one person in no group at all but for `changed` facts of the person, the `household` or the `trip`.
fn request(on: &str, authority: &str, changed: Value) -> Value {
    let mut request = json!({
        "as_of": on, "authority": authority,
        "household": { "poverty_status": "none", "city_poverty_status": "none", "area_class": "normal", "livelihood": "other" },
        "people": [{
            "born_on": "1984-06-20", "citizenship": "vietnamese", "residence": "permanent", "ethnic_minority": false,
            "employment": "none", "pension": "none", "social_allowance": "none", "has_health_card": false, "merit": [],
            "merit_relations": [], "veteran": false, "disability": { "severity": "none" }, "studying": "none",
            "industrial_zone_worker": false,
        }],
    });
    for (id, value) in changed.as_object().into_iter().flatten() {
        match id.as_str() {
            "trip" => request["trip"] = value.clone(),
            "household" => {
                for (id, value) in value.as_object().into_iter().flatten() {
                    request["household"][id] = value.clone();
                }
            }
            _ => request["people"][0][id] = value.clone(),
        }
    }
    request
}

fn health(on: &str, authority: &str, changed: Value) -> Verdict {
    let request = request(on, authority, changed);
    let (on, authority) = asked(&request).expect("a day");
    health_insurance(on, authority, &Facts::read(&request, 0).expect("complete facts"))
}

fn transit(on: &str, authority: &str, changed: Value) -> Verdict {
    let request = request(on, authority, changed);
    let (on, authority) = asked(&request).expect("a day");
    free_transit(on, authority, &Facts::read(&request, 0).expect("complete facts"))
}

/// The field is said, and is this value.
fn says(verdict: &Verdict, path: &str, value: Value) {
    let (_, field) = verdict.benefit.iter().find(|(one, _)| *one == path).expect("the field is read");
    assert!(*field != Field::Unsaid && field.agrees(Some(&value)), "{path}: {field:?}, not {value}");
}

#[test]
fn a_pupil_in_2019_gets_30_percent_of_the_premium_of_that_day() {
    let pupil = json!({ "born_on": "2010-03-01", "studying": "primary" });
    let before = health("2019-06-30", "law", pupil.clone());
    says(&before, "monthly_vnd", json!(18_765)); // 30 % of 4.5 % of 1,390,000
    let after = health("2019-07-01", "law", pupil);
    says(&after, "monthly_vnd", json!(20_115)); // 30 % of 4.5 % of 1,490,000
    says(&after, "card_code", json!("HS4"));
}

#[test]
fn the_city_pays_nothing_for_the_old_before_2024() {
    let old = json!({ "born_on": "1950-01-01" });
    assert_eq!(health("2023-12-31", "law", old.clone()).outcome, Outcome::NotEntitled);
    let from_2024 = health("2024-01-01", "law", old);
    assert_eq!(from_2024.outcome, Outcome::Entitled);
    says(&from_2024, "paid_by", json!([{ "payer": "city_budget", "percent": "100", "monthly_vnd": 81_000 }]));
}

#[test]
fn parents_of_early_revolutionaries_were_covered_until_the_ordinance_of_2021() {
    let parent = json!({ "merit_relations": [{ "relation": "parent", "title": "uprising_1945" }] });
    let before = health("2021-06-30", "law", parent.clone());
    says(&before, "card_code", json!("TC3"));
    // The Decree still named them, the Ordinance no longer.
    assert_eq!(health("2022-02-14", "law", parent.clone()).outcome, Outcome::NeedsReview);
    assert_eq!(health("2022-02-15", "law", parent).outcome, Outcome::NotEntitled);
}

#[test]
fn carers_are_covered_from_february_2022() {
    let carer = json!({ "merit_relations": [{ "relation": "carer", "title": "sick_soldier", "impairment_percent": 81 }] });
    assert_eq!(health("2022-02-14", "law", carer.clone()).outcome, Outcome::NotEntitled);
    says(&health("2022-02-15", "law", carer), "card_code", json!("PV3"));
}

#[test]
fn grown_children_of_martyrs_are_sure_from_july_2021() {
    let child = json!({ "merit_relations": [{ "relation": "child", "title": "martyr" }] });
    assert_eq!(health("2021-06-30", "law", child.clone()).outcome, Outcome::Unsaid);
    says(&health("2021-07-01", "law", child), "card_code", json!("TS2"));
}

#[test]
fn survivors_are_covered_from_80_then_from_75() {
    let survivor = json!({ "born_on": "1946-03-01", "pension": "survivor", "pension_vnd": 900_000 });
    assert_eq!(health("2023-01-01", "law", survivor.clone()).outcome, Outcome::NotEntitled);
    says(&health("2025-07-01", "law", survivor), "card_code", json!("CT2"));
}

#[test]
fn leaving_poverty_in_may_2020_is_supported_until_april_2023() {
    let left = json!({ "household": {
        "poverty_status": "exited_poverty", "status_since": "2020-05-20", "city_poverty_status": "exited_poverty",
        "city_status_since": "2020-05-20",
    } });
    assert_eq!(health("2021-01-01", "law", left.clone()).outcome, Outcome::Entitled);
    assert_eq!(health("2023-04-30", "law", left.clone()).outcome, Outcome::Entitled);
    assert_eq!(health("2023-05-01", "law", left).outcome, Outcome::Unsaid);
}

#[test]
fn an_employee_keeps_the_place_and_takes_the_higher_level() {
    let employee = json!({ "employment": "contract", "household": { "poverty_status": "poor", "city_poverty_status": "poor" } });
    let verdict = health("2021-01-01", "law", employee);
    assert_eq!(verdict.outcome, Outcome::NotEntitled);
    says(&verdict, "group", json!("employee"));
    says(&verdict, "benefit_level_percent", json!("100"));
}

#[test]
fn former_difficult_places_count_36_months_from_november_2023() {
    let person = json!({ "ethnic_minority": true, "has_health_card": true,
        "household": { "area_class": "former_difficult", "area_class_since": "2021-06-04" } });
    assert_eq!(health("2023-10-31", "law", person.clone()).outcome, Outcome::NotEntitled);
    says(&health("2024-05-01", "law", person.clone()), "support_percent", json!("70"));
    says(&health("2026-10-31", "law", person.clone()), "support_percent", json!("100"));
    assert_eq!(health("2026-11-01", "law", person).outcome, Outcome::NotEntitled);
}

#[test]
fn the_plan_adds_what_the_near_poor_pay_from_its_day() {
    let near_poor =
        json!({ "household": { "poverty_status": "near_poor", "city_poverty_status": "near_poor" } });
    says(&health("2024-06-12", "plan", near_poor.clone()), "support_percent", json!("70"));
    says(&health("2024-06-13", "plan", near_poor), "support_percent", json!("100"));
}

#[test]
fn the_second_of_a_household_pays_70_percent() {
    let verdict = health("2021-01-01", "law", json!({ "household_scheme_rank": 2 }));
    says(&verdict, "self_vnd", json!(46_935)); // 70 % of 67,050
    says(&verdict, "card_code", json!("GD4"));
}

#[test]
fn cards_of_the_elderly_had_five_years_and_those_of_the_poor_the_calendar_year() {
    let elderly = json!({ "born_on": "1955-01-01" });
    says(&transit("2020-02-29", "law", elderly.clone()), "card.valid_months", json!(60));
    says(&transit("2024-10-27", "law", elderly), "card.valid_months", Value::Null);
    let poor = json!({ "household": { "poverty_status": "poor", "city_poverty_status": "poor" } });
    says(&transit("2021-05-05", "law", poor), "card.until", json!("2021-12-31"));
}

#[test]
fn the_first_fifteen_days_of_line_2a_were_free_for_all() {
    let trip = json!({ "trip": { "service": "metro_2a", "trip_area": "elsewhere", "medium": "none" } });
    assert_eq!(transit("2021-11-05", "law", trip.clone()).outcome, Outcome::NotEntitled);
    says(&transit("2021-11-20", "law", trip.clone()), "group", json!("everyone"));
    assert_eq!(transit("2021-11-21", "law", trip).outcome, Outcome::NotEntitled);
}

#[test]
fn a_worker_of_an_industrial_zone_pays_half_in_2020() {
    let worker = json!({ "employment": "contract", "industrial_zone_worker": true,
        "trip": { "service": "bus", "trip_area": "elsewhere", "medium": "none", "pass_scope": "one_route" } });
    let verdict = transit("2020-06-01", "law", worker);
    says(&verdict, "monthly_pass_vnd", json!(55_000));
    says(&verdict, "full_pass_vnd", json!(100_000));
}

#[test]
fn donors_stand_before_the_social_allowance_and_beside_the_poor_from_july_2025() {
    let donor = |more: Value| {
        let mut facts = json!({ "other_groups": [{ "group": "organ_donor" }] });
        facts.as_object_mut().expect("facts").extend(more.as_object().expect("facts").clone());
        facts
    };
    let allowance = donor(json!({ "social_allowance": "drawing" }));
    says(&health("2025-06-30", "law", allowance.clone()), "card_code", json!("BT2"));
    says(&health("2025-07-01", "law", allowance), "card_code", json!("HG2"));
    let poor = donor(json!({ "household": { "poverty_status": "poor", "city_poverty_status": "poor" } }));
    let verdict = health("2025-07-01", "law", poor);
    says(&verdict, "group", Value::Null);
    says(&verdict, "support_percent", json!("100"));
}

#[test]
fn artisans_of_low_income_stand_behind_all_of_the_law_from_july_2025() {
    let artisan = json!({
        "other_groups": [{ "group": "artisan" }], "social_allowance": "drawing", "household": { "income_per_person_vnd": 1_000_000 },
    });
    says(&health("2025-06-30", "law", artisan.clone()), "group", json!("social_protection"));
    says(&health("2025-07-01", "law", artisan), "group", json!("social_protection"));
    let official = json!({
        "other_groups": [{ "group": "artisan" }], "employment": "commune_part_time", "household": { "income_per_person_vnd": 1_000_000 },
    });
    assert_eq!(health("2025-06-30", "law", official.clone()).outcome, Outcome::Entitled);
    assert_eq!(health("2025-07-01", "law", official).outcome, Outcome::NotEntitled);
}

#[test]
fn the_place_of_youth_volunteers_and_of_points_c_to_h_is_not_told() {
    let volunteer = json!({ "born_on": "1952-01-01", "veteran": true, "veteran_kind": "youth_volunteer", "other_groups": [{ "group": "elected_deputy" }] });
    says(&health("2025-06-30", "law", volunteer.clone()), "group", json!("veteran"));
    says(&health("2025-07-01", "law", volunteer), "group", Value::Null);
    let farm = json!({ "other_groups": [{ "group": "grassroots_security" }], "household": { "livelihood": "farm_average" } });
    let verdict = health("2025-09-01", "law", farm);
    says(&verdict, "group", Value::Null);
    says(&verdict, "support_percent", json!("80"));
}
