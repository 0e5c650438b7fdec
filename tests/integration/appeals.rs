//! Appeals: filed, late, ended, listed.

use an_sinh::access::AccountKind;
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::{
    audit::assert_whole,
    decisions::decide,
    helpers::{Database, TempDir, TestApp},
    people::{Session, text},
};

crate::on_each_database![
    an_appeal_is_kept_and_ends_once,
    an_appeal_that_changes_names_the_decision_that_took_the_place,
    a_late_appeal_is_kept_with_a_warning,
    what_does_not_fit_is_refused,
];

/// A service by the clock of the machine, as the days of appeals need it.
fn now(on: Database) -> TestApp {
    TestApp::in_dir(TempDir::on(on), |config| config.today = None)
}

fn decided(official: &Session<'_>) -> (String, Value) {
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let decision = decide(official, &citizen, &json!({ "entitlements": ["free_transit"] }));
    (citizen, decision)
}

fn end(official: &Session<'_>, appeal: &str, version: &str, body: &Value) -> crate::helpers::Reply {
    let path = format!("/v1/appeals/{appeal}/outcome");
    official.send("POST", &path, &[("if-match", version)], Some(body))
}

fn an_appeal_is_kept_and_ends_once(on: Database) {
    let app = now(on);
    let official = app.official();
    let (_, decision) = decided(&official);
    let (id, today) = (text(&decision, "id"), app.state.today());
    let path = format!("/v1/decisions/{id}/appeals");
    let due = today.checked_add_days(Days::new(90)).expect("a day").to_string();
    let deadline = &decision["appeal_deadline"];
    assert_eq!((&deadline["on"], &deadline["confidence"]), (&json!(due), &json!("unverified")));
    assert!(text(&deadline["note"], "vi").contains("chưa được đối chiếu"));

    let body = json!({ "filed_on": today, "grounds": "  Gia đình tôi thuộc hộ nghèo.\r\nTừ tháng 1. ",
        "entitlements": ["free_transit"] });
    let send = || official.send("POST", &path, &[("idempotency-key", "a")], Some(&body));
    let reply = send();
    assert_eq!(reply.status, 201, "{reply:?}");
    let appeal = reply.json();
    let appeal_id = text(&appeal, "id");
    assert_eq!(reply.header("location"), format!("/v1/appeals/{appeal_id}"));
    assert_eq!(reply.header("etag"), "\"1\"");
    assert_eq!(appeal["grounds"], "Gia đình tôi thuộc hộ nghèo.\nTừ tháng 1.");
    assert_eq!(appeal["deadline"], *deadline);
    assert_eq!((&appeal["status"], &appeal["warnings"]), (&json!("filed"), &json!([])));
    assert_eq!((&appeal["outcome"], &appeal["entitlements"]), (&Value::Null, &json!(["free_transit"])));
    assert_eq!((&appeal["unit"], &appeal["recorded_by"]), (&json!("00166"), &json!("official:official")));
    assert_eq!(send().header("idempotency-replayed"), "true");
    official.post(&path, &body).problem(400, "idempotency_key_required");
    let one = official.get(&format!("/v1/appeals/{appeal_id}"));
    assert_eq!((one.json(), one.header("etag")), (appeal.clone(), "\"1\""));
    let list = official.get(&path).json();
    assert_eq!(list, json!({ "items": [appeal], "next_cursor": null }), "the repetition made no second one");

    let outcome = json!({ "outcome": "upheld", "reason": "Danh sách không có hộ này." });
    official
        .post(&format!("/v1/appeals/{appeal_id}/outcome"), &outcome)
        .problem(428, "precondition_required");
    end(&official, &appeal_id, "\"2\"", &outcome).problem(412, "precondition_failed");
    let ended = end(&official, &appeal_id, "\"1\"", &outcome);
    assert_eq!((ended.status, ended.header("etag")), (200, "\"2\""), "{ended:?}");
    assert_eq!(ended.json()["status"], "upheld");
    assert_eq!(ended.json()["outcome"]["reason"], outcome["reason"]);
    end(&official, &appeal_id, "\"1\"", &outcome).problem(412, "precondition_failed");
    end(&official, &appeal_id, "\"2\"", &outcome).problem(409, "appeal_closed");
    let app = app.restart();
    let official = app.session(AccountKind::Official, "official");
    assert_eq!(official.get(&path).json()["items"], json!([ended.json()]));
    assert_whole(&app.state.records.store);
    // Grounds and reasons are sealed; the law, which speaks of such households too, is not.
    for (place, bytes) in app.dir.all_that_is_kept() {
        for secret in ["Gia đình tôi thuộc", "Danh sách không có hộ này"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{place} holds {secret}");
        }
    }
}

fn an_appeal_that_changes_names_the_decision_that_took_the_place(on: Database) {
    let app = now(on);
    let official = app.official();
    let (citizen, decision) = decided(&official);
    let id = text(&decision, "id");
    let body = json!({ "filed_on": app.state.today(), "grounds": "Tôi không đồng ý." });
    let filed = official.create(&format!("/v1/decisions/{id}/appeals"), &body).json();
    assert_eq!(filed["entitlements"], Value::Null, "against all of it");
    let appeal = text(&filed, "id");
    let changed = |decision: &str| json!({ "outcome": "changed", "reason": "Đã xem lại giấy tờ.", "decision_id": decision });
    let unrelated = decide(&official, &citizen, &json!({ "entitlements": ["free_transit"] }));
    for wrong in [id.as_str(), &text(&unrelated, "id"), "x"] {
        let findings = end(&official, &appeal, "\"1\"", &changed(wrong)).findings();
        assert_eq!(findings, ["does_not_supersede at /decision_id"], "{wrong}");
    }
    let none = json!({ "outcome": "changed", "reason": "Đã xem lại." });
    assert_eq!(end(&official, &appeal, "\"1\"", &none).findings(), ["missing_field at /decision_id"]);
    let too_much = json!({ "outcome": "upheld", "reason": "Đã xem lại.", "decision_id": id });
    assert_eq!(
        end(&official, &appeal, "\"1\"", &too_much).findings(),
        ["not_with_this_outcome at /decision_id"]
    );
    // By way of another that took the place before.
    let between = decide(&official, &citizen, &json!({ "supersedes": id }));
    let last = decide(&official, &citizen, &json!({ "supersedes": between["id"] }));
    let ended = end(&official, &appeal, "\"1\"", &changed(&text(&last, "id")));
    assert_eq!((ended.status, &ended.json()["outcome"]["decision_id"]), (200, &last["id"]), "{ended:?}");
    assert_whole(&app.state.records.store);
}

fn a_late_appeal_is_kept_with_a_warning(on: Database) {
    let app = now(on);
    let official = app.official();
    let (_, decision) = decided(&official);
    let path = format!("/v1/decisions/{}/appeals", text(&decision, "id"));
    let day = |days: u64| app.state.today().checked_add_days(Days::new(days)).expect("a day");
    let (last, late): (NaiveDate, NaiveDate) = (day(90), day(91));
    let app = app.restart_on(late);
    let official = app.session(AccountKind::Official, "official");
    for (filed_on, warnings) in [(last, json!([])), (late, json!(["filed_late"]))] {
        let reply = official.create(&path, &json!({ "filed_on": filed_on, "grounds": "Tôi ốm." }));
        assert_eq!(reply.status, 201, "{reply:?}");
        let told: Vec<Value> = reply.json()["warnings"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|warning| warning["code"].clone())
            .collect();
        assert_eq!(json!(told), warnings, "{filed_on}");
    }
    // Another setting holds for appeals to come, not for those filed.
    let dir = std::sync::Arc::clone(&app.dir);
    drop(app);
    let app = TestApp::in_dir(dir, |config| {
        config.today = Some(late);
        config.appeal_days = 10;
    });
    let official = app.session(AccountKind::Official, "official");
    let list = official.get(&path).json();
    assert_eq!(list["items"][0]["deadline"]["on"], json!(last));
    assert_eq!(list["items"][0]["warnings"], json!([]));
    let page = official.get(&format!("{path}?limit=1")).json();
    let next = format!("{path}?limit=1&cursor={}", text(&page, "next_cursor"));
    let next = official.get(&next).json();
    assert_eq!(json!([page["items"][0], next["items"][0]]), list["items"]);
    assert_eq!(next["next_cursor"], Value::Null);
    let again = official.create(&path, &json!({ "filed_on": last, "grounds": "Tôi ốm." })).json();
    assert_eq!(again["warnings"][0]["code"], "filed_late");
}

fn what_does_not_fit_is_refused(on: Database) {
    let app = now(on);
    let official = app.official();
    let (_, decision) = decided(&official);
    let path = format!("/v1/decisions/{}/appeals", text(&decision, "id"));
    let today = app.state.today();
    let (yesterday, tomorrow) = (today.pred_opt().expect("a day"), today.succ_opt().expect("a day"));
    let findings = |body: Value| official.create(&path, &body).findings();
    assert_eq!(findings(json!({})), ["missing_field at /filed_on", "missing_field at /grounds"]);
    assert_eq!(
        findings(json!({ "filed_on": tomorrow, "grounds": "a\u{7}", "entitlements": [], "ground": 1 })),
        [
            "date_in_future at /filed_on",
            "invalid_text at /grounds",
            "invalid_list at /entitlements",
            "unknown_field at /ground",
        ]
    );
    assert_eq!(
        findings(json!({ "filed_on": yesterday, "grounds": "a",
            "entitlements": ["free_transit", "health_insurance_premium"] })),
        ["filed_before_decision at /filed_on", "not_in_decision at /entitlements/1"]
    );
    let long = |length: usize| json!({ "filed_on": today, "grounds": "ố".repeat(length) });
    assert_eq!(findings(long(4_001)), ["invalid_text at /grounds"]);
    assert_eq!(official.create(&path, &long(4_000)).status, 201);
    assert_eq!(
        official.get(&path).json()["items"].as_array().map(Vec::len),
        Some(1),
        "what was refused is not kept"
    );
    let outcome = json!({ "outcome": "lost", "reason": "" });
    let appeal = text(&official.get(&path).json()["items"][0], "id");
    assert_eq!(
        end(&official, &appeal, "\"1\"", &outcome).findings(),
        ["unknown_value at /outcome", "invalid_text at /reason"]
    );
    official.get("/v1/appeals/x").problem(404, "appeal_not_found");
    official
        .create("/v1/decisions/x/appeals", &json!({ "filed_on": today, "grounds": "a" }))
        .problem(404, "decision_not_found");
}
