//! Conditions as guards over cells, and what is known of a person in the same terms.

use super::{
    conditions::Truth,
    diagram::{Cells, Diagrams, NO, Ref, TooLarge, YES},
};

/// A guard over cells.
#[derive(Debug)]
pub enum Guard {
    Fixed(bool),
    Cells(usize, Cells),
    Not(Box<Guard>),
    All(Vec<Guard>),
    Any(Vec<Guard>),
}

impl Guard {
    fn truth(&self, world: &[Cells]) -> Truth {
        match self {
            Self::Fixed(value) => (*value).into(),
            Self::Cells(level, cells) => {
                let inside = world[*level].and(cells);
                if inside.is_empty() {
                    Truth::No
                } else if inside == world[*level] {
                    Truth::Yes
                } else {
                    Truth::Unknown
                }
            }
            Self::Not(inner) => inner.truth(world).negate(),
            Self::All(parts) => parts.iter().fold(Truth::Yes, |all, part| all.and(part.truth(world))),
            Self::Any(parts) => parts.iter().fold(Truth::No, |any, part| any.or(part.truth(world))),
        }
    }

    /// Whether the guard reads one of the levels.
    pub fn reads(&self, levels: &std::ops::Range<usize>) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Cells(level, _) => levels.contains(level),
            Self::Not(inner) => inner.reads(levels),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.reads(levels)),
        }
    }

    /// The guard as a diagram.
    pub fn diagram(&self, diagrams: &mut Diagrams) -> Result<Ref, TooLarge> {
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

/// What is known of a person, as the rules of one stretch of days see it.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// Sets of cells, one a level; several worlds only for lists whose entries are not known to the end.
    pub worlds: Vec<Vec<Cells>>,
}

impl Allowed {
    /// Truth of a guard: what all worlds agree on.
    pub fn truth(&self, guard: &Guard) -> Truth {
        let mut truths = self.worlds.iter().map(|world| guard.truth(world));
        let first = truths.next().unwrap_or(Truth::Unknown);
        if truths.all(|other| other == first) { first } else { Truth::Unknown }
    }
}

/// One world that allows whatever any of them does.
pub fn merge(worlds: &[Vec<Cells>]) -> Vec<Cells> {
    let mut merged = worlds.first().cloned().unwrap_or_default();
    for world in worlds.iter().skip(1) {
        merged.iter_mut().zip(world).for_each(|(all, one)| *all = all.or(one));
    }
    merged
}
