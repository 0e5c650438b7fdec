//! The law of a pack made ready to answer: for each decision its stretches of days, and for each stretch which rules hold
//! under which condition, which of them comes first for each output, and what the fields are worth.

use std::sync::Arc;

use chrono::{Days as Span, NaiveDate};

use super::{
    clauses::{ClauseIdx, Clauses, Literal, TooMany},
    conditions::{OutputValue, compare_outputs},
    epochs::Epochs,
    field_table::FieldTable,
    model::{CategoryIdx, Decision, Pack, RuleIdx, Setting},
    raw::{Authority, Days},
    ruleset::RuleSet,
    span_texts::{RuleTexts, SpanTexts},
};
use crate::facts::{FactId, Kind, vocabulary};

/// A set of active rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleBits([u64; 4]);

impl RuleBits {
    /// The most rules of a decision that can be in force at once.
    pub const MOST: usize = 256;

    /// Adds or removes one.
    pub fn set(&mut self, at: usize, value: bool) {
        let (word, bit) = (at / 64, at % 64);
        self.0[word] = self.0[word] & !(1 << bit) | u64::from(value) << bit;
    }

    /// Whether it is in the set.
    pub fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    /// Whether some are in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(one, two)| one & two != 0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// Those in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(word, bits)| {
            let mut left = bits;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    word * 64 + bit
                })
            })
        })
    }
}

/// Not in the chain of an output.
const NOWHERE: u16 = u16::MAX;

/// The rules of a stretch of days under one authority.
#[derive(Debug)]
pub struct Table {
    /// The same rules as guards and diagrams.
    pub rules: Arc<RuleSet>,
    /// The condition of each active rule.
    pub when: Vec<ClauseIdx>,
    /// The condition of each open clause in force.
    pub opens: Vec<ClauseIdx>,
    /// What facts imply, as far as the rules read them.
    pub implied: Vec<(ClauseIdx, ClauseIdx)>,
    /// For each output and active rule the place in the output's chain.
    places: Vec<Vec<u16>>,
    /// Rules that would give the right if they held.
    entitling: RuleBits,
    /// Promises of the plan among them all, and whether the plan leaves something open.
    promises: RuleBits,
    plan_opens: bool,
    active: Vec<u16>,
    /// For each condition that turns something when a fact is freed: fact by fact, the active rules that read it.
    readers: Vec<(FactId, RuleBits, RuleBits)>,
}

impl Table {
    fn build(
        pack: &Pack,
        decision: &Decision,
        rules: &Arc<RuleSet>,
        clauses: &mut Clauses,
    ) -> Result<Self, TooMany> {
        if rules.active.len() > RuleBits::MOST || rules.opens.len() > RuleBits::MOST {
            return Err(TooMany);
        }
        let day = rules.days.from;
        let mut add = |node| clauses.add(pack, node, day);
        let when: Vec<_> = rules
            .active
            .iter()
            .map(|active| add(decision.rule(active.rule).when))
            .collect::<Result<_, _>>()?;
        let opens: Vec<_> = rules
            .opens
            .iter()
            .map(|active| add(decision.opens[active.open].when))
            .collect::<Result<_, _>>()?;
        let implied = rules
            .implied_lines
            .iter()
            .map(|at| Ok((add(pack.implied[*at].when)?, add(pack.implied[*at].then)?)))
            .collect::<Result<_, _>>()?;
        let places = rules
            .chains
            .iter()
            .map(|chain| {
                let mut places = vec![NOWHERE; rules.active.len()];
                for (place, (active, _)) in (0..).zip(chain) {
                    places[*active] = place;
                }
                places
            })
            .collect();
        let (mut entitling, mut promises) = (RuleBits::default(), RuleBits::default());
        for (at, active) in rules.active.iter().enumerate() {
            entitling.set(at, gives_the_right(pack, decision, active.rule, day));
            promises.set(at, decision.rule(active.rule).authority == Authority::Plan);
        }
        let plan_opens =
            rules.opens.iter().any(|active| decision.opens[active.open].authority == Authority::Plan);
        let mut active = vec![NOWHERE; decision.rules.len()];
        for (at, one) in (0..).zip(&rules.active) {
            active[one.rule.at()] = at;
        }
        let readers = rules
            .vars
            .iter()
            .map(|var| {
                let (mut by_rules, mut by_opens) = (RuleBits::default(), RuleBits::default());
                for (at, clause) in when.iter().enumerate() {
                    by_rules.set(at, clauses.reads(*clause, var.fact));
                }
                for (at, clause) in opens.iter().enumerate() {
                    by_opens.set(at, clauses.reads(*clause, var.fact));
                }
                (var.fact, by_rules, by_opens)
            })
            .collect();
        Ok(Self {
            rules: Arc::clone(rules),
            when,
            opens,
            implied,
            places,
            entitling,
            promises,
            plan_opens,
            active,
            readers,
        })
    }

    /// The place of a rule among the active ones; `None` when it is not in force.
    pub fn active(&self, rule: RuleIdx) -> Option<usize> {
        let at = self.active[rule.at()];
        (at != NOWHERE).then_some(usize::from(at))
    }

    /// The first link of an output's chain that holds: its place in the chain. `None` while an earlier one is unknown.
    pub fn first(&self, output: usize, yes: RuleBits, unknown: RuleBits) -> Option<Option<usize>> {
        let places = &self.places[output];
        let first = |rules: RuleBits| rules.iter().map(|at| places[at]).min().unwrap_or(NOWHERE);
        let certain = first(yes);
        if !unknown.is_empty() && first(unknown) < certain {
            return None;
        }
        Some((certain != NOWHERE).then_some(usize::from(certain)))
    }

    /// The first link that holds for certain, whatever is unknown.
    pub fn first_certain(&self, output: usize, yes: RuleBits) -> Option<usize> {
        let certain = yes.iter().map(|at| self.places[output][at]).min().unwrap_or(NOWHERE);
        (certain != NOWHERE).then_some(usize::from(certain))
    }

    /// The active rule and the value of a link.
    pub fn link(&self, output: usize, at: usize) -> &(usize, OutputValue) {
        &self.rules.chains[output][at]
    }

    /// Whether a rule would give the right if it held: what a person told no wants to read about.
    pub fn would_entitle(&self, active: usize) -> bool {
        self.entitling.has(active)
    }

    /// Whether a promise of the plan takes part for a person for whom these rules hold or may hold. Where none does, law
    /// alone says the same.
    pub fn promises(&self, yes: &RuleBits, unknown: &RuleBits) -> bool {
        self.plan_opens || self.promises.meets(yes) || self.promises.meets(unknown)
    }

    /// Facts that the rules read, each with the rules and open clauses that read it.
    pub fn readers(&self) -> &[(FactId, RuleBits, RuleBits)] {
        &self.readers
    }
}

/// A decision on a stretch of days on which nothing of the law changes.
#[derive(Debug)]
pub struct Stretch {
    /// The days.
    pub days: Days,
    law: Arc<Table>,
    plan: Arc<Table>,
    /// The fields.
    pub fields: Arc<FieldTable>,
    /// The categories that the decision's rules read, with their condition where there is one.
    pub categories: Vec<(CategoryIdx, Option<ClauseIdx>)>,
    /// Facts that fields and open clauses read: they can change the answer although no rule names them.
    pub also_read: Vec<FactId>,
    /// Words and clauses of the days.
    texts: std::sync::OnceLock<SpanTexts>,
}

impl Stretch {
    /// The rules under an authority.
    pub fn table(&self, authority: Authority) -> &Arc<Table> {
        match authority {
            Authority::Law => &self.law,
            Authority::Plan => &self.plan,
        }
    }
}

/// One decision over its covered days.
#[derive(Debug)]
pub struct Law {
    /// Stretches in the order of their days.
    pub stretches: Vec<Stretch>,
    pool: std::sync::Mutex<Vec<Vec<Arc<RuleTexts>>>>,
}

impl Law {
    /// The place of the stretch that a day lies in.
    pub fn on(&self, day: NaiveDate) -> Option<usize> {
        let after = self.stretches.partition_point(|stretch| stretch.days.from <= day);
        let at = after.checked_sub(1)?;
        self.stretches[at].days.holds(day).then_some(at)
    }

    /// Words and clauses of a stretch, put together when first asked.
    pub fn texts(&self, pack: &Pack, decision: &Decision, stretch: usize) -> &SpanTexts {
        let stretch = &self.stretches[stretch];
        stretch.texts.get_or_init(|| {
            let mut pool = self.pool.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            SpanTexts::build(pack, decision, stretch.days.from, &mut pool)
        })
    }
}

/// A pack made ready to answer.
#[derive(Debug)]
pub struct Program {
    /// All conditions.
    pub clauses: Clauses,
    /// One a decision, in pack order.
    pub laws: Vec<Law>,
    /// What facts imply: if … then …, in the order of the vocabulary.
    pub implied: Vec<(ClauseIdx, ClauseIdx)>,
    narrows_lists: bool,
}

impl Program {
    /// Whether what facts imply only ever takes entries away from lists: then a list that is ruled out stays so with
    /// whatever else is in it.
    pub fn narrows_lists(&self) -> bool {
        self.narrows_lists
    }

    /// Makes a pack ready.
    ///
    /// # Errors
    /// The decision in which a condition has too many alternatives.
    pub fn build(pack: &Pack, epochs: &[Epochs]) -> Result<Self, (usize, TooMany)> {
        let mut clauses = Clauses::default();
        let mut laws = Vec::with_capacity(epochs.len());
        let mut implied = Vec::new();
        for line in &pack.implied {
            let day = pack.covers.from;
            let mut add = |node| clauses.add(pack, node, day).map_err(|error| (0, error));
            implied.push((add(line.when)?, add(line.then)?));
        }
        for (at, (decision, epochs)) in pack.decisions.iter().zip(epochs).enumerate() {
            let stretches = stretches(pack, decision, epochs, &mut clauses).map_err(|error| (at, error))?;
            let pool = std::sync::Mutex::new(vec![Vec::new(); decision.rules.len()]);
            laws.push(Law { stretches, pool });
        }
        clauses.finish(pack);
        let of_list = |at: &Literal| {
            let fact = clauses.atoms.slots[usize::from(at.at.slot)].fact;
            matches!(vocabulary().get(fact).kind, Kind::Words(_) | Kind::Records(_))
        };
        let narrows_lists = implied.iter().all(|(when, then)| {
            clauses.literals(*when).filter(of_list).all(|literal| !literal.not)
                && clauses.literals(*then).filter(of_list).all(|literal| literal.not)
        });
        Ok(Self { narrows_lists, clauses, laws, implied })
    }
}

fn stretches(
    pack: &Pack,
    decision: &Decision,
    epochs: &Epochs,
    clauses: &mut Clauses,
) -> Result<Vec<Stretch>, TooMany> {
    let covers = decision.covers;
    let mut starts = turning_days(pack, epochs);
    starts.retain(|day| covers.from < *day && *day <= covers.to);
    starts.push(covers.from);
    starts.sort_unstable();
    starts.dedup();
    let mut tables: Vec<Arc<Table>> = Vec::new();
    let mut made: Vec<Stretch> = Vec::with_capacity(starts.len());
    for (at, from) in starts.iter().enumerate() {
        let to = starts.get(at + 1).map_or(covers.to, |next| *next - Span::new(1));
        let mut table = |authority| -> Result<Option<Arc<Table>>, TooMany> {
            let Some(rules) = epochs.on(authority, *from) else { return Ok(None) };
            let known = tables.iter().rev().find(|table| Arc::ptr_eq(&table.rules, rules));
            if let Some(known) = known {
                return Ok(Some(Arc::clone(known)));
            }
            let table = Arc::new(Table::build(pack, decision, rules, clauses)?);
            tables.push(Arc::clone(&table));
            Ok(Some(table))
        };
        let (Some(law), Some(plan)) = (table(Authority::Law)?, table(Authority::Plan)?) else { continue };
        let fields = FieldTable::build(pack, decision, *from, clauses)?;
        let fields = match made.last() {
            Some(last) if *last.fields == fields => Arc::clone(&last.fields),
            _ => Arc::new(fields),
        };
        let categories = decision
            .categories
            .iter()
            .map(|at| {
                let when = pack.category_on(*at, *from).map(|version| clauses.add(pack, version.when, *from));
                Ok((*at, when.transpose()?))
            })
            .collect::<Result<_, TooMany>>()?;
        let opens = law.opens.iter().chain(&plan.opens).flat_map(|clause| &clauses.get(*clause).facts);
        let mut also_read: Vec<FactId> = fields.facts.iter().chain(opens).copied().collect();
        also_read.sort_unstable();
        also_read.dedup();
        made.push(Stretch {
            also_read,
            days: Days { from: *from, to },
            law,
            plan,
            fields,
            categories,
            texts: std::sync::OnceLock::new(),
        });
    }
    Ok(made)
}

/// Every day on which something of the pack that an answer may tell begins or has just ended.
fn turning_days(pack: &Pack, epochs: &Epochs) -> Vec<NaiveDate> {
    let mut days: Vec<NaiveDate> = epochs.changes.iter().map(|(day, _)| *day).collect();
    let mut stretch = |from: Option<NaiveDate>, to: Option<NaiveDate>| {
        days.extend(from);
        days.extend(to.and_then(|to| to.succ_opt()));
    };
    for source in &pack.sources {
        stretch(source.from.into_iter().chain(source.effective).min(), source.to);
        for amendment in &source.amended_by {
            stretch(Some(amendment.from), None);
        }
    }
    for value in pack.parameters.iter().flat_map(|parameter| &parameter.values) {
        stretch(Some(value.days.from), Some(value.days.to));
        stretch(value.alternative_from, None);
    }
    for version in pack.categories.iter().flat_map(|category| &category.versions) {
        stretch(Some(version.days.from), Some(version.days.to));
    }
    days
}

fn gives_the_right(pack: &Pack, decision: &Decision, rule: RuleIdx, day: NaiveDate) -> bool {
    let (output, op, asked) = &decision.entitled;
    let setting = decision.rule(rule).then.iter().find(|(at, _)| at == output).map(|(_, setting)| setting);
    match setting {
        Some(Setting::Fixed(value)) => compare_outputs(value, *op, asked),
        Some(Setting::Parameter(at)) => pack
            .number(*at, day)
            .is_some_and(|number| compare_outputs(&OutputValue::Number(number), *op, asked)),
        None => false,
    }
}
