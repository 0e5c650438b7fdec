//! Conditions as alternatives of masks: every condition of a pack, resolved for the days it is used on, brought into the
//! form “(a and b and not c) or (d and e)”. Distribution changes nothing in three-valued logic, so the truth is that of the
//! condition as written; and a person's answers meet an alternative in two operations a fact.

use chrono::NaiveDate;
use rustc_hash::FxHashMap;

use super::{
    atoms::{Answers, Atom, Atoms, Bit},
    conditions::{EntryTest, Node, NodeIdx, Quantity, Test, Truth},
    field_table::{MOST_FIELDS, MOST_OUTPUTS},
    model::Pack,
    program::RuleBits,
    reads::fact_of,
    syntax::Op,
};
use crate::facts::{FactId, vocabulary};

/// The place of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClauseIdx(pub u16);

/// A question as it stands in a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Literal {
    /// Whose answer.
    pub at: Bit,
    /// Whether “no” is asked for.
    pub not: bool,
}

/// What one fact must answer in an alternative.
#[derive(Debug, Clone, Copy)]
struct Check {
    slot: u16,
    yes: u64,
    no: u64,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    from: u32,
    to: u32,
}

impl Span {
    fn range(self) -> std::ops::Range<usize> {
        self.from as usize..self.to as usize
    }
}

#[derive(Debug, Clone, Copy)]
struct Alternative {
    checks: Span,
    literals: Span,
}

/// One condition.
#[derive(Debug)]
pub struct Clause {
    alternatives: Span,
    /// Whether its truth may turn with the day asked.
    pub turns: bool,
    /// The facts that it reads, in the order of their first use.
    pub facts: Vec<FactId>,
}

/// How far a person is from meeting a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distance {
    /// Parts that do not hold.
    pub fail: u32,
    /// Parts that hold; more of them is nearer.
    pub hold: std::cmp::Reverse<u32>,
}

/// The decision is larger than any text of law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a condition has more than {MOST} alternatives, or the decision more than {MOST_FIELDS} fields, {MOST_OUTPUTS} outputs, \
     {0} rules in force or field cases",
    RuleBits::MOST
)]
pub struct TooMany;

/// The most alternatives of one condition.
const MOST: usize = 4096;

/// All conditions of a pack.
#[derive(Debug, Default)]
pub struct Clauses {
    /// The questions.
    pub atoms: Atoms,
    clauses: Vec<Clause>,
    alternatives: Vec<Alternative>,
    checks: Vec<Check>,
    literals: Vec<Literal>,
    turning: Vec<ClauseIdx>,
    by_fact: FxHashMap<FactId, Vec<ClauseIdx>>,
    known: FxHashMap<Vec<Vec<Literal>>, ClauseIdx>,
}

impl Clauses {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.clauses.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// A condition.
    pub fn get(&self, at: ClauseIdx) -> &Clause {
        &self.clauses[usize::from(at.0)]
    }

    /// Every condition with its place.
    pub fn all(&self) -> impl Iterator<Item = (ClauseIdx, &Clause)> {
        (0..).map(ClauseIdx).zip(&self.clauses)
    }

    /// Those whose truth may turn with the day asked.
    pub fn turning(&self) -> &[ClauseIdx] {
        &self.turning
    }

    /// Truth of a condition for a person's answers.
    pub fn truth(&self, at: ClauseIdx, answers: &[Answers]) -> Truth {
        let mut truth = Truth::No;
        for alternative in &self.alternatives[self.get(at).alternatives.range()] {
            let (mut possible, mut certain) = (true, true);
            for check in &self.checks[alternative.checks.range()] {
                let given = answers[usize::from(check.slot)];
                if given.may & check.yes != check.yes || given.yes & check.no != 0 {
                    possible = false;
                    break;
                }
                certain &= given.yes & check.yes == check.yes && given.may & check.no == 0;
            }
            if possible && certain {
                return Truth::Yes;
            }
            if possible {
                truth = Truth::Unknown;
            }
        }
        truth
    }

    /// How far the answers are from meeting the condition, by its nearest alternative.
    pub fn distance(&self, at: ClauseIdx, answers: &[Answers]) -> Distance {
        self.nearest(at, answers)
            .map_or(Distance { fail: 1, hold: std::cmp::Reverse(0) }, |(distance, _)| distance)
    }

    /// The first question of the nearest alternative that is certainly not met.
    pub fn first_failing(&self, at: ClauseIdx, answers: &[Answers]) -> Option<Literal> {
        let (_, alternative) = self.nearest(at, answers)?;
        self.literals[alternative.literals.range()].iter().copied().find(|literal| {
            let given = answers[usize::from(literal.at.slot)];
            if literal.not {
                given.yes >> literal.at.bit & 1 == 1
            } else {
                given.may >> literal.at.bit & 1 == 0
            }
        })
    }

    fn nearest(&self, at: ClauseIdx, answers: &[Answers]) -> Option<(Distance, Alternative)> {
        let mut best: Option<(Distance, Alternative)> = None;
        for alternative in &self.alternatives[self.get(at).alternatives.range()] {
            let (mut fail, mut hold) = (0, 0);
            for check in &self.checks[alternative.checks.range()] {
                let given = answers[usize::from(check.slot)];
                let met = (given.yes & check.yes).count_ones() + (!given.may & check.no).count_ones();
                hold += met;
                fail += check.yes.count_ones() + check.no.count_ones() - met;
            }
            let distance = Distance { fail, hold: std::cmp::Reverse(hold) };
            if best.is_none_or(|(nearest, _)| distance < nearest) {
                best = Some((distance, *alternative));
            }
        }
        best
    }

    /// Adds a condition as it stands on days with the same law, `day` among them.
    ///
    /// # Errors
    /// When it has too many alternatives.
    pub fn add(&mut self, pack: &Pack, node: NodeIdx, day: NaiveDate) -> Result<ClauseIdx, TooMany> {
        let alternatives = Resolver { pack, day, atoms: &mut self.atoms }.node(node, false)?;
        let mut simple: Vec<Vec<Literal>> = Vec::with_capacity(alternatives.len());
        for alternative in alternatives {
            let contradicts =
                |literal: &Literal| alternative.contains(&Literal { not: !literal.not, ..*literal });
            if !alternative.iter().any(contradicts) && !simple.contains(&alternative) {
                simple.push(alternative);
            }
        }
        if let Some(known) = self.known.get(&simple) {
            return Ok(*known);
        }
        let at = ClauseIdx(u16::try_from(self.clauses.len()).map_err(|_| TooMany)?);
        let from = place(&self.alternatives)?;
        for alternative in &simple {
            let (checks, literals) = (place(&self.checks)?, place(&self.literals)?);
            for literal in alternative {
                let (slot, bit) = (literal.at.slot, 1_u64 << literal.at.bit);
                let made = &mut self.checks[checks as usize..];
                let (yes, no) = if literal.not { (0, bit) } else { (bit, 0) };
                match made.iter_mut().find(|check| check.slot == slot) {
                    Some(check) => {
                        check.yes |= yes;
                        check.no |= no;
                    }
                    None => self.checks.push(Check { slot, yes, no }),
                }
            }
            self.literals.extend(alternative);
            self.alternatives.push(Alternative {
                checks: Span { from: checks, to: place(&self.checks)? },
                literals: Span { from: literals, to: place(&self.literals)? },
            });
        }
        self.clauses.push(Clause {
            alternatives: Span { from, to: place(&self.alternatives)? },
            turns: false,
            facts: super::reads::facts(pack, node, day),
        });
        self.known.insert(simple, at);
        Ok(at)
    }

    /// Makes ready what does not hang on a person; nothing is added after.
    pub fn finish(&mut self, pack: &Pack) {
        self.atoms.finish(pack);
        self.known = FxHashMap::default();
        for clause in &mut self.clauses {
            let checks = self.alternatives[clause.alternatives.range()]
                .iter()
                .flat_map(|alternative| &self.checks[alternative.checks.range()]);
            clause.turns = checks.into_iter().any(|check| self.atoms.slots[usize::from(check.slot)].turns);
        }
        for (at, clause) in (0..).map(ClauseIdx).zip(&self.clauses) {
            for fact in &clause.facts {
                self.by_fact.entry(*fact).or_default().push(at);
            }
        }
        self.turning = self.all().filter(|(_, clause)| clause.turns).map(|(at, _)| at).collect();
    }

    /// The questions of a condition.
    pub fn literals(&self, at: ClauseIdx) -> impl Iterator<Item = Literal> {
        self.alternatives[self.get(at).alternatives.range()]
            .iter()
            .flat_map(|alternative| self.literals[alternative.literals.range()].iter().copied())
    }

    /// The conditions that read a fact.
    pub fn reading(&self, fact: FactId) -> &[ClauseIdx] {
        self.by_fact.get(&fact).map_or(&[], Vec::as_slice)
    }

    /// Whether a condition reads a fact.
    pub fn reads(&self, at: ClauseIdx, fact: FactId) -> bool {
        self.get(at).facts.contains(&fact)
    }
}

fn place<T>(list: &[T]) -> Result<u32, TooMany> {
    u32::try_from(list.len()).map_err(|_| TooMany)
}

/// Puts the numbers of a day into a condition.
struct Resolver<'a> {
    pack: &'a Pack,
    day: NaiveDate,
    atoms: &'a mut Atoms,
}

type Alternatives = Vec<Vec<Literal>>;

impl Resolver<'_> {
    fn node(&mut self, at: NodeIdx, not: bool) -> Result<Alternatives, TooMany> {
        let pack = self.pack;
        match pack.conditions.get(at) {
            Node::Always => Ok(fixed(!not)),
            Node::Test(test) => self.test(test, not),
            Node::Not(inner) => self.node(*inner, !not),
            Node::All(parts) => self.parts(parts, not, !not),
            Node::Any(parts) => self.parts(parts, not, not),
            Node::Category(category) => match pack.category_on(*category, self.day) {
                Some(version) => self.node(version.when, not),
                None => Ok(fixed(not)),
            },
            // Only fields ask outputs, and those are asked elsewhere.
            Node::Output { .. } | Node::OutputIn { .. } => Ok(fixed(not)),
        }
    }

    fn parts(&mut self, parts: &[NodeIdx], not: bool, all: bool) -> Result<Alternatives, TooMany> {
        let mut sum = fixed(all);
        for part in parts {
            let part = self.node(*part, not)?;
            sum = if all { both(&sum, &part)? } else { either(sum, part)? };
        }
        Ok(sum)
    }

    fn number(&self, quantity: Quantity) -> i64 {
        // The loader has checked that every condition's parameter has a whole value on its days.
        self.pack.quantity(quantity, self.day).unwrap_or(i64::MAX)
    }

    fn literal(&mut self, fact: FactId, atom: Atom, not: bool) -> Result<Alternatives, TooMany> {
        let at = self.atoms.place(fact, atom).ok_or(TooMany)?;
        Ok(vec![vec![Literal { at, not }]])
    }

    /// A comparison in terms of “at least”.
    fn compare(
        &mut self,
        fact: FactId,
        (op, limit): (Op, i64),
        not: bool,
        atom: fn(i64) -> Atom,
    ) -> Result<Alternatives, TooMany> {
        let next = limit.saturating_add(1);
        match op {
            Op::Ge => self.literal(fact, atom(limit), not),
            Op::Lt => self.literal(fact, atom(limit), !not),
            Op::Gt => self.literal(fact, atom(next), not),
            Op::Le => self.literal(fact, atom(next), !not),
            Op::Eq | Op::Ne => {
                let not = not != (op == Op::Ne);
                let (low, high) =
                    (self.literal(fact, atom(limit), not)?, self.literal(fact, atom(next), !not)?);
                if not { either(low, high) } else { both(&low, &high) }
            }
        }
    }

    fn test(&mut self, test: &Test, not: bool) -> Result<Alternatives, TooMany> {
        let fact = fact_of(self.pack, test);
        match test {
            Test::Words { set, .. } => self.literal(fact, Atom::Words(*set), not),
            Test::Bool { .. } => self.literal(fact, Atom::True, not),
            Test::Number { op, value, .. } => {
                let limit = self.number(*value);
                self.compare(fact, (*op, limit), not, Atom::AtLeast)
            }
            Test::Age { op, years } => {
                let limit = self.number(*years);
                self.compare(fact, (*op, limit), not, Atom::Aged)
            }
            Test::MonthsSince { op, months, .. } => {
                let limit = self.number(*months);
                let compared = self.compare(fact, (*op, limit), not, Atom::MonthsPassed)?;
                // “Known: no such date” meets no comparison, not even that fewer months have passed.
                let plain = matches!(op, Op::Ge | Op::Gt | Op::Eq);
                if plain || vocabulary().get(fact).default.is_none() {
                    return Ok(compared);
                }
                let dated = self.literal(fact, Atom::HasDate, not)?;
                if not { either(dated, compared) } else { both(&dated, &compared) }
            }
            Test::Date { op, day, .. } => self.literal(fact, Atom::Date(*op, *day), not),
            Test::CardRunning { months, month_day } => {
                let months = u32::try_from(self.number(*months)).unwrap_or(0);
                let month_day = self.pack.month_day(*month_day, self.day).unwrap_or((12, 31));
                self.literal(fact, Atom::CardRuns { months, month_day }, not)
            }
            Test::Unit { units, .. } => self.literal(fact, Atom::Unit(units.clone()), not),
            Test::Some { entry, .. } => {
                let entry = self.entry(entry);
                self.literal(fact, Atom::Some(entry), not)
            }
        }
    }

    fn entry(&self, test: &EntryTest) -> EntryTest {
        let number = |quantity| Quantity::Number(self.number(quantity));
        match test {
            EntryTest::All(parts) => EntryTest::All(parts.iter().map(|part| self.entry(part)).collect()),
            EntryTest::Any(parts) => EntryTest::Any(parts.iter().map(|part| self.entry(part)).collect()),
            EntryTest::Not(inner) => EntryTest::Not(Box::new(self.entry(inner))),
            EntryTest::Number { member, op, value } => {
                EntryTest::Number { member: *member, op: *op, value: number(*value) }
            }
            EntryTest::MonthsSince { member, op, months } => {
                EntryTest::MonthsSince { member: *member, op: *op, months: number(*months) }
            }
            plain => plain.clone(),
        }
    }
}

/// Always, or never.
fn fixed(value: bool) -> Alternatives {
    if value { vec![Vec::new()] } else { Vec::new() }
}

fn either(mut a: Alternatives, b: Alternatives) -> Result<Alternatives, TooMany> {
    a.extend(b);
    if a.len() > MOST { Err(TooMany) } else { Ok(a) }
}

fn both(a: &[Vec<Literal>], b: &[Vec<Literal>]) -> Result<Alternatives, TooMany> {
    if a.len() * b.len() > MOST {
        return Err(TooMany);
    }
    let join = |a: &[Literal], b: &[Literal]| {
        let mut all = a.to_vec();
        all.extend(b.iter().filter(|literal| !a.contains(literal)));
        all
    };
    Ok(a.iter().flat_map(|a| b.iter().map(move |b| join(a, b))).collect())
}
