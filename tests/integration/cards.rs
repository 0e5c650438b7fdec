//! The life of a card, from the decision it rests on to its revocation.

use an_sinh::{
    decisions::{self, receipt},
    store::{
        CitizenId, DecisionId,
        decisions::{Content, Decision},
    },
};
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::{
    audit::assert_whole,
    helpers::{Database, TestApp},
    people::{Session, WARD, text},
};

crate::on_each_database![
    a_card_goes_through_its_life,
    no_card_without_a_free_ride_by_law,
    the_term_follows_the_decision_and_an_expired_card_makes_room,
];

/// Keeps a decision whose answer about free transit is given, as if the law had said so.
pub fn decision(app: &TestApp, citizen: &str, as_of: &str, transit: &Value) -> String {
    let mut transit = transit.clone();
    transit["entitlement"] = json!("free_transit");
    let facts = json!({ "as_of": as_of });
    let result = json!({ "as_of": as_of, "people": [{ "id": citizen, "decisions": [transit] }] });
    let decision = Decision {
        id: DecisionId::new(),
        citizen: CitizenId::parse(citizen).expect("an id"),
        unit: WARD.into(),
        as_of: as_of.parse::<NaiveDate>().expect("a date"),
        policy_id: "hanoi".into(),
        policy_version: "test".into(),
        policy_digest: "sha256:test".into(),
        receipt: receipt(&facts, &result, "sha256:test"),
        content: Content {
            facts,
            evidence: Vec::new(),
            facts_from: Vec::new(),
            warnings: Vec::new(),
            result,
        },
        supersedes: None,
        superseded_by: None,
        decided_at: chrono::Utc::now(),
        decided_by: "official:test".into(),
    };
    let store = &app.state.records.store;
    store.write(|conn| decisions::keep(conn, store.vault(), &decision)).expect("kept");
    decision.id.to_string()
}

/// Free by law, with a card that has no end.
pub fn free() -> Value {
    json!({
        "outcome": "entitled", "authority": "law", "valid": { "from": "2024-11-01", "to": "2027-12-31" },
        "benefit": { "fare": "free", "group": "disability_severe", "card": { "required": true, "valid_months": null } }
    })
}

/// Issues a card without an end to a citizen; returns its id.
#[track_caller]
pub fn card_for(official: &Session<'_>, citizen: &str) -> String {
    let decision = decision(official.app, citizen, "2026-01-14", &free());
    let reply = official.create("/v1/cards", &json!({ "decision_id": decision }));
    assert_eq!(reply.status, 201, "{reply:?}");
    text(&reply.json(), "id")
}

fn changed(value: Value, changes: &Value) -> Value {
    let mut value = value;
    for (name, change) in changes.as_object().expect("changes") {
        value[name] = change.clone();
    }
    value
}

fn a_card_goes_through_its_life(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let decision = decision(&app, &citizen, "2026-01-14", &free());
    let issued = official.create("/v1/cards", &json!({ "decision_id": decision }));
    assert_eq!(issued.status, 201, "{issued:?}");
    let card = issued.json();
    let id = text(&card, "id");
    assert_eq!(issued.header("location"), format!("/v1/cards/{id}"));
    assert_eq!(issued.header("etag"), "\"1\"");
    assert_eq!((&card["status"], &card["valid_from"]), (&json!("active"), &json!("2026-01-14")));
    assert_eq!((&card["valid_to"], &card["entitlement"]), (&Value::Null, &json!("free_transit")));
    assert!(!id.contains("001180000001") && id.starts_with("HN-") && id.len() == 16, "{id}");

    // A person has one living card, suspended or not.
    let again = || official.create("/v1/cards", &json!({ "decision_id": decision }));
    again().problem(409, "card_exists");
    let step =
        |step: &str| official.post(&format!("/v1/cards/{id}/{step}"), &json!({ "reason": "Báo mất thẻ" }));
    step("resume").problem(409, "card_wrong_status");
    let suspended = step("suspend");
    assert_eq!((suspended.status, suspended.header("etag")), (200, "\"2\""));
    assert_eq!(suspended.json()["status"], "suspended");
    step("suspend").problem(409, "card_wrong_status");
    again().problem(409, "card_exists");
    assert_eq!(step("resume").json()["status"], "active");

    // A client that says which version it saw is held to it.
    let path = format!("/v1/cards/{id}/revoke");
    let reason = json!({ "reason": "Chuyển đi nơi khác" });
    let stale = official.send("POST", &path, &[("if-match", "\"2\"")], Some(&reason));
    stale.problem(412, "precondition_failed");
    let revoked = official.send("POST", &path, &[("if-match", "\"3\"")], Some(&reason));
    assert_eq!((revoked.status, &revoked.json()["status"]), (200, &json!("revoked")));
    for name in ["suspend", "resume", "revoke"] {
        step(name).problem(409, "card_wrong_status");
    }
    assert_eq!(again().status, 201, "a revoked card makes room for another");

    let history = official
        .get(&format!("/v1/cards/{}", id.to_lowercase().replace('-', " ").replace(' ', "%20")))
        .json();
    let steps: Vec<&str> = history["history"]
        .as_array()
        .expect("steps")
        .iter()
        .filter_map(|step| step["step"].as_str())
        .collect();
    assert_eq!(steps, ["issued", "suspended", "resumed", "revoked"]);
    assert_eq!(history["history"][3]["reason"], "Chuyển đi nơi khác");
    assert_eq!(history["history"][3]["by"], "official:official");

    let store = &app.state.records.store;
    assert_whole(store);
}

fn no_card_without_a_free_ride_by_law(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let under_law = |under_law: Value| json!({ "authority": "plan", "under_law": under_law });
    let table = [
        (json!({ "outcome": "not_entitled" }), "decision_not_entitled"),
        (json!({ "outcome": "needs_information" }), "decision_not_entitled"),
        (json!({ "outcome": "needs_review" }), "decision_not_entitled"),
        (json!({ "benefit": { "fare": "discounted" } }), "fare_not_free"),
        (json!({ "benefit": null }), "fare_not_free"),
        (under_law(json!({ "outcome": "not_entitled" })), "plan_promise_only"),
        (under_law(json!({ "outcome": "entitled", "fare": "discounted" })), "plan_promise_only"),
        (under_law(Value::Null), "plan_promise_only"),
        (json!({ "valid": { "from": "2025-01-01", "to": "2026-01-13" } }), "decision_outdated"),
        (json!({ "benefit": { "fare": "free", "card": { "required": false } } }), "card_not_required"),
    ];
    for (change, code) in table {
        let decision = decision(&app, &citizen, "2026-01-10", &changed(free(), &change));
        let problem = official.create("/v1/cards", &json!({ "decision_id": decision })).problem(422, code);
        assert_eq!(problem["errors"][0]["pointer"], "/decision_id", "{problem}");
    }
    // A decision about something else, none at all, and one of another unit's.
    let other = official.create(
        &format!("/v1/citizens/{citizen}/decisions"),
        &json!({ "entitlements": ["health_insurance_premium"] }),
    );
    let other = json!({ "decision_id": text(&other.json(), "id") });
    official.create("/v1/cards", &other).problem(422, "decision_not_about_transit");
    let unknown = json!({ "decision_id": "01938f6e-0000-7000-8000-000000000001" });
    official.create("/v1/cards", &unknown).problem(404, "decision_not_found");
    official.create("/v1/cards", &json!({ "decision_id": "x" })).problem(404, "decision_not_found");
    let wrong = official.create("/v1/cards", &json!({ "decison_id": "x", "issue_anyway": "yes" }));
    assert_eq!(
        wrong.findings(),
        ["missing_field at /decision_id", "wrong_type at /issue_anyway", "unknown_field at /decison_id"]
    );
}

fn the_term_follows_the_decision_and_an_expired_card_makes_room(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let with_card = |card: Value| changed(free(), &json!({ "benefit": { "fare": "free", "card": card } }));
    let term = |number: &str, as_of: &str, card: Value, anyway: bool| {
        let citizen = official.citizen("Nguyễn Thị Mẫu", number, "1980-05-02");
        let decision = decision(&app, &citizen, as_of, &with_card(card));
        let body = json!({ "decision_id": decision, "issue_anyway": anyway });
        let card = official.create("/v1/cards", &body).json();
        (card["valid_from"].clone(), card["valid_to"].clone())
    };
    let year = term("001180000001", "2026-01-01", json!({ "required": true, "valid_months": 12 }), false);
    assert_eq!(year, (json!("2026-01-14"), json!("2027-01-13")));
    let later = term("001180000002", "2026-03-01", json!({ "required": true, "until": "2026-12-31" }), false);
    assert_eq!(later, (json!("2026-03-01"), json!("2026-12-31")));
    let child = term("001180000003", "2026-01-14", json!({ "required": false }), true);
    assert_eq!(child, (json!("2026-01-14"), Value::Null));

    let citizen = official.citizen("Trần Văn Mẫu", "001080000004", "1980-05-02");
    let short = with_card(json!({ "required": true, "until": "2026-01-31" }));
    let first = decision(&app, &citizen, "2026-01-14", &short);
    let first = text(&official.create("/v1/cards", &json!({ "decision_id": first })).json(), "id");
    let next = decision(&app, &citizen, "2026-01-14", &free());
    let app = app.restart_on(NaiveDate::from_ymd_opt(2026, 2, 1).expect("a date"));
    let official = app.session(an_sinh::access::AccountKind::Official, "official");
    let reply = official.create("/v1/cards", &json!({ "decision_id": next }));
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(official.get(&format!("/v1/cards/{first}")).json()["status"], "expired");
}
