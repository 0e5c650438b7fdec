//! Tokens of a trusted outside issuer, and everything that only looks like one.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use an_sinh::{
    access::{JwksSource, TrustedIssuer},
    api::{AppState, Config},
    policy::Policy,
};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    helpers::{TempDir, TestApp},
    people::{OTHER_WARD, Session, WARD},
};

const ISS: &str = "https://sso.example/realms/hanoi";
const AUD: &str = "an-sinh-hanoi";

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The issuer's keys, one of each kind we take.
struct Issuer {
    ed: Ed25519KeyPair,
    ec: EcdsaKeyPair,
    rsa: RsaKeyPair,
}

impl Issuer {
    fn new() -> Self {
        Self {
            ed: Ed25519KeyPair::generate().expect("a key"),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"),
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"),
        }
    }

    fn jwks(&self) -> Value {
        let point = self.ec.public_key().as_ref();
        // RFC 8017 A.1.1: two lengths and a sign byte stand before the modulus.
        let modulus = &self.rsa.public_key().as_ref()[9..9 + 256];
        json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "kid": "ed", "use": "sig", "x": base64(self.ed.public_key().as_ref()) },
            { "kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "x": base64(&point[1..33]), "y": base64(&point[33..]) },
            { "kty": "RSA", "kid": "rsa", "alg": "RS256", "n": base64(modulus), "e": "AQAB", "x5c": ["MIIB"] },
            { "kty": "RSA", "kid": "short", "n": base64(&[0xc5; 128]), "e": "AQAB" },
            { "kty": "RSA", "kid": "to-encrypt", "use": "enc", "n": base64(modulus), "e": "AQAB" },
            { "kty": "EC", "crv": "P-521", "kid": "other-curve", "x": "AA", "y": "AA" },
            { "kty": "unknown", "kid": "from-the-future" }
        ] })
    }

    /// Signs with the key of that name, whatever the header says.
    fn sign(&self, key: &str, header: &Value, claims: &Value) -> String {
        let message =
            format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()));
        let signature = match key {
            "ed" => self.ed.sign(message.as_bytes()).as_ref().to_vec(),
            "ec" => {
                let signed = self.ec.sign(&SystemRandom::new(), message.as_bytes()).expect("signed");
                signed.as_ref().to_vec()
            }
            _ => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa
                    .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
                    .expect("signed");
                signature
            }
        };
        format!("{message}.{}", base64(&signature))
    }

    /// A good token but for some claims (`null` takes one away).
    fn token(&self, changes: &Value) -> String {
        self.sign("ed", &header("EdDSA", "ed"), &claims(changes))
    }
}

fn header(alg: &str, kid: &str) -> Value {
    json!({ "typ": "at+jwt", "alg": alg, "kid": kid })
}

fn claims(changes: &Value) -> Value {
    let now = chrono::Utc::now().timestamp();
    let mut claims = json!({
        "iss": ISS, "aud": ["account", AUD], "sub": "7d1f0c", "iat": now, "exp": now + 300,
        "scope": "openid citizens:read citizens:write profile", "unit": WARD,
    });
    for (name, value) in changes.as_object().expect("changes") {
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().expect("claims").remove(name);
        }
    }
    claims
}

fn trusted(jwks: JwksSource) -> TrustedIssuer {
    TrustedIssuer { issuer: ISS.into(), audience: AUD.into(), jwks, city_wide: false }
}

/// A service that trusts the issuer by a file.
fn start(issuer: &Issuer, change: impl FnOnce(&mut TrustedIssuer)) -> (TestApp, PathBuf, TempDir) {
    let dir = TempDir::new();
    let path = dir.path().join("jwks.json");
    std::fs::write(&path, issuer.jwks().to_string()).expect("written");
    let mut trusted = trusted(JwksSource::File(path.clone()));
    change(&mut trusted);
    (TestApp::with(|config| config.trusted_issuer = Some(trusted)), path, dir)
}

fn status(app: &TestApp, token: &str) -> u16 {
    Session { app, token: token.to_owned() }.get("/v1/citizens/x").status
}

#[test]
fn tokens_of_the_trusted_issuer_get_in_within_their_unit() {
    let issuer = Issuer::new();
    let (app, ..) = start(&issuer, |_| {});
    for (alg, kid) in [("EdDSA", "ed"), ("ES256", "ec"), ("RS256", "rsa")] {
        for typ in ["at+jwt", "application/at+jwt", "JWT"] {
            let mut header = header(alg, kid);
            header["typ"] = json!(typ);
            assert_eq!(status(&app, &issuer.sign(kid, &header, &claims(&json!({})))), 404, "{alg} {typ}");
        }
    }
    let here = Session { app: &app, token: issuer.token(&json!({})) };
    let citizen = here.citizen("Nguyễn Thị Mẫu", "001180000001", "1980-05-02");
    assert_eq!(here.get(&format!("/v1/citizens/{citizen}")).json()["unit"], WARD);
    here.create(&format!("/v1/citizens/{citizen}/decisions"), &json!({})).problem(403, "missing_scope");
    let there = Session { app: &app, token: issuer.token(&json!({ "unit": OTHER_WARD })) };
    there.get(&format!("/v1/citizens/{citizen}")).problem(404, "citizen_not_found");
    // Its name is set apart from our own accounts: nobody outside bears the name of one of them.
    let rows = app.state.records.store.read(|conn| an_sinh::store::audit_entries::page(conn, 0, 10));
    assert_eq!(rows.expect("read").last().expect("a row").actor, "external:7d1f0c");
    here.post("/v1/account/password", &json!({ "old_password": "a", "new_password": "b" }))
        .problem(403, "not_an_official");
}

#[test]
fn a_token_over_citizens_without_a_unit_needs_to_be_allowed() {
    let issuer = Issuer::new();
    let without = issuer.token(&json!({ "unit": null }));
    let (app, ..) = start(&issuer, |_| {});
    assert_eq!(status(&app, &without), 401);
    let harmless = issuer.token(&json!({ "unit": null, "scope": "evaluate transit:check" }));
    assert_eq!(status(&app, &harmless), 403, "it is good, and holds no scope over citizens");
    let (app, ..) = start(&issuer, |trusted| trusted.city_wide = true);
    assert_eq!(status(&app, &without), 404);
    assert_eq!(status(&app, &issuer.token(&json!({ "unit": "99999" }))), 401, "no unit of Hanoi");
}

#[test]
fn what_only_looks_like_a_token_of_the_issuer_is_401() {
    let issuer = Issuer::new();
    let (app, ..) = start(&issuer, |_| {});
    let now = chrono::Utc::now().timestamp();
    let good = claims(&json!({}));
    let ours = app.official().token;
    let our_kid: Value = serde_json::from_slice(
        &URL_SAFE_NO_PAD.decode(ours.split('.').next().expect("a header")).expect("base64url"),
    )
    .expect("JSON");
    let our_kid = our_kid["kid"].as_str().expect("a kid");
    let our_claims = crate::access::claims(&ours);
    let with = |member: &str, value: Value| {
        let mut header = header("EdDSA", "ed");
        header[member] = value;
        issuer.sign("ed", &header, &good)
    };
    let hmac = |key: &[u8], kid: &str| {
        let mut head = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        head.typ = Some("at+jwt".into());
        head.kid = Some(kid.into());
        jsonwebtoken::encode(&head, &good, &jsonwebtoken::EncodingKey::from_secret(key)).expect("signed")
    };
    let none = format!(
        "{}.{}.",
        base64(header("none", "ed").to_string().as_bytes()),
        base64(good.to_string().as_bytes())
    );
    let stranger = Issuer::new();
    let own = |changes: Value| {
        let mut claims = our_claims.clone();
        claims.as_object_mut().expect("claims").extend(changes.as_object().expect("changes").clone());
        claims
    };
    let tokens = [
        ("alg none", none),
        ("HMAC with the Ed25519 key", hmac(issuer.ed.public_key().as_ref(), "ed")),
        ("HMAC with the RSA key", hmac(issuer.rsa.public_key().as_ref(), "rsa")),
        ("HMAC with the set", hmac(issuer.jwks().to_string().as_bytes(), "ec")),
        ("another key's algorithm", issuer.sign("ec", &header("ES256", "ed"), &good)),
        ("another key's name", issuer.sign("ed", &header("EdDSA", "rsa"), &good)),
        ("PS256 with the RSA key", issuer.sign("rsa", &header("PS256", "rsa"), &good)),
        ("RS512 with the RSA key", issuer.sign("rsa", &header("RS512", "rsa"), &good)),
        ("a key that encrypts", issuer.sign("rsa", &header("RS256", "to-encrypt"), &good)),
        ("a short key", issuer.sign("rsa", &header("RS256", "short"), &good)),
        ("a stranger's key", stranger.token(&json!({}))),
        ("a kid that is a path", with("kid", json!("../../jwks.json"))),
        ("a kid that is SQL", with("kid", json!("' OR 1=1 --"))),
        ("our kid", with("kid", json!(our_kid))),
        ("no kid", with("kid", Value::Null)),
        ("crit", with("crit", json!(["exp"]))),
        ("an ID token", with("typ", json!("id+jwt"))),
        ("a logout token", with("typ", json!("logout+jwt"))),
        ("no typ", with("typ", Value::Null)),
        ("expired", issuer.token(&json!({ "exp": now - 60 }))),
        ("no expiry", issuer.token(&json!({ "exp": null }))),
        ("not yet", issuer.token(&json!({ "nbf": now + 600 }))),
        ("issued in the future", issuer.token(&json!({ "iat": now + 600 }))),
        ("another audience", issuer.token(&json!({ "aud": "another" }))),
        ("no audience", issuer.token(&json!({ "aud": null }))),
        ("another issuer", issuer.token(&json!({ "iss": "https://evil.example" }))),
        ("nearly the issuer", issuer.token(&json!({ "iss": format!("{ISS}/") }))),
        ("no subject", issuer.token(&json!({ "sub": null }))),
        ("an empty subject", issuer.token(&json!({ "sub": "" }))),
        ("a subject with a line break", issuer.token(&json!({ "sub": "a\nofficial:lan" }))),
        ("a very long subject", issuer.token(&json!({ "sub": "a".repeat(201) }))),
        ("scopes in a list", issuer.token(&json!({ "scope": ["citizens:read"] }))),
        ("huge", issuer.token(&json!({ "padding": "a".repeat(20_000) }))),
        // Each issuer's keys are good for its own tokens only.
        ("the issuer's key, in our name", issuer.sign("ed", &header("EdDSA", "ed"), &our_claims)),
        ("the issuer's key, our name and kid", issuer.sign("ed", &header("EdDSA", our_kid), &our_claims)),
        (
            "our claims in the issuer's name",
            issuer.sign("ed", &header("EdDSA", "ed"), &own(json!({ "iss": ISS }))),
        ),
        ("our key, in the issuer's name", our_token(&app, &good, our_kid)),
        ("our key, the issuer's name and kid", our_token(&app, &good, "ed")),
        ("our key, the issuer's audience", our_token(&app, &own(json!({ "aud": AUD })), our_kid)),
    ];
    for (what, token) in &tokens {
        let reply = Session { app: &app, token: token.clone() }.get("/v1/citizens/x");
        assert_eq!(reply.status, 401, "{what}: {reply:?}");
        reply.problem(401, "unauthenticated");
        assert!(!reply.text().contains(token.as_str()), "{what} is repeated");
    }
    assert_eq!(status(&app, &issuer.token(&json!({}))), 404, "the good one gets in");
    // Signed by the issuer's own key: what the header says about keys changes nothing.
    for (member, value) in [
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": base64(stranger.ed.public_key().as_ref()) })),
    ] {
        let mut header = header("EdDSA", "ed");
        header[member] = value;
        assert_eq!(status(&app, &issuer.sign("ed", &header, &good)), 404, "{member} is not looked at");
        assert_eq!(status(&app, &stranger.sign("ed", &header, &good)), 401, "{member} is not looked at");
    }
}

/// Signed with the key of the service.
fn our_token(app: &TestApp, claims: &Value, kid: &str) -> String {
    let store = &app.state.records.store;
    let keys = store.read(|conn| an_sinh::store::signing_keys::all(conn, store.vault())).expect("keys");
    let key = jsonwebtoken::EncodingKey::from_ed_der(&keys.last().expect("a key").pkcs8);
    crate::access::signed(&key, &header("EdDSA", kid), claims)
}

#[test]
fn without_a_trusted_issuer_its_tokens_are_strangers() {
    let app = TestApp::start();
    assert_eq!(status(&app, &Issuer::new().token(&json!({}))), 401);
}

#[test]
fn a_file_that_changes_is_read_again_and_a_bad_one_is_not_taken() {
    let (old, new) = (Issuer::new(), Issuer::new());
    let (app, path, _dir) = start(&old, |_| {});
    let mut set = new.jwks();
    set["keys"][0]["kid"] = json!("ed-2");
    std::fs::write(&path, set.to_string()).expect("written");
    let token = new.sign("ed", &header("EdDSA", "ed-2"), &claims(&json!({})));
    assert_eq!(status(&app, &token), 404, "an unknown name makes it look");
    assert_eq!(status(&app, &old.token(&json!({}))), 401, "what is no longer in the set is no longer good");
    for bad in ["", "{}", "[]", r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"ed-3","x":"AA","d":"AA"}]}"#]
    {
        std::fs::write(&path, bad).expect("written");
        app.state.records.tokens.read_again(chrono::Utc::now());
        assert_eq!(status(&app, &token), 404, "{bad}: the keys at hand stay");
    }
}

/// Serves a set of keys and counts how often.
fn serve(set: Arc<Mutex<String>>, asked: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            asked.fetch_add(1, Ordering::Relaxed);
            let mut lines = BufReader::new(&stream).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let body = set.lock().expect("the set").clone();
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    format!("http://{address}/jwks")
}

#[test]
fn keys_are_fetched_at_start_and_once_for_many_unknown_names() {
    let (issuer, asked) = (Issuer::new(), Arc::new(AtomicUsize::new(0)));
    let set = Arc::new(Mutex::new(issuer.jwks().to_string()));
    let url = serve(Arc::clone(&set), Arc::clone(&asked));
    let source = JwksSource::parse(&url).expect("an address of this machine");
    let app = TestApp::with(|config| config.trusted_issuer = Some(trusted(source)));
    assert_eq!(status(&app, &issuer.token(&json!({}))), 404);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let rotated = Issuer::new();
    let mut new = rotated.jwks();
    new["keys"][0]["kid"] = json!("ed-2");
    *set.lock().expect("the set") = new.to_string();
    let token = rotated.sign("ed", &header("EdDSA", "ed-2"), &claims(&json!({})));
    assert_eq!(status(&app, &token), 404);
    for number in 0..50 {
        let kid = format!("stranger-{number}");
        assert_eq!(status(&app, &rotated.sign("ed", &header("EdDSA", &kid), &claims(&json!({})))), 401);
    }
    assert_eq!(asked.load(Ordering::Relaxed), 2, "strangers do not make us ask again and again");
}

#[test]
fn an_issuer_that_is_down_or_floods_us_stops_nobody_else() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let silent = format!("http://{}/jwks", silent.local_addr().expect("its address"));
    let flood = serve(Arc::new(Mutex::new("x".repeat(1_000_000))), Arc::default());
    for url in [silent.as_str(), flood.as_str(), "http://127.0.0.1:1/jwks"] {
        let source = JwksSource::parse(url).expect("an address of this machine");
        let app = TestApp::with(|config| config.trusted_issuer = Some(trusted(source)));
        assert_eq!(status(&app, &Issuer::new().token(&json!({}))), 401, "{url}");
        assert_eq!(status(&app, &app.official().token), 404, "{url}");
    }
}

#[test]
fn a_service_does_not_start_with_keys_it_cannot_use() {
    let dir = TempDir::new();
    let path = dir.path().join("jwks.json");
    let start = |trusted: TrustedIssuer| {
        let config =
            Config { database_url: dir.url().into(), trusted_issuer: Some(trusted), ..Config::default() };
        AppState::new(config, Policy::embedded().expect("the pack"))
    };
    let by_file = || trusted(JwksSource::File(path.clone()));
    assert!(start(by_file()).is_err(), "there is no file");
    std::fs::write(&path, "not JSON").expect("written");
    assert!(start(by_file()).is_err());
    std::fs::write(&path, Issuer::new().jwks().to_string()).expect("written");
    assert!(start(TrustedIssuer { issuer: "an-sinh".into(), ..by_file() }).is_err(), "nobody bears our name");
    assert!(start(by_file()).is_ok());
}
