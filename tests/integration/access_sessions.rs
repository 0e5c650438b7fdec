//! Staying signed in: refresh tokens are good once, and what ends a session ends it at once.

use an_sinh::{
    access::{
        self, AccountKind, HashedSecret, Role,
        lifetimes::{REFRESH_IDLE, REFRESH_LONGEST},
    },
    store::accounts,
};
use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::{
    helpers::{Database, Reply, TestApp},
    people::{SECRET, Session, WARD, text},
};

crate::on_each_database![
    a_refresh_token_is_good_once_and_renews_the_same_session,
    a_used_token_that_comes_back_ends_the_session,
    of_many_who_present_a_token_at_once_one_at_most_goes_on,
    what_is_not_a_living_token_is_refused,
    a_session_ends_by_itself_when_idle_and_after_its_longest_time,
    revoking_ends_the_session,
    shutting_a_new_role_and_a_reset_end_sessions_at_once,
    only_hashes_are_kept,
];

fn sign_in(app: &TestApp, login: &str) -> Value {
    let form = format!("grant_type=password&username={login}&password={}", SECRET.replace(' ', "+"));
    let reply = app.grant(&form);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn renew(app: &TestApp, token: &str) -> Reply {
    app.grant(&format!("grant_type=refresh_token&refresh_token={token}"))
}

#[track_caller]
fn ended(app: &TestApp, token: &str) {
    let reply = renew(app, token);
    assert_eq!((reply.status, reply.json()["error"].clone()), (400, json!("invalid_grant")), "{reply:?}");
}

fn official(app: &TestApp) -> accounts::Account {
    let found = app.state.records.store.read(|conn| accounts::find(conn, AccountKind::Official, "lan"));
    found.expect("read").expect("an account")
}

/// What the audit log says was done, in order.
pub fn acts(app: &TestApp) -> Vec<String> {
    let rows = app.state.records.store.read(|conn| an_sinh::store::audit_entries::page(conn, 0, 1_000));
    rows.expect("read").into_iter().map(|row| row.action).collect()
}

fn start(on: Database) -> TestApp {
    let app = TestApp::on(on);
    app.account(Role::WardOfficial, "lan", Some(WARD), &[]);
    app
}

fn a_refresh_token_is_good_once_and_renews_the_same_session(on: Database) {
    let app = start(on);
    let first = sign_in(&app, "lan");
    let reply = renew(&app, &text(&first, "refresh_token"));
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"));
    let second = reply.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(second["scope"], first["scope"]);
    let session = Session { app: &app, token: text(&second, "access_token") };
    session.get("/v1/citizens/x").problem(404, "citizen_not_found");

    let narrow =
        format!("grant_type=refresh_token&refresh_token={}&scope=evaluate", text(&second, "refresh_token"));
    let third = app.grant(&narrow).json();
    assert_eq!(third["scope"], "evaluate");
    // Narrower once is not narrower for good (RFC 6749 §6); more than was granted is never had.
    let token = text(&third, "refresh_token");
    let more = app.grant(&format!("grant_type=refresh_token&refresh_token={token}&scope=admin"));
    assert_eq!((more.status, more.json()["error"].clone()), (400, json!("invalid_scope")));
    assert_eq!(
        renew(&app, &token).json()["scope"],
        first["scope"],
        "a refused wish does not use the token up"
    );
}

fn a_used_token_that_comes_back_ends_the_session(on: Database) {
    let app = start(on);
    let (stolen, other) = (sign_in(&app, "lan"), sign_in(&app, "lan"));
    let first = text(&stolen, "refresh_token");
    let second = text(&renew(&app, &first).json(), "refresh_token");
    ended(&app, &first);
    ended(&app, &second);
    assert_eq!(renew(&app, &text(&other, "refresh_token")).status, 200, "another session goes on");
    assert!(acts(&app).contains(&"session.reuse_detected".to_owned()));
}

fn of_many_who_present_a_token_at_once_one_at_most_goes_on(on: Database) {
    let app = start(on);
    let token = text(&sign_in(&app, "lan"), "refresh_token");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| renew(&app, &token).status)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a reply")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
}

fn what_is_not_a_living_token_is_refused(on: Database) {
    let app = start(on);
    let access = text(&sign_in(&app, "lan"), "access_token");
    for token in ["x", "%00", "%C4%91", &"a".repeat(43), &access] {
        ended(&app, token);
    }
    for form in [
        "grant_type=refresh_token",
        "grant_type=refresh_token&refresh_token=",
        "grant_type=refresh_token&refresh_token=a&refresh_token=b",
    ] {
        assert_eq!(app.grant(form).json()["error"], "invalid_request", "{form}");
    }
}

fn a_session_ends_by_itself_when_idle_and_after_its_longest_time(on: Database) {
    let app = start(on);
    let store = &app.state.records.store;
    let now = Utc::now();
    let token = text(&sign_in(&app, "lan"), "refresh_token");
    let late = access::refresh(store, &token, None, now + REFRESH_IDLE + Duration::minutes(1));
    assert!(late.is_err(), "idle too long");
    let (mut token, mut at) = (token, now);
    let mut renewed = 0;
    while let Ok((_, next)) = access::refresh(store, &token, None, at) {
        assert!(next.expires_in > 0 && next.expires_in <= REFRESH_IDLE.num_seconds());
        (token, at, renewed) = (next.token, at + Duration::hours(11), renewed + 1);
    }
    assert!(
        at - now >= REFRESH_LONGEST - Duration::hours(12)
            && at - now <= REFRESH_LONGEST + Duration::hours(12),
        "{}",
        at - now
    );
    assert!(renewed > 60);
}

fn revoking_ends_the_session(on: Database) {
    let app = start(on);
    let reply = sign_in(&app, "lan");
    let token = text(&reply, "refresh_token");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let revoke = |body: String| app.send("POST", "/oauth/revoke", &form, body.into_bytes());
    let access = revoke(format!("token={}", text(&reply, "access_token")));
    assert_eq!((access.status, access.json()["error"].clone()), (400, json!("unsupported_token_type")));
    assert_eq!(revoke(format!("token={token}&token_type_hint=refresh_token")).status, 200);
    ended(&app, &token);
    assert_eq!(revoke(format!("token={token}")).status, 200, "again is no error");
    assert_eq!(revoke("token=nobody".into()).status, 200, "nor is a stranger's");
    assert_eq!(revoke(String::new()).json()["error"], "invalid_request");
    assert_eq!(app.post("/oauth/revoke", &json!({})).json()["error"], "invalid_request");
    assert_eq!(acts(&app).iter().filter(|act| *act == "session.revoked").count(), 1);
}

fn shutting_a_new_role_and_a_reset_end_sessions_at_once(on: Database) {
    let app = start(on);
    let store = &app.state.records.store;
    let now = Utc::now();
    let token = text(&sign_in(&app, "lan"), "refresh_token");
    store
        .write(|conn| access::set_role(conn, official(&app), Role::Auditor, None, &[], "test", now))
        .expect("another role");
    ended(&app, &token);
    let reply = sign_in(&app, "lan");
    assert_eq!(reply["scope"], "audit:read");

    let token = text(&reply, "refresh_token");
    store.write(|conn| access::set_disabled(conn, official(&app), true, "test", now)).expect("shut");
    ended(&app, &token);
    let right = format!("grant_type=password&username=lan&password={}", SECRET.replace(' ', "+"));
    assert_eq!(app.grant(&right).json()["error"], "invalid_grant", "and nobody signs in");
    store.write(|conn| access::set_disabled(conn, official(&app), false, "test", now)).expect("open");

    let token = text(&sign_in(&app, "lan"), "refresh_token");
    let secret = HashedSecret::new("another secret of the tests").expect("hashed");
    store
        .write(|conn| access::reset_secret(conn, official(&app), secret, false, "test", now))
        .expect("reset");
    ended(&app, &token);
    assert_eq!(
        acts(&app),
        [
            "account.created",
            "account.role_changed",
            "account.disabled",
            "account.enabled",
            "account.secret_reset"
        ]
    );
}

fn only_hashes_are_kept(on: Database) {
    let app = start(on);
    let token = text(&sign_in(&app, "lan"), "refresh_token");
    let kept = app.dir.all_that_is_kept();
    assert!(!kept.is_empty());
    for (place, bytes) in kept {
        for secret in [&token, SECRET] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{place}");
        }
    }
}
