//! Citizens, households and evidence: what is on record, and the facts of a person on a day that follow from it.

mod evidence;
pub mod fields;
mod fold;
mod identity;
mod origins;
mod person;
mod profile;

use chrono::{DateTime, Utc};

pub use self::{
    evidence::{EVIDENCE_KINDS, parse_document},
    fold::fold,
    identity::Warning,
    origins::Origins,
    person::{NewCitizen, Search, merge},
    profile::{Profile, profile},
};
use crate::{
    facts::{FieldError, Text},
    store::{
        AnyConn, CitizenId, HouseholdId, Reach, StoreError, Vault,
        citizens::{self, Citizen, Indexes, Person},
    },
};

/// Why the registry refused.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There is no such citizen within the caller's reach.
    #[error("no such citizen")]
    NoSuchCitizen,
    /// Another record carries this personal number.
    #[error("the personal number is on another record")]
    NumberTaken,
    /// The record was changed since it was read.
    #[error("the record was changed in the meantime")]
    Stale,
    /// The input breaks rules.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a citizen, with a household of their own unless they join one.
///
/// # Errors
/// When the number is on record already or the household is not in the unit.
pub fn add_citizen(
    conn: &mut AnyConn,
    vault: &Vault,
    new: NewCitizen,
    now: DateTime<Utc>,
) -> Result<Citizen, RegistryError> {
    let household = match new.household {
        Some(id) if citizens::household_exists(conn, id, &new.unit)? => id,
        Some(_) => return Err(RegistryError::Invalid(vec![no_such_household()])),
        None => {
            let id = HouseholdId::new();
            citizens::create_household(conn, id, &new.unit, now)?;
            id
        }
    };
    let citizen = Citizen {
        id: CitizenId::new(),
        household,
        unit: new.unit,
        person: new.person,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    refuse_taken_number(citizens::insert(conn, vault, &citizen, &indexes(vault, &citizen.person)))?;
    Ok(citizen)
}

/// Writes a changed person over version `version` of the record.
///
/// # Errors
/// [`RegistryError::Stale`] when that is no longer the version on record.
pub fn change_citizen(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: Citizen,
    person: Person,
    now: DateTime<Utc>,
) -> Result<Citizen, RegistryError> {
    let changed = Citizen { person, version: citizen.version + 1, updated_at: now, ..citizen };
    let by = indexes(vault, &changed.person);
    if refuse_taken_number(citizens::update(conn, vault, &changed, &by))? {
        Ok(changed)
    } else {
        Err(RegistryError::Stale)
    }
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

/// By what a person is found.
pub fn indexes(vault: &Vault, person: &Person) -> Indexes {
    Indexes {
        personal_number: person.personal_id.as_deref().map(|number| number_index(vault, number)),
        name: name_index(vault, &person.name),
    }
}

/// Blind index of a personal number.
pub fn number_index(vault: &Vault, number: &str) -> crate::store::BlindIndex {
    vault.index("personal number", number)
}

/// Blind index of a name, folded first.
pub fn name_index(vault: &Vault, name: &str) -> crate::store::BlindIndex {
    vault.index("name", &fold(name))
}

fn refuse_taken_number<T>(done: Result<T, StoreError>) -> Result<T, RegistryError> {
    match done {
        Err(StoreError::Constraint(what)) if what.contains("personal_number_index") => {
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
