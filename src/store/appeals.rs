//! Appeals against decisions and how they ended. Neither is ever changed: an outcome is a row of its own.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    AnyConn, AppealId, DecisionId, Reach, StoreError, Vault, parse_id,
    schema::{appeal_outcomes, appeals},
    stored,
    vault::Place,
};

/// The sealed part of an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// Why, in the words of who appeals.
    pub text: String,
    /// What of the decision it is against; empty = all of it.
    pub entitlements: Vec<String>,
}

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// Its id.
    pub id: AppealId,
    /// The decision it is against.
    pub decision: DecisionId,
    /// Unit that made the decision.
    pub unit: String,
    /// Day it was handed in.
    pub filed_on: NaiveDate,
    /// Last day for it, as the service was set up then.
    pub due_on: NaiveDate,
    /// Why and against what.
    pub grounds: Grounds,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub recorded_by: String,
    /// How it ended, once it did.
    pub outcome: Option<Outcome>,
}

/// How an appeal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What became of the decision.
    pub ending: Ending,
    /// The decision that took the place of the one appealed; with [`Ending::Changed`] only.
    pub decision: Option<DecisionId>,
    /// Why.
    pub reason: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub recorded_by: String,
}

/// What became of an appealed decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The decision stays.
    Upheld,
    /// Another took its place.
    Changed,
    /// The appeal was taken back.
    Withdrawn,
}

impl Ending {
    /// The names used in the API and the database.
    pub const NAMES: [&'static str; 3] = ["upheld", "changed", "withdrawn"];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::Changed => "changed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The ending of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Upheld, Self::Changed, Self::Withdrawn].into_iter().find(|ending| ending.as_str() == name)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = appeals, treat_none_as_default_value = false)]
struct Row {
    id: String,
    decision_id: String,
    unit: String,
    filed_on: NaiveDate,
    due_on: NaiveDate,
    sealed: Vec<u8>,
    key_id: String,
    recorded_at: chrono::NaiveDateTime,
    recorded_by: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = appeal_outcomes, treat_none_as_default_value = false)]
struct OutcomeRow {
    appeal_id: String,
    outcome: String,
    decision_id: Option<String>,
    sealed: Vec<u8>,
    key_id: String,
    recorded_at: chrono::NaiveDateTime,
    recorded_by: String,
}

impl Row {
    fn open(self, conn: &mut AnyConn, vault: &Vault) -> Result<Appeal, StoreError> {
        let outcome: Option<OutcomeRow> =
            appeal_outcomes::table.find(&self.id).select(OutcomeRow::as_select()).first(conn).optional()?;
        Ok(Appeal {
            grounds: vault.open(Place { table: "appeals", row: &self.id }, &self.sealed)?,
            id: parse_id(self.id, "appeals")?,
            decision: parse_id(self.decision_id, "appeals")?,
            unit: self.unit,
            filed_on: self.filed_on,
            due_on: self.due_on,
            recorded_at: self.recorded_at.and_utc(),
            recorded_by: self.recorded_by,
            outcome: outcome.map(|row| row.open(vault)).transpose()?,
        })
    }
}

impl OutcomeRow {
    fn open(self, vault: &Vault) -> Result<Outcome, StoreError> {
        Ok(Outcome {
            reason: vault.open(Place { table: "appeal_outcomes", row: &self.appeal_id }, &self.sealed)?,
            ending: Ending::parse(&self.outcome).ok_or(StoreError::Damaged("appeal_outcomes"))?,
            decision: self.decision_id.map(|id| parse_id(id, "appeal_outcomes")).transpose()?,
            recorded_at: self.recorded_at.and_utc(),
            recorded_by: self.recorded_by,
        })
    }
}

/// Adds an appeal. Its outcome is added by [`insert_outcome`].
pub fn insert(conn: &mut AnyConn, vault: &Vault, appeal: &Appeal) -> Result<(), StoreError> {
    let id = appeal.id.to_string();
    diesel::insert_into(appeals::table)
        .values(Row {
            sealed: vault.seal(Place { table: "appeals", row: &id }, &appeal.grounds)?,
            id,
            decision_id: appeal.decision.to_string(),
            unit: appeal.unit.clone(),
            filed_on: appeal.filed_on,
            due_on: appeal.due_on,
            key_id: vault.key_id().to_owned(),
            recorded_at: stored(appeal.recorded_at),
            recorded_by: appeal.recorded_by.clone(),
        })
        .execute(conn)?;
    Ok(())
}

/// Adds the outcome of an appeal. A second one is a [`StoreError::Constraint`].
pub fn insert_outcome(
    conn: &mut AnyConn,
    vault: &Vault,
    appeal: AppealId,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let id = appeal.to_string();
    diesel::insert_into(appeal_outcomes::table)
        .values(OutcomeRow {
            sealed: vault.seal(Place { table: "appeal_outcomes", row: &id }, &outcome.reason)?,
            appeal_id: id,
            outcome: outcome.ending.as_str().to_owned(),
            decision_id: outcome.decision.map(|id| id.to_string()),
            key_id: vault.key_id().to_owned(),
            recorded_at: stored(outcome.recorded_at),
            recorded_by: outcome.recorded_by.clone(),
        })
        .execute(conn)?;
    Ok(())
}

/// The appeal of that id, if within reach.
pub fn find(
    conn: &mut AnyConn,
    vault: &Vault,
    id: AppealId,
    reach: &Reach,
) -> Result<Option<Appeal>, StoreError> {
    let row: Option<Row> = appeals::table
        .find(id.to_string())
        .filter(appeals::unit.like(reach.unit_pattern()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| row.open(conn, vault)).transpose()
}

/// Up to `limit` appeals against a decision, in the order they were recorded, those after `after` only.
pub fn of_decision(
    conn: &mut AnyConn,
    vault: &Vault,
    decision: DecisionId,
    after: Option<AppealId>,
    limit: i64,
) -> Result<Vec<Appeal>, StoreError> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let rows: Vec<Row> = appeals::table
        .filter(appeals::decision_id.eq(decision.to_string()))
        .filter(appeals::id.gt(after))
        .order(appeals::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| row.open(conn, vault)).collect()
}
