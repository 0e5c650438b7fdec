//! Records that turned out to be of one person, and personal numbers that were given up.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{
    AnyConn, BlindIndex, CitizenId, StoreError, parse_id,
    schema::{citizen_merges, citizens, former_numbers},
    stored,
};

/// The record that is kept instead of this one, if it was merged.
pub fn kept_instead(conn: &mut AnyConn, duplicate: CitizenId) -> Result<Option<CitizenId>, StoreError> {
    let kept: Option<String> = citizen_merges::table
        .find(duplicate.to_string())
        .select(citizen_merges::kept_id)
        .first(conn)
        .optional()?;
    kept.map(|id| parse_id(id, "citizen_merges")).transpose()
}

/// Records that were merged into this one.
pub fn merged_into(conn: &mut AnyConn, kept: CitizenId) -> Result<Vec<CitizenId>, StoreError> {
    let ids: Vec<String> = citizen_merges::table
        .filter(citizen_merges::kept_id.eq(kept.to_string()))
        .order(citizen_merges::duplicate_id)
        .select(citizen_merges::duplicate_id)
        .load(conn)?;
    ids.into_iter().map(|id| parse_id(id, "citizen_merges")).collect()
}

/// That a record was given up for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The record given up.
    pub duplicate: CitizenId,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

/// How records came to be merged into this one.
pub fn merges(conn: &mut AnyConn, kept: CitizenId) -> Result<Vec<Merge>, StoreError> {
    let rows: Vec<(String, chrono::NaiveDateTime, String)> = citizen_merges::table
        .filter(citizen_merges::kept_id.eq(kept.to_string()))
        .order(citizen_merges::duplicate_id)
        .select((citizen_merges::duplicate_id, citizen_merges::merged_at, citizen_merges::merged_by))
        .load(conn)?;
    rows.into_iter()
        .map(|(duplicate, at, by)| {
            Ok(Merge { duplicate: parse_id(duplicate, "citizen_merges")?, at: at.and_utc(), by })
        })
        .collect()
}

/// The numbers that a citizen gave up, as they are looked up, and when.
pub fn given_up(
    conn: &mut AnyConn,
    citizen: CitizenId,
) -> Result<Vec<(BlindIndex, DateTime<Utc>)>, StoreError> {
    let rows: Vec<(Vec<u8>, chrono::NaiveDateTime)> = former_numbers::table
        .filter(former_numbers::citizen_id.eq(citizen.to_string()))
        .order(former_numbers::given_up_at)
        .select((former_numbers::personal_number_index, former_numbers::given_up_at))
        .load(conn)?;
    Ok(rows.into_iter().map(|(index, at)| (BlindIndex(index), at.and_utc())).collect())
}

/// Notes that `duplicate` is the person of `kept`. Its personal number is let go, so that it may stand on the record
/// kept; what was merged into it before goes along.
pub fn merge(
    conn: &mut AnyConn,
    duplicate: CitizenId,
    kept: CitizenId,
    (at, by): (DateTime<Utc>, &str),
) -> Result<(), StoreError> {
    diesel::update(citizen_merges::table.filter(citizen_merges::kept_id.eq(duplicate.to_string())))
        .set(citizen_merges::kept_id.eq(kept.to_string()))
        .execute(conn)?;
    diesel::update(former_numbers::table.filter(former_numbers::citizen_id.eq(duplicate.to_string())))
        .set(former_numbers::citizen_id.eq(kept.to_string()))
        .execute(conn)?;
    diesel::insert_into(citizen_merges::table)
        .values((
            citizen_merges::duplicate_id.eq(duplicate.to_string()),
            citizen_merges::kept_id.eq(kept.to_string()),
            citizen_merges::merged_at.eq(stored(at)),
            citizen_merges::merged_by.eq(by),
        ))
        .execute(conn)?;
    diesel::update(citizens::table.find(duplicate.to_string()))
        .set(citizens::personal_number_index.eq(None::<Vec<u8>>))
        .execute(conn)?;
    Ok(())
}

/// Keeps a number that was given up: it still finds the person. A number that is somebody's already is a
/// [`StoreError::Constraint`].
pub fn give_up_number(
    conn: &mut AnyConn,
    number: &BlindIndex,
    citizen: CitizenId,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(former_numbers::table)
        .values((
            former_numbers::personal_number_index.eq(&number.0),
            former_numbers::citizen_id.eq(citizen.to_string()),
            former_numbers::given_up_at.eq(stored(at)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes a number off the list again, when its own holder carries it anew.
pub fn take_up_number(conn: &mut AnyConn, number: &BlindIndex, citizen: CitizenId) -> Result<(), StoreError> {
    diesel::delete(
        former_numbers::table.find(&number.0).filter(former_numbers::citizen_id.eq(citizen.to_string())),
    )
    .execute(conn)?;
    Ok(())
}

/// Who carried a number before it was given up.
pub fn former_holder(conn: &mut AnyConn, number: &BlindIndex) -> Result<Option<CitizenId>, StoreError> {
    let holder: Option<String> =
        former_numbers::table.find(&number.0).select(former_numbers::citizen_id).first(conn).optional()?;
    holder.map(|id| parse_id(id, "former_numbers")).transpose()
}
