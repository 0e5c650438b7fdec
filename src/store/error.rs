//! What can go wrong between the service and its database.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

use crate::facts::Text;

/// A failure of the store. An absent row is never one: lookups answer `Option`.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The address names no backend this build knows.
    #[error("unknown database address `{0}`: use sqlite:PATH or postgres://USER@HOST/NAME")]
    UnknownScheme(String),
    /// The database could not be opened or migrated.
    #[error("cannot open the database: {0}")]
    Open(String),
    /// No connection came free, or another writer held the database, for longer than we wait. Try again.
    #[error("the database is busy")]
    Busy,
    /// The database does not answer, or hung up. Try again.
    #[error("the database is away: {0}")]
    Away(String),
    /// There is no room left on the disk. Nothing of the change is kept.
    #[error("there is no room left where the database lies")]
    Full,
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
    Database(String),
}

impl From<Diesel> for StoreError {
    fn from(error: Diesel) -> Self {
        use DatabaseErrorKind as Kind;
        let told = error.to_string();
        match error {
            Diesel::DatabaseError(
                Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::CheckViolation,
                info,
            ) => Self::Constraint(info.message().to_owned()),
            Diesel::DatabaseError(Kind::SerializationFailure, _) => Self::Busy,
            Diesel::DatabaseError(Kind::ClosedConnection, _) | Diesel::BrokenTransactionManager => {
                Self::Away(told)
            }
            Diesel::DatabaseError(_, info) => Self::of_words(info.message(), told),
            _ => Self::Database(told),
        }
    }
}

impl StoreError {
    /// In both languages; what the database itself said is left as it is.
    pub fn text(&self) -> Text {
        let vi = match self {
            Self::UnknownScheme(url) => {
                format!(
                    "Không nhận ra địa chỉ cơ sở dữ liệu `{url}`: dùng sqlite:PATH hoặc postgres://USER@HOST/NAME."
                )
            }
            Self::Open(why) => format!("Không mở được cơ sở dữ liệu: {why}"),
            Self::Busy => "Cơ sở dữ liệu đang bận; hãy thử lại sau.".to_owned(),
            Self::Away(why) => format!("Cơ sở dữ liệu không trả lời: {why}"),
            Self::Full => "Nơi lưu cơ sở dữ liệu đã hết chỗ.".to_owned(),
            Self::Constraint(rule) => format!("Thay đổi trái với một ràng buộc của cơ sở dữ liệu: {rule}"),
            Self::Key(why) => format!("Khóa dữ liệu: {why}"),
            Self::Sealed(table) => format!("Không mở được một phần niêm phong của bảng {table}."),
            Self::Damaged(table) => format!("Bảng {table} bị hỏng: hãy chạy `an-sinh audit verify`."),
            Self::Database(why) => format!("Lỗi cơ sở dữ liệu: {why}"),
        };
        Text::new(vi, self.to_string())
    }

    /// What has no kind of its own is known by the words of the backend.
    fn of_words(words: &str, told: String) -> Self {
        let says = |known: &[&str]| known.iter().any(|known| words.contains(known));
        // A lock that outlasted our patience: `busy_timeout` of SQLite, `lock_timeout` of PostgreSQL.
        if says(&["database is locked", "due to lock timeout", "remaining connection slots"]) {
            Self::Busy
        // SQLITE_FULL; SQLSTATE 53100.
        } else if says(&["database or disk is full", "No space left on device"]) {
            Self::Full
        // SQLSTATE class 57P and what libpq says of a connection that broke.
        } else if says(&[
            "server closed the connection",
            "terminating connection",
            "the database system is",
            "no connection to the server",
            "SSL connection has been closed",
            "could not receive data",
            "could not send",
            // SQLITE_IOERR: a quota, a limit, a disk that fails. What was open is undone.
            "disk I/O error",
        ]) {
            Self::Away(told)
        } else {
            Self::Database(told)
        }
    }
}
