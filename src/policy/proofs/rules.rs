//! Rules: somebody meets each and each matters to somebody; nobody who has the right lacks an output; percents stay
//! within 0 to 100.

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use super::{Report, Seen, space::Space};
use crate::policy::{
    conditions::{OutputValue, compare_outputs},
    diagram::{NO, Ref, TooLarge},
    model::{Decision, Hit, Output, RuleIdx},
    ruleset::CannotBuild,
    solver::MOST_WAYS,
};

/// One output: the base rules that set it, and for everybody the one that gives the value.
pub struct Chain {
    /// Places among the rules in force, with the values, first come first.
    pub links: Vec<(usize, OutputValue)>,
    /// Ends in the place of the deciding link, counted from 1; in 0 where none holds.
    pub decider: Ref,
}

/// Support of one base rule with some adding ones.
pub struct Way {
    /// Place of the base rule in its chain.
    pub link: usize,
    /// Places among the adding rules.
    pub added: Vec<usize>,
}

/// The outputs of one set of rules.
pub struct Chains {
    /// Conditions of the rules in force.
    pub guards: Vec<Ref>,
    /// One an output.
    pub all: Vec<Chain>,
    /// Adding rules by place among the rules in force, with what they add.
    pub adders: Vec<(usize, Decimal)>,
    /// Ways in which support comes together, and for everybody the place of the one that holds.
    pub ways: Vec<Way>,
    /// See `ways`; the place behind the last one where no base rule holds.
    pub way: Ref,
    /// True for those to whom the rules give the right.
    pub entitled: Ref,
    /// True for those of them who have it by a rule, not by the closing answer.
    by_rule: Ref,
}

impl Chains {
    /// Makes the outputs ready.
    pub fn build(space: &mut Space<'_>) -> Result<Self, CannotBuild> {
        let decision = space.decision;
        let mut guards = Vec::with_capacity(space.rules.len());
        for at in 0..space.rules.len() {
            guards.push(space.condition(decision.rule(space.rules[at]).when)?);
        }
        let rules = space.rules.clone();
        let (mut chains, mut adders) = (Vec::new(), Vec::new());
        {
            let builder = space.builder();
            for output in 0..decision.outputs.len() {
                chains.push(builder.chain(output, &rules)?);
            }
            adders.extend(builder.adders(&rules)?);
        }
        let mut all = Vec::with_capacity(chains.len());
        for links in chains {
            let mut decider = Ref::terminal(0);
            for (link, (at, _)) in links.iter().enumerate().rev() {
                decider = space.diagrams.choose(guards[*at], end(link + 1), decider)?;
            }
            all.push(Chain { links, decider });
        }
        let mut chains =
            Self { guards, all, adders, ways: Vec::new(), way: Ref::terminal(0), entitled: NO, by_rule: NO };
        chains.join_ways(space)?;
        chains.entitled = chains.who_is_entitled(space)?;
        let entitling = &chains.all[decision.entitled.0.at()];
        let closing = closing_end(space, entitling);
        let by_rule = space
            .diagrams
            .map(entitling.decider, &mut |link| u32::from(link != 0 && Some(link) != closing))?;
        chains.by_rule = space.diagrams.and(by_rule, chains.entitled)?;
        Ok(chains)
    }

    fn join_ways(&mut self, space: &mut Space<'_>) -> Result<(), TooLarge> {
        let Some(at) = support_output(space.decision) else { return Ok(()) };
        let chain = &self.all[at];
        let mut ways: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut known: FxHashMap<(usize, Vec<usize>), u32> = FxHashMap::default();
        let mut intern = |way: (usize, Vec<usize>)| {
            *known.entry(way.clone()).or_insert_with(|| {
                ways.push(way);
                u32::try_from(ways.len() - 1).unwrap_or(NOBODY)
            })
        };
        let mut diagram = space.diagrams.map(chain.decider, &mut |link| match link.checked_sub(1) {
            Some(link) => intern((link as usize, Vec::new())),
            None => NOBODY,
        })?;
        for (adder, (rule, _)) in self.adders.iter().enumerate() {
            let before = ways.clone();
            if before.len() > MOST_WAYS {
                return Err(TooLarge);
            }
            let mut intern = |way: (usize, Vec<usize>)| {
                *known.entry(way.clone()).or_insert_with(|| {
                    ways.push(way);
                    u32::try_from(ways.len() - 1).unwrap_or(NOBODY)
                })
            };
            diagram = space.diagrams.combine(diagram, self.guards[*rule], &mut |way, holds| {
                let Some((link, added)) = before.get(way as usize).filter(|_| holds == 1) else { return way };
                let base = space.rules[chain.links[*link].0];
                if !adds(space.decision, space.rules[*rule], base) {
                    return way;
                }
                intern((*link, added.iter().copied().chain([adder]).collect()))
            })?;
        }
        self.ways = ways.into_iter().map(|(link, added)| Way { link, added }).collect();
        self.way = diagram;
        Ok(())
    }

    fn who_is_entitled(&self, space: &mut Space<'_>) -> Result<Ref, TooLarge> {
        let (output, op, asked) = &space.decision.entitled;
        let holds = |got: &OutputValue| u32::from(compare_outputs(got, *op, asked));
        let chain = &self.all[output.at()];
        if support_output(space.decision) == Some(output.at()) {
            let totals: Vec<u32> =
                self.ways.iter().map(|way| holds(&OutputValue::Number(self.sum(space, way).total))).collect();
            return space.diagrams.map(self.way, &mut |way| totals.get(way as usize).copied().unwrap_or(0));
        }
        space.diagrams.map(chain.decider, &mut |link| {
            let link = (link as usize).checked_sub(1).and_then(|link| chain.links.get(link));
            link.map_or(0, |(_, value)| holds(value))
        })
    }

    /// Support in all, who adds a share, and what the rules would give without their caps.
    pub fn sum(&self, space: &Space<'_>, way: &Way) -> Sum {
        let chain = support_output(space.decision).map(|at| &self.all[at].links);
        let base = chain.and_then(|links| links.get(way.link)).map(|(_, value)| value);
        let mut total = if let Some(OutputValue::Number(number)) = base { *number } else { Decimal::ZERO };
        let mut sharing = Vec::new();
        for adder in &way.added {
            let (at, percent) = self.adders[*adder];
            let cap = space.decision.rule(space.rules[at]).cap_total;
            let room = cap.checked_sub(total).unwrap_or(Decimal::ZERO).max(Decimal::ZERO);
            let share = percent.min(room);
            if share > Decimal::ZERO {
                total = total.checked_add(share).unwrap_or(Decimal::MAX);
                sharing.push(at);
            }
        }
        Sum { total, sharing }
    }
}

/// What comes together.
pub struct Sum {
    pub total: Decimal,
    /// Adding rules that give something, by place among the rules in force.
    pub sharing: Vec<usize>,
}

/// No base rule holds at all.
const NOBODY: u32 = u32::MAX >> 2;

fn end(place: usize) -> Ref {
    Ref::terminal(u32::try_from(place).unwrap_or(NOBODY))
}

/// The output that rules may add to.
pub fn support_output(decision: &Decision) -> Option<usize> {
    decision.outputs.iter().position(|output| output.hit == Hit::TierMaxThenAdd)
}

/// Whether an adding rule adds to a base rule.
pub fn adds(decision: &Decision, adder: RuleIdx, base: RuleIdx) -> bool {
    let to = decision.rule(adder).adds_to.as_ref();
    to.is_some_and(|to| to.rules.contains(&base) || to.tiers.contains(&decision.rule(base).tier))
}

/// Checks one set of rules.
pub fn check(space: &Space<'_>, chains: &Chains, seen: &mut Seen, report: &mut Report<'_>) {
    note_life(space, chains, seen);
    gaps(space, chains, report);
    percents(space, chains, report);
}

/// Who meets each rule, and to whom it matters.
fn note_life(space: &Space<'_>, chains: &Chains, seen: &mut Seen) {
    for (rule, guard) in space.rules.iter().zip(&chains.guards) {
        let life = &mut seen.rules[rule.at()];
        if !life.met || (!life.matters && life.witness.is_none()) {
            life.witness = space.witness(&[(*guard, 1)]);
            life.met |= life.witness.is_some();
        }
    }
    let mut matters = |at: usize| seen.rules[space.rules[at].at()].matters = true;
    for chain in &chains.all {
        let deciding = space.ends(chain.decider).into_iter().filter_map(|end| (end as usize).checked_sub(1));
        deciding.filter_map(|link| chain.links.get(link)).for_each(|(at, _)| matters(*at));
    }
    for way in space.ends(chains.way) {
        let Some(way) = chains.ways.get(way as usize) else { continue };
        chains.sum(space, way).sharing.into_iter().for_each(&mut matters);
    }
}

/// Nobody lacks the output that decides, and nobody who has the right by a rule lacks any or has it from the closing
/// answer, which is there for those whom no rule meets.
fn gaps(space: &Space<'_>, chains: &Chains, report: &mut Report<'_>) {
    let decision = space.decision;
    let entitling = decision.entitled.0.at();
    let closing = decision.rule(decision.otherwise()).place;
    for (at, (output, chain)) in decision.outputs.iter().zip(&chains.all).enumerate() {
        let name = &output.name;
        if at == entitling {
            if let Some(witness) = space.witness(&[(chain.decider, 0)]) {
                let message =
                    format!("nothing settles the output “{name}” for somebody, not even the closing answer");
                report.find(closing, &decision.id, message, Some(witness));
            }
            continue;
        }
        let lacking = if output.hit == Hit::Any { None } else { Some(0) };
        let from_closing = if output.hit == Hit::Priority { closing_end(space, chain) } else { None };
        for end in lacking.into_iter().chain(from_closing) {
            let Some((rule, witness)) = giving(space, chains, (chain.decider, end)) else { continue };
            let rule = decision.rule(rule);
            let message = if end == 0 {
                format!("this rule gives the right to somebody without the output “{name}”")
            } else {
                format!("this rule gives the right to somebody who has “{name}” from the closing answer")
            };
            report.find(rule.place, &rule.id, message, Some(witness));
        }
    }
}

/// The terminal of the closing answer in a chain.
fn closing_end(space: &Space<'_>, chain: &Chain) -> Option<u32> {
    let closing = |(at, _): &(usize, OutputValue)| space.rules[*at] == space.decision.otherwise();
    u32::try_from(chain.links.iter().position(closing)? + 1).ok()
}

/// A rule that gives the right to somebody for whom another output ends so, with such a person.
fn giving(space: &Space<'_>, chains: &Chains, other: (Ref, u32)) -> Option<(RuleIdx, serde_json::Value)> {
    if !space.somebody(&[(chains.by_rule, 1), other]) {
        return None;
    }
    let chain = &chains.all[space.decision.entitled.0.at()];
    (1..).zip(&chain.links).find_map(|(link, (at, _))| {
        let rule = space.rules[*at];
        if rule == space.decision.otherwise() {
            return None;
        }
        Some((rule, space.witness(&[(chain.decider, link), other, (chains.entitled, 1)])?))
    })
}

/// Whether an output is told in percent.
fn in_percent(output: &Output) -> bool {
    output.hit == Hit::TierMaxThenAdd || output.name.ends_with("_percent")
}

/// No output in percent leaves 0 to 100 for anybody.
fn percents(space: &Space<'_>, chains: &Chains, report: &mut Report<'_>) {
    let decision = space.decision;
    let outside = |number: Decimal| number < Decimal::ZERO || number > Decimal::ONE_HUNDRED;
    for (output, chain) in decision.outputs.iter().zip(&chains.all).filter(|(output, _)| in_percent(output)) {
        for (link, (at, value)) in chain.links.iter().enumerate() {
            let OutputValue::Number(number) = value else { continue };
            if !outside(*number) {
                continue;
            }
            let rule = decision.rule(space.rules[*at]);
            let link = u32::try_from(link + 1).unwrap_or(NOBODY);
            if let Some(witness) = space.witness(&[(chain.decider, link)]) {
                let message = format!("“{}” is {number} for somebody, outside 0 to 100", output.name);
                report.find(rule.place, &rule.id, message, Some(witness));
            }
        }
    }
    for end in space.ends(chains.way) {
        let Some(way) = chains.ways.get(end as usize) else { continue };
        let sum = chains.sum(space, way);
        if let (true, Some(at)) = (outside(sum.total), sum.sharing.last())
            && let Some(witness) = space.witness(&[(chains.way, end)])
        {
            let rule = decision.rule(space.rules[*at]);
            let message = format!(
                "with what this rule adds the support is {} for somebody, outside 0 to 100",
                sum.total
            );
            report.find(rule.place, &rule.id, message, Some(witness));
        }
    }
}
