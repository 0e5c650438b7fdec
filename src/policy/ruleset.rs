//! The rules of one decision that hold on a stretch of days under one authority, ready to answer: guards over cells for the
//! interpreter; diagrams, built when first asked, for everything that is not known.

use std::sync::OnceLock;

use rust_decimal::Decimal;

pub use super::solver::doubt;
use super::{
    cells::{CannotCut, Cut, Var},
    conditions::{Case, NodeIdx, OutputValue, Truth},
    diagram::{Cells, TooLarge},
    guard::{Allowed, Guard, merge},
    model::{Decision, Pack, RuleIdx},
    raw::{Authority, Days},
    rule_builder::{Builder, vars},
    solver::Solver,
};
use crate::facts::{FactId, UNSTATED, Value, vocabulary};

/// A rule that is in force under the authority.
#[derive(Debug)]
pub struct Active {
    /// The rule.
    pub rule: RuleIdx,
    pub(super) guard: Guard,
}

/// An open clause that is in force.
#[derive(Debug)]
pub struct ActiveOpen {
    /// Its place in the decision.
    pub open: usize,
    pub(super) guard: Guard,
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
    /// What facts imply: if … then ….
    pub(super) implied: Vec<(Guard, Guard)>,
    /// The same lines by their places in the pack.
    pub(super) implied_lines: Vec<usize>,
    /// For each output the base rules that set it, in the order in which the first one that holds gives the value.
    pub(super) chains: Vec<Vec<(usize, OutputValue)>>,
    /// Adding rules in pack order, with what they add.
    pub(super) adders: Vec<(usize, Decimal)>,
    solver: OnceLock<Option<Solver>>,
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

impl RuleSet {
    /// Makes the rules of a stretch of days ready. All of `days` must have the same rules, categories and parameters.
    ///
    /// # Errors
    /// When a fact cannot be cut into cells or a parameter has no value.
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
        let whens = rules
            .iter()
            .map(|at| decision.rule(*at).when)
            .chain(opens.iter().map(|at| decision.opens[*at].when));
        let whens: Vec<NodeIdx> = whens.collect();
        let (vars, implied_lines) = vars(pack, whens, days)?;
        let builder = Builder { pack, decision, days, vars: &vars };
        let active: Vec<Active> = rules
            .iter()
            .map(|rule| Ok(Active { rule: *rule, guard: builder.guard(decision.rule(*rule).when)? }))
            .collect::<Result<_, CannotBuild>>()?;
        let opens = opens
            .into_iter()
            .map(|open| Ok(ActiveOpen { open, guard: builder.guard(decision.opens[open].when)? }))
            .collect::<Result<_, CannotBuild>>()?;
        let implied = implied_lines
            .iter()
            .map(|at| Ok((builder.guard(pack.implied[*at].when)?, builder.guard(pack.implied[*at].then)?)))
            .collect::<Result<_, CannotBuild>>()?;
        let chains =
            (0..decision.outputs.len()).map(|at| builder.chain(at, &rules)).collect::<Result<_, _>>()?;
        let adders = builder.adders(&rules)?;
        let solver = OnceLock::new();
        Ok(Self { authority, days, active, opens, vars, implied, implied_lines, chains, adders, solver })
    }

    /// The diagrams, built now if nobody asked before.
    ///
    /// # Errors
    /// When they would not fit.
    pub fn prove(&self, decision: &Decision) -> Result<&Solver, TooLarge> {
        self.solver(decision).ok_or(TooLarge)
    }

    /// `None` when the diagrams would not fit; a pack for which that is so is refused when it is checked.
    fn solver(&self, decision: &Decision) -> Option<&Solver> {
        self.solver.get_or_init(|| Solver::build(self, decision).ok()).as_ref()
    }

    /// What is known of the person: sets of cells, one a level, in as many worlds as it takes.
    pub fn allowed_into(&self, case: &Case<'_>, allowed: &mut Allowed) {
        /// Unknown members of many entries at once: beyond this the worlds are merged, which may leave a question open
        /// that is settled, never the other way round.
        const MOST_WORLDS: usize = 64;
        let worlds = &mut allowed.worlds;
        worlds.truncate(1);
        worlds.resize_with(1, Vec::new);
        worlds[0].clear();
        for var in &self.vars {
            let Some(mut ways) = var.push_allowed(case, worlds) else { continue };
            if worlds.len() * ways.len() > MOST_WORLDS {
                ways = vec![merge(&ways)];
            }
            *worlds = worlds
                .iter()
                .flat_map(|world| ways.iter().map(|way| [world.as_slice(), way].concat()))
                .collect();
        }
    }

    /// Whether the given facts can stand together.
    pub fn consistent(&self, decision: &Decision, allowed: &Allowed) -> bool {
        let lines =
            self.implied.iter().map(|(when, then)| allowed.truth(when).negate().or(allowed.truth(then)));
        match lines.fold(Truth::Yes, Truth::and) {
            Truth::Yes => true,
            Truth::No => false,
            Truth::Unknown => self.solver(decision).is_none_or(|solver| solver.consistent(allowed)),
        }
    }

    /// The one value of an output that all completions agree on. `sound` prunes completions that the vocabulary rules
    /// out; leave it off for given facts that contradict each other.
    pub fn output(
        &self,
        decision: &Decision,
        at: usize,
        allowed: &Allowed,
        sound: bool,
    ) -> Option<Option<&OutputValue>> {
        self.solver(decision)?.output(at, allowed, sound)
    }

    /// The outcomes that completions can end in. Without diagrams, which a pack that passed its check has: never guess.
    pub fn outcomes(&self, decision: &Decision, allowed: &Allowed, sound: bool) -> Vec<u32> {
        self.solver(decision)
            .map_or_else(|| vec![NOT_ENTITLED, ENTITLED], |solver| solver.outcomes(allowed, sound))
    }

    /// Who pays what, when all completions agree on it.
    pub fn support(&self, decision: &Decision, allowed: &Allowed, sound: bool) -> Option<&Support> {
        self.solver(decision)?.support(allowed, sound)
    }

    /// Adding rules, by their places among the active ones, with what they add.
    pub fn adders(&self) -> &[(usize, Decimal)] {
        &self.adders
    }

    /// The unknown facts that alone can turn the outcome; where none can, the facts on which it hangs together.
    pub fn missing(&self, decision: &Decision, allowed: &Allowed, sound: bool) -> Vec<FactId> {
        self.solver(decision).map_or_else(Vec::new, |solver| solver.missing(self, allowed, sound))
    }

    /// Whether another value of a fact that was taken at its default would change what is said: outcome, an output or who
    /// pays. A fact whose absence speaks for itself is compared with plain absence.
    pub fn matters(&self, decision: &Decision, allowed: &Allowed, var: &Var, sound: bool) -> bool {
        let mut freed = allowed.clone();
        let def = vocabulary().get(var.fact);
        let unstated = def.kind.word(UNSTATED).map(Value::Word);
        let free = match &var.cut {
            Cut::Words(_) if def.default.is_some() && def.default == unstated => {
                vec![Cells::one(usize::from(def.kind.word("none").unwrap_or(0)))]
            }
            _ => var.free(),
        };
        for world in &mut freed.worlds {
            world[var.levels()].copy_from_slice(&free);
        }
        self.solver(decision).is_some_and(|solver| solver.differs(allowed, &freed, sound))
    }

    /// Every value of an output that completions can end in; `None` when there are more than `most`.
    pub fn values(
        &self,
        decision: &Decision,
        at: usize,
        allowed: &Allowed,
        sound: bool,
        most: usize,
    ) -> Option<Vec<Option<&OutputValue>>> {
        self.solver(decision)?.values(at, allowed, sound, most)
    }

    /// Whether an open clause can hold.
    pub fn open_can_hold(&self, decision: &Decision, at: usize, allowed: &Allowed) -> bool {
        match allowed.truth(&self.opens[at].guard) {
            Truth::Yes => true,
            Truth::No => false,
            Truth::Unknown => self.solver(decision).is_some_and(|solver| solver.open_can_hold(at, allowed)),
        }
    }

    /// Whether an adding rule adds to a base rule.
    pub fn adds(&self, decision: &Decision, adder: usize, base: usize) -> bool {
        let (adder, base) = (self.active[self.adders[adder].0].rule, self.active[base].rule);
        let adds_to = decision.rule(adder).adds_to.as_ref();
        adds_to.is_some_and(|to| to.rules.contains(&base) || to.tiers.contains(&decision.rule(base).tier))
    }

    /// Base support and what is added to it, each up to its cap.
    pub(super) fn sum(&self, decision: &Decision, base: &(usize, OutputValue), adders: &[usize]) -> Support {
        let rule = self.active[base.0].rule;
        let mut total = if let OutputValue::Number(number) = &base.1 { *number } else { Decimal::ZERO };
        let mut shares: Vec<(String, Decimal)> = Vec::new();
        let mut pay = |rule: RuleIdx, percent: Decimal| {
            if let Some(payer) = decision.rule(rule).payer.as_ref().filter(|_| percent > Decimal::ZERO) {
                match shares.iter_mut().find(|(name, _)| name == payer) {
                    Some((_, share)) => *share += percent,
                    None => shares.push((payer.clone(), percent)),
                }
            }
        };
        pay(rule, total);
        let mut added = Vec::new();
        for adder in adders {
            let (at, percent) = self.adders[*adder];
            let adding = self.active[at].rule;
            let share = percent.min((decision.rule(adding).cap_total - total).max(Decimal::ZERO));
            if share > Decimal::ZERO {
                total += share;
                pay(adding, share);
                added.push(adding);
            }
        }
        Support { base: rule, added, total, shares }
    }
}
