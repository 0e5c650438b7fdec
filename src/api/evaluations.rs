//! Stateless answers: facts in, decisions out. Nothing is stored and no fact is logged.

use actix_web::{HttpResponse, http::header::ContentType, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::Evaluate,
    api::{
        AppState, JsonBody, Problem, evaluation_schema::EvaluationRequest, json::JsonBytes, principal::Public,
    },
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
    body: JsonBytes,
) -> Result<HttpResponse, Problem> {
    /// A household is answered in less time than it takes to hand it to another thread.
    const SHORT: usize = 32 * 1024;
    let json = if body.0.len() <= SHORT {
        answer(&state, &body.0)?
    } else {
        // With a hundred people it may take a while: not on a thread that serves connections.
        web::block(move || answer(&state, &body.0)).await??
    };
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(json))
}

fn answer(state: &AppState, body: &[u8]) -> Result<Vec<u8>, Problem> {
    let policy = state.policy();
    let mut json = Vec::with_capacity(8 * 1024);
    let told = |outcomes: &[(usize, decide::Outcome)]| {
        let name = |at: usize| policy.pack.decisions.get(at).map_or("", |decision| decision.id.as_str());
        state.metrics.evaluated(outcomes.iter().map(|(at, outcome)| (name(*at), outcome.as_str())));
    };
    if decide::answer_body(&policy, body, state.today(), &mut json, told).is_none() {
        let body = JsonBody::parse(body)?;
        let request = body.check(|facts| decide::read(&policy, facts, state.today()))?;
        decide::answer_request(&policy, &request, &mut json, told);
    }
    Ok(json)
}
