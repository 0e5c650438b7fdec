//! The description of each kind of problem, where the `type` of a problem points.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    api::{ErrorCode, Lang, Problem, etag},
    facts::Text,
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_errors).service(get_error);
}

/// One kind of problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDescription {
    /// The code that stands in a problem's `code`.
    #[schema(example = "invalid_body")]
    code: &'static str,
    /// The HTTP status that goes with it.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    status: u16,
    /// Its name.
    title: Text,
    /// What it means and what to do.
    detail: Text,
}

/// All kinds of problems.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorList {
    /// In the order of the table.
    items: Vec<ErrorDescription>,
}

impl From<ErrorCode> for ErrorDescription {
    fn from(code: ErrorCode) -> Self {
        let (vi, en) = (code.wording(Lang::Vi), code.wording(Lang::En));
        Self {
            code: code.as_str(),
            status: code.status().as_u16(),
            title: Text::new(vi.title, en.title),
            detail: Text::new(vi.detail, en.detail),
        }
    }
}

/// Tagged by the release, which alone decides what the table holds.
fn tagged<T: Serialize>(request: &HttpRequest, value: &T) -> Result<HttpResponse, Problem> {
    etag::json(request, &etag::strong(&[env!("CARGO_PKG_VERSION"), request.path()]), value)
}

/// All kinds of problems
///
/// Every error code with its status and its meaning in both languages.
#[utoipa::path(
    tag = "operations",
    operation_id = "listErrors",
    responses(
        (status = 200, description = "All codes.", body = ErrorList),
        (status = 304, description = "Unchanged since the version named in If-None-Match.")
    )
)]
#[get("/errors")]
async fn list_errors(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let items = ErrorCode::ALL.iter().map(|code| ErrorDescription::from(*code)).collect();
    tagged(&request, &ErrorList { items })
}

/// One kind of problem
///
/// What an error code means and what to do, in both languages.
#[utoipa::path(
    tag = "operations",
    operation_id = "getError",
    params(("code" = String, Path, description = "The code of a problem.", example = "invalid_body")),
    responses(
        (status = 200, description = "The meaning of the code.", body = ErrorDescription),
        (status = 304, description = "Unchanged since the version named in If-None-Match.")
    )
)]
#[get("/errors/{code}")]
async fn get_error(request: HttpRequest, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = ErrorCode::parse(&code).ok_or_else(Problem::not_found)?;
    tagged(&request, &ErrorDescription::from(code))
}
