//! What is sent about accounts, and what comes back.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    access::{self, Account, AccountKind, LONGEST_SECRET, Role, Scope, UnitRule},
    facts::{FieldError, UnitCode},
    registry::fields::Fields,
};

/// An account to be made.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewAccountBody {
    /// What it is for: `ward_official`, `city_reviewer`, `policy_manager`, `auditor` or `administrator` for people,
    /// `transit_operator` or `integrator` for machines.
    #[schema(example = "ward_official")]
    pub role: String,
    /// Name to sign in with: 2 to 64 small letters, digits, `.`, `_` and `-`.
    #[schema(example = "canbo.hoankiem")]
    pub login: String,
    /// Code of the ward or commune; a ward official needs one, an integrator may have one, others have none.
    #[schema(required = false, example = "00070")]
    pub unit: Option<String>,
    /// For machines: fewer scopes than the role has.
    #[schema(required = false)]
    pub scopes: Option<Vec<String>>,
}

/// Old and new password.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordBody {
    /// The password so far.
    pub old_password: String,
    /// The new one: 12 characters or more, at most 256 bytes, not the login, not one of those that are tried first.
    pub new_password: String,
}

/// An account. Its secret is told once, when it is made or reset.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Its id.
    #[schema(example = "01938f6e-0000-7000-8000-000000000001")]
    pub id: String,
    /// `official` or `client`.
    #[schema(example = "official")]
    pub kind: &'static str,
    /// Name to sign in with.
    #[schema(example = "canbo.hoankiem")]
    pub login: String,
    /// Its role.
    #[schema(example = "ward_official")]
    pub role: String,
    /// Unit whose citizens it may see; null = the whole city.
    #[schema(example = "00070")]
    pub unit: Option<String>,
    /// What it may do.
    pub scopes: Vec<&'static str>,
    /// Shut: nobody signs in with it.
    pub disabled: bool,
    /// Its holder must choose a new password first.
    pub must_change_password: bool,
    /// When its password or secret was last set, RFC 3339.
    #[schema(format = DateTime)]
    pub password_changed_at: Option<String>,
    /// When it was made, RFC 3339.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// An account with the secret just made for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountWithSecret {
    /// The account.
    #[serde(flatten)]
    pub account: AccountView,
    /// The secret, told this once: an official's first password, which they must change, or a client's secret. Null in
    /// the answer to a repeated request; reset it if it was lost.
    pub secret: Option<String>,
}

/// A page of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountPage {
    /// The accounts, the oldest first.
    pub items: Vec<AccountView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl AccountView {
    pub(super) fn new(account: Account) -> Self {
        Self {
            kind: account.kind.as_str(),
            scopes: access::held(&account).into_iter().map(Scope::as_str).collect(),
            id: account.id,
            login: account.login,
            role: account.role,
            unit: account.unit,
            disabled: account.disabled,
            must_change_password: account.must_change,
            password_changed_at: account.password_changed_at.map(|at| at.to_rfc3339()),
            created_at: account.created_at.to_rfc3339(),
        }
    }
}

/// An account to be made, read.
pub(super) struct New {
    pub role: Role,
    pub login: String,
    pub unit: Option<UnitCode>,
    pub scopes: Vec<Scope>,
}

/// Reads an account to be made.
pub(super) fn parse_new(body: &Value) -> Result<New, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let role = fields.choice("role", Role::NAMES);
    let role = fields.required("role", role).and_then(Role::parse);
    let login = fields.text("login", 64);
    let login = fields.required("login", login).unwrap_or_default();
    if !login.is_empty() && !access::is_login(&login) {
        fields.error(
            "login",
            "invalid_login",
            "Tên đăng nhập gồm 2 đến 64 chữ thường không dấu, chữ số, dấu “.”, “_” hoặc “-”, bắt đầu bằng chữ hoặc số.",
            "A login has 2 to 64 small letters, digits, “.”, “_” or “-”, the first a letter or digit.",
        );
    }
    let unit = parse_unit(&mut fields, role);
    let scopes = parse_scopes(&mut fields, role);
    fields.finish()?;
    // Without a role there were findings.
    role.map(|role| New { role, login, unit, scopes }).ok_or_else(Vec::new)
}

fn parse_unit(fields: &mut Fields<'_>, role: Option<Role>) -> Option<UnitCode> {
    let text = fields.text("unit", 5);
    let unit = text.as_deref().and_then(UnitCode::parse);
    let rule = role.map_or(UnitRule::Optional, Role::unit);
    let wrong = match (&text, unit, rule) {
        (Some(_), None, _) => Some((
            "unknown_unit",
            "Không có phường, xã nào mang mã này.",
            "No ward or commune of Hanoi has this code.",
        )),
        (None, _, UnitRule::Required) => Some((
            "missing_field",
            "Vai trò này cần mã phường, xã.",
            "This role needs the code of a ward or commune.",
        )),
        (Some(_), _, UnitRule::None) => Some((
            "unit_not_allowed",
            "Vai trò này không gắn với phường, xã nào.",
            "This role is not bound to a ward or commune.",
        )),
        _ => None,
    };
    if let Some((code, vi, en)) = wrong {
        fields.error("unit", code, vi, en);
    }
    unit
}

/// Scopes that narrow the role of a machine.
fn parse_scopes(fields: &mut Fields<'_>, role: Option<Role>) -> Vec<Scope> {
    let Some(value) = fields.raw("scopes") else { return Vec::new() };
    let allowed = role.filter(|role| role.kind() == AccountKind::Client).map_or(&[][..], Role::scopes);
    let names: Option<Vec<&str>> = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    let scopes: Option<Vec<Scope>> = names.and_then(|names| {
        names.into_iter().map(|name| Scope::parse(name).filter(|scope| allowed.contains(scope))).collect()
    });
    if role.is_some() && scopes.as_ref().is_none_or(Vec::is_empty) {
        let list = Scope::join(allowed).replace(' ', ", ");
        fields.error(
            "scopes",
            "invalid_scopes",
            format!("Chỉ hệ thống máy có thể thu hẹp quyền, bằng danh sách không rỗng các quyền của vai trò: {list}."),
            format!("Only machines have narrower scopes: a list, not empty, of those of the role: {list}."),
        );
    }
    scopes.unwrap_or_default()
}

/// Reads old and new password.
pub(super) fn parse_passwords(body: &Value) -> Result<(String, String), Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let mut password = |name: &'static str| {
        // A space at the end is part of a password: `Fields::text` would cut it.
        let value = fields.raw(name);
        let value = fields.required(name, value);
        let text = value.and_then(Value::as_str).filter(|text| text.len() <= LONGEST_SECRET);
        if value.is_some() && text.is_none() {
            fields.error(
                name,
                "invalid_text",
                format!("Cần một chuỗi ký tự không quá {LONGEST_SECRET} byte."),
                format!("A string of at most {LONGEST_SECRET} bytes."),
            );
        }
        text.unwrap_or_default().to_owned()
    };
    let (old, new) = (password("old_password"), password("new_password"));
    fields.finish()?;
    Ok((old, new))
}
