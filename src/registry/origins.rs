//! Which document gave each fact.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{facts::reader::child, store::EvidenceId};

/// By RFC 6901 pointer into an evaluation request about one person; none = the record itself.
pub type Origins = BTreeMap<String, Option<EvidenceId>>;

/// Notes the facts of a document, or of the record, over those noted before: the last one wins, fact by fact, as it does
/// where the facts themselves are laid over each other.
pub(super) fn note(base: &str, facts: &Map<String, Value>, evidence: Option<EvidenceId>, into: &mut Origins) {
    for (name, value) in facts {
        let pointer = child(base, name);
        match value {
            Value::Null => {}
            Value::Object(members) => note(&pointer, members, evidence, into),
            _ => drop(into.insert(pointer, evidence)),
        }
    }
}
