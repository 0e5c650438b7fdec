//! Copies of a SQLite database: taken while it is served, looked at before they take the place of another.
//!
//! PostgreSQL brings tools of its own for both (`pg_dump`, `pg_restore`).

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use diesel::{connection::SimpleConnection, prelude::*, sqlite::SqliteConnection};

use super::{
    AnyConn, StoreConfig, StoreError, Vault,
    backend::{self, Backend},
    schema::vault_keys,
    vault::DataKey,
};

/// Why no copy was made or put in place.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is on a PostgreSQL server.
    #[error("the database is on a PostgreSQL server")]
    OnServer,
    /// A file is in the way.
    #[error("{0} is there already")]
    Exists(PathBuf),
    /// A file can't be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The copy is not a whole database of this service; says what is wrong.
    #[error("{0} is no sound copy: {1}")]
    Unsound(PathBuf, String),
    /// A newer release wrote it; names the first migration that is not known here.
    #[error("it was written by a newer release (migration {0})")]
    Newer(String),
    /// The database that would be replaced is in use.
    #[error("{0} is in use: stop the service first")]
    InUse(PathBuf),
    /// The key is missing or another, or the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies the database that `config` names to the file `to`, which must not be there yet, as of one moment; whoever reads or
/// writes is not held up. The file appears under its name when it is whole and on disk. Returns its size in bytes.
///
/// # Errors
/// When the database is not a file, the file is there, or it can't be written.
pub fn back_up(config: &StoreConfig, to: &Path) -> Result<u64, BackupError> {
    let from = database_file(config)?;
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let mut conn = open_existing(&from)?;
    let part = beside(to, ".part");
    // Left behind by a copy that was cut off.
    remove_if_there(&part)?;
    let done = new_private_file(&part).and_then(|_| {
        let copied = diesel::sql_query("VACUUM INTO ?")
            .bind::<diesel::sql_types::Text, _>(part.to_string_lossy())
            .execute(&mut conn);
        copied.map_err(StoreError::from)?;
        let file = File::open(&part).and_then(|file| file.sync_all().map(|()| file));
        let size = file.and_then(|file| file.metadata()).map_err(at(&part))?.len();
        // Fails when the name was taken in the meantime: nothing is ever written over.
        fs::hard_link(&part, to).map_err(at(to))?;
        sync_folder(to)?;
        Ok(size)
    });
    remove_if_there(&part)?;
    done
}

/// A copy that lies beside the place of a database, ready to take it.
pub struct Candidate {
    conn: AnyConn,
    vault: Vault,
    file: PathBuf,
    place: PathBuf,
}

impl Candidate {
    /// Copies the file `from` to where the database of `config` belongs, under another name, looks whether it is whole, brings
    /// its schema up to date and opens it with the data key. No key is made.
    ///
    /// # Errors
    /// When a database is there and `replace` was not given, when the copy is not sound, is newer than this program, or was
    /// sealed with another key. Nothing is left behind then.
    pub fn of(from: &Path, config: &StoreConfig, replace: bool) -> Result<Self, BackupError> {
        let place = database_file(config)?;
        if place.exists() && !replace {
            return Err(BackupError::Exists(place));
        }
        let key = existing_key(config, &place)?;
        if let Some(folder) = place.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        let file = beside(&place, ".restoring");
        discard(&file)?;
        let opened = copy_and_open(from, &file, config, &key);
        match opened {
            Ok((conn, vault)) => Ok(Self { conn, vault, file, place }),
            Err(error) => {
                discard(&file)?;
                Err(error)
            }
        }
    }

    /// Runs `work` in one read transaction on the copy.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn read<T>(
        &mut self,
        work: impl FnOnce(&mut AnyConn, &Vault) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let vault = &self.vault;
        self.conn.snapshot(|conn| work(conn, vault))
    }

    /// Runs `work` in one transaction that may change the copy.
    ///
    /// # Errors
    /// Those of `work`, which then left nothing behind.
    pub fn write<T>(
        &mut self,
        work: impl FnOnce(&mut AnyConn) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.conn.begin_write()?;
        let done = work(&mut self.conn);
        if done.is_ok() {
            self.conn.commit()?;
        } else {
            self.conn.roll_back();
        }
        done
    }

    /// Removes the copy again.
    ///
    /// # Errors
    /// When the file can't be removed.
    pub fn discard(self) -> Result<(), BackupError> {
        drop(self.conn);
        discard(&self.file)
    }

    /// Puts the copy in the place of the database, in one step: at every moment there is a whole database under its name. One
    /// that was there is kept under another name, which is returned.
    ///
    /// # Errors
    /// When that one is in use. The copy is removed then.
    pub fn put_in_place(mut self, now: DateTime<Utc>) -> Result<Option<PathBuf>, BackupError> {
        let ready = fold_log(&mut self.conn).map_err(|error| unsound(&self.file)(error.into()));
        drop(self.conn);
        let (file, place) = (&self.file, &self.place);
        let swapped = ready.and_then(|()| {
            File::open(file).and_then(|open| open.sync_all()).map_err(at(file))?;
            let old = if place.exists() { Some(set_aside(place, now)?) } else { None };
            fs::rename(file, place).map_err(at(place))?;
            sync_folder(place)?;
            Ok(old)
        });
        if swapped.is_err() {
            discard(file)?;
        }
        swapped
    }
}

fn database_file(config: &StoreConfig) -> Result<PathBuf, BackupError> {
    match Backend::of(&config.url.0)? {
        Backend::Sqlite(path) => Ok(path),
        Backend::Postgres(_) => Err(BackupError::OnServer),
    }
}

/// The key that is given or lies beside the place of the database.
fn existing_key(config: &StoreConfig, place: &Path) -> Result<DataKey, StoreError> {
    match (&config.data_key, &config.data_key_file) {
        (Some(text), _) => DataKey::from_base64(&text.0),
        (None, Some(file)) => DataKey::from_file(file),
        (None, None) => DataKey::from_file(&place.with_extension("key")),
    }
}

/// Opens a file that must be there, without a change to it.
fn open_existing(file: &Path) -> Result<SqliteConnection, BackupError> {
    File::open(file).map_err(at(file))?;
    let name = file.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut conn = SqliteConnection::establish(&format!("file:{name}?mode=rw"))
        .map_err(|error| StoreError::Open(error.to_string()))?;
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF;")
        .map_err(|error| StoreError::Open(error.to_string()))?;
    Ok(conn)
}

fn copy_and_open(
    from: &Path,
    file: &Path,
    config: &StoreConfig,
    key: &DataKey,
) -> Result<(AnyConn, Vault), BackupError> {
    let mut source = File::open(from).map_err(at(from))?;
    io::copy(&mut source, &mut new_private_file(file)?).map_err(at(file))?;
    let unsound = unsound(from);
    let mut looked_at = open_existing(file)?;
    let faults: Vec<Line> = diesel::sql_query("SELECT integrity_check AS line FROM pragma_integrity_check")
        .load(&mut looked_at)
        .map_err(|error| unsound(error.into()))?;
    if let Some(fault) = faults.into_iter().map(|row| row.line).find(|line| line != "ok") {
        return Err(unsound(StoreError::Database(fault)));
    }
    let applied: Vec<Line> =
        diesel::sql_query("SELECT version AS line FROM __diesel_schema_migrations ORDER BY version")
            .load(&mut looked_at)
            .map_err(|error| unsound(error.into()))?;
    let known = backend::sqlite_migrations()?;
    if let Some(newer) = applied.into_iter().map(|row| row.line).find(|version| !known.contains(version)) {
        return Err(BackupError::Newer(newer));
    }
    drop(looked_at);
    let vault = Vault::new(key)?;
    let mut conn = Backend::Sqlite(file.to_owned())
        .connect(config.patience)
        .map_err(|error| unsound(StoreError::Open(error.to_string())))?;
    let sealed_with: Vec<String> =
        vault_keys::table.select(vault_keys::key_id).load(&mut conn).map_err(StoreError::from)?;
    if !sealed_with.iter().any(|id| id == vault.key_id()) {
        return Err(StoreError::Key("is not the one this copy was sealed with".into()).into());
    }
    backend::migrate(&mut conn)?;
    Ok((conn, vault))
}

/// Brings everything into the one file. Fails with "locked" while anybody else has the database open.
fn fold_log(conn: &mut impl SimpleConnection) -> QueryResult<()> {
    conn.batch_execute("PRAGMA busy_timeout = 1000; PRAGMA journal_mode = DELETE;")
}

/// Keeps the database at `place` under another name too, with all that its log holds.
fn set_aside(place: &Path, now: DateTime<Utc>) -> Result<PathBuf, BackupError> {
    let kept = beside(place, &format!(".before-restore-{}", now.format("%Y%m%dT%H%M%SZ")));
    let folded = open_existing(place).map(|mut conn| fold_log(&mut conn).map_err(StoreError::from));
    if let Ok(Err(StoreError::Busy)) = folded {
        return Err(BackupError::InUse(place.to_owned()));
    }
    // A log that could not be folded in belongs to a broken database. It must not be taken for that of the copy.
    for log in ["-wal", "-shm"] {
        let (from, to) = (beside(place, log), beside(&kept, log));
        if from.exists() {
            fs::rename(&from, &to).map_err(at(&from))?;
        }
    }
    fs::hard_link(place, &kept).map_err(at(&kept))?;
    Ok(kept)
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn unsound(file: &Path) -> impl Fn(StoreError) -> BackupError {
    let file = file.to_owned();
    move |error| match error {
        StoreError::Full => error.into(),
        other => BackupError::Unsound(file.clone(), other.to_string()),
    }
}

fn at(file: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let file = file.to_owned();
    move |error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(file),
        io::ErrorKind::StorageFull => StoreError::Full.into(),
        _ => BackupError::File(file, error),
    }
}

/// The file's name with more at its end.
fn beside(file: &Path, more: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(more);
    name.into()
}

/// An empty file that only its owner may read: sealed or not, records are nobody else's business.
fn new_private_file(file: &Path) -> Result<File, BackupError> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(at(file))
}

fn remove_if_there(file: &Path) -> Result<(), BackupError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(file)(error)),
        _ => Ok(()),
    }
}

/// Removes a database file with its log.
fn discard(file: &Path) -> Result<(), BackupError> {
    ["", "-wal", "-shm", "-journal"].iter().try_for_each(|more| remove_if_there(&beside(file, more)))
}

/// A new name is on disk when its folder is.
fn sync_folder(file: &Path) -> Result<(), BackupError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}
