//! The facts as the evaluator knows them: type of each, order of each enum, what an absent one stands for.

/// One fact that a request can give.
pub struct Fact {
    /// Path of the fact, such as `household.unit`.
    pub id: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Text of the value taken when it is absent; `None` when it is then unknown.
    pub absent: Option<&'static str>,
}

/// The values of a fact or of a member of a list entry.
pub enum Kind {
    /// One of these, in this order.
    Word(&'static [&'static str]),
    /// True or false.
    Bool,
    /// A whole number from, to.
    Number(i64, i64),
    /// A day, perhaps a partial one.
    Date,
    /// A list of words.
    Words(&'static [&'static str]),
    /// A list of entries with members; a member's `id` has no dots.
    Entries(&'static [Fact]),
    /// A free text that no condition may read.
    Text,
}

use Kind::{Bool, Date, Entries, Number, Text, Word, Words};

const MONEY: Kind = Number(0, 1_000_000_000);
const PERCENT: Kind = Number(0, 100);

const fn fact(id: &'static str, kind: Kind) -> Fact {
    Fact { id, kind, absent: None }
}

/// A fact marked † or a member that has a default.
const fn rare(id: &'static str, kind: Kind, absent: &'static str) -> Fact {
    Fact { id, kind, absent: Some(absent) }
}

/// `social_pension` and `trip.medium` as they are when nothing was said; no request can give this value.
pub const UNSTATED: &str = "unstated";
/// Text of the default of a date: there is no such day.
pub const NO_DATE: &str = "no such date";

const TITLES: &[&str] = &[
    "revolutionary_before_1945",
    "uprising_1945",
    "heroic_mother",
    "armed_forces_hero",
    "labour_hero",
    "war_invalid",
    "war_invalid_b",
    "sick_soldier",
    "chemical_victim",
    "imprisoned",
    "resistance_participant",
    "helped_revolution",
];
const RELATED_TITLES: &[&str] = &[
    "revolutionary_before_1945",
    "uprising_1945",
    "heroic_mother",
    "armed_forces_hero",
    "labour_hero",
    "war_invalid",
    "war_invalid_b",
    "sick_soldier",
    "chemical_victim",
    "imprisoned",
    "resistance_participant",
    "helped_revolution",
    "martyr",
];
const PARENT: &[&str] = &[
    "alive",
    "on_allowance",
    "disabled_on_allowance",
    "dead",
    "missing",
    "in_facility",
    "detained",
    "unknown_parent",
];
const POVERTY: &[&str] = &["poor", "near_poor", "exited_poverty", "exited_near_poverty", "none"];
/// Classes of a place that are also its traits.
const AREA_CLASSES: &[&str] =
    &["normal", "difficult", "very_difficult", "former_difficult", "poor_commune", "island", "safe_zone"];

const MERIT: &[Fact] = &[
    fact("title", Word(TITLES)),
    fact("impairment_percent", PERCENT),
    fact("monthly_allowance", Bool),
    rare("special_severity", Bool, "false"),
    rare("nurture", Bool, "false"),
    fact("full_time", Bool),
    fact("seniority_years", Number(0, 60)),
    fact("award", Word(&["homeland", "resistance_order", "resistance_medal"])),
];
const MERIT_RELATIONS: &[Fact] = &[
    fact("relation", Word(&["parent", "spouse", "child", "raiser", "carer", "worshipper"])),
    fact("title", Word(RELATED_TITLES)),
    fact("impairment_percent", PERCENT),
    fact("count", Number(1, 20)),
    fact("remarried", Bool),
    fact("deceased", Bool),
    fact("monthly_allowance", Bool),
    fact("own_impairment_percent", PERCENT),
    rare("special_severity", Bool, "false"),
    rare("nurture", Bool, "false"),
];
const OTHER_GROUPS: &[Fact] = &[
    fact(
        "group",
        Word(&[
            "grassroots_security",
            "village_health_worker",
            "artisan",
            "organ_donor",
            "elected_deputy",
            "armed_forces_relative",
            "trafficking_victim",
            "official_housing_returned",
            "land_recovered",
        ]),
    ),
    fact("since", Date),
];

/// Every fact, in the order of the vocabulary.
pub const FACTS: &[Fact] = &[
    fact("born_on", Date),
    rare("born_on_final", Bool, "false"),
    rare("died_on", Date, NO_DATE),
    fact("sex", Word(&["male", "female"])),
    fact("personal_id", Text),
    fact("citizenship", Word(&["vietnamese", "foreign", "stateless"])),
    fact("residence", Word(&["permanent", "temporary", "none"])),
    fact("ethnic_minority", Bool),
    fact(
        "employment",
        Word(&[
            "contract",
            "contract_suspended",
            "civil_servant",
            "armed_forces",
            "business_owner",
            "commune_part_time",
            "self_employed",
            "none",
        ]),
    ),
    fact("industrial_zone_worker", Bool),
    fact(
        "pension",
        Word(&[
            "none",
            "retirement",
            "retirement_and_survivor",
            "incapacity",
            "occupational_injury",
            "commune_official",
            "unemployment",
            "interim",
            "survivor",
        ]),
    ),
    fact("pension_vnd", MONEY),
    rare("other_monthly_allowance", Bool, "false"),
    fact("social_allowance", Word(&["none", "drawing", "converted"])),
    fact("social_allowance_since", Date),
    fact(
        "social_allowance_group",
        Word(&[
            "unsupported_child",
            "unsupported_student",
            "child_hiv",
            "single_parent",
            "elderly",
            "disability",
            "child_difficult_area",
            "hiv",
            "city",
        ]),
    ),
    rare("parent_on_single_allowance", Bool, "false"),
    rare("social_pension", Word(&["none", "drawing"]), UNSTATED),
    fact("social_pension_since", Date),
    fact("has_health_card", Bool),
    fact("health_card_until", Date),
    rare("household_scheme_rank", Number(1, 5), "1"),
    fact("merit", Entries(MERIT)),
    fact("merit_relations", Entries(MERIT_RELATIONS)),
    fact("veteran", Bool),
    fact(
        "veteran_kind",
        Word(&["war_veteran", "youth_volunteer", "front_line_labourer", "decision_recipient"]),
    ),
    fact("disability.severity", Word(&["none", "mild", "severe", "exceptionally_severe"])),
    fact(
        "disability.kind",
        Word(&["mobility", "hearing_speech", "vision", "mental", "intellectual", "other"]),
    ),
    fact("disability.certificate", Bool),
    fact("disability.since", Date),
    fact(
        "studying",
        Word(&[
            "none",
            "preschool",
            "primary",
            "lower_secondary",
            "upper_secondary",
            "vocational",
            "college",
            "university",
            "postgraduate",
        ]),
    ),
    fact("study_mode", Word(&["full_time", "work_while_study", "online"])),
    fact("studies_in_hanoi", Bool),
    fact("study_year", Word(&["first", "middle", "final"])),
    fact("course_ends_on", Date),
    rare("first_degree", Bool, "true"),
    fact("school_kind", Word(&["public", "public_high_quality", "non_public", "foreign_invested"])),
    fact("school_founded_by_city", Bool),
    rare("field_of_study", Word(&["stem", "traditional_arts", "hazardous_trade", "other"]), "other"),
    rare("school_lunch", Word(&["none", "standard", "listed_school"]), "none"),
    rare("parent_occupational_allowance", Bool, "false"),
    fact("hiv", Bool),
    rare("critical_illness", Bool, "false"),
    fact("father", Word(PARENT)),
    fact("mother", Word(PARENT)),
    fact("abandoned", Bool),
    fact("single_parent", Word(&["none", "never_married", "widowed", "spouse_missing"])),
    fact("children_raised", Number(0, 20)),
    fact("marital_status", Word(&["never_married", "married", "divorced", "widowed", "spouse_missing"])),
    fact("raises_minor", Bool),
    fact("support_obliged", Word(&["none", "has_supporter", "supporter_on_allowance"])),
    rare("lone_elderly", Bool, "false"),
    rare("cannot_self_care", Bool, "false"),
    fact("cannot_live_alone", Bool),
    fact("taken_in", Bool),
    fact("taken_in_count", Number(0, 20)),
    rare("in_facility", Bool, "false"),
    fact("maternity", Word(&["none", "pregnant", "raising_under_36_months", "both"])),
    fact("children_under_36_months", Number(0, 20)),
    fact("spouse_has_care_support", Bool),
    fact("income_vnd", MONEY),
    fact("spouse_income_vnd", MONEY),
    fact("insurance_income_vnd", MONEY),
    fact("insurance_months_supported", Number(0, 1200)),
    fact("housing_supported", Bool),
    fact("owns_home", Bool),
    rare("prison_released_on", Date, NO_DATE),
    rare("other_groups", Entries(OTHER_GROUPS), "[]"),
    rare(
        "emergency_harm",
        Word(&["none", "seriously_injured", "killed", "missing", "parents_lost", "buried_by_others"]),
        "none",
    ),
    fact("emergency_cause", Word(&["disaster", "fire", "accident", "other"])),
    fact("emergency_on", Date),
    fact("household.unit", Text),
    fact("household.area", Word(&["urban", "rural"])),
    fact("household.area_class", Word(AREA_CLASSES)),
    fact("household.area_class_since", Date),
    rare(
        "household.area_traits",
        Words(&["ethnic_mountain", "poor_commune", "island", "special_zone", "safe_zone"]),
        "[]",
    ),
    fact("household.poverty_status", Word(POVERTY)),
    fact("household.status_since", Date),
    fact("household.list_year", Number(1990, 2100)),
    fact("household.city_poverty_status", Word(POVERTY)),
    fact("household.city_status_since", Date),
    fact("household.cannot_escape_poverty", Bool),
    fact("household.livelihood", Word(&["farm_average", "other_average", "other"])),
    fact("household.income_per_person_vnd", MONEY),
    fact(
        "household.deprivations",
        Words(&[
            "work",
            "dependants",
            "nutrition",
            "health_insurance",
            "adult_education",
            "schooling",
            "housing_quality",
            "housing_area",
            "water",
            "toilet",
            "telecom",
            "information_means",
            "waste",
        ]),
    ),
    rare("household.member_on_allowance", Bool, "false"),
    fact("household.electricity_kwh", Number(0, 100_000)),
    fact("household.off_grid", Bool),
    fact("household.floor_area_m2", Number(0, 10_000)),
    rare(
        "household.emergency_loss",
        Words(&["hunger_tet", "hunger", "house_destroyed", "house_badly_damaged", "must_move"]),
        "[]",
    ),
    fact("household.emergency_loss_on", Date),
    fact("trip.service", Word(&["bus", "metro_2a", "metro_3_1", "unsubsidised_bus", "other"])),
    fact("trip.trip_area", Word(&["inside_ring_road_1", "partly_inside", "elsewhere"])),
    fact(
        "trip.medium",
        Word(&[
            "none",
            "chip_id",
            "chip_card",
            "virtual_card",
            "metro_app",
            "plastic_no_chip",
            "old_metro_card",
            "pilot_e_ticket",
            "paper_pass",
        ]),
    ),
    fact("trip.pass_scope", Word(&["one_route", "inter_route", "multimodal"])),
    fact("trip.trips_a_month", Number(0, 1000)),
    fact("trip.route_km", Number(0, 500)),
    rare("trip.group_purchase", Bool, "false"),
    rare("trip.regular_travel", Bool, "false"),
];

/// The fact with this id, if there is one.
pub fn find(id: &str) -> Option<&'static Fact> {
    FACTS.iter().find(|fact| fact.id == id)
}

/// The kind of a member of the entries of a list; a list of words has the word itself under every name.
pub fn member(list: &str, name: &str) -> Option<&'static Kind> {
    match &find(list)?.kind {
        Entries(members) => members.iter().find(|member| member.id == name).map(|member| &member.kind),
        words @ Words(_) => Some(words),
        _ => None,
    }
}

/// Place of a word in the order of its enum.
pub fn order_of(kind: &Kind, word: &str) -> Option<usize> {
    match kind {
        Word(words) | Words(words) => words.iter().position(|known| *known == word),
        _ => None,
    }
}
