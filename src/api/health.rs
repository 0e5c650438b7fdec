//! Is the process alive, and can it work?

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(live);
}

/// The state of the process.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`, always: anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Is the process alive?
///
/// Answers as long as the process runs. Restart it when this fails.
#[utoipa::path(tag = "operations", operation_id = "getLiveness", responses((status = 200, description = "The process runs.", body = Health)))]
#[get("/health/live")]
async fn live() -> web::Json<Health> {
    web::Json(Health { status: "ok" })
}
