//! Recorded decisions: what was asked, by which law, what came out, and a receipt over all of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    access::Caller,
    audit::{self, Table, canonical},
    decide,
    facts::{FieldError, Text},
    policy::Policy,
    registry::{self, RegistryError, fields::Fields},
    store::{
        AnyConn, CitizenId, DecisionId, Reach, StoreError, Vault,
        decisions::{self, Content, Decision},
        hex,
    },
};

/// Why no decision was recorded or found.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// There is no such decision within the caller's reach.
    #[error("no such decision")]
    NoSuchDecision,
    /// The record could not be read.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// What was asked breaks rules.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
}

impl From<StoreError> for DecisionError {
    fn from(error: StoreError) -> Self {
        Self::Registry(error.into())
    }
}

/// What is asked about a citizen.
#[derive(Debug, Clone)]
pub struct Question {
    /// Day asked about.
    pub as_of: NaiveDate,
    /// Entitlements asked about; none = all.
    pub entitlements: Option<Value>,
    /// `plan` or `law`.
    pub authority: Option<&'static str>,
}

impl Question {
    /// Reads `{ as_of?, entitlements?, authority? }`. Ids of entitlements are checked by the evaluation.
    ///
    /// # Errors
    /// Every finding at once.
    pub fn parse(body: &Value, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let as_of = fields.date("as_of");
        let entitlements = fields.raw("entitlements").cloned();
        let authority = fields.choice("authority", &["plan", "law"]);
        fields.finish()?;
        Ok(Self { as_of: as_of.unwrap_or(today), entitlements, authority })
    }
}

/// Evaluates from the record. Nothing is kept yet.
///
/// # Errors
/// When the citizen is out of reach or the question breaks rules.
pub fn decide(
    conn: &mut AnyConn,
    vault: &Vault,
    policy: &Policy,
    citizen: CitizenId,
    question: &Question,
    caller: &Caller,
    clock: Clock,
) -> Result<Decision, DecisionError> {
    let citizen = registry::citizen(conn, vault, citizen, &caller.reach())?;
    let profile = registry::profile(conn, vault, &citizen, question.as_of)?;
    let mut facts = json!({
        "as_of": question.as_of.to_string(),
        "authority": question.authority.unwrap_or("plan"),
        "explain": "summary",
        "household": profile.household,
        "people": [profile.person],
    });
    if let Some(entitlements) = &question.entitlements {
        facts["entitlements"] = entitlements.clone();
    }
    let result = decide::evaluate(policy, &facts, clock.today).map_err(point_at_question)?.to_json();
    Ok(Decision {
        id: DecisionId::new(),
        citizen: citizen.id,
        unit: citizen.unit,
        as_of: question.as_of,
        policy_id: policy.id().to_owned(),
        policy_version: policy.version().to_owned(),
        policy_digest: policy.digest().to_owned(),
        receipt: receipt(&facts, &result, policy.digest()),
        content: Content { facts, evidence: profile.evidence, warnings: profile.warnings, result },
        decided_at: clock.now,
        decided_by: caller.subject.clone(),
    })
}

/// Keeps a decision and enters it in the audit log, in one transaction.
///
/// # Errors
/// When the store fails.
pub fn keep(conn: &mut AnyConn, vault: &Vault, decision: &Decision) -> Result<(), StoreError> {
    decisions::insert(conn, vault, decision)?;
    let id = decision.id.to_string();
    let act = audit::Entry {
        actor: &decision.decided_by,
        action: "decision.recorded",
        subject: &id,
        receipt: Some(&decision.receipt),
    };
    audit::append(conn, act.touching(&[(Table::Decisions, &id)]), decision.decided_at)
}

/// The decision of that id within reach.
///
/// # Errors
/// [`DecisionError::NoSuchDecision`], outside reach too.
pub fn find(
    conn: &mut AnyConn,
    vault: &Vault,
    id: DecisionId,
    reach: &Reach,
) -> Result<Decision, DecisionError> {
    decisions::find(conn, vault, id, reach)?.ok_or(DecisionError::NoSuchDecision)
}

/// What time it is, told by whoever calls.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Today in Hanoi.
    pub today: NaiveDate,
    /// This instant.
    pub now: DateTime<Utc>,
}

/// `sha256:` over the canonical JSON of facts, result and policy digest. Whoever holds the three can check it.
pub fn receipt(facts: &Value, result: &Value, policy_digest: &str) -> String {
    let content = json!({ "facts": facts, "policy_digest": policy_digest, "result": result });
    format!("sha256:{}", hex(&Sha256::digest(canonical(&content))))
}

/// Findings about the facts point at the record, which the client did not send: they are told as findings about
/// what it asked for.
fn point_at_question(errors: Vec<FieldError>) -> DecisionError {
    let asked = |pointer: &str| pointer.starts_with("/as_of") || pointer.starts_with("/entitlements");
    let told = errors.into_iter().map(|error| {
        if asked(&error.pointer) {
            return error;
        }
        let detail = Text::new(
            format!("Hồ sơ của công dân ({}): {}", error.pointer, error.detail.vi),
            format!("The citizen's record ({}): {}", error.pointer, error.detail.en),
        );
        FieldError { pointer: String::new(), code: error.code, detail }
    });
    DecisionError::Invalid(told.collect())
}
