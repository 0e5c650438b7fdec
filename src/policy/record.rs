//! What was proved of the pack in this program: its digest and the sizes, compiled in.
//!
//! The tests prove the pack and compare the record; a pack with the recorded digest is not proved again at start, any
//! other is. `scripts/update-contract` writes it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::check::Proof;

const HEAD: &str = "\
# What was proved of policy/hanoi. Written by scripts/update-contract, compared by the tests: a pack with another digest is
# proved before it answers.
";

/// A pack's digest with the sizes of its proofs.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// `sha256:` and 64 hex digits.
    pub digest: String,
    /// One a decision, in pack order.
    pub proof: Vec<Proof>,
}

impl Record {
    /// As the file writes it.
    pub fn to_text(&self) -> String {
        // A text and whole numbers: nothing in it could not be written.
        format!("{HEAD}{}", toml::to_string(self).unwrap_or_default())
    }
}

/// The record that is compiled in; none where its file cannot be read, and then every pack is proved.
static COMPILED_IN: LazyLock<Option<Record>> =
    LazyLock::new(|| toml::from_str(include_str!("../../policy/hanoi.proved")).ok());

/// The sizes, when a pack of this digest is the one that was proved.
pub fn of(digest: &str) -> Option<&'static [Proof]> {
    COMPILED_IN.as_ref().filter(|record| record.digest == digest).map(|record| record.proof.as_slice())
}
