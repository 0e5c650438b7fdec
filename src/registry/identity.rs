//! Personal numbers and birth dates as people's papers give them.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::fields::parse_date;
use crate::facts::{FieldError, Text};

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

/// Codes of the 63 provinces of Circular 07/2016/TT-BCA, appendix 1: numbers keep the province of birth
/// registration as it was called then.
const PROVINCES: [u16; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42,
    44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86,
    87, 89, 91, 92, 93, 94, 95, 96,
];

/// Checks a personal number. Foreigners and people without established nationality carry numbers of another
/// structure: only the form is checked.
pub(super) fn check_number(
    text: &str,
    plain_structure: bool,
    today: NaiveDate,
) -> Result<String, FieldError> {
    let number = text.trim().to_owned();
    if number.len() != 12 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refuse("personal_id_format", "Cần đúng 12 chữ số.", "Exactly 12 digits."));
    }
    if !plain_structure {
        return Ok(number);
    }
    let place: u16 = number[..3].parse().unwrap_or(0);
    if !PROVINCES.contains(&place) && !(101..=295).contains(&place) {
        return Err(refuse(
            "personal_id_birthplace_code",
            "Ba chữ số đầu không phải mã tỉnh, thành phố hoặc mã nước nơi đăng ký khai sinh.",
            "The first three digits are no code of a province or country of birth registration.",
        ));
    }
    let (year, _) = derived(&number);
    if year >= 2100 {
        return Err(refuse(
            "personal_id_century",
            "Chữ số thứ tư chỉ một thế kỷ chưa đến.",
            "The fourth digit names a century yet to come.",
        ));
    }
    if year > today.year() {
        return Err(refuse(
            "personal_id_future_year",
            "Số định danh chỉ một năm sinh trong tương lai.",
            "The number names a birth year in the future.",
        ));
    }
    Ok(number)
}

/// Where a well-formed number does not fit the rest. A corrected birth year or sex brings a new number only in
/// time (Circular 59/2021/TT-BCA art. 6), so these are warnings.
pub(super) fn mismatches(number: &str, born_on: Option<&str>, sex: Option<&str>) -> Vec<Warning> {
    let (year, male) = derived(number);
    let mut warnings = Vec::new();
    let declared: Option<i32> = born_on.and_then(|text| text.get(..4)).and_then(|text| text.parse().ok());
    if declared.is_some_and(|declared| declared != year) {
        warnings.push(Warning {
            code: "year_mismatch",
            pointers: vec!["/personal_id", "/born_on"],
            detail: Text::new(
                "Năm sinh trong số định danh khác năm sinh đã khai.",
                "The birth year in the personal number is not the declared one.",
            ),
        });
    }
    if sex.is_some_and(|sex| (sex == "male") != male) {
        warnings.push(Warning {
            code: "sex_mismatch",
            pointers: vec!["/personal_id", "/sex"],
            detail: Text::new(
                "Giới tính trong số định danh khác giới tính đã khai.",
                "The sex in the personal number is not the declared one.",
            ),
        });
    }
    warnings
}

/// Birth year and whether male, by digits 4 to 6.
fn derived(number: &str) -> (i32, bool) {
    let digit: i32 = number.get(3..4).and_then(|text| text.parse().ok()).unwrap_or(0);
    let year: i32 = number.get(4..6).and_then(|text| text.parse().ok()).unwrap_or(0);
    (1900 + 100 * (digit / 2) + year, digit % 2 == 0)
}

/// Checks a birth date `YYYY[-MM[-DD]]`: real, not in the future, at most 130 years ago.
pub(super) fn check_birth(text: &str, today: NaiveDate) -> Result<String, FieldError> {
    let first_day = match text.len() {
        4 => parse_date(&format!("{text}-01-01")),
        7 => parse_date(&format!("{text}-01")),
        _ => parse_date(text),
    };
    let Some(first_day) = first_day else {
        return Err(FieldError {
            pointer: "/born_on".into(),
            code: "invalid_date",
            detail: Text::new(
                "Cần ngày sinh có thật, dạng YYYY, YYYY-MM hoặc YYYY-MM-DD.",
                "A real birth date: YYYY, YYYY-MM or YYYY-MM-DD.",
            ),
        });
    };
    if first_day > today || today.year() - first_day.year() > 130 {
        return Err(FieldError {
            pointer: "/born_on".into(),
            code: "born_on_out_of_range",
            detail: Text::new(
                "Ngày sinh phải không sau hôm nay và không quá 130 năm trước.",
                "The birth date must not be after today nor more than 130 years ago.",
            ),
        });
    }
    Ok(text.to_owned())
}

fn refuse(code: &'static str, vi: &str, en: &str) -> FieldError {
    FieldError { pointer: "/personal_id".into(), code, detail: Text::new(vi, en) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 24).expect("a date")
    }

    #[test]
    fn numbers_are_checked_step_by_step() {
        let code = |text: &str| check_number(text, true, today()).err().map(|error| error.code);
        assert_eq!(code(" 001180000001 "), None);
        assert_eq!(code("101225000001"), None);
        assert_eq!(code("00118000001"), Some("personal_id_format"));
        assert_eq!(code("00118000000١"), Some("personal_id_format"));
        assert_eq!(code("003180000001"), Some("personal_id_birthplace_code"));
        assert_eq!(code("001480000001"), Some("personal_id_century"));
        assert_eq!(code("001227000001"), Some("personal_id_future_year"));
        assert_eq!(check_number("999999999999", false, today()).err().map(|error| error.code), None);
    }

    #[test]
    fn mismatches_are_warnings() {
        let codes = |born, sex| -> Vec<&str> {
            mismatches("001180000001", born, sex).iter().map(|warning| warning.code).collect()
        };
        assert!(codes(Some("1980"), Some("female")).is_empty());
        assert!(codes(None, None).is_empty());
        assert_eq!(codes(Some("1981-05-02"), Some("male")), ["year_mismatch", "sex_mismatch"]);
    }

    #[test]
    fn births_may_be_partial_but_not_odd() {
        for text in ["1948", "1948-02", "2024-02-29", "2026-11-24"] {
            assert!(check_birth(text, today()).is_ok(), "{text}");
        }
        for text in ["2026-11-25", "2027", "1895", "48", "1948-13", "2023-02-29", "đđ", "1948-2"] {
            assert!(check_birth(text, today()).is_err(), "{text}");
        }
    }
}
