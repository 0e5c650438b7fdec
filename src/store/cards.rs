//! Free-transit cards and the steps of their lives.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    AnyConn, CitizenId, DecisionId, Reach, StoreError, Vault, parse_id,
    schema::{card_steps, cards},
    stored,
    vault::Place,
};

/// Where a card stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardStatus {
    /// In use, from its first to its last day.
    Active,
    /// Held back; may come back into use.
    Suspended,
    /// Withdrawn for good.
    Revoked,
    /// Past its last day and put aside for a new one.
    Expired,
}

impl CardStatus {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Active, "active"),
        (Self::Suspended, "suspended"),
        (Self::Revoked, "revoked"),
        (Self::Expired, "expired"),
    ];

    /// The name used in the API and the database.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("active", |(_, name)| name)
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text);
        found.map(|(status, _)| *status).ok_or_else(|| StoreError::Constraint("cards.status".into()))
    }
}

/// A card: the right of one person to ride free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// What stands on the card; says nothing about the person.
    pub id: String,
    /// Whose it is.
    pub citizen: CitizenId,
    /// The decision it rests on.
    pub decision: DecisionId,
    /// Unit that issued it.
    pub unit: String,
    /// Where it stands.
    pub status: CardStatus,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, or none when it has no end.
    pub valid_to: Option<NaiveDate>,
    /// Counts changes from 1.
    pub version: i64,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// Who issued it.
    pub issued_by: String,
}

/// One step in the life of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardStep {
    /// `issued`, `suspended`, `resumed`, `revoked` or `expired`.
    pub step: String,
    /// Why, in the words of who took it.
    pub reason: Option<String>,
    /// When.
    pub taken_at: DateTime<Utc>,
    /// By whom.
    pub taken_by: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = cards, treat_none_as_default_value = false)]
struct Row {
    id: String,
    citizen_id: String,
    decision_id: String,
    unit: String,
    status: String,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i64,
    issued_at: chrono::NaiveDateTime,
    issued_by: String,
}

impl Row {
    fn open(self) -> Result<Card, StoreError> {
        Ok(Card {
            id: self.id,
            citizen: parse_id(self.citizen_id, "cards")?,
            decision: parse_id(self.decision_id, "cards")?,
            unit: self.unit,
            status: CardStatus::parse(&self.status)?,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            version: self.version,
            issued_at: self.issued_at.and_utc(),
            issued_by: self.issued_by,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = card_steps)]
struct StepRow {
    id: String,
    card_id: String,
    step: String,
    sealed: Vec<u8>,
    key_id: String,
    taken_at: chrono::NaiveDateTime,
    taken_by: String,
}

/// Adds a card. A second living card of one person is a [`StoreError::Constraint`].
pub fn insert(conn: &mut AnyConn, card: &Card) -> Result<(), StoreError> {
    diesel::insert_into(cards::table)
        .values(Row {
            id: card.id.clone(),
            citizen_id: card.citizen.to_string(),
            decision_id: card.decision.to_string(),
            unit: card.unit.clone(),
            status: card.status.as_str().to_owned(),
            valid_from: card.valid_from,
            valid_to: card.valid_to,
            version: card.version,
            issued_at: stored(card.issued_at),
            issued_by: card.issued_by.clone(),
        })
        .execute(conn)?;
    Ok(())
}

/// The card of that id, if within reach.
pub fn find(conn: &mut AnyConn, id: &str, reach: &Reach) -> Result<Option<Card>, StoreError> {
    let row: Option<Row> = cards::table
        .find(id)
        .filter(cards::unit.like(reach.unit_pattern()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Row::open).transpose()
}

/// All cards of a person, the last issued first.
pub fn all_of(conn: &mut AnyConn, citizen: CitizenId) -> Result<Vec<Card>, StoreError> {
    let rows: Vec<Row> = cards::table
        .filter(cards::citizen_id.eq(citizen.to_string()))
        .order(cards::issued_at.desc())
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::open).collect()
}

/// The living (active or suspended) card of a person, or else the one last issued.
pub fn of_citizen(conn: &mut AnyConn, citizen: CitizenId) -> Result<Option<Card>, StoreError> {
    let found = all_of(conn, citizen)?;
    let living =
        found.iter().position(|card| matches!(card.status, CardStatus::Active | CardStatus::Suspended));
    Ok(found.into_iter().nth(living.unwrap_or(0)))
}

/// Moves a card to another status; `false` when it is no longer at `version`.
pub fn set_status(
    conn: &mut AnyConn,
    id: &str,
    version: i64,
    status: CardStatus,
) -> Result<bool, StoreError> {
    let changed = diesel::update(cards::table.filter(cards::id.eq(id)).filter(cards::version.eq(version)))
        .set((cards::status.eq(status.as_str()), cards::version.eq(version + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Adds a step to a card's history; its id.
pub fn insert_step(
    conn: &mut AnyConn,
    vault: &Vault,
    card: &str,
    step: &CardStep,
) -> Result<String, StoreError> {
    let id = uuid::Uuid::now_v7().to_string();
    diesel::insert_into(card_steps::table)
        .values(StepRow {
            sealed: vault.seal(Place { table: "card_steps", row: &id }, &step.reason)?,
            id: id.clone(),
            card_id: card.to_owned(),
            step: step.step.clone(),
            key_id: vault.key_id().to_owned(),
            taken_at: stored(step.taken_at),
            taken_by: step.taken_by.clone(),
        })
        .execute(conn)?;
    Ok(id)
}

/// A card's history, first step first.
pub fn steps(conn: &mut AnyConn, vault: &Vault, card: &str) -> Result<Vec<CardStep>, StoreError> {
    let rows: Vec<StepRow> = card_steps::table
        .filter(card_steps::card_id.eq(card))
        .order(card_steps::id)
        .select(StepRow::as_select())
        .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(CardStep {
                reason: vault.open(Place { table: "card_steps", row: &row.id }, &row.sealed)?,
                step: row.step,
                taken_at: row.taken_at.and_utc(),
                taken_by: row.taken_by,
            })
        })
        .collect()
}
