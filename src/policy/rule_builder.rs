//! Makes the rules of a stretch of days ready: facts cut into cells, conditions as guards, outputs as chains.

use rust_decimal::Decimal;

use super::{
    cells::Var,
    conditions::{Node, NodeIdx, OutputValue, Test},
    guard::Guard,
    model::{Decision, Hit, OutputIdx, Pack, RuleIdx, Setting},
    order,
    raw::Days,
    reads::{collect_tests, fact_of, facts},
    ruleset::CannotBuild,
};
use crate::facts::FactId;

/// The facts that conditions read, cut into cells and put in order, with the lines of what facts imply among them.
pub fn vars(pack: &Pack, mut whens: Vec<NodeIdx>, days: Days) -> Result<(Vec<Var>, Vec<usize>), CannotBuild> {
    let mut edges: Vec<Vec<FactId>> = whens.iter().map(|when| facts(pack, *when, days.from)).collect();
    let mut used: Vec<FactId> = edges.concat();
    used.sort_unstable();
    used.dedup();
    let edge = |at: usize| {
        let mut all = facts(pack, pack.implied[at].when, days.from);
        all.push(pack.implied[at].fact);
        all
    };
    // A fact that no rule reads can still rule out values of one that they do: who works in an industrial zone is not under
    // fifteen. So every line that touches a fact in use comes in, with its other side.
    let mut implied: Vec<usize> = Vec::new();
    while let Some(line) = (0..pack.implied.len())
        .find(|at| !implied.contains(at) && edge(*at).iter().any(|fact| used.contains(fact)))
    {
        used.extend(edge(line));
        implied.push(line);
    }
    implied.sort_unstable();
    used.sort_unstable();
    used.dedup();
    edges.extend(implied.iter().map(|at| edge(*at)));
    whens.extend(implied.iter().flat_map(|at| [pack.implied[*at].when, pack.implied[*at].then]));
    let mut tests: Vec<&Test> = Vec::new();
    whens.iter().for_each(|when| collect_tests(pack, *when, days.from, &mut tests));
    let mut vars: Vec<Var> = Vec::with_capacity(used.len());
    for fact in order::force(&used, &edges) {
        let own: Vec<&Test> = tests.iter().filter(|test| fact_of(pack, test) == fact).copied().collect();
        let level = vars.last().map_or(0, |var| var.levels().end);
        vars.push(Var::new(pack, fact, &own, days, level)?);
    }
    Ok((vars, implied))
}

/// A base rule that sets an output: its place among the rules in force, what it is ordered by, what it shows.
type Link = (usize, OutputValue, OutputValue);

pub struct Builder<'a> {
    pub pack: &'a Pack,
    pub decision: &'a Decision,
    pub days: Days,
    pub vars: &'a [Var],
}

impl Builder<'_> {
    pub fn guard(&self, at: NodeIdx) -> Result<Guard, CannotBuild> {
        Ok(match self.pack.conditions.get(at) {
            Node::Always => Guard::Fixed(true),
            Node::Test(test) => {
                let fact = fact_of(self.pack, test);
                match self.vars.iter().find(|var| var.fact == fact) {
                    Some(var) => {
                        let (level, cells) = var.holds(self.pack, test, self.days)?;
                        Guard::Cells(level, cells)
                    }
                    None => Guard::Fixed(false),
                }
            }
            Node::Not(inner) => Guard::Not(Box::new(self.guard(*inner)?)),
            Node::All(parts) => {
                Guard::All(parts.iter().map(|part| self.guard(*part)).collect::<Result<_, _>>()?)
            }
            Node::Any(parts) => {
                Guard::Any(parts.iter().map(|part| self.guard(*part)).collect::<Result<_, _>>()?)
            }
            Node::Category(category) => match self.pack.category_on(*category, self.days.from) {
                Some(version) => self.guard(version.when)?,
                None => Guard::Fixed(false),
            },
            Node::Output { .. } | Node::OutputIn { .. } => Guard::Fixed(false),
        })
    }

    pub(super) fn value(&self, rule: RuleIdx, output: OutputIdx) -> Result<Option<OutputValue>, CannotBuild> {
        let rule = self.decision.rule(rule);
        let Some((_, setting)) = rule.then.iter().find(|(at, _)| *at == output) else { return Ok(None) };
        match setting {
            Setting::Fixed(value) => Ok(Some(value.clone())),
            Setting::Parameter(at) => match self.pack.number(*at, self.days.from) {
                Some(number) => Ok(Some(OutputValue::Number(number))),
                None => Err(CannotBuild::NoValue(rule.id.clone())),
            },
        }
    }

    /// The base rules that set an output, in the order in which the first one that holds gives the value.
    pub fn chain(&self, output: usize, rules: &[RuleIdx]) -> Result<Vec<(usize, OutputValue)>, CannotBuild> {
        let hit = self.decision.outputs[output].hit;
        let this = OutputIdx(output as u16);
        let group = self.decision.output("group").unwrap_or(this);
        let mut links: Vec<Link> = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            if self.decision.rule(*rule).adds_to.is_some() {
                continue;
            }
            let (key, shown) = match hit {
                Hit::ArgMax(of) => (self.value(*rule, of)?, self.value(*rule, group)?),
                _ => (self.value(*rule, this)?, self.value(*rule, this)?),
            };
            if let (Some(key), Some(shown)) = (key, shown)
                && !(hit == Hit::Any && shown != OutputValue::Bool(true))
            {
                links.push((at, key, shown));
            }
        }
        let rank = |at: usize| {
            let rule = self.decision.rule(rules[at]);
            (rule.tier, rule.rank, at)
        };
        match hit {
            Hit::Priority | Hit::Any => links.sort_by_key(|(at, ..)| rank(*at)),
            Hit::Max | Hit::ArgMax(_) => {
                links.sort_by(|(a, x, _), (b, y, _)| y.cmp(x).then(rank(*a).cmp(&rank(*b))))
            }
            Hit::TierMaxThenAdd => {
                links.sort_by(|(a, x, _), (b, y, _)| {
                    rank(*a).0.cmp(&rank(*b).0).then(y.cmp(x)).then(rank(*a).cmp(&rank(*b)))
                });
            }
        }
        if hit == Hit::Priority {
            self.put_over(rules, &mut links);
        }
        Ok(links.into_iter().map(|(at, _, shown)| (at, shown)).collect())
    }

    /// A rule that is `over` another comes before it whatever their ranks: in the order of ranks, each after all that are
    /// over it.
    fn put_over(&self, rules: &[RuleIdx], links: &mut Vec<Link>) {
        let mut left: Vec<Option<Link>> = std::mem::take(links).into_iter().map(Some).collect();
        for at in 0..left.len() {
            self.put(rules, at, &mut left, links);
        }
    }

    /// Puts a link behind those that are over it. A circle, which the checks refuse, ends where a link is already taken.
    fn put(&self, rules: &[RuleIdx], at: usize, left: &mut [Option<Link>], placed: &mut Vec<Link>) {
        let Some(link) = left[at].take() else { return };
        let this = rules[link.0];
        for other in 0..left.len() {
            let over = |link: &Link| self.decision.rule(rules[link.0]).over.contains(&this);
            if left[other].as_ref().is_some_and(over) {
                self.put(rules, other, left, placed);
            }
        }
        placed.push(link);
    }

    /// Adding rules with what they add to the support.
    pub fn adders(&self, rules: &[RuleIdx]) -> Result<Vec<(usize, Decimal)>, CannotBuild> {
        let Some(output) = self.decision.outputs.iter().position(|output| output.hit == Hit::TierMaxThenAdd)
        else {
            return Ok(Vec::new());
        };
        let mut adders = Vec::new();
        for (at, rule) in
            rules.iter().enumerate().filter(|(_, rule)| self.decision.rule(**rule).adds_to.is_some())
        {
            if let Some(OutputValue::Number(number)) = self.value(*rule, OutputIdx(output as u16))? {
                adders.push((at, number));
            }
        }
        Ok(adders)
    }
}
