//! What becomes of a record in the course of a life: it moves, a second one turns up, a document is replaced.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{Caller, CitizensRead, CitizensWrite},
    api::{
        AppState, ErrorCode, JsonBody, Problem,
        citizens::{CitizenView, citizen_id},
        evidence::EvidenceView,
        idempotency::{IdempotencyKey, once},
        principal::Principal,
        reading::{PurposeHeader, Reader},
        versions::{Seen, tag},
    },
    audit::{self, Table},
    registry::{self, fields::Fields},
    store::{
        AnyConn, CitizenId, EvidenceId, citizen_versions, duplicates,
        evidence::{self, End, Evidence},
        idempotency::KeptReply,
    },
};

/// Registers these steps.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(move_citizen)
        .service(merge_citizens)
        .service(list_versions)
        .service(get_facts)
        .service(replace_evidence)
        .service(withdraw_evidence);
}

/// Where a citizen goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveBody {
    /// First day there.
    #[schema(value_type = String, format = Date, example = "2026-01-02")]
    pub on: NaiveDate,
    /// Ward or commune that keeps the record from now on; the present one when left out.
    #[schema(required = false, example = "00070")]
    pub unit: Option<String>,
    /// Household to join; one of their own when left out.
    #[schema(required = false)]
    pub household_id: Option<String>,
}

/// Which record is a second one.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeBody {
    /// Id of the record that is given up.
    #[schema(example = "01938f6e-0000-7000-8000-000000000002")]
    pub duplicate_id: String,
}

/// Why a document no longer counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithdrawalBody {
    /// Why, at most 500 characters.
    #[schema(example = "Nhập nhầm hồ sơ")]
    pub reason: String,
}

/// A version of a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    /// Counts from 1.
    pub version: i64,
    /// The household the person lived in.
    pub household_id: String,
    /// Ward or commune that kept the record.
    pub unit: String,
    /// What it said, member by member.
    #[schema(value_type = Object)]
    pub person: Value,
    /// When it was recorded, RFC 3339.
    #[schema(format = DateTime)]
    pub recorded_at: String,
    /// Who recorded it.
    pub recorded_by: String,
}

/// What became of a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionList {
    /// First version first.
    pub items: Vec<VersionView>,
    /// The record that is kept instead, when this one was merged.
    pub merged_into: Option<String>,
    /// Records that were merged into this one.
    pub merged_from: Vec<String>,
}

/// The day and the state of knowledge that is asked about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    on: Option<NaiveDate>,
    known_at: Option<DateTime<Utc>>,
}

/// The facts of a person on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactsView {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub on: NaiveDate,
    /// Facts of the person, as an evaluation takes them.
    #[schema(value_type = Object)]
    pub person: Map<String, Value>,
    /// Facts of the household they lived in that day.
    #[schema(value_type = Object)]
    pub household: Map<String, Value>,
    /// Documents they come from.
    pub evidence: Vec<String>,
    /// Where documents contradict each other.
    #[schema(value_type = Vec<Object>)]
    pub warnings: Vec<Value>,
}

/// Move a citizen
///
/// To another household, another ward or commune, or both. Where they lived before stays on record: facts of a day
/// are those of the household of that day. Once moved out of the caller's unit, the record is no longer theirs to see.
#[utoipa::path(
    tag = "citizens",
    operation_id = "moveCitizen",
    security(("oauth2" = ["citizens:write"])),
    params(
        ("id" = String, Path, description = "Id of the record."),
        ("Idempotency-Key" = String, Header, description = "Any text of yours, new for each move."),
        ("If-Match" = String, Header, description = "`ETag` of the version that was read.")
    ),
    request_body(content = MoveBody, description = "Where to, and from which day."),
    responses(
        (status = 201, description = "The record as it is now.", body = CitizenView,
            headers(("ETag" = String, description = "Its new version."))),
        (status = 409, description = "The record was merged into another."),
        (status = 412, description = "The record was changed since it was read."),
        (status = 428, description = "`If-Match` is missing.")
    )
)]
#[post("/v1/citizens/{id}/moves")]
async fn move_citizen(
    principal: Principal<CitizensWrite>,
    key: IdempotencyKey,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let asked = body.check(|body| Ok(body.clone()))?;
    let (caller, to) = (principal.caller.clone(), asked.clone());
    let go = move |state: &AppState, conn: &mut AnyConn, ()| {
        let (vault, clock) = (state.records.store.vault(), state.clock());
        let citizen = registry::citizen_to_change(conn, vault, id, &caller.reach())?;
        seen.insist(citizen.version)?;
        let to = registry::parse_move(&to, &citizen.unit, clock.today).map_err(Problem::invalid_body)?;
        let stamp = (clock.now, caller.subject.as_str());
        let moved = registry::move_citizen(conn, vault, citizen, to, stamp)?;
        registry::enter(conn, &moved, "citizen.moved", stamp)?;
        kept(201, Some(tag(moved.version)), CitizenView::new(moved))
    };
    once(state, principal.caller, key, asked, |_| Ok(()), go).await
}

/// Merge a second record
///
/// Both are of one person: documents of the duplicate count for the record kept, its number finds that record.
/// Decisions and cards stay where they are. The duplicate can be read, but no longer changed.
#[utoipa::path(
    tag = "citizens",
    operation_id = "mergeCitizens",
    security(("oauth2" = ["citizens:write"])),
    params(
        ("id" = String, Path, description = "Id of the record that is kept."),
        ("Idempotency-Key" = String, Header, description = "Any text of yours, new for each merge."),
        ("If-Match" = String, Header, description = "`ETag` of the version that was read.")
    ),
    request_body(content = MergeBody, description = "The record that is given up."),
    responses(
        (status = 201, description = "The record that is kept.", body = CitizenView,
            headers(("ETag" = String, description = "Its new version."))),
        (status = 409, description = "One of them was merged before."),
        (status = 412, description = "The record was changed since it was read."),
        (status = 428, description = "`If-Match` is missing.")
    )
)]
#[post("/v1/citizens/{id}/merges")]
async fn merge_citizens(
    principal: Principal<CitizensWrite>,
    key: IdempotencyKey,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let (asked, duplicate) = body.check(|body| {
        let mut fields = Fields::of(body)?;
        let text = fields.text("duplicate_id", 36);
        let text = fields.required("duplicate_id", text);
        let duplicate = text.as_deref().and_then(CitizenId::parse);
        if text.is_some() && duplicate.is_none() {
            fields.error(
                "duplicate_id",
                "invalid_id",
                "Mã hồ sơ không đúng dạng.",
                "Not the id of a record.",
            );
        }
        fields.finish()?;
        Ok((body.clone(), duplicate.ok_or_else(Vec::new)?))
    })?;
    let caller = principal.caller.clone();
    let merge = move |state: &AppState, conn: &mut AnyConn, ()| {
        let (vault, now) = (state.records.store.vault(), state.clock().now);
        let keep = registry::citizen_to_change(conn, vault, id, &caller.reach())?;
        seen.insist(keep.version)?;
        let duplicate = registry::citizen(conn, vault, duplicate, &caller.reach())?;
        let stamp = (now, caller.subject.as_str());
        let merged = registry::merge_citizens(conn, vault, keep, &duplicate, stamp)?;
        registry::enter(conn, &duplicate, "citizen.merged", stamp)?;
        registry::enter(conn, &merged, "citizen.changed", stamp)?;
        kept(201, Some(tag(merged.version)), CitizenView::new(merged))
    };
    once(state, principal.caller, key, asked, |_| Ok(()), merge).await
}

/// List the versions of a record
///
/// Nothing that was on record is overwritten: what it said before, from when, and who wrote it.
#[utoipa::path(
    tag = "citizens",
    operation_id = "listVersions",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "Id of the record."), PurposeHeader),
    responses((status = 200, description = "The versions.", body = VersionList))
)]
#[get("/v1/citizens/{id}/versions")]
async fn list_versions(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let list = reader.read(state, id, move |state, caller| {
        let store = &state.records.store;
        store.read(|conn| {
            registry::citizen(conn, store.vault(), id, &caller.reach())?;
            let versions = citizen_versions::of_citizen(conn, store.vault(), id)?;
            let merged_into = duplicates::kept_instead(conn, id)?.map(|kept| kept.to_string());
            let merged_from = duplicates::merged_into(conn, id)?;
            Ok::<_, Problem>(VersionList {
                items: versions.into_iter().map(VersionView::new).collect::<Result<_, _>>()?,
                merged_into,
                merged_from: merged_from.iter().map(ToString::to_string).collect(),
            })
        })
    });
    Ok(HttpResponse::Ok().json(list.await?))
}

/// The facts of a citizen on a day
///
/// What the record and the documents that count that day say together: what a decision of that day rests on. With
/// `known_at`, by what was on record at that instant.
#[utoipa::path(
    tag = "citizens",
    operation_id = "getFacts",
    security(("oauth2" = ["citizens:read"])),
    params(
        ("id" = String, Path, description = "Id of the record."),
        ("on" = Option<String>, Query, description = "The day, `YYYY-MM-DD`; today when left out."),
        ("known_at" = Option<String>, Query, description = "An instant, RFC 3339; now when left out."),
        PurposeHeader
    ),
    responses((status = 200, description = "The facts, and where they come from.", body = FactsView))
)]
#[get("/v1/citizens/{id}/facts")]
async fn get_facts(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
    when: web::Query<When>,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let facts = reader.read(state, id, move |state, caller| {
        let store = &state.records.store;
        let on = when.on.unwrap_or_else(|| state.today());
        store.read(|conn| {
            let vault = store.vault();
            let mut citizen = registry::citizen(conn, vault, id, &caller.reach())?;
            if let Some(known_at) = when.known_at {
                let versions = citizen_versions::of_citizen(conn, vault, id)?;
                let known = versions.into_iter().rfind(|version| version.recorded_at <= known_at);
                citizen.person = known.ok_or(Problem::new(ErrorCode::CitizenNotFound))?.person;
            }
            let profile = registry::profile(conn, vault, &citizen, (on, when.known_at))?;
            Ok::<_, Problem>(FactsView {
                on,
                person: profile.person,
                household: profile.household,
                evidence: profile.evidence.iter().map(ToString::to_string).collect(),
                warnings: profile.warnings,
            })
        })
    });
    Ok(HttpResponse::Ok().json(facts.await?))
}

/// Replace a document
///
/// By one that says it better: a correction, or a renewal. The old one stays on record and behind the decisions that
/// rest on it, but counts no longer.
#[utoipa::path(
    tag = "citizens",
    operation_id = "replaceEvidence",
    security(("oauth2" = ["citizens:write"])),
    params(
        ("id" = String, Path, description = "Id of the citizen's record."),
        ("evidence_id" = String, Path, description = "Id of the document that is replaced."),
        ("Idempotency-Key" = String, Header, description = "Any text of yours, new for each document.")
    ),
    request_body(content = crate::api::evidence::NewEvidenceBody, description = "The better document."),
    responses(
        (status = 201, description = "The document as recorded.", body = EvidenceView),
        (status = 409, description = "The record was merged into another, or the first request is still running.")
    )
)]
#[post("/v1/citizens/{id}/evidence/{evidence_id}/replacement")]
async fn replace_evidence(
    principal: Principal<CitizensWrite>,
    key: IdempotencyKey,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let (citizen, old) = document_of(&path)?;
    let today = state.today();
    let (asked, document) = body.check(|body| Ok((body.clone(), registry::parse_document(body, today)?)))?;
    let caller = principal.caller.clone();
    let replace = move |state: &AppState, conn: &mut AnyConn, ()| {
        let (vault, now) = (state.records.store.vault(), state.clock().now);
        registry::citizen_to_change(conn, vault, citizen, &caller.reach())?;
        let (id, by) = (EvidenceId::new(), caller.subject.clone());
        let new = Evidence { id, citizen, document, recorded_at: now, recorded_by: by.clone(), end: None };
        evidence::insert(conn, vault, &new)?;
        let end = End { replaced_by: Some(id), reason: String::new(), at: now, by };
        registry::end_evidence(conn, vault, (citizen, old), &end)?;
        note(conn, &caller, "evidence.added", (Table::Evidence, id), now)?;
        note(conn, &caller, "evidence.replaced", (Table::EvidenceEnds, old), now)?;
        kept(201, None, EvidenceView::new(new))
    };
    once(state, principal.caller, key, asked, |_| Ok(()), replace).await
}

/// Withdraw a document
///
/// It turned out not to be right. It stays on record and behind the decisions that rest on it, but counts no longer.
#[utoipa::path(
    tag = "citizens",
    operation_id = "withdrawEvidence",
    security(("oauth2" = ["citizens:write"])),
    params(
        ("id" = String, Path, description = "Id of the citizen's record."),
        ("evidence_id" = String, Path, description = "Id of the document."),
        ("Idempotency-Key" = String, Header, description = "Any text of yours, new for each withdrawal.")
    ),
    request_body(content = WithdrawalBody, description = "Why."),
    responses(
        (status = 201, description = "The document, with its end.", body = EvidenceView),
        (status = 409, description = "The record was merged into another, or the first request is still running.")
    )
)]
#[post("/v1/citizens/{id}/evidence/{evidence_id}/withdrawal")]
async fn withdraw_evidence(
    principal: Principal<CitizensWrite>,
    key: IdempotencyKey,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let (citizen, id) = document_of(&path)?;
    let (asked, reason) = body.check(|body| {
        let mut fields = Fields::of(body)?;
        let reason = fields.text("reason", 500);
        let reason = fields.required("reason", reason);
        fields.finish()?;
        Ok((body.clone(), reason.ok_or_else(Vec::new)?))
    })?;
    let caller = principal.caller.clone();
    let withdraw = move |state: &AppState, conn: &mut AnyConn, ()| {
        let (vault, now) = (state.records.store.vault(), state.clock().now);
        registry::citizen_to_change(conn, vault, citizen, &caller.reach())?;
        let end = End { replaced_by: None, reason, at: now, by: caller.subject.clone() };
        registry::end_evidence(conn, vault, (citizen, id), &end)?;
        note(conn, &caller, "evidence.withdrawn", (Table::EvidenceEnds, id), now)?;
        let documents = evidence::of_citizens(conn, vault, &[citizen])?;
        let ended = documents.into_iter().find(|entry| entry.id == id);
        kept(201, None, EvidenceView::new(ended.ok_or(Problem::new(ErrorCode::EvidenceNotFound))?))
    };
    once(state, principal.caller, key, asked, |_| Ok(()), withdraw).await
}

impl VersionView {
    /// The version as it was recorded.
    pub(super) fn new(version: citizen_versions::Version) -> Result<Self, Problem> {
        Ok(Self {
            version: version.version,
            household_id: version.household.to_string(),
            unit: version.unit,
            person: serde_json::to_value(version.person).map_err(|error| Problem::internal(&error))?,
            recorded_at: version.recorded_at.to_rfc3339(),
            recorded_by: version.recorded_by,
        })
    }
}

fn document_of((citizen, document): &(String, String)) -> Result<(CitizenId, EvidenceId), Problem> {
    let document = EvidenceId::parse(document).ok_or(Problem::new(ErrorCode::EvidenceNotFound))?;
    Ok((citizen_id(citizen)?, document))
}

/// Enters an act on a document in the audit log, with the row it left behind.
fn note(
    conn: &mut AnyConn,
    caller: &Caller,
    action: &'static str,
    (table, document): (Table, EvidenceId),
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let subject = document.to_string();
    let entry = audit::Entry { actor: &caller.subject, action, subject: &subject, receipt: None };
    Ok(audit::append(conn, entry.touching(&[(table, &subject)]), now)?)
}

fn kept(status: u16, etag: Option<String>, view: impl Serialize) -> Result<KeptReply, Problem> {
    let body = serde_json::to_value(view).map_err(|error| Problem::internal(&error))?;
    Ok(KeptReply { status, location: None, etag, body })
}
