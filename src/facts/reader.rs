//! Reads the facts of a JSON object against the vocabulary. It never stops at the first mistake: a client sees all of them.

use serde_json::{Map, Value as Json};

use super::{
    FactDef, FactId, FieldError, Kind, Member, Of, PartialDate, PersonalId, Profile, Text, UnitCode, Value,
    vocabulary,
};

/// Collects what is wrong with a body.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<FieldError>);

impl Findings {
    /// Whether as much has been found as is told. What comes after costs no more work.
    fn is_full(&self) -> bool {
        self.0.len() >= MOST_FINDINGS
    }

    /// Adds a finding, up to a bound.
    pub fn add(&mut self, pointer: impl Into<String>, code: &'static str, vi: String, en: String) {
        if self.is_full() {
            return;
        }
        self.0.push(FieldError { pointer: pointer.into(), code, detail: Text { vi, en } });
    }

    /// A value of the wrong JSON type. `vi` and `en` say what is expected.
    pub fn wrong_type(&mut self, pointer: &str, got: &Json, vi: &str, en: &str) {
        let (got_vi, got_en) = match got {
            Json::Null => ("null", "null"),
            Json::Bool(_) => ("đúng/sai", "a boolean"),
            Json::Number(_) => ("một số", "a number"),
            Json::String(_) => ("một chuỗi ký tự", "a string"),
            Json::Array(_) => ("một danh sách", "a list"),
            Json::Object(_) => ("một đối tượng", "an object"),
        };
        let name = last(pointer);
        self.add(
            pointer,
            "wrong_type",
            format!("“{name}” phải là {vi}, nhưng nhận được {got_vi}."),
            format!("“{name}” must be {en}, but {got_en} was given."),
        );
    }

    /// A member that the object does not have.
    pub fn unknown_field<'a>(&mut self, pointer: String, name: &str, known: impl Iterator<Item = &'a str>) {
        if self.is_full() {
            return;
        }
        let hint = nearest(name, known);
        let name = clip(name);
        let (vi, en) = did_you_mean(hint);
        self.add(
            pointer,
            "unknown_field",
            format!("Không có trường “{name}”.{vi}"),
            format!("There is no field “{name}”.{en}"),
        );
    }

    /// A word that is not among the allowed ones.
    pub fn unknown_value(&mut self, pointer: &str, got: &str, allowed: &[&str]) {
        if self.is_full() {
            return;
        }
        let (vi, en) = did_you_mean(nearest(got, allowed.iter().copied()));
        let (name, got, allowed) = (last(pointer), clip(got), allowed.join(", "));
        self.add(
            pointer,
            "unknown_value",
            format!("“{name}” không nhận giá trị “{got}”.{vi} Các giá trị được phép: {allowed}."),
            format!("“{name}” does not take the value “{got}”.{en} Allowed values: {allowed}."),
        );
    }

    fn out_of_range(&mut self, pointer: &str, min: i64, max: i64) {
        let name = last(pointer);
        self.add(
            pointer,
            "out_of_range",
            format!("“{name}” phải là số nguyên từ {min} đến {max}."),
            format!("“{name}” must be a whole number from {min} to {max}."),
        );
    }
}

/// More mistakes than anybody reads; a bound for the work and the answer that a body can cause.
const MOST_FINDINGS: usize = 100;

/// The allowed word that is most like the one given, if any is like it at all.
pub fn nearest<'a>(given: &str, allowed: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if given.len() > 40 {
        return None;
    }
    allowed
        .filter(|word| word.len().abs_diff(given.len()) <= word.len().div_ceil(3).max(1))
        .map(|word| (strsim::damerau_levenshtein(&given.to_lowercase(), word), word))
        .filter(|(distance, word)| *distance <= word.chars().count().div_ceil(3).max(1))
        .min()
        .map(|(_, word)| word)
}

fn did_you_mean(hint: Option<&str>) -> (String, String) {
    hint.map_or_else(Default::default, |word| {
        (format!(" Có phải là “{word}”?"), format!(" Did you mean “{word}”?"))
    })
}

/// A stranger's text without what looks like a personal number: such a number is never repeated.
fn without_numbers(text: &str) -> String {
    /// The old identity cards had nine digits, the new numbers have twelve.
    const SHORTEST: usize = 9;
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        out.push_str(if digits.len() >= SHORTEST { "•••" } else { &digits });
        digits.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// Keeps a stranger's text short in an error.
fn clip(text: &str) -> String {
    let text = &without_numbers(text.get(..400).unwrap_or(text));
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().count() > 40 {
        short.push('…');
    }
    short
}

fn last(pointer: &str) -> &str {
    let name = pointer.rsplit('/').next().unwrap_or(pointer);
    if name.bytes().all(|b| b.is_ascii_digit()) { pointer.trim_start_matches('/') } else { name }
}

/// `pointer` + `/` + the member's name, escaped as RFC 6901 asks.
pub fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", without_numbers(name).replace('~', "~0").replace('/', "~1"))
}

/// Reads all facts of one scope from `object` into `profile`. `other` are members that are no facts (an id, say).
pub fn read_facts(
    of: Of,
    object: &Map<String, Json>,
    pointer: &str,
    other: &[&'static str],
    profile: &mut Profile,
    findings: &mut Findings,
) {
    for (name, json) in object {
        if other.contains(&name.as_str()) {
            continue;
        }
        let pointer = child(pointer, name);
        if let Some(fact) = vocabulary().find_of(of, name).filter(|_| !name.contains('.')) {
            read_into(fact, json, &pointer, profile, findings);
        } else if is_nested(of, name) {
            match json {
                Json::Object(members) => read_nested(of, name, members, &pointer, profile, findings),
                Json::Null => {}
                other => findings.wrong_type(&pointer, other, "một đối tượng", "an object"),
            }
        } else {
            findings.unknown_field(pointer, name, names(of).chain(other.iter().copied()));
        }
    }
}

/// Top-level names of the facts of a scope; a nested fact by the part before the dot.
pub fn names(of: Of) -> impl Iterator<Item = &'static str> {
    vocabulary().facts().filter(move |(_, fact)| fact.of == of).map(|(_, fact)| fact.question())
}

fn is_nested(of: Of, name: &str) -> bool {
    vocabulary()
        .facts()
        .any(|(_, fact)| fact.of == of && fact.id.len() > name.len() && fact.question() == name)
}

fn read_nested(
    of: Of,
    name: &str,
    members: &Map<String, Json>,
    pointer: &str,
    profile: &mut Profile,
    findings: &mut Findings,
) {
    for (member, json) in members {
        let pointer = child(pointer, member);
        match vocabulary().find_of(of, &format!("{name}.{member}")) {
            Some(fact) => read_into(fact, json, &pointer, profile, findings),
            None => {
                let known = vocabulary().facts().filter(|(_, fact)| fact.of == of && fact.question() == name);
                findings.unknown_field(
                    pointer,
                    member,
                    known.filter_map(|(_, fact)| fact.id.split('.').nth(1)),
                );
            }
        }
    }
}

fn read_into(fact: FactId, json: &Json, pointer: &str, profile: &mut Profile, findings: &mut Findings) {
    let FactDef { kind, .. } = vocabulary().get(fact);
    if let Some(value) = read_value(kind, json, pointer, findings) {
        profile.set(fact, Some(value));
    }
}

/// Reads one value. `null` is the same as absent.
fn read_value(kind: &Kind, json: &Json, pointer: &str, findings: &mut Findings) -> Option<Value> {
    if json.is_null() {
        return None;
    }
    match kind {
        Kind::Bool => match json {
            Json::Bool(value) => Some(Value::Bool(*value)),
            other => refuse(findings, pointer, other, "true hoặc false", "true or false"),
        },
        Kind::Word { words, .. } => {
            read_word(kind, words.iter().map(|word| word.id.as_str()), json, pointer, findings)
                .map(Value::Word)
        }
        Kind::Date { .. } => match json {
            Json::String(text) => match PartialDate::parse(text) {
                Ok(date) => Some(Value::Date(date)),
                Err(_) => {
                    let name = last(pointer);
                    findings.add(
                        pointer,
                        "invalid_date",
                        format!("“{name}” phải là ngày có thật, viết YYYY-MM-DD, YYYY-MM hoặc YYYY."),
                        format!("“{name}” must be a real date, written YYYY-MM-DD, YYYY-MM or YYYY."),
                    );
                    None
                }
            },
            other => refuse(
                findings,
                pointer,
                other,
                "ngày viết YYYY-MM-DD, YYYY-MM hoặc YYYY",
                "a date written YYYY-MM-DD, YYYY-MM or YYYY",
            ),
        },
        Kind::Count { .. } | Kind::Money | Kind::Percent => {
            let (min, max) = kind.bounds()?;
            match json {
                Json::Number(number) => match number.as_i64().filter(|value| (min..=max).contains(value)) {
                    Some(value) => Some(Value::Number(value)),
                    None => {
                        findings.out_of_range(pointer, min, max);
                        None
                    }
                },
                other => refuse(findings, pointer, other, "số nguyên", "a whole number"),
            }
        }
        Kind::PersonalId => match json {
            Json::String(text) => match PersonalId::parse(text) {
                Ok(id) => Some(Value::PersonalId(id)),
                Err(error) => {
                    personal_id_finding(pointer, error, findings);
                    None
                }
            },
            other => refuse(findings, pointer, other, "chuỗi 12 chữ số", "a string of 12 digits"),
        },
        Kind::Unit => match json {
            Json::String(text) => match UnitCode::parse(text) {
                Some(unit) => Some(Value::Unit(unit)),
                None => {
                    findings.add(
                        pointer,
                        "unknown_unit",
                        "Mã phường, xã không có trong danh mục 126 đơn vị của Hà Nội (năm chữ số, ví dụ 00070).".into(),
                        "The code is not among Hanoi's 126 wards and communes (five digits, such as 00070).".into(),
                    );
                    None
                }
            },
            other => refuse(findings, pointer, other, "chuỗi 5 chữ số", "a string of 5 digits"),
        },
        Kind::Words(words) => {
            let items = list(json, pointer, findings)?;
            let (mut read, mut failed) = (Vec::with_capacity(items.len()), false);
            for (i, item) in items.iter().enumerate() {
                let pointer = format!("{pointer}/{i}");
                match read_word(kind, words.iter().map(|word| word.id.as_str()), item, &pointer, findings) {
                    Some(word) if !read.contains(&word) => read.push(word),
                    Some(_) => {}
                    None => failed = true,
                }
            }
            (!failed).then(|| Value::Words(read.into()))
        }
        Kind::Records(members) => {
            let items = list(json, pointer, findings)?;
            let entries: Vec<_> = items
                .iter()
                .enumerate()
                .map(|(i, item)| read_entry(members, item, &format!("{pointer}/{i}"), findings))
                .collect();
            entries.into_iter().collect::<Option<Vec<_>>>().map(|entries| Value::Records(entries.into()))
        }
    }
}

/// What is wrong with a personal number. The number itself is never repeated.
pub fn personal_id_finding(pointer: &str, error: super::PersonalIdError, findings: &mut Findings) {
    use super::PersonalIdError as E;
    let (code, vi, en) = match error {
        E::Format => (
            "personal_id_format",
            "Số định danh cá nhân phải gồm đúng 12 chữ số.",
            "A personal number has exactly 12 digits.",
        ),
        E::BirthplaceCode => (
            "personal_id_birthplace_code",
            "Ba chữ số đầu của số định danh cá nhân không phải mã tỉnh, thành phố hoặc quốc gia.",
            "The first three digits of the personal number are no code of a province or country.",
        ),
        E::Century => (
            "personal_id_century",
            "Chữ số thứ tư của số định danh cá nhân phải từ 0 đến 3.",
            "The fourth digit of the personal number must be 0 to 3.",
        ),
        E::FutureYear => (
            "personal_id_future_year",
            "Năm sinh trong số định danh cá nhân nằm ở tương lai.",
            "The personal number speaks of a birth year in the future.",
        ),
    };
    findings.add(pointer, code, vi.into(), en.into());
}

fn refuse<T>(findings: &mut Findings, pointer: &str, got: &Json, vi: &str, en: &str) -> Option<T> {
    findings.wrong_type(pointer, got, vi, en);
    None
}

/// More entries of a list than any life has; a bound for the work a request can cause.
pub const MOST_ENTRIES: usize = 50;

fn list<'a>(json: &'a Json, pointer: &str, findings: &mut Findings) -> Option<&'a [Json]> {
    const MOST: usize = MOST_ENTRIES;
    match json {
        Json::Array(items) if items.len() <= MOST => Some(items),
        Json::Array(_) => {
            let name = last(pointer);
            findings.add(
                pointer,
                "too_many_entries",
                format!("“{name}” có tối đa {MOST} mục."),
                format!("“{name}” has at most {MOST} entries."),
            );
            None
        }
        other => refuse(
            findings,
            pointer,
            other,
            "một danh sách (để trống [] nếu không có)",
            "a list ([] when there is none)",
        ),
    }
}

fn read_word<'a>(
    kind: &Kind,
    words: impl Iterator<Item = &'a str>,
    json: &Json,
    pointer: &str,
    findings: &mut Findings,
) -> Option<u16> {
    let Json::String(text) = json else {
        return refuse(
            findings,
            pointer,
            json,
            "một chuỗi ký tự trong các giá trị được phép",
            "one of the allowed words",
        );
    };
    let allowed: Vec<&str> = words.collect();
    if allowed.contains(&text.as_str()) {
        return kind.word(text);
    }
    findings.unknown_value(pointer, text, &allowed);
    None
}

fn read_entry(
    members: &[Member],
    json: &Json,
    pointer: &str,
    findings: &mut Findings,
) -> Option<Vec<Option<Value>>> {
    let Json::Object(object) = json else {
        return refuse(findings, pointer, json, "một đối tượng", "an object");
    };
    let before = findings.0.len();
    for name in object.keys() {
        if !members.iter().any(|member| member.id == *name) {
            findings.unknown_field(
                child(pointer, name),
                name,
                members.iter().map(|member| member.id.as_str()),
            );
        }
    }
    let mut entry = Vec::with_capacity(members.len());
    for member in members {
        let given = object.get(&member.id).filter(|json| !json.is_null());
        let value =
            given.and_then(|json| read_value(&member.kind, json, &child(pointer, &member.id), findings));
        if given.is_none() && member.required {
            findings.add(
                child(pointer, &member.id),
                "missing_field",
                format!("Mỗi mục phải có “{}” ({}).", member.id, member.label.vi),
                format!("Each entry needs “{}” ({}).", member.id, member.label.en),
            );
        }
        entry.push(value);
    }
    (findings.0.len() == before).then_some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> (Profile, Vec<(String, &'static str)>) {
        let (mut profile, mut findings) = (Profile::default(), Findings::default());
        let object: Map<String, Json> = serde_json::from_str(json).unwrap();
        read_facts(Of::Person, &object, "/people/0", &["id"], &mut profile, &mut findings);
        (profile, findings.0.into_iter().map(|finding| (finding.pointer, finding.code)).collect())
    }

    #[test]
    fn finds_every_mistake_at_once() {
        let (_, found) = read(
            r#"{"id":"a","born_on":"1980-02-30","employmen":"none","employment":"contrct","disability":{"severty":"none"},
                "merit":[{"title":"war_invalid","impairment_percent":101},{"impairment_percent":5}],"pension_vnd":9007199254740993,
                "veteran":"no","household_scheme_rank":0}"#,
        );
        assert_eq!(
            found,
            [
                ("/people/0/born_on".to_owned(), "invalid_date"),
                ("/people/0/employmen".to_owned(), "unknown_field"),
                ("/people/0/employment".to_owned(), "unknown_value"),
                ("/people/0/disability/severty".to_owned(), "unknown_field"),
                ("/people/0/merit/0/impairment_percent".to_owned(), "out_of_range"),
                ("/people/0/merit/1/title".to_owned(), "missing_field"),
                ("/people/0/pension_vnd".to_owned(), "out_of_range"),
                ("/people/0/veteran".to_owned(), "wrong_type"),
                ("/people/0/household_scheme_rank".to_owned(), "out_of_range"),
            ]
        );
    }

    #[test]
    fn suggests_the_nearest_word() {
        assert_eq!(nearest("employmen", names(Of::Person)), Some("employment"));
        assert_eq!(nearest("zzzz", names(Of::Person)), None);
    }

    #[test]
    fn internal_words_cannot_be_said() {
        let (profile, found) = read(r#"{"social_pension":"unstated"}"#);
        assert_eq!(found, [("/people/0/social_pension".to_owned(), "unknown_value")]);
        assert_eq!(profile, Profile::default());
    }
}
