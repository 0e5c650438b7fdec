//! Events: there is one if and only if the act was done.

use an_sinh::store::outbox::{self, Event, KEPT};
use chrono::Utc;
use serde_json::json;

use crate::{
    cards::{card_for, decision as given, free},
    decisions::decide,
    helpers::{Database, TestApp},
    people::text,
};

crate::on_each_database![
    each_act_has_its_event_and_a_failed_one_has_none,
    delivered_events_go_after_their_time,
    events_of_many_at_once_have_no_gap,
];

fn events(app: &TestApp) -> Vec<Event> {
    app.state.records.store.read(|conn| outbox::pending(conn, 10_000)).expect("events")
}

fn kinds(app: &TestApp) -> Vec<(String, String)> {
    events(app).into_iter().map(|event| (event.kind, event.subject)).collect()
}

fn each_act_has_its_event_and_a_failed_one_has_none(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let first = text(&decide(&official, &citizen, &json!({})), "id");
    let second = text(&decide(&official, &citizen, &json!({ "supersedes": first })), "id");
    let appeals = format!("/v1/decisions/{first}/appeals");
    let body = json!({ "filed_on": "2026-01-14", "grounds": "Tôi không đồng ý." });
    let appeal = text(&official.create(&appeals, &body).json(), "id");
    let outcome = json!({ "outcome": "withdrawn", "reason": "Đã rút." });
    let end = format!("/v1/appeals/{appeal}/outcome");
    assert_eq!(official.send("POST", &end, &[("if-match", "\"1\"")], Some(&outcome)).status, 200);
    let transit = given(&app, &citizen, "2026-01-14", &free());
    let card = official.create("/v1/cards", &json!({ "decision_id": transit })).json();
    let card = text(&card, "id");
    let reason = json!({ "reason": "Báo mất" });
    assert_eq!(official.post(&format!("/v1/cards/{card}/suspend"), &reason).status, 200);
    let expected: Vec<(String, String)> = [
        ("decision.recorded", &first),
        ("decision.recorded", &second),
        ("appeal.filed", &appeal),
        ("appeal.ended", &appeal),
        ("decision.recorded", &transit),
        ("card.issued", &card),
        ("card.suspended", &card),
    ]
    .map(|(kind, subject)| (kind.to_owned(), subject.clone()))
    .to_vec();
    assert_eq!(kinds(&app), expected);
    let all = events(&app);
    assert_eq!(all.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=7).collect::<Vec<_>>());
    assert_eq!((&all[1].payload["supersedes"], &all[1].payload["unit"]), (&json!(first), &json!("00166")));
    for event in &all {
        let told = event.payload.to_string();
        assert!(!told.contains(&citizen) && !told.contains("entitled") && !told.contains("1980"), "{told}");
    }

    // What is refused, and what fails at its very end, leaves no event.
    let path = format!("/v1/citizens/{citizen}/decisions");
    official.create(&path, &json!({ "supersedes": first })).problem(409, "superseded_already");
    official.create("/v1/cards", &json!({ "decision_id": transit })).problem(409, "card_exists");
    official.create(&appeals, &json!({})).problem(422, "invalid_body");
    app.dir.execute("ALTER TABLE audit_entries RENAME TO aside");
    official.create(&path, &json!({})).problem(500, "internal");
    official.create(&appeals, &body).problem(500, "internal");
    official.post(&format!("/v1/cards/{card}/resume"), &reason).problem(500, "internal");
    app.dir.execute("ALTER TABLE aside RENAME TO audit_entries");
    assert_eq!(kinds(&app), expected);
    // And what cannot have its event is not done.
    app.dir.execute("ALTER TABLE outbox_events RENAME TO aside");
    official.create(&path, &json!({})).problem(500, "internal");
    official.create(&appeals, &body).problem(500, "internal");
    official.post(&format!("/v1/cards/{card}/resume"), &reason).problem(500, "internal");
    app.dir.execute("ALTER TABLE aside RENAME TO outbox_events");
    assert_eq!(kinds(&app), expected);
    assert_eq!(official.get(&path).json()["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(official.get(&appeals).json()["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(official.get(&format!("/v1/cards/{card}")).json()["status"], "suspended");
}

fn delivered_events_go_after_their_time(on: Database) {
    let app = TestApp::on(on);
    let store = &app.state.records.store;
    let add = |subject: &str| {
        store.write(|conn| outbox::add(conn, "test.done", subject, &json!({}), Utc::now())).expect("added");
    };
    ["a", "b", "c"].into_iter().for_each(add);
    let long_ago = Utc::now() - KEPT - chrono::Duration::minutes(1);
    store.write(|conn| outbox::delivered(conn, 2, long_ago)).expect("marked");
    let kept = |app: &TestApp| -> Vec<i64> { events(app).iter().map(|event| event.seq).collect() };
    assert_eq!(kept(&app), [3], "what was delivered is not delivered again");
    add("d");
    store.write(|conn| outbox::delivered(conn, 4, long_ago)).expect("marked");
    // All are past their time; the last stays until another follows, so that no place is given twice.
    add("e");
    assert_eq!(kept(&app), [5]);
    add("f");
    app.dir.execute("UPDATE outbox_events SET delivered_at = NULL");
    assert_eq!(kept(&app), [5, 6], "those before are gone");
}

fn events_of_many_at_once_have_no_gap(on: Database) {
    let app = TestApp::on(on);
    let official = app.official();
    let citizens: Vec<String> =
        (1..=8).map(|n| official.citizen("Nguyễn Văn Mẫu", &format!("00108000000{n}"), "1980")).collect();
    std::thread::scope(|scope| {
        for citizen in &citizens {
            let official = &official;
            scope.spawn(move || {
                for _ in 0..5 {
                    decide(official, citizen, &json!({ "entitlements": ["free_transit"] }));
                }
                card_for(official, citizen);
            });
        }
    });
    let seqs: Vec<i64> = events(&app).iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=8 * 7).collect::<Vec<_>>());
}
