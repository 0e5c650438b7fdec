//! Writes JSON straight into a buffer.

use std::io::Write as _;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::facts::Text;

/// Appends text that is JSON already.
pub fn raw(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// Appends the inside of a JSON string.
pub fn escape(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[done..at]);
        done = at + 1;
        match *byte {
            b'"' => raw(out, "\\\""),
            b'\\' => raw(out, "\\\\"),
            b'\n' => raw(out, "\\n"),
            b'\r' => raw(out, "\\r"),
            b'\t' => raw(out, "\\t"),
            8 => raw(out, "\\b"),
            12 => raw(out, "\\f"),
            control => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                raw(out, "\\u00");
                out.push(HEX[usize::from(control >> 4)]);
                out.push(HEX[usize::from(control & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[done..]);
}

/// Appends a JSON string.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape(out, text);
    out.push(b'"');
}

/// Appends a text in both languages.
pub fn text(out: &mut Vec<u8>, text: &Text) {
    raw(out, r#"{"vi":""#);
    escape(out, &text.vi);
    raw(out, r#"","en":""#);
    escape(out, &text.en);
    raw(out, r#""}"#);
}

/// Appends a whole number.
pub fn integer(out: &mut Vec<u8>, number: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut left = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a day as `YYYY-MM-DD`, without quotes.
pub fn day(out: &mut Vec<u8>, day: NaiveDate) {
    let two = |number: u32| [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8];
    match u32::try_from(day.year()) {
        Ok(year) if year <= 9999 => {
            out.extend_from_slice(&two(year / 100));
            out.extend_from_slice(&two(year % 100));
            out.push(b'-');
            out.extend_from_slice(&two(day.month()));
            out.push(b'-');
            out.extend_from_slice(&two(day.day()));
        }
        // Writing to a buffer cannot fail.
        _ => drop(write!(out, "{day}")),
    }
}

/// Appends a day as a JSON string.
pub fn quoted_day(out: &mut Vec<u8>, at: NaiveDate) {
    out.push(b'"');
    day(out, at);
    out.push(b'"');
}

/// Appends a number as short as it can be, without quotes.
pub fn decimal(out: &mut Vec<u8>, number: Decimal) {
    let plain = number.normalize();
    if plain.scale() == 0
        && let Ok(whole) = i64::try_from(plain.mantissa())
    {
        integer(out, whole);
        return;
    }
    // Writing to a buffer cannot fail.
    drop(write!(out, "{plain}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn strings_read_back_as_they_were() {
        for text in ["", "Phường Cửa Nam", "a\"b\\c\n\r\t\u{8}\u{c}\u{1}\u{1f}é\u{2028}"] {
            let json = written(|out| string(out, text));
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn numbers_and_days_are_written_plainly() {
        for number in [0, 7, -1, 1_263_600, i64::MAX, i64::MIN] {
            assert_eq!(written(|out| integer(out, number)), number.to_string());
        }
        for number in ["0", "100.00", "1.50", "-0.5", "79228162514264337593543950335"] {
            let number: Decimal = number.parse().unwrap();
            assert_eq!(written(|out| decimal(out, number)), number.normalize().to_string());
        }
        let asked = NaiveDate::from_ymd_opt(2026, 1, 4).unwrap();
        assert_eq!(written(|out| day(out, asked)), "2026-01-04");
        assert_eq!(written(|out| day(out, NaiveDate::MAX)), NaiveDate::MAX.to_string());
    }
}
