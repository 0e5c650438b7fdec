//! Citizens and their households.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    AnyConn, BlindIndex, CitizenId, HouseholdId, Reach, StoreError, Vault, parse_id,
    schema::{citizens, households},
    stored,
    vault::Place,
};

/// What is known of a person by their own papers. Sealed as one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Full name as on the papers.
    pub name: String,
    /// Personal number, 12 digits, when known.
    pub personal_id: Option<String>,
    /// Birth date `YYYY[-MM[-DD]]`, when known.
    pub born_on: Option<String>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// `permanent`, `temporary` or `none`, in Hanoi.
    pub residence: Option<String>,
    /// `vietnamese`, `foreign` or `stateless`.
    pub citizenship: Option<String>,
}

/// A citizen's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citizen {
    /// Id of the record.
    pub id: CitizenId,
    /// The household the person lives in.
    pub household: HouseholdId,
    /// Ward or commune that keeps the record.
    pub unit: String,
    /// What the papers say.
    pub person: Person,
    /// Counts changes from 1.
    pub version: i64,
    /// When the record was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// By what a citizen is found.
pub struct Indexes {
    /// Of the personal number, when there is one.
    pub personal_number: Option<BlindIndex>,
    /// Of the folded name.
    pub name: BlindIndex,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = citizens, treat_none_as_default_value = false)]
struct Row {
    id: String,
    household_id: String,
    unit: String,
    personal_number_index: Option<Vec<u8>>,
    name_index: Vec<u8>,
    sealed: Vec<u8>,
    key_id: String,
    version: i64,
    created_at: chrono::NaiveDateTime,
    updated_at: chrono::NaiveDateTime,
}

impl Row {
    fn seal(vault: &Vault, citizen: &Citizen, by: &Indexes) -> Result<Self, StoreError> {
        let id = citizen.id.to_string();
        Ok(Self {
            sealed: vault.seal(Place { table: "citizens", row: &id }, &citizen.person)?,
            id,
            household_id: citizen.household.to_string(),
            unit: citizen.unit.clone(),
            personal_number_index: by.personal_number.as_ref().map(|index| index.0.clone()),
            name_index: by.name.0.clone(),
            key_id: vault.key_id().to_owned(),
            version: citizen.version,
            created_at: stored(citizen.created_at),
            updated_at: stored(citizen.updated_at),
        })
    }

    fn open(self, vault: &Vault) -> Result<Citizen, StoreError> {
        Ok(Citizen {
            person: vault.open(Place { table: "citizens", row: &self.id }, &self.sealed)?,
            id: parse_id(self.id, "citizens")?,
            household: parse_id(self.household_id, "citizens")?,
            unit: self.unit,
            version: self.version,
            created_at: self.created_at.and_utc(),
            updated_at: self.updated_at.and_utc(),
        })
    }
}

/// Makes a household in a unit.
pub fn create_household(
    conn: &mut AnyConn,
    id: HouseholdId,
    unit: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(households::table)
        .values((
            households::id.eq(id.to_string()),
            households::unit.eq(unit),
            households::created_at.eq(stored(at)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether the household exists in that unit.
pub fn household_exists(conn: &mut AnyConn, id: HouseholdId, unit: &str) -> Result<bool, StoreError> {
    let found: i64 = households::table
        .filter(households::id.eq(id.to_string()))
        .filter(households::unit.eq(unit))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Adds a citizen. A personal number that another record carries is a [`StoreError::Constraint`].
pub fn insert(conn: &mut AnyConn, vault: &Vault, citizen: &Citizen, by: &Indexes) -> Result<(), StoreError> {
    diesel::insert_into(citizens::table).values(Row::seal(vault, citizen, by)?).execute(conn)?;
    Ok(())
}

/// Writes `citizen` over the version before it; `false` when that is no longer the one kept.
pub fn update(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: &Citizen,
    by: &Indexes,
) -> Result<bool, StoreError> {
    let row = Row::seal(vault, citizen, by)?;
    let changed = diesel::update(
        citizens::table.filter(citizens::id.eq(row.id)).filter(citizens::version.eq(citizen.version - 1)),
    )
    .set((
        citizens::personal_number_index.eq(row.personal_number_index),
        citizens::name_index.eq(row.name_index),
        citizens::sealed.eq(row.sealed),
        citizens::key_id.eq(row.key_id),
        citizens::version.eq(row.version),
        citizens::updated_at.eq(row.updated_at),
    ))
    .execute(conn)?;
    Ok(changed == 1)
}

/// The citizen of that id, if within reach.
pub fn find(
    conn: &mut AnyConn,
    vault: &Vault,
    id: CitizenId,
    reach: &Reach,
) -> Result<Option<Citizen>, StoreError> {
    let row: Option<Row> = citizens::table
        .find(id.to_string())
        .filter(citizens::unit.like(reach.unit_pattern()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| row.open(vault)).transpose()
}

/// Citizens within reach with this name or number (both, when both are given), by id from `after` on, at most `limit`.
pub fn search(
    conn: &mut AnyConn,
    vault: &Vault,
    name: Option<&BlindIndex>,
    personal_number: Option<&BlindIndex>,
    reach: &Reach,
    after: Option<CitizenId>,
    limit: i64,
) -> Result<Vec<Citizen>, StoreError> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    // Boxed queries do not work over several backends: the three shapes are written out.
    let scope = || {
        citizens::table
            .filter(citizens::unit.like(reach.unit_pattern()))
            .filter(citizens::id.gt(after))
            .order(citizens::id)
            .limit(limit)
            .select(Row::as_select())
    };
    let rows: Vec<Row> = match (name, personal_number) {
        (Some(name), Some(number)) => scope()
            .filter(citizens::name_index.eq(&name.0))
            .filter(citizens::personal_number_index.eq(&number.0))
            .load(conn)?,
        (Some(name), None) => scope().filter(citizens::name_index.eq(&name.0)).load(conn)?,
        (None, Some(number)) => scope().filter(citizens::personal_number_index.eq(&number.0)).load(conn)?,
        (None, None) => Vec::new(),
    };
    rows.into_iter().map(|row| row.open(vault)).collect()
}

/// Ids of all who live in a household.
pub fn members(conn: &mut AnyConn, household: HouseholdId) -> Result<Vec<CitizenId>, StoreError> {
    let ids: Vec<String> = citizens::table
        .filter(citizens::household_id.eq(household.to_string()))
        .order(citizens::id)
        .select(citizens::id)
        .load(conn)?;
    ids.into_iter().map(|id| parse_id(id, "citizens")).collect()
}
