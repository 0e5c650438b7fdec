//! Keys that sign tokens: rotated and retired while the service runs.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    access_accounts::run,
    access_sessions::acts,
    helpers::{Database, TempDir, TestApp},
    people::{Session, text},
};

crate::on_each_database![
    keys_are_published_and_outlive_a_restart,
    a_rotation_reaches_a_running_service_with_the_first_token_of_the_new_key,
    a_service_looks_by_itself_and_a_retired_key_is_refused,
];

fn kid(token: &str) -> String {
    let head = token.split('.').next().expect("a header");
    let head: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).expect("base64url")).expect("JSON");
    text(&head, "kid")
}

fn published(app: &TestApp) -> Vec<String> {
    let set = app.get("/.well-known/jwks.json").json();
    set["keys"].as_array().expect("keys").iter().map(|key| text(key, "kid")).collect()
}

/// 404: the token is good, there is no such citizen.
fn status(app: &TestApp, token: &str) -> u16 {
    Session { app, token: token.to_owned() }.get("/v1/citizens/x").status
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(10), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn keys_are_published_and_outlive_a_restart(on: Database) {
    let app = TestApp::on(on);
    let token = app.official().token;
    let before = app.get("/.well-known/jwks.json").json();
    let key = &before["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert!(key.get("d").is_none());
    let app = app.restart();
    assert_eq!(app.get("/.well-known/jwks.json").json(), before);
    assert_eq!(status(&app, &token), 404);
}

fn a_rotation_reaches_a_running_service_with_the_first_token_of_the_new_key(on: Database) {
    // It would not look by itself within this test.
    let app = TestApp::in_dir(TempDir::on(on), |config| config.keys_read_every = Duration::from_secs(3_600));
    let old = app.official().token;
    let (code, new_kid) = run(&app, &["keys", "rotate"], "");
    assert_eq!(code, Some(0));
    assert_eq!(published(&app), [kid(&old)], "nobody has told it yet");
    let replica = TestApp::in_dir(Arc::clone(&app.dir), |_| {});
    let new = replica.session(an_sinh::access::AccountKind::Official, "official").token;
    assert_eq!(kid(&new), new_kid.trim());
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..10).map(|_| scope.spawn(|| status(&app, &new))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a status")).collect()
    });
    assert_eq!(statuses, [404; 10], "all that come at once get in");
    assert_eq!(published(&app), [kid(&old), kid(&new)]);
    assert_eq!((status(&app, &old), status(&replica, &old)), (404, 404), "the old key verifies on");
    let signed = app.session(an_sinh::access::AccountKind::Official, "official").token;
    assert_eq!(kid(&signed), kid(&new), "and signs no more");
}

fn a_service_looks_by_itself_and_a_retired_key_is_refused(on: Database) {
    let app = TestApp::in_dir(TempDir::on(on), |config| config.keys_read_every = Duration::from_millis(50));
    let old = app.official().token;
    let keys = |arguments: &[&str]| run(&app, &[&["keys"], arguments].concat(), "");
    assert_eq!(keys(&["retire", &kid(&old)]).0, Some(2), "the key that signs stays");
    assert_eq!(keys(&["retire", "nobody"]).0, Some(2));
    let new_kid = keys(&["rotate"]).1.trim().to_owned();
    wait_until("the new key is known", || published(&app).len() == 2);
    let list = keys(&["list", "--lang", "en"]).1;
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].starts_with(&kid(&old)) && lines[0].contains("verifies until"), "{list}");
    assert!(lines[1].starts_with(&new_kid) && lines[1].ends_with("signs"), "{list}");

    assert_eq!(status(&app, &old), 404);
    assert_eq!(keys(&["retire", &kid(&old)]).0, Some(0));
    wait_until("the retired key is gone", || status(&app, &old) == 401);
    assert_eq!(published(&app), [new_kid]);
    assert_eq!(acts(&app)[1..], ["key.rotated", "key.retired"]);
}

#[test]
fn strangers_with_unknown_keys_do_not_keep_a_service_reading() {
    let app = TestApp::start();
    let token = app.official().token;
    let claims = crate::access::claims(&token);
    let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().expect("a key");
    let key = jsonwebtoken::EncodingKey::from_ed_der(pair.to_pkcs8v1().expect("PKCS#8").as_ref());
    let started = Instant::now();
    for number in 0..200 {
        let header = json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": format!("stranger-{number}") });
        assert_eq!(status(&app, &crate::access::signed(&key, &header, &claims)), 401);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(status(&app, &token), 404);
}
