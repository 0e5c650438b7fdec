//! The benefit's fields, worked out from outputs, parameters and facts.

use std::cell::RefCell;

use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde_json::{Map, Value as Json};

use crate::{
    facts::{Profile, Text, Value, Vnd, calendar},
    policy::{
        Decision, Pack,
        conditions::{Case, OutputValue, Truth},
        guard::Allowed,
        model::{Calc, DateCalc, FieldCase, FieldValue, ParameterAmount, ParameterIdx, Piece},
        ruleset::{RuleSet, Said, Support},
    },
};

/// What is known of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Settled; `None` when there is none.
    Known(Option<OutputValue>),
    /// Completions of the unknown facts differ, or no fact of the vocabulary settles it.
    Undetermined,
    /// The law does not say.
    Open(Text),
    /// Not shown.
    Omit,
}

/// All fields of a decision for one person on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields {
    values: Vec<(String, Field)>,
    /// The cases that gave the values.
    pub used: Vec<usize>,
    /// Parameters read by them.
    pub parameters: Vec<ParameterIdx>,
    /// The open clause that leaves an amount open, by its place in the decision.
    pub open_clause: Option<usize>,
}

impl Fields {
    /// A field or output by name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, field)| field)
    }

    fn set(&mut self, name: &str, field: Field) {
        match self.values.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = field,
            None => self.values.push((name.to_owned(), field)),
        }
    }

    fn number(&self, name: &str) -> Option<Decimal> {
        match self.get(name)? {
            Field::Known(Some(OutputValue::Number(number))) => Some(*number),
            _ => None,
        }
    }
}

/// What fields are worked out from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The pack.
    pub pack: &'a Pack,
    /// The entitlement.
    pub decision: &'a Decision,
    /// Its rules of the day.
    pub rules: &'a RuleSet,
    /// The person.
    pub profile: &'a Profile,
    /// The day.
    pub day: NaiveDate,
}

/// Beyond so many combinations of undetermined outputs a field that reads one stays undetermined.
const MOST_COMBINATIONS: usize = 64;

type Outputs = Vec<Option<Option<OutputValue>>>;

impl View<'_> {
    /// Works out all fields. Where completions differ on an output, a field is known if it comes out the same for all its
    /// possible values.
    pub fn fields(&self, said: &Said, allowed: &Allowed, sound: bool) -> Fields {
        let mut first = self.with_outputs(said, &said.outputs);
        let open: Vec<usize> = (0..said.outputs.len()).filter(|at| said.outputs[*at].is_none()).collect();
        let mut combinations: Vec<Outputs> = vec![said.outputs.clone()];
        for at in open {
            let most = MOST_COMBINATIONS / combinations.len().max(1);
            let Some(values) = self.rules.values(self.decision, at, allowed, sound, most) else {
                return first;
            };
            combinations = combinations
                .iter()
                .flat_map(|outputs| {
                    values.iter().map(move |value| {
                        let mut outputs = outputs.clone();
                        outputs[at] = Some(value.clone());
                        outputs
                    })
                })
                .collect();
        }
        let mut ways = combinations.iter().map(|outputs| self.with_outputs(said, outputs));
        let Some(mut agreed) = ways.next() else { return first };
        for way in ways {
            for (name, field) in &mut agreed.values {
                if way.get(name) != Some(&*field) {
                    *field = Field::Undetermined;
                }
            }
        }
        for (name, field) in &mut first.values {
            if *field == Field::Undetermined
                && let Some(settled) = agreed.get(name)
            {
                *field = settled.clone();
            }
        }
        for at in agreed.used {
            if !first.used.contains(&at) {
                first.used.push(at);
            }
        }
        for at in agreed.parameters {
            if !first.parameters.contains(&at) {
                first.parameters.push(at);
            }
        }
        first
    }

    fn with_outputs(&self, said: &Said, outputs: &Outputs) -> Fields {
        let Self { pack, decision, rules, profile, day } = *self;
        let mut fields =
            Fields { values: Vec::new(), used: Vec::new(), parameters: Vec::new(), open_clause: None };
        for (output, value) in decision.outputs.iter().zip(outputs) {
            let field = match value {
                None => Field::Undetermined,
                Some(value) => Field::Known(value.clone()),
            };
            fields.set(&output.name, field);
        }
        for (active, truth) in rules.opens.iter().zip(&said.opens) {
            let open = &decision.opens[active.open];
            for name in open.fields.iter().filter(|_| *truth == Truth::Yes) {
                fields.set(name, Field::Open(open.text.clone()));
                fields.open_clause.get_or_insert(active.open);
            }
        }
        let mut names: Vec<&str> = Vec::new();
        for case in &decision.field_cases {
            if !names.contains(&case.id.as_str()) {
                names.push(&case.id);
            }
        }
        for name in names {
            if matches!(fields.get(name), Some(Field::Open(_))) {
                continue;
            }
            if let Some(field) = field(pack, decision, name, &mut fields, profile, day) {
                fields.set(name, field);
            }
        }
        // An output that says “any” is told only when it is true.
        for (output, value) in decision.outputs.iter().zip(outputs) {
            if output.hit == crate::policy::model::Hit::Any && *value == Some(None) {
                fields.set(&output.name, Field::Omit);
            }
        }
        fields
    }
}

/// The first case that holds. `None`: no case speaks of it and it is an output.
fn field(
    pack: &Pack,
    decision: &Decision,
    name: &str,
    fields: &mut Fields,
    profile: &Profile,
    day: NaiveDate,
) -> Option<Field> {
    for (at, case) in decision.field_cases.iter().enumerate().filter(|(_, case)| case.id == name) {
        let truth = {
            let known = RefCell::new(&*fields);
            let lookup = |name: &str| match known.borrow().get(name) {
                Some(Field::Known(value)) => Some(value.clone()),
                Some(Field::Omit) => Some(None),
                _ => None,
            };
            let conditions = Case { pack, profile, day, outputs: Some(&lookup) };
            case.when.map_or(Truth::Yes, |when| conditions.truth(when))
        };
        match truth {
            Truth::No => {}
            Truth::Unknown => return Some(Field::Undetermined),
            Truth::Yes => {
                // A price that is no longer sold has no value: the next case speaks.
                let Some(field) = value(pack, case, fields, profile, day) else { continue };
                fields.used.push(at);
                for parameter in &case.parameters {
                    if !fields.parameters.contains(parameter) {
                        fields.parameters.push(*parameter);
                    }
                }
                return Some(field);
            }
        }
    }
    decision.output(name).is_none().then_some(Field::Undetermined)
}

fn value(pack: &Pack, case: &FieldCase, fields: &Fields, profile: &Profile, day: NaiveDate) -> Option<Field> {
    Some(match &case.value {
        FieldValue::Calc(calc) => match calculate(pack, calc, fields, day)? {
            Ok(number) => Field::Known(Some(OutputValue::Number(number))),
            Err(field) => field,
        },
        FieldValue::Date(date) => date_field(pack, date, profile, day)?,
        FieldValue::Text(pieces) => match text(pack, pieces, fields, day) {
            Some(text) => Field::Known(Some(OutputValue::Word(text))),
            None => Field::Undetermined,
        },
        FieldValue::Fixed(value) => Field::Known(Some(value.clone())),
        FieldValue::Open(text) => Field::Open(text.clone()),
        FieldValue::Undetermined => Field::Undetermined,
        FieldValue::None => Field::Known(None),
        FieldValue::Omit => Field::Omit,
    })
}

/// `None`: a parameter has no value on the day. `Err`: undetermined or open.
fn calculate(pack: &Pack, calc: &Calc, fields: &Fields, day: NaiveDate) -> Option<Result<Decimal, Field>> {
    let both = |a: &Calc, b: &Calc| -> Option<Result<(Decimal, Decimal), Field>> {
        let (a, b) = (calculate(pack, a, fields, day)?, calculate(pack, b, fields, day)?);
        Some(a.and_then(|a| b.map(|b| (a, b))))
    };
    let join =
        |a: &Calc, b: &Calc, op: fn(Decimal, Decimal) -> Option<Decimal>| -> Option<Result<Decimal, Field>> {
            Some(both(a, b)?.and_then(|(a, b)| op(a, b).ok_or(Field::Undetermined)))
        };
    match calc {
        Calc::Number(number) => Some(Ok(*number)),
        Calc::Parameter(at) => match &pack.parameter_on(*at, day)?.amount {
            ParameterAmount::Number(number) => Some(Ok(*number)),
            ParameterAmount::Unknown => {
                let label = &pack.parameter(*at).label;
                Some(Err(Field::Open(Text::new(
                    format!("Chưa công bố {} cho ngày này.", label.vi),
                    format!("The {} for this day has not been published.", label.en),
                ))))
            }
            _ => Some(Err(Field::Undetermined)),
        },
        Calc::Name(name) => Some(match fields.get(name) {
            Some(Field::Known(Some(OutputValue::Number(number)))) => Ok(*number),
            Some(Field::Open(text)) => Err(Field::Open(text.clone())),
            Some(Field::Known(None) | Field::Omit) => Err(Field::Known(None)),
            _ => Err(Field::Undetermined),
        }),
        Calc::Add(a, b) => join(a, b, |a, b| a.checked_add(b)),
        Calc::Sub(a, b) => join(a, b, |a, b| a.checked_sub(b)),
        Calc::Mul(a, b) => join(a, b, |a, b| a.checked_mul(b)),
        Calc::Div(a, b) => join(a, b, |a, b| a.checked_div(b)),
        Calc::Min(a, b) => join(a, b, |a, b| Some(a.min(b))),
        Calc::Max(a, b) => join(a, b, |a, b| Some(a.max(b))),
        Calc::Round(inner) => {
            let inner = calculate(pack, inner, fields, day)?;
            Some(inner.and_then(|amount| {
                Vnd::round_half_up(amount).map(|vnd| vnd.0.into()).ok_or(Field::Undetermined)
            }))
        }
    }
}

fn date_field(pack: &Pack, date: &DateCalc, profile: &Profile, day: NaiveDate) -> Option<Field> {
    let born = match profile.get(pack.born_on) {
        Some(Value::Date(date)) => Some(*date),
        _ => None,
    };
    let known = |day: NaiveDate| Field::Known(Some(OutputValue::Date(day)));
    Some(match date {
        DateCalc::Born => born.and_then(crate::facts::PartialDate::exact).map_or(Field::Undetermined, known),
        DateCalc::CardEnd { months, month_day } => {
            let months = pack.quantity(*months, day).and_then(|months| u32::try_from(months).ok())?;
            let month_day = pack.month_day(*month_day, day)?;
            let ends = born.map(|born| {
                let end = |day| calendar::child_card_end(day, months, month_day);
                (end(born.earliest()), end(born.latest()))
            });
            match ends {
                Some((first, last)) if first == last => known(first),
                _ => Field::Undetermined,
            }
        }
        DateCalc::EndOfYear => NaiveDate::from_ymd_opt(day.year(), 12, 31).map_or(Field::Undetermined, known),
        DateCalc::Fixed(day) => known(*day),
        DateCalc::Parameter(at) => match pack.parameter_on(*at, day)?.amount {
            ParameterAmount::Day(day) => known(day),
            _ => Field::Undetermined,
        },
    })
}

fn text(pack: &Pack, pieces: &[Piece], fields: &Fields, day: NaiveDate) -> Option<String> {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Output(name) => match fields.get(name)? {
                Field::Known(Some(OutputValue::Word(word))) => out.push_str(word),
                Field::Known(Some(OutputValue::Number(number))) => {
                    out.push_str(&number.normalize().to_string())
                }
                _ => return None,
            },
            Piece::Parameter(at) => out.push_str(&pack.number(*at, day)?.normalize().to_string()),
            Piece::Fact(_) | Piece::Age => return None,
        }
    }
    Some(out)
}

/// The benefit as it is told, and the names of what is undetermined in it.
pub fn benefit(decision: &Decision, fields: &Fields, support: Option<&Support>) -> (Json, Vec<String>) {
    let (mut object, mut undetermined) = (Map::new(), Vec::new());
    for name in &decision.fields {
        if name == "paid_by" {
            match support {
                Some(support) => drop(object.insert(name.clone(), paid_by(fields, support))),
                None => {
                    object.insert(name.clone(), Json::Null);
                    undetermined.push(format!("benefit.{name}"));
                }
            }
            continue;
        }
        let value = match fields.get(name) {
            Some(Field::Omit) => continue,
            Some(Field::Known(Some(value))) => to_json(name, value),
            Some(Field::Known(None)) => Json::Null,
            _ => {
                undetermined.push(format!("benefit.{name}"));
                Json::Null
            }
        };
        match name.split_once('.') {
            None => drop(object.insert(name.clone(), value)),
            Some((outer, inner)) => {
                let nested = object.entry(outer.to_owned()).or_insert_with(|| Json::Object(Map::new()));
                if let Json::Object(nested) = nested {
                    nested.insert(inner.to_owned(), value);
                }
            }
        }
    }
    collapse(&mut object, &mut undetermined);
    (Json::Object(object), undetermined)
}

/// A nested object in which nothing is known is null, and named once.
fn collapse(object: &mut Map<String, Json>, undetermined: &mut Vec<String>) {
    for (name, value) in object.iter_mut() {
        let Json::Object(inner) = value else { continue };
        if !inner.values().all(Json::is_null) {
            continue;
        }
        *value = Json::Null;
        let prefix = format!("benefit.{name}.");
        if let Some(first) = undetermined.iter().position(|path| path.starts_with(&prefix)) {
            undetermined[first] = format!("benefit.{name}");
            undetermined.retain(|path| !path.starts_with(&prefix));
        }
    }
}

/// Money and counts are integers; percents and coefficients decimal strings.
pub fn to_json(name: &str, value: &OutputValue) -> Json {
    match value {
        OutputValue::Number(number) => {
            let whole = ["_vnd", "_months", "_months_max", "count", "_left"]
                .iter()
                .any(|ending| name.ends_with(ending));
            match number.to_i64().filter(|_| whole && number.is_integer()) {
                Some(whole) => whole.into(),
                None => number.normalize().to_string().into(),
            }
        }
        OutputValue::Word(word) => word.clone().into(),
        OutputValue::Bool(value) => (*value).into(),
        OutputValue::Date(day) => day.to_string().into(),
        OutputValue::List(words) => words.clone().into(),
    }
}

/// Each payer's part; the last one takes what rounding leaves, so that the parts add up.
fn paid_by(fields: &Fields, support: &Support) -> Json {
    let (premium, monthly) = (fields.number("premium_vnd"), fields.number("monthly_vnd"));
    let mut left = monthly;
    let last = support.shares.len().saturating_sub(1);
    let parts = support.shares.iter().enumerate().map(|(at, (payer, percent))| {
        let amount = if at == last {
            left
        } else {
            premium.and_then(|premium| Vnd::round_half_up(premium * percent / Decimal::ONE_HUNDRED)).map(|vnd| vnd.0.into())
        };
        left = left.zip(amount).map(|(left, amount)| left - amount);
        let amount = amount.and_then(|amount| amount.to_i64());
        serde_json::json!({ "payer": payer, "percent": percent.normalize().to_string(), "monthly_vnd": amount })
    });
    parts.collect::<Vec<_>>().into()
}
