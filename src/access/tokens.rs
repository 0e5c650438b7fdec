//! Access tokens: JWT (RFC 7519, profile RFC 9068) signed with Ed25519, checked through `jsonwebtoken`.
//!
//! Who issued a token decides whose keys may verify it, the key decides the algorithm, and the token decides nothing.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{
    AccessError, Caller, Jwk, Scope,
    keys::Ring,
    lifetimes::{KEYS_PAUSE, LEEWAY_SECONDS, OUTSIDE_PAUSE, TOKEN_SECONDS},
    outside::{Outside, TrustedIssuer},
};
use crate::store::Store;

/// Who issues our tokens.
pub const ISSUER: &str = "an-sinh";
/// Whom they are for.
pub const AUDIENCE: &str = "an-sinh-api";

/// Ours take some 500 bytes, those of others a few thousand. What is longer is not parsed.
const LONGEST_TOKEN: usize = 8192;
/// `typ` of RFC 9068: a token signed for another purpose is no access token.
const TYPE: &str = "at+jwt";

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}

/// A token just signed.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The compact form.
    pub token: String,
    /// Scopes in it, parted by spaces.
    pub scope: String,
}

/// What a token turned out to be. Why one is refused is nobody's business.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Good, and whose it is.
    Good(Caller),
    /// Refused.
    Refused,
    /// Signed with a key we don't have, but its issuer may: worth [looking](Tokens::look_again) once.
    UnknownKey(KeysOf),
}

/// Whose keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysOf {
    /// Ours, which another server may have rotated.
    Us,
    /// The trusted outside issuer's.
    Outside,
}

/// Signs and checks access tokens. The newest key signs; older ones still verify.
pub struct Tokens {
    store: Store,
    ring: ArcSwap<Ring>,
    validation: Validation,
    outside: Option<Outside>,
    us: Gate,
    them: Gate,
}

impl Tokens {
    /// Loads the keys from the store, and those of the trusted issuer; the first start makes one.
    ///
    /// # Errors
    /// When the store fails or a key cannot be used.
    pub fn load(
        store: &Store,
        trusted: Option<&TrustedIssuer>,
        now: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        Ok(Self {
            store: store.clone(),
            ring: ArcSwap::from_pointee(Ring::load(store, now)?),
            validation: validation(),
            outside: trusted.map(Outside::open).transpose()?,
            us: Gate::default(),
            them: Gate::default(),
        })
    }

    /// Signs a token for `caller`.
    ///
    /// # Errors
    /// When signing fails, which a usable key never does.
    pub fn issue(&self, caller: &Caller, now: DateTime<Utc>) -> Result<IssuedToken, AccessError> {
        let scope = Scope::join(&caller.scopes);
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: caller.subject.clone(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: now.timestamp() + TOKEN_SECONDS,
            jti: uuid::Uuid::now_v7().to_string(),
            scope: scope.clone(),
            unit: caller.unit.clone(),
            sid: caller.session.clone(),
        };
        let ring = self.ring.load();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(ring.kid.clone());
        header.typ = Some(TYPE.into());
        let token = jsonwebtoken::encode(&header, &claims, &ring.signing);
        Ok(IssuedToken { token: token.map_err(|e| AccessError::Crypto(e.to_string()))?, scope })
    }

    /// Whose a token is. Never waits: neither for the database nor for anyone else.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Verdict {
        let Some((header, issuer)) = read(token) else { return Verdict::Refused };
        let Some(kid) = header.kid.as_deref() else { return Verdict::Refused };
        if issuer == ISSUER {
            let ring = self.ring.load();
            return match ring.verifying(kid, now) {
                Some(key) => self.own(token, &header, key, now).map_or(Verdict::Refused, Verdict::Good),
                None => Verdict::UnknownKey(KeysOf::Us),
            };
        }
        match &self.outside {
            Some(outside) if outside.is(&issuer) => outside.verify(token, &header, kid, now),
            _ => Verdict::Refused,
        }
    }

    fn own(&self, token: &str, header: &Header, key: &DecodingKey, now: DateTime<Utc>) -> Option<Caller> {
        if header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?.claims;
        if is_ahead(claims.iat, now) {
            return None;
        }
        let scopes = Scope::parse_list(&claims.scope)?;
        Some(Caller { subject: claims.sub, unit: claims.unit, scopes, session: claims.sid })
    }

    /// Reads keys again because a token named one we don't have; whether that was worth it. Waits for the database, or for
    /// the outside issuer: call it off the threads that serve. Looks at most once in a short while, however many ask:
    /// `None` means that somebody else is at it or just was.
    pub fn look_again(&self, whose: KeysOf, now: DateTime<Utc>) -> Option<()> {
        let (gate, pause) = match whose {
            KeysOf::Us => (&self.us, KEYS_PAUSE),
            KeysOf::Outside => (&self.them, OUTSIDE_PAUSE),
        };
        let _pass = gate.enter(pause)?;
        self.read_keys(whose, now);
        Some(())
    }

    /// Whether somebody is reading these keys at this moment.
    pub fn is_looking(&self, whose: KeysOf) -> bool {
        let gate = if whose == KeysOf::Us { &self.us } else { &self.them };
        gate.busy.load(Ordering::Acquire)
    }

    /// Reads all keys again, as is done every while. Waits like [`look_again`](Self::look_again).
    pub fn read_again(&self, now: DateTime<Utc>) {
        for (whose, gate) in [(KeysOf::Us, &self.us), (KeysOf::Outside, &self.them)] {
            if let Some(_pass) = gate.enter(Duration::ZERO) {
                self.read_keys(whose, now);
            }
        }
    }

    /// What cannot be read now stays as it was.
    fn read_keys(&self, whose: KeysOf, now: DateTime<Utc>) {
        let failed = match (whose, &self.outside) {
            (KeysOf::Us, _) => Ring::load(&self.store, now).map(|ring| self.ring.store(ring.into())).err(),
            (KeysOf::Outside, Some(outside)) => outside.read_again().err(),
            (KeysOf::Outside, None) => None,
        };
        if let Some(error) = failed {
            tracing::warn!(%error, ?whose, "Keys could not be read again; those at hand stay in use");
        }
    }

    /// The public keys that verify our tokens now.
    pub fn jwks(&self, now: DateTime<Utc>) -> Vec<Jwk> {
        self.ring.load().jwks(now)
    }
}

/// Header and issuer of a token that may be one, neither trusted yet.
fn read(token: &str) -> Option<(Header, String)> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    // RFC 7515 §4.1.11: extensions that must be understood, and we understand none.
    if header.crit.is_some() {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let issuer: Issuer = serde_json::from_slice(&payload).ok()?;
    Some((header, issuer.iss))
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.leeway = LEEWAY_SECONDS;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation
}

/// Whether a token says it was issued later than now. `jsonwebtoken` leaves `iat` alone.
pub(super) fn is_ahead(iat: i64, now: DateTime<Utc>) -> bool {
    let leeway = i64::try_from(LEEWAY_SECONDS).unwrap_or_default();
    iat > now.timestamp().saturating_add(leeway)
}

/// Lets one reader through at a time, and none too soon after the last.
#[derive(Default)]
struct Gate {
    busy: AtomicBool,
    left: Mutex<Option<Instant>>,
}

impl Gate {
    fn enter(&self, pause: Duration) -> Option<Pass<'_>> {
        if self.busy.swap(true, Ordering::AcqRel) {
            return None;
        }
        let pass = Pass(self);
        let left = *self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.is_some_and(|left| left.elapsed() < pause) {
            return None;
        }
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Some(pass)
    }
}

struct Pass<'g>(&'g Gate);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reader_at_a_time_and_none_too_soon() {
        let gate = Gate::default();
        let pass = gate.enter(Duration::ZERO);
        assert!(pass.is_some() && gate.enter(Duration::ZERO).is_none(), "one at a time");
        drop(pass);
        assert!(gate.enter(Duration::from_secs(60)).is_none(), "not again within the minute");
        assert!(gate.enter(Duration::ZERO).is_some(), "but when nobody asks to pause");
    }
}
