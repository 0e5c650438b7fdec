//! Signing in, with lock-out after repeated failures.

use chrono::{DateTime, Duration, Utc};

use super::{
    AccessError, AccountKind, Caller, Role, Scope,
    accounts::note,
    passwords,
    sessions::{self, Refresh},
};
use crate::store::{
    Store, StoreError,
    accounts::{self, Account},
};

/// Failures in a row before an account stops listening.
const PATIENCE: i32 = 5;
/// First lock; doubles with each further failure, up to [`LONGEST_LOCK_MINUTES`].
const FIRST_LOCK_MINUTES: i64 = 1;
/// Longest lock. Not for ever: a stranger who guesses must not shut an official out for a day.
const LONGEST_LOCK_MINUTES: i64 = 60;
/// Who locks an account: nobody whose name is known.
const GUARD: &str = "system:sign-in";

/// Somebody who proved who they are.
#[derive(Debug)]
pub struct SignedIn {
    /// Who, and what they may do now.
    pub caller: Caller,
    /// For officials: how to stay signed in.
    pub refresh: Option<Refresh>,
    /// They must choose a new password first and may do nothing else.
    pub must_change: bool,
}

/// Signs in. Without `wanted` the caller gets every scope of the account. An official gets a session with it; one who
/// must choose a new password gets neither session nor scopes.
///
/// # Errors
/// [`AccessError::Refused`] for an unknown login, a wrong secret, a locked and a shut account alike, after hashing as
/// much; [`AccessError::Scope`] when more is asked for than the account holds.
pub fn sign_in(
    store: &Store,
    kind: AccountKind,
    login: &str,
    secret: &str,
    wanted: Option<&[Scope]>,
    now: DateTime<Utc>,
) -> Result<SignedIn, AccessError> {
    let account = prove(store, kind, login, secret, now)?;
    if account.must_change {
        let caller = caller(&account, Vec::new(), None);
        return Ok(SignedIn { caller, refresh: None, must_change: true });
    }
    let scopes = choose(held(&account), wanted)?;
    if kind == AccountKind::Client {
        return Ok(SignedIn { caller: caller(&account, scopes, None), refresh: None, must_change: false });
    }
    store.write(|conn| {
        // Hashing took its time: whatever changed meanwhile counts.
        let now_kept = accounts::find_by_id(conn, &account.id)?;
        if now_kept.is_none_or(|kept| kept.version != account.version) {
            return Err(AccessError::Refused);
        }
        if account.failed_attempts > 0 {
            accounts::set_attempts(conn, &account.id, 0, None)?;
        }
        let (family, refresh) = sessions::begin(conn, &account.id, &scopes, now)?;
        let caller = caller(&account, scopes, Some(family));
        Ok(SignedIn { caller, refresh: Some(refresh), must_change: false })
    })
}

/// The account, if it listens and `secret` is its secret.
pub(super) fn prove(
    store: &Store,
    kind: AccountKind,
    login: &str,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Account, AccessError> {
    if secret.len() > passwords::LONGEST_SECRET {
        return Err(AccessError::Refused);
    }
    let account = store.read(|conn| accounts::find(conn, kind, login))?;
    let listens =
        |account: &Account| !account.disabled && account.locked_until.is_none_or(|until| until <= now);
    let Some(account) = account.filter(listens) else {
        passwords::pretend(secret)?;
        return Err(AccessError::Refused);
    };
    if !passwords::verify(secret, &account.secret_hash)? {
        // Only passwords can be guessed. A client's secret is random, and whoever could lock a client out could stop
        // every bus from checking cards.
        if kind == AccountKind::Official {
            note_failure(store, kind, login, now)?;
        }
        return Err(AccessError::Refused);
    }
    Ok(account)
}

/// What an account may do. A role that this program does not know gives nothing.
pub fn held(account: &Account) -> Vec<Scope> {
    let kept = Scope::parse_list(&account.scopes);
    Role::parse(&account.role).zip(kept).map(|(role, kept)| role.narrowed(&kept)).unwrap_or_default()
}

/// The scopes asked for, all of which must be held; all that are held when none are asked for.
pub(super) fn choose(held: Vec<Scope>, wanted: Option<&[Scope]>) -> Result<Vec<Scope>, AccessError> {
    match wanted {
        None => Ok(held),
        Some(wanted) if wanted.iter().all(|scope| held.contains(scope)) => Ok(wanted.to_vec()),
        Some(_) => Err(AccessError::Scope),
    }
}

pub(super) fn caller(account: &Account, scopes: Vec<Scope>, session: Option<String>) -> Caller {
    let subject = format!("{}:{}", account.kind.as_str(), account.login);
    Caller { subject, unit: account.unit.clone(), scopes, session }
}

/// Counts a failure against the number kept now, so that failures side by side all count.
fn note_failure(store: &Store, kind: AccountKind, login: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    store.write(|conn| {
        let Some(account) = accounts::find(conn, kind, login)? else { return Ok(()) };
        let failed = account.failed_attempts.saturating_add(1);
        let locked_until = (failed >= PATIENCE).then(|| now + lock_for(failed));
        if locked_until.is_some() {
            tracing::warn!(account.id = %account.id, failed, "Account locked after repeated failures");
            note(conn, GUARD, "account.locked", &account.id, now)?;
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
