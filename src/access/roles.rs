//! The one table of roles: for whom each is, whether it is bound to a unit, and which scopes follow from it.

use super::{AccountKind, Scope};
use crate::facts::Text;

/// Whether accounts of a role are bound to a ward or commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitRule {
    /// They must be.
    Required,
    /// They may be.
    Optional,
    /// They can't be: their work is the city's.
    None,
}

macro_rules! roles {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal, $kind:ident, $unit:ident, [$($scope:ident),*],
        vi: $vi:literal, en: $en:literal;)+) => {
        /// What an account is for. Its scopes follow.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Role {$($(#[doc = $doc])* $name,)+}

        impl Role {
            /// Every role there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
            /// The names of all roles, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($text,)+];

            /// The name in the database, in the API and at the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// For people or for machines.
            pub const fn kind(self) -> AccountKind {
                match self { $(Self::$name => AccountKind::$kind,)+ }
            }

            /// Whether its accounts are bound to a unit.
            pub const fn unit(self) -> UnitRule {
                match self { $(Self::$name => UnitRule::$unit,)+ }
            }

            /// What its accounts may do.
            pub const fn scopes(self) -> &'static [Scope] {
                match self { $(Self::$name => &[$(Scope::$scope,)*],)+ }
            }

            /// What it is called.
            pub fn title(self) -> Text {
                match self { $(Self::$name => Text::new($vi, $en),)+ }
            }
        }
    };
}

roles! {
    /// Keeps the records of one ward or commune, records decisions and issues cards.
    WardOfficial = "ward_official", Official, Required,
        [Evaluate, CitizensRead, CitizensWrite, DecisionsWrite, CardsIssue],
        vi: "Cán bộ phường, xã", en: "Ward official";
    /// Reads the records of the whole city and decides again where a decision is contested; changes no record.
    CityReviewer = "city_reviewer", Official, None, [Evaluate, CitizensRead, DecisionsWrite],
        vi: "Cán bộ thẩm định cấp Thành phố", en: "City reviewer";
    /// Puts packs of law in force.
    PolicyManager = "policy_manager", Official, None, [Evaluate, PolicyManage],
        vi: "Cán bộ quản lý chính sách", en: "Policy manager";
    /// Reads what was done by whom, and no record.
    Auditor = "auditor", Official, None, [AuditRead],
        vi: "Cán bộ kiểm tra nhật ký", en: "Auditor";
    /// Manages accounts, and reads no record: who gives access must not have it.
    Administrator = "administrator", Official, None, [Admin],
        vi: "Quản trị viên", en: "Administrator";
    /// Machines of a transit operator: check cards.
    TransitOperator = "transit_operator", Client, None, [TransitCheck, TransitCheckByNumber],
        vi: "Đơn vị vận tải", en: "Transit operator";
    /// Another system of the administration, of one unit or of the city.
    Integrator = "integrator", Client, Optional,
        [Evaluate, CitizensRead, CitizensWrite, DecisionsWrite, Batch],
        vi: "Hệ thống tích hợp", en: "Integrator";
}

impl Role {
    /// The role of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == text)
    }

    /// What an account may do: its role, narrowed to the scopes kept with it. An empty list narrows nothing.
    pub fn narrowed(self, scopes: &[Scope]) -> Vec<Scope> {
        let held = self.scopes().iter().copied();
        held.filter(|scope| scopes.is_empty() || scopes.contains(scope)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_belongs_to_a_role_and_every_role_reads_as_it_is_written() {
        for scope in Scope::ALL {
            assert!(Role::ALL.iter().any(|role| role.scopes().contains(scope)), "{scope:?}");
        }
        for (role, name) in Role::ALL.iter().zip(Role::NAMES) {
            assert_eq!((Role::parse(name), role.as_str()), (Some(*role), *name));
        }
        assert_eq!(Role::parse("root"), None);
    }

    /// Decree 356/2025 asks for need-to-know: whoever gives access reads nothing, whoever reads gives no access.
    #[test]
    fn managing_accounts_reading_records_and_auditing_are_apart() {
        let of_records =
            [Scope::CitizensRead, Scope::CitizensWrite, Scope::DecisionsWrite, Scope::CardsIssue];
        for role in Role::ALL {
            let held = role.scopes();
            let groups = [
                held.iter().any(|scope| of_records.contains(scope)),
                held.contains(&Scope::Admin),
                held.contains(&Scope::AuditRead),
                held.contains(&Scope::PolicyManage),
            ];
            assert!(groups.iter().filter(|held| **held).count() <= 1, "{role:?}");
        }
    }

    #[test]
    fn scopes_kept_with_an_account_only_narrow() {
        let all = Role::Integrator.narrowed(&[]);
        assert_eq!(all, Role::Integrator.scopes());
        assert_eq!(Role::Integrator.narrowed(&[Scope::Batch, Scope::Admin]), [Scope::Batch]);
        assert_eq!(Role::Auditor.narrowed(&[Scope::Admin]), []);
    }
}
