//! The seal over personal data: AES-256-GCM bound to its place, and HMAC-SHA-256 blind indexes to look it up.
//!
//! Both keys are derived by HKDF-SHA-256 (RFC 5869) from one 32-byte data key, so that neither tells the other.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    digest, hkdf, hmac,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::{AnyConn, StoreError, schema::vault_keys};

const KEY_LEN: usize = 32;

/// The secret everything else is derived from. Never printed, never kept.
pub(super) struct DataKey([u8; KEY_LEN]);

impl DataKey {
    /// Reads base64 of 32 bytes.
    pub(super) fn from_base64(text: &str) -> Result<Self, StoreError> {
        let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| StoreError::Key("must be base64 of 32 bytes".into()))
    }

    /// Reads a key file.
    pub(super) fn from_file(file: &Path) -> Result<Self, StoreError> {
        let text = std::fs::read_to_string(file);
        Self::from_base64(&text.map_err(|error| StoreError::Key(format!("{}: {error}", file.display())))?)
    }

    /// Reads the key file, or makes one that only its owner may read. A database without its key is an error, not
    /// a reason to make a new key: what it holds would be lost without a word.
    pub(super) fn from_file_or_new(file: &Path, database: &Path) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::Key(format!("{}: {error}", file.display()));
        match OpenOptions::new().read(true).open(file) {
            Ok(mut open) => {
                let mut text = String::new();
                open.read_to_string(&mut text).map_err(failed)?;
                Self::from_base64(&text)
            }
            Err(error) if error.kind() == ErrorKind::NotFound && !database.exists() => {
                let mut key = [0; KEY_LEN];
                aws_lc_rs::rand::fill(&mut key).map_err(|_| StoreError::Key("no randomness".into()))?;
                let mut open =
                    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
                writeln!(open, "{}", STANDARD.encode(key)).and_then(|()| open.sync_all()).map_err(failed)?;
                Ok(Self(key))
            }
            Err(error) => Err(failed(error)),
        }
    }
}

/// Where a sealed value stands. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The row's id.
    pub row: &'a str,
}

/// A keyed hash by which equal values are found without being readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlindIndex(pub(super) Vec<u8>);

/// Seals, opens and indexes.
pub struct Vault {
    seal: RandomizedNonceKey,
    index: hmac::Key,
    key_id: String,
}

impl Vault {
    pub(super) fn new(key: &DataKey) -> Result<Self, StoreError> {
        let derive = |purpose: &[u8]| -> Result<[u8; KEY_LEN], StoreError> {
            let mut out = [0; KEY_LEN];
            hkdf::Salt::new(hkdf::HKDF_SHA256, b"an-sinh/records")
                .extract(&key.0)
                .expand(&[purpose], hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(&mut out))
                .map_err(|_| StoreError::Key("cannot be derived".into()))?;
            Ok(out)
        };
        let seal = RandomizedNonceKey::new(&AES_256_GCM, &derive(b"seal")?)
            .map_err(|_| StoreError::Key("cannot be used".into()))?;
        let index = hmac::Key::new(hmac::HMAC_SHA256, &derive(b"blind index")?);
        let key_id = hex(&digest::digest(&digest::SHA256, &derive(b"key id")?).as_ref()[..8]);
        Ok(Self { seal, index, key_id })
    }

    /// Which key this vault seals with; stands beside every sealed value.
    pub(super) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The index of `value` among values of one `kind` (so that a name never equals a number).
    pub fn index(&self, kind: &str, value: &str) -> BlindIndex {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        BlindIndex(context.sign().as_ref().to_vec())
    }

    /// Nonce, ciphertext and tag of `value` as JSON.
    pub(super) fn seal<T: Serialize>(&self, place: Place<'_>, value: &T) -> Result<Vec<u8>, StoreError> {
        let failed = || StoreError::Sealed(place.table);
        let mut sealed = serde_json::to_vec(value).map_err(|_| failed())?;
        let aad = self.aad(place);
        let nonce = self.seal.seal_in_place_append_tag(Aad::from(aad), &mut sealed).map_err(|_| failed())?;
        let mut out = nonce.as_ref().to_vec();
        out.append(&mut sealed);
        Ok(out)
    }

    /// The value sealed at `place`.
    pub(super) fn open<T: DeserializeOwned>(&self, place: Place<'_>, sealed: &[u8]) -> Result<T, StoreError> {
        let failed = || StoreError::Sealed(place.table);
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(failed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| failed())?;
        let mut rest = rest.to_vec();
        let aad = self.aad(place);
        let plain = self.seal.open_in_place(nonce, Aad::from(aad), &mut rest).map_err(|_| failed())?;
        serde_json::from_slice(plain).map_err(|_| failed())
    }

    fn aad(&self, place: Place<'_>) -> Vec<u8> {
        [place.table, "sealed", place.row, &self.key_id].join("\0").into_bytes()
    }
}

/// Notes the key in a new database; refuses a database that was sealed with another one.
pub(super) fn adopt(conn: &mut AnyConn, vault: &Vault, now: NaiveDateTime) -> Result<(), StoreError> {
    let known: Vec<String> = vault_keys::table.select(vault_keys::key_id).load(conn)?;
    if known.is_empty() {
        diesel::insert_into(vault_keys::table)
            .values((vault_keys::key_id.eq(vault.key_id()), vault_keys::created_at.eq(now)))
            .execute(conn)?;
        return Ok(());
    }
    if known.iter().any(|id| id == vault.key_id()) {
        return Ok(());
    }
    Err(StoreError::Key("is not the one this database was sealed with".into()))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::new(&DataKey([byte; KEY_LEN])).expect("a vault")
    }

    #[test]
    fn opens_only_in_its_place_with_its_key_and_unchanged() {
        let here = Place { table: "citizens", row: "1" };
        let sealed = vault(1).seal(here, &"Nguyễn Văn An").expect("sealed");
        assert_eq!(vault(1).open::<String>(here, &sealed).expect("opened"), "Nguyễn Văn An");
        assert!(vault(1).open::<String>(Place { row: "2", ..here }, &sealed).is_err());
        assert!(vault(1).open::<String>(Place { table: "evidence", ..here }, &sealed).is_err());
        assert!(vault(2).open::<String>(here, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault(1).open::<String>(here, &changed).is_err(), "byte {at}");
        }
        assert!(vault(1).open::<String>(here, &[]).is_err());
    }

    #[test]
    fn equal_values_are_sealed_differently_but_indexed_alike() {
        let here = Place { table: "citizens", row: "1" };
        assert_ne!(vault(1).seal(here, &"a").expect("sealed"), vault(1).seal(here, &"a").expect("sealed"));
        assert_eq!(vault(1).index("name", "a"), vault(1).index("name", "a"));
        assert_ne!(vault(1).index("name", "a"), vault(1).index("number", "a"));
        assert_ne!(vault(1).index("name", "a"), vault(2).index("name", "a"));
    }

    #[test]
    fn a_data_key_is_32_bytes_of_base64() {
        assert!(DataKey::from_base64(&STANDARD.encode([7; 32])).is_ok());
        for text in ["", "abc", "không phải khóa", &STANDARD.encode([7; 31])] {
            assert!(DataKey::from_base64(text).is_err(), "{text}");
        }
    }
}
