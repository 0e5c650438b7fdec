//! The answer.

use chrono::NaiveDate;

use crate::{facts::FieldError, policy::Policy};

/// Answers one request, given as JSON. STUB: the real one lands from the core.
pub fn evaluate(
    _policy: &Policy,
    request: &serde_json::Value,
    today: NaiveDate,
) -> Result<serde_json::Value, Vec<FieldError>> {
    Ok(
        serde_json::json!({ "as_of": request.get("as_of").cloned().unwrap_or_else(|| today.to_string().into()), "people": [] }),
    )
}
