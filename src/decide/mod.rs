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
mod quick_read;
mod reasons;
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

/// Answers a body and appends the answer to `out`, as JSON. `None`: the body is not as it should be, nothing was written,
/// and [`read`] tells what is wrong. Uses the memory of this thread.
pub fn answer_body(
    policy: &Policy,
    body: &[u8],
    today: NaiveDate,
    out: &mut Vec<u8>,
    told: impl FnOnce(&[(usize, Outcome)]),
) -> Option<()> {
    with_workspace(|workspace| {
        let answered = workspace.answer_body(policy, body, today, out);
        answered.then(|| told(&workspace.outcomes))
    })
}

/// Answers a request that has been read and appends the answer to `out`, as JSON. Uses the memory of this thread.
pub fn answer_request(
    policy: &Policy,
    request: &Request,
    out: &mut Vec<u8>,
    told: impl FnOnce(&[(usize, Outcome)]),
) {
    with_workspace(|workspace| {
        workspace.answer(policy, request, out);
        told(&workspace.outcomes);
    });
}

fn with_workspace<T>(work: impl FnOnce(&mut Workspace) -> T) -> T {
    thread_local! {
        static WORKSPACE: std::cell::RefCell<Workspace> = std::cell::RefCell::default();
    }
    WORKSPACE.with(|workspace| match workspace.try_borrow_mut() {
        Ok(mut workspace) => work(&mut workspace),
        // Only if answering asked for an answer, which it does not.
        Err(_) => work(&mut Workspace::default()),
    })
}

#[expect(clippy::panic, reason = "what we wrote we can read: every test of an answer passes here")]
fn read_back(json: &[u8]) -> EvaluationResponse {
    serde_json::from_slice(json).unwrap_or_else(|error| panic!("an answer that cannot be read: {error}"))
}
