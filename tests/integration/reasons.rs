//! Completeness of reasons: with `explain: full`, whatever fact or parameter changes the answer is among those cited.
//!
//! Found out by mutation: one fact of a random person, or one number of the law, is changed; where outcome or benefit turn,
//! the unchanged answer must have named it in its reasons, its missing facts or its assumptions.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use an_sinh::{
    decide,
    facts::{FactDef, Kind, Member, Of, vocabulary},
    policy::Policy,
};
use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::{Value as Json, json};

use crate::{
    oracle::{self, Random, get, put},
    pack_text,
};

/// What changes the answer without being cited, with an example of each: entitlement, what was changed.
type Uncited = BTreeMap<(String, String), (usize, String)>;

/// How many random people: 100,000 decisions with `AN_SINH_FULL=1`.
fn people() -> usize {
    if std::env::var_os("AN_SINH_FULL").is_some() { 50_000 } else { 400 }
}

/// People of one seed; cores take seeds in turn, so the number of cores changes nothing.
const A_SEED: usize = 100;

/// Changes tried on each of them.
const CHANGES: usize = 12;

fn ask(policy: &Policy, request: &Json) -> Option<Json> {
    let today = "2026-11-24".parse().expect("a day");
    decide::evaluate(policy, request, today).ok().map(|answer| answer.to_json())
}

fn full(mut request: Json) -> Json {
    request["explain"] = json!("full");
    request
}

fn show(uncited: &Uncited) -> String {
    let line = |((entitlement, what), (times, example)): (&(String, String), &(usize, String))| {
        format!("{entitlement}: {what} ({times} times), such as\n    {example}")
    };
    uncited.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_fact_that_changes_the_answer_is_cited() {
    let policy = Policy::embedded().expect("the embedded pack");
    let (next, found) = (AtomicUsize::new(0), Mutex::new((Uncited::new(), 0)));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).min(8) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed * A_SEED >= people() {
                        return;
                    }
                    let (uncited, changed) = change_facts(&policy, seed as u64);
                    let mut found = found.lock().expect("what was found");
                    found.1 += changed;
                    for (what, (times, example)) in uncited {
                        found.0.entry(what).or_insert((0, example)).0 += times;
                    }
                }
            });
        }
    });
    let (uncited, changed) = found.into_inner().expect("what was found");
    assert!(changed > people() / 4, "only {changed} changes changed an answer");
    assert!(uncited.is_empty(), "{}", show(&uncited));
}

/// Changes facts of the people of a seed; what changed an answer without being cited, and how many answers changed.
fn change_facts(policy: &Policy, seed: u64) -> (Uncited, usize) {
    let mut random = Random::new(41 + seed);
    let (mut uncited, mut changed) = (Uncited::new(), 0);
    for request in oracle::requests(A_SEED, 20_261_124 + seed) {
        let request = full(request);
        let Some(before) = ask(policy, &request) else { continue };
        let facts = changeable(&request);
        for _ in 0..CHANGES {
            let fact = random.pick(&facts);
            let values = other_values(fact, &request);
            if values.is_empty() {
                continue;
            }
            let (fact, value) = (fact.name(), random.pick(&values));
            let mut other = request.clone();
            put(&mut other, &fact, Some(value.clone()));
            other["explain"] = json!("none");
            let Some(after) = ask(policy, &other) else { continue };
            // Nothing is promised of facts that cannot stand together; the answer warns of them.
            if contradict(&after) {
                continue;
            }
            changed += compare(&before, &after, &short(&fact), &mut uncited, || {
                format!("{fact} := {value} in {request}")
            });
        }
    }
    (uncited, changed)
}

/// How many numbers of the law are changed; all with `AN_SINH_FULL=1`.
fn parameters() -> usize {
    if std::env::var_os("AN_SINH_FULL").is_some() { usize::MAX } else { 12 }
}

#[test]
fn a_parameter_that_changes_the_answer_is_cited() {
    let policy = Policy::embedded().expect("the embedded pack");
    let (mut uncited, mut changed) = (Uncited::new(), 0);
    // All answers are held at once, each some 50 kB.
    let requests: Vec<(Json, Json)> = oracle::requests((people() / 2).min(1_500), 71)
        .into_iter()
        .map(full)
        .filter_map(|request| Some((request.clone(), ask(&policy, &request)?)))
        .collect();
    let mut random = Random::new(43);
    let mut numbers = pack_text::parameter_values(policy.files());
    while numbers.len() > parameters() {
        numbers.swap_remove(random.below(numbers.len()));
    }
    for number in numbers {
        for other in [number.value + 1, (number.value - 1).max(0), number.value * 2] {
            let changed_law = number.with(policy.files(), &other.to_string());
            // A number with which the law contradicts itself is no law.
            let Ok(law) = Policy::read(changed_law) else { continue };
            let in_force = requests.iter().filter(|(request, _)| day(&request["as_of"]) >= number.from);
            for (request, before) in in_force {
                let mut request = request.clone();
                request["explain"] = json!("none");
                let Some(after) = ask(&law, &request) else { continue };
                changed += compare(before, &after, &format!("${}", number.id), &mut uncited, || {
                    format!("${} := {other} in {request}", number.id)
                });
            }
        }
    }
    assert!(uncited.is_empty(), "{}", show(&uncited));
    // Few of the sampled numbers concern a random person; it must not be none.
    assert!(changed > 50, "only {changed} changes changed an answer");
}

fn contradict(answer: &Json) -> bool {
    let warnings = answer["people"][0]["warnings"].as_array();
    warnings.is_some_and(|warnings| warnings.iter().any(|warning| warning["code"] == "facts_contradict"))
}

/// Notes the decisions that differ although `what` is not cited; returns how many differ.
fn compare(
    before: &Json,
    after: &Json,
    what: &str,
    uncited: &mut Uncited,
    example: impl Fn() -> String,
) -> usize {
    let decisions = |answer: &Json| answer["people"][0]["decisions"].as_array().cloned().unwrap_or_default();
    let mut changed = 0;
    for (was, is) in decisions(before).iter().zip(decisions(after)) {
        if was["outcome"] == is["outcome"] && was["benefit"] == is["benefit"] {
            continue;
        }
        changed += 1;
        if !cited(&before["people"][0], was).contains(what) {
            let key = (was["entitlement"].as_str().unwrap_or_default().to_owned(), what.to_owned());
            uncited.entry(key).or_insert_with(|| (0, example())).0 += 1;
        }
    }
    changed
}

/// Facts and parameters that an answer names.
fn cited(person: &Json, decision: &Json) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut add = |list: &Json, member: &str, mark: &str| {
        for item in list.as_array().into_iter().flatten() {
            let name = item[member].as_str().unwrap_or_default();
            names.insert(format!("{mark}{}", short(name)));
        }
    };
    for reason in decision["reasons"].as_array().into_iter().flatten() {
        add(&reason["facts"], "fact", "");
        add(&reason["parameters"], "id", "$");
    }
    add(&decision["missing_facts"], "fact", "");
    add(&person["assumptions"], "fact", "");
    names
}

/// The name under which a person would know a fact.
fn short(fact: &str) -> String {
    let fact = fact.strip_prefix("household.").or_else(|| fact.strip_prefix("trip.")).unwrap_or(fact);
    fact.split('.').next().unwrap_or(fact).to_owned()
}

/// Each fact that the request states, and each that it takes at a default.
fn changeable(request: &Json) -> Vec<&'static FactDef> {
    let stated = |fact: &FactDef| get(request, &fact.name()).is_some();
    // A first fact of a trip asks another question: this trip, no longer the right itself.
    let other_question = |fact: &FactDef| fact.of == Of::Trip && request.get("trip").is_none();
    let facts = vocabulary().facts().map(|(_, fact)| fact);
    facts.filter(|fact| !other_question(fact) && (stated(fact) || fact.default.is_some())).collect()
}

/// Every other value, or neighbouring one, of a fact.
fn other_values(fact: &FactDef, request: &Json) -> Vec<Json> {
    let stated = get(request, &fact.name());
    let mut values = others(fact, stated.unwrap_or(&Json::Null), &day(&request["as_of"]));
    values.retain(|value| Some(value) != stated);
    values
}

fn day(json: &Json) -> NaiveDate {
    json.as_str().and_then(|text| text.parse().ok()).expect("a day")
}

fn others(fact: &FactDef, stated: &Json, on: &NaiveDate) -> Vec<Json> {
    match &fact.kind {
        Kind::Records(members) => lists(members, stated, *on),
        kind => values(kind, stated, *on),
    }
}

fn values(kind: &Kind, stated: &Json, on: NaiveDate) -> Vec<Json> {
    match kind {
        Kind::Bool => vec![json!(true), json!(false)],
        Kind::Word { words, .. } => words.iter().map(|word| json!(word.id)).collect(),
        Kind::Words(words) => {
            let one = words.iter().map(|word| json!([word.id]));
            std::iter::once(json!([])).chain(one).collect()
        }
        Kind::Count { .. } | Kind::Money | Kind::Percent => {
            let (least, most) = kind.bounds().expect("bounds");
            let number = stated.as_i64().unwrap_or(0);
            let near = [number - 1, number + 1, least, most, 1_500_000, 2_250_000]
                .map(|near| near.clamp(least, most));
            near.into_iter().collect::<BTreeSet<_>>().into_iter().map(|number| json!(number)).collect()
        }
        Kind::Date { .. } => dates(stated, on),
        Kind::Unit => ["00070", "00166", "09661"].map(|unit| json!(unit)).into(),
        Kind::PersonalId | Kind::Records(_) => Vec::new(),
    }
}

/// Days beside the one stated and far from it.
fn dates(stated: &Json, on: NaiveDate) -> Vec<Json> {
    let Some(date) = stated.as_str().and_then(|text| text.parse::<NaiveDate>().ok()) else {
        return Vec::new();
    };
    let ages = [0, 3, 6, 10, 16, 22, 30, 61, 71, 76, 81].map(|years| on - Months::new(12 * years));
    [date - Days::new(1), date + Days::new(1), date - Months::new(1), date + Months::new(1)]
        .into_iter()
        .chain(ages)
        .filter(|day| *day <= on && day.year() > 1900)
        .map(|day| json!(day.to_string()))
        .collect()
}

/// The list without an entry, with one member changed, and with one more entry.
fn lists(members: &[Member], stated: &Json, on: NaiveDate) -> Vec<Json> {
    let entries = stated.as_array().cloned().unwrap_or_default();
    let mut all = Vec::new();
    for at in 0..entries.len() {
        let mut fewer = entries.clone();
        fewer.remove(at);
        all.push(json!(fewer));
        for member in members {
            for value in values(&member.kind, &entries[at][&member.id], on) {
                let mut other = entries.clone();
                other[at][&member.id] = value;
                all.push(json!(other));
            }
        }
    }
    let Some(Kind::Word { words, .. }) = members.first().map(|member| &member.kind) else { return all };
    for word in words {
        let mut entry = json!({});
        for member in members.iter().filter(|member| member.required) {
            entry[&member.id] =
                values(&member.kind, &Json::Null, on).into_iter().next().unwrap_or(Json::Null);
        }
        entry[&members[0].id] = json!(word.id);
        all.push(json!(entries.iter().cloned().chain([entry]).collect::<Vec<_>>()));
    }
    all
}
