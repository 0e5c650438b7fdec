//! One connection type for every backend, and the transactions that run on it.

use diesel::{
    MultiConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    pg::PgConnection,
    prelude::*,
    sqlite::SqliteConnection,
};

use super::StoreError;

/// A connection to whichever backend the address names.
#[derive(MultiConnection)]
pub enum AnyConn {
    /// The bundled default.
    Sqlite(SqliteConnection),
    /// A PostgreSQL server.
    Postgres(PgConnection),
}

/// PostgreSQL: one writer at a time among all servers on a database, until its transaction ends. SQLite knows no other
/// way. Records hang together in ways that no row lock covers (the audit tree grows at one end), and one commit serves
/// many writers (see `writer`), so that the lock costs little.
pub(super) const LOCK_OF_WRITERS: &str = "SELECT pg_advisory_xact_lock(7308332182933301874)";

/// A work that failed.
pub(super) struct Undone<E> {
    /// Why.
    pub error: E,
    /// Whether the whole transaction went with it.
    pub with_all: bool,
}

type Transactions = <AnyConn as Connection>::TransactionManager;

impl AnyConn {
    /// A transaction that only reads, all of it as of one moment.
    pub(super) fn snapshot<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN"),
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
                conn,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        }
        .map_err(StoreError::from)?;
        let done = work(self);
        self.end(done)
    }

    /// Begins a transaction that may write. It takes the lock at once: one that first reads and then writes cannot wait
    /// for another writer in the middle, SQLite would refuse it.
    pub(super) fn begin_write(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?,
            Self::Postgres(conn) => {
                AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN")?;
                if let Err(error) = conn.batch_execute(LOCK_OF_WRITERS) {
                    self.roll_back();
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }

    /// Runs `work` in a savepoint of the transaction that is open: what fails leaves no trace, the rest stays, unless the
    /// database gave up the whole transaction. SQLite does so when the disk is full, PostgreSQL when it hangs up.
    pub(super) fn part<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, Undone<E>> {
        let all_lost = |error: StoreError| Undone { error: E::from(error), with_all: true };
        Transactions::begin_transaction(self).map_err(|error| all_lost(error.into()))?;
        match work(self) {
            Ok(value) => self.commit().map(|()| value).map_err(all_lost),
            Err(error) => Err(Undone { error, with_all: !self.roll_back() }),
        }
    }

    /// Commits, or ends a savepoint.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        Ok(Transactions::commit_transaction(self)?)
    }

    /// Undoes the innermost transaction or savepoint; whether that was possible. A connection on which it fails is not used
    /// again: the caller learns the first cause, the log this one.
    pub(super) fn roll_back(&mut self) -> bool {
        let undone = Transactions::rollback_transaction(self);
        if let Err(error) = &undone {
            tracing::warn!(%error, "Could not roll back a failed transaction");
        }
        undone.is_ok()
    }

    /// Undoes all that is open, if the connection still allows it.
    pub(super) fn abandon(&mut self) {
        // A savepoint in a transaction is as deep as it gets; a broken connection answers no rollback.
        for _ in 0..3 {
            if self.is_idle() {
                return;
            }
            self.roll_back();
        }
    }

    /// Whether no transaction is open, and the connection can be used.
    pub(super) fn is_idle(&mut self) -> bool {
        let status = Transactions::transaction_manager_status_mut(self);
        matches!(status.transaction_depth(), Ok(None))
    }

    fn end<T, E: From<StoreError>>(&mut self, done: Result<T, E>) -> Result<T, E> {
        match done {
            Ok(value) => self.commit().map(|()| value).map_err(E::from),
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }
}
