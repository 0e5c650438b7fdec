//! The database goes away, hangs, is locked or full: what clients are told, and that all is well again by itself.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use an_sinh::{
    api::Config,
    store::{AnyConn, Store, StoreConfig, StoreError},
};
use diesel::connection::SimpleConnection;

use crate::{
    audit::assert_whole,
    durability::{Process, open},
    helpers::{Database, TempDir, TestApp},
    load::{Answer, Client, Creation, Writer},
};

/// A service that loses patience with its database soon, and a client of it.
fn service(on: Database, change: impl FnOnce(&mut Config)) -> (TestApp, Client) {
    let app = TestApp::in_dir(TempDir::on(on), |config| {
        config.database_patience = Duration::from_millis(500);
        change(config);
    });
    Client::account(&app.state.records.store);
    let client = Client::sign_in(app.address);
    (app, client)
}

/// A client that goes on whatever it is told, until it is stopped: what it asked, and what it was told.
fn unceasing(client: &Client, name: &str, stop: &Arc<AtomicBool>) -> JoinHandle<Vec<(Creation, Answer)>> {
    let (client, stop, mut writer) = (client.clone(), Arc::clone(stop), Writer::new(name));
    thread::spawn(move || {
        let mut told = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let creation = writer.next();
            let answer = client.create(&creation).expect("the service answers");
            if answer.status == 201 {
                writer.answered(&answer);
            } else {
                // As a client should, if not as long as it is told.
                thread::sleep(Duration::from_millis(20));
            }
            told.push((creation, answer));
        }
        told
    })
}

#[track_caller]
fn assert_try_later(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (503, "unavailable"), "{answer:?}");
    assert!(answer.retry_after.as_deref().is_some_and(|told| told.parse::<u32>().is_ok()), "{answer:?}");
}

#[track_caller]
fn assert_not_ready(app: &TestApp) {
    let begun = Instant::now();
    let reply = app.get("/health/ready");
    reply.problem(503, "unavailable");
    assert!(!reply.header("retry-after").is_empty(), "{reply:?}");
    assert!(begun.elapsed() < Duration::from_millis(1_800), "{:?}", begun.elapsed());
    assert_eq!(app.get("/health/live").status, 200, "a restart would not help");
}

/// Waits until it is so. The service was not restarted.
#[track_caller]
fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "not {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn ready(app: &TestApp) -> bool {
    app.get("/health/ready").status == 200
}

/// Everything that was answered with success is there once, and nothing else of these clients.
#[track_caller]
fn assert_kept(app: &TestApp, client: &Client, told: &[(Creation, Answer)]) {
    for (creation, answer) in told.iter().filter(|(_, answer)| answer.status == 201) {
        let again = client.create(creation).expect("the service answers");
        assert_eq!((again.status, again.replayed, &again.body), (201, true, &answer.body), "{creation:?}");
    }
    let rows = ["citizens", "evidence", "decisions"].map(|table| app.dir.count(table));
    assert_eq!(app.dir.count("idempotency_keys"), rows.iter().sum::<i64>(), "each with its kept answer");
    assert_whole(&app.state.records.store);
}

crate::on_each_database![an_early_no_is_better_than_a_late_yes];

#[test]
fn a_server_that_hangs_up_is_found_again() {
    let (app, client) = service(Database::Postgres, |_| {});
    let stop = Arc::default();
    let clients: Vec<_> = (0..4).map(|n| unceasing(&client, &format!("c{n}"), &stop)).collect();
    let hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'";
    for _ in 0..5 {
        thread::sleep(Duration::from_millis(150));
        app.dir.administer(hang_up);
    }
    thread::sleep(Duration::from_millis(150));
    // Nobody gets in at all.
    app.dir.administer("ALTER DATABASE {} ALLOW_CONNECTIONS false");
    app.dir.administer(hang_up);
    thread::sleep(Duration::from_millis(300));
    assert_not_ready(&app);
    let mut refused = Writer::new("refused");
    assert_try_later(&client.create(&refused.next()).expect("the service answers"));
    let read = client.get("/v1/citizens/01938f6e-0000-7000-8000-000000000001").expect("the service answers");
    assert_try_later(&read);
    app.dir.administer("ALTER DATABASE {} ALLOW_CONNECTIONS true");
    eventually("ready again", || ready(&app));
    eventually("writing again", || client.create(&refused.next()).is_some_and(|answer| answer.status == 201));
    thread::sleep(Duration::from_millis(300));
    stop.store(true, Ordering::Relaxed);
    let told: Vec<_> = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
    let failed: Vec<_> = told.iter().filter(|(_, answer)| answer.status != 201).collect();
    failed.iter().for_each(|(_, answer)| assert_try_later(answer));
    assert!(!failed.is_empty() && told.len() > failed.len());
    assert!(
        told.iter().rev().take(1).all(|(_, answer)| answer.status == 201),
        "well again: {:?}",
        told.last()
    );
    assert_kept(&app, &client, &told);
}

/// A statement of ours waits behind a lock of somebody else: to a client that is a database that hangs.
#[test]
fn a_server_that_hangs_is_told_soon() {
    let (app, client) =
        service(Database::Postgres, |config| config.database_patience = Duration::from_secs(3));
    let other = open(&app.dir);
    let done = other.write(|conn| -> Result<(), StoreError> {
        conn.batch_execute("LOCK TABLE accounts, households IN ACCESS EXCLUSIVE MODE").expect("the locks");
        // One question at a time, however many ask.
        let asking: Vec<_> = thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| assert_not_ready(&app))).collect();
            asking.into_iter().map(|asked| asked.join()).collect()
        });
        asking.into_iter().for_each(|asked| asked.expect("told soon"));
        // `lock_timeout` ends the wait of those who write.
        assert_try_later(&client.create(&Writer::new("late").next()).expect("the service answers"));
        Ok(())
    });
    done.expect("released");
    eventually("ready again", || ready(&app));
    assert_eq!(client.create(&Writer::new("late").next()).expect("the service answers").status, 201);
    assert_whole(&app.state.records.store);
}

#[test]
fn a_file_that_another_program_holds_is_told() {
    let (app, client) = service(Database::Sqlite, |_| {});
    let mut writer = Writer::new("w");
    let first = client.create(&writer.next()).expect("the service answers");
    writer.answered(&first);
    open(&app.dir)
        .write(|_| {
            assert_try_later(&client.create(&writer.next()).expect("the service answers"));
            // Nobody reads a record unseen, and the log can't be written. What needs no record goes on.
            assert_try_later(
                &client.get(&format!("/v1/citizens/{}", first.id())).expect("the service answers"),
            );
            assert_eq!(client.get("/v1/policy").expect("the service answers").status, 200);
            assert!(ready(&app));
            Ok::<_, StoreError>(())
        })
        .expect("written");
    assert_eq!(client.create(&writer.next()).expect("the service answers").status, 201);
}

/// When all places are taken the next one is told at once; those who have one get their answer.
fn an_early_no_is_better_than_a_late_yes(on: Database) {
    const PLACES: usize = 8;
    let (app, client) = service(on, |config| {
        config.database_patience = Duration::from_secs(20);
        config.max_in_flight = PLACES;
    });
    let queue = app.state.records.store.clone();
    let waiting = open(&app.dir)
        .write(|_| {
            let waiting: Vec<_> = (0..PLACES)
                .map(|n| {
                    let client = client.clone();
                    thread::spawn(move || client.create(&Writer::new(format!("w{n}")).next()))
                })
                .collect();
            // One of them waits for the other program, the others for their turn.
            eventually("all are waiting", || queue.load().writers_waiting == PLACES - 1);
            for n in 0..20 {
                let begun = Instant::now();
                let told =
                    client.create(&Writer::new(format!("more{n}")).next()).expect("the service answers");
                assert_eq!((told.status, told.code()), (503, "overloaded"), "{told:?}");
                assert!(told.retry_after.is_some(), "{told:?}");
                assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
            }
            assert!(ready(&app), "busy is not lost");
            let metrics = app.get("/metrics");
            let shown = format!("an_sinh_store_writers_waiting {}\n", PLACES - 1);
            assert!(metrics.text().contains(&shown), "{}", metrics.text());
            Ok::<_, StoreError>(waiting)
        })
        .expect("released");
    for waiting in waiting {
        let answer = waiting.join().expect("a client").expect("the service answers");
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    assert_eq!(app.dir.count("citizens"), PLACES as i64);
    let metrics = app.get("/metrics");
    let text = metrics.text();
    assert!(
        text.contains("an_sinh_store_commit_works_sum")
            && text.contains("an_sinh_store_commit_seconds_count"),
        "{text}"
    );
}

/// More may not wait than the queue has room for, even when the service lets more in.
#[test]
fn a_full_queue_is_told_at_once() {
    let dir = TempDir::new();
    let store =
        Store::open(&StoreConfig { longest_queue: 2, ..StoreConfig::new(dir.url()) }).expect("it opens");
    let count = |conn: &mut AnyConn| an_sinh::store::accounts::count(conn);
    let waiting = open(&dir)
        .write(|_| {
            let waiting: Vec<_> = (0..3)
                .map(|_| {
                    let store = store.clone();
                    thread::spawn(move || store.write(count))
                })
                .collect();
            eventually("the queue is full", || store.load().writers_waiting == 2);
            let begun = Instant::now();
            assert!(matches!(store.write(count), Err(StoreError::Busy)));
            assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
            Ok::<_, StoreError>(waiting)
        })
        .expect("released");
    assert!(waiting.into_iter().all(|waiting| waiting.join().expect("a writer").is_ok()));
}

/// Requests answered with a status, as the service counts them.
fn answered_with(app: &TestApp, status: u16) -> u64 {
    let metrics = app.get("/metrics");
    let of_status = format!("status=\"{status}\"}}");
    let lines = metrics.text().lines().filter(|line| line.starts_with("an_sinh_http_requests_total{"));
    let counts = lines.filter_map(|line| line.split_once(&of_status)).map(|(_, count)| count.trim());
    counts.map(|count| count.parse::<u64>().expect("a count")).sum()
}

/// A limit to the size of the file makes SQLite say what it says when the disk is full: to a statement, and it gives up the whole
/// transaction. Whoever shared it may try again.
#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let (app, client) = service(Database::Sqlite, |_| {});
    let store = app.state.records.store.clone();
    // There is one connection that writes: the limit is its own.
    let limit = |pages: i64| {
        let limited = store.write(|conn| {
            Ok::<_, StoreError>(conn.batch_execute(&format!("PRAGMA max_page_count = {pages}"))?)
        });
        limited.expect("the limit is set");
    };
    let pages = app.dir.line("SELECT CAST(page_count AS TEXT) AS line FROM pragma_page_count()");
    limit(pages.parse::<i64>().expect("a number") + 200);
    let stop = Arc::default();
    let clients: Vec<_> = (0..6).map(|n| unceasing(&client, &format!("c{n}"), &stop)).collect();
    eventually("full", || answered_with(&app, 507) > 20);
    assert!(ready(&app), "evaluations go on");
    stop.store(true, Ordering::Relaxed);
    let told: Vec<_> = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
    limit(1_073_741_823);
    assert_eq!(client.create(&Writer::new("room").next()).expect("the service answers").status, 201);
    for (_, answer) in told.iter().filter(|(_, answer)| answer.status != 201) {
        if answer.status == 507 {
            assert_eq!(answer.code(), "storage_full");
        } else {
            assert_try_later(answer);
        }
    }
    assert!(told.iter().filter(|(_, answer)| answer.status == 201).count() > 10, "{told:?}");
    assert_kept(&app, &client, &told);
}

/// The system refuses to let files grow, as a quota does: the error comes from the disk itself, when a commit is written.
#[test]
fn a_disk_that_refuses_is_told_and_loses_nothing() {
    let dir = TempDir::new();
    Client::account(&open(&dir));
    let mut command = Command::new("sh");
    // Units of 512 bytes: 2 MB. The signal that goes with the limit would end the program.
    let script = r#"trap '' XFSZ; ulimit -S -f 4096; exec "$0" serve --listen 127.0.0.1:0"#;
    command.args(["-c", script, env!("CARGO_BIN_EXE_an-sinh")]);
    let process = Process::start_as(&dir, command, true);
    let client = Client::sign_in(process.address);
    let mut told: Vec<(Creation, Answer)> = Vec::new();
    let mut writer = Writer::new("w");
    let refused = loop {
        let creation = writer.next();
        let answer = client.create(&creation).expect("the service answers");
        if answer.status != 201 {
            break answer;
        }
        writer.answered(&answer);
        told.push((creation, answer));
        assert!(told.len() < 5_000, "the limit is never met");
    };
    assert_try_later(&refused);
    assert_eq!(client.get("/v1/policy").expect("the service answers").status, 200);
    let lifted =
        Command::new("prlimit").args(["--pid", &process.id().to_string(), "--fsize=unlimited"]).status();
    assert!(lifted.expect("prlimit is part of util-linux").success());
    eventually("writing again", || client.create(&writer.next()).is_some_and(|answer| answer.status == 201));
    for (creation, answer) in told {
        let again = client.create(&creation).expect("the service answers");
        assert_eq!((again.replayed, again.body), (true, answer.body), "{creation:?}");
    }
    process.kill();
    assert_whole(&open(&dir));
}

/// Hundreds of strangers who sign in at once: hashing takes 19 MiB each time, so few are let in, and others wait or are
/// told to come later. Nobody learns more than that the secret was wrong.
#[cfg(target_os = "linux")]
#[test]
fn a_crowd_that_signs_in_does_not_take_the_memory() {
    let dir = TempDir::new();
    let process = Process::start(&dir);
    let peak = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
    };
    let before = peak();
    let url = format!("http://{}/oauth/token", process.address);
    let sign_in = &|number: usize| {
        let login = format!("nobody{number}");
        let form = [("grant_type", "password"), ("username", &*login), ("password", "not the password")];
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let reply = agent.post(&url).send_form(form).expect("a reply");
        (reply.status().as_u16(), reply.headers().contains_key("retry-after"))
    };
    let told: Vec<(u16, bool)> = thread::scope(|scope| {
        let strangers: Vec<_> = (0..200).map(|number| scope.spawn(move || sign_in(number))).collect();
        strangers.into_iter().map(|stranger| stranger.join().expect("an answer")).collect()
    });
    let refused = told.iter().filter(|told| **told == (400, false)).count();
    let later = told.iter().filter(|told| **told == (503, true)).count();
    assert!(refused > 0 && refused + later == told.len(), "{told:?}");
    let grown = peak() - before;
    assert!(grown < 300, "200 sign-ins took {grown} MiB");
}
