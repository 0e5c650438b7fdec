//! Keeping a citizen's record: added, corrected, moved, found to be a second one of the same person. Nothing is
//! overwritten: every version stays readable as it was known.

use chrono::{DateTime, NaiveDate, Utc};

use super::{NewCitizen, RegistryError, Search, fold};
use crate::{
    audit::{self, Entry, Table},
    facts::{FieldError, Text},
    store::{
        AnyConn, BlindIndex, CitizenId, HouseholdId, Reach, StoreError, Vault, citizen_versions,
        citizens::{self, Citizen, Indexes, Person},
        duplicates, households,
    },
};

/// When and by whom something is recorded.
pub type Stamp<'a> = (DateTime<Utc>, &'a str);

/// Adds a citizen, with a household of their own unless they join one.
///
/// # Errors
/// When the number is on record already or the household is not in the unit.
pub fn add_citizen(
    conn: &mut AnyConn,
    vault: &Vault,
    new: NewCitizen,
    stamp: Stamp<'_>,
) -> Result<Citizen, RegistryError> {
    let household = household_in(conn, new.household, &new.unit, stamp.0)?;
    let citizen = Citizen {
        id: CitizenId::new(),
        household,
        unit: new.unit,
        person: new.person,
        version: 1,
        created_at: stamp.0,
        updated_at: stamp.0,
    };
    let by = indexes(vault, &citizen.person, &citizen.unit);
    refuse_given_up(conn, by.personal_number.as_ref(), citizen.id)?;
    refuse_taken_number(citizens::insert(conn, vault, &citizen, &by))?;
    citizen_versions::insert(conn, vault, &citizen, stamp.1)?;
    households::join(conn, citizen.id, household, None, stamp)?;
    Ok(citizen)
}

/// What becomes of a personal number that a change replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldNumber {
    /// It was never theirs: a slip of whoever typed it.
    WasWrong,
    /// It was theirs until another was issued (Circular 59/2021/TT-BCA Art. 6): it still finds them.
    GivenUp,
}

/// Writes a changed person over the version that was read.
///
/// # Errors
/// [`RegistryError::Stale`] when that is no longer the version on record.
pub fn change_citizen(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: Citizen,
    (person, old_number): (Person, OldNumber),
    stamp: Stamp<'_>,
) -> Result<Citizen, RegistryError> {
    let given_up = citizen.person.personal_id.as_ref().filter(|number| {
        old_number == OldNumber::GivenUp && person.personal_id.as_ref().is_some_and(|new| new != *number)
    });
    let given_up = given_up.map(|number| number_index(vault, number));
    let changed = write_version(conn, vault, Citizen { person, ..citizen }, stamp)?;
    if let Some(number) = given_up {
        refuse_taken_number(duplicates::give_up_number(conn, &number, changed.id, stamp.0))?;
    }
    Ok(changed)
}

/// Where a citizen goes.
#[derive(Debug, Clone)]
pub struct Move {
    /// Unit that keeps the record from now on.
    pub unit: String,
    /// Household they join; none = one of their own.
    pub household: Option<HouseholdId>,
    /// First day there.
    pub on: NaiveDate,
}

/// Moves a citizen to another household, another unit, or both. Where they lived before stays on record.
///
/// # Errors
/// When the household is not in that unit, or the version is stale.
pub fn move_citizen(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: Citizen,
    to: Move,
    stamp: Stamp<'_>,
) -> Result<Citizen, RegistryError> {
    let household = household_in(conn, to.household, &to.unit, stamp.0)?;
    let moved = Citizen { household, unit: to.unit, ..citizen };
    let moved = write_version(conn, vault, moved, stamp)?;
    households::join(conn, moved.id, household, Some(to.on), stamp)?;
    Ok(moved)
}

/// Notes that `duplicate` is a second record of the person of `kept`. Its documents count for the record kept from now
/// on; its decisions and cards stay where they are.
///
/// # Errors
/// When it is the same record, or one of them was merged before.
pub fn merge_citizens(
    conn: &mut AnyConn,
    vault: &Vault,
    kept: Citizen,
    duplicate: &Citizen,
    stamp: Stamp<'_>,
) -> Result<Citizen, RegistryError> {
    refuse_merged(conn, kept.id)?;
    refuse_merged(conn, duplicate.id)?;
    if kept.id == duplicate.id {
        return Err(RegistryError::Invalid(vec![FieldError {
            pointer: "/duplicate_id".into(),
            code: "same_record",
            detail: Text::new("Đây chính là hồ sơ được giữ lại.", "This is the very record to be kept."),
        }]));
    }
    duplicates::merge(conn, duplicate.id, kept.id, stamp)?;
    let mut person = kept.person.clone();
    let theirs = &duplicate.person;
    match (&person.personal_id, &theirs.personal_id) {
        (None, Some(number)) => person.personal_id = Some(number.clone()),
        (Some(own), Some(number)) if own != number => {
            duplicates::give_up_number(conn, &number_index(vault, number), kept.id, stamp.0)?;
        }
        _ => {}
    }
    write_version(conn, vault, Citizen { person, ..kept }, stamp)
}

fn write_version(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: Citizen,
    stamp: Stamp<'_>,
) -> Result<Citizen, RegistryError> {
    let changed = Citizen { version: citizen.version + 1, updated_at: stamp.0, ..citizen };
    let by = indexes(vault, &changed.person, &changed.unit);
    refuse_given_up(conn, by.personal_number.as_ref(), changed.id)?;
    if let Some(number) = &by.personal_number {
        duplicates::take_up_number(conn, number, changed.id)?;
    }
    if !refuse_taken_number(citizens::update(conn, vault, &changed, &by))? {
        return Err(RegistryError::Stale);
    }
    citizen_versions::insert(conn, vault, &changed, stamp.1)?;
    Ok(changed)
}

/// Enters an act on a record in the audit log, which commits to all that the record now is: its newest version, its
/// household, where the citizen lived.
///
/// # Errors
/// When the store fails.
pub fn enter(
    conn: &mut AnyConn,
    citizen: &Citizen,
    action: &'static str,
    (now, actor): Stamp<'_>,
) -> Result<(), StoreError> {
    let id = citizen.id.to_string();
    let (household, version) =
        (citizen.household.to_string(), citizen_versions::id(citizen.id, citizen.version));
    let stays = households::of_citizen(conn, citizen.id)?;
    let mut rows =
        vec![(Table::Citizens, id.as_str()), (Table::Households, &household), (Table::Versions, &version)];
    rows.extend(stays.iter().map(|stay| (Table::Memberships, stay.id.as_str())));
    if duplicates::kept_instead(conn, citizen.id)?.is_some() {
        rows.retain(|(table, _)| *table != Table::Versions);
        rows.push((Table::Merges, &id));
    }
    // What was merged into this record before points to it now.
    let merged: Vec<String> =
        duplicates::merged_into(conn, citizen.id)?.iter().map(ToString::to_string).collect();
    rows.extend(merged.iter().map(|id| (Table::Merges, id.as_str())));
    audit::append(conn, Entry { actor, action, subject: &id, receipt: None }.touching(&rows), now)
}

/// The citizen of that id within reach.
///
/// # Errors
/// [`RegistryError::NoSuchCitizen`], outside reach too.
pub fn citizen(
    conn: &mut AnyConn,
    vault: &Vault,
    id: CitizenId,
    reach: &Reach,
) -> Result<Citizen, RegistryError> {
    citizens::find(conn, vault, id, reach)?.ok_or(RegistryError::NoSuchCitizen)
}

/// The citizen of that id within reach, to be written to.
///
/// # Errors
/// [`RegistryError::NoSuchCitizen`]; [`RegistryError::Merged`] when another record is kept instead.
pub fn citizen_to_change(
    conn: &mut AnyConn,
    vault: &Vault,
    id: CitizenId,
    reach: &Reach,
) -> Result<Citizen, RegistryError> {
    let found = citizen(conn, vault, id, reach)?;
    refuse_merged(conn, id)?;
    Ok(found)
}

/// The person with this personal number, now or before it was given up; the record kept, where several were merged.
///
/// # Errors
/// When the store fails.
pub fn by_number(
    conn: &mut AnyConn,
    vault: &Vault,
    number: &str,
    reach: &Reach,
) -> Result<Option<Citizen>, StoreError> {
    let index = number_index(vault, number);
    let found = citizens::search(conn, vault, None, Some(&index), reach, None, 1)?;
    if let Some(found) = found.into_iter().next() {
        return Ok(Some(found));
    }
    match duplicates::former_holder(conn, &index)? {
        Some(holder) => citizens::find(conn, vault, holder, reach),
        None => Ok(None),
    }
}

/// Citizens within reach that a search names, at most `limit`.
///
/// # Errors
/// When the store fails.
pub fn search(
    conn: &mut AnyConn,
    vault: &Vault,
    search: &Search,
    reach: &Reach,
    limit: i64,
) -> Result<Vec<Citizen>, StoreError> {
    if let Some(number) = &search.personal_id {
        let found = by_number(conn, vault, number, reach)?;
        let wanted = |citizen: &Citizen| {
            search.name.as_ref().is_none_or(|name| fold(name) == fold(&citizen.person.name))
                && search.after.is_none_or(|after| citizen.id > after)
        };
        return Ok(found.into_iter().filter(wanted).collect());
    }
    if let (Some(words), Some(unit)) = (&search.words, &search.unit) {
        let words = word_indexes(vault, words, unit);
        return citizens::search_words(conn, vault, &words, reach, search.after, limit);
    }
    let name = search.name.as_deref().map(|name| name_index(vault, name));
    citizens::search(conn, vault, name.as_ref(), None, reach, search.after, limit)
}

/// By what a person of a unit is found.
pub fn indexes(vault: &Vault, person: &Person, unit: &str) -> Indexes {
    Indexes {
        personal_number: person.personal_id.as_deref().map(|number| number_index(vault, number)),
        name: name_index(vault, &person.name),
        words: word_indexes(vault, &person.name, unit),
    }
}

/// Blind index of a personal number.
pub fn number_index(vault: &Vault, number: &str) -> BlindIndex {
    vault.index("personal number", number)
}

/// Blind index of a name, folded first.
pub fn name_index(vault: &Vault, name: &str) -> BlindIndex {
    vault.index("name", &fold(name))
}

/// Blind indexes of the words of a name, each bound to a unit: common words would say too much about the whole city,
/// and find too many.
pub fn word_indexes(vault: &Vault, name: &str, unit: &str) -> Vec<BlindIndex> {
    let folded = fold(name);
    let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(|word| vault.index("word of a name", &format!("{unit} {word}"))).collect()
}

fn household_in(
    conn: &mut AnyConn,
    household: Option<HouseholdId>,
    unit: &str,
    now: DateTime<Utc>,
) -> Result<HouseholdId, RegistryError> {
    match household {
        Some(id) if households::unit(conn, id, &Reach::Unit(unit.to_owned()))?.is_some() => Ok(id),
        Some(_) => Err(RegistryError::Invalid(vec![no_such_household()])),
        None => {
            let id = HouseholdId::new();
            households::create(conn, id, unit, now)?;
            Ok(id)
        }
    }
}

fn refuse_merged(conn: &mut AnyConn, id: CitizenId) -> Result<(), RegistryError> {
    duplicates::kept_instead(conn, id)?.map_or(Ok(()), |kept| Err(RegistryError::Merged(kept)))
}

fn refuse_given_up(
    conn: &mut AnyConn,
    number: Option<&BlindIndex>,
    citizen: CitizenId,
) -> Result<(), RegistryError> {
    let Some(number) = number else { return Ok(()) };
    match duplicates::former_holder(conn, number)? {
        Some(holder) if holder != citizen => Err(RegistryError::NumberTaken),
        _ => Ok(()),
    }
}

fn refuse_taken_number<T>(done: Result<T, StoreError>) -> Result<T, RegistryError> {
    match done {
        Err(StoreError::Constraint(what))
            if ["personal_number_index", "former_numbers"].iter().any(|name| what.contains(name)) =>
        {
            Err(RegistryError::NumberTaken)
        }
        other => Ok(other?),
    }
}

fn no_such_household() -> FieldError {
    FieldError {
        pointer: "/household_id".into(),
        code: "unknown_household",
        detail: Text::new(
            "Không có hộ này tại phường, xã đã chọn.",
            "There is no such household in the unit.",
        ),
    }
}
