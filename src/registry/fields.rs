//! Reads the members of a JSON object into checked values and gathers everything wrong with them.

use chrono::NaiveDate;
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use crate::facts::{
    FieldError, PartialDate,
    reader::{Findings, child},
};

/// Reader of one object. Call [`Fields::finish`] last: it reports the members nobody asked for.
#[derive(Debug)]
pub struct Fields<'a> {
    members: &'a Map<String, Value>,
    base: String,
    known: Vec<&'static str>,
    findings: Findings,
}

impl<'a> Fields<'a> {
    /// A reader of the whole body.
    ///
    /// # Errors
    /// When the body is not an object.
    pub fn of(body: &'a Value) -> Result<Self, Vec<FieldError>> {
        match body.as_object() {
            Some(members) => Ok(Self::new(members, "")),
            None => {
                let mut findings = Findings::default();
                findings.wrong_type("", body, "một đối tượng JSON", "a JSON object");
                Err(findings.0)
            }
        }
    }

    /// A reader of the object at `base`, an RFC 6901 pointer.
    pub fn new(members: &'a Map<String, Value>, base: impl Into<String>) -> Self {
        Self { members, base: base.into(), known: Vec::new(), findings: Findings::default() }
    }

    /// Notes a finding about a member.
    pub fn error(&mut self, name: &str, code: &'static str, vi: impl Into<String>, en: impl Into<String>) {
        let pointer = self.at(name);
        self.findings.add(pointer, code, vi.into(), en.into());
    }

    /// Where readers of single values note what they find.
    pub fn findings(&mut self) -> &mut Findings {
        &mut self.findings
    }

    /// The raw member; `null` counts as left out.
    pub fn raw(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// Text in Unicode NFC without outer spaces: 1 to `longest` characters, no control characters.
    pub fn text(&mut self, name: &'static str, longest: usize) -> Option<String> {
        let value = self.raw(name)?;
        let Some(text) = value.as_str() else {
            return self.wrong_type(name, value, "một chuỗi ký tự", "a string");
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
        let Some(text) = value.as_str() else {
            return self.wrong_type(name, value, "một chuỗi ký tự", "a string");
        };
        let found = allowed.iter().copied().find(|word| *word == text);
        if found.is_none() {
            self.findings.unknown_value(&child(&self.base, name), text, allowed);
        }
        found
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.raw(name)?;
        value.as_bool().or_else(|| self.wrong_type(name, value, "true hoặc false", "true or false"))
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
        let date = self.raw(name)?.as_str().and_then(|text| PartialDate::parse(text).ok()?.exact());
        if date.is_none() {
            self.error(
                name,
                "invalid_date",
                "Cần một ngày có thật, dạng YYYY-MM-DD.",
                "A real date is needed, YYYY-MM-DD.",
            );
        }
        date
    }

    /// An object.
    pub fn object(&mut self, name: &'static str) -> Option<&'a Map<String, Value>> {
        let value = self.raw(name)?;
        value.as_object().or_else(|| self.wrong_type(name, value, "một đối tượng JSON", "a JSON object"))
    }

    /// Insists on a member that was read.
    pub fn required<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        let absent = self.members.get(name).is_none_or(Value::is_null);
        if value.is_none() && absent {
            self.error(
                name,
                "missing_field",
                format!("Thiếu trường bắt buộc “{name}”."),
                format!("The member “{name}” is required."),
            );
        }
        value
    }

    /// Reports members nobody asked for, and everything found so far.
    ///
    /// # Errors
    /// When anything was found.
    pub fn finish(mut self) -> Result<(), Vec<FieldError>> {
        for name in self.members.keys().filter(|name| !self.known.contains(&name.as_str())) {
            let pointer = child(&self.base, name);
            self.findings.unknown_field(pointer, name, self.known.iter().copied());
        }
        if self.findings.0.is_empty() { Ok(()) } else { Err(self.findings.0) }
    }

    /// The pointer to a member.
    pub fn at(&self, name: &str) -> String {
        child(&self.base, name)
    }

    fn wrong_type<T>(&mut self, name: &str, got: &Value, vi: &str, en: &str) -> Option<T> {
        self.findings.wrong_type(&child(&self.base, name), got, vi, en);
        None
    }
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
                "missing_field /name",
                "unknown_value /sex",
                "invalid_date /on",
                "unknown_field /nam",
                "unknown_field /a~1b"
            ]
        );
        assert!(errors[1].detail.en.contains("Did you mean “male”?"));
        assert!(errors[3].detail.vi.contains("Có phải là “name”?"));
    }
}
