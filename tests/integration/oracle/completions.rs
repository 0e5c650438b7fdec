//! Brute force over every consistent completion of the unknown facts.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Answer, Outcome, Question};
use super::calendar::PartialDate;
use super::condition::Expr;
use super::implied;
use super::profile::{Entry, Profile, Value};
use super::representatives;
use super::truth::{self, Scope};

/// Nobody waits for more completions than this.
pub const TOO_MANY: usize = 20_000;

/// What all completions together say.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub outcome: Outcome,
    /// Unknown facts that alone can turn the outcome; with none, those that can in pairs.
    pub missing: BTreeSet<String>,
    /// What all completions agree on; `None` when the day alone decides.
    pub answer: Option<Answer>,
    /// Outputs that completions differ on; they are `None` in `answer` too.
    pub differing: BTreeSet<String>,
    /// Whether all completions have the same deciding rule and the same payers.
    pub same_rule: bool,
}

/// Facts whose answers depend on what is not known.
pub struct Unknowns {
    /// Representative values by fact.
    pub facts: Vec<(String, Vec<Value>)>,
}

impl Unknowns {
    /// Finds the unknown facts that matter and values that stand for all.
    pub fn of(question: &Question, profile: &Profile) -> Self {
        let mut tests = Vec::new();
        let conditions =
            question.rules.iter().map(|rule| &rule.when).chain(question.opens.iter().map(|open| &open.when));
        for condition in conditions {
            if truth::holds(condition, question.pack, question.on, Scope::Facts(profile)).is_none() {
                representatives::collect(condition, question.pack, question.on, &mut tests);
            }
        }
        let mut facts: BTreeSet<&str> = tests.iter().map(|test| representatives::fact_of(test)).collect();
        for line in implied::TABLE.iter() {
            if facts.contains(line.fact) {
                facts.insert(line.reads); // it can rule out values of the other
            }
        }
        facts.retain(|fact| is_open(fact, profile, &tests));
        let of =
            |fact: &&str| ((*fact).to_owned(), representatives::of_fact(fact, profile, &tests, question));
        Self { facts: facts.iter().map(of).collect() }
    }

    /// How many completions there are, consistent or not.
    pub fn count(&self) -> usize {
        self.facts.iter().map(|(_, values)| values.len()).product()
    }
}

/// Unknown, or known in part only.
fn is_open(fact: &str, profile: &Profile, tests: &[&Expr]) -> bool {
    match profile.get(fact) {
        None => true,
        Some(Value::Date(date)) => !PartialDate::is_full(*date),
        Some(Value::List(entries)) => tests.iter().any(|test| match test {
            Expr::Some(list, inner) if list == fact => entries.iter().any(|entry| lacks(entry, inner)),
            _ => false,
        }),
        Some(_) => false,
    }
}

fn lacks(entry: &Entry, question: &Expr) -> bool {
    let read = |test: &&Expr| representatives::fact_of(test).to_owned();
    !entry.contains_key("") && question.tests().iter().any(|test| !entry.contains_key(&read(test)))
}

/// Decides complete facts.
pub fn decide_complete(question: &Question, profile: &Profile) -> Answer {
    let known = |condition: &Expr| {
        truth::holds(condition, question.pack, question.on, Scope::Facts(profile))
            .unwrap_or_else(|| panic!("not complete: {condition:?} with {profile:?}"))
    };
    let rules: Vec<bool> = question.rules.iter().map(|rule| known(&rule.when)).collect();
    let opens: Vec<bool> = question.opens.iter().map(|open| known(&open.when)).collect();
    question.decide(&rules, &opens)
}

/// Decides facts of which some may be unknown.
pub fn decide(question: &Question, profile: &Profile) -> Verdict {
    if let Some(outcome) = question.outcome_of_the_day() {
        let missing = BTreeSet::new();
        return Verdict { outcome, missing, answer: None, differing: BTreeSet::new(), same_rule: true };
    }
    let unknowns = Unknowns::of(question, profile);
    assert!(unknowns.count() <= TOO_MANY, "{} completions of {profile:?}", unknowns.count());
    let answers = answers(question, profile, &unknowns);
    let outcomes = settle_final_birth(profile, &unknowns, &answers);
    let known: Vec<Outcome> = outcomes.iter().flatten().copied().collect();
    let first = *known.first().unwrap_or_else(|| panic!("no consistent completion of {profile:?}"));
    let decided = known.iter().all(|outcome| *outcome == first);
    let missing = if decided { BTreeSet::new() } else { missing(&unknowns, &outcomes) };
    let (answer, differing, same_rule) = agreed(answers.iter().flatten());
    let outcome = if decided { first } else { Outcome::NeedsInformation };
    Verdict { outcome, missing, answer: Some(answer), differing, same_rule }
}

/// The answer of every completion, in the order of `places`; `None` for one that cannot be.
fn answers(question: &Question, profile: &Profile, unknowns: &Unknowns) -> Vec<Option<Answer>> {
    // What is known whatever the unknown facts are need not be asked again for each completion.
    let first_look =
        |condition: &Expr| truth::holds(condition, question.pack, question.on, Scope::Facts(profile));
    let rules: Vec<Option<bool>> = question.rules.iter().map(|rule| first_look(&rule.when)).collect();
    let opens: Vec<Option<bool>> = question.opens.iter().map(|open| first_look(&open.when)).collect();
    let mut filled = profile.clone();
    let mut answers = Vec::new();
    for number in 0..unknowns.count() {
        for ((fact, values), place) in unknowns.facts.iter().zip(places(unknowns, number)) {
            filled.set(fact, Some(values[place].clone()));
        }
        if !implied::consistent(&filled, profile, question.on) {
            answers.push(None);
            continue;
        }
        let look = |condition: &Expr| {
            truth::holds(condition, question.pack, question.on, Scope::Facts(&filled))
                .unwrap_or_else(|| panic!("not complete: {condition:?}"))
        };
        let rules: Vec<bool> = question
            .rules
            .iter()
            .zip(&rules)
            .map(|(rule, known)| known.unwrap_or_else(|| look(&rule.when)))
            .collect();
        let opens: Vec<bool> = question
            .opens
            .iter()
            .zip(&opens)
            .map(|(open, known)| known.unwrap_or_else(|| look(&open.when)))
            .collect();
        answers.push(Some(question.decide(&rules, &opens)));
    }
    answers
}

/// Which value each fact has in a completion.
fn places(unknowns: &Unknowns, mut number: usize) -> Vec<usize> {
    let mut places = Vec::new();
    for (_, values) in &unknowns.facts {
        places.push(number % values.len());
        number /= values.len();
    }
    places
}

/// Papers that hold no more than the year or month: what hangs on the rest is for review, not to be asked.
fn settle_final_birth(
    profile: &Profile,
    unknowns: &Unknowns,
    answers: &[Option<Answer>],
) -> Vec<Option<Outcome>> {
    let outcomes: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().map(|answer| answer.outcome)).collect();
    let is_final = profile.get("born_on_final") == Some(&Value::Bool(true));
    let Some(born) = unknowns.facts.iter().position(|(fact, _)| is_final && fact == "born_on") else {
        return outcomes;
    };
    let mut of_others: BTreeMap<Vec<usize>, BTreeSet<&'static str>> = BTreeMap::new();
    let others = |number| {
        let mut places = places(unknowns, number);
        places.remove(born);
        places
    };
    for (number, outcome) in outcomes.iter().enumerate() {
        of_others.entry(others(number)).or_default().extend(outcome.map(Outcome::name));
    }
    let settle = |(number, outcome): (usize, &Option<Outcome>)| {
        let one = of_others[&others(number)].len() == 1;
        outcome.map(|outcome| if one { outcome } else { Outcome::NeedsReview })
    };
    outcomes.iter().enumerate().map(settle).collect()
}

/// Facts of which a change alone turns the outcome of some completion; when there is none, facts that can together
/// with as few others as possible.
fn missing(unknowns: &Unknowns, outcomes: &[Option<Outcome>]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut stride = 1;
    for (fact, values) in &unknowns.facts {
        for (number, outcome) in outcomes.iter().enumerate() {
            let place = number / stride % values.len();
            let other = |value: usize| outcomes[number - place * stride + value * stride];
            let turns = |value| outcome.is_some() && other(value).is_some() && other(value) != *outcome;
            if (0..values.len()).any(turns) {
                found.insert(fact.clone());
                break;
            }
        }
        stride *= values.len();
    }
    if found.is_empty() { tied(unknowns, outcomes) } else { found }
}

fn tied(unknowns: &Unknowns, outcomes: &[Option<Outcome>]) -> BTreeSet<String> {
    let places: Vec<Vec<usize>> = (0..outcomes.len()).map(|number| places(unknowns, number)).collect();
    let mut fewest = usize::MAX;
    let mut found = BTreeSet::new();
    for (from, before) in outcomes.iter().enumerate() {
        for (to, after) in outcomes.iter().enumerate().skip(from + 1) {
            if before.is_none() || after.is_none() || before == after {
                continue;
            }
            let differs = |fact: &usize| places[from][*fact] != places[to][*fact];
            let differ: Vec<usize> = (0..unknowns.facts.len()).filter(differs).collect();
            if differ.len() < fewest {
                fewest = differ.len();
                found.clear();
            }
            if differ.len() == fewest {
                found.extend(differ.iter().map(|fact| unknowns.facts[*fact].0.clone()));
            }
        }
    }
    found
}

/// The answer that all completions share; an output they differ on is `None`.
fn agreed<'a>(mut answers: impl Iterator<Item = &'a Answer>) -> (Answer, BTreeSet<String>, bool) {
    let mut shared = answers.next().expect("a completion").clone();
    let mut differing = BTreeSet::new();
    let mut same_rule = true;
    for answer in answers {
        for (output, value) in &answer.outputs {
            if shared.outputs.get(output) != Some(value) {
                differing.insert(output.clone());
            }
        }
        same_rule &= answer.applied == shared.applied && answer.paid_by == shared.paid_by;
        same_rule &= answer.added == shared.added && answer.open_fields == shared.open_fields;
    }
    for output in &differing {
        shared.outputs.insert(output.clone(), None);
    }
    (shared, differing, same_rule)
}
