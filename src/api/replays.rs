//! Kept decisions made again.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::CitizensRead,
    api::{
        AppState, ErrorCode, Problem,
        decisions::decision_id,
        reading::{PurposeHeader, Reader},
    },
    decide::{EvaluationResponse, PolicyRef},
    decisions::{self, Difference, Replay, ReplayError, packs::PackError},
    store::decisions::Decision,
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(replay_decision);
}

/// What came out when a kept decision was made again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayView {
    /// The decision.
    pub decision_id: String,
    /// Whether the answer is the kept one, byte for byte, with the kept receipt.
    pub same: bool,
    /// Release of the service that answered this time.
    #[schema(example = "0.1.0")]
    pub release: String,
    /// The law it was made by, then and now.
    pub policy: PolicyRef,
    /// The receipts.
    pub receipt: ReceiptsView,
    /// Where the answers differ, in the order of the kept one; 100 at most.
    pub differences: Vec<DifferenceView>,
    /// How many differences there are in all.
    pub difference_count: usize,
    /// This time's answer. When the same, the same bytes as `result` of the decision.
    #[schema(value_type = EvaluationResponse)]
    pub result: Value,
}

/// Receipts over facts, answer and law.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptsView {
    /// With the kept answer, as it was then.
    #[schema(example = "sha256:…")]
    pub kept: String,
    /// With this time's answer.
    #[schema(example = "sha256:…")]
    pub recomputed: String,
}

/// A place at which the answers differ.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceView {
    /// JSON Pointer into the answer.
    #[schema(example = "/people/0/decisions/0/outcome")]
    pub pointer: String,
    /// What was kept; null also where nothing stood.
    pub kept: Option<Value>,
    /// What came out now; null also where nothing stands.
    pub recomputed: Option<Value>,
}

impl From<Difference> for DifferenceView {
    fn from(difference: Difference) -> Self {
        let Difference { pointer, kept, recomputed } = difference;
        Self { pointer, kept, recomputed }
    }
}

impl ReplayView {
    fn new(decision: Decision, replay: Replay) -> Self {
        Self {
            decision_id: decision.id.to_string(),
            same: replay.same,
            release: env!("CARGO_PKG_VERSION").to_owned(),
            policy: PolicyRef {
                id: decision.policy_id,
                version: decision.policy_version,
                digest: decision.policy_digest,
            },
            receipt: ReceiptsView { kept: decision.receipt, recomputed: replay.receipt },
            differences: replay.differences.into_iter().map(Into::into).collect(),
            difference_count: replay.difference_count,
            result: replay.result,
        }
    }
}

/// Make a kept decision again
///
/// Evaluates the kept facts by the kept law under the release that runs now, and tells whether the same comes out. Nothing
/// is kept of it but the entry in the audit log that the decision was read.
#[utoipa::path(
    tag = "decisions",
    operation_id = "replayDecision",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "Id of the decision."), PurposeHeader),
    responses(
        (status = 200, description = "What came out.", body = ReplayView),
        (status = 409, description = "The law it was made by is not kept or does not load, or this release does not \
            read the kept facts.")
    )
)]
#[get("/v1/decisions/{id}/replay")]
async fn replay_decision(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = decision_id(&path)?;
    let view = reader.read(state, id, move |state, caller| {
        let store = &state.records.store;
        let decision = store.read(|conn| decisions::find(conn, store.vault(), id, &caller.reach()))?;
        let policy = state.packs.find(store, state.policy(), &decision.policy_digest)?;
        let replay = decisions::replay(&policy, &decision)?;
        Ok(ReplayView::new(decision, replay))
    });
    Ok(HttpResponse::Ok().json(view.await?))
}

impl From<PackError> for Problem {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Store(error) => error.into(),
            PackError::NotKept(_) => Self::new(ErrorCode::PolicyPackUnavailable),
            PackError::DoesNotLoad { .. } => Self::new(ErrorCode::PolicyPackUnavailable).because(&error),
        }
    }
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::FactsRefused(errors) => Self::new(ErrorCode::ReplayRefused).errors(errors),
        }
    }
}
