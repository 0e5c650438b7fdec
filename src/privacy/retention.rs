//! Removing what is past its time, a bounded batch a transaction, each with its entry in the audit log.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{KeepFor, Keeping};
use crate::{
    audit::{self, Entry, Table},
    decisions::day_in_hanoi,
    store::{AnyConn, Store, StoreError, audit_entries, retention as rows},
};

/// Rows of one transaction: others write between two.
const BATCH: i64 = 200;

/// What is swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Tokens of sign-ins that have ended.
    Sessions,
    /// Answers kept for repeated requests.
    Answers,
    /// Events that were delivered.
    Events,
    /// What acts of reading were about.
    Readings,
    /// Versions of records that a newer one took the place of.
    Versions,
    /// Documents that were replaced or withdrawn.
    EndedEvidence,
    /// Cards that were revoked or have run out.
    EndedCards,
}

impl Kind {
    /// All of them, technical ones first.
    pub const ALL: [Self; 7] = [
        Self::Sessions,
        Self::Answers,
        Self::Events,
        Self::Readings,
        Self::Versions,
        Self::EndedEvidence,
        Self::EndedCards,
    ];

    /// Its name in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Answers => "answers",
            Self::Events => "events",
            Self::Readings => "readings",
            Self::Versions => "versions",
            Self::EndedEvidence => "ended_evidence",
            Self::EndedCards => "ended_cards",
        }
    }

    /// Whether it has an end of its own, which needs no setting.
    pub fn is_technical(self) -> bool {
        matches!(self, Self::Sessions | Self::Answers | Self::Events)
    }

    fn kept_for(self, keeping: &Keeping) -> Option<KeepFor> {
        match self {
            Self::Sessions | Self::Answers | Self::Events => None,
            Self::Readings => keeping.readings,
            Self::Versions => keeping.versions,
            Self::EndedEvidence => keeping.ended_evidence,
            Self::EndedCards => keeping.ended_cards,
        }
    }

    /// Before when what is of this kind may go; none when nobody has said so.
    fn before(self, keeping: &Keeping, now: DateTime<Utc>) -> Option<(DateTime<Utc>, NaiveDate)> {
        if self.is_technical() {
            return Some((now, day_in_hanoi(now)));
        }
        let day = self.kept_for(keeping)?.start(day_in_hanoi(now));
        // The day begins at midnight in Hanoi (UTC+7).
        let at = day.and_time(NaiveTime::MIN).and_utc().checked_sub_signed(TimeDelta::hours(7));
        Some((at.unwrap_or(DateTime::<Utc>::MIN_UTC), day))
    }
}

/// What there is to do, or was done, of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// So many are past their time.
    Past(u64),
    /// Nobody has said how long they are kept, so they are.
    NotTold,
}

/// How many of a kind are past their time. Reads only.
///
/// # Errors
/// When the store fails.
pub fn count(
    conn: &mut AnyConn,
    kind: Kind,
    keeping: &Keeping,
    now: DateTime<Utc>,
) -> Result<Counted, StoreError> {
    let Some(before) = kind.before(keeping, now) else { return Ok(Counted::NotTold) };
    let past = match kind {
        Kind::Sessions => rows::count_sessions(conn, now)?,
        Kind::Answers => rows::count_answers(conn, now)?,
        Kind::Events => i64::try_from(rows::events(conn, now, i64::MAX)?.len()).unwrap_or(i64::MAX),
        Kind::Readings => audit_entries::count_readings(conn, before.0)?,
        Kind::EndedEvidence => rows::count_papers(conn, before.0)?,
        Kind::Versions | Kind::EndedCards => {
            let (mut past, mut after) = (0, String::new());
            loop {
                let page = ended(conn, kind, before, &after)?;
                let Some((last, _)) = page.last() else { break past };
                past += i64::try_from(page.iter().filter(|(_, past)| *past).count()).unwrap_or(0);
                after.clone_from(last);
            }
        }
    };
    Ok(Counted::Past(u64::try_from(past).unwrap_or(0)))
}

/// Removes what is past its time of a kind, batch by batch; how many there were.
///
/// # Errors
/// When the store fails; what was done before stays done.
pub fn sweep(
    store: &Store,
    kind: Kind,
    keeping: &Keeping,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Counted, StoreError> {
    let Some(before) = kind.before(keeping, now) else { return Ok(Counted::NotTold) };
    let (mut done, mut after) = (0, String::new());
    loop {
        let batch = store.write(|conn| batch(conn, kind, before, &after, (actor, now)))?;
        done += batch.removed as u64;
        match batch.next {
            Some(next) => after = next,
            None => return Ok(Counted::Past(done)),
        }
    }
}

/// What one transaction did.
struct Batch {
    removed: usize,
    /// After which id the next goes on; none when there is no more.
    next: Option<String>,
}

fn batch(
    conn: &mut AnyConn,
    kind: Kind,
    before: (DateTime<Utc>, NaiveDate),
    after: &str,
    (actor, now): (&str, DateTime<Utc>),
) -> Result<Batch, StoreError> {
    let more = |removed: usize| (removed > 0).then(String::new);
    match kind {
        Kind::Sessions | Kind::Answers | Kind::Events => {
            let removed = match kind {
                Kind::Sessions => rows::drop_sessions(conn, now, BATCH)?,
                Kind::Answers => rows::drop_answers(conn, now, BATCH)?,
                _ => {
                    let events = rows::events(conn, now, BATCH)?;
                    rows::drop_events(conn, &events)?
                }
            };
            note(conn, kind, removed, &[], (actor, now))?;
            Ok(Batch { removed, next: more(removed) })
        }
        Kind::Readings => {
            let removed = audit::forget_readings(conn, actor, before.0, BATCH, now)?;
            Ok(Batch { removed, next: more(removed) })
        }
        Kind::Versions => {
            let page = ended(conn, kind, before, after)?;
            let next = page.last().map(|(last, _)| last.clone());
            let ids = past(page);
            rows::drop_versions(conn, &ids)?;
            let named: Vec<(Table, &str)> = ids.iter().map(|id| (Table::Versions, id.as_str())).collect();
            note(conn, kind, ids.len(), &named, (actor, now))?;
            Ok(Batch { removed: ids.len(), next })
        }
        Kind::EndedEvidence => {
            let found = rows::papers(conn, before.0, BATCH)?;
            let ids = rows::drop_papers(conn, &found)?;
            let tables = [Table::Evidence, Table::EvidenceEnds];
            let gone: Vec<(Table, &str)> =
                tables.iter().flat_map(|table| ids.iter().map(|id| (*table, id.as_str()))).collect();
            forget(conn, &ids, &gone, (actor, now))?;
            Ok(Batch { removed: ids.len(), next: more(ids.len()) })
        }
        Kind::EndedCards => {
            let page = ended(conn, kind, before, after)?;
            let next = page.last().map(|(last, _)| last.clone());
            let ids = past(page);
            let steps = rows::drop_cards(conn, &ids)?;
            let mut gone: Vec<(Table, &str)> = ids.iter().map(|id| (Table::Cards, id.as_str())).collect();
            gone.extend(steps.iter().map(|id| (Table::CardSteps, id.as_str())));
            forget(conn, &ids, &gone, (actor, now))?;
            Ok(Batch { removed: ids.len(), next })
        }
    }
}

fn ended(
    conn: &mut AnyConn,
    kind: Kind,
    before: (DateTime<Utc>, NaiveDate),
    after: &str,
) -> Result<Vec<(String, bool)>, StoreError> {
    match kind {
        Kind::Versions => rows::versions(conn, before.0, after, BATCH),
        _ => rows::ended_cards(conn, before, after, BATCH),
    }
}

fn past(page: Vec<(String, bool)>) -> Vec<String> {
    page.into_iter().filter(|(_, past)| *past).map(|(id, _)| id).collect()
}

/// Enters that rows went; they are committed to as gone.
fn note(
    conn: &mut AnyConn,
    kind: Kind,
    removed: usize,
    gone: &[(Table, &str)],
    (actor, now): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    if removed == 0 {
        return Ok(());
    }
    let subject = format!("{}:{removed}", kind.as_str());
    let act = Entry { actor, action: "retention.applied", subject: &subject, receipt: None };
    audit::append(conn, act.touching(gone), now)
}

/// Blanks the acts about things that went, so that nothing points to them.
fn forget(
    conn: &mut AnyConn,
    subjects: &[String],
    gone: &[(Table, &str)],
    (actor, now): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    if subjects.is_empty() {
        return Ok(());
    }
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    audit::erase(conn, actor, gone, &subjects, &[], now)
}
