//! Documents, read and checked.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{RegistryError, fields::Fields};
use crate::{
    facts::{FieldError, Of, Profile, Text, describe_day, reader},
    store::{
        AnyConn, CitizenId, EvidenceId, Vault,
        evidence::{self, Document, End},
    },
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

/// What the kinds are called, in their order.
const KIND_NAMES: [(&str, &str); 15] = [
    ("danh sách địa bàn", "list of areas"),
    ("giấy khai sinh", "birth certificate"),
    ("bản tự khai", "declaration"),
    ("giấy xác nhận khuyết tật", "disability certificate"),
    ("hợp đồng lao động", "employment contract"),
    ("giấy xác nhận của nhà trường", "certificate of enrolment"),
    ("thẻ bảo hiểm y tế", "health-insurance card"),
    ("giấy tờ tùy thân", "identity document"),
    ("giấy tờ về người có công", "certificate of meritorious service"),
    ("giấy tờ về thân nhân người có công", "certificate of a relative of a person with meritorious service"),
    ("giấy tờ về lương hưu", "pension certificate"),
    ("quyết định, danh sách hộ nghèo, hộ cận nghèo", "decision or list of poor and near-poor households"),
    ("quyết định trợ cấp xã hội", "decision on a social allowance"),
    ("quyết định trợ cấp hưu trí xã hội", "decision on a social pension"),
    ("giấy tờ khác", "other document"),
];

/// A document by kind, number and day: `giấy xác nhận khuyết tật số 12 ngày 05/3/2025`.
pub fn described(document: &Document) -> Text {
    let at = EVIDENCE_KINDS.iter().position(|kind| *kind == document.kind);
    let (mut vi, mut en) = at.and_then(|at| KIND_NAMES.get(at)).map_or_else(
        || (document.kind.clone(), document.kind.clone()),
        |(vi, en)| ((*vi).to_owned(), (*en).to_owned()),
    );
    if let Some(number) = &document.number {
        vi = format!("{vi} số {number}");
        en = format!("{en} No. {number}");
    }
    match document.issued_on {
        Some(on) => {
            let on = describe_day(on);
            Text::new(format!("{vi} ngày {}", on.vi), format!("{en} of {}", on.en))
        }
        None => {
            let from = describe_day(document.valid_from);
            Text::new(format!("{vi} có hiệu lực từ {}", from.vi), format!("{en} valid from {}", from.en))
        }
    }
}

/// Facts that stand in the citizen's own record and nowhere else.
const OWN_OF_PERSON: [&str; 6] = ["id", "born_on", "sex", "residence", "citizenship", "personal_id"];
/// The same of the household.
const OWN_OF_HOUSEHOLD: [&str; 1] = ["unit"];

/// Notes that a document no longer counts: replaced by a better one, or withdrawn. What was decided by it stays.
///
/// # Errors
/// [`RegistryError::NoSuchEvidence`] when it is not in this record or has ended before.
pub fn end_evidence(
    conn: &mut AnyConn,
    vault: &Vault,
    (citizen, id): (CitizenId, EvidenceId),
    end: &End,
) -> Result<(), RegistryError> {
    let documents = evidence::of_citizens(conn, vault, &[citizen])?;
    let found = documents.iter().find(|entry| entry.id == id && entry.end.is_none());
    found.ok_or(RegistryError::NoSuchEvidence)?;
    Ok(evidence::end(conn, vault, id, end)?)
}

/// Reads `{ kind, number?, issuer?, scan?, issued_on?, valid_from?, valid_to?, facts: { person?, household? } }`. The facts are
/// checked by the same vocabulary as those of an evaluation.
///
/// # Errors
/// Every finding at once.
pub fn parse_document(body: &Value, today: NaiveDate) -> Result<Document, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let kind = fields.choice("kind", &EVIDENCE_KINDS);
    let kind = fields.required("kind", kind);
    let number = fields.text("number", 100);
    let issuer = fields.text("issuer", 200);
    let scan = fields.text("scan", 200);
    let issued_on = fields.date("issued_on");
    if issued_on.is_some_and(|issued_on| issued_on > today) {
        fields.error(
            "issued_on",
            "date_in_future",
            "Ngày cấp không được sau ngày hôm nay.",
            "The date of issue must not lie after today.",
        );
    }
    let valid_from = fields.date("valid_from").or(issued_on);
    let valid_from = fields.required("valid_from", valid_from);
    let valid_to = fields.date("valid_to");
    if valid_from.zip(valid_to).is_some_and(|(from, to)| to < from) {
        fields.error(
            "valid_to",
            "ends_before_it_begins",
            "Ngày hết hiệu lực không được trước ngày bắt đầu có hiệu lực.",
            "The last day must not be before the first.",
        );
    }
    let facts = fields.object("facts");
    let (person_facts, household_facts) = match fields.required("facts", facts) {
        Some(facts) => {
            let (found, errors) = read_facts(facts);
            fields.findings().0.extend(errors);
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
            scan,
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

/// Reads the facts a document proves, by the same vocabulary as those of an evaluation.
fn read_facts(facts: &Map<String, Value>) -> (Facts, Vec<FieldError>) {
    let mut fields = Fields::new(facts, "/facts");
    let person = fields.object("person").cloned().unwrap_or_default();
    let household = fields.object("household").cloned().unwrap_or_default();
    let mut proved = Profile::default();
    for (group, of, given, own) in [
        ("person", Of::Person, &person, OWN_OF_PERSON.as_slice()),
        ("household", Of::Household, &household, OWN_OF_HOUSEHOLD.as_slice()),
    ] {
        let base = fields.at(group);
        reader::read_facts(of, given, &base, own, &mut proved, fields.findings());
        for name in own.iter().filter(|name| given.contains_key(**name)) {
            fields.findings().add(
                reader::child(&base, name),
                "own_fact",
                "Thông tin này thuộc hồ sơ công dân, không thuộc giấy tờ kèm theo.".into(),
                "This fact belongs to the citizen's record, not to a document.".into(),
            );
        }
    }
    if proved == Profile::default() && fields.findings().0.is_empty() {
        fields.error(
            "person",
            "missing_field",
            "Giấy tờ phải chứng minh ít nhất một thông tin.",
            "A document proves at least one fact.",
        );
    }
    ((person, household), fields.finish().err().unwrap_or_default())
}
