//! What holds for every request, whatever its route.

mod problems;
mod trace;

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header::HeaderName},
    middleware::Next,
};
use futures_util::FutureExt;

use crate::api::{ErrorCode, Lang, Problem, problem::Context};

pub use problems::KeepBody;
pub use trace::TraceId;

/// Names the request in the answer, as `trace_id` does in a problem body.
const TRACE_ID: HeaderName = HeaderName::from_static("trace-id");

/// The outermost layer: trace id, problems in their final words, headers, log line.
pub async fn conventions(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let trace = TraceId::of(request.headers());
    request.extensions_mut().insert(trace.clone());
    let context = Context {
        lang: Lang::from_headers(request.headers()),
        instance: Some(request.path().to_owned()),
        trace_id: Some(trace.to_string()),
    };
    // HEAD is GET without the body (RFC 9110 §9.3.2). The connection remembers not to send one.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }

    // A panic is a fault of ours and must not take the connection with it: the client reads a 500.
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let mut response = match outcome {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => return Err(error),
        Err(_) => return Err(Problem::new(ErrorCode::Internal).in_context(context).into()),
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        response = problems::finish(response, context);
    }
    response.headers_mut().insert(TRACE_ID, trace.header_value());
    Ok(response)
}
