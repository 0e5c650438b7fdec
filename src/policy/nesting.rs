//! Categories may use each other, but neither in a circle, nor so deep or so often that a condition could not be read.

use super::{
    conditions::{Conditions, Node, NodeIdx},
    model::{Category, CategoryIdx},
};

/// Deeper than any law nests its groups.
const DEEPEST: usize = 40;
/// More questions than any condition asks once its categories are written out.
const MOST: usize = 20_000;

/// What is wrong with how categories use each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Nesting {
    /// A circle.
    #[error("this category uses itself")]
    Circle,
    /// Too deep.
    #[error("categories stand more than {DEEPEST} deep in each other")]
    Deep,
    /// Too large.
    #[error("with its categories written out this condition asks more than {MOST} questions")]
    Large,
}

/// How many questions each category asks, those of other categories in their place.
pub struct Sizes(Vec<usize>);

impl Sizes {
    /// Measures all categories.
    ///
    /// # Errors
    /// The first category that goes wrong, by its place.
    pub fn measure(conditions: &Conditions, categories: &[Category]) -> Result<Self, (usize, Nesting)> {
        let mut walk = Walk { conditions, categories, sizes: vec![None; categories.len()], open: Vec::new() };
        for at in 0..categories.len() {
            walk.category(at).map_err(|wrong| (at, wrong))?;
        }
        Ok(Self(walk.sizes.into_iter().map(Option::unwrap_or_default).collect()))
    }

    /// Whether a condition can be read.
    ///
    /// # Errors
    /// When it asks too much.
    pub fn check(&self, conditions: &Conditions, at: NodeIdx) -> Result<(), Nesting> {
        let size = size(conditions, at, &mut |category| Ok(self.0.get(category.at()).copied().unwrap_or(1)))?;
        if size > MOST { Err(Nesting::Large) } else { Ok(()) }
    }
}

struct Walk<'a> {
    conditions: &'a Conditions,
    categories: &'a [Category],
    sizes: Vec<Option<usize>>,
    /// Categories on the way here.
    open: Vec<usize>,
}

impl Walk<'_> {
    fn category(&mut self, at: usize) -> Result<usize, Nesting> {
        if let Some(known) = self.sizes[at] {
            return Ok(known);
        }
        if self.open.contains(&at) {
            return Err(Nesting::Circle);
        }
        if self.open.len() >= DEEPEST {
            return Err(Nesting::Deep);
        }
        self.open.push(at);
        let (conditions, categories) = (self.conditions, self.categories);
        let mut largest = 1;
        for version in &categories[at].versions {
            let size = size(conditions, version.when, &mut |used| self.category(used.at()))?;
            largest = largest.max(size);
        }
        self.open.pop();
        if largest > MOST {
            return Err(Nesting::Large);
        }
        self.sizes[at] = Some(largest);
        Ok(largest)
    }
}

fn size(
    conditions: &Conditions,
    at: NodeIdx,
    of: &mut dyn FnMut(CategoryIdx) -> Result<usize, Nesting>,
) -> Result<usize, Nesting> {
    match conditions.get(at) {
        Node::Category(category) => of(*category),
        Node::Not(inner) => size(conditions, *inner, of),
        Node::All(parts) | Node::Any(parts) => {
            parts.iter().try_fold(1_usize, |sum, part| Ok(sum.saturating_add(size(conditions, *part, of)?)))
        }
        _ => Ok(1),
    }
}
