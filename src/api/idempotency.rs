//! Requests that create something are carried out once, however often they are sent.
//!
//! The answer is kept in the transaction of the change: there is no moment in which the change is made and the answer
//! not kept. (IETF draft-ietf-httpapi-idempotency-key-header.)

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{
        StatusCode,
        header::{ETAG, LOCATION},
    },
    web,
};
use chrono::Utc;
use serde_json::Value;

use crate::{
    access::Caller,
    api::{AppState, ErrorCode, Problem, records::blocking},
    audit::canonical,
    store::{
        AnyConn, Store,
        idempotency::{self, Kept, KeptFor, KeptReply},
    },
};

/// The `Idempotency-Key` of a request, with the route it was sent to.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: String,
    route: String,
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all("idempotency-key");
        let key =
            values.next().and_then(|value| value.to_str().ok()).map(|text| text.trim().trim_matches('"'));
        let one = values.next().is_none();
        ready(match key.filter(|key| one && (1..=255).contains(&key.len())) {
            Some(key) => {
                Ok(Self { key: key.to_owned(), route: format!("{} {}", request.method(), request.path()) })
            }
            None => Err(Problem::new(ErrorCode::IdempotencyKeyRequired)),
        })
    }
}

/// Carries a request out once. `prepare` reads and computes, `commit` writes in the transaction that keeps the reply
/// too. A repetition gets the kept reply with `Idempotency-Replayed: true`.
///
/// # Errors
/// 422 when the key was used for another request, 409 while the first is running, and those of the closures.
pub async fn once<P: 'static>(
    state: web::Data<AppState>,
    caller: Caller,
    key: IdempotencyKey,
    body: Value,
    prepare: impl FnOnce(&AppState) -> Result<P, Problem> + Send + 'static,
    commit: impl FnOnce(&AppState, &mut AnyConn, P) -> Result<KeptReply, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let (reply, replayed) = once_kept(state, caller, key, body, prepare, commit).await?;
    Ok(respond(&reply, replayed))
}

/// As [`once`], for a handler that has something to add to the answer that must not be kept, such as a secret. Tells
/// whether the answer is a kept one.
///
/// # Errors
/// As [`once`].
pub async fn once_kept<P: 'static>(
    state: web::Data<AppState>,
    caller: Caller,
    key: IdempotencyKey,
    body: Value,
    prepare: impl FnOnce(&AppState) -> Result<P, Problem> + Send + 'static,
    commit: impl FnOnce(&AppState, &mut AnyConn, P) -> Result<KeptReply, Problem> + Send + 'static,
) -> Result<(KeptReply, bool), Problem> {
    blocking(state, move |state| {
        let Some(_running) = state.records.begin(&caller.subject, &key.key) else {
            return Err(Problem::retry_later(ErrorCode::IdempotencyInProgress, 1));
        };
        let store = &state.records.store;
        let vault = store.vault();
        let request = KeptFor {
            principal: &caller.subject,
            key: &vault.index("idempotency key", &key.key),
            request: &vault.index("request", &format!("{}\n{}", key.route, canonical(&body))),
        };
        if let Some(reply) = store.read(|conn| kept(conn, store, &request))? {
            return Ok((reply, true));
        }
        let prepared = prepare(state)?;
        store.write(|conn| {
            // Another server may have been faster.
            if let Some(reply) = kept(conn, store, &request)? {
                return Ok((reply, true));
            }
            let reply = commit(state, conn, prepared)?;
            idempotency::insert(conn, vault, &request, &reply, Utc::now())?;
            Ok((reply, false))
        })
    })
    .await
}

fn kept(conn: &mut AnyConn, store: &Store, request: &KeptFor<'_>) -> Result<Option<KeptReply>, Problem> {
    match idempotency::find(conn, store.vault(), request, Utc::now())? {
        Kept::Nothing => Ok(None),
        Kept::Reply(reply) => Ok(Some(reply)),
        Kept::OtherRequest => Err(Problem::new(ErrorCode::IdempotencyKeyReused)),
    }
}

/// The answer as it is sent.
pub fn respond(reply: &KeptReply, replayed: bool) -> HttpResponse {
    let mut response = HttpResponse::build(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::CREATED));
    for (name, value) in [(LOCATION, &reply.location), (ETAG, &reply.etag)] {
        if let Some(value) = value {
            response.insert_header((name, value.as_str()));
        }
    }
    if replayed {
        response.insert_header(("idempotency-replayed", "true"));
    }
    response.json(&reply.body)
}
