//! Small packs of law in folders of their own, and a service that answers by one.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use ureq::Agent;

use crate::{cli::program, helpers::TempDir};

const PACK: &str = r#"
id = "small"
version = "VERSION"
title = { vi = "Gói nhỏ", en = "Small pack" }
covers = { from = 2024-01-01, to = 2027-12-31 }
"#;
const SOURCES: &str = r#"
[[source]]
id = "qd1"
number = "1/2024/QĐ-MẪU"
title = { vi = "Quyết định mẫu", en = "Invented decision" }
issuer = { vi = "Cơ quan mẫu", en = "Invented office" }
effective = 2024-01-01
confidence = "seen"
"#;
const PARAMETERS: &str = r#"
[[parameter]]
id = "gift"
unit = "vnd"
label = { vi = "mức quà", en = "gift" }
values = [{ from = 2024-01-01, value = "FIGURE", cite = ["qd1"], confidence = "seen" }]
"#;
const DECISION: &str = r#"
decision = "gift"
title = { vi = "Quà", en = "Gift" }
covers = { from = 2024-01-01, to = 2027-12-31 }
headline = "share"
entitled_when = "share > 0"
tiers = ["1"]
fields = ["gift_vnd"]
[hit]
share = "max"
[[rule]]
id = "poor"
tier = "1"
rank = 10
when = "household.poverty_status = poor"
then = { share = "100" }
cite = ["qd1 Đ1"]
confidence = "seen"
vi = "Hộ nghèo được tặng quà {$gift} đồng."
en = "A poor household gets a gift of {$gift} VND."
unmet = { vi = "Không phải hộ nghèo.", en = "Not a poor household." }
[otherwise]
then = { share = "0" }
cite = ["qd1"]
confidence = "seen"
vi = "Không được tặng quà."
en = "No gift."
[[field]]
id = "gift_vnd"
value = "$gift * share / 100"
[[test]]
name = "poor"
as_of = 2026-01-14
given = { household.poverty_status = "poor" }
want = { outcome = "entitled" }
"#;

/// Whom the pack gives to.
pub const ASK: &str = r#"{"as_of":"2026-01-14","people":[{"id":"a"}],"household":{"poverty_status":"poor"}}"#;

/// Writes a pack that gives so many đồng; returns its folder.
pub fn write(dir: &TempDir, name: &str, figure: u32) -> PathBuf {
    let folder = dir.path().join(name);
    let file = |file: &str, text: &str| {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("make a folder");
        fs::write(file, text).expect("write a file");
    };
    file("pack.toml", &PACK.replace("VERSION", name));
    file("sources.toml", SOURCES);
    file("parameters/all.toml", &PARAMETERS.replace("FIGURE", &figure.to_string()));
    file("entitlements/gift.toml", DECISION);
    folder
}

/// Adds an approval that applies from a day.
pub fn approve(folder: &Path, applies_from: &str) {
    let file = folder.join("pack.toml");
    let approval = format!(
        "[approval]\nby = {{ vi = \"Cơ quan mẫu\", en = \"Invented office\" }}\non = 2026-01-02\napplies_from = {applies_from}\n"
    );
    let text = fs::read_to_string(&file).expect("the pack") + &approval;
    fs::write(file, text).expect("write the pack");
}

/// What an answer to [`ASK`] says: digest and đồng.
pub fn told(answer: &Value) -> (String, u64) {
    let digest = answer["policy"]["digest"].as_str().expect("a digest").to_owned();
    let figure = answer["people"][0]["decisions"][0]["benefit"]["gift_vnd"].as_u64();
    (digest, figure.unwrap_or_else(|| panic!("a figure in {answer}")))
}

/// The program as a service, with its log. It is killed when dropped.
pub struct Service {
    child: Child,
    pub url: String,
    log: Arc<Mutex<String>>,
    _dir: TempDir,
}

impl Service {
    /// Starts it, with more arguments and environment.
    pub fn start(change: impl FnOnce(&mut Command)) -> Self {
        let dir = TempDir::new();
        let database = format!("sqlite://{}", dir.path().join("an-sinh.db").display());
        let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database-url", &database]);
        // Requests are many here, and their lines tell nothing.
        command.env("AN_SINH_LOG", "warn,an_sinh::cli=info").stdin(Stdio::null());
        change(&mut command);
        let mut child = command.spawn().expect("start the service");
        let log = Arc::new(Mutex::new(String::new()));
        let (written, stderr) = (Arc::clone(&log), child.stderr.take().expect("its log"));
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                written.lock().unwrap_or_else(PoisonError::into_inner).push_str(&(line + "\n"));
            }
        });
        let mut url = String::new();
        let stdout = child.stdout.take().expect("its standard output");
        BufReader::new(stdout).read_line(&mut url).expect("its address");
        let service = Self { child, url: url.trim().to_owned(), log, _dir: dir };
        assert!(service.url.starts_with("http://"), "{}", service.log());
        service
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends SIGHUP and waits until the log tells what became of it, which it returns.
    pub fn hang_up(&self, wanted: &str) -> String {
        let before = self.log().len();
        let sent = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status();
        assert!(sent.expect("send a signal").success());
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let news = self.log()[before..].to_owned();
            if news.contains(wanted) {
                return news;
            }
            assert!(Instant::now() < until, "{wanted} in {news}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn ask(&self, agent: &Agent) -> Value {
        let reply = agent
            .post(format!("{}/v1/evaluations", self.url))
            .content_type("application/json")
            .send(ASK)
            .expect("an answer");
        assert_eq!(reply.status().as_u16(), 200);
        let mut text = String::new();
        reply.into_body().into_reader().read_to_string(&mut text).expect("a whole answer");
        serde_json::from_str(&text).expect("JSON")
    }

    /// A resource with its tag; with a tag that is held, perhaps 304.
    pub fn get(&self, path: &str, held: &str) -> (u16, String, Value) {
        let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
        let request = agent.get(format!("{}{path}", self.url)).header("if-none-match", held);
        let reply = request.call().expect("an answer");
        let tag = reply.headers().get("etag").map(|tag| tag.to_str().expect("text").to_owned());
        let status = reply.status().as_u16();
        let body = reply.into_body().read_to_string().expect("a body");
        (status, tag.unwrap_or_default(), serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    pub fn metrics(&self) -> String {
        let reply = ureq::get(format!("{}/metrics", self.url)).call().expect("an answer");
        reply.into_body().read_to_string().expect("text")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lets a name stand for another folder, at once for whoever looks.
pub fn point(name: &Path, to: &Path) {
    let new = name.with_extension("new");
    std::os::unix::fs::symlink(to, &new).expect("make a link");
    fs::rename(&new, name).expect("put it in place");
}
