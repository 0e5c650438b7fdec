//! What a field can be worth, and the values that calculations, texts and days come to.

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use super::space::Space;
use crate::{
    facts::Vnd,
    policy::{
        conditions::OutputValue,
        diagram::{Ref, TooLarge},
        model::{Calc, DateCalc, FieldCase, FieldValue, ParameterAmount, Piece},
    },
};

/// What is known of a field for somebody whose facts are all known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Worth {
    Known(Option<OutputValue>),
    Undetermined,
    Open,
    Omit,
}

/// The fields worked out so far: by name a diagram that ends in places of `worths`.
#[derive(Default)]
pub struct Fields {
    worths: Vec<Worth>,
    places: FxHashMap<Worth, u32>,
    names: FxHashMap<String, Ref>,
}

impl Fields {
    /// The terminal of a worth.
    pub fn place(&mut self, worth: Worth) -> u32 {
        if let Some(place) = self.places.get(&worth) {
            return *place;
        }
        let place = u32::try_from(self.worths.len()).unwrap_or(u32::MAX >> 2);
        self.places.insert(worth.clone(), place);
        self.worths.push(worth);
        place
    }

    /// The terminal of a worth as a diagram.
    pub fn end(&mut self, worth: Worth) -> Ref {
        Ref::terminal(self.place(worth))
    }

    /// What a terminal stands for.
    pub fn worth(&self, place: u32) -> &Worth {
        self.worths.get(place as usize).unwrap_or(&Worth::Undetermined)
    }

    /// An output or field; one of which nothing is known yet is undetermined.
    pub fn get(&mut self, name: &str) -> Ref {
        match self.names.get(name) {
            Some(known) => *known,
            None => self.end(Worth::Undetermined),
        }
    }

    /// Learns an output or field.
    pub fn set(&mut self, name: &str, diagram: Ref) {
        self.names.insert(name.to_owned(), diagram);
    }

    /// What a case shows; `None` where a parameter has no value and the case is passed over.
    pub fn shown(&mut self, space: &mut Space<'_>, case: &FieldCase) -> Result<Option<Ref>, TooLarge> {
        Ok(Some(match &case.value {
            FieldValue::Calc(calc) => return self.calc(space, calc),
            FieldValue::Date(date) => return Ok(self.date(space, date)),
            FieldValue::Text(pieces) => self.text(space, pieces)?,
            FieldValue::Fixed(value) => self.end(Worth::Known(Some(value.clone()))),
            FieldValue::Open(_) => self.end(Worth::Open),
            FieldValue::Undetermined => self.end(Worth::Undetermined),
            FieldValue::None => self.end(Worth::Known(None)),
            FieldValue::Omit => self.end(Worth::Omit),
        }))
    }

    /// A day: no condition tells one from another.
    fn date(&mut self, space: &Space<'_>, date: &DateCalc) -> Option<Ref> {
        let day = space.group.stretches[0].from;
        let known = match date {
            DateCalc::Born | DateCalc::EndOfYear | DateCalc::Fixed(_) => true,
            DateCalc::CardEnd { months, month_day } => {
                space.pack.quantity(*months, day)?;
                space.pack.month_day(*month_day, day)?;
                true
            }
            DateCalc::Parameter(at) => {
                matches!(space.pack.parameter_on(*at, day)?.amount, ParameterAmount::Day(_))
            }
        };
        let some_day = OutputValue::Date(day);
        Some(self.end(if known { Worth::Known(Some(some_day)) } else { Worth::Undetermined }))
    }

    fn text(&mut self, space: &mut Space<'_>, pieces: &[Piece]) -> Result<Ref, TooLarge> {
        let mut all = self.end(Worth::Known(Some(OutputValue::word(""))));
        for piece in pieces {
            let next = match piece {
                Piece::Literal(text) => self.end(Worth::Known(Some(OutputValue::word(text)))),
                Piece::Output(name) => self.get(name),
                Piece::Parameter(at) => {
                    let number = space.pack.number(*at, space.group.stretches[0].from);
                    let number = number.map(|number| Worth::Known(Some(OutputValue::Number(number))));
                    self.end(number.unwrap_or(Worth::Undetermined))
                }
                Piece::Fact(_) | Piece::Age => self.end(Worth::Undetermined),
            };
            all = self.join(space, all, next, |a, b| {
                let words = |worth: &Worth| match worth {
                    Worth::Known(Some(OutputValue::Word(word))) => Some(word.to_string()),
                    Worth::Known(Some(OutputValue::Number(number))) => Some(number.normalize().to_string()),
                    _ => None,
                };
                match (words(a), words(b)) {
                    (Some(a), Some(b)) => Worth::Known(Some(OutputValue::word(&(a + &b)))),
                    _ => Worth::Undetermined,
                }
            })?;
        }
        Ok(all)
    }

    fn calc(&mut self, space: &mut Space<'_>, calc: &Calc) -> Result<Option<Ref>, TooLarge> {
        let number = |number: Decimal| Worth::Known(Some(OutputValue::Number(number)));
        Ok(Some(match calc {
            Calc::Number(fixed) => self.end(number(*fixed)),
            Calc::Parameter(at) => {
                let Some(value) = space.pack.parameter_on(*at, space.group.stretches[0].from) else {
                    return Ok(None);
                };
                let worth = match &value.amount {
                    ParameterAmount::Number(value) => number(*value),
                    ParameterAmount::Unknown => Worth::Open,
                    _ => Worth::Undetermined,
                };
                self.end(worth)
            }
            Calc::Name(name) => {
                let named = self.get(name);
                self.map(space, named, |worth| match worth {
                    Worth::Known(Some(OutputValue::Number(_))) | Worth::Open => worth.clone(),
                    Worth::Known(None) | Worth::Omit => Worth::Known(None),
                    _ => Worth::Undetermined,
                })?
            }
            // Whatever the number: the proofs ask whether a case gives the field, not how much.
            Calc::Fact(_) => self.end(Worth::Undetermined),
            Calc::Add(a, b) => return self.both(space, a, b, Decimal::checked_add),
            Calc::Sub(a, b) => return self.both(space, a, b, Decimal::checked_sub),
            Calc::Mul(a, b) => return self.both(space, a, b, Decimal::checked_mul),
            Calc::Div(a, b) => return self.both(space, a, b, Decimal::checked_div),
            Calc::Min(a, b) => return self.both(space, a, b, |a, b| Some(a.min(b))),
            Calc::Max(a, b) => return self.both(space, a, b, |a, b| Some(a.max(b))),
            Calc::Round(inner) => {
                let Some(inner) = self.calc(space, inner)? else { return Ok(None) };
                self.map(space, inner, |worth| match worth {
                    Worth::Known(Some(OutputValue::Number(amount))) => {
                        Vnd::round_half_up(*amount).map_or(Worth::Undetermined, |vnd| number(vnd.0.into()))
                    }
                    other => other.clone(),
                })?
            }
        }))
    }

    fn both(
        &mut self,
        space: &mut Space<'_>,
        a: &Calc,
        b: &Calc,
        op: fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Result<Option<Ref>, TooLarge> {
        let (Some(a), Some(b)) = (self.calc(space, a)?, self.calc(space, b)?) else { return Ok(None) };
        let joined = self.join(space, a, b, |a, b| {
            let (Worth::Known(Some(OutputValue::Number(x))), Worth::Known(Some(OutputValue::Number(y)))) =
                (a, b)
            else {
                // The first that is no number says what comes out.
                let a_is_number = matches!(a, Worth::Known(Some(OutputValue::Number(_))));
                return if a_is_number { b.clone() } else { a.clone() };
            };
            op(*x, *y).map_or(Worth::Undetermined, |number| Worth::Known(Some(OutputValue::Number(number))))
        })?;
        Ok(Some(joined))
    }

    /// Changes a worth for everybody.
    pub fn map(
        &mut self,
        space: &mut Space<'_>,
        diagram: Ref,
        to: impl Fn(&Worth) -> Worth,
    ) -> Result<Ref, TooLarge> {
        space.diagrams.map(diagram, &mut |place| {
            let other = to(self.worth(place));
            self.place(other)
        })
    }

    fn join(
        &mut self,
        space: &mut Space<'_>,
        a: Ref,
        b: Ref,
        to: impl Fn(&Worth, &Worth) -> Worth,
    ) -> Result<Ref, TooLarge> {
        space.diagrams.combine(a, b, &mut |a, b| {
            let worth = to(self.worth(a), self.worth(b));
            self.place(worth)
        })
    }
}
