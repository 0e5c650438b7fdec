//! Who is asking, and the permission a handler demands, visible in its signature.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE},
    web,
};
use chrono::Utc;

use crate::{
    access::{Caller, Permission},
    api::{AppState, ErrorCode, Problem},
};

/// A caller whose token is valid and holds the scope of `P`. A handler that takes one cannot be reached without.
#[derive(Debug)]
pub struct Principal<P> {
    /// Who it is.
    pub caller: Caller,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for Principal<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request, P::SCOPE.as_str()).and_then(|caller| {
            if caller.may(P::SCOPE) {
                return Ok(Self { caller, permission: PhantomData });
            }
            Err(missing_scope(P::SCOPE.as_str()))
        }))
    }
}

/// 403 that names the scope, as RFC 6750 §3.1 asks.
pub fn missing_scope(scope: &str) -> Problem {
    let challenge = format!("Bearer realm=\"an-sinh\", error=\"insufficient_scope\", scope=\"{scope}\"");
    let problem = Problem::new(ErrorCode::MissingScope).detail(
        format!("Mã truy cập không có quyền “{scope}”."),
        format!("The access token lacks the scope “{scope}”."),
    );
    match HeaderValue::from_str(&challenge) {
        Ok(challenge) => problem.header(WWW_AUTHENTICATE, challenge),
        Err(_) => problem,
    }
}

fn read(request: &HttpRequest, scope: &str) -> Result<Caller, Problem> {
    let state = request.app_data::<web::Data<AppState>>().ok_or(Problem::new(ErrorCode::Internal))?;
    let token = bearer(request);
    let caller = token.and_then(|token| state.records.tokens.verify(token, Utc::now()));
    let Some(caller) = caller else {
        let error = if token.is_some() { ", error=\"invalid_token\"" } else { "" };
        let challenge = format!("Bearer realm=\"an-sinh\", scope=\"{scope}\"{error}");
        let problem = Problem::new(ErrorCode::Unauthenticated);
        return Err(match HeaderValue::from_str(&challenge) {
            Ok(challenge) => problem.header(WWW_AUTHENTICATE, challenge),
            Err(_) => problem,
        });
    };
    state.limits.charge_principal(request, &caller.subject)?;
    Ok(caller)
}

/// The token of `Authorization: Bearer …`. A header that is not ASCII holds no token.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    // Two headers would leave it open which one counts.
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}
