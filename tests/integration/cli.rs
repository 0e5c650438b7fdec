//! The program itself, run as a person or a script runs it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::helpers::TempDir;

/// The example of the OpenAPI document.
const REQUEST: &str = include_str!("../../openapi/examples/evaluate.request.json");

pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_an-sinh"));
    // What the machine that runs the tests has set must not change them.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AN_SINH_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = program(arguments).spawn().expect("start the program");
    let mut stdin = child.stdin.take().expect("its standard input");
    // A program that reads nothing may have closed it already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

#[test]
fn alone_it_prints_help() {
    let output = run(&[], "");
    assert_eq!(output.status.code(), Some(0));
    for command in ["serve", "evaluate", "policy", "openapi", "migrate"] {
        assert!(text(&output.stdout).contains(command), "{command} in {}", text(&output.stdout));
    }
    assert_eq!(run(&["no-such-command"], "").status.code(), Some(2));
}

#[test]
fn evaluate_answers_one_request_from_a_file_or_standard_input() {
    let from_stdin = run(&["evaluate"], REQUEST);
    assert_eq!(from_stdin.status.code(), Some(0), "{}", text(&from_stdin.stderr));
    let answer: Value = serde_json::from_slice(&from_stdin.stdout).expect("JSON");
    assert_eq!(answer["as_of"], "2026-01-14");

    let dir = TempDir::new();
    let file = dir.path().join("request.json");
    std::fs::write(&file, REQUEST).expect("write the request");
    let from_file = run(&["evaluate", file.to_str().expect("a path")], "");
    assert_eq!(text(&from_file.stdout), text(&from_stdin.stdout));
}

#[test]
fn bad_input_is_told_on_standard_error_in_the_words_of_the_api() {
    let vietnamese = run(&["evaluate"], "{");
    assert_eq!((vietnamese.status.code(), vietnamese.stdout.len()), (Some(2), 0));
    assert!(text(&vietnamese.stderr).starts_with("JSON sai cú pháp (malformed_json): "), "{vietnamese:?}");

    let english = run(&["evaluate", "--lang", "en"], r#"{"people":[],"people":[]}"#);
    assert_eq!(english.status.code(), Some(2));
    assert!(text(&english.stderr).contains("  /people (duplicate_member): "), "{english:?}");

    let missing = run(&["evaluate", "/no/such/file.json"], "");
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).starts_with("/no/such/file.json: "), "{missing:?}");
}

#[test]
fn ndjson_goes_on_after_a_bad_line_and_keeps_the_order() {
    let line = |day: &str| REQUEST.replace("2026-01-14", day).replace('\n', " ");
    let input = format!("{}\n{{\n\n{}\n{}", line("2026-01-15"), " ".repeat(1_100_000), line("2026-01-16"));
    let output = run(&["evaluate", "--ndjson"], &input);
    assert_eq!(output.status.code(), Some(2), "some line was bad");
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!((&lines[0]["as_of"], &lines[3]["as_of"]), (&"2026-01-15".into(), &"2026-01-16".into()));
    assert_eq!((&lines[1]["line"], &lines[1]["problem"]["code"]), (&2.into(), &"malformed_json".into()));
    assert_eq!((&lines[2]["line"], &lines[2]["problem"]["code"]), (&4.into(), &"body_too_large".into()));
    assert_eq!(run(&["evaluate", "--ndjson"], &line("2026-01-15")).status.code(), Some(0));
}

#[test]
fn ndjson_answers_before_the_next_question() {
    let mut child = program(&["evaluate", "--ndjson"]).spawn().expect("start the program");
    let mut stdin = child.stdin.take().expect("its standard input");
    let mut answers = BufReader::new(child.stdout.take().expect("its standard output")).lines();
    for _ in 0..3 {
        let ask = |stdin: &mut ChildStdin| writeln!(stdin, "{}", REQUEST.replace('\n', " "));
        ask(&mut stdin).expect("ask");
        assert!(answers.next().expect("an answer").expect("text").starts_with('{'));
    }
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn policy_check_names_the_pack() {
    let output = run(&["policy", "check"], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("hanoi"), "{}", text(&output.stdout));
}

#[test]
fn migrate_makes_the_database_and_may_run_again() {
    let dir = TempDir::new();
    let file = dir.path().join("new/an-sinh.db");
    let url = format!("sqlite://{}", file.display());
    for _ in 0..2 {
        let output = run(&["migrate", "--database-url", &url], "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    assert!(file.exists());
    let refused = run(&["migrate", "--database-url", "mysql://secret@host/x"], "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(!refused.stderr.is_empty() && !text(&refused.stderr).contains("secret"), "{refused:?}");
}

/// Starts `serve` on a free port and returns it with its address.
fn serve(dir: &TempDir) -> (Child, String) {
    let database = format!("sqlite://{}", dir.path().join("an-sinh.db").display());
    let mut child = program(&["serve", "--listen", "127.0.0.1:0", "--database-url", &database])
        .spawn()
        .expect("start the service");
    let mut lines = BufReader::new(child.stdout.as_mut().expect("its standard output")).lines();
    let address = lines.next().expect("its address").expect("text");
    (child, address)
}

#[test]
fn serve_logs_no_fact_and_stops_when_asked() {
    for signal in ["TERM", "INT"] {
        let dir = TempDir::new();
        let (mut child, address) = serve(&dir);
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let facts = REQUEST.replace("\"me\"", "\"Nguyễn Thị Bí Mật\"").replace("1980-05-02", "1980-05-03");
        for (path, facts) in [("/v1/evaluations", facts.as_str()), ("/v1/evaluations", "{\"Bí Mật\": 1980")]
        {
            let url = format!("{address}{path}?name=001180000001");
            agent.post(url).content_type("application/json").send(facts).expect("an answer");
        }
        agent.get(format!("{address}/v1/citizens/001180000001")).call().expect("an answer");

        let asked = Instant::now();
        let killed = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(killed.expect("send a signal").success());
        assert!(child.wait().expect("it ends").success(), "SIG{signal}");
        assert!(asked.elapsed() < Duration::from_secs(10));

        let mut log = String::new();
        child.stderr.take().expect("its log").read_to_string(&mut log).expect("text");
        let line: Value = log
            .lines()
            .map(|line| serde_json::from_str(line).expect("a JSON line"))
            .find(|line: &Value| line["route"] == "/v1/evaluations")
            .expect("a line for the request");
        assert_eq!(line["method"], "POST", "{line}");
        assert!(line["duration_ms"].is_u64(), "{line}");
        assert_eq!(line["span"]["trace_id"].as_str().map(str::len), Some(32), "{line}");
        for secret in ["Bí Mật", "1980", "001180000001", "near_poor"] {
            assert!(!log.contains(secret), "{secret} in {log}");
        }
    }
}

#[test]
fn serve_says_when_the_port_is_taken() {
    let dir = TempDir::new();
    let (mut child, address) = serve(&dir);
    let taken = address.trim_start_matches("http://");
    let output = run(&["serve", "--listen", taken], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains(taken), "{}", text(&output.stderr));
    child.kill().expect("stop the service");
    child.wait().expect("it ends");
}

/// `scripts/update-contract` writes it.
#[test]
fn the_page_on_the_law_covered_is_that_of_the_pack() {
    let output = run(&["policy", "coverage"], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let page = text(&output.stdout);
    let committed = include_str!("../../docs/law-coverage.md");
    assert!(page == committed, "docs/law-coverage.md is out of date: scripts/update-contract");
    for told in [
        "### Share by confidence",
        "### Open points",
        "### Parameters not known",
        "### Amended documents",
        "### Rules",
    ] {
        assert_eq!(page.matches(told).count(), 2, "{told}");
    }
}
