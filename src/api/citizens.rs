//! Records of citizens.

use actix_web::{HttpResponse, get, http::header::ETAG, patch, post, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{CitizensRead, CitizensWrite},
    api::{
        AppState, ErrorCode, JsonBody, Problem,
        idempotency::{IdempotencyKey, once},
        principal::Principal,
        reading::{PurposeHeader, Reader},
        records::blocking,
        versions::{Seen, tag},
    },
    registry::{self, NewCitizen, Search, Warning},
    store::{CitizenId, citizens, idempotency::KeptReply},
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create_citizen).service(search_citizens).service(get_citizen).service(change_citizen);
}

/// A citizen to be added.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewCitizenBody {
    /// Full name as on the papers, at most 200 characters.
    #[schema(example = "Nguyễn Thị Mẫu")]
    pub name: String,
    /// Personal number, 12 digits. Errors of form are refused; a year or sex that does not fit is a warning.
    #[schema(required = false, example = "001180000001")]
    pub personal_id: Option<String>,
    /// Birth date, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[schema(required = false, example = "1980-05-02")]
    pub born_on: Option<String>,
    /// `male` or `female`.
    #[schema(required = false, example = "female")]
    pub sex: Option<String>,
    /// Registered residence in Hanoi: `permanent`, `temporary` or `none`.
    #[schema(required = false, example = "permanent")]
    pub residence: Option<String>,
    /// `vietnamese`, `foreign` or `stateless`.
    #[schema(required = false, example = "vietnamese")]
    pub citizenship: Option<String>,
    /// Day of death, `YYYY-MM-DD`.
    #[schema(required = false)]
    pub died_on: Option<String>,
    /// Code of the ward or commune; an official's own when left out.
    #[schema(required = false, example = "00166")]
    pub unit: Option<String>,
    /// Household to join; one of their own when left out.
    #[schema(required = false)]
    pub household_id: Option<String>,
}

/// Members to replace; `null` clears one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeBody {
    /// Full name as on the papers; cannot be cleared.
    #[schema(required = false)]
    pub name: String,
    /// Personal number, 12 digits.
    #[schema(required = false)]
    pub personal_id: Option<String>,
    /// Birth date, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[schema(required = false)]
    pub born_on: Option<String>,
    /// `male` or `female`.
    #[schema(required = false)]
    pub sex: Option<String>,
    /// Registered residence in Hanoi: `permanent`, `temporary` or `none`.
    #[schema(required = false)]
    pub residence: Option<String>,
    /// `vietnamese`, `foreign` or `stateless`.
    #[schema(required = false)]
    pub citizenship: Option<String>,
    /// Day of death, `YYYY-MM-DD`.
    #[schema(required = false, example = "2026-01-10")]
    pub died_on: Option<String>,
    /// What becomes of a personal number that is replaced: `was_wrong` (when left out) or `given_up`, which still finds
    /// the person.
    #[schema(required = false, example = "given_up")]
    pub old_number: Option<String>,
}

/// A citizen's record.
#[derive(Debug, Serialize, ToSchema)]
pub struct CitizenView {
    /// Id of the record.
    #[schema(example = "01938f6e-0000-7000-8000-000000000001")]
    pub id: String,
    /// Household the person lives in.
    pub household_id: String,
    /// Ward or commune that keeps the record.
    #[schema(example = "00166")]
    pub unit: String,
    /// Full name.
    #[schema(example = "Nguyễn Thị Mẫu")]
    pub name: String,
    /// Personal number.
    pub personal_id: Option<String>,
    /// Birth date, maybe partial.
    #[schema(example = "1980-05-02")]
    pub born_on: Option<String>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// `permanent`, `temporary` or `none`.
    pub residence: Option<String>,
    /// `vietnamese`, `foreign` or `stateless`.
    pub citizenship: Option<String>,
    /// Day of death, when they have died.
    pub died_on: Option<String>,
    /// Counts the versions of the record from 1.
    pub version: i64,
    /// What does not fit together.
    pub warnings: Vec<Warning>,
    /// When the record was made, RFC 3339.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl CitizenView {
    /// The record as it is now.
    pub(super) fn new(citizen: citizens::Citizen) -> Self {
        let warnings = citizen.person.warnings();
        let citizens::Person { name, personal_id, born_on, sex, residence, citizenship, died_on } =
            citizen.person;
        Self {
            id: citizen.id.to_string(),
            household_id: citizen.household.to_string(),
            unit: citizen.unit,
            name,
            personal_id,
            born_on,
            sex,
            residence,
            citizenship,
            died_on,
            version: citizen.version,
            warnings,
            created_at: citizen.created_at.to_rfc3339(),
            updated_at: citizen.updated_at.to_rfc3339(),
        }
    }
}

/// What is looked for. A name, words of one or a personal number is needed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchBody {
    /// Full name; marks and case do not matter.
    #[schema(required = false, example = "nguyen thi mau")]
    pub name: Option<String>,
    /// Words of a name in any order, without regard to marks and case; within one unit.
    #[schema(required = false)]
    pub words: Option<String>,
    /// Ward or commune; an official's own when left out.
    #[schema(required = false)]
    pub unit: Option<String>,
    /// Personal number, also one that was given up.
    #[schema(required = false)]
    pub personal_id: Option<String>,
    /// Year of birth.
    #[schema(required = false, example = 1980)]
    pub birth_year: Option<i32>,
    /// Records at most, 1 to 200.
    #[schema(required = false, example = 50)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[schema(required = false)]
    pub cursor: Option<String>,
}

/// A page of records.
#[derive(Debug, Serialize, ToSchema)]
pub struct CitizenPage {
    /// The records found. With `birth_year` a page may hold fewer than `limit` though more follow.
    pub items: Vec<CitizenView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// Add a citizen
///
/// The record belongs to a ward or commune; officials of others do not see it. A personal number stands on one record
/// in the city.
#[utoipa::path(
    tag = "citizens",
    operation_id = "createCitizen",
    security(("oauth2" = ["citizens:write"])),
    params(("Idempotency-Key" = String, Header, description = "Any text of yours, new for each citizen.")),
    request_body(content = NewCitizenBody, description = "What the papers say."),
    responses(
        (status = 201, description = "The new record.", body = CitizenView,
            headers(("Location" = String, description = "Path of the record."), ("ETag" = String, description = "Its version."))),
        (status = 409, description = "The personal number is on another record, or the first request with this key is still running.")
    )
)]
#[post("/v1/citizens")]
async fn create_citizen(
    principal: Principal<CitizensWrite>,
    key: IdempotencyKey,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let (caller, today) = (principal.caller, state.today());
    let (asked, new) =
        body.check(|body| Ok((body.clone(), NewCitizen::parse(body, &caller.reach(), today)?)))?;
    let actor = caller.subject.clone();
    let add = move |state: &AppState, conn: &mut _, ()| {
        let now = state.clock().now;
        let citizen = registry::add_citizen(conn, state.records.store.vault(), new, (now, &actor))?;
        registry::enter(conn, &citizen, "citizen.added", (now, &actor))?;
        kept_reply(citizen)
    };
    once(state, caller, key, asked, |_| Ok(()), add).await
}

/// Find citizens
///
/// By full name without regard to marks and case, by words of a name within a unit, by personal number; then by unit and
/// year of birth. A POST, so that no name and no number stands in a URL or a log. The audit log gets one entry with the
/// number of records found.
#[utoipa::path(
    tag = "citizens",
    operation_id = "searchCitizens",
    security(("oauth2" = ["citizens:read"])),
    params(PurposeHeader),
    request_body(content = SearchBody, description = "What is looked for."),
    responses((status = 200, description = "What was found, within the caller's unit.", body = CitizenPage))
)]
#[post("/v1/citizens/search")]
async fn search_citizens(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let today = state.today();
    let search = body.check(|body| Search::parse(body, &reader.caller().reach(), today))?;
    let count = |page: &CitizenPage| page.items.len();
    let page = reader.search(state, count, move |state, caller| {
        let store = &state.records.store;
        let reach = caller.reach();
        // One more than asked for tells whether more follow.
        let mut found =
            store.read(|conn| registry::search(conn, store.vault(), &search, &reach, search.limit + 1))?;
        let wanted = usize::try_from(search.limit).unwrap_or(usize::MAX);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next_cursor = found.last().filter(|_| more).map(|last| last.id.to_string());
        let fitting = found.into_iter().filter(|citizen| search.fits(&citizen.unit, &citizen.person));
        Ok(CitizenPage { items: fitting.map(CitizenView::new).collect(), next_cursor })
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

/// Read a citizen's record
///
/// A record of another unit is answered as if it did not exist. Reading is entered in the audit log.
#[utoipa::path(
    tag = "citizens",
    operation_id = "getCitizen",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "Id of the record."), PurposeHeader),
    responses((status = 200, description = "The record.", body = CitizenView,
        headers(("ETag" = String, description = "Its version, for `If-Match`."))))
)]
#[get("/v1/citizens/{id}")]
async fn get_citizen(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let citizen = reader.read(state, id, move |state, caller| {
        let store = &state.records.store;
        Ok(store.read(|conn| registry::citizen(conn, store.vault(), id, &caller.reach()))?)
    });
    let citizen = citizen.await?;
    let version = tag(citizen.version);
    Ok(HttpResponse::Ok().insert_header((ETAG, version)).json(CitizenView::new(citizen)))
}

/// Correct a citizen's record
///
/// Members given replace those on record, `null` clears one. Unit and household stay. Takes the version that was read,
/// as `If-Match`. Recorded decisions keep the facts they were made from.
#[utoipa::path(
    tag = "citizens",
    operation_id = "changeCitizen",
    security(("oauth2" = ["citizens:write"])),
    params(
        ("id" = String, Path, description = "Id of the record."),
        ("If-Match" = String, Header, description = "`ETag` of the version that was read.")
    ),
    request_body(content = ChangeBody, description = "The members to replace."),
    responses(
        (status = 200, description = "The record as it is now.", body = CitizenView,
            headers(("ETag" = String, description = "Its new version."))),
        (status = 409, description = "The personal number is on another record."),
        (status = 412, description = "The record was changed since it was read."),
        (status = 428, description = "`If-Match` is missing.")
    )
)]
#[patch("/v1/citizens/{id}")]
async fn change_citizen(
    principal: Principal<CitizensWrite>,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let changed = blocking(state, move |state| {
        let (store, clock, caller) = (&state.records.store, state.clock(), principal.caller);
        let vault = store.vault();
        store.write(|conn| {
            let citizen = registry::citizen_to_change(conn, vault, id, &caller.reach())?;
            seen.insist(citizen.version)?;
            let change = body.check(|change| registry::merge(&citizen.person, change, clock.today))?;
            let changed =
                registry::change_citizen(conn, vault, citizen, change, (clock.now, &caller.subject))?;
            registry::enter(conn, &changed, "citizen.changed", (clock.now, &caller.subject))?;
            Ok::<_, Problem>(changed)
        })
    });
    let changed = changed.await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tag(changed.version))).json(CitizenView::new(changed)))
}

/// The id in a path; what is no id names nothing.
pub(super) fn citizen_id(text: &str) -> Result<CitizenId, Problem> {
    CitizenId::parse(text).ok_or(Problem::new(ErrorCode::CitizenNotFound))
}

fn kept_reply(citizen: citizens::Citizen) -> Result<KeptReply, Problem> {
    Ok(KeptReply {
        status: 201,
        location: Some(format!("/v1/citizens/{}", citizen.id)),
        etag: Some(tag(citizen.version)),
        body: serde_json::to_value(CitizenView::new(citizen)).map_err(|error| Problem::internal(&error))?,
    })
}
