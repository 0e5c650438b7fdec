//! `an-sinh audit verify`, as an auditor runs it.

use std::{path::Path, process::Command};

use super::{busy_ward, execute};
use crate::helpers::{Database, TempDir, TestApp};

/// Runs it on the database in `dir`: exit status, standard output and standard error.
pub fn run(dir: &TempDir, arguments: &[&str], lang: &str) -> (i32, String, String) {
    run_on(&dir.url(), dir.key_file().as_deref(), arguments, lang)
}

fn run_on(url: &str, key: Option<&Path>, arguments: &[&str], lang: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_an-sinh"));
    command.args(["--lang", lang, "audit", "verify", "--database-url", url]).args(arguments);
    command.env_remove("AN_SINH_DATA_KEY");
    if let Some(key) = key {
        command.env("AN_SINH_DATA_KEY_FILE", key);
    }
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("it ends"), text(output.stdout), text(output.stderr))
}

crate::on_each_database![
    it_reads_beside_the_service_and_says_what_is_wrong,
    a_log_written_anew_shows_by_a_checkpoint_kept_outside,
];

fn it_reads_beside_the_service_and_says_what_is_wrong(on: Database) {
    let app = TestApp::on(on);
    let decision = busy_ward(&app);
    let dir = app.dir.clone();
    let note = dir.path().join("checkpoint.txt");
    std::fs::write(&note, app.state.records.checkpoint().expect("a checkpoint")).expect("written");
    let note = note.to_str().expect("a path");

    let (status, told, _) = run(&dir, &["--checkpoint", note], "en");
    assert_eq!(status, 0, "{told}");
    assert!(told.contains("All is as it was recorded.") && !told.contains("Note:"), "{told}");
    let key = told.lines().find_map(|line| line.strip_prefix("Verifier key: ")).expect("the key").to_owned();
    assert_eq!(run(&dir, &["--checkpoint", note, "--key", &key], "vi").0, 0);

    drop(app);
    let store = super::open(&dir);
    let spoil = format!("UPDATE decisions SET decided_by = 'official:x' WHERE id = '{decision}'");
    store.write(|conn| execute(conn, &spoil)).expect("spoiled");
    drop(store);
    let (status, told, _) = run(&dir, &[], "en");
    assert_eq!(status, 1, "{told}");
    let finding = format!("table decisions, row {decision}: the row was changed after the last recorded act");
    assert!(told.contains(&finding) && told.contains("1 finding(s)"), "{told}");
    let (status, told, _) = run(&dir, &[], "vi");
    assert_eq!(status, 1, "{told}");
    assert!(told.contains(&format!("bảng decisions, dòng {decision}: dữ liệu đã bị sửa")), "{told}");
}

#[test]
fn a_copy_is_checked_without_the_key_and_stays_as_it_is() {
    let app = TestApp::start();
    busy_ward(&app);
    let dir = app.dir.clone();
    drop(app);
    // Sealed parts stay closed, all else is checked.
    let copy = dir.path().join("copy/an-sinh.db");
    std::fs::create_dir(copy.parent().expect("a folder")).expect("made");
    std::fs::copy(dir.path().join("an-sinh.db"), &copy).expect("copied");
    let before = std::fs::read(&copy).expect("read");
    let (status, told, _) = run_on(&format!("sqlite://{}", copy.display()), None, &[], "vi");
    assert_eq!(status, 0, "{told}");
    assert!(told.contains("không có khóa dữ liệu") && told.contains("--checkpoint"), "{told}");
    assert!(told.contains("Mọi dữ liệu đúng như đã ghi nhận."), "{told}");
    assert_eq!(std::fs::read(&copy).expect("read"), before, "it was only read");
    assert!(!copy.with_extension("key").exists());
}

fn a_log_written_anew_shows_by_a_checkpoint_kept_outside(on: Database) {
    let (app, other) = (TestApp::on(on), TestApp::on(on));
    busy_ward(&app);
    let note = app.dir.path().join("checkpoint.txt");
    std::fs::write(&note, app.state.records.checkpoint().expect("a checkpoint")).expect("written");
    busy_ward(&other);
    busy_ward_again(&other);
    let note = note.to_str().expect("a path");
    assert_eq!(run(&other.dir, &[], "en").0, 0, "in itself it is whole");
    let (status, told, _) = run(&other.dir, &["--checkpoint", note], "en");
    assert_eq!(status, 1, "{told}");
    assert!(told.contains("no trusted key signed it") && told.contains("the log was rewritten"), "{told}");
}

/// More entries, so that the log is longer than that of another ward.
fn busy_ward_again(app: &TestApp) {
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    official.citizen("Lê Văn Mẫu", "001080000019", "1980");
}

#[test]
fn what_cannot_be_checked_is_status_2() {
    let dir = TempDir::new();
    let (status, _, told) = run(&dir, &[], "en");
    assert_eq!(status, 2);
    assert!(told.contains("cannot open the database"), "{told}");
    assert!(!dir.path().join("an-sinh.db").exists(), "nothing is made");
    std::fs::write(dir.path().join("an-sinh.db"), b"").expect("written");
    assert_eq!(run(&dir, &[], "en").0, 2);
    std::fs::remove_file(dir.path().join("an-sinh.db")).expect("removed");
    drop(super::open(&dir));
    assert_eq!(run(&dir, &[], "en").0, 0, "an empty log is whole");
    let note = dir.path().join("note.txt");
    std::fs::write(&note, "hello\n").expect("written");
    let note = note.to_str().expect("a path");
    assert_eq!(run(&dir, &["--checkpoint", note], "en").0, 2);
    assert_eq!(run(&dir, &["--checkpoint", "/nowhere"], "en").0, 2);
    assert_eq!(run(&dir, &["--key", "x"], "en").0, 2);
    std::fs::write(dir.path().join("an-sinh.key"), format!("{}=\n", "A".repeat(43))).expect("written");
    let (status, _, told) = run(&dir, &[], "en");
    assert_eq!(status, 2, "another data key");
    assert!(told.contains("data key"), "{told}");
}
