//! Recorded decisions.

use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{CitizensRead, DecisionsWrite},
    api::{
        AppState, ErrorCode, JsonBody, Problem,
        appeals::DeadlineView,
        citizens::citizen_id,
        idempotency::{IdempotencyKey, once},
        paging::PageQuery,
        principal::Principal,
        reading::{PurposeHeader, Reader},
    },
    decide::{EvaluationResponse, PolicyRef},
    decisions::{self, Question, appeals, packs},
    policy::Policy,
    store::{
        DecisionId,
        decisions::{Decision, FactFrom},
        idempotency::KeptReply,
    },
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_decision).service(list_decisions).service(get_decision);
}

/// What is asked about a citizen.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionBody {
    /// Day asked about; today when left out.
    #[schema(required = false, value_type = String, format = Date, example = "2026-11-24")]
    pub as_of: Option<NaiveDate>,
    /// Entitlements asked about; all when left out.
    #[schema(required = false, example = json!(["free_transit", "health_insurance_premium"]))]
    pub entitlements: Option<Vec<String>>,
    /// `plan` (default: law in force and the plan's aims) or `law`.
    #[schema(required = false, example = "plan")]
    pub authority: Option<String>,
    /// Id of a decision about the same citizen whose place the new one takes. It stays as it is, but is shown as
    /// superseded, and no card rests on it any more. The new one must answer every entitlement that it answers.
    #[schema(required = false)]
    pub supersedes: Option<String>,
}

/// A recorded decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionView {
    /// Its id.
    pub id: String,
    /// Whom it is about.
    pub citizen_id: String,
    /// Ward or commune that keeps the citizen's record.
    #[schema(example = "00166")]
    pub unit: String,
    /// Day it answers for.
    #[schema(value_type = String, format = Date)]
    pub as_of: NaiveDate,
    /// The law it follows.
    pub policy: PolicyRef,
    /// `sha256:` over the canonical JSON (RFC 8785) of `{facts, policy_digest, result}`.
    #[schema(example = "sha256:…")]
    pub receipt: String,
    /// Documents the facts came from.
    pub evidence: Vec<String>,
    /// Where each fact comes from; empty for decisions made before this was kept.
    pub facts_from: Vec<FactFromView>,
    /// Where documents contradicted each other.
    #[schema(value_type = Vec<Object>)]
    pub warnings: Vec<Value>,
    /// The evaluation request that was answered: the facts as they were known.
    #[schema(value_type = Object)]
    pub facts: Value,
    /// The answer, as `POST /v1/evaluations` gives it.
    #[schema(value_type = EvaluationResponse)]
    pub result: Value,
    /// The decision whose place it takes.
    pub supersedes: Option<String>,
    /// The decision that took its place.
    pub superseded_by: Option<String>,
    /// Until when an appeal may be filed.
    pub appeal_deadline: DeadlineView,
    /// When it was decided, RFC 3339.
    #[schema(format = DateTime)]
    pub decided_at: String,
    /// Who decided.
    pub decided_by: String,
}

/// Where a fact comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactFromView {
    /// JSON Pointer to the fact in `facts`.
    #[schema(example = "/people/0/employment")]
    pub fact: String,
    /// The document that gave it; null = the citizen's own papers, which the record itself holds.
    pub evidence_id: Option<String>,
}

impl From<FactFrom> for FactFromView {
    fn from(from: FactFrom) -> Self {
        Self { fact: from.fact, evidence_id: from.evidence.map(|id| id.to_string()) }
    }
}

impl DecisionView {
    /// The decision as it is kept.
    pub(super) fn new(decision: Decision, state: &AppState) -> Self {
        Self {
            appeal_deadline: DeadlineView::new(appeals::last_day(&decision, state.config.appeal_days)),
            id: decision.id.to_string(),
            citizen_id: decision.citizen.to_string(),
            unit: decision.unit,
            as_of: decision.as_of,
            policy: PolicyRef {
                id: decision.policy_id,
                version: decision.policy_version,
                digest: decision.policy_digest,
            },
            receipt: decision.receipt,
            evidence: decision.content.evidence.iter().map(ToString::to_string).collect(),
            facts_from: decision.content.facts_from.into_iter().map(Into::into).collect(),
            warnings: decision.content.warnings,
            facts: decision.content.facts,
            result: decision.content.result,
            supersedes: decision.supersedes.map(|id| id.to_string()),
            superseded_by: decision.superseded_by.map(|id| id.to_string()),
            decided_at: decision.decided_at.to_rfc3339(),
            decided_by: decision.decided_by,
        }
    }
}

/// Decide from the record and keep the decision
///
/// Evaluates the facts that the record proves on the day asked about, and keeps facts, documents, answer, law, who and
/// when, with a receipt in the audit log. A kept decision never changes.
#[utoipa::path(
    tag = "decisions",
    operation_id = "recordDecision",
    security(("oauth2" = ["decisions:write"])),
    params(
        ("id" = String, Path, description = "Id of the citizen's record."),
        ("Idempotency-Key" = String, Header, description = "Any text of yours, new for each decision.")
    ),
    request_body(content = QuestionBody, description = "What is asked; `{}` asks about everything today."),
    responses(
        (status = 201, description = "The decision as kept.", body = DecisionView,
            headers(("Location" = String, description = "Path of the decision."))),
        (status = 409, description = "The decision to be superseded has been superseded already, or the first request \
            with this key is still running.")
    )
)]
#[post("/v1/citizens/{id}/decisions")]
async fn record_decision(
    principal: Principal<DecisionsWrite>,
    key: IdempotencyKey,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let citizen = citizen_id(&path)?;
    let today = state.today();
    let (asked, question) = body.check(|body| Ok((body.clone(), Question::parse(body, today)?)))?;
    let caller = principal.caller.clone();
    // Deciding only reads: it must not hold the write lock.
    let decide = move |state: &AppState| {
        let (store, policy) = (&state.records.store, state.policy());
        let decision = store.read(|conn| {
            decisions::decide(conn, store.vault(), &policy, citizen, &question, &caller, state.clock())
        })?;
        state.metrics.evaluated(decision.content.outcomes());
        Ok((decision, policy))
    };
    let keep = |state: &AppState, conn: &mut _, (decision, policy): (Decision, Arc<Policy>)| {
        packs::keep(conn, &policy, decision.decided_at)?;
        decisions::keep(conn, state.records.store.vault(), &decision)?;
        let location = Some(format!("/v1/decisions/{}", decision.id));
        let body = serde_json::to_value(DecisionView::new(decision, state))
            .map_err(|error| Problem::internal(&error))?;
        Ok(KeptReply { status: 201, location, etag: None, body })
    };
    once(state, principal.caller, key, asked, decide, keep).await
}

/// Read a kept decision
///
/// With the facts, the documents, the answer and the law, as they were when it was decided. Reading is entered in the
/// audit log.
#[utoipa::path(
    tag = "decisions",
    operation_id = "getDecision",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "Id of the decision."), PurposeHeader),
    responses((status = 200, description = "The decision.", body = DecisionView))
)]
#[get("/v1/decisions/{id}")]
async fn get_decision(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = decision_id(&path)?;
    let found = reader.read(state.clone(), id, move |state, caller| {
        let store = &state.records.store;
        Ok(store.read(|conn| decisions::find(conn, store.vault(), id, &caller.reach()))?)
    });
    Ok(HttpResponse::Ok().json(DecisionView::new(found.await?, &state)))
}

/// A decision in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionSummary {
    /// Its id.
    pub id: String,
    /// Day it answers for.
    #[schema(value_type = String, format = Date)]
    pub as_of: NaiveDate,
    /// The law it follows.
    pub policy: PolicyRef,
    /// Receipt over facts, result and law.
    #[schema(example = "sha256:…")]
    pub receipt: String,
    /// What was decided about each entitlement.
    pub outcomes: Vec<OutcomeSummary>,
    /// The decision whose place it takes.
    pub supersedes: Option<String>,
    /// The decision that took its place.
    pub superseded_by: Option<String>,
    /// When it was decided, RFC 3339.
    #[schema(format = DateTime)]
    pub decided_at: String,
    /// Who decided.
    pub decided_by: String,
}

/// What was decided about an entitlement.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeSummary {
    /// The entitlement.
    #[schema(example = "free_transit")]
    pub entitlement: String,
    /// `entitled`, `not_entitled`, `needs_information` or `needs_review`.
    #[schema(example = "entitled")]
    pub outcome: String,
}

impl From<Decision> for DecisionSummary {
    fn from(decision: Decision) -> Self {
        let outcomes = decision.content.outcomes().map(|(entitlement, outcome)| OutcomeSummary {
            entitlement: entitlement.to_owned(),
            outcome: outcome.to_owned(),
        });
        Self {
            outcomes: outcomes.collect(),
            id: decision.id.to_string(),
            as_of: decision.as_of,
            policy: PolicyRef {
                id: decision.policy_id,
                version: decision.policy_version,
                digest: decision.policy_digest,
            },
            receipt: decision.receipt,
            supersedes: decision.supersedes.map(|id| id.to_string()),
            superseded_by: decision.superseded_by.map(|id| id.to_string()),
            decided_at: decision.decided_at.to_rfc3339(),
            decided_by: decision.decided_by,
        }
    }
}

/// A page of decisions.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionPage {
    /// The last made first.
    pub items: Vec<DecisionSummary>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// List decisions
///
/// All decisions about a citizen, superseded ones included, the last made first. Reading is entered in the audit log.
#[utoipa::path(
    tag = "decisions",
    operation_id = "listDecisions",
    security(("oauth2" = ["citizens:read"])),
    params(
        ("id" = String, Path, description = "Id of the citizen's record."),
        ("limit" = Option<u32>, Query, description = "Decisions at most, 1 to 200; 50 when left out.", example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
        PurposeHeader
    ),
    responses((status = 200, description = "A page of decisions.", body = DecisionPage))
)]
#[get("/v1/citizens/{id}/decisions")]
async fn list_decisions(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let page = query.read(DecisionId::parse)?;
    let found = reader.read(state, id, move |state, caller| {
        let (store, reach) = (&state.records.store, caller.reach());
        let limit = page.look_for();
        Ok(store.read(|conn| decisions::of_citizen(conn, store.vault(), id, &reach, page.after, limit))?)
    });
    let mut found = found.await?;
    let next_cursor = page.cut(&mut found, |decision| decision.id);
    let items = found.into_iter().map(Into::into).collect();
    Ok(HttpResponse::Ok().json(DecisionPage { items, next_cursor }))
}

/// The id in a path; what is no id names nothing.
pub(super) fn decision_id(text: &str) -> Result<DecisionId, Problem> {
    DecisionId::parse(text).ok_or(Problem::new(ErrorCode::DecisionNotFound))
}
