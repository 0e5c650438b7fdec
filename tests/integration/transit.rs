//! Checks by operators: the right answer, and nothing more than that.

use an_sinh::access::{AccountKind, Scope};
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::{
    cards::{card_for, decision, free},
    helpers::{Reply, TestApp},
    people::{Session, text},
};

fn ask(operator: &Session<'_>, kind: &str, value: &str) -> Reply {
    ask_more(operator, kind, value, &json!({ "service": "bus" }))
}

fn ask_more(operator: &Session<'_>, kind: &str, value: &str, more: &Value) -> Reply {
    let mut body = more.clone();
    body["presented"] = json!({ "kind": kind, "value": value });
    operator.post("/v1/transit/status-checks", &body)
}

#[track_caller]
fn answer(reply: &Reply, result: &str, colour: &str, fare: &str) -> Value {
    let answer = reply.json();
    assert_eq!(reply.status, 200, "{answer}");
    let members: Vec<&String> = answer.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["result", "colour", "fare", "valid_until", "as_of", "ttl", "nonce"]);
    assert_eq!(
        (answer["result"].as_str(), answer["colour"].as_str(), answer["fare"].as_str()),
        (Some(result), Some(colour), Some(fare)),
        "{answer}"
    );
    assert_eq!(answer["ttl"], 900);
    assert_eq!(reply.header("cache-control"), "no-store");
    answer
}

#[test]
fn a_card_is_checked_through_its_life() {
    let app = TestApp::start();
    let (official, operator) = (app.official(), app.operator());
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let card = card_for(&official, &citizen);

    let more = json!({ "service": "metro_2a", "nonce": "c2Fp" });
    let valid = answer(
        &ask_more(&operator, "card_id", &card.to_lowercase().replace('-', " "), &more),
        "valid",
        "green",
        "free",
    );
    assert_eq!((&valid["valid_until"], &valid["as_of"]), (&Value::Null, &json!("2026-01-14")));
    assert_eq!(valid["nonce"], "c2Fp");
    answer(&ask(&operator, "personal_id", "001180000001"), "valid", "green", "free");
    let early = json!({ "service": "bus", "on": "2026-01-13" });
    answer(&ask_more(&operator, "card_id", &card, &early), "not_yet_valid", "red", "pay");
    let other = json!({ "service": "unsubsidised_bus" });
    answer(&ask_more(&operator, "card_id", &card, &other), "wrong_service", "red", "pay");

    let step =
        |step: &str| official.post(&format!("/v1/cards/{card}/{step}"), &json!({ "reason": "Báo mất thẻ" }));
    assert_eq!(step("suspend").status, 200);
    answer(&ask(&operator, "card_id", &card), "suspended", "red", "pay");
    answer(&ask(&operator, "personal_id", "001180000001"), "suspended", "red", "pay");
    assert_eq!(step("resume").status, 200);
    answer(&ask(&operator, "card_id", &card), "valid", "green", "free");
    assert_eq!(step("revoke").status, 200);
    answer(&ask(&operator, "card_id", &card), "revoked", "red", "pay");
}

#[test]
fn a_card_with_an_end_is_valid_to_its_last_day() {
    let app = TestApp::start();
    let (official, operator) = (app.official(), app.operator());
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let mut transit = free();
    transit["benefit"]["card"]["until"] = json!("2026-12-31");
    let decision = decision(&app, &citizen, "2026-01-14", &transit);
    let card = text(&official.create("/v1/cards", &json!({ "decision_id": decision })).json(), "id");
    let on = |day: &str| ask_more(&operator, "card_id", &card, &json!({ "service": "bus", "on": day }));
    assert_eq!(answer(&on("2026-12-31"), "valid", "green", "free")["valid_until"], "2026-12-31");
    assert_eq!(answer(&on("2027-01-01"), "expired", "red", "pay")["valid_until"], Value::Null);
}

#[test]
fn unknown_and_not_entitled_look_the_same() {
    let app = TestApp::start();
    let (official, operator) = (app.official(), app.operator());
    official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let plain = |reply: &Reply| {
        let mut headers: Vec<(String, String)> = reply
            .headers
            .iter()
            // One names the request, the others count requests and seconds.
            .filter(|(name, _)| !["trace-id", "date", "ratelimit"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()))
            .collect();
        headers.sort();
        (reply.status, headers, reply.bytes.clone())
    };
    let known = ask(&operator, "personal_id", "001180000001");
    answer(&known, "not_entitled", "red", "pay");
    let unknown = ask(&operator, "personal_id", "001180000999");
    assert_eq!(plain(&known), plain(&unknown));
    let no_card = ask(&operator, "card_id", "HN-22222-22222-2");
    assert_eq!(plain(&known), plain(&no_card));
    for secret in ["001180000001", "1980", "Nguy", "disability"] {
        assert!(!known.text().contains(secret));
    }
}

#[test]
fn a_value_of_the_wrong_form_is_a_result_and_a_wrong_question_an_error() {
    let app = TestApp::start();
    let operator = app.operator();
    for (kind, value) in [
        ("card_id", "HN-22222-22222-3"),
        ("card_id", "x"),
        ("personal_id", "00118000000"),
        ("card_token", "HN1:6BFOXN"),
    ] {
        answer(&ask(&operator, kind, value), "malformed", "red", "pay");
    }
    let body =
        json!({ "presented": { "kind": "qr", "vallue": "x" }, "service": "tram", "on": "hôm nay", "who": 1 });
    assert_eq!(
        operator.post("/v1/transit/status-checks", &body).findings(),
        [
            "unknown_value at /presented/kind",
            "missing_field at /presented/value",
            "unknown_field at /presented/vallue",
            "unknown_value at /service",
            "invalid_date at /on",
            "unknown_field at /who",
        ]
    );
    operator.post("/v1/transit/status-checks", &json!({})).problem(422, "invalid_body");
}

#[test]
fn checks_by_number_take_a_scope_of_their_own_and_a_tight_limit() {
    let app = TestApp::with(|config| config.number_checks_per_minute = 3);
    let gate = app.sign_in(AccountKind::Client, "gate", None, &[Scope::TransitCheck]);
    let refused = ask(&gate, "personal_id", "001180000001");
    assert!(
        refused.problem(403, "missing_scope")["detail"]
            .as_str()
            .is_some_and(|text| text.contains("transit:check_by_number"))
    );
    answer(&ask(&gate, "card_id", "HN-22222-22222-2"), "not_entitled", "red", "pay");
    let operator = app.operator();
    for _ in 0..3 {
        answer(&ask(&operator, "personal_id", "001180000001"), "not_entitled", "red", "pay");
    }
    let limited = ask(&operator, "personal_id", "001180000001");
    limited.problem(429, "rate_limited");
    assert!(limited.header("retry-after").parse::<u32>().is_ok());
    answer(&ask(&operator, "card_id", "HN-22222-22222-2"), "not_entitled", "red", "pay");
}

#[test]
fn a_check_leaves_a_count_and_no_row() {
    let app = TestApp::start();
    let (official, operator) = (app.official(), app.operator());
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let card = card_for(&official, &citizen);
    for _ in 0..3 {
        ask(&operator, "card_id", &card);
    }
    ask(&operator, "card_id", "x");
    let metrics = app.get("/metrics");
    assert!(metrics.text().contains(r#"an_sinh_transit_checks_total{result="valid",service="bus"} 3"#));
    let app = app.restart();
    let day = NaiveDate::from_ymd_opt(2026, 1, 14).expect("a date");
    let count = |result: &str| {
        let store = &app.state.records.store;
        store.read(|conn| an_sinh::store::transit_counts::get(conn, day, "bus", result)).expect("a count")
    };
    assert_eq!((count("valid"), count("malformed"), count("revoked")), (3, 1, 0));
}
