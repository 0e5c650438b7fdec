//! The OpenAPI 3.1 document, put together from what the routes say about themselves.

use std::sync::OnceLock;

use actix_web::{
    App, HttpRequest, HttpResponse,
    dev::ResourceDef,
    http::header::{ALLOW, HeaderValue},
};
use utoipa::{
    OpenApi,
    openapi::{OpenApi as Document, PathItem},
};
use utoipa_actix_web::AppExt;

use crate::api::{ErrorCode, Problem, problem::ProblemBody, routes};

#[derive(OpenApi)]
#[openapi(info(title = "An Sinh"), components(schemas(ProblemBody)))]
struct Base;

/// The whole document; made once per process.
pub fn document() -> &'static Document {
    static DOCUMENT: OnceLock<Document> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let (_, document) =
            App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes).split_for_parts();
        document
    })
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

/// The methods that some documented route takes at this path. `HEAD` goes wherever `GET` goes.
fn allowed_methods(path: &str) -> Vec<&'static str> {
    static TABLE: OnceLock<Vec<(ResourceDef, Vec<&'static str>)>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let paths = &document().paths.paths;
        paths.iter().map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item))).collect()
    });
    let mut found: Vec<_> =
        table.iter().filter(|(def, _)| def.is_match(path)).flat_map(|(_, methods)| methods.clone()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

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
