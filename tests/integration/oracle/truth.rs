//! Three-valued truth of a condition: `Some(true)`, `Some(false)`, or `None` for unknown.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::calendar::{self, PartialDate};
use super::condition::{Expr, Op, Operand};
use super::pack::Pack;
use super::profile::{Entry, Profile, Value};
use super::vocabulary::{self, Kind};

/// What names in a condition stand for.
#[derive(Clone, Copy)]
pub enum Scope<'a> {
    /// Facts of the person, the household and the trip.
    Facts(&'a Profile),
    /// Members of one entry of this list.
    Entry(&'a str, &'a Entry),
    /// Outputs and fields, then facts.
    Benefit(&'a BTreeMap<String, Option<Value>>, &'a Profile),
}

impl<'a> Scope<'a> {
    fn value(self, name: &str) -> Option<&'a Value> {
        match self {
            Self::Facts(profile) => profile.get(name),
            Self::Entry(_, entry) => entry.get(name).or_else(|| entry.get("")),
            Self::Benefit(outputs, profile) => match outputs.get(name) {
                Some(value) => value.as_ref(),
                None => profile.get(name),
            },
        }
    }

    fn kind(self, name: &str) -> Option<&'static Kind> {
        match self {
            Self::Entry(list, _) => vocabulary::member(list, name),
            _ => vocabulary::find(name).map(|fact| &fact.kind),
        }
    }

    fn facts(self) -> &'a Profile {
        match self {
            Self::Facts(profile) | Self::Benefit(_, profile) => profile,
            Self::Entry(list, _) => panic!("an entry of {list} has no age or category"),
        }
    }
}

/// Whether a condition holds on a day.
pub fn holds(expr: &Expr, pack: &Pack, on: NaiveDate, scope: Scope) -> Option<bool> {
    match expr {
        Expr::Or(parts) => any(parts.iter().map(|part| holds(part, pack, on, scope))),
        Expr::And(parts) => {
            any(parts.iter().map(|part| holds(part, pack, on, scope).map(|holds| !holds))).map(|fails| !fails)
        }
        Expr::Not(inner) => holds(inner, pack, on, scope).map(|holds| !holds),
        Expr::Fact(name) => match scope.value(name)? {
            Value::Bool(value) => Some(*value),
            other => panic!("{name} is no bool: {other:?}"),
        },
        Expr::Compare(name, op, operand) => compare(name, *op, &resolve(operand, pack, on)?, scope),
        Expr::In(name, operands) => {
            any(operands.iter().map(|operand| compare(name, Op::Eq, &resolve(operand, pack, on)?, scope)))
        }
        Expr::Category(id) => {
            let mut on_day = pack.categories[id].iter().filter(|valid| valid.from <= on && on <= valid.to);
            match on_day.next() {
                Some(category) => holds(&category.when, pack, on, Scope::Facts(scope.facts())),
                None => Some(false),
            }
        }
        Expr::Age(op, operand) => {
            let Value::Date(born) = scope.facts().get("born_on")? else { return None };
            let years = |born| Decimal::from(calendar::age(born, on));
            let oldest = years(born.first());
            let youngest = years(born.last().min(on));
            in_range(youngest, oldest, *op, number(&resolve(operand, pack, on)?))
        }
        Expr::MonthsSince(name, op, operand) => match scope.value(name)? {
            Value::Date(since) => {
                let months =
                    |since| Decimal::from(calendar::month_number(on) - calendar::month_number(since));
                let limit = number(&resolve(operand, pack, on)?);
                in_range(months(since.last()), months(since.first()), *op, limit)
            }
            _ => Some(*op == Op::Ne),
        },
        Expr::CardRunning(months, month_day) => {
            let Value::Date(born) = scope.facts().get("born_on")? else { return None };
            let (months, month_day) = (resolve(months, pack, on)?, resolve(month_day, pack, on)?);
            let running = |born| on <= card_end(born, &months, &month_day);
            let (oldest, youngest) = (running(born.first()), running(born.last().min(on)));
            if oldest == youngest { Some(oldest) } else { None }
        }
        Expr::Some(list, inner) => match scope.value(list)? {
            Value::List(entries) => {
                any(entries.iter().map(|entry| holds(inner, pack, on, Scope::Entry(list, entry))))
            }
            other => panic!("{list} is no list: {other:?}"),
        },
        Expr::Empty(list) => match scope.value(list)? {
            Value::List(entries) => Some(entries.is_empty()),
            other => panic!("{list} is no list: {other:?}"),
        },
    }
}

/// Last day of a child's card with resolved operands.
pub fn card_end(born: NaiveDate, months: &Operand, month_day: &Operand) -> NaiveDate {
    let months = number(months).to_string().parse().expect("whole months");
    let Operand::Word(text) = month_day else { panic!("not a month and day: {month_day:?}") };
    let (month, day) = text.split_once('-').expect("MM-DD");
    calendar::card_end(born, months, (month.parse().expect("a month"), day.parse().expect("a day")))
}

/// The operand with the value of its parameter on the day; `None` when that is not published.
pub fn resolve(operand: &Operand, pack: &Pack, on: NaiveDate) -> Option<Operand> {
    match operand {
        Operand::Parameter(id) => pack.parameter(id, on),
        plain => Some(plain.clone()),
    }
}

/// Three-valued "one of these".
fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    for part in parts {
        match part {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(false) }
}

fn compare(name: &str, op: Op, operand: &Operand, scope: Scope) -> Option<bool> {
    match (scope.value(name)?, operand) {
        (Value::Word(word), Operand::Word(other)) => match op {
            Op::Eq => Some(word == other),
            Op::Ne => Some(word != other),
            _ => {
                let kind = scope.kind(name).unwrap_or_else(|| panic!("{name} has no order"));
                let place = |word| vocabulary::order_of(kind, word).unwrap_or_else(|| panic!("no {word}"));
                Some(ordered(&place(word), op, &place(other)))
            }
        },
        (Value::Bool(value), Operand::Bool(other)) => Some(ordered(value, op, other)),
        (Value::Number(value), Operand::Number(other)) => Some(ordered(value, op, other)),
        (Value::Date(value), Operand::Date(other)) => in_range(value.first(), value.last(), op, *other),
        (Value::NoDate, Operand::Date(_)) => Some(op == Op::Ne),
        (value, operand) => panic!("{name}: {value:?} compared with {operand:?}"),
    }
}

fn ordered<T: Ord>(left: &T, op: Op, right: &T) -> bool {
    match op {
        Op::Eq => left == right,
        Op::Ne => left != right,
        Op::Lt => left < right,
        Op::Le => left <= right,
        Op::Gt => left > right,
        Op::Ge => left >= right,
    }
}

/// The comparison of something that lies between two bounds.
fn in_range<T: Ord>(low: T, high: T, op: Op, limit: T) -> Option<bool> {
    let (at_low, at_high) = (ordered(&low, op, &limit), ordered(&high, op, &limit));
    let inside = low <= limit && limit <= high;
    match op {
        Op::Eq | Op::Ne if inside && low != high => None,
        _ if at_low == at_high => Some(at_low),
        _ => None,
    }
}

fn number(operand: &Operand) -> Decimal {
    match operand {
        Operand::Number(number) => *number,
        other => panic!("not a number: {other:?}"),
    }
}

/// A value as an operand of the same kind.
pub fn value_of(operand: &Operand) -> Value {
    match operand {
        Operand::Word(word) => Value::Word(word.clone()),
        Operand::Number(number) => Value::Number(*number),
        Operand::Bool(value) => Value::Bool(*value),
        Operand::Date(day) => Value::Date(PartialDate::full(*day)),
        Operand::Parameter(id) => panic!("${id} is not resolved"),
    }
}
