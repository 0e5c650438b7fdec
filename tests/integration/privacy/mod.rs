//! Rights of the person whose data it is: all of it shown, all of it erased, nothing kept for longer than said.

mod erasure;
mod export;
mod retention;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use an_sinh::{
    privacy::KeepFor,
    store::{Store, sealed, sealed::SealedValue},
};
use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::{
    cards::card_for,
    decisions::decide,
    helpers::{Database, Reply, TempDir, TestApp},
    people::{Session, text},
};

/// A service by the clock of the machine, as the days of appeals need it.
fn now(on: Database) -> TestApp {
    TestApp::in_dir(TempDir::on(on), |config| config.today = None)
}

/// The same service some days later, which keeps decisions for a day.
fn days_later(app: TestApp, days: u64) -> TestApp {
    let (dir, today) = (Arc::clone(&app.dir), app.state.today());
    drop(app);
    TestApp::in_dir(dir, |config| {
        config.today = today.checked_add_days(Days::new(days));
        config.keep_decisions = Some(KeepFor::Days(1));
    })
}

/// A request about a record at the version it has now.
fn step(official: &Session<'_>, citizen: &str, step: &str, body: &Value) -> Reply {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let path = format!("/v1/citizens/{citizen}");
    let etag = official.get(&path).header("etag").to_owned();
    let key = format!("{step} {}", NEXT.fetch_add(1, Ordering::Relaxed));
    let headers = [("if-match", etag.as_str()), ("idempotency-key", &key)];
    official.send("POST", &format!("{path}/{step}"), &headers, Some(body))
}

fn change(official: &Session<'_>, citizen: &str, change: &Value) {
    let path = format!("/v1/citizens/{citizen}");
    let etag = official.get(&path).header("etag").to_owned();
    let reply = official.send("PATCH", &path, &[("if-match", &etag)], Some(change));
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[track_caller]
fn made(official: &Session<'_>, path: &str, body: &Value) -> String {
    let reply = official.create(path, body);
    assert_eq!(reply.status, 201, "{reply:?}");
    text(&reply.json(), "id")
}

/// Another member of the household: nobody's business but their own.
const COMPANION: (&str, &str) = ("Phạm Văn Khác", "001080000077");

/// Ids of a person in whose life everything happened that is recorded.
struct Life {
    citizen: String,
    duplicate: String,
    companion: String,
    /// Ids of decisions, documents, appeals, cards.
    things: Vec<String>,
    card: String,
}

/// What was ever known of that person.
const KNOWN: [&str; 17] = [
    "Nguyễn Thị Ánh Mẫu",
    "Nguyễn Thị Ánh",
    "Nguyen Thi Anh Mau",
    "001183000001",
    "001183000002",
    "001183000003",
    "1983-07-19",
    "GXN-7391",
    "GXN-7392",
    "UBND phường Mẫu",
    "UBND phường Cũ",
    "kho/2025/00077",
    "Báo mất thẻ ở bến xe",
    "Chuyển khỏi địa bàn",
    "Nhập nhầm hồ sơ của bà",
    "Tôi khuyết tật từ nhỏ",
    "Hội đồng đã xác định lại",
];

impl Life {
    /// In the household of a companion, who was there before.
    fn lived(app: &TestApp, official: &Session<'_>, companion: String) -> Self {
        let home = text(&official.get(&format!("/v1/citizens/{companion}")).json(), "household_id");
        let today = app.state.today();
        let person = json!({ "name": "Nguyễn Thị Ánh Mẫu", "personal_id": "001183000001", "born_on": "1983-07-19",
            "sex": "female", "residence": "permanent", "citizenship": "vietnamese", "household_id": home });
        let citizen = made(official, "/v1/citizens", &person);
        let papers = format!("/v1/citizens/{citizen}/evidence");
        let paper = |number: &str, issuer: &str| {
            json!({ "kind": "disability_certificate", "number": number, "issuer": issuer, "issued_on": "2023-05-16",
                "scan": "kho/2025/00077", "facts": { "person": { "disability": { "severity": "exceptionally_severe" } } } })
        };
        let first = made(official, &papers, &paper("GXN-7391", "UBND phường Cũ"));
        let better =
            made(official, &format!("{papers}/{first}/replacement"), &paper("GXN-7392", "UBND phường Mẫu"));
        let wrong = json!({ "kind": "declaration", "issued_on": "2026-01-05",
            "facts": { "person": { "employment": "self_employed" } } });
        let wrong = made(official, &papers, &wrong);
        let reason = json!({ "reason": "Nhập nhầm hồ sơ của bà" });
        assert_eq!(official.create(&format!("{papers}/{wrong}/withdrawal"), &reason).status, 201);

        let asked = json!({ "entitlements": ["free_transit"] });
        let decided = text(&decide(official, &citizen, &asked), "id");
        let appeal = json!({ "filed_on": today, "grounds": "Tôi khuyết tật từ nhỏ", "entitlements": ["free_transit"] });
        let appeal = made(official, &format!("/v1/decisions/{decided}/appeals"), &appeal);
        let asked = json!({ "entitlements": ["free_transit"], "supersedes": decided });
        let changed = text(&decide(official, &citizen, &asked), "id");
        let outcome =
            json!({ "outcome": "changed", "reason": "Hội đồng đã xác định lại", "decision_id": changed });
        let end = format!("/v1/appeals/{appeal}/outcome");
        assert_eq!(official.send("POST", &end, &[("if-match", "\"1\"")], Some(&outcome)).status, 200);

        change(official, &citizen, &json!({ "personal_id": "001183000002", "old_number": "given_up" }));
        let duplicate =
            json!({ "name": "Nguyễn Thị Ánh", "personal_id": "001183000003", "born_on": "1983-07-19" });
        let duplicate = made(official, "/v1/citizens", &duplicate);
        let of_duplicate = text(&decide(official, &duplicate, &json!({})), "id");
        assert_eq!(step(official, &citizen, "merges", &json!({ "duplicate_id": duplicate })).status, 201);
        assert_eq!(step(official, &citizen, "moves", &json!({ "on": today })).status, 201);
        let card = card_for(official, &citizen);
        for (step, why) in [("suspend", "Báo mất thẻ ở bến xe"), ("revoke", "Chuyển khỏi địa bàn")]
        {
            assert_eq!(
                official.post(&format!("/v1/cards/{card}/{step}"), &json!({ "reason": why })).status,
                200
            );
        }
        let read = [("an-sinh-purpose", "casework")];
        for path in [
            format!("/v1/citizens/{citizen}"),
            format!("/v1/decisions/{decided}"),
            format!("/v1/cards/{card}"),
        ] {
            assert_eq!(official.send("GET", &path, &read, None).status, 200);
        }
        let things = vec![first, better, wrong, decided, changed, of_duplicate, appeal, card.clone()];
        Self { citizen, duplicate, companion, things, card }
    }
}

/// Every sealed value of every table.
fn all_sealed(store: &Store) -> Vec<SealedValue> {
    let all = store.read(|conn| {
        let mut all = Vec::new();
        for table in sealed::TABLES {
            all.extend(sealed::values(conn, table, "", 10_000)?);
        }
        Ok::<_, an_sinh::store::StoreError>(all)
    });
    all.expect("sealed values")
}

/// Whether bytes stand anywhere in what is kept; where.
fn place_of(kept: &[(String, Vec<u8>)], bytes: &[u8]) -> Option<String> {
    let holds = |(_, all): &&(String, Vec<u8>)| memchr_all(all, bytes);
    kept.iter().find(holds).map(|(place, _)| place.clone())
}

fn memchr_all(all: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else { return true };
    let mut from = 0;
    while let Some(at) = all[from..].iter().position(|byte| byte == first) {
        if all[from + at..].starts_with(part) {
            return true;
        }
        from += at + 1;
    }
    false
}

fn today_by_the_machine() -> NaiveDate {
    an_sinh::decisions::day_in_hanoi(Utc::now())
}
