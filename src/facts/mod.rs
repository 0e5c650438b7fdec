//! What can be known about a person, a household and a trip.

mod field_error;

pub use field_error::{FieldError, Text};
