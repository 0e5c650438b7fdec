//! Who read what, and why: every reading of a record is an entry of the audit log.

use an_sinh::audit::{self, AuditRow};
use serde_json::json;

use crate::{
    audit::assert_whole,
    cards::card_for,
    decisions::decide,
    helpers::{Database, TempDir, TestApp},
    people::{OTHER_WARD, text},
};

crate::on_each_database![
    every_reading_is_logged_with_its_purpose,
    where_nothing_can_be_logged_nothing_is_read,
    a_service_may_demand_the_purpose,
];

/// The acts of reading so far: action, subject, purpose, actor.
fn readings(app: &TestApp) -> Vec<(String, String, String, String)> {
    let entries: Vec<AuditRow> =
        app.state.records.store.read(|conn| audit::entries(conn, 0, 10_000)).expect("the log is read");
    entries
        .into_iter()
        .filter(|entry| ["record.read", "records.searched"].contains(&entry.action.as_str()))
        .map(|entry| {
            (entry.action, entry.subject.unwrap_or_default(), entry.purpose.unwrap_or_default(), entry.actor)
        })
        .collect()
}

fn every_reading_is_logged_with_its_purpose(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let decision = text(&decide(&official, &citizen, &json!({})), "id");
    let appeal = json!({ "filed_on": "2026-01-14", "grounds": "thử" });
    let appeal = official.create(&format!("/v1/decisions/{decision}/appeals"), &appeal).json();
    let appeal = text(&appeal, "id");
    let card = card_for(&official, &citizen);
    assert_eq!(readings(&app), [], "writing is no reading");

    let reads = [
        (format!("/v1/citizens/{citizen}"), &citizen),
        (format!("/v1/citizens/{citizen}/evidence"), &citizen),
        (format!("/v1/citizens/{citizen}/decisions"), &citizen),
        (format!("/v1/decisions/{decision}"), &decision),
        (format!("/v1/decisions/{decision}/replay"), &decision),
        (format!("/v1/decisions/{decision}/notice?format=html"), &decision),
        (format!("/v1/decisions/{decision}/appeals"), &decision),
        (format!("/v1/appeals/{appeal}"), &appeal),
        (format!("/v1/cards/{card}"), &card),
    ];
    let by = "official:official";
    let entry = |action: &str, subject: &str, purpose: &str| {
        (action.to_owned(), subject.to_owned(), purpose.to_owned(), by.to_owned())
    };
    let purposes = ["casework", "citizen_request", "supervision", "appeal"];
    let mut expected = Vec::new();
    for (at, (path, subject)) in reads.iter().enumerate() {
        assert_eq!(official.get(path).status, 200, "{path}");
        expected.push(entry("record.read", subject, "unstated"));
        let purpose = purposes[at % purposes.len()];
        let reply = official.send("GET", path, &[("an-sinh-purpose", purpose)], None);
        assert_eq!(reply.status, 200, "{path}");
        expected.push(entry("record.read", subject, purpose));
        for wrong in ["research", "research_forbidden", "unstated", "", "casework, appeal", "Casework"] {
            let reply = official.send("GET", path, &[("an-sinh-purpose", wrong)], None);
            let problem = reply.problem(400, "purpose_unknown");
            assert!(text(&problem, "detail").contains("casework (giải quyết hồ sơ), citizen_request ("));
        }
    }
    assert_eq!(readings(&app), expected, "each reading once, what was refused not at all");

    // A client that holds the version is told so, and has read all the same.
    let notice = &reads[5].0;
    let tag = official.get(notice).header("etag").to_owned();
    let held = official.send("GET", notice, &[("if-none-match", &tag)], None);
    assert_eq!(held.status, 304);
    expected
        .extend([entry("record.read", &decision, "unstated"), entry("record.read", &decision, "unstated")]);

    // A search says how many were found, and names nobody.
    for (name, count) in [("nguyễn thị mẫu", 1), ("không có ai", 0)] {
        let headers = [("an-sinh-purpose", "casework")];
        let reply = official.send("POST", "/v1/citizens/search", &headers, Some(&json!({ "name": name })));
        assert_eq!(reply.json()["items"].as_array().map(Vec::len), Some(count));
        expected.push(entry("records.searched", &format!("found:{count}"), "casework"));
    }

    // What is not there, or lies in another unit, was not read.
    let scopes = an_sinh::access::Scope::ALL;
    let stranger = app.sign_in(an_sinh::access::AccountKind::Official, "stranger", Some(OTHER_WARD), scopes);
    for (path, _) in &reads {
        assert_eq!(stranger.get(path).status, 404, "{path}");
    }
    assert_eq!(official.get("/v1/citizens/01938f6e-0000-7000-8000-000000000001").status, 404);
    assert_eq!(readings(&app), expected);
    assert_whole(&app.state.records.store);
}

fn where_nothing_can_be_logged_nothing_is_read(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let path = format!("/v1/citizens/{citizen}");
    app.dir.execute("ALTER TABLE audit_entries RENAME TO aside");
    let reply = official.get(&path);
    assert_eq!(reply.status, 500);
    assert!(!reply.text().contains("Nguyễn"), "{reply:?}");
    let search = official.post("/v1/citizens/search", &json!({ "name": "nguyễn thị mẫu" }));
    assert!(search.status == 500 && !search.text().contains("Nguyễn"), "{search:?}");
    app.dir.execute("ALTER TABLE aside RENAME TO audit_entries");
    assert_eq!(official.get(&path).status, 200);
}

fn a_service_may_demand_the_purpose(on: Database) {
    let app = TestApp::in_dir(TempDir::on(on), |config| {
        config.require_purpose = true;
        config.today = chrono::NaiveDate::from_ymd_opt(2026, 1, 14);
    });
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let path = format!("/v1/citizens/{citizen}");
    let problem = official.get(&path).problem(400, "purpose_required");
    assert!(text(&problem, "detail").contains("casework (giải quyết hồ sơ), citizen_request ("), "{problem}");
    let search = json!({ "name": "nguyễn thị mẫu" });
    official.post("/v1/citizens/search", &search).problem(400, "purpose_required");
    assert_eq!(official.send("GET", &path, &[("an-sinh-purpose", "casework")], None).status, 200);
    // Whoever lacks a token or a scope learns that first.
    app.get(&path).problem(401, "unauthenticated");
    // Writing says what it does.
    assert_eq!(official.create(&format!("{path}/decisions"), &json!({})).status, 201);
    assert_eq!(readings(&app).len(), 1);
}
