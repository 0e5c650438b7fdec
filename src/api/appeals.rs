//! Appeals against decisions.

use actix_web::{HttpResponse, get, http::header::ETAG, post, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{CitizensRead, DecisionsWrite},
    api::{
        AppState, ErrorCode, JsonBody, Problem,
        decisions::decision_id,
        idempotency::{IdempotencyKey, once},
        paging::PageQuery,
        principal::Principal,
        reading::{PurposeHeader, Reader},
        records::blocking,
        versions::{Seen, tag},
    },
    decisions::appeals::{self, AppealError, NewAppeal, NewOutcome},
    facts::Text,
    store::{
        AppealId,
        appeals::{Appeal, Outcome},
        idempotency::KeptReply,
    },
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(file_appeal).service(list_appeals).service(get_appeal).service(end_appeal);
}

/// An appeal to be filed.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewAppealBody {
    /// Day it was handed in: not before the decision, not after today.
    #[schema(value_type = String, format = Date, example = "2026-11-24")]
    pub filed_on: NaiveDate,
    /// Why, in the words of who appeals; at most 4,000 characters, line ends allowed. Kept sealed.
    #[schema(max_length = 4000, example = "Gia đình tôi thuộc hộ nghèo từ tháng 1.")]
    pub grounds: String,
    /// What of the decision it is against; all of it when left out.
    #[schema(required = false, example = json!(["free_transit"]))]
    pub entitlements: Option<Vec<String>>,
}

/// How an appeal ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewOutcomeBody {
    /// `upheld`: the decision stays; `changed`: another took its place; `withdrawn`: the appeal was taken back.
    #[schema(example = "upheld")]
    pub outcome: String,
    /// Why; at most 4,000 characters. Kept sealed.
    #[schema(max_length = 4000, example = "Danh sách hộ nghèo năm 2026 không có hộ này.")]
    pub reason: String,
    /// With `changed`, and only then: the decision that took the place of the one appealed, recorded with `supersedes`.
    #[schema(required = false)]
    pub decision_id: Option<String>,
}

/// Until when an appeal may be filed.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadlineView {
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub on: NaiveDate,
    /// Always `unverified`: the number of days is a setting that was not checked against the law.
    #[schema(example = "unverified")]
    pub confidence: String,
    /// What to know about the day.
    pub note: Text,
}

impl DeadlineView {
    /// That day.
    pub(super) fn new(on: NaiveDate) -> Self {
        let note = Text::new(
            "Tính từ ngày ghi nhận quyết định; theo luật, thời hiệu tính từ ngày nhận hoặc biết được quyết định nên có thể \
             muộn hơn. Số ngày là thiết lập của hệ thống, chưa được đối chiếu với văn bản pháp luật.",
            "Counted from the day of the decision; by law the time runs from the day it was received or learned of, \
             which may be later. The number of days is a setting and has not been checked against the law.",
        );
        Self { on, confidence: "unverified".to_owned(), note }
    }
}

/// An appeal.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppealView {
    /// Its id.
    pub id: String,
    /// The decision it is against.
    pub decision_id: String,
    /// Ward or commune that made the decision.
    #[schema(example = "00166")]
    pub unit: String,
    /// `filed`, or how it ended: `upheld`, `changed`, `withdrawn`.
    #[schema(example = "filed")]
    pub status: String,
    /// Day it was handed in.
    #[schema(value_type = String, format = Date)]
    pub filed_on: NaiveDate,
    /// Why.
    pub grounds: String,
    /// What of the decision it is against; null = all of it.
    pub entitlements: Option<Vec<String>>,
    /// Until when it could be filed, as the service was set up then.
    pub deadline: DeadlineView,
    /// What an official should look at: `filed_late`.
    pub warnings: Vec<AppealWarning>,
    /// How it ended; null while it is open.
    pub outcome: Option<OutcomeView>,
    /// When it was recorded, RFC 3339.
    #[schema(format = DateTime)]
    pub recorded_at: String,
    /// Who recorded it.
    pub recorded_by: String,
}

/// Something an official should look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppealWarning {
    /// Stable code.
    #[schema(example = "filed_late")]
    pub code: String,
    /// What is odd.
    pub detail: Text,
}

/// How an appeal ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeView {
    /// `upheld`, `changed` or `withdrawn`.
    #[schema(example = "upheld")]
    pub outcome: String,
    /// Why.
    pub reason: String,
    /// The decision that took the place of the one appealed.
    pub decision_id: Option<String>,
    /// When it was recorded, RFC 3339.
    #[schema(format = DateTime)]
    pub recorded_at: String,
    /// Who recorded it.
    pub recorded_by: String,
}

impl From<Outcome> for OutcomeView {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome: outcome.ending.as_str().to_owned(),
            reason: outcome.reason,
            decision_id: outcome.decision.map(|id| id.to_string()),
            recorded_at: outcome.recorded_at.to_rfc3339(),
            recorded_by: outcome.recorded_by,
        }
    }
}

impl From<Appeal> for AppealView {
    fn from(appeal: Appeal) -> Self {
        let late = (appeal.filed_on > appeal.due_on).then(|| AppealWarning {
            code: "filed_late".to_owned(),
            detail: Text::new(
                "Nộp sau ngày cuối tính từ ngày ghi nhận quyết định; cần xem ngày nhận quyết định và lý do nộp muộn.",
                "Filed after the last day counted from the decision; look at the day it was received and why it is late.",
            ),
        });
        Self {
            id: appeal.id.to_string(),
            decision_id: appeal.decision.to_string(),
            unit: appeal.unit,
            status: appeal.outcome.as_ref().map_or("filed", |outcome| outcome.ending.as_str()).to_owned(),
            filed_on: appeal.filed_on,
            grounds: appeal.grounds.text,
            entitlements: Some(appeal.grounds.entitlements).filter(|named| !named.is_empty()),
            deadline: DeadlineView::new(appeal.due_on),
            warnings: late.into_iter().collect(),
            outcome: appeal.outcome.map(Into::into),
            recorded_at: appeal.recorded_at.to_rfc3339(),
            recorded_by: appeal.recorded_by,
        }
    }
}

/// An appeal changes once: when it ends.
fn version(appeal: &Appeal) -> i64 {
    if appeal.outcome.is_some() { 2 } else { 1 }
}

/// A page of appeals.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppealPage {
    /// In the order they were recorded.
    pub items: Vec<AppealView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// File an appeal
///
/// Keeps what a citizen says against a decision. One that comes after the deadline is kept too, with a warning.
#[utoipa::path(
    tag = "decisions",
    operation_id = "fileAppeal",
    security(("oauth2" = ["decisions:write"])),
    params(
        ("id" = String, Path, description = "Id of the decision."),
        ("Idempotency-Key" = String, Header, description = "Any text of yours, new for each appeal.")
    ),
    request_body(content = NewAppealBody, description = "The appeal."),
    responses(
        (status = 201, description = "The appeal as kept.", body = AppealView,
            headers(("Location" = String, description = "Path of the appeal."),
                ("ETag" = String, description = "Its version, for `If-Match`."))),
        (status = 409, description = "The first request with this key is still running.")
    )
)]
#[post("/v1/decisions/{id}/appeals")]
async fn file_appeal(
    principal: Principal<DecisionsWrite>,
    key: IdempotencyKey,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let decision = decision_id(&path)?;
    let today = state.today();
    let (asked, new) = body.check(|body| Ok((body.clone(), NewAppeal::parse(body, today)?)))?;
    let caller = principal.caller.clone();
    let file = move |state: &AppState, conn: &mut _, ()| {
        let (vault, days) = (state.records.store.vault(), state.config.appeal_days);
        let appeal = appeals::file(conn, vault, decision, new, days, &caller, state.clock())?;
        let (location, etag) = (Some(format!("/v1/appeals/{}", appeal.id)), Some(tag(version(&appeal))));
        let body =
            serde_json::to_value(AppealView::from(appeal)).map_err(|error| Problem::internal(&error))?;
        Ok(KeptReply { status: 201, location, etag, body })
    };
    once(state, principal.caller, key, asked, |_| Ok(()), file).await
}

/// List appeals
///
/// All appeals against a decision, in the order they were recorded. Reading is entered in the audit log.
#[utoipa::path(
    tag = "decisions",
    operation_id = "listAppeals",
    security(("oauth2" = ["citizens:read"])),
    params(
        ("id" = String, Path, description = "Id of the decision."),
        ("limit" = Option<u32>, Query, description = "Appeals at most, 1 to 200; 50 when left out.", example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
        PurposeHeader
    ),
    responses((status = 200, description = "A page of appeals.", body = AppealPage))
)]
#[get("/v1/decisions/{id}/appeals")]
async fn list_appeals(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let decision = decision_id(&path)?;
    let page = query.read(AppealId::parse)?;
    let found = reader.read(state, decision, move |state, caller| {
        let (store, reach) = (&state.records.store, caller.reach());
        let limit = page.look_for();
        let found =
            store.read(|conn| appeals::of_decision(conn, store.vault(), decision, &reach, page.after, limit));
        Ok(found?)
    });
    let mut found = found.await?;
    let next_cursor = page.cut(&mut found, |appeal| appeal.id);
    let items = found.into_iter().map(Into::into).collect();
    Ok(HttpResponse::Ok().json(AppealPage { items, next_cursor }))
}

/// Read an appeal
///
/// With its outcome, once it has one. Reading is entered in the audit log.
#[utoipa::path(
    tag = "decisions",
    operation_id = "getAppeal",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "Id of the appeal."), PurposeHeader),
    responses((status = 200, description = "The appeal.", body = AppealView,
        headers(("ETag" = String, description = "Its version, for `If-Match`."))))
)]
#[get("/v1/appeals/{id}")]
async fn get_appeal(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = appeal_id(&path)?;
    let found = reader.read(state, id, move |state, caller| {
        let store = &state.records.store;
        Ok(store.read(|conn| appeals::find(conn, store.vault(), id, &caller.reach()))?)
    });
    let appeal = found.await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tag(version(&appeal)))).json(AppealView::from(appeal)))
}

/// End an appeal
///
/// Keeps the outcome, once. `changed` names the decision that took the place of the one appealed: record that one first,
/// with `supersedes`. Takes the version that was read, as `If-Match`.
#[utoipa::path(
    tag = "decisions",
    operation_id = "endAppeal",
    security(("oauth2" = ["decisions:write"])),
    params(
        ("id" = String, Path, description = "Id of the appeal."),
        ("If-Match" = String, Header, description = "`ETag` of the version that was read.")
    ),
    request_body(content = NewOutcomeBody, description = "The outcome and why."),
    responses(
        (status = 200, description = "The appeal as it is now.", body = AppealView,
            headers(("ETag" = String, description = "Its new version."))),
        (status = 409, description = "The appeal has ended already."),
        (status = 412, description = "The appeal ended since it was read."),
        (status = 428, description = "`If-Match` is missing.")
    )
)]
#[post("/v1/appeals/{id}/outcome")]
async fn end_appeal(
    principal: Principal<DecisionsWrite>,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let id = appeal_id(&path)?;
    let new = body.check(NewOutcome::parse)?;
    let ended = blocking(state, move |state| {
        let store = &state.records.store;
        let (vault, caller, clock) = (store.vault(), principal.caller, state.clock());
        store.write(|conn| {
            let appeal = appeals::find(conn, vault, id, &caller.reach())?;
            seen.insist(version(&appeal))?;
            Ok::<_, Problem>(appeals::end(conn, vault, appeal, new, &caller, clock)?)
        })
    });
    let appeal = ended.await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tag(version(&appeal)))).json(AppealView::from(appeal)))
}

/// The id in a path; what is no id names nothing.
fn appeal_id(text: &str) -> Result<AppealId, Problem> {
    AppealId::parse(text).ok_or(Problem::new(ErrorCode::AppealNotFound))
}

impl From<AppealError> for Problem {
    fn from(error: AppealError) -> Self {
        match error {
            AppealError::NoSuchAppeal => Self::new(ErrorCode::AppealNotFound),
            AppealError::Closed => Self::new(ErrorCode::AppealClosed),
            AppealError::Decision(error) => error.into(),
        }
    }
}
