//! Reads the members of a JSON object into checked values and gathers everything wrong with them.

use chrono::NaiveDate;
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use crate::facts::{FieldError, Text};

/// Reader of one object. Call [`Fields::finish`] last: it reports the members nobody asked for.
#[derive(Debug)]
pub struct Fields<'a> {
    members: &'a Map<String, Value>,
    base: String,
    known: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// A reader of the whole body.
    ///
    /// # Errors
    /// When the body is not an object.
    pub fn of(body: &'a Value) -> Result<Self, Vec<FieldError>> {
        match body.as_object() {
            Some(members) => Ok(Self::new(members, "")),
            None => Err(vec![wrong_type(String::new(), "một đối tượng JSON", "a JSON object")]),
        }
    }

    /// A reader of the object at `base`, an RFC 6901 pointer.
    pub fn new(members: &'a Map<String, Value>, base: impl Into<String>) -> Self {
        Self { members, base: base.into(), known: Vec::new(), errors: Vec::new() }
    }

    /// Notes a finding about a member.
    pub fn error(&mut self, name: &str, code: &'static str, vi: impl Into<String>, en: impl Into<String>) {
        self.errors.push(FieldError { pointer: self.at(name), code, detail: Text::new(vi, en) });
    }

    /// Notes findings made elsewhere.
    pub fn errors(&mut self, errors: impl IntoIterator<Item = FieldError>) {
        self.errors.extend(errors);
    }

    /// The raw member; `null` counts as left out.
    pub fn raw(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// Text in Unicode NFC without outer spaces: 1 to `longest` characters, no control characters.
    pub fn text(&mut self, name: &'static str, longest: usize) -> Option<String> {
        let Some(text) = self.raw(name)?.as_str() else {
            let error = wrong_type(self.at(name), "một chuỗi ký tự", "a string");
            self.errors.push(error);
            return None;
        };
        let text: String = text.trim().nfc().collect();
        if text.is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
            self.error(
                name,
                "invalid_text",
                format!("Cần từ 1 đến {longest} ký tự, không có ký tự điều khiển."),
                format!("1 to {longest} characters, no control characters."),
            );
            return None;
        }
        Some(text)
    }

    /// One of a closed list of words.
    pub fn choice(&mut self, name: &'static str, allowed: &[&'static str]) -> Option<&'static str> {
        let value = self.raw(name)?;
        let found = value.as_str().and_then(|text| allowed.iter().copied().find(|word| *word == text));
        if found.is_none() {
            let list = allowed.join(", ");
            let near = value.as_str().and_then(|text| nearest(text, allowed));
            let (vi, en) = did_you_mean(near);
            self.error(
                name,
                "unknown_value",
                format!("Giá trị cho phép: {list}.{vi}"),
                format!("Allowed values: {list}.{en}"),
            );
        }
        found
    }

    /// A list of words of a closed list.
    pub fn choices(&mut self, name: &'static str, allowed: &[&'static str]) -> Option<Vec<&'static str>> {
        let value = self.raw(name)?;
        let words = value.as_array().map(|items| {
            let word = |item: &Value| allowed.iter().copied().find(|word| item.as_str() == Some(*word));
            items.iter().map(word).collect::<Option<Vec<_>>>()
        });
        if let Some(Some(words)) = words {
            return Some(words);
        }
        let list = allowed.join(", ");
        self.error(
            name,
            "unknown_value",
            format!("Cần một danh sách gồm các giá trị: {list}."),
            format!("A list of these values: {list}."),
        );
        None
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.raw(name)?;
        if value.as_bool().is_none() {
            let error = wrong_type(self.at(name), "true hoặc false", "true or false");
            self.errors.push(error);
        }
        value.as_bool()
    }

    /// A whole number within limits.
    pub fn number(&mut self, name: &'static str, least: i64, most: i64) -> Option<i64> {
        let value = self.raw(name)?.as_i64().filter(|number| (least..=most).contains(number));
        if value.is_none() {
            self.error(
                name,
                "out_of_range",
                format!("Cần số nguyên từ {least} đến {most}."),
                format!("A whole number from {least} to {most}."),
            );
        }
        value
    }

    /// A whole date, `YYYY-MM-DD`.
    pub fn date(&mut self, name: &'static str) -> Option<NaiveDate> {
        let date = self.raw(name)?.as_str().and_then(parse_date);
        if date.is_none() {
            self.error(name, "invalid_date", "Cần một ngày có thật, dạng YYYY-MM-DD.", "A real date, YYYY-MM-DD.");
        }
        date
    }

    /// An object.
    pub fn object(&mut self, name: &'static str) -> Option<&'a Map<String, Value>> {
        let value = self.raw(name)?;
        if value.as_object().is_none() {
            let error = wrong_type(self.at(name), "một đối tượng JSON", "a JSON object");
            self.errors.push(error);
        }
        value.as_object()
    }

    /// Insists on a member that was read.
    pub fn required<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        let absent = self.members.get(name).is_none_or(Value::is_null);
        if value.is_none() && absent {
            self.error(name, "required", "Thiếu mục bắt buộc này.", "This member is required.");
        }
        value
    }

    /// Reports members nobody asked for, and everything found so far.
    ///
    /// # Errors
    /// When anything was found.
    pub fn finish(mut self) -> Result<(), Vec<FieldError>> {
        let unknown: Vec<&String> =
            self.members.keys().filter(|name| !self.known.contains(&name.as_str())).collect();
        for name in unknown {
            let (vi, en) = did_you_mean(nearest(name, &self.known));
            let list = self.known.join(", ");
            self.error(
                name,
                "unknown_field",
                format!("Không có mục này; các mục cho phép: {list}.{vi}"),
                format!("No such member; allowed members: {list}.{en}"),
            );
        }
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{}", self.base, name.replace('~', "~0").replace('/', "~1"))
    }
}

/// Strict `YYYY-MM-DD`; `chrono` alone would take `2026-1-4` and years of five digits.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

fn wrong_type(pointer: String, vi: &str, en: &str) -> FieldError {
    FieldError {
        pointer,
        code: "wrong_type",
        detail: Text::new(format!("Cần là {vi}."), format!("Must be {en}.")),
    }
}

fn did_you_mean(near: Option<&str>) -> (String, String) {
    near.map_or_else(Default::default, |near| {
        (format!(" Có phải ý bạn là “{near}”?"), format!(" Did you mean “{near}”?"))
    })
}

/// The word with the fewest edits, when at most a third of its letters differ.
fn nearest<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    // Longer texts are not typing errors, and the table below must stay small.
    if text.len() > 64 {
        return None;
    }
    let scored = words.iter().map(|word| (edits(text, word), *word));
    scored.min().filter(|(edits, word)| *edits <= word.len().div_ceil(3)).map(|(_, word)| word)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replace = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_findings_come_at_once_with_pointers() {
        let body = json!({ "nam": "A", "sex": "mal", "on": "2026-02-30", "a/b": 1 });
        let mut fields = Fields::of(&body).expect("an object");
        let name = fields.text("name", 10);
        assert_eq!(fields.required("name", name), None);
        assert_eq!(fields.choice("sex", &["male", "female"]), None);
        assert_eq!(fields.date("on"), None);
        let errors = fields.finish().expect_err("findings");
        let seen: Vec<String> = errors.iter().map(|e| format!("{} {}", e.code, e.pointer)).collect();
        assert_eq!(
            seen,
            [
                "required /name",
                "unknown_value /sex",
                "invalid_date /on",
                "unknown_field /nam",
                "unknown_field /a~1b"
            ]
        );
        assert!(errors[1].detail.en.contains("Did you mean “male”?"));
        assert!(errors[3].detail.vi.contains("Có phải ý bạn là “name”?"));
    }

    #[test]
    fn dates_are_strict() {
        assert!(parse_date("2024-02-29").is_some());
        for text in ["2026-1-04", "2026-02-30", "+2026-01-1", "20260104", "2026-01-04T00", ""] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
