//! Recorded decisions: what was asked, by which law, what came out, and a receipt over all of it; what took their place,
//! and what was said against them. Reasons: `docs/adr/0017-decisions-that-last.md`.

pub mod appeals;
pub mod packs;
mod replay;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use self::replay::{Difference, MOST_DIFFERENCES, Replay, ReplayError, replay};
use crate::{
    access::Caller,
    audit::{self, Table, canonical},
    decide,
    facts::{FieldError, Text},
    policy::Policy,
    registry::{self, RegistryError, fields::Fields},
    store::{
        AnyConn, CitizenId, DecisionId, Reach, StoreError, Vault,
        decisions::{self, Content, Decision, FactFrom},
        hex, outbox,
    },
};

/// Why no decision was recorded or found.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// There is no such decision within the caller's reach.
    #[error("no such decision")]
    NoSuchDecision,
    /// The citizen has no decision of the id that was to be replaced.
    #[error("no decision of this citizen to take the place of")]
    NothingToSupersede,
    /// The decision that was to be replaced has been replaced already; by which.
    #[error("{0} took its place already")]
    AlreadySuperseded(DecisionId),
    /// The decision that was to be replaced speaks of these entitlements too; each by its title and id.
    #[error("it leaves out {0:?}")]
    LeavesOut(Vec<Text>),
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
    /// The decision whose place the new one takes, as given.
    pub supersedes: Option<String>,
}

impl Question {
    /// Reads `{ as_of?, entitlements?, authority?, supersedes? }`. Ids of entitlements are checked by the evaluation.
    ///
    /// # Errors
    /// Every finding at once.
    pub fn parse(body: &Value, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let as_of = fields.date("as_of");
        let entitlements = fields.raw("entitlements").cloned();
        let authority = fields.choice("authority", &["plan", "law"]);
        let supersedes = fields.text("supersedes", 64);
        fields.finish()?;
        Ok(Self { as_of: as_of.unwrap_or(today), entitlements, authority, supersedes })
    }
}

/// Evaluates from the record. Nothing is kept yet.
///
/// # Errors
/// When the citizen is out of reach, the question breaks rules, or the decision it is to replace is not there.
pub fn decide(
    conn: &mut AnyConn,
    vault: &Vault,
    policy: &Policy,
    citizen: CitizenId,
    question: &Question,
    caller: &Caller,
    clock: Clock,
) -> Result<Decision, DecisionError> {
    let citizen = registry::citizen_to_change(conn, vault, citizen, &caller.reach())?;
    let supersedes = question.supersedes.as_deref().map(|id| {
        let id = DecisionId::parse(id).ok_or(DecisionError::NothingToSupersede)?;
        supersedable(conn, vault, id, citizen.id, &caller.reach())
    });
    let supersedes = supersedes.transpose()?;
    let profile = registry::profile(conn, vault, &citizen, (question.as_of, None))?;
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
    let facts_from =
        profile.facts_from.into_iter().map(|(fact, evidence)| FactFrom { fact, evidence }).collect();
    let decision = Decision {
        id: DecisionId::new(),
        citizen: citizen.id,
        unit: citizen.unit,
        as_of: question.as_of,
        policy_id: policy.id().to_owned(),
        policy_version: policy.version().to_owned(),
        policy_digest: policy.digest().to_owned(),
        receipt: receipt(&facts, &result, policy.digest()),
        content: Content {
            facts,
            evidence: profile.evidence,
            facts_from,
            warnings: profile.warnings,
            result,
        },
        supersedes: supersedes.as_ref().map(|earlier| earlier.id),
        superseded_by: None,
        decided_at: clock.now,
        decided_by: caller.subject.clone(),
    };
    match supersedes {
        Some(earlier) => covers(policy, &decision, &earlier).map(|()| decision),
        None => Ok(decision),
    }
}

/// The decision `id` about `citizen`, which none has replaced yet.
fn supersedable(
    conn: &mut AnyConn,
    vault: &Vault,
    id: DecisionId,
    citizen: CitizenId,
    reach: &Reach,
) -> Result<Decision, DecisionError> {
    let found = decisions::find(conn, vault, id, reach)?.filter(|earlier| earlier.citizen == citizen);
    let earlier = found.ok_or(DecisionError::NothingToSupersede)?;
    match earlier.superseded_by {
        Some(by) => Err(DecisionError::AlreadySuperseded(by)),
        None => Ok(earlier),
    }
}

/// A decision that takes the place of another answers all that the other did: nothing is left without a decision that
/// stands.
fn covers(policy: &Policy, later: &Decision, earlier: &Decision) -> Result<(), DecisionError> {
    let answered: BTreeSet<&str> = later.content.outcomes().map(|(entitlement, _)| entitlement).collect();
    let asked: BTreeSet<&str> = earlier.content.outcomes().map(|(entitlement, _)| entitlement).collect();
    let named = |id: &&str| match policy.decision(id) {
        Some((known, _)) => {
            Text::new(format!("{} ({id})", known.title.vi), format!("{} ({id})", known.title.en))
        }
        None => Text::new(*id, *id),
    };
    let left_out: Vec<Text> = asked.difference(&answered).map(named).collect();
    if left_out.is_empty() { Ok(()) } else { Err(DecisionError::LeavesOut(left_out)) }
}

/// Keeps a decision, what it takes the place of, its event and its entry in the audit log, in one transaction.
///
/// # Errors
/// [`DecisionError::AlreadySuperseded`] when another was faster, and when the store fails.
pub fn keep(conn: &mut AnyConn, vault: &Vault, decision: &Decision) -> Result<(), DecisionError> {
    if let Some(earlier) = decision.supersedes
        && let Some(by) = decisions::successor(conn, earlier)?
    {
        return Err(DecisionError::AlreadySuperseded(by));
    }
    decisions::insert(conn, vault, decision)?;
    let id = decision.id.to_string();
    let told = json!({
        "unit": decision.unit,
        "policy_digest": decision.policy_digest,
        "supersedes": decision.supersedes,
    });
    outbox::add(conn, "decision.recorded", &id, &told, decision.decided_at)?;
    let act = audit::Entry {
        actor: &decision.decided_by,
        action: "decision.recorded",
        subject: &id,
        receipt: Some(&decision.receipt),
    };
    let earlier = decision.supersedes.map(|earlier| earlier.to_string());
    let mut rows = vec![(Table::Decisions, id.as_str())];
    rows.extend(earlier.as_deref().map(|earlier| (Table::Supersessions, earlier)));
    Ok(audit::append(conn, act.touching(&rows), decision.decided_at)?)
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

/// Up to `limit` decisions about a citizen within reach, the last made first, those made before `before` only.
///
/// # Errors
/// When the citizen is out of reach.
pub fn of_citizen(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: CitizenId,
    reach: &Reach,
    before: Option<DecisionId>,
    limit: i64,
) -> Result<Vec<Decision>, DecisionError> {
    let citizen = registry::citizen(conn, vault, citizen, reach)?.id;
    Ok(decisions::of_citizen(conn, vault, citizen, reach, before, limit)?)
}

/// What time it is, told by whoever calls.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Today in Hanoi.
    pub today: NaiveDate,
    /// This instant.
    pub now: DateTime<Utc>,
}

/// The day of an instant in Hanoi (UTC+7, no daylight saving).
pub fn day_in_hanoi(at: DateTime<Utc>) -> NaiveDate {
    (at + TimeDelta::hours(7)).date_naive()
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
