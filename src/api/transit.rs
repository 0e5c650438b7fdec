//! Checks by transit operators.

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, post, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{Scope, TransitCheck},
    api::{
        AppState, JsonBody, Problem,
        principal::{Principal, missing_scope},
        records::blocking,
    },
    cards::{self, Answer, Service, StatusCheck},
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(check_status);
}

/// A question of an operator.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusCheckBody {
    /// What was shown.
    pub presented: PresentedBody,
    /// Where the person wants to ride.
    pub service: Service,
    /// Day of the ride; today when left out.
    #[schema(required = false, value_type = String, format = Date, example = "2026-11-24")]
    pub on: Option<NaiveDate>,
    /// Comes back in the answer; at most 64 characters.
    #[schema(required = false, example = "c2Fp")]
    pub nonce: Option<String>,
}

/// What was shown to the conductor.
#[derive(Debug, Serialize, ToSchema)]
pub struct PresentedBody {
    /// `card_id`, `personal_id` or `card_token`.
    #[schema(example = "card_id")]
    pub kind: String,
    /// The id, number or token. Case, spaces and hyphens of a card's id do not matter.
    #[schema(example = "HN-7K3QM-2XWPA-C")]
    pub value: String,
}

/// Check whether a person rides free
///
/// By card id, or by personal number with the scope `transit:check_by_number` and a tight limit. The answer tells
/// nothing else about the person: an unknown card, a card never issued and a person not entitled look the same. A
/// value of the wrong form is `malformed`, and so is every `card_token` until tokens are issued. A person who rides
/// on the identity document alone is `valid` by number without a card. A check leaves a count, not a row.
#[utoipa::path(
    tag = "transit",
    operation_id = "checkStatus",
    security(("oauth2" = ["transit:check"]), ("oauth2" = ["transit:check", "transit:check_by_number"])),
    request_body(content = StatusCheckBody, description = "What was shown, and where."),
    responses((status = 200, description = "What the check found.", body = Answer))
)]
#[post("/v1/transit/status-checks")]
async fn check_status(
    principal: Principal<TransitCheck>,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let today = state.today();
    let asked = body.check(|body| StatusCheck::parse(body, today))?;
    if asked.by_number() {
        if !principal.caller.may(Scope::TransitCheckByNumber) {
            return Err(missing_scope(Scope::TransitCheckByNumber.as_str()));
        }
        state.records.number_checks.charge(&principal.caller.subject)?;
    }
    let service = asked.service;
    let answer = blocking(state, move |state| {
        let (records, policy) = (&state.records, state.policy());
        let store = &records.store;
        let answer = store.read(|conn| cards::check(conn, store.vault(), &policy, asked, today))?;
        records.checks.with_label_values(&[service.as_str(), answer.result.as_str()]).inc();
        records.counters.count(today, service, answer.result);
        if let Err(error) = records.counters.flush_when_due(store) {
            tracing::warn!(%error, "Counts of checks could not be written yet");
        }
        Ok(answer)
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer.await?))
}
