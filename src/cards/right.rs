//! What a kept decision says about riding free, and whether a card may rest on it.

use chrono::{Days, Months, NaiveDate};
use serde::Deserialize;
use serde_json::Value;

use super::CardError;

/// The entitlement a card is issued for.
pub const ENTITLEMENT: &str = "free_transit";

/// The part of a decision that a card rests on.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TransitDecision {
    entitlement: String,
    outcome: String,
    #[serde(default)]
    benefit: Option<Benefit>,
    #[serde(default)]
    authority: Option<String>,
    #[serde(default)]
    under_law: Option<UnderLaw>,
    #[serde(default)]
    valid: Option<Interval>,
    #[serde(default)]
    undetermined: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Benefit {
    #[serde(default)]
    fare: Option<String>,
    #[serde(default)]
    card: Option<CardTerms>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct CardTerms {
    #[serde(default)]
    required: Option<bool>,
    #[serde(default)]
    valid_months: Option<u32>,
    #[serde(default)]
    until: Option<NaiveDate>,
}

#[derive(Debug, Clone, Deserialize)]
struct UnderLaw {
    outcome: String,
    #[serde(default)]
    fare: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Interval {
    #[serde(default)]
    to: Option<NaiveDate>,
}

/// From when to when a card runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    /// First day.
    pub from: NaiveDate,
    /// Last day, or none when there is no end.
    pub to: Option<NaiveDate>,
}

impl TransitDecision {
    /// Finds the decision about free transit in an answer about one person.
    pub(super) fn of(result: &Value) -> Option<Self> {
        let decisions = result.pointer("/people/0/decisions")?.as_array()?;
        let found = decisions.iter().find(|decision| decision["entitlement"] == ENTITLEMENT)?;
        Self::deserialize(found).ok().filter(|decision| decision.entitlement == ENTITLEMENT)
    }

    /// Whether the answer is a free ride by law, whatever the plan adds.
    pub(super) fn free_by_law(&self) -> bool {
        let by_itself = self.outcome == "entitled" && self.fare() == Some("free");
        // A result changed by the plan says what the law alone would give.
        let by_law = match (self.authority.as_deref(), &self.under_law) {
            (_, Some(law)) => {
                law.outcome == "entitled" && law.fare.as_deref().or(self.fare()) == Some("free")
            }
            (Some("law"), None) => true,
            (_, None) => false,
        };
        by_itself && by_law
    }

    /// Whether the person rides without any card, on the identity document alone.
    pub(super) fn rides_without_card(&self) -> bool {
        self.free_by_law() && self.card().required == Some(false)
    }

    /// The term of a card that rests on this decision, or why there is none.
    pub(super) fn term(
        &self,
        as_of: NaiveDate,
        today: NaiveDate,
        issue_anyway: bool,
    ) -> Result<Term, CardError> {
        if self.outcome != "entitled" {
            return Err(CardError::NotEntitled(self.outcome.clone()));
        }
        if self.fare() != Some("free") {
            return Err(CardError::NotFree);
        }
        if !self.free_by_law() {
            return Err(CardError::PlanPromiseOnly);
        }
        if self.valid.as_ref().and_then(|valid| valid.to).is_some_and(|to| to < today) {
            return Err(CardError::Outdated);
        }
        let terms = self.card();
        if terms.required == Some(false) && !issue_anyway {
            return Err(CardError::NotRequired);
        }
        // Null means "no end" only where the law says so, not where the facts leave it open.
        let term = ["benefit.card", "benefit.card.valid_months", "benefit.card.until"];
        if self.undetermined.iter().any(|field| term.contains(&field.as_str())) {
            return Err(CardError::TermUndetermined);
        }
        let from = as_of.max(today);
        let by_months = terms
            .valid_months
            .and_then(|months| from.checked_add_months(Months::new(months))?.checked_sub_days(Days::new(1)));
        let to = [by_months, terms.until].into_iter().flatten().min();
        Ok(Term { from, to })
    }

    fn fare(&self) -> Option<&str> {
        self.benefit.as_ref()?.fare.as_deref()
    }

    fn card(&self) -> CardTerms {
        self.benefit.as_ref().and_then(|benefit| benefit.card.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn term(decision: Value, as_of: &str, today: &str) -> Result<Term, CardError> {
        let mut decision = decision;
        decision["entitlement"] = ENTITLEMENT.into();
        let result = json!({ "people": [{ "decisions": [decision] }] });
        TransitDecision::of(&result).expect("a decision").term(day(as_of), day(today), false)
    }

    #[test]
    fn terms_follow_the_decision() {
        let free = |card: Value| {
            json!({ "outcome": "entitled", "authority": "law", "valid": { "to": "2026-12-31" },
                    "benefit": { "fare": "free", "card": card } })
        };
        let of = |card, as_of| term(free(card), as_of, "2026-02-01").map(|term| (term.from, term.to));
        let endless = of(json!({ "required": true, "valid_months": null }), "2026-01-14");
        assert_eq!(endless.ok(), Some((day("2026-02-01"), None)));
        let year = of(json!({ "required": true, "valid_months": 12 }), "2026-03-01");
        assert_eq!(year.ok(), Some((day("2026-03-01"), Some(day("2027-02-28")))));
        let until = of(json!({ "required": true, "valid_months": 12, "until": "2026-12-31" }), "2026-01-14");
        assert_eq!(until.ok(), Some((day("2026-02-01"), Some(day("2026-12-31")))));
        assert!(matches!(of(json!({ "required": false }), "2026-01-14"), Err(CardError::NotRequired)));
        let mut open = free(json!({ "required": true, "valid_months": null }));
        open["undetermined"] = json!(["benefit.card.valid_months", "benefit.group"]);
        let open = term(open, "2026-01-14", "2026-01-14");
        assert!(matches!(open, Err(CardError::TermUndetermined)));
        let outdated = term(free(json!({ "required": true })), "2026-01-14", "2027-01-01");
        assert!(matches!(outdated, Err(CardError::Outdated)));
    }

    #[test]
    fn a_promise_is_no_right() {
        let plan = |under_law: Value| {
            let decision = json!({ "outcome": "entitled", "authority": "plan", "under_law": under_law,
                "benefit": { "fare": "free", "card": { "required": true } } });
            term(decision, "2026-01-14", "2026-01-14")
        };
        assert!(matches!(plan(json!({ "outcome": "not_entitled" })), Err(CardError::PlanPromiseOnly)));
        assert!(matches!(plan(Value::Null), Err(CardError::PlanPromiseOnly)));
        let cheaper = json!({ "outcome": "entitled", "fare": "discounted" });
        assert!(matches!(plan(cheaper), Err(CardError::PlanPromiseOnly)));
        assert!(plan(json!({ "outcome": "entitled", "fare": "free" })).is_ok());
    }
}
