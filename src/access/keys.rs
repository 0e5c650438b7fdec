//! Keys that sign access tokens: one signs, those before it verify until the last token they signed is dead.

use std::collections::HashMap;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, SubsecRound, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::Serialize;

use super::{
    AccessError,
    accounts::note,
    lifetimes::{KEYS_KNOWN_WITHIN, LEEWAY_SECONDS, TOKEN_SECONDS},
};
use crate::store::{
    AnyConn, Store, StoreError, Vault, hex,
    signing_keys::{self, SigningKey},
};

/// A public key as JWK (RFC 7517, RFC 8037).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Jwk {
    /// `OKP`.
    #[schema(example = "OKP")]
    pub kty: &'static str,
    /// `Ed25519`.
    #[schema(example = "Ed25519")]
    pub crv: &'static str,
    /// Name of the key, as in the header of the tokens it signed.
    pub kid: String,
    /// The public key, base64url.
    pub x: String,
    /// `EdDSA`.
    #[schema(example = "EdDSA")]
    pub alg: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    pub usage: &'static str,
}

/// A key as an operator sees it.
#[derive(Debug, Clone)]
pub struct KeyState {
    /// Its name.
    pub kid: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// It signs now; otherwise it verifies until `verifies_until`.
    pub signs: bool,
    /// When the last token it signed is dead; none while it signs.
    pub verifies_until: Option<DateTime<Utc>>,
}

/// All keys, the oldest first.
///
/// # Errors
/// When the store fails.
pub fn keys(conn: &mut AnyConn, vault: &Vault) -> Result<Vec<KeyState>, StoreError> {
    Ok(states(&signing_keys::all(conn, vault)?))
}

fn states(keys: &[SigningKey]) -> Vec<KeyState> {
    let next = keys.iter().skip(1).map(|next| Some(next.created_at)).chain([None]);
    let state = |(key, next): (&SigningKey, Option<DateTime<Utc>>)| KeyState {
        kid: key.kid.clone(),
        created_at: key.created_at,
        signs: next.is_none(),
        verifies_until: next.map(|next| next + last_tokens()),
    };
    keys.iter().zip(next).map(state).collect()
}

/// How long after a rotation a token of the old key may still come: a server that has not heard of the new key signs
/// with the old one, and the token then lives its time.
fn last_tokens() -> Duration {
    let leeway = i64::try_from(LEEWAY_SECONDS).unwrap_or_default();
    KEYS_KNOWN_WITHIN + Duration::seconds(TOKEN_SECONDS + leeway)
}

/// Makes a key that signs from now on; drops those whose last token is dead. Running servers notice within
/// [`KEYS_KNOWN_WITHIN`], or when the first token of the new key reaches them.
///
/// # Errors
/// When the store fails.
pub fn rotate_key(
    conn: &mut AnyConn,
    vault: &Vault,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<String, AccessError> {
    let kept = signing_keys::all(conn, vault)?;
    for state in states(&kept).iter().filter(|state| state.verifies_until.is_some_and(|until| until < now)) {
        signing_keys::delete(conn, &state.kid)?;
    }
    // The newest key signs; it must be newest even if the clock was set back.
    let newest = kept.last().map(|key| key.created_at + Duration::microseconds(1));
    let key = new_key(newest.map_or(now, |newest| newest.max(now)))?;
    signing_keys::insert(conn, vault, &key)?;
    note(conn, actor, "key.rotated", &key.kid, now)?;
    Ok(key.kid)
}

/// Removes a key that no longer signs, as after a leak: its tokens are refused by each server within
/// [`KEYS_KNOWN_WITHIN`].
///
/// # Errors
/// [`AccessError::NoSuchKey`]; [`AccessError::SigningKey`] when it is the one that signs: rotate first.
pub fn retire_key(
    conn: &mut AnyConn,
    vault: &Vault,
    kid: &str,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<(), AccessError> {
    let keys = keys(conn, vault)?;
    let key = keys.iter().find(|key| key.kid == kid).ok_or(AccessError::NoSuchKey)?;
    if key.signs {
        return Err(AccessError::SigningKey);
    }
    signing_keys::delete(conn, kid)?;
    Ok(note(conn, actor, "key.retired", kid, now)?)
}

/// The keys at one moment.
pub(super) struct Ring {
    /// Name of the key that signs.
    pub kid: String,
    /// The key that signs.
    pub signing: EncodingKey,
    verifying: HashMap<String, (DecodingKey, Option<DateTime<Utc>>)>,
    jwks: Vec<(Jwk, Option<DateTime<Utc>>)>,
}

impl Ring {
    /// Reads the keys; makes the first.
    pub(super) fn load(store: &Store, now: DateTime<Utc>) -> Result<Self, AccessError> {
        let mut keys = store.read(|conn| signing_keys::all(conn, store.vault()))?;
        if keys.is_empty() {
            keys = store.write(|conn| {
                // Two servers may start together.
                if signing_keys::all(conn, store.vault())?.is_empty() {
                    signing_keys::insert(conn, store.vault(), &new_key(now)?)?;
                }
                signing_keys::all(conn, store.vault())
            })?;
        }
        let newest = keys.last().ok_or_else(|| AccessError::Crypto("no signing key".into()))?;
        let mut ring = Self {
            kid: newest.kid.clone(),
            signing: EncodingKey::from_ed_der(&newest.pkcs8),
            verifying: HashMap::new(),
            jwks: Vec::new(),
        };
        for (key, state) in keys.iter().zip(states(&keys)) {
            let jwk = jwk(key);
            let verifying = DecodingKey::from_ed_components(&jwk.x);
            let verifying = verifying.map_err(|error| AccessError::Crypto(error.to_string()))?;
            ring.verifying.insert(key.kid.clone(), (verifying, state.verifies_until));
            ring.jwks.push((jwk, state.verifies_until));
        }
        Ok(ring)
    }

    /// The key of that name, while it verifies.
    pub(super) fn verifying(&self, kid: &str, now: DateTime<Utc>) -> Option<&DecodingKey> {
        let (key, until) = self.verifying.get(kid)?;
        until.is_none_or(|until| now <= until).then_some(key)
    }

    /// The public keys that verify.
    pub(super) fn jwks(&self, now: DateTime<Utc>) -> Vec<Jwk> {
        let living = self.jwks.iter().filter(|(_, until)| until.is_none_or(|until| now <= until));
        living.map(|(jwk, _)| jwk.clone()).collect()
    }
}

fn new_key(created_at: DateTime<Utc>) -> Result<SigningKey, StoreError> {
    let failed = |_| StoreError::Key("cannot make a signing key".into());
    let pair = Ed25519KeyPair::generate().map_err(failed)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec();
    let public = pair.public_key().as_ref().to_vec();
    let kid = hex(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &public).as_ref()[..8]);
    Ok(SigningKey { kid, public, pkcs8, created_at: created_at.trunc_subsecs(6) })
}

fn jwk(key: &SigningKey) -> Jwk {
    Jwk {
        kty: "OKP",
        crv: "Ed25519",
        kid: key.kid.clone(),
        x: URL_SAFE_NO_PAD.encode(&key.public),
        alg: "EdDSA",
        usage: "sig",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_key_verifies_until_its_last_token_is_dead() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("an instant");
        let keys = [new_key(at(0)).expect("a key"), new_key(at(1_000)).expect("a key")];
        let states = states(&keys);
        assert_eq!((states[0].signs, states[0].verifies_until), (false, Some(at(1_000 + 60 + 900 + 5))));
        assert_eq!((states[1].signs, states[1].verifies_until), (true, None));
    }
}
