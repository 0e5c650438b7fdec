//! The facts of one person with household and trip, read from the body of a request.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::calendar::PartialDate;
use super::implied;
use super::vocabulary::{self, Fact, Kind};

/// A known value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Word(String),
    Bool(bool),
    Number(Decimal),
    Date(PartialDate),
    /// Known that there is no such day.
    NoDate,
    List(Vec<Entry>),
}

/// Known members of an entry of a list; a word in a list of words stands under the empty name.
pub type Entry = BTreeMap<String, Value>;

/// Known facts by id; what is not in it is unknown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    facts: BTreeMap<String, Value>,
    /// Facts that the request itself gave.
    given: Vec<String>,
}

impl Profile {
    /// The value of a fact, if known.
    pub fn get(&self, fact: &str) -> Option<&Value> {
        self.facts.get(fact)
    }

    /// Whether the request itself gave the fact.
    pub fn gave(&self, fact: &str) -> bool {
        self.given.iter().any(|given| given == fact)
    }

    /// Sets a fact, or makes it unknown.
    pub fn set(&mut self, fact: &str, value: Option<Value>) {
        match value {
            Some(value) => self.facts.insert(fact.to_owned(), value),
            None => self.facts.remove(fact),
        };
    }

    /// Reads a person of a request: given facts, defaults of rare ones, what follows from them.
    pub fn read(request: &Json, person: usize, on: NaiveDate) -> Self {
        let mut profile = Self::default();
        let people = &request["people"][person];
        let member_draws = request["people"]
            .as_array()
            .is_some_and(|people| people.iter().any(|other| other["social_allowance"] == "drawing"));
        for fact in vocabulary::FACTS {
            match at(request, people, fact.id) {
                Some(json) => {
                    profile.given.push(fact.id.to_owned());
                    profile.set(fact.id, Some(value(&fact.kind, json)));
                }
                None => profile.set(fact.id, fact.absent.map(|text| default(fact, text))),
            }
        }
        if member_draws && !profile.gave("household.member_on_allowance") {
            profile.set("household.member_on_allowance", Some(Value::Bool(true)));
        }
        if request["trip"].as_object().is_none_or(|trip| trip.is_empty()) {
            for (fact, word) in
                [("service", "bus"), ("trip_area", "elsewhere"), ("medium", vocabulary::UNSTATED)]
            {
                profile.set(&format!("trip.{fact}"), Some(Value::Word(word.to_owned())));
            }
        }
        if profile.get("disability.certificate") == Some(&Value::Bool(false)) {
            profile.set("disability.severity", None); // claimed only
        }
        implied::close(&mut profile, on);
        profile
    }
}

/// The place of a fact in a request.
fn at<'a>(request: &'a Json, person: &'a Json, id: &str) -> Option<&'a Json> {
    match id.split_once('.') {
        Some((part @ ("household" | "trip"), name)) => request.get(part)?.get(name),
        Some((whole, name)) => person.get(whole)?.get(name),
        None => person.get(id),
    }
}

fn value(kind: &Kind, json: &Json) -> Value {
    let text = || json.as_str().unwrap_or_else(|| panic!("a text expected: {json}")).to_owned();
    match kind {
        Kind::Word(_) | Kind::Text => Value::Word(text()),
        Kind::Bool => Value::Bool(json.as_bool().unwrap_or_else(|| panic!("a bool expected: {json}"))),
        Kind::Number(..) => {
            let digits = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            Value::Number(digits.parse().unwrap_or_else(|_| panic!("a number expected: {json}")))
        }
        Kind::Date => Value::Date(PartialDate::parse(&text()).unwrap_or_else(|error| panic!("{error}"))),
        Kind::Words(_) | Kind::Entries(_) => {
            let list = json.as_array().unwrap_or_else(|| panic!("a list expected: {json}"));
            Value::List(list.iter().map(|json| entry(kind, json)).collect())
        }
    }
}

fn entry(kind: &Kind, json: &Json) -> Entry {
    let Kind::Entries(members) = kind else {
        return Entry::from([(String::new(), value(&Kind::Text, json))]);
    };
    let mut entry = Entry::new();
    for member in *members {
        let known = match json.get(member.id) {
            Some(json) => Some(value(&member.kind, json)),
            None => member.absent.map(|text| default(member, text)),
        };
        entry.extend(known.map(|known| (member.id.to_owned(), known)));
    }
    entry
}

fn default(fact: &Fact, text: &str) -> Value {
    match fact.kind {
        Kind::Bool => Value::Bool(text == "true"),
        Kind::Number(..) => Value::Number(text.parse().expect("a number")),
        Kind::Date => Value::NoDate,
        Kind::Words(_) | Kind::Entries(_) => Value::List(Vec::new()),
        Kind::Word(_) | Kind::Text => Value::Word(text.to_owned()),
    }
}
