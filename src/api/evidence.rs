//! Documents in a citizen's record.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{CitizensRead, CitizensWrite},
    api::{
        AppState, JsonBody, Problem,
        citizens::citizen_id,
        idempotency::{IdempotencyKey, once},
        principal::Principal,
        reading::{PurposeHeader, Reader},
    },
    audit::{self, Table},
    registry,
    store::{
        EvidenceId,
        evidence::{self, Document, Evidence},
        idempotency::KeptReply,
    },
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(add_evidence).service(list_evidence);
}

/// A document to be added.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewEvidenceBody {
    /// Kind of document, such as `disability_certificate` or `poverty_list`.
    #[schema(example = "poverty_list")]
    pub kind: String,
    /// Number on the document.
    #[schema(required = false, example = "QĐ 12/2026")]
    pub number: Option<String>,
    /// Body that issued it.
    #[schema(required = false, example = "UBND phường Cầu Giấy")]
    pub issuer: Option<String>,
    /// Where the scan lies.
    #[schema(required = false, example = "kho-luu-tru/2026/00123")]
    pub scan: Option<String>,
    /// Day it was issued.
    #[schema(required = false, value_type = String, format = Date, example = "2025-12-20")]
    pub issued_on: Option<NaiveDate>,
    /// First day it proves its facts; the day of issue when left out.
    #[schema(required = false, value_type = String, format = Date, example = "2026-01-01")]
    pub valid_from: Option<NaiveDate>,
    /// Last day; no end when left out.
    #[schema(required = false, value_type = String, format = Date, example = "2026-12-31")]
    pub valid_to: Option<NaiveDate>,
    /// What it proves.
    pub facts: FactsBody,
}

/// Facts by the vocabulary of evaluations.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactsBody {
    /// Facts about the person, but not those of the record itself (birth date, sex, residence, citizenship, number).
    #[schema(value_type = Object, required = false, example = json!({ "ethnic_minority": false }))]
    pub person: Map<String, Value>,
    /// Facts about the household, but not its unit. They hold for everyone in it.
    #[schema(value_type = Object, required = false, example = json!({ "poverty_status": "near_poor" }))]
    pub household: Map<String, Value>,
}

/// A document in a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    /// Id of the entry.
    pub id: String,
    /// Whose record it is in.
    pub citizen_id: String,
    /// Kind of document.
    pub kind: String,
    /// Number on the document.
    pub number: Option<String>,
    /// Body that issued it.
    pub issuer: Option<String>,
    /// Where the scan lies.
    pub scan: Option<String>,
    /// Day it was issued.
    #[schema(value_type = Option<String>, format = Date)]
    pub issued_on: Option<NaiveDate>,
    /// First day it proves its facts.
    #[schema(value_type = String, format = Date)]
    pub valid_from: NaiveDate,
    /// Last day, or null when it does not end.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<NaiveDate>,
    /// What it proves.
    pub facts: FactsBody,
    /// When it was recorded, RFC 3339.
    #[schema(format = DateTime)]
    pub recorded_at: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// From when on it no longer counts, and why; null while it does.
    pub end: Option<EndView>,
}

/// Why a document no longer counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndView {
    /// The document that says it better; null when it was withdrawn.
    pub replaced_by: Option<String>,
    /// Why.
    pub reason: String,
    /// When this was recorded, RFC 3339.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who recorded it.
    pub by: String,
}

impl EvidenceView {
    /// The document as it is on record.
    pub(super) fn new(entry: Evidence) -> Self {
        let Document {
            kind,
            number,
            issuer,
            scan,
            issued_on,
            valid_from,
            valid_to,
            person_facts,
            household_facts,
        } = entry.document;
        Self {
            id: entry.id.to_string(),
            citizen_id: entry.citizen.to_string(),
            kind,
            number,
            issuer,
            scan,
            issued_on,
            valid_from,
            valid_to,
            facts: FactsBody { person: person_facts, household: household_facts },
            recorded_at: entry.recorded_at.to_rfc3339(),
            recorded_by: entry.recorded_by,
            end: entry.end.map(|end| EndView {
                replaced_by: end.replaced_by.map(|id| id.to_string()),
                reason: end.reason,
                at: end.at.to_rfc3339(),
                by: end.by,
            }),
        }
    }
}

/// All documents of a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceList {
    /// In the order they were recorded.
    pub items: Vec<EvidenceView>,
    /// Always null: a record's documents come in one page.
    pub next_cursor: Option<String>,
}

/// Add a document
///
/// Its facts are checked by the vocabulary of evaluations. On a day, the facts of a person are their own papers and
/// every document valid that day; household facts hold for everyone in the household. Of two documents that
/// contradict each other the later issued one is followed, but a paper before a `declaration`; the decision says so.
#[utoipa::path(
    tag = "citizens",
    operation_id = "addEvidence",
    security(("oauth2" = ["citizens:write"])),
    params(
        ("id" = String, Path, description = "Id of the citizen's record."),
        ("Idempotency-Key" = String, Header, description = "Any text of yours, new for each document.")
    ),
    request_body(content = NewEvidenceBody, description = "The document and what it proves."),
    responses(
        (status = 201, description = "The document as recorded.", body = EvidenceView),
        (status = 409, description = "The first request with this key is still running.")
    )
)]
#[post("/v1/citizens/{id}/evidence")]
async fn add_evidence(
    principal: Principal<CitizensWrite>,
    key: IdempotencyKey,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let today = state.today();
    let (asked, document) = body.check(|body| Ok((body.clone(), registry::parse_document(body, today)?)))?;
    let caller = principal.caller.clone();
    let add = move |state: &AppState, conn: &mut _, ()| {
        let (vault, now) = (state.records.store.vault(), state.clock().now);
        let citizen = registry::citizen_to_change(conn, vault, id, &caller.reach())?.id;
        let recorded_by = caller.subject;
        let entry =
            Evidence { id: EvidenceId::new(), citizen, document, recorded_at: now, recorded_by, end: None };
        evidence::insert(conn, vault, &entry)?;
        let subject = entry.id.to_string();
        let act = audit::Entry {
            actor: &entry.recorded_by,
            action: "evidence.added",
            subject: &subject,
            receipt: None,
        };
        audit::append(conn, act.touching(&[(Table::Evidence, &subject)]), now)?;
        let body =
            serde_json::to_value(EvidenceView::new(entry)).map_err(|error| Problem::internal(&error))?;
        Ok(KeptReply { status: 201, location: None, etag: None, body })
    };
    once(state, principal.caller, key, asked, |_| Ok(()), add).await
}

/// List documents
///
/// All documents of a citizen's record, those no longer valid included. Reading is entered in the audit log.
#[utoipa::path(
    tag = "citizens",
    operation_id = "listEvidence",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "Id of the citizen's record."), PurposeHeader),
    responses((status = 200, description = "The documents.", body = EvidenceList))
)]
#[get("/v1/citizens/{id}/evidence")]
async fn list_evidence(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let found = reader.read(state, id, move |state, caller| {
        let store = &state.records.store;
        let vault = store.vault();
        store.read(|conn| {
            let citizen = registry::citizen(conn, vault, id, &caller.reach())?;
            Ok(evidence::of_citizens(conn, vault, &[citizen.id])?)
        })
    });
    let items = found.await?.into_iter().map(EvidenceView::new).collect();
    Ok(HttpResponse::Ok().json(EvidenceList { items, next_cursor: None }))
}
