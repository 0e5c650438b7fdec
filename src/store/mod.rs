//! Persistence: the schema, the connection, the seal, and one repository per aggregate. SQL stands here only.
//!
//! Diesel is synchronous: handlers call the store inside `web::block`. Reads and writes take a closure, so that
//! what belongs to one transaction is visible in one place.

pub mod accounts;
pub mod audit_entries;
pub mod cards;
pub mod citizens;
mod connection;
pub mod decisions;
mod error;
pub mod evidence;
pub mod idempotency;
mod ids;
pub mod refresh_tokens;
mod schema;
pub mod signing_keys;
pub mod transit_counts;
mod vault;

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use diesel::r2d2::{ConnectionManager, Pool};

pub(crate) use self::vault::hex;
pub use self::{
    connection::AnyConn,
    error::StoreError,
    ids::{CitizenId, DecisionId, EvidenceId, HouseholdId},
    vault::{BlindIndex, Vault},
};
use self::{connection::Pragmas, vault::DataKey};

/// A text that is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
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
    /// `sqlite:PATH` or `sqlite://PATH`.
    pub url: String,
    /// Base64 of the 32 bytes that seal personal data; without it a key file beside the database is used.
    pub data_key: Option<Secret>,
    /// Connections at most, one at least.
    pub pool_size: u32,
    /// How long a caller waits for a connection, and a connection for another writer.
    pub patience: Duration,
}

impl StoreConfig {
    /// The usual settings for `url`: key file, eight connections, five seconds.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), data_key: None, pool_size: 8, patience: Duration::from_secs(5) }
    }
}

/// The database and the vault that seals what it holds. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool<ConnectionManager<AnyConn>>,
    vault: Arc<Vault>,
}

impl Store {
    /// Opens (and creates) the database, brings its schema up to date and checks the data key against it.
    pub fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let path = connection::sqlite_path(&config.url)?;
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(|error| StoreError::Open(error.to_string()))?;
        }
        let key = match &config.data_key {
            Some(Secret(text)) => DataKey::from_base64(text)?,
            None => DataKey::from_file_or_new(&path.with_extension("key"), &path)?,
        };
        let vault = Vault::new(&key)?;
        let pool = Pool::builder()
            .max_size(config.pool_size.max(1))
            .min_idle(Some(1))
            .connection_timeout(config.patience)
            .connection_customizer(Box::new(Pragmas { busy_timeout: config.patience }))
            .build(ConnectionManager::new(path.to_string_lossy()))
            .map_err(|error| StoreError::Open(error.to_string()))?;
        let store = Self { pool, vault: Arc::new(vault) };
        store.with(connection::migrate)?;
        store.write(|conn| vault::adopt(conn, store.vault(), Utc::now().naive_utc()))?;
        Ok(store)
    }

    /// What seals and indexes personal data.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub fn ping(&self) -> Result<(), StoreError> {
        self.read(|conn| accounts::find(conn, accounts::AccountKind::Client, "").map(drop))
    }

    /// Runs `work` on a connection in one read transaction, so that all it reads is of one moment.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with(|conn| conn.snapshot(work))
    }

    /// Runs `work` in one write transaction; it is committed, and on disk, when this returns `Ok`.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with(|conn| conn.write(work))
    }

    fn with<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut AnyConn) -> Result<T, E>) -> Result<T, E> {
        let mut conn = self.pool.get().map_err(|_| StoreError::Busy)?;
        work(&mut conn)
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
