//! What a condition reads: facts, tests, parameters, categories.

use chrono::NaiveDate;

use super::{
    conditions::{EntryTest, Node, NodeIdx, Quantity, Test},
    model::{CategoryIdx, Pack, ParameterIdx, Rule},
};
use crate::facts::FactId;

/// The fact that a test asks.
pub fn fact_of(pack: &Pack, test: &Test) -> FactId {
    match test {
        Test::Words { fact, .. }
        | Test::Bool { fact }
        | Test::Number { fact, .. }
        | Test::Date { fact, .. }
        | Test::MonthsSince { fact, .. }
        | Test::Unit { fact, .. }
        | Test::Some { fact, .. } => *fact,
        Test::Age { .. } | Test::CardRunning { .. } => pack.born_on,
    }
}

/// The tests of a condition, through categories as they stand on a day.
pub fn collect_tests<'p>(pack: &'p Pack, at: NodeIdx, day: NaiveDate, tests: &mut Vec<&'p Test>) {
    match pack.conditions.get(at) {
        Node::Test(test) => {
            if !tests.contains(&test) {
                tests.push(test);
            }
        }
        Node::Not(inner) => collect_tests(pack, *inner, day, tests),
        Node::All(parts) | Node::Any(parts) => {
            parts.iter().for_each(|part| collect_tests(pack, *part, day, tests))
        }
        Node::Category(category) => {
            if let Some(version) = pack.category_on(*category, day) {
                collect_tests(pack, version.when, day, tests);
            }
        }
        Node::Always | Node::Output { .. } | Node::OutputIn { .. } => {}
    }
}

/// The facts of a condition, in the order of their first use, through categories as they stand on a day.
pub fn facts(pack: &Pack, at: NodeIdx, day: NaiveDate) -> Vec<FactId> {
    let mut tests = Vec::new();
    collect_tests(pack, at, day, &mut tests);
    let mut facts = Vec::new();
    for fact in tests.into_iter().map(|test| fact_of(pack, test)) {
        if !facts.contains(&fact) {
            facts.push(fact);
        }
    }
    facts
}

/// The parameters and categories that a condition reads, directly or through categories on any day.
pub fn read_by(
    pack: &Pack,
    at: NodeIdx,
    parameters: &mut Vec<ParameterIdx>,
    categories: &mut Vec<CategoryIdx>,
) {
    fn entry(test: &EntryTest, parameters: &mut Vec<ParameterIdx>) {
        match test {
            EntryTest::All(parts) | EntryTest::Any(parts) => {
                parts.iter().for_each(|part| entry(part, parameters))
            }
            EntryTest::Not(inner) => entry(inner, parameters),
            EntryTest::Number { value: Quantity::Parameter(at), .. }
            | EntryTest::MonthsSince { months: Quantity::Parameter(at), .. } => {
                parameters.push(*at);
            }
            _ => {}
        }
    }
    match pack.conditions.get(at) {
        Node::Test(test) => match test {
            Test::Number { value: Quantity::Parameter(at), .. }
            | Test::Age { years: Quantity::Parameter(at), .. }
            | Test::MonthsSince { months: Quantity::Parameter(at), .. } => parameters.push(*at),
            Test::CardRunning { months, month_day } => {
                parameters.push(*month_day);
                if let Quantity::Parameter(at) = months {
                    parameters.push(*at);
                }
            }
            Test::Some { entry: test, .. } => entry(test, parameters),
            _ => {}
        },
        Node::Not(inner) => read_by(pack, *inner, parameters, categories),
        Node::All(parts) | Node::Any(parts) => {
            parts.iter().for_each(|part| read_by(pack, *part, parameters, categories))
        }
        Node::Category(category) => {
            if !categories.contains(category) {
                categories.push(*category);
                for version in &pack.category(*category).versions {
                    read_by(pack, version.when, parameters, categories);
                }
            }
        }
        Node::Always | Node::Output { .. } | Node::OutputIn { .. } => {}
    }
}

/// Parameters of a rule, those of its categories included.
pub fn parameters_of(pack: &Pack, rule: &Rule) -> Vec<ParameterIdx> {
    let mut parameters = rule.parameters.clone();
    read_by(pack, rule.when, &mut parameters, &mut Vec::new());
    parameters.sort_unstable();
    parameters.dedup();
    parameters
}

/// Ages at which what facts imply about each other turns. No other condition of these lines hangs on the day.
pub fn implied_ages(pack: &Pack) -> Vec<u32> {
    let mut tests = Vec::new();
    for line in &pack.implied {
        collect_tests(pack, line.when, pack.covers.from, &mut tests);
        collect_tests(pack, line.then, pack.covers.from, &mut tests);
    }
    let mut ages = Vec::new();
    for test in tests {
        if let Test::Age { op, years: Quantity::Number(years) } = test {
            let turns = super::cells::turns(*op, *years);
            ages.extend(turns.into_iter().filter_map(|years| u32::try_from(years).ok()));
        }
    }
    ages.sort_unstable();
    ages.dedup();
    ages
}
