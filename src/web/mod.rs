//! Pages for people. Templates and static files only: what a page knows it asks from the layers below. The words of an
//! answer (`benefit`, `format`, parts of `answer`) are those of the notice on paper too.

pub(crate) mod answer;
pub(crate) mod assets;
pub(crate) mod benefit;
mod examples;
mod form;
pub(crate) mod format;
mod home;
mod icons;
mod layout;
mod questions;
pub(crate) mod texts;
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
