//! Keys that sign access tokens; the private half is sealed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{AnyConn, StoreError, Vault, schema::signing_keys, stored, vault::Place};

/// A key pair.
pub struct SigningKey {
    /// Its name in token headers and the JWKS.
    pub kid: String,
    /// Raw public key, 32 bytes.
    pub public: Vec<u8>,
    /// PKCS#8 of the private key.
    pub pkcs8: Vec<u8>,
    /// When it began to sign.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
struct Row {
    kid: String,
    public_key: Vec<u8>,
    sealed: Vec<u8>,
    key_id: String,
    created_at: chrono::NaiveDateTime,
}

/// All keys, oldest first.
pub fn all(conn: &mut AnyConn, vault: &Vault) -> Result<Vec<SigningKey>, StoreError> {
    let rows: Vec<Row> = signing_keys::table
        .order((signing_keys::created_at, signing_keys::kid))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let pkcs8 = vault.open(Place { table: "signing_keys", row: &row.kid }, &row.sealed)?;
            Ok(SigningKey {
                kid: row.kid,
                public: row.public_key,
                pkcs8,
                created_at: row.created_at.and_utc(),
            })
        })
        .collect()
}

/// Adds a key.
pub fn insert(conn: &mut AnyConn, vault: &Vault, key: &SigningKey) -> Result<(), StoreError> {
    diesel::insert_into(signing_keys::table)
        .values(Row {
            kid: key.kid.clone(),
            public_key: key.public.clone(),
            sealed: vault.seal(Place { table: "signing_keys", row: &key.kid }, &key.pkcs8)?,
            key_id: vault.key_id().to_owned(),
            created_at: stored(key.created_at),
        })
        .execute(conn)?;
    Ok(())
}

/// Removes a key; `false` when there is none of that name.
///
/// # Errors
/// When the store fails.
pub fn delete(conn: &mut AnyConn, kid: &str) -> Result<bool, StoreError> {
    Ok(diesel::delete(signing_keys::table.find(kid)).execute(conn)? == 1)
}
