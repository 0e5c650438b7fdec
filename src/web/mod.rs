//! Pages for people. Templates and static files only: what a page knows it asks from the layers below.

mod assets;
mod home;
mod layout;

use actix_web::web::ServiceConfig;

/// Registers the pages. They are no part of the OpenAPI document; [`PATHS`] names them for the router's 405.
pub fn routes(config: &mut ServiceConfig) {
    config.service(home::home).service(assets::asset);
}

/// Path templates of all pages. All are read only.
pub const PATHS: &[&str] = &["/", "/static/{name}"];
