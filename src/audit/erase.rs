//! Erasure: whom an act was about goes, the tree stays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{ENTRIES, Table, mention, unwritten, write};
use crate::store::{AnyConn, StoreError, audit_entries};

/// Forgets whom acts were about, after the rows of a person were removed: every act about one of `subjects`, or that
/// commits to one of the removed rows, loses subject, receipt, purpose, rows and salt. Who did what and when stays, and
/// so does every hash. One act of `actor` says which were blanked, and commits anew to rows that others share with them,
/// such as a household.
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
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let subjects: Vec<String> = subjects.iter().map(|id| (*id).to_owned()).collect();
    let mut blanked: BTreeSet<i64> = audit_entries::about(conn, &subjects)?.into_iter().collect();
    for (table, id) in removed {
        let mentions = audit_entries::mentions_of(conn, table.as_str(), &[(*id).to_owned()])?;
        blanked.extend(mentions.into_iter().map(|mention| mention.seq));
    }
    let (mut shared, mut mentions) = (BTreeMap::new(), Vec::new());
    for seq in &blanked {
        for lost in audit_entries::mentions(conn, seq - 1, *seq)? {
            match Table::parse(&lost.table_name) {
                Some(table) => drop(shared.insert((table, lost.row_id), lost.digest)),
                // An earlier erasure stays said.
                None => mentions.push(mention(&lost.table_name, lost.row_id, None)),
            }
        }
        audit_entries::blank(conn, *seq)?;
        mentions.push(mention(ENTRIES, seq.to_string(), None));
    }
    // What was removed is not named again: no act speaks of it any more. What others share is committed to as it was, not
    // as it is, so that an erasure covers up no change.
    removed.iter().for_each(|(table, id)| drop(shared.remove(&(*table, (*id).to_owned()))));
    for ((table, id), digest) in shared {
        if audit_entries::mentions_of(conn, table.as_str(), std::slice::from_ref(&id))?.is_empty() {
            mentions.push(mention(table.as_str(), id, digest));
        }
    }
    write(conn, unwritten(actor, "record.erased", now), mentions)
}
