//! Clients that write without a pause and remember what they were told, for the tests of bad days.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use an_sinh::{
    access::{NewAccount, Role, create_account},
    store::Store,
};
use serde_json::{Value, json};
use ureq::Agent;

use crate::people::{SECRET, WARD, secret, text};

/// A request that creates something, with its key.
#[derive(Debug, Clone)]
pub struct Creation {
    pub path: String,
    pub key: String,
    pub body: Value,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// The kept answer to an earlier request.
    pub replayed: bool,
    pub retry_after: Option<String>,
    pub body: Value,
}

impl Answer {
    #[track_caller]
    pub fn id(&self) -> String {
        text(&self.body, "id")
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// One client with a token.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    bearer: String,
}

impl Client {
    /// Adds the account that [`sign_in`](Self::sign_in) uses.
    pub fn account(store: &Store) {
        let account = NewAccount {
            role: Role::Integrator,
            login: "load",
            secret: secret(),
            unit: None,
            scopes: &[],
            must_change: false,
        };
        store.write(|conn| create_account(conn, account, "test", chrono::Utc::now())).expect("an account");
    }

    pub fn sign_in(address: SocketAddr) -> Self {
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let base = format!("http://{address}");
        let form = [("grant_type", "client_credentials"), ("client_id", "load"), ("client_secret", SECRET)];
        let mut reply = agent.post(format!("{base}/oauth/token")).send_form(form).expect("a reply");
        let token: Value = reply.body_mut().read_json().expect("JSON");
        Self { agent, base, bearer: format!("Bearer {}", text(&token, "access_token")) }
    }

    /// The same client at another server.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { base: format!("http://{address}"), ..self.clone() }
    }

    /// Sends it; nothing when the connection was cut off before the whole answer was there.
    pub fn create(&self, creation: &Creation) -> Option<Answer> {
        let sent = self
            .agent
            .post(format!("{}{}", self.base, creation.path))
            .header("authorization", &self.bearer)
            .header("idempotency-key", &creation.key)
            // Whatever the version is, where there is one.
            .header("if-match", "*")
            .send_json(&creation.body);
        Self::read(sent)
    }

    pub fn get(&self, path: &str) -> Option<Answer> {
        let sent =
            self.agent.get(format!("{}{path}", self.base)).header("authorization", &self.bearer).call();
        Self::read(sent)
    }

    fn read(sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Option<Answer> {
        let mut reply = sent.ok()?;
        let header = |name: &str| Some(reply.headers().get(name)?.to_str().expect("a header").to_owned());
        let (replayed, retry_after) = (header("idempotency-replayed").is_some(), header("retry-after"));
        let body = reply.body_mut().read_json().ok()?;
        Some(Answer { status: reply.status().as_u16(), replayed, retry_after, body })
    }
}

/// Citizens with a paper and a decision, one after the other.
pub struct Writer {
    pub name: String,
    citizen: String,
    number: usize,
}

impl Writer {
    /// `name` tells its keys from those of others.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), citizen: String::new(), number: 0 }
    }

    /// The next request.
    pub fn next(&mut self) -> Creation {
        let (path, body) = match self.number % 3 {
            0 => {
                ("/v1/citizens".to_owned(), json!({ "name": format!("Người {}", self.key()), "unit": WARD }))
            }
            1 => {
                let facts = json!({ "person": { "ethnic_minority": false } });
                let body = json!({ "kind": "declaration", "issued_on": "2026-01-05", "facts": facts });
                (format!("/v1/citizens/{}/evidence", self.citizen), body)
            }
            _ => {
                let body = json!({ "entitlements": ["free_transit"], "as_of": "2026-01-14" });
                (format!("/v1/citizens/{}/decisions", self.citizen), body)
            }
        };
        Creation { path, key: self.key(), body }
    }

    /// Goes on from an answer.
    pub fn answered(&mut self, answer: &Answer) {
        if self.number.is_multiple_of(3) {
            self.citizen = answer.id();
        }
        self.number += 1;
    }

    fn key(&self) -> String {
        format!("{}-{}", self.name, self.number)
    }

    /// Writes until the connection is cut off or `stop` is set. What was answered, and what was not.
    pub fn run(mut self, client: &Client, stop: &AtomicBool) -> Written {
        let mut written = Written::default();
        while !stop.load(Ordering::Relaxed) {
            let creation = self.next();
            match client.create(&creation) {
                Some(answer) => {
                    assert_eq!(answer.status, 201, "{answer:?} to {creation:?}");
                    self.answered(&answer);
                    written.answered.push((creation, answer));
                }
                None => {
                    written.cut_off = Some(creation);
                    break;
                }
            }
        }
        written
    }
}

/// What became of the requests of one writer.
#[derive(Default)]
pub struct Written {
    pub answered: Vec<(Creation, Answer)>,
    /// Nobody knows whether it was carried out.
    pub cut_off: Option<Creation>,
}

/// Whether tests run at full size.
pub fn full() -> bool {
    std::env::var_os("AN_SINH_FULL").is_some()
}
