//! The service as others see it: through a client generated from the OpenAPI document, and in a browser.
//!
//! The programs are TypeScript, in `tests/client`. They need Node.js 20 with npm, and Chromium; `./scripts/test`
//! installs both where it may. Without them these tests fail and say what is missing: a contract that nobody
//! checked is not a contract.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use crate::helpers::TestApp;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client")
}

/// Installs the packages of the lock file, generates the client and compiles all programs, once for all tests.
fn build() {
    let folder = folder();
    // Tests run in processes of their own, so a lock of this process would not do.
    std::fs::create_dir_all(folder.join("generated")).expect("create tests/client/generated");
    let lock = File::create(folder.join("generated/.lock")).expect("create a lock file");
    lock.lock().expect("lock tests/client");

    let installed = folder.join("node_modules/.package-lock.json");
    if is_older(&installed, &[folder.join("package-lock.json")]) {
        npm(&["ci", "--no-progress"]);
    }
    let sources =
        ["client.ts", "browser.ts", "docs.ts", "form.ts", "tsconfig.json", "../../openapi/an-sinh.json"];
    let sources = sources.map(|source| folder.join(source));
    let built = folder.join("generated/.built");
    if is_older(&built, &sources) || is_older(&built, &[installed]) {
        npm(&["run", "--silent", "build"]);
        File::create(built).expect("note that the programs are built");
    }
}

fn is_older(target: &Path, sources: &[PathBuf]) -> bool {
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let newest = sources.iter().map(|source| changed(source).unwrap_or_else(SystemTime::now)).max();
    changed(target).is_none_or(|made| newest.is_some_and(|newest| made < newest))
}

fn npm(arguments: &[&str]) {
    run(Command::new("npm").args(arguments), "npm is missing: install Node.js 20 or later with npm");
}

fn run(command: &mut Command, missing: &str) {
    let output = command.current_dir(folder()).output().unwrap_or_else(|error| panic!("{missing} ({error})"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}:\n{stdout}{stderr}");
}

/// Runs a compiled program against a service of its own.
fn node(program: &str) {
    build();
    let app = TestApp::start();
    let program = format!("generated/{program}.js");
    run(Command::new("node").args([&program, &app.url("")]), "node is missing: install Node.js 20 or later");
}

/// The same for a program that drives a browser.
fn node_with_browser(program: &str) {
    let chromium = std::env::var("CHROMIUM").unwrap_or("/usr/bin/chromium".into());
    assert!(Path::new(&chromium).exists(), "Chromium is missing: apt-get install chromium, or set CHROMIUM");
    node(program);
}

#[test]
fn a_generated_client_compiles_and_asks() {
    node("client");
}

#[test]
fn the_first_page_works_in_a_browser_with_and_without_script() {
    node_with_browser("form");
}

#[test]
fn the_docs_work_in_a_browser_without_other_addresses() {
    node_with_browser("docs");
}
