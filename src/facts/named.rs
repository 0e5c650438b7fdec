//! The few facts that the program itself speaks of, found once.

use std::sync::LazyLock;

use super::{FactId, UNSTATED, Value, vocabulary};

/// Facts and words that preparing a person needs.
#[derive(Debug)]
pub struct Named {
    pub born_on: FactId,
    pub born_on_final: FactId,
    pub died_on: FactId,
    pub sex: FactId,
    pub personal_id: FactId,
    pub citizenship: FactId,
    pub certificate: FactId,
    pub severity: FactId,
    pub list_year: FactId,
    pub poverty_status: FactId,
    pub unit: FactId,
    pub area: FactId,
    pub area_class: FactId,
    pub veteran: FactId,
    pub veteran_kind: FactId,
    pub studying: FactId,
    pub study_mode: FactId,
    /// What a trip nobody asked about is taken as: an ordinary bus trip.
    pub plain_trip: [(FactId, Value); 3],
    /// Words of `household.poverty_status` that stand for a place on the list of a year.
    pub listed: [u16; 2],
    /// `household.area`: urban, rural.
    pub urban: Value,
    /// See `urban`.
    pub rural: Value,
    /// `household.area_class`: normal.
    pub normal: Value,
    /// Words of `studying` up to upper secondary school.
    pub schools: [u16; 4],
    /// `study_mode`: full-time.
    pub full_time: Value,
}

/// The named facts.
pub fn named() -> &'static Named {
    static NAMED: LazyLock<Named> = LazyLock::new(|| Named {
        born_on: id("born_on"),
        born_on_final: id("born_on_final"),
        died_on: id("died_on"),
        sex: id("sex"),
        personal_id: id("personal_id"),
        citizenship: id("citizenship"),
        certificate: id("disability.certificate"),
        severity: id("disability.severity"),
        list_year: id("household.list_year"),
        poverty_status: id("household.poverty_status"),
        unit: id("household.unit"),
        area: id("household.area"),
        area_class: id("household.area_class"),
        veteran: id("veteran"),
        veteran_kind: id("veteran_kind"),
        studying: id("studying"),
        study_mode: id("study_mode"),
        plain_trip: [("trip.service", "bus"), ("trip.trip_area", "elsewhere"), ("trip.medium", UNSTATED)]
            .map(|(name, value)| (id(name), Value::Word(word(name, value)))),
        listed: ["poor", "near_poor"].map(|status| word("household.poverty_status", status)),
        urban: Value::Word(word("household.area", "urban")),
        rural: Value::Word(word("household.area", "rural")),
        normal: Value::Word(word("household.area_class", "normal")),
        schools: ["preschool", "primary", "lower_secondary", "upper_secondary"]
            .map(|level| word("studying", level)),
        full_time: Value::Word(word("study_mode", "full_time")),
    });
    &NAMED
}

#[expect(
    clippy::panic,
    reason = "the table is compiled in and the tests read it: a missing name cannot reach a release"
)]
fn id(name: &str) -> FactId {
    vocabulary().find(name).unwrap_or_else(|| panic!("no fact {name}"))
}

#[expect(clippy::panic, reason = "as for the names of facts")]
fn word(fact: &str, word: &str) -> u16 {
    vocabulary().get(id(fact)).kind.word(word).unwrap_or_else(|| panic!("{fact} has no word {word}"))
}
