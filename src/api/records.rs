//! What the handlers of records share: the store, the tokens, and how a failure below becomes a problem.

use std::{
    collections::HashSet,
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{rt, web};
use chrono::{SubsecRound, Utc};
use prometheus::{IntCounterVec, Opts};

use crate::{
    access::{AccessError, Tokens},
    api::{AppState, Config, ErrorCode, Problem, erasures, limits::Bucket, state::StartError},
    audit,
    cards::{CardError, Counters},
    decisions::{Clock, DecisionError},
    facts::{FieldError, Text},
    privacy::PrivacyError,
    registry::RegistryError,
    store::{Store, StoreConfig, StoreError, cards::CardStatus},
};

/// Records and what guards them.
pub struct Records {
    /// The database.
    pub store: Store,
    /// Signs and checks access tokens.
    pub tokens: Tokens,
    /// How often cards were checked, on the way to the database.
    pub counters: Counters,
    /// The same for Prometheus, by service and result.
    pub checks: IntCounterVec,
    /// Checks by personal number a minute.
    pub number_checks: Bucket,
    audit_origin: String,
    /// Whether the log beside the database still holds what was erased.
    log_due: AtomicBool,
    running: Mutex<HashSet<(String, String)>>,
}

impl Records {
    /// Opens the database (made and brought up to date when need be) and the keys in it.
    ///
    /// # Errors
    /// When the database or the data key can't be used.
    pub fn open(config: &Config) -> Result<Self, StartError> {
        let store = Store::open(&StoreConfig {
            data_key: config.data_key.clone(),
            data_key_file: config.data_key_file.clone(),
            patience: config.database_patience,
            ..StoreConfig::new(config.database_url.clone())
        })?;
        store.write(|conn| audit::take_over_chain(conn, Utc::now()))?;
        let checks = IntCounterVec::new(
            Opts::new("an_sinh_transit_checks_total", "Online checks of cards, by service and result."),
            &["service", "result"],
        )?;
        Ok(Self {
            tokens: Tokens::load(&store, config.trusted_issuer.as_ref(), Utc::now())?,
            store,
            audit_origin: config.audit_origin.clone(),
            // What was erased before a crash is in there.
            log_due: AtomicBool::new(true),
            counters: Counters::default(),
            checks,
            number_checks: Bucket::new("personal_number", config.number_checks_per_minute),
            running: Mutex::default(),
        })
    }

    /// The checkpoint over all that was done, made when need be.
    ///
    /// # Errors
    /// When the store fails.
    pub fn checkpoint(&self) -> Result<String, StoreError> {
        let (store, origin) = (&self.store, &self.audit_origin);
        // Mostly there is one: no need to wait for those who write.
        if let Some(standing) = store.read(|conn| audit::standing_checkpoint(conn, origin))? {
            return Ok(standing);
        }
        store.write(|conn| audit::checkpoint(conn, store.vault(), origin, Utc::now()))
    }

    /// A checkpoint over the entry `seq`: the last one, or a new one.
    ///
    /// # Errors
    /// When the store fails.
    pub fn checkpoint_over(&self, seq: i64) -> Result<String, StoreError> {
        let latest = self.store.read(|conn| audit::latest_checkpoint(conn, seq))?;
        latest.map_or_else(|| self.checkpoint(), Ok)
    }

    /// Makes a checkpoint when many acts were done since the last.
    pub(super) fn checkpoint_when_due(&self) {
        let due = self.store.read(audit::checkpoint_when_due);
        let made = due.and_then(|due| if due { self.checkpoint().map(drop) } else { Ok(()) });
        if let Err(error) = made {
            tracing::warn!(%error, "A checkpoint of the audit log could not be made yet");
        }
    }

    /// Notes that something was erased, and takes it out of the log beside the database.
    pub(super) fn erased(&self) {
        self.log_due.store(true, Ordering::SeqCst);
        self.empty_log_when_due();
    }

    /// Empties that log when something was erased. Whoever reads at the moment holds it up: then it is tried again later.
    pub(super) fn empty_log_when_due(&self) {
        if !self.log_due.swap(false, Ordering::SeqCst) {
            return;
        }
        match self.store.empty_log() {
            Ok(true) => {}
            Ok(false) | Err(StoreError::Busy) => self.log_due.store(true, Ordering::SeqCst),
            Err(error) => {
                self.log_due.store(true, Ordering::SeqCst);
                tracing::warn!(%error, "The log beside the database could not be emptied yet");
            }
        }
    }

    /// Writes what is counted in memory only, and closes the audit log with a checkpoint. Called once, after the last
    /// request.
    pub(super) fn close(&self) {
        if let Err(error) = self.checkpoint() {
            tracing::warn!(%error, "No checkpoint of the audit log was made at shutdown");
        }
        if let Err(error) = self.counters.flush(&self.store) {
            tracing::warn!(%error, "Counts of checks were lost at shutdown");
        }
    }

    /// Marks a request with an idempotency key as running; `None` when it is already.
    pub(super) fn begin(&self, principal: &str, key: &str) -> Option<Running<'_>> {
        let mark = (principal.to_owned(), key.to_owned());
        let fresh = self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(mark.clone());
        fresh.then_some(Running { records: self, mark })
    }
}

impl fmt::Debug for Records {
    /// Holds keys: shows nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}

/// A request that is being worked on; the mark goes when this is dropped.
pub(super) struct Running<'r> {
    records: &'r Records,
    mark: (String, String),
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.records.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.mark);
    }
}

impl AppState {
    /// Today and now, to the microsecond: what the database keeps, so that an answer reads the same later.
    pub fn clock(&self) -> Clock {
        Clock { today: self.today(), now: Utc::now().trunc_subsecs(6) }
    }
}

/// No work on the database takes this many times the patience with it, unless it hangs.
const HANGS_AFTER: u32 = 6;

/// Runs `work` off the threads that serve connections: the database is synchronous.
///
/// # Errors
/// Those of `work`, and 503 when the database hangs. What was sent may then still be carried out: a repetition with the same
/// key tells.
pub async fn blocking<T: Send + 'static>(
    state: web::Data<AppState>,
    work: impl FnOnce(&AppState) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let limit = state.config.database_patience * HANGS_AFTER;
    match rt::time::timeout(limit, web::block(move || work(&state))).await {
        Ok(done) => done?,
        Err(_) => {
            let hangs = StoreError::Away(format!("no answer within {} s", limit.as_secs()));
            Err(hangs.into())
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Away(_) => {
                Self::retry_later(ErrorCode::Unavailable, 1).because(&error)
            }
            StoreError::Full => Self::new(ErrorCode::StorageFull).because(&error),
            other => Self::internal(&other),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Store(error) => error.into(),
            AccessError::LoginTaken => Self::new(ErrorCode::LoginTaken),
            AccessError::NotAnOfficial => Self::new(ErrorCode::NotAnOfficial),
            AccessError::Stale => Self::new(ErrorCode::PreconditionFailed),
            // The token endpoint and the resource of accounts have their own words for the rest.
            other => Self::internal(&other),
        }
    }
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::NoSuchCitizen => Self::new(ErrorCode::CitizenNotFound),
            RegistryError::NumberTaken => Self::new(ErrorCode::PersonalNumberTaken),
            RegistryError::NoSuchEvidence => Self::new(ErrorCode::EvidenceNotFound),
            RegistryError::Merged(kept) => Self::new(ErrorCode::RecordMerged).detail(
                format!("Hồ sơ này đã gộp vào hồ sơ {kept} của cùng một người; hãy dùng hồ sơ đó."),
                format!("This record was merged into {kept} of the same person; use that one."),
            ),
            RegistryError::Stale => Self::new(ErrorCode::PreconditionFailed),
            RegistryError::Invalid(errors) => Self::invalid_body(errors),
            RegistryError::Store(error) => error.into(),
        }
    }
}

impl From<PrivacyError> for Problem {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::Registry(error) => error.into(),
            PrivacyError::MustKeep(holds) => {
                Self::new(ErrorCode::RecordMustBeKept).errors(holds.into_iter().map(erasures::held))
            }
            PrivacyError::NamesThePerson => Self::invalid_body(vec![erasures::names_the_person()]),
        }
    }
}

impl From<DecisionError> for Problem {
    fn from(error: DecisionError) -> Self {
        match error {
            DecisionError::NoSuchDecision => Self::new(ErrorCode::DecisionNotFound),
            DecisionError::NothingToSupersede => at_member(ErrorCode::SupersedesUnknown, "/supersedes"),
            DecisionError::AlreadySuperseded(by) => Self::new(ErrorCode::SupersededAlready).detail(
                format!("Quyết định {by} đã thay thế quyết định này; hãy thay thế quyết định mới nhất."),
                format!("The decision {by} took the place of this one; supersede the latest."),
            ),
            DecisionError::LeavesOut(entitlements) => {
                let named =
                    |pick: fn(&Text) -> &str| entitlements.iter().map(pick).collect::<Vec<_>>().join("; ");
                at_member(ErrorCode::SupersedesNarrower, "/entitlements").detail(
                    format!("Quyết định mới phải xét cả: {}.", named(|title| &title.vi)),
                    format!("The new decision must answer these too: {}.", named(|title| &title.en)),
                )
            }
            DecisionError::Registry(error) => error.into(),
            DecisionError::Invalid(errors) => Self::invalid_body(errors),
        }
    }
}

impl From<CardError> for Problem {
    fn from(error: CardError) -> Self {
        let code = match error {
            CardError::NoSuchCard => return Self::new(ErrorCode::CardNotFound),
            CardError::NoSuchDecision => return Self::new(ErrorCode::DecisionNotFound),
            CardError::CardExists => return Self::new(ErrorCode::CardExists),
            CardError::Stale => return Self::new(ErrorCode::PreconditionFailed),
            CardError::WrongStatus(status) => {
                let named = match status {
                    CardStatus::Active => "đang dùng",
                    CardStatus::Suspended => "tạm dừng",
                    CardStatus::Revoked => "đã thu hồi",
                    CardStatus::Expired => "hết hạn",
                };
                let status = status.as_str();
                return Self::new(ErrorCode::CardWrongStatus).detail(
                    format!("Thẻ đang ở trạng thái “{named}” ({status}) nên không thực hiện được bước này."),
                    format!("The card is “{status}”: this step does not follow from there."),
                );
            }
            CardError::Store(error) => return error.into(),
            CardError::NotAboutTransit => ErrorCode::DecisionNotAboutTransit,
            CardError::NotEntitled(_) => ErrorCode::DecisionNotEntitled,
            CardError::NotFree => ErrorCode::FareNotFree,
            CardError::PlanPromiseOnly => ErrorCode::PlanPromiseOnly,
            CardError::Outdated => ErrorCode::DecisionOutdated,
            CardError::Superseded => ErrorCode::DecisionSuperseded,
            CardError::TermUndetermined => ErrorCode::CardTermUndetermined,
            CardError::NotRequired => ErrorCode::CardNotRequired,
        };
        // What is wrong with the decision is told at the member that names it, too.
        at_member(code, "/decision_id")
    }
}

/// A problem that is told at the member of the body it is about, too.
fn at_member(code: ErrorCode, pointer: &str) -> Problem {
    let (vi, en) = (code.wording(super::Lang::Vi), code.wording(super::Lang::En));
    let detail = Text::new(vi.detail, en.detail);
    Problem::new(code).errors([FieldError { pointer: pointer.into(), code: code.as_str(), detail }])
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread, time::Duration};

    use super::*;
    use crate::policy::Policy;

    #[test]
    fn work_that_hangs_is_given_up() {
        let file = std::env::temp_dir().join(format!("an-sinh-hangs-{}.db", std::process::id()));
        let config = Config {
            database_url: format!("sqlite://{}", file.display()).into(),
            database_patience: Duration::from_millis(20),
            ..Config::default()
        };
        let policy = Arc::new(Policy::embedded().expect("the embedded pack"));
        let state = web::Data::new(AppState::new(config, policy).expect("a state"));
        let done = rt::System::new().block_on(blocking(state, |_| {
            thread::sleep(Duration::from_millis(400));
            Ok(())
        }));
        let problem = done.expect_err("it hangs");
        assert_eq!(problem.code(), ErrorCode::Unavailable);
    }
}
