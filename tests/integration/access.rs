//! Who gets in: grants, lock-out, forged tokens. Sessions, accounts, keys, outside issuers and routes have files of their own.

use an_sinh::access::{AccountKind, Role, Scope};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    helpers::TestApp,
    people::{SECRET, Session, WARD, text},
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
    app.account(Role::WardOfficial, "lan", Some("00166"), &[]);
    app.account(Role::TransitOperator, "bus", None, &[Scope::TransitCheck]);
    let secret = SECRET.replace(' ', "+");

    let reply = app.grant(&format!("grant_type=password&username=lan&password={secret}"));
    let body = reply.json();
    assert_eq!(reply.status, 200, "{body}");
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(body["scope"], "evaluate citizens:read citizens:write decisions:write cards:issue");
    assert_eq!((text(&body, "refresh_token").len(), &body["refresh_expires_in"]), (43, &json!(43200)));
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
    let body = reply.json();
    assert_eq!(body["scope"], "transit:check", "fewer than the role has");
    assert!(body.get("refresh_token").is_none(), "RFC 6749 §4.4.3: none for machines");

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
    app.account(Role::WardOfficial, "lan", Some(WARD), &[]);
    for _ in 0..5 {
        refused(&app, "grant_type=password&username=lan&password=wrong", 400, "invalid_grant");
    }
    let right = format!("grant_type=password&username=lan&password={}", SECRET.replace(' ', "+"));
    refused(&app, &right, 400, "invalid_grant");
}

#[test]
fn nobody_can_lock_a_client_out() {
    let app = TestApp::start();
    app.account(Role::TransitOperator, "bus", None, &[]);
    for _ in 0..6 {
        let form = "grant_type=client_credentials&client_id=bus&client_secret=wrong";
        refused(&app, form, 401, "invalid_client");
    }
    app.session(AccountKind::Client, "bus");
}

#[test]
fn success_forgets_earlier_failures() {
    let app = TestApp::start();
    app.account(Role::WardOfficial, "lan", Some(WARD), &[]);
    let right = format!("grant_type=password&username=lan&password={}", SECRET.replace(' ', "+"));
    for _ in 0..3 {
        for _ in 0..4 {
            refused(&app, "grant_type=password&username=lan&password=wrong", 400, "invalid_grant");
        }
        assert_eq!(app.grant(&right).status, 200);
    }
}

pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[test]
fn forged_tokens_are_401_and_never_500() {
    use aws_lc_rs::signature::KeyPair;
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
    let foreign_public = foreign.public_key().as_ref().to_vec();
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

    // Signed by us, under another header.
    let headed = |member: &str, value: Value| own_token_with(&app, &good, &[(member, value)]);

    let tokens = [
        ("nothing", String::new()),
        ("typ JWT", headed("typ", json!("JWT"))),
        ("typ of an ID token", headed("typ", json!("id+jwt"))),
        ("no typ", headed("typ", Value::Null)),
        ("crit", headed("crit", json!(["exp"]))),
        ("empty crit", headed("crit", json!([]))),
        ("b64 unencoded", own_token_with(&app, &good, &[("b64", json!(false)), ("crit", json!(["b64"]))])),
        ("kid of nobody", headed("kid", json!("0000000000000000"))),
        ("kid empty", headed("kid", json!(""))),
        ("kid null byte", headed("kid", json!("a\u{0}b"))),
        ("kid very long", headed("kid", json!("k".repeat(3_000)))),
        ("alg of another family", headed("alg", json!("ES256"))),
        ("alg missing", headed("alg", Value::Null)),
        ("key at an address", elsewhere(&foreign, &good, "jku", json!("https://evil.example/jwks.json"))),
        ("certificate at an address", elsewhere(&foreign, &good, "x5u", json!("https://evil.example/x.pem"))),
        ("key inside", {
            let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(foreign_public) });
            elsewhere(&foreign, &good, "jwk", jwk)
        }),
        ("certificate inside", elsewhere(&foreign, &good, "x5c", json!(["MIIB"]))),
        ("twice the audience", ours(json!({ "aud": ["another-api", "and-another"] }))),
        ("expiry as text", ours(json!({ "exp": "tomorrow" }))),
        ("expiry negative", ours(json!({ "exp": -1 }))),
        ("no subject", ours(json!({ "sub": null }))),
        ("no expiry", ours(json!({ "exp": null }))),
        ("issuer in a list", ours(json!({ "iss": ["an-sinh"] }))),
        ("four parts", format!("{}.{signature}", session.token)),
        ("claims no object", format!("{head}.{}.{signature}", encode(&json!([1])))),
        ("deep claims", format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode("[".repeat(4_000)))),
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
        ("huge", format!("{head}.{}.{signature}", "A".repeat(60_000))),
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
    let same = Session { app: &app, token: own_token_with(&app, &good, &[]) };
    assert_eq!(same.get("/v1/citizens/x").status, 404, "and so does one we put together by hand");
    for authorization in ["Bearer", "Basic abc", "bearer  ", "Token x"] {
        let reply = app.send("GET", "/v1/citizens/x", &[("authorization", authorization)], Vec::new());
        reply.problem(401, "unauthenticated");
    }
    for at in 0..session.token.len() {
        let cut = Session { app: &app, token: session.token[..at].to_owned() };
        assert_eq!(cut.get("/v1/citizens/x").status, 401, "cut at {at}");
    }
    // A client of this test would not send such bytes.
    for bytes in [&b"\xc4\x91\xe1\xba\xa5t"[..], b"\xff\xfe", b"a\xc3"] {
        assert_eq!(raw_bearer(&app, bytes), 401, "{bytes:?}");
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

/// Sends bytes as a bearer token and reads the status.
fn raw_bearer(app: &TestApp, token: &[u8]) -> u16 {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(app.address).expect("connected");
    let head = b"GET /v1/citizens/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ";
    stream.write_all(&[head, token, b"\r\n\r\n"].concat()).expect("sent");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("read");
    let status = reply.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    status.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&reply)))
}

/// Signed by a stranger, with a header that says where to find the stranger's key.
fn elsewhere(key: &jsonwebtoken::EncodingKey, claims: &Value, member: &str, value: Value) -> String {
    let mut header = json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "stranger" });
    header[member] = value;
    signed(key, &header, claims)
}

/// Signed with a header of our choice, which `jsonwebtoken` would not make.
pub fn signed(key: &jsonwebtoken::EncodingKey, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(key.as_bytes()).expect("a key");
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes())))
}

/// Signed with the key of the service, under a header with these members changed.
fn own_token_with(app: &TestApp, claims: &Value, changes: &[(&str, Value)]) -> String {
    let store = &app.state.records.store;
    let keys = store.read(|conn| an_sinh::store::signing_keys::all(conn, store.vault())).expect("keys");
    let key = keys.last().expect("a key");
    let mut header = json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": key.kid });
    for (member, value) in changes {
        header[*member] = value.clone();
        if value.is_null() {
            header.as_object_mut().expect("an object").remove(*member);
        }
    }
    signed(&jsonwebtoken::EncodingKey::from_ed_der(&key.pkcs8), &header, claims)
}

fn ours_status(app: &TestApp, good: &Value) -> u16 {
    let session = Session { app, token: own_token(app, good, &json!({})) };
    session.get("/v1/citizens/01938f6e-0000-7000-8000-000000000001").status
}
