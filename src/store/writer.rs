//! One writer, many callers, one commit: a commit has to reach the disk before its answers leave, and the disk takes as
//! long for one change as for fifty.
//!
//! Callers run their work one after the other on the one connection that writes, each in a savepoint of an open
//! transaction. While others are waiting for their turn nobody commits; the last one in line does, for all. Nobody is
//! answered before that commit, and if it fails all fail. Alone, a caller commits at once: nobody ever waits for
//! company.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{AnyConn, StoreError, backend::Backend, measures::Measures};

/// Works that share one commit, at most: those first in line should not wait for all that follow.
const LARGEST_GROUP: usize = 64;

/// The one connection that writes.
pub(super) struct Writer {
    backend: Backend,
    patience: Duration,
    longest_queue: usize,
    waiting: AtomicUsize,
    desk: Mutex<Desk>,
    measures: Measures,
}

/// What only one caller at a time has hands on.
struct Desk {
    conn: Option<AnyConn>,
    /// Works of the transaction that is open, if one is.
    open: Option<(Arc<Group>, usize)>,
    /// When the database last refused to begin. Whoever was waiting then need not try again.
    refused: Option<(Instant, StoreError)>,
}

/// Works that share one commit, and how it ended.
#[derive(Default)]
struct Group {
    end: Mutex<Option<Result<(), StoreError>>>,
    ended: Condvar,
}

impl Writer {
    /// A writer to `backend`. `patience`: how long it waits for a writer of another process; `longest_queue`: how many
    /// callers may wait, more are told that the database is busy.
    pub(super) fn new(
        backend: Backend,
        patience: Duration,
        longest_queue: usize,
        measures: Measures,
    ) -> Self {
        let desk = Mutex::new(Desk { conn: None, open: None, refused: None });
        Self { backend, patience, longest_queue, waiting: AtomicUsize::new(0), desk, measures }
    }

    /// Callers waiting for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Runs `work` in a write transaction; what it wrote is on disk when this returns `Ok`.
    ///
    /// # Errors
    /// Those of `work`, which then left nothing behind, and those of the database.
    pub(super) fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConn) -> Result<T, E>,
    ) -> Result<T, E> {
        let arrived = Instant::now();
        // Counted only who will take the desk: whoever sees others waiting leaves the commit to them.
        let join = |waiting| (waiting < self.longest_queue).then_some(waiting + 1);
        if self.waiting.fetch_update(Ordering::SeqCst, Ordering::SeqCst, join).is_err() {
            self.measures.turned_away.inc();
            return Err(StoreError::Busy.into());
        }
        let mut desk = lock(&self.desk);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        let (group, done) = match self.take_turn(&mut desk, arrived) {
            Ok(group) => {
                let conn = desk.conn.as_mut();
                // A panic must not leave the desk with a savepoint open: it goes on after tidying.
                let done = conn.map(|conn| catch_unwind(AssertUnwindSafe(|| conn.part(work))));
                (group, done)
            }
            // No transaction is open then: nobody counts on us to commit.
            Err(error) => return Err(error.into()),
        };
        let done = match done {
            Some(Ok(Ok(value))) => Ok(value),
            Some(Ok(Err(undone))) if undone.with_all => {
                // The others did nothing wrong: they may try again.
                desk.fail(&StoreError::Busy);
                return Err(undone.error);
            }
            Some(Ok(Err(undone))) => Err(undone.error),
            Some(Err(panic)) => {
                desk.fail(&StoreError::Busy);
                drop(desk);
                resume_unwind(panic)
            }
            None => Err(StoreError::Busy.into()),
        };
        self.commit_if_last(&mut desk);
        drop(desk);
        // An error is told after the commit too: it may rest on what another work of the group wrote.
        group.wait()?;
        done
    }

    /// Joins the open transaction or begins one.
    fn take_turn(&self, desk: &mut Desk, arrived: Instant) -> Result<Arc<Group>, StoreError> {
        if let Some((group, works)) = &mut desk.open {
            *works += 1;
            return Ok(Arc::clone(group));
        }
        if let Some((_, error)) = desk.refused.as_ref().filter(|(at, _)| *at >= arrived) {
            return Err(error.clone());
        }
        let begun = self.connected(desk).and_then(AnyConn::begin_write);
        if let Err(error) = begun {
            desk.refused = Some((Instant::now(), error.clone()));
            desk.drop_if_broken();
            return Err(error);
        }
        let group = Arc::new(Group::default());
        desk.open = Some((Arc::clone(&group), 1));
        Ok(group)
    }

    fn connected<'d>(&self, desk: &'d mut Desk) -> Result<&'d mut AnyConn, StoreError> {
        match &mut desk.conn {
            Some(conn) => Ok(conn),
            none => {
                let conn = self.backend.connect(self.patience);
                Ok(none.insert(conn.map_err(|error| StoreError::Away(error.to_string()))?))
            }
        }
    }

    /// Commits unless somebody is waiting for a turn and will do it.
    fn commit_if_last(&self, desk: &mut Desk) {
        let Some((_, works)) = &desk.open else { return };
        let works = *works;
        if works < LARGEST_GROUP && self.waiting() > 0 {
            return;
        }
        let Some(conn) = &mut desk.conn else { return };
        let begun = Instant::now();
        match conn.commit() {
            Ok(()) => {
                self.measures.seconds.observe(begun.elapsed().as_secs_f64());
                // At most `LARGEST_GROUP`: exact.
                self.measures.works.observe(works as f64);
                if let Some((group, _)) = desk.open.take() {
                    group.finish(Ok(()));
                }
            }
            Err(error) => {
                self.measures.failed.inc();
                desk.fail(&error);
            }
        }
    }
}

impl Desk {
    /// Undoes the open transaction and tells everybody in it.
    fn fail(&mut self, error: &StoreError) {
        if let Some(conn) = &mut self.conn {
            conn.abandon();
        }
        if let Some((group, _)) = self.open.take() {
            group.finish(Err(error.clone()));
        }
        self.drop_if_broken();
    }

    /// The next caller connects anew.
    fn drop_if_broken(&mut self) {
        use diesel::r2d2::R2D2Connection;
        if self.conn.as_mut().is_some_and(|conn| !conn.is_idle() || conn.is_broken()) {
            self.conn = None;
        }
    }
}

impl Group {
    fn finish(&self, end: Result<(), StoreError>) {
        *lock(&self.end) = Some(end);
        self.ended.notify_all();
    }

    fn wait(&self) -> Result<(), StoreError> {
        let mut end = lock(&self.end);
        loop {
            match &*end {
                Some(end) => return end.clone(),
                None => end = self.ended.wait(end).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// A panic while a lock was held leaves nothing half done here: see [`Writer::write`].
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use diesel::{connection::SimpleConnection, prelude::*};

    use super::*;

    /// A writer to a file with one table, and the file.
    fn writer(name: &str) -> (Writer, std::path::PathBuf) {
        let file = std::env::temp_dir().join(format!("an-sinh-writer-{name}-{}.db", std::process::id()));
        let backend = Backend::Sqlite(file.clone());
        let patience = Duration::from_millis(200);
        let mut conn = backend.connect(patience).expect("a file");
        conn.batch_execute("DROP TABLE IF EXISTS t; CREATE TABLE t (n INTEGER UNIQUE)").expect("a table");
        (Writer::new(backend, patience, 64, Measures::new().expect("counters")), file)
    }

    fn put(conn: &mut AnyConn, n: usize) -> Result<(), StoreError> {
        Ok(conn.batch_execute(&format!("INSERT INTO t VALUES ({n})"))?)
    }

    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }

    fn count(file: &std::path::Path) -> i64 {
        let conn = Backend::Sqlite(file.to_owned()).connect(Duration::from_secs(1));
        let query = diesel::sql_query("SELECT count(*) AS n FROM t");
        query.get_result::<Count>(&mut conn.expect("the file")).expect("a count").n
    }

    #[test]
    fn what_fails_leaves_nothing_and_takes_nobody_along() {
        let (writer, file) = writer("mixed");
        std::thread::scope(|scope| {
            for caller in 0..8 {
                let writer = &writer;
                scope.spawn(move || {
                    for n in 0..50 {
                        let done = writer.write(|conn| {
                            put(conn, caller * 100 + n)?;
                            // Every third fails after it has written.
                            if n % 3 == 0 { put(conn, caller * 100 + n) } else { Ok(()) }
                        });
                        assert_eq!(done.is_ok(), n % 3 != 0, "{done:?}");
                    }
                });
            }
        });
        assert_eq!(count(&file), 8 * 33);
    }

    #[test]
    fn a_panic_is_the_callers_own() {
        let (writer, file) = writer("panic");
        writer.write(|conn| put(conn, 1)).expect("written");
        let fell = catch_unwind(AssertUnwindSafe(|| {
            writer.write(|conn| -> Result<(), StoreError> {
                put(conn, 2)?;
                panic!("a fault of the caller");
            })
        }));
        assert!(fell.is_err());
        writer.write(|conn| put(conn, 3)).expect("and all is well afterwards");
        assert_eq!(count(&file), 2);
    }

    #[test]
    fn whoever_waited_for_a_lock_in_vain_is_told_together() {
        let (writer, file) = writer("locked");
        let mut other = Backend::Sqlite(file).connect(Duration::from_secs(1)).expect("the file");
        other.begin_write().expect("the lock");
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for n in 0..16 {
                let writer = &writer;
                scope.spawn(move || {
                    assert!(matches!(writer.write(|conn| put(conn, n)), Err(StoreError::Busy)));
                });
            }
        });
        // One after the other they would take 16 × 200 ms.
        assert!(begun.elapsed() < Duration::from_millis(1_600), "{:?}", begun.elapsed());
        other.commit().expect("released");
        writer.write(|conn| put(conn, 1)).expect("written");
    }
}
