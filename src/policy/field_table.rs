//! The fields of a benefit on days with the same law: names are places, parameters are numbers.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    clauses::{ClauseIdx, Clauses, TooMany},
    conditions::{Node, NodeIdx, OutputValue},
    model::{Calc, DateCalc, Decision, FieldValue, Pack, ParameterAmount, Piece},
    syntax::Op,
};
use crate::facts::{FactId, Text, named};

/// The most outputs and fields of a decision together; the loader refuses more.
pub const MOST_FIELDS: usize = 48;

/// The most outputs of a decision.
pub const MOST_OUTPUTS: usize = 12;

/// When a case of a field counts.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldTest {
    /// A condition on facts.
    Facts(ClauseIdx),
    /// An output or earlier field compares so.
    Output(usize, Op, OutputValue),
    /// An output or earlier field is one of the words.
    OutputIn(usize, Vec<String>),
    Not(Box<FieldTest>),
    All(Vec<FieldTest>),
    Any(Vec<FieldTest>),
}

/// An amount, as far as the law of the days gives it.
#[derive(Debug, Clone, PartialEq)]
pub enum Sum {
    Number(Decimal),
    /// A number that has been announced but not published.
    Unpublished(Text),
    /// A parameter that is no number.
    Undetermined,
    /// An output or earlier field.
    Field(usize),
    /// A number among the facts.
    Fact(FactId),
    Add(Box<Sum>, Box<Sum>),
    Sub(Box<Sum>, Box<Sum>),
    Mul(Box<Sum>, Box<Sum>),
    Div(Box<Sum>, Box<Sum>),
    Min(Box<Sum>, Box<Sum>),
    Max(Box<Sum>, Box<Sum>),
    /// Half up to whole đồng.
    Round(Box<Sum>),
}

/// A piece of a word that is put together.
#[derive(Debug, Clone, PartialEq)]
pub enum WordPiece {
    Literal(String),
    Field(usize),
}

/// What a field shows in a case.
#[derive(Debug, Clone, PartialEq)]
pub enum CaseValue {
    Sum(Sum),
    Born,
    CardEnd {
        months: u32,
        month_day: (u32, u32),
    },
    EndOfYear,
    Word(Vec<WordPiece>),
    Fixed(OutputValue),
    /// The law does not say.
    Open(Text),
    Undetermined,
    None,
    Omit,
}

/// A case of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// When it counts; always without one.
    pub when: Option<FieldTest>,
    /// What it shows.
    pub value: CaseValue,
    /// Its place among the decision's field cases.
    pub case: usize,
}

/// How the benefit is told: a field, or an object with fields in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Layout {
    /// Name and place.
    Field(String, usize),
    /// Who pays what.
    PaidBy,
    /// Name of the object; names and places in it.
    Object(String, Vec<(String, usize)>),
}

/// The fields of a decision on days with the same law.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FieldTable {
    /// Names by place: the outputs first.
    pub names: Vec<String>,
    /// Fields with their cases, in the order in which they are worked out.
    pub fields: Vec<(usize, Vec<Case>)>,
    /// How the benefit is told.
    pub layout: Vec<Layout>,
    /// Place of the field that `under_law` repeats.
    pub headline: usize,
    /// Places of the premium and of the support, of which the payers' parts are made.
    pub premium: Option<usize>,
    /// See `premium`.
    pub monthly: Option<usize>,
    /// Whether a field shows the end of the calendar year.
    pub year_ends: bool,
    /// For each open clause of the decision, the places of the fields that it leaves open.
    pub opened: Vec<Vec<usize>>,
    /// Places of what the benefit shows, in its order.
    pub told: Vec<usize>,
    /// Places of outputs that are told as they are: no case of a field speaks of them.
    pub plain: Vec<usize>,
    /// Words of answers that the fields' conditions read.
    pub slots: Vec<u16>,
    /// Facts that the fields read, beside the outputs.
    pub facts: Vec<FactId>,
}

impl FieldTable {
    /// Makes the fields of a decision ready for a day and all days with the same law.
    ///
    /// # Errors
    /// When a condition has too many alternatives.
    pub fn build(
        pack: &Pack,
        decision: &Decision,
        day: NaiveDate,
        clauses: &mut Clauses,
    ) -> Result<Self, TooMany> {
        let mut names: Vec<String> = decision.outputs.iter().map(|output| output.name.clone()).collect();
        let cases = decision.field_cases.iter().map(|case| &case.id);
        let opened = decision.opens.iter().flat_map(|open| &open.fields);
        for name in cases.chain(&decision.fields).chain(opened) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        if names.len() > MOST_FIELDS
            || decision.outputs.len() > MOST_OUTPUTS
            || decision.field_cases.len() > super::program::RuleBits::MOST
        {
            return Err(TooMany);
        }
        let mut table = Self { names, headline: decision.headline.at(), ..Self::default() };
        for (at, case) in decision.field_cases.iter().enumerate() {
            let slot = table.place(&case.id);
            let Some(value) = table.value(pack, &case.value, day) else { continue };
            let when = case.when.map(|when| table.test(pack, when, day, clauses)).transpose()?;
            let case = Case { when, value, case: at };
            match table.fields.iter_mut().find(|(other, _)| *other == slot) {
                Some((_, cases)) => cases.push(case),
                None => table.fields.push((slot, vec![case])),
            }
        }
        // A field whose only cases read a price that is no longer sold is still a field.
        for case in &decision.field_cases {
            let slot = table.place(&case.id);
            if !table.fields.iter().any(|(other, _)| *other == slot) {
                table.fields.push((slot, Vec::new()));
            }
        }
        let mut facts = Vec::new();
        for case in table.fields.iter().flat_map(|(_, cases)| cases) {
            case.when.iter().for_each(|when| when.facts(clauses, &mut facts));
            case.value.facts(&mut facts);
        }
        facts.sort_unstable();
        facts.dedup();
        let slots = facts.iter().flat_map(|fact| clauses.atoms.of(*fact));
        table.slots = slots.filter_map(|slot| u16::try_from(slot).ok()).collect();
        table.facts = facts;
        for name in &decision.fields {
            let slot = table.place(name);
            table.told.push(slot);
            match name.split_once('.') {
                _ if name == "paid_by" => table.layout.push(Layout::PaidBy),
                None => table.layout.push(Layout::Field(name.clone(), slot)),
                Some((outer, inner)) => {
                    let known = table.layout.iter_mut().find_map(|part| match part {
                        Layout::Object(name, fields) if name == outer => Some(fields),
                        _ => None,
                    });
                    match known {
                        Some(fields) => fields.push((inner.to_owned(), slot)),
                        None => table
                            .layout
                            .push(Layout::Object(outer.to_owned(), vec![(inner.to_owned(), slot)])),
                    }
                }
            }
        }
        let mut values = table.fields.iter().flat_map(|(_, cases)| cases).map(|case| &case.value);
        table.year_ends = values.any(|value| *value == CaseValue::EndOfYear);
        table.plain = (0..decision.outputs.len())
            .filter(|at| table.told.contains(at) && !table.fields.iter().any(|(slot, _)| slot == at))
            .collect();
        let find = |name: &str| table.names.iter().position(|known| known == name);
        (table.premium, table.monthly) = (find("premium_vnd"), find("monthly_vnd"));
        table.opened = decision
            .opens
            .iter()
            .map(|open| open.fields.iter().map(|name| table.place(name)).collect())
            .collect();
        Ok(table)
    }

    fn place(&self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or(0)
    }

    /// `None` where a parameter has no value on the day: the next case speaks.
    fn value(&self, pack: &Pack, value: &FieldValue, day: NaiveDate) -> Option<CaseValue> {
        Some(match value {
            FieldValue::Calc(calc) => CaseValue::Sum(self.sum(pack, calc, day)?),
            FieldValue::Date(DateCalc::Born) => CaseValue::Born,
            FieldValue::Date(DateCalc::CardEnd { months, month_day }) => CaseValue::CardEnd {
                months: pack.quantity(*months, day).and_then(|months| u32::try_from(months).ok())?,
                month_day: pack.month_day(*month_day, day)?,
            },
            FieldValue::Date(DateCalc::EndOfYear) => CaseValue::EndOfYear,
            FieldValue::Date(DateCalc::Fixed(fixed)) => CaseValue::Fixed(OutputValue::Date(*fixed)),
            FieldValue::Date(DateCalc::Parameter(at)) => match pack.parameter_on(*at, day)?.amount {
                ParameterAmount::Day(day) => CaseValue::Fixed(OutputValue::Date(day)),
                _ => CaseValue::Undetermined,
            },
            FieldValue::Text(pieces) => match self.word(pack, pieces, day) {
                Some(pieces) => CaseValue::Word(pieces),
                None => CaseValue::Undetermined,
            },
            FieldValue::Fixed(value) => CaseValue::Fixed(value.clone()),
            FieldValue::Open(text) => CaseValue::Open(text.clone()),
            FieldValue::Undetermined => CaseValue::Undetermined,
            FieldValue::None => CaseValue::None,
            FieldValue::Omit => CaseValue::Omit,
        })
    }

    fn word(&self, pack: &Pack, pieces: &[Piece], day: NaiveDate) -> Option<Vec<WordPiece>> {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => Some(WordPiece::Literal(text.clone())),
            Piece::Output(name) => Some(WordPiece::Field(self.place(name))),
            Piece::Parameter(at) => Some(WordPiece::Literal(pack.number(*at, day)?.normalize().to_string())),
            Piece::Fact(_) | Piece::Age => None,
        };
        pieces.iter().map(piece).collect()
    }

    fn sum(&self, pack: &Pack, calc: &Calc, day: NaiveDate) -> Option<Sum> {
        let sum = |calc: &Calc| Some(Box::new(self.sum(pack, calc, day)?));
        let made = match calc {
            Calc::Number(number) => Sum::Number(*number),
            Calc::Parameter(at) => match &pack.parameter_on(*at, day)?.amount {
                ParameterAmount::Number(number) => Sum::Number(*number),
                ParameterAmount::Unknown => {
                    let label = &pack.parameter(*at).label;
                    Sum::Unpublished(Text::new(
                        format!("Chưa công bố {} cho ngày này.", label.vi),
                        format!("The {} for this day has not been published.", label.en),
                    ))
                }
                _ => Sum::Undetermined,
            },
            Calc::Name(name) => Sum::Field(self.place(name)),
            Calc::Fact(fact) => Sum::Fact(*fact),
            Calc::Add(a, b) => Sum::Add(sum(a)?, sum(b)?),
            Calc::Sub(a, b) => Sum::Sub(sum(a)?, sum(b)?),
            Calc::Mul(a, b) => Sum::Mul(sum(a)?, sum(b)?),
            Calc::Div(a, b) => Sum::Div(sum(a)?, sum(b)?),
            Calc::Min(a, b) => Sum::Min(sum(a)?, sum(b)?),
            Calc::Max(a, b) => Sum::Max(sum(a)?, sum(b)?),
            Calc::Round(inner) => Sum::Round(sum(inner)?),
        };
        Some(made.folded())
    }

    fn test(
        &self,
        pack: &Pack,
        at: NodeIdx,
        day: NaiveDate,
        clauses: &mut Clauses,
    ) -> Result<FieldTest, TooMany> {
        if !asks_outputs(pack, at) {
            return Ok(FieldTest::Facts(clauses.add(pack, at, day)?));
        }
        let mut parts = |parts: &[NodeIdx]| {
            parts.iter().map(|part| self.test(pack, *part, day, clauses)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match pack.conditions.get(at) {
            Node::All(all) => FieldTest::All(parts(all)?),
            Node::Any(any) => FieldTest::Any(parts(any)?),
            Node::Not(inner) => FieldTest::Not(Box::new(self.test(pack, *inner, day, clauses)?)),
            Node::Output { name, op, value } => FieldTest::Output(self.place(name), *op, value.clone()),
            Node::OutputIn { name, words } => FieldTest::OutputIn(self.place(name), words.clone()),
            Node::Always | Node::Test(_) | Node::Category(_) => FieldTest::Facts(clauses.add(pack, at, day)?),
        })
    }
}

fn asks_outputs(pack: &Pack, at: NodeIdx) -> bool {
    match pack.conditions.get(at) {
        Node::Output { .. } | Node::OutputIn { .. } => true,
        Node::Not(inner) => asks_outputs(pack, *inner),
        Node::All(parts) | Node::Any(parts) => parts.iter().any(|part| asks_outputs(pack, *part)),
        Node::Always | Node::Test(_) | Node::Category(_) => false,
    }
}

impl FieldTest {
    fn facts(&self, clauses: &Clauses, found: &mut Vec<FactId>) {
        match self {
            Self::Facts(clause) => found.extend(&clauses.get(*clause).facts),
            Self::Output(..) | Self::OutputIn(..) => {}
            Self::Not(inner) => inner.facts(clauses, found),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.facts(clauses, found));
            }
        }
    }
}

impl CaseValue {
    fn facts(&self, found: &mut Vec<FactId>) {
        match self {
            Self::Sum(sum) => sum.facts(found),
            Self::Born | Self::CardEnd { .. } => found.push(named().born_on),
            _ => {}
        }
    }
}

impl Sum {
    fn facts(&self, found: &mut Vec<FactId>) {
        match self {
            Self::Fact(fact) => found.push(*fact),
            Self::Add(a, b)
            | Self::Sub(a, b)
            | Self::Mul(a, b)
            | Self::Div(a, b)
            | Self::Min(a, b)
            | Self::Max(a, b) => {
                a.facts(found);
                b.facts(found);
            }
            Self::Round(inner) => inner.facts(found),
            Self::Number(_) | Self::Unpublished(_) | Self::Undetermined | Self::Field(_) => {}
        }
    }

    /// What the law alone settles is settled once.
    fn folded(self) -> Self {
        let join = |a: &Self, b: &Self, op: fn(Decimal, Decimal) -> Option<Decimal>| match (a, b) {
            (Self::Number(a), Self::Number(b)) => op(*a, *b).map(Self::Number),
            _ => None,
        };
        let known = match &self {
            Self::Add(a, b) => join(a, b, |a, b| a.checked_add(b)),
            Self::Sub(a, b) => join(a, b, |a, b| a.checked_sub(b)),
            Self::Mul(a, b) => join(a, b, |a, b| a.checked_mul(b)),
            Self::Div(a, b) => join(a, b, |a, b| a.checked_div(b)),
            Self::Round(inner) => match inner.as_ref() {
                Self::Number(number) => {
                    crate::facts::Vnd::round_half_up(*number).map(|vnd| Self::Number(vnd.0.into()))
                }
                _ => None,
            },
            _ => None,
        };
        known.unwrap_or(self)
    }
}
