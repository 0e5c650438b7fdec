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
    /// The token lacks the scope that the operation demands.
    MissingScope = "missing_scope", FORBIDDEN,
        vi: "Thiếu quyền", "Mã truy cập không có quyền mà thao tác này cần.",
        en: "Missing scope", "The access token lacks the scope that this operation needs.";
    /// The token is bound to one unit, the thing asked for is of the whole city.
    CityOnly = "city_only", FORBIDDEN,
        vi: "Chỉ dành cho cấp Thành phố", "Nội dung này thuộc toàn Thành phố; tài khoản của một phường, xã không xem được.",
        en: "For the whole city only", "This belongs to the whole city; an account bound to one ward or commune cannot read it.";
    /// A request that creates something came without a key of its own.
    IdempotencyKeyRequired = "idempotency_key_required", BAD_REQUEST,
        vi: "Thiếu Idempotency-Key", "Cần tiêu đề Idempotency-Key, từ 1 đến 255 ký tự ASCII, khác nhau cho mỗi yêu cầu.",
        en: "Idempotency-Key required", "Send an Idempotency-Key header of 1 to 255 ASCII characters, new for each request.";
    /// The key was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY,
        vi: "Idempotency-Key đã dùng", "Khóa này đã dùng cho một yêu cầu khác; hãy dùng khóa mới.",
        en: "Idempotency-Key reused", "This key was used for another request; use a new one.";
    /// The first request with the key is not done yet.
    IdempotencyInProgress = "idempotency_in_progress", CONFLICT,
        vi: "Yêu cầu đang được xử lý", "Yêu cầu đầu tiên với khóa này chưa xong; hãy thử lại sau.",
        en: "Request in progress", "The first request with this key is still running; try again later.";
    /// The client must say which version it has seen.
    PreconditionRequired = "precondition_required", PRECONDITION_REQUIRED,
        vi: "Thiếu If-Match", "Cần tiêu đề If-Match mang ETag của bản đã đọc.",
        en: "If-Match required", "Send an If-Match header with the ETag of the version you read.";
    /// The client saw an older version.
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED,
        vi: "Hồ sơ đã có thay đổi", "Nội dung đã thay đổi sau khi được đọc; hãy đọc lại rồi sửa.",
        en: "Version is stale", "It was changed after you read it; read it again, then change it.";
    /// No such citizen within the caller's reach.
    CitizenNotFound = "citizen_not_found", NOT_FOUND,
        vi: "Không tìm thấy công dân", "Không có hồ sơ công dân này trong phạm vi được xem.",
        en: "Citizen not found", "There is no such citizen among the records you may see.";
    /// No such household within the caller's reach.
    HouseholdNotFound = "household_not_found", NOT_FOUND,
        vi: "Không tìm thấy hộ", "Không có hộ này trong phạm vi được xem.",
        en: "Household not found", "There is no such household among those you may see.";
    /// No such document in the record, or it no longer counts.
    EvidenceNotFound = "evidence_not_found", NOT_FOUND,
        vi: "Không tìm thấy giấy tờ", "Hồ sơ không có giấy tờ này, hoặc giấy tờ đã được thay thế, rút lại.",
        en: "Document not found", "The record holds no such document, or it was replaced or withdrawn before.";
    /// Another record of the same person is kept.
    RecordMerged = "record_merged", CONFLICT,
        vi: "Hồ sơ đã gộp", "Hồ sơ này đã gộp vào một hồ sơ khác của cùng một người; hãy dùng hồ sơ được giữ lại.",
        en: "Record was merged", "This record was merged into another of the same person; use the one that is kept.";
    /// The law, or another person, needs the file.
    RecordMustBeKept = "record_must_be_kept", CONFLICT,
        vi: "Hồ sơ phải được lưu", "Chưa xóa được dữ liệu của người này; từng lý do nêu trong errors.",
        en: "The record must be kept", "The data of this person cannot be erased yet; each reason is told in errors.";
    /// No such decision within the caller's reach.
    DecisionNotFound = "decision_not_found", NOT_FOUND,
        vi: "Không tìm thấy quyết định", "Không có quyết định này trong phạm vi được xem.",
        en: "Decision not found", "There is no such decision among those you may see.";
    /// No such appeal within the caller's reach.
    AppealNotFound = "appeal_not_found", NOT_FOUND,
        vi: "Không tìm thấy khiếu nại", "Không có khiếu nại này trong phạm vi được xem.",
        en: "Appeal not found", "There is no such appeal among those you may see.";
    /// The appeal has its outcome.
    AppealClosed = "appeal_closed", CONFLICT,
        vi: "Khiếu nại đã được giải quyết", "Khiếu nại này đã có kết quả; kết quả đã ghi không thay đổi được.",
        en: "The appeal has ended", "This appeal has its outcome, which is not changed once recorded.";
    /// The citizen has no decision of the id that is to be superseded.
    SupersedesUnknown = "supersedes_unknown", UNPROCESSABLE_ENTITY,
        vi: "Không có quyết định để thay thế", "Công dân này không có quyết định mà supersedes nêu.",
        en: "No decision to supersede", "The citizen has no decision of the id in supersedes.";
    /// Another decision took its place before.
    SupersededAlready = "superseded_already", CONFLICT,
        vi: "Quyết định đã được thay thế", "Đã có quyết định khác thay thế quyết định này; hãy thay thế quyết định mới nhất.",
        en: "Superseded already", "Another decision took the place of this one; supersede the latest.";
    /// The new decision would leave something without a decision that stands.
    SupersedesNarrower = "supersedes_narrower", UNPROCESSABLE_ENTITY,
        vi: "Quyết định mới thiếu quyền lợi", "Quyết định mới phải xét mọi quyền lợi mà quyết định bị thay thế đã xét.",
        en: "The new decision leaves something out", "A decision that supersedes another must answer every entitlement that the other answers.";
    /// The law a decision was made by is not there any more.
    PolicyPackUnavailable = "policy_pack_unavailable", CONFLICT,
        vi: "Không dùng lại được bộ quy định đã áp dụng", "Bộ quy định của quyết định này không được lưu hoặc bản hiện hành của hệ thống không đọc được; quyết định đã lưu vẫn nguyên vẹn.",
        en: "The law it was made by does not load", "The pack of law of this decision was not kept, or this release cannot read it; the decision itself is whole.";
    /// This release reads facts by another vocabulary.
    ReplayRefused = "replay_refused", CONFLICT,
        vi: "Không đọc được thông tin đã lưu", "Bản hiện hành của hệ thống không nhận thông tin đã lưu của quyết định; xem từng lỗi trong errors.",
        en: "The kept facts are not taken", "This release does not take the facts kept with the decision; each reason is told in errors.";
    /// The service wants to know why a record is read.
    PurposeRequired = "purpose_required", BAD_REQUEST,
        vi: "Thiếu mục đích xem hồ sơ", "Cần tiêu đề An-Sinh-Purpose nêu mục đích xem hồ sơ.",
        en: "Purpose required", "Send an An-Sinh-Purpose header that says why the record is read.";
    /// Not one of the purposes.
    PurposeUnknown = "purpose_unknown", BAD_REQUEST,
        vi: "Mục đích xem hồ sơ không hợp lệ", "Tiêu đề An-Sinh-Purpose không phải là một trong các mục đích được phép.",
        en: "Unknown purpose", "The An-Sinh-Purpose header is none of the allowed purposes.";
    /// No such card within the caller's reach.
    CardNotFound = "card_not_found", NOT_FOUND,
        vi: "Không tìm thấy thẻ", "Không có thẻ này trong phạm vi được xem. Hãy kiểm tra lại từng ký tự.",
        en: "Card not found", "There is no such card among those you may see. Check each character.";
    /// No such account.
    AccountNotFound = "account_not_found", NOT_FOUND,
        vi: "Không tìm thấy tài khoản", "Không có tài khoản nào mang mã này.",
        en: "Account not found", "There is no account of this id.";
    /// The login is in use.
    LoginTaken = "login_taken", CONFLICT,
        vi: "Tên đăng nhập đã có", "Tên đăng nhập này đã thuộc về một tài khoản khác.",
        en: "Login taken", "Another account has this login.";
    /// An administrator turned against their own account.
    OwnAccount = "own_account", CONFLICT,
        vi: "Không tự thao tác trên tài khoản đang dùng", "Không khóa hoặc đặt lại được tài khoản đang dùng; hãy nhờ một quản trị viên khác.",
        en: "Your own account", "You can't shut or reset the account you use; ask another administrator.";
    /// The caller has no password here.
    NotAnOfficial = "not_an_official", FORBIDDEN,
        vi: "Không phải tài khoản cán bộ", "Thao tác này chỉ dành cho cán bộ đăng nhập bằng mật khẩu tại đây.",
        en: "Not an official's account", "This is for officials who sign in with a password here.";
    /// Another record in the city carries the number.
    PersonalNumberTaken = "personal_number_taken", CONFLICT,
        vi: "Số định danh cá nhân đã có hồ sơ", "Số định danh cá nhân này đã có trong một hồ sơ khác của Thành phố.",
        en: "Personal number taken", "Another record in the city carries this personal number.";
    /// The decision does not speak of free transit.
    DecisionNotAboutTransit = "decision_not_about_transit", UNPROCESSABLE_ENTITY,
        vi: "Quyết định không xét miễn, giảm vé", "Quyết định này không xét việc miễn, giảm vé phương tiện công cộng.",
        en: "Decision not about transit", "This decision does not speak of free transit.";
    /// The decision does not say yes.
    DecisionNotEntitled = "decision_not_entitled", UNPROCESSABLE_ENTITY,
        vi: "Quyết định không kết luận là được hưởng", "Chỉ cấp thẻ được theo quyết định kết luận là được hưởng.",
        en: "Decision is not a yes", "The decision does not say “entitled”, so no card can rest on it.";
    /// The decision gives a cheaper ride, not a free one.
    FareNotFree = "fare_not_free", UNPROCESSABLE_ENTITY,
        vi: "Chỉ được giảm giá vé", "Quyết định cho giảm giá vé chứ không miễn phí; thẻ này chỉ dành cho diện miễn phí.",
        en: "Fare is not free", "The decision gives a reduced fare; this card is for those who ride free.";
    /// The yes rests on the plan alone.
    PlanPromiseOnly = "plan_promise_only", UNPROCESSABLE_ENTITY,
        vi: "Mới chỉ là mục tiêu của Kế hoạch", "Quyền này mới được nêu trong Kế hoạch 181/KH-UBND, chưa có quy định pháp luật đang có hiệu lực; chưa cấp thẻ được.",
        en: "An aim of the plan only", "The right rests on Plan 181/KH-UBND alone, not yet on law in force; no card can be issued.";
    /// The decision no longer holds.
    DecisionOutdated = "decision_outdated", UNPROCESSABLE_ENTITY,
        vi: "Quyết định không còn đúng", "Kết quả của quyết định không còn áp dụng cho hôm nay; hãy ghi nhận quyết định mới.",
        en: "Decision is outdated", "The decision no longer holds today; record a new one.";
    /// Another decision took its place.
    DecisionSuperseded = "decision_superseded", UNPROCESSABLE_ENTITY,
        vi: "Quyết định đã được thay thế", "Đã có quyết định khác thay thế quyết định này; thẻ phải dựa trên quyết định mới nhất.",
        en: "Decision is superseded", "Another decision took the place of this one; a card rests on the latest.";
    /// The facts leave open how long a card would run.
    CardTermUndetermined = "card_term_undetermined", UNPROCESSABLE_ENTITY,
        vi: "Chưa xác định được thời hạn thẻ", "Thông tin trong hồ sơ chưa đủ để biết thẻ có giá trị đến khi nào; hãy bổ sung rồi ghi nhận quyết định mới.",
        en: "Term of the card is open", "The record does not settle how long a card would run; add what is missing and record a new decision.";
    /// The person rides without a card.
    CardNotRequired = "card_not_required", UNPROCESSABLE_ENTITY,
        vi: "Không cần thẻ", "Người này đi miễn phí không cần thẻ. Nếu vẫn muốn cấp, gửi issue_anyway = true.",
        en: "No card is needed", "This person rides free without a card. To issue one anyway, send issue_anyway = true.";
    /// The person has a living card.
    CardExists = "card_exists", CONFLICT,
        vi: "Đã có thẻ", "Người này đang có một thẻ chưa bị thu hồi.",
        en: "Card exists", "The person has a card that is not revoked.";
    /// The step does not follow from where the card stands.
    CardWrongStatus = "card_wrong_status", CONFLICT,
        vi: "Trạng thái thẻ không phù hợp", "Không thực hiện được bước này từ trạng thái hiện tại của thẻ.",
        en: "Wrong status of the card", "This step does not follow from where the card stands.";
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
    /// There is no room for the change where records are kept.
    StorageFull = "storage_full", INSUFFICIENT_STORAGE,
        vi: "Hết chỗ lưu", "Nơi lưu hồ sơ đã hết chỗ; không có gì được ghi. Hãy báo quản trị viên.",
        en: "No room left", "There is no room left where records are kept; nothing was written. Tell the administrator.";
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
            StatusCode::FORBIDDEN => Self::MissingScope,
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
