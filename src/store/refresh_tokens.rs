//! Refresh tokens: hashes only. Tokens of one sign-in form a family.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{AnyConn, StoreError, schema::refresh_tokens, stored};

/// A refresh token as kept.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// The sign-in it goes back to.
    pub family: String,
    /// Whose it is.
    pub account: String,
    /// Scopes granted at the sign-in, parted by spaces.
    pub scopes: String,
    /// When it was given out.
    pub issued_at: DateTime<Utc>,
    /// Good until then, unless it is used before.
    pub expires_at: DateTime<Utc>,
    /// When the whole family ends, however often it is renewed.
    pub family_ends_at: DateTime<Utc>,
    /// When it was exchanged for the next one.
    pub used_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
struct Row {
    token_hash: Vec<u8>,
    family: String,
    account_id: String,
    scopes: String,
    issued_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    family_ends_at: NaiveDateTime,
    used_at: Option<NaiveDateTime>,
}

/// Keeps a token.
///
/// # Errors
/// When the store fails.
pub fn insert(conn: &mut AnyConn, token: &RefreshToken) -> Result<(), StoreError> {
    diesel::insert_into(refresh_tokens::table)
        .values(Row {
            token_hash: token.hash.clone(),
            family: token.family.clone(),
            account_id: token.account.clone(),
            scopes: token.scopes.clone(),
            issued_at: stored(token.issued_at),
            expires_at: stored(token.expires_at),
            family_ends_at: stored(token.family_ends_at),
            used_at: token.used_at.map(stored),
        })
        .execute(conn)?;
    Ok(())
}

/// The token with this hash.
///
/// # Errors
/// When the store fails.
pub fn find(conn: &mut AnyConn, hash: &[u8]) -> Result<Option<RefreshToken>, StoreError> {
    let row: Option<Row> =
        refresh_tokens::table.find(hash).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(|row| RefreshToken {
        hash: row.token_hash,
        family: row.family,
        account: row.account_id,
        scopes: row.scopes,
        issued_at: row.issued_at.and_utc(),
        expires_at: row.expires_at.and_utc(),
        family_ends_at: row.family_ends_at.and_utc(),
        used_at: row.used_at.map(|at| at.and_utc()),
    }))
}

/// Marks a token as used; `false` when it was already. One statement, so that of two servers that present the same
/// token only one gets `true`.
///
/// # Errors
/// When the store fails.
pub fn use_up(conn: &mut AnyConn, hash: &[u8], at: DateTime<Utc>) -> Result<bool, StoreError> {
    let unused = refresh_tokens::table.find(hash).filter(refresh_tokens::used_at.is_null());
    Ok(diesel::update(unused).set(refresh_tokens::used_at.eq(stored(at))).execute(conn)? == 1)
}

/// Ends a family; how many tokens it had.
///
/// # Errors
/// When the store fails.
pub fn end_family(conn: &mut AnyConn, family: &str) -> Result<usize, StoreError> {
    Ok(diesel::delete(refresh_tokens::table.filter(refresh_tokens::family.eq(family))).execute(conn)?)
}

/// Ends all families of an account but, where one is named, that one.
///
/// # Errors
/// When the store fails.
pub fn end_account(conn: &mut AnyConn, account: &str, but: Option<&str>) -> Result<(), StoreError> {
    // No family has the empty name.
    let others = refresh_tokens::table
        .filter(refresh_tokens::account_id.eq(account))
        .filter(refresh_tokens::family.ne(but.unwrap_or_default()));
    diesel::delete(others).execute(conn)?;
    Ok(())
}

/// Drops the tokens of families that have ended by themselves.
///
/// # Errors
/// When the store fails.
pub fn sweep(conn: &mut AnyConn, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::family_ends_at.le(stored(now))))
        .execute(conn)?;
    Ok(())
}
