//! Erasing the data of a person.

use actix_web::{HttpResponse, post, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::CitizensWrite,
    api::{
        AppState, JsonBody, Problem,
        citizens::citizen_id,
        idempotency::{IdempotencyKey, once_kept, respond},
        principal::Principal,
        versions::Seen,
    },
    facts::{FieldError, Text},
    privacy::{self, Done, Hold, Request},
    store::{AnyConn, erasures::ErasedDecision, idempotency::KeptReply},
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(erase_citizen);
}

/// Why a person is erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureBody {
    /// Legal ground (Law 91/2025/QH15, Article 14): `request`, `purpose_achieved`, `storage_period_over`,
    /// `order_of_authority`, `agreement` or `other_law`.
    #[schema(example = "request")]
    pub ground: String,
    /// Why, in your words, 1 to 500 characters: a file number, say. Name and numbers of the person are refused: this stays.
    #[schema(example = "Theo đơn đề nghị số 12/2026 của công dân")]
    pub reason: String,
}

/// What was erased and what stays.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureView {
    /// Id of the entry that stays.
    pub id: String,
    /// Ward or commune that kept the record.
    #[schema(example = "00166")]
    pub unit: String,
    /// Legal ground.
    #[schema(example = "request")]
    pub ground: String,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    pub erased_at: String,
    /// By whom.
    pub erased_by: String,
    /// How many rows went, by table.
    pub removed: Vec<RemovedView>,
    /// What stays of each decision: nothing that tells whom it was about.
    pub kept: Vec<KeptDecisionView>,
    /// What this could not reach, and what to do about it.
    pub remains: Vec<RemainsView>,
}

/// Rows that went.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedView {
    /// The table.
    #[schema(example = "evidence")]
    pub table: String,
    /// How many.
    #[schema(example = 2)]
    pub rows: usize,
}

/// What stays of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptDecisionView {
    /// The entitlement.
    #[schema(example = "free_transit")]
    pub entitlement: String,
    /// Its outcome.
    #[schema(example = "entitled")]
    pub outcome: String,
    /// Day that was asked about.
    #[schema(value_type = String, format = Date)]
    pub as_of: NaiveDate,
    /// Day of the decision.
    #[schema(value_type = String, format = Date)]
    pub decided_on: NaiveDate,
    /// Digest of the pack of law.
    #[schema(example = "sha256:…")]
    pub policy_digest: String,
}

/// Something that an erasure does not reach.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemainsView {
    /// Stable code.
    #[schema(example = "backups")]
    pub code: String,
    /// What, and what to do.
    pub text: Text,
}

const REMAINS: [(&str, &str, &str); 4] = [
    (
        "backups",
        "Bản sao dự phòng lập trước đó vẫn còn dữ liệu, đã niêm phong, cho đến khi bị hủy; sau khi phục hồi phải xóa lại.",
        "Backups made before still hold the data, sealed, until they are destroyed; after a restore it must be erased again.",
    ),
    (
        "unused_space",
        "Phần chưa dùng của tệp cơ sở dữ liệu có thể còn bản sao đã niêm phong cho đến khi chạy an-sinh retention --compact.",
        "Unused parts of the database's files may hold sealed copies until `an-sinh retention --compact` was run.",
    ),
    (
        "household",
        "Quyết định về những người khác trong hộ giữ thông tin của hộ đã dùng khi quyết định.",
        "Decisions about others in the household keep the facts of the household that they rest on.",
    ),
    (
        "outside",
        "Giấy tờ, bản quét, thông báo đã in và dữ liệu đã gửi cho hệ thống khác nằm ngoài cơ sở dữ liệu này.",
        "Papers, scans, printed notices and what other systems were sent are outside this database.",
    ),
];

impl From<Done> for ErasureView {
    fn from(done: Done) -> Self {
        let removed = done.removed.into_iter();
        let remains = REMAINS
            .iter()
            .map(|(code, vi, en)| RemainsView { code: (*code).to_owned(), text: Text::new(*vi, *en) });
        Self {
            id: done.erasure.id,
            unit: done.erasure.unit,
            ground: done.erasure.ground,
            erased_at: done.erasure.at.to_rfc3339(),
            erased_by: done.erasure.by,
            removed: removed
                .map(|(table, rows)| RemovedView { table: table.as_str().to_owned(), rows })
                .collect(),
            kept: done.decided.into_iter().map(KeptDecisionView::from).collect(),
            remains: remains.collect(),
        }
    }
}

impl From<ErasedDecision> for KeptDecisionView {
    fn from(decided: ErasedDecision) -> Self {
        Self {
            entitlement: decided.entitlement,
            outcome: decided.outcome,
            as_of: decided.as_of,
            decided_on: decided.decided_on,
            policy_digest: decided.policy_digest,
        }
    }
}

/// Why a record must be kept, in words.
pub(super) fn held(hold: Hold) -> FieldError {
    let (code, vi, en) = match hold {
        Hold::LivingCard => (
            "living_card",
            "Người này còn thẻ chưa hết hạn, chưa thu hồi; hãy thu hồi thẻ trước.".to_owned(),
            "The person has a card that is neither revoked nor run out; revoke it first.".to_owned(),
        ),
        Hold::OpenAppeal => (
            "open_appeal",
            "Còn khiếu nại chưa có kết quả.".to_owned(),
            "An appeal has no outcome yet.".to_owned(),
        ),
        Hold::KeptUntil(day) => (
            "keeping_time",
            format!("Quyết định còn phải lưu; xóa được từ ngày {day}."),
            format!("A decision must be kept; it may be erased from {day} on."),
        ),
        Hold::KeepingTimeUnknown => (
            "keeping_time_unknown",
            "Hồ sơ có quyết định mà thời hạn lưu trữ chưa được thiết lập (AN_SINH_KEEP_DECISIONS)."
                .to_owned(),
            "There are decisions, and how long they must be kept is not set (AN_SINH_KEEP_DECISIONS)."
                .to_owned(),
        ),
        Hold::HouseholdPapers => (
            "household_papers",
            "Giấy tờ trong hồ sơ chứng minh thông tin của hộ còn người khác; hãy ghi giấy tờ vào hồ sơ của họ rồi rút ở đây."
                .to_owned(),
            "Documents in the record prove facts of a household in which others live; record them with one of those, then \
             withdraw them here."
                .to_owned(),
        ),
    };
    FieldError { pointer: String::new(), code, detail: Text::new(vi, en) }
}

/// The reason would tell who it was.
pub(super) fn names_the_person() -> FieldError {
    let detail = Text::new(
        "Lý do được lưu lại nên không được nêu họ tên hay số định danh cá nhân của người được xóa.",
        "The reason stays, so it must not tell name or number of the person who is erased.",
    );
    FieldError { pointer: "/reason".into(), code: "names_the_person", detail }
}

/// Erase the data of a person
///
/// Removes the record with all versions and records merged into it, numbers, documents, decisions with their facts, appeals,
/// cards, kept answers, and whom the entries of the audit log were about; in one transaction. What stays tells nobody who it
/// was: of each decision the entitlement, outcome, days and law, and that somebody was erased, on which ground, by whom.
/// The audit log still verifies. It cannot be undone. A card in use, an open appeal, a decision within its keeping time, or
/// papers on which others rest stand against it.
#[utoipa::path(
    tag = "citizens",
    operation_id = "eraseCitizen",
    security(("oauth2" = ["citizens:write"])),
    params(
        ("id" = String, Path, description = "Id of the record."),
        ("Idempotency-Key" = String, Header, description = "Any text of yours, new for each erasure."),
        ("If-Match" = String, Header, description = "`ETag` of the version that was read.")
    ),
    request_body(content = ErasureBody, description = "On which ground, and why."),
    responses(
        (status = 201, description = "What was erased and what stays.", body = ErasureView),
        (status = 409, description = "The record must be kept, was merged into another, or the first request with this key \
            is still running."),
        (status = 412, description = "The record was changed since it was read."),
        (status = 428, description = "`If-Match` is missing.")
    )
)]
#[post("/v1/citizens/{id}/erasure")]
async fn erase_citizen(
    principal: Principal<CitizensWrite>,
    key: IdempotencyKey,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let (asked, request) = body.check(|body| Ok((body.clone(), Request::parse(body)?)))?;
    let caller = principal.caller.clone();
    let erase = move |state: &AppState, conn: &mut AnyConn, ()| {
        let (vault, keep) = (state.records.store.vault(), state.config.keep_decisions);
        let done = privacy::erase(conn, vault, id, &request, keep, (&caller, state.clock()), |citizen| {
            seen.insist(citizen.version)
        })?;
        let body =
            serde_json::to_value(ErasureView::from(done)).map_err(|error| Problem::internal(&error))?;
        Ok(KeptReply { status: 201, location: None, etag: None, body })
    };
    let (reply, replayed) = once_kept(state.clone(), principal.caller, key, asked, |_| Ok(()), erase).await?;
    // It is done. What the log of the database still holds of it goes now, or soon.
    web::block(move || state.records.erased()).await?;
    Ok(respond(&reply, replayed))
}
