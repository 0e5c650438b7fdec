//! One id per request, in the log, the answer and the problem body.

use std::fmt;

use actix_web::http::header::{HeaderMap, HeaderValue};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// The trace id of W3C Trace Context: 32 lower-case hex digits, never all zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceId(String);

impl TraceId {
    /// The caller's id when it sent a valid `traceparent`, else a random one.
    pub fn of(headers: &HeaderMap) -> Self {
        headers
            .get("traceparent")
            .and_then(|value| value.to_str().ok())
            .and_then(Self::from_traceparent)
            .unwrap_or_else(Self::random)
    }

    fn from_traceparent(value: &str) -> Option<Self> {
        let mut parts = value.split('-');
        let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |text: &str, len| {
            text.len() == len && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        let not_zero = |text: &str| text.bytes().any(|b| b != b'0');
        // Version 00 has four parts; later versions may add some. "ff" is forbidden.
        let valid = is_hex(version, 2)
            && version != "ff"
            && is_hex(trace, 32)
            && not_zero(trace)
            && is_hex(parent, 16)
            && not_zero(parent)
            && is_hex(flags, 2)
            && (version != "00" || parts.next().is_none());
        valid.then(|| Self(trace.to_owned()))
    }

    fn random() -> Self {
        let mut bytes = [0; 16];
        // The random source of the system fails only before it is seeded, long before we listen. An id made of
        // zeros would then be a poor name in a log, not a danger.
        let _seeded = SystemRandom::new().fill(&mut bytes);
        Self(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    /// For the answer's header.
    pub fn header_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("0"))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_traceparent_is_taken_over() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let taken = TraceId::from_traceparent(good).map(|id| id.to_string());
        assert_eq!(taken.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        for bad in [
            "",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-012345678901-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceId::from_traceparent(bad), None, "{bad}");
        }
    }

    #[test]
    fn random_ids_differ() {
        assert_ne!(TraceId::random(), TraceId::random());
    }
}
