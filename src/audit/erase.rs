//! Erasure: whom an act was about goes, the tree stays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{ENTRIES, Mention, Table, mention, unwritten, write};
use crate::store::{AnyConn, StoreError, audit_entries};

/// Rows looked up at once.
const PAGE: usize = 500;

/// Forgets whom acts were about, after the rows of a person were removed: every act about one of `subjects`, or that
/// commits to one of the removed rows, loses subject, receipt, purpose, rows and salt. Who did what and when stays, and
/// so does every hash. One act of `actor` says which were blanked, commits to the rows that are `left` behind, and anew to
/// those that others share with them, such as a household.
///
/// `removed` names every removed row, `subjects` every id under which acts about the person stand.
///
/// # Errors
/// When the store fails.
pub fn erase(
    conn: &mut AnyConn,
    actor: &str,
    removed: &[(Table, &str)],
    subjects: &[&str],
    left: &[(Table, &str)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let subjects: Vec<String> = subjects.iter().map(|id| (*id).to_owned()).collect();
    let mut blanked: BTreeSet<i64> = audit_entries::about(conn, &subjects)?.into_iter().collect();
    let mut gone = by_table(removed.iter().map(|(table, id)| (*table, (*id).to_owned())));
    gone_before(conn, &blanked, &mut gone)?;
    for (table, ids) in &gone {
        let ids: Vec<String> = ids.iter().cloned().collect();
        for ids in ids.chunks(PAGE) {
            let named = audit_entries::mentions_of(conn, table.as_str(), ids)?;
            blanked.extend(named.into_iter().map(|mention| mention.seq));
        }
    }
    let (mut shared, mut mentions) = (Vec::new(), Vec::new());
    for lost in mentions_by(conn, &blanked)? {
        match Table::parse(&lost.table_name) {
            // What was removed is not named again: no act speaks of it any more.
            Some(table) if gone.get(&table).is_some_and(|ids| ids.contains(&lost.row_id)) => {}
            Some(table) => shared.push((table, lost.row_id)),
            // An earlier erasure stays said.
            None => mentions.push(mention(&lost.table_name, lost.row_id, None)),
        }
    }
    // What others share is committed to as it was, not as it is, so that an erasure covers up no change.
    for (table, ids) in by_table(shared) {
        let ids: Vec<String> = ids.into_iter().collect();
        for ids in ids.chunks(PAGE) {
            let all = audit_entries::mentions_of(conn, table.as_str(), ids)?;
            let last: BTreeMap<String, Mention> =
                all.into_iter().map(|mention| (mention.row_id.clone(), mention)).collect();
            let lost = last.into_values().filter(|mention| blanked.contains(&mention.seq));
            mentions.extend(lost.map(|lost| mention(&lost.table_name, lost.row_id, lost.digest)));
        }
    }
    let blanked: Vec<i64> = blanked.into_iter().collect();
    for acts in blanked.chunks(PAGE) {
        audit_entries::blank(conn, acts)?;
    }
    mentions.extend(blanked.iter().map(|seq| mention(ENTRIES, seq.to_string(), None)));
    for (table, id) in left {
        let digest = table.find(conn, id)?.map(|row| row.digest().to_vec());
        mentions.push(mention(table.as_str(), (*id).to_owned(), digest));
    }
    write(conn, unwritten(actor, "record.erased", now), mentions)
}

/// Forgets what up to `limit` acts of reading before `before` were about, and the searches, and says so in one act of
/// `actor`; how many they were.
///
/// # Errors
/// When the store fails.
pub fn forget_readings(
    conn: &mut AnyConn,
    actor: &str,
    before: DateTime<Utc>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let acts = audit_entries::readings(conn, before, limit)?;
    if acts.is_empty() {
        return Ok(0);
    }
    audit_entries::blank(conn, &acts)?;
    let mentions = acts.iter().map(|seq| mention(ENTRIES, seq.to_string(), None)).collect();
    write(conn, unwritten(actor, "readings.forgotten", now), mentions)?;
    Ok(acts.len())
}

type Rows = BTreeMap<Table, BTreeSet<String>>;

fn by_table(rows: impl IntoIterator<Item = (Table, String)>) -> Rows {
    let mut tables = Rows::new();
    for (table, id) in rows {
        tables.entry(table).or_default().insert(id);
    }
    tables
}

/// Adds rows of theirs that went before, such as a version past its time: the acts about them name them, and so may others.
fn gone_before(conn: &mut AnyConn, acts: &BTreeSet<i64>, gone: &mut Rows) -> Result<(), StoreError> {
    let named = mentions_by(conn, acts)?.into_iter().filter_map(|mention| {
        let table = Table::parse(&mention.table_name).filter(|table| table.is_personal())?;
        Some((table, mention.row_id))
    });
    for (table, ids) in by_table(named) {
        let ids: Vec<String> = ids.into_iter().collect();
        for ids in ids.chunks(PAGE) {
            let there: BTreeSet<String> = table.rows(conn, ids)?.into_iter().map(|row| row.id).collect();
            gone.entry(table).or_default().extend(ids.iter().filter(|id| !there.contains(*id)).cloned());
        }
    }
    Ok(())
}

fn mentions_by(conn: &mut AnyConn, acts: &BTreeSet<i64>) -> Result<Vec<Mention>, StoreError> {
    let acts: Vec<i64> = acts.iter().copied().collect();
    let mut all = Vec::new();
    for acts in acts.chunks(PAGE) {
        all.extend(audit_entries::mentions_by(conn, acts)?);
    }
    Ok(all)
}
