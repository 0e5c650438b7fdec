//! The diagrams of one rule set: the exact answer when facts are unknown. Built when first asked.

use super::{
    conditions::{OutputValue, compare_outputs},
    diagram::{Cells, Diagrams, IMPOSSIBLE, NO, Ref, TooLarge, YES},
    guard::{Allowed, merge},
    model::{Decision, Hit},
    raw::Side,
    ruleset::{ENTITLED, NOT_ENTITLED, REVIEW, RuleSet, Support},
};
use crate::{facts::FactId, policy::Var};

/// A diagram with every completion, and one in which those that facts rule out are impossible.
#[derive(Debug, Clone, Copy)]
struct Root {
    bare: Ref,
    sound: Ref,
}

impl Root {
    fn pick(self, sound: bool) -> Ref {
        if sound { self.sound } else { self.bare }
    }
}

/// An output's diagram; terminals are places in `values`.
#[derive(Debug)]
struct OutputRoot {
    root: Root,
    values: Vec<Option<OutputValue>>,
}

/// The frozen diagrams of a rule set.
#[derive(Debug)]
pub struct Solver {
    diagrams: Diagrams,
    outcome: Root,
    outputs: Vec<OutputRoot>,
    supports: Vec<Support>,
    support: Option<Root>,
    integrity: Ref,
    opens: Vec<Ref>,
}

/// More ways for support to come together than any law has.
pub(super) const MOST_WAYS: usize = 4096;

/// Stands where no rule of the tiers holds at all; the closing answer leaves no such place.
const NOBODY: u32 = u32::MAX >> 2;

impl Solver {
    /// Builds the diagrams.
    ///
    /// # Errors
    /// When they would not fit.
    pub fn build(rules: &RuleSet, decision: &Decision) -> Result<Self, TooLarge> {
        let widths = rules.vars.iter().flat_map(|var| vec![var.width(); var.levels().len()]).collect();
        let mut d = Diagrams::new(widths);
        let guards: Vec<Ref> =
            rules.active.iter().map(|rule| rule.guard.diagram(&mut d)).collect::<Result<_, _>>()?;
        let mut possible = YES;
        for var in &rules.vars {
            if let super::cells::Cut::List { answers, .. } = &var.cut {
                let one = d.answers(var.levels(), answers)?;
                possible = d.and(possible, one)?;
            }
        }
        let mut integrity = possible;
        for (when, then) in &rules.implied {
            let (when, then) = (when.diagram(&mut d)?, then.diagram(&mut d)?);
            let line = d.choose(when, then, YES)?;
            integrity = d.and(integrity, line)?;
        }
        let limit = |d: &mut Diagrams, root: Ref| -> Result<Root, TooLarge> {
            let impossible = Ref::terminal(IMPOSSIBLE);
            Ok(Root {
                bare: d.choose(possible, root, impossible)?,
                sound: d.choose(integrity, root, impossible)?,
            })
        };
        let (mut outputs, mut supports, mut support) = (Vec::new(), Vec::new(), None);
        let mut outcome = NO;
        for (at, chain) in rules.chains.iter().enumerate() {
            let (root, values) = if decision.outputs[at].hit == Hit::TierMaxThenAdd {
                let bundles = bundles(&mut d, rules, decision, chain, &guards, &mut supports)?;
                support = Some(limit(&mut d, bundles)?);
                support_values(&mut d, bundles, &supports)?
            } else {
                chain_diagram(&mut d, chain, &guards)?
            };
            let (entitling, op, asked) = &decision.entitled;
            if entitling.at() == at {
                outcome = d.map(root, &mut |value| {
                    let got = values.get(value as usize).and_then(Option::as_ref);
                    u32::from(got.is_some_and(|got| compare_outputs(got, *op, asked)))
                })?;
            }
            outputs.push(OutputRoot { root: limit(&mut d, root)?, values });
        }
        let mut opens = Vec::new();
        for active in &rules.opens {
            let open = &decision.opens[active.open];
            let holds = active.guard.diagram(&mut d)?;
            if open.outcome {
                outcome =
                    d.combine(outcome, holds, &mut |outcome, holds| doubt(open.side, outcome, holds == 1))?;
            }
            opens.push(holds);
        }
        let outcome = limit(&mut d, outcome)?;
        d.freeze();
        Ok(Self { diagrams: d, outcome, outputs, supports, support, integrity, opens })
    }

    /// Whether the given facts can stand together.
    pub fn consistent(&self, allowed: &Allowed) -> bool {
        self.reach(self.integrity, allowed, 2).contains(&1)
    }

    /// The outcomes that completions can end in; of several, two.
    pub fn outcomes(&self, allowed: &Allowed, sound: bool) -> Vec<u32> {
        self.reach(self.outcome.pick(sound), allowed, 2)
    }

    /// The one value of an output that all completions agree on.
    pub fn output(&self, at: usize, allowed: &Allowed, sound: bool) -> Option<Option<&OutputValue>> {
        let output = &self.outputs[at];
        match self.reach(output.root.pick(sound), allowed, 2).as_slice() {
            [only] => output.values.get(*only as usize).map(Option::as_ref),
            _ => None,
        }
    }

    /// Every value of an output that completions can end in; `None` when there are more than `most`.
    pub fn values(
        &self,
        at: usize,
        allowed: &Allowed,
        sound: bool,
        most: usize,
    ) -> Option<Vec<Option<&OutputValue>>> {
        let output = &self.outputs[at];
        let found = self.reach(output.root.pick(sound), allowed, most + 1);
        (found.len() <= most).then(|| {
            found.iter().filter_map(|at| output.values.get(*at as usize).map(Option::as_ref)).collect()
        })
    }

    /// Who pays what, when all completions agree on it.
    pub fn support(&self, allowed: &Allowed, sound: bool) -> Option<&Support> {
        let found = self.reach(self.support?.pick(sound), allowed, usize::MAX);
        let mut ways = found.iter().filter_map(|at| self.supports.get(*at as usize));
        let first = ways.next()?;
        ways.all(|other| other.total == first.total && other.shares == first.shares).then_some(first)
    }

    /// The unknown facts that alone can turn the outcome; where none can, the facts on which it hangs together.
    pub fn missing(&self, rules: &RuleSet, allowed: &Allowed, sound: bool) -> Vec<FactId> {
        let root = self.outcome.pick(sound);
        let world = merge(&allowed.worlds);
        let open = |var: &&Var| world[var.levels()].iter().any(|cells| cells.len() > 1);
        let alone: Vec<FactId> = rules
            .vars
            .iter()
            .filter(open)
            .filter(|var| self.diagrams.flips(root, &world, var.levels()))
            .map(|var| var.fact)
            .collect();
        if !alone.is_empty() {
            return alone;
        }
        self.tied(root, rules, &world)
    }

    /// Facts that turn the outcome only together: both sides of a line of what facts imply. Where no such pair suffices,
    /// all that is open.
    fn tied(&self, root: Ref, rules: &RuleSet, world: &[Cells]) -> Vec<FactId> {
        let is_open = |var: &&Var| world[var.levels()].iter().any(|cells| cells.len() > 1);
        let open: Vec<&Var> = rules.vars.iter().filter(is_open).collect();
        let mut found: Vec<FactId> = Vec::new();
        for (when, then) in &rules.implied {
            let reads = |var: &&&Var| when.reads(&var.levels()) || then.reads(&var.levels());
            let sides: Vec<&Var> = open.iter().filter(reads).copied().collect();
            if let [first, second] = sides.as_slice()
                && self.turn_together(root, world, first, second)
            {
                let new = [first.fact, second.fact]
                    .into_iter()
                    .filter(|fact| !found.contains(fact))
                    .collect::<Vec<_>>();
                found.extend(new);
            }
        }
        if found.is_empty() { open.into_iter().map(|var| var.fact).collect() } else { found }
    }

    fn turn_together(&self, root: Ref, world: &[Cells], first: &Var, second: &Var) -> bool {
        /// Beyond this the two are named without further proof.
        const MOST_PAIRS: usize = 128;
        let (firsts, seconds) = (settings(&world[first.levels()]), settings(&world[second.levels()]));
        let pairs: Vec<(&[Cells], &[Cells])> =
            firsts.iter().flat_map(|a| seconds.iter().map(move |b| (a.as_slice(), b.as_slice()))).collect();
        if pairs.len() > MOST_PAIRS {
            return true;
        }
        let fix = |(a, b): (&[Cells], &[Cells])| {
            let mut fixed = world.to_vec();
            fixed[first.levels()].copy_from_slice(a);
            fixed[second.levels()].copy_from_slice(b);
            fixed
        };
        pairs.iter().enumerate().any(|(i, one)| {
            pairs[..i]
                .iter()
                .filter(|other| one.0 != other.0 && one.1 != other.1)
                .any(|other| self.diagrams.parts(root, &fix(*one), &fix(*other)))
        })
    }

    /// Whether what is said differs between two states of knowledge, where it is settled in the first.
    pub fn differs(&self, allowed: &Allowed, freed: &Allowed, sound: bool) -> bool {
        let roots = [self.outcome]
            .into_iter()
            .chain(self.support)
            .chain(self.outputs.iter().map(|output| output.root))
            .map(|root| root.pick(sound));
        roots.into_iter().any(|root| {
            let settled = self.reach(root, allowed, 2);
            settled.len() == 1 && self.reach(root, freed, 3).iter().any(|other| !settled.contains(other))
        })
    }

    /// Whether an open clause can hold.
    pub fn open_can_hold(&self, at: usize, allowed: &Allowed) -> bool {
        self.reach(self.opens[at], allowed, 2).contains(&1)
    }

    /// How many nodes the diagrams have.
    pub fn nodes(&self) -> usize {
        self.diagrams.len()
    }

    fn reach(&self, root: Ref, allowed: &Allowed, most: usize) -> Vec<u32> {
        let mut found = Vec::new();
        for world in &allowed.worlds {
            for terminal in self.diagrams.reach(root, world, most) {
                if !found.contains(&terminal) {
                    found.push(terminal);
                }
            }
        }
        found
    }
}

/// The outcome once an open clause is looked at.
pub fn doubt(side: Side, outcome: u32, holds: bool) -> u32 {
    let doubted = match side {
        Side::Grant => outcome == NOT_ENTITLED,
        Side::Deny => outcome == ENTITLED,
        Side::Either => true,
    };
    if holds && doubted { REVIEW } else { outcome }
}

/// Every single setting of neighbouring levels.
fn settings(levels: &[Cells]) -> Vec<Vec<Cells>> {
    levels.iter().fold(vec![Vec::new()], |all, cells| {
        all.iter()
            .flat_map(|way| cells.iter().map(|cell| [way.as_slice(), &[Cells::one(cell)]].concat()))
            .collect()
    })
}

type Chain = [(usize, OutputValue)];

fn chain_diagram(
    d: &mut Diagrams,
    chain: &Chain,
    guards: &[Ref],
) -> Result<(Ref, Vec<Option<OutputValue>>), TooLarge> {
    let mut values: Vec<Option<OutputValue>> = vec![None];
    let mut diagram = Ref::terminal(0);
    for (at, value) in chain.iter().rev() {
        let terminal = intern(&mut values, Some(value.clone()));
        diagram = d.choose(guards[*at], Ref::terminal(terminal), diagram)?;
    }
    Ok((diagram, values))
}

/// Base rules of the first tier that has one, highest first; then whatever adds to the one chosen.
fn bundles(
    d: &mut Diagrams,
    rules: &RuleSet,
    decision: &Decision,
    chain: &Chain,
    guards: &[Ref],
    supports: &mut Vec<Support>,
) -> Result<Ref, TooLarge> {
    let mut ways: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut diagram = Ref::terminal(NOBODY);
    for (link, (at, _)) in chain.iter().enumerate().rev() {
        let terminal = intern(&mut ways, (link, Vec::new()));
        diagram = d.choose(guards[*at], Ref::terminal(terminal), diagram)?;
    }
    for (adder, (at, _)) in rules.adders.iter().enumerate() {
        diagram = d.combine(diagram, guards[*at], &mut |way, holds| {
            let Some((link, added)) = ways.get(way as usize).filter(|_| holds == 1).cloned() else {
                return way;
            };
            if !rules.adds(decision, adder, chain[link].0) {
                return way;
            }
            let added = added.into_iter().chain([adder]).collect();
            intern(&mut ways, (link, added))
        })?;
        if ways.len() > MOST_WAYS {
            return Err(TooLarge);
        }
    }
    supports.extend(ways.iter().map(|(link, added)| rules.sum(decision, &chain[*link], added)));
    Ok(diagram)
}

fn support_values(
    d: &mut Diagrams,
    bundles: Ref,
    supports: &[Support],
) -> Result<(Ref, Vec<Option<OutputValue>>), TooLarge> {
    let mut values: Vec<Option<OutputValue>> = vec![None];
    let diagram = d.map(bundles, &mut |way| match supports.get(way as usize) {
        Some(support) => intern(&mut values, Some(OutputValue::Number(support.total))),
        None => 0,
    })?;
    Ok((diagram, values))
}

fn intern<T: PartialEq>(all: &mut Vec<T>, one: T) -> u32 {
    let at = all.iter().position(|other| *other == one).unwrap_or_else(|| {
        all.push(one);
        all.len() - 1
    });
    u32::try_from(at).unwrap_or(NOBODY)
}
