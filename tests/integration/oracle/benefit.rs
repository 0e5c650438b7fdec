//! The fields of a benefit, worked out from outputs, parameters and facts.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::answer::{Answer, Question};
use super::calendar::{self, PartialDate};
use super::condition;
use super::formula::{self, Formula};
use super::pack::{FieldCase, Form};
use super::profile::{Profile, Value};
use super::truth::{self, Scope};

/// A field of the benefit.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    Known(Json),
    Null,
    Omitted,
}

/// All fields that the benefit shows, by dotted name; `paid_by` is not among them.
pub fn fields(question: &Question, profile: &Profile, answer: &Answer) -> BTreeMap<String, Field> {
    let mut values: BTreeMap<String, Option<Value>> = answer.outputs.clone();
    let mut fields: BTreeMap<String, Field> = BTreeMap::new();
    for case in &question.decision.cases {
        if fields.contains_key(&case.id) {
            continue;
        }
        // What the law leaves open is unknown to the fields that ask it, too.
        if answer.open_fields.contains(&case.id) {
            values.insert(case.id.clone(), None);
            fields.insert(case.id.clone(), Field::Null);
            continue;
        }
        let cases = question.decision.cases.iter().filter(|other| other.id == case.id);
        let Some(found) = chosen(question, profile, &values, cases) else {
            continue; // no case holds
        };
        let field = found.map_or(Field::Null, |case| worked_out(question, profile, &values, case));
        let omitted_output = field == Field::Omitted && values.contains_key(&case.id);
        if !omitted_output {
            values.insert(case.id.clone(), if let Field::Known(json) = &field { known(json) } else { None });
        }
        fields.insert(case.id.clone(), field);
    }
    let shown = question.decision.fields.iter().filter(|name| *name != "paid_by");
    shown
        .map(|name| {
            let field = match fields.get(name) {
                _ if answer.open_fields.contains(name) => Field::Null,
                Some(field) => field.clone(),
                None => match values.get(name) {
                    Some(Some(value)) => Field::Known(shown_as(value)),
                    _ => Field::Null,
                },
            };
            (name.clone(), field)
        })
        .collect()
}

/// The first case that holds: `Some(None)` when an unknown one stands before it, `None` when no case holds.
fn chosen<'a>(
    question: &Question,
    profile: &Profile,
    values: &BTreeMap<String, Option<Value>>,
    cases: impl Iterator<Item = &'a FieldCase>,
) -> Option<Option<&'a FieldCase>> {
    for case in cases {
        let scope = Scope::Benefit(values, profile);
        let holds = match &case.when {
            None => Some(true),
            Some(when) => truth::holds(when, question.pack, question.on, scope),
        };
        match holds {
            Some(true) => return Some(Some(case)),
            Some(false) => {}
            None => return Some(None),
        }
    }
    None
}

fn worked_out(
    question: &Question,
    profile: &Profile,
    values: &BTreeMap<String, Option<Value>>,
    case: &FieldCase,
) -> Field {
    let value_of = |name: &str| match values.get(name) {
        Some(value) => value.clone(),
        None => profile.get(name).cloned(),
    };
    let parameter = |id: &str| {
        let operand = question.pack.parameter(id, question.on)?;
        Some(truth::value_of(&operand))
    };
    let known = match &case.form {
        Form::Undetermined | Form::Nothing => None,
        Form::Omitted => return Field::Omitted,
        Form::Bool(value) => Some(json!(value)),
        Form::Word(word) => Some(json!(word)),
        Form::List(words) => Some(json!(words)),
        Form::Text(text) => {
            let filled = |name: &str| match name.strip_prefix('$') {
                Some(id) => parameter(id),
                None => value_of(name),
            };
            fill(text, &filled).map(|text| json!(text))
        }
        Form::Formula(formula) => {
            let lookup = |part: &Formula| {
                let value = match part {
                    Formula::Parameter(id) => parameter(id),
                    Formula::Name(name) => value_of(name),
                    _ => None,
                };
                if let Some(Value::Number(number)) = value { Some(number) } else { None }
            };
            formula::value(formula, &lookup).map(|number| json!(number.normalize().to_string()))
        }
        Form::Date(text) => date(question, profile, text).map(|day| json!(day.to_string())),
    };
    known.map_or(Field::Null, Field::Known)
}

/// The text with each `{name}` replaced by its value.
fn fill(text: &str, value: &impl Fn(&str) -> Option<Value>) -> Option<String> {
    let mut parts = text.split('{');
    let mut filled = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        let shown = shown_as(&value(name)?);
        filled += shown.as_str().map_or_else(|| shown.to_string(), str::to_owned).as_str();
        filled += rest;
    }
    Some(filled)
}

fn date(question: &Question, profile: &Profile, text: &str) -> Option<chrono::NaiveDate> {
    use chrono::Datelike;
    let full = |value: Option<&Value>| match value {
        Some(Value::Date(date)) if PartialDate::is_full(*date) => Some(date.first()),
        _ => None,
    };
    let resolve = |text: &str| {
        let operand = condition::operand(text.trim()).unwrap_or_else(|error| panic!("{error}"));
        truth::resolve(&operand, question.pack, question.on)
    };
    if text == "end_of_year" {
        return Some(calendar::day(question.on.year(), 12, 31));
    }
    if let Some(arguments) = text.strip_prefix("card_end(").and_then(|rest| rest.strip_suffix(')')) {
        let (months, month_day) = arguments.split_once(',')?;
        let Some(Value::Date(born)) = profile.get("born_on") else { return None };
        let (months, month_day) = (resolve(months)?, resolve(month_day)?);
        // A month or year of birth settles the end where every day of it gives the same.
        let ends = [born.first(), born.last()].map(|day| truth::card_end(day, &months, &month_day));
        return (ends[0] == ends[1]).then_some(ends[0]);
    }
    match resolve(text)? {
        condition::Operand::Date(day) => Some(day),
        _ => full(profile.get(text)),
    }
}

/// A value as an answer shows it; numbers as text.
pub fn shown_as(value: &Value) -> Json {
    match value {
        Value::Word(word) => json!(word),
        Value::Bool(value) => json!(value),
        Value::Number(number) => json!(number.normalize().to_string()),
        Value::Date(date) => json!(date.first().to_string()),
        Value::NoDate => Json::Null,
        Value::List(entries) => json!(entries.len()),
    }
}

fn known(json: &Json) -> Option<Value> {
    match json {
        Json::Bool(value) => Some(Value::Bool(*value)),
        Json::String(text) => Some(text.parse().map_or_else(|_| Value::Word(text.clone()), Value::Number)),
        _ => None,
    }
}

/// Whether an answer shows what is expected; numbers may be numbers or texts, an omitted member may be absent,
/// false or null.
pub fn shows(expected: &Field, got: Option<&Json>) -> bool {
    let got = got.unwrap_or(&Json::Null);
    let number = |json: &Json| match json {
        Json::String(text) => text.parse::<Decimal>().ok(),
        Json::Number(number) => number.to_string().parse().ok(),
        _ => None,
    };
    match expected {
        Field::Null => got.is_null(),
        Field::Omitted => got.is_null() || *got == json!(false),
        Field::Known(json) if *json == json!(false) => got.is_null() || got == json,
        Field::Known(json) => got == json || (number(json).is_some() && number(json) == number(got)),
    }
}
