//! Every route against every kind of caller. The routes are read from the served document: one without a row below fails.

use std::collections::BTreeSet;

use an_sinh::access::{AccountKind, Role};
use serde_json::{Value, json};

use crate::{
    helpers::{Reply, TestApp},
    people::{OTHER_WARD, Session, WARD, text},
};

/// The columns of the table: nobody, each role (ward officials of the ward of the records), an official of another ward.
const CALLERS: [&str; 9] = [
    "nobody",
    "ward_official",
    "city_reviewer",
    "policy_manager",
    "auditor",
    "administrator",
    "transit_operator",
    "integrator",
    "stranger",
];

/// What anyone gets, and what only those who evaluate or send batches get where tokens are demanded.
const OPEN: [u16; 9] = [200; 9];
const EVALUATE: [u16; 9] = [401, 200, 200, 200, 403, 403, 403, 200, 200];
const READ: [u16; 9] = [401, 200, 200, 403, 403, 403, 403, 200, 404];
const AUDIT: [u16; 9] = [401, 403, 403, 403, 200, 403, 403, 403, 403];
/// An account that changes needs its version.
const ADMIN: [u16; 9] = [401, 403, 403, 403, 403, 428, 403, 403, 403];

/// Route and status for each caller, in the order in which they are tried.
const TABLE: &[(&str, [u16; 9])] = &[
    ("GET /.well-known/jwks.json", OPEN),
    ("GET /errors", OPEN),
    ("GET /errors/{code}", OPEN),
    ("GET /health/live", OPEN),
    ("GET /health/ready", OPEN),
    ("GET /metrics", OPEN),
    ("GET /openapi.json", OPEN),
    // Whoever sends nothing in order is told so, whoever they are.
    ("POST /oauth/token", [400; 9]),
    ("POST /oauth/revoke", [400; 9]),
    ("POST /v1/evaluations", EVALUATE),
    ("POST /v1/evaluations/batch", [401, 403, 403, 403, 403, 403, 403, 200, 403]),
    ("GET /v1/policy", EVALUATE),
    ("GET /v1/policy/categories", EVALUATE),
    ("GET /v1/policy/checks", EVALUATE),
    ("GET /v1/policy/entitlements", EVALUATE),
    ("GET /v1/policy/entitlements/{id}", EVALUATE),
    ("GET /v1/policy/facts", EVALUATE),
    ("GET /v1/policy/parameters", EVALUATE),
    ("GET /v1/policy/parameters/{id}", EVALUATE),
    ("GET /v1/policy/sources", EVALUATE),
    ("GET /v1/policy/sources/{id}", EVALUATE),
    ("POST /v1/citizens", [401, 201, 403, 403, 403, 403, 403, 201, 422]),
    ("POST /v1/citizens/search", [401, 200, 200, 403, 403, 403, 403, 200, 200]),
    ("GET /v1/citizens/{id}", READ),
    ("PATCH /v1/citizens/{id}", [401, 428, 403, 403, 403, 403, 403, 428, 404]),
    ("POST /v1/citizens/{id}/evidence", [401, 201, 403, 403, 403, 403, 403, 201, 404]),
    ("GET /v1/citizens/{id}/evidence", READ),
    ("GET /v1/citizens/{id}/facts", READ),
    ("GET /v1/citizens/{id}/versions", READ),
    ("GET /v1/citizens/{id}/export", READ),
    ("POST /v1/citizens/{id}/erasure", [401, 428, 403, 403, 403, 403, 403, 428, 404]),
    ("GET /v1/households/{id}", READ),
    ("POST /v1/citizens/{id}/moves", [401, 428, 403, 403, 403, 403, 403, 428, 404]),
    ("POST /v1/citizens/{id}/merges", [401, 428, 403, 403, 403, 403, 403, 428, 404]),
    // No such document.
    (
        "POST /v1/citizens/{id}/evidence/{evidence_id}/replacement",
        [401, 404, 403, 403, 403, 403, 403, 404, 404],
    ),
    (
        "POST /v1/citizens/{id}/evidence/{evidence_id}/withdrawal",
        [401, 404, 403, 403, 403, 403, 403, 404, 404],
    ),
    ("GET /v1/citizens/{id}/decisions", READ),
    ("GET /v1/decisions/{id}/replay", READ),
    ("POST /v1/decisions/{id}/appeals", [401, 201, 201, 403, 403, 403, 403, 201, 404]),
    ("GET /v1/decisions/{id}/appeals", READ),
    ("GET /v1/appeals/{id}", READ),
    ("POST /v1/appeals/{id}/outcome", [401, 428, 428, 403, 403, 403, 403, 428, 404]),
    ("GET /v1/audit/checkpoint", AUDIT),
    ("GET /v1/audit/consistency", AUDIT),
    ("GET /v1/audit/entries", AUDIT),
    ("GET /v1/audit/proofs/{decision_id}", AUDIT),
    ("POST /v1/citizens/{id}/decisions", [401, 201, 201, 403, 403, 403, 403, 201, 404]),
    ("GET /v1/decisions/{id}", READ),
    ("GET /v1/decisions/{id}/notice", READ),
    ("POST /v1/cards", [401, 409, 403, 403, 403, 403, 403, 403, 404]),
    ("GET /v1/cards/{id}", READ),
    ("POST /v1/cards/{id}/suspend", [401, 200, 403, 403, 403, 403, 403, 403, 404]),
    ("POST /v1/cards/{id}/resume", [401, 200, 403, 403, 403, 403, 403, 403, 404]),
    ("POST /v1/cards/{id}/revoke", [401, 200, 403, 403, 403, 403, 403, 403, 404]),
    ("POST /v1/transit/status-checks", [401, 403, 403, 403, 403, 403, 200, 403, 403]),
    ("GET /v1/accounts", [401, 403, 403, 403, 403, 200, 403, 403, 403]),
    ("POST /v1/accounts", [401, 403, 403, 403, 403, 201, 403, 403, 403]),
    ("GET /v1/accounts/{id}", [401, 403, 403, 403, 403, 200, 403, 403, 403]),
    ("POST /v1/accounts/{id}/disable", ADMIN),
    ("POST /v1/accounts/{id}/enable", ADMIN),
    ("POST /v1/accounts/{id}/password", ADMIN),
    // The old password in the example is nobody's; machines have none.
    ("POST /v1/account/password", [401, 422, 422, 422, 422, 422, 403, 403, 422]),
];

/// Records to be reached for.
struct World {
    citizen: String,
    decision: String,
    /// A decision that says yes.
    free: String,
    card: String,
    account: String,
    household: String,
    appeal: String,
    document: Value,
}

impl World {
    /// In the ward of the records; the document is the one that is served.
    fn new(app: &TestApp) -> Self {
        let official = app.official();
        let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
        let reply = official.create(&format!("/v1/citizens/{citizen}/decisions"), &json!({}));
        let card = crate::cards::card_for(&official, &citizen);
        let free = crate::cards::decision(app, &citizen, "2026-01-14", &crate::cards::free());
        let accounts = app.state.records.store.read(|conn| an_sinh::store::accounts::page(conn, "", 1));
        let account = accounts.expect("read").remove(0).id;
        let household = text(&official.get(&format!("/v1/citizens/{citizen}")).json(), "household_id");
        let appeal = json!({ "filed_on": "2026-01-14", "grounds": "Tôi không đồng ý." });
        let decided = text(&reply.json(), "id");
        let appeal = official.create(&format!("/v1/decisions/{decided}/appeals"), &appeal);
        let appeal = text(&appeal.json(), "id");
        let document = app.get("/openapi.json").json();
        Self {
            decision: text(&reply.json(), "id"),
            citizen,
            free,
            card,
            account,
            household,
            appeal,
            document,
        }
    }

    /// The path with the ids of what is there.
    fn path(&self, path: &str) -> String {
        let id = match path.split('/').nth(2).unwrap_or_default() {
            "citizens" => &self.citizen,
            "decisions" => &self.decision,
            "cards" => &self.card,
            "households" => &self.household,
            "appeals" => &self.appeal,
            "accounts" => &self.account,
            _ if path.starts_with("/v1/policy/entitlements") => "free_transit",
            _ if path.starts_with("/v1/policy/parameters") => "base_salary",
            _ if path.starts_with("/v1/policy/sources") => "luat51_2024",
            _ => "",
        };
        let path = path.replace("consistency", "consistency?from=1&to=2");
        path.replace("{id}", id)
            .replace("{decision_id}", &self.decision)
            .replace("{evidence_id}", "01938f6e-0000-7000-8000-000000000001")
            .replace("{code}", "invalid_body")
    }

    /// Media type and body: the example of the document, unless it must name what is there.
    fn body(&self, route: &str, path: &str, method: &str) -> Option<(&str, String)> {
        let own = match route {
            "POST /v1/citizens" => Some(json!({ "name": "Trần Văn Mẫu", "unit": WARD })),
            "POST /v1/citizens/{id}/decisions" => Some(json!({ "entitlements": ["free_transit"] })),
            "POST /v1/decisions/{id}/appeals" => {
                Some(json!({ "filed_on": "2026-01-14", "grounds": "Tôi không đồng ý." }))
            }
            "POST /v1/cards" => Some(json!({ "decision_id": self.free })),
            "POST /v1/transit/status-checks" => {
                Some(json!({ "presented": { "kind": "card_id", "value": self.card }, "service": "bus" }))
            }
            _ => None,
        };
        if let Some(own) = own {
            return Some(("application/json", own.to_string()));
        }
        let operation = &self.document["paths"][path][method.to_lowercase()];
        let (media, content) = operation["requestBody"]["content"].as_object()?.iter().next()?;
        let example = match &content["example"] {
            Value::String(lines) => lines.clone(),
            Value::Null => String::new(),
            value => value.to_string(),
        };
        Some((media, example))
    }

    fn send(&self, session: Option<&Session<'_>>, app: &TestApp, route: &str, caller: &str) -> Reply {
        let (method, path) = route.split_once(' ').expect("a method and a path");
        let key = format!("{route} {caller}");
        let bearer = session.map(|session| format!("Bearer {}", session.token));
        let body = self.body(route, path, method);
        let mut headers = vec![("idempotency-key", key.as_str())];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        headers.extend(body.as_ref().map(|(media, _)| ("content-type", *media)));
        let body = body.as_ref().map(|(_, text)| text.clone().into_bytes()).unwrap_or_default();
        app.send(method, &self.path(path), &headers, body)
    }
}

/// A token for each column, with the scopes that follow from the role.
fn sessions(app: &TestApp) -> Vec<Option<Session<'_>>> {
    let session = |caller: &str| {
        let (role, unit) = match caller {
            "nobody" => return None,
            "stranger" => (Role::WardOfficial, Some(OTHER_WARD)),
            "ward_official" => (Role::WardOfficial, Some(WARD)),
            other => (Role::parse(other).expect("a role"), None),
        };
        Some(app.sign_in(role.kind(), caller.replace('_', "-").as_str(), unit, role.scopes()))
    };
    CALLERS.iter().map(|caller| session(caller)).collect()
}

#[test]
fn every_route_has_a_row_and_every_role_a_column() {
    let app = TestApp::start();
    let document = app.get("/openapi.json").json();
    let mut served = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            served.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let rows: BTreeSet<String> = TABLE.iter().map(|(route, _)| (*route).to_owned()).collect();
    let missing: Vec<_> = served.difference(&rows).collect();
    assert!(missing.is_empty(), "routes without a row in tests/integration/access_routes.rs: {missing:?}");
    let gone: Vec<_> = rows.difference(&served).collect();
    assert!(gone.is_empty() && rows.len() == TABLE.len(), "rows without a route, or twice: {gone:?}");
    let roles: BTreeSet<&str> = CALLERS.iter().copied().filter(|name| Role::parse(name).is_some()).collect();
    assert_eq!(roles, Role::NAMES.iter().copied().collect());
}

#[test]
fn every_route_answers_every_caller_as_the_table_says() {
    // Where tokens are demanded of everybody; where they are not, the open routes answer anyone.
    let app = TestApp::with(|config| config.require_token = true);
    let world = World::new(&app);
    let sessions = sessions(&app);
    let mut wrong = Vec::new();
    for (route, expected) in TABLE {
        for ((caller, session), expected) in CALLERS.iter().zip(&sessions).zip(expected) {
            let reply = world.send(session.as_ref(), &app, route, caller);
            if reply.status != *expected {
                wrong.push(format!("{route} for {caller}: {} instead of {expected}", reply.status));
            }
            match reply.status {
                401 => drop(reply.problem(401, "unauthenticated")),
                403 if *route != "POST /v1/account/password" => {
                    reply.problem(403, "missing_scope");
                    assert!(reply.header("www-authenticate").contains("insufficient_scope"), "{route}");
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_lies_in_another_unit_is_answered_as_what_does_not_exist() {
    let app = TestApp::start();
    let world = World::new(&app);
    let stranger =
        app.sign_in(AccountKind::Official, "stranger", Some(OTHER_WARD), Role::WardOfficial.scopes());
    // Byte for byte but for trace and path.
    let plain = |path: &str| {
        let mut problem = stranger.get(path).json();
        problem["trace_id"].take();
        problem["instance"].take();
        problem
    };
    let nobody = "01938f6e-0000-7000-8000-000000000001";
    for (there, absent) in [
        (format!("/v1/citizens/{}", world.citizen), format!("/v1/citizens/{nobody}")),
        (format!("/v1/citizens/{}/evidence", world.citizen), format!("/v1/citizens/{nobody}/evidence")),
        (format!("/v1/decisions/{}", world.decision), format!("/v1/decisions/{nobody}")),
        (format!("/v1/cards/{}", world.card), "/v1/cards/HN-22222-22222-2".to_owned()),
    ] {
        assert_eq!(plain(&there), plain(&absent), "{there}");
    }
}
