//! Every name in a condition must be one that the vocabulary, the list or the pack knows; an unknown one would
//! silently count as an unknown fact.

use super::condition::{Expr, Operand};
use super::pack::Pack;
use super::vocabulary::{self, Kind};

/// Checks the conditions of all categories, rules and open clauses.
pub fn check(pack: &Pack) -> Result<(), String> {
    for (id, categories) in &pack.categories {
        for category in categories {
            condition(pack, &category.when).map_err(|error| format!("category {id}: {error}"))?;
        }
    }
    for decision in pack.decisions.values() {
        for rule in &decision.rules {
            condition(pack, &rule.when).map_err(|error| format!("rule {}: {error}", rule.id))?;
        }
        for open in &decision.opens {
            condition(pack, &open.when).map_err(|error| format!("open {}: {error}", open.id))?;
        }
    }
    Ok(())
}

fn condition(pack: &Pack, expr: &Expr) -> Result<(), String> {
    for test in expr.tests() {
        match test {
            Expr::Some(list, inner) => {
                for test in inner.tests() {
                    entry_test(pack, list, test)?;
                }
            }
            Expr::Empty(list) => {
                vocabulary::find(list).ok_or(format!("no list {list}"))?;
            }
            Expr::Category(id) if !pack.categories.contains_key(id) => {
                return Err(format!("no category {id}"));
            }
            Expr::MonthsSince(fact, _, operand) => {
                vocabulary::find(fact).ok_or(format!("no fact {fact}"))?;
                parameter(pack, operand)?;
            }
            Expr::Age(_, operand) => parameter(pack, operand)?,
            Expr::CardRunning(months, month_day) => {
                parameter(pack, months)?;
                parameter(pack, month_day)?;
            }
            _ => {
                let kind = |name: &str| vocabulary::find(name).map(|fact| &fact.kind);
                of_kind(pack, test, &kind)?;
            }
        }
    }
    Ok(())
}

fn entry_test(pack: &Pack, list: &str, test: &Expr) -> Result<(), String> {
    match test {
        Expr::Fact(_) | Expr::Compare(..) | Expr::In(..) => {
            of_kind(pack, test, &|name| vocabulary::member(list, name))
        }
        Expr::MonthsSince(name, ..) if vocabulary::member(list, name).is_some() => Ok(()),
        other => Err(format!("not a question about an entry of {list}: {other:?}")),
    }
}

fn of_kind(pack: &Pack, test: &Expr, kind: &dyn Fn(&str) -> Option<&'static Kind>) -> Result<(), String> {
    let (name, operands) = match test {
        Expr::Fact(name) => (name, Vec::new()),
        Expr::Compare(name, _, operand) => (name, vec![operand]),
        Expr::In(name, operands) => (name, operands.iter().collect()),
        _ => return Ok(()),
    };
    let kind = kind(name).ok_or(format!("no fact {name}"))?;
    for operand in operands {
        parameter(pack, operand)?;
        let fits = match (kind, operand) {
            (_, Operand::Parameter(_)) => true,
            (Kind::Word(_) | Kind::Words(_), Operand::Word(word)) => {
                word == vocabulary::UNSTATED || vocabulary::order_of(kind, word).is_some()
            }
            (Kind::Bool, Operand::Bool(_)) => true,
            (Kind::Number(..), Operand::Number(_)) => true,
            (Kind::Date, Operand::Date(_)) => true,
            _ => false,
        };
        if !fits {
            return Err(format!("{name} cannot be {operand:?}"));
        }
    }
    Ok(())
}

fn parameter(pack: &Pack, operand: &Operand) -> Result<(), String> {
    match operand {
        Operand::Parameter(id) if !pack.parameters.contains_key(id) => Err(format!("no parameter {id}")),
        _ => Ok(()),
    }
}
