//! Databases from before the tree.

use chrono::{DateTime, Utc};

use super::{AuditRow, Entry, Table, append, unwritten, write};
use crate::store::{AnyConn, StoreError, audit_entries};

/// Rows of a table that one act commits to.
const PAGE: i64 = 500;

/// Enters what the earlier chain of hashes held, in its order and with its times, then commits to every row that there
/// is. Does nothing when there is no chain.
///
/// # Errors
/// When the store fails.
pub fn take_over_chain(conn: &mut AnyConn, now: DateTime<Utc>) -> Result<(), StoreError> {
    let chain = audit_entries::chain(conn)?;
    if chain.is_empty() {
        return Ok(());
    }
    for old in chain {
        let row = AuditRow {
            subject: Some(old.subject),
            receipt: old.receipt,
            ..unwritten(&old.actor, &old.action, old.recorded_at.and_utc())
        };
        write(conn, row, Vec::new())?;
    }
    for table in Table::ALL {
        let mut after = String::new();
        loop {
            let ids = table.ids(conn, &after, PAGE)?;
            let Some(last) = ids.last() else { break };
            let rows: Vec<_> = ids.iter().map(|id| (*table, id.as_str())).collect();
            let act =
                Entry { actor: "system", action: "log.taken_over", subject: table.as_str(), receipt: None };
            append(conn, act.touching(&rows), now)?;
            after.clone_from(last);
        }
    }
    audit_entries::drop_chain(conn)
}
