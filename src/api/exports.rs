//! All that is kept about one person, in one document.

use actix_web::{HttpResponse, get, http::header::CONTENT_DISPOSITION, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::CitizensRead,
    api::{
        AppState, Problem,
        appeals::AppealView,
        cards::CardView,
        citizens::{CitizenView, citizen_id},
        decisions::DecisionView,
        evidence::EvidenceView,
        reading::{PurposeHeader, Reader},
        record_changes::VersionView,
    },
    audit::AuditRow,
    facts::Text,
    privacy::{self, Dossier, RecordFile},
    store::households::Membership,
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(export_citizen);
}

/// All that is kept about one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportView {
    /// The record that is kept.
    pub citizen_id: String,
    /// When this was put together, RFC 3339.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// For whom: the official or system that asked.
    pub made_by: String,
    /// The record, then those that were merged into it.
    pub records: Vec<ExportedRecord>,
    /// Documents, those that no longer count included.
    pub evidence: Vec<EvidenceView>,
    /// Decisions with facts and answer, the last made first.
    pub decisions: Vec<DecisionView>,
    /// Appeals against them, with their outcomes.
    pub appeals: Vec<AppealView>,
    /// Cards with what happened to them.
    pub cards: Vec<CardView>,
    /// What other systems are told.
    pub events: Vec<EventView>,
    /// Who did or read what of it, when, and for which purpose.
    pub acts: Vec<ActView>,
    /// What is not in here, and why.
    pub not_included: Vec<NotIncluded>,
}

/// One record of the person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedRecord {
    /// As it is now.
    pub citizen: CitizenView,
    /// What it said before, first version first.
    pub versions: Vec<VersionView>,
    /// Where the person lived, without those who lived there too.
    pub households: Vec<StayView>,
    /// Personal numbers that were given up.
    pub former_numbers: Vec<FormerNumberView>,
    /// When and by whom it was merged into the one that is kept; null for that one.
    pub merged: Option<MergedView>,
}

/// A stretch of days in a household.
#[derive(Debug, Serialize, ToSchema)]
pub struct StayView {
    /// The household.
    pub household_id: String,
    /// First day; null = as far back as anything is known.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<NaiveDate>,
    /// Last day; null = until further notice.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<NaiveDate>,
    /// When it was recorded, RFC 3339.
    #[schema(format = DateTime)]
    pub recorded_at: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When its end was recorded, RFC 3339.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// Who recorded its end.
    pub ended_by: Option<String>,
}

/// A personal number that was given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormerNumberView {
    /// The number; null when no version of the record tells it any more.
    pub personal_id: Option<String>,
    /// When it was given up, RFC 3339.
    #[schema(format = DateTime)]
    pub given_up_at: String,
}

/// That a record was merged.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergedView {
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    pub at: String,
    /// By whom.
    pub by: String,
}

/// Something that other systems are told.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// What happened.
    #[schema(example = "decision.recorded")]
    pub kind: String,
    /// To what.
    pub subject: String,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    pub at: String,
}

/// An act.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActView {
    /// Its place in the audit log.
    #[schema(example = 17)]
    pub seq: i64,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who.
    #[schema(example = "official:official")]
    pub actor: String,
    /// What.
    #[schema(example = "record.read")]
    pub action: String,
    /// Of what.
    pub subject: Option<String>,
    /// Why it was read.
    pub purpose: Option<String>,
}

/// Something that is not in an export.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotIncluded {
    /// Stable code.
    #[schema(example = "other_members")]
    pub code: String,
    /// What, and why.
    pub text: Text,
}

/// What is never in an export.
const LEFT_OUT: [(&str, &str, &str); 6] = [
    (
        "other_members",
        "Dữ liệu của những người khác trong hộ, kể cả quyết định về họ có dùng thông tin chung của hộ: đó là dữ liệu của họ.",
        "Data of others in the household, decisions about them that use facts of the household included: it is theirs.",
    ),
    (
        "searches",
        "Các lần tìm kiếm: nhật ký chỉ ghi ai tìm và tìm thấy bao nhiêu hồ sơ, không ghi tìm ai.",
        "Searches: the log says who searched and how many records were found, not whom.",
    ),
    (
        "this_reading",
        "Lần kết xuất này: nó được ghi vào nhật ký ngay sau khi lập xong.",
        "This export itself: it is entered in the log right after it was put together.",
    ),
    (
        "indexes",
        "Chỉ mục tra cứu và mã băm: tính từ chính dữ liệu trên, không đọc ngược lại được.",
        "Indexes for look-ups and digests: made from the data above, they cannot be read back.",
    ),
    (
        "kept_answers",
        "Bản sao câu trả lời giữ trong 24 giờ để chống thực hiện trùng: chỉ lặp lại dữ liệu trên.",
        "Copies of answers kept for 24 hours so that nothing is carried out twice: they repeat the data above.",
    ),
    (
        "outside",
        "Bản quét giấy tờ (chỉ có nơi lưu), bản sao dự phòng và dữ liệu đã gửi cho hệ thống khác: nằm ngoài cơ sở dữ liệu này.",
        "Scans (only where they lie is on record), backups and what other systems were sent: they are outside this database.",
    ),
];

impl ExportView {
    fn new(dossier: Dossier, made_by: String, state: &AppState) -> Result<Self, Problem> {
        let kept = dossier.records.first().map(|record| record.citizen.id.to_string()).unwrap_or_default();
        let left_out = LEFT_OUT
            .iter()
            .map(|(code, vi, en)| NotIncluded { code: (*code).to_owned(), text: Text::new(*vi, *en) });
        let decisions = dossier.decisions.into_iter();
        let events = dossier.events.into_iter();
        Ok(Self {
            citizen_id: kept,
            made_at: state.clock().now.to_rfc3339(),
            made_by,
            records: dossier.records.into_iter().map(ExportedRecord::new).collect::<Result<_, _>>()?,
            evidence: dossier.evidence.into_iter().map(EvidenceView::new).collect(),
            decisions: decisions.map(|decision| DecisionView::new(decision, state)).collect(),
            appeals: dossier.appeals.into_iter().map(AppealView::from).collect(),
            cards: dossier.cards.into_iter().map(|(card, steps)| CardView::new(card, steps)).collect(),
            events: events
                .map(|(kind, subject, at)| EventView { kind, subject, at: at.to_rfc3339() })
                .collect(),
            acts: dossier.acts.into_iter().map(ActView::from).collect(),
            not_included: left_out.collect(),
        })
    }
}

impl ExportedRecord {
    fn new(file: RecordFile) -> Result<Self, Problem> {
        let former = file.former_numbers.into_iter().map(|former| FormerNumberView {
            personal_id: former.number,
            given_up_at: former.at.to_rfc3339(),
        });
        Ok(Self {
            citizen: CitizenView::new(file.citizen),
            versions: file.versions.into_iter().map(VersionView::new).collect::<Result<_, _>>()?,
            households: file.stays.into_iter().map(StayView::from).collect(),
            former_numbers: former.collect(),
            merged: file.merge.map(|merge| MergedView { at: merge.at.to_rfc3339(), by: merge.by }),
        })
    }
}

impl From<Membership> for StayView {
    fn from(stay: Membership) -> Self {
        Self {
            household_id: stay.household.to_string(),
            from: stay.valid_from,
            to: stay.valid_to,
            recorded_at: stay.recorded_at.to_rfc3339(),
            recorded_by: stay.recorded_by,
            ended_at: stay.ended_at.map(|at| at.to_rfc3339()),
            ended_by: stay.ended_by,
        }
    }
}

impl From<AuditRow> for ActView {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            at: row.recorded_at.and_utc().to_rfc3339(),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            purpose: row.purpose,
        }
    }
}

/// All that is kept about a person
///
/// For the person whose data it is, who has a right to it: the record with all its versions, records merged into it, former
/// numbers, where they lived, documents, decisions with facts and answer, appeals, cards, what others are told, who did or
/// read what of it and why; and what is not in here. Of other members of the household it tells nothing. It is entered in
/// the audit log as `record.exported`.
#[utoipa::path(
    tag = "citizens",
    operation_id = "exportCitizen",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "Id of the record."), PurposeHeader),
    responses(
        (status = 200, description = "All of it, to be handed over as a file.", body = ExportView),
        (status = 409, description = "The record was merged into another, which is the one to ask for.")
    )
)]
#[get("/v1/citizens/{id}/export")]
async fn export_citizen(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let export = reader.export(state, id, move |state, caller| {
        let store = &state.records.store;
        let found = store.read(|conn| privacy::dossier(conn, store.vault(), id, &caller.reach()))?;
        ExportView::new(found, caller.subject.clone(), state)
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"an-sinh-export.json\""))
        .json(export.await?))
}
