//! Who gets in: tokens, lock-out, the boundary of a unit, and every route against every kind of caller.

use an_sinh::access::{AccountKind, Scope};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    helpers::TestApp,
    people::{OTHER_WARD, SECRET, Session, text},
};

/// RFC 6749 §5.2: the status and the code of a refused grant.
#[track_caller]
fn refused(app: &TestApp, form: &str, status: u16, error: &str) {
    let reply = app.grant(form);
    let body = reply.json();
    assert_eq!((reply.status, body["error"].as_str()), (status, Some(error)), "{form}: {body}");
    assert!(body["error_description"].is_string() && body.get("code").is_none(), "{body}");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("content-type"), "application/json");
}

#[test]
fn tokens_are_granted_as_oauth_says() {
    let app = TestApp::start();
    app.account(AccountKind::Official, "lan", Some("00166"), &[Scope::CitizensRead, Scope::CitizensWrite]);
    app.account(AccountKind::Client, "bus", None, &[Scope::TransitCheck]);
    let secret = SECRET.replace(' ', "+");

    let reply = app.grant(&format!("grant_type=password&username=lan&password={secret}"));
    let body = reply.json();
    assert_eq!(reply.status, 200, "{body}");
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(body["scope"], "citizens:read citizens:write");
    assert_eq!(reply.header("cache-control"), "no-store");
    let claims = claims(&text(&body, "access_token"));
    assert_eq!((&claims["unit"], &claims["sub"]), (&json!("00166"), &json!("official:lan")));

    let narrow = format!("grant_type=password&username=lan&password={secret}&scope=citizens:read");
    assert_eq!(app.grant(&narrow).json()["scope"], "citizens:read");
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("bus:{SECRET}"));
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("authorization", &format!("Basic {basic}"))];
    let reply = app.send("POST", "/oauth/token", &headers, b"grant_type=client_credentials".to_vec());
    assert_eq!(reply.status, 200, "{reply:?}");

    refused(&app, "", 400, "invalid_request");
    refused(&app, "grant_type=password&username=lan", 400, "invalid_request");
    refused(&app, "grant_type=password&grant_type=password&username=a&password=b", 400, "invalid_request");
    refused(&app, "grant_type=implicit", 400, "unsupported_grant_type");
    refused(&app, "grant_type=password&username=lan&password=wrong", 400, "invalid_grant");
    refused(&app, "grant_type=password&username=nobody&password=wrong", 400, "invalid_grant");
    refused(&app, "grant_type=client_credentials&client_id=bus&client_secret=wrong", 401, "invalid_client");
    refused(&app, "grant_type=client_credentials", 401, "invalid_client");
    refused(&app, &format!("{narrow}+admin").replace("scope=citizens:read+", "scope="), 400, "invalid_scope");
    refused(&app, &format!("{narrow}+everything"), 400, "invalid_scope");
    let json = [("content-type", "application/json")];
    let reply = app.send("POST", "/oauth/token", &json, b"{}".to_vec());
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some("invalid_request")));
    // An official's password is no client secret.
    let mixed = format!("grant_type=client_credentials&client_id=lan&client_secret={secret}");
    refused(&app, &mixed, 401, "invalid_client");
}

#[test]
fn an_account_locks_after_five_failures_without_saying_so() {
    let app = TestApp::start();
    app.account(AccountKind::Official, "lan", None, &[Scope::CitizensRead]);
    for _ in 0..5 {
        refused(&app, "grant_type=password&username=lan&password=wrong", 400, "invalid_grant");
    }
    let right = format!("grant_type=password&username=lan&password={}", SECRET.replace(' ', "+"));
    refused(&app, &right, 400, "invalid_grant");
}

#[test]
fn nobody_can_lock_a_client_out() {
    let app = TestApp::start();
    app.account(AccountKind::Client, "bus", None, &[Scope::TransitCheck]);
    for _ in 0..6 {
        let form = "grant_type=client_credentials&client_id=bus&client_secret=wrong";
        refused(&app, form, 401, "invalid_client");
    }
    app.session(AccountKind::Client, "bus");
}

#[test]
fn success_forgets_earlier_failures() {
    let app = TestApp::start();
    app.account(AccountKind::Official, "lan", None, &[Scope::CitizensRead]);
    let right = format!("grant_type=password&username=lan&password={}", SECRET.replace(' ', "+"));
    for _ in 0..3 {
        for _ in 0..4 {
            refused(&app, "grant_type=password&username=lan&password=wrong", 400, "invalid_grant");
        }
        assert_eq!(app.grant(&right).status, 200);
    }
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[test]
fn forged_tokens_are_401_and_never_500() {
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    let app = TestApp::start();
    let session = app.official();
    let (head, rest) = session.token.split_once('.').expect("a token");
    let (payload, signature) = rest.split_once('.').expect("a token");
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).expect("base64")).expect("JSON");
    let good = claims(&session.token);
    let now = chrono::Utc::now().timestamp();
    let jwks = app.get("/.well-known/jwks.json").json();
    let public = URL_SAFE_NO_PAD.decode(text(&jwks["keys"][0], "x")).expect("base64url");
    let foreign = aws_lc_rs::signature::Ed25519KeyPair::generate().expect("a key");
    let foreign = EncodingKey::from_ed_der(foreign.to_pkcs8v1().expect("PKCS#8").as_ref());

    let with = |member: &str, value: Value| {
        let mut changed = header.clone();
        changed[member] = value;
        changed
    };
    // Signed by a stranger who knows everything but the key.
    let strange = |changes: Value, kid: Option<&str>| {
        let mut claims = good.clone();
        for (name, value) in changes.as_object().expect("changes") {
            claims[name] = value.clone();
        }
        let mut head = Header::new(Algorithm::EdDSA);
        head.typ = Some("at+jwt".into());
        head.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&head, &claims, &foreign).expect("signed")
    };
    let kid = text(&header, "kid");
    let hmac = {
        let mut head = Header::new(Algorithm::HS256);
        head.typ = Some("at+jwt".into());
        head.kid = Some(kid.clone());
        jsonwebtoken::encode(&head, &good, &EncodingKey::from_secret(&public)).expect("signed")
    };
    // Signed by ourselves, but for another time, place or purpose.
    let ours = |change: Value| own_token(&app, &good, &change);

    let tokens = [
        ("nothing", String::new()),
        ("no JWT", "abc".into()),
        ("two parts", format!("{head}.{payload}")),
        ("alg none", format!("{}.{payload}.", encode(&with("alg", json!("none"))))),
        ("alg None", format!("{}.{payload}.{signature}", encode(&with("alg", json!("NONE"))))),
        ("public key as HMAC key", hmac),
        (
            "other alg, same signature",
            format!("{}.{payload}.{signature}", encode(&with("alg", json!("RS256")))),
        ),
        ("changed claims", {
            let mut more = good.clone();
            more["scope"] = json!("admin");
            format!("{head}.{}.{signature}", encode(&more))
        }),
        ("foreign key, our kid", strange(json!({}), Some(&kid))),
        ("foreign key, no kid", strange(json!({}), None)),
        ("kid as path", strange(json!({}), Some("../../../etc/passwd"))),
        ("kid as SQL", strange(json!({}), Some("' OR 1=1 --"))),
        ("kid as number", format!("{}.{payload}.{signature}", encode(&with("kid", json!(7))))),
        ("key in the header", {
            let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" });
            format!("{}.{payload}.{signature}", encode(&with("jwk", jwk)))
        }),
        ("expired", ours(json!({ "exp": now - 60 }))),
        ("from the future", ours(json!({ "nbf": now + 600, "iat": now + 600, "exp": now + 900 }))),
        ("issued in the future", ours(json!({ "iat": now + 600 }))),
        ("other audience", ours(json!({ "aud": "another-api" }))),
        ("other issuer", ours(json!({ "iss": "someone" }))),
        ("no audience", ours(json!({ "aud": null }))),
        ("unknown scope", ours(json!({ "scope": "everything" }))),
        ("huge", format!("{head}.{}.{signature}", "A".repeat(6_000))),
        ("broken base64", format!("{head}.!!!.{signature}")),
        ("cut signature", session.token[..session.token.len() - 4].to_owned()),
    ];
    for (what, token) in &tokens {
        let forged = Session { app: &app, token: token.clone() };
        let reply = forged.get("/v1/citizens/01938f6e-0000-7000-8000-000000000001");
        reply.problem(401, "unauthenticated");
        assert!(reply.header("www-authenticate").starts_with("Bearer"), "{what}");
        assert!(token.len() < 10 || !reply.text().contains(token), "{what} is repeated");
    }
    assert_eq!(ours_status(&app, &good), 404, "the same token unchanged gets in");
    for authorization in ["Bearer", "Basic abc", "bearer  ", "Token x"] {
        let reply = app.send("GET", "/v1/citizens/x", &[("authorization", authorization)], Vec::new());
        reply.problem(401, "unauthenticated");
    }
}

/// Signs changed claims with the key of the service, which a test may read and nobody else.
fn own_token(app: &TestApp, good: &Value, change: &Value) -> String {
    use an_sinh::store::signing_keys;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    let store = &app.state.records.store;
    let keys = store.read(|conn| signing_keys::all(conn, store.vault())).expect("keys");
    let key = keys.last().expect("a key");
    let mut claims = good.clone();
    for (name, value) in change.as_object().expect("changes") {
        claims[name] = value.clone();
    }
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".into());
    header.kid = Some(key.kid.clone());
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&key.pkcs8)).expect("signed")
}

fn ours_status(app: &TestApp, good: &Value) -> u16 {
    let session = Session { app, token: own_token(app, good, &json!({})) };
    session.get("/v1/citizens/01938f6e-0000-7000-8000-000000000001").status
}

/// Every route of records, with a body that is in order, and the status it answers to: nobody, somebody without
/// any scope, somebody with the scope in another unit, somebody with the scope in the unit.
#[test]
fn every_route_asks_for_its_scope_and_its_unit() {
    let app = TestApp::start();
    let official = app.official();
    let citizen = official.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    let reply = official.create(&format!("/v1/citizens/{citizen}/decisions"), &json!({}));
    let decision = text(&reply.json(), "id");
    let card = crate::cards::card_for(&official, &citizen);
    let none = app.sign_in(AccountKind::Client, "none", None, &[]);
    let all: Vec<Scope> = Scope::ALL.to_vec();
    let stranger = app.sign_in(AccountKind::Official, "stranger", Some(OTHER_WARD), &all);
    let city = app.sign_in(AccountKind::Client, "city", None, &all);

    let new = json!({ "name": "Trần Văn Mẫu", "unit": "00166" });
    let document = json!({ "kind": "declaration", "issued_on": "2026-01-05", "facts": { "person": { "ethnic_minority": false } } });
    let found = json!({ "name": "không có ai" });
    let check = json!({ "presented": { "kind": "card_id", "value": card }, "service": "bus" });
    let reason = json!({ "reason": "thử nghiệm" });
    let c = |rest: &str| format!("/v1/citizens/{citizen}{rest}");
    let k = |rest: &str| format!("/v1/cards/{card}{rest}");
    // Method, path, body, and the status for the stranger and for the city.
    let table: Vec<(&str, String, Option<&Value>, u16, u16)> = vec![
        ("POST", "/v1/citizens".into(), Some(&new), 422, 201),
        ("POST", "/v1/citizens/search".into(), Some(&found), 200, 200),
        ("GET", c(""), None, 404, 200),
        ("PATCH", c(""), Some(&new), 404, 428),
        ("POST", c("/evidence"), Some(&document), 404, 201),
        ("GET", c("/evidence"), None, 404, 200),
        ("POST", c("/decisions"), Some(&found), 422, 422),
        ("GET", format!("/v1/decisions/{decision}"), None, 404, 200),
        ("GET", format!("/v1/decisions/{decision}/notice"), None, 404, 200),
        ("GET", k(""), None, 404, 200),
        ("POST", k("/suspend"), Some(&reason), 404, 200),
        ("POST", k("/resume"), Some(&reason), 404, 200),
        ("POST", k("/revoke"), Some(&reason), 404, 200),
        ("POST", "/v1/transit/status-checks".into(), Some(&check), 200, 200),
        ("GET", "/v1/audit/checkpoint".into(), None, 200, 200),
        ("GET", format!("/v1/audit/proofs/{decision}"), None, 404, 200),
        ("GET", "/v1/audit/consistency?from=1&to=2".into(), None, 200, 200),
        ("GET", "/v1/audit/entries".into(), None, 403, 200),
    ];
    for (method, path, body, for_stranger, for_city) in &table {
        let key = [("idempotency-key", path.as_str())];
        let send = |session: &Session<'_>| session.send(method, path, &key, *body);
        let nobody = Session { app: &app, token: String::new() };
        send(&nobody).problem(401, "unauthenticated");
        let lacking = send(&none);
        lacking.problem(403, "missing_scope");
        assert!(lacking.header("www-authenticate").contains("insufficient_scope"));
        assert_eq!(send(&stranger).status, *for_stranger, "{method} {path} for a stranger");
        assert_eq!(send(&city).status, *for_city, "{method} {path} for the city");
    }
    // What lies outside is answered as what does not exist, byte for byte but for trace and path.
    let plain = |path: &str| {
        let mut problem = stranger.get(path).json();
        problem["trace_id"].take();
        problem["instance"].take();
        problem
    };
    assert_eq!(plain(&c("")), plain("/v1/citizens/01938f6e-0000-7000-8000-000000000001"));
    assert_eq!(plain(&k("")), plain("/v1/cards/HN-22222-22222-2"));
}

#[test]
fn the_keys_are_published_and_outlive_a_restart() {
    let app = TestApp::start();
    let token = app.official().token;
    let before = app.get("/.well-known/jwks.json").json();
    let key = &before["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert!(key.get("d").is_none());
    let app = app.restart();
    assert_eq!(app.get("/.well-known/jwks.json").json(), before);
    let session = Session { app: &app, token };
    session.get("/v1/citizens/01938f6e-0000-7000-8000-000000000001").problem(404, "citizen_not_found");
}

#[test]
fn accounts_are_added_at_the_command_line() {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };
    let app = TestApp::start();
    let add = |arguments: &[&str], password: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_an-sinh"))
            .args(["accounts", "add"])
            .args(arguments)
            .env("AN_SINH_DATABASE_URL", app.dir.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        // A command that refuses its arguments does not wait to be told a password.
        let _ = writeln!(child.stdin.take().expect("its input"), "{password}");
        let output = child.wait_with_output().expect("it ends");
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let official = ["official", "official", "--unit", "00166", "--scope", "citizens:read"];
    assert_eq!(add(&official, "short").0, Some(2));
    assert_eq!(add(&official, SECRET), (Some(0), String::new()));
    assert_eq!(add(&official, SECRET).0, Some(2), "the name is in use");
    assert_eq!(add(&["official", "lan", "--unit", "99999", "--scope", "citizens:read"], SECRET).0, Some(2));
    assert_eq!(add(&["official", "lan", "--scope", "everything"], SECRET).0, Some(2));
    app.session(AccountKind::Official, "official");

    let (status, secret) = add(&["client", "bus", "--scope", "transit:check"], "");
    assert_eq!((status, secret.trim().len()), (Some(0), 43));
    let form = format!("grant_type=client_credentials&client_id=bus&client_secret={}", secret.trim());
    assert_eq!(app.grant(&form).json()["scope"], "transit:check");
}
