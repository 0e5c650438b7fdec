//! Citizens, households and evidence: what is on record, and the facts of a person on a day that follow from it.

mod evidence;
pub mod fields;
mod fold;
mod identity;
mod origins;
mod person;
mod profile;
mod record;

pub use self::{
    evidence::{EVIDENCE_KINDS, end_evidence, parse_document},
    fold::fold,
    identity::Warning,
    origins::Origins,
    person::{NewCitizen, Search, merge, parse_move},
    profile::{Profile, profile},
    record::{
        Move, OldNumber, Stamp, add_citizen, by_number, change_citizen, citizen, citizen_to_change, enter,
        indexes, merge_citizens, move_citizen, name_index, number_index, search, word_indexes,
    },
};
use crate::{
    facts::FieldError,
    store::{CitizenId, StoreError},
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
    /// Another record of the same person is kept instead.
    #[error("the record was merged into another")]
    Merged(CitizenId),
    /// There is no such document in the record, or it no longer counts.
    #[error("no such document that counts")]
    NoSuchEvidence,
    /// The input breaks rules.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
