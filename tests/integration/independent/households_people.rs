//! One generated person: every fact is given, and the facts agree with each other.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::calendar::{age, day};
use super::households::{Draw, Home, close, date, flag, key, number, text};

/// The social pension begins.
const SOCIAL_PENSION: NaiveDate = day(2025, 7, 1);

/// Appends one person as a JSON object.
pub fn write_person(draw: &mut Draw, on: NaiveDate, home: &Home, place: u64, out: &mut String) {
    let born = birth(draw, on);
    let years = age(born, on);
    out.push('{');
    text(out, "id", ["a", "b", "c", "d", "e", "f"][place as usize]);
    date(out, "born_on", born);
    if draw.chance(1) {
        date(out, "died_on", (on - Days::new(draw.below(3))).max(born));
    }
    text(out, "sex", draw.pick(&["male", "female"]));
    let citizenship =
        draw.pick(&["vietnamese", "vietnamese", "vietnamese", "vietnamese", "foreign", "stateless"]);
    text(out, "citizenship", citizenship);
    text(out, "residence", draw.pick(&["permanent", "permanent", "permanent", "temporary", "none"]));
    flag(out, "ethnic_minority", citizenship == "vietnamese" && draw.chance(35));
    let employment = write_work(draw, years, out);
    let (pension, low) = write_pension(draw, on, years, employment, out);
    let severity = match draw.below(10) {
        0 | 1 => "mild",
        2 => "severe",
        3 => "exceptionally_severe",
        _ => "none",
    };
    let studying = write_study(draw, years, out);
    let barred = !matches!(pension, "none" | "unemployment");
    let allowance =
        write_allowance(draw, on, years, severity, studying, barred || citizenship != "vietnamese", out);
    let local_poor = matches!(home.city_poverty_status, "poor" | "near_poor");
    let old_enough = years >= 75 || years >= 70 && local_poor;
    let qualifies = citizenship == "vietnamese" && old_enough && (!barred || low) && on >= SOCIAL_PENSION;
    write_social_pension(draw, on, allowance, qualifies, out);
    flag(out, "has_health_card", draw.chance(40));
    if draw.chance(50) {
        number(out, "household_scheme_rank", 1 + draw.below(5) as i64);
    }
    key(out, "disability");
    out.push('{');
    text(out, "severity", severity);
    if severity != "none" {
        text(
            out,
            "kind",
            draw.pick(&["mobility", "hearing_speech", "vision", "mental", "intellectual", "other"]),
        );
    }
    close(out, '}');
    out.push(',');
    write_merit(draw, years, out);
    write_relations(draw, years, out);
    let veteran = years >= 18 && draw.chance(12);
    flag(out, "veteran", veteran);
    if veteran {
        let kinds = ["war_veteran", "youth_volunteer", "front_line_labourer", "decision_recipient"];
        text(out, "veteran_kind", draw.pick(&kinds));
    }
    write_groups(draw, on, years, out);
    close(out, '}');
}

/// A birth date: mostly within days of an age that the law names, else any.
fn birth(draw: &mut Draw, on: NaiveDate) -> NaiveDate {
    let earliest = day(1915, 1, 1);
    let born = match draw.below(10) {
        0..5 => {
            let years = draw.pick(&[1, 6, 6, 7, 15, 16, 18, 60, 60, 70, 70, 75, 75, 80]);
            let birthday = on.checked_sub_months(Months::new(12 * years)).unwrap_or(on);
            birthday + Days::new(2) - Days::new(draw.below(5))
        }
        // Young children's cards end on 30 September or with the month of birth.
        5 => {
            let year = on.year() - 6 - draw.below(2) as i32;
            day(year, 9, 28) + Days::new(draw.below(5)) + Days::new(31 * draw.below(3))
        }
        6 if draw.chance(30) => {
            let year = on.year() - draw.pick(&[6, 60, 70, 75, 80]);
            let leap = year - year.rem_euclid(4);
            NaiveDate::from_ymd_opt(leap, 2, 29).unwrap_or(earliest)
        }
        _ => on - Days::new(draw.below(95 * 365)),
    };
    born.clamp(earliest, on)
}

fn write_work(draw: &mut Draw, years: i32, out: &mut String) -> &'static str {
    let kinds = [
        "none",
        "none",
        "none",
        "self_employed",
        "self_employed",
        "contract",
        "contract_suspended",
        "civil_servant",
        "armed_forces",
        "business_owner",
        "commune_part_time",
    ];
    let employment = match years {
        ..15 => "none",
        15..18 => draw.pick(&["none", "none", "self_employed", "contract"]),
        18..60 => draw.pick(&kinds),
        _ if draw.chance(80) => "none",
        _ => draw.pick(&kinds),
    };
    text(out, "employment", employment);
    flag(out, "industrial_zone_worker", employment == "contract" && draw.chance(40));
    employment
}

/// The pension, and whether it stays below 500,000 dong.
fn write_pension(
    draw: &mut Draw,
    on: NaiveDate,
    years: i32,
    employment: &str,
    out: &mut String,
) -> (&'static str, bool) {
    let wanted = draw.pick(&[
        "none",
        "none",
        "none",
        "none",
        "none",
        "none",
        "none",
        "retirement",
        "retirement_and_survivor",
        "incapacity",
        "occupational_injury",
        "commune_official",
        "unemployment",
        "interim",
        "survivor",
        "survivor",
    ]);
    let possible = match wanted {
        "retirement" | "retirement_and_survivor" | "incapacity" => years >= 45,
        "occupational_injury" => years >= 18,
        "commune_official" => years >= 40,
        "unemployment" => (18..60).contains(&years) && employment == "none",
        "interim" => on >= SOCIAL_PENSION && (60..75).contains(&years),
        "survivor" => !(18..55).contains(&years),
        _ => true,
    };
    let pension = if possible { wanted } else { "none" };
    text(out, "pension", pension);
    let amount = if pension == "none" {
        0
    } else {
        draw.pick(&[300_000, 499_999, 500_000, 500_001, 650_000, 4_000_000])
    };
    number(out, "pension_vnd", amount);
    (pension, amount < 500_000)
}

fn write_study(draw: &mut Draw, years: i32, out: &mut String) -> &'static str {
    let higher = ["vocational", "college", "university", "postgraduate", "upper_secondary"];
    let studying = match years {
        ..3 => "none",
        3..6 => draw.pick(&["none", "preschool"]),
        6..11 => draw.pick(&["primary", "primary", "primary", "preschool", "none"]),
        11..15 => draw.pick(&["lower_secondary", "lower_secondary", "none"]),
        15..18 => draw.pick(&["upper_secondary", "upper_secondary", "vocational", "none"]),
        18..30 if draw.chance(60) => draw.pick(&higher),
        30.. if draw.chance(8) => draw.pick(&higher),
        _ => "none",
    };
    text(out, "studying", studying);
    if studying == "none" {
        return studying;
    }
    let mode = if years < 15 {
        "full_time"
    } else {
        draw.pick(&["full_time", "full_time", "work_while_study", "online"])
    };
    text(out, "study_mode", mode);
    let here = draw.chance(75);
    flag(out, "studies_in_hanoi", here);
    flag(out, "school_founded_by_city", here && draw.chance(60));
    text(out, "school_kind", draw.pick(&["public", "public_high_quality", "non_public", "foreign_invested"]));
    text(out, "study_year", draw.pick(&["first", "middle", "final"]));
    studying
}

fn write_allowance(
    draw: &mut Draw,
    on: NaiveDate,
    years: i32,
    severity: &str,
    studying: &str,
    barred: bool,
    out: &mut String,
) -> &'static str {
    let allowance = if barred {
        "none"
    } else if on >= SOCIAL_PENSION && years >= 80 && draw.chance(30) {
        "converted"
    } else if draw.chance(20) {
        "drawing"
    } else {
        "none"
    };
    text(out, "social_allowance", allowance);
    if allowance == "none" {
        return allowance;
    }
    date(out, "social_allowance_since", day(2018, 6, 1) - Days::new(draw.below(400)));
    let group = match years {
        _ if allowance == "converted" => "elderly",
        _ if draw.chance(12) => "city",
        _ if matches!(severity, "severe" | "exceptionally_severe") => "disability",
        ..3 => draw.pick(&["unsupported_child", "child_hiv", "child_difficult_area"]),
        3..16 => draw.pick(&["unsupported_child", "child_hiv"]),
        16..23 if studying != "none" => "unsupported_student",
        16..60 => draw.pick(&["single_parent", "hiv"]),
        _ => "elderly",
    };
    text(out, "social_allowance_group", group);
    allowance
}

fn write_social_pension(draw: &mut Draw, on: NaiveDate, allowance: &str, qualifies: bool, out: &mut String) {
    let told = match allowance {
        "converted" => "drawing",
        "drawing" => "none",
        _ if draw.chance(50) => return, // absent: taken as drawn where the conditions hold
        _ if qualifies && draw.chance(60) => "drawing",
        _ => "none",
    };
    text(out, "social_pension", told);
    if told == "drawing" {
        date(out, "social_pension_since", SOCIAL_PENSION.min(on));
    }
}

const BY_PERCENT: [&str; 4] = ["war_invalid", "war_invalid_b", "sick_soldier", "chemical_victim"];
const TITLES: [&str; 12] = [
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

fn write_merit(draw: &mut Draw, years: i32, out: &mut String) {
    key(out, "merit");
    out.push('[');
    let entries = if years >= 18 && draw.chance(15) { 1 + draw.below(3) } else { 0 };
    let start = draw.below(12);
    for entry in 0..entries {
        // Distinct titles.
        let title = TITLES[((start + 5 * entry) % 12) as usize];
        out.push('{');
        text(out, "title", title);
        if BY_PERCENT.contains(&title) {
            number(out, "impairment_percent", draw.pick(&[21, 41, 60, 61, 80, 81, 82, 100]));
        }
        flag(out, "monthly_allowance", draw.chance(70));
        close(out, '}');
        out.push(',');
    }
    close(out, ']');
    out.push(',');
}

fn write_relations(draw: &mut Draw, years: i32, out: &mut String) {
    key(out, "merit_relations");
    out.push('[');
    let entries = if draw.chance(25) { 1 + draw.below(3) } else { 0 };
    for _ in 0..entries {
        write_relation(draw, years, out);
    }
    close(out, ']');
    out.push(',');
}

fn write_relation(draw: &mut Draw, years: i32, out: &mut String) {
    let relation = match years {
        ..15 => "child",
        15..18 => draw.pick(&["child", "child", "carer"]),
        18..40 => draw.pick(&["child", "child", "spouse", "carer", "worshipper"]),
        _ => draw.pick(&["child", "spouse", "parent", "raiser", "carer", "worshipper"]),
    };
    let title = match relation {
        "raiser" | "worshipper" => "martyr",
        "carer" => {
            draw.pick(&["heroic_mother", "war_invalid", "war_invalid_b", "sick_soldier", "chemical_victim"])
        }
        _ if draw.chance(30) => "martyr",
        _ => draw.pick(&TITLES),
    };
    out.push('{');
    text(out, "relation", relation);
    text(out, "title", title);
    if BY_PERCENT.contains(&title) {
        number(out, "impairment_percent", draw.pick(&[21, 46, 60, 61, 62, 80, 81, 90]));
    }
    let allowance = draw.chance(50);
    flag(out, "monthly_allowance", allowance);
    if title == "martyr" {
        number(out, "count", 1 + draw.below(3) as i64);
    }
    if relation == "spouse" {
        flag(out, "remarried", title == "martyr" && draw.chance(40));
    }
    if relation == "child" && title == "chemical_victim" {
        number(out, "own_impairment_percent", draw.pick(&[0, 50, 60, 61, 81]));
    }
    flag(out, "deceased", title == "martyr" || relation != "carer" && draw.chance(40));
    close(out, '}');
    out.push(',');
}

fn write_groups(draw: &mut Draw, on: NaiveDate, years: i32, out: &mut String) {
    if draw.chance(50) {
        return; // absent: none
    }
    key(out, "other_groups");
    out.push('[');
    let groups = [
        "grassroots_security",
        "village_health_worker",
        "artisan",
        "organ_donor",
        "elected_deputy",
        "armed_forces_relative",
        "trafficking_victim",
        "official_housing_returned",
        "land_recovered",
    ];
    let entries = if draw.chance(35) { 1 + draw.below(3) } else { 0 };
    let start = draw.below(9);
    for entry in 0..entries {
        let group = groups[((start + 2 * entry) % 9) as usize];
        if years < 18 && !matches!(group, "armed_forces_relative" | "trafficking_victim") {
            continue;
        }
        out.push('{');
        text(out, "group", group);
        let months = draw.pick(&[0, 3, 11, 12, 13, 40]);
        let back = on.checked_sub_months(Months::new(months)).unwrap_or(on);
        date(out, "since", day(back.year(), back.month(), 1 + draw.below(28) as u32).min(on));
        close(out, '}');
        out.push(',');
    }
    close(out, ']');
    out.push(',');
}
