//! Built-in accounts of officials and clients of machines.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{AnyConn, StoreError, schema::accounts, stored};

/// Who an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A person, who signs in with a password.
    Official,
    /// A machine, which signs in with a client secret.
    Client,
}

impl AccountKind {
    /// The name used in the database and in the audit table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Client => "client",
        }
    }
}

/// An account as kept.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Name to sign in with.
    pub login: String,
    /// Argon2id hash in PHC form.
    pub secret_hash: String,
    /// Unit whose citizens it may see; none = all.
    pub unit: Option<String>,
    /// Scopes, parted by spaces.
    pub scopes: String,
    /// Failed attempts in a row.
    pub failed_attempts: i32,
    /// No attempt is heard before.
    pub locked_until: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
struct Row {
    id: String,
    kind: String,
    login: String,
    secret_hash: String,
    unit: Option<String>,
    scopes: String,
    failed_attempts: i32,
    locked_until: Option<chrono::NaiveDateTime>,
    created_at: chrono::NaiveDateTime,
}

/// Adds an account. A login in use is a [`StoreError::Constraint`].
pub fn insert(
    conn: &mut AnyConn,
    kind: AccountKind,
    account: &Account,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(accounts::table)
        .values(Row {
            id: account.id.clone(),
            kind: kind.as_str().to_owned(),
            login: account.login.clone(),
            secret_hash: account.secret_hash.clone(),
            unit: account.unit.clone(),
            scopes: account.scopes.clone(),
            failed_attempts: account.failed_attempts,
            locked_until: account.locked_until.map(stored),
            created_at: stored(at),
        })
        .execute(conn)?;
    Ok(())
}

/// The account with this login.
pub fn find(conn: &mut AnyConn, kind: AccountKind, login: &str) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = accounts::table
        .filter(accounts::kind.eq(kind.as_str()))
        .filter(accounts::login.eq(login))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(|row| Account {
        id: row.id,
        login: row.login,
        secret_hash: row.secret_hash,
        unit: row.unit,
        scopes: row.scopes,
        failed_attempts: row.failed_attempts,
        locked_until: row.locked_until.map(|at| at.and_utc()),
    }))
}

/// Notes how many attempts failed in a row and until when the account hears no more.
pub fn set_attempts(
    conn: &mut AnyConn,
    id: &str,
    failed: i32,
    locked_until: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(id))
        .set((accounts::failed_attempts.eq(failed), accounts::locked_until.eq(locked_until.map(stored))))
        .execute(conn)?;
    Ok(())
}

/// How many accounts there are.
pub fn count(conn: &mut AnyConn) -> Result<i64, StoreError> {
    Ok(accounts::table.count().get_result(conn)?)
}
