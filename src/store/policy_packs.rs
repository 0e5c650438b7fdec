//! Packs of law that made a decision, by digest. The law is public: they are not sealed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{AnyConn, StoreError, schema::policy_packs, stored};

/// A pack as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPack {
    /// `sha256:` digest over the files.
    pub digest: String,
    /// Its id.
    pub policy_id: String,
    /// Its version.
    pub version: String,
    /// The files: canonical JSON, name to text.
    pub files: Vec<u8>,
}

/// Whether the pack of that digest is kept.
pub fn is_kept(conn: &mut AnyConn, digest: &str) -> Result<bool, StoreError> {
    let found: Option<String> =
        policy_packs::table.find(digest).select(policy_packs::digest).first(conn).optional()?;
    Ok(found.is_some())
}

/// Keeps a pack.
pub fn insert(conn: &mut AnyConn, pack: &KeptPack, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::insert_into(policy_packs::table)
        .values((
            policy_packs::digest.eq(&pack.digest),
            policy_packs::policy_id.eq(&pack.policy_id),
            policy_packs::version.eq(&pack.version),
            policy_packs::files.eq(&pack.files),
            policy_packs::kept_at.eq(stored(now)),
        ))
        .execute(conn)?;
    Ok(())
}

/// The files of the pack of that digest, if it is kept.
pub fn files(conn: &mut AnyConn, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(policy_packs::table.find(digest).select(policy_packs::files).first(conn).optional()?)
}
