//! Answers kept for repeated requests, written in the transaction of the change they answer.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AnyConn, BlindIndex, StoreError, Vault, hex, schema::idempotency_keys, stored, vault::Place};

/// How long an answer is kept.
pub(super) const KEPT: Duration = Duration::hours(24);

/// The answer to a request that created something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptReply {
    /// HTTP status.
    pub status: u16,
    /// Path of what was made.
    pub location: Option<String>,
    /// Entity tag of what was made.
    pub etag: Option<String>,
    /// The body.
    pub body: Value,
}

/// Which request of whom.
pub struct KeptFor<'a> {
    /// Who asked.
    pub principal: &'a str,
    /// Index of the client's key.
    pub key: &'a BlindIndex,
    /// Index of method, path and body.
    pub request: &'a BlindIndex,
}

/// What is known under a key.
pub enum Kept {
    /// Nothing.
    Nothing,
    /// The answer to this very request.
    Reply(KeptReply),
    /// The key was used for another request.
    OtherRequest,
}

/// Looks a request up.
pub fn find(
    conn: &mut AnyConn,
    vault: &Vault,
    request: &KeptFor<'_>,
    now: DateTime<Utc>,
) -> Result<Kept, StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>)> = idempotency_keys::table
        .filter(idempotency_keys::principal.eq(request.principal))
        .filter(idempotency_keys::key_index.eq(&request.key.0))
        .filter(idempotency_keys::created_at.gt(stored(now - KEPT)))
        .select((idempotency_keys::request_index, idempotency_keys::sealed))
        .first(conn)
        .optional()?;
    match row {
        None => Ok(Kept::Nothing),
        Some((other, _)) if other != request.request.0 => Ok(Kept::OtherRequest),
        Some((_, sealed)) => {
            let row = row_name(request);
            Ok(Kept::Reply(vault.open(Place { table: "idempotency_keys", row: &row }, &sealed)?))
        }
    }
}

/// Keeps an answer, and drops those past their time.
pub fn insert(
    conn: &mut AnyConn,
    vault: &Vault,
    request: &KeptFor<'_>,
    reply: &KeptReply,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.le(stored(now - KEPT))))
        .execute(conn)?;
    let row = row_name(request);
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::principal.eq(request.principal),
            idempotency_keys::key_index.eq(&request.key.0),
            idempotency_keys::request_index.eq(&request.request.0),
            idempotency_keys::sealed.eq(vault.seal(Place { table: "idempotency_keys", row: &row }, reply)?),
            idempotency_keys::key_id.eq(vault.key_id()),
            idempotency_keys::created_at.eq(stored(now)),
            idempotency_keys::subject.eq(subject(&reply.body)),
        ))
        .execute(conn)?;
    Ok(())
}

/// The record that an answer is about: that of the citizen, of the decision appealed, or the thing itself.
fn subject(body: &Value) -> &str {
    let named = ["citizen_id", "decision_id", "id"].into_iter().find_map(|member| body[member].as_str());
    named.unwrap_or_default()
}

/// Drops the answers about these records. Answers of before it was noted whom they are about go too: none is older than
/// `KEPT`.
pub fn forget(conn: &mut AnyConn, subjects: &[String]) -> Result<usize, StoreError> {
    let about = idempotency_keys::subject.eq_any(subjects).or(idempotency_keys::subject.eq(""));
    Ok(diesel::delete(idempotency_keys::table.filter(about)).execute(conn)?)
}

fn row_name(request: &KeptFor<'_>) -> String {
    format!("{}\0{}", request.principal, hex(&request.key.0))
}
