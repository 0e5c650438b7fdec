//! Access tokens: JWT (RFC 7519, profile RFC 9068) signed with Ed25519, checked through `jsonwebtoken`.

use std::collections::HashMap;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{AccessError, Caller, Scope};
use crate::store::{Store, StoreError, hex, signing_keys};

/// Who issues our tokens.
pub const ISSUER: &str = "an-sinh";
/// Whom they are for.
pub const AUDIENCE: &str = "an-sinh-api";
/// How long one lives, in seconds.
pub const TOKEN_SECONDS: i64 = 15 * 60;

/// Ours take some 500 bytes. What is longer is not parsed.
const LONGEST_TOKEN: usize = 4096;
/// Clocks of two of our own servers differ by no more, in seconds.
const LEEWAY: u64 = 5;
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
}

/// A token just signed.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The compact form.
    pub token: String,
    /// Scopes in it, parted by spaces.
    pub scope: String,
}

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

/// Signs and checks access tokens. The newest key signs; older ones still verify.
pub struct Tokens {
    header: Header,
    signing: EncodingKey,
    verifying: HashMap<String, DecodingKey>,
    jwks: Vec<Jwk>,
    validation: Validation,
}

impl Tokens {
    /// Loads the keys from the store; the first start makes one.
    ///
    /// # Errors
    /// When the store fails or a kept key cannot be used.
    pub fn load(store: &Store, now: DateTime<Utc>) -> Result<Self, AccessError> {
        let keys = store.write(|conn| {
            let keys = signing_keys::all(conn, store.vault())?;
            if keys.is_empty() {
                let key = new_key()?;
                signing_keys::insert(conn, store.vault(), &key, now)?;
                return Ok::<_, AccessError>(vec![key]);
            }
            Ok(keys)
        })?;
        let newest = keys.last().ok_or_else(|| AccessError::Crypto("no signing key".into()))?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(newest.kid.clone());
        header.typ = Some(TYPE.into());
        let signing = EncodingKey::from_ed_der(&newest.pkcs8);
        let jwks: Vec<Jwk> = keys.iter().map(jwk).collect();
        let verifying = jwks
            .iter()
            .map(|jwk| {
                let key = DecodingKey::from_ed_components(&jwk.x);
                key.map(|key| (jwk.kid.clone(), key)).map_err(|e| AccessError::Crypto(e.to_string()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { header, signing, verifying, jwks, validation: validation() })
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
        };
        let token = jsonwebtoken::encode(&self.header, &claims, &self.signing);
        Ok(IssuedToken { token: token.map_err(|e| AccessError::Crypto(e.to_string()))?, scope })
    }

    /// The caller a token names, or `None`: why it was refused is nobody's business.
    ///
    /// The key is picked by `kid` among our own; the algorithm is fixed by us and never taken from the header.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Caller> {
        if token.len() > LONGEST_TOKEN {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let key = self.verifying.get(header.kid.as_deref()?)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?.claims;
        // `jsonwebtoken` leaves `iat` alone.
        let leeway = i64::try_from(LEEWAY).unwrap_or(0);
        if claims.iat > now.timestamp() + leeway {
            return None;
        }
        Some(Caller { subject: claims.sub, unit: claims.unit, scopes: Scope::parse_list(&claims.scope)? })
    }

    /// The public keys.
    pub fn jwks(&self) -> &[Jwk] {
        &self.jwks
    }
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation
}

fn new_key() -> Result<signing_keys::SigningKey, StoreError> {
    let failed = |_| StoreError::Key("cannot make a signing key".into());
    let pair = Ed25519KeyPair::generate().map_err(failed)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec();
    let public = pair.public_key().as_ref().to_vec();
    let kid = hex(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &public).as_ref()[..8]);
    Ok(signing_keys::SigningKey { kid, public, pkcs8 })
}

fn jwk(key: &signing_keys::SigningKey) -> Jwk {
    Jwk {
        kty: "OKP",
        crv: "Ed25519",
        kid: key.kid.clone(),
        x: URL_SAFE_NO_PAD.encode(&key.public),
        alg: "EdDSA",
        usage: "sig",
    }
}
