//! The notice of a recorded decision.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_LANGUAGE, ETAG, VARY},
    web,
};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{AccountKind, CitizensRead},
    api::{
        AppState, ErrorCode, Lang, Problem, etag,
        reading::{PurposeHeader, Reader},
        records::blocking,
    },
    decisions::{self, packs::PackError},
    notices::{self, Known, Packs, PdfError},
    registry::{self, RegistryError},
    store::{AnyConn, DecisionId, Reach, StoreError, Vault, accounts, appeals, decisions::Decision},
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
    part: Option<NoticePart>,
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

/// Which part is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum NoticePart {
    Notice,
    Sheet,
}

impl NoticePart {
    fn wanted(part: Option<Self>) -> notices::Wanted {
        match part {
            None => notices::Wanted::All,
            Some(Self::Notice) => notices::Wanted::Notice,
            Some(Self::Sheet) => notices::Wanted::Sheet,
        }
    }
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

/// What is on record today about a kept decision and whom it is about.
struct OnRecord {
    decision: Decision,
    name: Option<String>,
    died_on: Option<String>,
    superseded: Option<NaiveDate>,
    supersedes: Option<NaiveDate>,
    by_appeal: bool,
    appealed: Option<NaiveDate>,
    outside_unit: bool,
}

impl OnRecord {
    fn read(
        conn: &mut AnyConn,
        vault: &Vault,
        id: DecisionId,
        reach: &Reach,
    ) -> Result<Self, decisions::DecisionError> {
        let decision = decisions::find(conn, vault, id, reach)?;
        // Whoever may see the decision may see whom it is about, also after a move to another unit.
        let person = match registry::citizen(conn, vault, decision.citizen, &Reach::City) {
            Ok(citizen) => Some(citizen.person),
            Err(RegistryError::NoSuchCitizen) => None,
            Err(error) => return Err(error.into()),
        };
        let mut day_of = |other: Option<DecisionId>| -> Result<Option<NaiveDate>, decisions::DecisionError> {
            let other = other.map(|other| decisions::find(conn, vault, other, &Reach::City)).transpose()?;
            Ok(other.map(|other| decisions::day_in_hanoi(other.decided_at)))
        };
        let (superseded, supersedes) = (day_of(decision.superseded_by)?, day_of(decision.supersedes)?);
        let own = appeals::of_decision(conn, vault, id, None, MOST_APPEALS)?;
        let earlier = match decision.supersedes {
            Some(earlier) => appeals::of_decision(conn, vault, earlier, None, MOST_APPEALS)?,
            None => Vec::new(),
        };
        let changed =
            earlier.iter().filter_map(|appeal| appeal.outcome.as_ref()).any(|end| end.decision == Some(id));
        let (name, died_on) = person.map_or((None, None), |person| (Some(person.name), person.died_on));
        Ok(Self {
            name,
            died_on,
            superseded,
            supersedes,
            by_appeal: changed,
            appealed: own
                .iter()
                .filter(|appeal| appeal.outcome.is_none())
                .map(|appeal| appeal.filed_on)
                .min(),
            outside_unit: recorded_outside(conn, &decision)?,
            decision,
        })
    }

    fn known(&self) -> Known<'_> {
        Known {
            name: self.name.as_deref(),
            died_on: self.died_on.as_deref(),
            superseded: self.superseded,
            supersedes: self.supersedes,
            by_appeal: self.by_appeal,
            appealed: self.appealed,
            outside_unit: self.outside_unit,
        }
    }
}

/// Appeals against a decision that a notice looks at.
const MOST_APPEALS: i64 = 100;

/// Whether an account of this service that belongs to another unit or to none recorded the decision. Of accounts of an
/// outside issuer the unit is not kept; they count as of the unit.
fn recorded_outside(conn: &mut AnyConn, decision: &Decision) -> Result<bool, StoreError> {
    let Some((kind, login)) = decision.decided_by.split_once(':') else { return Ok(false) };
    let kinds = [AccountKind::Official, AccountKind::Client];
    let Some(kind) = kinds.into_iter().find(|known| known.as_str() == kind) else { return Ok(false) };
    let account = accounts::find(conn, kind, login)?;
    Ok(account.is_some_and(|account| account.unit.as_deref() != Some(decision.unit.as_str())))
}

/// The notice of a decision
///
/// What a ward prints of a kept decision: a check sheet for the official (marks, contradictions, assumptions, digests; not
/// for the citizen), then the notice to number, sign and seal, with an annex of reasons and clauses. The notice tells the
/// outcome of each benefit **by law alone**: who, what is due, until when a change is known, what is missing or open. What the plan sets
/// as an aim is one sentence, without payer, amount, card or term. The same decision and record give the same bytes. The
/// name of the citizen, a death, what took the decision's place and appeals are those on record today; everything else is
/// what was kept. Titles and names of documents come from the pack in force.
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
        ("part" = inline(Option<NoticePart>), Query,
            description = "`notice`: the notice with its annex, for the citizen; `sheet`: the check sheet, for the file. \
                Both when left out, the sheet first.", example = "notice"),
        PurposeHeader
    ),
    responses(
        (status = 200, description = "The notice.",
            content((PdfFile = "application/pdf"), (String = "text/html")),
            headers(
                ("Content-Disposition" = String, description = "A file name with the decision's id, never a person's name."),
                ("ETag" = String, description = "Changes with all that it tells: decision, record, pack in force, form, language and part."))),
        (status = 400, description = "A form, language or part that there is not, or a parameter of another name."),
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
    let part = wanted.part;
    let read = reader.read(state.clone(), id, move |state, caller| {
        let (store, reach) = (&state.records.store, caller.reach());
        let found = store.read(|conn| OnRecord::read(conn, store.vault(), id, &reach))?;
        let digest = state.policy().digest().to_owned();
        let (id, known) = (found.decision.id.to_string(), format!("{:?}", found.known()));
        let version = env!("CARGO_PKG_VERSION");
        let receipt = &found.decision.receipt;
        let form = format!("{}.{part:?}", format.extension());
        let tag = etag::strong(&[&id, receipt, &known, &digest, version, lang.tag(), &form]);
        Ok((found, tag))
    });
    let (found, tag) = read.await?;
    if held(&tag) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, tag.to_string()))
            .insert_header((VARY, "accept"))
            .finish());
    }
    let body = blocking(state, move |state| {
        let titles = state.policy();
        // Without the pack that decided, the notice tells less; it is not refused.
        let decided =
            match state.packs.find(&state.records.store, titles.clone(), &found.decision.policy_digest) {
                Ok(pack) => Some(pack),
                Err(PackError::Store(error)) => return Err(error.into()),
                Err(PackError::NotKept(_) | PackError::DoesNotLoad { .. }) => None,
            };
        let packs = Packs { titles: &titles, decided: decided.as_deref() };
        let wanted = NoticePart::wanted(part);
        let notice = notices::notice(lang, packs, &found.decision, &found.known(), wanted)
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
