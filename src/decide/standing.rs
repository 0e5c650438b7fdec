//! Where a person stands on a day: the facts as used, their answers to every question of the law, and the truth of the
//! conditions asked so far. All memory is kept from one person to the next.

use chrono::NaiveDate;

use super::{prepare::Prepared, request::Person};
use crate::{
    facts::FactId,
    policy::{
        Policy,
        atoms::{Answers, Day},
        clauses::ClauseIdx,
        conditions::Truth,
    },
};

/// A person on a day.
#[derive(Debug, Default)]
pub struct Standing {
    /// The facts as used.
    pub prepared: Prepared,
    /// Answers to the questions of the law, a word each.
    answers: Vec<Answers>,
    /// Truth of conditions, where known.
    truths: Vec<Option<Truth>>,
    day: NaiveDate,
    /// How often facts or answers have changed since the person took the place.
    changes: u32,
    /// Words of answers that may turn with the day for this person.
    turning: Vec<u16>,
}

impl Standing {
    /// Takes a person's place on a day. Without `warn` nobody reads the warnings.
    pub fn take(&mut self, policy: &Policy, person: &Person, day: NaiveDate, warn: bool) {
        self.prepared.prepare(policy, person, day, warn);
        self.answer_all(policy, day);
    }

    /// Stands where another one stands.
    pub fn copy(&mut self, other: &Self) {
        self.prepared.profile.clone_from(&other.prepared.profile);
        self.prepared.assumed.clear();
        self.prepared.warnings.clear();
        self.prepared.right_itself = other.prepared.right_itself;
        self.prepared.broken = other.prepared.broken;
        self.prepared.days = other.prepared.days;
        self.answers.clone_from(&other.answers);
        self.truths.clone_from(&other.truths);
        self.turning.clone_from(&other.turning);
        self.day = other.day;
        self.changes = other.changes;
    }

    /// A number that differs when facts or answers have changed in between.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Goes to another day.
    pub fn go(&mut self, policy: &Policy, person: &Person, day: NaiveDate) {
        if day == self.day {
            return;
        }
        if !self.prepared.days.holds(day) {
            self.take(policy, person, day, false);
            return;
        }
        let clauses = &policy.program().clauses;
        self.day = day;
        let on = Day::new(day);
        let mut turned = false;
        for at in &self.turning {
            let slot = &clauses.atoms.slots[usize::from(*at)];
            let answers = slot.answers(self.prepared.profile.get(slot.fact), on);
            let old = &mut self.answers[usize::from(*at)];
            turned |= *old != answers;
            *old = answers;
        }
        if turned {
            self.changes = self.changes.wrapping_add(1);
            for at in clauses.turning() {
                self.truths[usize::from(at.0)] = None;
            }
        }
    }

    fn answer_all(&mut self, policy: &Policy, day: NaiveDate) {
        let clauses = &policy.program().clauses;
        self.day = day;
        self.changes = self.changes.wrapping_add(1);
        let on = Day::new(day);
        self.answers.clear();
        self.turning.clear();
        for (at, slot) in (0..).zip(&clauses.atoms.slots) {
            let value = self.prepared.profile.get(slot.fact);
            self.answers.push(slot.answers(value, on));
            if slot.turns && value.is_some() {
                self.turning.push(at);
            }
        }
        self.truths.clear();
        self.truths.resize(clauses.len(), None);
    }

    /// The day.
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    /// Answers to the questions of the law.
    pub fn answers(&self) -> &[Answers] {
        &self.answers
    }

    /// Truth of a condition.
    pub fn truth(&mut self, policy: &Policy, at: ClauseIdx) -> Truth {
        let known = &mut self.truths[usize::from(at.0)];
        *known.get_or_insert_with(|| policy.program().clauses.truth(at, &self.answers))
    }

    /// Forgets the truth of conditions that read a fact.
    pub fn forget_truths(&mut self, policy: &Policy, fact: FactId) {
        for clause in policy.program().clauses.reading(fact) {
            self.truths[usize::from(clause.0)] = None;
        }
    }

    /// Answers the questions of some words differently for a moment: what was there comes back.
    pub fn replace(&mut self, slot: usize, answers: Answers) -> Answers {
        std::mem::replace(&mut self.answers[slot], answers)
    }
}
