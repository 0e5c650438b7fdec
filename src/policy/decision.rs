//! One entitlement's law, compiled.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    conditions::{NodeIdx, OutputValue, Quantity},
    model::{CategoryIdx, Cite, OutputIdx, Pack, ParameterIdx, RuleIdx},
    raw::{Authority, Confidence, Days, Side},
    syntax::Op,
};
use crate::facts::{FactId, Text};

/// How an output is found when several rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// First holding rule by tier and rank.
    Priority,
    /// Highest within the first tier that has a holding rule, then what adds to the rule chosen.
    TierMaxThenAdd,
    /// Highest over all holding rules.
    Max,
    /// The group of the rule that gives the highest of another output.
    ArgMax(OutputIdx),
    /// True when any holding rule says so.
    Any,
}

/// An output of a decision.
#[derive(Debug)]
pub struct Output {
    /// As written in `then`.
    pub name: String,
    /// How it is found.
    pub hit: Hit,
}

/// What a rule sets an output to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Always the same.
    Fixed(OutputValue),
    /// The parameter's value on the day.
    Parameter(ParameterIdx),
}

/// A piece of a text with blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Literal(String),
    /// What the rule sets an output to, or a working value of a field.
    Output(String),
    /// A parameter of the day.
    Parameter(ParameterIdx),
    /// What is known of the person.
    Fact(FactId),
    /// Completed years.
    Age,
}

/// A text with blanks, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// Vietnamese.
    pub vi: Vec<Piece>,
    /// English.
    pub en: Vec<Piece>,
}

impl Template {
    /// The text with its blanks named, as a lawyer reads it.
    pub fn with_blanks(&self, pack: &Pack) -> Text {
        let write = |pieces: &[Piece]| -> String {
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => text.clone(),
                    Piece::Output(name) => format!("{{{name}}}"),
                    Piece::Parameter(at) => format!("{{${}}}", pack.parameter(*at).id),
                    Piece::Fact(fact) => format!("{{{}}}", crate::facts::vocabulary().get(*fact).name()),
                    Piece::Age => "{age}".into(),
                })
                .collect()
        };
        Text { vi: write(&self.vi), en: write(&self.en) }
    }
}

/// What an adding rule adds to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddsTo {
    /// These rules.
    pub rules: Vec<RuleIdx>,
    /// Any rule of these tiers.
    pub tiers: Vec<usize>,
}

/// A rule of a decision. The closing answer is the last one.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// Place of its tier in the decision's list, for a base rule.
    pub tier: usize,
    /// Order of the law inside the tier.
    pub rank: i64,
    /// What it adds to; `None` for a base rule.
    pub adds_to: Option<AddsTo>,
    /// Rules that it beats whatever their rank.
    pub over: Vec<RuleIdx>,
    /// When it holds.
    pub when: NodeIdx,
    /// What it sets.
    pub then: Vec<(OutputIdx, Setting)>,
    /// Who pays the support it gives.
    pub payer: Option<String>,
    /// The sum is cut here.
    pub cap_total: Decimal,
    /// Where it stands in the law.
    pub cites: Vec<Cite>,
    /// Law or plan.
    pub authority: Authority,
    /// How well it was verified.
    pub confidence: Confidence,
    /// Days on which it applies.
    pub valid: Days,
    /// What it says when it holds.
    pub text: Template,
    /// What it says when it does not.
    pub unmet: Text,
    /// Parameters that its condition and outputs read.
    pub parameters: Vec<ParameterIdx>,
}

/// A place in a file of the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Place of the file in the pack's list.
    pub file: usize,
    /// Byte offset.
    pub offset: usize,
}

/// Something the law leaves open.
#[derive(Debug)]
pub struct Open {
    /// Its name.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// When it matters.
    pub when: NodeIdx,
    /// Which answers it puts in doubt.
    pub side: Side,
    /// Whether it puts the outcome in doubt.
    pub outcome: bool,
    /// Outputs and fields that it puts in doubt.
    pub fields: Vec<String>,
    /// Where it stands in the law.
    pub cites: Vec<Cite>,
    /// Law or plan.
    pub authority: Authority,
    /// How well it was verified.
    pub confidence: Confidence,
    /// Days.
    pub valid: Days,
    /// What is open.
    pub text: Text,
}

/// A calculation of an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calc {
    Number(Decimal),
    Parameter(ParameterIdx),
    /// An output or an earlier field.
    Name(String),
    /// A number among the facts; undetermined while it is unknown.
    Fact(FactId),
    Add(Box<Calc>, Box<Calc>),
    Sub(Box<Calc>, Box<Calc>),
    Mul(Box<Calc>, Box<Calc>),
    Div(Box<Calc>, Box<Calc>),
    Min(Box<Calc>, Box<Calc>),
    Max(Box<Calc>, Box<Calc>),
    /// Half up to whole đồng.
    Round(Box<Calc>),
}

/// A day that a field shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateCalc {
    Born,
    CardEnd { months: Quantity, month_day: ParameterIdx },
    EndOfYear,
    Fixed(NaiveDate),
    Parameter(ParameterIdx),
}

/// What a field shows in one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    Calc(Calc),
    Date(DateCalc),
    Text(Vec<Piece>),
    Fixed(OutputValue),
    /// The law does not say; the text says what is missing.
    Open(Text),
    /// Not settled by what is known.
    Undetermined,
    /// Settled: none.
    None,
    /// The member is left out.
    Omit,
}

/// One case of a field; the first that holds counts.
#[derive(Debug)]
pub struct FieldCase {
    /// The field's name.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// When it counts.
    pub when: Option<NodeIdx>,
    /// What it shows.
    pub value: FieldValue,
    /// Where it stands in the law.
    pub cites: Vec<Cite>,
    /// How well it was verified.
    pub confidence: Option<Confidence>,
    /// Parameters that it reads.
    pub parameters: Vec<ParameterIdx>,
}

/// A test that stands beside the rules.
#[derive(Debug)]
pub struct PackTest {
    pub name: String,
    pub place: Place,
    pub as_of: NaiveDate,
    pub authority: Authority,
    pub given: serde_json::Value,
    pub want: toml::Table,
}

/// One entitlement's law.
#[derive(Debug)]
pub struct Decision {
    /// The entitlement's id.
    pub id: String,
    /// For people.
    pub title: Text,
    /// Days for which an answer is promised.
    pub covers: Days,
    /// Before this day the benefit did not exist.
    pub introduced: Option<NaiveDate>,
    /// The output that `under_law` repeats.
    pub headline: OutputIdx,
    /// The right exists when this output compares so.
    pub entitled: (OutputIdx, Op, OutputValue),
    /// Said behind the text of a base rule that gives an output without deciding.
    pub added_note: Option<Text>,
    /// Names of the tiers, in the order of the law.
    pub tiers: Vec<String>,
    /// What the benefit shows, in order.
    pub fields: Vec<String>,
    /// Outputs.
    pub outputs: Vec<Output>,
    /// Rules; the last is the closing answer.
    pub rules: Vec<Rule>,
    /// What the law leaves open.
    pub opens: Vec<Open>,
    /// Fields worked out from outputs, parameters and facts.
    pub field_cases: Vec<FieldCase>,
    /// Tests.
    pub tests: Vec<PackTest>,
    /// Categories that its rules read, in pack order.
    pub categories: Vec<CategoryIdx>,
}

impl Decision {
    /// Finds an output.
    pub fn output(&self, name: &str) -> Option<OutputIdx> {
        let at = self.outputs.iter().position(|output| output.name == name)?;
        u16::try_from(at).ok().map(OutputIdx)
    }

    /// A rule.
    pub fn rule(&self, at: RuleIdx) -> &Rule {
        &self.rules[at.at()]
    }

    /// Every rule with its place.
    pub fn rules(&self) -> impl Iterator<Item = (RuleIdx, &Rule)> {
        (0..).map(RuleIdx).zip(&self.rules)
    }

    /// The closing answer.
    pub fn otherwise(&self) -> RuleIdx {
        RuleIdx(u16::try_from(self.rules.len().saturating_sub(1)).unwrap_or(u16::MAX))
    }
}
