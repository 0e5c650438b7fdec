//! How long things are good for, in one place.

use std::time::Duration as Time;

use chrono::Duration;

/// Seconds an access token lives. It can't be called back: what was taken from an account stays usable so long.
pub const TOKEN_SECONDS: i64 = 15 * 60;
/// A refresh token that is not used for so long is dead: a working day and a night.
pub const REFRESH_IDLE: Duration = Duration::hours(12);
/// After so long somebody signs in anew, however often the token was renewed.
pub const REFRESH_LONGEST: Duration = Duration::days(30);

/// Clocks of two of our own servers, or ours and an outside issuer's, differ by no more, in seconds.
pub(super) const LEEWAY_SECONDS: u64 = 5;
/// Each server knows of a change of the keys within this time, whether or not a token reminds it.
pub const KEYS_KNOWN_WITHIN: Duration = Duration::seconds(60);
/// How often keys are read again. Well below [`KEYS_KNOWN_WITHIN`], so that one failure is no harm.
pub const KEYS_READ_EVERY: Time = Time::from_secs(20);
/// A token with an unknown key makes us look again, at most this often: strangers must not keep us reading.
pub(super) const KEYS_PAUSE: Time = Time::from_secs(2);
/// The same for the keys of an outside issuer, where looking means asking another server.
pub(super) const OUTSIDE_PAUSE: Time = Time::from_secs(15);
