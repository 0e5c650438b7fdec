//! The TOML as it stands in the files, before names mean anything.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::facts::Text;

/// How well a text was verified; the weakest of a deciding path is shown with the answer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// From memory; not verified.
    Unverified,
    /// Follows from verified facts.
    Inferred,
    /// Press, agency page or public notes that restate the law.
    Secondary,
    /// The legal text was read.
    Seen,
}

impl Confidence {
    /// As told in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Inferred => "inferred",
            Self::Secondary => "secondary",
            Self::Seen => "seen",
        }
    }
}

/// What a rule rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// Law in force.
    #[default]
    Law,
    /// The promise of Plan 181/KH-UBND.
    Plan,
}

/// Who can pay, as the answers name them.
pub const PAYERS: [&str; 3] = ["state_budget", "city_budget", "social_insurance_agency"];

/// A stretch of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Days {
    /// Whether the day lies inside.
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawText {
    pub vi: String,
    pub en: String,
}

impl From<RawText> for Text {
    fn from(raw: RawText) -> Self {
        Self { vi: raw.vi, en: raw.en }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Day(pub NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let when = toml::value::Datetime::deserialize(deserializer)?;
        let day = when.date.filter(|_| when.time.is_none() && when.offset.is_none());
        day.and_then(|day| {
            NaiveDate::from_ymd_opt(i32::from(day.year), u32::from(day.month), u32::from(day.day))
        })
        .map(Self)
        .ok_or_else(|| serde::de::Error::custom("a day is written 2026-01-31, without quotes"))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDays {
    pub from: Option<Day>,
    pub to: Option<Day>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPack {
    pub id: String,
    pub version: String,
    pub title: RawText,
    pub covers: RawDays,
    pub approval: Option<RawApproval>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawApproval {
    pub by: RawText,
    pub on: Day,
    pub applies_from: Day,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSources {
    #[serde(default)]
    pub source: Vec<Spanned<RawSource>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    pub id: Spanned<String>,
    pub number: String,
    pub title: RawText,
    pub issuer: RawText,
    pub issued: Option<Day>,
    pub effective: Option<Day>,
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub url: Option<String>,
    #[serde(default)]
    pub replaces: Vec<Spanned<String>>,
    pub amends: Option<Spanned<String>>,
    pub confidence: Confidence,
    #[serde(default)]
    pub amended_by: Vec<RawAmendment>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAmendment {
    pub source: Spanned<String>,
    pub from: Day,
    pub read: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawParameters {
    #[serde(default)]
    pub parameter: Vec<Spanned<RawParameter>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawParameter {
    pub id: Spanned<String>,
    pub unit: Spanned<String>,
    pub label: RawText,
    pub values: Vec<Spanned<RawParameterValue>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawParameterValue {
    pub from: Day,
    pub to: Option<Day>,
    pub value: Option<String>,
    #[serde(default)]
    pub unknown: bool,
    pub alternative_from: Option<Day>,
    #[serde(default)]
    pub cite: Vec<Spanned<String>>,
    pub confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCategories {
    #[serde(default)]
    pub category: Vec<Spanned<RawCategory>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCategory {
    pub id: Spanned<String>,
    pub when: Option<Spanned<String>>,
    #[serde(default)]
    pub group_only: bool,
    pub label: RawText,
    #[serde(default)]
    pub cite: Vec<Spanned<String>>,
    pub confidence: Confidence,
    pub valid: Option<RawDays>,
}

/// A value of `then`: always text or a truth value, never a bare number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum RawOutput {
    Bool(bool),
    Text(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDecision {
    pub decision: Spanned<String>,
    pub title: RawText,
    pub covers: RawDays,
    pub introduced: Option<Day>,
    pub headline: Spanned<String>,
    pub entitled_when: Spanned<String>,
    pub added_note: Option<RawText>,
    pub tiers: Vec<String>,
    pub fields: Vec<Spanned<String>>,
    pub hit: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub rule: Vec<Spanned<RawRule>>,
    #[serde(default)]
    pub open: Vec<Spanned<RawOpen>>,
    pub otherwise: Spanned<RawOtherwise>,
    #[serde(default)]
    pub field: Vec<Spanned<RawField>>,
    #[serde(default)]
    pub test: Vec<Spanned<RawTest>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    pub id: Spanned<String>,
    pub tier: Option<Spanned<String>>,
    pub rank: Option<i64>,
    #[serde(default)]
    pub adds_to: Vec<Spanned<String>>,
    #[serde(default)]
    pub adds_to_tiers: Vec<Spanned<String>>,
    #[serde(default)]
    pub over: Vec<Spanned<String>>,
    pub when: Spanned<String>,
    pub then: BTreeMap<String, Spanned<RawOutput>>,
    #[serde(default)]
    pub cite: Vec<Spanned<String>>,
    #[serde(default)]
    pub authority: Authority,
    pub confidence: Confidence,
    pub valid: Option<RawDays>,
    pub vi: Spanned<String>,
    pub en: Spanned<String>,
    pub unmet: RawText,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The clause might give the right: it matters while the rules say no.
    Grant,
    /// It might take the right: it matters while they say yes.
    Deny,
    /// It matters either way.
    #[default]
    Either,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOpen {
    pub id: Spanned<String>,
    pub when: Spanned<String>,
    #[serde(default)]
    pub side: Side,
    pub affects: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub cite: Vec<Spanned<String>>,
    #[serde(default)]
    pub authority: Authority,
    pub confidence: Confidence,
    pub valid: Option<RawDays>,
    pub vi: String,
    pub en: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOtherwise {
    pub then: BTreeMap<String, Spanned<RawOutput>>,
    #[serde(default)]
    pub cite: Vec<Spanned<String>>,
    pub confidence: Confidence,
    pub vi: Spanned<String>,
    pub en: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawField {
    pub id: Spanned<String>,
    pub when: Option<Spanned<String>>,
    pub value: Option<Spanned<String>>,
    pub open: Option<RawText>,
    #[serde(default)]
    pub undetermined: bool,
    #[serde(default)]
    pub none: bool,
    #[serde(default)]
    pub omit: bool,
    pub text: Option<Spanned<String>>,
    pub list: Option<Vec<String>>,
    pub word: Option<String>,
    pub r#bool: Option<bool>,
    pub date: Option<Spanned<String>>,
    #[serde(default)]
    pub cite: Vec<Spanned<String>>,
    pub confidence: Option<Confidence>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawTest {
    pub name: String,
    pub as_of: Day,
    #[serde(default)]
    pub authority: Authority,
    pub given: toml::Table,
    pub want: toml::Table,
}
