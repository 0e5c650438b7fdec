//! The audit log from outside: what it proves, and that nothing can be changed unnoticed.

mod api;
mod tables;
mod tampering;
pub mod verify_command;

use std::sync::Arc;

use an_sinh::{
    access::{AccountKind, Scope},
    audit::{self, Entry, Kind, Open, Report, Table},
    decisions,
    store::{AnyConn, Store, StoreConfig, StoreError},
};
use chrono::{TimeDelta, Utc};
use serde_json::json;

use crate::{
    helpers::{Database, TempDir, TestApp},
    people::{Session, text},
};

crate::on_each_database![
    erasure_takes_the_person_and_leaves_the_tree,
    erasure_leaves_what_others_share_committed_to,
    a_clock_set_back_leaves_the_order_as_it_was,
    writers_side_by_side_leave_no_gap,
    a_failed_act_leaves_no_leaf,
    a_database_with_the_earlier_chain_is_taken_over,
];

/// Checks the whole log with the data key.
pub fn verify(conn: &mut AnyConn, store: &Store) -> Result<Report, StoreError> {
    let open = Open { vault: store.vault(), receipt: decisions::receipt };
    audit::verify(conn, &[], &[], Some(open), |_, _| {})
}

#[track_caller]
pub fn assert_whole(store: &Store) {
    let report = store.read(|conn| verify(conn, store)).expect("the log is read");
    assert!(report.is_clean(), "{:#?}", report.findings);
    assert!(report.entries > 0);
}

fn kinds(report: &Report) -> Vec<Kind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

fn open(dir: &TempDir) -> Store {
    let config = StoreConfig { data_key_file: dir.key_file(), ..StoreConfig::new(dir.url()) };
    Store::open(&config).expect("the database opens")
}

fn auditor(app: &TestApp) -> Session<'_> {
    app.sign_in(AccountKind::Official, "auditor", None, &[Scope::AuditRead])
}

/// A ward at work: citizens with papers, corrections, decisions, cards in every state, reads, checkpoints, an erasure.
/// Returns a decision.
fn busy_ward(app: &TestApp) -> String {
    let official = app.official();
    let mut decision = String::new();
    for number in 1..=8 {
        let citizen = official.citizen(
            &format!("Nguyễn Văn Mẫu {number}"),
            &format!("00108000000{number}"),
            "1980-05-02",
        );
        let paper = json!({ "kind": "declaration", "issued_on": "2026-01-05",
            "facts": { "person": { "ethnic_minority": false } } });
        assert_eq!(official.create(&format!("/v1/citizens/{citizen}/evidence"), &paper).status, 201);
        let kept = official.create(&format!("/v1/citizens/{citizen}/decisions"), &json!({}));
        decision = text(&kept.json(), "id");
        if number % 2 == 0 {
            let change = json!({ "name": format!("Nguyễn Thị Mẫu {number}") });
            let headers = [("if-match", "\"1\"")];
            let changed = official.send("PATCH", &format!("/v1/citizens/{citizen}"), &headers, Some(&change));
            assert_eq!(changed.status, 200, "{changed:?}");
        }
        if number % 3 == 0 {
            let card = crate::cards::card_for(&official, &citizen);
            let reason = json!({ "reason": "thử nghiệm" });
            for step in ["suspend", "resume", "revoke"] {
                assert_eq!(official.post(&format!("/v1/cards/{card}/{step}"), &reason).status, 200);
            }
        }
        if number % 4 == 0 {
            app.state.records.checkpoint().expect("a checkpoint");
        }
        let store = &app.state.records.store;
        let read =
            Entry { actor: "official:official", action: "record.read", subject: &citizen, receipt: None };
        store
            .write(|conn| audit::append(conn, read.for_purpose("benefit_decision"), Utc::now()))
            .expect("read");
    }
    forget_one(&official);
    app.state.records.checkpoint().expect("a checkpoint");
    decision
}

/// A citizen who joined a household of others, with a paper, is erased.
fn forget_one(official: &Session<'_>) -> String {
    let other = official.citizen("Trần Văn Mẫu", "001080000009", "1980");
    let household = text(&official.get(&format!("/v1/citizens/{other}")).json(), "household_id");
    let new = json!({ "name": "Trần Thị Mẫu", "household_id": household });
    let citizen = text(&official.create("/v1/citizens", &new).json(), "id");
    let paper = json!({ "kind": "declaration", "issued_on": "2026-01-05",
        "facts": { "person": { "ethnic_minority": false } } });
    assert_eq!(official.create(&format!("/v1/citizens/{citizen}/evidence"), &paper).status, 201);
    let request = json!({ "ground": "request", "reason": "Theo đơn của công dân" });
    let headers = [("idempotency-key", "forget"), ("if-match", "\"1\"")];
    let erased = official.send("POST", &format!("/v1/citizens/{citizen}/erasure"), &headers, Some(&request));
    assert_eq!(erased.status, 201, "{erased:?}");
    citizen
}

/// Statements as an intruder would send them.
fn execute(conn: &mut AnyConn, sql: &str) -> Result<usize, StoreError> {
    use diesel::RunQueryDsl;
    Ok(diesel::sql_query(sql).execute(conn)?)
}

fn erasure_takes_the_person_and_leaves_the_tree(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let before = app.state.records.checkpoint().expect("a checkpoint");
    let citizen = forget_one(&official);
    assert_whole(&app.state.records.store);
    let store = &app.state.records.store;
    let entries = store.read(|conn| audit::entries(conn, 0, 200)).expect("entries");
    assert!(entries.iter().all(|entry| entry.subject.as_deref() != Some(&citizen)));
    let blank: Vec<_> = entries.iter().filter(|entry| entry.subject.is_none()).collect();
    let said: Vec<_> = blank.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(said, ["citizen.added", "evidence.added", "record.erased"]);
    assert!(blank[..2].iter().all(|entry| entry.salt.is_none() && entry.actor == "official:official"));
    // Checkpoints from before it still hold.
    let dir = app.dir.clone();
    drop(app);
    let file = dir.path().join("before.txt");
    std::fs::write(&file, before).expect("written");
    let checked = verify_command::run(&dir, &["--checkpoint", file.to_str().expect("a path")], "en");
    assert_eq!(checked.0, 0, "{}", checked.1);
}

fn erasure_leaves_what_others_share_committed_to(on: Database) {
    let dir = TempDir::on(on);
    let store = open(&dir);
    let household = "01938f6e-0000-7000-8000-00000000000b";
    store
        .write(|conn| {
            let now = "2026-01-14 01:02:03";
            execute(conn, &format!("INSERT INTO households VALUES ('{household}', '00166', '{now}')"))?;
            let entry = Entry { actor: "test", action: "citizen.added", subject: "somebody", receipt: None };
            audit::append(conn, entry.touching(&[(Table::Households, household)]), Utc::now())?;
            audit::erase(conn, "test", &[], &["somebody"], &[], Utc::now())?;
            audit::erase(conn, "test", &[], &["nobody"], &[], Utc::now())
        })
        .expect("erased");
    assert_whole(&store);
    // It covers up no earlier change.
    store.write(|conn| execute(conn, "UPDATE households SET unit = '00256'")).expect("spoiled");
    let report = store.read(|conn| verify(conn, &store)).expect("read");
    assert_eq!(kinds(&report), [Kind::RowChanged]);
}

fn a_clock_set_back_leaves_the_order_as_it_was(on: Database) {
    let dir = TempDir::on(on);
    let store = open(&dir);
    let now = Utc::now();
    for (number, minutes) in [0, 1, -90, -89, 2].into_iter().enumerate() {
        let subject = number.to_string();
        let entry = Entry { actor: "test", action: "test.done", subject: &subject, receipt: None };
        let at = now + TimeDelta::minutes(minutes);
        store.write(|conn| audit::append(conn, entry, at)).expect("an entry");
    }
    let report = store.read(|conn| verify(conn, &store)).expect("read");
    assert!(report.is_clean(), "{:?}", report.findings);
    assert_eq!(report.clock_back, [3]);
    let entries = store.read(|conn| audit::entries(conn, 0, 10)).expect("entries");
    let subjects: Vec<_> = entries.iter().filter_map(|entry| entry.subject.as_deref()).collect();
    assert_eq!(subjects, ["0", "1", "2", "3", "4"]);
}

fn writers_side_by_side_leave_no_gap(on: Database) {
    let dir = TempDir::on(on);
    drop(open(&dir));
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let store = open(&dir);
            scope.spawn(move || {
                for number in 0..25 {
                    let subject = format!("{writer}-{number}");
                    let entry =
                        Entry { actor: "test", action: "test.done", subject: &subject, receipt: None };
                    store.write(|conn| audit::append(conn, entry, Utc::now())).expect("an entry");
                }
            });
        }
    });
    let store = open(&dir);
    assert_whole(&store);
    assert_eq!(store.read(audit::size).expect("its size"), 100);
}

fn a_failed_act_leaves_no_leaf(on: Database) {
    let dir = TempDir::on(on);
    let store = open(&dir);
    let entry = Entry { actor: "test", action: "test.done", subject: "1", receipt: None };
    let failed: Result<(), StoreError> = store.write(|conn| {
        audit::append(conn, entry, Utc::now())?;
        Err(StoreError::Busy)
    });
    assert!(failed.is_err());
    assert_eq!(store.read(audit::size).expect("its size"), 0);
    store.write(|conn| audit::append(conn, entry, Utc::now())).expect("an entry");
    assert_whole(&store);
}

fn a_database_with_the_earlier_chain_is_taken_over(on: Database) {
    let dir = Arc::new(TempDir::on(on));
    {
        let app = TestApp::in_dir(dir.clone(), |_| {});
        app.official().citizen("Nguyễn Văn Mẫu", "001080000001", "1980");
    }
    let store = open(&dir);
    let chain = "INSERT INTO audit_chain (seq, recorded_at, actor, action, subject, receipt, salt, previous, hash) \
                 SELECT seq, recorded_at, actor, action, subject, receipt, salt, 'a', 'b' FROM audit_entries \
                 WHERE action = 'citizen.added'";
    let emptied = ["audit_rows", "audit_entries", "audit_checkpoints", "audit_keys"];
    store
        .write(|conn| {
            execute(conn, chain)?;
            for table in emptied {
                execute(conn, &format!("DELETE FROM {table}"))?;
            }
            Ok::<_, StoreError>(())
        })
        .expect("as it was");
    let report = store.read(|conn| verify(conn, &store)).expect("read");
    assert!(kinds(&report).contains(&Kind::RowUnknown), "{:?}", report.findings);
    for _ in 0..2 {
        store.write(|conn| audit::take_over_chain(conn, Utc::now())).expect("taken over");
    }
    assert_whole(&store);
    let entries = store.read(|conn| audit::entries(conn, 0, 10)).expect("entries");
    let said: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
    let [first, others @ ..] = said.as_slice() else { panic!("an empty log") };
    assert_eq!(*first, "citizen.added");
    // One a table that had rows.
    assert!(others.len() >= 2 && others.iter().all(|action| *action == "log.taken_over"), "{others:?}");
}
