//! What holds for every request, whatever its route.

mod headers;
mod problems;
mod trace;

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header::HeaderName},
    middleware::Next,
    web,
};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::api::{
    AppState, ErrorCode, Lang, Problem, limits::client_address, principal::authenticate, problem::Context,
};

pub use problems::KeepBody;
pub use trace::TraceId;

/// Names the request in the answer, as `trace_id` does in a problem body.
const TRACE_ID: HeaderName = HeaderName::from_static("trace-id");

/// Route label of requests that no route took. Their paths are made up by clients and are written nowhere.
const UNMATCHED: &str = "unmatched";

/// The outermost layer: trace id, limits, problems in their final words, headers, metrics and the log line.
///
/// # Errors
/// Only when a handler panicked: the answer is then made by the framework from the same [`Problem`].
pub async fn conventions(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let trace = TraceId::of(request.headers());
    request.extensions_mut().insert(trace.clone());
    let context = Context {
        lang: Lang::from_headers(request.headers()),
        instance: Some(without_numbers(request.path())),
        trace_id: Some(trace.to_string()),
    };
    let method = request.method().clone();
    // HEAD is GET without the body (RFC 9110 §9.3.2). The connection remembers not to send one.
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let Some(state) = request.app_data::<web::Data<AppState>>().cloned() else {
        return Err(Problem::new(ErrorCode::Internal).in_context(context).into());
    };
    let span = tracing::info_span!("request", trace_id = %trace);
    let admitted = admit(&state, request, next).instrument(span.clone());

    // A panic is a fault of ours and must not take the connection with it: the client reads a 500.
    let mut response = match AssertUnwindSafe(admitted).catch_unwind().await {
        Ok(response) => response?,
        Err(_) => return Err(Problem::new(ErrorCode::Internal).in_context(context).into()),
    };
    let _entered = span.enter();
    if response.status().is_client_error() || response.status().is_server_error() {
        response = problems::finish(response, context);
    }
    let in_docs = response.request().path().starts_with("/docs/");
    headers::add(response.headers_mut(), in_docs);
    response.headers_mut().insert(TRACE_ID, trace.header_value());

    let route = response.request().match_pattern().unwrap_or(UNMATCHED.to_owned());
    let (status, took) = (response.status(), started.elapsed());
    state.metrics.answered(&route, method.as_str(), status, took);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%route, %method, status = status.as_u16(), duration_ms, "Answered {method} {route}: {status}");
    Ok(response)
}

/// Lets the request through when there is room for it and its client has requests left.
async fn admit(
    state: &web::Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // Whoever watches the service must see it most when it is busy.
    if request.path().starts_with("/health/") || request.path() == "/metrics" {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let _place = match state.limits.enter() {
        Ok(place) => place,
        Err(busy) => return Ok(request.into_response(busy.error_response())),
    };
    // A token that does not verify is worth no more than none: then the address pays.
    let caller = authenticate(state, request.headers()).await;
    let charged = match &caller {
        Some(caller) => state.limits.charge_principal(&caller.subject),
        None => {
            let address = client_address(state.config.trust_forwarded, &request.connection_info());
            state.limits.charge_address(address)
        }
    };
    let status = match charged {
        Ok(status) => status,
        Err(refused) => return Ok(request.into_response(refused.error_response())),
    };
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Some(status) = status {
        status.write(response.headers_mut());
    }
    Ok(response)
}

/// A client that puts a personal number (12 digits, formerly 9) where no route has one must not find it in an answer
/// that it may keep.
fn without_numbers(path: &str) -> String {
    let hide = |part: &str| {
        let is_number = matches!(part.len(), 9 | 12) && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { "…".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(hide).collect::<Vec<_>>().join("/")
}
