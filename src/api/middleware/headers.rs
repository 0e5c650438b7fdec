//! Headers that keep a browser from doing more with an answer than it should.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue};

macro_rules! policy {
    ($more_styles:literal) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'",
            $more_styles,
            "; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; ",
            "media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
    };
}

/// Everything comes from this service; nothing is inline, nothing is framed.
const STRICT: &str = policy!("");

/// Swagger UI makes one `<style>` element. Its own pages let through that one, by its hash; a test in a browser
/// finds out when a new release of Swagger UI needs another.
const FOR_DOCS: &str = policy!(" 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='");

/// Name and value of the headers on every answer.
const HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    // The conductor's page scans with the camera; nothing else is ever asked for.
    ("permissions-policy", "camera=(self), geolocation=(), microphone=()"),
];

/// Adds them. An answer says itself how it may be cached; where it says nothing it is not kept: it may tell about
/// a person.
pub fn add(headers: &mut HeaderMap, in_docs: bool) {
    let policy = if in_docs { FOR_DOCS } else { STRICT };
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
