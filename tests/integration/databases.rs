//! A database for each test, on SQLite and on PostgreSQL.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use diesel::{
    Connection, RunQueryDsl, connection::SimpleConnection, pg::PgConnection, sqlite::SqliteConnection,
};

/// On what a test keeps its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    /// The server that `AN_SINH_TEST_POSTGRES` names; `./scripts/test` starts one.
    Postgres,
}

/// Makes two tests of each function named, one on each database. A function that is not named is unused, which the
/// linter finds.
#[macro_export]
macro_rules! on_each_database {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $test() { super::$test($crate::databases::Database::Sqlite); })*
        }
        mod on_postgres {
            $(#[test] fn $test() { super::$test($crate::databases::Database::Postgres); })*
        }
    };
}

/// A directory of this test alone, and the database in it or beside it. Both are removed at its end.
pub struct TempDir {
    path: PathBuf,
    postgres: Option<OnServer>,
}

/// A database of a PostgreSQL server.
struct OnServer {
    admin: String,
    name: String,
}

impl TempDir {
    /// With a SQLite file.
    pub fn new() -> Self {
        Self::on(Database::Sqlite)
    }

    /// With a database of that kind.
    pub fn on(database: Database) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("an_sinh_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(&name);
        fs::create_dir_all(&path).expect("create a directory for the test");
        let postgres = (database == Database::Postgres).then(|| OnServer::new(name));
        if postgres.is_some() {
            fs::write(path.join("an-sinh.key"), STANDARD.encode([7; 32])).expect("a data key");
        }
        Self { path, postgres }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Address of the database.
    pub fn url(&self) -> String {
        match &self.postgres {
            None => format!("sqlite://{}", self.path.join("an-sinh.db").display()),
            Some(own) => own.url(&own.name),
        }
    }

    /// The key file, where the service does not make one itself.
    pub fn key_file(&self) -> Option<PathBuf> {
        self.postgres.as_ref().map(|_| self.path.join("an-sinh.key"))
    }

    /// What lies on the disk: the files of a SQLite database; of a server the rows of each table, their bytes decoded.
    pub fn all_that_is_kept(&self) -> Vec<(String, Vec<u8>)> {
        let Some(own) = &self.postgres else {
            let files =
                fs::read_dir(&self.path).expect("the directory").map(|entry| entry.expect("a file").path());
            return files
                .map(|path| (path.display().to_string(), fs::read(&path).expect("a file")))
                .collect();
        };
        let mut conn = PgConnection::establish(&own.url(&own.name)).expect("the server");
        let mut rows = |sql: &str| -> Vec<String> {
            let rows: Vec<Line> = diesel::sql_query(sql).load(&mut conn).expect("rows");
            rows.into_iter().map(|row| row.line).collect()
        };
        let tables = rows("SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'");
        tables
            .into_iter()
            .map(|table| {
                let mut bytes = Vec::new();
                for row in rows(&format!("SELECT t::text AS line FROM {table} t")) {
                    bytes.extend_from_slice(row.as_bytes());
                    bytes.extend(row.split("\\x").skip(1).flat_map(from_hex));
                }
                (table, bytes)
            })
            .collect()
    }

    /// Tables and columns, with their types in the words of PostgreSQL.
    fn columns(&self) -> Vec<String> {
        const OF_SQLITE: &str = "SELECT m.name || '.' || c.name || ' ' || \
            CASE c.type WHEN 'BLOB' THEN 'bytea' WHEN 'TIMESTAMP' THEN 'timestamp without time zone' ELSE lower(c.type) END \
            || CASE c.\"notnull\" WHEN 1 THEN ' NO' ELSE ' YES' END AS line \
            FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'";
        const OF_POSTGRES: &str = "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line \
            FROM information_schema.columns WHERE table_schema = 'public'";
        let rows: Vec<Line> = match &self.postgres {
            None => {
                let path = self.path.join("an-sinh.db");
                let conn = SqliteConnection::establish(path.to_str().expect("a path"));
                diesel::sql_query(OF_SQLITE).load(&mut conn.expect("the file")).expect("columns")
            }
            Some(own) => {
                let conn = PgConnection::establish(&own.url(&own.name));
                diesel::sql_query(OF_POSTGRES).load(&mut conn.expect("the server")).expect("columns")
            }
        };
        let columns = rows.into_iter().map(|row| row.line);
        // The table of migrations is the library's own.
        let mut columns: Vec<String> = columns.filter(|line| !line.starts_with("__diesel")).collect();
        columns.sort();
        columns
    }

    /// The tables of the schema, and of those the ones with a sealed column.
    pub fn tables(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let columns = self.columns();
        let table = |line: &String| line.split('.').next().expect("a table").to_owned();
        let sealed = columns.iter().filter(|line| line.contains(".sealed ")).map(table).collect();
        (columns.iter().map(table).collect(), sealed)
    }

    /// Rows of a table, or of a query in its place.
    pub fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}");
        self.line(&sql).parse().expect("a number")
    }

    /// The one text, called `line`, that a query gives.
    pub fn line(&self, sql: &str) -> String {
        let query = diesel::sql_query(sql);
        let row: Line = match &self.postgres {
            None => {
                let path = self.path.join("an-sinh.db");
                let conn = SqliteConnection::establish(path.to_str().expect("a path"));
                query.get_result(&mut conn.expect("the file")).expect("a row")
            }
            Some(own) => {
                let conn = PgConnection::establish(&own.url(&own.name));
                query.get_result(&mut conn.expect("the server")).expect("a row")
            }
        };
        row.line
    }

    /// Runs SQL beside the database, on the server that holds it; `{}` stands for the name of the database.
    pub fn administer(&self, sql: &str) {
        let own = self.postgres.as_ref().expect("a database on a server");
        own.administer(&sql.replace("{}", &own.name));
    }

    /// Runs SQL on the database, as somebody would who is not the service.
    pub fn execute(&self, sql: &str) {
        match &self.postgres {
            None => {
                let path = self.path.join("an-sinh.db");
                let conn = SqliteConnection::establish(path.to_str().expect("a path"));
                conn.expect("the file").batch_execute(sql)
            }
            Some(own) => PgConnection::establish(&own.url(&own.name)).expect("the server").batch_execute(sql),
        }
        .expect("it runs");
    }
}

#[test]
fn both_databases_have_the_same_tables() {
    use an_sinh::store::{Store, StoreConfig};
    let [sqlite, postgres] = [Database::Sqlite, Database::Postgres].map(|database| {
        let dir = TempDir::on(database);
        let config = StoreConfig { data_key_file: dir.key_file(), ..StoreConfig::new(dir.url()) };
        drop(Store::open(&config).expect("it opens"));
        dir.columns()
    });
    assert!(sqlite.len() > 80, "{sqlite:?}");
    assert_eq!(sqlite, postgres);
}

impl OnServer {
    fn new(name: String) -> Self {
        let admin = std::env::var("AN_SINH_TEST_POSTGRES")
            .expect("AN_SINH_TEST_POSTGRES names no server: ./scripts/test starts one");
        let own = Self { admin, name };
        own.administer(&format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", own.name));
        own
    }

    fn administer(&self, sql: &str) {
        PgConnection::establish(&self.url("postgres"))
            .expect("the server")
            .batch_execute(sql)
            .expect("it runs");
    }

    /// The server's address, `postgres://USER@HOST:PORT`, with a database.
    fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.admin)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
        if let Some(own) = self.postgres.as_ref().filter(|_| !std::thread::panicking()) {
            own.administer(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", own.name));
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// The bytes that the digits at the start of a text stand for.
fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().map_while(|digit| digit.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}
