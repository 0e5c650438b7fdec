//! Documents, read and checked.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::fields::Fields;
use crate::{
    decide,
    facts::{FieldError, Text},
    policy::Policy,
    store::{citizens::Citizen, evidence::Document},
};

/// Kinds of documents.
pub const EVIDENCE_KINDS: [&str; 15] = [
    "area_list",
    "birth_certificate",
    "declaration",
    "disability_certificate",
    "employment_contract",
    "enrolment_certificate",
    "health_card",
    "identity_document",
    "merit_certificate",
    "merit_relative_certificate",
    "pension_certificate",
    "poverty_list",
    "social_allowance_decision",
    "social_pension_decision",
    "other",
];

/// Facts that stand in the citizen's own record and nowhere else.
const OWN: [(&str, &[&str]); 2] =
    [("person", &["id", "born_on", "sex", "residence", "citizenship", "personal_id"]), ("household", &["unit"])];

/// Reads `{ kind, number?, issuer?, issued_on?, valid_from?, valid_to?, facts: { person?, household? } }`. The facts are
/// checked by the same vocabulary as those of an evaluation.
///
/// # Errors
/// Every finding at once.
pub fn parse_document(
    body: &Value,
    citizen: &Citizen,
    policy: &Policy,
    today: NaiveDate,
) -> Result<Document, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let kind = fields.choice("kind", &EVIDENCE_KINDS);
    let kind = fields.required("kind", kind);
    let number = fields.text("number", 100);
    let issuer = fields.text("issuer", 200);
    let issued_on = fields.date("issued_on");
    let valid_from = fields.date("valid_from").or(issued_on);
    let valid_from = fields.required("valid_from", valid_from);
    let valid_to = fields.date("valid_to");
    if valid_from.zip(valid_to).is_some_and(|(from, to)| to < from) {
        fields.error(
            "valid_to",
            "ends_before_it_begins",
            "Ngày hết hạn phải không trước ngày bắt đầu.",
            "The last day must not be before the first.",
        );
    }
    let facts = fields.object("facts");
    let (person_facts, household_facts) = match fields.required("facts", facts) {
        Some(facts) => {
            let (found, errors) = read_facts(facts, citizen, policy, today);
            fields.errors(errors);
            found
        }
        None => Default::default(),
    };
    fields.finish()?;
    match (kind, valid_from) {
        (Some(kind), Some(valid_from)) => Ok(Document {
            kind: kind.to_owned(),
            number,
            issuer,
            issued_on,
            valid_from,
            valid_to,
            person_facts,
            household_facts,
        }),
        // Whatever is missing has been reported above.
        _ => Err(Vec::new()),
    }
}

type Facts = (Map<String, Value>, Map<String, Value>);

fn read_facts(
    facts: &Map<String, Value>,
    citizen: &Citizen,
    policy: &Policy,
    today: NaiveDate,
) -> (Facts, Vec<FieldError>) {
    let mut fields = Fields::new(facts, "/facts");
    let person = fields.object("person").cloned().unwrap_or_default();
    let household = fields.object("household").cloned().unwrap_or_default();
    if person.is_empty() && household.is_empty() {
        fields.error("person", "required", "Giấy tờ phải chứng minh ít nhất một thông tin.", "A document proves at least one fact.");
    }
    let mut errors = fields.finish().err().unwrap_or_default();
    for ((group, own), given) in OWN.iter().zip([&person, &household]) {
        for name in own.iter().filter(|name| given.contains_key(**name)) {
            errors.push(FieldError {
                pointer: format!("/facts/{group}/{name}"),
                code: "own_fact",
                detail: Text::new(
                    "Thông tin này thuộc hồ sơ công dân, không thuộc giấy tờ kèm theo.",
                    "This fact belongs to the citizen's record, not to a document.",
                ),
            });
        }
    }
    if errors.is_empty() {
        errors = vocabulary_errors(&person, &household, citizen, policy, today);
    }
    ((person, household), errors)
}

/// What the core says against these facts, with its pointers turned into ours.
fn vocabulary_errors(
    person: &Map<String, Value>,
    household: &Map<String, Value>,
    citizen: &Citizen,
    policy: &Policy,
    today: NaiveDate,
) -> Vec<FieldError> {
    let mut asked = person.clone();
    asked.insert("id".into(), "me".into());
    // The birth date decides which facts can hold at all.
    if let Some(born_on) = &citizen.person.born_on {
        asked.insert("born_on".into(), born_on.clone().into());
    }
    let request = json!({ "people": [asked], "household": household, "explain": "none" });
    let errors = decide::evaluate(policy, &request, today).err().unwrap_or_default();
    let ours = |error: FieldError| {
        let rest = error.pointer.strip_prefix("/people/0/").map(|rest| format!("/facts/person/{rest}"));
        let pointer = rest.or_else(|| {
            error.pointer.strip_prefix("/household/").map(|rest| format!("/facts/household/{rest}"))
        })?;
        Some(FieldError { pointer, ..error })
    };
    errors.into_iter().filter_map(ours).collect()
}
