//! Reading the log: its size, its acts, and what it can prove.

use super::tree::{self, Hash, Node};
use crate::store::{
    AnyConn, DecisionId, StoreError,
    audit_entries::{self, AuditRow, Mention},
    audit_rows::Table,
};

/// A count of leaves from a place in the database, which is never negative.
pub(super) fn leaves(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}

/// The hash of a complete subtree: it stands with the act that completed it.
pub(super) fn node(conn: &mut AnyConn, node: Node) -> Result<Hash, StoreError> {
    let seq = i64::try_from(node.completed_at()).unwrap_or(i64::MAX);
    let level = usize::try_from(node.level).unwrap_or(usize::MAX);
    let hashes = audit_entries::hashes(conn, seq)?;
    let found = hashes.as_deref().and_then(|hashes| hashes.chunks_exact(32).nth(level)?.try_into().ok());
    found.ok_or(StoreError::Damaged("audit_entries"))
}

/// How many acts the log holds.
///
/// # Errors
/// When the store fails.
pub fn size(conn: &mut AnyConn) -> Result<u64, StoreError> {
    Ok(leaves(audit_entries::size(conn)?))
}

/// The root over the first `size` acts; the log must hold as many.
///
/// # Errors
/// When the store fails or the log is damaged.
pub fn root(conn: &mut AnyConn, size: u64) -> Result<Hash, StoreError> {
    tree::root(size, |node| self::node(conn, node))
}

/// The proof that the log of `second` acts begins with that of `first`; the log must hold as many.
///
/// # Errors
/// When the store fails or the log is damaged.
pub fn consistency(conn: &mut AnyConn, first: u64, second: u64) -> Result<Vec<Hash>, StoreError> {
    tree::consistency(first, second, |node| self::node(conn, node))
}

/// Up to `limit` acts after place `after`, in order.
///
/// # Errors
/// When the store fails.
pub fn entries(conn: &mut AnyConn, after: i64, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    audit_entries::page(conn, after, limit)
}

/// The place of the act that recorded a decision.
///
/// # Errors
/// When the store fails.
pub fn decision_entry(conn: &mut AnyConn, decision: DecisionId) -> Result<Option<i64>, StoreError> {
    let found = audit_entries::mentions_of(conn, Table::Decisions.as_str(), &[decision.to_string()])?;
    Ok(found.first().map(|mention| mention.seq))
}

/// An act with the proof that it is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Included {
    /// The act.
    pub entry: AuditRow,
    /// Rows it commits to.
    pub mentions: Vec<Mention>,
    /// Hash of its leaf.
    pub leaf: Hash,
    /// The hashes beside its path to the root, lowest first.
    pub proof: Vec<Hash>,
}

/// The act at place `seq`, and the proof that it is among the first `size`; `None` when it is not.
///
/// # Errors
/// When the store fails or the log is damaged.
pub fn included(conn: &mut AnyConn, seq: i64, size: u64) -> Result<Option<Included>, StoreError> {
    let Some(entry) = audit_entries::find(conn, seq)?.filter(|entry| leaves(entry.seq) <= size) else {
        return Ok(None);
    };
    let index = leaves(seq).saturating_sub(1);
    let leaf = node(conn, Node { level: 0, index })?;
    let proof = tree::inclusion(index, size, |node| self::node(conn, node))?;
    let mentions = audit_entries::mentions(conn, seq - 1, seq)?;
    Ok(Some(Included { entry, mentions, leaf, proof }))
}
