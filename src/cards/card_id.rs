//! What stands on a card: short enough to type, random, with a check sign; nothing about the person.

use std::fmt;

/// Digits and letters that are not taken for one another: no 0 O, 1 I L. Thirty-one is prime, so that the weighted
/// sum below catches every wrong sign and every swap of two.
const SIGNS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Random signs: 31^10 ≈ 2^49.5.
const RANDOM: usize = 10;
/// Stands before every id.
const PREFIX: &str = "HN";

/// `HN-7K3QM-2XWPA-C`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CardId(String);

impl CardId {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self, aws_lc_rs::error::Unspecified> {
        let mut signs = Vec::with_capacity(RANDOM + 1);
        while signs.len() < RANDOM {
            let mut byte = [0];
            aws_lc_rs::rand::fill(&mut byte)?;
            // 248 = 8 · 31: larger bytes would favour the first signs.
            if byte[0] < 248 {
                signs.push(usize::from(byte[0] % 31));
            }
        }
        signs.push(check_sign(&signs));
        Ok(Self::from_signs(&signs))
    }

    /// Reads what a person typed: case, spaces and hyphens do not matter. `None` for anything with a typing error.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 40 {
            return None;
        }
        let plain: String =
            text.chars().filter(|sign| !matches!(sign, ' ' | '-')).flat_map(char::to_uppercase).collect();
        let signs: Vec<usize> = plain
            .strip_prefix(PREFIX)?
            .bytes()
            .map(|byte| SIGNS.iter().position(|sign| *sign == byte))
            .collect::<Option<_>>()?;
        let (check, random) = signs.split_last()?;
        (random.len() == RANDOM && *check == check_sign(random)).then(|| Self::from_signs(&signs))
    }

    /// The written form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn from_signs(signs: &[usize]) -> Self {
        let text: Vec<char> = signs.iter().map(|sign| char::from(SIGNS[*sign])).collect();
        let part = |range: &[char]| range.iter().collect::<String>();
        Self(format!("{PREFIX}-{}-{}-{}", part(&text[..5]), part(&text[5..10]), part(&text[10..])))
    }
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Σ (place + 2) · sign modulo 31. The check sign itself counts once, so no weight may be 1: a swap with it shows.
fn check_sign(random: &[usize]) -> usize {
    random.iter().enumerate().map(|(place, sign)| (place + 2) * sign).sum::<usize>() % SIGNS.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type() {
        let id = CardId::random().expect("randomness");
        for text in [id.to_string(), id.to_string().to_lowercase(), id.to_string().replace('-', " ")] {
            assert_eq!(CardId::parse(&text), Some(id.clone()), "{text}");
        }
        for text in ["", "HN", "HN-22222-22222", "HN-22222-22222-22", "XX-22222-22222-2", "HN-ĐĐĐĐĐ-22222-2"]
        {
            assert_eq!(CardId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_wrong_sign_and_every_swap_shows() {
        let good = "HN2345678ABCD";
        let signs: Vec<usize> = (0..RANDOM).map(|at| (at * 7 + 3) % 31).collect();
        let mut whole = signs.clone();
        whole.push(check_sign(&signs));
        let text = CardId::from_signs(&whole).to_string().replace('-', "");
        assert_eq!(text.len(), good.len());
        for at in 2..text.len() {
            for sign in SIGNS {
                let mut wrong = text.clone().into_bytes();
                let before = std::mem::replace(&mut wrong[at], *sign);
                let wrong = String::from_utf8(wrong).expect("ASCII");
                assert_eq!(CardId::parse(&wrong).is_some(), before == *sign, "{wrong}");
            }
            for other in 2..at {
                let mut swapped = text.clone().into_bytes();
                swapped.swap(at, other);
                let swapped = String::from_utf8(swapped).expect("ASCII");
                assert_eq!(CardId::parse(&swapped).is_some(), swapped == text, "{swapped}");
            }
        }
    }
}
