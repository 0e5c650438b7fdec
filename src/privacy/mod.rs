//! Rights of the person whose data it is: all that is kept about them, shown; and erased, where the law does not need it.
//! And keeping nothing longer than needed. Reasons: `docs/adr/0020-rights-of-the-person.md`.

mod dossier;
mod erasure;
mod keeping;
mod retention;

pub use self::{
    dossier::{Dossier, Former, RecordFile, dossier},
    erasure::{Done, Ground, Hold, Request, erase},
    keeping::{KeepFor, Keeping},
    retention::{Counted, Kind, count, sweep},
};
use crate::{
    registry::RegistryError,
    store::{AnyConn, CitizenId, Reach, StoreError, Vault, citizens::Citizen, duplicates},
};

/// Why nothing was shown or erased.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// The record is out of reach, or was merged into another.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The law, or another person, needs the file.
    #[error("the record must be kept")]
    MustKeep(Vec<Hold>),
    /// The reason tells who it was.
    #[error("the reason names the person")]
    NamesThePerson,
}

impl From<StoreError> for PrivacyError {
    fn from(error: StoreError) -> Self {
        Self::Registry(error.into())
    }
}

/// The record of a person within reach and those that were merged into it, wherever they were kept: the unit that keeps the
/// record answers for all of them.
///
/// # Errors
/// When the record is out of reach, or another is kept instead.
fn records_of(
    conn: &mut AnyConn,
    vault: &Vault,
    id: CitizenId,
    reach: &Reach,
) -> Result<(Citizen, Vec<CitizenId>), RegistryError> {
    let citizen = crate::registry::citizen_to_change(conn, vault, id, reach)?;
    let mut records = vec![citizen.id];
    records.extend(duplicates::merged_into(conn, citizen.id)?);
    Ok((citizen, records))
}
