//! Tamper evidence: who did what, when, in an append-only Merkle tree (RFC 9162).
//!
//! Each act is a leaf, added in the transaction of the act itself, and commits to the rows it left behind. A changed,
//! removed, reordered or inserted row shows when the tree is made anew ([`verify`]). What was cut off at the end, or
//! rewritten whole, shows against a signed checkpoint kept elsewhere. Reasons: `docs/adr/0014-merkle-log.md`.

mod canonical;
mod checkpoints;
mod erase;
mod findings;
mod leaf;
mod log;
pub mod note;
mod take_over;
pub mod tree;
mod verify;

use chrono::{DateTime, Utc};

pub use self::{
    canonical::canonical,
    checkpoints::{
        ENTRIES_BETWEEN, checkpoint, checkpoint_when_due, latest_checkpoint, standing_checkpoint,
        verifier_keys,
    },
    erase::{erase, forget_readings},
    findings::{Finding, Kind, Report},
    leaf::instant,
    log::{Included, consistency, decision_entry, entries, included, root, size},
    take_over::take_over_chain,
    verify::{Given, Open, verify},
};
use crate::store::{AnyConn, StoreError, audit_entries};
pub use crate::store::{
    audit_entries::{AuditRow, Mention},
    audit_rows::Table,
};

/// Bytes of salt: what it hides can't be found by trying.
const SALT: usize = 16;
/// Stands in the place of a table's name where an act says that another one was erased.
const ENTRIES: &str = "audit_entries";

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

impl<'a> Entry<'a> {
    /// The act commits to these rows as they are now, added or changed; a row that is not there is committed to as gone.
    /// The rows are read back: what is committed to is what the database keeps.
    pub fn touching(self, rows: &'a [(Table, &'a str)]) -> Act<'a> {
        Act { rows, ..self.into() }
    }

    /// Why a record was read: a code, never a text about a person.
    pub fn for_purpose(self, purpose: &'a str) -> Act<'a> {
        Act { purpose: Some(purpose), ..self.into() }
    }
}

/// An act with all that it may commit to.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    entry: Entry<'a>,
    purpose: Option<&'a str>,
    rows: &'a [(Table, &'a str)],
}

impl<'a> From<Entry<'a>> for Act<'a> {
    fn from(entry: Entry<'a>) -> Self {
        Self { entry, purpose: None, rows: &[] }
    }
}

/// Adds an act to the log, in the transaction of the act itself. There is one writer at a time on either database, so
/// places have no gap and no two acts share one.
///
/// # Errors
/// When the store fails.
pub fn append<'a>(conn: &mut AnyConn, act: impl Into<Act<'a>>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Act { entry, purpose, rows } = act.into();
    let mut mentions = Vec::with_capacity(rows.len());
    for (table, id) in rows {
        let digest = table.find(conn, id)?.map(|row| row.digest().to_vec());
        mentions.push(mention(table.as_str(), (*id).to_owned(), digest));
    }
    let row = AuditRow {
        subject: Some(entry.subject.to_owned()),
        receipt: entry.receipt.map(str::to_owned),
        purpose: purpose.map(str::to_owned),
        ..unwritten(entry.actor, entry.action, now)
    };
    write(conn, row, mentions)
}

/// An act about nothing yet.
fn unwritten(actor: &str, action: &str, at: DateTime<Utc>) -> AuditRow {
    AuditRow {
        seq: 0,
        recorded_at: crate::store::stored(at),
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: None,
        receipt: None,
        purpose: None,
        salt: None,
        about: Vec::new(),
        hashes: Vec::new(),
    }
}

fn mention(table: &str, id: String, digest: Option<Vec<u8>>) -> Mention {
    Mention { seq: 0, table_name: table.to_owned(), row_id: id, digest }
}

/// Gives an act its place, its salt and its hashes, and writes it.
fn write(conn: &mut AnyConn, mut row: AuditRow, mut mentions: Vec<Mention>) -> Result<(), StoreError> {
    let size = audit_entries::size(conn)?;
    row.seq = size + 1;
    mentions.sort_by(|a, b| (&a.table_name, &a.row_id).cmp(&(&b.table_name, &b.row_id)));
    mentions.dedup_by(|a, b| (&a.table_name, &a.row_id) == (&b.table_name, &b.row_id));
    mentions.iter_mut().for_each(|mention| mention.seq = row.seq);
    let mut salt = vec![0; SALT];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| StoreError::Key("no randomness".into()))?;
    row.about = leaf::about(&row, &salt, &mentions).to_vec();
    row.salt = Some(salt);
    let leaf = leaf::hash(&row);
    row.hashes = tree::append(log::leaves(size), leaf, |node| log::node(conn, node))?.concat();
    audit_entries::insert(conn, &row, &mentions)
}
