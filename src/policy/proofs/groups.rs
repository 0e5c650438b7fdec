//! Which days can share one proof.

use chrono::NaiveDate;

use crate::policy::{
    conditions::NodeIdx,
    epochs::Epochs,
    model::{CategoryIdx, Decision, Pack, ParameterAmount, ParameterIdx},
    raw::{Authority, Days},
    reads::read_by,
};

/// Stretches of days with the same rules, categories and numbers.
#[derive(Debug, Clone)]
pub struct Group {
    /// Under which they are shown; the other authority may have the same rules.
    pub authority: Authority,
    /// The rules in force, by place.
    pub rules: Vec<usize>,
    /// The open clauses in force.
    pub opens: Vec<usize>,
    /// The stretches, in order; at least one.
    pub stretches: Vec<Days>,
    law: Law,
}

/// The dated parts that rules and fields read: categories and parameters by place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Law {
    categories: Vec<(CategoryIdx, Option<NodeIdx>)>,
    parameters: Vec<(ParameterIdx, Option<ParameterAmount>)>,
}

/// All different sets of rules of a decision, under both authorities.
pub fn groups(pack: &Pack, decision: &Decision, epochs: &Epochs) -> Vec<Group> {
    let covers = decision.covers;
    let mut starts: Vec<NaiveDate> = epochs.changes.iter().map(|(day, _)| *day).collect();
    // Fields may read categories that no rule reads.
    let versions = pack.categories.iter().flat_map(|category| &category.versions);
    starts
        .extend(versions.flat_map(|version| [Some(version.days.from), version.days.to.succ_opt()]).flatten());
    starts.retain(|day| covers.from < *day && *day <= covers.to);
    starts.push(covers.from);
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).filter_map(|day| day.pred_opt()).chain([covers.to]);
    let mut groups: Vec<Group> = Vec::new();
    for (from, to) in starts.iter().copied().zip(ends) {
        for authority in [Authority::Law, Authority::Plan] {
            let one = group(pack, decision, authority, Days { from, to });
            let same = |other: &&mut Group| {
                (&other.rules, &other.opens, &other.law) == (&one.rules, &one.opens, &one.law)
            };
            match groups.iter_mut().find(same) {
                Some(known) if known.stretches.contains(&one.stretches[0]) => {}
                Some(known) => known.stretches.extend(one.stretches),
                None => groups.push(one),
            }
        }
    }
    groups
}

fn group(pack: &Pack, decision: &Decision, authority: Authority, days: Days) -> Group {
    let day = days.from;
    let in_force = |valid: &Days, of: Authority| {
        valid.holds(day) && (authority == Authority::Plan || of == Authority::Law)
    };
    let rules = (0..decision.rules.len())
        .filter(|at| in_force(&decision.rules[*at].valid, decision.rules[*at].authority))
        .collect::<Vec<_>>();
    let opens = (0..decision.opens.len())
        .filter(|at| in_force(&decision.opens[*at].valid, decision.opens[*at].authority))
        .collect::<Vec<_>>();
    let (mut parameters, mut categories) = (Vec::new(), Vec::new());
    for at in &rules {
        parameters.extend(&decision.rules[*at].parameters);
        read_by(pack, decision.rules[*at].when, &mut parameters, &mut categories);
    }
    for at in &opens {
        read_by(pack, decision.opens[*at].when, &mut parameters, &mut categories);
    }
    for case in &decision.field_cases {
        parameters.extend(&case.parameters);
        case.when.into_iter().for_each(|when| read_by(pack, when, &mut parameters, &mut categories));
    }
    parameters.sort_unstable();
    parameters.dedup();
    categories.sort_unstable();
    let law = Law {
        categories: categories
            .into_iter()
            .map(|at| (at, pack.category_on(at, day).map(|version| version.when)))
            .collect(),
        parameters: parameters
            .into_iter()
            .map(|at| (at, pack.parameter_on(at, day).map(|value| value.amount.clone())))
            .collect(),
    };
    Group { authority, rules, opens, stretches: vec![days], law }
}

impl Group {
    /// The same law on other days.
    pub fn on(self, stretches: Vec<Days>) -> Self {
        Self { stretches, ..self }
    }

    /// A second group with the same law.
    pub fn copy_on(&self, stretches: Vec<Days>) -> Self {
        self.clone().on(stretches)
    }
}
