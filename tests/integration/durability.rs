//! What was answered is on disk, whatever happens next.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use an_sinh::{
    access::{AccountKind, NewAccount, Scope, create_account},
    store::{Secret, Store, StoreConfig, StoreError},
};
use serde_json::json;

use crate::{
    audit::assert_whole,
    helpers::{Database, TempDir},
    people::text,
};

/// The program itself, as an operator starts it.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it printed until it was ready.
    pub greeting: String,
}

impl Process {
    fn start(dir: &TempDir) -> Self {
        Self::start_with(dir, &[])
    }

    /// With more arguments; back when it listens.
    pub fn start_with(dir: &TempDir, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_an-sinh"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("AN_SINH_DATABASE_URL", dir.url())
            .envs(dir.key_file().map(|file| ("AN_SINH_DATA_KEY_FILE", file)))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut greeting = String::new();
        let mut address = None;
        for line in lines.by_ref() {
            let line = line.expect("a line");
            address = address.or_else(|| line.strip_prefix("http://").and_then(|text| text.parse().ok()));
            greeting.push_str(&line);
            greeting.push('\n');
            // The demo's guide ends with an empty line; without it the address is all.
            let guided = arguments.is_empty() || (greeting.contains("# 3.") && line.is_empty());
            if address.is_some() && guided {
                break;
            }
        }
        // Log lines go on: somebody has to read them.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.expect("it says where it listens"), greeting }
    }

    /// SIGKILL: no goodbye.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Process {
    /// A test that fails leaves no server behind either.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn config(dir: &TempDir) -> StoreConfig {
    StoreConfig { data_key_file: dir.key_file(), ..StoreConfig::new(dir.url()) }
}

fn open(dir: &TempDir) -> Store {
    Store::open(&config(dir)).expect("the database opens")
}

crate::on_each_database![
    nothing_acknowledged_is_lost_to_kill_9,
    two_servers_may_start_together,
    a_busy_database_is_told_from_an_absent_row,
    a_broken_database_is_a_fault_and_not_an_absence,
];

fn nothing_acknowledged_is_lost_to_kill_9(on: Database) {
    let dir = TempDir::on(on);
    let scopes = [Scope::CitizensRead, Scope::CitizensWrite];
    let account =
        NewAccount { kind: AccountKind::Client, login: "load", secret: "s", unit: None, scopes: &scopes };
    open(&dir).write(|conn| create_account(conn, account, chrono::Utc::now())).expect("an account");

    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..3 {
        let process = Process::start(&dir);
        let base = format!("http://{}", process.address);
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let form = [("grant_type", "client_credentials"), ("client_id", "load"), ("client_secret", "s")];
        let mut reply = agent.post(format!("{base}/oauth/token")).send_form(form).expect("a reply");
        let token: serde_json::Value = reply.body_mut().read_json().expect("JSON");
        let token = format!("Bearer {}", text(&token, "access_token"));
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (agent, base, token) = (agent.clone(), base.clone(), token.clone());
                std::thread::spawn(move || {
                    let mut done = Vec::new();
                    for number in 0.. {
                        let body =
                            json!({ "name": format!("Người {round} {writer} {number}"), "unit": "00166" });
                        let sent = agent
                            .post(format!("{base}/v1/citizens"))
                            .header("authorization", &token)
                            .header("idempotency-key", format!("{round}-{writer}-{number}"))
                            .send_json(&body);
                        // The first request without a reply is the one that was cut off.
                        let Ok(mut reply) = sent else { break };
                        let Ok(body) = reply.body_mut().read_json::<serde_json::Value>() else { break };
                        assert_eq!(reply.status(), 201, "{body}");
                        done.push(text(&body, "id"));
                    }
                    done
                })
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(400));
        process.kill();
        for writer in writers {
            acknowledged.extend(writer.join().expect("a writer"));
        }
    }
    assert!(acknowledged.len() > 20, "only {} requests were answered", acknowledged.len());

    let store = open(&dir);
    store
        .read(|conn| {
            for id in &acknowledged {
                let id = an_sinh::store::CitizenId::parse(id).expect("an id");
                let found = an_sinh::registry::citizen(conn, store.vault(), id, &an_sinh::store::Reach::City);
                assert!(found.is_ok(), "an acknowledged citizen is gone");
            }
            Ok::<_, StoreError>(())
        })
        .expect("the database is whole");
    assert_whole(&store);
}

#[test]
fn a_database_opens_with_its_own_key_only() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let dir = TempDir::new();
    let with = |byte: u8| {
        let data_key = Some(Secret::new(STANDARD.encode([byte; 32])));
        Store::open(&StoreConfig { data_key, ..StoreConfig::new(dir.url()) })
    };
    assert!(with(1).is_ok());
    assert!(with(1).is_ok());
    assert!(matches!(with(2), Err(StoreError::Key(_))));
    // No key given and no key file: a new one would make the old rows unreadable without a word.
    assert!(matches!(Store::open(&StoreConfig::new(dir.url())), Err(StoreError::Key(_))));
    assert!(!dir.path().join("an-sinh.key").exists());
}

fn two_servers_may_start_together(on: Database) {
    let dir = TempDir::on(on);
    if on == Database::Sqlite {
        // The key file is made by the first.
        drop(open(&dir));
    }
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| open(&dir))).collect();
        threads.into_iter().for_each(|thread| drop(thread.join().expect("it opens")));
    });
}

fn a_busy_database_is_told_from_an_absent_row(on: Database) {
    use std::time::Duration;
    let dir = TempDir::on(on);
    let patience = Duration::from_millis(100);
    let store =
        Store::open(&StoreConfig { patience, pool_size: 1, ..config(&dir) }).expect("the database opens");
    let other = open(&dir);
    let count = |conn: &mut _| an_sinh::store::accounts::count(conn);
    other
        .write(|_| {
            assert!(matches!(store.write(count), Err(StoreError::Busy)), "another writer holds the database");
            assert_eq!(store.read(count)?, 0, "readers do not wait");
            Ok::<_, StoreError>(())
        })
        .expect("written");
    store
        .read(|_| {
            assert!(matches!(store.read(count), Err(StoreError::Busy)), "all connections are taken");
            Ok::<_, StoreError>(())
        })
        .expect("read");
    assert!(store.write(count).is_ok(), "and all is well afterwards");
    let problem = an_sinh::api::Problem::from(StoreError::Busy);
    assert_eq!(problem.code().status().as_u16(), 503);
}

fn a_broken_database_is_a_fault_and_not_an_absence(on: Database) {
    let app = crate::helpers::TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    app.dir.execute("ALTER TABLE citizens RENAME TO elsewhere");
    let reply = official.get(&format!("/v1/citizens/{citizen}"));
    reply.problem(500, "internal");
    for inside in ["citizens\"", "elsewhere", "table", "SQL", "sqlite"] {
        assert!(!reply.text().contains(inside), "{inside} in {reply:?}");
    }
    app.dir.execute("ALTER TABLE elsewhere RENAME TO citizens");
    assert_eq!(official.get(&format!("/v1/citizens/{citizen}")).status, 200);
    // A row moved to another place does not open there.
    app.dir.execute("UPDATE citizens SET id = '01938f6e-0000-7000-8000-000000000001'");
    official.get("/v1/citizens/01938f6e-0000-7000-8000-000000000001").problem(500, "internal");
}
