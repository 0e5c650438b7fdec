//! Tokens (RFC 6749), their end (RFC 7009) and the keys that verify them (RFC 7517).

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    post, web,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::{self, AccessError, AccountKind, Caller, Jwk, Refresh, Scope, SignedIn, TOKEN_SECONDS},
    api::{AppState, Problem, middleware::KeepBody, records::blocking},
    store::StoreError,
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(issue_token).service(revoke_token).service(list_keys);
}

/// What a client sends, as a form.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenForm {
    /// `client_credentials` for machines, `password` for the built-in accounts of officials, `refresh_token` to go on.
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
    /// The refresh token of the answer before.
    #[schema(required = false)]
    pub refresh_token: Option<String>,
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
    /// For officials: exchanges once, at `grant_type=refresh_token`, for the next access and refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Seconds within which the refresh token must be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 43200)]
    pub refresh_expires_in: Option<i64>,
    /// The holder must choose a new password (`POST /v1/account/password`), then sign in anew; until then the token has no
    /// scope.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub password_change_required: bool,
}

/// What is sent to end a session, as a form.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevocationForm {
    /// The refresh token.
    pub token: String,
    /// `refresh_token`, or left out.
    #[schema(required = false, example = "refresh_token")]
    pub token_type_hint: Option<String>,
}

/// An error of RFC 6749 §5.2.
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthError {
    /// `invalid_request`, `invalid_client`, `invalid_grant`, `unsupported_grant_type`, `unsupported_token_type` or
    /// `invalid_scope`.
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
///
/// Officials get a refresh token too. `grant_type=refresh_token` exchanges it, once, for the next pair; it must be used
/// within 12 hours and renews a session for 30 days at most. A used one that comes back ends the session: it was copied. So
/// do a new password, a new role and shutting the account, at once; access tokens given out before run out by themselves.
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
        Ok(grant) => blocking(state, move |state| Ok(grant.carry_out(state))).await,
        Err(refusal) => Ok(Err(refusal)),
    };
    match outcome {
        Ok(Ok(reply)) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(reply),
        Ok(Err(refusal)) => refusal.respond(),
        Err(problem) => Refusal::Fault(problem).respond(),
    }
}

/// End a session
///
/// Revokes a refresh token and with it its whole session (RFC 7009). A token that is not known, or no longer, is answered
/// the same. Access tokens can't be revoked; they run out within 15 minutes.
#[utoipa::path(
    tag = "access",
    operation_id = "revokeToken",
    request_body(content = RevocationForm, content_type = "application/x-www-form-urlencoded", description = "The token."),
    responses(
        (status = 200, description = "The session is over."),
        (status = 400, description = "No token was sent, or an access token (RFC 7009 §2.2.1).", body = OAuthError)
    )
)]
#[post("/oauth/revoke")]
async fn revoke_token(
    state: web::Data<AppState>,
    form: Result<web::Form<Vec<(String, String)>>, actix_web::Error>,
) -> HttpResponse {
    let token = match form.map_err(|_| Refusal::BadForm).and_then(|form| one(&form, "token")) {
        Ok(Some(token)) => token,
        Ok(None) => return Refusal::BadForm.respond(),
        Err(refusal) => return refusal.respond(),
    };
    // Ours hold no dot, a JWT holds two.
    if token.contains('.') {
        return Refusal::TokenType.respond();
    }
    let revoked = blocking(state, move |state| Ok(access::revoke(&state.records.store, &token, Utc::now())));
    match revoked.await {
        Ok(Ok(())) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).finish(),
        Ok(Err(StoreError::Busy | StoreError::Away(_))) => Refusal::Busy.respond(),
        Ok(Err(error)) => Refusal::Fault(error.into()).respond(),
        Err(problem) => Refusal::Fault(problem).respond(),
    }
}

/// Keys that verify our tokens
///
/// Ed25519 keys as JWK Set: the one that signs and, for a quarter of an hour after a rotation, those before. A token names
/// its key by `kid`; fetch the set again when a token names one you don't have.
#[utoipa::path(
    tag = "access",
    operation_id = "listKeys",
    responses((status = 200, description = "All keys whose tokens are accepted.", body = JwkSet))
)]
#[get("/.well-known/jwks.json")]
async fn list_keys(state: web::Data<AppState>) -> HttpResponse {
    let keys = state.records.tokens.jwks(Utc::now());
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(JwkSet { keys })
}

/// A grant that is complete.
struct Grant {
    proof: Proof,
    scopes: Option<Vec<Scope>>,
}

/// What is shown for it.
enum Proof {
    Secret(AccountKind, String, String),
    Refresh(String),
}

/// A parameter of a form. RFC 6749 §3.2: it stands once, and an empty one counts as left out.
fn one(form: &[(String, String)], name: &str) -> Result<Option<String>, Refusal> {
    let mut found = form.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
    let first = found.next().filter(|value| !value.is_empty()).cloned();
    if found.next().is_some() { Err(Refusal::BadForm) } else { Ok(first) }
}

impl Grant {
    fn read(request: &HttpRequest, form: &[(String, String)]) -> Result<Self, Refusal> {
        let one = |name: &str| one(form, name);
        let scopes = match one("scope")? {
            Some(text) => Some(Scope::parse_list(&text).ok_or(Refusal::Scope)?),
            None => None,
        };
        let (kind, credentials) = match one("grant_type")?.as_deref() {
            Some("password") => (AccountKind::Official, one("username")?.zip(one("password")?)),
            Some("refresh_token") => {
                let token = one("refresh_token")?.ok_or(Refusal::BadForm)?;
                return Ok(Self { proof: Proof::Refresh(token), scopes });
            }
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
        Ok(Self { proof: Proof::Secret(kind, login, secret), scopes })
    }

    fn carry_out(&self, state: &AppState) -> Result<TokenReply, Refusal> {
        let (records, scopes, now) = (&state.records, self.scopes.as_deref(), Utc::now());
        let signed_in = match &self.proof {
            Proof::Secret(kind, login, secret) => {
                access::sign_in(&records.store, *kind, login, secret, scopes, now)
            }
            Proof::Refresh(token) => access::refresh(&records.store, token, scopes, now)
                .map(|(caller, refresh)| SignedIn { caller, refresh: Some(refresh), must_change: false }),
        };
        let reply = signed_in.and_then(|SignedIn { caller, refresh, must_change }| {
            TokenReply::new(state, &caller, refresh, must_change, now)
        });
        reply.map_err(|error| match error {
            AccessError::Refused if matches!(self.proof, Proof::Secret(AccountKind::Client, ..)) => {
                Refusal::Client
            }
            AccessError::Refused => Refusal::Grant,
            AccessError::Scope => Refusal::Scope,
            AccessError::Store(StoreError::Busy | StoreError::Away(_)) => Refusal::Busy,
            other => Refusal::Fault(other.into()),
        })
    }
}

impl TokenReply {
    fn new(
        state: &AppState,
        caller: &Caller,
        refresh: Option<Refresh>,
        password_change_required: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let issued = state.records.tokens.issue(caller, now)?;
        let (refresh_token, refresh_expires_in) =
            refresh.map(|refresh| (refresh.token, refresh.expires_in)).unzip();
        Ok(Self {
            access_token: issued.token,
            token_type: "Bearer",
            expires_in: TOKEN_SECONDS,
            scope: issued.scope,
            refresh_token,
            refresh_expires_in,
            password_change_required,
        })
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
    TokenType,
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
            Self::GrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "Use client_credentials, password or refresh_token.",
            ),
            Self::TokenType => (
                StatusCode::BAD_REQUEST,
                "unsupported_token_type",
                "Access tokens run out by themselves; only refresh tokens are revoked.",
            ),
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
