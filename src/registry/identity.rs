//! Personal numbers and birth dates as people's papers give them.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use crate::facts::{
    PartialDate, PersonalId, PersonalIdError, Text,
    reader::{Findings, personal_id_finding},
};

/// Something that does not fit together but is not for us to refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Warning {
    /// Stable code, never translated.
    #[schema(example = "year_mismatch")]
    pub code: &'static str,
    /// RFC 6901 pointers to what does not fit.
    #[schema(example = json!(["/personal_id", "/born_on"]))]
    pub pointers: Vec<&'static str>,
    /// What does not fit.
    pub detail: Text,
}

/// Reads a personal number. Foreigners and people without established nationality carry numbers of another
/// structure: with `structured` false only the form is checked.
pub(super) fn read_number(
    text: &str,
    structured: bool,
    today: NaiveDate,
    findings: &mut Findings,
) -> Option<PersonalId> {
    let checked = |number: PersonalId| -> Result<PersonalId, PersonalIdError> {
        if structured {
            number.check_structure(today.year())?;
        }
        Ok(number)
    };
    match PersonalId::parse(text).and_then(checked) {
        Ok(number) => Some(number),
        Err(error) => {
            personal_id_finding("/personal_id", error, findings);
            None
        }
    }
}

/// Reads a birth date: real, not in the future, at most 130 years ago.
pub(super) fn read_birth(text: &str, today: NaiveDate, findings: &mut Findings) -> Option<PartialDate> {
    let Ok(born) = PartialDate::parse(text) else {
        findings.add(
            "/born_on",
            "invalid_date",
            "Cần ngày sinh có thật, dạng YYYY, YYYY-MM hoặc YYYY-MM-DD.".into(),
            "A real birth date is needed: YYYY, YYYY-MM or YYYY-MM-DD.".into(),
        );
        return None;
    };
    if born.earliest() > today || today.year() - born.earliest().year() > 130 {
        findings.add(
            "/born_on",
            "out_of_range",
            "Ngày sinh không được sau ngày hôm nay và không quá 130 năm trước.".into(),
            "The birth date must not be after today nor more than 130 years ago.".into(),
        );
        return None;
    }
    Some(born)
}

/// Where a well-formed number does not fit the rest. A corrected birth year or sex brings a new number only in
/// time (Circular 59/2021/TT-BCA art. 6), so these are warnings.
pub(super) fn mismatches(
    number: &PersonalId,
    born: Option<PartialDate>,
    female: Option<bool>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if born.is_some_and(|born| born.earliest().year() != number.birth_year()) {
        warnings.push(Warning {
            code: "year_mismatch",
            pointers: vec!["/personal_id", "/born_on"],
            detail: Text::new(
                "Năm sinh trong số định danh cá nhân khác năm sinh đã khai.",
                "The birth year in the personal number is not the declared one.",
            ),
        });
    }
    if female.is_some_and(|female| female != number.is_female()) {
        warnings.push(Warning {
            code: "sex_mismatch",
            pointers: vec!["/personal_id", "/sex"],
            detail: Text::new(
                "Giới tính trong số định danh cá nhân khác giới tính đã khai.",
                "The sex in the personal number is not the declared one.",
            ),
        });
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 24).expect("a date")
    }

    #[test]
    fn only_citizens_numbers_have_a_known_structure() {
        let code = |text: &str, structured| {
            let mut findings = Findings::default();
            let read = read_number(text, structured, today(), &mut findings);
            assert_eq!(read.is_none(), !findings.0.is_empty());
            findings.0.first().map(|error| error.code)
        };
        assert_eq!(code(" 001180000001 ", true), None);
        assert_eq!(code("001227000001", true), Some("personal_id_future_year"));
        assert_eq!(code("999999999999", true), Some("personal_id_birthplace_code"));
        assert_eq!(code("999999999999", false), None);
        assert_eq!(code("99999999999", false), Some("personal_id_format"));
    }

    #[test]
    fn mismatches_are_warnings() {
        let number = PersonalId::parse("001180000001").expect("a number");
        let codes = |born: Option<&str>, female| -> Vec<&str> {
            let born = born.map(|text| PartialDate::parse(text).expect("a date"));
            mismatches(&number, born, female).iter().map(|warning| warning.code).collect()
        };
        assert!(codes(Some("1980"), Some(true)).is_empty());
        assert!(codes(None, None).is_empty());
        assert_eq!(codes(Some("1981-05-02"), Some(false)), ["year_mismatch", "sex_mismatch"]);
    }

    #[test]
    fn births_may_be_partial_but_not_odd() {
        let read = |text: &str| read_birth(text, today(), &mut Findings::default());
        for text in ["1948", "1948-02", "2024-02-29", "2026-11-24", "2026"] {
            assert!(read(text).is_some(), "{text}");
        }
        for text in ["2026-11-25", "2027", "1895", "48", "1948-13", "2023-02-29", "đđ", "1948-2"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
