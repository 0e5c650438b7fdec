//! Entity tags (RFC 9110 §8.8): unchanged resources are not sent twice.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        Method,
        header::{CACHE_CONTROL, ETAG, EntityTag, Header, IfNoneMatch},
    },
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::api::Problem;

/// A strong tag over parts that together determine every byte of the resource: the digest of the policy, say, and
/// what of it is shown. Parts are hashed with their lengths, so that no two lists run together.
pub fn strong(parts: &[&str]) -> EntityTag {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let hex = hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    EntityTag::new_strong(hex)
}

/// Does the client already hold this version? (`If-None-Match`, which compares weakly.)
pub fn is_current(request: &HttpRequest, tag: &EntityTag) -> bool {
    if *request.method() != Method::GET {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key("if-none-match"),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|held| held.weak_eq(tag)),
        Err(_) => false,
    }
}

/// Answers JSON under a tag, or 304 when the client already holds it. `no-cache` means: ask before reuse.
///
/// # Errors
/// 500 when the value can't be written as JSON.
pub fn json<T: Serialize>(
    request: &HttpRequest,
    tag: &EntityTag,
    value: &T,
) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(value).map_err(|error| Problem::internal(&error))?;
    Ok(bytes(request, tag, "application/json", body))
}

/// Answers bytes under a tag, or 304.
pub fn bytes(request: &HttpRequest, tag: &EntityTag, content_type: &str, body: Vec<u8>) -> HttpResponse {
    let tagged = |mut response: HttpResponseBuilder| {
        response.insert_header((ETAG, tag.to_string())).insert_header((CACHE_CONTROL, "no-cache"));
        response
    };
    if is_current(request, tag) {
        return tagged(HttpResponse::NotModified()).finish();
    }
    tagged(HttpResponse::Ok()).content_type(content_type).body(body)
}
