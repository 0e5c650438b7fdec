//! Built-in accounts of officials and clients of machines. What a role means is the business of `access`.

use chrono::{DateTime, NaiveDateTime, Utc};
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
    /// Person or machine.
    pub kind: AccountKind,
    /// Name to sign in with.
    pub login: String,
    /// Argon2id hash in PHC form.
    pub secret_hash: String,
    /// Unit whose citizens it may see; none = all.
    pub unit: Option<String>,
    /// Name of its role.
    pub role: String,
    /// Scopes that narrow the role, parted by spaces; empty = the whole role.
    pub scopes: String,
    /// Failed attempts in a row.
    pub failed_attempts: i32,
    /// No attempt is heard before.
    pub locked_until: Option<DateTime<Utc>>,
    /// Shut: nobody signs in with it.
    pub disabled: bool,
    /// Its holder may do nothing but choose a new password.
    pub must_change: bool,
    /// When its password or secret was last set.
    pub password_changed_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Rises with each change of the account; failed attempts are none.
    pub version: i64,
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
    locked_until: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    role: String,
    disabled: bool,
    must_change: bool,
    password_changed_at: Option<NaiveDateTime>,
    version: i64,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            // The schema allows these two.
            kind: if row.kind == "client" { AccountKind::Client } else { AccountKind::Official },
            login: row.login,
            secret_hash: row.secret_hash,
            unit: row.unit,
            role: row.role,
            scopes: row.scopes,
            failed_attempts: row.failed_attempts,
            locked_until: row.locked_until.map(|at| at.and_utc()),
            disabled: row.disabled,
            must_change: row.must_change,
            password_changed_at: row.password_changed_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            version: row.version,
        }
    }
}

impl From<&Account> for Row {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.clone(),
            kind: account.kind.as_str().to_owned(),
            login: account.login.clone(),
            secret_hash: account.secret_hash.clone(),
            unit: account.unit.clone(),
            scopes: account.scopes.clone(),
            failed_attempts: account.failed_attempts,
            locked_until: account.locked_until.map(stored),
            created_at: stored(account.created_at),
            role: account.role.clone(),
            disabled: account.disabled,
            must_change: account.must_change,
            password_changed_at: account.password_changed_at.map(stored),
            version: account.version,
        }
    }
}

/// Adds an account. A login in use is a [`StoreError::Constraint`].
///
/// # Errors
/// When the store fails.
pub fn insert(conn: &mut AnyConn, account: &Account) -> Result<(), StoreError> {
    diesel::insert_into(accounts::table).values(Row::from(account)).execute(conn)?;
    Ok(())
}

/// The account with this login.
///
/// # Errors
/// When the store fails.
pub fn find(conn: &mut AnyConn, kind: AccountKind, login: &str) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = accounts::table
        .filter(accounts::kind.eq(kind.as_str()))
        .filter(accounts::login.eq(login))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Account::from))
}

/// The account with this id.
///
/// # Errors
/// When the store fails.
pub fn find_by_id(conn: &mut AnyConn, id: &str) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = accounts::table.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Account::from))
}

/// Up to `limit` accounts whose ids come after `after`, by id: the oldest first.
///
/// # Errors
/// When the store fails.
pub fn page(conn: &mut AnyConn, after: &str, limit: i64) -> Result<Vec<Account>, StoreError> {
    let rows: Vec<Row> = accounts::table
        .filter(accounts::id.gt(after))
        .order(accounts::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// Writes what may change of an account (role, scopes, unit, secret, shut or open), if it is still the version that was
/// read; its version rises by one. `false` when another was faster.
///
/// # Errors
/// When the store fails.
pub fn update(conn: &mut AnyConn, account: &Account) -> Result<bool, StoreError> {
    let row = Row::from(account);
    let current = accounts::table.find(&row.id).filter(accounts::version.eq(row.version));
    let changed = diesel::update(current)
        .set((
            accounts::secret_hash.eq(row.secret_hash),
            accounts::unit.eq(row.unit),
            accounts::scopes.eq(row.scopes),
            accounts::failed_attempts.eq(row.failed_attempts),
            accounts::locked_until.eq(row.locked_until),
            accounts::role.eq(row.role),
            accounts::disabled.eq(row.disabled),
            accounts::must_change.eq(row.must_change),
            accounts::password_changed_at.eq(row.password_changed_at),
            accounts::version.eq(row.version + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Notes how many attempts failed in a row and until when the account hears no more.
///
/// # Errors
/// When the store fails.
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
///
/// # Errors
/// When the store fails.
pub fn count(conn: &mut AnyConn) -> Result<i64, StoreError> {
    Ok(accounts::table.count().get_result(conn)?)
}

#[cfg(test)]
mod tests {
    use diesel::{connection::SimpleConnection, sqlite::SqliteConnection};

    use super::*;
    use crate::access::{Role, held};

    /// Accounts of before roles, with the scopes they were given.
    const BEFORE: [(&str, &str, Option<&str>, &str); 8] = [
        ("client", "bus", None, "transit:check"),
        ("client", "system", None, "evaluate citizens:read audit:read"),
        ("client", "nothing", None, ""),
        ("official", "lan", Some("00166"), "citizens:read citizens:write"),
        ("official", "everything", Some("00166"), "citizens:read cards:issue admin audit:read policy:manage"),
        ("official", "root", None, "citizens:read citizens:write admin"),
        ("official", "audit", None, "citizens:read audit:read"),
        ("official", "city", None, "citizens:read citizens:write"),
    ];

    #[test]
    fn nobody_gains_a_permission_when_roles_come() {
        let mut conn = SqliteConnection::establish(":memory:").expect("a database in memory");
        conn.batch_execute(include_str!("../../migrations/sqlite/2026-11-24-000000_records/up.sql"))
            .expect("before");
        for (kind, login, unit, scopes) in BEFORE {
            let unit = unit.map_or("NULL".to_owned(), |unit| format!("'{unit}'"));
            conn.batch_execute(&format!(
                "INSERT INTO accounts (id, kind, login, secret_hash, unit, scopes, created_at)
                 VALUES ('{login}', '{kind}', '{login}', 'x', {unit}, '{scopes}', '2026-11-01 00:00:00')"
            ))
            .expect("an account");
        }
        conn.batch_execute(include_str!("../../migrations/sqlite/2026-11-24-110000_access/up.sql"))
            .expect("after");
        let mut conn = AnyConn::Sqlite(conn);
        let now = |login: &str| find_by_id(&mut conn, login).expect("read").expect("an account");
        let accounts = BEFORE.map(|(_, login, ..)| login).map(now);
        for (account, (kind, login, unit, before)) in accounts.iter().zip(BEFORE) {
            assert_eq!((account.kind.as_str(), account.unit.as_deref()), (kind, unit), "{login}");
            assert_eq!(Role::parse(&account.role).expect("a role").kind(), account.kind, "{login}");
            assert_eq!(account.disabled, before.is_empty(), "{login}");
            assert_eq!((account.version, account.password_changed_at), (1, Some(account.created_at)));
            let more =
                held(account).into_iter().find(|scope| !before.split(' ').any(|had| had == scope.as_str()));
            assert!(account.disabled || more.is_none(), "{login} gained {more:?}");
        }
        let roles: Vec<&str> = accounts.iter().map(|account| account.role.as_str()).collect();
        assert_eq!(
            roles,
            [
                "transit_operator",
                "integrator",
                "integrator",
                "ward_official",
                "ward_official",
                "administrator",
                "auditor",
                "city_reviewer"
            ]
        );
    }
}
