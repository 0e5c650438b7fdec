//! A running service per test, and a client to talk to it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
    thread::JoinHandle,
    time::Duration,
};

use actix_web::{dev::ServerHandle, web};
use an_sinh::{
    api::{AppState, Config, server},
    policy::Policy,
};
use chrono::NaiveDate;
use serde_json::Value;
use ureq::{
    Agent, Body,
    http::{Request, Response},
};

pub use crate::databases::{Database, TempDir};

/// The pack in this program. Reading and compiling it takes seconds unoptimised, so all tests share it.
fn pack() -> Arc<Policy> {
    static PACK: LazyLock<Arc<Policy>> =
        LazyLock::new(|| Arc::new(Policy::embedded().expect("the embedded pack")));
    Arc::clone(&PACK)
}

/// One service on a free port with an empty database of its own. It stops when dropped.
pub struct TestApp {
    pub address: SocketAddr,
    pub state: web::Data<AppState>,
    agent: Agent,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// Where its database is.
    pub dir: Arc<TempDir>,
}

impl TestApp {
    /// With the settings of a test: two workers and 2026-01-14 as today; on SQLite.
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// The same on a database of that kind.
    pub fn on(database: Database) -> Self {
        Self::in_dir(TempDir::on(database), |_| {})
    }

    /// With some settings changed.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::in_dir(TempDir::new(), change)
    }

    /// On a database that may be there already, for tests of a restart.
    pub fn in_dir(dir: impl Into<Arc<TempDir>>, change: impl FnOnce(&mut Config)) -> Self {
        let dir = dir.into();
        let mut config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database_url: dir.url().into(),
            data_key_file: dir.key_file(),
            today: NaiveDate::from_ymd_opt(2026, 1, 14),
            workers: Some(2),
            ..Config::default()
        };
        change(&mut config);
        let state = web::Data::new(AppState::new(config, pack()).expect("a state"));
        let (sender, receiver) = std::sync::mpsc::channel();
        let served = state.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (address, server) = server::bind(served.clone()).expect("bind a free port");
                sender.send((address, server.handle())).expect("the test waits for the address");
                server::run(served, server).await.expect("serve");
            });
        });
        let (address, handle) = receiver.recv().expect("the server starts");
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        Self { address, state, agent, handle, thread: Some(thread), dir }
    }

    /// Stops, and starts again on the same database.
    pub fn restart(self) -> Self {
        let today = self.state.today();
        self.restart_on(today)
    }

    /// Stops, and starts again on the same database on another day.
    pub fn restart_on(self, today: NaiveDate) -> Self {
        let dir = Arc::clone(&self.dir);
        drop(self);
        Self::in_dir(dir, |config| config.today = Some(today))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], Vec::new())
    }

    /// Sends JSON and reads the reply.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string().into_bytes())
    }

    /// Any request. The reply is read to its end.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let mut request = Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).expect("a well-formed request");
        // Some tests send a body with a method that usually has none.
        let request = self.agent.configure_request(request).allow_non_standard_methods(true).build();
        Reply::read(self.agent.run(request).expect("the server answers"))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.expect("the server ends cleanly");
            }
        }
    }
}

/// A reply, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    fn read(response: Response<Body>) -> Self {
        let (parts, mut body) = response.into_parts();
        let bytes = body.read_to_vec().expect("read the body");
        Self { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("text")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Checks that the reply is a problem of that code with everything a problem must have, and returns it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!((self.status, problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("/errors/{code}"), "{problem}");
        assert_eq!(problem["trace_id"], self.header("trace-id"), "{problem}");
        for member in ["title", "detail", "instance"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "no {member}: {problem}");
        }
        assert!(problem["errors"].is_array(), "{problem}");
        problem
    }

    /// The codes and pointers of a problem, as `code at pointer`.
    #[track_caller]
    pub fn findings(&self) -> Vec<String> {
        let problem = self.problem(422, "invalid_body");
        let errors = problem["errors"].as_array().expect("a list of errors");
        let text = |error: &Value, member: &str| error[member].as_str().expect("text").to_owned();
        errors.iter().map(|error| format!("{} at {}", text(error, "code"), text(error, "pointer"))).collect()
    }
}

/// Every Rust file below a folder, with its text.
pub fn rust_files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("list a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("read a source");
            files.push((path, text));
        }
    }
    files
}
