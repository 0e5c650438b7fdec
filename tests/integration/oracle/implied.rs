//! What facts imply ("Reading a fact" in the vocabulary): it is never asked and prunes completions of unknown facts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::condition::{self, Expr};
use super::pack::Pack;
use super::profile::{Profile, Value};
use super::truth::{self, Scope};
use super::vocabulary;

/// One line of the table: when the condition holds, the fact has this value.
pub struct Implication {
    /// The facts the condition reads.
    pub reads: &'static str,
    /// The condition.
    pub when: Expr,
    /// The fact that follows.
    pub fact: &'static str,
    /// Its value.
    pub value: Value,
    /// A given value of the fact stands, whatever the condition says.
    pub unless_given: bool,
}

/// The whole table.
pub static TABLE: LazyLock<Vec<Implication>> = LazyLock::new(|| {
    let word = |word: &str| Value::Word(word.to_owned());
    let school = "studying in [preschool, primary, lower_secondary, upper_secondary]";
    vec![
        line("born_on", "age < 15", "employment", word("none")),
        line("born_on", "age < 15", "single_parent", word("none")),
        line("born_on", "age < 15", "maternity", word("none")),
        line("born_on", "age < 15", "veteran", Value::Bool(false)),
        line("born_on", "age < 15", "industrial_zone_worker", Value::Bool(false)),
        line("born_on", "age < 15", "merit", Value::List(Vec::new())),
        line("pension", "pension = none", "pension_vnd", Value::Number(Decimal::ZERO)),
        Implication { unless_given: true, ..line("studying", school, "study_mode", word("full_time")) },
        line(
            "household.poverty_status",
            "household.poverty_status = poor",
            "household.city_poverty_status",
            word("poor"),
        ),
        line(
            "household.poverty_status",
            "household.poverty_status = near_poor",
            "household.city_poverty_status",
            word("near_poor"),
        ),
    ]
});

fn line(reads: &'static str, when: &str, fact: &'static str, value: Value) -> Implication {
    let when = condition::parse(when).unwrap_or_else(|error| panic!("{error}"));
    Implication { reads, when, fact, value, unless_given: false }
}

/// Wards by code, from the table of the city's units.
static WARDS: LazyLock<BTreeMap<String, bool>> = LazyLock::new(|| {
    let table = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/facts/hanoi-units.csv"));
    let mut units = BTreeMap::new();
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split(',').collect();
        units.insert(columns[0].to_owned(), columns[2] == "phường");
    }
    units
});

/// Codes of all units of the city.
pub fn units() -> Vec<&'static str> {
    WARDS.keys().map(String::as_str).collect()
}

/// Whether a unit is a ward.
pub fn is_ward(unit: &str) -> Option<bool> {
    WARDS.get(unit).copied()
}

/// Sets what follows from the known facts, where it was not given.
pub fn close(profile: &mut Profile, on: NaiveDate) {
    if let Some(Value::Word(unit)) = profile.get("household.unit").cloned() {
        let ward = is_ward(&unit);
        let area = ward.map(|ward| if ward { "urban" } else { "rural" });
        let class = ward.filter(|ward| *ward).map(|_| "normal");
        for (fact, word) in [("household.area", area), ("household.area_class", class)] {
            if let Some(word) = word.filter(|_| profile.get(fact).is_none()) {
                profile.set(fact, Some(Value::Word(word.to_owned())));
            }
        }
    }
    if profile.gave("veteran_kind") && profile.get("veteran").is_none() {
        profile.set("veteran", Some(Value::Bool(true)));
    }
    for line in TABLE.iter() {
        let absent = profile.get(line.fact).is_none();
        if absent && holds(line, profile, on) == Some(true) {
            profile.set(line.fact, Some(line.value.clone()));
        }
    }
}

/// Whether facts agree with the table; `given` are the facts before any was filled in.
pub fn consistent(profile: &Profile, given: &Profile, on: NaiveDate) -> bool {
    TABLE.iter().all(|line| {
        let stands = line.unless_given && given.get(line.fact).is_some();
        let Some(value) = profile.get(line.fact) else { return true };
        stands || *value == line.value || holds(line, profile, on) != Some(true)
    })
}

/// Whether the condition of a line of the table holds.
pub fn holds(line: &Implication, profile: &Profile, on: NaiveDate) -> Option<bool> {
    truth::holds(&line.when, &NO_PACK, on, Scope::Facts(profile))
}

/// The table uses no parameter and no category.
static NO_PACK: LazyLock<Pack> = LazyLock::new(Pack::default);

#[test]
fn the_table_names_known_facts() {
    for line in TABLE.iter() {
        for fact in [line.reads, line.fact] {
            assert!(vocabulary::find(fact).is_some(), "{fact}");
        }
    }
    assert_eq!(units().len(), 126);
    assert_eq!(is_ward("00070"), Some(true));
}
