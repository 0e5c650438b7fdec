//! Events that others are told of, written in the transaction of the act: there is an event if and only if the act was
//! done.

use chrono::{DateTime, Duration, Utc};
use diesel::{dsl::max, prelude::*};
use serde_json::Value;
use uuid::Uuid;

use super::{AnyConn, StoreError, schema::outbox_events, stored};

/// How long an event is kept after it was delivered.
pub const KEPT: Duration = Duration::days(30);

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the order of events, from 1.
    pub seq: i64,
    /// Its id, by which a receiver knows a repetition.
    pub id: String,
    /// What happened, such as `decision.recorded`.
    pub kind: String,
    /// Id of what it happened to.
    pub subject: String,
    /// When.
    pub at: DateTime<Utc>,
    /// More about it; nothing about a person.
    pub payload: Value,
}

/// Adds an event, and drops those delivered long ago. There is one writer at a time, so places have no gap and follow the
/// order of commits. `payload` holds ids, units and days of acts, never a fact about a person.
pub fn add(
    conn: &mut AnyConn,
    kind: &str,
    subject: &str,
    payload: &Value,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let last: Option<i64> = outbox_events::table.select(max(outbox_events::seq)).first(conn)?;
    let last = last.unwrap_or(0);
    // The last one stays however old, so that no place is given twice.
    diesel::delete(
        outbox_events::table
            .filter(outbox_events::delivered_at.le(stored(now - KEPT)))
            .filter(outbox_events::seq.lt(last)),
    )
    .execute(conn)?;
    diesel::insert_into(outbox_events::table)
        .values((
            outbox_events::seq.eq(last + 1),
            outbox_events::id.eq(Uuid::now_v7().to_string()),
            outbox_events::kind.eq(kind),
            outbox_events::subject.eq(subject),
            outbox_events::at.eq(stored(now)),
            outbox_events::payload.eq(payload.to_string()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Up to `limit` events that were not delivered, in order.
pub fn pending(conn: &mut AnyConn, limit: i64) -> Result<Vec<Event>, StoreError> {
    type Row = (i64, String, String, String, chrono::NaiveDateTime, String);
    let rows: Vec<Row> = outbox_events::table
        .filter(outbox_events::delivered_at.is_null())
        .order(outbox_events::seq)
        .limit(limit)
        .select((
            outbox_events::seq,
            outbox_events::id,
            outbox_events::kind,
            outbox_events::subject,
            outbox_events::at,
            outbox_events::payload,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(seq, id, kind, subject, at, payload)| {
            let payload = serde_json::from_str(&payload).map_err(|_| StoreError::Damaged("outbox_events"))?;
            Ok(Event { seq, id, kind, subject, at: at.and_utc(), payload })
        })
        .collect()
}

/// All events about these, in order.
pub fn about(
    conn: &mut AnyConn,
    subjects: &[String],
) -> Result<Vec<(String, String, DateTime<Utc>)>, StoreError> {
    let rows: Vec<(String, String, chrono::NaiveDateTime)> = outbox_events::table
        .filter(outbox_events::subject.eq_any(subjects))
        .order(outbox_events::seq)
        .select((outbox_events::kind, outbox_events::subject, outbox_events::at))
        .load(conn)?;
    Ok(rows.into_iter().map(|(kind, subject, at)| (kind, subject, at.and_utc())).collect())
}

/// Of which of these others were told.
pub fn told(conn: &mut AnyConn, subjects: &[String]) -> Result<Vec<String>, StoreError> {
    let mut told: Vec<String> = outbox_events::table
        .filter(outbox_events::subject.eq_any(subjects))
        .filter(outbox_events::delivered_at.is_not_null())
        .select(outbox_events::subject)
        .load(conn)?;
    told.sort();
    told.dedup();
    Ok(told)
}

/// Drops the events about these. The last of all events must be about something else, so that no place is given twice.
pub fn forget(conn: &mut AnyConn, subjects: &[String]) -> Result<(), StoreError> {
    diesel::delete(outbox_events::table.filter(outbox_events::subject.eq_any(subjects))).execute(conn)?;
    Ok(())
}

/// Marks all events up to place `seq` as delivered.
pub fn delivered(conn: &mut AnyConn, seq: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    let open =
        outbox_events::table.filter(outbox_events::delivered_at.is_null()).filter(outbox_events::seq.le(seq));
    diesel::update(open).set(outbox_events::delivered_at.eq(stored(now))).execute(conn)?;
    Ok(())
}
