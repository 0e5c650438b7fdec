//! The policy browser: the law that answers, with its sources. Every answer carries a strong ETag over the pack's digest.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::Evaluate,
    api::{AppState, Problem, etag, principal::Public},
    decide::{CiteAnswer, DaysAnswer, PolicyRef},
    facts::{Text, Word, vocabulary},
    policy::{
        Authority, Confidence, Decision, Pack, Policy, Proof,
        model::{Category, Cite, Parameter, ParameterAmount, Source},
    },
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_policy)
        .service(list_entitlements)
        .service(get_entitlement)
        .service(list_categories)
        .service(list_parameters)
        .service(get_parameter)
        .service(list_sources)
        .service(get_source)
        .service(list_facts)
        .service(get_checks);
}

/// The pack that answers.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyView {
    #[serde(flatten)]
    policy: PolicyRef,
    title: Text,
    /// Days on which questions are answered.
    covers: DaysAnswer,
    /// Ids of its entitlements.
    entitlements: Vec<String>,
}

/// A list of one kind of thing.
#[derive(Debug, Serialize, ToSchema)]
struct Listing<T> {
    items: Vec<T>,
}

/// An entitlement in a list.
#[derive(Debug, Serialize, ToSchema)]
struct EntitlementLine {
    id: String,
    title: Text,
    covers: DaysAnswer,
    rules: usize,
}

/// An entitlement with its rules.
#[derive(Debug, Serialize, ToSchema)]
struct EntitlementView {
    id: String,
    title: Text,
    covers: DaysAnswer,
    /// Tiers in the order of the law.
    tiers: Vec<String>,
    /// Members of the benefit, in order.
    fields: Vec<String>,
    rules: Vec<RuleView>,
    /// What the law leaves open.
    open: Vec<OpenView>,
}

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
struct RuleView {
    id: String,
    authority: Authority,
    confidence: Confidence,
    /// Days on which it applies.
    valid: DaysAnswer,
    tier: Option<String>,
    /// What it says, with its blanks.
    text: Text,
    /// What it says when it is not met.
    unmet: Text,
    cite: Vec<CiteAnswer>,
    /// Facts that its condition reads.
    facts: Vec<String>,
    /// Parameters that it reads.
    parameters: Vec<String>,
}

/// Something the law leaves open.
#[derive(Debug, Serialize, ToSchema)]
struct OpenView {
    id: String,
    valid: DaysAnswer,
    text: Text,
    confidence: Confidence,
    cite: Vec<CiteAnswer>,
}

/// A beneficiary category.
#[derive(Debug, Serialize, ToSchema)]
struct CategoryView {
    id: String,
    label: Text,
    /// One a stretch of law; none for a mere label of a payer group.
    versions: Vec<CategoryVersionView>,
}

/// A category's law on some days.
#[derive(Debug, Serialize, ToSchema)]
struct CategoryVersionView {
    /// Null where the law sets no end inside the calendar.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<NaiveDate>,
    confidence: Confidence,
    cite: Vec<CiteAnswer>,
    facts: Vec<String>,
}

/// A number of the law with every dated value.
#[derive(Debug, Serialize, ToSchema)]
struct ParameterView {
    id: String,
    /// `vnd_per_month`, `percent`, `years` …
    unit: String,
    label: Text,
    values: Vec<ParameterValueView>,
}

/// One dated value.
#[derive(Debug, Serialize, ToSchema)]
struct ParameterValueView {
    #[schema(value_type = String, format = Date)]
    from: NaiveDate,
    /// Null while no later value is known.
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<NaiveDate>,
    /// A decimal string or a day; null when announced but not published.
    value: Option<String>,
    /// Sources differ on the first day: the other one.
    #[schema(value_type = Option<String>, format = Date)]
    alternative_from: Option<NaiveDate>,
    confidence: Confidence,
    cite: Vec<CiteAnswer>,
}

/// A legal document.
#[derive(Debug, Serialize, ToSchema)]
struct SourceView {
    id: String,
    number: String,
    title: Text,
    issuer: Text,
    #[schema(value_type = Option<String>, format = Date)]
    issued: Option<NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    effective: Option<NaiveDate>,
    /// First day on which a cited part applies, where it is earlier.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<NaiveDate>,
    url: Option<String>,
    replaces: Vec<String>,
    confidence: Confidence,
    amended_by: Vec<AmendmentView>,
    /// What in the pack cites it: rules as `entitlement/rule`, parameters as `$id`, categories as `@id`.
    cited_by: Vec<String>,
}

/// A text that amends a source.
#[derive(Debug, Serialize, ToSchema)]
struct AmendmentView {
    source: String,
    #[schema(value_type = String, format = Date)]
    from: NaiveDate,
    /// Whether its content is known and carried into the pack.
    read: bool,
}

/// A fact of the vocabulary.
#[derive(Debug, Serialize, ToSchema)]
struct FactView {
    id: String,
    /// `person`, `household` or `trip`.
    of: &'static str,
    r#type: &'static str,
    label: Text,
    /// Allowed values, where there is a list of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<WordView>,
    /// Smallest and largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<(i64, i64)>,
    /// Members of a list's entries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<MemberView>,
    /// Rare: absent, it is taken at a default and the answer says so where it matters.
    rare: bool,
    /// Settles only a date, a price or a share; never holds back an outcome.
    detail: bool,
    /// Sensitive personal data.
    sensitive: bool,
}

/// A member of a list's entries.
#[derive(Debug, Serialize, ToSchema)]
struct MemberView {
    id: String,
    r#type: &'static str,
    label: Text,
    required: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<WordView>,
}

/// An allowed value.
#[derive(Debug, Serialize, ToSchema)]
struct WordView {
    id: String,
    label: Text,
}

fn words(words: Option<&[Word]>) -> Vec<WordView> {
    words
        .unwrap_or_default()
        .iter()
        .map(|word| WordView { id: word.id.clone(), label: word.label.clone() })
        .collect()
}

fn cites(pack: &Pack, cites: &[Cite]) -> Vec<CiteAnswer> {
    cites
        .iter()
        .map(|cite| {
            let source = pack.source(cite.source);
            CiteAnswer { source: source.id.clone(), number: source.number.clone(), place: cite.place.clone() }
        })
        .collect()
}

/// A day that is really an end, not the edge of the calendar.
fn end(day: NaiveDate) -> Option<NaiveDate> {
    (day != NaiveDate::MIN && day != NaiveDate::MAX).then_some(day)
}

fn answer<T: Serialize>(request: &HttpRequest, policy: &Policy, value: &T) -> Result<HttpResponse, Problem> {
    etag::json(request, &etag::strong(&[policy.digest(), request.path()]), value)
}

/// Which law answers?
///
/// The pack's id, version, digest and covered days.
#[utoipa::path(
    tag = "policy", operation_id = "getPolicy", security((), ("oauth2" = ["evaluate"])),
    responses((status = 200, description = "The pack.", body = PolicyView), (status = 304, description = "Unchanged."))
)]
#[get("/v1/policy")]
async fn get_policy(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let policy = state.policy();
    let covers = policy.pack.covers;
    let view = PolicyView {
        policy: PolicyRef {
            id: policy.id().into(),
            version: policy.version().into(),
            digest: policy.digest().into(),
        },
        title: policy.pack.title.clone(),
        covers: DaysAnswer { from: covers.from, to: covers.to },
        entitlements: policy.decisions().map(|(decision, _)| decision.id.clone()).collect(),
    };
    answer(&request, &policy, &view)
}

/// What can be asked?
///
/// The entitlements of the pack.
#[utoipa::path(
    tag = "policy", operation_id = "listEntitlements", security((), ("oauth2" = ["evaluate"])),
    responses((status = 200, description = "All entitlements.", body = Listing<EntitlementLine>), (status = 304, description = "Unchanged."))
)]
#[get("/v1/policy/entitlements")]
async fn list_entitlements(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let policy = state.policy();
    let items = policy
        .decisions()
        .map(|(decision, _)| EntitlementLine {
            id: decision.id.clone(),
            title: decision.title.clone(),
            covers: DaysAnswer { from: decision.covers.from, to: decision.covers.to },
            rules: decision.rules.len(),
        })
        .collect();
    answer(&request, &policy, &Listing { items })
}

/// The rules of one entitlement
///
/// Every rule with its days, clauses and texts, and what the law leaves open.
#[utoipa::path(
    tag = "policy", operation_id = "getEntitlement", security((), ("oauth2" = ["evaluate"])),
    params(("id" = String, Path, description = "The entitlement.", example = "free_transit")),
    responses(
        (status = 200, description = "The entitlement.", body = EntitlementView),
        (status = 304, description = "Unchanged."),
        (status = 404, description = "No such entitlement.")
    )
)]
#[get("/v1/policy/entitlements/{id}")]
async fn get_entitlement(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let policy = state.policy();
    let (decision, _) = policy.decision(&id).ok_or_else(Problem::not_found)?;
    answer(&request, &policy, &entitlement(&policy.pack, decision))
}

fn entitlement(pack: &Pack, decision: &Decision) -> EntitlementView {
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

fn fact_names(pack: &Pack, when: crate::policy::conditions::NodeIdx, day: NaiveDate) -> Vec<String> {
    let facts = crate::policy::reads::facts(pack, when, day);
    facts.into_iter().map(|fact| vocabulary().get(fact).name()).collect()
}

/// Who belongs to which group?
///
/// All beneficiary categories with the clauses that define them.
#[utoipa::path(
    tag = "policy", operation_id = "listCategories", security((), ("oauth2" = ["evaluate"])),
    responses((status = 200, description = "All categories.", body = Listing<CategoryView>), (status = 304, description = "Unchanged."))
)]
#[get("/v1/policy/categories")]
async fn list_categories(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let policy = state.policy();
    let items = policy.pack.categories.iter().map(|category| category_view(&policy.pack, category)).collect();
    answer(&request, &policy, &Listing { items })
}

fn category_view(pack: &Pack, category: &Category) -> CategoryView {
    let versions = category.versions.iter().map(|version| CategoryVersionView {
        from: end(version.days.from),
        to: end(version.days.to),
        confidence: version.confidence,
        cite: cites(pack, &version.cites),
        facts: fact_names(pack, version.when, version.days.from),
    });
    CategoryView { id: category.id.clone(), label: category.label.clone(), versions: versions.collect() }
}

/// The numbers of the law
///
/// All parameters with every dated value and its clause.
#[utoipa::path(
    tag = "policy", operation_id = "listParameters", security((), ("oauth2" = ["evaluate"])),
    responses((status = 200, description = "All parameters.", body = Listing<ParameterView>), (status = 304, description = "Unchanged."))
)]
#[get("/v1/policy/parameters")]
async fn list_parameters(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let policy = state.policy();
    let items =
        policy.pack.parameters.iter().map(|parameter| parameter_view(&policy.pack, parameter)).collect();
    answer(&request, &policy, &Listing { items })
}

/// One number of the law
///
/// A parameter with every dated value and its clause.
#[utoipa::path(
    tag = "policy", operation_id = "getParameter", security((), ("oauth2" = ["evaluate"])),
    params(("id" = String, Path, description = "The parameter.", example = "base_salary")),
    responses(
        (status = 200, description = "The parameter.", body = ParameterView),
        (status = 304, description = "Unchanged."),
        (status = 404, description = "No such parameter.")
    )
)]
#[get("/v1/policy/parameters/{id}")]
async fn get_parameter(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let policy = state.policy();
    let parameter =
        policy.pack.parameters.iter().find(|parameter| parameter.id == *id).ok_or_else(Problem::not_found)?;
    answer(&request, &policy, &parameter_view(&policy.pack, parameter))
}

fn parameter_view(pack: &Pack, parameter: &Parameter) -> ParameterView {
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

/// The legal documents
///
/// All sources with their days in force and what in the pack cites them.
#[utoipa::path(
    tag = "policy", operation_id = "listSources", security((), ("oauth2" = ["evaluate"])),
    responses((status = 200, description = "All sources.", body = Listing<SourceView>), (status = 304, description = "Unchanged."))
)]
#[get("/v1/policy/sources")]
async fn list_sources(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let policy = state.policy();
    let items = policy.pack.sources.iter().map(|source| source_view(&policy.pack, source)).collect();
    answer(&request, &policy, &Listing { items })
}

/// One legal document
///
/// A source with its days in force and what in the pack cites it.
#[utoipa::path(
    tag = "policy", operation_id = "getSource", security((), ("oauth2" = ["evaluate"])),
    params(("id" = String, Path, description = "The source.", example = "nd188_2025")),
    responses(
        (status = 200, description = "The source.", body = SourceView),
        (status = 304, description = "Unchanged."),
        (status = 404, description = "No such source.")
    )
)]
#[get("/v1/policy/sources/{id}")]
async fn get_source(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let policy = state.policy();
    let source = policy.pack.sources.iter().find(|source| source.id == *id).ok_or_else(Problem::not_found)?;
    answer(&request, &policy, &source_view(&policy.pack, source))
}

fn source_view(pack: &Pack, source: &Source) -> SourceView {
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
        confidence: source.confidence,
        amended_by: amended_by.collect(),
        cited_by: cited_by(pack, source),
    }
}

fn cited_by(pack: &Pack, source: &Source) -> Vec<String> {
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

/// The vocabulary of facts
///
/// Every fact that a request may give, with its type, labels and allowed values.
#[utoipa::path(
    tag = "policy", operation_id = "listFacts", security((), ("oauth2" = ["evaluate"])),
    responses((status = 200, description = "All facts.", body = Listing<FactView>), (status = 304, description = "Unchanged."))
)]
#[get("/v1/policy/facts")]
async fn list_facts(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    use crate::facts::Kind;
    let items = vocabulary()
        .facts()
        .map(|(_, fact)| FactView {
            id: fact.id.clone(),
            of: fact.of.as_str(),
            r#type: fact.kind.name(),
            label: fact.label.clone(),
            values: words(fact.kind.words()),
            range: fact.kind.bounds(),
            members: match &fact.kind {
                Kind::Records(members) => members
                    .iter()
                    .map(|member| MemberView {
                        id: member.id.clone(),
                        r#type: member.kind.name(),
                        label: member.label.clone(),
                        required: member.required,
                        values: words(member.kind.words()),
                    })
                    .collect(),
                _ => Vec::new(),
            },
            rare: fact.default.is_some(),
            detail: fact.detail,
            sensitive: fact.guarded,
        })
        .collect();
    answer(&request, &state.policy(), &Listing { items })
}

/// What was proved of the law
///
/// Sizes of the checks and proofs that the pack passed before it may answer.
#[utoipa::path(
    tag = "policy", operation_id = "getChecks", security((), ("oauth2" = ["evaluate"])),
    responses((status = 200, description = "One line an entitlement.", body = Listing<Proof>), (status = 304, description = "Unchanged."))
)]
#[get("/v1/policy/checks")]
async fn get_checks(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let policy = state.policy();
    answer(&request, &policy, &Listing { items: policy.proofs() })
}
