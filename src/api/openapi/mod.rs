//! The OpenAPI 3.1 document, put together from what the routes say about themselves, and the pages that show it.

mod complete;

use std::sync::OnceLock;

use actix_web::{
    App, HttpRequest, HttpResponse,
    dev::ResourceDef,
    get,
    http::header::{ALLOW, HeaderValue},
    web,
};
use utoipa::{
    OpenApi,
    openapi::{OpenApi as Document, PathItem},
};
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

use crate::{
    api::{ErrorCode, Problem, etag, problem::ProblemBody, routes as all_routes},
    web::PATHS,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "An Sinh",
        description = "Which social benefits a resident of Hanoi is entitled to on a given day, how much, under which \
            clause, and why. Errors are problems as of RFC 9457. Dates are `YYYY-MM-DD`, money is whole đồng in \
            fields that end in `_vnd`, percents and coefficients are decimal strings. An answer informs; a recorded \
            decision of the competent body decides.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "This service")),
    tags(
        (name = "evaluations", description = "Stateless answers from facts. Nothing is stored."),
        (name = "policy", description = "The law that answers, with its sources. Strong ETags over the pack's digest."),
        (name = "access", description = "Access tokens and the keys that verify them."),
        (name = "citizens", description = "Records of citizens and the documents in them."),
        (name = "decisions", description = "Decisions that are kept, with facts, law and receipt."),
        (name = "cards", description = "Free-transit cards."),
        (name = "transit", description = "Checks by transit operators."),
        (name = "audit", description = "The log of what was done, and proofs that it was not changed."),
        (name = "operations", description = "Running the service: health, metrics, error codes, this document.")
    ),
    components(schemas(ProblemBody))
)]
struct Base;

/// Registers the document. The pages of `/docs` are added by [`pages`].
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_openapi);
}

/// Swagger UI from this binary: `/docs` needs no other address.
pub fn pages(config: &mut web::ServiceConfig) {
    let ui = SwaggerConfig::new(["/openapi.json"]).validator_url("none").try_it_out_enabled(true);
    config
        .service(web::redirect("/docs", "/docs/").permanent())
        .service(SwaggerUi::new("/docs/{_:.*}").config(ui));
}

/// The whole document; made once per process.
pub fn document() -> &'static Document {
    static DOCUMENT: OnceLock<Document> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let base = App::new().into_utoipa_app().openapi(Base::openapi());
        let (_, mut document) = base.configure(all_routes).split_for_parts();
        utoipa::Modify::modify(&complete::Complete, &mut document);
        document
    })
}

/// The document as it is served and committed: indented, with a newline at its end.
///
/// # Errors
/// When it can't be written as JSON, a fault of this program.
pub fn document_text() -> Result<String, serde_json::Error> {
    document().to_pretty_json().map(|text| text + "\n")
}

/// This document
///
/// The OpenAPI 3.1 description of the service, from which clients are generated. Browse it at `/docs`.
#[utoipa::path(
    tag = "operations",
    operation_id = "getOpenApi",
    responses(
        (status = 200, description = "The document.", body = Value),
        (status = 304, description = "Unchanged since the version named in If-None-Match.")
    )
)]
#[get("/openapi.json")]
async fn get_openapi(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let text = document_text().map_err(|error| Problem::internal(&error))?;
    let tag = etag::strong(&[&text]);
    Ok(etag::bytes(&request, &tag, "application/json", text.into_bytes()))
}

/// Answers every request that no route took: 405 with `Allow` when the path is known, else 404.
pub async fn no_route(request: HttpRequest) -> HttpResponse {
    let allowed = allowed_methods(request.path());
    let problem = match HeaderValue::from_str(&allowed.join(", ")) {
        Ok(allow) if !allowed.is_empty() => Problem::new(ErrorCode::MethodNotAllowed).header(ALLOW, allow),
        _ => Problem::not_found(),
    };
    HttpResponse::from_error(problem)
}

/// The methods that the documented routes take at this path; a path said in full wins over one with parameters. `HEAD`
/// goes wherever `GET` goes.
fn allowed_methods(path: &str) -> Vec<&'static str> {
    static TABLE: OnceLock<Vec<(ResourceDef, Vec<&'static str>)>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let documented = document().paths.paths.iter().map(|(path, item)| (path.as_str(), methods(item)));
        let pages = PAGES.iter().chain(PATHS).map(|(path, methods)| (*path, methods.to_vec()));
        let mut routes: Vec<_> = documented.chain(pages).collect();
        routes.sort_by_key(|(path, _)| path.matches('{').count());
        routes.into_iter().map(|(path, methods)| (ResourceDef::new(path), methods)).collect()
    });
    table
        .iter()
        .find(|(route, _)| route.is_match(path))
        .map(|(_, methods)| methods.clone())
        .unwrap_or_default()
}

/// The pages of the documentation, which it does not describe itself, with their methods.
const PAGES: &[(&str, &[&str])] = &[("/docs", &["GET", "HEAD"]), ("/docs/{_:.*}", &["GET", "HEAD"])];

fn methods(item: &PathItem) -> Vec<&'static str> {
    let known = [
        (&item.get, "GET"),
        (&item.get, "HEAD"),
        (&item.post, "POST"),
        (&item.put, "PUT"),
        (&item.patch, "PATCH"),
        (&item.delete, "DELETE"),
    ];
    known.into_iter().filter(|(operation, _)| operation.is_some()).map(|(_, method)| method).collect()
}
