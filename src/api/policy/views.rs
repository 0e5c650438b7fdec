//! What the policy browser shows.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    decide::{CiteAnswer, DaysAnswer, PolicyRef},
    facts::{Text, Word, vocabulary},
    policy::{
        Approval, Authority, Confidence, Decision, Pack,
        model::{Category, Cite, Parameter, ParameterAmount, Source},
    },
};

/// The pack that answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyView {
    #[serde(flatten)]
    pub policy: PolicyRef,
    pub title: Text,
    /// Days on which questions are answered.
    pub covers: DaysAnswer,
    /// Who approved it; null when the pack does not say.
    pub approval: Option<ApprovalView>,
    /// Ids of its entitlements.
    pub entitlements: Vec<String>,
}

/// Who approved a pack.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovalView {
    /// The office.
    pub by: Text,
    /// Day of the approval.
    #[schema(value_type = String, format = Date)]
    pub on: NaiveDate,
    /// First day on which the pack may answer.
    #[schema(value_type = String, format = Date)]
    pub applies_from: NaiveDate,
}

impl From<&Approval> for ApprovalView {
    fn from(approval: &Approval) -> Self {
        Self { by: approval.by.clone(), on: approval.on, applies_from: approval.applies_from }
    }
}

/// A list of one kind of thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T> {
    pub items: Vec<T>,
}

/// An entitlement in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntitlementLine {
    pub id: String,
    pub title: Text,
    pub covers: DaysAnswer,
    pub rules: usize,
}

/// An entitlement with its rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntitlementView {
    pub id: String,
    pub title: Text,
    pub covers: DaysAnswer,
    /// Tiers in the order of the law.
    pub tiers: Vec<String>,
    /// Members of the benefit, in order.
    pub fields: Vec<String>,
    pub rules: Vec<RuleView>,
    /// What the law leaves open.
    pub open: Vec<OpenView>,
}

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleView {
    pub id: String,
    pub authority: Authority,
    pub confidence: Confidence,
    /// Days on which it applies.
    pub valid: DaysAnswer,
    pub tier: Option<String>,
    /// What it says, with its blanks.
    pub text: Text,
    /// What it says when it is not met.
    pub unmet: Text,
    pub cite: Vec<CiteAnswer>,
    /// Facts that its condition reads.
    pub facts: Vec<String>,
    /// Parameters that it reads.
    pub parameters: Vec<String>,
}

/// Something the law leaves open.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenView {
    pub id: String,
    pub valid: DaysAnswer,
    pub text: Text,
    pub confidence: Confidence,
    pub cite: Vec<CiteAnswer>,
}

/// A beneficiary category.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryView {
    pub id: String,
    pub label: Text,
    /// One a stretch of law; none for a mere label of a payer group.
    pub versions: Vec<CategoryVersionView>,
}

/// A category's law on some days.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryVersionView {
    /// Null where the law sets no end inside the calendar.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<NaiveDate>,
    pub confidence: Confidence,
    pub cite: Vec<CiteAnswer>,
    pub facts: Vec<String>,
}

/// A number of the law with every dated value.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParameterView {
    pub id: String,
    /// `vnd_per_month`, `percent`, `years` …
    pub unit: String,
    pub label: Text,
    pub values: Vec<ParameterValueView>,
}

/// One dated value.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParameterValueView {
    #[schema(value_type = String, format = Date)]
    pub from: NaiveDate,
    /// Null while no later value is known.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<NaiveDate>,
    /// A decimal string or a day; null when announced but not published.
    pub value: Option<String>,
    /// Sources differ on the first day: the other one.
    #[schema(value_type = Option<String>, format = Date)]
    pub alternative_from: Option<NaiveDate>,
    pub confidence: Confidence,
    pub cite: Vec<CiteAnswer>,
}

/// A legal document.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceView {
    pub id: String,
    pub number: String,
    pub title: Text,
    pub issuer: Text,
    #[schema(value_type = Option<String>, format = Date)]
    pub issued: Option<NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    pub effective: Option<NaiveDate>,
    /// First day on which a cited part applies, where it is earlier.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<NaiveDate>,
    pub url: Option<String>,
    pub replaces: Vec<String>,
    /// The source that it amends and whose articles are meant where it is cited.
    pub amends: Option<String>,
    /// The document as it is cited behind a place, kind before number; of a text that amends, what it amends.
    pub cited_as: Text,
    pub confidence: Confidence,
    pub amended_by: Vec<AmendmentView>,
    /// What in the pack cites it: rules as `entitlement/rule`, parameters as `$id`, categories as `@id`.
    pub cited_by: Vec<String>,
}

/// A text that amends a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct AmendmentView {
    pub source: String,
    #[schema(value_type = String, format = Date)]
    pub from: NaiveDate,
    /// Whether its content is known and carried into the pack.
    pub read: bool,
}

/// A fact of the vocabulary.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactView {
    pub id: String,
    /// `person`, `household` or `trip`.
    pub of: &'static str,
    pub r#type: &'static str,
    pub label: Text,
    /// Allowed values, where there is a list of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<WordView>,
    /// Smallest and largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(i64, i64)>,
    /// Members of a list's entries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberView>,
    /// Rare: absent, it is taken at a default and the answer says so where it matters.
    pub rare: bool,
    /// Settles only a date, a price or a share; never holds back an outcome.
    pub detail: bool,
    /// Sensitive personal data.
    pub sensitive: bool,
}

/// A member of a list's entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    pub id: String,
    pub r#type: &'static str,
    pub label: Text,
    pub required: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<WordView>,
}

/// An allowed value.
#[derive(Debug, Serialize, ToSchema)]
pub struct WordView {
    pub id: String,
    pub label: Text,
}

pub fn words(words: Option<&[Word]>) -> Vec<WordView> {
    words
        .unwrap_or_default()
        .iter()
        .map(|word| WordView { id: word.id.clone(), label: word.label.clone() })
        .collect()
}

pub fn cites(pack: &Pack, cites: &[Cite]) -> Vec<CiteAnswer> {
    cites
        .iter()
        .map(|cite| {
            let source = pack.source(cite.source);
            CiteAnswer {
                source: source.id.clone(),
                number: Some(source.number.clone()),
                cited_as: Some(pack.cited_as(source)),
                place: cite.place.clone(),
            }
        })
        .collect()
}

/// A day that is really an end, not the edge of the calendar.
pub fn end(day: NaiveDate) -> Option<NaiveDate> {
    (day != NaiveDate::MIN && day != NaiveDate::MAX).then_some(day)
}

pub fn entitlement(pack: &Pack, decision: &Decision) -> EntitlementView {
    let rules = decision.rules.iter().map(|rule| RuleView {
        id: rule.id.clone(),
        authority: rule.authority,
        confidence: rule.confidence,
        valid: DaysAnswer { from: rule.valid.from, to: rule.valid.to },
        tier: decision.tiers.get(rule.tier).cloned(),
        text: rule.text.with_blanks(pack),
        unmet: rule.unmet.clone(),
        cite: cites(pack, &rule.cites),
        facts: fact_names(pack, rule.when, rule.valid.from),
        parameters: rule.parameters.iter().map(|at| pack.parameter(*at).id.clone()).collect(),
    });
    let open = decision.opens.iter().map(|open| OpenView {
        id: open.id.clone(),
        valid: DaysAnswer { from: open.valid.from, to: open.valid.to },
        text: open.text.clone(),
        confidence: open.confidence,
        cite: cites(pack, &open.cites),
    });
    EntitlementView {
        id: decision.id.clone(),
        title: decision.title.clone(),
        covers: DaysAnswer { from: decision.covers.from, to: decision.covers.to },
        tiers: decision.tiers.clone(),
        fields: decision.fields.clone(),
        rules: rules.collect(),
        open: open.collect(),
    }
}

pub fn fact_names(pack: &Pack, when: crate::policy::conditions::NodeIdx, day: NaiveDate) -> Vec<String> {
    let facts = crate::policy::reads::facts(pack, when, day);
    facts.into_iter().map(|fact| vocabulary().get(fact).name()).collect()
}

pub fn category_view(pack: &Pack, category: &Category) -> CategoryView {
    let versions = category.versions.iter().map(|version| CategoryVersionView {
        from: end(version.days.from),
        to: end(version.days.to),
        confidence: version.confidence,
        cite: cites(pack, &version.cites),
        facts: fact_names(pack, version.when, version.days.from),
    });
    CategoryView { id: category.id.clone(), label: category.label.clone(), versions: versions.collect() }
}

pub fn parameter_view(pack: &Pack, parameter: &Parameter) -> ParameterView {
    let values = parameter.values.iter().map(|value| ParameterValueView {
        from: value.days.from,
        to: end(value.days.to),
        value: match &value.amount {
            ParameterAmount::Number(number) => Some(number.normalize().to_string()),
            ParameterAmount::MonthDay(month, day) => Some(format!("{month:02}-{day:02}")),
            ParameterAmount::Day(day) => Some(day.to_string()),
            ParameterAmount::Unknown => None,
        },
        alternative_from: value.alternative_from,
        confidence: value.confidence,
        cite: cites(pack, &value.cites),
    });
    ParameterView {
        id: parameter.id.clone(),
        unit: parameter.unit.clone(),
        label: parameter.label.clone(),
        values: values.collect(),
    }
}

pub fn source_view(pack: &Pack, source: &Source) -> SourceView {
    let amended_by = source.amended_by.iter().map(|amendment| AmendmentView {
        source: pack.source(amendment.source).id.clone(),
        from: amendment.from,
        read: amendment.read,
    });
    SourceView {
        id: source.id.clone(),
        number: source.number.clone(),
        title: source.title.clone(),
        issuer: source.issuer.clone(),
        issued: source.issued,
        effective: source.effective,
        from: source.from,
        to: source.to,
        url: source.url.clone(),
        replaces: source.replaces.clone(),
        amends: source.amends.map(|amended| pack.source(amended).id.clone()),
        cited_as: pack.cited_as(source),
        confidence: source.confidence,
        amended_by: amended_by.collect(),
        cited_by: cited_by(pack, source),
    }
}

pub fn cited_by(pack: &Pack, source: &Source) -> Vec<String> {
    let cites = |cites: &[Cite]| cites.iter().any(|cite| pack.source(cite.source).id == source.id);
    let rules = pack.decisions.iter().flat_map(|decision| {
        let rules = decision.rules.iter().filter(|rule| cites(&rule.cites)).map(|rule| rule.id.as_str());
        let opens = decision.opens.iter().filter(|open| cites(&open.cites)).map(|open| open.id.as_str());
        rules.chain(opens).map(|id| format!("{}/{id}", decision.id)).collect::<Vec<_>>()
    });
    let parameters =
        pack.parameters.iter().filter(|parameter| parameter.values.iter().any(|value| cites(&value.cites)));
    let categories = pack
        .categories
        .iter()
        .filter(|category| category.versions.iter().any(|version| cites(&version.cites)));
    rules
        .chain(parameters.map(|parameter| format!("${}", parameter.id)))
        .chain(categories.map(|category| format!("@{}", category.id)))
        .collect()
}
