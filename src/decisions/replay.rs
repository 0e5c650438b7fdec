//! A kept decision evaluated again: same facts, same law, this release.

use serde_json::{Map, Value};

use crate::{
    audit::canonical,
    decide,
    facts::{FieldError, reader::child},
    policy::Policy,
    store::decisions::Decision,
};

/// Differences told, at most.
pub const MOST_DIFFERENCES: usize = 100;

/// What came out this time.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// Whether the answer is the kept one, byte for byte, and gives the kept receipt.
    pub same: bool,
    /// Receipt over the kept facts, this answer and the digest of the kept pack.
    pub receipt: String,
    /// This answer, whole.
    pub result: Value,
    /// Where it differs from the kept one, in the order of the kept one; [`MOST_DIFFERENCES`] at most.
    pub differences: Vec<Difference>,
    /// How many there are in all.
    pub difference_count: usize,
}

/// A place at which two answers differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// RFC 6901 pointer into the answer.
    pub pointer: String,
    /// What was kept; none = nothing stood there.
    pub kept: Option<Value>,
    /// What came out now; none = nothing stands there.
    pub recomputed: Option<Value>,
}

/// Why nothing came out.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// This release does not take the kept facts: its vocabulary is another.
    #[error("this release does not read the kept facts")]
    FactsRefused(Vec<FieldError>),
}

/// Evaluates the facts of `decision` by `policy`, the pack it was made by.
///
/// # Errors
/// When this release does not read the facts.
pub fn replay(policy: &Policy, decision: &Decision) -> Result<Replay, ReplayError> {
    let content = &decision.content;
    // The day stands among the facts: there is no other "today" in a decision.
    let answer =
        decide::evaluate(policy, &content.facts, decision.as_of).map_err(ReplayError::FactsRefused)?;
    let result = answer.to_json();
    let receipt = super::receipt(&content.facts, &result, policy.digest());
    let mut found = Found::default();
    found.compare(String::new(), Some(&content.result), Some(&result));
    // As bytes: equal values may be written in another order.
    let (kept, again) = (content.result.to_string(), result.to_string());
    Ok(Replay {
        same: kept == again && receipt == decision.receipt,
        receipt,
        result,
        differences: found.told,
        difference_count: found.count,
    })
}

#[derive(Default)]
struct Found {
    told: Vec<Difference>,
    count: usize,
}

impl Found {
    fn compare(&mut self, at: String, kept: Option<&Value>, recomputed: Option<&Value>) {
        match (kept, recomputed) {
            (Some(Value::Object(kept)), Some(Value::Object(recomputed))) => {
                self.compare_members(&at, kept, recomputed);
            }
            (Some(Value::Array(kept)), Some(Value::Array(recomputed))) => {
                for index in 0..kept.len().max(recomputed.len()) {
                    self.compare(format!("{at}/{index}"), kept.get(index), recomputed.get(index));
                }
            }
            // Canonical, so that 1.0 and 1.00 are one number wherever they came from.
            (Some(kept), Some(recomputed)) if canonical(kept) == canonical(recomputed) => {}
            (None, None) => {}
            (kept, recomputed) => {
                self.count += 1;
                if self.told.len() < MOST_DIFFERENCES {
                    let (kept, recomputed) = (kept.cloned(), recomputed.cloned());
                    self.told.push(Difference { pointer: at, kept, recomputed });
                }
            }
        }
    }

    fn compare_members(&mut self, at: &str, kept: &Map<String, Value>, recomputed: &Map<String, Value>) {
        for (name, value) in kept {
            self.compare(child(at, name), Some(value), recomputed.get(name));
        }
        for (name, value) in recomputed.iter().filter(|(name, _)| !kept.contains_key(*name)) {
            self.compare(child(at, name), None, Some(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Told = (String, Option<Value>, Option<Value>);

    fn differences(kept: &Value, recomputed: &Value) -> (usize, Vec<Told>) {
        let mut found = Found::default();
        found.compare(String::new(), Some(kept), Some(recomputed));
        let told = found.told.into_iter().map(|at| (at.pointer, at.kept, at.recomputed)).collect();
        (found.count, told)
    }

    #[test]
    fn each_place_that_differs_is_named() {
        let kept = json!({ "a": 1, "b": [1, { "c/d": null }], "gone": true });
        let now = json!({ "b": [1, { "c/d": 0 }, "more"], "a": 1, "new": [] });
        let named = vec![
            ("/b/1/c~1d".to_owned(), Some(Value::Null), Some(json!(0))),
            ("/b/2".to_owned(), None, Some(json!("more"))),
            ("/gone".to_owned(), Some(json!(true)), None),
            ("/new".to_owned(), None, Some(json!([]))),
        ];
        assert_eq!(differences(&kept, &now), (4, named));
        assert_eq!(differences(&kept, &kept), (0, Vec::new()));
    }

    #[test]
    fn of_many_differences_all_are_counted() {
        let kept: Vec<usize> = (0..MOST_DIFFERENCES * 3).collect();
        let now: Vec<usize> = kept.iter().map(|n| n + 1).collect();
        let (count, told) = differences(&json!(kept), &json!(now));
        assert_eq!((count, told.len()), (MOST_DIFFERENCES * 3, MOST_DIFFERENCES));
    }
}
