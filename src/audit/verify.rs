//! The log and the rows it commits to, made anew from what the database holds and compared. Reads only.
//!
//! Works through pages and holds little, however long the log is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{
    AuditRow, ENTRIES, Finding, Kind, Mention, Report, Table, leaf, log,
    note::{Note, VerifierKey},
    tree::{Edge, Hash},
    verifier_keys,
};
use crate::store::{
    AnyConn, StoreError, Vault, audit_checkpoints, audit_entries, audit_rows::KeptRow, decisions::Content,
};

/// Acts read at once.
const PAGE: i64 = 1_000;
/// Rows looked up at once.
const ROWS: usize = 500;
/// Missing acts told of one gap.
const GAP: usize = 1_000;

/// A checkpoint kept outside the database.
#[derive(Debug, Clone)]
pub struct Given {
    /// How it is called in findings.
    pub name: String,
    /// The note.
    pub note: Note,
}

/// Opens what is sealed, too.
#[derive(Clone, Copy)]
pub struct Open<'a> {
    /// With the data key.
    pub vault: &'a Vault,
    /// How the receipt of a decision is made of facts, result and the digest of the policy.
    pub receipt: fn(&Value, &Value, &str) -> String,
}

/// Checks the whole log. With `keys` only these count for checkpoints, else those in the database. `progress` is told how
/// many acts are done, of how many.
///
/// # Errors
/// When the store fails; what is wrong with its content is a finding.
pub fn verify(
    conn: &mut AnyConn,
    given: &[Given],
    keys: &[VerifierKey],
    open: Option<Open<'_>>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Report, StoreError> {
    let total = log::leaves(audit_entries::count(conn)?);
    let mut check = Check::new(conn, given, keys, open)?;
    let mut after = i64::MIN;
    loop {
        let page = audit_entries::page(conn, after, PAGE)?;
        let up_to = if page.len() < usize::try_from(PAGE).unwrap_or(0) {
            i64::MAX
        } else {
            page.last().map_or(i64::MAX, |last| last.seq)
        };
        check.page(conn, &page, after, up_to)?;
        progress(check.report.entries, total);
        if up_to == i64::MAX {
            break;
        }
        after = up_to;
    }
    check.finish(conn)
}

/// A checkpoint whose root is to be met on the way.
struct Awaited {
    name: String,
    note: Note,
}

struct Check<'a> {
    open: Option<Open<'a>>,
    report: Report,
    /// The tree so far; none once an act is missing, since no later hash can be made.
    edge: Option<Edge>,
    /// The place that comes next.
    next: i64,
    last_instant: Option<chrono::NaiveDateTime>,
    /// By size.
    awaited: BTreeMap<u64, Vec<Awaited>>,
    /// Acts without salt, and acts that an erasure names.
    blank: BTreeSet<i64>,
    erased: BTreeSet<i64>,
    /// Rows that are there and that an act names, by table.
    known: HashMap<Table, u64>,
}

impl<'a> Check<'a> {
    fn new(
        conn: &mut AnyConn,
        given: &[Given],
        keys: &[VerifierKey],
        open: Option<Open<'a>>,
    ) -> Result<Self, StoreError> {
        let mut check = Self {
            open,
            report: Report::new(),
            edge: Some(Edge::default()),
            next: 1,
            last_instant: None,
            awaited: BTreeMap::new(),
            blank: BTreeSet::new(),
            erased: BTreeSet::new(),
            known: HashMap::new(),
        };
        let own;
        let keys = if keys.is_empty() {
            own = verifier_keys(conn)?;
            &own
        } else {
            keys
        };
        for given in given {
            check.await_note(keys, given.name.clone(), given.note.clone());
        }
        for kept in audit_checkpoints::all(conn)? {
            match Note::parse(&kept.note).filter(|note| note.checkpoint.size == log::leaves(kept.size)) {
                Some(note) => check.await_note(keys, kept.id, note),
                None => check.report.found(Finding::note(Kind::NoteUnreadable, &kept.id)),
            }
        }
        check.meet(0);
        Ok(check)
    }

    fn await_note(&mut self, keys: &[VerifierKey], name: String, note: Note) {
        self.report.checkpoints += 1;
        if !keys.iter().any(|key| note.is_signed_by(key)) {
            self.report.found(Finding::note(Kind::NoteUnsigned, &name));
        }
        self.awaited.entry(note.checkpoint.size).or_default().push(Awaited { name, note });
    }

    /// Compares the checkpoints over `size` acts, which the edge has reached.
    fn meet(&mut self, size: u64) {
        let Some(root) = self.edge.as_ref().map(Edge::root) else { return };
        for Awaited { name, note } in self.awaited.remove(&size).into_iter().flatten() {
            if note.checkpoint.root != root {
                self.report.found(Finding::note(Kind::NoteContradicts, &name));
            }
        }
    }

    /// Acts after place `after` up to `up_to`, and all that stands with those places.
    fn page(
        &mut self,
        conn: &mut AnyConn,
        page: &[AuditRow],
        after: i64,
        up_to: i64,
    ) -> Result<(), StoreError> {
        let mut mentions: BTreeMap<i64, Vec<Mention>> = BTreeMap::new();
        for mention in audit_entries::mentions(conn, after, up_to)? {
            mentions.entry(mention.seq).or_default().push(mention);
        }
        let receipts = page.iter().map(|row| (row.seq, row.receipt.as_deref())).collect();
        let mut touched: BTreeMap<Table, BTreeSet<String>> = BTreeMap::new();
        for row in page {
            let own = mentions.remove(&row.seq).unwrap_or_default();
            self.entry(row, &own);
            for mention in own {
                self.sort(mention, &mut touched);
            }
        }
        for seq in mentions.into_keys() {
            self.report.found(Finding::entry(Kind::StrayMention, seq));
        }
        for (table, ids) in touched {
            let ids: Vec<String> = ids.into_iter().collect();
            for ids in ids.chunks(ROWS) {
                self.rows(conn, table, ids, (after, up_to), &receipts)?;
            }
        }
        Ok(())
    }

    fn sort(&mut self, mention: Mention, touched: &mut BTreeMap<Table, BTreeSet<String>>) {
        match (Table::parse(&mention.table_name), mention.row_id.parse()) {
            (Some(table), _) => drop(touched.entry(table).or_default().insert(mention.row_id)),
            (None, Ok(seq)) if mention.table_name == ENTRIES => drop(self.erased.insert(seq)),
            (None, _) => self.report.found(Finding::entry(Kind::UnknownTable, mention.seq)),
        }
    }

    /// One act: its place, its leaf, the subtrees it completes.
    fn entry(&mut self, row: &AuditRow, mentions: &[Mention]) {
        self.report.entries += 1;
        if row.seq != self.next {
            if row.seq < self.next {
                return self.report.found(Finding::entry(Kind::EntryMisplaced, row.seq));
            }
            // A gap may be as wide as a number is; these tell where it is.
            for missing in (self.next..row.seq).take(GAP) {
                self.report.found(Finding::entry(Kind::EntryMissing, missing));
            }
            self.edge = None;
        }
        self.next = row.seq.saturating_add(1);
        if self.last_instant.is_some_and(|last| row.recorded_at < last) {
            self.report.clock_back.push(row.seq);
        }
        self.last_instant = Some(row.recorded_at);
        let (kept, nodes) = row.hashes.split_at_checked(32).unwrap_or((&[], &[]));
        if !self.content_fits(row, mentions) || leaf::hash(row) != kept {
            self.report.found(Finding::entry(Kind::EntryChanged, row.seq));
        }
        // What follows stands on the kept hash: a changed act is one finding, not one a level of the tree.
        let leaf: Hash = kept.try_into().unwrap_or_else(|_| leaf::hash(row));
        let Some(edge) = &mut self.edge else { return };
        let made = edge.push(leaf);
        let size = edge.size();
        if made[1..].concat() != nodes {
            self.report.found(Finding::entry(Kind::NodeChanged, row.seq));
        }
        self.meet(size);
    }

    /// Whether `about` commits to what the act says it was about.
    fn content_fits(&mut self, row: &AuditRow, mentions: &[Mention]) -> bool {
        match &row.salt {
            Some(salt) => leaf::about(row, salt, mentions) == row.about.as_slice(),
            None => {
                self.blank.insert(row.seq);
                row.subject.is_none() && row.receipt.is_none() && row.purpose.is_none() && mentions.is_empty()
            }
        }
    }

    /// Rows whose last mention stands between `after` and `up_to`, against the database.
    fn rows(
        &mut self,
        conn: &mut AnyConn,
        table: Table,
        ids: &[String],
        (after, up_to): (i64, i64),
        receipts: &HashMap<i64, Option<&str>>,
    ) -> Result<(), StoreError> {
        let mentions = audit_entries::mentions_of(conn, table.as_str(), ids)?;
        let last: HashMap<String, Mention> =
            mentions.into_iter().map(|mention| (mention.row_id.clone(), mention)).collect();
        let rows = table.rows(conn, ids)?;
        let mut rows: HashMap<&str, &KeptRow> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
        for mention in last.values().filter(|mention| mention.seq > after && mention.seq <= up_to) {
            let row = rows.remove(mention.row_id.as_str());
            if row.is_some() {
                *self.known.entry(table).or_default() += 1;
            }
            let kind = match (row, &mention.digest) {
                (None, None) => None,
                (Some(_), None) => Some(Kind::RowBack),
                (None, Some(_)) => Some(Kind::RowMissing),
                (Some(row), Some(digest)) if row.digest() != digest.as_slice() => Some(Kind::RowChanged),
                (Some(row), Some(_)) => {
                    self.report.rows += 1;
                    let receipt = receipts.get(&mention.seq).copied().flatten();
                    self.inside(table, row, receipt)
                }
            };
            if let Some(kind) = kind {
                self.report.found(Finding::row(kind, table.as_str(), &mention.row_id));
            }
        }
        Ok(())
    }

    /// What the data key shows of a row that is as it was recorded.
    fn inside(&mut self, table: Table, row: &KeptRow, recorded: Option<&str>) -> Option<Kind> {
        let own = row.text("receipt");
        // A decision may leave other rows behind beside its own: the link to what it takes the place of.
        if table == Table::Decisions && recorded.is_some() && recorded != own {
            return Some(Kind::ReceiptWrong);
        }
        let open = self.open.filter(|_| row.is_sealed())?;
        if table != Table::Decisions {
            let opened = row.open::<Value>(open.vault).is_ok();
            self.report.opened += u64::from(opened);
            return (!opened).then_some(Kind::Unsealable);
        }
        let Ok(content) = row.open::<Content>(open.vault) else { return Some(Kind::Unsealable) };
        self.report.opened += 1;
        let digest = row.text("policy_digest").unwrap_or_default();
        let receipt = (open.receipt)(&content.facts, &content.result, digest);
        (own != Some(receipt.as_str())).then_some(Kind::ReceiptWrong)
    }

    fn finish(mut self, conn: &mut AnyConn) -> Result<Report, StoreError> {
        for seq in self.blank.difference(&self.erased) {
            self.report.found(Finding::entry(Kind::Unexplained, *seq));
        }
        for seq in self.erased.difference(&self.blank) {
            self.report.found(Finding::entry(Kind::NotErased, *seq));
        }
        for Awaited { name, note } in std::mem::take(&mut self.awaited).into_values().flatten() {
            // Behind a missing act no root can be made: that act is the finding.
            let cut_off = note.checkpoint.size >= log::leaves(self.next);
            if cut_off {
                self.report.found(Finding::note(Kind::NoteAhead, &name));
            }
        }
        for table in Table::ALL {
            let known = self.known.get(table).copied().unwrap_or(0);
            if log::leaves(table.count(conn)?) != known {
                self.unknown_rows(conn, *table)?;
            }
        }
        self.report.root = self.edge.as_ref().map_or(self.report.root, Edge::root);
        Ok(self.report)
    }

    /// Rows that no act speaks of.
    fn unknown_rows(&mut self, conn: &mut AnyConn, table: Table) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let ids = table.ids(conn, &after, PAGE)?;
            let Some(last) = ids.last() else { return Ok(()) };
            let mentions = audit_entries::mentions_of(conn, table.as_str(), &ids)?;
            let named: BTreeSet<&str> = mentions.iter().map(|mention| mention.row_id.as_str()).collect();
            for id in ids.iter().filter(|id| !named.contains(id.as_str())) {
                self.report.found(Finding::row(Kind::RowUnknown, table.as_str(), id));
            }
            after.clone_from(last);
        }
    }
}
