//! Checkpoints of the audit log and the keys that sign them; the private half is sealed.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{
    AnyConn, StoreError, Vault,
    schema::{audit_checkpoints, audit_keys},
    stored,
    vault::Place,
};

/// A key as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit_keys)]
pub struct PublicKey {
    /// Id of the row.
    pub id: String,
    /// Name of the log that it signs for.
    pub name: String,
    /// Raw Ed25519 public key.
    pub public_key: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_keys)]
struct KeyRow {
    id: String,
    name: String,
    public_key: Vec<u8>,
    sealed: Vec<u8>,
    key_id: String,
    created_at: NaiveDateTime,
}

/// A kept checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_checkpoints)]
pub struct KeptNote {
    /// Id of the row.
    pub id: String,
    /// Leaves it covers.
    pub size: i64,
    /// The signed note.
    pub note: String,
    /// When it was made, UTC.
    pub made_at: NaiveDateTime,
}

/// All keys, oldest first.
pub fn keys(conn: &mut AnyConn) -> Result<Vec<PublicKey>, StoreError> {
    Ok(audit_keys::table
        .order((audit_keys::created_at, audit_keys::id))
        .select(PublicKey::as_select())
        .load(conn)?)
}

/// The newest key of a log, with its private half as PKCS#8.
pub fn signing_key(
    conn: &mut AnyConn,
    vault: &Vault,
    name: &str,
) -> Result<Option<(PublicKey, Vec<u8>)>, StoreError> {
    let row: Option<KeyRow> = audit_keys::table
        .filter(audit_keys::name.eq(name))
        .order((audit_keys::created_at.desc(), audit_keys::id.desc()))
        .select(KeyRow::as_select())
        .first(conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let pkcs8 = vault.open(Place { table: "audit_keys", row: &row.id }, &row.sealed)?;
    Ok(Some((PublicKey { id: row.id, name: row.name, public_key: row.public_key }, pkcs8)))
}

/// Adds a key.
pub fn insert_key(
    conn: &mut AnyConn,
    vault: &Vault,
    key: &PublicKey,
    pkcs8: &[u8],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(audit_keys::table)
        .values(KeyRow {
            id: key.id.clone(),
            name: key.name.clone(),
            public_key: key.public_key.clone(),
            sealed: vault.seal(Place { table: "audit_keys", row: &key.id }, &pkcs8)?,
            key_id: vault.key_id().to_owned(),
            created_at: stored(at),
        })
        .execute(conn)?;
    Ok(())
}

/// The checkpoint over the most leaves.
pub fn latest(conn: &mut AnyConn) -> Result<Option<KeptNote>, StoreError> {
    Ok(audit_checkpoints::table
        .order(audit_checkpoints::size.desc())
        .select(KeptNote::as_select())
        .first(conn)
        .optional()?)
}

/// Every checkpoint, by size.
pub fn all(conn: &mut AnyConn) -> Result<Vec<KeptNote>, StoreError> {
    Ok(audit_checkpoints::table.order(audit_checkpoints::size).select(KeptNote::as_select()).load(conn)?)
}

/// Adds a checkpoint.
pub fn insert(conn: &mut AnyConn, note: &KeptNote) -> Result<(), StoreError> {
    diesel::insert_into(audit_checkpoints::table).values(note).execute(conn)?;
    Ok(())
}
