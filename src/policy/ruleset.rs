//! The rules of one decision that hold on a stretch of days under one authority, ready to answer: guards over cells for the
//! interpreter, and diagrams for everything that is not known.

use rust_decimal::Decimal;

use super::{
    cells::{CannotCut, Var},
    conditions::{Case, Node, NodeIdx, OutputValue, Test, Truth},
    decision_file::facts_of,
    diagram::{Cells, Diagrams, IMPOSSIBLE, NO, Ref, TooLarge, YES},
    model::{Decision, Hit, OutputIdx, Pack, RuleIdx, Setting},
    order,
    raw::{Authority, Days, Side},
};
use crate::facts::FactId;

/// A guard over cells.
#[derive(Debug)]
enum Guard {
    Fixed(bool),
    Cells(usize, Cells),
    Not(Box<Guard>),
    All(Vec<Guard>),
    Any(Vec<Guard>),
}

impl Guard {
    fn truth(&self, allowed: &[Cells]) -> Truth {
        match self {
            Self::Fixed(value) => (*value).into(),
            Self::Cells(level, cells) => {
                let inside = allowed[*level].and(cells);
                if inside.is_empty() {
                    Truth::No
                } else if inside == allowed[*level] {
                    Truth::Yes
                } else {
                    Truth::Unknown
                }
            }
            Self::Not(inner) => inner.truth(allowed).negate(),
            Self::All(parts) => parts.iter().fold(Truth::Yes, |all, part| all.and(part.truth(allowed))),
            Self::Any(parts) => parts.iter().fold(Truth::No, |any, part| any.or(part.truth(allowed))),
        }
    }

    fn diagram(&self, diagrams: &mut Diagrams) -> Result<Ref, TooLarge> {
        match self {
            Self::Fixed(value) => Ok(if *value { YES } else { NO }),
            Self::Cells(level, cells) => diagrams.test(*level, cells),
            Self::Not(inner) => {
                let inner = inner.diagram(diagrams)?;
                diagrams.not(inner)
            }
            Self::All(parts) => parts.iter().try_fold(YES, |all, part| {
                let part = part.diagram(diagrams)?;
                diagrams.and(all, part)
            }),
            Self::Any(parts) => parts.iter().try_fold(NO, |any, part| {
                let part = part.diagram(diagrams)?;
                diagrams.or(any, part)
            }),
        }
    }
}

/// A rule that is in force under the authority.
#[derive(Debug)]
pub struct Active {
    /// The rule.
    pub rule: RuleIdx,
    guard: Guard,
}

/// An open clause that is in force.
#[derive(Debug)]
pub struct ActiveOpen {
    /// Its place in the decision.
    pub open: usize,
    guard: Guard,
    diagram: Ref,
}

/// Support with its shares, when one base rule and some adding ones hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// The base rule.
    pub base: RuleIdx,
    /// The rules that add to it.
    pub added: Vec<RuleIdx>,
    /// Percent in all, after the cap.
    pub total: Decimal,
    /// Payer and percent; nobody with nothing.
    pub shares: Vec<(String, Decimal)>,
}

/// An output's diagram; terminals are places in `values`.
#[derive(Debug)]
struct OutputDiagram {
    bare: Ref,
    sound: Ref,
    values: Vec<Option<OutputValue>>,
}

/// The three decided outcomes as terminals.
pub const NOT_ENTITLED: u32 = 0;
/// See [`NOT_ENTITLED`].
pub const ENTITLED: u32 = 1;
/// See [`NOT_ENTITLED`].
pub const REVIEW: u32 = 2;

/// Rules of one decision on days with the same law.
#[derive(Debug)]
pub struct RuleSet {
    /// Law alone, or law and plan.
    pub authority: Authority,
    /// The days.
    pub days: Days,
    /// The rules, in pack order.
    pub active: Vec<Active>,
    /// The open clauses.
    pub opens: Vec<ActiveOpen>,
    /// The facts, in the order of the levels.
    pub vars: Vec<Var>,
    chains: Vec<Vec<(usize, OutputValue)>>,
    diagrams: Diagrams,
    outcome: (Ref, Ref),
    outputs: Vec<OutputDiagram>,
    supports: Vec<Support>,
    support: Option<(Ref, Ref)>,
    integrity: Ref,
}

/// Why rules cannot be made ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotBuild {
    /// A fact cannot be cut.
    #[error(transparent)]
    Cut(#[from] CannotCut),
    /// Too large to prove.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// A rule needs a parameter that has no value.
    #[error("rule “{0}” needs a parameter that has no known value on these days")]
    NoValue(String),
}

/// What the rules say of one person: `None` where completions of the unknown facts differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Truth of each active rule, in their order.
    pub truths: Vec<Truth>,
    /// Truth of each open clause.
    pub opens: Vec<Truth>,
    /// The outcomes that completions can end in.
    pub outcomes: Vec<u32>,
    /// Each output: undetermined, nothing, or a value.
    pub outputs: Vec<Option<Option<OutputValue>>>,
    /// Who pays what, when settled.
    pub support: Option<Support>,
}

impl RuleSet {
    /// Makes the rules of a stretch of days ready. All of `days` must have the same rules, categories and parameters.
    pub fn build(
        pack: &Pack,
        decision: &Decision,
        authority: Authority,
        days: Days,
    ) -> Result<Self, CannotBuild> {
        let in_force = |valid: &Days, of: Authority| {
            valid.holds(days.from) && (authority == Authority::Plan || of == Authority::Law)
        };
        let rules: Vec<RuleIdx> = decision
            .rules()
            .filter(|(_, rule)| in_force(&rule.valid, rule.authority))
            .map(|(at, _)| at)
            .collect();
        let opens: Vec<usize> = (0..decision.opens.len())
            .filter(|at| in_force(&decision.opens[*at].valid, decision.opens[*at].authority))
            .collect();
        let mut whens: Vec<NodeIdx> = rules.iter().map(|at| decision.rule(*at).when).collect();
        whens.extend(opens.iter().map(|at| decision.opens[*at].when));
        let edges: Vec<Vec<FactId>> = whens.iter().map(|when| facts(pack, *when, days)).collect();
        let mut used: Vec<FactId> = edges.concat();
        used.sort_unstable();
        used.dedup();
        let implied: Vec<usize> = (0..pack.implied.len())
            .filter(|at| {
                let line = &pack.implied[*at];
                let mut all = facts(pack, line.when, days);
                all.push(line.fact);
                all.iter().all(|fact| used.contains(fact))
            })
            .collect();
        let mut all_edges = edges;
        all_edges.extend(implied.iter().map(|at| {
            let mut all = facts(pack, pack.implied[*at].when, days);
            all.push(pack.implied[*at].fact);
            all
        }));
        let order = order::force(&used, &all_edges);
        let mut tests: Vec<&Test> = Vec::new();
        whens.extend(implied.iter().flat_map(|at| [pack.implied[*at].when, pack.implied[*at].then]));
        whens.iter().for_each(|when| collect_tests(pack, *when, days, &mut tests));
        let mut vars: Vec<Var> = Vec::with_capacity(order.len());
        for fact in order {
            let own: Vec<&Test> = tests.iter().filter(|test| fact_of(pack, test) == fact).copied().collect();
            let level = vars.last().map_or(0, |var| var.levels().end);
            vars.push(Var::new(pack, fact, &own, days, level)?);
        }
        let widths = vars.iter().flat_map(|var| vec![var.width(); var.levels().len()]).collect();
        let mut builder = Builder { pack, decision, days, vars: &vars, diagrams: Diagrams::new(widths) };
        let active: Vec<Active> = rules
            .iter()
            .map(|rule| Ok(Active { rule: *rule, guard: builder.guard(decision.rule(*rule).when)? }))
            .collect::<Result<_, CannotBuild>>()?;
        let guards: Vec<Ref> =
            active.iter().map(|rule| rule.guard.diagram(&mut builder.diagrams)).collect::<Result<_, _>>()?;
        let mut integrity = YES;
        for at in implied {
            let (when, then) = (builder.guard(pack.implied[at].when)?, builder.guard(pack.implied[at].then)?);
            let (when, then) = (when.diagram(&mut builder.diagrams)?, then.diagram(&mut builder.diagrams)?);
            let line = builder.diagrams.choose(when, then, YES)?;
            integrity = builder.diagrams.and(integrity, line)?;
        }
        let chains: Vec<Vec<(usize, OutputValue)>> =
            (0..decision.outputs.len()).map(|at| builder.chain(at, &rules)).collect::<Result<_, _>>()?;
        let (mut outputs, mut supports, mut support) = (Vec::new(), Vec::new(), None);
        for (at, chain) in chains.iter().enumerate() {
            let (bare, values) = if decision.outputs[at].hit == Hit::TierMaxThenAdd {
                let bundles = builder.support(at, chain, &rules, &guards, &mut supports)?;
                support = Some((bundles, bundles));
                builder.support_values(bundles, &supports)?
            } else {
                builder.chain_diagram(chain, &guards)?
            };
            outputs.push(OutputDiagram { bare, sound: bare, values });
        }
        let mut outcome = builder.outcome(&outputs)?;
        let mut ready_opens = Vec::new();
        for at in opens {
            let open = &decision.opens[at];
            let guard = builder.guard(open.when)?;
            let diagram = guard.diagram(&mut builder.diagrams)?;
            if open.outcome {
                outcome = builder.diagrams.combine(outcome, diagram, &mut |outcome, holds| {
                    let doubted = match open.side {
                        Side::Grant => outcome == NOT_ENTITLED,
                        Side::Deny => outcome == ENTITLED,
                        Side::Either => true,
                    };
                    if holds == 1 && doubted { REVIEW } else { outcome }
                })?;
            }
            ready_opens.push(ActiveOpen { open: at, guard, diagram });
        }
        let lists = builder.lists()?;
        let mut diagrams = builder.diagrams;
        integrity = diagrams.and(integrity, lists)?;
        let mut limit = |root: Ref| -> Result<(Ref, Ref), TooLarge> {
            let impossible = Ref::terminal(IMPOSSIBLE);
            Ok((diagrams.choose(lists, root, impossible)?, diagrams.choose(integrity, root, impossible)?))
        };
        let outcome = limit(outcome)?;
        for output in &mut outputs {
            (output.bare, output.sound) = limit(output.bare)?;
        }
        if let Some(pair) = &mut support {
            *pair = limit(pair.0)?;
        }
        diagrams.freeze();
        Ok(Self {
            authority,
            days,
            active,
            opens: ready_opens,
            vars,
            chains,
            diagrams,
            outcome,
            outputs,
            supports,
            support,
            integrity,
        })
    }

    /// What is known of the person: sets of cells, one a level, in as many worlds as it takes.
    pub fn allowed(&self, case: &Case<'_>) -> Allowed {
        /// Unknown members of many entries at once: beyond this the worlds are merged, which may leave a question open
        /// that is settled, never the other way round.
        const MOST_WORLDS: usize = 64;
        let mut worlds: Vec<Vec<Cells>> = vec![Vec::new()];
        for var in &self.vars {
            let mut ways = var.allowed(case);
            if worlds.len() * ways.len() > MOST_WORLDS {
                ways = vec![merge(&ways)];
            }
            worlds = worlds
                .iter()
                .flat_map(|world| ways.iter().map(|way| [world.as_slice(), way].concat()))
                .collect();
        }
        Allowed { worlds }
    }

    /// Whether the given facts can stand together.
    pub fn consistent(&self, allowed: &Allowed) -> bool {
        self.reach(self.integrity, allowed, 2).contains(&1)
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

    /// What the rules say. `sound` prunes completions that the vocabulary rules out; leave it off for given facts that
    /// contradict each other.
    pub fn say(&self, decision: &Decision, allowed: &Allowed, sound: bool) -> Said {
        let truths: Vec<Truth> = self.active.iter().map(|rule| allowed.truth(&rule.guard)).collect();
        let opens: Vec<Truth> = self.opens.iter().map(|open| allowed.truth(&open.guard)).collect();
        let root = |pair: (Ref, Ref)| if sound { pair.1 } else { pair.0 };
        let outputs = self
            .outputs
            .iter()
            .enumerate()
            .map(|(at, output)| self.output(decision, at, output, &truths, allowed, sound))
            .collect();
        let outcomes = self.reach(root(self.outcome), allowed, 3);
        let support = self.support.and_then(|pair| {
            let found = self.reach(root(pair), allowed, usize::MAX);
            let mut ways = found.iter().filter_map(|at| self.supports.get(*at as usize));
            let first = ways.next()?;
            ways.all(|other| other.total == first.total && other.shares == first.shares)
                .then(|| first.clone())
        });
        Said { truths, opens, outcomes, outputs, support }
    }

    fn output(
        &self,
        decision: &Decision,
        at: usize,
        output: &OutputDiagram,
        truths: &[Truth],
        allowed: &Allowed,
        sound: bool,
    ) -> Option<Option<OutputValue>> {
        if decision.outputs[at].hit != Hit::TierMaxThenAdd
            && let Some(settled) = self.first_holding(at, truths)
        {
            return Some(settled.map(|(_, value)| value.clone()));
        }
        let root = if sound { output.sound } else { output.bare };
        match self.reach(root, allowed, 2).as_slice() {
            [only] => output.values.get(*only as usize).cloned(),
            _ => None,
        }
    }

    /// The first rule of an output's chain that holds; `None` while an earlier one is unknown.
    pub fn first_holding(&self, output: usize, truths: &[Truth]) -> Option<Option<&(usize, OutputValue)>> {
        for link in &self.chains[output] {
            match truths[link.0] {
                Truth::Yes => return Some(Some(link)),
                Truth::No => {}
                Truth::Unknown => return None,
            }
        }
        Some(None)
    }

    /// The active rule that comes first among those that hold for certain, in an output's chain.
    pub fn first_certain(&self, output: usize, truths: &[Truth]) -> Option<RuleIdx> {
        self.chains[output]
            .iter()
            .find(|link| truths[link.0] == Truth::Yes)
            .map(|link| self.active[link.0].rule)
    }

    /// The unknown facts that alone can turn the outcome; where none can, the facts on which it hangs together.
    pub fn missing(&self, allowed: &Allowed, sound: bool) -> Vec<FactId> {
        let root = if sound { self.outcome.1 } else { self.outcome.0 };
        let world = merge(&allowed.worlds);
        let open = |var: &&Var| world[var.levels()].iter().any(|cells| cells.len() > 1);
        let alone: Vec<FactId> = self
            .vars
            .iter()
            .filter(open)
            .filter(|var| self.diagrams.flips(root, &world, var.levels()))
            .map(|var| var.fact)
            .collect();
        if !alone.is_empty() {
            return alone;
        }
        let levels = self.diagrams.support(root, &world);
        self.vars
            .iter()
            .filter(|var| levels.iter().any(|level| var.levels().contains(level)))
            .map(|var| var.fact)
            .collect()
    }

    /// Whether freeing one fact would change what is said: outcome, an output or who pays.
    pub fn matters(&self, allowed: &Allowed, var: &Var, sound: bool) -> bool {
        let mut freed = allowed.clone();
        for world in &mut freed.worlds {
            world[var.levels()].copy_from_slice(&var.free());
        }
        let pick = |pair: (Ref, Ref)| if sound { pair.1 } else { pair.0 };
        let roots = [pick(self.outcome)]
            .into_iter()
            .chain(self.support.map(pick))
            .chain(self.outputs.iter().map(|output| pick((output.bare, output.sound))));
        roots
            .into_iter()
            .any(|root| self.reach(root, allowed, 2).len() == 1 && self.reach(root, &freed, 2).len() > 1)
    }

    /// Whether an open clause can hold.
    pub fn open_can_hold(&self, at: usize, allowed: &Allowed) -> bool {
        self.reach(self.opens[at].diagram, allowed, 2).contains(&1)
    }

    /// How many nodes the diagrams have.
    pub fn nodes(&self) -> usize {
        self.diagrams.len()
    }
}

/// What is known of a person, as the rules of one stretch of days see it.
#[derive(Debug, Clone)]
pub struct Allowed {
    /// Sets of cells, one a level; several worlds only for lists whose entries are not known to the end.
    worlds: Vec<Vec<Cells>>,
}

impl Allowed {
    fn truth(&self, guard: &Guard) -> Truth {
        let mut truths = self.worlds.iter().map(|world| guard.truth(world));
        let first = truths.next().unwrap_or(Truth::Unknown);
        if truths.all(|other| other == first) { first } else { Truth::Unknown }
    }
}

/// One world that allows whatever any of them does.
fn merge(worlds: &[Vec<Cells>]) -> Vec<Cells> {
    let mut merged = worlds.first().cloned().unwrap_or_default();
    for world in &worlds[1..] {
        merged.iter_mut().zip(world).for_each(|(all, one)| *all = all.or(one));
    }
    merged
}

/// The facts that a condition reads on these days.
pub fn facts(pack: &Pack, when: NodeIdx, days: Days) -> Vec<FactId> {
    let mut facts = Vec::new();
    facts_of(pack, when, days.from, &mut facts);
    facts
}

fn fact_of(pack: &Pack, test: &Test) -> FactId {
    match test {
        Test::Words { fact, .. }
        | Test::Bool { fact }
        | Test::Number { fact, .. }
        | Test::Date { fact, .. }
        | Test::MonthsSince { fact, .. }
        | Test::Unit { fact, .. }
        | Test::Some { fact, .. } => *fact,
        Test::Age { .. } | Test::CardRunning { .. } => pack.born_on,
    }
}

fn collect_tests<'p>(pack: &'p Pack, at: NodeIdx, days: Days, tests: &mut Vec<&'p Test>) {
    match pack.conditions.get(at) {
        Node::Test(test) => {
            if !tests.contains(&test) {
                tests.push(test);
            }
        }
        Node::Not(inner) => collect_tests(pack, *inner, days, tests),
        Node::All(parts) | Node::Any(parts) => {
            parts.iter().for_each(|part| collect_tests(pack, *part, days, tests))
        }
        Node::Category(category) => {
            if let Some(version) = pack.category_on(*category, days.from) {
                collect_tests(pack, version.when, days, tests);
            }
        }
        Node::Always | Node::Output { .. } | Node::OutputIn { .. } => {}
    }
}

struct Builder<'a> {
    pack: &'a Pack,
    decision: &'a Decision,
    days: Days,
    vars: &'a [Var],
    diagrams: Diagrams,
}

impl Builder<'_> {
    fn guard(&self, at: NodeIdx) -> Result<Guard, CannotBuild> {
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

    /// True for answers that lists can give.
    fn lists(&mut self) -> Result<Ref, CannotBuild> {
        let mut all = YES;
        for var in self.vars {
            if let super::cells::Cut::List { answers, .. } = &var.cut {
                let one = self.diagrams.answers(var.levels(), answers)?;
                all = self.diagrams.and(all, one)?;
            }
        }
        Ok(all)
    }

    fn value(&self, rule: RuleIdx, output: OutputIdx) -> Result<Option<OutputValue>, CannotBuild> {
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
    fn chain(&self, output: usize, rules: &[RuleIdx]) -> Result<Vec<(usize, OutputValue)>, CannotBuild> {
        let hit = self.decision.outputs[output].hit;
        let this = OutputIdx(output as u16);
        let group = self.decision.output("group").unwrap_or(this);
        let mut links: Vec<(usize, OutputValue, OutputValue)> = Vec::new();
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

    /// A rule that is `over` another comes before it whatever their ranks.
    fn put_over(&self, rules: &[RuleIdx], links: &mut Vec<(usize, OutputValue, OutputValue)>) {
        for at in 0..links.len() {
            let over = &self.decision.rule(rules[links[at].0]).over;
            if let Some(to) = links[..at].iter().position(|(other, ..)| over.contains(&rules[*other])) {
                let link = links.remove(at);
                links.insert(to, link);
            }
        }
    }

    fn chain_diagram(
        &mut self,
        chain: &[(usize, OutputValue)],
        guards: &[Ref],
    ) -> Result<(Ref, Vec<Option<OutputValue>>), CannotBuild> {
        let mut values: Vec<Option<OutputValue>> = vec![None];
        let mut diagram = Ref::terminal(0);
        for (at, value) in chain.iter().rev() {
            let terminal = intern(&mut values, Some(value.clone()));
            diagram = self.diagrams.choose(guards[*at], Ref::terminal(terminal), diagram)?;
        }
        Ok((diagram, values))
    }

    /// Base rules of the first tier that has one, highest first; then whatever adds to the one chosen.
    fn support(
        &mut self,
        output: usize,
        chain: &[(usize, OutputValue)],
        rules: &[RuleIdx],
        guards: &[Ref],
        supports: &mut Vec<Support>,
    ) -> Result<Ref, CannotBuild> {
        let mut ways: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut diagram = Ref::terminal(u32::MAX >> 2);
        for (at, _) in chain.iter().rev() {
            let terminal = intern(&mut ways, (*at, Vec::new()));
            diagram = self.diagrams.choose(guards[*at], Ref::terminal(terminal), diagram)?;
        }
        for (adder, rule) in rules.iter().enumerate() {
            let Some(adds_to) = &self.decision.rule(*rule).adds_to else { continue };
            diagram = self.diagrams.combine(diagram, guards[adder], &mut |way, holds| {
                let Some((base, added)) = ways.get(way as usize).filter(|_| holds == 1).cloned() else {
                    return way;
                };
                let base_rule = self.decision.rule(rules[base]);
                if !adds_to.rules.contains(&rules[base]) && !adds_to.tiers.contains(&base_rule.tier) {
                    return way;
                }
                let mut added = added;
                added.push(adder);
                intern(&mut ways, (base, added))
            })?;
        }
        let output = OutputIdx(output as u16);
        for (base, added) in &ways {
            supports.push(self.sum(
                output,
                rules[*base],
                &added.iter().map(|at| rules[*at]).collect::<Vec<_>>(),
            )?);
        }
        Ok(diagram)
    }

    fn sum(&self, output: OutputIdx, base: RuleIdx, adders: &[RuleIdx]) -> Result<Support, CannotBuild> {
        let number = |rule: RuleIdx| -> Result<Decimal, CannotBuild> {
            Ok(match self.value(rule, output)? {
                Some(OutputValue::Number(number)) => number,
                _ => Decimal::ZERO,
            })
        };
        let mut total = number(base)?;
        let mut shares: Vec<(String, Decimal)> = Vec::new();
        let mut pay = |rule: RuleIdx, percent: Decimal| {
            if let Some(payer) = self.decision.rule(rule).payer.as_ref().filter(|_| percent > Decimal::ZERO) {
                match shares.iter_mut().find(|(name, _)| name == payer) {
                    Some((_, share)) => *share += percent,
                    None => shares.push((payer.clone(), percent)),
                }
            }
        };
        pay(base, total);
        let mut added = Vec::new();
        for rule in adders {
            let room = (self.decision.rule(*rule).cap_total - total).max(Decimal::ZERO);
            let share = number(*rule)?.min(room);
            if share > Decimal::ZERO {
                total += share;
                pay(*rule, share);
                added.push(*rule);
            }
        }
        Ok(Support { base, added, total, shares })
    }

    fn support_values(
        &mut self,
        bundles: Ref,
        supports: &[Support],
    ) -> Result<(Ref, Vec<Option<OutputValue>>), CannotBuild> {
        let mut values: Vec<Option<OutputValue>> = vec![None];
        let diagram = self.diagrams.map(bundles, &mut |way| match supports.get(way as usize) {
            Some(support) => intern(&mut values, Some(OutputValue::Number(support.total))),
            None => 0,
        })?;
        Ok((diagram, values))
    }

    fn outcome(&mut self, outputs: &[OutputDiagram]) -> Result<Ref, CannotBuild> {
        let (output, op, asked) = &self.decision.entitled;
        let OutputDiagram { bare, values, .. } = &outputs[output.at()];
        Ok(self.diagrams.map(*bare, &mut |value| {
            let got = values.get(value as usize).and_then(Option::as_ref);
            u32::from(got.is_some_and(|got| super::conditions::compare_outputs(got, *op, asked)))
        })?)
    }
}

fn intern<T: PartialEq>(all: &mut Vec<T>, one: T) -> u32 {
    let at = all.iter().position(|other| *other == one).unwrap_or_else(|| {
        all.push(one);
        all.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX >> 2)
}
