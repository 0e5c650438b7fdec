//! Rows past their time, and what is left of removed ones in the files of the database.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{connection::SimpleConnection, dsl::max, prelude::*};

use super::{
    AnyConn, StoreError,
    backend::Backend,
    idempotency, outbox,
    schema::{
        card_steps, cards, citizen_merges, citizen_versions, citizens, evidence, evidence_ends,
        former_numbers, idempotency_keys, outbox_events, refresh_tokens,
    },
    stored,
};

/// How long emptying the log waits for those who read: writers wait meanwhile.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tokens of sign-ins that have ended by themselves.
///
/// # Errors
/// When the store fails.
pub fn count_sessions(conn: &mut AnyConn, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let ended = refresh_tokens::table.filter(refresh_tokens::family_ends_at.le(stored(now)));
    Ok(ended.count().get_result(conn)?)
}

/// Removes up to `limit` of them.
///
/// # Errors
/// When the store fails.
pub fn drop_sessions(conn: &mut AnyConn, now: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let ended: Vec<Vec<u8>> = refresh_tokens::table
        .filter(refresh_tokens::family_ends_at.le(stored(now)))
        .limit(limit)
        .select(refresh_tokens::token_hash)
        .load(conn)?;
    let ended = refresh_tokens::table.filter(refresh_tokens::token_hash.eq_any(ended));
    Ok(diesel::delete(ended).execute(conn)?)
}

/// Answers kept for repetitions, past their time.
///
/// # Errors
/// When the store fails.
pub fn count_answers(conn: &mut AnyConn, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let past =
        idempotency_keys::table.filter(idempotency_keys::created_at.le(stored(now - idempotency::KEPT)));
    Ok(past.count().get_result(conn)?)
}

/// Removes `limit` of them, and those of the same instant as the last.
///
/// # Errors
/// When the store fails.
pub fn drop_answers(conn: &mut AnyConn, now: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let past: Vec<chrono::NaiveDateTime> = idempotency_keys::table
        .filter(idempotency_keys::created_at.le(stored(now - idempotency::KEPT)))
        .order(idempotency_keys::created_at)
        .limit(limit)
        .select(idempotency_keys::created_at)
        .load(conn)?;
    let Some(last) = past.last() else { return Ok(0) };
    let past = idempotency_keys::table.filter(idempotency_keys::created_at.le(last));
    Ok(diesel::delete(past).execute(conn)?)
}

/// Events that were delivered and are past their time; the last of all stays.
///
/// # Errors
/// When the store fails.
pub fn events(conn: &mut AnyConn, now: DateTime<Utc>, limit: i64) -> Result<Vec<i64>, StoreError> {
    let last: Option<i64> = outbox_events::table.select(max(outbox_events::seq)).first(conn)?;
    Ok(outbox_events::table
        .filter(outbox_events::delivered_at.le(stored(now - outbox::KEPT)))
        .filter(outbox_events::seq.lt(last.unwrap_or(0)))
        .order(outbox_events::seq)
        .limit(limit)
        .select(outbox_events::seq)
        .load(conn)?)
}

/// Removes these events.
///
/// # Errors
/// When the store fails.
pub fn drop_events(conn: &mut AnyConn, events: &[i64]) -> Result<usize, StoreError> {
    Ok(diesel::delete(outbox_events::table.filter(outbox_events::seq.eq_any(events))).execute(conn)?)
}

/// Versions of records after the id `after`, up to `limit`, that another took the place of; with each whether it did before
/// `before`.
///
/// # Errors
/// When the store fails.
pub fn versions(
    conn: &mut AnyConn,
    before: DateTime<Utc>,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, bool)>, StoreError> {
    let found: Vec<(String, String, i64)> = citizen_versions::table
        .inner_join(citizens::table)
        .filter(citizen_versions::id.gt(after))
        .filter(citizen_versions::version.lt(citizens::version))
        .filter(citizen_versions::recorded_at.lt(stored(before)))
        .order(citizen_versions::id)
        .limit(limit)
        .select((citizen_versions::id, citizen_versions::citizen_id, citizen_versions::version))
        .load(conn)?;
    let mut ended = Vec::with_capacity(found.len());
    for (id, citizen, version) in found {
        let newer: i64 = citizen_versions::table
            .filter(citizen_versions::citizen_id.eq(&citizen))
            .filter(citizen_versions::version.gt(version))
            .filter(citizen_versions::recorded_at.lt(stored(before)))
            .count()
            .get_result(conn)?;
        ended.push((id, newer > 0 && !needed(conn, &citizen)?));
    }
    Ok(ended)
}

/// Whether versions of a record are needed whatever their age: they alone tell a number that was given up, without which it
/// could not be found under another data key.
fn needed(conn: &mut AnyConn, citizen: &str) -> Result<bool, StoreError> {
    let given_up = former_numbers::table.filter(former_numbers::citizen_id.eq(citizen));
    let merged = citizen_merges::table.filter(citizen_merges::duplicate_id.eq(citizen));
    let (given_up, merged): (i64, i64) =
        (given_up.count().get_result(conn)?, merged.count().get_result(conn)?);
    Ok(given_up + merged > 0)
}

/// Removes these versions.
///
/// # Errors
/// When the store fails.
pub fn drop_versions(conn: &mut AnyConn, ids: &[String]) -> Result<usize, StoreError> {
    Ok(diesel::delete(citizen_versions::table.filter(citizen_versions::id.eq_any(ids))).execute(conn)?)
}

/// How many documents were ended before `before`.
///
/// # Errors
/// When the store fails.
pub fn count_papers(conn: &mut AnyConn, before: DateTime<Utc>) -> Result<i64, StoreError> {
    let ended = evidence_ends::table.filter(evidence_ends::ended_at.lt(stored(before)));
    Ok(ended.count().get_result(conn)?)
}

/// Up to `limit` documents that were ended before `before`, the first ended first. One that another says to be its better is
/// behind that other, which ended earlier.
///
/// # Errors
/// When the store fails.
pub fn papers(conn: &mut AnyConn, before: DateTime<Utc>, limit: i64) -> Result<Vec<String>, StoreError> {
    Ok(evidence_ends::table
        .filter(evidence_ends::ended_at.lt(stored(before)))
        .order((evidence_ends::ended_at, evidence_ends::evidence_id))
        .limit(limit)
        .select(evidence_ends::evidence_id)
        .load(conn)?)
}

/// Removes these documents and their ends; those that stand behind one that stays, stay, and are not returned.
///
/// # Errors
/// When the store fails.
pub fn drop_papers(conn: &mut AnyConn, ids: &[String]) -> Result<Vec<String>, StoreError> {
    let better: Vec<(String, Option<String>)> = evidence_ends::table
        .filter(evidence_ends::replaced_by.eq_any(ids))
        .select((evidence_ends::evidence_id, evidence_ends::replaced_by))
        .load(conn)?;
    let needed =
        |id: &String| better.iter().any(|(earlier, by)| by.as_ref() == Some(id) && !ids.contains(earlier));
    let ids: Vec<String> = ids.iter().filter(|id| !needed(id)).cloned().collect();
    diesel::delete(evidence_ends::table.filter(evidence_ends::evidence_id.eq_any(&ids))).execute(conn)?;
    diesel::delete(evidence::table.filter(evidence::id.eq_any(&ids))).execute(conn)?;
    Ok(ids)
}

/// Cards after the id `after`, up to `limit`, that are revoked or past their last day; with each whether they were before
/// `before`.
///
/// # Errors
/// When the store fails.
pub fn ended_cards(
    conn: &mut AnyConn,
    before: (DateTime<Utc>, NaiveDate),
    after: &str,
    limit: i64,
) -> Result<Vec<(String, bool)>, StoreError> {
    let found: Vec<(String, String, Option<NaiveDate>)> = cards::table
        .filter(cards::id.gt(after))
        .filter(cards::status.eq_any(["revoked", "expired"]).or(cards::valid_to.lt(Some(before.1))))
        .order(cards::id)
        .limit(limit)
        .select((cards::id, cards::status, cards::valid_to))
        .load(conn)?;
    let mut ended = Vec::with_capacity(found.len());
    for (id, status, valid_to) in found {
        let last: Option<chrono::NaiveDateTime> = card_steps::table
            .filter(card_steps::card_id.eq(&id))
            .select(max(card_steps::taken_at))
            .first(conn)?;
        let run_out = valid_to.is_some_and(|to| to < before.1);
        let closed = ["revoked", "expired"].contains(&status.as_str());
        ended.push((id, (closed || run_out) && last.is_none_or(|last| last < stored(before.0))));
    }
    Ok(ended)
}

/// Removes these cards and their steps; returns the ids of the steps.
///
/// # Errors
/// When the store fails.
pub fn drop_cards(conn: &mut AnyConn, ids: &[String]) -> Result<Vec<String>, StoreError> {
    let steps: Vec<String> =
        card_steps::table.filter(card_steps::card_id.eq_any(ids)).select(card_steps::id).load(conn)?;
    diesel::delete(card_steps::table.filter(card_steps::card_id.eq_any(ids))).execute(conn)?;
    diesel::delete(cards::table.filter(cards::id.eq_any(ids))).execute(conn)?;
    Ok(steps)
}

#[derive(QueryableByName)]
struct Checkpointed {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

pub(super) fn empty_log(backend: &Backend) -> Result<bool, StoreError> {
    match connect(backend)? {
        AnyConn::Postgres(_) => Ok(true),
        AnyConn::Sqlite(mut conn) => {
            let done: Checkpointed =
                diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut conn)?;
            Ok(done.busy == 0)
        }
    }
}

pub(super) fn compact(backend: &Backend) -> Result<(), StoreError> {
    match connect(backend)? {
        AnyConn::Sqlite(mut conn) => {
            conn.batch_execute("PRAGMA busy_timeout = 30000; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?;
        }
        AnyConn::Postgres(mut conn) => {
            // It takes as long as it takes. It runs in no transaction, so each statement is sent alone.
            conn.batch_execute("SET statement_timeout = 0; SET lock_timeout = 30000")?;
            conn.batch_execute("VACUUM (FULL)")?;
        }
    }
    Ok(())
}

fn connect(backend: &Backend) -> Result<AnyConn, StoreError> {
    backend.connect(PATIENCE).map_err(|error| StoreError::Away(error.to_string()))
}
