//! Checkpoints, proofs and entries over HTTP, checked by what the documents say and not by this program.

use an_sinh::{
    access::{AccountKind, Scope},
    audit::{
        note::{Note, VerifierKey},
        tree::{self, Hash},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{auditor, busy_ward};
use crate::{
    helpers::TestApp,
    people::{WARD, text},
};

fn hash(text: &str) -> Hash {
    STANDARD.decode(text).expect("base64").try_into().expect("32 bytes")
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().expect("a list").iter().map(|item| hash(item.as_str().expect("text"))).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The leaf as `docs/audit.md` says it is made.
fn leaf(view: &Value) -> Hash {
    let (entry, rows) = (&view["entry"], view["rows"].as_array().expect("rows"));
    let rows: Vec<Value> = rows.iter().map(|row| json!([row["table"], row["id"], row["digest"]])).collect();
    // Members in the order of their names; `serde_json` keeps it.
    let about = json!({ "purpose": entry["purpose"], "receipt": entry["receipt"], "rows": rows, "subject": entry["subject"] });
    let about = Sha256::new().chain_update(bytes(&text(view, "salt"))).chain_update(about.to_string());
    let about = hex(&about.finalize());
    assert_eq!(entry["about"], json!(about));
    let data = json!({ "about": about, "action": entry["action"], "actor": entry["actor"], "at": entry["recorded_at"], "seq": entry["seq"] });
    let data = Sha256::digest(data.to_string());
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

#[test]
fn a_decision_is_proved_to_whoever_has_the_key() {
    let app = TestApp::start();
    let decision = busy_ward(&app);
    let auditor = auditor(&app);
    let reply = auditor.get(&format!("/v1/audit/proofs/{decision}"));
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{reply:?}");
    let view = reply.json();
    assert_eq!(
        (&view["entry"]["action"], &view["entry"]["subject"]),
        (&json!("decision.recorded"), &json!(decision))
    );
    assert!(text(&view["entry"], "receipt").starts_with("sha256:"));
    assert_eq!((&view["rows"][0]["table"], &view["rows"][0]["id"]), (&json!("decisions"), &json!(decision)));
    let leaf = leaf(&view);
    assert_eq!(leaf, hash(&text(&view, "leaf_hash")));
    let note = Note::parse(&text(&view, "checkpoint")).expect("a note");
    let key = VerifierKey::parse(view["verifier_keys"][0].as_str().expect("a key")).expect("a key");
    assert!(note.is_signed_by(&key));
    let (index, size) =
        (view["leaf_index"].as_u64().expect("index"), view["tree_size"].as_u64().expect("size"));
    assert_eq!(size, note.checkpoint.size);
    let proof = hashes(&view["proof"]);
    assert!(tree::verify_inclusion(leaf, index, size, &proof, &note.checkpoint.root));
    assert!(!tree::verify_inclusion(leaf, index + 1, size, &proof, &note.checkpoint.root));
    for unknown in ["x", "01938f6e-0000-7000-8000-000000000001"] {
        auditor.get(&format!("/v1/audit/proofs/{unknown}")).problem(404, "decision_not_found");
    }
}

#[test]
fn checkpoints_follow_from_each_other() {
    let app = TestApp::start();
    let auditor = auditor(&app);
    app.official().citizen("Nguyễn Văn Mẫu", "001080000001", "1980");
    let first = auditor.get("/v1/audit/checkpoint");
    assert_eq!((first.status, first.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert_eq!(auditor.get("/v1/audit/checkpoint").text(), first.text(), "nothing was done since");
    let official = app.session(AccountKind::Official, "official");
    official.citizen("Nguyễn Văn Mẫu", "001080000002", "1980");
    let second = auditor.get("/v1/audit/checkpoint");
    let read = |text: &str| Note::parse(text).expect("a note").checkpoint;
    let (first, second) = (read(first.text()), read(second.text()));
    assert_eq!(first.origin, "an-sinh/audit");
    assert!(first.size < second.size);
    let proof = auditor.get(&format!("/v1/audit/consistency?from={}&to={}", first.size, second.size)).json();
    assert_eq!(hash(&text(&proof, "from_root")), first.root);
    assert_eq!(hash(&text(&proof, "to_root")), second.root);
    let proof = hashes(&proof["proof"]);
    assert!(tree::verify_consistency((first.size, &first.root), (second.size, &second.root), &proof));
    for query in [
        "",
        "?from=1",
        "?from=2&to=1",
        "?from=1&to=99999",
        "?from=-1&to=2",
        "?from=1&to=2&x=3",
        "?from=a&to=b",
    ] {
        auditor.get(&format!("/v1/audit/consistency{query}")).problem(400, "bad_request");
    }
    // One was made at shutdown, and the key outlives a restart.
    let token = auditor.token.clone();
    let app = app.restart();
    let session = crate::people::Session { app: &app, token };
    let third = Note::parse(session.get("/v1/audit/checkpoint").text()).expect("a note");
    assert_eq!(third.checkpoint.origin, "an-sinh/audit");
    super::assert_whole(&app.state.records.store);
}

#[test]
fn auditors_read_who_did_what_and_no_person() {
    let app = TestApp::start();
    busy_ward(&app);
    let auditor = auditor(&app);
    let (mut seen, mut cursor, mut all) = (Vec::new(), String::new(), String::new());
    loop {
        let page = auditor.get(&format!("/v1/audit/entries?limit=20{cursor}"));
        assert_eq!(page.status, 200, "{page:?}");
        all.push_str(page.text());
        let page = page.json();
        seen.extend(page["items"].as_array().expect("items").clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let places: Vec<_> = seen.iter().map(|entry| entry["seq"].as_u64().expect("seq")).collect();
    assert_eq!(places, (1..=places.len() as u64).collect::<Vec<_>>());
    let did = |action: &str| seen.iter().filter(|entry| entry["action"] == action).count();
    assert_eq!((did("citizen.added"), did("decision.recorded"), did("record.read")), (10, 10, 9));
    assert_eq!((did("card.revoked"), did("record.erased"), did("checkpoint.key_made")), (2, 1, 1));
    let read = seen.iter().find(|entry| entry["action"] == "record.read").expect("a read");
    assert_eq!((&read["purpose"], &read["erased"]), (&json!("benefit_decision"), &json!(false)));
    for personal in ["Nguyễn", "Mẫu", "00108000000", "1980-05-02"] {
        assert!(!all.contains(personal), "{personal}");
    }
    for query in ["limit=0", "limit=201", "cursor=-1", "cursor=x", "page=2"] {
        auditor.get(&format!("/v1/audit/entries?{query}")).problem(400, "bad_request");
    }
    let of_ward = app.sign_in(AccountKind::Official, "ward", Some(WARD), &[Scope::AuditRead]);
    of_ward.get("/v1/audit/entries").problem(403, "city_only");
}
