//! What the rules say of a person: straight from the truths of their conditions where those settle it, by the diagrams
//! where facts are unknown.

use rust_decimal::Decimal;

use super::{
    asked::{Asked, Exact},
    standing::Standing,
    told::{MOST_OUTPUTS, Output, Told, compare},
};
use crate::policy::{
    conditions::Truth,
    field_table::FieldTable,
    model::{Hit, RuleIdx},
    program::{RuleBits, Table},
    ruleset::{self, ENTITLED, NOT_ENTITLED, doubt},
};

/// There are fewer payers in the vocabulary.
const MOST_PAYERS: usize = 8;

/// Who pays how many percent; nobody with nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shares<'p> {
    list: [(&'p str, Decimal); MOST_PAYERS],
    len: usize,
}

impl PartialEq for Shares<'_> {
    /// Most shares that are compared are those of the same rule.
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len
            && self
                .list()
                .iter()
                .zip(other.list())
                .all(|(one, other)| one.1 == other.1 && (std::ptr::eq(one.0, other.0) || one.0 == other.0))
    }
}

impl<'p> Shares<'p> {
    fn pay(&mut self, payer: Option<&'p str>, percent: Decimal) {
        let Some(payer) = payer.filter(|_| percent > Decimal::ZERO) else { return };
        match self.list[..self.len].iter_mut().find(|(name, _)| *name == payer) {
            Some((_, share)) => *share += percent,
            None if self.len < MOST_PAYERS => {
                self.list[self.len] = (payer, percent);
                self.len += 1;
            }
            None => {}
        }
    }

    /// Payers and percents, in the order in which they come in.
    pub fn list(&self) -> &[(&'p str, Decimal)] {
        &self.list[..self.len]
    }
}

/// Support and who pays it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Support<'p> {
    /// The base rule.
    pub base: RuleIdx,
    /// Active rules that add to it.
    pub added: RuleBits,
    /// Percent in all.
    pub total: Decimal,
    /// Who pays what.
    pub shares: Shares<'p>,
}

/// What the rules of a stretch of days say of one person.
#[derive(Debug, Clone, Copy)]
pub struct Said<'p> {
    /// Active rules that hold.
    pub yes: RuleBits,
    /// Active rules of which it is not known.
    pub unknown: RuleBits,
    /// Open clauses that hold.
    pub opens_yes: RuleBits,
    /// Open clauses of which it is not known.
    pub opens_unknown: RuleBits,
    /// Outcomes that completions can end in, a bit each.
    pub outcomes: u8,
    /// The outputs.
    pub outputs: [Output<'p>; MOST_OUTPUTS],
    /// Who pays what, when settled.
    pub support: Option<Support<'p>>,
}

impl<'p> Said<'p> {
    /// Whether an output that is told as it is has a value here and another one, or none, there.
    pub fn plainly_differs(&self, other: &Self, fields: &FieldTable) -> bool {
        if !self.opens_yes.is_empty() || !other.opens_yes.is_empty() {
            return false;
        }
        fields.plain.iter().any(|at| match (self.outputs[*at], other.outputs[*at]) {
            (Output::Value(one), Output::Value(two)) => one != two,
            (Output::Value(_), _) | (_, Output::Value(_)) => true,
            _ => false,
        })
    }

    /// Whether outcome, outputs, shares and what is open are the same, whatever the rules behind them.
    pub fn same(&self, other: &Self, outputs: usize) -> bool {
        self.outcomes == other.outcomes
            && self.opens_yes == other.opens_yes
            && self.outputs[..outputs] == other.outputs[..outputs]
            && !self.outputs[..outputs].contains(&Output::Undetermined)
            && match (&self.support, &other.support) {
                (Some(a), Some(b)) => a.total == b.total && a.shares == b.shares,
                (None, None) => true,
                _ => false,
            }
    }

    /// Truth of an active rule.
    pub fn truth(&self, active: usize) -> Truth {
        if self.yes.has(active) {
            Truth::Yes
        } else if self.unknown.has(active) {
            Truth::Unknown
        } else {
            Truth::No
        }
    }

    /// What the rules say. With `wanted`, `None` as soon as the outcome is another one.
    pub fn of(
        asked: &Asked<'p>,
        table: &'p Table,
        standing: &mut Standing,
        exact: &mut Exact,
        wanted: Option<u8>,
    ) -> Option<Self> {
        let other = |outcomes: u8| wanted.is_some_and(|wanted| class(outcomes) != class(wanted));
        let mut said = Self::by_truths(asked, table, |clause| standing.truth(asked.policy, clause));
        if said.settled && other(said.said.outcomes) {
            return None;
        }
        if !said.settled {
            let known = exact.of(asked, table, standing);
            let decision = asked.decision;
            said.said.outcomes = table
                .rules
                .outcomes(decision, &known.allowed, known.sound)
                .iter()
                .fold(0, |all, outcome| all | 1 << outcome);
            if other(said.said.outcomes) {
                return None;
            }
            for (at, output) in decision.outputs.iter().enumerate() {
                if said.said.outputs[at] == Output::Undetermined {
                    let solved = table.rules.output(decision, at, &known.allowed, known.sound);
                    said.said.outputs[at] = match solved {
                        None => Output::Undetermined,
                        Some(None) => Output::Nothing,
                        Some(Some(value)) => Output::Value(value.into()),
                    };
                }
                if output.hit == Hit::TierMaxThenAdd && said.said.support.is_none() {
                    let solved = table.rules.support(decision, &known.allowed, known.sound);
                    said.said.support = solved.map(|support| from_diagram(table, support));
                }
            }
        }
        Some(said.said)
    }

    /// What follows from the truths of the conditions alone, and whether that settles everything.
    pub fn by_truths(
        asked: &Asked<'p>,
        table: &'p Table,
        mut truth: impl FnMut(crate::policy::clauses::ClauseIdx) -> Truth,
    ) -> Settled<'p> {
        let mut said = Self {
            yes: RuleBits::default(),
            unknown: RuleBits::default(),
            opens_yes: RuleBits::default(),
            opens_unknown: RuleBits::default(),
            outcomes: 0,
            outputs: [Output::Undetermined; MOST_OUTPUTS],
            support: None,
        };
        for (at, clause) in table.when.iter().enumerate() {
            match truth(*clause) {
                Truth::Yes => said.yes.set(at, true),
                Truth::Unknown => said.unknown.set(at, true),
                Truth::No => {}
            }
        }
        for (at, clause) in table.opens.iter().enumerate() {
            match truth(*clause) {
                Truth::Yes => said.opens_yes.set(at, true),
                Truth::Unknown => said.opens_unknown.set(at, true),
                Truth::No => {}
            }
        }
        let settled = said.conclude(asked, table);
        Settled { said, settled }
    }

    /// Outputs and outcome from the sets of rules. Whether they settle everything.
    pub fn conclude(&mut self, asked: &Asked<'p>, table: &'p Table) -> bool {
        let decision = asked.decision;
        let mut settled = true;
        for (at, output) in decision.outputs.iter().enumerate() {
            let first = table.first(at, self.yes, self.unknown);
            self.outputs[at] = match first {
                None => Output::Undetermined,
                Some(None) => Output::Nothing,
                Some(Some(link)) if output.hit == Hit::TierMaxThenAdd => {
                    self.support = self.add_up(asked, table, at, link);
                    match &self.support {
                        Some(support) => Output::Value(Told::Number(support.total)),
                        None => Output::Undetermined,
                    }
                }
                Some(Some(link)) => Output::Value((&table.link(at, link).1).into()),
            };
            settled &= self.outputs[at] != Output::Undetermined;
        }
        let (entitling, op, value) = &decision.entitled;
        let mut outcome = match self.outputs[entitling.at()] {
            Output::Undetermined => return false,
            Output::Nothing => NOT_ENTITLED,
            Output::Value(got) => {
                if compare(got, *op, value) {
                    ENTITLED
                } else {
                    NOT_ENTITLED
                }
            }
        };
        for (at, active) in table.rules.opens.iter().enumerate() {
            let open = &decision.opens[active.open];
            if !open.outcome {
                continue;
            }
            if self.opens_unknown.has(at) && doubt(open.side, outcome, true) != outcome {
                return false;
            }
            outcome = doubt(open.side, outcome, self.opens_yes.has(at));
        }
        self.outcomes = 1 << outcome;
        settled
    }

    /// Base support and what is added to it, each up to its cap. `None` while it is not known what is added.
    fn add_up(&self, asked: &Asked<'p>, table: &'p Table, output: usize, link: usize) -> Option<Support<'p>> {
        let rules = &table.rules;
        let (base, value) = table.link(output, link);
        let rule = rules.active[*base].rule;
        let payer = |rule: RuleIdx| asked.decision.rule(rule).payer.as_deref();
        let mut support = Support {
            base: rule,
            added: RuleBits::default(),
            total: if let Told::Number(number) = value.into() { number } else { Decimal::ZERO },
            shares: Shares::default(),
        };
        support.shares.pay(payer(rule), support.total);
        for (adder, (at, percent)) in rules.adders().iter().enumerate() {
            if !(self.yes.has(*at) || self.unknown.has(*at)) || !rules.adds(asked.decision, adder, *base) {
                continue;
            }
            let adding = rules.active[*at].rule;
            let left = (asked.decision.rule(adding).cap_total - support.total).max(Decimal::ZERO);
            let share = (*percent).min(left);
            if share > Decimal::ZERO {
                if self.unknown.has(*at) {
                    return None;
                }
                support.total += share;
                support.shares.pay(payer(adding), share);
                support.added.set(*at, true);
            }
        }
        Some(support)
    }
}

/// Sets of outcomes that are told as one: several mean that information is needed.
fn class(outcomes: u8) -> u8 {
    if outcomes.is_power_of_two() { outcomes } else { 0 }
}

/// What truths alone say.
pub struct Settled<'p> {
    /// As far as they go.
    pub said: Said<'p>,
    /// Whether nothing is left to the diagrams.
    pub settled: bool,
}

fn from_diagram<'p>(table: &'p Table, support: &'p ruleset::Support) -> Support<'p> {
    let mut shares = Shares::default();
    support.shares.iter().for_each(|(payer, percent)| shares.pay(Some(payer), *percent));
    let mut added = RuleBits::default();
    for rule in &support.added {
        if let Some(active) = table.active(*rule) {
            added.set(active, true);
        }
    }
    Support { base: support.base, added, total: support.total, shares }
}
