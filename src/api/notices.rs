//! The notice of a recorded decision.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_LANGUAGE, ETAG, VARY},
    web,
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::CitizensRead,
    api::{
        AppState, ErrorCode, Lang, Problem, etag,
        reading::{PurposeHeader, Reader},
        records::blocking,
    },
    decisions,
    notices::{self, PdfError},
    registry::{self, RegistryError},
    store::{DecisionId, Reach},
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_notice);
}

/// How the notice is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    format: Option<NoticeFormat>,
    lang: Option<NoticeLanguage>,
}

/// Form of the notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum NoticeFormat {
    Pdf,
    Html,
}

/// Language of the notice.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum NoticeLanguage {
    Vi,
    En,
}

/// A PDF file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only its schema is used")]
struct PdfFile(Vec<u8>);

impl NoticeFormat {
    /// HTML only where it is named with a higher weight than PDF (RFC 9110 §12.5.1); a header that cannot be read
    /// counts for nothing.
    fn preferred(request: &HttpRequest) -> Self {
        let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let weight = |wanted: &str| {
            let ranges = accept.split(',').filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let named = parts.next()?.eq_ignore_ascii_case(wanted);
                let weight =
                    parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
                named.then_some(weight.ok()?)
            });
            ranges.fold(0.0, f32::max)
        };
        if weight("text/html") > weight("application/pdf") { Self::Html } else { Self::Pdf }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Html => "html",
        }
    }
}

impl From<PdfError> for Problem {
    fn from(error: PdfError) -> Self {
        Self::internal(&error)
    }
}

/// The notice of a decision
///
/// An administrative notice for the ward to number, sign and seal: who, the outcome of each benefit by law with amounts,
/// payers and days, what the plan promises apart from it, the reasons with the clauses of the kept answer, what is
/// missing or open, how well the texts were verified. The same decision gives the same bytes. The name of the citizen is
/// the one on record today; everything else is what was kept. Titles and numbers of documents come from the pack in
/// force.
#[utoipa::path(
    tag = "decisions",
    operation_id = "getNotice",
    security(("oauth2" = ["citizens:read"])),
    params(
        ("id" = String, Path, description = "Id of the decision."),
        ("format" = inline(Option<NoticeFormat>), Query,
            description = "When left out, what `Accept` prefers, PDF before HTML.", example = "pdf"),
        ("lang" = inline(Option<NoticeLanguage>), Query,
            description = "Vietnamese when left out. The English text is for information.", example = "vi"),
        PurposeHeader
    ),
    responses(
        (status = 200, description = "The notice.",
            content((PdfFile = "application/pdf"), (String = "text/html")),
            headers(
                ("Content-Disposition" = String, description = "A file name with the decision's id, never a person's name."),
                ("ETag" = String, description = "Changes with the decision, the name, the pack in force, form and language."))),
        (status = 400, description = "A form or language that there is not, or a parameter of another name."),
        (status = 304, description = "Unchanged since the version named in If-None-Match.")
    )
)]
#[get("/v1/decisions/{id}/notice")]
async fn get_notice(
    reader: Reader<CitizensRead>,
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = DecisionId::parse(&path).ok_or(Problem::new(ErrorCode::DecisionNotFound))?;
    let wanted = web::Query::<Wanted>::from_query(request.query_string())
        .map_err(|_| Problem::new(ErrorCode::BadRequest))?;
    let format = wanted.format.unwrap_or_else(|| NoticeFormat::preferred(&request));
    let lang = match wanted.lang {
        Some(NoticeLanguage::En) => Lang::En,
        Some(NoticeLanguage::Vi) | None => Lang::Vi,
    };
    let held = move |tag: &_| etag::is_current(&request, tag);
    // Reading and laying out both take their time: neither belongs on a thread that serves connections. The request
    // itself cannot leave its thread, so whether the client holds this version is asked between the two.
    let read = reader.read(state.clone(), id, move |state, caller| {
        let (store, reach) = (&state.records.store, caller.reach());
        let found = store.read(|conn| {
            let decision = decisions::find(conn, store.vault(), id, &reach)?;
            // Whoever may see the decision may see whom it is about, also after a move to another unit.
            let name = match registry::citizen(conn, store.vault(), decision.citizen, &Reach::City) {
                Ok(citizen) => Some(citizen.person.name),
                Err(RegistryError::NoSuchCitizen) => None,
                Err(error) => return Err(error.into()),
            };
            Ok::<_, decisions::DecisionError>((decision, name))
        });
        let (decision, name) = found?;
        let digest = state.policy().digest().to_owned();
        let (id, shown) = (decision.id.to_string(), name.as_deref().unwrap_or_default());
        let version = env!("CARGO_PKG_VERSION");
        let parts = [&id, &decision.receipt, shown, &digest, version, lang.tag(), format.extension()];
        let tag = etag::strong(&parts);
        Ok((decision, name, tag))
    });
    let (decision, name, tag) = read.await?;
    if held(&tag) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, tag.to_string()))
            .insert_header((VARY, "accept"))
            .finish());
    }
    let body = blocking(state, move |state| {
        let notice = notices::notice(lang, &state.policy(), &decision, name.as_deref())
            .map_err(|error| Problem::internal(&error))?;
        Ok(match format {
            NoticeFormat::Pdf => notices::pdf(&notice)?,
            NoticeFormat::Html => notices::html(&notice).into_bytes(),
        })
    })
    .await?;
    let name = format!("inline; filename=\"notice-{id}-{}.{}\"", lang.tag(), format.extension());
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((ETAG, tag.to_string()))
        .insert_header((VARY, "accept"))
        .insert_header((CONTENT_LANGUAGE, lang.tag()))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(body))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn html_is_given_where_it_is_preferred() {
        for (accept, format) in [
            ("", NoticeFormat::Pdf),
            ("*/*", NoticeFormat::Pdf),
            ("text/html", NoticeFormat::Html),
            ("text/html,application/xhtml+xml,*/*;q=0.8", NoticeFormat::Html),
            ("text/html;q=0.5, application/pdf", NoticeFormat::Pdf),
            ("application/pdf;q=0.2, TEXT/HTML;q=0.3", NoticeFormat::Html),
            ("text/html;q=x", NoticeFormat::Pdf),
            ("text/html;q=0", NoticeFormat::Pdf),
        ] {
            let request = TestRequest::default().insert_header((ACCEPT, accept)).to_http_request();
            assert_eq!(NoticeFormat::preferred(&request), format, "{accept}");
        }
    }
}
