//! What a leaf commits to, in two layers: who, what and when; and, salted, about whom.
//!
//! ```text
//! about = SHA-256(salt ‖ {"purpose":…,"receipt":…,"rows":[[TABLE,ID,DIGEST or null],…],"subject":…})
//! data  = SHA-256({"about":HEX,"action":…,"actor":…,"at":"YYYY-MM-DDThh:mm:ss.ffffffZ","seq":…})
//! leaf  = SHA-256(0x00 ‖ data)
//! ```
//!
//! Objects are canonical JSON (RFC 8785), rows stand in the order of table and id. Once salt, subject, receipt, purpose
//! and rows are erased, `about` tells nothing of them, and the leaf still commits to who did what and when.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    canonical,
    tree::{Hash, leaf_hash},
};
use crate::store::{
    audit_entries::{AuditRow, Mention},
    hex,
};

/// The salted commitment to what erasure takes away.
pub(super) fn about(row: &AuditRow, salt: &[u8], mentions: &[Mention]) -> Hash {
    let mut rows: Vec<_> = mentions.iter().collect();
    rows.sort_by_key(|mention| (&mention.table_name, &mention.row_id));
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|mention| json!([mention.table_name, mention.row_id, mention.digest.as_deref().map(hex)]))
        .collect();
    let content =
        json!({ "purpose": row.purpose, "receipt": row.receipt, "rows": rows, "subject": row.subject });
    Sha256::new().chain_update(salt).chain_update(canonical(&content)).finalize().into()
}

/// The hash of the leaf.
pub(super) fn hash(row: &AuditRow) -> Hash {
    let content = json!({
        "about": hex(&row.about),
        "action": row.action,
        "actor": row.actor,
        "at": instant(row),
        "seq": row.seq,
    });
    leaf_hash(&Sha256::digest(canonical(&content)))
}

/// When, as the leaf commits to it.
pub fn instant(row: &AuditRow) -> String {
    row.recorded_at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
