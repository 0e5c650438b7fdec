//! `an-sinh policy …`

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;

use crate::{cli::Failure, policy::Policy};

/// Check packs of law.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Check a pack: names, types, citations, days, and the tests beside its rules.
    Check {
        /// Folder with the pack; without it, the pack in this program.
        dir: Option<PathBuf>,
    },
}

impl PolicyCommand {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Check { dir } => {
                let policy = read_pack(dir.as_deref())?;
                let named = format!("{} {} {}", policy.id(), policy.version(), policy.digest());
                writeln!(io::stdout(), "{named}").map_err(Failure::io("stdout"))?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// The pack in a folder, or the one in this program.
pub fn read_pack(dir: Option<&Path>) -> Result<Policy, Failure> {
    match dir {
        None => Ok(Policy::embedded()),
        Some(dir) => Err(Failure::Message(format!("{}: not read yet", dir.display()))),
    }
}
