//! Staying signed in: refresh tokens that are good once (RFC 9700 §4.14.2).
//!
//! Each use gives the next token of the family. A used token that comes back was copied, by a thief or from one: the
//! family ends, and whoever is in the right signs in anew.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};

use super::{
    AccessError, Caller, Scope,
    accounts::note,
    lifetimes::{REFRESH_IDLE, REFRESH_LONGEST},
    passwords::random_secret,
    sign_in::{caller, choose, held},
};
use crate::store::{
    AnyConn, Store, StoreError, accounts,
    refresh_tokens::{self, RefreshToken},
};

/// A refresh token just made. It is kept as a hash only.
#[derive(Clone)]
pub struct Refresh {
    /// The token.
    pub token: String,
    /// Seconds within which it must be used.
    pub expires_in: i64,
}

impl std::fmt::Debug for Refresh {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refresh").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// Begins a family; its name, and its first token. Families that ended long ago are dropped on the way.
pub(super) fn begin(
    conn: &mut AnyConn,
    account: &str,
    scopes: &[Scope],
    now: DateTime<Utc>,
) -> Result<(String, Refresh), AccessError> {
    refresh_tokens::sweep(conn, now)?;
    let family = uuid::Uuid::now_v7().to_string();
    let refresh = give(conn, account, &family, &Scope::join(scopes), now + REFRESH_LONGEST, now)?;
    Ok((family, refresh))
}

/// What came of presenting a token.
enum Outcome {
    Renewed(Caller, Refresh),
    /// Unknown, run out, or of an account that may not go on.
    Refused,
}

/// Exchanges a refresh token for the next one and a caller with the `wanted` of its scopes.
///
/// # Errors
/// [`AccessError::Refused`] when the token is unknown, used, run out or its account shut; [`AccessError::Scope`] when more
/// is asked for than was granted (the token then stays good).
pub fn refresh(
    store: &Store,
    token: &str,
    wanted: Option<&[Scope]>,
    now: DateTime<Utc>,
) -> Result<(Caller, Refresh), AccessError> {
    let hash = hash(token);
    // What a refusal changes (a family ended, a line in the audit log) must stay, so it is no error in here.
    match store.write(|conn| exchange(conn, &hash, wanted, now))? {
        Outcome::Renewed(caller, refresh) => Ok((caller, refresh)),
        Outcome::Refused => Err(AccessError::Refused),
    }
}

fn exchange(
    conn: &mut AnyConn,
    hash: &[u8],
    wanted: Option<&[Scope]>,
    now: DateTime<Utc>,
) -> Result<Outcome, AccessError> {
    let Some(kept) = refresh_tokens::find(conn, hash)? else { return Ok(Outcome::Refused) };
    if kept.used_at.is_some() {
        return reused(conn, &kept, now);
    }
    if kept.expires_at <= now || kept.family_ends_at <= now {
        return Ok(Outcome::Refused);
    }
    if !refresh_tokens::use_up(conn, hash, now)? {
        return reused(conn, &kept, now);
    }
    let account = accounts::find_by_id(conn, &kept.account)?;
    let Some(account) = account.filter(|account| !account.disabled && !account.must_change) else {
        refresh_tokens::end_family(conn, &kept.family)?;
        return Ok(Outcome::Refused);
    };
    let granted = Scope::parse_list(&kept.scopes).unwrap_or_default();
    let held = held(&account).into_iter().filter(|scope| granted.contains(scope)).collect();
    let scopes = choose(held, wanted)?;
    let next = give(conn, &account.id, &kept.family, &kept.scopes, kept.family_ends_at, now)?;
    Ok(Outcome::Renewed(caller(&account, scopes, Some(kept.family)), next))
}

fn reused(conn: &mut AnyConn, kept: &RefreshToken, now: DateTime<Utc>) -> Result<Outcome, AccessError> {
    refresh_tokens::end_family(conn, &kept.family)?;
    note(conn, "system:sign-in", "session.reuse_detected", &kept.account, now)?;
    tracing::warn!(account.id = %kept.account, "A used refresh token came back; its session was ended");
    Ok(Outcome::Refused)
}

/// Ends the session of a refresh token (RFC 7009). A token that is not known is ended already.
///
/// # Errors
/// When the store fails.
pub fn revoke(store: &Store, token: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let hash = hash(token);
    store.write(|conn| {
        let Some(kept) = refresh_tokens::find(conn, &hash)? else { return Ok(()) };
        refresh_tokens::end_family(conn, &kept.family)?;
        note(conn, "system:sign-in", "session.revoked", &kept.account, now)
    })
}

fn give(
    conn: &mut AnyConn,
    account: &str,
    family: &str,
    scopes: &str,
    family_ends_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Refresh, AccessError> {
    let token = random_secret()?;
    let expires_at = (now + REFRESH_IDLE).min(family_ends_at);
    let kept = RefreshToken {
        hash: hash(&token),
        family: family.to_owned(),
        account: account.to_owned(),
        scopes: scopes.to_owned(),
        issued_at: now,
        expires_at,
        family_ends_at,
        used_at: None,
    };
    refresh_tokens::insert(conn, &kept)?;
    Ok(Refresh { token, expires_in: (expires_at - now).num_seconds() })
}

/// A token is random, so a plain hash is as good as a slow one.
fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}
