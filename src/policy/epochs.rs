//! Cuts the covered period where the law of a decision changes, and makes each stretch's rules ready.

use std::sync::Arc;

use chrono::{Days as Span, NaiveDate};

use super::{
    conditions::NodeIdx,
    model::{CategoryIdx, Decision, Pack, ParameterIdx},
    raw::{Authority, Days},
    reads::read_by,
    ruleset::{CannotBuild, RuleSet},
};

/// A decision's law over its covered period.
#[derive(Debug)]
pub struct Epochs {
    /// First day on which something of the decision's law changes, in order; what changes is in `causes`.
    pub changes: Vec<(NaiveDate, Vec<Change>)>,
    /// The days, as functions of dates in the facts, on which answers may turn.
    pub marks: Vec<(crate::facts::FactId, super::cells::Mark)>,
    /// The same for dates in the entries of lists: fact, member, months after which an answer may turn.
    pub entry_marks: Vec<(crate::facts::FactId, usize, i64)>,
    law: Vec<(Days, Arc<RuleSet>)>,
    plan: Vec<(Days, Arc<RuleSet>)>,
}

/// What changes on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A parameter has another value.
    Parameter(ParameterIdx),
    /// A rule begins or ends; its place in the decision.
    Rule(usize),
    /// An open clause begins or ends.
    Open(usize),
    /// A category's law changes.
    Category(CategoryIdx),
}

/// A stretch of days whose rules cannot be made ready.
#[derive(Debug)]
pub struct Broken {
    pub days: Days,
    pub why: CannotBuild,
}

impl Epochs {
    /// Makes all stretches ready.
    pub fn build(pack: &Pack, decision: &Decision) -> Result<Self, Broken> {
        let mut changes: Vec<(NaiveDate, Vec<Change>)> = Vec::new();
        let mut note = |day: NaiveDate, change: Change| {
            if day <= decision.covers.from || day > decision.covers.to {
                return;
            }
            match changes.iter_mut().find(|(other, _)| *other == day) {
                Some((_, all)) if !all.contains(&change) => all.push(change),
                Some(_) => {}
                None => changes.push((day, vec![change])),
            }
        };
        let mut ends = |days: Days, change: Change| {
            note(days.from, change.clone());
            if let Some(next) = days.to.succ_opt() {
                note(next, change);
            }
        };
        let mut parameters: Vec<ParameterIdx> = Vec::new();
        let mut categories: Vec<CategoryIdx> = Vec::new();
        for (at, rule) in decision.rules.iter().enumerate() {
            ends(rule.valid, Change::Rule(at));
            parameters.extend(&rule.parameters);
            read_by(pack, rule.when, &mut parameters, &mut categories);
        }
        for (at, open) in decision.opens.iter().enumerate() {
            ends(open.valid, Change::Open(at));
            read_by(pack, open.when, &mut parameters, &mut categories);
        }
        for case in &decision.field_cases {
            parameters.extend(&case.parameters);
        }
        for category in categories {
            for version in &pack.category(category).versions {
                ends(version.days, Change::Category(category));
            }
        }
        parameters.sort_unstable();
        parameters.dedup();
        for parameter in parameters {
            for value in &pack.parameter(parameter).values {
                ends(value.days, Change::Parameter(parameter));
            }
        }
        changes.sort_by_key(|(day, _)| *day);
        let mut epochs =
            Self { changes, marks: Vec::new(), entry_marks: Vec::new(), law: Vec::new(), plan: Vec::new() };
        epochs.law = epochs.stretch(pack, decision, Authority::Law)?;
        epochs.plan = epochs.stretch(pack, decision, Authority::Plan)?;
        epochs.marks = epochs.collect_marks();
        epochs.entry_marks = epochs.collect_entry_marks(pack);
        Ok(epochs)
    }

    /// Stretches whose rules differ only in what fields read share one rule set.
    fn stretch(
        &self,
        pack: &Pack,
        decision: &Decision,
        authority: Authority,
    ) -> Result<Vec<(Days, Arc<RuleSet>)>, Broken> {
        let starts = std::iter::once(decision.covers.from).chain(self.changes.iter().map(|(day, _)| *day));
        let ends = self.changes.iter().map(|(day, _)| *day - Span::new(1)).chain([decision.covers.to]);
        let mut merged: Vec<(Days, Signature)> = Vec::new();
        for (from, to) in starts.zip(ends) {
            let signature = signature(pack, decision, authority, from);
            match merged.last_mut() {
                Some((days, last)) if *last == signature => days.to = to,
                _ => merged.push((Days { from, to }, signature)),
            }
        }
        merged
            .into_iter()
            .map(|(days, _)| {
                let rules =
                    RuleSet::build(pack, decision, authority, days).map_err(|why| Broken { days, why })?;
                Ok((days, Arc::new(rules)))
            })
            .collect()
    }

    /// The rules of a day under an authority.
    pub fn on(&self, authority: Authority, day: NaiveDate) -> Option<&Arc<RuleSet>> {
        let all = match authority {
            Authority::Law => &self.law,
            Authority::Plan => &self.plan,
        };
        all.iter().find(|(days, _)| days.holds(day)).map(|(_, rules)| rules)
    }

    fn collect_entry_marks(&self, pack: &Pack) -> Vec<(crate::facts::FactId, usize, i64)> {
        let mut marks = Vec::new();
        for rules in self.all() {
            for var in &rules.vars {
                if let super::cells::Cut::List { tests, .. } = &var.cut {
                    for (member, months) in super::lists::month_turns(pack, tests, rules.days.from) {
                        if !marks.contains(&(var.fact, member, months)) {
                            marks.push((var.fact, member, months));
                        }
                    }
                }
            }
        }
        marks
    }

    fn collect_marks(&self) -> Vec<(crate::facts::FactId, super::cells::Mark)> {
        let mut marks = Vec::new();
        for var in self.all().flat_map(|rules| &rules.vars) {
            if let super::cells::Cut::Dates { marks: own, .. } = &var.cut {
                for mark in own {
                    if !marks.contains(&(var.fact, *mark)) {
                        marks.push((var.fact, *mark));
                    }
                }
            }
        }
        marks
    }

    /// Every stretch under both authorities.
    pub fn all(&self) -> impl Iterator<Item = &Arc<RuleSet>> {
        self.law.iter().chain(&self.plan).map(|(_, rules)| rules)
    }
}

/// What rule sets are told apart by: the rules and open clauses in force, the categories' law and the parameters they read.
type Signature = (Vec<usize>, Vec<usize>, Vec<Option<NodeIdx>>, Vec<Option<super::model::ParameterAmount>>);

fn signature(pack: &Pack, decision: &Decision, authority: Authority, day: NaiveDate) -> Signature {
    let in_force = |valid: &Days, of: Authority| {
        valid.holds(day) && (authority == Authority::Plan || of == Authority::Law)
    };
    let rules: Vec<usize> = (0..decision.rules.len())
        .filter(|at| in_force(&decision.rules[*at].valid, decision.rules[*at].authority))
        .collect();
    let opens: Vec<usize> = (0..decision.opens.len())
        .filter(|at| in_force(&decision.opens[*at].valid, decision.opens[*at].authority))
        .collect();
    let (mut parameters, mut categories) = (Vec::new(), Vec::new());
    for at in &rules {
        parameters.extend(&decision.rules[*at].parameters);
        read_by(pack, decision.rules[*at].when, &mut parameters, &mut categories);
    }
    for at in &opens {
        read_by(pack, decision.opens[*at].when, &mut parameters, &mut categories);
    }
    parameters.sort_unstable();
    parameters.dedup();
    let categories =
        categories.into_iter().map(|at| pack.category_on(at, day).map(|version| version.when)).collect();
    let parameters = parameters
        .into_iter()
        .map(|at| pack.parameter_on(at, day).map(|value| value.amount.clone()))
        .collect();
    (rules, opens, categories, parameters)
}
