//! The rows that the audit log commits to, whatever their table: all columns of each, and a digest over them.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{
    AnyConn, StoreError, Vault,
    schema::{
        appeal_outcomes, appeals, audit_checkpoints, audit_keys, card_steps, cards, citizen_merges,
        citizen_versions, citizens, decisions, erased_decisions, erasures, evidence, evidence_ends,
        households, memberships, supersessions,
    },
    vault::Place,
};

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// Nothing.
    Null,
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A whole number.
    Number(i64),
    /// A day.
    Day(NaiveDate),
    /// An instant, UTC.
    Instant(NaiveDateTime),
}

impl Column {
    /// One byte for the kind, then the value; a length before all that may vary in length. Days and instants as
    /// `YYYY-MM-DD` and microseconds since 1970.
    fn digest(&self, into: &mut Sha256) {
        let mut put = |kind: u8, value: &[u8]| {
            into.update([kind]);
            into.update((value.len() as u64).to_be_bytes());
            into.update(value);
        };
        match self {
            Self::Null => put(0, &[]),
            Self::Text(text) => put(1, text.as_bytes()),
            Self::Bytes(bytes) => put(2, bytes),
            Self::Number(number) => put(3, &number.to_be_bytes()),
            Self::Day(day) => put(4, day.to_string().as_bytes()),
            Self::Instant(at) => put(5, &at.and_utc().timestamp_micros().to_be_bytes()),
        }
    }
}

macro_rules! columns {
    ($($type:ty => $kind:ident),*) => {$(
        impl From<$type> for Column {
            fn from(value: $type) -> Self {
                Self::$kind(value.into())
            }
        }
    )*};
}

columns! { String => Text, Vec<u8> => Bytes, i64 => Number, i32 => Number, NaiveDate => Day, NaiveDateTime => Instant }

impl<T: Into<Self>> From<Option<T>> for Column {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    /// Its primary key.
    pub id: String,
    table: Table,
    columns: Vec<(&'static str, Column)>,
}

impl KeptRow {
    /// SHA-256 over the name of the table and the name and value of every column, sealed bytes included: it changes
    /// with any of them, and can be checked without the data key.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        let name = |name: &str, digest: &mut Sha256| {
            digest.update((name.len() as u64).to_be_bytes());
            digest.update(name);
        };
        name(self.table.as_str(), &mut digest);
        for (column, value) in &self.columns {
            name(column, &mut digest);
            value.digest(&mut digest);
        }
        digest.finalize().into()
    }

    /// A column that holds text.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.column(column)? {
            Column::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the row has a sealed part.
    pub fn is_sealed(&self) -> bool {
        matches!(self.column("sealed"), Some(Column::Bytes(_)))
    }

    /// What is sealed in it.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when nothing is, or it does not open.
    pub fn open<T: DeserializeOwned>(&self, vault: &Vault) -> Result<T, StoreError> {
        let table = self.table.as_str();
        match self.column("sealed") {
            Some(Column::Bytes(sealed)) => vault.open(Place { table, row: &self.id }, sealed),
            _ => Err(StoreError::Sealed(table)),
        }
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(column, _)| *column == name).map(|(_, value)| value)
    }
}

/// One line a table, with every column in the order of the schema: a table with other columns does not compile.
macro_rules! committed {
    ($($(#[doc = $doc:literal])* $name:ident = $table:ident { $id:ident: String, $($column:ident: $type:ty),* $(,)? })*) => {
        /// A table whose rows the log commits to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table {
            $($(#[doc = $doc])* $name,)*
        }

        $(
            #[derive(Queryable)]
            struct $name { $id: String, $($column: $type,)* }

            impl From<$name> for KeptRow {
                fn from(row: $name) -> Self {
                    let columns = vec![
                        (stringify!($id), row.$id.clone().into()),
                        $((stringify!($column), row.$column.into()),)*
                    ];
                    Self { id: row.$id, table: Table::$name, columns }
                }
            }
        )*

        impl Table {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($table),)* }
            }

            /// The table of that name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|table| table.as_str() == name)
            }

            /// The row of that id.
            pub fn find(self, conn: &mut AnyConn, id: &str) -> Result<Option<KeptRow>, StoreError> {
                Ok(match self {
                    $(Self::$name => $table::table.find(id).first::<$name>(conn).optional()?.map(Into::into),)*
                })
            }

            /// The rows of these ids that there are.
            pub fn rows(self, conn: &mut AnyConn, ids: &[String]) -> Result<Vec<KeptRow>, StoreError> {
                Ok(match self {
                    $(Self::$name => {
                        let rows: Vec<$name> = $table::table.filter($table::$id.eq_any(ids)).load(conn)?;
                        rows.into_iter().map(Into::into).collect()
                    })*
                })
            }

            /// Up to `limit` ids after `after`, in the order of the database.
            pub fn ids(self, conn: &mut AnyConn, after: &str, limit: i64) -> Result<Vec<String>, StoreError> {
                Ok(match self {
                    $(Self::$name => $table::table
                        .filter($table::$id.gt(after))
                        .order($table::$id)
                        .limit(limit)
                        .select($table::$id)
                        .load(conn)?,)*
                })
            }

            /// How many rows there are.
            pub fn count(self, conn: &mut AnyConn) -> Result<i64, StoreError> {
                Ok(match self { $(Self::$name => $table::table.count().get_result(conn)?,)* })
            }
        }
    };
}

impl Table {
    /// Whether each of its rows is about one person alone.
    pub fn is_personal(self) -> bool {
        !matches!(
            self,
            Self::Households | Self::Erasures | Self::ErasedDecisions | Self::Keys | Self::Checkpoints
        )
    }
}

committed! {
    /// Households.
    Households = households { id: String, unit: String, created_at: NaiveDateTime }
    /// Citizens.
    Citizens = citizens {
        id: String, household_id: String, unit: String, personal_number_index: Option<Vec<u8>>, name_index: Vec<u8>,
        sealed: Vec<u8>, key_id: String, version: i64, created_at: NaiveDateTime, updated_at: NaiveDateTime,
    }
    /// Versions of citizens' records.
    Versions = citizen_versions {
        id: String, citizen_id: String, version: i64, household_id: String, unit: String, sealed: Vec<u8>, key_id: String,
        recorded_at: NaiveDateTime, recorded_by: String,
    }
    /// Who lived where.
    Memberships = memberships {
        id: String, citizen_id: String, household_id: String, valid_from: Option<NaiveDate>, valid_to: Option<NaiveDate>,
        recorded_at: NaiveDateTime, recorded_by: String, ended_at: Option<NaiveDateTime>, ended_by: Option<String>,
    }
    /// Records given up for another of the same person.
    Merges = citizen_merges { duplicate_id: String, kept_id: String, merged_at: NaiveDateTime, merged_by: String }
    /// Documents that no longer count.
    EvidenceEnds = evidence_ends {
        evidence_id: String, replaced_by: Option<String>, sealed: Vec<u8>, key_id: String, ended_at: NaiveDateTime,
        ended_by: String,
    }
    /// Documents.
    Evidence = evidence {
        id: String, citizen_id: String, sealed: Vec<u8>, key_id: String, recorded_at: NaiveDateTime, recorded_by: String,
    }
    /// Decisions.
    Decisions = decisions {
        id: String, citizen_id: String, unit: String, as_of: NaiveDate, policy_id: String, policy_version: String,
        policy_digest: String, receipt: String, sealed: Vec<u8>, key_id: String, decided_at: NaiveDateTime,
        decided_by: String,
    }
    /// Which decision took the place of which.
    Supersessions = supersessions { superseded_id: String, decision_id: String }
    /// Appeals.
    Appeals = appeals {
        id: String, decision_id: String, unit: String, filed_on: NaiveDate, due_on: NaiveDate, sealed: Vec<u8>,
        key_id: String, recorded_at: NaiveDateTime, recorded_by: String,
    }
    /// Outcomes of appeals.
    AppealOutcomes = appeal_outcomes {
        appeal_id: String, outcome: String, decision_id: Option<String>, sealed: Vec<u8>, key_id: String,
        recorded_at: NaiveDateTime, recorded_by: String,
    }
    /// Cards.
    Cards = cards {
        id: String, citizen_id: String, decision_id: String, unit: String, status: String, valid_from: NaiveDate,
        valid_to: Option<NaiveDate>, version: i64, issued_at: NaiveDateTime, issued_by: String,
    }
    /// Steps in the lives of cards.
    CardSteps = card_steps {
        id: String, card_id: String, step: String, sealed: Vec<u8>, key_id: String, taken_at: NaiveDateTime,
        taken_by: String,
    }
    /// That somebody was erased.
    Erasures = erasures {
        id: String, unit: String, ground: String, sealed: Vec<u8>, key_id: String, erased_at: NaiveDateTime,
        erased_by: String,
    }
    /// What was decided about somebody who was erased.
    ErasedDecisions = erased_decisions {
        id: String, unit: String, as_of: NaiveDate, decided_on: NaiveDate, entitlement: String, outcome: String,
        policy_id: String, policy_version: String, policy_digest: String, erased_on: NaiveDate,
    }
    /// Keys that sign checkpoints.
    Keys = audit_keys {
        id: String, name: String, public_key: Vec<u8>, sealed: Vec<u8>, key_id: String, created_at: NaiveDateTime,
    }
    /// Checkpoints.
    Checkpoints = audit_checkpoints { id: String, size: i64, note: String, made_at: NaiveDateTime }
}
