//! The engine and the pack against a second reading of the law, on generated households.
//!
//! The reading ([`crate::independent`]) was written from the texts of law alone. Where the two differed, one of them was mended, with the clause beside
//! it; what stays different stands in [`KINDS`], each with who is right and why. Anything else fails.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use an_sinh::{decide, policy::Policy};
use chrono::NaiveDate;
use serde_json::Value;

use crate::independent::{Compared, Difference, differences, households::Households};

/// Households of one seed; cores take seeds in turn, so the number of cores changes nothing.
const A_SEED: u64 = 500;

/// How many seeds: a million households with `AN_SINH_FULL=1`.
fn seeds() -> u64 {
    if std::env::var_os("AN_SINH_FULL").is_some() { 2_000 } else { 16 }
}

/// A difference that is agreed on.
struct Kind {
    /// What it is about.
    name: &'static str,
    /// The days, both included.
    days: (&'static str, &'static str),
    /// Takes the fact at issue away from the person at this place; whether it was there.
    without: fn(&mut Value, usize) -> bool,
    /// What the service may say while the fact is there, path and JSON. Anything else must be what the reading says without the fact.
    told: (&'static str, &'static str),
}

/// All of them; of each is said who is right and why.
const KINDS: &[Kind] = &[
    // Not settled: Art. 3.19 on carers came on 2022-02-15; Art. 3.16 of Decree 146/2018, repealed then, could not be read. The reading says no.
    Kind {
        name: "carer of a person of merit, before Decree 131/2021",
        days: ("2018-12-01", "2022-02-14"),
        without: |request, place| {
            drop_entries(&mut request["people"][place]["merit_relations"], |own| own["relation"] == "carer")
        },
        told: ("outcome", "\"needs_review\""),
    },
    // The pack: Law 30/2023/QH15 Art. 23 supports them from 2024-07-01, how much until 2025-06-30 was not found. The reading begins with Law 51/2024.
    Kind {
        name: "grassroots security, before Law 51/2024",
        days: ("2024-07-01", "2025-06-30"),
        without: |request, place| {
            drop_entries(&mut request["people"][place]["other_groups"], |own| {
                own["group"] == "grassroots_security"
            })
        },
        told: ("outcome", "\"needs_review\""),
    },
    // Not settled: whether a poor household's card may be used to its end after the household left poverty. The reading looks at the right alone.
    Kind {
        name: "card of a household that left poverty",
        days: ("2019-09-01", "2027-12-31"),
        without: |request, _| {
            let household = &mut request["household"];
            let mut found = false;
            for status in ["poverty_status", "city_poverty_status"] {
                if household[status] == "exited_poverty" {
                    household[status] = "none".into();
                    found = true;
                }
            }
            found
        },
        told: ("medium.accepted", "null"),
    },
];

/// Takes the entries away that are so; whether there was one.
fn drop_entries(list: &mut Value, so: impl Fn(&Value) -> bool) -> bool {
    let Some(entries) = list.as_array_mut() else { return false };
    let before = entries.len();
    entries.retain(|entry| !so(entry));
    entries.len() < before
}

impl Kind {
    fn explains(&self, difference: &Difference, request: &Value, response: &Value) -> bool {
        let (first, last): (NaiveDate, NaiveDate) =
            (self.days.0.parse().expect("a day"), self.days.1.parse().expect("a day"));
        if !(first..=last).contains(&difference.on) {
            return false;
        }
        let mut request = request.clone();
        if !(self.without)(&mut request, difference.place) {
            return false;
        }
        if self.told == (difference.path, difference.told.as_str()) {
            return true;
        }
        let same = |other: &Difference| {
            (other.place, other.entitlement, other.path)
                == (difference.place, difference.entitlement, difference.path)
        };
        !differences(&request, response, &mut Compared::default()).iter().any(same)
    }
}

/// What was found.
#[derive(Default)]
struct Found {
    compared: Compared,
    households: u64,
    kinds: BTreeMap<&'static str, u64>,
    others: u64,
    shown: Vec<String>,
}

impl Found {
    fn compare(&mut self, policy: &Policy, seed: u64) {
        let day = |text: &str| text.parse().expect("a day");
        let mut households = Households::new(seed, day("2018-12-01"), day("2027-12-31"));
        let (mut body, mut answer) = (String::new(), Vec::new());
        for _ in 0..A_SEED {
            body.clear();
            households.write_next(&mut body);
            answer.clear();
            decide::answer_body(policy, body.as_bytes(), day("2026-11-24"), &mut answer, |_| {})
                .unwrap_or_else(|| panic!("not read: {body}"));
            let request: Value = serde_json::from_str(&body).expect("JSON");
            let response: Value = serde_json::from_slice(&answer).expect("JSON");
            self.households += 1;
            for difference in differences(&request, &response, &mut self.compared) {
                let kind = KINDS.iter().find(|kind| kind.explains(&difference, &request, &response));
                match kind {
                    Some(kind) => *self.kinds.entry(kind.name).or_default() += 1,
                    None => {
                        self.others += 1;
                        if self.shown.len() < 5 {
                            self.shown.push(difference.line(&request));
                        }
                    }
                }
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.compared.people += other.compared.people;
        self.compared.outcomes += other.compared.outcomes;
        self.compared.fields += other.compared.fields;
        self.households += other.households;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self.others += other.others;
        self.shown.extend(other.shown);
        self.shown.truncate(5);
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "how much was compared is the point of a long run")]
fn the_answer_is_as_a_second_reading_of_the_law_has_it() {
    let policy = Policy::embedded().expect("the embedded pack");
    let (next, all) = (AtomicU64::new(0), Mutex::new(Found::default()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let mut found = Found::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds() {
                        break;
                    }
                    found.compare(&policy, seed);
                }
                all.lock().expect("no thread failed").add(found);
            });
        }
    });
    let found = all.into_inner().expect("no thread failed");
    let Compared { people, outcomes, fields } = found.compared;
    println!(
        "{} households, {people} people: {outcomes} outcomes and {fields} members of benefits compared",
        found.households
    );
    for (kind, count) in &found.kinds {
        println!("  {count} agreed differences: {kind}");
    }
    assert_eq!(found.others, 0, "differences, some of them:\n{}", found.shown.join("\n"));
    // Every fact is given, so most is settled: what is left unsaid must stay the exception.
    assert!(outcomes > people * 17 / 10 && fields > people * 10, "{outcomes} outcomes, {fields} fields");
    if std::env::var_os("AN_SINH_FULL").is_some() {
        let stale = KINDS.iter().find(|kind| !found.kinds.contains_key(kind.name));
        assert!(stale.is_none(), "no longer needed: {}", stale.map_or("", |kind| kind.name));
    }
}
