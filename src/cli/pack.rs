//! Where the law comes from, for the commands that answer by it.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    cli::Failure,
    decide,
    policy::{Finding, Policy},
};

/// The pack of law to answer by.
#[derive(Debug, Clone, Args)]
pub struct PackSource {
    /// Folder with the pack of law, instead of the one in this program.
    #[arg(long = "policy", value_name = "DIR", env = "AN_SINH_POLICY")]
    dir: Option<PathBuf>,
}

impl PackSource {
    /// The folder, if the law is not the one in this program.
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// The pack in the folder, proved; or the one in this program, which the tests proved. A folder is read anew each
    /// time.
    ///
    /// # Errors
    /// All that is wrong with the pack. It may not answer then.
    pub fn read(&self) -> Result<Policy, Vec<Finding>> {
        match self.dir() {
            None => Policy::embedded(),
            Some(dir) => checked(Some(dir)),
        }
    }

    /// [`read`](Self::read), its findings as lines.
    pub(super) fn read_or_fail(&self) -> Result<Policy, Failure> {
        self.read().map_err(|findings| {
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            Failure::Message(lines.join("\n"))
        })
    }
}

/// The pack in a folder, or the one in this program, proved.
pub fn checked(dir: Option<&Path>) -> Result<Policy, Vec<Finding>> {
    let policy = match dir {
        None => Policy::embedded()?,
        Some(dir) => Policy::from_folder(dir)?,
    };
    decide::prove(&policy)?;
    Ok(policy)
}
