//! The one table of error codes: code, HTTP status, title and a plain sentence of what to do, in both languages.
//!
//! A code is a promise: it is never renamed, and its status never changes. Add a line here before using a new
//! one; `tests/integration/errors.rs` fails when a code is no longer used anywhere.

use actix_web::http::StatusCode;

use crate::api::lang::Lang;

/// One line of the table, in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording {
    /// Short name of the problem; the same for every occurrence.
    pub title: &'static str,
    /// What happened and what to do, used when the place that raised the problem has nothing more exact to say.
    pub detail: &'static str,
}

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $status:ident,
        vi: $vi_title:literal, $vi_detail:literal,
        en: $en_title:literal, $en_detail:literal;)+) => {
        /// A stable error code. `Problem::new(ErrorCode::…)` turns it into an answer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[doc = $doc])* $name,)+
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name that stands in `code` and at the end of `type`; never translated.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The name of the variant, for the test that looks for unused codes.
            pub fn variant(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// The HTTP status that goes with the code.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// Title and default detail in the language asked for.
            pub fn wording(self, lang: Lang) -> Wording {
                match (self, lang) {
                    $((Self::$name, Lang::Vi) => Wording { title: $vi_title, detail: $vi_detail },
                    (Self::$name, Lang::En) => Wording { title: $en_title, detail: $en_detail },)+
                }
            }
        }
    };
}

error_codes! {
    /// The request as a whole cannot be understood (a path or query that does not parse, say).
    BadRequest = "bad_request", BAD_REQUEST,
        vi: "Yêu cầu không hợp lệ", "Không đọc được yêu cầu. Hãy kiểm tra lại đường dẫn và tham số.",
        en: "Bad request", "The request could not be read. Check its path and parameters.";
    /// The body is not JSON.
    MalformedJson = "malformed_json", BAD_REQUEST,
        vi: "JSON sai cú pháp", "Nội dung gửi lên không phải là JSON đúng cú pháp.",
        en: "Malformed JSON", "The request body is not well-formed JSON.";
    /// The body is not UTF-8.
    InvalidUtf8 = "invalid_utf8", BAD_REQUEST,
        vi: "Nội dung không phải UTF-8", "Nội dung gửi lên phải được mã hóa bằng UTF-8.",
        en: "Not UTF-8", "The request body must be encoded in UTF-8.";
    /// Objects and arrays nested deeper than any request needs.
    JsonTooDeep = "json_too_deep", BAD_REQUEST,
        vi: "JSON lồng nhau quá sâu", "Nội dung gửi lên có quá nhiều tầng lồng nhau.",
        en: "JSON nested too deeply", "The request body nests objects or arrays too deeply.";
    /// No valid access token.
    Unauthenticated = "unauthenticated", UNAUTHORIZED,
        vi: "Chưa đăng nhập", "Cần mã truy cập còn hiệu lực trong tiêu đề Authorization (Bearer).",
        en: "Not authenticated", "A valid access token is needed in the Authorization header (Bearer).";
    /// No such route, or nothing that this principal may see.
    NotFound = "not_found", NOT_FOUND,
        vi: "Không tìm thấy", "Không có nội dung nào tại địa chỉ này.",
        en: "Not found", "There is nothing at this address.";
    /// The route exists, the method does not.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED,
        vi: "Phương thức không được hỗ trợ", "Địa chỉ này không hỗ trợ phương thức đã dùng; xem tiêu đề Allow.",
        en: "Method not allowed", "This address does not support the method used; see the Allow header.";
    /// The client did not send its body in time.
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT,
        vi: "Hết thời gian chờ", "Nội dung yêu cầu không được gửi xong trong thời gian cho phép.",
        en: "Request timeout", "The request body did not arrive in time.";
    /// The body is larger than the route takes.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE,
        vi: "Nội dung quá lớn", "Nội dung gửi lên vượt quá giới hạn cho phép.",
        en: "Body too large", "The request body is larger than allowed.";
    /// The body is not of the media type that the route reads.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE,
        vi: "Kiểu nội dung không được hỗ trợ", "Tiêu đề Content-Type phải là application/json.",
        en: "Unsupported media type", "The Content-Type header must be application/json.";
    /// The body is JSON but breaks a rule; `errors` tells every one.
    InvalidBody = "invalid_body", UNPROCESSABLE_ENTITY,
        vi: "Nội dung không hợp lệ", "Nội dung gửi lên có lỗi; xem từng lỗi trong errors.",
        en: "Invalid body", "The request body has errors; each is told in errors.";
    /// Too many requests from this principal or address.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS,
        vi: "Quá nhiều yêu cầu", "Đã vượt quá số yêu cầu cho phép; hãy thử lại sau thời gian ghi ở Retry-After.",
        en: "Too many requests", "The request limit is used up; try again after the time in Retry-After.";
    /// A fault of ours. The cause is in the log under the trace id, never in the answer.
    Internal = "internal", INTERNAL_SERVER_ERROR,
        vi: "Lỗi hệ thống", "Hệ thống gặp lỗi. Hãy thử lại; nếu vẫn lỗi, báo mã trace_id cho quản trị viên.",
        en: "Internal error", "Something failed on our side. Try again; if it stays, report the trace_id.";
    /// More work than the service takes at once.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE,
        vi: "Hệ thống đang quá tải", "Hệ thống đang xử lý quá nhiều yêu cầu; hãy thử lại sau thời gian ghi ở Retry-After.",
        en: "Overloaded", "The service is busy; try again after the time in Retry-After.";
    /// Something the service needs (its database) does not answer.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE,
        vi: "Tạm thời không phục vụ được", "Một thành phần cần thiết chưa sẵn sàng; hãy thử lại sau.",
        en: "Temporarily unavailable", "Something the service needs is not ready; try again later.";
}

impl ErrorCode {
    /// The code for a bare status, for answers that some library made without a code of ours.
    pub fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthenticated,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::UNPROCESSABLE_ENTITY => Self::InvalidBody,
            StatusCode::TOO_MANY_REQUESTS => Self::RateLimited,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_client_error() => Self::BadRequest,
            _ => Self::Internal,
        }
    }

    /// The code of that name, if there is one.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_snake_case_and_worded_in_both_languages() {
        let mut seen = HashSet::new();
        for code in ErrorCode::ALL {
            let name = code.as_str();
            assert!(seen.insert(name), "{name} stands twice");
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
                "{name}"
            );
            assert_eq!(ErrorCode::parse(name), Some(*code));
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{name}");
            let (vi, en) = (code.wording(Lang::Vi), code.wording(Lang::En));
            assert!(vi.title != en.title && vi.detail != en.detail, "{name} is not translated");
            assert!(vi.detail.ends_with('.') && en.detail.ends_with('.'), "{name} ends without a full stop");
        }
    }
}
