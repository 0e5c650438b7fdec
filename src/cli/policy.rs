//! `an-sinh policy …`

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;

use crate::{
    cli::Failure,
    decide,
    policy::{Finding, Policy, Proof},
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
        /// Write digest and sizes of what was proved here.
        #[arg(long, value_name = "FILE")]
        record: Option<PathBuf>,
    },
}

impl PolicyCommand {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Check { dir, record } => {
                let mut out = io::stdout().lock();
                let (policy, sizes) = match checked(dir.as_deref()) {
                    Ok(checked) => checked,
                    Err(findings) => {
                        list(&findings, &mut out).map_err(Failure::io("stdout"))?;
                        return Ok(ExitCode::from(FOUND));
                    }
                };
                report(&policy, &sizes, &mut out).map_err(Failure::io("stdout"))?;
                if let Some(file) = record {
                    let text = policy.record(sizes).to_text();
                    std::fs::write(&file, text).map_err(Failure::io(file.display().to_string()))?;
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn report(policy: &Policy, sizes: &[Proof], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{} {} {}", policy.id(), policy.version(), policy.digest())?;
    for proof in sizes {
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

fn read(dir: Option<&Path>) -> Result<Policy, Vec<Finding>> {
    dir.map_or_else(Policy::embedded, Policy::from_folder)
}

fn checked(dir: Option<&Path>) -> Result<(Policy, Vec<Proof>), Vec<Finding>> {
    let policy = read(dir)?;
    let sizes = decide::prove(&policy)?;
    Ok((policy, sizes))
}

/// The pack in a folder or the one in this program, proved: now, or by the tests of this program.
pub fn read_pack(dir: Option<&Path>) -> Result<Policy, Failure> {
    let policy = read(dir).and_then(|policy| {
        if !policy.is_recorded() {
            decide::prove(&policy)?;
        }
        Ok(policy)
    });
    policy.map_err(|findings| {
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        Failure::Message(lines.join("\n"))
    })
}
