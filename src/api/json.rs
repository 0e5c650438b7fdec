//! Reads a JSON body once, strictly, into a value that keeps the order of its members.
//!
//! On top of RFC 8259 it holds bodies to I-JSON (RFC 7493): a name stands once in an object, and a number is one
//! that every client can carry exactly. Both are findings with a pointer; they are reported together with what
//! the route finds, so that a client sees all errors of a body at once.

use std::{fmt, future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap},
    web,
};
use futures_util::StreamExt;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{
    api::{AppState, ErrorCode, Problem},
    facts::{FieldError, Text},
};

/// Objects and arrays may nest this deep. Requests of ours need fewer than ten levels.
const MAX_DEPTH: usize = 64;

/// Findings of this reader are told up to this number: a body of a million faults needs no answer of that length.
const MAX_FINDINGS: usize = 100;

/// 2^53 − 1, the largest integer that survives a client whose numbers are binary64 (RFC 7493 §2.2).
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// A body that is JSON. What it holds is checked by [`JsonBody::check`].
#[derive(Debug)]
pub struct JsonBody {
    value: Value,
    findings: Vec<FieldError>,
}

impl JsonBody {
    /// Reads text such as a line of NDJSON or a file.
    ///
    /// # Errors
    /// 400 when the bytes are not UTF-8, not JSON or nested too deeply.
    pub fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            Problem::new(ErrorCode::InvalidUtf8)
                .detail(format!("Byte thứ {at} không phải UTF-8."), format!("Byte {at} is not UTF-8."))
        })?;
        let mut state = Reader::default();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = Node(&mut state).deserialize(&mut deserializer);
        match value.and_then(|value| deserializer.end().map(|()| value)) {
            Ok(value) => Ok(Self { value, findings: state.findings }),
            Err(error) => Err(state.problem(&error)),
        }
    }

    /// Reads the value with `read` and merges its findings with those of the JSON itself.
    ///
    /// # Errors
    /// 422 with all findings.
    pub fn check<T>(self, read: impl FnOnce(&Value) -> Result<T, Vec<FieldError>>) -> Result<T, Problem> {
        let Self { value, mut findings } = self;
        match read(&value) {
            Ok(read) if findings.is_empty() => Ok(read),
            Ok(_) => Err(Problem::invalid_body(findings)),
            Err(errors) => {
                findings.extend(errors);
                Err(Problem::invalid_body(findings))
            }
        }
    }

    /// Reads the value into a type. For bodies whose members the type alone describes.
    ///
    /// # Errors
    /// 422 when the value does not fit the type.
    pub fn into_type<T: for<'de> Deserialize<'de>>(self) -> Result<T, Problem> {
        self.check(|value| {
            T::deserialize(value).map_err(|error| {
                let text = error.to_string();
                let detail =
                    Text::new(format!("Nội dung không đúng dạng: {text}."), format!("Wrong shape: {text}."));
                vec![FieldError { pointer: String::new(), code: "wrong_shape", detail }]
            })
        })
    }
}

impl FromRequest for JsonBody {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = JsonBytes::from_request(request, payload);
        Box::pin(async move { Self::parse(&bytes.await?.0) })
    }
}

/// A body that says it is JSON, not looked into.
#[derive(Debug)]
pub struct JsonBytes(pub Vec<u8>);

impl FromRequest for JsonBytes {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let state = request.app_data::<web::Data<AppState>>().ok_or(Problem::new(ErrorCode::Internal))?;
            check_media_type(request.headers(), "application/json")?;
            let limit = state.config.body_limit;
            let reading = read_body(request.headers(), payload, limit);
            let bytes = actix_web::rt::time::timeout(state.config.body_timeout, reading)
                .await
                .map_err(|_| Problem::new(ErrorCode::RequestTimeout))??;
            Ok(Self(bytes))
        })
    }
}

/// The media type that a route reads, at most with `charset=utf-8`, and not compressed.
pub(super) fn check_media_type(headers: &HeaderMap, wanted: &str) -> Result<(), Problem> {
    let wrong = || {
        Problem::new(ErrorCode::UnsupportedMediaType).detail(
            format!("Tiêu đề Content-Type phải là {wanted}."),
            format!("The Content-Type header must be {wanted}."),
        )
    };
    let header = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).ok_or_else(wrong)?;
    let mut parts = header.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let utf8 = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.eq_ignore_ascii_case("charset") && value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    };
    if !essence.eq_ignore_ascii_case(wanted) || !parts.all(utf8) {
        return Err(wrong());
    }
    match headers.get(CONTENT_ENCODING) {
        Some(coding) if coding != "identity" => Err(wrong().detail(
            "Nội dung nén (Content-Encoding) không được hỗ trợ.",
            "Compressed bodies (Content-Encoding) are not supported.",
        )),
        _ => Ok(()),
    }
}

async fn read_body(headers: &HeaderMap, mut payload: Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        Problem::new(ErrorCode::BodyTooLarge).detail(
            format!("Nội dung gửi lên được tối đa {limit} byte."),
            format!("The body may hold at most {limit} bytes."),
        )
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(announced.unwrap_or_default());
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => too_large(),
            other => Problem::new(ErrorCode::BadRequest).because(&other).detail(
                "Kết nối bị ngắt trước khi gửi xong nội dung.",
                "The connection ended before the whole body arrived.",
            ),
        })?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Where the reader is, and what it found so far.
#[derive(Default)]
struct Reader {
    pointer: String,
    depth: usize,
    too_deep: bool,
    findings: Vec<FieldError>,
}

impl Reader {
    fn find(&mut self, pointer: String, code: &'static str, vi: &str, en: &str) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(FieldError { pointer, code, detail: Text::new(vi, en) });
        }
    }

    fn number_out_of_range(&mut self) {
        self.find(
            self.pointer.clone(),
            "number_out_of_range",
            "Số có giá trị tuyệt đối lớn hơn 9007199254740991 (2^53 − 1) không được chấp nhận.",
            "Numbers beyond 9007199254740991 (2^53 − 1) in magnitude are not accepted.",
        );
    }

    /// The problem behind an error of the parser. Its own message is not repeated: it may quote the body.
    fn problem(mut self, error: &serde_json::Error) -> Problem {
        if self.too_deep {
            return Problem::new(ErrorCode::JsonTooDeep).detail(
                format!("Nội dung gửi lên được lồng nhau tối đa {MAX_DEPTH} tầng."),
                format!("The body may nest at most {MAX_DEPTH} levels."),
            );
        }
        // A number too large even for binary64, such as 1e400, stops the parser where it stands.
        if error.to_string().starts_with("number out of range") {
            self.number_out_of_range();
            return Problem::invalid_body(self.findings);
        }
        let (line, column) = (error.line(), error.column());
        if error.is_eof() {
            return Problem::new(ErrorCode::MalformedJson).detail(
                format!("JSON kết thúc giữa chừng ở dòng {line}, cột {column}."),
                format!("The JSON ends too early at line {line}, column {column}."),
            );
        }
        Problem::new(ErrorCode::MalformedJson).detail(
            format!("JSON sai cú pháp ở dòng {line}, cột {column}."),
            format!("The JSON is malformed at line {line}, column {column}."),
        )
    }

    /// The pointer to a member. A name longer than any that means something is cut: an answer must not grow with it.
    fn pointer_to(&self, name: &str) -> String {
        const LONGEST: usize = 200;
        let name: String = name.chars().take(LONGEST).collect();
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    /// Goes one level down; an error leaves the pointer where it happened.
    fn inside<E: de::Error, T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let before = self.pointer.len();
        self.pointer = self.pointer_to(name);
        let value = read(self)?;
        self.pointer.truncate(before);
        Ok(value)
    }

    fn deeper<E: de::Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        self.too_deep = self.depth > MAX_DEPTH;
        if self.too_deep { Err(E::custom("nested too deeply")) } else { Ok(()) }
    }
}

/// One value, read by the reader.
struct Node<'r>(&'r mut Reader);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > MAX_INTEGER {
            self.0.number_out_of_range();
        }
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        if value > MAX_INTEGER {
            self.0.number_out_of_range();
        }
        Ok(value.into())
    }

    /// Fractions, exponents, and integers too large for 64 bits.
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        const LIMIT: f64 = (1_u64 << 53) as f64;
        if value.abs() >= LIMIT {
            self.0.number_out_of_range();
        }
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let reader = self.0;
        reader.deeper()?;
        let mut list = Vec::new();
        loop {
            let index = list.len().to_string();
            match reader.inside(&index, |reader| items.next_element_seed(Node(reader)))? {
                Some(item) => list.push(item),
                None => break,
            }
        }
        reader.depth -= 1;
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let reader = self.0;
        reader.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = reader.inside(&name, |reader| members.next_value_seed(Node(reader)))?;
            if object.contains_key(&name) {
                let pointer = reader.pointer_to(&name);
                reader.find(
                    pointer,
                    "duplicate_member",
                    "Tên này xuất hiện nhiều lần trong cùng một đối tượng.",
                    "This name stands more than once in the same object.",
                );
            }
            object.insert(name, value);
        }
        reader.depth -= 1;
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let problem = JsonBody::parse(text.as_bytes()).and_then(|body| body.check(|_| Ok(()))).unwrap_err();
        problem.body().errors.iter().map(|error| format!("{} at {}", error.code, error.pointer)).collect()
    }

    fn code(text: &[u8]) -> ErrorCode {
        JsonBody::parse(text).unwrap_err().code()
    }

    #[test]
    fn all_findings_come_at_once_with_their_pointers() {
        let text = r#"{"a":[1,9007199254740992,{"b/c":-9007199254740993}],"a":1,"x":{"y":1,"y":123456789012345678901}}"#;
        assert_eq!(
            findings(text),
            [
                "number_out_of_range at /a/1",
                "number_out_of_range at /a/2/b~1c",
                "duplicate_member at /a",
                "number_out_of_range at /x/y",
                "duplicate_member at /x/y",
            ]
        );
        assert_eq!(findings(r#"{"a":[0,1e400]}"#), ["number_out_of_range at /a/1"]);
        assert_eq!(findings(r#"{"a":9007199254740993.0}"#), ["number_out_of_range at /a"]);
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for text in
            ["", "{", "[1,]", "{'a':1}", "01", "NaN", "1 2", "\u{feff}{}", r#""\ud800""#, "{\"a\":1}}"]
        {
            assert_eq!(code(text.as_bytes()), ErrorCode::MalformedJson, "{text}");
        }
        assert_eq!(code(b"{\"a\":\"\xff\"}"), ErrorCode::InvalidUtf8);
    }

    #[test]
    fn depth_is_limited_on_both_sides_of_the_edge() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(JsonBody::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(code(nested(MAX_DEPTH + 1).as_bytes()), ErrorCode::JsonTooDeep);
        assert_eq!(code("{\"a\":".repeat(10_000).as_bytes()), ErrorCode::JsonTooDeep);
    }

    proptest! {
        /// Whatever the bytes, there is an answer; and what serde_json takes as is, we read the same.
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = JsonBody::parse(&bytes);
        }

        #[test]
        fn clean_documents_are_read_as_they_are(members in prop::collection::btree_map("[a-z~/]{0,4}", -1000i64..1000, 0..6)) {
            let text = serde_json::to_string(&members).unwrap();
            let read = JsonBody::parse(text.as_bytes()).unwrap().check(|value| Ok(value.clone())).unwrap();
            prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }
}
