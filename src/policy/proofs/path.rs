//! A way through several diagrams at once. It makes no nodes: most questions have the answer “nobody”.

use rustc_hash::FxHashSet;

use crate::policy::diagram::{Cells, Diagrams, Ref};

impl Diagrams {
    /// One cell a level for which every diagram ends in the terminal that is wanted of it; `None` when there is no such
    /// setting inside the allowed cells.
    pub fn path(&self, wanted: &[(Ref, u32)], allowed: &[Cells]) -> Option<Vec<usize>> {
        let mut cells: Vec<usize> = allowed.iter().map(|cells| cells.iter().next()).collect::<Option<_>>()?;
        let ends: Vec<u32> = wanted.iter().map(|(_, end)| *end).collect();
        let roots: Box<[Ref]> = wanted.iter().map(|(root, _)| *root).collect();
        let mut walk = Walk { diagrams: self, ends: &ends, allowed, dead: FxHashSet::default() };
        walk.on(roots, &mut cells).then_some(cells)
    }
}

struct Walk<'a> {
    diagrams: &'a Diagrams,
    ends: &'a [u32],
    allowed: &'a [Cells],
    /// Places from which there is no way.
    dead: FxHashSet<Box<[Ref]>>,
}

impl Walk<'_> {
    fn on(&mut self, at: Box<[Ref]>, cells: &mut [usize]) -> bool {
        let wrong = |(at, end): (&Ref, &u32)| at.value().is_some_and(|value| value != *end);
        if at.iter().zip(self.ends).any(wrong) {
            return false;
        }
        let level = at.iter().map(|at| self.diagrams.level(*at)).min().unwrap_or(u16::MAX);
        if level == u16::MAX {
            return true;
        }
        if self.dead.contains(&at) {
            return false;
        }
        for cell in self.allowed[usize::from(level)].iter() {
            let next = at.iter().map(|at| self.diagrams.kid(*at, level, cell)).collect();
            if self.on(next, cells) {
                cells[usize::from(level)] = cell;
                return true;
            }
        }
        self.dead.insert(at);
        false
    }
}
