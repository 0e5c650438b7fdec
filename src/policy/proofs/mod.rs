//! The proofs: for every person and every covered day, on diagrams, complete or failing.
//!
//! A decision is proved once for each different *set of rules*, not for each date: stretches of days with the same rules,
//! categories and numbers share one proof, and so do both authorities while no promise is in force. Why it is done so:
//! `docs/adr/0011-proofs-with-witnesses.md`.

mod clashes;
mod fields;
mod groups;
mod open;
mod path;
mod rules;
mod space;
mod worth;

use super::{
    Finding, Policy,
    check::Proof,
    model::{Decision, Pack, Place},
    ruleset::CannotBuild,
};
use groups::Group;
use space::Space;

/// What the proofs of a pack found, and how large they were.
#[derive(Debug)]
pub struct Proved {
    /// What is wrong, each with its place; with a person and a day where there is one to show it.
    pub findings: Vec<Finding>,
    /// One a decision.
    pub sizes: Vec<Proof>,
}

/// Proves the decisions of a pack that are wanted.
pub fn prove(policy: &Policy, wanted: impl Fn(&Decision) -> bool) -> Proved {
    let mut proved = Proved { findings: Vec::new(), sizes: Vec::new() };
    for (decision, epochs) in policy.decisions().filter(|(decision, _)| wanted(decision)) {
        let mut report = Report { policy, decision, findings: Vec::new() };
        let mut seen = Seen::new(decision);
        let mut size = Proof {
            entitlement: decision.id.clone(),
            rules: decision.rules.len(),
            rule_sets: epochs.all().count(),
            facts: 0,
            nodes: 0,
            tests: decision.tests.len(),
        };
        let mut left = groups::groups(&policy.pack, decision, epochs);
        left.reverse();
        while let Some(group) = left.pop() {
            let from = group.stretches[0].from;
            match one_set(&policy.pack, decision, group, &mut seen, &mut report) {
                Ok((space, rest)) => {
                    size.facts = size.facts.max(space.vars.len());
                    size.nodes += space.diagrams.len();
                    left.extend(rest);
                }
                Err(error) => {
                    let place = decision.rule(decision.otherwise()).place;
                    report.find(place, &decision.id, format!("from {from}: {error}"), None);
                }
            }
        }
        // What is answered from must fit, too.
        for rules in epochs.all() {
            if let Err(error) = rules.prove(decision) {
                let place = decision.rule(decision.otherwise()).place;
                let message = format!("{} to {}: {error}", rules.days.from, rules.days.to);
                report.find(place, &decision.id, message, None);
            }
        }
        seen.report(&mut report);
        proved.findings.append(&mut report.findings);
        proved.sizes.push(size);
    }
    proved
}

/// Proves one set of rules. Days on which dates fall in another order than on the first ones come back as a set of their own.
fn one_set<'a>(
    pack: &'a Pack,
    decision: &'a Decision,
    group: Group,
    seen: &mut Seen,
    report: &mut Report<'_>,
) -> Result<(Space<'a>, Option<Group>), CannotBuild> {
    let (mut space, rest) = Space::build(pack, decision, group)?;
    let chains = rules::Chains::build(&mut space)?;
    rules::check(&space, &chains, seen, report);
    clashes::check(&space, &chains, report)?;
    open::check(&mut space, &chains, seen)?;
    fields::check(&mut space, &chains, seen, report)?;
    Ok((space, rest))
}

/// Findings of one decision.
struct Report<'a> {
    policy: &'a Policy,
    decision: &'a Decision,
    findings: Vec<Finding>,
}

impl Report<'_> {
    /// Adds a finding; one of the same words about the same place is enough, whatever the day.
    fn find(&mut self, place: Place, subject: &str, message: String, witness: Option<serde_json::Value>) {
        let mut finding = Finding::at(&self.policy.files()[place.file], place.offset, subject, message);
        if let Some(witness) = witness {
            finding = finding.with_witness(witness);
        }
        let same = |other: &Finding| {
            (other.line, &other.file, &other.message) == (finding.line, &finding.file, &finding.message)
        };
        if !self.findings.iter().any(same) {
            self.findings.push(finding);
        }
    }
}

/// Whether a rule, clause or case matters to somebody on some day, gathered over all sets of rules.
#[derive(Debug, Clone, Default)]
struct Life {
    /// Somebody meets it.
    met: bool,
    /// It changes what somebody is told.
    matters: bool,
    /// Somebody who meets it, to show that it does not matter.
    witness: Option<serde_json::Value>,
}

/// What is alive, by place in the decision.
struct Seen {
    rules: Vec<Life>,
    opens: Vec<Life>,
    cases: Vec<bool>,
}

impl Seen {
    fn new(decision: &Decision) -> Self {
        Self {
            rules: vec![Life::default(); decision.rules.len()],
            opens: vec![Life::default(); decision.opens.len()],
            cases: vec![false; decision.field_cases.len()],
        }
    }

    fn report(self, report: &mut Report<'_>) {
        let decision = report.decision;
        for (rule, life) in decision.rules.iter().zip(self.rules) {
            if !life.met {
                report.find(
                    rule.place,
                    &rule.id,
                    "nobody can meet this rule on any covered day".into(),
                    None,
                );
            } else if !life.matters {
                let message =
                    "this rule never decides or adds anything: wherever it holds, others come before it";
                report.find(rule.place, &rule.id, message.into(), life.witness);
            }
        }
        for (open, life) in decision.opens.iter().zip(self.opens) {
            if !life.met {
                report.find(
                    open.place,
                    &open.id,
                    "nobody can meet this clause on any covered day".into(),
                    None,
                );
            } else if !life.matters {
                let message = "this clause never puts an answer in doubt: wherever it holds, its `side` leaves the outcome alone";
                report.find(open.place, &open.id, message.into(), life.witness);
            }
        }
        for (case, met) in decision.field_cases.iter().zip(self.cases) {
            if !met {
                let message = "this case never gives the field: nobody can meet it on any covered day, or earlier cases take all";
                report.find(case.place, &case.id, message.into(), None);
            }
        }
    }
}
