//! Copies of the database: taken under load, looked at, put in its place.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Output,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    audit::assert_whole,
    cli::{program, text},
    durability::{Process, open},
    helpers::{Database, TempDir, TestApp},
    load::{Client, Writer},
};

/// Runs a command on the database of `dir`, in English.
fn run(dir: &TempDir, arguments: &[&str]) -> Output {
    program(arguments)
        .args(["--lang", "en", "--database-url", &dir.url()])
        .envs(dir.key_file().map(|file| ("AN_SINH_DATA_KEY_FILE", file)))
        .output()
        .expect("it runs")
}

#[track_caller]
fn assert_ends(output: &Output, status: i32, says: &str) {
    let told = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{told}");
    assert!(told.contains(says), "{told}");
}

fn path(file: &Path) -> &str {
    file.to_str().expect("a path")
}

/// A database with a citizen, and a copy of it.
fn with_copy() -> (Arc<TempDir>, PathBuf) {
    let app = TestApp::start();
    app.official().citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let dir = Arc::clone(&app.dir);
    drop(app);
    let copy = dir.path().join("copy.db");
    assert_ends(&run(&dir, &["backup", path(&copy)]), 0, "NOT in this copy");
    (dir, copy)
}

#[test]
fn a_copy_under_load_holds_all_that_was_answered_before_it() {
    let dir = TempDir::new();
    Client::account(&open(&dir));
    let process = Process::start(&dir);
    let client = Client::sign_in(process.address);
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let (client, stop) = (client.clone(), Arc::clone(&stop));
            thread::spawn(move || Writer::new(format!("w{n}")).run(&client, &stop))
        })
        .collect();
    thread::sleep(Duration::from_millis(500));
    // What is answered up to here.
    let mut own = Writer::new("before");
    let mut before = Vec::new();
    for _ in 0..6 {
        let creation = own.next();
        let answer = client.create(&creation).expect("the service answers");
        own.answered(&answer);
        before.push((creation, answer));
    }
    let copy = dir.path().join("copy.db");
    let made = run(&dir, &["backup", path(&copy)]);
    assert_ends(
        &made,
        0,
        &format!("The data key ({}) is NOT in this copy", path(&dir.path().join("an-sinh.key"))),
    );
    assert_eq!(fs::metadata(&copy).expect("the copy").permissions().mode() & 0o777, 0o600);
    let key = fs::read_to_string(dir.path().join("an-sinh.key")).expect("the key");
    assert!(!fs::read(&copy).expect("the copy").windows(40).any(|part| part == &key.as_bytes()[..40]));
    thread::sleep(Duration::from_millis(200));
    stop.store(true, Ordering::Relaxed);
    let written: usize =
        writers.into_iter().map(|writer| writer.join().expect("a writer").answered.len()).sum();
    // In use: it is not replaced under the service's feet.
    assert_ends(&run(&dir, &["restore", path(&copy), "--force"]), 2, "is in use");
    process.kill();
    let all = dir.count("decisions");

    assert_ends(&run(&dir, &["restore", path(&copy)]), 2, "--force replaces it");
    let restored = run(&dir, &["restore", path(&copy), "--force"]);
    assert_ends(&restored, 0, "The old database is kept as");
    assert!(dir.count("decisions") <= all);
    let process = Process::start(&dir);
    let client = Client::sign_in(process.address);
    for (creation, answer) in before {
        let again = client.create(&creation).expect("the service answers");
        assert_eq!((again.replayed, again.body), (true, answer.body), "{creation:?}");
    }
    process.kill();
    assert_whole(&open(&dir));
    // The one that was replaced is whole too.
    let names: Vec<_> =
        fs::read_dir(dir.path()).expect("the folder").map(|e| e.expect("a file").path()).collect();
    let old = names.iter().find(|name| path(name).contains("before-restore")).expect("the old database");
    let verified =
        program(&["audit", "verify", "--lang", "en", "--database-url", &format!("sqlite://{}", path(old))])
            .env("AN_SINH_DATA_KEY_FILE", dir.path().join("an-sinh.key"))
            .output();
    assert_ends(&verified.expect("it runs"), 0, "All is as it was recorded");
    assert!(
        !names.iter().any(|name| path(name).contains(".restoring") || path(name).ends_with(".part")),
        "{names:?}"
    );
    assert!(written > 8, "only {written} requests were answered beside the copy");
}

#[test]
fn a_copy_moves_to_another_machine_with_its_key() {
    let (dir, copy) = with_copy();
    let other = TempDir::new();
    let target = TempDir::new();
    // No key is made up for a database that has one.
    assert_ends(&run(&target, &["restore", path(&copy)]), 2, "an-sinh.key");
    drop(open(&other));
    fs::copy(other.path().join("an-sinh.key"), target.path().join("an-sinh.key")).expect("another key");
    assert_ends(&run(&target, &["restore", path(&copy)]), 2, "not the one this copy was sealed with");
    fs::copy(dir.path().join("an-sinh.key"), target.path().join("an-sinh.key")).expect("its key");
    assert_ends(&run(&target, &["restore", path(&copy)]), 0, "Restored");
    assert_eq!(target.count("citizens"), 1);
    assert_whole(&open(&target));
}

#[test]
fn nothing_is_written_over() {
    let (dir, copy) = with_copy();
    assert_ends(&run(&dir, &["backup", path(&copy)]), 2, "is there already");
    let nowhere = TempDir::new();
    assert_ends(&run(&nowhere, &["backup", path(&nowhere.path().join("copy.db"))]), 2, "an-sinh.db");
    assert!(!nowhere.path().join("an-sinh.db").exists(), "no database is made to copy it");
    assert!(!nowhere.path().join("copy.db").exists());
}

#[test]
fn an_unsound_copy_changes_nothing() {
    let (dir, copy) = with_copy();
    let whole = fs::read(&copy).expect("the copy");
    let unsound = dir.path().join("unsound.db");
    let restore = || run(&dir, &["restore", path(&unsound), "--force"]);
    fs::write(&unsound, &whole[..whole.len() / 2]).expect("cut off");
    assert_ends(&restore(), 1, "is no sound copy");
    fs::write(&unsound, b"no database at all").expect("something else");
    assert_ends(&restore(), 1, "is no sound copy");
    // Whole, but a row was changed by hand, or was written by a release to come.
    for (change, status, says) in [
        ("UPDATE citizens SET unit = '00256'", 1, "was changed after the last recorded act"),
        ("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')", 2, "a newer release"),
    ] {
        fs::write(&unsound, &whole).expect("a copy");
        edit(&unsound, change);
        assert_ends(&restore(), status, says);
    }
    assert_whole(&open(&dir));
    let left: Vec<_> =
        fs::read_dir(dir.path()).expect("the folder").map(|e| e.expect("a file").path()).collect();
    assert!(!left.iter().any(|name| path(name).contains("restor")), "{left:?}");
}

fn edit(file: &Path, sql: &str) {
    use diesel::{Connection, connection::SimpleConnection, sqlite::SqliteConnection};
    SqliteConnection::establish(path(file)).expect("the file").batch_execute(sql).expect("it runs");
}

/// A database that can't be opened any more is what copies are for.
#[test]
fn a_broken_database_is_replaced() {
    let (dir, copy) = with_copy();
    fs::write(dir.path().join("an-sinh.db"), b"spoilt").expect("spoilt");
    fs::write(dir.path().join("an-sinh.db-wal"), b"spoilt too").expect("spoilt");
    assert_ends(&run(&dir, &["restore", path(&copy), "--force"]), 0, "Restored");
    assert_whole(&open(&dir));
    assert_eq!(dir.count("citizens"), 1);
}

#[test]
fn with_postgresql_its_own_tools_are_named() {
    let dir = TempDir::on(Database::Postgres);
    let url = dir.url().replace("://an_sinh@", "://an_sinh:geheim@");
    for (command, says) in
        [("backup", "pg_dump --format=custom --file='copy.dump' '"), ("restore", "pg_restore --clean")]
    {
        let output = program(&[command, "copy.dump", "--lang", "en", "--database-url", &url])
            .output()
            .expect("it runs");
        assert_ends(&output, 2, says);
        assert!(!text(&output.stderr).contains("geheim"), "a password is shown");
    }
}
