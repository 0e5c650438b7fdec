//! Two servers on one PostgreSQL database.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use serde_json::{Value, json};

use crate::{
    audit::assert_whole,
    durability::{Process, open},
    helpers::{Database, TempDir},
    load::{Answer, Client, Creation, full},
    people::WARD,
};

/// Pairs of clients, one at each server. Both of a pair send at the same moment.
const PAIRS: usize = 8;

/// What the two of a pair send at the same moment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Together {
    /// Two citizens.
    Different,
    /// The same request with the same key.
    SameKey,
    /// Two requests with one personal number.
    SameNumber,
}

impl Together {
    fn of(step: usize) -> Self {
        match step % 4 {
            0 => Self::SameKey,
            1 => Self::SameNumber,
            _ => Self::Different,
        }
    }
}

fn request(together: Together, pair: usize, step: usize, server: usize) -> Creation {
    let number = |server: usize| format!("001080{:06}", (pair * 10_000 + step) * 2 + server);
    let person = |of: usize, number: String| -> Value {
        json!({ "name": format!("Người {pair} {step} {of}"), "unit": WARD, "personal_id": number, "born_on": "1980" })
    };
    let own_key = format!("{pair}-{step}-{server}");
    let (key, body) = match together {
        Together::Different => (own_key, person(server, number(server))),
        Together::SameKey => (format!("{pair}-{step}"), person(0, number(0))),
        Together::SameNumber => (own_key, person(server, number(0))),
    };
    Creation { path: "/v1/citizens".into(), key, body }
}

#[expect(clippy::print_stdout, reason = "the figures of a run at full size")]
#[test]
fn two_servers_migrate_and_write_together() {
    let writes = if full() { 10_000 } else { 1_000 };
    let steps = writes / (2 * PAIRS);
    let dir = TempDir::on(Database::Postgres);
    // Together on an empty database: tables, data key and signing key are made once.
    let unlimited = ["--principal-per-minute", "0"];
    let servers: Vec<Process> = thread::scope(|scope| {
        let starting: Vec<_> =
            (0..2).map(|_| scope.spawn(|| Process::start_with(&dir, &unlimited))).collect();
        starting.into_iter().map(|server| server.join().expect("it starts")).collect()
    });
    Client::account(&open(&dir));
    // A token of one is good at the other.
    let first = Client::sign_in(servers[0].address);
    let clients = [first.clone(), first.at(servers[1].address)];

    let pairs: Vec<_> = (0..PAIRS)
        .map(|pair| {
            let both = Arc::new(Barrier::new(2));
            [0, 1].map(|server| {
                let (client, both) = (clients[server].clone(), Arc::clone(&both));
                thread::spawn(move || -> Vec<Answer> {
                    let answer = |step| {
                        both.wait();
                        let creation = request(Together::of(step), pair, step, server);
                        client.create(&creation).expect("the server answers")
                    };
                    (0..steps).map(answer).collect()
                })
            })
        })
        .collect();
    let mut citizens = 0;
    let mut numbers_refused = 0;
    let mut replayed = 0;
    for pair in pairs {
        let [one, other] = pair.map(|client| client.join().expect("a client"));
        for (step, (one, other)) in one.iter().zip(&other).enumerate() {
            let statuses = [one.status, other.status];
            match Together::of(step) {
                Together::Different => {
                    assert_eq!(statuses, [201, 201], "{one:?} {other:?}");
                    assert_ne!(one.id(), other.id());
                    citizens += 2;
                }
                Together::SameKey => {
                    assert_eq!(statuses, [201, 201], "{one:?} {other:?}");
                    assert_eq!(one.body, other.body, "one request, one answer");
                    assert!(one.replayed != other.replayed, "carried out by one of them");
                    replayed += 1;
                    citizens += 1;
                }
                Together::SameNumber => {
                    let refused = if one.status == 201 { other } else { one };
                    assert_eq!(statuses.iter().sum::<u16>(), 201 + 409, "{one:?} {other:?}");
                    assert_eq!(refused.code(), "personal_number_taken");
                    numbers_refused += 1;
                    citizens += 1;
                }
            }
        }
    }
    drop(servers);
    assert!(numbers_refused >= writes / 10 && replayed >= writes / 10);
    assert_eq!(dir.count("citizens"), citizens, "no duplicate, none lost");
    assert_eq!(dir.count("idempotency_keys"), citizens);
    assert_eq!(
        dir.line("SELECT CAST(max(seq) AS TEXT) AS line FROM audit_entries"),
        dir.count("audit_entries").to_string(),
        "no gap"
    );
    assert_whole(&open(&dir));
    println!("{writes} writes: {citizens} citizens, {numbers_refused} numbers refused, {replayed} replayed");
}
