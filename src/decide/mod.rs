//! The answer: evaluate and explain.
//!
//! Pure: the law and the day are arguments. [`request::read`] is the only way from JSON to a [`Request`].

mod answer;
mod asked;
mod assumptions;
mod benefit;
mod explain;
mod fields;
mod json;
mod pack_tests;
mod prepare;
mod request;
mod response;
mod review;
mod said;
mod standing;
mod told;
mod validity;
mod wording;
mod write;

use chrono::NaiveDate;

pub use answer::{Outcome, Verdict};
pub use pack_tests::{failing_tests, prove};
pub use request::{Explain, MOST_PEOPLE, Person, Request, read};
pub use response::*;
pub use told::{MOST_FIELDS, MOST_OUTPUTS};
pub use validity::Because;
pub use write::Workspace;

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

/// Answers a request that has been read, as values to work with. Whoever only passes the answer on uses
/// [`Workspace::answer`].
pub fn evaluate_request(policy: &Policy, request: &Request) -> EvaluationResponse {
    let mut json = Vec::new();
    Workspace::default().answer(policy, request, &mut json);
    read_back(&json)
}

#[expect(clippy::panic, reason = "what we wrote we can read: every test of an answer passes here")]
fn read_back(json: &[u8]) -> EvaluationResponse {
    serde_json::from_slice(json).unwrap_or_else(|error| panic!("an answer that cannot be read: {error}"))
}
