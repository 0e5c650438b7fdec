//! Recorded decisions.

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
        citizens::citizen_id,
        idempotency::{IdempotencyKey, once},
        principal::Principal,
        records::blocking,
    },
    decide::{EvaluationResponse, PolicyRef},
    decisions::{self, Question},
    store::{DecisionId, decisions::Decision, idempotency::KeptReply},
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_decision).service(get_decision);
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
    /// `plan` (default: law in force and the plan's promises) or `law`.
    #[schema(required = false, example = "plan")]
    pub authority: Option<String>,
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
    /// Where documents contradicted each other.
    #[schema(value_type = Vec<Object>)]
    pub warnings: Vec<Value>,
    /// The evaluation request that was answered: the facts as they were known.
    #[schema(value_type = Object)]
    pub facts: Value,
    /// The answer, as `POST /v1/evaluations` gives it.
    #[schema(value_type = EvaluationResponse)]
    pub result: Value,
    /// When it was decided, RFC 3339.
    #[schema(format = DateTime)]
    pub decided_at: String,
    /// Who decided.
    pub decided_by: String,
}

impl DecisionView {
    fn new(decision: Decision) -> Self {
        Self {
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
            warnings: decision.content.warnings,
            facts: decision.content.facts,
            result: decision.content.result,
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
        (status = 409, description = "The first request with this key is still running.")
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
        Ok(decision)
    };
    let keep = |state: &AppState, conn: &mut _, decision: Decision| {
        decisions::keep(conn, state.records.store.vault(), &decision)?;
        let location = Some(format!("/v1/decisions/{}", decision.id));
        let body =
            serde_json::to_value(DecisionView::new(decision)).map_err(|error| Problem::internal(&error))?;
        Ok(KeptReply { status: 201, location, etag: None, body })
    };
    once(state, principal.caller, key, asked, decide, keep).await
}

/// Read a kept decision
///
/// With the facts, the documents, the answer and the law, as they were when it was decided.
#[utoipa::path(
    tag = "decisions",
    operation_id = "getDecision",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "Id of the decision.")),
    responses((status = 200, description = "The decision.", body = DecisionView))
)]
#[get("/v1/decisions/{id}")]
async fn get_decision(
    principal: Principal<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = DecisionId::parse(&path).ok_or(Problem::new(ErrorCode::DecisionNotFound))?;
    let decision = blocking(state, move |state| {
        let store = &state.records.store;
        let reach = principal.caller.reach();
        let decision = store.read(|conn| decisions::find(conn, store.vault(), id, &reach))?;
        tracing::info!(decision.id = %id, actor = principal.caller.subject, "Decision {id} was read");
        Ok(decision)
    });
    Ok(HttpResponse::Ok().json(DecisionView::new(decision.await?)))
}
