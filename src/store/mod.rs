//! Persistence: the schema, the connection, the seal, and one repository per aggregate. SQL stands here only.
//!
//! Diesel is synchronous: handlers call the store inside `web::block`. Reads and writes take a closure, so that
//! what belongs to one transaction is visible in one place.

pub mod accounts;
pub mod appeals;
pub mod audit_checkpoints;
pub mod audit_entries;
pub mod audit_rows;
mod backend;
mod backup;
pub mod cards;
pub mod citizen_versions;
pub mod citizens;
mod connection;
pub mod decisions;
pub mod duplicates;
pub mod erasures;
mod error;
pub mod evidence;
pub mod households;
pub mod idempotency;
mod ids;
mod inspect;
mod measures;
pub mod outbox;
pub mod person_rows;
pub mod policy_packs;
mod probe;
mod readers;
pub mod refresh_tokens;
pub mod retention;
mod schema;
pub mod sealed;
pub mod signing_keys;
pub mod transit_counts;
mod vault;
mod writer;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};

pub(crate) use self::vault::hex;
use self::{backend::Backend, probe::Probe, readers::Readers, vault::DataKey, writer::Writer};
pub use self::{
    backup::{BackupError, Candidate, back_up},
    connection::AnyConn,
    error::StoreError,
    ids::{AppealId, CitizenId, DecisionId, EvidenceId, HouseholdId},
    inspect::Inspection,
    measures::{Load, Measures},
    vault::{BlindIndex, Vault},
};

/// A text that is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// How the store is opened.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `sqlite:PATH` or `postgres://USER@HOST/NAME`.
    pub url: Secret,
    /// Base64 of the 32 bytes that seal personal data.
    pub data_key: Option<Secret>,
    /// File with such a key, used when `data_key` is not given. Without either: the file beside a SQLite database, which
    /// is made on the first start.
    pub data_key_file: Option<PathBuf>,
    /// Connections that read, at most; one at least. One more writes.
    pub pool_size: u32,
    /// How long a caller waits for a connection, and a connection for a writer of another process.
    pub patience: Duration,
    /// Callers that may wait for their turn to write; more are told that the database is busy.
    pub longest_queue: usize,
}

impl StoreConfig {
    /// The usual settings for `url`: key file, eight connections, five seconds, 256 in the queue.
    pub fn new(url: impl Into<Secret>) -> Self {
        Self {
            url: url.into(),
            data_key: None,
            data_key_file: None,
            pool_size: 8,
            patience: Duration::from_secs(5),
            longest_queue: 256,
        }
    }

    fn key(&self, backend: &Backend) -> Result<DataKey, StoreError> {
        match (&self.data_key, &self.data_key_file, backend) {
            (Some(Secret(text)), _, _) => DataKey::from_base64(text),
            (None, Some(file), _) => DataKey::from_file(file),
            (None, None, Backend::Sqlite(path)) => {
                DataKey::from_file_or_new(&path.with_extension("key"), path)
            }
            (None, None, Backend::Postgres(_)) => Err(StoreError::Key(
                "with PostgreSQL, AN_SINH_DATA_KEY or AN_SINH_DATA_KEY_FILE gives it: base64 of 32 bytes, \
                 as `openssl rand -base64 32` makes it"
                    .into(),
            )),
        }
    }
}

/// The database and the vault that seals what it holds. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    readers: Readers,
    writer: Arc<Writer>,
    probe: Arc<Probe>,
    measures: Measures,
    vault: Arc<Vault>,
    backend: Backend,
}

impl Store {
    /// Opens (and creates) the database, brings its schema up to date and checks the data key against it.
    pub fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let backend = Backend::of(&config.url.0)?;
        if let Backend::Sqlite(path) = &backend
            && let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty())
        {
            std::fs::create_dir_all(parent).map_err(|error| StoreError::Open(error.to_string()))?;
        }
        let vault = Vault::new(&config.key(&backend)?)?;
        let patience = config.patience;
        let mut first = backend.connect(patience).map_err(|error| StoreError::Open(error.to_string()))?;
        backend::migrate(&mut first)?;
        drop(first);
        let measures = Measures::new().map_err(|error| StoreError::Open(error.to_string()))?;
        let store = Self {
            readers: Readers::new(backend.clone(), config.pool_size, patience)?,
            writer: Arc::new(Writer::new(backend.clone(), patience, config.longest_queue, measures.clone())),
            probe: Arc::new(Probe::new(backend.clone(), patience)),
            measures,
            vault: Arc::new(vault),
            backend,
        };
        store.write(|conn| vault::adopt(conn, store.vault(), Utc::now().naive_utc()))?;
        Ok(store)
    }

    /// What seals and indexes personal data.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Whether the database answers. Waits for it as long as it takes: whoever asks sets a limit.
    ///
    /// # Errors
    /// When it does not.
    pub fn ping(&self) -> Result<(), StoreError> {
        self.probe.ask()
    }

    /// What is counted of its writing.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// What it is busy with now.
    pub fn load(&self) -> Load {
        Load { writers_waiting: self.writer.waiting(), readers_busy: self.readers.busy() }
    }

    /// Empties the log beside a SQLite database, which holds rows as they were before they were removed; `false` when somebody
    /// reads at the moment and it must be tried again. A server looks after its own log.
    ///
    /// # Errors
    /// When the database fails.
    pub fn empty_log(&self) -> Result<bool, StoreError> {
        retention::empty_log(&self.backend)
    }

    /// Writes the database anew without what was removed: SQLite and PostgreSQL leave copies of moved and removed rows in
    /// the unused parts of their files. Holds up everybody else while it lasts.
    ///
    /// # Errors
    /// When the database is in use, or fails.
    pub fn compact(&self) -> Result<(), StoreError> {
        retention::compact(&self.backend)
    }

    /// Runs `work` on a connection in one read transaction, so that all it reads is of one moment.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.take()?.snapshot(work)
    }

    /// Runs `work` in one write transaction; it is committed, and on disk, when this returns `Ok`. Works side by side
    /// share a commit; what fails leaves nothing behind. `work` must not call `write` itself.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writer.write(work)
    }
}

/// Instants are kept as UTC without an offset, to the microsecond (what both databases keep).
pub(crate) fn stored(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc().trunc_subsecs(6)
}

/// Whose rows a caller may see. Every lookup of a citizen, decision or card takes it, so that the boundary of a
/// unit cannot be forgotten; what lies outside is answered as if it did not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every unit.
    City,
    /// One ward or commune, by its code.
    Unit(String),
}

impl Reach {
    /// Whether rows of `unit` are within reach.
    pub fn covers(&self, unit: &str) -> bool {
        match self {
            Self::City => true,
            Self::Unit(own) => own == unit,
        }
    }

    /// As a pattern of SQL `LIKE`, so that one query text serves both; unit codes are five digits.
    fn unit_pattern(&self) -> &str {
        match self {
            Self::City => "%",
            Self::Unit(own) => own,
        }
    }
}

/// An id from a row. One that does not parse was written by another hand.
fn parse_id<T: TryFrom<String>>(text: String, table: &'static str) -> Result<T, StoreError> {
    T::try_from(text).map_err(|_| StoreError::Sealed(table))
}
