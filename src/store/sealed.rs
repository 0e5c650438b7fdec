//! Every sealed column of every table, for what must look at all of them. A test holds the list against the schema.

use diesel::prelude::*;
use serde_json::Value;

use super::{
    AnyConn, StoreError, Vault, hex,
    schema::{
        appeal_outcomes, appeals, audit_keys, card_steps, citizen_versions, citizens, decisions, erasures,
        evidence, evidence_ends, idempotency_keys, signing_keys,
    },
    vault::Place,
};

/// A sealed value where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedValue {
    /// The table.
    pub table: &'static str,
    /// The row, as the seal is bound to it.
    pub row: String,
    /// The key it was sealed with.
    pub key_id: String,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl SealedValue {
    /// What is sealed.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when it does not open.
    pub fn open(&self, vault: &Vault) -> Result<Value, StoreError> {
        vault.open(Place { table: self.table, row: &self.row }, &self.sealed)
    }
}

/// One line a table whose rows are named by one column; the kept answers, which are named by two, stand below.
macro_rules! sealed_tables {
    ($($table:ident.$id:ident),* $(,)?) => {
        /// The tables with a sealed column.
        pub const TABLES: &[&str] = &[$(stringify!($table),)* ANSWERS];

        /// Up to `limit` sealed values of a table whose rows come after `after`, in the order of their rows.
        ///
        /// # Errors
        /// When the store fails, or there is no such table.
        pub fn values(
            conn: &mut AnyConn,
            table: &str,
            after: &str,
            limit: i64,
        ) -> Result<Vec<SealedValue>, StoreError> {
            match table {
                $(stringify!($table) => {
                    let rows: Vec<(String, String, Vec<u8>)> = $table::table
                        .filter($table::$id.gt(after))
                        .order($table::$id)
                        .limit(limit)
                        .select(($table::$id, $table::key_id, $table::sealed))
                        .load(conn)?;
                    let value = |(row, key_id, sealed)| SealedValue {
                        table: stringify!($table), row, key_id, sealed,
                    };
                    Ok(rows.into_iter().map(value).collect())
                })*
                ANSWERS => answers(conn, after, limit),
                other => Err(StoreError::Database(format!("{other} has no sealed column"))),
            }
        }
    };
}

const ANSWERS: &str = "idempotency_keys";

sealed_tables! {
    citizens.id, citizen_versions.id, evidence.id, evidence_ends.evidence_id, decisions.id, appeals.id,
    appeal_outcomes.appeal_id, card_steps.id, erasures.id, audit_keys.id, signing_keys.kid,
}

/// Kept answers are few: all of them, once.
fn answers(conn: &mut AnyConn, after: &str, _: i64) -> Result<Vec<SealedValue>, StoreError> {
    if !after.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(String, Vec<u8>, String, Vec<u8>)> = idempotency_keys::table
        .select((
            idempotency_keys::principal,
            idempotency_keys::key_index,
            idempotency_keys::key_id,
            idempotency_keys::sealed,
        ))
        .load(conn)?;
    let value = |(principal, key, key_id, sealed): (String, Vec<u8>, String, Vec<u8>)| SealedValue {
        table: ANSWERS,
        row: format!("{principal}\0{}", hex(&key)),
        key_id,
        sealed,
    };
    Ok(rows.into_iter().map(value).collect())
}
