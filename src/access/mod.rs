//! Who may do what: roles and scopes, callers, accounts, sessions, tokens and their keys.

mod accounts;
mod keys;
pub mod lifetimes;
mod outside;
mod passwords;
mod roles;
mod sessions;
mod sign_in;
mod tokens;
mod turnstile;

pub use self::{
    accounts::{NewAccount, change_password, create_account, is_login, reset_secret, set_disabled, set_role},
    keys::{Jwk, KeyState, keys, retire_key, rotate_key},
    lifetimes::TOKEN_SECONDS,
    outside::{JwksSource, TrustedIssuer},
    passwords::{HashedSecret, LONGEST_SECRET, WeakPassword, check as check_password, random_secret},
    roles::{Role, UnitRule},
    sessions::{Refresh, refresh, revoke},
    sign_in::{SignedIn, held, sign_in},
    tokens::{AUDIENCE, ISSUER, IssuedToken, KeysOf, Tokens, Verdict},
};
pub use crate::store::accounts::{Account, AccountKind};
use crate::{
    facts::Text,
    store::{Reach, StoreError},
};

/// Why something about access was refused.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Wrong name, wrong secret, locked or shut: one answer for all.
    #[error("the credentials were refused")]
    Refused,
    /// A scope was asked for that the account or its role does not hold.
    #[error("a scope was asked for that the role does not hold")]
    Scope,
    /// The login is in use.
    #[error("the login is in use")]
    LoginTaken,
    /// The login is not written as logins are.
    #[error("a login has 2 to 64 small letters, digits, “.”, “_” or “-”, the first a letter or digit")]
    BadLogin,
    /// The role demands a unit, or has none.
    #[error("the role demands a unit, or can't have one")]
    Unit,
    /// A role for people was given to a machine, or the other way round.
    #[error("the role is for the other kind of account")]
    OtherKind,
    /// Another change of the account was faster.
    #[error("the account was changed meanwhile")]
    Stale,
    /// The password may not be chosen.
    #[error(transparent)]
    Weak(WeakPassword),
    /// The caller has no built-in account of a person.
    #[error("the caller is no official with a built-in account")]
    NotAnOfficial,
    /// No such signing key.
    #[error("there is no such key")]
    NoSuchKey,
    /// The key signs.
    #[error("this key signs; rotate first")]
    SigningKey,
    /// The keys of the trusted issuer cannot be read.
    #[error("{0}")]
    Jwks(String),
    /// The secret could not be hashed or a token not be signed.
    #[error("cryptography failed: {0}")]
    Crypto(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccessError {
    /// In both languages; what a library or the database said is left as it is.
    pub fn text(&self) -> Text {
        let vi = match self {
            Self::Refused => "Thông tin đăng nhập không được chấp nhận.".to_owned(),
            Self::Scope => "Vai trò này không có quyền được yêu cầu.".to_owned(),
            Self::LoginTaken => "Tên đăng nhập đã có.".to_owned(),
            Self::BadLogin => {
                "Tên đăng nhập gồm 2 đến 64 chữ thường không dấu, chữ số, “.”, “_” hoặc “-”, bắt đầu bằng \
                 chữ hoặc số."
                    .to_owned()
            }
            Self::Unit => {
                "Vai trò này phải thuộc một phường, xã, hoặc không được thuộc phường, xã nào.".to_owned()
            }
            Self::OtherKind => "Vai trò này dành cho loại tài khoản khác.".to_owned(),
            Self::Stale => "Tài khoản đã được thay đổi trong lúc đó; hãy làm lại.".to_owned(),
            Self::Weak(weak) => return weak.words(),
            Self::NotAnOfficial => "Người gọi không phải cán bộ có tài khoản tại đây.".to_owned(),
            Self::NoSuchKey => "Không có khóa này.".to_owned(),
            Self::SigningKey => "Khóa này đang dùng để ký; hãy thay khóa trước.".to_owned(),
            Self::Jwks(why) => format!("Không đọc được khóa của nơi cấp mã bên ngoài: {why}"),
            Self::Crypto(why) => format!("Lỗi mật mã: {why}"),
            Self::Store(error) => return error.text(),
        };
        Text::new(vi, self.to_string())
    }
}

macro_rules! scopes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal),* $(,)?) => {
        /// One permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Scope {$($(#[doc = $doc])* $name,)*}

        impl Scope {
            /// Every scope there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name that stands in tokens.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        $(
            $(#[doc = $doc])*
            ///
            /// As a type: `Principal<…>` in a handler's signature demands it.
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl Permission for $name {
                const SCOPE: Scope = Scope::$name;
            }
        )*
    };
}

/// A scope as a type.
pub trait Permission {
    /// The scope a caller must hold.
    const SCOPE: Scope;
}

scopes! {
    /// Stateless evaluation.
    Evaluate = "evaluate",
    /// Read citizens, evidence, decisions and cards.
    CitizensRead = "citizens:read",
    /// Add and change citizens and evidence.
    CitizensWrite = "citizens:write",
    /// Record decisions.
    DecisionsWrite = "decisions:write",
    /// Issue, suspend, resume and revoke cards.
    CardsIssue = "cards:issue",
    /// Check cards.
    TransitCheck = "transit:check",
    /// Check by personal number.
    TransitCheckByNumber = "transit:check_by_number",
    /// Imports and batches.
    Batch = "batch",
    /// Change the law in force.
    PolicyManage = "policy:manage",
    /// Read the audit log.
    AuditRead = "audit:read",
    /// Manage accounts.
    Admin = "admin",
}

impl Scope {
    /// The scope of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text)
    }

    /// Reads a list parted by spaces; a name that is not a scope makes it `None`.
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        text.split(' ').filter(|name| !name.is_empty()).map(Self::parse).collect()
    }

    /// Writes a list, parted by spaces.
    pub fn join(scopes: &[Self]) -> String {
        scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Who is asking, as their token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// `official:…`, `client:…`, or `external:…` of the trusted issuer; stands in records and in the audit table.
    pub subject: String,
    /// Unit whose citizens they may see; none = the whole city.
    pub unit: Option<String>,
    /// What they may do.
    pub scopes: Vec<Scope>,
    /// The session the token belongs to, where an official signed in.
    pub session: Option<String>,
}

impl Caller {
    /// Whether the caller holds a scope.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whose records exist for the caller.
    pub fn reach(&self) -> Reach {
        self.unit.clone().map_or(Reach::City, Reach::Unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_as_they_are_written() {
        assert_eq!(Scope::parse_list(&Scope::join(Scope::ALL)).as_deref(), Some(Scope::ALL));
        assert_eq!(Scope::parse_list("citizens:read everything"), None);
        assert_eq!(Scope::parse_list(""), Some(Vec::new()));
    }
}
