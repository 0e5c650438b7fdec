//! What `scripts/bench store` measures with; no part of the program.
//!
//! - `store_load fill COUNT`: so many invented citizens straight into the database of `AN_SINH_DATABASE_URL`; some of them
//!   with a paper that settles all facts, and these are printed, `ID NUMBER` a line
//! - `store_load fsyncs FOLDER SECONDS`: how often a second this disk takes 4 KB for good
//! - `store_load decide|look_up|search URL TOKEN PEOPLE SECONDS CLIENTS`: so many clients at once, each waiting for its answer;
//!   prints answers a second, p50 and p99 in ms

use std::{
    error::Error,
    fs::{self, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

use an_sinh::{
    audit::{self, Entry, Table},
    registry::{self, NewCitizen},
    store::{
        EvidenceId, Store, StoreConfig,
        citizens::Person,
        evidence::{self, Document, Evidence},
    },
};
use chrono::Utc;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Citizens of one commit.
const AT_ONCE: u64 = 500;
/// Citizens with a paper, spread over all.
const PRINTED: u64 = 20_000;
/// A ward of Hanoi.
const UNIT: &str = "00166";

type Failed = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["fill", count] => fill(count.parse()?),
        ["fsyncs", folder, seconds] => fsyncs(Path::new(folder), Duration::from_secs(seconds.parse()?)),
        [what, url, token, people, seconds, clients] => {
            let people: Vec<String> = fs::read_to_string(people)?.lines().map(str::to_owned).collect();
            let asks = Asks { what: What::of(what)?, host: host(url)?, token: (*token).to_owned(), people };
            drive(Arc::new(asks), Duration::from_secs(seconds.parse()?), clients.parse()?)
        }
        _ => Err("store_load fill COUNT | fsyncs FOLDER SECONDS | decide|look_up|search URL TOKEN PEOPLE SECONDS CLIENTS".into()),
    }
}

fn fill(count: u64) -> Result<(), Failed> {
    let config = StoreConfig {
        data_key_file: std::env::var_os("AN_SINH_DATA_KEY_FILE").map(Into::into),
        ..StoreConfig::new(std::env::var("AN_SINH_DATABASE_URL")?)
    };
    let store = Store::open(&config)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let every = (count / PRINTED).max(1);
    let document = declaration()?;
    for first in (0..count).step_by(usize::try_from(AT_ONCE)?) {
        let numbers = first..(first + AT_ONCE).min(count);
        let written = store.write(|conn| {
            let add = |number| {
                let stamp = (Utc::now(), "system");
                let citizen = registry::add_citizen(conn, store.vault(), invented(number), stamp)?;
                registry::enter(conn, &citizen, "citizen.added", stamp)?;
                if number % every == 0 {
                    let document = document.clone();
                    let paper = Evidence {
                        id: EvidenceId::new(),
                        citizen: citizen.id,
                        document,
                        recorded_at: stamp.0,
                        recorded_by: stamp.1.into(),
                        end: None,
                    };
                    evidence::insert(conn, store.vault(), &paper)?;
                    let id = paper.id.to_string();
                    let act = Entry { actor: stamp.1, action: "evidence.added", subject: &id, receipt: None };
                    audit::append(conn, act.touching(&[(Table::Evidence, &id)]), stamp.0)?;
                }
                Ok::<_, registry::RegistryError>(citizen.id.to_string())
            };
            numbers.clone().map(add).collect::<Result<Vec<_>, _>>()
        })?;
        for (number, id) in numbers.zip(written).filter(|(number, _)| number % every == 0) {
            writeln!(out, "{id} {}", personal_id(number))?;
        }
    }
    Ok(out.flush()?)
}

/// All that the entitlements ask about a near-poor adult, so that a decision is one.
fn declaration() -> Result<Document, Failed> {
    let body = json!({ "kind": "declaration", "issued_on": "2026-01-05", "facts": {
        "household": { "poverty_status": "near_poor", "area_class": "normal", "livelihood": "other" },
        "person": { "ethnic_minority": false, "employment": "self_employed", "pension": "none",
            "social_allowance": "none", "has_health_card": false, "merit": [], "merit_relations": [],
            "veteran": false, "disability": { "severity": "none" }, "studying": "none" } } });
    registry::parse_document(&body, Utc::now().date_naive()).map_err(|errors| format!("{errors:?}").into())
}

fn personal_id(number: u64) -> String {
    // Born 1980 to 1989, so that ten million have a number.
    format!("0010{}{:06}", 80 + number / 1_000_000 % 10, number % 1_000_000)
}

fn invented(number: u64) -> NewCitizen {
    let person = Person {
        name: format!("Người Thứ {number}"),
        personal_id: Some(personal_id(number)),
        born_on: Some(format!("{}", 1980 + number / 1_000_000 % 10)),
        sex: Some("male".into()),
        residence: Some("permanent".into()),
        citizenship: Some("vietnamese".into()),
        died_on: None,
    };
    NewCitizen { person, unit: UNIT.into(), household: None }
}

/// What a commit has to wait for at least, one after the other.
fn fsyncs(folder: &Path, limit: Duration) -> Result<(), Failed> {
    let file = folder.join("fsyncs");
    let mut open = OpenOptions::new().create(true).truncate(true).write(true).open(&file)?;
    let page = [7; 4096];
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < limit {
        open.write_all(&page)?;
        open.sync_data()?;
        count += 1;
    }
    writeln!(io::stdout(), "{:.0}", f64::from(count) / begun.elapsed().as_secs_f64())?;
    Ok(fs::remove_file(file)?)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Decide,
    LookUp,
    Search,
}

impl What {
    fn of(name: &str) -> Result<Self, Failed> {
        match name {
            "decide" => Ok(Self::Decide),
            "look_up" => Ok(Self::LookUp),
            "search" => Ok(Self::Search),
            _ => Err("decide, look_up or search".into()),
        }
    }
}

struct Asks {
    what: What,
    host: String,
    token: String,
    people: Vec<String>,
}

impl Asks {
    /// Request number `number` of client `client`, and the status it should get.
    fn request(&self, client: usize, number: usize) -> (String, u16) {
        // Far apart, so that no page of the database is still at hand.
        let person = &self.people[(client * 7_919 + number * 104_729) % self.people.len()];
        let (id, personal_id) = person.split_once(' ').unwrap_or((person, ""));
        let (line, body, status) = match self.what {
            What::Decide => (
                format!(
                    "POST /v1/citizens/{id}/decisions HTTP/1.1\r\nIdempotency-Key: {:x}-{client}-{number}",
                    std::process::id()
                ),
                r#"{"entitlements":["health_insurance_premium"]}"#.to_owned(),
                201,
            ),
            What::LookUp => (format!("GET /v1/citizens/{id} HTTP/1.1"), String::new(), 200),
            What::Search => {
                let body = format!(r#"{{"personal_id":"{personal_id}"}}"#);
                ("POST /v1/citizens/search HTTP/1.1".to_owned(), body, 200)
            }
        };
        let (host, token, length) = (&self.host, &self.token, body.len());
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let head = format!(
            "{line}\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{kind}Content-Length: {length}\r\n\r\n"
        );
        (head + &body, status)
    }
}

fn host(url: &str) -> Result<String, Failed> {
    Ok(url.strip_prefix("http://").ok_or("an address starts with http://")?.trim_end_matches('/').to_owned())
}

fn drive(asks: Arc<Asks>, limit: Duration, clients: usize) -> Result<(), Failed> {
    let start = Arc::new(Barrier::new(clients));
    let running: Vec<_> = (0..clients)
        .map(|client| {
            let (asks, start) = (Arc::clone(&asks), Arc::clone(&start));
            thread::spawn(move || one(&asks, client, &start, limit))
        })
        .collect();
    let mut took = Vec::new();
    for client in running {
        took.extend(client.join().map_err(|_| "a client fell")??);
    }
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).map_or(0.0, |took| took.as_secs_f64() * 1e3);
    let rate = took.len() as f64 / limit.as_secs_f64();
    Ok(writeln!(io::stdout(), "{rate:.0} {:.2} {:.2}", at(50), at(99))?)
}

/// One client on one connection; how long each answer took.
fn one(asks: &Asks, client: usize, start: &Barrier, limit: Duration) -> Result<Vec<Duration>, Failed> {
    let mut out = TcpStream::connect(&asks.host)?;
    out.set_nodelay(true)?;
    let mut answers = BufReader::with_capacity(1 << 16, out.try_clone()?);
    let mut took = Vec::new();
    start.wait();
    let begun = Instant::now();
    while begun.elapsed() < limit {
        let (request, wanted) = asks.request(client, took.len());
        let sent = Instant::now();
        out.write_all(request.as_bytes())?;
        let status = answer(&mut answers)?;
        took.push(sent.elapsed());
        if status != wanted {
            return Err(format!("status {status} to {}", request.lines().next().unwrap_or_default()).into());
        }
    }
    Ok(took)
}

/// Reads one answer to its end; its status.
fn answer(from: &mut impl BufRead) -> Result<u16, Failed> {
    let (mut status, mut length) = (0, 0);
    let mut line = String::new();
    loop {
        line.clear();
        if from.read_line(&mut line)? == 0 {
            return Err("the connection was closed".into());
        }
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        if status == 0 {
            status = text.split(' ').nth(1).ok_or("no status")?.parse()?;
        } else if let Some(value) = text.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    io::copy(&mut from.take(length), &mut io::sink())?;
    Ok(status)
}
