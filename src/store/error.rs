//! What can go wrong between the service and its database.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// A failure of the store. An absent row is never one: lookups answer `Option`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names no backend this build knows.
    #[error("unknown database address `{0}`: use sqlite:PATH")]
    UnknownScheme(String),
    /// The database could not be opened or migrated.
    #[error("cannot open the database: {0}")]
    Open(String),
    /// No connection came free, or another writer held the database, for longer than we wait. Try again.
    #[error("the database is busy")]
    Busy,
    /// A rule of the schema refused the change; names the table and columns, never a value.
    #[error("a constraint refused the change: {0}")]
    Constraint(String),
    /// The data key is unreadable or is not the one the database was sealed with.
    #[error("data key: {0}")]
    Key(String),
    /// A sealed value does not open: it was changed, moved to another row, or sealed with another key.
    #[error("a sealed value of {0} cannot be opened")]
    Sealed(&'static str),
    /// A row that others stand on is missing or has another form than we write.
    #[error("{0} is damaged: run `an-sinh audit verify`")]
    Damaged(&'static str),
    /// Anything else the database reports.
    #[error("database error: {0}")]
    Database(Diesel),
}

impl From<Diesel> for StoreError {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::DatabaseError(
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::CheckViolation,
                info,
            ) => Self::Constraint(info.message().to_owned()),
            // SQLite has no kind of its own for a lock that outlasted `busy_timeout`.
            Diesel::DatabaseError(_, info) if info.message().contains("database is locked") => Self::Busy,
            other => Self::Database(other),
        }
    }
}
