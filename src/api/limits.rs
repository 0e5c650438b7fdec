//! How much one client may ask, and how much the service takes on at once.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};

use actix_web::{
    dev::ConnectionInfo,
    http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};

use crate::api::{Config, ErrorCode, Problem};

/// Old keys are dropped once in this many checks, so that memory stays bounded.
const SWEEP_EVERY: u32 = 4_096;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The limits of one process.
#[derive(Debug)]
pub struct Limits {
    addresses: Bucket,
    principals: Bucket,
    in_flight: AtomicUsize,
    max_in_flight: usize,
    batches: Arc<AtomicUsize>,
    max_batches: usize,
}

impl Limits {
    /// As the configuration says.
    pub fn new(config: &Config) -> Self {
        Self {
            addresses: Bucket::new("address", config.anonymous_per_minute),
            principals: Bucket::new("principal", config.principal_per_minute),
            in_flight: AtomicUsize::new(0),
            max_in_flight: config.max_in_flight,
            batches: Arc::default(),
            max_batches: config.max_batches,
        }
    }

    /// Takes a place among the requests being worked on. It is given back when the guard is dropped.
    ///
    /// # Errors
    /// 503 with `Retry-After` when all places are taken: an early no is better than a late yes.
    pub fn enter(&self) -> Result<InFlight<'_>, Problem> {
        let guard = InFlight(&self.in_flight);
        if self.in_flight.fetch_add(1, Ordering::Relaxed) >= self.max_in_flight {
            return Err(Problem::retry_later(ErrorCode::Overloaded, 1));
        }
        Ok(guard)
    }

    /// Requests being worked on now.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Takes a place among the batches under way. A request leaves its place among those being worked on when its answer
    /// begins; the answer of a batch may go on for hours, and each holds memory and threads.
    ///
    /// # Errors
    /// 503 with `Retry-After` when all places are taken.
    pub fn enter_batch(&self) -> Result<BatchPlace, Problem> {
        let place = BatchPlace(Arc::clone(&self.batches));
        if self.batches.fetch_add(1, Ordering::Relaxed) >= self.max_batches {
            return Err(Problem::retry_later(ErrorCode::Overloaded, 10));
        }
        Ok(place)
    }

    /// Batches under way now.
    pub fn batches(&self) -> usize {
        self.batches.load(Ordering::Relaxed)
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn charge_address(&self, address: IpAddr) -> Result<Option<RateStatus>, Problem> {
        self.addresses.charge(&network(address).to_string())
    }

    /// Counts a request of an authenticated principal (its stable id, never a name).
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn charge_principal(&self, principal: &str) -> Result<Option<RateStatus>, Problem> {
        self.principals.charge(principal)
    }
}

/// One place among the requests being worked on.
#[derive(Debug)]
pub struct InFlight<'l>(&'l AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One place among the batches under way; given back when dropped.
#[derive(Debug)]
pub struct BatchPlace(Arc<AtomicUsize>);

impl Drop for BatchPlace {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is left of a quota, for `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
#[derive(Debug, Clone, Copy)]
pub struct RateStatus {
    policy: &'static str,
    quota: u32,
    remaining: u32,
}

impl RateStatus {
    /// Writes the two headers. The window is a minute.
    pub fn write(&self, headers: &mut HeaderMap) {
        let Self { policy, quota, remaining } = *self;
        // Used requests come back evenly over the window: this is when all are back.
        let reset = (u64::from(quota - remaining.min(quota)) * 60).div_ceil(u64::from(quota.max(1)));
        let values = [
            (RATE_LIMIT_POLICY, format!("\"{policy}\";q={quota};w=60")),
            (RATE_LIMIT, format!("\"{policy}\";r={remaining};t={reset}")),
        ];
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

type Keyed = RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// One quota for many keys. Without limiter everything passes.
#[derive(Debug)]
pub struct Bucket {
    policy: &'static str,
    per_minute: u32,
    limiter: Option<Keyed>,
    checks: AtomicU32,
}

impl Bucket {
    /// A quota a minute for each key; 0 = no limit.
    pub fn new(policy: &'static str, per_minute: u32) -> Self {
        let limiter = NonZeroU32::new(per_minute)
            .map(|rate| RateLimiter::keyed(Quota::per_minute(rate)).with_middleware());
        Self { policy, per_minute, limiter, checks: AtomicU32::new(0) }
    }

    /// Counts a request of `key`.
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn charge(&self, key: &str) -> Result<Option<RateStatus>, Problem> {
        let Some(limiter) = &self.limiter else { return Ok(None) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            limiter.retain_recent();
        }
        let status = |remaining| RateStatus { policy: self.policy, quota: self.per_minute, remaining };
        match limiter.check_key(&key.to_owned()) {
            Ok(snapshot) => Ok(Some(status(snapshot.remaining_burst_capacity()))),
            Err(refused) => {
                let wait = refused.wait_time_from(DefaultClock::default().now());
                let seconds = wait.as_secs() + 1;
                let mut headers = HeaderMap::new();
                status(0).write(&mut headers);
                let problem =
                    Problem::new(ErrorCode::RateLimited).header(RETRY_AFTER, HeaderValue::from(seconds));
                Err(headers.into_iter().fold(problem, |problem, (name, value)| problem.header(name, value)))
            }
        }
    }
}

/// The address of the client, as far as it can be known.
pub fn client_address(trust_forwarded: bool, connection: &ConnectionInfo) -> IpAddr {
    let text = if trust_forwarded { connection.realip_remote_addr() } else { connection.peer_addr() };
    text.and_then(|text| text.parse().ok()).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

/// A household or office has a whole /64 of IPv6: it counts as one client.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.into(),
            None => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_counts_as_one_client() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn the_quota_is_used_up_and_told() {
        let bucket = Bucket::new("address", 3);
        let left: Vec<_> =
            (0..3).map(|_| bucket.charge("a").unwrap().map(|status| status.remaining)).collect();
        assert_eq!(left, [Some(2), Some(1), Some(0)]);
        assert_eq!(bucket.charge("a").unwrap_err().code(), ErrorCode::RateLimited);
        assert!(bucket.charge("b").is_ok(), "another key has its own quota");
        assert!(Bucket::new("address", 0).charge("a").unwrap().is_none(), "0 is no limit");
    }

    #[test]
    fn places_are_given_back() {
        let limits = Limits::new(&Config { max_in_flight: 1, ..Config::default() });
        let place = limits.enter().unwrap();
        assert_eq!(limits.enter().unwrap_err().code(), ErrorCode::Overloaded);
        drop(place);
        assert!(limits.enter().is_ok());
        assert_eq!(limits.in_flight(), 0);
    }
}
