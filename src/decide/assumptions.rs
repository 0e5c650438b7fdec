//! Rare facts (†) that were taken at their default and could have changed what is told.

use super::{
    answer::Answer,
    asked::{Asked, Exact},
    fields::Workings,
    said::Said,
    standing::Standing,
};
use crate::{
    facts::{FactId, Kind, UNSTATED, Value, calendar, vocabulary},
    policy::{
        atoms::{Answers, Atom, Day, MOST_SLOTS},
        conditions::Truth,
        program::RuleBits,
    },
};

/// Adds those that matter to `found`.
pub fn assumptions<'p>(
    asked: &Asked<'p>,
    standing: &mut Standing,
    exact: &mut Exact,
    here: &Answer<'p>,
    found: &mut Vec<FactId>,
) {
    for at in 0..standing.prepared.assumed.len() {
        let fact = standing.prepared.assumed[at];
        if found.contains(&fact) {
            continue;
        }
        if rules_turn(asked, standing, exact, here, fact) || fields_turn(asked, standing, exact, here, fact) {
            found.push(fact);
        }
    }
}

/// Whether another value of a fact would change what the rules say.
fn rules_turn<'p>(
    asked: &Asked<'p>,
    standing: &mut Standing,
    exact: &mut Exact,
    here: &Answer<'p>,
    fact: FactId,
) -> bool {
    let table = here.table;
    let readers = table.readers().iter().find(|(read, ..)| *read == fact);
    let Some((_, rules, opens)) = readers.filter(|(_, rules, opens)| !(rules.is_empty() && opens.is_empty()))
    else {
        return false;
    };
    let trial = Trial { asked, here, fact, rules: *rules, opens: *opens };
    // With the fact unknown and all else as it is: where the rules still settle the same, nothing can turn.
    let whole = trial.with(standing, |slot| Answers { yes: 0, may: slot.all() });
    if whole.settled && whole.same {
        return false;
    }
    if let Some(turns) = trial.by_values(standing) {
        return turns;
    }
    let Some(var) = table.rules.vars.iter().find(|var| var.fact == fact) else { return false };
    let known = exact.of(asked, table, standing);
    table.rules.matters(asked.decision, &known.allowed, var, known.sound)
}

/// One fact with other values.
struct Trial<'a, 'p> {
    asked: &'a Asked<'p>,
    here: &'a Answer<'p>,
    fact: FactId,
    rules: RuleBits,
    opens: RuleBits,
}

struct Tried {
    settled: bool,
    same: bool,
}

impl Trial<'_, '_> {
    /// What the rules say when the fact answers otherwise. Answers are put back.
    fn with(
        &self,
        standing: &mut Standing,
        answers: impl Fn(&crate::policy::atoms::Slot) -> Answers,
    ) -> Tried {
        let clauses = &self.asked.policy.program().clauses;
        let table = self.here.table;
        let slots = clauses.atoms.of(self.fact);
        let mut before = [Answers::default(); MOST_SLOTS];
        for (at, slot) in slots.clone().enumerate() {
            before[at] = standing.replace(slot, answers(&clauses.atoms.slots[slot]));
        }
        let mut turned = false;
        let (mut rules, mut opens) = ([RuleBits::default(); 2], [RuleBits::default(); 2]);
        for at in self.rules.iter() {
            let truth = clauses.truth(table.when[at], standing.answers());
            turned |= truth != self.here.said.truth(at);
            rules[0].set(at, truth == Truth::Yes);
            rules[1].set(at, truth == Truth::Unknown);
        }
        for at in self.opens.iter() {
            let truth = clauses.truth(table.opens[at], standing.answers());
            let (yes, unknown) = (truth == Truth::Yes, truth == Truth::Unknown);
            turned |=
                yes != self.here.said.opens_yes.has(at) || unknown != self.here.said.opens_unknown.has(at);
            opens[0].set(at, yes);
            opens[1].set(at, unknown);
        }
        // A rule that is unknown with and without the fact may still hang on it: the answer came from the diagrams.
        let open =
            self.rules.meets(&self.here.said.unknown) || self.opens.meets(&self.here.said.opens_unknown);
        let mut tried = Tried { settled: !open, same: true };
        // What facts rule out is no other answer; with facts that contradict each other nothing is ruled out.
        if turned && (standing.prepared.broken || self.possible(standing)) {
            let mut said = self.here.said;
            for at in self.rules.iter() {
                said.yes.set(at, rules[0].has(at));
                said.unknown.set(at, rules[1].has(at));
            }
            for at in self.opens.iter() {
                said.opens_yes.set(at, opens[0].has(at));
                said.opens_unknown.set(at, opens[1].has(at));
            }
            said.support = None;
            let settled = said.conclude(self.asked, table);
            tried = Tried { settled, same: self.alike(&said) };
        }
        for (at, slot) in slots.enumerate() {
            standing.replace(slot, before[at]);
        }
        tried
    }

    /// Whether the answers can stand together.
    fn possible(&self, standing: &Standing) -> bool {
        let clauses = &self.asked.policy.program().clauses;
        self.here.table.implied.iter().all(|(when, then)| {
            clauses.truth(*when, standing.answers()) != Truth::Yes
                || clauses.truth(*then, standing.answers()) != Truth::No
        })
    }

    /// Whether a list of one entry with these answers can stand beside the other facts.
    fn possible_with(&self, standing: &mut Standing, row: u64) -> bool {
        let slot = self.asked.policy.program().clauses.atoms.of(self.fact).next();
        let Some(slot) = slot else { return true };
        let before = standing.replace(slot, Answers { yes: row, may: row });
        let possible = self.possible(standing);
        standing.replace(slot, before);
        possible
    }

    fn alike(&self, said: &Said<'_>) -> bool {
        let here = &self.here.said;
        let count = self.asked.decision.outputs.len();
        said.outcomes == here.outcomes
            && said.outputs[..count] == here.outputs[..count]
            && match (&said.support, &here.support) {
                (Some(a), Some(b)) => a.total == b.total && a.shares == b.shares,
                (None, None) => true,
                _ => false,
            }
    }

    /// Tries every other value where that is few; `None` where it is many, or where something else is unknown.
    fn by_values(&self, standing: &mut Standing) -> Option<bool> {
        let said = &self.here.said;
        if !said.unknown.is_empty() || !said.opens_unknown.is_empty() {
            return None;
        }
        let day = Day::new(standing.day());
        let def = vocabulary().get(self.fact);
        if let Kind::Words(_) | Kind::Records(_) = &def.kind {
            let singles = self.asked.policy.program().clauses.atoms.singles(self.fact)?;
            // Where no entry turns anything alone, several might together: the diagrams know.
            let mut turns = |row: u64| !self.with(standing, |_| Answers { yes: row, may: row }).same;
            if singles.iter().any(|row| turns(*row)) {
                return Some(true);
            }
            if standing.prepared.broken || !self.asked.policy.program().narrows_lists() {
                return None;
            }
            // An entry that cannot stand alone cannot stand beside others: only the rest is left to turn anything.
            let may = singles
                .iter()
                .filter(|row| self.possible_with(standing, **row))
                .fold(0, |may, row| may | row);
            let rest = self.with(standing, |_| Answers { yes: 0, may });
            return (rest.settled && rest.same).then_some(false);
        }
        let mut turns = |value: Value| !self.with(standing, |slot| slot.answers(Some(&value), day)).same;
        Some(match &def.kind {
            Kind::Bool => turns(Value::Bool(true)) || turns(Value::Bool(false)),
            Kind::Word { words, .. } => {
                let unstated = def.kind.word(UNSTATED).map(Value::Word);
                if def.default.is_some() && def.default == unstated {
                    // A fact whose absence speaks for itself is compared with plain absence.
                    turns(Value::Word(def.kind.word("none").unwrap_or(0)))
                } else {
                    (0..words.len()).filter_map(|at| u16::try_from(at).ok()).any(|at| turns(Value::Word(at)))
                }
            }
            Kind::Count { .. } | Kind::Money | Kind::Percent => {
                let (min, max) = def.kind.bounds().unwrap_or((0, 0));
                let atoms = &self.asked.policy.program().clauses.atoms;
                atoms.of(self.fact).flat_map(|slot| &atoms.slots[slot].atoms).any(|atom| match atom {
                    Atom::AtLeast(limit) => [limit - 1, *limit]
                        .into_iter()
                        .any(|number| (min..=max).contains(&number) && turns(Value::Number(number))),
                    _ => false,
                })
            }
            Kind::Date { .. } => {
                let atoms = &self.asked.policy.program().clauses.atoms;
                let month = calendar::month_index(day.date);
                atoms.of(self.fact).flat_map(|slot| &atoms.slots[slot].atoms).any(|atom| match atom {
                    Atom::MonthsPassed(months) => [months - 1, *months]
                        .into_iter()
                        .filter_map(|months| calendar::first_of_month(month - months))
                        .any(|on| turns(Value::Date(crate::facts::PartialDate::day(on.min(day.date))))),
                    Atom::HasDate => turns(Value::Date(crate::facts::PartialDate::day(day.date))),
                    _ => false,
                })
            }
            _ => return None,
        })
    }
}

/// Whether not knowing a fact that only fields read would leave a field open.
fn fields_turn<'p>(
    asked: &Asked<'p>,
    standing: &mut Standing,
    exact: &mut Exact,
    here: &Answer<'p>,
    fact: FactId,
) -> bool {
    let field_table = here.field_table;
    if !field_table.facts.contains(&fact) || here.died {
        return false;
    }
    let value = standing.prepared.profile.get(fact).cloned();
    exact.forget();
    standing.prepared.profile.set(fact, None);
    let atoms = &asked.policy.program().clauses.atoms;
    let mut before = [Answers::default(); MOST_SLOTS];
    for (at, slot) in atoms.of(fact).enumerate() {
        before[at] = standing.replace(slot, Answers { yes: 0, may: atoms.slots[slot].all() });
    }
    standing.forget_truths(asked.policy, fact);
    let fields =
        Workings { asked, table: here.table, fields: field_table, standing, exact }.fields(&here.said);
    let benefit = super::benefit::Benefit { table: field_table, fields: &fields, said: &here.said };
    let same = benefit.same(&here.benefit());
    standing.prepared.profile.set(fact, value);
    for (at, slot) in atoms.of(fact).enumerate() {
        standing.replace(slot, before[at]);
    }
    standing.forget_truths(asked.policy, fact);
    exact.forget();
    !same
}
