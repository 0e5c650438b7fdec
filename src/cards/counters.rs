//! How often checks are made: counted, never listed.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::NaiveDate;

use super::{CheckResult, Service};
use crate::store::{Store, StoreError, transit_counts};

/// How often counts go to the table, at most.
const EVERY: Duration = Duration::from_secs(5);

type Counts = BTreeMap<(NaiveDate, &'static str, &'static str), i64>;

/// Gathers counts in memory and adds them to the table now and then: a check must not wait for a disk.
/// What a crash loses is a few seconds of counts.
#[derive(Debug)]
pub struct Counters {
    pending: Mutex<Counts>,
    written: Mutex<Instant>,
}

impl Default for Counters {
    fn default() -> Self {
        Self { pending: Mutex::default(), written: Mutex::new(Instant::now()) }
    }
}

impl Counters {
    /// Counts one check.
    pub fn count(&self, day: NaiveDate, service: Service, result: CheckResult) {
        *self.lock().entry((day, service.as_str(), result.as_str())).or_default() += 1;
    }

    /// Adds what was counted to the table if that was not done lately.
    ///
    /// # Errors
    /// When the store fails; nothing is lost then.
    pub fn flush_when_due(&self, store: &Store) -> Result<(), StoreError> {
        let due = {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            let due = written.elapsed() >= EVERY;
            if due {
                *written = Instant::now();
            }
            due
        };
        if due { self.flush(store) } else { Ok(()) }
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
