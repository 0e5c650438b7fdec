//! The last word on every failed request.

use actix_web::{
    ResponseError,
    body::BoxBody,
    dev::ServiceResponse,
    http::header::{CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE},
};

use crate::api::{ErrorCode, Problem, problem::Context};

/// Put into the extensions of a failed response whose body must stay as it is: `/oauth/token` answers as RFC 6749
/// §5.2 says.
#[derive(Debug, Clone, Copy)]
pub struct KeepBody;

/// Writes the problem in the context of its request and logs its cause. A failure that some library answered in
/// its own words becomes a problem by its status.
pub fn finish(response: ServiceResponse<BoxBody>, context: Context) -> ServiceResponse<BoxBody> {
    if response.response().extensions().get::<KeepBody>().is_some() {
        return response;
    }
    let known = response.response().extensions().get::<Problem>().cloned();
    let problem = known.unwrap_or_else(|| Problem::new(ErrorCode::for_status(response.status())));
    if let Some(cause) = problem.cause() {
        tracing::error!(code = problem.code().as_str(), cause, "Request failed: {cause}");
    }
    let (request, failed) = response.into_parts();
    let status = failed.status();
    let mut finished = problem.in_context(context).error_response();
    *finished.status_mut() = status;
    for (name, value) in failed.headers() {
        let of_body = [CONTENT_TYPE, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_ENCODING].contains(name);
        if !of_body && !finished.headers().contains_key(name) {
            finished.headers_mut().insert(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, finished)
}
