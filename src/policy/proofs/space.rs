//! Everybody whom one set of rules can meet, on all days on which it holds.

use chrono::NaiveDate;
use serde_json::{Map, Value as Json, json};

use super::groups::Group;
use crate::{
    facts::{Of, Profile, UNSTATED, Value, vocabulary},
    policy::{
        cells::{Cut, Var},
        conditions::{Case, NodeIdx},
        diagram::{Cells, Diagrams, Ref, TooLarge, YES},
        guard::Guard,
        model::{Decision, Pack, RuleIdx},
        raw::Days,
        rule_builder::{Builder, vars},
        ruleset::CannotBuild,
    },
};

/// One set of rules with its diagrams.
pub struct Space<'a> {
    pub pack: &'a Pack,
    pub decision: &'a Decision,
    pub group: Group,
    /// Rules in force, by place.
    pub rules: Vec<RuleIdx>,
    pub vars: Vec<Var>,
    pub diagrams: Diagrams,
    /// True for facts that can stand together.
    pub integrity: Ref,
    /// Days that differ in which values are possible, with the cells that are.
    possible: Vec<(NaiveDate, Vec<Cells>)>,
}

impl<'a> Space<'a> {
    /// Cuts the facts that rules, clauses and fields read. Days on which dates would fall in another order than on the
    /// first stretch come back as a group of their own.
    pub fn build(
        pack: &'a Pack,
        decision: &'a Decision,
        group: Group,
    ) -> Result<(Self, Option<Group>), CannotBuild> {
        let rules: Vec<RuleIdx> =
            group.rules.iter().filter_map(|at| u16::try_from(*at).ok()).map(RuleIdx).collect();
        let whens: Vec<NodeIdx> = rules
            .iter()
            .map(|at| decision.rule(*at).when)
            .chain(group.opens.iter().map(|at| decision.opens[*at].when))
            .chain(decision.field_cases.iter().filter_map(|case| case.when))
            .collect();
        let first = group.stretches[0];
        let (vars, implied) = vars(pack, whens, first)?;
        let mut diagrams =
            Diagrams::new(vars.iter().flat_map(|var| vec![var.width(); var.levels().len()]).collect());
        let builder = Builder { pack, decision, days: first, vars: &vars };
        let mut integrity = YES;
        for var in &vars {
            if let Cut::List { answers, .. } = &var.cut {
                let one = diagrams.answers(var.levels(), answers)?;
                integrity = diagrams.and(integrity, one)?;
            }
        }
        for line in implied {
            let when = builder.guard(pack.implied[line].when)?.diagram(&mut diagrams)?;
            let then = builder.guard(pack.implied[line].then)?.diagram(&mut diagrams)?;
            let line = diagrams.choose(when, then, YES)?;
            integrity = diagrams.and(integrity, line)?;
        }
        let asked_of_the_right = right_itself(&vars, &mut diagrams)?;
        integrity = diagrams.and(integrity, asked_of_the_right)?;
        let (possible, fitting) = possible(pack, &vars, &group.stretches);
        let (kept, rest): (Vec<_>, Vec<_>) = group.stretches.iter().zip(fitting).partition(|(_, fits)| *fits);
        let days = |list: Vec<(&Days, bool)>| list.into_iter().map(|(days, _)| *days).collect::<Vec<_>>();
        let (kept, rest) = (days(kept), days(rest));
        let other = (!rest.is_empty()).then(|| group.copy_on(rest));
        let group = group.on(kept);
        Ok((Self { pack, decision, group, rules, vars, diagrams, integrity, possible }, other))
    }

    /// Makes conditions of this set of rules ready.
    pub fn builder(&self) -> Builder<'_> {
        Builder { pack: self.pack, decision: self.decision, days: self.group.stretches[0], vars: &self.vars }
    }

    /// A condition about facts as a diagram.
    pub fn condition(&mut self, at: NodeIdx) -> Result<Ref, CannotBuild> {
        let guard: Guard = self.builder().guard(at)?;
        Ok(guard.diagram(&mut self.diagrams)?)
    }

    /// The terminals that possible people end in.
    pub fn ends(&self, root: Ref) -> Vec<u32> {
        let mut found = Vec::new();
        for (_, allowed) in &self.possible {
            for end in self.diagrams.reach(root, allowed, usize::MAX) {
                if !found.contains(&end) {
                    found.push(end);
                }
            }
        }
        found
    }

    /// Whether some possible person ends in these terminals.
    pub fn somebody(&self, wanted: &[(Ref, u32)]) -> bool {
        self.find(wanted).is_some()
    }

    /// A possible person and day that end in these terminals, as a request.
    pub fn witness(&self, wanted: &[(Ref, u32)]) -> Option<Json> {
        let (day, cells) = self.find(wanted)?;
        Some(self.request(day, &cells))
    }

    fn find(&self, wanted: &[(Ref, u32)]) -> Option<(NaiveDate, Vec<usize>)> {
        let wanted: Vec<(Ref, u32)> = wanted.iter().copied().chain([(self.integrity, 1)]).collect();
        let walk =
            |(day, allowed): &(NaiveDate, Vec<Cells>)| Some((*day, self.diagrams.path(&wanted, allowed)?));
        self.possible.iter().find_map(walk)
    }

    fn request(&self, day: NaiveDate, cells: &[usize]) -> Json {
        let profile = Profile::default();
        let case = Case { pack: self.pack, profile: &profile, day };
        let (mut person, mut household, mut trip) = (Map::new(), Map::new(), Map::new());
        person.insert("id".into(), "p".into());
        let mut of_the_right = false;
        for var in &self.vars {
            let def = vocabulary().get(var.fact);
            let Some(value) = var.example(&cells[var.levels()], &case) else { continue };
            let value = value.to_json(&def.kind);
            // What speaks by its absence is left out.
            if value.is_null() || value == UNSTATED {
                of_the_right |= def.of == Of::Trip && value == UNSTATED;
                continue;
            }
            let holder = match def.of {
                Of::Person => &mut person,
                Of::Household => &mut household,
                Of::Trip => &mut trip,
            };
            match def.id.split_once('.') {
                Some((outer, inner)) => {
                    let nested = holder.entry(outer).or_insert_with(|| json!({}));
                    if let Json::Object(nested) = nested {
                        nested.insert(inner.into(), value);
                    }
                }
                None => drop(holder.insert(def.id.clone(), value)),
            }
        }
        let mut request = json!({
            "as_of": day.to_string(),
            "authority": self.group.authority,
            "explain": "full",
            "entitlements": [self.decision.id],
            "household": household,
            "people": [person],
        });
        if !of_the_right && !trip.is_empty() {
            request["trip"] = Json::Object(trip);
        }
        request
    }
}

/// A trip's fact is left unsaid only where nobody asks about a trip at all: then it goes by bus, elsewhere.
fn right_itself(vars: &[Var], diagrams: &mut Diagrams) -> Result<Ref, TooLarge> {
    let mut all = YES;
    let level = |name: &str| {
        let fact = vocabulary().find(name)?;
        vars.iter().find(|var| var.fact == fact).map(|var| (var, &vocabulary().get(fact).kind))
    };
    let Some((medium, kind)) = level("trip.medium") else { return Ok(all) };
    let word = |kind: &crate::facts::Kind, word: &str| kind.word(word).map(|at| Cells::one(usize::from(at)));
    let Some(unsaid) = word(kind, UNSTATED) else { return Ok(all) };
    let unsaid = diagrams.test(medium.level, &unsaid)?;
    for (name, usual) in [("trip.service", "bus"), ("trip.trip_area", "elsewhere")] {
        if let Some((var, kind)) = level(name)
            && let Some(cells) = word(kind, usual)
        {
            let usual = diagrams.test(var.level, &cells)?;
            let line = diagrams.choose(unsaid, usual, YES)?;
            all = diagrams.and(all, line)?;
        }
    }
    Ok(all)
}

/// For each different kind of day the cells that somebody can be in; and for each stretch whether its days keep the order
/// in which dates were cut.
fn possible(pack: &Pack, vars: &[Var], stretches: &[Days]) -> (Vec<(NaiveDate, Vec<Cells>)>, Vec<bool>) {
    let mut kinds: Vec<(NaiveDate, Vec<Cells>)> = Vec::new();
    let mut fitting = Vec::with_capacity(stretches.len());
    for days in stretches {
        let fits = vars.iter().all(|var| var.keeps_order(*days));
        fitting.push(fits);
        if !fits {
            continue;
        }
        for day in days.from.iter_days().take_while(|day| *day <= days.to) {
            let cells: Vec<Cells> = vars.iter().flat_map(|var| var.possible(pack, day)).collect();
            if !kinds.iter().any(|(_, known)| *known == cells) {
                kinds.push((day, cells));
            }
        }
    }
    // A person who travels is shown before one who only asks about the right.
    let Some(medium) = vocabulary().find("trip.medium") else { return (kinds, fitting) };
    if let Some(var) = vars.iter().find(|var| var.fact == medium) {
        let unsaid = Cells::one(var.width() - 1);
        let travelling: Vec<_> = kinds
            .iter()
            .map(|(day, cells)| {
                let mut cells = cells.clone();
                cells[var.level] = cells[var.level].without(&unsaid);
                (*day, cells)
            })
            .collect();
        kinds.splice(0..0, travelling);
    }
    (kinds, fitting)
}

impl Var {
    /// Whether the days at which dates are cut keep their order on all these days.
    fn keeps_order(&self, days: Days) -> bool {
        let Cut::Dates { marks, .. } = &self.cut else { return true };
        let sorted = |day: &NaiveDate| marks.is_sorted_by_key(|mark| mark.last(*day));
        marks.len() < 2 || days.from.iter_days().take_while(|day| *day <= days.to).all(|day| sorted(&day))
    }

    /// The cells that some value of the fact lies in on a day, one set a level.
    fn possible(&self, pack: &Pack, day: NaiveDate) -> Vec<Cells> {
        let def = vocabulary().get(self.fact);
        let profile = Profile::default();
        match &self.cut {
            Cut::Words(count) => {
                let unstated = def.kind.word(UNSTATED).map(Value::Word);
                let speaks = def.default.is_some() && def.default == unstated || def.name() == "trip.medium";
                vec![Cells::first(if speaks { *count } else { count - 1 })]
            }
            Cut::Numbers(_) => {
                let Some((least, most)) = def.kind.bounds() else { return self.free() };
                let inside = |cell: &usize| self.numbers(*cell, least, most).is_some();
                vec![(0..self.width()).filter(inside).collect()]
            }
            Cut::Dates { marks, past } => {
                let case = Case { pack, profile: &profile, day };
                let mut cells = self.allowed_dates(marks, *past, None, &case);
                if def.default == Some(Value::NoDate) {
                    cells.add(marks.len() + 1);
                }
                vec![cells]
            }
            Cut::Bool | Cut::Units(_) | Cut::List { .. } => self.free(),
        }
    }
}
