//! Citizens, documents and decisions; and that nobody reads them off the disk.

use an_sinh::decisions::receipt;
use serde_json::{Value, json};

use crate::{
    audit::assert_whole,
    helpers::{Database, TempDir, TestApp},
    people::{Session, text},
};

crate::on_each_database![
    a_citizen_is_added_found_read_and_corrected,
    everything_wrong_with_a_citizen_is_told_at_once,
    a_number_stands_on_one_record,
    a_repeated_request_is_carried_out_once,
    ten_at_once_with_one_key_make_one_record,
    documents_are_checked_by_the_vocabulary,
    a_decision_is_made_from_what_is_valid_that_day_and_kept,
    pages_of_a_search_follow_each_other,
    the_disk_holds_no_name_number_birth_date_or_fact,
    papers_lay_over_each_other_fact_by_fact,
];

fn full() -> Value {
    json!({ "name": "Nguyễn Thị Ánh Mẫu", "personal_id": "001180000001", "born_on": "1980-05-02", "sex": "female",
            "residence": "permanent", "citizenship": "vietnamese" })
}

fn a_citizen_is_added_found_read_and_corrected(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let added = official.create("/v1/citizens", &full());
    assert_eq!(added.status, 201, "{added:?}");
    let citizen = added.json();
    let path = format!("/v1/citizens/{}", text(&citizen, "id"));
    assert_eq!((added.header("location"), added.header("etag")), (path.as_str(), "\"1\""));
    assert_eq!((&citizen["unit"], &citizen["warnings"]), (&json!("00166"), &json!([])));
    for (name, value) in full().as_object().expect("members") {
        assert_eq!(&citizen[name], value);
    }
    let read = official.get(&path);
    assert_eq!((read.json(), read.header("etag")), (citizen.clone(), "\"1\""));

    for (search, finds) in [
        (json!({ "name": "NGUYEN THI ANH MAU" }), 1),
        (json!({ "name": "  nguyễn thị  ánh mẫu", "birth_year": 1980 }), 1),
        (json!({ "personal_id": "001180000001" }), 1),
        (json!({ "name": "nguyen thi anh mau", "personal_id": "001180000001" }), 1),
        (json!({ "name": "nguyen thi anh mau", "birth_year": 1981 }), 0),
        (json!({ "name": "nguyen thi anh" }), 0),
        (json!({ "personal_id": "001180000002" }), 0),
        (json!({ "name": "' OR 1=1 --" }), 0),
    ] {
        let page = official.post("/v1/citizens/search", &search).json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(finds), "{search}: {page}");
        assert_eq!(page["next_cursor"], Value::Null);
    }

    let patch = |etag: Option<&str>, change: Value| {
        let headers: Vec<_> = etag.iter().map(|etag| ("if-match", *etag)).collect();
        official.send("PATCH", &path, &headers, Some(&change))
    };
    patch(None, json!({ "sex": "male" })).problem(428, "precondition_required");
    patch(Some("\"7\""), json!({ "sex": "male" })).problem(412, "precondition_failed");
    patch(Some("W/\"1\""), json!({ "sex": "male" })).problem(412, "precondition_failed");
    let findings = patch(Some("\"1\""), json!({ "name": null, "sex": "man", "unit": "00256" })).findings();
    assert_eq!(findings, ["missing_field at /name", "unknown_value at /sex", "unknown_field at /unit"]);
    let changed = patch(Some("\"1\""), json!({ "name": "Nguyễn Thị Mới", "sex": null, "born_on": "1981" }));
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{changed:?}");
    assert_eq!(changed.json()["sex"], Value::Null);
    assert_eq!(changed.json()["warnings"][0]["code"], "year_mismatch");
    let found = official.post("/v1/citizens/search", &json!({ "name": "nguyen thi moi" })).json();
    assert_eq!(found["items"][0]["id"], citizen["id"]);
    let gone = official.post("/v1/citizens/search", &json!({ "name": "nguyen thi anh mau" })).json();
    assert_eq!(gone["items"], json!([]));
}

fn everything_wrong_with_a_citizen_is_told_at_once(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let body = json!({ "nam": "A", "personal_id": "003180000001", "born_on": "2026-02-30", "sex": "femal",
                       "residence": 1, "unit": "00256", "household_id": "x" });
    assert_eq!(
        official.create("/v1/citizens", &body).findings(),
        [
            "missing_field at /name",
            "personal_id_birthplace_code at /personal_id",
            "invalid_date at /born_on",
            "unknown_value at /sex",
            "wrong_type at /residence",
            "unit_out_of_reach at /unit",
            "invalid_id at /household_id",
            "unknown_field at /nam",
        ]
    );
    for (member, value, code) in [
        ("personal_id", json!("00118000001"), "personal_id_format"),
        ("personal_id", json!("001480000001"), "personal_id_century"),
        ("personal_id", json!("001227000001"), "personal_id_future_year"),
        ("personal_id", json!(1), "wrong_type"),
        ("born_on", json!("2026-01-15"), "out_of_range"),
        ("born_on", json!("1890"), "out_of_range"),
        ("name", json!("  "), "invalid_text"),
        ("name", json!("123"), "invalid_text"),
        ("name", json!("a\u{0}b"), "invalid_text"),
        ("name", json!("a".repeat(201)), "invalid_text"),
        ("unit", json!("99999"), "unknown_unit"),
        ("household_id", json!("01938f6e-0000-7000-8000-000000000001"), "unknown_household"),
    ] {
        let mut body = full();
        body[member] = value;
        let reply = official.create("/v1/citizens", &body);
        assert_eq!(reply.findings(), [format!("{code} at /{member}")], "{body}");
        assert!(!reply.text().contains("001480000001"), "a number is not repeated");
    }
    official.create("/v1/citizens", &json!([])).problem(422, "invalid_body");
    // A foreigner's number has another structure, of which nothing is published.
    let mut foreign = full();
    (foreign["citizenship"], foreign["personal_id"]) = (json!("foreign"), json!("999999999999"));
    assert_eq!(official.create("/v1/citizens", &foreign).status, 201);
    for path in [
        "/v1/citizens/001180000001",
        "/v1/citizens/x",
        "/v1/citizens/%27",
        "/v1/citizens/01938f6e-0000-7000-8000-000000000001",
    ] {
        let reply = official.get(path);
        reply.problem(404, "citizen_not_found");
        assert!(!reply.text().contains("001180000001"));
    }
}

fn a_number_stands_on_one_record(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    assert_eq!(official.create("/v1/citizens", &full()).status, 201);
    official.create("/v1/citizens", &full()).problem(409, "personal_number_taken");
    let other = json!({ "name": "Trần Văn Mẫu" });
    assert_eq!(official.create("/v1/citizens", &other).status, 201);
    assert_eq!(
        official.create("/v1/citizens", &other).status,
        201,
        "two people may have one name and no number"
    );
}

fn a_repeated_request_is_carried_out_once(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let send = |key: &str, body: &Value| {
        official.send("POST", "/v1/citizens", &[("idempotency-key", key)], Some(body))
    };
    let first = send("a", &full());
    let second = send("a", &full());
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.bytes, second.bytes);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), ("", "true"));
    // The order of members is no difference; a value is.
    let reordered: Value = {
        let mut members: Vec<_> = full().as_object().expect("members").clone().into_iter().collect();
        members.reverse();
        members.into_iter().collect::<serde_json::Map<_, _>>().into()
    };
    assert_eq!(send("a", &reordered).header("idempotency-replayed"), "true");
    send("a", &json!({ "name": "Trần Văn Mẫu" })).problem(422, "idempotency_key_reused");
    official.post("/v1/citizens", &full()).problem(400, "idempotency_key_required");
    send("", &full()).problem(400, "idempotency_key_required");
    send(&"k".repeat(256), &full()).problem(400, "idempotency_key_required");
    // A refused request is not kept: the key stays free.
    send("b", &json!({ "name": 1 })).problem(422, "invalid_body");
    assert_eq!(send("b", &json!({ "name": "Trần Văn Mẫu" })).status, 201);
    // Another caller's key of the same name is another key, and a restart forgets none.
    let all = an_sinh::access::Scope::ALL;
    let city = app.sign_in(an_sinh::access::AccountKind::Client, "city", None, all);
    let body = json!({ "name": "Lê Văn Mẫu", "unit": "00166" });
    let reply = city.send("POST", "/v1/citizens", &[("idempotency-key", "a")], Some(&body));
    assert_eq!((reply.status, reply.header("idempotency-replayed")), (201, ""));
    let app = app.restart();
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    let again = official.send("POST", "/v1/citizens", &[("idempotency-key", "a")], Some(&full()));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.bytes, first.bytes);
}

fn ten_at_once_with_one_key_make_one_record(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let replies: Vec<u16> = std::thread::scope(|scope| {
        let send =
            || official.send("POST", "/v1/citizens", &[("idempotency-key", "k")], Some(&full())).status;
        let threads: Vec<_> = (0..10).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a reply")).collect()
    });
    assert!(replies.iter().all(|status| [201, 409].contains(status)), "{replies:?}");
    assert!(replies.contains(&201));
    let found = official.post("/v1/citizens/search", &json!({ "personal_id": "001180000001" })).json();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
}

fn documents_are_checked_by_the_vocabulary(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let path = format!("/v1/citizens/{citizen}/evidence");
    let body = json!({ "kind": "poverty_lists", "valid_from": "2026-02-01", "valid_to": "2026-01-01",
        "facts": { "person": { "born_on": "1980", "employment": "contrakt" }, "household": { "poverty": "poor", "unit": "00166" } } });
    assert_eq!(
        official.create(&path, &body).findings(),
        [
            "unknown_value at /kind",
            "ends_before_it_begins at /valid_to",
            "unknown_value at /facts/person/employment",
            "own_fact at /facts/person/born_on",
            "unknown_field at /facts/household/poverty",
            "own_fact at /facts/household/unit",
        ]
    );
    let empty = json!({ "kind": "other", "facts": {} });
    assert_eq!(
        official.create(&path, &empty).findings(),
        ["missing_field at /valid_from", "missing_field at /facts/person"]
    );
    let good = json!({ "kind": "disability_certificate", "number": "GXN 1", "issuer": "UBND phường", "issued_on": "2023-05-16",
        "facts": { "person": { "disability": { "severity": "severe", "kind": "vision", "certificate": true } } } });
    let added = official.create(&path, &good);
    assert_eq!(added.status, 201, "{added:?}");
    let document = added.json();
    assert_eq!((&document["valid_from"], &document["valid_to"]), (&json!("2023-05-16"), &Value::Null));
    assert_eq!(document["facts"]["person"]["disability"]["severity"], "severe");
    assert_eq!(official.get(&path).json()["items"], json!([document]));
}

fn document(official: &Session<'_>, citizen: &str, body: &Value) -> String {
    let reply = official.create(&format!("/v1/citizens/{citizen}/evidence"), body);
    assert_eq!(reply.status, 201, "{reply:?}");
    text(&reply.json(), "id")
}

fn a_decision_is_made_from_what_is_valid_that_day_and_kept(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.create("/v1/citizens", &full()).json();
    let (id, household) = (text(&citizen, "id"), text(&citizen, "household_id"));
    let partner = json!({ "name": "Trần Văn Mẫu", "household_id": household });
    let partner = text(&official.create("/v1/citizens", &partner).json(), "id");
    let declared = document(
        &official,
        &id,
        &json!({ "kind": "declaration", "issued_on": "2025-12-01",
        "facts": { "person": { "employment": "none", "ethnic_minority": false } } }),
    );
    let contract = document(
        &official,
        &id,
        &json!({ "kind": "employment_contract", "issued_on": "2025-09-01", "valid_to": "2026-06-30",
        "facts": { "person": { "employment": "contract" } } }),
    );
    let list = document(
        &official,
        &partner,
        &json!({ "kind": "poverty_list", "issued_on": "2025-12-20", "valid_from": "2026-01-01", "valid_to": "2026-12-31",
        "facts": { "person": { "veteran": true }, "household": { "poverty_status": "near_poor" } } }),
    );

    let path = format!("/v1/citizens/{id}/decisions");
    let decide = |as_of: &str| {
        official
            .create(&path, &json!({ "as_of": as_of, "entitlements": ["free_transit"], "authority": "law" }))
    };
    let reply = decide("2026-01-14");
    assert_eq!(reply.status, 201, "{reply:?}");
    let decision = reply.json();
    let facts = &decision["facts"];
    assert_eq!((&facts["as_of"], &facts["authority"]), (&json!("2026-01-14"), &json!("law")));
    assert_eq!(facts["household"], json!({ "unit": "00166", "poverty_status": "near_poor" }));
    assert_eq!(
        facts["people"],
        json!([{ "id": id, "born_on": "1980-05-02", "sex": "female", "personal_id": "001180000001",
                 "citizenship": "vietnamese", "residence": "permanent", "employment": "contract", "ethnic_minority": false }])
    );
    assert_eq!(decision["evidence"], json!([declared, contract, list]));
    assert_eq!(decision["warnings"][0]["code"], "evidence_conflict");
    assert_eq!(decision["warnings"][0]["pointers"], json!(["/facts/person/employment"]));
    let policy = app.state.policy();
    assert_eq!(
        decision["policy"],
        json!({ "id": policy.id(), "version": policy.version(), "digest": policy.digest() })
    );
    assert_eq!(decision["receipt"], receipt(facts, &decision["result"], policy.digest()));
    assert_eq!((&decision["decided_by"], &decision["unit"]), (&json!("official:official"), &json!("00166")));
    assert_eq!(reply.header("location"), format!("/v1/decisions/{}", text(&decision, "id")));

    // A paper goes before a later declaration, to its last day.
    let later = decide("2026-07-01").json();
    assert_eq!(later["facts"]["people"][0]["employment"], "none");
    assert_eq!(later["warnings"], json!([]));

    // What is kept does not follow the record.
    let kept = format!("/v1/decisions/{}", text(&decision, "id"));
    let change = json!({ "name": "Nguyễn Thị Khác" });
    let changed =
        official.send("PATCH", &format!("/v1/citizens/{id}"), &[("if-match", "\"1\"")], Some(&change));
    assert_eq!(changed.status, 200);
    assert_eq!(official.get(&kept).json(), decision);

    let wrong = json!({ "as_of": "2026-13-01", "authority": "plans", "entitlement": [] });
    assert_eq!(
        official.create(&path, &wrong).findings(),
        ["invalid_date at /as_of", "unknown_value at /authority", "unknown_field at /entitlement"]
    );
    official.get("/v1/decisions/x").problem(404, "decision_not_found");
    let store = &app.state.records.store;
    assert_whole(store);

    let app = app.restart();
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    assert_eq!(official.get(&kept).json(), decision, "a restart changes nothing");
}

fn pages_of_a_search_follow_each_other(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    for number in 1..=5 {
        official.citizen("Nguyễn Văn Mẫu", &format!("00108000000{number}"), "1980");
    }
    let (mut seen, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let search = json!({ "name": "nguyễn văn mẫu", "limit": 2, "cursor": cursor });
        let page = official.post("/v1/citizens/search", &search).json();
        seen.extend(page["items"].as_array().expect("items").iter().map(|item| text(item, "personal_id")));
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    let all: Vec<String> = (1..=5).map(|number| format!("00108000000{number}")).collect();
    assert_eq!(seen, all);
    let wrong = json!({ "birth_year": "1980", "limit": 201, "cursor": "x" });
    assert_eq!(
        official.post("/v1/citizens/search", &wrong).findings(),
        [
            "out_of_range at /birth_year",
            "out_of_range at /limit",
            "invalid_cursor at /cursor",
            "missing_field at /name"
        ]
    );
}

fn the_disk_holds_no_name_number_birth_date_or_fact(on: Database) {
    let app = TestApp::on(on);
    // The law is kept with the decision, unsealed, and speaks of disability: this one does not.
    let dir = TempDir::new();
    let law = crate::packs::write(&dir, "law", 1_000);
    app.state.replace_policy(an_sinh::policy::Policy::from_folder(&law).expect("a pack"));
    let official = app.official();
    let citizen = official.create("/v1/citizens", &full()).json();
    let id = text(&citizen, "id");
    document(
        &official,
        &id,
        &json!({ "kind": "disability_certificate", "number": "GXN-7391", "issuer": "UBND phường Mẫu", "issued_on": "2023-05-16",
        "facts": { "person": { "disability": { "severity": "exceptionally_severe" } } } }),
    );
    official.create(&format!("/v1/citizens/{id}/decisions"), &json!({}));
    let card = crate::cards::card_for(&official, &id);
    official.post(&format!("/v1/cards/{card}/suspend"), &json!({ "reason": "Báo mất thẻ ở bến xe" }));

    let secrets = [
        "Nguyễn Thị Ánh Mẫu",
        "nguyen thi anh mau",
        "Ánh",
        "001180000001",
        "1980-05-02",
        "female",
        "GXN-7391",
        "UBND phường Mẫu",
        "exceptionally_severe",
        "disability",
        "bến xe",
        crate::people::SECRET,
    ];
    let kept = app.dir.all_that_is_kept();
    assert!(kept.len() >= 3, "the database, its log and the key file; or the tables of a server");
    for (place, bytes) in kept {
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{place} holds {secret}");
        }
    }
    if on == Database::Postgres {
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    let key = std::fs::metadata(app.dir.path().join("an-sinh.key")).expect("a key file");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

/// A paper that leaves a fact out takes nothing away from one that proves it, and one that proves nothing is refused.
fn papers_lay_over_each_other_fact_by_fact(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = text(&official.create("/v1/citizens", &full()).json(), "id");
    let path = format!("/v1/citizens/{citizen}/evidence");
    let paper = |from: &str, facts: Value| json!({ "kind": "disability_certificate", "valid_from": from, "facts": facts });
    let decide = || {
        let asked = json!({ "as_of": "2026-01-14", "entitlements": ["free_transit"] });
        let reply = official.create(&format!("/v1/citizens/{citizen}/decisions"), &asked);
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["result"]["people"][0]["decisions"][0]["outcome"].clone()
    };
    let first = paper("2025-01-01", json!({ "person": { "disability": { "severity": "severe" } } }));
    assert_eq!(official.create(&path, &first).status, 201);
    assert_eq!(decide(), "entitled");
    let second = paper("2025-06-01", json!({ "person": { "disability": { "certificate": true } } }));
    assert_eq!(official.create(&path, &second).status, 201);
    assert_eq!(decide(), "entitled");
    for nothing in
        [json!({ "person": { "disability": {} } }), json!({ "household": { "poverty_status": null } })]
    {
        let reply = official.create(&path, &paper("2025-07-01", nothing));
        assert_eq!(reply.status, 422, "{reply:?}");
    }
    let mut tomorrow = paper("2025-07-01", json!({ "person": { "disability": { "severity": "none" } } }));
    tomorrow["issued_on"] = "2026-01-15".into();
    let reply = official.create(&path, &tomorrow);
    assert_eq!((reply.status, &reply.json()["errors"][0]["code"]), (422, &json!("date_in_future")));
}
