//! Rows of the audit table. What they commit to is the business of `audit`.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{AnyConn, StoreError, schema::audit_entries};

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub struct AuditRow {
    /// Place in the chain, from 1 without a gap.
    pub seq: i64,
    /// When, UTC.
    pub recorded_at: NaiveDateTime,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what: an id.
    pub subject: String,
    /// Receipt of a decision.
    pub receipt: Option<String>,
    /// Random, so that the hash tells nothing of what it covers.
    pub salt: Vec<u8>,
    /// Hash of the row before.
    pub previous: String,
    /// Hash of this row.
    pub hash: String,
}

/// The last row.
pub fn last(conn: &mut AnyConn) -> Result<Option<AuditRow>, StoreError> {
    Ok(audit_entries::table
        .order(audit_entries::seq.desc())
        .select(AuditRow::as_select())
        .first(conn)
        .optional()?)
}

/// Adds a row.
pub fn insert(conn: &mut AnyConn, row: &AuditRow) -> Result<(), StoreError> {
    diesel::insert_into(audit_entries::table).values(row).execute(conn)?;
    Ok(())
}

/// Up to `limit` rows after place `after`, in order.
pub fn page(conn: &mut AnyConn, after: i64, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    Ok(audit_entries::table
        .filter(audit_entries::seq.gt(after))
        .order(audit_entries::seq)
        .limit(limit)
        .select(AuditRow::as_select())
        .load(conn)?)
}
