//! One connection type for every backend, and how a backend is chosen, set up and migrated.

use std::{path::PathBuf, time::Duration};

use diesel::{
    MultiConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    prelude::*,
    r2d2::{CustomizeConnection, Error as PoolError},
    result::Error as Diesel,
    sqlite::SqliteConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::StoreError;

/// A connection to whichever backend the address names. PostgreSQL joins as a second variant.
#[derive(MultiConnection)]
pub enum AnyConn {
    /// The bundled default.
    Sqlite(SqliteConnection),
}

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// The file a `sqlite:` address names; any other scheme is refused.
pub(super) fn sqlite_path(url: &str) -> Result<PathBuf, StoreError> {
    let path = match url.split_once(':') {
        Some(("sqlite", rest)) => rest.strip_prefix("//").unwrap_or(rest),
        _ => "",
    };
    // An in-memory database would be a different one on each connection of the pool.
    if path.is_empty() || path.contains(":memory:") {
        // Only the scheme is repeated: the rest may hold a password.
        return Err(StoreError::UnknownScheme(url.split(':').next().unwrap_or_default().to_owned()));
    }
    Ok(PathBuf::from(path))
}

/// Brings the schema up to date under the write lock, so that two servers starting together do not collide.
pub(super) fn migrate(conn: &mut AnyConn) -> Result<(), StoreError> {
    match conn {
        AnyConn::Sqlite(sqlite) => sqlite
            .immediate_transaction(|sqlite| {
                sqlite.run_pending_migrations(SQLITE_MIGRATIONS).map(drop).map_err(MigrationError::Failed)
            })
            .map_err(|error| StoreError::Open(format!("migration: {error}"))),
    }
}

#[derive(Debug, thiserror::Error)]
enum MigrationError {
    #[error("{0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
    #[error("{0}")]
    Transaction(#[from] Diesel),
}

impl AnyConn {
    /// A transaction that only reads.
    pub(super) fn snapshot<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transaction(|conn| work(conn).map_err(Carried::Work)).map_err(Carried::settle)
    }

    /// A transaction that takes the write lock at once: one that first reads and then writes cannot wait for
    /// another writer in the middle, SQLite would refuse it.
    pub(super) fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        }
        .map_err(StoreError::from)?;
        let done = work(self);
        let end = match &done {
            Ok(_) => Transactions::commit_transaction(self),
            Err(_) => Transactions::rollback_transaction(self),
        };
        match (done, end) {
            (Ok(value), Ok(())) => Ok(value),
            (Ok(_), Err(error)) => Err(StoreError::from(error).into()),
            (Err(error), ended) => {
                // The pool drops a connection whose transaction stays open; the caller learns the first cause.
                if let Err(rollback) = ended {
                    tracing::warn!(%rollback, "Could not roll back a failed transaction");
                }
                Err(error)
            }
        }
    }
}

type Transactions = <AnyConn as Connection>::TransactionManager;

/// Carries the caller's error through diesel's transaction, which insists on its own.
enum Carried<E> {
    Work(E),
    Diesel(Diesel),
}

impl<E> From<Diesel> for Carried<E> {
    fn from(error: Diesel) -> Self {
        Self::Diesel(error)
    }
}

impl<E: From<StoreError>> Carried<E> {
    fn settle(self) -> E {
        match self {
            Self::Work(error) => error,
            Self::Diesel(error) => StoreError::from(error).into(),
        }
    }
}

/// Settings every new connection gets.
#[derive(Debug)]
pub(super) struct Pragmas {
    /// How long a writer waits for another.
    pub busy_timeout: Duration,
}

impl CustomizeConnection<AnyConn, PoolError> for Pragmas {
    fn on_acquire(&self, conn: &mut AnyConn) -> Result<(), PoolError> {
        match conn {
            // FULL: a commit is on disk before its answer leaves. `secure_delete` overwrites what is removed.
            AnyConn::Sqlite(sqlite) => sqlite
                .batch_execute(&format!(
                    "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;",
                    self.busy_timeout.as_millis()
                ))
                .map_err(PoolError::QueryError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_schemes_open() {
        assert_eq!(sqlite_path("sqlite:data/x.db").ok(), Some("data/x.db".into()));
        assert_eq!(sqlite_path("sqlite:///tmp/x.db").ok(), Some("/tmp/x.db".into()));
        for url in ["postgres://user:secret@host/db", "x.db", "", "sqlite:", "sqlite::memory:"] {
            let error = sqlite_path(url).expect_err(url);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn migrations_run_up_down_and_up_to_the_same_schema() {
        let dump = |conn: &mut SqliteConnection| -> Vec<String> {
            diesel::sql_query("SELECT sql AS text FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
                .load::<Row>(conn)
                .expect("the schema is readable")
                .into_iter()
                .map(|row| row.text)
                .collect()
        };
        let mut conn = SqliteConnection::establish(":memory:").expect("a database in memory opens");
        conn.run_pending_migrations(SQLITE_MIGRATIONS).expect("up");
        let first = dump(&mut conn);
        conn.revert_all_migrations(SQLITE_MIGRATIONS).expect("down");
        assert_eq!(dump(&mut conn).len(), 1, "only the table of migrations stays");
        conn.run_pending_migrations(SQLITE_MIGRATIONS).expect("up again");
        assert_eq!(dump(&mut conn), first);
    }

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        text: String,
    }
}
