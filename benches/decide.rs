//! How long an answer takes, beside the same decisions coded by hand.
//!
//! A timer of its own instead of a benchmark library: what counts here are ratios, so all measurements take turns within one run, and no crate is
//! added for it. The code by hand is the second reading of the law that the tests hold against the answers; it gives values, no JSON and no reasons.
//! `cargo bench --bench decide`, or `scripts/bench decide`.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a measurement on known input")]

#[path = "../tests/integration/independent/mod.rs"]
#[allow(dead_code, unused_imports, reason = "only the two readings and the generator are wanted here")]
mod independent;

use std::{
    hint::black_box,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use an_sinh::{
    decide::{self, Request, Workspace},
    policy::Policy,
};
use chrono::NaiveDate;
use independent::{Authority, Facts, Outcome, free_transit, health_insurance, households::Households};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds in which every measurement has its turn; the median counts.
const ROUNDS: usize = 21;
/// Length of a turn.
const TURN: Duration = Duration::from_millis(40);
/// Length of the measurement on two threads.
const TOGETHER: Duration = Duration::from_secs(3);
/// Different people.
const PEOPLE: usize = 1_000;
const LEVELS: [&str; 3] = ["none", "summary", "full"];

/// The pack, and the day on which everything is asked when a request does not say.
struct Law {
    policy: Policy,
    today: NaiveDate,
}

/// Requests for one person and both entitlements.
struct Case {
    name: &'static str,
    requests: Vec<Value>,
}

impl Case {
    /// The first person of the household that `scripts/bench http` asks about: near-poor, 72, entitled to both.
    fn one() -> Self {
        let mut request: Value = serde_json::from_str(include_str!("household.json")).expect("JSON");
        request["people"].as_array_mut().expect("people").truncate(1);
        Self { name: "one person, entitled to both", requests: vec![request] }
    }

    /// Generated people, on all days of the law.
    fn many() -> Self {
        let day = |text: &str| text.parse().expect("a day");
        let people = Households::new(7, day("2019-09-01"), day("2027-12-31")).of_one_person();
        let requests = people.take(PEOPLE).map(|row| serde_json::from_str(&row).expect("JSON")).collect();
        Self { name: "a thousand people in turn", requests }
    }

    fn bodies(&self, explain: &str) -> Vec<Vec<u8>> {
        let body = |request: &Value| {
            let mut request = request.clone();
            request["explain"] = explain.into();
            request.to_string().into_bytes()
        };
        self.requests.iter().map(body).collect()
    }

    fn read(&self, law: &Law, explain: &str) -> Vec<Request> {
        let read = |body: Vec<u8>| {
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            decide::read(&law.policy, &body, law.today).expect("a request")
        };
        self.bodies(explain).into_iter().map(read).collect()
    }
}

/// What the second reading is asked with.
fn asked(request: &Value) -> (NaiveDate, Authority) {
    let authority = if request["authority"] == "law" { Authority::Law } else { Authority::Plan };
    (request["as_of"].as_str().and_then(|day| day.parse().ok()).expect("a day"), authority)
}

fn by_hand(on: NaiveDate, authority: Authority, facts: &Facts) -> [Outcome; 2] {
    let health = black_box(health_insurance(on, authority, facts));
    let transit = black_box(free_transit(on, authority, facts));
    [health.outcome, transit.outcome]
}

/// Something that is done to the case at a place, and what it took in each round, in nanoseconds a time.
struct Measured<'a> {
    name: String,
    work: Box<dyn FnMut(usize) + 'a>,
    at: usize,
    took: Vec<f64>,
}

impl<'a> Measured<'a> {
    fn new(name: impl Into<String>, work: impl FnMut(usize) + 'a) -> Self {
        Self { name: name.into(), work: Box::new(work), at: 0, took: Vec::new() }
    }

    fn turn(&mut self, cases: usize) {
        let (started, mut times) = (Instant::now(), 0u32);
        while started.elapsed() < TURN {
            for _ in 0..64 {
                (self.work)(self.at);
                self.at = (self.at + 1) % cases;
            }
            times += 64;
        }
        self.took.push(started.elapsed().as_secs_f64() * 1e9 / f64::from(times));
    }

    fn median(&self) -> f64 {
        let mut took = self.took.clone();
        took.sort_by(f64::total_cmp);
        took[took.len() / 2]
    }
}

fn measure(law: &Law, case: &Case) {
    let facts: Vec<_> = case
        .requests
        .iter()
        .map(|request| (asked(request), Facts::read(request, 0).expect("known facts")))
        .collect();
    let plain = case.bodies("none");
    let mut all = vec![
        Measured::new("by hand, facts already read", |at| {
            let ((on, authority), facts) = &facts[at];
            black_box(by_hand(*on, *authority, facts));
        }),
        Measured::new("by hand, from the bytes", |at| {
            let request: Value = serde_json::from_slice(&plain[at]).expect("JSON");
            let (on, authority) = asked(&request);
            black_box(by_hand(on, authority, &Facts::read(&request, 0).expect("known facts")));
        }),
    ];
    for level in LEVELS {
        let requests = case.read(law, level);
        let (mut workspace, mut out) = (Workspace::default(), Vec::new());
        all.push(Measured::new(format!("explain {level}, request already read"), move |at| {
            out.clear();
            workspace.answer(&law.policy, &requests[at], &mut out);
            black_box(&out);
        }));
    }
    for level in LEVELS {
        let bodies = case.bodies(level);
        let mut out = Vec::new();
        all.push(Measured::new(format!("explain {level}, from the bytes"), move |at| {
            out.clear();
            decide::answer_body(&law.policy, &bodies[at], law.today, &mut out, |_| {}).expect("an answer");
            black_box(&out);
        }));
    }
    for _ in 0..ROUNDS {
        for one in &mut all {
            one.turn(case.requests.len());
        }
    }
    let hand = all[0].median();
    println!("\n{}\n{:<40} {:>10} {:>12}", case.name, "", "µs", "× by hand");
    for one in &all {
        println!("{:<40} {:>10.3} {:>12.1}", one.name, one.median() / 1_000.0, one.median() / hand);
    }
}

/// Answers with all reasons in both languages, a second, on two threads.
fn together(law: &Law, case: &Case) {
    let bodies = case.bodies("full");
    let enough = AtomicBool::new(false);
    let started = Instant::now();
    let answer_all = || {
        let (mut out, mut answers, mut bytes) = (Vec::new(), 0u64, 0usize);
        for body in bodies.iter().cycle() {
            if enough.load(Ordering::Relaxed) {
                break;
            }
            out.clear();
            decide::answer_body(&law.policy, body, law.today, &mut out, |_| {}).expect("an answer");
            answers += 1;
            bytes += out.len();
        }
        (answers, bytes)
    };
    let counts = std::thread::scope(|scope| {
        let threads = [scope.spawn(answer_all), scope.spawn(answer_all)];
        std::thread::sleep(TOGETHER);
        enough.store(true, Ordering::Relaxed);
        threads.map(|thread| thread.join().expect("a thread"))
    });
    let seconds = started.elapsed().as_secs_f64();
    let answers: u64 = counts.iter().map(|(answers, _)| answers).sum();
    let bytes: usize = counts.iter().map(|(_, bytes)| bytes).sum();
    let rate = answers as f64 / seconds;
    println!(
        "two threads, explain full, {}: {rate:.0} people a second, {:.0} explained decisions a second, {} bytes a person",
        case.name,
        2.0 * rate,
        bytes as u64 / answers.max(1)
    );
}

/// What is measured is right: by hand and by the engine the one person has both rights.
fn check(law: &Law, one: &Case) {
    let request = &one.requests[0];
    let (on, authority) = asked(request);
    let facts = Facts::read(request, 0).expect("known facts");
    assert_eq!(by_hand(on, authority, &facts), [Outcome::Entitled; 2]);
    let answer = decide::evaluate(&law.policy, request, law.today).expect("an answer").to_json();
    for decision in answer["people"][0]["decisions"].as_array().expect("decisions") {
        assert_eq!(decision["outcome"], "entitled");
    }
}

fn main() {
    let policy = Policy::embedded().expect("the embedded pack");
    let law = Law { policy, today: "2026-01-14".parse().expect("a day") };
    let (one, many) = (Case::one(), Case::many());
    check(&law, &one);
    for case in [&one, &many] {
        measure(&law, case);
    }
    println!();
    for case in [&one, &many] {
        together(&law, case);
    }
}
