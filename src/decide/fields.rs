//! The benefit's fields, worked out from outputs, parameters and facts.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::{
    asked::{Asked, Exact},
    said::Said,
    standing::Standing,
    told::{Field, MOST_FIELDS, MOST_OUTPUTS, Output, Told, compare, truth, word},
};
use crate::{
    facts::{Value, Vnd, calendar, named},
    policy::{
        conditions::Truth,
        field_table::{Case, CaseValue, FieldTable, FieldTest, Sum, WordPiece},
        model::Hit,
        program::{RuleBits, Table},
    },
};

/// All fields of a decision for one person on one day.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'p> {
    /// Outputs and fields, by place.
    pub values: [Field<'p>; MOST_FIELDS],
    /// The field cases that gave the values.
    pub used: RuleBits,
    /// The open clause that leaves an amount open, by its place in the decision.
    pub open_clause: Option<usize>,
}

impl Fields<'_> {
    /// A field that is a number.
    pub fn number(&self, at: Option<usize>) -> Option<Decimal> {
        match self.values[at?] {
            Field::Value(Told::Number(number)) => Some(number),
            _ => None,
        }
    }
}

/// Beyond so many combinations of undetermined outputs a field that reads one stays undetermined.
const MOST_COMBINATIONS: usize = 64;

type Outputs<'p> = [Output<'p>; MOST_OUTPUTS];

/// What fields are worked out from.
pub struct Workings<'w, 'p> {
    /// The entitlement.
    pub asked: &'w Asked<'p>,
    /// Its rules of the day.
    pub table: &'p Table,
    /// Its fields of the day.
    pub fields: &'p FieldTable,
    /// The person on the day.
    pub standing: &'w mut Standing,
    /// For what is not known.
    pub exact: &'w mut Exact,
}

impl<'p> Workings<'_, 'p> {
    /// Works out all fields. Where completions differ on an output, a field is known if it comes out the same for all its
    /// possible values.
    pub fn fields(&mut self, said: &Said<'p>) -> Fields<'p> {
        let count = self.asked.decision.outputs.len();
        let mut first = self.with_outputs(said, &said.outputs);
        if !said.outputs[..count].contains(&Output::Undetermined) {
            return first;
        }
        let mut combinations: Vec<Outputs<'p>> = vec![said.outputs];
        for at in (0..count).filter(|at| said.outputs[*at] == Output::Undetermined) {
            let most = MOST_COMBINATIONS / combinations.len().max(1);
            let known = self.exact.of(self.asked, self.table, self.standing);
            let values = self.table.rules.values(self.asked.decision, at, &known.allowed, known.sound, most);
            let Some(values) = values else { return first };
            combinations = combinations
                .iter()
                .flat_map(|outputs| {
                    values.iter().map(move |value| {
                        let mut outputs = *outputs;
                        outputs[at] = value.map_or(Output::Nothing, |value| Output::Value(value.into()));
                        outputs
                    })
                })
                .collect();
        }
        let Some((one, others)) = combinations.split_first() else { return first };
        let mut agreed = self.with_outputs(said, one);
        for outputs in others {
            let way = self.with_outputs(said, outputs);
            for at in 0..self.fields.names.len() {
                let same = match (agreed.values[at], way.values[at]) {
                    (Field::Value(a), Field::Value(b)) => {
                        super::told::same(a, &agreed.values, b, &way.values)
                    }
                    (a, b) => a == b,
                };
                if !same {
                    agreed.values[at] = Field::Undetermined;
                }
            }
        }
        for at in 0..self.fields.names.len() {
            if first.values[at] == Field::Undetermined {
                first.values[at] = agreed.values[at];
            }
        }
        agreed.used.iter().for_each(|case| first.used.set(case, true));
        first
    }

    fn with_outputs(&mut self, said: &Said<'p>, outputs: &Outputs<'p>) -> Fields<'p> {
        let decision = self.asked.decision;
        let mut fields = Fields {
            values: [Field::Undetermined; MOST_FIELDS],
            used: RuleBits::default(),
            open_clause: None,
        };
        for (field, output) in fields.values.iter_mut().zip(&outputs[..decision.outputs.len()]) {
            *field = (*output).into();
        }
        for at in said.opens_yes.iter() {
            let open = self.table.rules.opens[at].open;
            for slot in &self.fields.opened[open] {
                fields.values[*slot] = Field::Open(&decision.opens[open].text);
                fields.open_clause.get_or_insert(open);
            }
        }
        let table = self.fields;
        for (slot, cases) in &table.fields {
            if matches!(fields.values[*slot], Field::Open(_)) {
                continue;
            }
            if let Some(field) = self.field(*slot, cases, &mut fields) {
                fields.values[*slot] = field;
            }
        }
        // An output that says “any” is told only when it is true.
        for (at, output) in decision.outputs.iter().enumerate() {
            if output.hit == Hit::Any && outputs[at] == Output::Nothing {
                fields.values[at] = Field::Omit;
            }
        }
        fields
    }

    /// The first case that holds. `None`: no case speaks of it and it is an output.
    fn field(&mut self, slot: usize, cases: &'p [Case], fields: &mut Fields<'p>) -> Option<Field<'p>> {
        for case in cases {
            let holds = case.when.as_ref().map_or(Truth::Yes, |when| self.test(when, fields));
            match holds {
                Truth::No => {}
                Truth::Unknown => return Some(Field::Undetermined),
                Truth::Yes => {
                    fields.used.set(case.case, true);
                    return Some(self.value(&case.value, fields));
                }
            }
        }
        (slot >= self.asked.decision.outputs.len()).then_some(Field::Undetermined)
    }

    fn test(&mut self, test: &FieldTest, fields: &Fields<'p>) -> Truth {
        match test {
            FieldTest::Facts(clause) => self.standing.truth(self.asked.policy, *clause),
            FieldTest::Output(at, op, asked) => match fields.values[*at] {
                Field::Value(pieces @ Told::Pieces(_)) => {
                    let word = word(pieces, &fields.values);
                    word.is_some_and(|word| compare(Told::Word(&word), *op, asked)).into()
                }
                field => truth(field, |got| compare(got, *op, asked)),
            },
            FieldTest::OutputIn(at, words) => {
                let among = |got: Told<'_>| match got {
                    Told::Word(word) => words.iter().any(|known| known == word),
                    other => word(other, &fields.values).is_some_and(|word| words.contains(&word)),
                };
                truth(fields.values[*at], among)
            }
            FieldTest::Not(inner) => self.test(inner, fields).negate(),
            FieldTest::All(parts) => {
                let mut all = Truth::Yes;
                for part in parts {
                    all = all.and(self.test(part, fields));
                    if all == Truth::No {
                        break;
                    }
                }
                all
            }
            FieldTest::Any(parts) => {
                let mut any = Truth::No;
                for part in parts {
                    any = any.or(self.test(part, fields));
                    if any == Truth::Yes {
                        break;
                    }
                }
                any
            }
        }
    }

    fn value(&self, value: &'p CaseValue, fields: &Fields<'p>) -> Field<'p> {
        let known = |day: NaiveDate| Field::Value(Told::Date(day));
        match value {
            CaseValue::Sum(sum) => match self.sum(sum, fields) {
                Ok(number) => Field::Value(Told::Number(number)),
                Err(field) => field,
            },
            CaseValue::Born => match self.standing.prepared.profile.get(named().born_on) {
                Some(Value::Date(born)) => born.exact().map_or(Field::Undetermined, known),
                _ => Field::Undetermined,
            },
            CaseValue::CardEnd { months, month_day } => {
                let end = |born| calendar::child_card_end(born, *months, *month_day);
                match self.standing.prepared.profile.get(named().born_on) {
                    Some(Value::Date(born)) if end(born.earliest()) == end(born.latest()) => {
                        known(end(born.earliest()))
                    }
                    _ => Field::Undetermined,
                }
            }
            CaseValue::EndOfYear => {
                NaiveDate::from_ymd_opt(self.standing.day().year(), 12, 31).map_or(Field::Undetermined, known)
            }
            CaseValue::Word(pieces) => {
                let settled = |piece: &WordPiece| match piece {
                    WordPiece::Literal(_) => true,
                    WordPiece::Field(at) => {
                        matches!(fields.values[*at], Field::Value(Told::Word(_) | Told::Number(_)))
                    }
                };
                if pieces.iter().all(settled) {
                    Field::Value(Told::Pieces(pieces))
                } else {
                    Field::Undetermined
                }
            }
            CaseValue::Fixed(value) => Field::Value(value.into()),
            CaseValue::Open(text) => Field::Open(text),
            CaseValue::Undetermined => Field::Undetermined,
            CaseValue::None => Field::Nothing,
            CaseValue::Omit => Field::Omit,
        }
    }

    /// `Err`: undetermined, open or nothing.
    fn sum(&self, sum: &'p Sum, fields: &Fields<'p>) -> Result<Decimal, Field<'p>> {
        let both = |a: &'p Sum, b: &'p Sum, op: fn(Decimal, Decimal) -> Option<Decimal>| {
            op(self.sum(a, fields)?, self.sum(b, fields)?).ok_or(Field::Undetermined)
        };
        match sum {
            Sum::Number(number) => Ok(*number),
            Sum::Unpublished(text) => Err(Field::Open(text)),
            Sum::Undetermined => Err(Field::Undetermined),
            Sum::Field(at) => match fields.values[*at] {
                Field::Value(Told::Number(number)) => Ok(number),
                open @ Field::Open(_) => Err(open),
                Field::Nothing | Field::Omit => Err(Field::Nothing),
                _ => Err(Field::Undetermined),
            },
            Sum::Fact(fact) => match self.standing.prepared.profile.get(*fact) {
                Some(Value::Number(number)) => Ok((*number).into()),
                _ => Err(Field::Undetermined),
            },
            Sum::Add(a, b) => both(a, b, |a, b| a.checked_add(b)),
            Sum::Sub(a, b) => both(a, b, |a, b| a.checked_sub(b)),
            Sum::Mul(a, b) => both(a, b, |a, b| a.checked_mul(b)),
            Sum::Div(a, b) => both(a, b, |a, b| a.checked_div(b)),
            Sum::Min(a, b) => both(a, b, |a, b| Some(a.min(b))),
            Sum::Max(a, b) => both(a, b, |a, b| Some(a.max(b))),
            Sum::Round(inner) => {
                let amount = self.sum(inner, fields)?;
                Vnd::round_half_up(amount).map(|vnd| vnd.0.into()).ok_or(Field::Undetermined)
            }
        }
    }
}
