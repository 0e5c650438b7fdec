//! Questions about single facts, all numbers resolved: what conditions of every stretch of days are made of. The answers
//! for one person on one day are bits, a word of them for up to 64 questions about the same fact, so that a condition is
//! a few masks.

use chrono::{Datelike, NaiveDate};
use rustc_hash::FxHashMap;

use super::{
    conditions::{EntryTest, Quantity, Truth, interval},
    lists::single_answers,
    model::Pack,
    syntax::Op,
};
use crate::facts::{FactId, Kind, Member, PartialDate, UnitCode, Value, calendar, vocabulary};

/// One question about one fact.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Atom {
    /// The word is one of these, a bit each.
    Words(u64),
    /// The bool is true.
    True,
    /// The number is at least this.
    AtLeast(i64),
    /// Completed years on the day asked are at least this.
    Aged(i64),
    /// A child's card still runs on the day asked.
    CardRuns { months: u32, month_day: (u32, u32) },
    /// There is a date; “known: none” is no date.
    HasDate,
    /// So many full calendar months have passed on the day asked.
    MonthsPassed(i64),
    /// The date compares so.
    Date(Op, NaiveDate),
    /// The unit is one of these.
    Unit(Vec<UnitCode>),
    /// Some entry of the list fits.
    Some(EntryTest),
}

impl Atom {
    /// Whether the answer may turn with the day asked.
    fn turns(&self) -> bool {
        fn dated(test: &EntryTest) -> bool {
            match test {
                EntryTest::All(parts) | EntryTest::Any(parts) => parts.iter().any(dated),
                EntryTest::Not(inner) => dated(inner),
                EntryTest::MonthsSince { .. } => true,
                _ => false,
            }
        }
        match self {
            Self::Aged(_) | Self::CardRuns { .. } | Self::MonthsPassed(_) => true,
            Self::Some(test) => dated(test),
            _ => false,
        }
    }
}

/// Answers to up to 64 questions: certainly yes, and possibly yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answers {
    /// Certainly yes.
    pub yes: u64,
    /// Yes or unknown.
    pub may: u64,
}

impl Answers {
    fn add(&mut self, bit: usize, truth: Truth) {
        self.yes |= u64::from(truth == Truth::Yes) << bit;
        self.may |= u64::from(truth != Truth::No) << bit;
    }
}

/// Up to 64 questions about one fact.
#[derive(Debug)]
pub struct Slot {
    /// The fact.
    pub fact: FactId,
    /// The questions; their places are the bits.
    pub atoms: Vec<Atom>,
    /// Whether an answer may turn with the day asked.
    pub turns: bool,
    /// Answers by word, for facts and lists of words.
    words: Vec<u64>,
    /// Answers by unit.
    units: FxHashMap<UnitCode, u64>,
    members: Option<&'static [Member]>,
}

/// A day, with what questions compare.
#[derive(Debug, Clone, Copy)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    month: i64,
}

impl Day {
    /// The day asked.
    pub fn new(date: NaiveDate) -> Self {
        Self { date, month: calendar::month_index(date) }
    }
}

impl Slot {
    fn new(fact: FactId) -> Self {
        let members = match &vocabulary().get(fact).kind {
            Kind::Records(members) => Some(members.as_slice()),
            _ => None,
        };
        Self {
            fact,
            atoms: Vec::new(),
            turns: false,
            words: Vec::new(),
            units: FxHashMap::default(),
            members,
        }
    }

    /// All questions.
    pub fn all(&self) -> u64 {
        u64::MAX >> (64 - self.atoms.len())
    }

    /// Makes ready what does not hang on a person.
    fn finish(&mut self) {
        self.turns = self.atoms.iter().any(Atom::turns);
        let words = vocabulary().get(self.fact).kind.words().map_or(0, <[_]>::len);
        let by_word = |word: usize| {
            let yes = |atom: &Atom| match atom {
                Atom::Words(set) => set >> word & 1 == 1,
                Atom::Some(test) => {
                    entry_truth(None, test, &[Some(Value::Word(word as u16))], 0, &resolved) == Truth::Yes
                }
                _ => false,
            };
            self.atoms
                .iter()
                .enumerate()
                .filter(|(_, atom)| yes(atom))
                .fold(0, |row, (bit, _)| row | 1 << bit)
        };
        // One more for the internal word behind the last one.
        self.words = if words == 0 { Vec::new() } else { (0..=words.min(63)).map(by_word).collect() };
        for (bit, atom) in self.atoms.iter().enumerate() {
            if let Atom::Unit(units) = atom {
                units.iter().for_each(|unit| *self.units.entry(*unit).or_default() |= 1 << bit);
            }
        }
    }

    /// What is known of the fact answers the questions.
    pub fn answers(&self, value: Option<&Value>, day: Day) -> Answers {
        let settled = |yes: u64| Answers { yes, may: yes };
        match value {
            None => Answers { yes: 0, may: self.all() },
            Some(Value::Word(word)) => settled(self.words.get(usize::from(*word)).copied().unwrap_or(0)),
            Some(Value::Bool(value)) => settled(if *value { self.all() } else { 0 }),
            Some(Value::Number(number)) => {
                let mut yes = 0;
                for (bit, atom) in self.atoms.iter().enumerate() {
                    yes |= u64::from(matches!(atom, Atom::AtLeast(limit) if number >= limit)) << bit;
                }
                settled(yes)
            }
            Some(Value::NoDate) => settled(0),
            Some(Value::Date(date)) => self.date_answers(*date, day),
            Some(Value::Unit(unit)) => settled(self.units.get(unit).copied().unwrap_or(0)),
            Some(Value::Words(words)) => settled(
                words
                    .iter()
                    .fold(0, |row, word| row | self.words.get(usize::from(*word)).copied().unwrap_or(0)),
            ),
            Some(Value::Records(entries)) => {
                let mut answers = Answers::default();
                for (bit, atom) in self.atoms.iter().enumerate() {
                    let Atom::Some(test) = atom else { continue };
                    let truth = entries.iter().fold(Truth::No, |any, entry| {
                        any.or(entry_truth(self.members, test, entry, day.month, &resolved))
                    });
                    answers.add(bit, truth);
                }
                answers
            }
            Some(Value::PersonalId(_)) => settled(0),
        }
    }

    fn date_answers(&self, date: PartialDate, day: Day) -> Answers {
        let (first, last) = (date.earliest(), date.latest());
        let ages = || {
            let oldest = age(first, day.date);
            (if first == last { oldest } else { age(last, day.date) }, oldest)
        };
        let mut known_ages = None;
        let (most, least) =
            (day.month - calendar::month_index(first), day.month - calendar::month_index(last));
        let mut answers = Answers::default();
        for (bit, atom) in self.atoms.iter().enumerate() {
            let truth = match atom {
                Atom::Aged(years) => {
                    let (least, most) = *known_ages.get_or_insert_with(ages);
                    at_least(least, most, *years)
                }
                Atom::MonthsPassed(months) => at_least(least, most, *months),
                Atom::HasDate => Truth::Yes,
                Atom::Date(op, limit) => interval(first, last, *op, *limit),
                Atom::CardRuns { months, month_day } => {
                    let end = |born| calendar::child_card_end(born, *months, *month_day);
                    interval(end(first), end(last), Op::Ge, day.date)
                }
                _ => Truth::No,
            };
            answers.add(bit, truth);
        }
        answers
    }
}

fn age(born: NaiveDate, day: NaiveDate) -> i64 {
    // The calendar's own arithmetic is needed on 29 February only.
    if born.month() == 2 && born.day() == 29 {
        return i64::from(calendar::age_on(born, day));
    }
    let had = (day.month(), day.day()) >= (born.month(), born.day());
    i64::from(day.year() - born.year() - i32::from(!had)).max(0)
}

fn at_least(least: i64, most: i64, limit: i64) -> Truth {
    if least >= limit {
        Truth::Yes
    } else if most < limit {
        Truth::No
    } else {
        Truth::Unknown
    }
}

/// Numbers in atoms are resolved.
fn resolved(quantity: Quantity) -> Option<i64> {
    match quantity {
        Quantity::Number(number) => Some(number),
        Quantity::Parameter(_) => None,
    }
}

/// Truth of a question about one entry of a list. `members` are the entry's members; `month` is the month asked.
pub fn entry_truth(
    members: Option<&[Member]>,
    test: &EntryTest,
    entry: &[Option<Value>],
    month: i64,
    quantity: &dyn Fn(Quantity) -> Option<i64>,
) -> Truth {
    let value = |member: usize| -> Option<&Value> {
        let given = entry.get(member).and_then(Option::as_ref);
        given.or_else(|| members.and_then(|members| members.get(member)?.default.as_ref()))
    };
    let truth = |test: &EntryTest| entry_truth(members, test, entry, month, quantity);
    match test {
        EntryTest::Always => Truth::Yes,
        EntryTest::All(parts) => parts.iter().fold(Truth::Yes, |all, part| all.and(truth(part))),
        EntryTest::Any(parts) => parts.iter().fold(Truth::No, |any, part| any.or(truth(part))),
        EntryTest::Not(inner) => truth(inner).negate(),
        EntryTest::Words { member, set } => match value(*member) {
            Some(Value::Word(word)) => (set >> word & 1 == 1).into(),
            _ => Truth::Unknown,
        },
        EntryTest::Bool { member } => match value(*member) {
            Some(Value::Bool(value)) => (*value).into(),
            _ => Truth::Unknown,
        },
        EntryTest::Number { member, op, value: limit } => match (value(*member), quantity(*limit)) {
            (Some(Value::Number(number)), Some(limit)) => op.holds(number.cmp(&limit)).into(),
            _ => Truth::Unknown,
        },
        EntryTest::MonthsSince { member, op, months } => match (value(*member), quantity(*months)) {
            (Some(Value::Date(date)), Some(months)) => {
                let since = |day| month - calendar::month_index(day);
                interval(since(date.latest()), since(date.earliest()), *op, months)
            }
            _ => Truth::Unknown,
        },
    }
}

/// A place of a question: its word of answers and the bit in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bit {
    /// The word.
    pub slot: u16,
    /// The bit.
    pub bit: u8,
}

/// Every question that a pack asks, by fact.
#[derive(Debug, Default)]
pub struct Atoms {
    /// Words of questions.
    pub slots: Vec<Slot>,
    by_fact: Vec<Vec<u16>>,
    /// For rare lists: every way in which a list of one entry answers.
    singles: FxHashMap<FactId, Vec<u64>>,
    known: FxHashMap<(FactId, Atom), Bit>,
}

/// The most words of questions about one fact.
pub const MOST_SLOTS: usize = 8;

impl Atoms {
    /// The words of questions about a fact.
    pub fn of(&self, fact: FactId) -> impl Iterator<Item = usize> + Clone {
        self.by_fact.get(usize::from(fact.0)).into_iter().flatten().map(|slot| usize::from(*slot))
    }

    /// The place of a question; a new one when nobody asked it before. `None` when there are far too many.
    pub fn place(&mut self, fact: FactId, atom: Atom) -> Option<Bit> {
        let key = (fact, atom);
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        let row = usize::from(fact.0);
        if self.by_fact.len() <= row {
            self.by_fact.resize_with(row + 1, Vec::new);
        }
        let slot = match self.by_fact[row].last() {
            Some(slot) if self.slots[usize::from(*slot)].atoms.len() < 64 => *slot,
            _ if self.by_fact[row].len() >= MOST_SLOTS => return None,
            _ => {
                let slot = u16::try_from(self.slots.len()).ok()?;
                self.slots.push(Slot::new(fact));
                self.by_fact[row].push(slot);
                slot
            }
        };
        let atoms = &mut self.slots[usize::from(slot)].atoms;
        let bit = Bit { slot, bit: u8::try_from(atoms.len()).ok()? };
        atoms.push(key.1.clone());
        self.known.insert(key, bit);
        Some(bit)
    }

    /// Every way in which a list of one entry answers, for a list fact that is taken as empty when absent and about which
    /// no more than 64 questions are asked.
    pub fn singles(&self, fact: FactId) -> Option<&[u64]> {
        self.singles.get(&fact).map(Vec::as_slice)
    }

    /// Makes ready what does not hang on a person; no question is added after.
    pub fn finish(&mut self, pack: &Pack) {
        self.slots.iter_mut().for_each(Slot::finish);
        for (fact, _) in vocabulary().defaults() {
            let slots: Vec<usize> = self.of(*fact).collect();
            let [slot] = *slots.as_slice() else { continue };
            let tests: Vec<EntryTest> = self.slots[slot]
                .atoms
                .iter()
                .filter_map(|atom| if let Atom::Some(test) = atom { Some(test.clone()) } else { None })
                .collect();
            if !tests.is_empty() && tests.len() == self.slots[slot].atoms.len() {
                let singles = single_answers(pack, *fact, &tests, pack.covers.from);
                self.singles.insert(*fact, singles);
            }
        }
        self.known = FxHashMap::default();
    }
}
