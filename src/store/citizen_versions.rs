//! What a citizen's record said before: every version is kept.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    AnyConn, CitizenId, HouseholdId, StoreError, Vault,
    citizens::{Citizen, Person},
    parse_id,
    schema::citizen_versions,
    stored,
    vault::Place,
};

/// A version of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Counts from 1.
    pub version: i64,
    /// The household they lived in.
    pub household: HouseholdId,
    /// Unit that kept the record.
    pub unit: String,
    /// What it said.
    pub person: Person,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = citizen_versions)]
struct Row {
    id: String,
    citizen_id: String,
    version: i64,
    household_id: String,
    unit: String,
    sealed: Vec<u8>,
    key_id: String,
    recorded_at: chrono::NaiveDateTime,
    recorded_by: String,
}

const TABLE: &str = "citizen_versions";

/// Id of the row that keeps a version.
pub fn id(citizen: CitizenId, version: i64) -> String {
    format!("{citizen}/{version}")
}

/// Keeps the version that `citizen` now is.
pub fn insert(conn: &mut AnyConn, vault: &Vault, citizen: &Citizen, by: &str) -> Result<(), StoreError> {
    let id = id(citizen.id, citizen.version);
    diesel::insert_into(citizen_versions::table)
        .values(Row {
            sealed: vault.seal(Place { table: TABLE, row: &id }, &citizen.person)?,
            id,
            citizen_id: citizen.id.to_string(),
            version: citizen.version,
            household_id: citizen.household.to_string(),
            unit: citizen.unit.clone(),
            key_id: vault.key_id().to_owned(),
            recorded_at: stored(citizen.updated_at),
            recorded_by: by.to_owned(),
        })
        .execute(conn)?;
    Ok(())
}

/// All versions of a record, first one first.
pub fn of_citizen(conn: &mut AnyConn, vault: &Vault, citizen: CitizenId) -> Result<Vec<Version>, StoreError> {
    let rows: Vec<Row> = citizen_versions::table
        .filter(citizen_versions::citizen_id.eq(citizen.to_string()))
        .order(citizen_versions::version)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let _: CitizenId = parse_id(row.citizen_id, TABLE)?;
            Ok(Version {
                person: vault.open(Place { table: TABLE, row: &row.id }, &row.sealed)?,
                version: row.version,
                household: parse_id(row.household_id, TABLE)?,
                unit: row.unit,
                recorded_at: row.recorded_at.and_utc(),
                recorded_by: row.recorded_by,
            })
        })
        .collect()
}
