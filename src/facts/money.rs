//! Whole đồng.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

/// An amount in whole đồng. Never a float: a đồng lost in a rounding is a wrong answer.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Vnd(pub i64);

impl Vnd {
    /// Rounds half up to whole đồng, as fee tables do where no clause says otherwise.
    ///
    /// Returns `None` when the amount does not fit 63 bits.
    pub fn round_half_up(amount: Decimal) -> Option<Self> {
        amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64().map(Self)
    }
}

impl fmt::Display for Vnd {
    /// Groups of three digits with dots, as Vietnamese papers write money: `1.263.600`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
        if self.0 < 0 {
            out.push('-');
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push('.');
            }
            out.push(digit);
        }
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_half_up_once() {
        let half: Decimal = "73710.5".parse().unwrap();
        assert_eq!(Vnd::round_half_up(half), Some(Vnd(73_711)));
        assert_eq!(Vnd::round_half_up("0.4999".parse().unwrap()), Some(Vnd(0)));
        assert_eq!(Vnd::round_half_up(Decimal::MAX), None);
    }

    #[test]
    fn prints_groups_of_three() {
        assert_eq!(Vnd(1_263_600).to_string(), "1.263.600");
        assert_eq!(Vnd(999).to_string(), "999");
        assert_eq!(Vnd(-1_000).to_string(), "-1.000");
    }
}
