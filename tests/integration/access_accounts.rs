//! Accounts over HTTP and at the command line, and one's own password.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use an_sinh::access::{AccountKind, Role, Scope};
use serde_json::{Value, json};

use crate::{
    access_sessions::acts,
    helpers::{Database, TestApp},
    people::{SECRET, Session, WARD, text},
};

crate::on_each_database![
    an_account_is_made_used_shut_and_opened,
    versions_are_asked_for_and_one_does_not_shut_oneself_out,
    what_does_not_fit_a_role_is_told_at_once,
    accounts_come_in_pages_and_never_with_a_secret,
    a_password_is_changed_and_other_sessions_end,
    guessing_the_old_password_locks_the_account_too,
    who_has_no_password_here_changes_none,
    accounts_are_managed_at_the_command_line,
];

fn administrator(app: &TestApp) -> Session<'_> {
    app.account(Role::Administrator, "quantri", None, &[]);
    app.session(AccountKind::Official, "quantri")
}

fn password_grant(app: &TestApp, login: &str, password: &str) -> Value {
    let body = format!("grant_type=password&username={login}&password={}", password.replace(' ', "+"));
    app.grant(&body).json()
}

/// Sends a change with the version that is there now.
fn change(session: &Session<'_>, id: &str, step: &str) -> crate::helpers::Reply {
    let path = format!("/v1/accounts/{id}");
    let tag = session.get(&path).header("etag").to_owned();
    let key = format!("{tag}-{step}");
    session.send("POST", &format!("{path}/{step}"), &[("if-match", &tag), ("idempotency-key", &key)], None)
}

fn an_account_is_made_used_shut_and_opened(on: Database) {
    let app = TestApp::on(on);
    let admin = administrator(&app);
    let new = json!({ "role": "ward_official", "login": "lan", "unit": WARD });
    let key = [("idempotency-key", "one")];
    let reply = admin.send("POST", "/v1/accounts", &key, Some(&new));
    assert_eq!(
        (reply.status, reply.header("etag"), reply.header("cache-control")),
        (201, "\"1\"", "no-store")
    );
    let made = reply.json();
    let (id, secret) = (text(&made, "id"), text(&made, "secret"));
    assert_eq!(reply.header("location"), format!("/v1/accounts/{id}"));
    assert_eq!((&made["kind"], &made["must_change_password"]), (&json!("official"), &json!(true)));
    // The secret is told once: it is not kept for a repetition.
    let again = admin.send("POST", "/v1/accounts", &key, Some(&new));
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!((&again.json()["id"], &again.json()["secret"]), (&made["id"], &Value::Null));

    // Until the holder chooses a password of their own, the account does nothing else.
    let first = password_grant(&app, "lan", &secret);
    assert_eq!((&first["scope"], &first["password_change_required"]), (&json!(""), &json!(true)));
    assert!(first.get("refresh_token").is_none(), "{first}");
    let lan = Session { app: &app, token: text(&first, "access_token") };
    lan.get("/v1/citizens/x").problem(403, "missing_scope");
    let chosen = json!({ "old_password": secret, "new_password": "một mật khẩu của Lan" });
    assert_eq!(lan.post("/v1/account/password", &chosen).status, 204);
    let signed_in = password_grant(&app, "lan", "một mật khẩu của Lan");
    assert_eq!(signed_in["scope"], "evaluate citizens:read citizens:write decisions:write cards:issue");
    assert!(signed_in.get("password_change_required").is_none());
    assert_eq!(admin.get(&format!("/v1/accounts/{id}")).json()["must_change_password"], false);

    let shut = change(&admin, &id, "disable");
    assert_eq!((shut.status, shut.header("etag")), (200, "\"3\""));
    assert_eq!(shut.json()["disabled"], true);
    assert_eq!(password_grant(&app, "lan", "một mật khẩu của Lan")["error"], "invalid_grant");
    assert_eq!(change(&admin, &id, "enable").json()["disabled"], false);
    let reset = change(&admin, &id, "password");
    assert_eq!(reset.status, 200, "{reset:?}");
    assert_eq!(password_grant(&app, "lan", "một mật khẩu của Lan")["error"], "invalid_grant");
    assert_eq!(password_grant(&app, "lan", &text(&reset.json(), "secret"))["password_change_required"], true);
    assert_eq!(
        acts(&app)[1..],
        [
            "account.created",
            "account.password_changed",
            "account.disabled",
            "account.enabled",
            "account.secret_reset"
        ]
    );
}

fn versions_are_asked_for_and_one_does_not_shut_oneself_out(on: Database) {
    let app = TestApp::on(on);
    let admin = administrator(&app);
    app.account(Role::TransitOperator, "bus", None, &[]);
    let list = admin.get("/v1/accounts").json();
    let (own, bus) = (text(&list["items"][0], "id"), text(&list["items"][1], "id"));
    let send = |id: &str, step: &str, tag: &[(&str, &str)]| {
        let headers = [tag, &[("idempotency-key", step)]].concat();
        admin.send("POST", &format!("/v1/accounts/{id}/{step}"), &headers, None)
    };
    for step in ["disable", "enable", "password"] {
        send(&bus, step, &[]).problem(428, "precondition_required");
        send(&bus, step, &[("if-match", "\"7\"")]).problem(412, "precondition_failed");
        send(&own, step, &[("if-match", "*")]).problem(409, "own_account");
        send("nobody", step, &[("if-match", "*")]).problem(404, "account_not_found");
    }
    admin
        .send("POST", &format!("/v1/accounts/{bus}/password"), &[("if-match", "*")], None)
        .problem(400, "idempotency_key_required");
    let secret = text(&change(&admin, &bus, "password").json(), "secret");
    let form = format!("grant_type=client_credentials&client_id=bus&client_secret={secret}");
    assert_eq!(app.grant(&form).json()["scope"], "transit:check transit:check_by_number");
}

fn what_does_not_fit_a_role_is_told_at_once(on: Database) {
    let app = TestApp::on(on);
    let admin = administrator(&app);
    let findings = |body: Value| admin.create("/v1/accounts", &body).findings();
    assert_eq!(
        findings(json!({ "role": "root", "login": "Lan Anh", "unit": "99999", "scope": 1 })),
        [
            "unknown_value at /role",
            "invalid_login at /login",
            "unknown_unit at /unit",
            "unknown_field at /scope"
        ]
    );
    assert_eq!(findings(json!({})), ["missing_field at /role", "missing_field at /login"]);
    assert_eq!(findings(json!({ "role": "ward_official", "login": "lan" })), ["missing_field at /unit"]);
    assert_eq!(
        findings(json!({ "role": "auditor", "login": "lan", "unit": WARD, "scopes": ["audit:read"] })),
        ["unit_not_allowed at /unit", "invalid_scopes at /scopes"]
    );
    for scopes in [json!([]), json!(["admin"]), json!("evaluate"), json!([1])] {
        let body = json!({ "role": "integrator", "login": "he-thong", "scopes": scopes });
        assert_eq!(findings(body), ["invalid_scopes at /scopes"], "{scopes}");
    }
    let body =
        json!({ "role": "integrator", "login": "he-thong", "unit": WARD, "scopes": ["citizens:read"] });
    let made = admin.create("/v1/accounts", &body);
    assert_eq!(made.json()["scopes"], json!(["citizens:read"]));
    // Whatever its kind: what stands in the log as a name is one account.
    let taken = json!({ "role": "auditor", "login": "he-thong" });
    admin.create("/v1/accounts", &taken).problem(409, "login_taken");
}

fn accounts_come_in_pages_and_never_with_a_secret(on: Database) {
    let app = TestApp::on(on);
    let admin = administrator(&app);
    for number in 0..6 {
        app.account(Role::Auditor, &format!("kiemtoan-{number}"), None, &[]);
    }
    let (mut logins, mut path) = (Vec::new(), "/v1/accounts?limit=3".to_owned());
    loop {
        let reply = admin.get(&path);
        assert!(!reply.text().contains("argon2") && !reply.text().contains("secret"), "{reply:?}");
        let page = reply.json();
        logins.extend(page["items"].as_array().expect("items").iter().map(|item| text(item, "login")));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/accounts?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(logins.len(), 7);
    assert!(
        logins[1..].iter().enumerate().all(|(at, login)| *login == format!("kiemtoan-{at}")),
        "{logins:?}"
    );
    for query in ["limit=0", "limit=201", "limit=x"] {
        admin.get(&format!("/v1/accounts?{query}")).problem(400, "bad_request");
    }
}

fn a_password_is_changed_and_other_sessions_end(on: Database) {
    let app = TestApp::on(on);
    app.account(Role::WardOfficial, "lan", Some(WARD), &[]);
    let (here, there) = (password_grant(&app, "lan", SECRET), password_grant(&app, "lan", SECRET));
    let lan = Session { app: &app, token: text(&here, "access_token") };
    let send = |old: &str, new: &str| {
        lan.post("/v1/account/password", &json!({ "old_password": old, "new_password": new }))
    };
    for weak in ["short", "matkhau123456", "lanlanlanlan", SECRET] {
        assert_eq!(send(SECRET, weak).findings(), ["weak_password at /new_password"], "{weak}");
    }
    assert_eq!(send("wrong", "a good new password").findings(), ["wrong_password at /old_password"]);
    let missing = lan.post("/v1/account/password", &json!({ "new": "x" }));
    assert_eq!(
        missing.findings(),
        ["missing_field at /old_password", "missing_field at /new_password", "unknown_field at /new"]
    );
    assert_eq!(send(SECRET, "a good new password ").status, 204);
    let renew = |reply: &Value| {
        app.grant(&format!("grant_type=refresh_token&refresh_token={}", text(reply, "refresh_token"))).status
    };
    assert_eq!(renew(&here), 200, "the session that changed it goes on");
    assert_eq!(renew(&there), 400, "all others end");
    assert_eq!(password_grant(&app, "lan", SECRET)["error"], "invalid_grant");
    assert_eq!(
        password_grant(&app, "lan", "a good new password")["error"],
        "invalid_grant",
        "the space counts"
    );
    assert!(password_grant(&app, "lan", "a good new password ").get("access_token").is_some());
}

fn guessing_the_old_password_locks_the_account_too(on: Database) {
    let app = TestApp::on(on);
    app.account(Role::WardOfficial, "lan", Some(WARD), &[]);
    let lan = app.session(AccountKind::Official, "lan");
    let send = |old: &str| {
        lan.post(
            "/v1/account/password",
            &json!({ "old_password": old, "new_password": "a good new password" }),
        )
    };
    for _ in 0..5 {
        assert_eq!(send("wrong").status, 422);
    }
    assert_eq!(send(SECRET).findings(), ["wrong_password at /old_password"]);
    assert!(acts(&app).contains(&"account.locked".to_owned()));
}

fn who_has_no_password_here_changes_none(on: Database) {
    let app = TestApp::on(on);
    let bus = app.operator();
    let body = json!({ "old_password": SECRET, "new_password": "a good new password" });
    bus.post("/v1/account/password", &body).problem(403, "not_an_official");
    app.post("/v1/account/password", &body).problem(401, "unauthenticated");
    // A token outlives its account by minutes: it changes nothing then.
    let gone = app.sign_in(AccountKind::Official, "gone", None, &[Scope::Admin]);
    assert_eq!(gone.post("/v1/account/password", &body).findings(), ["wrong_password at /old_password"]);
}

/// Runs the program with a line on its standard input.
pub fn run(app: &TestApp, arguments: &[&str], line: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_an-sinh"));
    if let Some(file) = app.dir.key_file() {
        command.env("AN_SINH_DATA_KEY_FILE", file);
    }
    let mut child = command
        .args(arguments)
        .env("AN_SINH_DATABASE_URL", app.dir.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // A command that refuses its arguments does not wait to be told a password.
    let _ = writeln!(child.stdin.take().expect("its input"), "{line}");
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

fn accounts_are_managed_at_the_command_line(on: Database) {
    let app = TestApp::on(on);
    let run = |arguments: &[&str], line: &str| run(&app, &[&["accounts"], arguments].concat(), line);
    let official = ["add", "official", "--role", "ward_official", "--unit", "00166"];
    assert_eq!(run(&official, "short").0, Some(2));
    assert_eq!(run(&official, "matkhau123456").0, Some(2));
    assert_eq!(run(&official, SECRET), (Some(0), String::new()));
    assert_eq!(run(&official, SECRET).0, Some(2), "the name is in use");
    for wrong in [
        &["add", "lan", "--role", "ward_official", "--unit", "99999"][..],
        &["add", "lan", "--role", "ward_official"],
        &["add", "lan", "--role", "auditor", "--unit", "00166"],
        &["add", "lan", "--role", "root"],
        &["add", "Lan", "--role", "auditor"],
        &["add", "lan", "--role", "auditor", "--scope", "admin"],
        &["disable", "nobody"],
    ] {
        assert_eq!(run(wrong, SECRET).0, Some(2), "{wrong:?}");
    }
    app.session(AccountKind::Official, "official");

    let (status, secret) = run(&["add", "bus", "--role", "transit_operator", "--scope", "transit:check"], "");
    assert_eq!((status, secret.trim().len()), (Some(0), 43));
    let form =
        |secret: &str| format!("grant_type=client_credentials&client_id=bus&client_secret={}", secret.trim());
    assert_eq!(app.grant(&form(&secret)).json()["scope"], "transit:check");
    assert_eq!(run(&["role", "bus", "--role", "auditor"], "").0, Some(2), "a role for people");
    assert_eq!(run(&["role", "bus", "--role", "integrator", "--scope", "batch"], "").0, Some(0));
    assert_eq!(app.grant(&form(&secret)).json()["scope"], "batch");
    let (_, other) = run(&["password", "bus"], "");
    assert_eq!(app.grant(&form(&secret)).status, 401);
    assert_eq!(app.grant(&form(&other)).status, 200);

    assert_eq!(run(&["disable", "official"], "").0, Some(0));
    let (_, list) = run(&["list", "--lang", "en"], "");
    let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0][..4], ["official", "ward_official", "00166", "disabled"]);
    assert_eq!(lines[1][..4], ["bus", "integrator", "-", "active"]);
    assert_eq!(run(&["enable", lines[0][4]], "").0, Some(0), "by id as well");
    assert_eq!(run(&["password", "official", "--must-change"], "a password for once").0, Some(0));
    assert_eq!(password_grant(&app, "official", "a password for once")["password_change_required"], true);
}
