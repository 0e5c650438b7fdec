//! Tokens of one outside issuer, such as the city's single sign-on, trusted by configuration.

use std::{collections::HashMap, fs, net::IpAddr, path::PathBuf, time::Duration};

use arc_swap::ArcSwap;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;

use super::{
    AccessError, Caller, Scope,
    lifetimes::LEEWAY_SECONDS,
    tokens::{ISSUER, KeysOf, Verdict, is_ahead},
};
use crate::facts::UnitCode;

/// `typ` of an access token: RFC 9068, or the plain one of older issuers.
const TYPES: [&str; 3] = ["at+jwt", "application/at+jwt", "jwt"];
/// Largest set of keys that is read, in bytes.
const LARGEST_SET: u64 = 256 * 1024;
/// Keys in a set at most.
const MOST_KEYS: usize = 64;
/// The shortest RSA modulus, in bytes: 2048 bits.
const SHORTEST_MODULUS: usize = 256;
/// How long the server with the keys may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longest `sub`, in characters.
const LONGEST_SUBJECT: usize = 200;

/// Scopes over records of citizens: whoever holds one has a unit, or is trusted with the whole city.
const OF_RECORDS: [Scope; 4] =
    [Scope::CitizensRead, Scope::CitizensWrite, Scope::DecisionsWrite, Scope::CardsIssue];

/// An issuer whose tokens are accepted beside our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// Its `iss`, letter for letter.
    pub issuer: String,
    /// The `aud` that means us.
    pub audience: String,
    /// Where its public keys are.
    pub jwks: JwksSource,
    /// Accept tokens over citizens without a `unit` as city-wide.
    pub city_wide: bool,
}

/// Where a JWK Set is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwksSource {
    /// A file, read again every while.
    File(PathBuf),
    /// An address on this machine, such as a proxy that speaks TLS to the issuer.
    Local(String),
}

impl JwksSource {
    /// Reads `http://` addresses of this machine, and paths.
    ///
    /// # Errors
    /// In words, for another address: keys that came over the network unprotected would be anybody's keys.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else { return Ok(Self::File(text.into())) };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        let local = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        if scheme == "http" && local && !authority.contains('@') {
            return Ok(Self::Local(text.to_owned()));
        }
        Err("keys are read from a file or from http:// on this machine; for an issuer elsewhere keep a file current, or \
             put a proxy with TLS before it"
            .to_owned())
    }

    fn read(&self) -> Result<Vec<u8>, AccessError> {
        match self {
            Self::File(path) => {
                let failed = |error| AccessError::Jwks(format!("{}: {error}", path.display()));
                if fs::metadata(path).map_err(failed)?.len() > LARGEST_SET {
                    return Err(AccessError::Jwks(format!("{}: too large", path.display())));
                }
                fs::read(path).map_err(failed)
            }
            Self::Local(url) => {
                let failed = |error: ureq::Error| AccessError::Jwks(format!("{url}: {error}"));
                // No redirects: what was configured is what is asked. No proxy of the environment either.
                let agent: ureq::Agent = ureq::Agent::config_builder()
                    .timeout_global(Some(PATIENCE))
                    .max_redirects(0)
                    .proxy(None)
                    .build()
                    .into();
                let mut reply = agent.get(url).call().map_err(failed)?;
                if reply.status() != 200 {
                    return Err(AccessError::Jwks(format!("{url}: status {}", reply.status())));
                }
                reply.body_mut().with_config().limit(LARGEST_SET).read_to_vec().map_err(failed)
            }
        }
    }
}

/// A key with the one algorithm it is for.
struct PinnedKey {
    key: DecodingKey,
    validation: Validation,
}

/// The trusted issuer with its keys.
pub(super) struct Outside {
    trusted: TrustedIssuer,
    keys: ArcSwap<HashMap<String, PinnedKey>>,
}

/// The claims that are looked at. `exp`, `nbf`, `iss` and `aud` are checked by `jsonwebtoken`.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    unit: Option<String>,
}

impl Outside {
    /// Reads the keys for the first time. A file must be readable; a server that does not answer yet is asked again later.
    pub(super) fn open(trusted: &TrustedIssuer) -> Result<Self, AccessError> {
        if trusted.issuer == ISSUER || trusted.issuer.is_empty() || trusted.audience.is_empty() {
            return Err(AccessError::Jwks(
                "the trusted issuer needs a name, other than ours, and an audience".into(),
            ));
        }
        let outside = Self { trusted: trusted.clone(), keys: ArcSwap::from_pointee(HashMap::new()) };
        match (outside.read_again(), &trusted.jwks) {
            (Err(error), JwksSource::Local(_)) => {
                tracing::warn!(%error, "Keys of the trusted issuer cannot be read yet; its tokens are refused");
            }
            (read, _) => read?,
        }
        Ok(outside)
    }

    pub(super) fn is(&self, issuer: &str) -> bool {
        self.trusted.issuer == issuer
    }

    /// Reads the keys again; on failure those at hand stay.
    pub(super) fn read_again(&self) -> Result<(), AccessError> {
        let bytes = self.trusted.jwks.read()?;
        self.keys.store(self.parse(&bytes)?.into());
        Ok(())
    }

    pub(super) fn verify(&self, token: &str, header: &Header, kid: &str, now: DateTime<Utc>) -> Verdict {
        let keys = self.keys.load();
        let Some(pinned) = keys.get(kid) else { return Verdict::UnknownKey(KeysOf::Outside) };
        self.caller(token, header, pinned, now).map_or(Verdict::Refused, Verdict::Good)
    }

    fn caller(&self, token: &str, header: &Header, pinned: &PinnedKey, now: DateTime<Utc>) -> Option<Caller> {
        let typ = header.typ.as_deref()?.to_ascii_lowercase();
        if !TYPES.contains(&typ.as_str()) {
            return None;
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &pinned.key, &pinned.validation).ok()?.claims;
        if claims.iat.is_some_and(|iat| is_ahead(iat, now)) {
            return None;
        }
        // It stands in records and in the audit log.
        let plain = claims.sub.chars().all(|letter| letter.is_ascii_graphic());
        if claims.sub.is_empty() || claims.sub.len() > LONGEST_SUBJECT || !plain {
            return None;
        }
        // The issuer serves others too: scopes that are not ours mean nothing here.
        let scopes: Vec<Scope> = claims.scope.split(' ').filter_map(Scope::parse).collect();
        let unit = match claims.unit {
            Some(code) => Some(UnitCode::parse(&code)?.as_str().to_owned()),
            None => None,
        };
        let over_citizens = scopes.iter().any(|scope| OF_RECORDS.contains(scope));
        if unit.is_none() && over_citizens && !self.trusted.city_wide {
            return None;
        }
        // Set apart from our own accounts, so that nobody outside can bear the name of one.
        Some(Caller { subject: format!("external:{}", claims.sub), unit, scopes, session: None })
    }

    fn parse(&self, bytes: &[u8]) -> Result<HashMap<String, PinnedKey>, AccessError> {
        let wrong = |what: &str| AccessError::Jwks(format!("the keys of the trusted issuer: {what}"));
        let set: Set = serde_json::from_slice(bytes).map_err(|_| wrong("no JWK Set"))?;
        if set.keys.len() > MOST_KEYS {
            return Err(wrong("too many"));
        }
        let mut keys = HashMap::new();
        for jwk in set.keys {
            if jwk.d.is_some() || jwk.k.is_some() {
                return Err(wrong("a secret key stands among them"));
            }
            let Some((kid, algorithm, key)) = jwk.usable() else { continue };
            let mut validation = Validation::new(algorithm);
            validation.leeway = LEEWAY_SECONDS;
            validation.validate_nbf = true;
            validation.set_issuer(&[&self.trusted.issuer]);
            validation.set_audience(&[&self.trusted.audience]);
            validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
            if keys.insert(kid, PinnedKey { key, validation }).is_some() {
                return Err(wrong("two have the same name"));
            }
        }
        Ok(keys)
    }
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<PublicJwk>,
}

/// A JWK as far as we read it (RFC 7517, 7518, 8037).
#[derive(Deserialize, Default)]
#[serde(default)]
struct PublicJwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<serde_json::Value>,
    k: Option<serde_json::Value>,
}

impl PublicJwk {
    /// Name, algorithm and key, if it is one that signs tokens in a way we take. The algorithm follows from the key.
    fn usable(&self) -> Option<(String, Algorithm, DecodingKey)> {
        let signs = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let bytes = |part: &Option<String>| URL_SAFE_NO_PAD.decode(part.as_deref()?).ok();
        let (name, algorithm, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => {
                bytes(&self.x).filter(|x| x.len() == 32)?;
                ("EdDSA", Algorithm::EdDSA, DecodingKey::from_ed_components(self.x.as_deref()?))
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(&self.x)?, bytes(&self.y)?);
                if (x.len(), y.len()) != (32, 32) {
                    return None;
                }
                let key = DecodingKey::from_ec_components(self.x.as_deref()?, self.y.as_deref()?);
                ("ES256", Algorithm::ES256, key)
            }
            ("RSA", _) => {
                bytes(&self.n).filter(|n| n.len() >= SHORTEST_MODULUS)?;
                let key = DecodingKey::from_rsa_components(self.n.as_deref()?, self.e.as_deref()?);
                ("RS256", Algorithm::RS256, key)
            }
            _ => return None,
        };
        let fits = self.alg.as_deref().is_none_or(|alg| alg == name);
        (signs && fits).then_some((self.kid.clone()?, algorithm, key.ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_from_a_file_or_from_this_machine() {
        let local = |text: &str| JwksSource::parse(text) == Ok(JwksSource::Local(text.to_owned()));
        for text in ["http://127.0.0.1:9000/jwks", "http://localhost/keys?x=1", "http://[::1]:80/"] {
            assert!(local(text), "{text}");
        }
        assert_eq!(JwksSource::parse("keys/sso.json"), Ok(JwksSource::File("keys/sso.json".into())));
        for text in [
            "https://sso.example/jwks",
            "http://10.0.0.1/jwks",
            "http://127.0.0.1@evil.example/",
            "http://localhost.evil.example/",
            "file:///etc/keys",
            "http:///x",
        ] {
            assert!(JwksSource::parse(text).is_err(), "{text}");
        }
    }
}
