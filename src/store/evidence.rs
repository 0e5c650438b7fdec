//! Documents that support facts. All they say is sealed; which are valid on a day is worked out after opening.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    AnyConn, CitizenId, EvidenceId, StoreError, Vault, parse_id,
    schema::{evidence, evidence_ends},
    stored,
    vault::Place,
};

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Kind of document, such as `disability_certificate`.
    pub kind: String,
    /// Number on the document.
    pub number: Option<String>,
    /// Body that issued it.
    pub issuer: Option<String>,
    /// Day it was issued.
    pub issued_on: Option<NaiveDate>,
    /// First day it proves its facts.
    pub valid_from: NaiveDate,
    /// Last day, or none when it does not end.
    pub valid_to: Option<NaiveDate>,
    /// Where the scan lies, in the words of whoever keeps it.
    #[serde(default)]
    pub scan: Option<String>,
    /// Facts about the person, by the vocabulary.
    pub person_facts: Map<String, Value>,
    /// Facts about the household, by the vocabulary.
    pub household_facts: Map<String, Value>,
}

/// A document in a citizen's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Id of the entry.
    pub id: EvidenceId,
    /// Whose record it is in.
    pub citizen: CitizenId,
    /// What it says.
    pub document: Document,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub recorded_by: String,
    /// From when on it no longer counts, and why.
    pub end: Option<End>,
}

/// Why a document no longer counts. What was decided by it stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The document that says it better; none = withdrawn.
    pub replaced_by: Option<EvidenceId>,
    /// Why, in the words of who ended it.
    pub reason: String,
    /// When this was recorded.
    pub at: DateTime<Utc>,
    /// Who recorded it.
    pub by: String,
}

impl Evidence {
    /// Whether it proves its facts on a day, by what was on record at an instant (none = now).
    pub fn counts(&self, day: NaiveDate, known_at: Option<DateTime<Utc>>) -> bool {
        let known = |at: DateTime<Utc>| known_at.is_none_or(|known_at| at <= known_at);
        known(self.recorded_at)
            && self.end.as_ref().is_none_or(|end| !known(end.at))
            && self.document.valid_from <= day
            && self.document.valid_to.is_none_or(|to| day <= to)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = evidence, treat_none_as_default_value = false)]
struct Row {
    id: String,
    citizen_id: String,
    sealed: Vec<u8>,
    key_id: String,
    recorded_at: chrono::NaiveDateTime,
    recorded_by: String,
}

impl Row {
    fn open(self, vault: &Vault) -> Result<Evidence, StoreError> {
        Ok(Evidence {
            document: vault.open(Place { table: "evidence", row: &self.id }, &self.sealed)?,
            id: parse_id(self.id, "evidence")?,
            citizen: parse_id(self.citizen_id, "evidence")?,
            recorded_at: self.recorded_at.and_utc(),
            recorded_by: self.recorded_by,
            end: None,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = evidence_ends, treat_none_as_default_value = false)]
struct EndRow {
    evidence_id: String,
    replaced_by: Option<String>,
    sealed: Vec<u8>,
    key_id: String,
    ended_at: chrono::NaiveDateTime,
    ended_by: String,
}

impl EndRow {
    fn open(self, vault: &Vault) -> Result<End, StoreError> {
        Ok(End {
            reason: vault.open(Place { table: ENDS, row: &self.evidence_id }, &self.sealed)?,
            replaced_by: self.replaced_by.map(|id| parse_id(id, ENDS)).transpose()?,
            at: self.ended_at.and_utc(),
            by: self.ended_by,
        })
    }
}

const ENDS: &str = "evidence_ends";

/// Adds a document.
pub fn insert(conn: &mut AnyConn, vault: &Vault, entry: &Evidence) -> Result<(), StoreError> {
    let id = entry.id.to_string();
    diesel::insert_into(evidence::table)
        .values(Row {
            sealed: vault.seal(Place { table: "evidence", row: &id }, &entry.document)?,
            id,
            citizen_id: entry.citizen.to_string(),
            key_id: vault.key_id().to_owned(),
            recorded_at: stored(entry.recorded_at),
            recorded_by: entry.recorded_by.clone(),
        })
        .execute(conn)?;
    Ok(())
}

/// Notes that a document no longer counts. One that has ended already is a [`StoreError::Constraint`].
pub fn end(conn: &mut AnyConn, vault: &Vault, id: EvidenceId, end: &End) -> Result<(), StoreError> {
    let id = id.to_string();
    diesel::insert_into(evidence_ends::table)
        .values(EndRow {
            sealed: vault.seal(Place { table: ENDS, row: &id }, &end.reason)?,
            evidence_id: id,
            replaced_by: end.replaced_by.map(|id| id.to_string()),
            key_id: vault.key_id().to_owned(),
            ended_at: stored(end.at),
            ended_by: end.by.clone(),
        })
        .execute(conn)?;
    Ok(())
}

/// All documents of these citizens, ended ones too, in the order they were recorded.
pub fn of_citizens(
    conn: &mut AnyConn,
    vault: &Vault,
    citizens: &[CitizenId],
) -> Result<Vec<Evidence>, StoreError> {
    let ids: Vec<String> = citizens.iter().map(ToString::to_string).collect();
    let rows: Vec<(Row, Option<EndRow>)> = evidence::table
        .left_join(evidence_ends::table.on(evidence_ends::evidence_id.eq(evidence::id)))
        .filter(evidence::citizen_id.eq_any(ids))
        .order(evidence::id)
        .select((Row::as_select(), Option::<EndRow>::as_select()))
        .load(conn)?;
    rows.into_iter()
        .map(|(row, end)| {
            let end = end.map(|end| end.open(vault)).transpose()?;
            Ok(Evidence { end, ..row.open(vault)? })
        })
        .collect()
}
