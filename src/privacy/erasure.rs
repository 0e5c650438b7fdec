//! Erasing a person: all rows about them go in one transaction, the audit tree stays whole, and what stays says of nobody who
//! it was.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{KeepFor, PrivacyError, records_of};
use crate::{
    access::Caller,
    audit::{self, Table},
    cards::{Card, CardStatus},
    decisions::{Clock, day_in_hanoi},
    facts::FieldError,
    registry::{self, fields::Fields},
    store::{
        AnyConn, CitizenId, Reach, StoreError, Vault, appeals, cards, citizen_versions,
        citizens::Citizen,
        decisions::{self, Decision},
        erasures::{self, ErasedDecision, Erasure},
        evidence, households, idempotency, outbox,
        person_rows::PersonRows,
    },
};

/// Why a person may be erased (Law 91/2025/QH15, Article 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground(&'static str);

impl Ground {
    /// The grounds, by their names in the API and the database.
    pub const NAMES: [&'static str; 6] = [
        "request",
        "purpose_achieved",
        "storage_period_over",
        "order_of_authority",
        "agreement",
        "other_law",
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    ground: Ground,
    reason: String,
}

impl Request {
    /// Reads `{ ground, reason }`. Whether the reason names the person is seen in [`erase`].
    ///
    /// # Errors
    /// Every finding at once.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let ground = fields.choice("ground", &Ground::NAMES);
        let ground = fields.required("ground", ground);
        let reason = fields.text("reason", 500);
        let reason = fields.required("reason", reason);
        fields.finish()?;
        match (ground, reason) {
            (Some(ground), Some(reason)) => Ok(Self { ground: Ground(ground), reason }),
            // Whatever is missing has been reported above.
            _ => Err(Vec::new()),
        }
    }
}

/// Why a record must be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// A card is in use, or may come back into use.
    LivingCard,
    /// An appeal has no outcome yet.
    OpenAppeal,
    /// Decisions must be kept, until this day.
    KeptUntil(NaiveDate),
    /// Decisions must be kept, and nobody has said how long.
    KeepingTimeUnknown,
    /// Papers in the record prove facts of a household in which others live.
    HouseholdPapers,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The entry that stays.
    pub erasure: Erasure,
    /// What stays of the decisions.
    pub decided: Vec<ErasedDecision>,
    /// Rows removed, by table.
    pub removed: Vec<(Table, usize)>,
}

/// Erases the person of a record, with all records that were merged into it. `seen` may refuse the version of the record.
///
/// # Errors
/// When the record is out of reach, must be kept, or the reason names the person; nothing is changed then.
pub fn erase<E: From<PrivacyError>>(
    conn: &mut AnyConn,
    vault: &Vault,
    id: CitizenId,
    request: &Request,
    keep_decisions: Option<KeepFor>,
    (caller, clock): (&Caller, Clock),
    seen: impl FnOnce(&Citizen) -> Result<(), E>,
) -> Result<Done, E> {
    let (citizen, records) = records_of(conn, vault, id, &caller.reach()).map_err(PrivacyError::from)?;
    seen(&citizen)?;
    Ok(erase_records(conn, vault, (&citizen, &records), request, keep_decisions, (caller, clock))?)
}

fn erase_records(
    conn: &mut AnyConn,
    vault: &Vault,
    (citizen, records): (&Citizen, &[CitizenId]),
    request: &Request,
    keep_decisions: Option<KeepFor>,
    (caller, clock): (&Caller, Clock),
) -> Result<Done, PrivacyError> {
    let (mut decided, mut issued) = (Vec::new(), Vec::new());
    for id in records {
        decided.extend(decisions::of_citizen(conn, vault, *id, &Reach::City, None, i64::MAX)?);
        issued.extend(cards::all_of(conn, *id)?);
    }
    let mut holds = held_by_decisions(conn, vault, &decided, keep_decisions, clock.today)?;
    if issued.iter().any(|card| is_living(card, clock.today)) {
        holds.push(Hold::LivingCard);
    }
    if others_rest_on_papers(conn, vault, (citizen, records), clock.today)? {
        holds.push(Hold::HouseholdPapers);
    }
    if !holds.is_empty() {
        return Err(PrivacyError::MustKeep(holds));
    }
    if names_the_person(conn, vault, records, &request.reason)? {
        return Err(PrivacyError::NamesThePerson);
    }
    let erasure = Erasure {
        id: erasures::new_id()?,
        unit: citizen.unit.clone(),
        ground: request.ground.as_str().to_owned(),
        reason: request.reason.clone(),
        at: clock.now,
        by: caller.subject.clone(),
    };
    let left = what_stays(&decided, day_in_hanoi(clock.now))?;
    let rows = PersonRows::of(conn, records)?;
    forget(conn, vault, &rows, &erasure, &left)?;
    let mut removed: Vec<(Table, usize)> = Vec::new();
    for (table, _) in rows.all() {
        match removed.last_mut().filter(|(last, _)| *last == table) {
            Some((_, count)) => *count += 1,
            None => removed.push((table, 1)),
        }
    }
    Ok(Done { erasure, decided: left, removed })
}

/// Removes the rows, blanks the acts about them, and keeps what stays.
fn forget(
    conn: &mut AnyConn,
    vault: &Vault,
    rows: &PersonRows,
    erasure: &Erasure,
    left: &[ErasedDecision],
) -> Result<(), StoreError> {
    let subjects = rows.subjects();
    rows.remove(conn)?;
    idempotency::forget(conn, &subjects)?;
    erasures::insert(conn, vault, erasure, left)?;
    let told = outbox::told(conn, &subjects)?;
    // Those who were told of something of theirs are told that it is gone; the new event is the last, so that places go on.
    outbox::add(
        conn,
        "record.erased",
        &erasure.id,
        &json!({ "unit": erasure.unit, "gone": told }),
        erasure.at,
    )?;
    outbox::forget(conn, &subjects)?;
    let removed: Vec<(Table, &str)> = rows.all().collect();
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let mut stays = vec![(Table::Erasures, erasure.id.as_str())];
    stays.extend(left.iter().map(|row| (Table::ErasedDecisions, row.id.as_str())));
    audit::erase(conn, &erasure.by, &removed, &subjects, &stays, erasure.at)
}

fn held_by_decisions(
    conn: &mut AnyConn,
    vault: &Vault,
    decided: &[Decision],
    keep: Option<KeepFor>,
    today: NaiveDate,
) -> Result<Vec<Hold>, StoreError> {
    let mut holds = Vec::new();
    for decision in decided {
        let appeals = appeals::of_decision(conn, vault, decision.id, None, i64::MAX)?;
        if appeals.iter().any(|appeal| appeal.outcome.is_none()) {
            holds.push(Hold::OpenAppeal);
            break;
        }
    }
    let Some(last) = decided.iter().map(|decision| day_in_hanoi(decision.decided_at)).max() else {
        return Ok(holds);
    };
    match keep.map(|keep| keep.end(last)) {
        None => holds.push(Hold::KeepingTimeUnknown),
        Some(end) if end > today => holds.push(Hold::KeptUntil(end)),
        Some(_) => {}
    }
    Ok(holds)
}

fn is_living(card: &Card, today: NaiveDate) -> bool {
    matches!(card.status, CardStatus::Active | CardStatus::Suspended)
        && card.valid_to.is_none_or(|to| today <= to)
}

/// Whether papers of the person prove facts of the household today, and others live in it.
fn others_rest_on_papers(
    conn: &mut AnyConn,
    vault: &Vault,
    (citizen, records): (&Citizen, &[CitizenId]),
    today: NaiveDate,
) -> Result<bool, StoreError> {
    let papers = evidence::of_citizens(conn, vault, records)?;
    let proves =
        papers.iter().any(|paper| paper.counts(today, None) && !paper.document.household_facts.is_empty());
    let stays = if proves { households::of_household(conn, citizen.household)? } else { Vec::new() };
    Ok(stays.iter().any(|stay| stay.covers(today, None) && !records.contains(&stay.citizen)))
}

/// Whether a text tells the name or a number that the record holds or held.
fn names_the_person(
    conn: &mut AnyConn,
    vault: &Vault,
    records: &[CitizenId],
    text: &str,
) -> Result<bool, StoreError> {
    let words: String =
        text.chars().map(|c| if c.is_alphanumeric() || is_mark(c) { c } else { ' ' }).collect();
    let folded = format!(" {} ", registry::fold(&words));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    for id in records {
        for version in citizen_versions::of_citizen(conn, vault, *id)? {
            let person = version.person;
            let number = person.personal_id.is_some_and(|number| digits.contains(&number));
            if number || folded.contains(&format!(" {} ", registry::fold(&person.name))) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A mark written beside its letter (U+0300 to U+036F).
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Which rights were decided on, how, for which day and by which law.
fn what_stays(decided: &[Decision], erased_on: NaiveDate) -> Result<Vec<ErasedDecision>, StoreError> {
    let mut left = Vec::new();
    for decision in decided {
        for (entitlement, outcome) in decision.content.outcomes() {
            left.push(ErasedDecision {
                id: erasures::new_id()?,
                unit: decision.unit.clone(),
                as_of: decision.as_of,
                decided_on: day_in_hanoi(decision.decided_at),
                entitlement: entitlement.to_owned(),
                outcome: outcome.to_owned(),
                policy_id: decision.policy_id.clone(),
                policy_version: decision.policy_version.clone(),
                policy_digest: decision.policy_digest.clone(),
                erased_on,
            });
        }
    }
    Ok(left)
}
