//! How many checks a day, by service and result: no row tells of a single ride.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{AnyConn, StoreError, schema::transit_check_counts as counts};

/// Adds `checks` to the count of a day, service and result.
pub fn add(
    conn: &mut AnyConn,
    day: NaiveDate,
    service: &str,
    result: &str,
    checks: i64,
) -> Result<(), StoreError> {
    let row = counts::table
        .filter(counts::day.eq(day))
        .filter(counts::service.eq(service))
        .filter(counts::result.eq(result));
    // Inside a write transaction nobody comes between the two statements.
    let changed = diesel::update(row).set(counts::checks.eq(counts::checks + checks)).execute(conn)?;
    if changed == 0 {
        diesel::insert_into(counts::table)
            .values((
                counts::day.eq(day),
                counts::service.eq(service),
                counts::result.eq(result),
                counts::checks.eq(checks),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// How often a check of a service found a result on a day.
pub fn get(conn: &mut AnyConn, day: NaiveDate, service: &str, result: &str) -> Result<i64, StoreError> {
    let found = counts::table.find((day, service, result)).select(counts::checks).first(conn).optional()?;
    Ok(found.unwrap_or(0))
}
