//! Recorded decisions. Never changed: a later decision supersedes, it does not overwrite.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AnyConn, CitizenId, DecisionId, EvidenceId, Reach, StoreError, Vault, parse_id,
    schema::{decisions, supersessions},
    stored,
    vault::Place,
};

/// Where a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactFrom {
    /// RFC 6901 pointer to the fact in the request that was answered.
    pub fact: String,
    /// The document; none = the citizen's own record.
    pub evidence: Option<EvidenceId>,
}

/// The sealed part: what went in, what supported it, what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The evaluation request that was answered, whole.
    pub facts: Value,
    /// Documents the facts came from.
    pub evidence: Vec<EvidenceId>,
    /// Which of them, or the citizen's own record, gave each fact. Decisions of earlier versions do not tell.
    #[serde(default)]
    pub facts_from: Vec<FactFrom>,
    /// Documents that contradicted others on that day.
    pub warnings: Vec<Value>,
    /// The answer, whole.
    pub result: Value,
}

impl Content {
    /// Entitlement and outcome of every decision in the answer.
    pub fn outcomes(&self) -> impl Iterator<Item = (&str, &str)> {
        let people = self.result["people"].as_array().into_iter().flatten();
        people
            .chain([&self.result["household"]])
            .flat_map(|of| of["decisions"].as_array().into_iter().flatten())
            .filter_map(|told| Some((told["entitlement"].as_str()?, told["outcome"].as_str()?)))
    }
}

/// A recorded decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// Whom it is about.
    pub citizen: CitizenId,
    /// Unit that keeps the citizen's record.
    pub unit: String,
    /// Day it answers for.
    pub as_of: NaiveDate,
    /// Pack of law: id.
    pub policy_id: String,
    /// Pack of law: version.
    pub policy_version: String,
    /// Pack of law: `sha256:` digest.
    pub policy_digest: String,
    /// `sha256:` over facts, result and policy digest.
    pub receipt: String,
    /// What went in and came out.
    pub content: Content,
    /// The decision whose place it takes.
    pub supersedes: Option<DecisionId>,
    /// The decision that took its place.
    pub superseded_by: Option<DecisionId>,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// Who decided.
    pub decided_by: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = decisions, treat_none_as_default_value = false)]
struct Row {
    id: String,
    citizen_id: String,
    unit: String,
    as_of: NaiveDate,
    policy_id: String,
    policy_version: String,
    policy_digest: String,
    receipt: String,
    sealed: Vec<u8>,
    key_id: String,
    decided_at: chrono::NaiveDateTime,
    decided_by: String,
}

impl Row {
    fn open(self, conn: &mut AnyConn, vault: &Vault) -> Result<Decision, StoreError> {
        let links: Vec<(String, String)> = supersessions::table
            .filter(supersessions::superseded_id.eq(&self.id).or(supersessions::decision_id.eq(&self.id)))
            .select((supersessions::superseded_id, supersessions::decision_id))
            .load(conn)?;
        let (mut supersedes, mut superseded_by) = (None, None);
        for (earlier, later) in links {
            if later == self.id {
                supersedes = Some(parse_id(earlier, "supersessions")?);
            } else {
                superseded_by = Some(parse_id(later, "supersessions")?);
            }
        }
        Ok(Decision {
            content: vault.open(Place { table: "decisions", row: &self.id }, &self.sealed)?,
            id: parse_id(self.id, "decisions")?,
            citizen: parse_id(self.citizen_id, "decisions")?,
            unit: self.unit,
            as_of: self.as_of,
            policy_id: self.policy_id,
            policy_version: self.policy_version,
            policy_digest: self.policy_digest,
            receipt: self.receipt,
            supersedes,
            superseded_by,
            decided_at: self.decided_at.and_utc(),
            decided_by: self.decided_by,
        })
    }
}

/// Adds a decision. One that takes the place of a decision that another has replaced already is a
/// [`StoreError::Constraint`] of `supersessions`.
pub fn insert(conn: &mut AnyConn, vault: &Vault, decision: &Decision) -> Result<(), StoreError> {
    let id = decision.id.to_string();
    diesel::insert_into(decisions::table)
        .values(Row {
            sealed: vault.seal(Place { table: "decisions", row: &id }, &decision.content)?,
            id,
            citizen_id: decision.citizen.to_string(),
            unit: decision.unit.clone(),
            as_of: decision.as_of,
            policy_id: decision.policy_id.clone(),
            policy_version: decision.policy_version.clone(),
            policy_digest: decision.policy_digest.clone(),
            receipt: decision.receipt.clone(),
            key_id: vault.key_id().to_owned(),
            decided_at: stored(decision.decided_at),
            decided_by: decision.decided_by.clone(),
        })
        .execute(conn)?;
    if let Some(earlier) = decision.supersedes {
        diesel::insert_into(supersessions::table)
            .values((
                supersessions::superseded_id.eq(earlier.to_string()),
                supersessions::decision_id.eq(decision.id.to_string()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The decision of that id, if within reach.
pub fn find(
    conn: &mut AnyConn,
    vault: &Vault,
    id: DecisionId,
    reach: &Reach,
) -> Result<Option<Decision>, StoreError> {
    let row: Option<Row> = decisions::table
        .find(id.to_string())
        .filter(decisions::unit.like(reach.unit_pattern()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| row.open(conn, vault)).transpose()
}

/// Up to `limit` decisions about a citizen that are within reach, the last made first, those made before `before` only.
pub fn of_citizen(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: CitizenId,
    reach: &Reach,
    before: Option<DecisionId>,
    limit: i64,
) -> Result<Vec<Decision>, StoreError> {
    // Ids sort by the time they were made; none sorts after this.
    let before = before.map_or_else(|| "~".to_owned(), |id| id.to_string());
    let rows: Vec<Row> = decisions::table
        .filter(decisions::citizen_id.eq(citizen.to_string()))
        .filter(decisions::unit.like(reach.unit_pattern()))
        .filter(decisions::id.lt(before))
        .order(decisions::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| row.open(conn, vault)).collect()
}

/// The decision that took the place of `id`, if one did.
pub fn successor(conn: &mut AnyConn, id: DecisionId) -> Result<Option<DecisionId>, StoreError> {
    let found: Option<String> = supersessions::table
        .find(id.to_string())
        .select(supersessions::decision_id)
        .first(conn)
        .optional()?;
    found.map(|id| parse_id(id, "supersessions")).transpose()
}
