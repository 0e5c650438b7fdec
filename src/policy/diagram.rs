//! Multi-valued decision diagrams: one level a fact, one edge a cell of its values.
//!
//! The space of all facts is far too large to walk; a reduced ordered diagram holds it in a few hundred nodes. Nodes are
//! hash-consed, so equal functions are the same number. See `docs/adr/0002-own-decision-diagrams.md`.

use std::cell::RefCell;

use rustc_hash::FxHashMap as HashMap;

/// A set of cells of one fact: up to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Cells([u64; 4]);

impl Cells {
    /// The most cells that a fact may be cut into.
    pub const MOST: usize = 256;

    /// No cell.
    pub const NONE: Self = Self([0; 4]);

    /// The first `count` cells.
    pub fn first(count: usize) -> Self {
        (0..count).collect()
    }

    /// One cell.
    pub fn one(cell: usize) -> Self {
        let mut cells = Self::NONE;
        cells.add(cell);
        cells
    }

    /// Adds a cell.
    pub fn add(&mut self, cell: usize) {
        self.0[cell / 64] |= 1 << (cell % 64);
    }

    /// Whether the cell is in the set.
    pub fn has(&self, cell: usize) -> bool {
        self.0[cell / 64] >> (cell % 64) & 1 == 1
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|part| part.count_ones() as usize).sum()
    }

    /// Cells in both.
    pub fn and(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    /// Cells in either.
    pub fn or(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// Cells here and not there.
    pub fn without(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    /// The cells in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(i, part)| {
            let mut left = *part;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    i * 64 + bit
                })
            })
        })
    }
}

impl FromIterator<usize> for Cells {
    fn from_iter<I: IntoIterator<Item = usize>>(cells: I) -> Self {
        let mut set = Self::NONE;
        cells.into_iter().for_each(|cell| set.add(cell));
        set
    }
}

/// A diagram: a terminal value or a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ref(u32);

const TERMINAL: u32 = 1 << 31;

impl Ref {
    /// A terminal with a value below 2^31.
    pub const fn terminal(value: u32) -> Self {
        Self(value | TERMINAL)
    }

    /// The value of a terminal.
    pub fn value(self) -> Option<u32> {
        (self.0 & TERMINAL != 0).then_some(self.0 & !TERMINAL)
    }
}

/// The terminal of facts that cannot stand together; no answer is owed to them.
pub const IMPOSSIBLE: u32 = TERMINAL - 1;
/// False.
pub const NO: Ref = Ref::terminal(0);
/// True.
pub const YES: Ref = Ref::terminal(1);

/// The diagrams would not fit; the law of one decision has grown beyond what can be proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MOST_NODES} nodes: the decision cannot be proved")]
pub struct TooLarge;

/// The most nodes of one manager.
pub const MOST_NODES: usize = 2_000_000;

#[derive(Debug, Clone, Copy)]
struct Node {
    level: u16,
    kids: u32,
}

/// The nodes that a walk has been to. A walk visits a few dozen of many thousands: the marks of earlier walks are left
/// where they are and simply count no more.
#[derive(Debug, Default)]
struct Seen {
    walk: u32,
    marks: Vec<u32>,
}

impl Seen {
    fn begin(&mut self, nodes: usize) {
        if self.marks.len() < nodes {
            self.marks.resize(nodes, 0);
        }
        self.walk = self.walk.wrapping_add(1);
        if self.walk == 0 {
            self.marks.fill(0);
            self.walk = 1;
        }
    }

    fn first_time(&mut self, at: Ref) -> bool {
        std::mem::replace(&mut self.marks[at.0 as usize], self.walk) != self.walk
    }
}

/// Holds the nodes of the diagrams of one rule set; frozen after building.
#[derive(Debug, Default)]
pub struct Diagrams {
    widths: Vec<usize>,
    nodes: Vec<Node>,
    kids: Vec<Ref>,
    unique: HashMap<(u16, Box<[Ref]>), Ref>,
    choices: HashMap<(Ref, Ref, Ref), Ref>,
}

impl Diagrams {
    /// A manager for facts with these numbers of cells, in this order.
    pub fn new(widths: Vec<usize>) -> Self {
        Self { widths, ..Self::default() }
    }

    /// How many nodes it holds.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Drops what only building needs.
    pub fn freeze(&mut self) {
        self.unique = HashMap::default();
        self.choices = HashMap::default();
    }

    pub(super) fn level(&self, at: Ref) -> u16 {
        if at.value().is_some() { u16::MAX } else { self.nodes[at.0 as usize].level }
    }

    pub(super) fn kid(&self, at: Ref, level: u16, cell: usize) -> Ref {
        if self.level(at) == level { self.kids[self.nodes[at.0 as usize].kids as usize + cell] } else { at }
    }

    fn node(&mut self, level: u16, kids: Vec<Ref>) -> Result<Ref, TooLarge> {
        if kids.iter().all(|kid| *kid == kids[0]) {
            return Ok(kids[0]);
        }
        let key = (level, kids.into_boxed_slice());
        if let Some(known) = self.unique.get(&key) {
            return Ok(*known);
        }
        if self.nodes.len() >= MOST_NODES {
            return Err(TooLarge);
        }
        let at = Ref(u32::try_from(self.nodes.len()).map_err(|_| TooLarge)?);
        let kids = u32::try_from(self.kids.len()).map_err(|_| TooLarge)?;
        self.kids.extend_from_slice(&key.1);
        self.nodes.push(Node { level, kids });
        self.unique.insert(key, at);
        Ok(at)
    }

    /// True exactly in the cells of one fact.
    pub fn test(&mut self, level: usize, cells: &Cells) -> Result<Ref, TooLarge> {
        let kids = (0..self.widths[level]).map(|cell| if cells.has(cell) { YES } else { NO }).collect();
        self.node(level as u16, kids)
    }

    /// `a` where `guard` holds, `b` elsewhere.
    pub fn choose(&mut self, guard: Ref, a: Ref, b: Ref) -> Result<Ref, TooLarge> {
        match guard {
            YES => return Ok(a),
            NO => return Ok(b),
            _ if a == b => return Ok(a),
            _ if a == YES && b == NO => return Ok(guard),
            _ => {}
        }
        if let Some(known) = self.choices.get(&(guard, a, b)) {
            return Ok(*known);
        }
        let level = self.level(guard).min(self.level(a)).min(self.level(b));
        let width = self.widths[usize::from(level)];
        let mut kids = Vec::with_capacity(width);
        for cell in 0..width {
            let (g, a, b) =
                (self.kid(guard, level, cell), self.kid(a, level, cell), self.kid(b, level, cell));
            kids.push(self.choose(g, a, b)?);
        }
        let made = self.node(level, kids)?;
        self.choices.insert((guard, a, b), made);
        Ok(made)
    }

    /// Both.
    pub fn and(&mut self, a: Ref, b: Ref) -> Result<Ref, TooLarge> {
        self.choose(a, b, NO)
    }

    /// Either.
    pub fn or(&mut self, a: Ref, b: Ref) -> Result<Ref, TooLarge> {
        self.choose(a, YES, b)
    }

    /// Not.
    pub fn not(&mut self, a: Ref) -> Result<Ref, TooLarge> {
        self.choose(a, NO, YES)
    }

    /// Joins two diagrams terminal by terminal.
    pub fn combine(
        &mut self,
        a: Ref,
        b: Ref,
        join: &mut dyn FnMut(u32, u32) -> u32,
    ) -> Result<Ref, TooLarge> {
        let mut known = HashMap::default();
        self.combine_in(a, b, join, &mut known)
    }

    fn combine_in(
        &mut self,
        a: Ref,
        b: Ref,
        join: &mut dyn FnMut(u32, u32) -> u32,
        known: &mut HashMap<(Ref, Ref), Ref>,
    ) -> Result<Ref, TooLarge> {
        if let (Some(a), Some(b)) = (a.value(), b.value()) {
            return Ok(Ref::terminal(join(a, b)));
        }
        if let Some(made) = known.get(&(a, b)) {
            return Ok(*made);
        }
        let level = self.level(a).min(self.level(b));
        let width = self.widths[usize::from(level)];
        let mut kids = Vec::with_capacity(width);
        for cell in 0..width {
            let (a, b) = (self.kid(a, level, cell), self.kid(b, level, cell));
            kids.push(self.combine_in(a, b, join, known)?);
        }
        let made = self.node(level, kids)?;
        known.insert((a, b), made);
        Ok(made)
    }

    /// Renames terminals.
    pub fn map(&mut self, a: Ref, rename: &mut dyn FnMut(u32) -> u32) -> Result<Ref, TooLarge> {
        self.combine(a, NO, &mut |value, _| rename(value))
    }

    /// The distinct terminals that can be reached inside the allowed cells, `IMPOSSIBLE` left out; stops at `most`.
    pub fn reach(&self, root: Ref, allowed: &[Cells], most: usize) -> Vec<u32> {
        thread_local! {
            static SEEN: RefCell<Seen> = RefCell::default();
        }
        let mut found = Vec::new();
        if let Some(value) = root.value() {
            found.extend(Some(value).filter(|value| *value != IMPOSSIBLE));
            return found;
        }
        SEEN.with_borrow_mut(|seen| {
            seen.begin(self.nodes.len());
            self.reach_in(root, allowed, most, seen, &mut found);
        });
        found
    }

    fn reach_in(&self, at: Ref, allowed: &[Cells], most: usize, seen: &mut Seen, found: &mut Vec<u32>) {
        if let Some(value) = at.value() {
            if value != IMPOSSIBLE && !found.contains(&value) {
                found.push(value);
            }
            return;
        }
        if !seen.first_time(at) {
            return;
        }
        let level = self.nodes[at.0 as usize].level;
        for cell in allowed[usize::from(level)].iter() {
            if found.len() >= most {
                return;
            }
            self.reach_in(self.kid(at, level, cell), allowed, most, seen, found);
        }
    }

    /// True exactly for these answers to the questions of neighbouring levels, a bit a level.
    pub fn answers(&mut self, levels: std::ops::Range<usize>, answers: &[u64]) -> Result<Ref, TooLarge> {
        let first = levels.start;
        self.answers_in(first, levels, answers)
    }

    fn answers_in(
        &mut self,
        first: usize,
        levels: std::ops::Range<usize>,
        answers: &[u64],
    ) -> Result<Ref, TooLarge> {
        if answers.is_empty() {
            return Ok(NO);
        }
        if levels.is_empty() {
            return Ok(YES);
        }
        let (yes, no): (Vec<u64>, Vec<u64>) =
            answers.iter().partition(|answer| *answer >> (levels.start - first) & 1 == 1);
        let below = levels.start + 1..levels.end;
        let kids = vec![self.answers_in(first, below.clone(), &no)?, self.answers_in(first, below, &yes)?];
        self.node(levels.start as u16, kids)
    }

    /// Whether leaving one fact (its levels) open can alone change the terminal: some completion of the other facts for
    /// which two allowed values of it end in different terminals, both possible.
    pub fn flips(&self, root: Ref, allowed: &[Cells], levels: std::ops::Range<usize>) -> bool {
        let mut seen = vec![false; self.nodes.len()];
        let mut stack = vec![root];
        while let Some(at) = stack.pop() {
            let level = usize::from(self.level(at));
            if level >= levels.end || std::mem::replace(&mut seen[at.0 as usize], true) {
                continue;
            }
            if level < levels.start {
                stack.extend(allowed[level].iter().map(|cell| self.kid(at, level as u16, cell)));
                continue;
            }
            let exits = self.exits(at, allowed, levels.end);
            let mut known = HashMap::default();
            for (i, a) in exits.iter().enumerate() {
                if exits[..i].iter().any(|b| self.differ(*a, *b, allowed, &mut known)) {
                    return true;
                }
            }
        }
        false
    }

    /// What can be reached from a node below a level.
    fn exits(&self, at: Ref, allowed: &[Cells], end: usize) -> Vec<Ref> {
        let (mut stack, mut seen, mut exits) = (vec![at], Vec::new(), Vec::new());
        while let Some(at) = stack.pop() {
            let level = usize::from(self.level(at));
            let list = if level >= end { &mut exits } else { &mut seen };
            if list.contains(&at) {
                continue;
            }
            list.push(at);
            if level < end {
                stack.extend(allowed[level].iter().map(|cell| self.kid(at, level as u16, cell)));
            }
        }
        exits
    }

    /// Whether some completion gives different possible terminals.
    fn differ(&self, a: Ref, b: Ref, allowed: &[Cells], known: &mut HashMap<(Ref, Ref), bool>) -> bool {
        if a == b {
            return false;
        }
        match (a.value(), b.value()) {
            (Some(IMPOSSIBLE), _) | (_, Some(IMPOSSIBLE)) => return false,
            (Some(a), Some(b)) => return a != b,
            _ => {}
        }
        if let Some(answer) = known.get(&(a, b)) {
            return *answer;
        }
        let level = self.level(a).min(self.level(b));
        let cells = allowed[usize::from(level)];
        let answer = cells
            .iter()
            .any(|cell| self.differ(self.kid(a, level, cell), self.kid(b, level, cell), allowed, known));
        known.insert((a, b), answer);
        answer
    }

    /// Whether two states of knowledge that differ in some facts can end in different terminals for one completion of all
    /// other facts. `one` and `other` hold what is allowed; on levels where both allow the same, one cell is tried at a
    /// time, the same in both.
    pub fn parts(&self, root: Ref, one: &[Cells], other: &[Cells]) -> bool {
        let mut known = HashMap::default();
        self.parts_in((root, root), one, other, &mut known)
    }

    fn parts_in(
        &self,
        (a, b): (Ref, Ref),
        one: &[Cells],
        other: &[Cells],
        known: &mut HashMap<(Ref, Ref), bool>,
    ) -> bool {
        match (a.value(), b.value()) {
            (Some(IMPOSSIBLE), _) | (_, Some(IMPOSSIBLE)) => return false,
            (Some(a), Some(b)) => return a != b,
            _ => {}
        }
        if let Some(answer) = known.get(&(a, b)) {
            return *answer;
        }
        let level = self.level(a).min(self.level(b));
        let (left, right) = (one[usize::from(level)], other[usize::from(level)]);
        let same = left == right;
        let answer = left.iter().any(|x| {
            let matching = if same { Cells::one(x) } else { right };
            matching
                .iter()
                .any(|y| self.parts_in((self.kid(a, level, x), self.kid(b, level, y)), one, other, known))
        });
        known.insert((a, b), answer);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_functions_are_the_same_number() {
        let mut d = Diagrams::new(vec![3, 2]);
        let a = d.test(0, &Cells::one(1)).unwrap();
        let b = d.test(1, &Cells::one(0)).unwrap();
        let both = d.and(a, b).unwrap();
        let not_either = {
            let (na, nb) = (d.not(a).unwrap(), d.not(b).unwrap());
            let either = d.or(na, nb).unwrap();
            d.not(either).unwrap()
        };
        assert_eq!(both, not_either);
    }

    #[test]
    fn a_fact_flips_only_in_a_consistent_completion() {
        let mut d = Diagrams::new(vec![2, 2]);
        let a = d.test(0, &Cells::one(1)).unwrap();
        let b = d.test(1, &Cells::one(1)).unwrap();
        let any = d.or(a, b).unwrap();
        let all = [Cells::first(2), Cells::first(2)];
        assert!(d.flips(any, &all, 0..1) && d.flips(any, &all, 1..2));
        let known = [Cells::one(1), Cells::first(2)];
        assert!(!d.flips(any, &known, 1..2));
        assert_eq!(d.reach(any, &known, 2), [1]);
        assert_eq!(d.reach(any, &all, 2).len(), 2);
    }

    #[test]
    fn cells_are_a_set() {
        let set: Cells = [0, 63, 64, 255].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, 255]);
        assert_eq!(set.len(), 4);
        assert_eq!(set.without(&Cells::one(64)).len(), 3);
        assert!(Cells::first(256).has(255));
    }
}
