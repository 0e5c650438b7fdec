//! What becomes of records in the course of lives: nothing is overwritten, and facts of a day are those of that day.

use serde_json::{Value, json};

use crate::{
    audit::assert_whole,
    helpers::{Database, Reply, TestApp},
    people::{OTHER_WARD, Session, text},
};

crate::on_each_database![
    what_was_known_stays_readable,
    a_new_number_leaves_the_old_one_behind,
    a_household_is_that_of_the_day,
    two_records_of_one_person_become_one,
    a_document_is_replaced_or_withdrawn_and_not_lost,
    words_of_a_name_find_people_of_a_unit,
];

/// A change of a record at the version it has now.
fn change(official: &Session<'_>, path: &str, change: &Value) -> Reply {
    let etag = official.get(path).header("etag").to_owned();
    official.send("PATCH", path, &[("if-match", &etag)], Some(change))
}

/// A step with a record at the version it has now.
fn step(official: &Session<'_>, citizen: &str, step: &str, body: &Value) -> Reply {
    let path = format!("/v1/citizens/{citizen}");
    let etag = official.get(&path).header("etag").to_owned();
    let headers = [("if-match", etag.as_str()), ("idempotency-key", &format!("{step} {body} {etag}"))];
    official.send("POST", &format!("{path}/{step}"), &headers, Some(body))
}

fn facts(official: &Session<'_>, citizen: &str, query: &str) -> Value {
    let reply = official.get(&format!("/v1/citizens/{citizen}/facts{query}"));
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn what_was_known_stays_readable(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980");
    let path = format!("/v1/citizens/{citizen}");
    let before = text(&official.get(&path).json(), "updated_at");
    assert_eq!(change(&official, &path, &json!({ "born_on": "1980-05-02" })).status, 200);
    let dead = change(&official, &path, &json!({ "died_on": "2026-01-10" })).json();
    assert_eq!((&dead["died_on"], &dead["version"]), (&json!("2026-01-10"), &json!(3)));
    let early = change(&official, &path, &json!({ "died_on": "1979-01-01" }));
    assert_eq!(early.findings(), ["out_of_range at /died_on"]);
    let late = change(&official, &path, &json!({ "died_on": "2026-01-15" }));
    assert_eq!(late.findings(), ["date_in_future at /died_on"]);

    let versions = official.get(&format!("{path}/versions")).json();
    let born: Vec<&Value> = (0..3).map(|at| &versions["items"][at]["person"]["born_on"]).collect();
    assert_eq!(born, ["1980", "1980-05-02", "1980-05-02"]);
    assert_eq!(versions["items"][0]["recorded_by"], "official:official");
    let known =
        facts(&official, &citizen, &format!("?on=2026-01-14&known_at={}", before.replace('+', "%2B")));
    assert_eq!((&known["person"]["born_on"], known["person"].get("died_on")), (&json!("1980"), None));
    assert_eq!(facts(&official, &citizen, "")["person"]["died_on"], "2026-01-10");
    official.get(&format!("{path}/facts?known_at=2020-01-01T00:00:00Z")).problem(404, "citizen_not_found");
    official.get(&format!("{path}/facts?on=yesterday")).problem(400, "bad_request");
    assert_whole(&app.state.records.store);
}

fn a_new_number_leaves_the_old_one_behind(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let path = format!("/v1/citizens/{citizen}");
    let found = |number: &str| {
        let page = official.post("/v1/citizens/search", &json!({ "personal_id": number })).json();
        page["items"].as_array().expect("a page").iter().map(|item| text(item, "id")).collect::<Vec<_>>()
    };
    // A slip of the keyboard: the wrong number is let go.
    assert_eq!(change(&official, &path, &json!({ "personal_id": "001180000002" })).status, 200);
    assert!(found("001180000001").is_empty());
    let given_up = json!({ "personal_id": "001180000003", "old_number": "given_up" });
    assert_eq!(change(&official, &path, &given_up).status, 200);
    for number in ["001180000002", "001180000003"] {
        assert_eq!(found(number), std::slice::from_ref(&citizen), "{number}");
    }
    let other = json!({ "name": "Nguyễn Thị Khác", "personal_id": "001180000002" });
    official.create("/v1/citizens", &other).problem(409, "personal_number_taken");
    assert_eq!(official.citizen("Nguyễn Thị Khác", "001180000001", "1980").len(), 36);
    // Its own holder may take it up again.
    assert_eq!(change(&official, &path, &json!({ "personal_id": "001180000002" })).status, 200);
    assert_whole(&app.state.records.store);
}

fn a_household_is_that_of_the_day(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let mother = official.citizen("Nguyễn Thị Mẹ", "001180000001", "1980-05-02");
    let home = text(&official.get(&format!("/v1/citizens/{mother}")).json(), "household_id");
    let child = official.create("/v1/citizens", &json!({ "name": "Trần Con", "household_id": home })).json();
    let child = text(&child, "id");
    let list = json!({ "kind": "poverty_list", "valid_from": "2026-01-01",
                       "facts": { "household": { "poverty_status": "near_poor", "list_year": 2026 } } });
    assert_eq!(official.create(&format!("/v1/citizens/{mother}/evidence"), &list).status, 201);

    assert_eq!(
        step(&official, &child, "moves", &json!({ "on": "2026-02-30", "unit": "1" })).findings(),
        ["invalid_date at /on", "unknown_unit at /unit"]
    );
    let moved = step(&official, &child, "moves", &json!({ "on": "2026-01-10" }));
    assert_eq!(moved.status, 201, "{moved:?}");
    let new_home = text(&moved.json(), "household_id");
    assert_ne!(new_home, home);
    assert_eq!(facts(&official, &child, "?on=2026-01-09")["household"]["poverty_status"], "near_poor");
    assert_eq!(facts(&official, &child, "?on=2026-01-10")["household"].get("poverty_status"), None);
    let members = |day: &str| {
        let household = official.get(&format!("/v1/households/{home}?on={day}")).json();
        household["members"].as_array().expect("members").len()
    };
    assert_eq!((members("2026-01-09"), members("2026-01-10")), (2, 1));

    // Into another unit: the record is no longer theirs to see.
    let stale = [("if-match", "\"1\""), ("idempotency-key", "k")];
    let path = format!("/v1/citizens/{child}/moves");
    let away = json!({ "on": "2026-01-12", "unit": OTHER_WARD });
    official.send("POST", &path, &stale, Some(&away)).problem(412, "precondition_failed");
    assert_eq!(step(&official, &child, "moves", &away).status, 201);
    official.get(&format!("/v1/citizens/{child}")).problem(404, "citizen_not_found");
    official.get("/v1/households/01938f6e-0000-7000-8000-000000000001").problem(404, "household_not_found");
    assert_whole(&app.state.records.store);
}

fn two_records_of_one_person_become_one(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let kept = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let duplicate = official.citizen("Nguyễn Thị Mẫu", "001180000002", "1980");
    let paper = json!({ "kind": "disability_certificate", "issued_on": "2023-05-16",
                        "facts": { "person": { "disability": { "severity": "severe" } } } });
    assert_eq!(official.create(&format!("/v1/citizens/{duplicate}/evidence"), &paper).status, 201);
    let same = step(&official, &kept, "merges", &json!({ "duplicate_id": kept }));
    assert_eq!(same.findings(), ["same_record at /duplicate_id"]);
    let merged = step(&official, &kept, "merges", &json!({ "duplicate_id": duplicate }));
    assert_eq!(merged.status, 201, "{merged:?}");
    assert_eq!(merged.json()["personal_id"], "001180000001");
    assert_eq!(facts(&official, &kept, "")["person"]["disability"]["severity"], "severe");
    let found = official.post("/v1/citizens/search", &json!({ "personal_id": "001180000002" })).json();
    assert_eq!(found["items"][0]["id"], kept.as_str());
    // What was merged can be read but no longer written to.
    let path = format!("/v1/citizens/{duplicate}");
    assert_eq!(official.get(&format!("{path}/versions")).json()["merged_into"], kept.as_str());
    change(&official, &path, &json!({ "sex": "female" })).problem(409, "record_merged");
    official.create(&format!("{path}/evidence"), &paper).problem(409, "record_merged");
    official.create(&format!("{path}/decisions"), &json!({})).problem(409, "record_merged");
    step(&official, &duplicate, "merges", &json!({ "duplicate_id": kept })).problem(409, "record_merged");
    assert_whole(&app.state.records.store);
}

fn a_document_is_replaced_or_withdrawn_and_not_lost(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let path = format!("/v1/citizens/{citizen}/evidence");
    let paper = |severity: &str| {
        json!({ "kind": "disability_certificate", "issued_on": "2023-05-16", "scan": "kho/12",
                "facts": { "person": { "disability": { "severity": severity } } } })
    };
    let severity = |query: &str| {
        facts(&official, &citizen, query)["person"]["disability"]["severity"].as_str().map(str::to_owned)
    };
    let first = official.create(&path, &paper("mild")).json();
    let old = format!("{path}/{}", text(&first, "id"));
    let second = official.create(&format!("{old}/replacement"), &paper("severe"));
    assert_eq!(second.status, 201, "{second:?}");
    let second = second.json();
    assert_eq!(severity("").as_deref(), Some("severe"));
    let then = text(&first, "recorded_at").replace('+', "%2B");
    assert_eq!(severity(&format!("?known_at={then}")).as_deref(), Some("mild"), "as it was known then");
    official.create(&format!("{old}/replacement"), &paper("mild")).problem(404, "evidence_not_found");
    let withdrawal = format!("{path}/{}/withdrawal", text(&second, "id"));
    assert_eq!(official.create(&withdrawal, &json!({})).findings(), ["missing_field at /reason"]);
    let gone = official.create(&withdrawal, &json!({ "reason": "Nhập nhầm hồ sơ" })).json();
    assert_eq!(gone["end"]["reason"], "Nhập nhầm hồ sơ");
    assert_eq!(severity(""), None);
    let all = official.get(&path).json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2), "both stay on record");
    assert_eq!(all["items"][0]["end"]["replaced_by"], second["id"]);
    assert_whole(&app.state.records.store);
}

fn words_of_a_name_find_people_of_a_unit(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    for (name, number) in [
        ("Nguyễn Thị Ánh", "001180000001"),
        ("Trần Văn Ánh", "001080000002"),
        ("Nguyễn Văn Bé", "001080000003"),
    ] {
        official.citizen(name, number, "1980");
    }
    for (words, finds) in [("anh", 2), ("ÁNH nguyen", 1), ("nguyen", 2), ("nguyen van", 1), ("an", 0)] {
        let page = official.post("/v1/citizens/search", &json!({ "words": words })).json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(finds), "{words}: {page}");
    }
    let first = official.post("/v1/citizens/search", &json!({ "words": "anh", "limit": 1 })).json();
    let cursor = text(&first, "next_cursor");
    let next = official.post("/v1/citizens/search", &json!({ "words": "anh", "limit": 1, "cursor": cursor }));
    assert_ne!(next.json()["items"][0]["id"], first["items"][0]["id"]);
    // Elsewhere the same words find nobody, and the whole city is not searched by words.
    let reviewer = app.sign_in(
        an_sinh::access::AccountKind::Client,
        "reviewer",
        None,
        &[an_sinh::access::Scope::CitizensRead],
    );
    let elsewhere =
        reviewer.post("/v1/citizens/search", &json!({ "words": "anh", "unit": OTHER_WARD })).json();
    assert_eq!(elsewhere["items"], json!([]));
    let findings = reviewer.post("/v1/citizens/search", &json!({ "words": "anh" })).findings();
    assert_eq!(findings, ["missing_field at /unit"]);
}
