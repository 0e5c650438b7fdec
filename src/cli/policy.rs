//! `an-sinh policy …`

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Subcommand;

use crate::{
    cli::{Failure, pack::checked},
    policy::{Finding, Policy},
};

/// A check found something.
const FOUND: u8 = 1;

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
                let mut out = io::stdout().lock();
                let status = match checked(dir.as_deref()) {
                    Ok(policy) => report(&policy, &mut out).map(|()| ExitCode::SUCCESS),
                    Err(findings) => list(&findings, &mut out).map(|()| ExitCode::from(FOUND)),
                };
                status.map_err(Failure::io("stdout"))
            }
        }
    }
}

fn report(policy: &Policy, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{} {} {}", policy.id(), policy.version(), policy.digest())?;
    for proof in policy.proofs() {
        writeln!(
            out,
            "{}: {} rules, {} rule sets, at most {} facts, {} diagram nodes, {} tests passed",
            proof.entitlement, proof.rules, proof.rule_sets, proof.facts, proof.nodes, proof.tests
        )?;
    }
    Ok(())
}

fn list(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    for finding in findings {
        writeln!(out, "{finding}")?;
    }
    writeln!(out, "{} finding(s)", findings.len())
}
