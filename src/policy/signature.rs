//! Signed packs: a pack whose files are those that somebody with the key has signed.
//!
//! What is signed is the manifest, the text whose SHA-256 is the digest of the pack (`docs/policy-format.md`): every file
//! that may bear on an answer stands in it. The signature is a file beside them, `pack.sig`, of one line:
//! `ed25519`, the public key and the signature, each in base64.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Finding, SourceText,
    files::{SIGNATURE, manifest},
};

/// How the line begins: the only kind of signature there is.
const KIND: &str = "ed25519";

/// A key that signatures are checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads base64 of 32 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The public half of a key pair.
    pub fn of(pair: &Ed25519KeyPair) -> Option<Self> {
        pair.public_key().as_ref().try_into().ok().map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

/// The text of `pack.sig` for these files; `None` when the key pair can't be used.
pub fn sign(files: &[SourceText], pair: &Ed25519KeyPair) -> Option<String> {
    let signature = pair.try_sign(manifest(files).as_bytes()).ok()?;
    Some(format!("{KIND} {} {}\n", PublicKey::of(pair)?, STANDARD.encode(signature)))
}

/// Checks that the files are those that were signed with one of the keys, and tells which.
///
/// # Errors
/// One finding: not signed, no signature, another key, or not these files.
pub fn verify(
    files: &[SourceText],
    signature: Option<&str>,
    keys: &[PublicKey],
) -> Result<PublicKey, Vec<Finding>> {
    let refuse = |message: String| {
        let (file, subject) = (SIGNATURE.to_owned(), "signature".to_owned());
        vec![Finding { file, line: 1, column: 1, subject, message, witness: None }]
    };
    let Some(text) = signature else {
        return Err(refuse(
            "the pack is not signed; with a policy key set, only signed packs are taken".into(),
        ));
    };
    let Some((key, signature)) = parse(text) else {
        let form = "one line is expected: ed25519, the public key and the signature, each in base64";
        return Err(refuse(form.into()));
    };
    if !keys.contains(&key) {
        return Err(refuse(format!("the pack is signed with the key {key}, which is not trusted here")));
    }
    UnparsedPublicKey::new(&ED25519, key.0).verify(manifest(files).as_bytes(), &signature).map_err(|_| {
        let wrong = "the files are not those that were signed with the key";
        refuse(format!("{wrong} {key}: the pack was changed afterwards, or the signature is of another pack"))
    })?;
    Ok(key)
}

fn parse(text: &str) -> Option<(PublicKey, [u8; 64])> {
    let mut words = text.split_ascii_whitespace();
    let (kind, key, signature) = (words.next()?, words.next()?, words.next()?);
    if kind != KIND || words.next().is_some() {
        return None;
    }
    Some((PublicKey::parse(key)?, STANDARD.decode(signature).ok()?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn files(names: &[(&str, &str)]) -> Vec<SourceText> {
        names.iter().map(|(name, text)| SourceText { name: (*name).into(), text: (*text).into() }).collect()
    }

    #[test]
    fn only_the_signed_files_and_a_trusted_key_pass() {
        let signed = files(&[("pack.toml", "id"), ("sources.toml", "")]);
        let text = sign(&signed, &pair(1)).unwrap();
        let (trusted, other) = (PublicKey::of(&pair(1)).unwrap(), PublicKey::of(&pair(2)).unwrap());
        assert_eq!(verify(&signed, Some(&text), &[other, trusted]).unwrap(), trusted);
        assert_eq!(PublicKey::parse(&trusted.to_string()), Some(trusted));
        let refused = |files: &[SourceText], text: Option<&str>| {
            verify(files, text, &[trusted]).unwrap_err().remove(0).message
        };
        for changed in [
            files(&[("pack.toml", "iD"), ("sources.toml", "")]),
            files(&[("pack.toml", "id")]),
            files(&[("pack.toml", "id"), ("sources.toml", ""), ("categories/a.toml", "")]),
            files(&[("pack.toml", ""), ("sources.toml", "id")]),
        ] {
            assert!(refused(&changed, Some(&text)).starts_with("the files are not those"));
        }
        assert!(refused(&signed, None).starts_with("the pack is not signed"));
        let foreign = sign(&signed, &pair(2)).unwrap();
        assert!(refused(&signed, Some(&foreign)).contains("not trusted here"));
        // Another's signature under a trusted name is none.
        let mixed = foreign.replace(&other.to_string(), &trusted.to_string());
        assert!(refused(&signed, Some(&mixed)).starts_with("the files are not those"));
    }

    proptest! {
        /// Whatever stands in `pack.sig`, it is read or refused.
        #[test]
        fn any_text_is_read_or_refused(text in "(ed25519)?[ \n]?[A-Za-z0-9+/=]{0,90}[ \n]?.{0,90}") {
            let keys = [PublicKey::of(&pair(1)).unwrap()];
            prop_assert!(verify(&[], Some(&text), &keys).is_err());
        }
    }
}
