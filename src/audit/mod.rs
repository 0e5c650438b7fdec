//! Tamper evidence: who did what, when, in a chain of hashes.
//!
//! Each row commits to the row before it, so that an edited, removed, reordered or inserted row shows. What was cut
//! off at the end does not show by the chain alone: that takes a checkpoint kept elsewhere.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::store::{
    AnyConn, StoreError,
    audit_entries::{self, AuditRow},
    hex,
};

/// Stands for the row before the first.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One act.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Who: the subject of their token.
    pub actor: &'a str,
    /// What, such as `decision.recorded` or `card.suspended`.
    pub action: &'static str,
    /// To what: an id that says nothing about a person.
    pub subject: &'a str,
    /// Receipt of a decision.
    pub receipt: Option<&'a str>,
}

/// Adds an act to the chain, in the transaction of the act itself.
///
/// # Errors
/// When the store fails.
pub fn append(conn: &mut AnyConn, entry: Entry<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let last = audit_entries::last(conn)?;
    let (seq, previous) = last.map_or((1, GENESIS.to_owned()), |row| (row.seq + 1, row.hash));
    let mut salt = vec![0; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| StoreError::Key("no randomness".into()))?;
    let mut row = AuditRow {
        seq,
        recorded_at: crate::store::stored(now),
        actor: entry.actor.to_owned(),
        action: entry.action.to_owned(),
        subject: entry.subject.to_owned(),
        receipt: entry.receipt.map(str::to_owned),
        salt,
        previous,
        hash: String::new(),
    };
    row.hash = hash(&row);
    audit_entries::insert(conn, &row)
}

/// Walks the chain; the place of the first row that does not fit, if any.
///
/// # Errors
/// When the store fails.
pub fn first_break(conn: &mut AnyConn) -> Result<Option<i64>, StoreError> {
    const PAGE: i64 = 1_000;
    let (mut seq, mut previous) = (0, GENESIS.to_owned());
    loop {
        let rows = audit_entries::page(conn, seq, PAGE)?;
        if rows.is_empty() {
            return Ok(None);
        }
        for row in rows {
            seq += 1;
            if row.seq != seq || row.previous != previous || row.hash != hash(&row) {
                return Ok(Some(seq));
            }
            previous = row.hash;
        }
    }
}

/// SHA-256(0x00 ‖ previous ‖ SHA-256(salt ‖ canonical row)): the salt makes the leaf tell nothing once the row and
/// its salt are gone.
fn hash(row: &AuditRow) -> String {
    let content = json!({
        "seq": row.seq,
        "at": row.recorded_at.and_utc().to_rfc3339(),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "receipt": row.receipt,
    });
    let commitment = Sha256::new().chain_update(&row.salt).chain_update(canonical(&content)).finalize();
    let leaf = Sha256::new().chain_update([0]).chain_update(&row.previous).chain_update(commitment);
    hex(&leaf.finalize())
}

/// JSON with sorted members and no spaces (RFC 8785; our JSON holds no fractions), so that equal values give equal
/// bytes whatever order they were written in.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            // RFC 8785 §3.2.3: by UTF-16 code units.
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            let inner: Vec<String> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_json_does_not_depend_on_order() {
        let a: Value = serde_json::from_str(r#"{"b": [1, {"y": null, "x": "đ"}], "a": true}"#).expect("JSON");
        let b: Value = serde_json::from_str(r#"{"a":true,"b":[1,{"x":"đ","y":null}]}"#).expect("JSON");
        assert_eq!(canonical(&a), canonical(&b));
        assert_eq!(canonical(&a), r#"{"a":true,"b":[1,{"x":"đ","y":null}]}"#);
    }
}
