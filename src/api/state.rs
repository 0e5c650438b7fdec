//! What every handler can reach.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{NaiveDate, TimeDelta, Utc};

use crate::{api::config::Config, policy::Policy};

/// Shared by all workers of one process.
#[derive(Debug)]
pub struct AppState {
    policy: RwLock<Arc<Policy>>,
    /// How this process is set up.
    pub config: Config,
}

impl AppState {
    /// A state that answers by `policy`.
    pub fn new(config: Config, policy: Policy) -> Self {
        Self { policy: RwLock::new(Arc::new(policy)), config }
    }

    /// The pack in force. Take it once per request: one answer never mixes two packs.
    pub fn policy(&self) -> Arc<Policy> {
        // A poisoned lock still holds a whole `Arc`: the swap below can't be seen half done.
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another pack in force. Requests that have begun keep the old one.
    pub fn replace_policy(&self, policy: Policy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }

    /// Today in Hanoi. Việt Nam keeps UTC+7 the whole year.
    pub fn today(&self) -> NaiveDate {
        self.config.today.unwrap_or_else(today_in_hanoi)
    }
}

/// Today by the clock of this machine, in Asia/Ho_Chi_Minh (UTC+7, no daylight saving).
pub fn today_in_hanoi() -> NaiveDate {
    (Utc::now() + TimeDelta::hours(7)).date_naive()
}
