//! Is the process alive, and can it work?

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use actix_web::{get, rt, web};
use futures_util::{FutureExt, future::Shared};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::api::{AppState, ErrorCode, Problem};

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

/// Whoever asks whether the service is ready does not wait longer for the answer.
const LIMIT: Duration = Duration::from_secs(1);

type Asking = Shared<Pin<Box<dyn Future<Output = Result<(), Problem>> + Send>>>;

/// The question that is under way. All who ask meanwhile wait for its answer: a database that hangs must not take a thread
/// for each of them.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<Asking>>);

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness").finish_non_exhaustive()
    }
}

impl Readiness {
    fn ask(&self, state: &web::Data<AppState>) -> Asking {
        let mut asking = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(under_way) = asking.as_ref().filter(|asking| asking.peek().is_none()) {
            return under_way.clone();
        }
        let state = state.clone();
        let answer = web::block(move || state.check_ready()).map(|done| done?);
        let fresh: Asking = (Box::pin(answer) as Pin<Box<dyn Future<Output = _> + Send>>).shared();
        asking.insert(fresh).clone()
    }
}

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
/// Answers within a second whether everything a request needs is there: that the database answers. Send no requests while this
/// fails.
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
    match rt::time::timeout(LIMIT, state.readiness.ask(&state)).await {
        Ok(answer) => answer.map(|()| web::Json(OK)),
        Err(_) => Err(Problem::retry_later(ErrorCode::Unavailable, 1)),
    }
}
