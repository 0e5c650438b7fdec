//! Who is asking, and the permission a handler demands, visible in its signature.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    time::Duration,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE},
    rt, web,
};
use chrono::Utc;

use crate::{
    access::{Caller, KeysOf, Permission, Scope, Verdict},
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
        ready(read(request, Some(P::SCOPE)).and_then(|caller| {
            if caller.may(P::SCOPE) {
                return Ok(Self { caller, permission: PhantomData });
            }
            Err(missing_scope(P::SCOPE.as_str()))
        }))
    }
}

/// Anyone, so that a newcomer gets an answer at once; where the service is set to demand tokens, only a caller with the
/// scope of `P`.
#[derive(Debug)]
pub struct Public<P>(PhantomData<P>);

impl<P: Permission> FromRequest for Public<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<AppState>>();
        // A token that is sent must be good: a client whose token has expired is told so, not served as a stranger.
        let sent = request.headers().contains_key(AUTHORIZATION);
        if sent && request.extensions().get::<Caller>().is_none() {
            return ready(read(request, Some(P::SCOPE)).map(|_| Self(PhantomData)));
        }
        if state.is_some_and(|state| !state.config.require_token) {
            return ready(Ok(Self(PhantomData)));
        }
        ready(Principal::<P>::from_request(request, payload).into_inner().map(|_| Self(PhantomData)))
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

/// Anyone with a valid token, whatever its scopes: for what concerns the caller alone.
#[derive(Debug)]
pub struct SignedIn(pub Caller);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request, None).map(Self))
    }
}

/// The caller whose token comes with the request, if it is valid. The middleware asks once per request and keeps the
/// answer among its extensions, where the extractors find it.
pub(super) async fn authenticate(state: &web::Data<AppState>, headers: &HeaderMap) -> Option<Caller> {
    let token = bearer(headers)?;
    match state.records.tokens.verify(token, Utc::now()) {
        Verdict::Good(caller) => Some(caller),
        Verdict::Refused => None,
        Verdict::UnknownKey(whose) => {
            look_again(state, whose).await;
            match state.records.tokens.verify(token, Utc::now()) {
                Verdict::Good(caller) => Some(caller),
                Verdict::Refused | Verdict::UnknownKey(_) => None,
            }
        }
    }
}

/// Another server may have rotated the keys. One request reads them again, off the threads that serve; those that come
/// meanwhile wait for it a moment, holding no thread.
async fn look_again(state: &web::Data<AppState>, whose: KeysOf) {
    const STEP: Duration = Duration::from_millis(20);
    const STEPS: usize = 25;
    for _ in 0..STEPS {
        if !state.records.tokens.is_looking(whose) {
            let reader = state.clone();
            // A failure is in the log, and the token stays refused.
            let looked = web::block(move || reader.records.tokens.look_again(whose, Utc::now())).await;
            // Somebody else was a moment faster: wait for them.
            if !matches!(looked, Ok(None)) || !state.records.tokens.is_looking(whose) {
                return;
            }
        }
        rt::time::sleep(STEP).await;
    }
}

fn read(request: &HttpRequest, scope: Option<Scope>) -> Result<Caller, Problem> {
    let caller = request.extensions().get::<Caller>().cloned();
    caller.ok_or_else(|| {
        let sent = bearer(request.headers()).is_some();
        let error = if sent { ", error=\"invalid_token\"" } else { "" };
        let scope = scope.map(|scope| format!(", scope=\"{}\"", scope.as_str())).unwrap_or_default();
        let challenge = format!("Bearer realm=\"an-sinh\"{scope}{error}");
        let problem = Problem::new(ErrorCode::Unauthenticated);
        match HeaderValue::from_str(&challenge) {
            Ok(challenge) => problem.header(WWW_AUTHENTICATE, challenge),
            Err(_) => problem,
        }
    })
}

/// The token of `Authorization: Bearer …`. A header that is not ASCII holds no token.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION);
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    // Two headers would leave it open which one counts.
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}
