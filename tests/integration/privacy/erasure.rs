//! Erasing a person: nothing of them stays, and the audit log still verifies.

use std::time::Duration;

use an_sinh::store::{CitizenId, EvidenceId, evidence, evidence::Evidence, outbox};
use chrono::Utc;
use serde_json::{Value, json};

use super::{
    COMPANION, KNOWN, Life, all_sealed, days_later, made, now, place_of, step, today_by_the_machine,
};
use crate::{
    audit::{assert_whole, verify_command},
    cards::card_for,
    decisions::decide,
    durability::{self, Process},
    helpers::{Database, TempDir, TestApp},
    load::{Client, Creation},
    people::{OTHER_WARD, Session, text},
};

crate::on_each_database![
    nothing_of_an_erased_person_stays,
    a_record_that_must_be_kept_is_kept,
    a_reason_does_not_name_the_person,
    an_erasure_is_carried_out_once_and_only_as_seen,
    others_who_were_told_are_told_that_it_is_gone,
    a_kill_in_the_middle_leaves_all_or_nothing,
];

fn request() -> Value {
    json!({ "ground": "request", "reason": "Theo đơn số 12/2026 của công dân" })
}

fn nothing_of_an_erased_person_stays(on: Database) {
    let app = now(on);
    let official = app.official();
    // Others before and after, so that pages are shared and rows move.
    let mut others: Vec<String> = (10..40).map(|n| neighbour(&official, n)).collect();
    let companion = official.citizen(COMPANION.0, COMPANION.1, "1980");
    let before: Vec<_> = all_sealed(&app.state.records.store).into_iter().map(|value| value.row).collect();
    let life = Life::lived(&app, &official, companion);
    let theirs: Vec<_> = all_sealed(&app.state.records.store)
        .into_iter()
        .filter(|value| !before.contains(&value.row))
        .collect();
    others.extend((40..60).map(|n| neighbour(&official, n)));
    let checkpoint = app.state.records.checkpoint().expect("a checkpoint");

    let app = days_later(app, 2);
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    let reply = step(&official, &life.citizen, "erasure", &request());
    assert_eq!(reply.status, 201, "{reply:?}");
    let erased = reply.json();
    let kept = erased["kept"].as_array().expect("a list");
    assert!(kept.len() >= 4, "four decisions: {erased}");
    assert!(kept.iter().all(|decided| decided["entitlement"].is_string() && decided["outcome"].is_string()));
    assert_eq!((&erased["ground"], &erased["erased_by"]), (&json!("request"), &json!("official:official")));
    for id in [&life.citizen, &life.duplicate] {
        official.get(&format!("/v1/citizens/{id}")).problem(404, "citizen_not_found");
        official.get(&format!("/v1/citizens/{id}/export")).problem(404, "citizen_not_found");
    }
    official.get(&format!("/v1/cards/{}", life.card)).problem(404, "card_not_found");
    for number in ["001183000001", "001183000002", "001183000003"] {
        let found = official.post("/v1/citizens/search", &json!({ "personal_id": number })).json();
        assert_eq!(found["items"], json!([]), "{number}");
    }
    // The companion is as before, and the log fits all of it.
    assert_eq!(text(&official.get(&format!("/v1/citizens/{}", life.companion)).json(), "name"), COMPANION.0);
    assert_whole(&app.state.records.store);
    let file = app.dir.path().join("before.txt");
    std::fs::write(&file, checkpoint).expect("written");
    let checked = verify_command::run(&app.dir, &["--checkpoint", file.to_str().expect("a path")], "en");
    assert_eq!(checked.0, 0, "{}", checked.1);

    // What is kept, while the service runs.
    let all = app.dir.all_that_is_kept();
    for known in KNOWN {
        assert_eq!(place_of(&all, known.as_bytes()), None, "{known}");
    }
    let ids = life.things.iter().chain([&life.citizen, &life.duplicate]);
    for id in ids.clone() {
        assert_eq!(place_of(&all, id.as_bytes()), None, "the id {id}");
    }
    // Sealed bytes too, once the database was written anew.
    app.state.records.store.compact().expect("compact");
    let all = app.dir.all_that_is_kept();
    for value in &theirs {
        assert_eq!(place_of(&all, &value.sealed), None, "{} {}", value.table, value.row);
    }
    assert!(place_of(&all, life.companion.as_bytes()).is_some(), "the search finds what is there");

    // A number erased is free for a new person.
    let again = official.citizen("Lê Thị Mới", "001183000001", "1983");
    assert_ne!(again, life.citizen);
    for other in others {
        assert_eq!(official.get(&format!("/v1/citizens/{other}")).status, 200);
    }
    assert_whole(&app.state.records.store);
}

/// Somebody with a paper, whose record stays.
fn neighbour(official: &Session<'_>, n: u32) -> String {
    let citizen = official.citizen(&format!("Trần Văn Láng {n}"), &format!("0010800000{n}"), "1980");
    let paper = json!({ "kind": "declaration", "issued_on": "2026-01-05", "issuer": "x".repeat(150),
        "facts": { "person": { "ethnic_minority": false } } });
    made(official, &format!("/v1/citizens/{citizen}/evidence"), &paper);
    citizen
}

#[track_caller]
fn holds(official: &Session<'_>, citizen: &str) -> Vec<String> {
    let refused = step(official, citizen, "erasure", &request());
    let problem = refused.problem(409, "record_must_be_kept");
    let errors = problem["errors"].as_array().expect("a list");
    errors.iter().map(|error| text(error, "code")).collect()
}

fn a_record_that_must_be_kept_is_kept(on: Database) {
    let app = now(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let card = card_for(&official, &citizen);
    let decided = text(&decide(&official, &citizen, &json!({ "entitlements": ["free_transit"] })), "id");
    let appeal = json!({ "filed_on": app.state.today(), "grounds": "Tôi không đồng ý." });
    let appeal = made(&official, &format!("/v1/decisions/{decided}/appeals"), &appeal);
    // Papers of a household in which another lives.
    let home = text(&official.get(&format!("/v1/citizens/{citizen}")).json(), "household_id");
    made(&official, "/v1/citizens", &json!({ "name": "Trần Văn Mẫu", "household_id": home }));
    let papers = format!("/v1/citizens/{citizen}/evidence");
    let list = json!({ "kind": "poverty_list", "issued_on": "2026-01-01",
        "facts": { "household": { "poverty_status": "near_poor" } } });
    let list = made(&official, &papers, &list);
    assert_eq!(
        holds(&official, &citizen),
        ["open_appeal", "keeping_time_unknown", "living_card", "household_papers"]
    );

    // Where decisions are kept for a day: not yet.
    let app = days_later(app, 0);
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    assert_eq!(holds(&official, &citizen)[1], "keeping_time");
    let refused = step(&official, &citizen, "erasure", &request()).text().to_owned();
    let tomorrow = today_by_the_machine().succ_opt().expect("a day").to_string();
    assert!(refused.contains(&tomorrow), "{refused}");
    assert_eq!(official.get(&format!("/v1/citizens/{citizen}")).status, 200, "nothing is gone");
    assert_eq!(app.dir.count("erasures") + app.dir.count("erased_decisions"), 0);

    let outcome = json!({ "outcome": "withdrawn", "reason": "Đã rút." });
    let end = format!("/v1/appeals/{appeal}/outcome");
    assert_eq!(official.send("POST", &end, &[("if-match", "\"1\"")], Some(&outcome)).status, 200);
    let reason = json!({ "reason": "thử nghiệm" });
    assert_eq!(official.post(&format!("/v1/cards/{card}/suspend"), &reason).status, 200);
    assert_eq!(holds(&official, &citizen), ["keeping_time", "living_card", "household_papers"]);
    assert_eq!(official.post(&format!("/v1/cards/{card}/revoke"), &reason).status, 200);
    assert_eq!(official.create(&format!("{papers}/{list}/withdrawal"), &reason).status, 201);
    assert_eq!(holds(&official, &citizen), ["keeping_time"]);

    let app = days_later(app, 1);
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    assert_eq!(step(&official, &citizen, "erasure", &request()).status, 201);
    assert_whole(&app.state.records.store);
}

fn a_reason_does_not_name_the_person(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    for reason in ["Bà NGUYEN THI MAU, ở tổ 5", "Số 001180000001.", "số 001 180 000 001", "(Nguyễn Thị Mẫu)"]
    {
        let refused = step(&official, &citizen, "erasure", &json!({ "ground": "request", "reason": reason }));
        assert_eq!(refused.findings(), ["names_the_person at /reason"], "{reason}");
        assert!(!refused.text().contains("Mẫu") && !refused.text().contains("0011"), "{refused:?}");
    }
    let wrong = step(&official, &citizen, "erasure", &json!({ "ground": "boredom" }));
    assert_eq!(wrong.findings(), ["unknown_value at /ground", "missing_field at /reason"]);
    let fine = json!({ "ground": "order_of_authority", "reason": "Thị trường; đơn 0011" });
    assert_eq!(step(&official, &citizen, "erasure", &fine).status, 201);
}

fn an_erasure_is_carried_out_once_and_only_as_seen(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let path = format!("/v1/citizens/{citizen}/erasure");
    let send = |headers: &[(&str, &str)], body: &Value| official.send("POST", &path, headers, Some(body));
    send(&[("if-match", "\"1\"")], &request()).problem(400, "idempotency_key_required");
    send(&[("idempotency-key", "a")], &request()).problem(428, "precondition_required");
    send(&[("idempotency-key", "a"), ("if-match", "\"2\"")], &request()).problem(412, "precondition_failed");
    let stranger = app.sign_in(
        an_sinh::access::AccountKind::Official,
        "stranger",
        Some(OTHER_WARD),
        an_sinh::access::Role::WardOfficial.scopes(),
    );
    let headers = [("idempotency-key", "a"), ("if-match", "\"1\"")];
    stranger.send("POST", &path, &headers, Some(&request())).problem(404, "citizen_not_found");
    let first = send(&headers, &request());
    assert_eq!(first.status, 201, "{first:?}");
    let again = send(&headers, &request());
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.json(), first.json());
    let other = json!({ "ground": "agreement", "reason": "khác" });
    send(&headers, &other).problem(422, "idempotency_key_reused");
    send(&[("idempotency-key", "b"), ("if-match", "\"1\"")], &request()).problem(404, "citizen_not_found");
    assert_eq!(app.dir.count("erasures"), 1);
    assert_whole(&app.state.records.store);
}

fn others_who_were_told_are_told_that_it_is_gone(on: Database) {
    let app = now(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let told = text(&decide(&official, &citizen, &json!({})), "id");
    let store = &app.state.records.store;
    store.write(|conn| outbox::delivered(conn, 1, Utc::now())).expect("delivered");
    decide(&official, &citizen, &json!({}));
    let app = days_later(app, 2);
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    let erased = step(&official, &citizen, "erasure", &request());
    assert_eq!(erased.status, 201, "{erased:?}");
    let events = app.state.records.store.read(|conn| outbox::pending(conn, 10)).expect("events");
    assert_eq!(events.len(), 1, "the second decision nobody was told of: {events:?}");
    assert_eq!((events[0].kind.as_str(), events[0].seq), ("record.erased", 3));
    assert_eq!(events[0].payload, json!({ "unit": "00166", "gone": [told] }));
}

/// Papers of the person in the test of kills: enough to be in the middle of.
const PAPERS: i64 = 60;

fn a_kill_in_the_middle_leaves_all_or_nothing(on: Database) {
    let dir = TempDir::on(on);
    Client::account(&durability::open(&dir));
    let (mut whole, mut gone) = (0, 0);
    for round in 0..8 {
        let process = Process::start(&dir);
        let client = Client::sign_in(process.address);
        let body = json!({ "name": "Nguyễn Thị Mẫu", "personal_id": format!("00118000000{round}"), "unit": "00166" });
        let creation = Creation { path: "/v1/citizens".into(), key: format!("new {round}"), body };
        let citizen = client.create(&creation).expect("an answer").id();
        add_papers(&dir, &citizen);
        let erasure = Creation {
            path: format!("/v1/citizens/{citizen}/erasure"),
            key: format!("gone {round}"),
            body: request(),
        };
        let sent = std::thread::spawn(move || client.create(&erasure));
        std::thread::sleep(Duration::from_millis(8 * round));
        process.kill();
        let answered = sent.join().expect("it ends");
        let store = durability::open(&dir);
        let count = |table: &str| dir.count(&format!("{table} WHERE citizen_id = '{citizen}'"));
        let there = dir.count(&format!("citizens WHERE id = '{citizen}'"));
        let rows = (there, count("evidence"), count("citizen_versions"), count("memberships"));
        match answered {
            Some(answer) => {
                assert_eq!((answer.status, rows), (201, (0, 0, 0, 0)), "{answer:?}");
                gone += 1;
            }
            None if there == 0 => {
                assert_eq!(rows, (0, 0, 0, 0));
                gone += 1;
            }
            None => {
                assert_eq!(rows, (1, PAPERS, 1, 1));
                whole += 1;
            }
        }
        assert_eq!(dir.count("erasures"), gone);
        assert_whole(&store);
    }
    assert_eq!(whole + gone, 8);
}

fn add_papers(dir: &TempDir, citizen: &str) {
    let store = durability::open(dir);
    let citizen = CitizenId::parse(citizen).expect("an id");
    let paper = json!({ "kind": "declaration", "issued_on": "2026-01-05", "facts": { "person": { "ethnic_minority": false } } });
    let day = today_by_the_machine();
    store
        .write(|conn| {
            for _ in 0..PAPERS {
                let document = an_sinh::registry::parse_document(&paper, day).expect("a paper");
                let (id, recorded_at) = (EvidenceId::new(), Utc::now());
                let entry =
                    Evidence { id, citizen, document, recorded_at, recorded_by: "test".into(), end: None };
                evidence::insert(conn, store.vault(), &entry)?;
                let subject = id.to_string();
                let act = an_sinh::audit::Entry {
                    actor: "test",
                    action: "evidence.added",
                    subject: &subject,
                    receipt: None,
                };
                an_sinh::audit::append(
                    conn,
                    act.touching(&[(an_sinh::audit::Table::Evidence, &subject)]),
                    Utc::now(),
                )?;
            }
            Ok::<_, an_sinh::store::StoreError>(())
        })
        .expect("written");
}
