//! The policy browser: the law that answers, with its sources. Every answer carries a strong ETag over the pack's digest.

mod views;

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::Evaluate,
    api::{AppState, Problem, etag, principal::Public},
    decide::{DaysAnswer, PolicyRef},
    facts::vocabulary,
    policy::{Policy, Proof},
};
use views::{
    ApprovalView, CategoryView, EntitlementLine, EntitlementView, FactView, Listing, MemberView,
    ParameterView, PolicyView, SourceView, category_view, entitlement, parameter_view, source_view, words,
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

fn answer<T: Serialize>(request: &HttpRequest, policy: &Policy, value: &T) -> Result<HttpResponse, Problem> {
    etag::json(request, &etag::strong(&[policy.digest(), request.path()]), value)
}

/// Which law answers?
///
/// The pack's id, version, digest and covered days, and who approved it.
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
        approval: policy.pack.approval.as_ref().map(ApprovalView::from),
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
    answer(&request, &policy, &Listing { items: policy.proofs().to_vec() })
}
