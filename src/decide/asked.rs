//! What is asked of whom, and what the diagrams need to answer it.

use chrono::NaiveDate;

use super::standing::Standing;
use crate::policy::{
    Authority, Decision, Epochs, Pack, Policy,
    conditions::Case,
    guard::Allowed,
    program::{Law, Table},
};

/// One entitlement under one authority.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'p> {
    /// The law.
    pub policy: &'p Policy,
    /// The entitlement.
    pub decision: &'p Decision,
    /// Its law over time.
    pub epochs: &'p Epochs,
    /// The same, ready to answer.
    pub law: &'p Law,
    /// Law alone, or law and plan.
    pub authority: Authority,
}

impl<'p> Asked<'p> {
    /// The pack.
    pub fn pack(&self) -> &'p Pack {
        &self.policy.pack
    }
}

/// What is known of a person, as the diagrams of one table see it. Worked out when first needed.
#[derive(Debug, Default)]
pub struct Exact {
    known: Known,
    /// For which table and day it was worked out; nothing while the person changes.
    of: Option<(usize, NaiveDate)>,
}

/// Sets of cells, and whether the facts can stand together.
#[derive(Debug, Default)]
pub struct Known {
    /// What is known.
    pub allowed: Allowed,
    /// Completions are pruned by what facts imply.
    pub sound: bool,
}

impl Exact {
    /// Another person, or other facts.
    pub fn forget(&mut self) {
        self.of = None;
    }

    /// What is known of the person as a table sees it.
    pub fn of(&mut self, asked: &Asked<'_>, table: &Table, standing: &Standing) -> &Known {
        let of = (std::ptr::from_ref(table) as usize, standing.day());
        if self.of != Some(of) {
            let prepared = &standing.prepared;
            let case = Case { pack: asked.pack(), profile: &prepared.profile, day: standing.day() };
            table.rules.allowed_into(&case, &mut self.known.allowed);
            self.known.sound =
                !prepared.broken && table.rules.consistent(asked.decision, &self.known.allowed);
            self.of = Some(of);
        }
        &self.known
    }
}
