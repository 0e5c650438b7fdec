//! Accounts: making one, and signing in with lock-out after repeated failures.

use chrono::{DateTime, Duration, Utc};

use super::{AccountKind, Caller, Scope, passwords};
use crate::{
    facts::UnitCode,
    store::{AnyConn, Store, StoreError, accounts},
};

/// Failures in a row before an account stops listening.
const PATIENCE: i32 = 5;
/// First lock; doubles with each further failure, up to [`LONGEST_LOCK_MINUTES`].
const FIRST_LOCK_MINUTES: i64 = 1;
/// Longest lock. Not for ever: a stranger who guesses must not shut an official out for a day.
const LONGEST_LOCK_MINUTES: i64 = 60;
/// Longer secrets are no secrets but an attempt to keep us hashing.
const LONGEST_SECRET: usize = 256;

/// Why an account was refused.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Wrong name, wrong secret or locked: one answer for all three.
    #[error("the credentials were refused")]
    Refused,
    /// A scope was asked for that the account does not hold.
    #[error("a scope was asked for that the account does not hold")]
    Scope,
    /// The login is in use.
    #[error("the login is in use")]
    LoginTaken,
    /// The secret could not be hashed or a token not be signed.
    #[error("cryptography failed: {0}")]
    Crypto(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// Person or machine.
    pub kind: AccountKind,
    /// Name to sign in with.
    pub login: &'a str,
    /// Password or client secret.
    pub secret: &'a str,
    /// Unit whose citizens it may see; none = all.
    pub unit: Option<UnitCode>,
    /// What it may do.
    pub scopes: &'a [Scope],
}

/// Makes an account.
///
/// # Errors
/// [`AccessError::LoginTaken`] when the login is in use.
pub fn create_account(
    conn: &mut AnyConn,
    account: NewAccount<'_>,
    now: DateTime<Utc>,
) -> Result<(), AccessError> {
    let row = accounts::Account {
        id: uuid::Uuid::now_v7().to_string(),
        login: account.login.to_owned(),
        secret_hash: passwords::hash(account.secret).map_err(|e| AccessError::Crypto(e.to_string()))?,
        unit: account.unit.map(|unit| unit.as_str().to_owned()),
        scopes: Scope::join(account.scopes),
        failed_attempts: 0,
        locked_until: None,
    };
    match accounts::insert(conn, account.kind, &row, now) {
        Err(StoreError::Constraint(_)) => Err(AccessError::LoginTaken),
        other => Ok(other?),
    }
}

/// Signs in. Without `wanted` the caller gets every scope of the account.
///
/// # Errors
/// [`AccessError::Refused`] for an unknown login, a wrong secret and a locked account alike, after hashing as much;
/// [`AccessError::Scope`] when more is asked for than the account holds.
pub fn sign_in(
    store: &Store,
    kind: AccountKind,
    login: &str,
    secret: &str,
    wanted: Option<&[Scope]>,
    now: DateTime<Utc>,
) -> Result<Caller, AccessError> {
    if secret.len() > LONGEST_SECRET {
        return Err(AccessError::Refused);
    }
    let account = store.read(|conn| accounts::find(conn, kind, login))?;
    let Some(account) = account.filter(|account| account.locked_until.is_none_or(|until| until <= now))
    else {
        passwords::pretend(secret);
        return Err(AccessError::Refused);
    };
    if !passwords::verify(secret, &account.secret_hash) {
        // Only passwords can be guessed. A client's secret is random, and whoever could lock a client out could stop
        // every bus from checking cards.
        if kind == AccountKind::Official {
            note_failure(store, kind, login, now)?;
        }
        return Err(AccessError::Refused);
    }
    if account.failed_attempts > 0 {
        store.write(|conn| accounts::set_attempts(conn, &account.id, 0, None))?;
    }
    let held = Scope::parse_list(&account.scopes).unwrap_or_default();
    let scopes = match wanted {
        None => held,
        Some(wanted) if wanted.iter().all(|scope| held.contains(scope)) => wanted.to_vec(),
        Some(_) => return Err(AccessError::Scope),
    };
    Ok(Caller { subject: format!("{}:{}", kind.as_str(), account.login), unit: account.unit, scopes })
}

/// Counts a failure against the number kept now, so that failures side by side all count.
fn note_failure(store: &Store, kind: AccountKind, login: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    store.write(|conn| {
        let Some(account) = accounts::find(conn, kind, login)? else { return Ok(()) };
        let failed = account.failed_attempts.saturating_add(1);
        let locked_until = (failed >= PATIENCE).then(|| now + lock_for(failed));
        if locked_until.is_some() {
            tracing::warn!(account.id = %account.id, failed, "Account locked after repeated failures");
        }
        accounts::set_attempts(conn, &account.id, failed, locked_until)
    })
}

fn lock_for(failed: i32) -> Duration {
    let doublings = u32::try_from(failed - PATIENCE).unwrap_or(0).min(10);
    Duration::minutes((FIRST_LOCK_MINUTES << doublings).min(LONGEST_LOCK_MINUTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_grow_to_an_hour_and_no_longer() {
        let minutes: Vec<i64> = (5..=12).map(|failed| lock_for(failed).num_minutes()).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(lock_for(i32::MAX).num_minutes(), 60);
    }
}
