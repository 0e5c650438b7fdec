//! Pages for people. Templates and static files only: what a page knows it asks from the layers below.

mod answer;
mod assets;
mod benefit;
mod examples;
mod form;
mod format;
mod home;
mod icons;
mod layout;
mod questions;
mod texts;
mod typed;

use actix_web::{
    guard,
    web::{FormConfig, ServiceConfig, resource},
};

/// A form of the largest household, with every field filled in, has about 100 kB.
const MOST_BYTES: usize = 256 * 1024;

/// Registers the pages. They are no part of the OpenAPI document; [`PATHS`] names them for the router's 405.
pub fn routes(config: &mut ServiceConfig) {
    let limit = FormConfig::default().limit(MOST_BYTES);
    config
        .service(resource("/").guard(guard::Get()).to(home::show))
        .service(resource("/").guard(guard::Post()).app_data(limit).to(home::answer))
        .service(assets::asset);
}

/// Path templates of all pages, with their methods.
pub const PATHS: &[(&str, &[&str])] =
    &[("/", &["GET", "HEAD", "POST"]), ("/static/{name}", &["GET", "HEAD"])];
