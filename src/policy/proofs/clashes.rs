//! No two rules answer differently at the same place of the law: output by output, and only where one of them decides.

use super::{
    Report,
    rules::{Chain, Chains, adds},
    space::Space,
};
use crate::policy::{
    conditions::OutputValue,
    model::{Hit, OutputIdx, Rule, RuleIdx},
    ruleset::CannotBuild,
};

/// Checks one set of rules.
pub fn check(space: &Space<'_>, chains: &Chains, report: &mut Report<'_>) -> Result<(), CannotBuild> {
    for (at, chain) in chains.all.iter().enumerate() {
        match space.decision.outputs[at].hit {
            Hit::Priority => priority(space, chains, at, chain, report),
            Hit::TierMaxThenAdd => support(space, chains, chain, report),
            Hit::ArgMax(of) => highest(space, chains, at, chain, of, report)?,
            // The highest number is one number, and “any” is true or left out.
            Hit::Max | Hit::Any => {}
        }
    }
    Ok(())
}

fn same_place(one: &Rule, other: &Rule) -> bool {
    (one.tier, one.rank) == (other.tier, other.rank)
}

/// Whether one person meets both links of a chain while the first of them decides.
fn both(
    space: &Space<'_>,
    chains: &Chains,
    chain: &Chain,
    (i, j): (usize, usize),
) -> Option<serde_json::Value> {
    let deciding = u32::try_from(i + 1).ok()?;
    space.witness(&[(chain.decider, deciding), (chains.guards[chain.links[j].0], 1)])
}

/// Pairs of links at the same place, the earlier one first.
fn pairs<'s>(space: &'s Space<'_>, chain: &'s Chain) -> impl Iterator<Item = (usize, usize)> + 's {
    let rule = |link: usize| space.decision.rule(space.rules[chain.links[link].0]);
    (0..chain.links.len())
        .flat_map(move |j| (0..j).map(move |i| (i, j)))
        .filter(move |(i, j)| same_place(rule(*i), rule(*j)))
}

fn rules_of(space: &Space<'_>, chain: &Chain, (i, j): (usize, usize)) -> (RuleIdx, RuleIdx) {
    let (a, b) = (space.rules[chain.links[i].0], space.rules[chain.links[j].0]);
    if a <= b { (a, b) } else { (b, a) }
}

fn tell(
    space: &Space<'_>,
    report: &mut Report<'_>,
    (first, second): (RuleIdx, RuleIdx),
    what: &str,
    advice: &str,
    witness: serde_json::Value,
) {
    let (first, second) = (space.decision.rule(first), space.decision.rule(second));
    let message = format!(
        "one person can meet this rule and “{}”, which has the same tier and rank and {what}; {advice}",
        first.id
    );
    report.find(second.place, &second.id, message, Some(witness));
}

/// A `priority` output: which of two values comes first would not be said.
fn priority(space: &Space<'_>, chains: &Chains, at: usize, chain: &Chain, report: &mut Report<'_>) {
    for pair in pairs(space, chain) {
        let (a, b) = rules_of(space, chain, pair);
        let linked = space.decision.rule(a).over.contains(&b) || space.decision.rule(b).over.contains(&a);
        if linked || chain.links[pair.0].1 == chain.links[pair.1].1 {
            continue;
        }
        if let Some(witness) = both(space, chains, chain, pair) {
            let what = format!("gives another “{}”", space.decision.outputs[at].name);
            tell(
                space,
                report,
                (a, b),
                &what,
                "give them different ranks or put one `over` the other",
                witness,
            );
        }
    }
}

/// Support: of two equal shares, who pays and what is added would not be said.
fn support(space: &Space<'_>, chains: &Chains, chain: &Chain, report: &mut Report<'_>) {
    for pair in pairs(space, chain).filter(|(i, j)| chain.links[*i].1 == chain.links[*j].1) {
        let (a, b) = rules_of(space, chain, pair);
        let (one, other) = (space.decision.rule(a), space.decision.rule(b));
        let nothing = matches!(&chain.links[pair.0].1, OutputValue::Number(number) if number.is_zero());
        let advice = "give them different ranks";
        if one.payer != other.payer && !nothing {
            if let Some(witness) = both(space, chains, chain, pair) {
                tell(space, report, (a, b), "lets another pay the same support", advice, witness);
            }
            continue;
        }
        let differing = chains.adders.iter().map(|(adder, _)| *adder).filter(|adder| {
            let adder = space.rules[*adder];
            adds(space.decision, adder, a) != adds(space.decision, adder, b)
        });
        for adder in differing {
            let Ok(deciding) = u32::try_from(pair.0 + 1) else { continue };
            let guards = &chains.guards;
            let wanted = [(chain.decider, deciding), (guards[chain.links[pair.1].0], 1), (guards[adder], 1)];
            if let Some(witness) = space.witness(&wanted) {
                let id = &space.decision.rule(space.rules[adder]).id;
                let what = format!("gives the same support, but “{id}” adds to one of them only");
                tell(space, report, (a, b), &what, advice, witness);
            }
        }
    }
}

/// The group of the highest value: of two equal ones, which would not be said.
fn highest(
    space: &Space<'_>,
    chains: &Chains,
    at: usize,
    chain: &Chain,
    of: OutputIdx,
    report: &mut Report<'_>,
) -> Result<(), CannotBuild> {
    let builder = space.builder();
    for pair in pairs(space, chain) {
        let (a, b) = rules_of(space, chain, pair);
        if builder.value(a, of)? != builder.value(b, of)? || chain.links[pair.0].1 == chain.links[pair.1].1 {
            continue;
        }
        if let Some(witness) = both(space, chains, chain, pair) {
            let what = format!(
                "gives the same “{}” with another “{}”",
                space.decision.outputs[of.at()].name,
                space.decision.outputs[at].name
            );
            tell(space, report, (a, b), &what, "give them different ranks", witness);
        }
    }
    Ok(())
}
