//! A request for answers, read to its end: every mistake comes back at once.

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value as Json};

use crate::{
    facts::{
        FieldError, Of, PartialDate, Profile, Value, calendar, named,
        reader::{Findings, child, personal_id_finding, read_facts},
        vocabulary,
    },
    policy::{Authority, Policy},
};

/// How much of the explanation is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Explain {
    /// No reasons.
    None,
    /// The deciding rules and at most three near misses.
    #[default]
    Summary,
    /// Every rule of the decision.
    Full,
}

/// A request with only valid values in it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The day asked.
    pub as_of: NaiveDate,
    /// Law alone, or law and plan.
    pub authority: Authority,
    /// How much is explained.
    pub explain: Explain,
    /// Places of the decisions asked, in pack order.
    pub entitlements: Vec<usize>,
    /// The people, each with the household's and the trip's facts.
    pub people: Vec<Person>,
}

/// One person of a request.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// As named in the request.
    pub id: String,
    /// What was given, nothing added.
    pub given: Profile,
    /// Whether any fact of a trip was given.
    pub trip_given: bool,
}

/// The most people of one request.
pub const MOST_PEOPLE: usize = 100;

const MEMBERS: [&str; 7] = ["as_of", "authority", "explain", "entitlements", "household", "people", "trip"];

/// Reads a request body. `today` is the day when none is asked.
///
/// # Errors
/// Every finding, with its pointer.
pub fn read(policy: &Policy, body: &Json, today: NaiveDate) -> Result<Request, Vec<FieldError>> {
    let mut findings = Findings::default();
    let Json::Object(body) = body else {
        findings.wrong_type("", body, "một đối tượng JSON", "a JSON object");
        return Err(findings.0);
    };
    for name in body.keys().filter(|name| !MEMBERS.contains(&name.as_str())) {
        findings.unknown_field(child("", name), name, MEMBERS.into_iter());
    }
    let as_of = as_of(policy, body.get("as_of"), today, &mut findings);
    let authority = word(
        body,
        "authority",
        &[("plan", Authority::Plan), ("law", Authority::Law)],
        Authority::Plan,
        &mut findings,
    );
    let levels = [("none", Explain::None), ("summary", Explain::Summary), ("full", Explain::Full)];
    let explain = word(body, "explain", &levels, Explain::Summary, &mut findings);
    let entitlements = entitlements(policy, body.get("entitlements"), &mut findings);
    let mut shared = Profile::default();
    for (of, name) in [(Of::Household, "household"), (Of::Trip, "trip")] {
        match body.get(name) {
            None | Some(Json::Null) => {}
            Some(Json::Object(object)) => {
                read_facts(of, object, &format!("/{name}"), &[], &mut shared, &mut findings)
            }
            Some(other) => findings.wrong_type(&format!("/{name}"), other, "một đối tượng", "an object"),
        }
    }
    let trip_given = shared.known().any(|(fact, _)| vocabulary().get(fact).of == Of::Trip);
    let people = people(body.get("people"), &shared, as_of, &mut findings);
    let people = people.into_iter().map(|(id, given)| Person { id, given, trip_given }).collect();
    if findings.0.is_empty() {
        Ok(Request { as_of, authority, explain, entitlements, people })
    } else {
        Err(findings.0)
    }
}

fn as_of(policy: &Policy, given: Option<&Json>, today: NaiveDate, findings: &mut Findings) -> NaiveDate {
    let day = match given {
        None | Some(Json::Null) => today,
        Some(Json::String(text)) => match PartialDate::parse(text).ok().and_then(PartialDate::exact) {
            Some(day) => day,
            None => {
                findings.add(
                    "/as_of",
                    "invalid_date",
                    "“as_of” phải là ngày có thật, viết YYYY-MM-DD.".into(),
                    "“as_of” must be a real day, written YYYY-MM-DD.".into(),
                );
                return today;
            }
        },
        Some(other) => {
            findings.wrong_type("/as_of", other, "ngày viết YYYY-MM-DD", "a day written YYYY-MM-DD");
            return today;
        }
    };
    if !policy.covers(day) {
        let covers = policy.pack.covers;
        findings.add(
            "/as_of",
            "as_of_outside_coverage",
            format!("Chỉ trả lời cho các ngày từ {} đến {}; được hỏi ngày {day}.", covers.from, covers.to),
            format!("Answers are given for days from {} to {}; {day} was asked.", covers.from, covers.to),
        );
    }
    day
}

fn word<T: Copy>(
    body: &Map<String, Json>,
    name: &str,
    allowed: &[(&str, T)],
    default: T,
    findings: &mut Findings,
) -> T {
    let pointer = format!("/{name}");
    match body.get(name) {
        None | Some(Json::Null) => default,
        Some(Json::String(text)) => match allowed.iter().find(|(word, _)| word == text) {
            Some((_, value)) => *value,
            None => {
                let words: Vec<&str> = allowed.iter().map(|(word, _)| *word).collect();
                findings.unknown_value(&pointer, text, &words);
                default
            }
        },
        Some(other) => {
            findings.wrong_type(&pointer, other, "một chuỗi ký tự", "a string");
            default
        }
    }
}

fn entitlements(policy: &Policy, given: Option<&Json>, findings: &mut Findings) -> Vec<usize> {
    let all: Vec<&str> = policy.decisions().map(|(decision, _)| decision.id.as_str()).collect();
    let items = match given {
        None | Some(Json::Null) => return (0..all.len()).collect(),
        Some(Json::Array(items)) if items.is_empty() || items.len() > 100 => {
            findings.add(
                "/entitlements",
                "entitlement_count",
                "“entitlements” phải có từ 1 đến 100 mục; bỏ trường này nếu hỏi tất cả.".into(),
                "“entitlements” needs 1 to 100 entries; leave it out to ask all.".into(),
            );
            return Vec::new();
        }
        Some(Json::Array(items)) => items,
        Some(other) => {
            findings.wrong_type("/entitlements", other, "một danh sách", "a list");
            return Vec::new();
        }
    };
    let mut asked = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let pointer = format!("/entitlements/{i}");
        match item {
            Json::String(id) => match all.iter().position(|known| known == id) {
                Some(at) => asked.push(at),
                None => findings.unknown_value(&pointer, id, &all),
            },
            other => findings.wrong_type(&pointer, other, "một chuỗi ký tự", "a string"),
        }
    }
    asked.sort_unstable();
    asked.dedup();
    asked
}

fn people(
    given: Option<&Json>,
    shared: &Profile,
    as_of: NaiveDate,
    findings: &mut Findings,
) -> Vec<(String, Profile)> {
    let items = match given {
        Some(Json::Array(items)) if (1..=MOST_PEOPLE).contains(&items.len()) => items,
        Some(Json::Array(items)) => {
            findings.add(
                "/people",
                "people_count",
                format!("“people” phải có từ 1 đến {MOST_PEOPLE} người; nhận được {}.", items.len()),
                format!("“people” needs 1 to {MOST_PEOPLE} people; {} were given.", items.len()),
            );
            return Vec::new();
        }
        Some(other) if !other.is_null() => {
            findings.wrong_type("/people", other, "một danh sách", "a list");
            return Vec::new();
        }
        _ => {
            findings.add(
                "/people",
                "missing_field",
                "Thiếu trường “people”: danh sách từ 1 đến 100 người.".into(),
                "“people” is missing: a list of 1 to 100 people.".into(),
            );
            return Vec::new();
        }
    };
    let mut people: Vec<(String, Profile)> = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let pointer = format!("/people/{i}");
        let Json::Object(object) = item else {
            findings.wrong_type(&pointer, item, "một đối tượng", "an object");
            continue;
        };
        let id = person_id(object.get("id"), &pointer, findings);
        if let Some(id) = &id
            && people.iter().any(|(other, _)| other == id)
        {
            findings.add(
                format!("{pointer}/id"),
                "duplicate_id",
                "Hai người trong yêu cầu có cùng “id”.".into(),
                "Two people of the request have the same “id”.".into(),
            );
        }
        let mut profile = shared.clone();
        read_facts(Of::Person, object, &pointer, &["id"], &mut profile, findings);
        birth(&profile, &pointer, as_of, findings);
        number(&profile, &pointer, as_of, findings);
        people.push((id.unwrap_or_default(), profile));
    }
    people
}

fn person_id(given: Option<&Json>, pointer: &str, findings: &mut Findings) -> Option<String> {
    match given {
        Some(Json::String(id)) if (1..=64).contains(&id.chars().count()) => return Some(id.clone()),
        Some(Json::String(_)) | None | Some(Json::Null) => findings.add(
            format!("{pointer}/id"),
            "missing_field",
            "Mỗi người phải có “id” từ 1 đến 64 ký tự để nhận lại câu trả lời của mình.".into(),
            "Each person needs an “id” of 1 to 64 characters to find the answer again.".into(),
        ),
        Some(other) => findings.wrong_type(&format!("{pointer}/id"), other, "một chuỗi ký tự", "a string"),
    }
    None
}

/// Whether nothing is wrong with birth date and personal number.
pub fn plausible(profile: &Profile, as_of: NaiveDate) -> bool {
    let mut findings = Findings::default();
    birth(profile, "", as_of, &mut findings);
    number(profile, "", as_of, &mut findings);
    findings.0.is_empty()
}

fn birth(profile: &Profile, pointer: &str, as_of: NaiveDate, findings: &mut Findings) {
    let Some(Value::Date(born)) = profile.get(named().born_on) else { return };
    if born.earliest() > as_of {
        findings.add(
            format!("{pointer}/born_on"),
            "born_after_as_of",
            format!("Ngày sinh không được sau ngày được hỏi ({as_of})."),
            format!("The date of birth must not lie after the day asked ({as_of})."),
        );
    } else if calendar::age_on(born.latest(), as_of) > calendar::MAX_AGE_YEARS {
        findings.add(
            format!("{pointer}/born_on"),
            "age_over_130",
            format!("Ngày sinh cho tuổi trên {} vào ngày được hỏi.", calendar::MAX_AGE_YEARS),
            format!("The date of birth gives an age over {} on the day asked.", calendar::MAX_AGE_YEARS),
        );
    }
}

fn number(profile: &Profile, pointer: &str, as_of: NaiveDate, findings: &mut Findings) {
    let Some(Value::PersonalId(id)) = profile.get(named().personal_id) else { return };
    // The structure is published for citizens only; with the citizenship unknown a citizen is supposed.
    if matches!(profile.get(named().citizenship), Some(Value::Word(word)) if *word != 0) {
        return;
    }
    if let Err(error) = id.check_structure(as_of.year()) {
        personal_id_finding(&format!("{pointer}/personal_id"), error, findings);
    }
}
