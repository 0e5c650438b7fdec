//! Accounts, tokens and records for the tests of what is kept.

use std::sync::LazyLock;

use an_sinh::{
    access::{AccountKind, Caller, HashedSecret, NewAccount, Role, Scope, create_account},
    facts::UnitCode,
};
use serde_json::{Value, json};

use crate::helpers::{Reply, TestApp};

/// The secret of every account of these tests.
pub const SECRET: &str = "a secret of the tests";

/// The ward of most tests, and another.
pub const WARD: &str = "00166";
pub const OTHER_WARD: &str = "00256";

/// [`SECRET`], hashed once for all tests: that is slow on purpose.
pub fn secret() -> HashedSecret {
    static HASHED: LazyLock<HashedSecret> = LazyLock::new(|| HashedSecret::new(SECRET).expect("hashed"));
    HASHED.clone()
}

impl TestApp {
    /// Adds an account of a role; a client may hold fewer scopes.
    pub fn account(&self, role: Role, login: &str, unit: Option<&str>, scopes: &[Scope]) {
        let unit = unit.map(|unit| UnitCode::parse(unit).expect("a unit of Hanoi"));
        let account = NewAccount { role, login, secret: secret(), unit, scopes, must_change: false };
        let added =
            self.state.records.store.write(|conn| create_account(conn, account, "test", chrono::Utc::now()));
        added.expect("the account is added");
    }

    /// Sends a form to the token endpoint.
    pub fn grant(&self, form: &str) -> Reply {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", "/oauth/token", &headers, form.as_bytes().to_vec())
    }

    /// A token with just these scopes, whether or not a role has them; no account stands behind it.
    pub fn sign_in(
        &self,
        kind: AccountKind,
        login: &str,
        unit: Option<&str>,
        scopes: &[Scope],
    ) -> Session<'_> {
        let caller = Caller {
            subject: format!("{}:{login}", kind.as_str()),
            unit: unit.map(str::to_owned),
            scopes: scopes.to_vec(),
            session: None,
        };
        let token = self.state.records.tokens.issue(&caller, chrono::Utc::now()).expect("signed").token;
        Session { app: self, token }
    }

    /// Signs in with an account that is there.
    pub fn session(&self, kind: AccountKind, login: &str) -> Session<'_> {
        let form = match kind {
            AccountKind::Official => format!("grant_type=password&username={login}&password={SECRET}"),
            AccountKind::Client => {
                format!("grant_type=client_credentials&client_id={login}&client_secret={SECRET}")
            }
        };
        let reply = self.grant(&form.replace(' ', "+"));
        assert_eq!(reply.status, 200, "{reply:?}");
        Session { app: self, token: text(&reply.json(), "access_token") }
    }

    /// An official of [`WARD`] who may do everything an official does.
    pub fn official(&self) -> Session<'_> {
        self.account(Role::WardOfficial, "official", Some(WARD), &[]);
        self.session(AccountKind::Official, "official")
    }

    /// A transit operator.
    pub fn operator(&self) -> Session<'_> {
        self.account(Role::TransitOperator, "operator", None, &[]);
        self.session(AccountKind::Client, "operator")
    }
}

/// Somebody signed in.
pub struct Session<'a> {
    pub app: &'a TestApp,
    pub token: String,
}

impl Session<'_> {
    /// Any request with the token.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        if body.is_some() {
            all.push(("content-type", "application/json"));
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.app.send(method, path, &all, body)
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[], Some(body))
    }

    /// A POST that creates something, with a key of its own.
    pub fn create(&self, path: &str, body: &Value) -> Reply {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let key = format!("key-{}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        self.send("POST", path, &[("idempotency-key", &key)], Some(body))
    }

    /// A citizen of invented name and number; returns the id.
    #[track_caller]
    pub fn citizen(&self, name: &str, number: &str, born_on: &str) -> String {
        let body = json!({ "name": name, "personal_id": number, "born_on": born_on });
        let reply = self.create("/v1/citizens", &body);
        assert_eq!(reply.status, 201, "{reply:?}");
        text(&reply.json(), "id")
    }
}

/// A member that is text.
#[track_caller]
pub fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}")).to_owned()
}
