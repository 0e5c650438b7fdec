//! Checks by operators: the right answer, and nothing more than that.

use an_sinh::access::{AccountKind, Scope};
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::{
    cards::{card_for, decision, free},
    helpers::{Database, Reply, TestApp},
    people::{Session, text},
};

crate::on_each_database![
    a_card_is_checked_through_its_life,
    a_card_with_an_end_is_valid_to_its_last_day,
    unknown_and_not_entitled_look_the_same,
    a_value_of_the_wrong_form_is_a_result_and_a_wrong_question_an_error,
    a_check_leaves_a_count_and_no_row,
];

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

fn a_card_is_checked_through_its_life(on: Database) {
    let app = TestApp::on(on);
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

fn a_card_with_an_end_is_valid_to_its_last_day(on: Database) {
    let app = TestApp::on(on);
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

fn unknown_and_not_entitled_look_the_same(on: Database) {
    let app = TestApp::on(on);
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

fn a_value_of_the_wrong_form_is_a_result_and_a_wrong_question_an_error(on: Database) {
    let app = TestApp::on(on);
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

fn a_check_leaves_a_count_and_no_row(on: Database) {
    let app = TestApp::on(on);
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

/// The way from facts to a checked card, by the law itself, for people the law treats differently.
#[test]
fn from_facts_to_a_checked_card() {
    let app = TestApp::with(|config| config.today = NaiveDate::from_ymd_opt(2026, 11, 24));
    let (official, operator) = (app.official(), app.operator());
    // Name, number, birth, what a document proves, and: outcome, what issuing says, what a check by number says on
    // that day and on 14 January, before the identity document was enough.
    let near_poor = json!({ "kind": "poverty_list", "issued_on": "2025-12-20", "valid_from": "2026-01-01", "valid_to": "2026-12-31",
        "facts": { "household": { "poverty_status": "near_poor", "status_since": "2025-12-20" } } });
    let severe = json!({ "kind": "disability_certificate", "issued_on": "2023-05-16",
        "facts": { "person": { "disability": { "severity": "severe", "kind": "mobility", "certificate": true }, "employment": "contract" } } });
    let pension = json!({ "kind": "pension_certificate", "issued_on": "2015-06-01",
        "facts": { "person": { "pension": "retirement", "pension_vnd": 4_200_000 } } });
    let no_paper = json!({ "kind": "declaration", "issued_on": "2026-01-05", "facts": { "person": { "ethnic_minority": false } } });
    let table = [
        (
            "001180000001",
            "1980-05-02",
            &near_poor,
            "entitled",
            "plan_promise_only",
            ["not_entitled", "not_entitled"],
        ),
        ("001221000002", "2021-03-15", &no_paper, "entitled", "card_not_required", ["valid", "valid"]),
        (
            "001166000003",
            "1966",
            &no_paper,
            "needs_information",
            "decision_not_entitled",
            ["not_entitled", "not_entitled"],
        ),
        ("001086000004", "1986-12-05", &severe, "entitled", "", ["valid", "not_yet_valid"]),
        ("001054000005", "1954-04-10", &pension, "entitled", "card_not_required", ["valid", "not_entitled"]),
    ];
    for (number, born_on, document, outcome, refusal, results) in table {
        let body = json!({ "name": "Người Mẫu", "personal_id": number, "born_on": born_on, "residence": "permanent", "citizenship": "vietnamese" });
        let citizen = text(&official.create("/v1/citizens", &body).json(), "id");
        let absent = json!({ "kind": "declaration", "issued_on": "2026-01-05", "facts": {
            "person": { "merit": [], "studying": "none", "industrial_zone_worker": false, "social_allowance": "none", "disability": { "severity": "none" } },
            "household": { "city_poverty_status": "none", "poverty_status": "none" } } });
        let mut papers = vec![document];
        if document["kind"] != "poverty_list" && outcome != "needs_information" {
            papers.push(&absent);
        }
        for paper in papers {
            let added = official.create(&format!("/v1/citizens/{citizen}/evidence"), paper);
            assert_eq!(added.status, 201, "{added:?}");
        }
        let asked = json!({ "entitlements": ["free_transit"] });
        let decision = official.create(&format!("/v1/citizens/{citizen}/decisions"), &asked).json();
        let answer = &decision["result"]["people"][0]["decisions"][0];
        assert_eq!(answer["outcome"], outcome, "{number}: {answer}");
        let issue = json!({ "decision_id": decision["id"] });
        let issued = official.create("/v1/cards", &issue);
        if refusal.is_empty() {
            assert_eq!(issued.status, 201, "{number}: {issued:?}");
            let checked = ask(&operator, "card_id", &text(&issued.json(), "id"));
            assert_eq!(answer_of(&checked), "valid");
        } else {
            issued.problem(422, refusal);
        }
        for (on, result) in ["2026-11-24", "2026-01-14"].into_iter().zip(results) {
            let checked = ask_more(&operator, "personal_id", number, &json!({ "service": "bus", "on": on }));
            assert_eq!(answer_of(&checked), result, "{number} on {on}");
        }
    }
    // Who rides without a card is issued one when they ask for it.
    let found = official.post("/v1/citizens/search", &json!({ "personal_id": "001221000002" })).json();
    let child = text(&found["items"][0], "id");
    let asked = json!({ "entitlements": ["free_transit"] });
    let decision = official.create(&format!("/v1/citizens/{child}/decisions"), &asked).json();
    let issue = json!({ "decision_id": decision["id"], "issue_anyway": true });
    assert_eq!(official.create("/v1/cards", &issue).status, 201);
    let elsewhere =
        ask_more(&operator, "personal_id", "001221000002", &json!({ "service": "unsubsidised_bus" }));
    assert_eq!(answer_of(&elsewhere), "wrong_service");
}

fn answer_of(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{reply:?}");
    text(&reply.json(), "result")
}
