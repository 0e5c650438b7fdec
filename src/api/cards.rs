//! Free-transit cards.

use actix_web::{HttpResponse, get, http::header::ETAG, post, web};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{CardsIssue, CitizensRead},
    api::{
        AppState, ErrorCode, JsonBody, Problem,
        idempotency::{IdempotencyKey, once},
        principal::Principal,
        reading::{PurposeHeader, Reader},
        records::blocking,
        versions::{Seen, tag},
    },
    cards::{self, Card, CardId, CardStatus, CardStep, Step},
    facts::FieldError,
    registry::fields::Fields,
    store::{DecisionId, idempotency::KeptReply},
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(issue_card)
        .service(get_card)
        .service(suspend_card)
        .service(resume_card)
        .service(revoke_card);
}

/// What a card is issued from.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueBody {
    /// A kept decision about free transit that says yes, by law.
    #[schema(example = "01938f6e-0000-7000-8000-000000000001")]
    pub decision_id: String,
    /// Issue a card though the person rides without one (a child under 6, say), because they ask for it.
    #[schema(required = false, example = false)]
    pub issue_anyway: Option<bool>,
}

/// Why a step is taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonBody {
    /// In your words, 3 to 500 characters.
    #[schema(example = "Báo mất thẻ")]
    pub reason: String,
}

/// A card.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardView {
    /// What stands on the card.
    #[schema(example = "HN-7K3QM-2XWPA-C")]
    pub id: String,
    /// Whose it is.
    pub citizen_id: String,
    /// The decision it rests on.
    pub decision_id: String,
    /// Ward or commune that issued it.
    #[schema(example = "00166")]
    pub unit: String,
    /// `free_transit`.
    #[schema(example = "free_transit")]
    pub entitlement: &'static str,
    /// Where it stands.
    pub status: CardStatus,
    /// First day.
    #[schema(value_type = String, format = Date)]
    pub valid_from: NaiveDate,
    /// Last day, or null when it has no end.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<NaiveDate>,
    /// When it was issued, RFC 3339.
    #[schema(format = DateTime)]
    pub issued_at: String,
    /// Who issued it.
    pub issued_by: String,
    /// What happened to it, first step first.
    pub history: Vec<StepView>,
}

/// A step in the life of a card.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// `issued`, `suspended`, `resumed`, `revoked` or `expired`.
    #[schema(example = "issued")]
    pub step: String,
    /// Why.
    pub reason: Option<String>,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    pub at: String,
    /// By whom.
    pub by: String,
}

impl CardView {
    /// The card with its history.
    pub(super) fn new(card: Card, steps: Vec<CardStep>) -> Self {
        let history = steps.into_iter().map(|step| StepView {
            step: step.step,
            reason: step.reason,
            at: step.taken_at.to_rfc3339(),
            by: step.taken_by,
        });
        Self {
            id: card.id,
            citizen_id: card.citizen.to_string(),
            decision_id: card.decision.to_string(),
            unit: card.unit,
            entitlement: cards::ENTITLEMENT,
            status: card.status,
            valid_from: card.valid_from,
            valid_to: card.valid_to,
            issued_at: card.issued_at.to_rfc3339(),
            issued_by: card.issued_by,
            history: history.collect(),
        }
    }
}

/// Issue a card
///
/// From a kept decision about free transit that is `entitled` with a free fare, by law in force. A yes that rests on
/// the plan alone is refused with `plan_promise_only`; a person who rides without a card gets `card_not_required`
/// unless `issue_anyway` is set. The first day is today or the decision's day, whichever is later. A person has one
/// living card.
#[utoipa::path(
    tag = "cards",
    operation_id = "issueCard",
    security(("oauth2" = ["cards:issue"])),
    params(("Idempotency-Key" = String, Header, description = "Any text of yours, new for each card.")),
    request_body(content = IssueBody, description = "The decision it rests on."),
    responses(
        (status = 201, description = "The card, in use from its first day on.", body = CardView,
            headers(("Location" = String, description = "Path of the card."), ("ETag" = String, description = "Its version."))),
        (status = 404, description = "There is no such decision, or it may not be seen."),
        (status = 409, description = "The person has a living card, or the first request with this key is still running.")
    )
)]
#[post("/v1/cards")]
async fn issue_card(
    principal: Principal<CardsIssue>,
    key: IdempotencyKey,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let (asked, (decision, anyway)) = body.check(|body| Ok((body.clone(), parse_issue(body)?)))?;
    let decision = DecisionId::parse(&decision).ok_or(Problem::new(ErrorCode::DecisionNotFound))?;
    let caller = principal.caller.clone();
    let issue = move |state: &AppState, conn: &mut _, ()| {
        let vault = state.records.store.vault();
        let card = cards::issue(conn, vault, decision, anyway, &caller, state.clock())?;
        let steps = crate::store::cards::steps(conn, vault, &card.id)?;
        let (location, etag) = (Some(format!("/v1/cards/{}", card.id)), Some(tag(card.version)));
        let body =
            serde_json::to_value(CardView::new(card, steps)).map_err(|error| Problem::internal(&error))?;
        Ok(KeptReply { status: 201, location, etag, body })
    };
    once(state, principal.caller, key, asked, |_| Ok(()), issue).await
}

/// Read a card
///
/// With its history. Operators use `POST /v1/transit/status-checks` instead, which tells nothing about the person.
#[utoipa::path(
    tag = "cards",
    operation_id = "getCard",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "What stands on the card."), PurposeHeader),
    responses((status = 200, description = "The card.", body = CardView,
        headers(("ETag" = String, description = "Its version."))))
)]
#[get("/v1/cards/{id}")]
async fn get_card(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = card_id(&path)?;
    let subject = id.to_string();
    let found = reader.read(state, subject, move |state, caller| {
        let store = &state.records.store;
        Ok(store.read(|conn| cards::find(conn, store.vault(), &id, caller))?)
    });
    let (card, steps) = found.await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tag(card.version))).json(CardView::new(card, steps)))
}

/// Suspend a card
///
/// Holds an active card back; it may be resumed. `If-Match` is honoured but not demanded: a step that does not follow
/// from where the card stands is refused anyway.
#[utoipa::path(
    tag = "cards",
    operation_id = "suspendCard",
    security(("oauth2" = ["cards:issue"])),
    params(("id" = String, Path, description = "What stands on the card.")),
    request_body(content = ReasonBody, description = "Why."),
    responses(
        (status = 200, description = "The card as it is now.", body = CardView),
        (status = 409, description = "The card is not active."),
        (status = 412, description = "The card was changed since it was read.")
    )
)]
#[post("/v1/cards/{id}/suspend")]
async fn suspend_card(
    principal: Principal<CardsIssue>,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    take_step(Step::Suspend, principal, seen, state, &path, body).await
}

/// Resume a card
///
/// Puts a suspended card back into use.
#[utoipa::path(
    tag = "cards",
    operation_id = "resumeCard",
    security(("oauth2" = ["cards:issue"])),
    params(("id" = String, Path, description = "What stands on the card.")),
    request_body(content = ReasonBody, description = "Why."),
    responses(
        (status = 200, description = "The card as it is now.", body = CardView),
        (status = 409, description = "The card is not suspended."),
        (status = 412, description = "The card was changed since it was read.")
    )
)]
#[post("/v1/cards/{id}/resume")]
async fn resume_card(
    principal: Principal<CardsIssue>,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    take_step(Step::Resume, principal, seen, state, &path, body).await
}

/// Revoke a card
///
/// Withdraws a card for good. The person may be issued another.
#[utoipa::path(
    tag = "cards",
    operation_id = "revokeCard",
    security(("oauth2" = ["cards:issue"])),
    params(("id" = String, Path, description = "What stands on the card.")),
    request_body(content = ReasonBody, description = "Why."),
    responses(
        (status = 200, description = "The card as it is now.", body = CardView),
        (status = 409, description = "The card is revoked or expired already."),
        (status = 412, description = "The card was changed since it was read.")
    )
)]
#[post("/v1/cards/{id}/revoke")]
async fn revoke_card(
    principal: Principal<CardsIssue>,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    take_step(Step::Revoke, principal, seen, state, &path, body).await
}

async fn take_step(
    step: Step,
    principal: Principal<CardsIssue>,
    seen: Seen,
    state: web::Data<AppState>,
    id: &str,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let id = card_id(id)?;
    let reason = body.check(parse_reason)?;
    let stepped = blocking(state, move |state| {
        let store = &state.records.store;
        let (vault, caller, now) = (store.vault(), principal.caller, state.clock().now);
        store.write(|conn| {
            let (card, _) = cards::find(conn, vault, &id, &caller)?;
            seen.allow(card.version)?;
            let card = cards::take_step(conn, vault, card, step, &reason, &caller, now)?;
            let steps = crate::store::cards::steps(conn, vault, &card.id)?;
            Ok::<_, Problem>((card, steps))
        })
    });
    let (card, steps) = stepped.await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tag(card.version))).json(CardView::new(card, steps)))
}

/// The id in a path; what is no id names nothing.
fn card_id(text: &str) -> Result<CardId, Problem> {
    CardId::parse(text).ok_or(Problem::new(ErrorCode::CardNotFound))
}

fn parse_issue(body: &Value) -> Result<(String, bool), Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let decision = fields.text("decision_id", 64);
    let decision = fields.required("decision_id", decision);
    let anyway = fields.flag("issue_anyway").unwrap_or(false);
    fields.finish()?;
    Ok((decision.unwrap_or_default(), anyway))
}

fn parse_reason(body: &Value) -> Result<String, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let reason = fields.text("reason", 500);
    let reason = fields.required("reason", reason);
    if reason.as_deref().is_some_and(|reason| reason.chars().count() < 3) {
        fields.error(
            "reason",
            "invalid_text",
            "Lý do cần ít nhất 3 ký tự.",
            "A reason has at least 3 characters.",
        );
    }
    fields.finish()?;
    Ok(reason.unwrap_or_default())
}
