//! Checkpoints as signed notes: C2SP `tlog-checkpoint` in C2SP `signed-note`, with Ed25519.
//!
//! ```text
//! an-sinh.example/audit          origin of the log
//! 1204                           leaves
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=     root
//!
//! — an-sinh.example/audit Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
//! ```

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::tree::Hash;
use crate::store::hex;

/// Kind of signature: Ed25519, as the first byte of what a verifier key encodes.
const ED25519_KIND: u8 = 1;
/// Bytes of a key's id at the head of each signature.
const KEY_ID: usize = 4;
/// What a signature line begins with.
const MARK: &str = "— ";
/// Longer notes are not ours, and not read.
const LONGEST: usize = 64 * 1024;

/// How large the log is, and its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Leaves.
    pub size: u64,
    /// Their root.
    pub root: Hash,
}

impl Checkpoint {
    /// What is signed.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The note, signed in the name of the origin.
    pub fn sign(&self, pair: &Ed25519KeyPair, public: &[u8]) -> String {
        let text = self.text();
        let mut signature = key_id(&self.origin, public).to_vec();
        signature.extend_from_slice(pair.sign(text.as_bytes()).as_ref());
        format!("{text}\n{MARK}{} {}\n", self.origin, STANDARD.encode(signature))
    }
}

/// A note as read; its signatures are still to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it says.
    pub checkpoint: Checkpoint,
    text: String,
    signatures: Vec<(String, Vec<u8>)>,
}

impl Note {
    /// Reads a note; `None` when it has another form.
    pub fn parse(note: &str) -> Option<Self> {
        if note.len() > LONGEST || note.chars().any(|c| c < ' ' && c != '\n') {
            return None;
        }
        // The text may hold blank lines of its own: the last one parts the signatures off.
        let (text, signatures) = note.rsplit_once("\n\n")?;
        let text = format!("{text}\n");
        let signatures = signatures.strip_suffix('\n')?.lines().map(signature).collect::<Option<_>>()?;
        let mut lines = text.lines();
        let origin = lines.next().filter(|name| is_name(name))?.to_owned();
        let size = lines.next().filter(|size| *size == "0" || !size.starts_with(['0', '+']))?;
        let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
        let checkpoint = Checkpoint { origin, size: size.parse().ok()?, root };
        Some(Self { checkpoint, text, signatures })
    }

    /// Whether the key signed it, in the name of the log.
    pub fn is_signed_by(&self, key: &VerifierKey) -> bool {
        let id = key_id(&key.name, &key.public);
        key.name == self.checkpoint.origin
            && self.signatures.iter().any(|(name, signature)| {
                *name == key.name
                    && signature.strip_prefix(&id).is_some_and(|signature| {
                        let public = UnparsedPublicKey::new(&ED25519, &key.public);
                        public.verify(self.text.as_bytes(), signature).is_ok()
                    })
            })
    }
}

fn signature(line: &str) -> Option<(String, Vec<u8>)> {
    let (name, signature) = line.strip_prefix(MARK)?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    (is_name(name) && signature.len() > KEY_ID).then(|| (name.to_owned(), signature))
}

/// Whether a log may be called so: no white space, no plus sign.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn key_id(name: &str, public: &[u8]) -> [u8; KEY_ID] {
    let hash = Sha256::new().chain_update(name).chain_update([b'\n', ED25519_KIND]).chain_update(public);
    let mut id = [0; KEY_ID];
    id.copy_from_slice(&hash.finalize()[..KEY_ID]);
    id
}

/// What checks the signatures of one log, in the text form of `signed-note`: `NAME+ID+KEY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    /// Name of the log.
    pub name: String,
    /// Raw Ed25519 public key.
    pub public: Vec<u8>,
}

impl VerifierKey {
    /// Reads the text form; `None` when it has another, or the id is that of another key.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let key = STANDARD.decode(key).ok()?;
        let public = key.strip_prefix(&[ED25519_KIND]).filter(|public| public.len() == 32)?;
        let right = is_name(name) && id == hex(&key_id(name, public));
        right.then(|| Self { name: name.to_owned(), public: public.to_vec() })
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519_KIND], self.public.as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex(&key_id(&self.name, &self.public)), STANDARD.encode(key))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::KeyPair;
    use proptest::prelude::*;

    use super::*;

    /// The key of the specification's example (golang.org/x/mod/sumdb/note).
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const SIGNATURE: &str =
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

    fn pair() -> (Ed25519KeyPair, VerifierKey) {
        let pair = Ed25519KeyPair::generate().unwrap();
        let public = pair.public_key().as_ref().to_vec();
        (pair, VerifierKey { name: "an-sinh/audit".into(), public })
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "an-sinh/audit".into(), size: 1204, root: [7; 32] }
    }

    #[test]
    fn keys_and_signatures_are_those_of_other_programs() {
        let peter = VerifierKey::parse(PETER).unwrap();
        assert_eq!(peter.to_string(), PETER);
        let signature = STANDARD.decode(SIGNATURE).unwrap();
        let rest = signature.strip_prefix(&key_id(&peter.name, &peter.public)).unwrap();
        assert!(UnparsedPublicKey::new(&ED25519, &peter.public).verify(NOTE.as_bytes(), rest).is_ok());
        assert!(VerifierKey::parse(&PETER.replace("c74f", "c74e")).is_none());
    }

    #[test]
    fn a_note_reads_as_it_was_written_and_only_its_key_fits() {
        let (pair, key) = pair();
        let note = checkpoint().sign(&pair, &key.public);
        let read = Note::parse(&note).unwrap();
        assert_eq!(read.checkpoint, checkpoint());
        assert!(read.is_signed_by(&key));
        assert!(!read.is_signed_by(&self::pair().1));
        assert!(!read.is_signed_by(&VerifierKey { name: "other/log".into(), ..key }));
    }

    #[test]
    fn any_changed_byte_shows() {
        let (pair, key) = pair();
        let note = checkpoint().sign(&pair, &key.public);
        for at in 0..note.len() {
            let mut changed = note.clone().into_bytes();
            changed[at] ^= 1;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let fits = Note::parse(&changed).is_some_and(|note| note.is_signed_by(&key));
            assert!(!fits, "byte {at}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC{0,80}\n{0,3}[0-9]{0,22}\n{0,3}(— )?\\PC{0,40}\n?") {
            let _ = Note::parse(&text);
            let _ = VerifierKey::parse(&text);
        }
    }
}
