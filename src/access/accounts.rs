//! Accounts: made, shut, opened, given another role or secret. Each change is audited in its own transaction, and ends
//! the sessions it must end.

use chrono::{DateTime, Utc};

use super::{AccessError, Caller, HashedSecret, Role, Scope, UnitRule, passwords, sign_in::prove};
use crate::{
    audit,
    facts::UnitCode,
    store::{
        AnyConn, Store, StoreError,
        accounts::{self, Account, AccountKind},
        refresh_tokens,
    },
};

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// What it is for.
    pub role: Role,
    /// Name to sign in with.
    pub login: &'a str,
    /// Password or client secret.
    pub secret: HashedSecret,
    /// Unit whose citizens it may see, as the role allows.
    pub unit: Option<UnitCode>,
    /// Narrows the role; empty = the whole role.
    pub scopes: &'a [Scope],
    /// The password was chosen by somebody else and serves only to choose another.
    pub must_change: bool,
}

/// Whether a login may be given: 2 to 64 small letters, digits, `.`, `_` and `-`, the first a letter or digit. It stands
/// in tokens, in records and in the audit log, so it holds nothing that could be taken for something else.
pub fn is_login(text: &str) -> bool {
    let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    (2..=64).contains(&text.len())
        && text.bytes().all(|letter| plain(letter) || b"._-".contains(&letter))
        && text.bytes().next().is_some_and(plain)
}

/// Makes an account.
///
/// # Errors
/// [`AccessError::LoginTaken`] when the login is in use, by whatever kind of account; [`AccessError::BadLogin`],
/// [`AccessError::Unit`] and [`AccessError::Scope`] when login, unit or scopes don't fit.
pub fn create_account(
    conn: &mut AnyConn,
    new: NewAccount<'_>,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Account, AccessError> {
    if !is_login(new.login) {
        return Err(AccessError::BadLogin);
    }
    fits(new.role, new.unit, new.scopes)?;
    for kind in [AccountKind::Official, AccountKind::Client] {
        if accounts::find(conn, kind, new.login)?.is_some() {
            return Err(AccessError::LoginTaken);
        }
    }
    let account = Account {
        id: uuid::Uuid::now_v7().to_string(),
        kind: new.role.kind(),
        login: new.login.to_owned(),
        secret_hash: new.secret.into_phc(),
        unit: new.unit.map(|unit| unit.as_str().to_owned()),
        role: new.role.as_str().to_owned(),
        scopes: Scope::join(new.scopes),
        failed_attempts: 0,
        locked_until: None,
        disabled: false,
        must_change: new.must_change,
        password_changed_at: Some(now),
        created_at: now,
        version: 1,
    };
    match accounts::insert(conn, &account) {
        // Another server was faster.
        Err(StoreError::Constraint(_)) => return Err(AccessError::LoginTaken),
        other => other?,
    }
    note(conn, actor, "account.created", &account.id, now)?;
    Ok(account)
}

/// Whether unit and scopes fit a role.
fn fits(role: Role, unit: Option<UnitCode>, scopes: &[Scope]) -> Result<(), AccessError> {
    match (role.unit(), unit) {
        (UnitRule::Required, None) | (UnitRule::None, Some(_)) => return Err(AccessError::Unit),
        _ => {}
    }
    if scopes.iter().all(|scope| role.scopes().contains(scope)) { Ok(()) } else { Err(AccessError::Scope) }
}

/// Shuts an account, or opens it again (and forgets failed attempts). Its sessions end at once; access tokens run out
/// within a quarter of an hour. An account that is so already stays as it is.
///
/// # Errors
/// [`AccessError::Stale`] when another change was faster.
pub fn set_disabled(
    conn: &mut AnyConn,
    mut account: Account,
    disabled: bool,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Account, AccessError> {
    if account.disabled == disabled {
        return Ok(account);
    }
    account.disabled = disabled;
    forget_failures(&mut account);
    let action = if disabled { "account.disabled" } else { "account.enabled" };
    change(conn, account, action, None, actor, now)
}

/// Gives an account another role of its kind, with unit and narrower scopes. Its sessions end.
///
/// # Errors
/// [`AccessError::OtherKind`] for a role of the other kind, [`AccessError::Unit`] and [`AccessError::Scope`] when those
/// don't fit, [`AccessError::Stale`] when another change was faster.
pub fn set_role(
    conn: &mut AnyConn,
    mut account: Account,
    role: Role,
    unit: Option<UnitCode>,
    scopes: &[Scope],
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Account, AccessError> {
    if role.kind() != account.kind {
        return Err(AccessError::OtherKind);
    }
    fits(role, unit, scopes)?;
    account.role = role.as_str().to_owned();
    account.unit = unit.map(|unit| unit.as_str().to_owned());
    account.scopes = Scope::join(scopes);
    change(conn, account, "account.role_changed", None, actor, now)
}

/// Sets a password or client secret that its holder did not choose; `must_change` makes an official choose another
/// first. Failed attempts are forgotten, sessions end.
///
/// # Errors
/// [`AccessError::Stale`] when another change was faster.
pub fn reset_secret(
    conn: &mut AnyConn,
    mut account: Account,
    secret: HashedSecret,
    must_change: bool,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Account, AccessError> {
    account.secret_hash = secret.into_phc();
    account.must_change = must_change && account.kind == AccountKind::Official;
    account.password_changed_at = Some(now);
    forget_failures(&mut account);
    change(conn, account, "account.secret_reset", None, actor, now)
}

/// Lets an official choose another password. All other sessions of theirs end. A wrong old password counts as a failed
/// attempt.
///
/// # Errors
/// [`AccessError::NotAnOfficial`] when the caller has no built-in account of a person; [`AccessError::Weak`];
/// [`AccessError::Refused`] when the old password is wrong or the account is locked or shut.
pub fn change_password(
    store: &Store,
    caller: &Caller,
    old: &str,
    new: &str,
    now: DateTime<Utc>,
) -> Result<(), AccessError> {
    let login = caller.subject.strip_prefix("official:").ok_or(AccessError::NotAnOfficial)?;
    passwords::check(login, new).map_err(AccessError::Weak)?;
    if old == new {
        return Err(AccessError::Weak(passwords::WeakPassword::Same));
    }
    let mut account = prove(store, AccountKind::Official, login, old, now)?;
    let secret = HashedSecret::new(new)?;
    store.write(|conn| {
        account.secret_hash = secret.into_phc();
        account.must_change = false;
        account.password_changed_at = Some(now);
        forget_failures(&mut account);
        let keep = caller.session.as_deref();
        change(conn, account, "account.password_changed", keep, &caller.subject, now).map(drop)
    })
}

fn forget_failures(account: &mut Account) {
    account.failed_attempts = 0;
    account.locked_until = None;
}

/// Writes a change, ends the account's sessions but the one to `keep`, and notes it.
fn change(
    conn: &mut AnyConn,
    mut account: Account,
    action: &'static str,
    keep: Option<&str>,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Account, AccessError> {
    if !accounts::update(conn, &account)? {
        return Err(AccessError::Stale);
    }
    account.version += 1;
    refresh_tokens::end_account(conn, &account.id, keep)?;
    note(conn, actor, action, &account.id, now)?;
    Ok(account)
}

/// Adds a line to the audit log. Its subject is an id: a login may be somebody's name.
pub(super) fn note(
    conn: &mut AnyConn,
    actor: &str,
    action: &'static str,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    audit::append(conn, audit::Entry { actor, action, subject, receipt: None }, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_cannot_be_taken_for_something_else() {
        for good in ["lan", "canbo.caugiay", "transit-operator", "he_thong-2", "9a"] {
            assert!(is_login(good), "{good}");
        }
        let long = "a".repeat(65);
        for bad in ["", "a", "Lan", "lan anh", "official:lan", ".lan", "-lan", "lân", "a\nb", "a/b", &long] {
            assert!(!is_login(bad), "{bad}");
        }
    }
}
