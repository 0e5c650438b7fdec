//! Argon2id hashes of passwords and client secrets.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{Error, SaltString},
};

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The PHC string of a secret, with a fresh salt.
pub(super) fn hash(secret: &str) -> Result<String, Error> {
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| Error::Crypto)?;
    Ok(argon2().hash_password(secret.as_bytes(), &SaltString::encode_b64(&salt)?)?.to_string())
}

/// Whether the secret is the one that was hashed. A hash that cannot be read fits no secret.
pub(super) fn verify(secret: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|parsed| argon2().verify_password(secret.as_bytes(), &parsed).is_ok())
}

/// Takes as long as [`verify`], for logins that do not exist.
pub(super) fn pretend(secret: &str) {
    static DECOY: LazyLock<String> = LazyLock::new(|| hash("").unwrap_or_default());
    // The answer does not matter: nobody has this account.
    let _nobody = verify(secret, &DECOY);
}
