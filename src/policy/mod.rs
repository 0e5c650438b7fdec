//! The law as data: read, checked, compiled and proved.
//!
//! A pack is a folder of TOML files (`docs/policy-format.md`). [`Policy::embedded`] is the one in the binary,
//! [`Policy::from_folder`] reads another. What comes back is immutable.

pub mod atoms;
mod cells;
mod check;
mod citing;
pub mod clauses;
pub mod conditions;
mod decision;
mod decision_file;
mod decision_values;
mod diagram;
mod epochs;
mod expression;
pub mod field_table;
mod files;
mod finding;
pub mod guard;
mod links;
mod lists;
mod load;
pub mod model;
mod names;
mod nesting;
mod order;
pub mod program;
mod proofs;
pub mod raw;
pub mod reads;
mod record;
mod resolve;
mod rule_builder;
pub mod ruleset;
pub mod signature;
mod solver;
pub mod span_texts;
mod syntax;
mod texts;

use std::{path::Path, sync::OnceLock};

use chrono::NaiveDate;

pub use cells::{Cut, Mark, Var};
pub use check::Proof;
pub use decision_file::OTHERWISE;
pub use diagram::Cells;
pub use epochs::{Change, Epochs};
pub use files::{SourceText, digest};
pub use finding::Finding;
pub use model::{Approval, Decision, Pack, Source};
pub use raw::{Authority, Confidence, Days};
pub use record::Record;
pub use ruleset::RuleSet;
pub use signature::PublicKey;
pub use syntax::Op;

/// A compiled, immutable pack of law.
#[derive(Debug)]
pub struct Policy {
    /// What the files say.
    pub pack: Pack,
    epochs: Vec<Epochs>,
    program: program::Program,
    implied_ages: Vec<u32>,
    reference: String,
    files: Vec<SourceText>,
    sizes: OnceLock<Vec<Proof>>,
}

impl Policy {
    /// The pack that is compiled into the binary.
    ///
    /// # Errors
    /// None in a release: the tests load it.
    pub fn embedded() -> Result<Self, Vec<Finding>> {
        Self::read(files::embedded())
    }

    /// A pack in a folder, whoever wrote it.
    ///
    /// # Errors
    /// The findings, with file, line and column; a folder that cannot be read is one finding.
    pub fn from_folder(folder: &Path) -> Result<Self, Vec<Finding>> {
        Self::read(files::from_folder(folder).map_err(|error| unreadable(&error))?)
    }

    /// A pack in a folder, signed with one of the keys. What was checked is what is read: the files are read once.
    ///
    /// # Errors
    /// That it is not signed so, before anything else; else as [`from_folder`](Self::from_folder).
    pub fn from_signed_folder(folder: &Path, keys: &[PublicKey]) -> Result<Self, Vec<Finding>> {
        let files = files::from_folder(folder).map_err(|error| unreadable(&error))?;
        let signature = files::signature(folder).map_err(|error| unreadable(&error))?;
        signature::verify(&files, signature.as_deref(), keys)?;
        Self::read(files)
    }

    /// Reads, checks and compiles the files of a pack.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(files: Vec<SourceText>) -> Result<Self, Vec<Finding>> {
        let pack = load::load(&files)?;
        let mut findings = check::names_and_days(&pack, &files);
        findings.extend(links::check(&pack, &files));
        findings.extend(texts::check(&pack, &files));
        let mut epochs = Vec::with_capacity(pack.decisions.len());
        for decision in &pack.decisions {
            match Epochs::build(&pack, decision) {
                Ok(ready) => epochs.push(ready),
                Err(broken) => {
                    let place = decision.rules.first().map_or(0, |rule| rule.place.file);
                    let message = format!("{} to {}: {}", broken.days.from, broken.days.to, broken.why);
                    findings.push(Finding::at(&files[place], 0, &decision.id, message));
                }
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let program = program::Program::build(&pack, &epochs).map_err(|(at, error)| {
            let decision = &pack.decisions[at];
            let place = decision.rules.first().map_or(0, |rule| rule.place.file);
            vec![Finding::at(&files[place], 0, &decision.id, error.to_string())]
        })?;
        let implied_ages = reads::implied_ages(&pack);
        let reference =
            serde_json::json!({ "id": pack.id, "version": pack.version, "digest": pack.digest }).to_string();
        Ok(Self { pack, epochs, program, implied_ages, reference, files, sizes: OnceLock::new() })
    }

    /// Whether this is the very pack that the tests of this program proved: nothing has to be proved again.
    pub fn is_recorded(&self) -> bool {
        record::of(self.digest()).is_some()
    }

    /// What is to be recorded of it.
    pub fn record(&self, sizes: Vec<Proof>) -> Record {
        Record { digest: self.digest().to_owned(), proof: sizes }
    }

    /// Proves the rules on their diagrams. A pack that is not recorded is proved before it may answer.
    ///
    /// # Errors
    /// Rules, clauses and cases that nobody can meet, rules that clash, gaps, percents outside 0 to 100, decisions too large
    /// to prove; most with a person and a day to show it.
    pub fn prove(&self) -> Result<Vec<Proof>, Vec<Finding>> {
        self.prove_some(|_| true)
    }

    /// Proves some of the decisions only.
    ///
    /// # Errors
    /// As [`Self::prove`].
    pub fn prove_some(&self, wanted: impl Fn(&Decision) -> bool) -> Result<Vec<Proof>, Vec<Finding>> {
        let proved = proofs::prove(self, wanted);
        if proved.findings.is_empty() { Ok(proved.sizes) } else { Err(proved.findings) }
    }

    /// Checks that the pack may answer on a day of the calendar, whatever days it is asked about.
    ///
    /// # Errors
    /// One finding when its approval says that it applies from a later day.
    pub fn applies_on(&self, today: NaiveDate) -> Result<(), Vec<Finding>> {
        match &self.pack.approval {
            Some(approval) if today < approval.applies_from => {
                let name = "pack.toml";
                let Some(file) = self.files.iter().find(|file| file.name == name) else { return Ok(()) };
                let at = file.text.find("applies_from").unwrap_or(0);
                let from = approval.applies_from;
                let message = format!("the pack applies from {from}; today is {today}");
                Err(vec![Finding::at(file, at, "approval", message)])
            }
            _ => Ok(()),
        }
    }

    /// The law made ready to answer.
    pub fn program(&self) -> &program::Program {
        &self.program
    }

    /// Id, version and digest as JSON, as every answer tells them.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Ages at which what facts imply turns.
    pub fn implied_ages(&self) -> &[u32] {
        &self.implied_ages
    }

    /// The pack's id, such as `hanoi`.
    pub fn id(&self) -> &str {
        &self.pack.id
    }

    /// The pack's version.
    pub fn version(&self) -> &str {
        &self.pack.version
    }

    /// `sha256:` and 64 hex digits over the pack's files.
    pub fn digest(&self) -> &str {
        &self.pack.digest
    }

    /// The decisions with their law over time, in pack order.
    pub fn decisions(&self) -> impl Iterator<Item = (&Decision, &Epochs)> {
        self.pack.decisions.iter().map(AsRef::as_ref).zip(&self.epochs)
    }

    /// One decision by its entitlement.
    pub fn decision(&self, id: &str) -> Option<(&Decision, &Epochs)> {
        self.decisions().find(|(decision, _)| decision.id == id)
    }

    /// The files it was read from.
    pub fn files(&self) -> &[SourceText] {
        &self.files
    }

    /// Sizes of what was proved, a line a decision: as recorded, or worked out when first asked.
    pub fn proofs(&self) -> &[Proof] {
        record::of(self.digest())
            .unwrap_or_else(|| self.sizes.get_or_init(|| proofs::prove(self, |_| true).sizes))
    }

    /// Whether the pack speaks of a day.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.pack.covers.holds(day)
    }
}

/// A folder that can't be read as a pack, as a finding.
fn unreadable(error: &std::io::Error) -> Vec<Finding> {
    let (file, subject) = ("pack.toml".to_owned(), "pack".to_owned());
    vec![Finding { file, line: 1, column: 1, subject, message: error.to_string(), witness: None }]
}
