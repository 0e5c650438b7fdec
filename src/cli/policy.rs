//! `an-sinh policy …`

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Subcommand;

use crate::{
    cli::{Failure, coverage, pack::TrustedKeys},
    decide,
    policy::{Finding, Policy, Proof, PublicKey, signature},
};

/// A check found something.
const FOUND: u8 = 1;

/// The private key is kept as other programs write it too (RFC 8410).
const PEM: [&str; 2] = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"];

/// Check and sign packs of law.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Check a pack: its signature where keys are given, names, types, citations, days, proofs, and the tests beside its
    /// rules.
    Check {
        /// Folder with the pack; without it, the pack in this program.
        dir: Option<PathBuf>,
        /// Write digest and sizes of what was proved here.
        #[arg(long, value_name = "FILE")]
        record: Option<PathBuf>,
        #[command(flatten)]
        trusted: TrustedKeys,
    },
    /// Print what of the law a pack holds, how well it was verified and what is open (Markdown; docs/law-coverage.md).
    Coverage {
        /// Folder with the pack; without it, the pack in this program.
        dir: Option<PathBuf>,
    },
    /// Sign a pack that passes the check and tells who approved it. Writes pack.sig into its folder.
    Sign {
        /// Folder with the pack.
        dir: PathBuf,
        /// File with the private key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Make a key to sign packs with. Prints the public key, for AN_SINH_POLICY_KEY.
    Keygen {
        /// File for the private key (PKCS #8 in PEM); it must not be there yet.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

impl PolicyCommand {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let mut out = io::stdout().lock();
        let done = match self {
            Self::Check { dir, record, trusted } => match check(dir.as_deref(), &trusted) {
                Ok((policy, sizes)) => {
                    let text = report(&policy, &sizes);
                    if let Some(file) = record {
                        let record = policy.record(sizes).to_text();
                        fs::write(&file, record).map_err(Failure::io(file.display()))?;
                    }
                    Ok(text)
                }
                Err(findings) => Err(findings),
            },
            Self::Coverage { dir } => {
                match dir.map_or_else(Policy::embedded, |dir| Policy::from_folder(&dir)) {
                    Ok(policy) => Ok(coverage::page(&policy).map_err(|error| Failure::error(&error))?),
                    Err(findings) => Err(findings),
                }
            }
            Self::Sign { dir, key } => sign(&dir, &read_key(&key)?)?,
            Self::Keygen { key } => Ok(format!("{}\n", make_key(&key)?)),
        };
        let (text, status) = match done {
            Ok(text) => (text, ExitCode::SUCCESS),
            Err(findings) => (list(&findings), ExitCode::from(FOUND)),
        };
        out.write_all(text.as_bytes()).map_err(Failure::io("stdout"))?;
        Ok(status)
    }
}

fn check(dir: Option<&Path>, trusted: &TrustedKeys) -> Result<(Policy, Vec<Proof>), Vec<Finding>> {
    let policy = match dir {
        None => Policy::embedded()?,
        Some(dir) => trusted.read(dir)?,
    };
    let sizes = decide::prove(&policy)?;
    Ok((policy, sizes))
}

/// What a pack is, and what was proved of it.
fn report(policy: &Policy, sizes: &[Proof]) -> String {
    let mut text = format!("{} {} {}\n", policy.id(), policy.version(), policy.digest());
    if let Some(approval) = &policy.pack.approval {
        let (by, on, from) = (&approval.by.vi, approval.on, approval.applies_from);
        text += &format!("approved by {by} on {on}, applies from {from}\n");
    }
    for proof in sizes {
        text += &format!(
            "{}: {} rules, {} rule sets, at most {} facts, {} diagram nodes, {} tests passed\n",
            proof.entitlement, proof.rules, proof.rule_sets, proof.facts, proof.nodes, proof.tests
        );
    }
    text
}

fn list(findings: &[Finding]) -> String {
    let lines: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
    format!("{lines}{} finding(s)\n", findings.len())
}

/// Signs what was checked: the files are read once.
fn sign(dir: &Path, pair: &Ed25519KeyPair) -> Result<Result<String, Vec<Finding>>, Failure> {
    let read =
        Policy::from_folder(dir).and_then(|policy| decide::prove(&policy).map(|sizes| (policy, sizes)));
    let (policy, sizes) = match read {
        Ok(proved) => proved,
        Err(findings) => return Ok(Err(findings)),
    };
    if policy.pack.approval.is_none() {
        return Ok(Err(vec![Finding {
            file: "pack.toml".into(),
            line: 1,
            column: 1,
            subject: "approval".into(),
            message: "a pack that is signed tells who approved it: [approval] with by, on and applies_from"
                .into(),
            witness: None,
        }]));
    }
    let text = signature::sign(policy.files(), pair)
        .ok_or_else(|| Failure::said("Không dùng được khóa riêng.", "the private key can't be used"))?;
    let file = dir.join("pack.sig");
    fs::write(&file, &text).map_err(Failure::io(file.display()))?;
    Ok(Ok(report(&policy, &sizes) + &text))
}

fn read_key(path: &Path) -> Result<Ed25519KeyPair, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::io(path.display()))?;
    let lines = text.lines().map(str::trim).skip_while(|line| *line != PEM[0]).skip(1);
    let body: String = lines.take_while(|line| *line != PEM[1]).collect();
    let pair = STANDARD.decode(body).ok().and_then(|der| Ed25519KeyPair::from_pkcs8(&der).ok());
    pair.ok_or_else(|| {
        Failure::said(
            format!("{}: không có khóa riêng Ed25519 (PKCS #8 dạng PEM).", path.display()),
            format!("{}: no private Ed25519 key (PKCS #8 in PEM)", path.display()),
        )
    })
}

/// Writes a new private key that only its owner may read, and returns the public one.
fn make_key(path: &Path) -> Result<PublicKey, Failure> {
    let no_key = || Failure::said("Không tạo được khóa.", "no key could be made");
    let pair = Ed25519KeyPair::generate().map_err(|_| no_key())?;
    let der = pair.to_pkcs8v1().map_err(|_| no_key())?;
    let public = PublicKey::of(&pair).ok_or_else(no_key)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let text = format!("{}\n{}\n{}\n", PEM[0], STANDARD.encode(der.as_ref()), PEM[1]);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(Failure::io(path.display()))?;
    Ok(public)
}
