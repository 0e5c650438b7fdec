//! Who may do what: scopes, callers, accounts and tokens.

mod passwords;
mod sign_in;
mod tokens;

pub use self::{
    sign_in::{AccessError, NewAccount, create_account, sign_in},
    tokens::{AUDIENCE, ISSUER, IssuedToken, Jwk, TOKEN_SECONDS, Tokens},
};
use crate::store::Reach;
pub use crate::store::accounts::AccountKind;

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
    /// `official:…` or `client:…`; stands in records and in the audit table.
    pub subject: String,
    /// Unit whose citizens they may see; none = the whole city.
    pub unit: Option<String>,
    /// What they may do.
    pub scopes: Vec<Scope>,
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
