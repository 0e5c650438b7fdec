//! Where the law comes from, for the commands that answer by it.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    api::state::today_in_hanoi,
    cli::Failure,
    decide,
    policy::{Finding, Policy, PublicKey},
};

/// The pack of law to answer by.
#[derive(Debug, Clone, Args)]
pub struct PackSource {
    /// Folder with the pack of law, instead of the one in this program.
    #[arg(long = "policy", value_name = "DIR", env = "AN_SINH_POLICY")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    trusted: TrustedKeys,
}

impl PackSource {
    /// The folder, if the law is not the one in this program.
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// The pack in the folder, signed if it must be, proved, and of a day that has come; or the one in this program, which
    /// is trusted as the program is, and which the tests proved. Folder and keys are read anew each time.
    ///
    /// # Errors
    /// All that is wrong with the pack. It may not answer then.
    pub fn read(&self) -> Result<Policy, Vec<Finding>> {
        let policy = match self.dir() {
            None => Policy::embedded()?,
            Some(dir) => {
                let policy = self.trusted.read(dir)?;
                policy.applies_on(today_in_hanoi())?;
                policy
            }
        };
        // What the tests of this program proved is not proved again.
        if !policy.is_recorded() {
            decide::prove(&policy)?;
        }
        Ok(policy)
    }

    /// [`read`](Self::read), its findings as lines.
    pub(super) fn read_or_fail(&self) -> Result<Policy, Failure> {
        self.read().map_err(|findings| {
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            Failure::Message(lines.join("\n"))
        })
    }
}

/// Whose packs are taken.
#[derive(Debug, Clone, Args)]
pub struct TrustedKeys {
    /// Public key, in base64, or a file with one a line; several are parted by commas. With it, a pack from a folder is
    /// taken only when it is signed with one of them.
    #[arg(long = "policy-key", value_name = "KEY|FILE", env = "AN_SINH_POLICY_KEY", value_delimiter = ',')]
    keys: Vec<String>,
}

impl TrustedKeys {
    /// Reads a pack; with keys, only one that is signed.
    ///
    /// # Errors
    /// What is wrong with the pack, its signature or the keys.
    pub fn read(&self, dir: &Path) -> Result<Policy, Vec<Finding>> {
        // No key was named: that is a choice. Keys that can't be read are none: they close the door.
        if self.keys.is_empty() {
            return Policy::from_folder(dir);
        }
        let mut keys = Vec::new();
        for named in &self.keys {
            match PublicKey::parse(named) {
                Some(key) => keys.push(key),
                None => keys.extend(key_file(named)?),
            }
        }
        Policy::from_signed_folder(dir, &keys)
    }
}

/// The keys in a file, one a line; blank lines and those that begin with `#` are passed over.
fn key_file(path: &str) -> Result<Vec<PublicKey>, Vec<Finding>> {
    let wrong = |line, message: String| {
        vec![Finding {
            file: path.into(),
            line,
            column: 1,
            subject: "policy key".into(),
            message,
            witness: None,
        }]
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(1, format!("neither a public key nor a file with some: {error}")))?;
    let lines = text.lines().map(str::trim).enumerate();
    let keys: Vec<PublicKey> = lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| {
            PublicKey::parse(line)
                .ok_or_else(|| wrong(at + 1, "no public key: base64 of 32 bytes is expected".into()))
        })
        .collect::<Result<_, _>>()?;
    if keys.is_empty() { Err(wrong(1, "the file holds no key".into())) } else { Ok(keys) }
}
