//! Recorded decisions. Never changed: a later decision supersedes, it does not overwrite.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AnyConn, CitizenId, DecisionId, EvidenceId, Reach, StoreError, Vault, parse_id, schema::decisions,
    stored, vault::Place,
};

/// The sealed part: what went in, what supported it, what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The evaluation request that was answered, whole.
    pub facts: Value,
    /// Documents the facts came from.
    pub evidence: Vec<EvidenceId>,
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

/// Adds a decision.
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
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Decision {
        content: vault.open(Place { table: "decisions", row: &row.id }, &row.sealed)?,
        id: parse_id(row.id, "decisions")?,
        citizen: parse_id(row.citizen_id, "decisions")?,
        unit: row.unit,
        as_of: row.as_of,
        policy_id: row.policy_id,
        policy_version: row.policy_version,
        policy_digest: row.policy_digest,
        receipt: row.receipt,
        decided_at: row.decided_at.and_utc(),
        decided_by: row.decided_by,
    }))
}
