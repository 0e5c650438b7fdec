//! HTTP JSON: one file per resource, thin handlers, problems for errors, an OpenAPI document that can't drift.
//!
//! [`app`] builds the application for the server and for the tests alike; [`routes`] is the one list of resources.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod app;
pub mod config;
pub mod error_code;
pub mod errors;
pub mod etag;
pub mod evaluations;
pub mod health;
pub mod json;
pub mod lang;
pub mod limits;
pub mod metrics;
pub mod middleware;
pub mod openapi;
pub mod problem;
pub mod server;
pub mod state;

pub use config::Config;
pub use error_code::ErrorCode;
pub use json::JsonBody;
pub use lang::Lang;
pub use problem::Problem;
pub use state::AppState;

/// Every resource of the API, one line each. What is listed here is served, documented and tested.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(evaluations::routes)
        .configure(health::routes)
        .configure(metrics::routes)
        .configure(errors::routes)
        .configure(openapi::routes);
}
