//! A second reading of the law on two benefits, in plain Rust and without the rule engine or the policy files: health-insurance premium
//! support from 2018-12-01 and free city transit from 2019-09-01, both to 2027-12-31, for a person all of whose facts are known.
//!
//! The integration tests hold it against the service on generated households ([`households`]) through [`differences`]. What the texts at hand
//! leave open is [`Field::Unsaid`] or [`Outcome::Unsaid`] and is not compared.

mod calendar;
mod compare;
mod facts;
mod field;
#[cfg(test)]
mod hand_worked;
mod health;
mod health_city;
mod health_money;
mod health_state;
mod health_supported;
pub mod households;
mod households_people;
mod merit;
mod transit;
mod transit_fares;
mod transit_medium;

pub use compare::{Compared, Difference, differences};
pub use facts::Facts;
pub use field::{Field, Share, Term};
pub use health::health_insurance;
pub use transit::free_transit;

/// What the answer rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Law in force only.
    Law,
    /// Law in force and the promises of Plan 181/KH-UBND, from 2024-06-13.
    Plan,
}

/// Yes, no, open in law, or not settled by the texts at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The benefit is due.
    Entitled,
    /// It is not due.
    NotEntitled,
    /// The law itself is open on yes or no.
    NeedsReview,
    /// The texts at hand do not settle it: not compared.
    Unsaid,
}

impl Outcome {
    /// The word of the service for this outcome; none for [`Outcome::Unsaid`].
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Entitled => Some("entitled"),
            Self::NotEntitled => Some("not_entitled"),
            Self::NeedsReview => Some("needs_review"),
            Self::Unsaid => None,
        }
    }
}

/// One answer: the outcome, and the members of `benefit` by their dotted path.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Yes, no, or open.
    pub outcome: Outcome,
    /// What is known of each benefit field; a path that is not listed is not compared.
    pub benefit: Vec<(&'static str, Field)>,
}
