//! Documents that support facts. All they say is sealed; which are valid on a day is worked out after opening.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    AnyConn, CitizenId, EvidenceId, StoreError, Vault, parse_id, schema::evidence, stored, vault::Place,
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
        })
    }
}

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

/// All documents of these citizens, in the order they were recorded.
pub fn of_citizens(
    conn: &mut AnyConn,
    vault: &Vault,
    citizens: &[CitizenId],
) -> Result<Vec<Evidence>, StoreError> {
    let ids: Vec<String> = citizens.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = evidence::table
        .filter(evidence::citizen_id.eq_any(ids))
        .order(evidence::id)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| row.open(vault)).collect()
}
