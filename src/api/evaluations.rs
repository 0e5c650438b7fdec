//! Stateless answers: facts in, decisions out. Nothing is stored and no fact is logged.

use actix_web::{post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::Evaluate,
    api::{AppState, JsonBody, Problem, evaluation_schema::EvaluationRequest, principal::Public},
    decide::{self, EvaluationResponse},
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(evaluate);
}

/// What are these people entitled to?
///
/// Takes the facts of 1 to 100 people of one household and answers, for each entitlement, `entitled`, `not_entitled`,
/// `needs_information` (with the facts that are missing) or `needs_review` (where the law itself is open), with
/// amounts, clauses and reasons in Vietnamese and English. An absent fact is unknown; known absence is said. Nothing
/// is stored.
#[utoipa::path(
    tag = "evaluations",
    operation_id = "evaluate",
    security((), ("oauth2" = ["evaluate"])),
    request_body(content = EvaluationRequest, description = "The household, its people, the day and what is asked."),
    responses((status = 200, description = "The answer, whatever the outcomes are.", body = EvaluationResponse))
)]
#[post("/v1/evaluations")]
async fn evaluate(
    _: Public<Evaluate>,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<web::Json<EvaluationResponse>, Problem> {
    // Pure computation, but with a hundred people it may take a while: not on a thread that serves connections.
    let answer = web::block(move || {
        let policy = state.policy();
        let answer = body.check(|facts| decide::evaluate(&policy, facts, state.today()))?;
        state.metrics.evaluated(answer.outcomes());
        Ok::<_, Problem>(answer)
    });
    Ok(web::Json(answer.await??))
}
