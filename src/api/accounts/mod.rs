//! Accounts of officials and machines, for administrators; and one's own password.

mod bodies;

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, ETAG},
    post, web,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use self::bodies::{
    AccountPage, AccountView, AccountWithSecret, NewAccountBody, PasswordBody, parse_new, parse_passwords,
};
use crate::{
    access::{self, AccessError, Account, AccountKind, Admin, HashedSecret, NewAccount},
    api::{
        AppState, ErrorCode, JsonBody, Problem,
        idempotency::{IdempotencyKey, once_kept, respond},
        principal::{Principal, SignedIn},
        records::blocking,
        versions::{Seen, tag},
    },
    facts::{FieldError, Text},
    store::{AnyConn, accounts, idempotency::KeptReply},
};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_accounts)
        .service(create_account)
        .service(get_account)
        .service(disable_account)
        .service(enable_account)
        .service(reset_password)
        .service(change_password);
}

/// Which page.
#[derive(Debug, Deserialize)]
pub struct PageQuery {
    /// Accounts at most, 1 to 200; 50 when left out.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List accounts
///
/// All accounts, the oldest first. No secret is in them.
#[utoipa::path(
    tag = "access",
    operation_id = "listAccounts",
    security(("oauth2" = ["admin"])),
    params(
        ("limit" = Option<u16>, Query, description = "Accounts at most, 1 to 200; 50 when left out.", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.")
    ),
    responses(
        (status = 200, description = "A page of accounts.", body = AccountPage),
        (status = 400, description = "The page asked for can't be.")
    )
)]
#[get("/v1/accounts")]
async fn list_accounts(
    _: Principal<Admin>,
    state: web::Data<AppState>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let PageQuery { limit, cursor } = query.into_inner();
    let limit = usize::from(limit.unwrap_or(50));
    if !(1..=200).contains(&limit) {
        return Err(Problem::new(ErrorCode::BadRequest));
    }
    let after = cursor.unwrap_or_default();
    let page = blocking(state, move |state| {
        // One more than asked for tells whether more follow.
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX) + 1;
        let mut found = state.records.store.read(|conn| accounts::page(conn, &after, wanted))?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next_cursor = found.last().filter(|_| more).map(|last| last.id.clone());
        Ok(AccountPage { items: found.into_iter().map(AccountView::new).collect(), next_cursor })
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

/// Make an account
///
/// Scopes follow from the role. The secret in the answer is told once and kept nowhere; an official must choose a password
/// of their own before the account does anything.
#[utoipa::path(
    tag = "access",
    operation_id = "createAccount",
    security(("oauth2" = ["admin"])),
    params(("Idempotency-Key" = String, Header, description = "Any text of yours, new for each account.")),
    request_body(content = NewAccountBody, description = "For whom, and what for."),
    responses(
        (status = 201, description = "The account, with its secret.", body = AccountWithSecret,
            headers(("Location" = String, description = "Path of the account."), ("ETag" = String, description = "Its version."))),
        (status = 409, description = "The login is in use, or the first request with this key is still running.")
    )
)]
#[post("/v1/accounts")]
async fn create_account(
    principal: Principal<Admin>,
    key: IdempotencyKey,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let (asked, new) = body.check(|body| Ok((body.clone(), parse_new(body)?)))?;
    let actor = principal.caller.subject.clone();
    issue(state, principal, key, asked, move |state, conn, secret| {
        let account = NewAccount {
            role: new.role,
            login: &new.login,
            secret,
            unit: new.unit,
            scopes: &new.scopes,
            must_change: new.role.kind() == AccountKind::Official,
        };
        let account = access::create_account(conn, account, &actor, state.clock().now)?;
        kept_reply(201, Some(format!("/v1/accounts/{}", account.id)), account)
    })
    .await
}

/// Read an account
///
/// What it is for and where it stands.
#[utoipa::path(
    tag = "access",
    operation_id = "getAccount",
    security(("oauth2" = ["admin"])),
    params(("id" = String, Path, description = "Id of the account.")),
    responses((status = 200, description = "The account.", body = AccountView,
        headers(("ETag" = String, description = "Its version, for `If-Match`."))))
)]
#[get("/v1/accounts/{id}")]
async fn get_account(
    _: Principal<Admin>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let found = blocking(state, move |state| state.records.store.read(|conn| account(conn, &path)));
    Ok(reply(found.await?))
}

/// Shut an account
///
/// Nobody signs in with it from now on, and its sessions end. Access tokens already given out run out within 15 minutes.
#[utoipa::path(
    tag = "access",
    operation_id = "disableAccount",
    security(("oauth2" = ["admin"])),
    params(
        ("id" = String, Path, description = "Id of the account."),
        ("If-Match" = String, Header, description = "`ETag` of the version that was read.")
    ),
    responses(
        (status = 200, description = "The account as it is now.", body = AccountView,
            headers(("ETag" = String, description = "Its new version."))),
        (status = 409, description = "It is the administrator's own."),
        (status = 412, description = "The account was changed since it was read."),
        (status = 428, description = "`If-Match` is missing.")
    )
)]
#[post("/v1/accounts/{id}/disable")]
async fn disable_account(
    principal: Principal<Admin>,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    set_disabled(true, principal, seen, state, path.into_inner()).await
}

/// Open an account again
///
/// After it was shut. Failed attempts are forgotten.
#[utoipa::path(
    tag = "access",
    operation_id = "enableAccount",
    security(("oauth2" = ["admin"])),
    params(
        ("id" = String, Path, description = "Id of the account."),
        ("If-Match" = String, Header, description = "`ETag` of the version that was read.")
    ),
    responses(
        (status = 200, description = "The account as it is now.", body = AccountView,
            headers(("ETag" = String, description = "Its new version."))),
        (status = 409, description = "It is the administrator's own."),
        (status = 412, description = "The account was changed since it was read."),
        (status = 428, description = "`If-Match` is missing.")
    )
)]
#[post("/v1/accounts/{id}/enable")]
async fn enable_account(
    principal: Principal<Admin>,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    set_disabled(false, principal, seen, state, path.into_inner()).await
}

/// Reset a password or secret
///
/// Makes a new one, told once. An official must choose a password of their own with it; sessions end, failed attempts are
/// forgotten.
#[utoipa::path(
    tag = "access",
    operation_id = "resetPassword",
    security(("oauth2" = ["admin"])),
    params(
        ("id" = String, Path, description = "Id of the account."),
        ("Idempotency-Key" = String, Header, description = "Any text of yours, new for each reset."),
        ("If-Match" = String, Header, description = "`ETag` of the version that was read.")
    ),
    responses(
        (status = 200, description = "The account, with its new secret.", body = AccountWithSecret,
            headers(("ETag" = String, description = "Its new version."))),
        (status = 400, description = "`Idempotency-Key` is missing."),
        (status = 409, description = "It is the administrator's own, or the first request with this key is still running."),
        (status = 412, description = "The account was changed since it was read."),
        (status = 422, description = "The key was used for another request."),
        (status = 428, description = "`If-Match` is missing.")
    )
)]
#[post("/v1/accounts/{id}/password")]
async fn reset_password(
    principal: Principal<Admin>,
    key: IdempotencyKey,
    seen: Seen,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, caller) = (path.into_inner(), principal.caller.clone());
    issue(state, principal, key, Value::Null, move |state, conn, secret| {
        let account = account(conn, &id)?;
        seen.insist(account.version)?;
        not_own(&account, &caller.subject)?;
        let now = state.clock().now;
        let account = access::reset_secret(conn, account, secret, true, &caller.subject, now)?;
        kept_reply(200, None, account)
    })
    .await
}

/// Change your password
///
/// For officials with a built-in account, whatever their scopes; also when they must change it first. All other sessions
/// of theirs end. A wrong old password counts as a failed sign-in.
#[utoipa::path(
    tag = "access",
    operation_id = "changePassword",
    security(("oauth2" = [])),
    request_body(content = PasswordBody, description = "Old and new password."),
    responses(
        (status = 204, description = "Changed. Whoever had to change it signs in anew."),
        (status = 403, description = "The caller is no official with a password here."),
        (status = 412, description = "The account was changed meanwhile.")
    )
)]
#[post("/v1/account/password")]
async fn change_password(
    caller: SignedIn,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let (old, new) = body.check(parse_passwords)?;
    let changed = blocking(state, move |state| {
        let store = &state.records.store;
        access::change_password(store, &caller.0, &old, &new, state.clock().now).map_err(
            |error| match error {
                AccessError::Refused => finding(
                    "/old_password",
                    "wrong_password",
                    Text::new(
                        "Mật khẩu cũ không đúng, hoặc tài khoản đang tạm khóa.",
                        "The old password is wrong, or the account is locked for now.",
                    ),
                ),
                AccessError::Weak(weak) => finding("/new_password", "weak_password", weak.words()),
                other => other.into(),
            },
        )
    });
    changed.await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn set_disabled(
    disabled: bool,
    principal: Principal<Admin>,
    seen: Seen,
    state: web::Data<AppState>,
    id: String,
) -> Result<HttpResponse, Problem> {
    let changed = blocking(state, move |state| {
        let (actor, now) = (principal.caller.subject, state.clock().now);
        state.records.store.write(|conn| {
            let account = account(conn, &id)?;
            seen.insist(account.version)?;
            not_own(&account, &actor)?;
            Ok::<_, Problem>(access::set_disabled(conn, account, disabled, &actor, now)?)
        })
    });
    Ok(reply(changed.await?))
}

/// Carries out once what gives out a secret. The answer that is kept for a repetition does not hold it.
async fn issue(
    state: web::Data<AppState>,
    principal: Principal<Admin>,
    key: IdempotencyKey,
    asked: Value,
    commit: impl FnOnce(&AppState, &mut AnyConn, HashedSecret) -> Result<KeptReply, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let told: Arc<Mutex<Option<String>>> = Arc::default();
    let slot = Arc::clone(&told);
    let prepare = move |_: &AppState| {
        let secret = access::random_secret()?;
        let hashed = HashedSecret::new(&secret)?;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret);
        Ok(hashed)
    };
    let (mut kept, replayed) = once_kept(state, principal.caller, key, asked, prepare, commit).await?;
    // Another server may have been faster: then ours was made in vain.
    if !replayed {
        kept.body["secret"] = json!(told.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
    let mut response = respond(&kept, replayed);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, actix_web::http::header::HeaderValue::from_static("no-store"));
    Ok(response)
}

fn account(conn: &mut AnyConn, id: &str) -> Result<Account, Problem> {
    accounts::find_by_id(conn, id)?.ok_or(Problem::new(ErrorCode::AccountNotFound))
}

/// The last administrator must not shut themselves out by a slip.
fn not_own(account: &Account, actor: &str) -> Result<(), Problem> {
    let own = actor.strip_prefix(account.kind.as_str()).and_then(|rest| rest.strip_prefix(':'));
    if own == Some(&account.login) { Err(Problem::new(ErrorCode::OwnAccount)) } else { Ok(()) }
}

fn reply(account: Account) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, tag(account.version))).json(AccountView::new(account))
}

fn kept_reply(status: u16, location: Option<String>, account: Account) -> Result<KeptReply, Problem> {
    let etag = Some(tag(account.version));
    let view = AccountWithSecret { account: AccountView::new(account), secret: None };
    let body = serde_json::to_value(view).map_err(|error| Problem::internal(&error))?;
    Ok(KeptReply { status, location, etag, body })
}

fn finding(pointer: &str, code: &'static str, detail: Text) -> Problem {
    Problem::invalid_body(vec![FieldError { pointer: pointer.into(), code, detail }])
}
