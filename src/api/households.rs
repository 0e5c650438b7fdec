//! Households: who lived there, from when to when.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::CitizensRead,
    api::{
        AppState, ErrorCode, Problem,
        reading::{PurposeHeader, Reader},
    },
    store::{HouseholdId, households},
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_household);
}

/// A household.
#[derive(Debug, Serialize, ToSchema)]
pub struct HouseholdView {
    /// Its id.
    pub id: String,
    /// Ward or commune it lies in.
    #[schema(example = "00166")]
    pub unit: String,
    /// Who lives there, or lived there.
    pub members: Vec<MemberView>,
}

/// A stretch of days that somebody lived in a household.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// Whose.
    pub citizen_id: String,
    /// First day; null = as far back as anything is known.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<NaiveDate>,
    /// Last day; null = until further notice.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<NaiveDate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    on: Option<NaiveDate>,
}

/// Read a household
///
/// Who lives there, and who did before; with `on`, who lived there that day.
#[utoipa::path(
    tag = "citizens",
    operation_id = "getHousehold",
    security(("oauth2" = ["citizens:read"])),
    params(
        ("id" = String, Path, description = "Id of the household."),
        ("on" = Option<String>, Query, description = "A day, `YYYY-MM-DD`."),
        PurposeHeader
    ),
    responses((status = 200, description = "The household.", body = HouseholdView))
)]
#[get("/v1/households/{id}")]
async fn get_household(
    reader: Reader<CitizensRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
    when: web::Query<When>,
) -> Result<HttpResponse, Problem> {
    let id = HouseholdId::parse(&path).ok_or(Problem::new(ErrorCode::HouseholdNotFound))?;
    let household = reader.read(state, id, move |state, caller| {
        state.records.store.read(|conn| {
            let unit = households::unit(conn, id, &caller.reach())?;
            let unit = unit.ok_or(Problem::new(ErrorCode::HouseholdNotFound))?;
            let mut stays = households::of_household(conn, id)?;
            if let Some(on) = when.on {
                stays.retain(|stay| stay.covers(on, None));
            }
            Ok::<_, Problem>((unit, stays))
        })
    });
    let (unit, stays) = household.await?;
    let members = stays.into_iter().map(|stay| MemberView {
        citizen_id: stay.citizen.to_string(),
        from: stay.valid_from,
        to: stay.valid_to,
    });
    Ok(HttpResponse::Ok().json(HouseholdView { id: id.to_string(), unit, members: members.collect() }))
}
