//! The facts of a person on a day: their own papers and every document valid that day.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};

use super::{
    RegistryError,
    evidence::described,
    origins::{self, Origins},
};
use crate::{
    facts::{Of, Text, vocabulary},
    store::{
        AnyConn, CitizenId, EvidenceId, Vault,
        citizens::Citizen,
        duplicates,
        evidence::{self, Document, Evidence},
        households,
    },
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
    let mut conflicts = Vec::new();
    for entry in &documents {
        let mut used = false;
        if own.contains(&entry.citizen) {
            let facts = &entry.document.person_facts;
            origins::note(PERSON, facts, Some(entry.id), &mut profile.facts_from);
            used |=
                lay_over(&mut profile.person, &entry.document.person_facts, "person", entry, &mut conflicts);
        }
        let facts = &entry.document.household_facts;
        origins::note(HOUSEHOLD, facts, Some(entry.id), &mut profile.facts_from);
        used |= lay_over(
            &mut profile.household,
            &entry.document.household_facts,
            "household",
            entry,
            &mut conflicts,
        );
        if used {
            profile.evidence.push(entry.id);
        }
    }
    profile.warnings = warnings(conflicts, &documents);
    Ok(profile)
}

/// A fact that documents tell differently.
struct Conflict {
    /// Where it stands, such as `household/poverty_status`.
    path: String,
    /// The document that is followed.
    followed: EvidenceId,
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
    conflicts: &mut Vec<Conflict>,
) -> bool {
    let mut used = false;
    for (name, value) in facts {
        let path = format!("{path}/{name}");
        match value {
            Value::Null => {}
            Value::Object(members) => {
                let inner = known.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(inner) = inner {
                    used |= lay_over(inner, members, &path, entry, conflicts);
                }
            }
            value => {
                used = true;
                let earlier = known.insert(name.clone(), value.clone());
                if earlier.is_some_and(|earlier| earlier != *value) {
                    // The last document is followed; an earlier conflict about the same fact named another.
                    conflicts.retain(|conflict| conflict.path != path);
                    conflicts.push(Conflict { path, followed: entry.id });
                }
            }
        }
    }
    used
}

/// One warning for each document that is followed against others, with every fact it is followed in.
fn warnings(conflicts: Vec<Conflict>, documents: &[Evidence]) -> Vec<Value> {
    let followed = documents.iter().filter_map(|entry| {
        let of = |conflict: &&Conflict| conflict.followed == entry.id;
        let paths: Vec<&str> = conflicts.iter().filter(of).map(|conflict| conflict.path.as_str()).collect();
        (!paths.is_empty()).then(|| conflict(&paths, &entry.document))
    });
    followed.collect()
}

/// Names the facts and the document as an official would: an id tells nobody which paper to take out.
fn conflict(paths: &[&str], document: &Document) -> Value {
    let pointers: Vec<String> = paths.iter().map(|path| format!("/facts/{path}")).collect();
    let labels: Vec<Text> = paths.iter().map(|path| label(path)).collect();
    let joined = |pick: fn(&Text) -> &str| labels.iter().map(pick).collect::<Vec<_>>().join("; ");
    let paper = described(document);
    json!({
        "code": "evidence_conflict",
        "pointers": pointers,
        "detail": {
            "vi": format!(
                "Các giấy tờ còn hiệu lực ghi khác nhau về {}; kết quả tính theo {}.",
                joined(|label| &label.vi),
                paper.vi
            ),
            "en": format!(
                "Valid documents contradict each other on: {}; what counts is the {}.",
                joined(|label| &label.en),
                paper.en
            ),
        },
    })
}

/// The label of the fact at `household/poverty_status` or `person/disability/degree`.
fn label(path: &str) -> Text {
    let (of, name) = path.split_once('/').unwrap_or(("person", path));
    let of = if of == "household" { Of::Household } else { Of::Person };
    let id = name.replace('/', ".");
    let known = vocabulary().find_of(of, &id).map(|fact| vocabulary().get(fact).label.clone());
    known.unwrap_or_else(|| Text::new(id.clone(), id))
}
