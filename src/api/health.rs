//! Is the process alive, and can it work?

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::api::{AppState, Problem};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(live).service(ready);
}

/// The state of the process.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`, always: anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Health = Health { status: "ok" };

/// Is the process alive?
///
/// Answers as long as the process runs. Restart it when this fails.
#[utoipa::path(
    tag = "operations",
    operation_id = "getLiveness",
    responses((status = 200, description = "The process runs.", body = Health))
)]
#[get("/health/live")]
async fn live() -> web::Json<Health> {
    web::Json(OK)
}

/// Can it work?
///
/// Answers when everything a request needs is there. Send no requests while this fails.
#[utoipa::path(
    tag = "operations",
    operation_id = "getReadiness",
    responses(
        (status = 200, description = "Requests can be answered.", body = Health),
        (status = 503, description = "Something that requests need does not answer.")
    )
)]
#[get("/health/ready")]
async fn ready(state: web::Data<AppState>) -> Result<web::Json<Health>, Problem> {
    web::block(move || state.check_ready()).await??;
    Ok(web::Json(OK))
}
