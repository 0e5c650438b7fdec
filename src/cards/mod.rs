//! Free-transit cards: issued from a kept decision, suspended, resumed, revoked, and checked.

mod card_id;
mod check;
mod counters;
mod right;

use chrono::{DateTime, Utc};

pub use self::{
    card_id::CardId,
    check::{Answer, CheckResult, Colour, Fare, Presented, Service, StatusCheck, check},
    counters::Counters,
    right::ENTITLEMENT,
};
pub use crate::store::cards::{Card, CardStatus, CardStep};
use crate::{
    access::Caller,
    audit::{self, Table},
    decisions::{self, Clock, DecisionError},
    store::{AnyConn, DecisionId, StoreError, Vault, cards, outbox},
};

/// Why a card was not issued or changed.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// There is no such card within the caller's reach.
    #[error("no such card")]
    NoSuchCard,
    /// There is no such decision within the caller's reach.
    #[error("no such decision")]
    NoSuchDecision,
    /// The decision does not speak of free transit.
    #[error("the decision is not about free transit")]
    NotAboutTransit,
    /// The decision does not say yes; holds its outcome.
    #[error("the decision says {0}")]
    NotEntitled(String),
    /// The decision gives a cheaper ride, not a free one.
    #[error("the decision does not give a free ride")]
    NotFree,
    /// The yes rests on the plan's promise alone.
    #[error("the yes rests on the plan alone")]
    PlanPromiseOnly,
    /// The decision no longer holds today.
    #[error("the decision no longer holds")]
    Outdated,
    /// Another decision took its place.
    #[error("the decision is superseded")]
    Superseded,
    /// The facts leave open how long a card would run.
    #[error("the facts leave the term of a card open")]
    TermUndetermined,
    /// The person rides without a card.
    #[error("no card is needed")]
    NotRequired,
    /// The person has a living card.
    #[error("the person has a card")]
    CardExists,
    /// The step does not follow from where the card stands.
    #[error("the card is {}", .0.as_str())]
    WrongStatus(CardStatus),
    /// The card was changed since it was read.
    #[error("the card was changed in the meantime")]
    Stale,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A step in the life of an issued card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Hold back.
    Suspend,
    /// Put back into use.
    Resume,
    /// Withdraw for good.
    Revoke,
}

impl Step {
    /// Where the card must stand, where it goes, and the name of the step.
    fn table(self) -> (&'static [CardStatus], CardStatus, &'static str, &'static str) {
        use CardStatus::{Active, Revoked, Suspended};
        match self {
            Self::Suspend => (&[Active], Suspended, "suspended", "card.suspended"),
            Self::Resume => (&[Suspended], Active, "resumed", "card.resumed"),
            Self::Revoke => (&[Active, Suspended], Revoked, "revoked", "card.revoked"),
        }
    }
}

/// Issues a card from a kept decision. It is in use from its first day on.
///
/// `issue_anyway` gives a card to a person who does not need one: some carriers ask for it.
///
/// # Errors
/// When the decision is out of reach or no card may rest on it, or the person has a living card.
pub fn issue(
    conn: &mut AnyConn,
    vault: &Vault,
    decision: DecisionId,
    issue_anyway: bool,
    caller: &Caller,
    clock: Clock,
) -> Result<Card, CardError> {
    let decision = decisions::find(conn, vault, decision, &caller.reach()).map_err(no_decision)?;
    if decision.superseded_by.is_some() {
        return Err(CardError::Superseded);
    }
    let transit = right::TransitDecision::of(&decision.content.result).ok_or(CardError::NotAboutTransit)?;
    let term = transit.term(decision.as_of, clock.today, issue_anyway)?;
    let id = CardId::random().map_err(|_| StoreError::Key("no randomness".into()))?;
    put_aside_expired(conn, vault, &decision.citizen, clock)?;
    let card = Card {
        id: id.to_string(),
        citizen: decision.citizen,
        decision: decision.id,
        unit: decision.unit,
        status: CardStatus::Active,
        valid_from: term.from,
        valid_to: term.to,
        version: 1,
        issued_at: clock.now,
        issued_by: caller.subject.clone(),
    };
    match cards::insert(conn, &card) {
        Err(StoreError::Constraint(what))
            if ["cards.citizen_id", "cards_one_living_per_person"].iter().any(|name| what.contains(name)) =>
        {
            return Err(CardError::CardExists);
        }
        done => done?,
    }
    enter(conn, vault, &card.id, ("issued", "card.issued"), None, &caller.subject, clock.now)?;
    Ok(card)
}

/// Takes a step with a card just read.
///
/// # Errors
/// When the card is elsewhere in its life, or was changed in the meantime.
pub fn take_step(
    conn: &mut AnyConn,
    vault: &Vault,
    card: Card,
    step: Step,
    reason: &str,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Card, CardError> {
    let (from, to, name, action) = step.table();
    if !from.contains(&card.status) {
        return Err(CardError::WrongStatus(card.status));
    }
    if !cards::set_status(conn, &card.id, card.version, to)? {
        return Err(CardError::Stale);
    }
    enter(conn, vault, &card.id, (name, action), Some(reason), &caller.subject, now)?;
    Ok(Card { status: to, version: card.version + 1, ..card })
}

/// A card and its history.
///
/// # Errors
/// [`CardError::NoSuchCard`], outside reach too.
pub fn find(
    conn: &mut AnyConn,
    vault: &Vault,
    id: &CardId,
    caller: &Caller,
) -> Result<(Card, Vec<CardStep>), CardError> {
    let card = cards::find(conn, id.as_str(), &caller.reach())?.ok_or(CardError::NoSuchCard)?;
    let steps = cards::steps(conn, vault, &card.id)?;
    Ok((card, steps))
}

/// A card past its last day makes room for the next.
fn put_aside_expired(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: &crate::store::CitizenId,
    clock: Clock,
) -> Result<(), StoreError> {
    let Some(card) = cards::of_citizen(conn, *citizen)? else { return Ok(()) };
    let living = matches!(card.status, CardStatus::Active | CardStatus::Suspended);
    if living && card.valid_to.is_some_and(|to| to < clock.today) {
        cards::set_status(conn, &card.id, card.version, CardStatus::Expired)?;
        enter(conn, vault, &card.id, ("expired", "card.expired"), None, "system", clock.now)?;
    }
    Ok(())
}

/// Enters a step in the card's history, among the events and in the audit log.
fn enter(
    conn: &mut AnyConn,
    vault: &Vault,
    card: &str,
    (step, action): (&str, &'static str),
    reason: Option<&str>,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let entry = CardStep {
        step: step.to_owned(),
        reason: reason.map(str::to_owned),
        taken_at: now,
        taken_by: actor.to_owned(),
    };
    let step = cards::insert_step(conn, vault, card, &entry)?;
    outbox::add(conn, action, card, &serde_json::json!({}), now)?;
    let act = audit::Entry { actor, action, subject: card, receipt: None };
    audit::append(conn, act.touching(&[(Table::Cards, card), (Table::CardSteps, &step)]), now)
}

fn no_decision(error: DecisionError) -> CardError {
    match error {
        DecisionError::Registry(crate::registry::RegistryError::Store(error)) => CardError::Store(error),
        _ => CardError::NoSuchDecision,
    }
}
