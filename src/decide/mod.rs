//! The answer: evaluate and explain.
//!
//! Pure: the law and the day are arguments. [`request::read`] is the only way from JSON to a [`Request`].

mod answer;
mod evaluate;
mod explain;
mod fields;
mod pack_tests;
mod prepare;
mod request;
mod response;
mod validity;
mod wording;

use chrono::NaiveDate;

pub use answer::{Answer, Outcome, Question, Verdict, answer};
pub use evaluate::evaluate as evaluate_request;
pub use pack_tests::prove;
pub use request::{Explain, MOST_PEOPLE, Person, Request, read};
pub use response::*;
pub use validity::{Because, Validity};

use crate::{facts::FieldError, policy::Policy};

/// Answers one request, given as JSON.
///
/// # Errors
/// Every mistake of the body at once, each with its pointer.
pub fn evaluate(
    policy: &Policy,
    request: &serde_json::Value,
    today: NaiveDate,
) -> Result<EvaluationResponse, Vec<FieldError>> {
    Ok(evaluate_request(policy, &read(policy, request, today)?))
}
