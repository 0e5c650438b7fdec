//! What every handler can reach.

use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{NaiveDate, TimeDelta, Utc};

use crate::{
    access::AccessError,
    api::{Config, Problem, health::Readiness, limits::Limits, metrics::Metrics, records::Records},
    decisions::packs::Packs,
    policy::Policy,
    store::StoreError,
};

/// Shared by all workers of one process.
#[derive(Debug)]
pub struct AppState {
    policy: ArcSwap<Policy>,
    /// Packs no longer in force, for decisions made by them.
    pub packs: Packs,
    /// How this process is set up.
    pub config: Config,
    /// How much one client may ask, and how much is taken on at once.
    pub limits: Limits,
    /// What is counted.
    pub metrics: Metrics,
    /// Records, and what guards them.
    pub records: Records,
    /// Whether the service can work.
    pub(super) readiness: Readiness,
}

/// Why the service can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Two counters have the same name, a fault of this program.
    #[error("the metrics can't be registered")]
    Metrics(#[from] prometheus::Error),
    /// The database can't be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys in it can't be used.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl AppState {
    /// A state that answers by `policy`.
    ///
    /// # Errors
    /// When something that every request needs can't be set up.
    pub fn new(config: Config, policy: impl Into<Arc<Policy>>) -> Result<Self, StartError> {
        let metrics = Metrics::new()?;
        let records = Records::open(&config)?;
        metrics.registry().register(Box::new(records.checks.clone()))?;
        for counted in records.store.measures().collectors() {
            metrics.registry().register(counted)?;
        }
        let policy = ArcSwap::new(policy.into());
        Ok(Self {
            policy,
            packs: Packs::default(),
            limits: Limits::new(&config),
            metrics,
            records,
            config,
            readiness: Readiness::default(),
        })
    }

    /// The pack in force. Take it once per request: one answer never mixes two packs. Nobody waits for anybody here, a swap
    /// included.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// Puts another pack in force. Requests that have begun keep the old one.
    pub fn replace_policy(&self, policy: Policy) {
        self.policy.store(Arc::new(policy));
    }

    /// Today in Hanoi.
    pub fn today(&self) -> NaiveDate {
        self.config.today.unwrap_or_else(today_in_hanoi)
    }

    /// Can the service do its work? Called by `/health/ready`, off the async threads.
    ///
    /// # Errors
    /// 503 naming no more than that something is missing; the cause goes to the log.
    pub fn check_ready(&self) -> Result<(), Problem> {
        // The pack is compiled before the service listens: what can fail later is the database.
        Ok(self.records.store.ping()?)
    }
}

/// Today by the clock of this machine, in Asia/Ho_Chi_Minh (UTC+7, no daylight saving).
pub fn today_in_hanoi() -> NaiveDate {
    (Utc::now() + TimeDelta::hours(7)).date_naive()
}
