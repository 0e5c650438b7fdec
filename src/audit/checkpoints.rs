//! Signing how large the log is and what its root is.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::{DateTime, Utc};

use super::{
    Entry, Table, append, log,
    note::{Checkpoint, VerifierKey},
};
use crate::store::{
    AnyConn, StoreError, Vault,
    audit_checkpoints::{self, KeptNote, PublicKey},
    stored,
};

/// After so many acts a checkpoint is made without being asked for.
pub const ENTRIES_BETWEEN: u64 = 1_000;

/// Acts of the program itself.
const SYSTEM: &str = "system";

/// The last checkpoint, when nothing has been done since but making it.
///
/// # Errors
/// When the store fails.
pub fn standing_checkpoint(conn: &mut AnyConn, origin: &str) -> Result<Option<String>, StoreError> {
    let size = log::size(conn)?;
    let latest = audit_checkpoints::latest(conn)?.filter(|latest| log::leaves(latest.size) + 1 == size);
    Ok(latest.map(|latest| latest.note).filter(|note| note.lines().next() == Some(origin)))
}

/// The last checkpoint, when it covers the act at place `seq`.
///
/// # Errors
/// When the store fails.
pub fn latest_checkpoint(conn: &mut AnyConn, seq: i64) -> Result<Option<String>, StoreError> {
    let latest = audit_checkpoints::latest(conn)?.filter(|latest| latest.size >= seq);
    Ok(latest.map(|latest| latest.note))
}

/// The signed checkpoint over all that was done, made when there is none yet. Making one is an act of its own, which
/// the next one covers.
///
/// # Errors
/// When the store fails or the key can't be used.
pub fn checkpoint(
    conn: &mut AnyConn,
    vault: &Vault,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<String, StoreError> {
    if let Some(standing) = standing_checkpoint(conn, origin)? {
        return Ok(standing);
    }
    let (key, pair) = key(conn, vault, origin, now)?;
    let size = log::size(conn)?;
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root: log::root(conn, size)? };
    let note = checkpoint.sign(&pair, &key.public_key);
    let kept = KeptNote {
        id: uuid::Uuid::now_v7().to_string(),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        note: note.clone(),
        made_at: stored(now),
    };
    audit_checkpoints::insert(conn, &kept)?;
    let act = Entry { actor: SYSTEM, action: "checkpoint.made", subject: &kept.id, receipt: None };
    append(conn, act.touching(&[(Table::Checkpoints, &kept.id)]), now)?;
    Ok(note)
}

/// Whether [`ENTRIES_BETWEEN`] acts were done since the last checkpoint.
///
/// # Errors
/// When the store fails.
pub fn checkpoint_when_due(conn: &mut AnyConn) -> Result<bool, StoreError> {
    let covered = audit_checkpoints::latest(conn)?.map_or(0, |latest| log::leaves(latest.size));
    Ok(log::size(conn)?.saturating_sub(covered) > ENTRIES_BETWEEN)
}

/// The keys that sign checkpoints, oldest first.
///
/// # Errors
/// When the store fails.
pub fn verifier_keys(conn: &mut AnyConn) -> Result<Vec<VerifierKey>, StoreError> {
    let keys = audit_checkpoints::keys(conn)?;
    Ok(keys.into_iter().map(|key| VerifierKey { name: key.name, public: key.public_key }).collect())
}

/// The newest key of the log; the first checkpoint makes one.
fn key(
    conn: &mut AnyConn,
    vault: &Vault,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<(PublicKey, Ed25519KeyPair), StoreError> {
    let failed = || StoreError::Key("the key that signs checkpoints can't be used".into());
    if let Some((key, pkcs8)) = audit_checkpoints::signing_key(conn, vault, origin)? {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| failed())?;
        return Ok((key, pair));
    }
    let pair = Ed25519KeyPair::generate().map_err(|_| failed())?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| failed())?;
    let key = PublicKey {
        id: uuid::Uuid::now_v7().to_string(),
        name: origin.to_owned(),
        public_key: pair.public_key().as_ref().to_vec(),
    };
    audit_checkpoints::insert_key(conn, vault, &key, pkcs8.as_ref(), now)?;
    let act = Entry { actor: SYSTEM, action: "checkpoint.key_made", subject: &key.id, receipt: None };
    append(conn, act.touching(&[(Table::Keys, &key.id)]), now)?;
    Ok((key, pair))
}
