//! The invented ward of `fixtures/demo`: 600 citizens in 200 households in whom every category, every fact a paper can
//! state and every outcome can be met. The demo loads all of them, and nobody's record is refused an answer.

use std::collections::BTreeSet;

use an_sinh::{
    decide,
    facts::{Kind, Of, PartialDate, UnitCode, vocabulary},
    policy::Policy,
    registry::{self, EVIDENCE_KINDS, NewCitizen, RegistryError},
    store::{
        Reach, Store, StoreConfig,
        citizens::{self, Citizen},
        evidence::Document,
    },
};
use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Map, Value, json};

use crate::{durability::Process, helpers::TempDir};

/// The files in the order of loading.
const FILES: [&str; 8] = [
    include_str!("../../fixtures/demo/00166.json"),
    include_str!("../../fixtures/demo/09661.json"),
    include_str!("../../fixtures/demo/ward/00166.json"),
    include_str!("../../fixtures/demo/ward/00070.json"),
    include_str!("../../fixtures/demo/ward/00256.json"),
    include_str!("../../fixtures/demo/ward/09661.json"),
    include_str!("../../fixtures/demo/ward/09700.json"),
    include_str!("../../fixtures/demo/ward/10441.json"),
];

/// Categories that the answers of both entitlements tell; `household_scheme` is told as the group paid for. Those by
/// age alone which no entitlement reads are counted from the births.
const CATEGORIES: [&str; 29] = [
    "area_resident",
    "child_under_6",
    "city_near_poor",
    "city_poor",
    "disability_exceptionally_severe",
    "disability_mild",
    "disability_severe",
    "elderly_60_plus",
    "elderly_70_plus",
    "employee",
    "ethnic_minority",
    "exited_poverty",
    "farm_average",
    "household_scheme",
    "industrial_zone_worker",
    "interim_allowance",
    "martyr_relative",
    "merit",
    "merit_carer",
    "merit_relative",
    "near_poor",
    "other_supported",
    "pensioner",
    "poor",
    "social_pensioner",
    "social_protection",
    "student",
    "survivor",
    "veteran",
];

/// Facts of the record itself, which no paper states.
const OWN: [&str; 6] = ["born_on", "citizenship", "personal_id", "residence", "sex", "unit"];

/// The day the ward is asked about.
pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).expect("a date")
}

/// One citizen of the files.
struct Entry {
    /// Which household of all files.
    household: usize,
    /// As a client would send it.
    person: Value,
    /// Their papers, read as the registry reads them.
    papers: Vec<Document>,
}

impl Entry {
    fn text(&self, member: &str) -> Option<&str> {
        self.person[member].as_str()
    }

    fn born(&self) -> Option<PartialDate> {
        self.text("born_on").map(|text| PartialDate::parse(text).expect("a birth"))
    }
}

/// All citizens. A person or paper that the registry would refuse fails here.
fn ward() -> Vec<Entry> {
    let mut ward = Vec::new();
    let mut household = 0;
    for file in FILES {
        let file: Value = serde_json::from_str(file).expect("JSON");
        for home in list(&file["households"]) {
            // The household's papers lie with its first member.
            let mut papers = list(&home["documents"]).to_vec();
            for person in list(&home["people"]) {
                let mut person = person.clone();
                let own = person.as_object_mut().and_then(|members| members.remove("evidence"));
                papers.extend_from_slice(list(&own.unwrap_or_default()));
                person["unit"] = file["unit"].clone();
                NewCitizen::parse(&person, &Reach::City, day()).expect("a citizen");
                let read = |paper: Value| registry::parse_document(&paper, day()).expect("a paper");
                ward.push(Entry { household, person, papers: papers.drain(..).map(read).collect() });
            }
            household += 1;
        }
    }
    ward
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn six_hundred_live_in_two_hundred_households_of_several_units() {
    let ward = ward();
    assert_eq!(ward.len(), 600);
    assert_eq!(ward.last().map(|entry| entry.household + 1), Some(200));
    let units: Vec<&str> = ward.iter().filter_map(|entry| entry.text("unit")).collect();
    assert!(units.iter().all(|unit| UnitCode::parse(unit).is_some()));
    assert!(units.iter().filter(|unit| **unit == "00166").count() > 300, "most live in the ward");
    assert!(units.iter().collect::<BTreeSet<_>>().len() >= 5, "the others in at least four units");
    let numbers: Vec<&str> = ward.iter().filter_map(|entry| entry.text("personal_id")).collect();
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len(), "a number is one person's");
    assert!(numbers.len() < ward.len(), "some have no number yet");
    for invented in &numbers {
        assert!(invented[6..].starts_with("0000") || invented[6..].starts_with('9'), "•••{}", &invented[9..]);
    }
    for citizenship in ["foreign", "stateless"] {
        assert!(ward.iter().any(|entry| entry.text("citizenship") == Some(citizenship)), "{citizenship}");
    }
    for (shape, length) in [("year", 4), ("month", 7)] {
        let known = ward.iter().any(|entry| entry.text("born_on").is_some_and(|born| born.len() == length));
        assert!(known, "nobody's birth is known by {shape} only");
    }
}

#[test]
fn every_age_that_matters_is_there_or_comes_within_ninety_days() {
    let births: Vec<NaiveDate> = ward().iter().filter_map(|entry| entry.born()?.exact()).collect();
    let age_on = |born: &NaiveDate, years: i32| born.with_year(born.year() + years);
    for years in [6, 16, 60, 70, 75, 80] {
        let soon = |on: NaiveDate| day() < on && on <= day() + Days::new(90);
        let turns = births.iter().any(|born| age_on(born, years).is_some_and(soon));
        assert!(turns, "nobody turns {years} soon");
    }
    for years in [75, 80] {
        let reached = births.iter().any(|born| age_on(born, years).is_some_and(|on| on <= day()));
        assert!(reached, "nobody is {years}");
    }
    let child = |born: &NaiveDate| age_on(born, 6) <= Some(day()) && age_on(born, 16) > Some(day());
    assert!(births.iter().any(child), "nobody is between 6 and 16");
}

#[test]
fn papers_of_every_kind_state_every_fact_over_several_years() {
    let ward = ward();
    let papers: Vec<&Document> = ward.iter().flat_map(|entry| &entry.papers).collect();
    let kinds: BTreeSet<&str> = papers.iter().map(|paper| paper.kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(EVIDENCE_KINDS));
    let ended = papers.iter().filter(|paper| paper.valid_to.is_some_and(|to| to < day())).count();
    let coming = papers.iter().filter(|paper| paper.valid_from > day()).count();
    assert!(ended >= 50 && coming >= 5, "{ended} have ended, {coming} begin later");
    let mut said = BTreeSet::new();
    let mut list_years = BTreeSet::new();
    for paper in papers {
        note_all(&paper.person_facts, &mut said);
        note_all(&paper.household_facts, &mut said);
        list_years.extend(paper.household_facts.get("list_year").and_then(Value::as_i64));
    }
    assert_eq!(list_years, BTreeSet::from_iter(2021..=2027));
    // Hanoi has no special zone.
    let missing: Vec<String> = wanted()
        .into_iter()
        .filter(|name| !said.contains(name) && name != "area_traits=special_zone")
        .collect();
    assert!(missing.is_empty(), "no paper states {missing:?}");
}

/// What papers can state: facts, members of entries and words, such as `merit`, `merit.title`, `merit.title=war_invalid`.
fn wanted() -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    let mut want = |name: String, kind: &Kind| {
        for word in kind.words().into_iter().flatten() {
            wanted.insert(format!("{name}={}", word.id));
        }
        wanted.insert(name);
    };
    for (_, fact) in vocabulary().facts() {
        if fact.of == Of::Trip || OWN.contains(&fact.id.as_str()) {
            continue;
        }
        want(fact.id.clone(), &fact.kind);
        if let Kind::Records(members) = &fact.kind {
            for member in members {
                want(format!("{}.{}", fact.id, member.id), &member.kind);
            }
        }
    }
    wanted
}

fn note_all(facts: &Map<String, Value>, said: &mut BTreeSet<String>) {
    for (name, value) in facts {
        note(name, value, said);
    }
}

/// Notes what a paper states under the names of [`wanted`].
fn note(name: &str, value: &Value, said: &mut BTreeSet<String>) {
    said.insert(name.to_owned());
    match value {
        Value::String(word) => {
            said.insert(format!("{name}={word}"));
        }
        Value::Array(items) => items.iter().for_each(|item| note(name, item, said)),
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| note(&format!("{name}.{member}"), value, said));
        }
        _ => {}
    }
}

/// Everybody's record as the demo loads it, with the facts of [`day`].
pub fn loaded() -> Vec<(Citizen, registry::Profile)> {
    let dir = TempDir::new();
    Process::start_with(&dir, &["--demo"]).kill();
    let store = Store::open(&StoreConfig::new(dir.url())).expect("the database opens");
    let vault = store.vault();
    let names: BTreeSet<String> =
        ward().iter().filter_map(|entry| entry.text("name")).map(registry::fold).collect();
    let read = store.read(|conn| -> Result<Vec<_>, RegistryError> {
        let mut all = Vec::new();
        for name in &names {
            let index = registry::name_index(vault, name);
            for citizen in citizens::search(conn, vault, Some(&index), None, &Reach::City, None, 100)? {
                let profile = registry::profile(conn, vault, &citizen, (day(), None))?;
                all.push((citizen, profile));
            }
        }
        Ok(all)
    });
    read.expect("the records")
}

#[test]
fn everybody_gets_an_answer_and_every_category_and_outcome_is_met() {
    let loaded = loaded();
    assert_eq!(loaded.len(), 600, "all are loaded, once");
    let policy = Policy::embedded().expect("the embedded pack");
    let (mut held, mut outcomes, mut codes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut contradicted = 0;
    for (citizen, profile) in loaded {
        codes.extend(citizen.person.warnings().iter().map(|warning| warning.code));
        contradicted += usize::from(!profile.warnings.is_empty());
        let body = json!({ "as_of": day().to_string(), "authority": "plan", "explain": "summary",
            "household": profile.household, "people": [profile.person] });
        let answer = decide::evaluate(&policy, &body, day()).expect("an answer").to_json();
        let answer = &answer["people"][0];
        for category in list(&answer["categories"]).iter().filter(|category| category["holds"] == "yes") {
            held.extend(category["id"].as_str().map(str::to_owned));
        }
        for decision in list(&answer["decisions"]) {
            held.extend(decision["benefit"]["group"].as_str().map(str::to_owned));
            outcomes.insert((decision["entitlement"].to_string(), decision["outcome"].to_string()));
        }
    }
    let missing: Vec<&str> = CATEGORIES.into_iter().filter(|category| !held.contains(*category)).collect();
    assert!(missing.is_empty(), "nobody is {missing:?}");
    assert_eq!(outcomes.len(), 2 * 4, "both entitlements with all outcomes: {outcomes:?}");
    assert_eq!(codes, BTreeSet::from(["sex_mismatch", "year_mismatch"]), "numbers at odds with the papers");
    assert!((5..50).contains(&contradicted), "{contradicted} have papers that contradict each other");
}
