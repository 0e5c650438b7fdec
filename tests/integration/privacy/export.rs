//! All that is kept about a person, in one document; held against the whole database.

use std::collections::BTreeSet;

use an_sinh::{
    access::{AccountKind, Role},
    audit::{self, Table},
    store::{StoreError, sealed},
};
use serde_json::Value;

use super::{COMPANION, KNOWN, Life, all_sealed, now};
use crate::{
    helpers::{Database, TestApp},
    people::{OTHER_WARD, text},
};

crate::on_each_database![
    an_export_holds_all_that_is_kept_about_a_person_and_nothing_of_others,
    an_export_is_logged_and_bound_to_the_unit,
];

/// Tables whose rows about a person are in the export.
const EXPORTED: [&str; 14] = [
    "appeal_outcomes",
    "appeals",
    "audit_entries",
    "card_steps",
    "cards",
    "citizen_merges",
    "citizen_versions",
    "citizens",
    "decisions",
    "evidence",
    "evidence_ends",
    "former_numbers",
    "memberships",
    "outbox_events",
];

/// Tables that may gain rows when things are recorded about a person, and why these are not in the export by themselves.
const ELSEWHERE: [(&str, &str); 6] = [
    ("audit_rows", "digests of rows"),
    ("citizen_words", "indexes of the name"),
    ("households", "an id and a unit, told with each stay"),
    ("idempotency_keys", "copies of answers"),
    ("policy_packs", "the law"),
    ("supersessions", "told with each decision"),
];

fn counts(app: &TestApp) -> Vec<(String, i64)> {
    let (tables, _) = app.dir.tables();
    tables.into_iter().map(|table| (table.clone(), app.dir.count(&table))).collect()
}

/// Texts and numbers in a value, however deep.
fn leaves(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| leaves(item, into)),
        Value::Object(members) => members.values().for_each(|member| leaves(member, into)),
        Value::String(text) => drop(into.insert(text.clone())),
        Value::Number(number) => drop(into.insert(number.to_string())),
        Value::Null | Value::Bool(_) => {}
    }
}

fn ids(app: &TestApp, table: Table) -> BTreeSet<String> {
    let ids = app.state.records.store.read(|conn| table.ids(conn, "", 10_000));
    ids.expect("ids").into_iter().collect()
}

fn an_export_holds_all_that_is_kept_about_a_person_and_nothing_of_others(on: Database) {
    let app = now(on);
    let store = &app.state.records.store;
    let official = app.official();
    let companion = official.citizen(COMPANION.0, COMPANION.1, "1980");
    let (tables, with_seal) = app.dir.tables();
    let listed: BTreeSet<String> = sealed::TABLES.iter().map(|table| (*table).to_owned()).collect();
    assert_eq!(with_seal, listed, "a table with a sealed column is not in store::sealed");
    let before: BTreeSet<(&str, String)> =
        all_sealed(store).into_iter().map(|value| (value.table, value.row)).collect();
    let rows_before = counts(&app);
    let told = [Table::Citizens, Table::Evidence, Table::Decisions, Table::Appeals, Table::Cards];
    let ids_before: Vec<BTreeSet<String>> = told.iter().map(|table| ids(&app, *table)).collect();

    let life = Life::lived(&app, &official, companion);
    let reply = official.get(&format!("/v1/citizens/{}/export", life.citizen));
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("cache-control"), "no-store");
    let export = reply.json();
    let mut shown = BTreeSet::new();
    leaves(&export, &mut shown);

    let mut seen = BTreeSet::new();
    for value in
        all_sealed(store).into_iter().filter(|value| !before.contains(&(value.table, value.row.clone())))
    {
        seen.insert(value.table);
        let mut open = value.open(store.vault()).expect("it opens");
        if value.table == "idempotency_keys" {
            open = open["body"].take();
            // Where a thing stood then: its steps tell.
            open.as_object_mut().expect("an answer").remove("status");
        }
        let mut told = BTreeSet::new();
        leaves(&open, &mut told);
        let missing: Vec<_> = told.difference(&shown).collect();
        assert!(missing.is_empty(), "the export lacks {missing:?} of {} {}", value.table, value.row);
    }
    for table in ["erasures", "audit_keys", "signing_keys"] {
        assert!(!seen.contains(table), "{table} is about no living person");
    }
    assert_eq!(seen.len(), with_seal.len() - 3, "nothing was recorded in some sealed table: {seen:?}");

    for ((table, rows), (_, earlier)) in counts(&app).into_iter().zip(rows_before) {
        let known = EXPORTED.contains(&table.as_str()) || ELSEWHERE.iter().any(|(other, _)| *other == table);
        assert!(known || rows == earlier, "{table} holds rows about a person: say where they are exported");
    }
    for table in EXPORTED.iter().chain(ELSEWHERE.iter().map(|(table, _)| table)) {
        assert!(tables.contains(*table), "there is no table {table}");
    }
    for (table, earlier) in told.iter().zip(ids_before) {
        let new = ids(&app, *table);
        let missing: Vec<_> = new.difference(&earlier).filter(|id| !shown.contains(*id)).collect();
        assert!(missing.is_empty(), "{missing:?} of {}", table.as_str());
    }
    for known in KNOWN.iter().filter(|known| !known.is_ascii() || !known.contains("Anh")) {
        assert!(shown.contains(*known), "{known}");
    }
    for others in [COMPANION.0, COMPANION.1, life.companion.as_str()] {
        assert!(!reply.text().contains(others), "{others} is somebody else");
    }
    let records = export["records"].as_array().expect("records");
    assert_eq!(records.len(), 2);
    assert_eq!(text(&records[0]["former_numbers"][0], "personal_id"), "001183000001");
    assert_eq!(text(&records[0]["former_numbers"][1], "personal_id"), "001183000003");
    assert_eq!(text(&records[1]["merged"], "by"), "official:official");
    assert_eq!(records[0]["households"].as_array().map(Vec::len), Some(2));
    assert_eq!(export["appeals"][0]["outcome"]["outcome"], "changed");
    assert_eq!(export["cards"][0]["history"].as_array().map(Vec::len), Some(3));
    let read = |act: &Value| act["action"] == "record.read" && act["purpose"] == "casework";
    let reads = export["acts"].as_array().expect("acts").iter().filter(|act| read(act)).count();
    assert_eq!(reads, 3, "who read the record, a decision, a card");
    for left_out in export["not_included"].as_array().expect("a list") {
        assert!(text(&left_out["text"], "vi") != text(&left_out["text"], "en"));
    }
    assert!(life.things.iter().all(|thing| shown.contains(thing)));
    official.get(&format!("/v1/citizens/{}/export", life.duplicate)).problem(409, "record_merged");
}

fn an_export_is_logged_and_bound_to_the_unit(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001183000001", "1980-05-02");
    let path = format!("/v1/citizens/{citizen}/export");
    let reply = official.send("GET", &path, &[("an-sinh-purpose", "citizen_request")], None);
    assert_eq!(reply.status, 200, "{reply:?}");
    let store = &app.state.records.store;
    let acts = store.read(|conn| -> Result<_, StoreError> { audit::entries(conn, 0, 1_000) }).expect("acts");
    let last = acts.last().expect("an act");
    let told = (last.action.as_str(), last.subject.as_deref(), last.purpose.as_deref());
    assert_eq!(told, ("record.exported", Some(citizen.as_str()), Some("citizen_request")));
    let stranger =
        app.sign_in(AccountKind::Official, "stranger", Some(OTHER_WARD), Role::WardOfficial.scopes());
    stranger.get(&path).problem(404, "citizen_not_found");
    let auditor = app.sign_in(AccountKind::Official, "auditor", None, Role::Auditor.scopes());
    auditor.get(&path).problem(403, "missing_scope");
    official.send("GET", &path, &[("an-sinh-purpose", "curiosity")], None).problem(400, "purpose_unknown");
    // The next one tells of this one.
    let again = official.get(&path).json();
    let acts = again["acts"].as_array().expect("acts");
    assert_eq!(text(acts.last().expect("an act"), "action"), "record.exported");
}
