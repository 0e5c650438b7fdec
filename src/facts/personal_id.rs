//! The 12-digit personal identification number (số định danh cá nhân).
//!
//! Digits 1–3: where the birth was registered (63 provinces of 2016, or a country); digit 4: century and sex; digits 5–6:
//! birth year; digits 7–12: random, no check digit. Decree 137/2015/NĐ-CP Đ13, Circular 59/2021/TT-BCA Đ4; the Law on
//! Identification 26/2023/QH15 Đ12 keeps the numbers. The first three digits say nothing about residence.

use std::fmt;

/// The province codes of Circular 07/2016/TT-BCA, appendix 1. Numbers issued before the mergers of 2025 keep theirs.
const PROVINCES: [u16; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40,
    42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83,
    84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
];

/// Country codes for births registered abroad (appendix 2; the range only, its names are not certain).
const COUNTRIES: std::ops::RangeInclusive<u16> = 101..=295;

/// A personal number of the right form. Its `Debug` and `Display` show the last three digits only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonalId([u8; 12]);

/// Why a text is not a personal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonalIdError {
    /// Not 12 ASCII digits.
    #[error("a personal number has 12 digits")]
    Format,
    /// The first three digits are no province and no country.
    #[error("the first three digits are not the code of a province or country")]
    BirthplaceCode,
    /// The fourth digit speaks of a century that nobody alive was born in.
    #[error("the fourth digit must be 0 to 3")]
    Century,
    /// Born after this year.
    #[error("the number speaks of a birth year in the future")]
    FutureYear,
}

impl PersonalIdError {
    /// Stable code of the check that failed.
    pub fn code(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::BirthplaceCode => "birthplace_code",
            Self::Century => "century",
            Self::FutureYear => "future_year",
        }
    }
}

impl PersonalId {
    /// Reads 12 ASCII digits; spaces at the ends are dropped. Nothing but the form is checked: the structure of numbers of
    /// foreigners and of people without established nationality is not published. See [`PersonalId::check_structure`].
    pub fn parse(text: &str) -> Result<Self, PersonalIdError> {
        let digits: [u8; 12] =
            text.trim_matches(' ').as_bytes().try_into().map_err(|_| PersonalIdError::Format)?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Self(digits)) } else { Err(PersonalIdError::Format) }
    }

    /// Checks what a Vietnamese citizen's number says by itself, in the year given.
    pub fn check_structure(&self, this_year: i32) -> Result<(), PersonalIdError> {
        let place = self.number(0..3);
        if PROVINCES.binary_search(&place).is_err() && !COUNTRIES.contains(&place) {
            return Err(PersonalIdError::BirthplaceCode);
        }
        if self.0[3] > b'3' {
            return Err(PersonalIdError::Century);
        }
        if self.birth_year() > this_year {
            return Err(PersonalIdError::FutureYear);
        }
        Ok(())
    }

    /// 1900 + 100 for every two of the fourth digit + digits 5 and 6.
    pub fn birth_year(&self) -> i32 {
        1900 + 100 * i32::from((self.0[3] - b'0') / 2) + i32::from(self.number(4..6))
    }

    /// Odd fourth digit: female.
    pub fn is_female(&self) -> bool {
        (self.0[3] - b'0') % 2 == 1
    }

    /// All twelve digits. For storage and look-up only, never for logs, URLs or answers.
    pub fn reveal(&self) -> &str {
        // Only ASCII digits get in, so this cannot be anything but UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn number(&self, range: std::ops::Range<usize>) -> u16 {
        self.0[range].iter().fold(0, |n, digit| n * 10 + u16::from(digit - b'0'))
    }
}

impl fmt::Display for PersonalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "•••{}", &self.reveal()[9..])
    }
}

impl fmt::Debug for PersonalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), PersonalIdError> {
        PersonalId::parse(text)?.check_structure(2026)
    }

    #[test]
    fn reads_century_sex_and_year() {
        let id = PersonalId::parse(" 087084000001 ").unwrap();
        assert_eq!((id.birth_year(), id.is_female()), (1984, false));
        let id = PersonalId::parse("001320000001").unwrap();
        assert_eq!((id.birth_year(), id.is_female()), (2020, true));
        assert_eq!(check("001320000001"), Ok(()));
        assert_eq!(check("101099000001"), Ok(()));
    }

    #[test]
    fn names_the_check_that_failed() {
        assert_eq!(check("00108400000"), Err(PersonalIdError::Format));
        assert_eq!(check("0010840000011"), Err(PersonalIdError::Format));
        assert_eq!(check("００１084000001"), Err(PersonalIdError::Format));
        assert_eq!(check("003084000001"), Err(PersonalIdError::BirthplaceCode));
        assert_eq!(check("296084000001"), Err(PersonalIdError::BirthplaceCode));
        assert_eq!(check("001484000001"), Err(PersonalIdError::Century));
        assert_eq!(check("001299000001"), Err(PersonalIdError::FutureYear));
    }

    #[test]
    fn never_prints_the_number() {
        let id = PersonalId::parse("001084000123").unwrap();
        assert_eq!(format!("{id} {id:?}"), "•••123 PersonalId(•••123)");
    }
}
