//! Which paper may show a fact that is missing. The papers are the kinds of documents that a record takes; which of them
//! the law asks for in a procedure is not told here.

use crate::{
    notices::texts::{
        PAPER_ALLOWANCE, PAPER_AREA, PAPER_BIRTH, PAPER_DISABILITY, PAPER_HEALTH_CARD, PAPER_IDENTITY,
        PAPER_MERIT, PAPER_OTHER, PAPER_PENSION, PAPER_POVERTY, PAPER_STUDY, PAPER_VETERAN, PAPER_WORK,
    },
    web::texts::Say,
};

/// The paper for a fact, by the fact's id (with or without the household before it).
pub fn paper(fact: &str) -> Say {
    match fact.trim_start_matches("household.") {
        "born_on" | "born_on_final" | "father" | "mother" => PAPER_BIRTH,
        "personal_id" | "sex" | "citizenship" | "residence" | "unit" => PAPER_IDENTITY,
        "poverty_status"
        | "status_since"
        | "list_year"
        | "city_poverty_status"
        | "city_status_since"
        | "cannot_escape_poverty" => PAPER_POVERTY,
        "area" | "area_class" | "area_class_since" | "area_traits" => PAPER_AREA,
        "employment" | "industrial_zone_worker" => PAPER_WORK,
        "studying"
        | "study_mode"
        | "studies_in_hanoi"
        | "study_year"
        | "course_ends_on"
        | "first_degree"
        | "school_kind"
        | "school_founded_by_city"
        | "field_of_study" => PAPER_STUDY,
        "pension" | "pension_vnd" => PAPER_PENSION,
        "social_allowance"
        | "social_allowance_since"
        | "social_allowance_group"
        | "social_pension"
        | "social_pension_since"
        | "other_monthly_allowance" => PAPER_ALLOWANCE,
        "has_health_card" | "health_card_until" => PAPER_HEALTH_CARD,
        "veteran" | "veteran_kind" => PAPER_VETERAN,
        fact if fact.starts_with("disability") => PAPER_DISABILITY,
        fact if fact.starts_with("merit") => PAPER_MERIT,
        _ => PAPER_OTHER,
    }
}
