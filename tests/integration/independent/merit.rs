//! Relatives and carers of people of meritorious service: Ordinance 02/2020/UBTVQH14 (in force 2021-07-01), Decree 131/2021/NĐ-CP Art. 183
//! (in force 2022-02-15), before them Decree 146/2018/NĐ-CP Art. 3.11, 3.12.

use chrono::NaiveDate;

use super::Facts;
use super::calendar::{age, day};
use super::facts::Relation;
use super::health::LAW_51;

const ORDINANCE_02: NaiveDate = day(2021, 7, 1);
const DECREE_131: NaiveDate = day(2022, 2, 15);
/// Ordinance Art. 25.1.a, 28.1, 31.2.a: relatives of those who lost this much.
const RELATIVES_FROM_PERCENT: i64 = 61;
/// Ordinance Art. 25.1.b, 28.1, 31.2.c: carers of those who lost this much; also the level without caps.
const CARERS_FROM_PERCENT: i64 = 81;

/// Titles that go by the share of bodily impairment.
fn goes_by_percent(title: &str) -> bool {
    matches!(title, "war_invalid" | "war_invalid_b" | "sick_soldier" | "chemical_victim")
}

/// Decree 146/2018 Art. 14.1.b as amended by Decree 131/2021: treated without payment caps.
pub fn is_uncapped(person: &Facts) -> bool {
    person.merit.iter().any(|own| {
        matches!(own.title, "revolutionary_before_1945" | "uprising_1945" | "heroic_mother")
            || goes_by_percent(own.title) && own.impairment_percent >= CARERS_FROM_PERCENT
    })
}

/// From full 6 to under 18; from 18 while studying, or with a severe or exceptionally severe disability.
fn in_child_window(on: NaiveDate, person: &Facts) -> bool {
    let years = age(person.born_on, on);
    if years < 18 {
        return years >= 6;
    }
    person.studying != "none" || matches!(person.severity, "severe" | "exceptionally_severe")
}

/// Ordinance Art. 16.6: parents, spouse (not remarried), all children of a martyr, and the person who raised the martyr. Before the Ordinance
/// the texts do not say whether a grown child counted: then `Some(false)`, unsure.
pub fn is_martyr_relative(on: NaiveDate, person: &Facts) -> Option<bool> {
    let mut found = None;
    for own in person.relations.iter().filter(|own| own.title == "martyr") {
        let sure = match own.relation {
            "parent" | "raiser" => true,
            "spouse" if !own.remarried => true,
            // What held for a remarried spouse before Decree 131/2021 is not said.
            "spouse" if on < DECREE_131 => false,
            "child" => on >= ORDINANCE_02 || in_child_window(on, person),
            _ => continue,
        };
        found = Some(sure || found == Some(true));
    }
    found
}

/// Decree 146/2018 Art. 3.18: the remarried spouse of a martyr who draws the allowance of Ordinance Art. 16.10.a.
pub fn remarried_on_allowance(on: NaiveDate, person: &Facts) -> Option<bool> {
    let remarried = |own: &&Relation| own.relation == "spouse" && own.title == "martyr" && own.remarried;
    let drawing = person.relations.iter().filter(remarried).any(|own| own.monthly_allowance);
    (on >= DECREE_131 && drawing).then_some(true)
}

/// War invalids of type B are of the category of war invalids (Art. 3.1), but Art. 25.1 names only those and holders of the same policy: open.
fn sure_but_for_type_b<'a>(found: impl Iterator<Item = &'a Relation<'a>>) -> Option<bool> {
    found.map(|own| own.title != "war_invalid_b").max()
}

/// Ordinance Art. 10.1, 13.1, 22.1, 25.1.a, 28.1, 31.2.a: relatives of others than martyrs; `Some(false)`: the law is open, as it is for those
/// whom only the Decree still named between the Ordinance and the Decree's change.
pub fn is_other_relative(on: NaiveDate, person: &Facts) -> Option<bool> {
    let by = |law: NaiveDate| {
        sure_but_for_type_b(person.relations.iter().filter(move |own| is_relative_by(law, on, person, own)))
    };
    let by_decree = by(on);
    if !(ORDINANCE_02..DECREE_131).contains(&on) || by_decree.is_none() {
        return by_decree;
    }
    Some(by(DECREE_131) == Some(true))
}

/// By the conditions in force on the day `law`.
fn is_relative_by(law: NaiveDate, on: NaiveDate, person: &Facts, own: &Relation) -> bool {
    let close = match own.relation {
        "parent" | "spouse" => true,
        "child" => in_child_window(on, person),
        _ => return false,
    };
    // Ordinance Art. 31.1, 31.2.b: the natural child, from 6, deformed, with 61 % or more, drawing the monthly allowance. Decree 146/2018
    // Art. 3.12.b named no percent until Decree 131/2021 rewrote it.
    if own.relation == "child" && own.title == "chemical_victim" {
        let impaired = own.own_impairment_percent >= RELATIVES_FROM_PERCENT || law < DECREE_131;
        let drawing = own.monthly_allowance && impaired;
        if drawing && age(person.born_on, on) >= 6 {
            return true;
        }
    }
    match own.title {
        // Parents were among them until Decree 131/2021 rewrote the clause.
        "revolutionary_before_1945" | "uprising_1945" => {
            close && (own.relation != "parent" || law < DECREE_131)
        }
        "armed_forces_hero" | "labour_hero" => close,
        title => close && goes_by_percent(title) && own.impairment_percent >= RELATIVES_FROM_PERCENT,
    }
}

/// Decree 146/2018 Art. 3.19, added by Decree 131/2021 Art. 183.1.c: who cares at home for a Heroic Mother or for one who lost 81 % or more, type
/// B named among them. From 2025-07-01 by the Ordinance alone, which leaves type B open: then `Some(false)`.
pub fn is_carer(on: NaiveDate, person: &Facts) -> Option<bool> {
    let cares = |own: &&Relation| {
        let severe = goes_by_percent(own.title) && own.impairment_percent >= CARERS_FROM_PERCENT;
        on >= DECREE_131 && own.relation == "carer" && (own.title == "heroic_mother" || severe)
    };
    let found = person.relations.iter().filter(cares);
    if on < LAW_51 { found.map(|_| true).max() } else { sure_but_for_type_b(found) }
}
