//! Opening a database to look at it only: nothing is made, migrated or written, and a running service is not disturbed.

use std::path::Path;

use diesel::{connection::SimpleConnection, prelude::*, sqlite::SqliteConnection};

use super::{
    AnyConn, Secret, StoreConfig, StoreError, Vault,
    backend::Backend,
    schema::{audit_keys, vault_keys},
    vault::DataKey,
};

/// A database that is only read.
pub struct Inspection {
    conn: AnyConn,
    vault: Option<Vault>,
}

impl Inspection {
    /// Opens what `config` names. The data key is optional here: without it sealed values stay closed. A key that is not
    /// the one of this database is an error.
    ///
    /// # Errors
    /// When there is no such database, it has no audit log of this version, or the data key does not fit.
    pub fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let backend = Backend::of(&config.url.0)?;
        let mut conn = match &backend {
            Backend::Sqlite(path) => AnyConn::Sqlite(open_sqlite(path)?),
            Backend::Postgres(_) => {
                backend.connect(config.patience).map_err(|error| StoreError::Open(error.to_string()))?
            }
        };
        let foreign = |_| StoreError::Open("it holds no audit log of this version".into());
        let _: i64 = audit_keys::table.count().get_result(&mut conn).map_err(foreign)?;
        let vault = key(config, &backend)?.map(|key| Vault::new(&key)).transpose()?;
        if let Some(vault) = &vault {
            let known: Vec<String> = vault_keys::table.select(vault_keys::key_id).load(&mut conn)?;
            if !known.iter().any(|id| id == vault.key_id()) {
                return Err(StoreError::Key("is not the one this database was sealed with".into()));
            }
        }
        Ok(Self { conn, vault })
    }

    /// Runs `work` in one read transaction, with the vault if there is a key.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn read<T>(
        &mut self,
        work: impl FnOnce(&mut AnyConn, Option<&Vault>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let vault = self.vault.as_ref();
        self.conn.snapshot(|conn| work(conn, vault))
    }
}

/// The data key that is given or lies beside a SQLite database. None is made.
fn key(config: &StoreConfig, backend: &Backend) -> Result<Option<DataKey>, StoreError> {
    if let Some(Secret(text)) = &config.data_key {
        return DataKey::from_base64(text).map(Some);
    }
    let beside = match backend {
        Backend::Sqlite(path) => Some(path.with_extension("key")).filter(|file| file.exists()),
        Backend::Postgres(_) => None,
    };
    config.data_key_file.clone().or(beside).map(|file| DataKey::from_file(&file)).transpose()
}

fn open_sqlite(path: &Path) -> Result<SqliteConnection, StoreError> {
    let attempt = |mode: &str| {
        let mut conn = SqliteConnection::establish(&format!("file:{}?{mode}", escaped(path)))
            .map_err(|error| StoreError::Open(error.to_string()))?;
        conn.batch_execute(
            "PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF; SELECT 1 FROM sqlite_schema;",
        )
        .map_err(|error| StoreError::Open(error.to_string()))?;
        Ok::<_, StoreError>(conn)
    };
    let read_only = attempt("mode=ro");
    // On a medium that can't be written SQLite can't make the index of its log; without a log it needs none.
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let has_log = Path::new(&log).metadata().is_ok_and(|found| found.len() > 0);
    if read_only.is_err() && !has_log && path.exists() {
        return attempt("mode=ro&immutable=1");
    }
    read_only
}

/// A path in a `file:` address.
fn escaped(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}
