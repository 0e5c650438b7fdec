//! Which database an address names, how a connection to it is opened and set up, and how its schema is brought up to
//! date.

use std::{path::PathBuf, time::Duration};

use diesel::{
    connection::SimpleConnection,
    migration::MigrationSource,
    pg::PgConnection,
    prelude::*,
    result::{ConnectionError, Error as Diesel},
    sqlite::{Sqlite, SqliteConnection},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{AnyConn, StoreError, connection::LOCK_OF_WRITERS};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// A statement that runs longer has lost its way.
const LONGEST_STATEMENT: Duration = Duration::from_secs(60);

/// The database an address names.
#[derive(Clone)]
pub(super) enum Backend {
    /// A file of the bundled SQLite.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by the address libpq understands. Holds a password, so it is never printed.
    Postgres(String),
}

impl Backend {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`; any other scheme is refused.
    pub(super) fn of(url: &str) -> Result<Self, StoreError> {
        // Only the scheme is repeated: the rest may hold a password.
        let unknown = || StoreError::UnknownScheme(url.split(':').next().unwrap_or_default().to_owned());
        match url.split_once(':') {
            Some(("sqlite", rest)) => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                // An in-memory database would be a different one on each connection of the pool.
                let usable = !path.is_empty() && !path.contains(":memory:");
                usable.then(|| Self::Sqlite(path.into())).ok_or_else(unknown)
            }
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Postgres(with_limits(url)))
            }
            _ => Err(unknown()),
        }
    }

    /// A new connection with the settings every connection gets. `patience`: how long it waits for another writer.
    pub(super) fn connect(&self, patience: Duration) -> Result<AnyConn, ConnectionError> {
        let setting = ConnectionError::CouldntSetupConfiguration;
        match self {
            Self::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                // FULL: a commit is on disk before its answer leaves. `secure_delete` overwrites what is removed.
                conn.batch_execute(&format!(
                    "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;",
                    patience.as_millis()
                ))
                .map_err(setting)?;
                Ok(AnyConn::Sqlite(conn))
            }
            Self::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                // `synchronous_commit` may have been turned off for the whole server: not for us.
                conn.batch_execute(&format!(
                    "SET synchronous_commit = on; SET TIME ZONE 'UTC'; SET lock_timeout = {}; \
                     SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {};",
                    patience.as_millis(),
                    LONGEST_STATEMENT.as_millis(),
                    LONGEST_STATEMENT.as_millis(),
                ))
                .map_err(setting)?;
                Ok(AnyConn::Postgres(conn))
            }
        }
    }
}

/// The address with limits to what libpq would wait for without end: a server that does not take the connection, and one
/// whose network is gone. What the address says itself stands.
fn with_limits(url: &str) -> String {
    const LIMITS: [(&str, &str); 5] = [
        ("connect_timeout", "5"),
        ("keepalives_idle", "10"),
        ("keepalives_interval", "5"),
        ("keepalives_count", "3"),
        ("tcp_user_timeout", "20000"),
    ];
    LIMITS.iter().fold(url.to_owned(), |url, (name, value)| {
        if url.contains(&format!("{name}=")) {
            return url;
        }
        let joint = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joint}{name}={value}")
    })
}

/// The versions of all migrations of SQLite that this program knows.
pub(super) fn sqlite_migrations() -> Result<Vec<String>, StoreError> {
    let all = MigrationSource::<Sqlite>::migrations(&SQLITE_MIGRATIONS);
    let all = all.map_err(|error| StoreError::Open(format!("migration: {error}")))?;
    Ok(all.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// Brings the schema up to date under the lock of writers, so that two servers starting together do not collide.
pub(super) fn migrate(conn: &mut AnyConn) -> Result<(), StoreError> {
    let done = match conn {
        AnyConn::Sqlite(conn) => conn.immediate_transaction(|conn| {
            conn.run_pending_migrations(SQLITE_MIGRATIONS).map(drop).map_err(MigrationError::Failed)
        }),
        AnyConn::Postgres(conn) => conn.transaction(|conn| {
            conn.batch_execute(LOCK_OF_WRITERS)?;
            conn.run_pending_migrations(POSTGRES_MIGRATIONS).map(drop).map_err(MigrationError::Failed)
        }),
    };
    done.map_err(|error| StoreError::Open(format!("migration: {error}")))
}

#[derive(Debug, thiserror::Error)]
enum MigrationError {
    #[error("{0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
    #[error("{0}")]
    Transaction(#[from] Diesel),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_schemes_open() {
        for (url, file) in [("sqlite:data/x.db", "data/x.db"), ("sqlite:///tmp/x.db", "/tmp/x.db")] {
            assert!(matches!(Backend::of(url), Ok(Backend::Sqlite(path)) if path.as_os_str() == file));
        }
        for url in ["postgres://user@host/db", "postgresql:///db?host=/run"] {
            assert!(matches!(Backend::of(url), Ok(Backend::Postgres(kept)) if kept.starts_with(url)));
        }
        let limited = with_limits("postgres://h/db?connect_timeout=2");
        assert!(limited.starts_with("postgres://h/db?connect_timeout=2&keepalives_idle="), "{limited}");
        assert!(!limited.contains("connect_timeout=5"), "{limited}");
        for url in
            ["mysql://user:secret@host/db", "postgres:user:secret", "x.db", "", "sqlite:", "sqlite::memory:"]
        {
            let Err(error) = Backend::of(url) else { panic!("{url} opens") };
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

    #[test]
    fn so_they_do_on_postgresql() {
        let server = std::env::var("AN_SINH_TEST_POSTGRES");
        let server = server.expect("AN_SINH_TEST_POSTGRES names no server: ./scripts/test starts one");
        let mut conn = PgConnection::establish(&format!("{server}/postgres")).expect("the server");
        // A schema of our own stands for a database of our own.
        let schema = format!("migrations_{}", std::process::id());
        conn.batch_execute(&format!("CREATE SCHEMA {schema}; SET search_path TO {schema}"))
            .expect("a schema");
        let columns = format!(
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS text
             FROM information_schema.columns WHERE table_schema = '{schema}'
             UNION SELECT indexdef FROM pg_indexes WHERE schemaname = '{schema}'
             UNION SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = '{schema}'::regnamespace
             ORDER BY 1"
        );
        let dump = |conn: &mut PgConnection| -> Vec<String> {
            let rows: Vec<Row> = diesel::sql_query(&columns).load(conn).expect("the schema is readable");
            rows.into_iter().map(|row| row.text).collect()
        };
        conn.run_pending_migrations(POSTGRES_MIGRATIONS).expect("up");
        let first = dump(&mut conn);
        conn.revert_all_migrations(POSTGRES_MIGRATIONS).expect("down");
        assert!(dump(&mut conn).iter().all(|line| line.contains("__diesel_schema_migrations")));
        conn.run_pending_migrations(POSTGRES_MIGRATIONS).expect("up again");
        assert_eq!(dump(&mut conn), first);
        conn.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).expect("gone");
    }

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        text: String,
    }
}
