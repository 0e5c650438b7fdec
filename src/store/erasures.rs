//! What stays of a person who was erased: that it was done, and what was decided about somebody.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Builder;

use super::{
    AnyConn, StoreError, Vault,
    schema::{erased_decisions, erasures},
    stored,
    vault::Place,
};

/// That a person was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its id.
    pub id: String,
    /// Unit that kept the record.
    pub unit: String,
    /// Code of the legal ground.
    pub ground: String,
    /// Why, in the words of who did it, without a name.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

/// What was decided about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = erased_decisions)]
pub struct ErasedDecision {
    /// A new id, which says nothing.
    pub id: String,
    /// Unit that decided.
    pub unit: String,
    /// Day that was asked about.
    pub as_of: NaiveDate,
    /// Day of the decision, in Hanoi.
    pub decided_on: NaiveDate,
    /// The entitlement.
    pub entitlement: String,
    /// Its outcome.
    pub outcome: String,
    /// Pack of law: id.
    pub policy_id: String,
    /// Pack of law: version.
    pub policy_version: String,
    /// Pack of law: `sha256:` digest.
    pub policy_digest: String,
    /// Day of the erasure, in Hanoi.
    pub erased_on: NaiveDate,
}

/// A new id without a time in it.
///
/// # Errors
/// When there is no randomness.
pub fn new_id() -> Result<String, StoreError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| StoreError::Key("no randomness".into()))?;
    Ok(Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// Keeps that somebody was erased, and what was decided about them.
///
/// # Errors
/// When the store fails.
pub fn insert(
    conn: &mut AnyConn,
    vault: &Vault,
    erasure: &Erasure,
    decided: &[ErasedDecision],
) -> Result<(), StoreError> {
    diesel::insert_into(erasures::table)
        .values((
            erasures::id.eq(&erasure.id),
            erasures::unit.eq(&erasure.unit),
            erasures::ground.eq(&erasure.ground),
            erasures::sealed.eq(vault.seal(Place { table: "erasures", row: &erasure.id }, &erasure.reason)?),
            erasures::key_id.eq(vault.key_id()),
            erasures::erased_at.eq(stored(erasure.at)),
            erasures::erased_by.eq(&erasure.by),
        ))
        .execute(conn)?;
    for row in decided {
        diesel::insert_into(erased_decisions::table).values(row).execute(conn)?;
    }
    Ok(())
}
