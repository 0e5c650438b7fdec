//! Passwords and client secrets: Argon2id hashes, what a good password is, secrets made by us.

use std::{fmt, sync::LazyLock};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{Error, SaltString},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use unicode_normalization::UnicodeNormalization;

use super::{AccessError, turnstile::Turnstile};
use crate::{facts::Text, store::StoreError};

/// Characters a password has at least (NIST SP 800-63B-4 §3.1.1.2 asks for 15 where it is the only proof, 8 beside
/// another; lock-out stands beside ours).
pub const SHORTEST_PASSWORD: usize = 12;
/// Bytes a secret has at most. Longer ones are no secrets but an attempt to keep us hashing.
pub const LONGEST_SECRET: usize = 256;

/// Passwords that everyone tries first, among those long enough for us; in small letters.
const KNOWN_BAD: &str = include_str!("known_bad.txt");

/// Secrets being hashed in this process.
static TURNSTILE: Turnstile = Turnstile::new();

/// What is wrong with a password somebody chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too short to resist guessing.
    #[error("the password needs at least {SHORTEST_PASSWORD} characters")]
    Short,
    /// Longer than we hash.
    #[error("the password may have at most {LONGEST_SECRET} bytes")]
    Long,
    /// The name to sign in with, once or repeated.
    #[error("the password must not be the account's name")]
    Login,
    /// The one it replaces.
    #[error("the new password is the old one")]
    Same,
    /// On the list of those tried first.
    #[error("the password is one of those that are tried first")]
    KnownBad,
}

impl WeakPassword {
    /// In the words of the API.
    pub fn words(self) -> Text {
        match self {
            Self::Short => Text::new(
                format!("Mật khẩu cần ít nhất {SHORTEST_PASSWORD} ký tự."),
                format!("A password has at least {SHORTEST_PASSWORD} characters."),
            ),
            Self::Long => Text::new(
                format!("Mật khẩu dài không quá {LONGEST_SECRET} byte."),
                format!("A password has at most {LONGEST_SECRET} bytes."),
            ),
            Self::Login => {
                Text::new("Mật khẩu không được trùng tên đăng nhập.", "The password must not be the login.")
            }
            Self::Same => Text::new(
                "Mật khẩu mới phải khác mật khẩu cũ.",
                "The new password must differ from the old one.",
            ),
            Self::KnownBad => Text::new(
                "Mật khẩu này quá phổ biến, dễ bị đoán ra.",
                "This password is among those that are tried first.",
            ),
        }
    }
}

/// Whether a password may be chosen for the account named `login`. No rules of composition, as NIST asks.
///
/// # Errors
/// What is wrong with it.
pub fn check(login: &str, password: &str) -> Result<(), WeakPassword> {
    if password.len() > LONGEST_SECRET {
        return Err(WeakPassword::Long);
    }
    let plain = normal(password);
    if plain.chars().count() < SHORTEST_PASSWORD {
        return Err(WeakPassword::Short);
    }
    let (folded, login) = (plain.to_lowercase(), login.to_lowercase());
    if !login.is_empty() && folded.replace(&login, "").is_empty() {
        return Err(WeakPassword::Login);
    }
    let first = folded.chars().next();
    if KNOWN_BAD.lines().any(|bad| bad == folded) || folded.chars().all(|letter| Some(letter) == first) {
        return Err(WeakPassword::KnownBad);
    }
    Ok(())
}

/// A secret of 256 random bits, as 43 letters: nobody guesses it, nobody needs to remember it.
///
/// # Errors
/// When the system has no randomness.
pub fn random_secret() -> Result<String, AccessError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| AccessError::Crypto("no randomness".into()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// One keyboard sends “ấ” as one character, another as three: both are the same password.
fn normal(secret: &str) -> String {
    secret.nfc().collect()
}

/// A secret that was hashed. Hashing takes some 20 ms and 19 MiB: it is done before a transaction, not in it.
#[derive(Clone)]
pub struct HashedSecret(String);

impl fmt::Debug for HashedSecret {
    /// Shows nothing: a hash is enough to begin guessing with.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl HashedSecret {
    /// Hashes a secret with a fresh salt.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too many secrets are being hashed; when the system has no randomness.
    pub fn new(secret: &str) -> Result<Self, AccessError> {
        let _turn = TURNSTILE.enter()?;
        hash(secret).map(Self)
    }

    /// The PHC string.
    pub(super) fn into_phc(self) -> String {
        self.0
    }
}

/// The PHC string of a secret, with a fresh salt.
fn hash(secret: &str) -> Result<String, AccessError> {
    let failed = |error: Error| AccessError::Crypto(error.to_string());
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| failed(Error::Crypto))?;
    let salt = SaltString::encode_b64(&salt).map_err(failed)?;
    Ok(argon2().hash_password(normal(secret).as_bytes(), &salt).map_err(failed)?.to_string())
}

/// Whether the secret is the one that was hashed. A hash that cannot be read fits no secret.
///
/// # Errors
/// [`StoreError::Busy`] when too many secrets are being hashed.
pub(super) fn verify(secret: &str, hash: &str) -> Result<bool, StoreError> {
    let _turn = TURNSTILE.enter()?;
    Ok(PasswordHash::new(hash)
        .is_ok_and(|parsed| argon2().verify_password(normal(secret).as_bytes(), &parsed).is_ok()))
}

/// Takes as long as [`verify`], for logins that do not exist.
///
/// # Errors
/// As [`verify`].
pub(super) fn pretend(secret: &str) -> Result<(), StoreError> {
    static DECOY: LazyLock<String> = LazyLock::new(|| hash("").unwrap_or_default());
    // The answer does not matter: nobody has this account.
    verify(secret, &DECOY).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_named() {
        for (password, fault) in [
            ("elevenchars", WeakPassword::Short),
            ("Canbo.CauGiay", WeakPassword::Login),
            ("canbo.caugiaycanbo.caugiay", WeakPassword::Login),
            ("MatKhau123456", WeakPassword::KnownBad),
            ("bbbbbbbbbbbbbbbb", WeakPassword::KnownBad),
            (&"x".repeat(257), WeakPassword::Long),
        ] {
            assert_eq!(check("canbo.caugiay", password), Err(fault), "{password}");
        }
        for good in ["an-sinh-demo", "mười hai chữ ", "một mật khẩu dài có dấu cách"] {
            assert_eq!(check("canbo.caugiay", good), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_list_holds_only_what_would_pass_otherwise() {
        for bad in KNOWN_BAD.lines() {
            assert!(bad.chars().count() >= SHORTEST_PASSWORD, "{bad} is too short to matter");
            assert_eq!(bad, bad.to_lowercase(), "{bad} is not in small letters");
        }
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        let composed = hash("mật khẩu của tôi").expect("hashed");
        let decomposed: String = "mật khẩu của tôi".nfd().collect();
        assert_ne!(decomposed, "mật khẩu của tôi");
        assert!(verify(&decomposed, &composed).expect("a turn"));
        assert!(!verify("mat khau cua toi", &composed).expect("a turn"));
    }
}
