//! How often checks are made: counted, never listed.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::NaiveDate;

use super::{CheckResult, Service};
use crate::store::{Store, StoreError, transit_counts};

type Counts = BTreeMap<(NaiveDate, &'static str, &'static str), i64>;

/// Gathers counts in memory and adds them to the table now and then: a check must not wait for a disk.
/// What a crash loses is a few seconds of counts.
#[derive(Debug, Default)]
pub struct Counters {
    pending: Mutex<Counts>,
}

impl Counters {
    /// Counts one check.
    pub fn count(&self, day: NaiveDate, service: Service, result: CheckResult) {
        *self.lock().entry((day, service.as_str(), result.as_str())).or_default() += 1;
    }

    /// Adds what was counted to the table.
    ///
    /// # Errors
    /// When the store fails; nothing is lost then.
    pub fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let counts = mem::take(&mut *self.lock());
        if counts.is_empty() {
            return Ok(());
        }
        let written = store.write(|conn| {
            for ((day, service, result), checks) in &counts {
                transit_counts::add(conn, *day, service, result, *checks)?;
            }
            Ok::<_, StoreError>(())
        });
        if written.is_err() {
            let mut pending = self.lock();
            for (key, checks) in counts {
                *pending.entry(key).or_default() += checks;
            }
        }
        written
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // A count is whole after every line above.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
