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
        records::blocking,
        versions::{Seen, tag},
    },
    audit::{self, Table},
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
    fn new(citizen: citizens::Citizen) -> Self {
        let warnings = citizen.person.warnings();
        let citizens::Person { name, personal_id, born_on, sex, residence, citizenship } = citizen.person;
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
            warnings,
            created_at: citizen.created_at.to_rfc3339(),
            updated_at: citizen.updated_at.to_rfc3339(),
        }
    }
}

/// What is looked for. A name or a personal number is needed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchBody {
    /// Full name; marks and case do not matter.
    #[schema(required = false, example = "nguyen thi mau")]
    pub name: Option<String>,
    /// Personal number.
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
        let citizen = registry::add_citizen(conn, state.records.store.vault(), new, now)?;
        let id = citizen.id.to_string();
        let entry = audit::Entry { actor: &actor, action: "citizen.added", subject: &id, receipt: None };
        let household = citizen.household.to_string();
        let rows = [(Table::Citizens, id.as_str()), (Table::Households, &household)];
        audit::append(conn, entry.touching(&rows), now)?;
        kept_reply(citizen)
    };
    once(state, caller, key, asked, |_| Ok(()), add).await
}

/// Find citizens
///
/// By full name without regard to marks and case, by personal number, or both; then by year of birth. A POST, so that
/// no name and no number stands in a URL or a log.
#[utoipa::path(
    tag = "citizens",
    operation_id = "searchCitizens",
    security(("oauth2" = ["citizens:read"])),
    request_body(content = SearchBody, description = "What is looked for."),
    responses((status = 200, description = "What was found, within the caller's unit.", body = CitizenPage))
)]
#[post("/v1/citizens/search")]
async fn search_citizens(
    principal: Principal<CitizensRead>,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let today = state.today();
    let search = body.check(|body| Search::parse(body, today))?;
    let page = blocking(state, move |state| {
        let store = &state.records.store;
        let vault = store.vault();
        let name = search.name.as_deref().map(|name| registry::name_index(vault, name));
        let number = search.personal_id.as_deref().map(|number| registry::number_index(vault, number));
        let reach = principal.caller.reach();
        let mut found = store.read(|conn| {
            // One more than asked for tells whether more follow.
            let limit = search.limit + 1;
            citizens::search(conn, vault, name.as_ref(), number.as_ref(), &reach, search.after, limit)
        })?;
        let wanted = usize::try_from(search.limit).unwrap_or(usize::MAX);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next_cursor = found.last().filter(|_| more).map(|last| last.id.to_string());
        let fitting = found.into_iter().filter(|citizen| search.fits(&citizen.person));
        Ok(CitizenPage { items: fitting.map(CitizenView::new).collect(), next_cursor })
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

/// Read a citizen's record
///
/// A record of another unit is answered as if it did not exist.
#[utoipa::path(
    tag = "citizens",
    operation_id = "getCitizen",
    security(("oauth2" = ["citizens:read"])),
    params(("id" = String, Path, description = "Id of the record.")),
    responses((status = 200, description = "The record.", body = CitizenView,
        headers(("ETag" = String, description = "Its version, for `If-Match`."))))
)]
#[get("/v1/citizens/{id}")]
async fn get_citizen(
    principal: Principal<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = citizen_id(&path)?;
    let citizen = blocking(state, move |state| {
        let store = &state.records.store;
        let reach = principal.caller.reach();
        let citizen = store.read(|conn| registry::citizen(conn, store.vault(), id, &reach))?;
        tracing::info!(citizen.id = %id, actor = principal.caller.subject, "Record {id} was read");
        Ok(citizen)
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
            let citizen = registry::citizen(conn, vault, id, &caller.reach())?;
            seen.insist(citizen.version)?;
            let person = body.check(|change| registry::merge(&citizen.person, change, clock.today))?;
            let changed = registry::change_citizen(conn, vault, citizen, person, clock.now)?;
            let subject = id.to_string();
            let entry = audit::Entry {
                actor: &caller.subject,
                action: "citizen.changed",
                subject: &subject,
                receipt: None,
            };
            audit::append(conn, entry.touching(&[(Table::Citizens, &subject)]), clock.now)?;
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
