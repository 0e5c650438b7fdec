//! Households, and who lived in which from when to when.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::{
    AnyConn, CitizenId, HouseholdId, Reach, StoreError, parse_id,
    schema::{households, memberships},
    stored,
};

/// A stretch of days that a citizen lived in a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Id of the entry.
    pub id: String,
    /// Who.
    pub citizen: CitizenId,
    /// Where.
    pub household: HouseholdId,
    /// First day; none = as far back as anything is known.
    pub valid_from: Option<NaiveDate>,
    /// Last day; none = until further notice.
    pub valid_to: Option<NaiveDate>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When its end was recorded.
    pub ended_at: Option<DateTime<Utc>>,
    /// Who recorded its end.
    pub ended_by: Option<String>,
}

impl Membership {
    /// Whether it covers a day, by what was on record at an instant (none = now).
    pub fn covers(&self, day: NaiveDate, known_at: Option<DateTime<Utc>>) -> bool {
        let known = |at: DateTime<Utc>| known_at.is_none_or(|known_at| at <= known_at);
        let end = self.valid_to.filter(|_| self.ended_at.is_none_or(known));
        known(self.recorded_at)
            && self.valid_from.is_none_or(|from| from <= day)
            && end.is_none_or(|to| day <= to)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = memberships, treat_none_as_default_value = false)]
struct Row {
    id: String,
    citizen_id: String,
    household_id: String,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    recorded_at: chrono::NaiveDateTime,
    recorded_by: String,
    ended_at: Option<chrono::NaiveDateTime>,
    ended_by: Option<String>,
}

impl Row {
    fn open(self) -> Result<Membership, StoreError> {
        Ok(Membership {
            id: self.id,
            citizen: parse_id(self.citizen_id, "memberships")?,
            household: parse_id(self.household_id, "memberships")?,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            recorded_at: self.recorded_at.and_utc(),
            recorded_by: self.recorded_by,
            ended_at: self.ended_at.map(|at| at.and_utc()),
            ended_by: self.ended_by,
        })
    }
}

/// Makes a household in a unit.
pub fn create(conn: &mut AnyConn, id: HouseholdId, unit: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::insert_into(households::table)
        .values((
            households::id.eq(id.to_string()),
            households::unit.eq(unit),
            households::created_at.eq(stored(at)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Unit of a household, if it is within reach.
pub fn unit(conn: &mut AnyConn, id: HouseholdId, reach: &Reach) -> Result<Option<String>, StoreError> {
    Ok(households::table
        .find(id.to_string())
        .filter(households::unit.like(reach.unit_pattern()))
        .select(households::unit)
        .first(conn)
        .optional()?)
}

/// Adds a citizen to a household from a day on, and ends where they lived before on the day before.
pub fn join(
    conn: &mut AnyConn,
    citizen: CitizenId,
    household: HouseholdId,
    from: Option<NaiveDate>,
    (at, by): (DateTime<Utc>, &str),
) -> Result<(), StoreError> {
    let day_before = from.and_then(|from| from.pred_opt());
    diesel::update(
        memberships::table
            .filter(memberships::citizen_id.eq(citizen.to_string()))
            .filter(memberships::ended_at.is_null()),
    )
    .set((
        memberships::valid_to.eq(day_before),
        memberships::ended_at.eq(Some(stored(at))),
        memberships::ended_by.eq(Some(by)),
    ))
    .execute(conn)?;
    diesel::insert_into(memberships::table)
        .values(Row {
            id: uuid::Uuid::now_v7().to_string(),
            citizen_id: citizen.to_string(),
            household_id: household.to_string(),
            valid_from: from,
            valid_to: None,
            recorded_at: stored(at),
            recorded_by: by.to_owned(),
            ended_at: None,
            ended_by: None,
        })
        .execute(conn)?;
    Ok(())
}

/// All stretches of a household's members, as they were recorded.
pub fn of_household(conn: &mut AnyConn, id: HouseholdId) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<Row> = memberships::table
        .filter(memberships::household_id.eq(id.to_string()))
        .order(memberships::id)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::open).collect()
}

/// All stretches of a citizen, as they were recorded.
pub fn of_citizen(conn: &mut AnyConn, id: CitizenId) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<Row> = memberships::table
        .filter(memberships::citizen_id.eq(id.to_string()))
        .order(memberships::id)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::open).collect()
}
