//! Rows of the audit log. What they commit to is the business of `audit`.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{
    AnyConn, StoreError,
    schema::{audit_chain, audit_entries, audit_rows},
    stored,
};

/// One act.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub struct AuditRow {
    /// Place in the log, from 1 without a gap.
    pub seq: i64,
    /// What the clock said, UTC.
    pub recorded_at: NaiveDateTime,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what: an id. None once erased.
    pub subject: Option<String>,
    /// Receipt of a decision.
    pub receipt: Option<String>,
    /// Code of the purpose of an access.
    pub purpose: Option<String>,
    /// Random, so that the hash tells nothing of what it covers. None once erased.
    pub salt: Option<Vec<u8>>,
    /// Salted commitment to what erasure takes away.
    pub about: Vec<u8>,
    /// Hash of the leaf and of the subtrees it completes, 32 bytes each.
    pub hashes: Vec<u8>,
}

/// That an act commits to a kept row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_rows, treat_none_as_default_value = false)]
pub struct Mention {
    /// The act.
    pub seq: i64,
    /// The table.
    pub table_name: String,
    /// Its primary key there.
    pub row_id: String,
    /// SHA-256 over all columns; none = the row was gone then.
    pub digest: Option<Vec<u8>>,
}

/// A row of the chain of hashes that came before the tree.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_chain)]
pub struct ChainRow {
    /// When, UTC.
    pub recorded_at: NaiveDateTime,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Receipt of a decision.
    pub receipt: Option<String>,
}

/// Place of the last act; 0 when there is none.
pub fn size(conn: &mut AnyConn) -> Result<i64, StoreError> {
    let last: Option<i64> = audit_entries::table
        .order(audit_entries::seq.desc())
        .select(audit_entries::seq)
        .first(conn)
        .optional()?;
    Ok(last.unwrap_or(0))
}

/// The hashes that were completed by an act.
pub fn hashes(conn: &mut AnyConn, seq: i64) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(audit_entries::table.find(seq).select(audit_entries::hashes).first(conn).optional()?)
}

/// One act.
pub fn find(conn: &mut AnyConn, seq: i64) -> Result<Option<AuditRow>, StoreError> {
    Ok(audit_entries::table.find(seq).select(AuditRow::as_select()).first(conn).optional()?)
}

/// Adds an act and what it commits to.
pub fn insert(conn: &mut AnyConn, row: &AuditRow, mentions: &[Mention]) -> Result<(), StoreError> {
    diesel::insert_into(audit_entries::table).values(row).execute(conn)?;
    for mention in mentions {
        diesel::insert_into(audit_rows::table).values(mention).execute(conn)?;
    }
    Ok(())
}

/// Up to `limit` acts after place `after`, in order.
pub fn page(conn: &mut AnyConn, after: i64, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    Ok(audit_entries::table
        .filter(audit_entries::seq.gt(after))
        .order(audit_entries::seq)
        .limit(limit)
        .select(AuditRow::as_select())
        .load(conn)?)
}

/// How many acts there are.
pub fn count(conn: &mut AnyConn) -> Result<i64, StoreError> {
    Ok(audit_entries::table.count().get_result(conn)?)
}

/// What the acts after place `after` up to `up_to` commit to, in the order of the acts.
pub fn mentions(conn: &mut AnyConn, after: i64, up_to: i64) -> Result<Vec<Mention>, StoreError> {
    Ok(audit_rows::table
        .filter(audit_rows::seq.gt(after))
        .filter(audit_rows::seq.le(up_to))
        .order(audit_rows::seq)
        .select(Mention::as_select())
        .load(conn)?)
}

/// Every mention of these rows of a table, in the order of the acts.
pub fn mentions_of(conn: &mut AnyConn, table: &str, rows: &[String]) -> Result<Vec<Mention>, StoreError> {
    Ok(audit_rows::table
        .filter(audit_rows::table_name.eq(table))
        .filter(audit_rows::row_id.eq_any(rows))
        .order(audit_rows::seq)
        .select(Mention::as_select())
        .load(conn)?)
}

/// Places of the acts about these subjects.
pub fn about(conn: &mut AnyConn, subjects: &[String]) -> Result<Vec<i64>, StoreError> {
    Ok(audit_entries::table
        .filter(audit_entries::subject.eq_any(subjects))
        .select(audit_entries::seq)
        .load(conn)?)
}

/// The acts about these subjects, in order.
pub fn of_subjects(conn: &mut AnyConn, subjects: &[String]) -> Result<Vec<AuditRow>, StoreError> {
    Ok(audit_entries::table
        .filter(audit_entries::subject.eq_any(subjects))
        .order(audit_entries::seq)
        .select(AuditRow::as_select())
        .load(conn)?)
}

/// What these acts commit to, in their order.
pub fn mentions_by(conn: &mut AnyConn, acts: &[i64]) -> Result<Vec<Mention>, StoreError> {
    Ok(audit_rows::table
        .filter(audit_rows::seq.eq_any(acts))
        .order(audit_rows::seq)
        .select(Mention::as_select())
        .load(conn)?)
}

/// What an act of reading is called.
pub const READINGS: [&str; 3] = ["record.read", "records.searched", "record.exported"];

/// Up to `limit` acts of reading before `before` that still tell what was read, the first ones.
pub fn readings(conn: &mut AnyConn, before: DateTime<Utc>, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(audit_entries::table
        .filter(audit_entries::action.eq_any(READINGS))
        .filter(audit_entries::recorded_at.lt(stored(before)))
        .filter(audit_entries::salt.is_not_null())
        .order(audit_entries::seq)
        .limit(limit)
        .select(audit_entries::seq)
        .load(conn)?)
}

/// How many acts of reading before `before` still tell what was read.
pub fn count_readings(conn: &mut AnyConn, before: DateTime<Utc>) -> Result<i64, StoreError> {
    Ok(audit_entries::table
        .filter(audit_entries::action.eq_any(READINGS))
        .filter(audit_entries::recorded_at.lt(stored(before)))
        .filter(audit_entries::salt.is_not_null())
        .count()
        .get_result(conn)?)
}

/// Takes away whom acts were about; who, what and when stay, and so do their hashes.
pub fn blank(conn: &mut AnyConn, acts: &[i64]) -> Result<(), StoreError> {
    let none: Option<String> = None;
    diesel::update(audit_entries::table.filter(audit_entries::seq.eq_any(acts)))
        .set((
            audit_entries::subject.eq(&none),
            audit_entries::receipt.eq(&none),
            audit_entries::purpose.eq(&none),
            audit_entries::salt.eq(None::<Vec<u8>>),
        ))
        .execute(conn)?;
    diesel::delete(audit_rows::table.filter(audit_rows::seq.eq_any(acts))).execute(conn)?;
    Ok(())
}

/// The chain that came before, in order; usually empty.
pub fn chain(conn: &mut AnyConn) -> Result<Vec<ChainRow>, StoreError> {
    Ok(audit_chain::table.order(audit_chain::seq).select(ChainRow::as_select()).load(conn)?)
}

/// Drops the rows of the chain, once they are taken over.
pub fn drop_chain(conn: &mut AnyConn) -> Result<(), StoreError> {
    diesel::delete(audit_chain::table).execute(conn)?;
    Ok(())
}
