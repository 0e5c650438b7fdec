//! Open clauses: somebody meets each, and it puts some answer in doubt.

use super::{Seen, rules::Chains, space::Space};
use crate::policy::{raw::Side, ruleset::CannotBuild};

/// Notes who meets the clauses of one set of rules.
pub fn check(space: &mut Space<'_>, chains: &Chains, seen: &mut Seen) -> Result<(), CannotBuild> {
    for at in space.group.opens.clone() {
        let life = &mut seen.opens[at];
        if life.matters {
            continue;
        }
        let open = &space.decision.opens[at];
        let holds = space.condition(open.when)?;
        if life.witness.is_none() {
            life.witness = space.witness(&[(holds, 1)]);
        }
        life.met = life.witness.is_some();
        let doubted = match open.side {
            _ if !open.outcome => space.somebody(&[(holds, 1)]),
            Side::Grant => space.somebody(&[(holds, 1), (chains.entitled, 0)]),
            Side::Deny => space.somebody(&[(holds, 1), (chains.entitled, 1)]),
            Side::Either => space.somebody(&[(holds, 1)]),
        };
        life.matters = doubted;
    }
    Ok(())
}
