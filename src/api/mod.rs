//! HTTP JSON: one file per resource, thin handlers, problems for errors, an OpenAPI document that can't drift.
//!
//! [`app`] builds the application for the server and for the tests alike; [`routes`] is the one list of resources.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod accounts;
pub mod app;
pub mod appeals;
pub mod audit;
pub mod batch;
pub mod cards;
pub mod citizens;
pub mod config;
pub mod decisions;
pub mod erasures;
pub mod error_code;
pub mod errors;
pub mod etag;
pub mod evaluation_schema;
pub mod evaluations;
pub mod evidence;
pub mod exports;
pub mod health;
pub mod households;
pub mod idempotency;
pub mod json;
pub mod lang;
pub mod limits;
pub mod metrics;
pub mod middleware;
pub mod notices;
pub mod oauth;
pub mod openapi;
pub mod paging;
pub mod policy;
pub mod principal;
pub mod problem;
pub mod reading;
pub mod record_changes;
pub mod records;
pub mod replays;
pub mod server;
pub mod state;
pub mod transit;
pub mod versions;

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
        .configure(batch::routes)
        .configure(policy::routes)
        .configure(oauth::routes)
        .configure(accounts::routes)
        .configure(citizens::routes)
        .configure(evidence::routes)
        .configure(record_changes::routes)
        .configure(households::routes)
        .configure(exports::routes)
        .configure(erasures::routes)
        .configure(decisions::routes)
        .configure(replays::routes)
        .configure(appeals::routes)
        .configure(notices::routes)
        .configure(cards::routes)
        .configure(transit::routes)
        .configure(audit::routes)
        .configure(health::routes)
        .configure(metrics::routes)
        .configure(errors::routes)
        .configure(openapi::routes);
}
