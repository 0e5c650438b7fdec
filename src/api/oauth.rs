//! Tokens (RFC 6749) and the keys that verify them (RFC 7517).

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    post, web,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Utc;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{self, AccessError, AccountKind, Jwk, Scope, TOKEN_SECONDS},
    api::{AppState, Problem, middleware::KeepBody, records::blocking},
    store::StoreError,
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(issue_token).service(list_keys);
}

/// What a client sends, as a form.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenForm {
    /// `client_credentials` for machines, `password` for the built-in accounts of officials.
    #[schema(example = "password")]
    pub grant_type: String,
    /// Client's id; may stand in `Authorization: Basic` instead.
    #[schema(required = false)]
    pub client_id: Option<String>,
    /// Client's secret; may stand in `Authorization: Basic` instead.
    #[schema(required = false)]
    pub client_secret: Option<String>,
    /// Official's account name.
    #[schema(required = false, example = "canbo.caugiay")]
    pub username: Option<String>,
    /// Official's password.
    #[schema(required = false)]
    pub password: Option<String>,
    /// Scopes parted by spaces; all of the account when left out.
    #[schema(required = false, example = "citizens:read decisions:write")]
    pub scope: Option<String>,
}

/// A token.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenReply {
    /// The token, for `Authorization: Bearer`.
    pub access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds it lives.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Scopes it holds, parted by spaces.
    #[schema(example = "citizens:read decisions:write")]
    pub scope: String,
}

/// An error of RFC 6749 §5.2.
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthError {
    /// `invalid_request`, `invalid_client`, `invalid_grant`, `unsupported_grant_type` or `invalid_scope`.
    #[schema(example = "invalid_grant")]
    pub error: &'static str,
    /// What happened, in English.
    #[schema(example = "The credentials were refused.")]
    pub error_description: &'static str,
}

/// The public keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct JwkSet {
    /// All keys whose tokens are accepted.
    pub keys: Vec<Jwk>,
}

/// Get an access token
///
/// `grant_type=client_credentials` for machines, `grant_type=password` for the built-in accounts. The token lives 15
/// minutes and carries the scopes and, for an official, the unit. An official's account stops listening for a minute
/// after five failures in a row, then for longer; its answers do not tell.
#[utoipa::path(
    tag = "access",
    operation_id = "issueToken",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded", description = "The grant."),
    responses(
        (status = 200, description = "A token.", body = TokenReply),
        (status = 400, description = "The grant was refused (RFC 6749 §5.2).", body = OAuthError),
        (status = 401, description = "The client's credentials were refused.", body = OAuthError)
    )
)]
#[post("/oauth/token")]
async fn issue_token(
    state: web::Data<AppState>,
    request: HttpRequest,
    form: Result<web::Form<Vec<(String, String)>>, actix_web::Error>,
) -> HttpResponse {
    let grant = match form {
        Ok(form) => Grant::read(&request, &form),
        Err(_) => Err(Refusal::BadForm),
    };
    let outcome = match grant {
        Ok(grant) => blocking(state, move |state| Ok(grant.sign_in(state))).await,
        Err(refusal) => Ok(Err(refusal)),
    };
    match outcome {
        Ok(Ok(reply)) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(reply),
        Ok(Err(refusal)) => refusal.respond(),
        Err(problem) => Refusal::Fault(problem).respond(),
    }
}

/// Keys that verify our tokens
///
/// Ed25519 keys as JWK Set. A token names its key by `kid`.
#[utoipa::path(
    tag = "access",
    operation_id = "listKeys",
    responses((status = 200, description = "All keys whose tokens are accepted.", body = JwkSet))
)]
#[get("/.well-known/jwks.json")]
async fn list_keys(state: web::Data<AppState>) -> HttpResponse {
    let keys = state.records.tokens.jwks().to_vec();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(JwkSet { keys })
}

/// A grant that is complete.
struct Grant {
    kind: AccountKind,
    login: String,
    secret: String,
    scopes: Option<Vec<Scope>>,
}

impl Grant {
    fn read(request: &HttpRequest, form: &[(String, String)]) -> Result<Self, Refusal> {
        let one = |name: &str| -> Result<Option<String>, Refusal> {
            let mut found = form.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
            let first = found.next().filter(|value| !value.is_empty()).cloned();
            // RFC 6749 §3.2: a parameter stands once.
            if found.next().is_some() { Err(Refusal::BadForm) } else { Ok(first) }
        };
        let scopes = match one("scope")? {
            Some(text) => Some(Scope::parse_list(&text).ok_or(Refusal::Scope)?),
            None => None,
        };
        let (kind, credentials) = match one("grant_type")?.as_deref() {
            Some("password") => (AccountKind::Official, one("username")?.zip(one("password")?)),
            Some("client_credentials") => {
                let in_form = one("client_id")?.zip(one("client_secret")?);
                let credentials = match (basic(request), in_form) {
                    (Some(_), Some(_)) => return Err(Refusal::BadForm),
                    (basic, in_form) => basic.or(in_form).ok_or(Refusal::Client)?,
                };
                (AccountKind::Client, Some(credentials))
            }
            Some(_) => return Err(Refusal::GrantType),
            None => return Err(Refusal::BadForm),
        };
        let (login, secret) = credentials.ok_or(Refusal::BadForm)?;
        Ok(Self { kind, login, secret, scopes })
    }

    fn sign_in(&self, state: &AppState) -> Result<TokenReply, Refusal> {
        let Self { kind, login, secret, scopes } = self;
        let records = &state.records;
        let now = Utc::now();
        let issued = access::sign_in(&records.store, *kind, login, secret, scopes.as_deref(), now)
            .and_then(|caller| records.tokens.issue(&caller, now));
        match issued {
            Ok(issued) => Ok(TokenReply {
                access_token: issued.token,
                token_type: "Bearer",
                expires_in: TOKEN_SECONDS,
                scope: issued.scope,
            }),
            Err(AccessError::Refused) if *kind == AccountKind::Client => Err(Refusal::Client),
            Err(AccessError::Refused) => Err(Refusal::Grant),
            Err(AccessError::Scope) => Err(Refusal::Scope),
            Err(AccessError::Store(StoreError::Busy)) => Err(Refusal::Busy),
            Err(other) => Err(Refusal::Fault(other.into())),
        }
    }
}

/// `Authorization: Basic`, RFC 6749 §2.3.1.
fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let (scheme, encoded) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Why no token was issued.
enum Refusal {
    BadForm,
    Client,
    Grant,
    GrantType,
    Scope,
    Busy,
    Fault(Problem),
}

impl Refusal {
    fn respond(self) -> HttpResponse {
        let (status, error, error_description) = match &self {
            Self::BadForm => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Send the grant as application/x-www-form-urlencoded, each parameter once and complete.",
            ),
            Self::Client => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "The client's credentials were refused.")
            }
            Self::Grant => (StatusCode::BAD_REQUEST, "invalid_grant", "The credentials were refused."),
            Self::GrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "Use client_credentials or password.")
            }
            Self::Scope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "A scope is unknown or is not held by the account.",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "The service is busy; try again.",
            ),
            Self::Fault(problem) => {
                let cause = problem.cause().unwrap_or_default();
                tracing::error!(cause, "No token could be issued: {cause}");
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Something failed on our side.")
            }
        };
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, "no-store"));
        if matches!(self, Self::Client) {
            response.insert_header((WWW_AUTHENTICATE, "Basic realm=\"an-sinh\""));
        }
        if matches!(self, Self::Busy) {
            response.insert_header((RETRY_AFTER, "1"));
        }
        let mut response = response.json(OAuthError { error, error_description });
        response.extensions_mut().insert(KeepBody);
        response
    }
}
