//! What every failed request answers: RFC 9457 `application/problem+json`.
//!
//! Handlers return `Result<_, Problem>`. A `Problem` does not know the request it belongs to, so
//! [`middleware::conventions`](crate::api::middleware) adds language, `instance` and `trace_id` on the way out and writes the
//! internal cause, if there is one, to the log. The cause never reaches the client.

use std::{borrow::Cow, error::Error, fmt, sync::Arc};

use actix_web::{
    HttpResponse, ResponseError,
    error::BlockingError,
    http::{
        StatusCode,
        header::{CONTENT_LANGUAGE, HeaderName, HeaderValue, RETRY_AFTER},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{error_code::ErrorCode, lang::Lang},
    facts::{FieldError, Text},
};

/// Media type of a problem body.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A failed request, before it is put into words. Boxed, so that a `Result` stays small where all goes well.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    code: ErrorCode,
    detail: Option<Text>,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Arc<str>>,
    context: Context,
}

/// What only the request knows.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Language of the texts.
    pub lang: Lang,
    /// Path of the request.
    pub instance: Option<String>,
    /// Name of the request in the log.
    pub trace_id: Option<String>,
}

impl Problem {
    /// A problem in the words of the error table.
    pub fn new(code: ErrorCode) -> Self {
        let context = Context::default();
        Self(Box::new(Parts {
            code,
            detail: None,
            errors: Vec::new(),
            headers: Vec::new(),
            cause: None,
            context,
        }))
    }

    /// 422 with every finding about the body.
    pub fn invalid_body(errors: Vec<FieldError>) -> Self {
        Self::new(ErrorCode::InvalidBody).errors(errors)
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound)
    }

    /// 500. The cause, with all its sources, goes to the log only.
    pub fn internal(cause: &dyn Error) -> Self {
        Self::new(ErrorCode::Internal).because(cause)
    }

    /// 503 with `Retry-After`, in whole seconds.
    pub fn retry_later(code: ErrorCode, seconds: u64) -> Self {
        Self::new(code).header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Says something more exact than the table does. Never put a token, a personal number or SQL here.
    pub fn detail(mut self, vi: impl Into<String>, en: impl Into<String>) -> Self {
        self.0.detail = Some(Text::new(vi, en));
        self
    }

    /// Adds findings with pointers.
    pub fn errors(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        self.0.errors.extend(errors);
        self
    }

    /// Adds a header to the answer.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Keeps the cause, with all its sources, for the log.
    pub fn because(mut self, cause: &dyn Error) -> Self {
        let mut text = cause.to_string();
        let mut next = cause.source();
        while let Some(source) = next {
            text.push_str(": ");
            text.push_str(&source.to_string());
            next = source.source();
        }
        self.0.cause = Some(text.into());
        self
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// What to write to the log, never to the client.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// Puts the problem into the words and the place of one request.
    pub fn in_context(mut self, context: Context) -> Self {
        self.0.context = context;
        self
    }

    /// The body of the answer.
    pub fn body(&self) -> ProblemBody {
        let lang = self.0.context.lang;
        let wording = self.0.code.wording(lang);
        let code = self.0.code.as_str();
        ProblemBody {
            r#type: format!("/errors/{code}"),
            title: wording.title.into(),
            status: self.0.code.status().as_u16(),
            detail: self
                .0
                .detail
                .as_ref()
                .map_or(wording.detail.to_owned(), |text| lang.pick(text).to_owned()),
            instance: self.0.context.instance.clone(),
            code: code.into(),
            errors: self.0.errors.iter().map(|error| FieldProblem::new(error, lang)).collect(),
            trace_id: self.0.context.trace_id.clone(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.as_str())
    }
}

impl Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    /// The whole answer. It carries the problem along, so that the middleware can write it once more in the
    /// context of the request.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.code.status());
        response.content_type(PROBLEM_JSON).insert_header((CONTENT_LANGUAGE, self.0.context.lang.tag()));
        for header in &self.0.headers {
            response.insert_header(header.clone());
        }
        // Strings and numbers only: this can't fail. Should it ever, the status and headers still stand.
        let mut response = response.body(serde_json::to_vec(&self.body()).unwrap_or_default());
        response.extensions_mut().insert(self.clone());
        response
    }
}

impl From<BlockingError> for Problem {
    /// The thread pool is gone or the closure panicked.
    fn from(error: BlockingError) -> Self {
        Self::internal(&error)
    }
}

impl From<Vec<FieldError>> for Problem {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::invalid_body(errors)
    }
}

/// What went wrong, as RFC 9457 tells it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Address of the description of this kind of problem.
    #[schema(example = "/errors/invalid_body", format = "uri-reference")]
    pub r#type: String,
    /// Name of this kind of problem, in the language of `Accept-Language` (`vi` by default).
    #[schema(example = "Nội dung không hợp lệ")]
    pub title: Cow<'static, str>,
    /// The HTTP status.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened this time, and what to do.
    #[schema(example = "Nội dung gửi lên có lỗi; xem từng lỗi trong errors.")]
    pub detail: String,
    /// Path of the request, without its query.
    #[schema(example = "/v1/evaluations", required = false, format = "uri-reference")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Stable code for programs; never translated.
    #[schema(example = "invalid_body")]
    pub code: Cow<'static, str>,
    /// Every finding about the body, all at once.
    pub errors: Vec<FieldProblem>,
    /// Names the request in our log; quote it when you report a problem.
    #[schema(example = "4bf92f3577b34da6a3ce929d0e0e4736", required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// One finding about one member of the body.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON Pointer (RFC 6901) to the member.
    #[schema(example = "/people/0/residence")]
    pub pointer: String,
    /// Stable code for programs; never translated.
    #[schema(example = "unknown_value")]
    pub code: Cow<'static, str>,
    /// What is wrong and what is allowed.
    #[schema(example = "“permanant” không phải là giá trị cho phép. Có phải ý bạn là “permanent”?")]
    pub detail: String,
}

impl FieldProblem {
    fn new(error: &FieldError, lang: Lang) -> Self {
        Self {
            pointer: error.pointer.clone(),
            code: error.code.into(),
            detail: lang.pick(&error.detail).to_owned(),
        }
    }
}
