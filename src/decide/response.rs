//! The answer as it is told: the body of `POST /v1/evaluations`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::{
    answer::{Outcome, Verdict},
    validity::Because,
};
use crate::{
    facts::Text,
    policy::{Authority, Confidence},
};

/// Answers for all people of a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EvaluationResponse {
    /// The day asked.
    #[schema(value_type = String, format = Date)]
    pub as_of: NaiveDate,
    /// The law that answered.
    pub policy: PolicyRef,
    /// One answer a person, in the order of the request.
    pub people: Vec<PersonAnswer>,
    /// Entitlements of the household as a whole.
    pub household: HouseholdAnswer,
}

impl EvaluationResponse {
    /// Entitlement and outcome of every decision in it.
    pub fn outcomes(&self) -> impl Iterator<Item = (&str, &str)> {
        let people = self.people.iter().flat_map(|person| &person.decisions);
        people.chain(&self.household.decisions).map(|told| (told.entitlement.as_str(), told.outcome.as_str()))
    }

    /// As it is sent and kept. All keys are text, so there is nothing that could not be written.
    pub fn to_json(&self) -> Json {
        serde_json::json!(self)
    }
}

/// Which law answered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PolicyRef {
    /// The pack.
    pub id: String,
    /// Its version.
    pub version: String,
    /// `sha256:` and 64 hex digits.
    pub digest: String,
}

/// Entitlements of the household as a whole.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct HouseholdAnswer {
    /// One a household entitlement.
    pub decisions: Vec<DecisionAnswer>,
}

/// Answers for one person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PersonAnswer {
    /// As named in the request.
    pub id: String,
    /// The categories that the asked decisions read.
    pub categories: Vec<CategoryAnswer>,
    /// What is odd about the given facts.
    pub warnings: Vec<WarningAnswer>,
    /// Rare facts that were absent and taken at their default, where it matters.
    pub assumptions: Vec<Assumption>,
    /// One a decision asked.
    pub decisions: Vec<DecisionAnswer>,
}

/// Whether a person is in a category.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CategoryAnswer {
    /// The category.
    pub id: String,
    /// Its name; with `explain: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// `yes`, `no`, `unknown` or `review`.
    pub holds: String,
    /// Where the category stands.
    pub cite: Vec<CiteAnswer>,
}

/// Something odd about the given facts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WarningAnswer {
    /// Stable code.
    pub code: String,
    /// RFC 6901 pointers into the request.
    pub pointers: Vec<String>,
    /// What is odd.
    pub detail: Text,
}

/// A rare fact taken at its default.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Assumption {
    /// The fact.
    pub fact: String,
    /// What it was taken as.
    #[schema(value_type = serde_json::Value)]
    pub value: Json,
}

/// A place in a legal document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CiteAnswer {
    /// The source's id; `GET /v1/policy/sources/{id}` tells more.
    pub source: String,
    /// Its number; in reasons and categories with `explain: full` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The document as it is cited behind the place, kind before number; of a text that amends, what it amends. In reasons
    /// and categories with `explain: full` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cited_as: Option<Text>,
    /// Article, clause, point; empty where it is not known.
    pub place: String,
}

/// The answer of one decision.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecisionAnswer {
    /// The entitlement.
    pub entitlement: String,
    /// Its name; with `explain: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// The outcome.
    pub outcome: Outcome,
    /// What is due; null where no rule speaks. Members that are not settled are null and named in `undetermined`.
    #[schema(value_type = Option<Object>)]
    pub benefit: Json,
    /// Members of the benefit that are null because what is known does not settle them.
    pub undetermined: Vec<String>,
    /// Days on which outcome and benefit stay the same with the given facts.
    pub valid: Option<DaysAnswer>,
    /// The next change; null at the end of coverage.
    pub next_change: Option<NextChange>,
    /// `plan` when a plan rule changed the result.
    pub authority: Authority,
    /// The result by law alone, where it differs.
    #[schema(value_type = Option<Object>)]
    pub under_law: Option<Json>,
    /// The weakest of what the answer rests on.
    pub confidence: Confidence,
    /// What a person has to look at.
    pub review: Option<Review>,
    /// Facts that could turn the outcome.
    pub missing_facts: Vec<MissingFact>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Changes that would turn a no into a yes.
    #[schema(value_type = Vec<Object>)]
    pub would_change_if: Vec<Json>,
}

/// A stretch of days, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DaysAnswer {
    /// First day.
    #[schema(value_type = String, format = Date)]
    pub from: NaiveDate,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub to: NaiveDate,
}

/// The day on which the answer changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextChange {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub on: NaiveDate,
    /// The cause.
    pub because: Because,
}

/// Something that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Review {
    /// `law_open`, `amount`, `source_amended`, `effective_date` or `outside_coverage`.
    pub kind: String,
    /// What is open.
    pub text: Text,
    /// Where.
    pub cite: Vec<CiteAnswer>,
}

/// A fact that could turn the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MissingFact {
    /// The fact's id.
    pub fact: String,
    /// `person`, `household` or `trip`.
    pub of: String,
    /// RFC 6901 pointer to where it belongs in the request.
    pub pointer: String,
    /// Its name.
    pub label: Text,
}

/// One rule's part in the answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The rule.
    pub rule: String,
    /// Its part.
    pub verdict: Verdict,
    /// What it says.
    pub text: Text,
    /// Where it stands.
    pub cite: Vec<CiteAnswer>,
    /// Law or plan.
    pub authority: Authority,
    /// How well it was verified.
    pub confidence: Confidence,
    /// The facts that it read, as known; with `explain: full`. The first reason also names what fields of the benefit and
    /// open clauses read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<FactUsed>,
    /// The parameters that it read, with the value of the day; with `explain: full`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterUsed>,
}

/// A fact that a rule read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FactUsed {
    /// The fact's id, with its scope (`household.poverty_status`).
    pub fact: String,
    /// Its value; null when unknown.
    #[schema(value_type = serde_json::Value)]
    pub value: Json,
}

/// A parameter that a rule read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ParameterUsed {
    /// The parameter's id.
    pub id: String,
    /// Its value on the day.
    pub value: Option<String>,
    /// The value's first day.
    #[schema(value_type = String, format = Date)]
    pub from: NaiveDate,
    /// Where the value stands.
    pub cite: Vec<CiteAnswer>,
    /// How well it was verified.
    pub confidence: Confidence,
}
