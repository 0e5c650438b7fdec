//! Ids that cannot be taken for one another.

use std::fmt;

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new one: UUID version 7, so that ids sort by the time they were made.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// Reads the hyphenated form; anything else is no id of ours.
            pub fn parse(text: &str) -> Option<Self> {
                (text.len() == 36).then(|| Uuid::try_parse(text).ok().map(Self)).flatten()
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                Self::parse(&text).ok_or_else(|| concat!(stringify!($name), " is not a UUID").into())
            }
        }
    )*};
}

ids! {
    /// A citizen's record.
    CitizenId,
    /// A household.
    HouseholdId,
    /// A document that supports facts.
    EvidenceId,
    /// A recorded decision.
    DecisionId,
    /// An appeal against a decision.
    AppealId,
}
