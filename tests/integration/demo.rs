//! `serve --demo`: the invented ward is there at once, once, and what is printed works as printed.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use an_sinh::{
    access::{AccountKind, NewAccount, create_account},
    registry,
    store::{Reach, Store, StoreConfig, citizens},
};
use serde_json::Value;

use crate::{durability::Process, helpers::TempDir};

fn url(dir: &TempDir) -> String {
    format!("sqlite://{}", dir.path().join("an-sinh.db").display())
}

/// The fixtures, as the program reads them.
fn people() -> Vec<Value> {
    let files =
        [include_str!("../../fixtures/demo/00166.json"), include_str!("../../fixtures/demo/09661.json")];
    let units = files.map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let households = units.iter().flat_map(|unit| list(&unit["households"]));
    households.flat_map(|household| list(&household["people"])).collect()
}

#[test]
fn the_ward_is_loaded_once_and_fast() {
    let people = people();
    assert!(people.len() >= 55, "about sixty citizens");
    let dir = TempDir::new();
    for start in ["first", "second"] {
        let started = Instant::now();
        let process = Process::start_with(&dir, &["--demo"]);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(2), "the {start} start took {took:?}");
        process.kill();
        let store = Store::open(&StoreConfig::new(url(&dir))).expect("the database opens");
        for person in &people {
            let name = registry::name_index(store.vault(), person["name"].as_str().expect("a name"));
            let found = store
                .read(|conn| citizens::search(conn, store.vault(), Some(&name), None, &Reach::City, None, 10))
                .expect("found");
            let of_unit = found
                .iter()
                .filter(|citizen| citizen.person.born_on.as_deref() == person["born_on"].as_str());
            assert_eq!(of_unit.count(), 1, "{person} after the {start} start");
            assert!(found.iter().all(|citizen| citizen.person.warnings().is_empty()), "{person}");
        }
    }
}

#[test]
fn the_lines_it_prints_work_as_printed() {
    let dir = TempDir::new();
    let process = Process::start_with(&dir, &["--demo"]);
    let script: Vec<&str> = process.greeting.lines().filter(|line| line.contains("curl ")).collect();
    assert_eq!(script.len(), 3, "{}", process.greeting);
    let run = || {
        let output = Command::new("sh").args(["-eu", "-c", &script.join("\n")]).output().expect("sh");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let said = run();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0].len(), 36, "the id of a decision: {said}");
    let again = run();
    assert_eq!(again.lines().next(), Some(lines[0]), "repeating is no harm: {again}");
    process.kill();
}

#[test]
fn published_passwords_do_not_get_into_a_database_of_others() {
    let dir = TempDir::new();
    let store = Store::open(&StoreConfig::new(url(&dir))).expect("the database opens");
    let account =
        NewAccount { kind: AccountKind::Official, login: "lan", secret: "s", unit: None, scopes: &[] };
    store.write(|conn| create_account(conn, account, chrono::Utc::now())).expect("an account");
    let output = Command::new(env!("CARGO_BIN_EXE_an-sinh"))
        .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
        .env("AN_SINH_DATABASE_URL", url(&dir))
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("accounts of its own"), "{output:?}");
}
