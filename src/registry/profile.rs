//! The facts of a person on a day: their own papers and every document valid that day.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};

use super::{
    RegistryError,
    origins::{self, Origins},
};
use crate::store::{
    AnyConn, CitizenId, EvidenceId, Vault,
    citizens::Citizen,
    duplicates,
    evidence::{self, Evidence},
    households,
};

/// What the person says without a paper.
const DECLARATION: &str = "declaration";

/// Where the facts stand in an evaluation request about one person.
const PERSON: &str = "/people/0";
/// The same of the household's.
const HOUSEHOLD: &str = "/household";

/// Facts ready to be asked about, and where they come from.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Facts of the person, `id` included.
    pub person: Map<String, Value>,
    /// Facts of the household.
    pub household: Map<String, Value>,
    /// Documents the facts come from.
    pub evidence: Vec<EvidenceId>,
    /// The document that gave each fact, by its pointer in an evaluation request; none = the record itself.
    pub facts_from: Origins,
    /// Where documents contradict each other.
    pub warnings: Vec<Value>,
}

/// The facts of `citizen` on `day`, by what was on record at `known_at` (none = now). Household facts come from the
/// documents of everyone who lived in the household that day. Of two
/// documents that contradict each other the later issued one is followed, but a paper before a mere declaration; a
/// warning says so.
///
/// # Errors
/// When the store fails.
pub fn profile(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: &Citizen,
    (day, known_at): (NaiveDate, Option<DateTime<Utc>>),
) -> Result<Profile, RegistryError> {
    // A second record of the same person is theirs too.
    let mut own = duplicates::merged_into(conn, citizen.id)?;
    own.push(citizen.id);
    let people = household_on(conn, citizen, day, known_at)?;
    let mut documents = evidence::of_citizens(conn, vault, &people)?;
    documents.retain(|entry| entry.counts(day, known_at));
    // The last one wins. A document without a date of issue counts from its first day; ids sort by time of recording.
    documents.sort_by_key(|entry| {
        let issued_on = entry.document.issued_on.unwrap_or(entry.document.valid_from);
        (entry.document.kind != DECLARATION, issued_on, entry.id)
    });
    let mut profile = Profile {
        person: own_facts(citizen),
        household: Map::from_iter([("unit".to_owned(), Value::from(citizen.unit.as_str()))]),
        evidence: Vec::new(),
        facts_from: Origins::new(),
        warnings: Vec::new(),
    };
    origins::note(PERSON, &profile.person, None, &mut profile.facts_from);
    // It names the person, and is no fact about them.
    profile.facts_from.remove(&format!("{PERSON}/id"));
    origins::note(HOUSEHOLD, &profile.household, None, &mut profile.facts_from);
    for entry in &documents {
        let mut used = false;
        if own.contains(&entry.citizen) {
            let facts = &entry.document.person_facts;
            origins::note(PERSON, facts, Some(entry.id), &mut profile.facts_from);
            used |= lay_over(
                &mut profile.person,
                &entry.document.person_facts,
                "person",
                entry,
                &mut profile.warnings,
            );
        }
        let facts = &entry.document.household_facts;
        origins::note(HOUSEHOLD, facts, Some(entry.id), &mut profile.facts_from);
        used |= lay_over(
            &mut profile.household,
            &entry.document.household_facts,
            "household",
            entry,
            &mut profile.warnings,
        );
        if used {
            profile.evidence.push(entry.id);
        }
    }
    Ok(profile)
}

/// Who lives with a citizen on a day, they and their second records included.
fn household_on(
    conn: &mut AnyConn,
    citizen: &Citizen,
    day: NaiveDate,
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<CitizenId>, RegistryError> {
    let stays = households::of_citizen(conn, citizen.id)?;
    let home = stays.iter().rev().find(|stay| stay.covers(day, known_at));
    let home = home.map_or(citizen.household, |stay| stay.household);
    let members = households::of_household(conn, home)?;
    let mut people: Vec<CitizenId> =
        members.iter().filter(|stay| stay.covers(day, known_at)).map(|stay| stay.citizen).collect();
    people.push(citizen.id);
    for at in 0..people.len() {
        people.extend(duplicates::merged_into(conn, people[at])?);
    }
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

fn own_facts(citizen: &Citizen) -> Map<String, Value> {
    let person = &citizen.person;
    let own = [
        ("born_on", &person.born_on),
        ("died_on", &person.died_on),
        ("sex", &person.sex),
        ("personal_id", &person.personal_id),
        ("citizenship", &person.citizenship),
        ("residence", &person.residence),
    ];
    let mut facts = Map::from_iter([("id".to_owned(), Value::from(citizen.id.to_string()))]);
    for (name, value) in own {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value.as_str().into());
        }
    }
    facts
}

/// Lays the facts of a document over those known so far, fact by fact; whether it had any. What a document leaves out or
/// names as unknown takes nothing away.
fn lay_over(
    known: &mut Map<String, Value>,
    facts: &Map<String, Value>,
    path: &str,
    entry: &Evidence,
    warnings: &mut Vec<Value>,
) -> bool {
    let mut used = false;
    for (name, value) in facts {
        let path = format!("{path}/{name}");
        match value {
            Value::Null => {}
            Value::Object(members) => {
                let inner = known.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(inner) = inner {
                    used |= lay_over(inner, members, &path, entry, warnings);
                }
            }
            value => {
                used = true;
                let earlier = known.insert(name.clone(), value.clone());
                if earlier.is_some_and(|earlier| earlier != *value) {
                    let pointer = json!([format!("/facts/{path}")]);
                    // The last document is followed; an earlier warning about the same fact named another.
                    warnings.retain(|warning| warning["pointers"] != pointer);
                    warnings.push(conflict(pointer, entry));
                }
            }
        }
    }
    used
}

fn conflict(pointers: Value, entry: &Evidence) -> Value {
    json!({
        "code": "evidence_conflict",
        "pointers": pointers,
        "detail": {
            "vi": format!("Các giấy tờ còn hiệu lực nói khác nhau; theo {}.", entry.id),
            "en": format!("Valid documents contradict each other; {} is followed.", entry.id),
        },
    })
}
