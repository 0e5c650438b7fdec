//! What can be known about a person, a household and a trip.
//!
//! Pure: no clock, no network, no database. One table, [`vocabulary()`], defines every fact; the API schema, the forms and
//! the policy checker read it.

pub mod calendar;
mod field_error;
mod money;
mod named;
mod partial_date;
mod personal_id;
pub mod reader;
mod unit;
mod value;
mod vocabulary;

pub use field_error::{FieldError, Text};
pub use money::Vnd;
pub use named::{Named, named};
pub use partial_date::{NotADate, PartialDate};
pub use personal_id::{PersonalId, PersonalIdError};
pub use unit::{Unit, UnitCode, units};
pub use value::{Profile, Value, describe_date, describe_day, english};
pub use vocabulary::{
    FactDef, FactId, ImpliedText, Kind, MAX_VND, Member, Of, UNSTATED, Vocabulary, Word, vocabulary,
};
