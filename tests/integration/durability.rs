//! What was answered is on disk, whatever happens next.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::atomic::AtomicBool,
    time::Duration,
};

use an_sinh::store::{Secret, Store, StoreConfig, StoreError};

use crate::{
    audit::assert_whole,
    helpers::{Database, TempDir},
    load::{Answer, Client, Creation, Writer, full},
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
    pub fn start(dir: &TempDir) -> Self {
        Self::start_with(dir, &[])
    }

    /// With more arguments; back when it listens.
    pub fn start_with(dir: &TempDir, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_an-sinh"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        Self::start_as(dir, command, !arguments.contains(&"--demo"))
    }

    /// By a command that ends in the program; back when it listens, and has told its guide unless `plain`.
    pub fn start_as(dir: &TempDir, mut command: Command, plain: bool) -> Self {
        let mut child = command
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
            let guided = plain || (greeting.contains("# 3.") && line.is_empty());
            if address.is_some() && guided {
                break;
            }
        }
        // Log lines go on: somebody has to read them.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.expect("it says where it listens"), greeting }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
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

pub fn open(dir: &TempDir) -> Store {
    Store::open(&config(dir)).expect("the database opens")
}

crate::on_each_database![
    nothing_acknowledged_is_lost_to_kill_9,
    two_servers_may_start_together,
    a_busy_database_is_told_from_an_absent_row,
    a_broken_database_is_a_fault_and_not_an_absence,
];

/// Kills under load, how often in the usual run and at full size.
fn kills(on: Database) -> usize {
    match (on, full()) {
        (Database::Sqlite, false) => 12,
        (Database::Sqlite, true) => 200,
        (Database::Postgres, false) => 6,
        (Database::Postgres, true) => 50,
    }
}

/// Six writers, and a kill at any moment. After each: what was answered is answered again by its key, and what was cut off can be
/// sent again. In the end there are as many rows as requests, and the log fits every one of them.
#[expect(clippy::print_stdout, reason = "the figures of a run at full size")]
fn nothing_acknowledged_is_lost_to_kill_9(on: Database) {
    let dir = TempDir::on(on);
    Client::account(&open(&dir));
    let mut answered = [0; 3];
    let mut cut_off: Vec<Creation> = Vec::new();
    let mut to_repeat: Vec<(Creation, Answer)> = Vec::new();
    let mut carried_out_unheard = 0;
    let mut round = 0;
    // On a busy machine many a kill comes before the first decision: there are more of them then.
    while round < kills(on) || ((answered[2] as usize) < kills(on) && round < 4 * kills(on)) {
        let process = Process::start(&dir);
        let client = Client::sign_in(process.address);
        for (creation, first) in to_repeat.drain(..) {
            let again = client.create(&creation).expect("the service answers");
            assert_eq!(again, Answer { replayed: true, ..first }, "{creation:?}");
        }
        for creation in cut_off.drain(..) {
            let again = client.create(&creation).expect("the service answers");
            assert_eq!(again.status, 201, "{again:?} to {creation:?}");
            carried_out_unheard += usize::from(again.replayed);
            answered[kind(&creation)] += 1;
        }
        let writers: Vec<_> = (0..6)
            .map(|writer| {
                let client = client.clone();
                let writer = Writer::new(format!("{round}-{writer}"));
                std::thread::spawn(move || writer.run(&client, &AtomicBool::new(false)))
            })
            .collect();
        // Some moment between the first request and the thick of it.
        std::thread::sleep(Duration::from_millis(10 + (round as u64 * 37) % 190));
        process.kill();
        for writer in writers {
            let written = writer.join().expect("a writer");
            written.answered.iter().for_each(|(creation, _)| answered[kind(creation)] += 1);
            to_repeat.extend(written.answered.into_iter().rev().take(2));
            cut_off.extend(written.cut_off);
        }
        round += 1;
    }
    let process = Process::start(&dir);
    let client = Client::sign_in(process.address);
    for creation in cut_off {
        let again = client.create(&creation).expect("the service answers");
        assert_eq!(again.status, 201, "{again:?}");
        answered[kind(&creation)] += 1;
    }
    process.kill();

    let kept = ["citizens", "evidence", "decisions"].map(|table| dir.count(table));
    assert_eq!(kept, answered, "as many rows as requests");
    let told = dir.count("outbox_events WHERE kind = 'decision.recorded'");
    assert_eq!(told, answered[2], "an event for each decision");
    assert_eq!(dir.count("idempotency_keys"), answered.iter().sum::<i64>(), "each with its kept answer");
    assert!(answered[2] as usize >= kills(on), "only {answered:?} requests were answered");
    assert_whole(&open(&dir));
    println!("{round} kills, {answered:?} answered, {carried_out_unheard} carried out unheard");
}

/// Citizen, paper or decision.
fn kind(creation: &Creation) -> usize {
    match creation.path.rsplit('/').next() {
        Some("evidence") => 1,
        Some("decisions") => 2,
        _ => 0,
    }
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
    // What is sealed in one row does not open in another.
    official.citizen("Trần Văn Khác", "001080000009", "1980-05-02");
    app.dir.execute(
        "UPDATE citizens SET sealed = (SELECT other.sealed FROM citizens other WHERE other.id <> citizens.id)",
    );
    official.get(&format!("/v1/citizens/{citizen}")).problem(500, "internal");
}
