//! How one process of the service is set up.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use chrono::NaiveDate;

use crate::{
    access::{TrustedIssuer, lifetimes::KEYS_READ_EVERY},
    privacy::KeepFor,
    store::Secret,
};

/// Settings of the HTTP service. The command line and the environment fill it; tests start from the default.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where records are kept: `sqlite://data/an-sinh.db`, `postgres://USER@HOST/NAME`.
    pub database_url: Secret,
    /// How long a request waits for the database: for a connection, and for writers of another process.
    pub database_patience: Duration,
    /// Largest body of a request that is read whole, in bytes.
    pub body_limit: usize,
    /// How long a client may take to send such a body.
    pub body_timeout: Duration,
    /// How long a client may take to send the head of a request.
    pub head_timeout: Duration,
    /// Requests worked on at once; more are answered 503 with `Retry-After`.
    pub max_in_flight: usize,
    /// Batches under way at once; more are answered 503 with `Retry-After`.
    pub max_batches: usize,
    /// A batch on which nothing moves for this long, neither in nor out, is ended after at most twice as long.
    pub batch_idle: Duration,
    /// Requests a minute for one address without a token; 0 = no limit.
    pub anonymous_per_minute: u32,
    /// Requests a minute for one authenticated principal; 0 = no limit.
    pub principal_per_minute: u32,
    /// Checks a minute of cards by personal number, for one principal; 0 = no limit.
    pub number_checks_per_minute: u32,
    /// Base64 of the 32 bytes that seal personal data; without it a key file beside the database is used.
    pub data_key: Option<Secret>,
    /// Name of the audit log in its checkpoints (C2SP `origin`): no space, no plus sign.
    pub audit_origin: String,
    /// File with such a key, used when `data_key` is not given.
    pub data_key_file: Option<PathBuf>,
    /// Days after a decision in which an appeal counts as in time.
    pub appeal_days: u32,
    /// How long a decision is kept after its day; none = not told, and then no decision is erased.
    pub keep_decisions: Option<KeepFor>,
    /// Demand that whoever reads a record says why, in `An-Sinh-Purpose`.
    pub require_purpose: bool,
    /// Demand a token for stateless evaluation and the policy browser too. Without it, anyone may ask.
    pub require_token: bool,
    /// Take the client's address from `Forwarded` / `X-Forwarded-For`. Only behind a proxy that sets them.
    pub trust_forwarded: bool,
    /// An outside issuer whose tokens are accepted beside our own.
    pub trusted_issuer: Option<TrustedIssuer>,
    /// How often the keys that verify tokens are read again.
    pub keys_read_every: Duration,
    /// A fixed "today" instead of the clock, for tests and demonstrations.
    pub today: Option<NaiveDate>,
    /// Worker threads; `None` = one per core.
    pub workers: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            database_url: "sqlite://data/an-sinh.db".into(),
            database_patience: Duration::from_secs(5),
            body_limit: 1024 * 1024,
            body_timeout: Duration::from_secs(15),
            head_timeout: Duration::from_secs(10),
            max_in_flight: 256,
            max_batches: 16,
            batch_idle: Duration::from_secs(60),
            anonymous_per_minute: 6_000,
            principal_per_minute: 60_000,
            number_checks_per_minute: 60,
            data_key: None,
            audit_origin: "an-sinh/audit".into(),
            data_key_file: None,
            appeal_days: 90,
            keep_decisions: None,
            require_purpose: false,
            require_token: false,
            trust_forwarded: false,
            trusted_issuer: None,
            keys_read_every: KEYS_READ_EVERY,
            today: None,
            workers: None,
        }
    }
}
