//! Reads a request straight from its bytes, where everything in it is as it should be. At the first sign that something is
//! not, it gives up: the thorough reader then tells every mistake. What both take they read alike.

use std::fmt;

use chrono::NaiveDate;
use serde::{
    Deserializer as _,
    de::{self, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};

use super::request::{Explain, MOST_PEOPLE, Person, Request, plausible};
use crate::{
    facts::{
        FactId, Kind, Member, Of, PartialDate, PersonalId, UnitCode, Value, reader::MOST_ENTRIES, vocabulary,
    },
    policy::{Authority, Policy},
};

/// Reads one request after the other; keeps its memory.
#[derive(Debug)]
pub struct QuickReader {
    request: Request,
    /// People of earlier requests, for their memory.
    spare: Vec<Person>,
    /// Facts of the household and the trip.
    shared: Vec<(FactId, Value)>,
    day: Option<NaiveDate>,
}

impl Default for QuickReader {
    fn default() -> Self {
        Self {
            request: Request {
                as_of: NaiveDate::MIN,
                authority: Authority::Plan,
                explain: Explain::Summary,
                entitlements: Vec::new(),
                people: Vec::new(),
            },
            spare: Vec::new(),
            shared: Vec::new(),
            day: None,
        }
    }
}

impl QuickReader {
    /// Reads a body. `today` is the day when none is asked. `None`: the thorough reader has to look at it.
    pub fn read(&mut self, policy: &Policy, body: &[u8], today: NaiveDate) -> Option<&Request> {
        let request = &mut self.request;
        self.spare.append(&mut request.people);
        self.shared.clear();
        self.day = None;
        (request.authority, request.explain) = (Authority::Plan, Explain::Summary);
        request.entitlements.clear();
        let mut json = serde_json::Deserializer::from_slice(body);
        json.deserialize_map(Body { reader: self, policy }).ok()?;
        json.end().ok()?;
        let request = &mut self.request;
        request.as_of = self.day.unwrap_or(today);
        if !policy.covers(request.as_of) || !(1..=MOST_PEOPLE).contains(&request.people.len()) {
            return None;
        }
        if request.entitlements.is_empty() {
            request.entitlements.extend(0..policy.pack.decisions.len());
        }
        let trip_given = self.shared.iter().any(|(fact, _)| vocabulary().get(*fact).of == Of::Trip);
        for at in 0..request.people.len() {
            let (before, rest) = request.people.split_at_mut(at);
            let person = &mut rest[0];
            person.trip_given = trip_given;
            for (fact, value) in &self.shared {
                person.given.set(*fact, Some(value.clone()));
            }
            let known = before.iter().any(|other| other.id == person.id);
            if known || !plausible(&person.given, request.as_of) {
                return None;
            }
        }
        Some(&self.request)
    }
}

/// Why nothing more is said here: the thorough reader says it.
const GIVE_UP: &str = "not as it should be";

struct Body<'r> {
    reader: &'r mut QuickReader,
    policy: &'r Policy,
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Body { reader, policy } = self;
        let mut seen = 0_u8;
        while let Some(name) = members.next_key::<&str>()? {
            let bit = match name {
                "as_of" => {
                    let day = PartialDate::parse(members.next_value::<&str>()?).map_err(A::Error::custom)?;
                    reader.day = Some(day.exact().ok_or_else(|| A::Error::custom(GIVE_UP))?);
                    1
                }
                "authority" => {
                    reader.request.authority = match members.next_value::<&str>()? {
                        "plan" => Authority::Plan,
                        "law" => Authority::Law,
                        _ => return Err(A::Error::custom(GIVE_UP)),
                    };
                    2
                }
                "explain" => {
                    reader.request.explain = match members.next_value::<&str>()? {
                        "none" => Explain::None,
                        "summary" => Explain::Summary,
                        "full" => Explain::Full,
                        _ => return Err(A::Error::custom(GIVE_UP)),
                    };
                    4
                }
                "entitlements" => {
                    members
                        .next_value_seed(Entitlements { asked: &mut reader.request.entitlements, policy })?;
                    8
                }
                "household" | "trip" => {
                    let (of, bit) = if name == "trip" { (Of::Trip, 16) } else { (Of::Household, 32) };
                    let shared = &mut reader.shared;
                    members.next_value_seed(Facts {
                        of,
                        id: None,
                        put: &mut |fact, value| shared.push((fact, value)),
                    })?;
                    bit
                }
                "people" => {
                    members.next_value_seed(People(reader))?;
                    64
                }
                _ => return Err(A::Error::custom(GIVE_UP)),
            };
            if seen & bit != 0 {
                return Err(A::Error::custom(GIVE_UP));
            }
            seen |= bit;
        }
        Ok(())
    }
}

struct Entitlements<'r> {
    asked: &'r mut Vec<usize>,
    policy: &'r Policy,
}

impl<'de> DeserializeSeed<'de> for Entitlements<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entitlements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("entitlements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut count = 0;
        while let Some(id) = items.next_element::<&str>()? {
            let at = self.policy.pack.decisions.iter().position(|decision| decision.id == id);
            self.asked.push(at.ok_or_else(|| A::Error::custom(GIVE_UP))?);
            count += 1;
        }
        if !(1..=100).contains(&count) {
            return Err(A::Error::custom(GIVE_UP));
        }
        self.asked.sort_unstable();
        self.asked.dedup();
        Ok(())
    }
}

struct People<'r>(&'r mut QuickReader);

impl<'de> DeserializeSeed<'de> for People<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for People<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("people")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        loop {
            let mut person = self.0.spare.pop().unwrap_or_default();
            person.id.clear();
            person.given.clear();
            let Person { id, given, .. } = &mut person;
            let facts =
                Facts { of: Of::Person, id: Some(id), put: &mut |fact, value| given.set(fact, Some(value)) };
            let read = items.next_element_seed(facts)?;
            if read.is_none() {
                self.0.spare.push(person);
                return Ok(());
            }
            if person.id.is_empty() || self.0.request.people.len() >= MOST_PEOPLE {
                return Err(A::Error::custom(GIVE_UP));
            }
            self.0.request.people.push(person);
        }
    }
}

/// The facts of one object.
struct Facts<'r> {
    of: Of,
    /// Where the person's name goes.
    id: Option<&'r mut String>,
    put: &'r mut dyn FnMut(FactId, Value),
}

impl<'de> DeserializeSeed<'de> for Facts<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Facts<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("facts")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut seen = Seen::default();
        let mut nested_seen: Option<&str> = None;
        while let Some(name) = members.next_key::<&'de str>()? {
            if let Some(fact) = vocabulary().quick_find(self.of, name) {
                if let Some(value) = members.next_value_seed(ValueOf(&vocabulary().get(fact).kind))? {
                    (self.put)(fact, value);
                }
                seen.once::<A::Error>(fact)?;
            } else if let Some(inner) = vocabulary().nested(self.of, name) {
                // The vocabulary nests one name only; a second object is a mistake or a second name.
                if nested_seen.replace(name).is_some() {
                    return Err(A::Error::custom(GIVE_UP));
                }
                members.next_value_seed(Nested { inner, put: &mut *self.put })?;
            } else if let Some(id) = self.id.as_mut().filter(|id| name == "id" && id.is_empty()) {
                let given = members.next_value::<&str>()?;
                if given.is_empty() || given.chars().count() > 64 {
                    return Err(A::Error::custom(GIVE_UP));
                }
                id.push_str(given);
            } else {
                return Err(A::Error::custom(GIVE_UP));
            }
        }
        Ok(())
    }
}

/// The facts that have been read, to find one that stands twice.
#[derive(Default)]
struct Seen([u64; 4]);

impl Seen {
    fn once<E: de::Error>(&mut self, fact: FactId) -> Result<(), E> {
        let (word, bit) = (usize::from(fact.0) / 64, fact.0 % 64);
        let word = self.0.get_mut(word).ok_or_else(|| E::custom(GIVE_UP))?;
        if *word >> bit & 1 == 1 {
            return Err(E::custom(GIVE_UP));
        }
        *word |= 1 << bit;
        Ok(())
    }
}

/// Facts in an object of their own, such as `disability`.
struct Nested<'r> {
    inner: &'static [(String, FactId)],
    put: &'r mut dyn FnMut(FactId, Value),
}

impl<'de> DeserializeSeed<'de> for Nested<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("facts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = Seen::default();
        while let Some(name) = members.next_key::<&str>()? {
            let known = self.inner.iter().find(|(known, _)| known == name);
            let (_, fact) = known.ok_or_else(|| A::Error::custom(GIVE_UP))?;
            seen.once::<A::Error>(*fact)?;
            if let Some(value) = members.next_value_seed(ValueOf(&vocabulary().get(*fact).kind))? {
                (self.put)(*fact, value);
            }
        }
        Ok(())
    }
}

/// One value of a kind; `null` is the same as absent.
struct ValueOf(&'static Kind);

impl<'de> DeserializeSeed<'de> for ValueOf {
    type Value = Option<Value>;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueOf {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of the fact")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        match self.0 {
            Kind::Bool => Ok(Some(Value::Bool(value))),
            _ => Err(E::custom(GIVE_UP)),
        }
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        i64::try_from(value).map_err(E::custom).and_then(|value| self.visit_i64(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        match self.0.bounds() {
            Some((min, max)) if (min..=max).contains(&value) => Ok(Some(Value::Number(value))),
            _ => Err(E::custom(GIVE_UP)),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let value = match self.0 {
            Kind::Word { words, .. } => word(words, text).map(Value::Word),
            Kind::Date { .. } => PartialDate::parse(text).ok().map(Value::Date),
            Kind::Unit => UnitCode::parse(text).map(Value::Unit),
            Kind::PersonalId => PersonalId::parse(text).ok().map(Value::PersonalId),
            _ => None,
        };
        value.map(Some).ok_or_else(|| E::custom(GIVE_UP))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        match self.0 {
            Kind::Words(words) => {
                let mut read: Vec<u16> = Vec::new();
                let mut count = 0;
                while let Some(text) = items.next_element::<&str>()? {
                    let word = word(words, text).ok_or_else(|| A::Error::custom(GIVE_UP))?;
                    count += 1;
                    if !read.contains(&word) {
                        read.push(word);
                    }
                }
                if count > MOST_ENTRIES {
                    return Err(A::Error::custom(GIVE_UP));
                }
                Ok(Some(Value::Words(read.into())))
            }
            Kind::Records(members) => {
                let mut entries = Vec::new();
                while let Some(entry) = items.next_element_seed(Entry(members))? {
                    entries.push(entry);
                }
                if entries.len() > MOST_ENTRIES {
                    return Err(A::Error::custom(GIVE_UP));
                }
                Ok(Some(Value::Records(entries.into())))
            }
            _ => Err(A::Error::custom(GIVE_UP)),
        }
    }
}

fn word(words: &[crate::facts::Word], text: &str) -> Option<u16> {
    words.iter().position(|word| word.id == text).and_then(|at| u16::try_from(at).ok())
}

/// One entry of a list.
struct Entry(&'static [Member]);

impl<'de> DeserializeSeed<'de> for Entry {
    type Value = Vec<Option<Value>>;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry {
    type Value = Vec<Option<Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut entry = vec![None; self.0.len()];
        let mut seen = Seen::default();
        while let Some(name) = members.next_key::<&str>()? {
            let at = self.0.iter().position(|member| member.id == name);
            let at = at.ok_or_else(|| A::Error::custom(GIVE_UP))?;
            seen.once::<A::Error>(FactId(u16::try_from(at).unwrap_or(u16::MAX)))?;
            entry[at] = members.next_value_seed(ValueOf(&self.0[at].kind))?;
        }
        let lacks = |(member, value): (&Member, &Option<Value>)| member.required && value.is_none();
        if self.0.iter().zip(&entry).any(lacks) { Err(A::Error::custom(GIVE_UP)) } else { Ok(entry) }
    }
}
