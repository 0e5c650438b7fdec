//! Versions of resources that change: `ETag`, `If-Match` (RFC 9110 §13.1.1).

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{EntityTag, Header, IfMatch},
};

use crate::api::{ErrorCode, Problem};

/// The tag of a version, quotes included.
pub fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// Which versions the client says it has seen.
#[derive(Debug, Clone)]
pub struct Seen(Option<IfMatch>);

impl Seen {
    /// The client must say which version it has seen, and it must be this one.
    ///
    /// # Errors
    /// 428 when it does not say, 412 when it is another.
    pub fn insist(&self, version: i64) -> Result<(), Problem> {
        match &self.0 {
            None => Err(Problem::new(ErrorCode::PreconditionRequired)),
            Some(_) => self.allow(version),
        }
    }

    /// If the client says which version it has seen, it must be this one.
    ///
    /// # Errors
    /// 412 when it is another.
    pub fn allow(&self, version: i64) -> Result<(), Problem> {
        let current = EntityTag::new_strong(version.to_string());
        match &self.0 {
            None | Some(IfMatch::Any) => Ok(()),
            Some(IfMatch::Items(tags)) if tags.iter().any(|seen| seen.strong_eq(&current)) => Ok(()),
            Some(IfMatch::Items(_)) => Err(Problem::new(ErrorCode::PreconditionFailed)),
        }
    }
}

impl FromRequest for Seen {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if !request.headers().contains_key("if-match") {
            return ready(Ok(Self(None)));
        }
        let parsed = IfMatch::parse(request);
        ready(parsed.map(|seen| Self(Some(seen))).map_err(|_| Problem::new(ErrorCode::BadRequest)))
    }
}
