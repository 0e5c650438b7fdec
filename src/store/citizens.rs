//! Citizens: the newest version of each record.

use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use serde::{Deserialize, Serialize};

use super::{
    AnyConn, BlindIndex, CitizenId, HouseholdId, Reach, StoreError, Vault, parse_id,
    schema::{citizen_words, citizens},
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
    /// Day of death `YYYY-MM-DD`, when they have died.
    #[serde(default)]
    pub died_on: Option<String>,
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
    /// Of each word of the folded name, together with the unit.
    pub words: Vec<BlindIndex>,
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

/// Adds a citizen. A personal number that another record carries is a [`StoreError::Constraint`].
pub fn insert(conn: &mut AnyConn, vault: &Vault, citizen: &Citizen, by: &Indexes) -> Result<(), StoreError> {
    diesel::insert_into(citizens::table).values(Row::seal(vault, citizen, by)?).execute(conn)?;
    index_words(conn, citizen.id, by)
}

/// Writes by which words a citizen is found.
fn index_words(conn: &mut AnyConn, citizen: CitizenId, by: &Indexes) -> Result<(), StoreError> {
    let id = citizen.to_string();
    diesel::delete(citizen_words::table.filter(citizen_words::citizen_id.eq(&id))).execute(conn)?;
    for word in &by.words {
        diesel::insert_into(citizen_words::table)
            .values((citizen_words::word_index.eq(&word.0), citizen_words::citizen_id.eq(&id)))
            .execute(conn)?;
    }
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
        citizens::household_id.eq(row.household_id),
        citizens::unit.eq(row.unit),
        citizens::personal_number_index.eq(row.personal_number_index),
        citizens::name_index.eq(row.name_index),
        citizens::sealed.eq(row.sealed),
        citizens::key_id.eq(row.key_id),
        citizens::version.eq(row.version),
        citizens::updated_at.eq(row.updated_at),
    ))
    .execute(conn)?;
    if changed == 1 {
        index_words(conn, citizen.id, by)?;
    }
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

/// Citizens within reach whose names hold all these words, by id from `after` on, at most `limit`.
pub fn search_words(
    conn: &mut AnyConn,
    vault: &Vault,
    words: &[BlindIndex],
    reach: &Reach,
    after: Option<CitizenId>,
    limit: i64,
) -> Result<Vec<Citizen>, StoreError> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let wanted = i64::try_from(words.len()).unwrap_or(i64::MAX);
    let words = words.iter().map(|word| word.0.as_slice());
    let found: Vec<String> = citizen_words::table
        .filter(citizen_words::word_index.eq_any(words))
        .filter(citizen_words::citizen_id.gt(after))
        .group_by(citizen_words::citizen_id)
        .having(count_star().eq(wanted))
        .order(citizen_words::citizen_id)
        .limit(limit)
        .select(citizen_words::citizen_id)
        .load(conn)?;
    let rows: Vec<Row> = citizens::table
        .filter(citizens::id.eq_any(found))
        .filter(citizens::unit.like(reach.unit_pattern()))
        .order(citizens::id)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| row.open(vault)).collect()
}
