//! A finding about one member of a request, in both languages, with the values that are allowed.

use serde::{Deserialize, Serialize};

/// A text for people, always in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Text {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both languages at once.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}

/// One thing wrong with a request body. A body is read to its end, so a client sees all of them at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// RFC 6901 pointer to the member.
    pub pointer: String,
    /// Stable code, never translated.
    pub code: &'static str,
    /// What is wrong and what is allowed, in both languages; names field, value and what is allowed.
    pub detail: Text,
}
