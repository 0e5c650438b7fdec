//! Plain texts exist in both languages and have no blanks: nothing would fill them.

use super::{
    Finding, SourceText,
    check::find,
    model::{FieldValue, Pack, Place},
};
use crate::facts::Text;

/// Everything that is said to people as it stands.
pub fn check(pack: &Pack, files: &[SourceText]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut plain = |text: &Text, place: Place, subject: &str, what: &str| {
        for (language, text) in [("vi", &text.vi), ("en", &text.en)] {
            let message = if text.trim().is_empty() {
                format!("{what} has no text in {language}")
            } else if text.contains(['{', '}']) {
                format!("{what} in {language} has a blank, and nothing would fill it")
            } else {
                continue;
            };
            findings.push(Finding::at(&files[place.file], place.offset, subject, message));
        }
    };
    let named = |folder: &str, id: &str| {
        let (file, offset) = find(files, folder, id);
        Place { file, offset }
    };
    for source in &pack.sources {
        let place = named("sources.toml", &source.id);
        plain(&source.title, place, &source.id, "the title");
        plain(&source.issuer, place, &source.id, "the issuer");
    }
    for parameter in &pack.parameters {
        plain(&parameter.label, named("parameters/", &parameter.id), &parameter.id, "the label");
    }
    for category in &pack.categories {
        plain(&category.label, named("categories/", &category.id), &category.id, "the label");
    }
    for decision in &pack.decisions {
        let otherwise = decision.otherwise();
        let closing = decision.rule(otherwise).place;
        let head = Place { offset: 0, ..closing };
        plain(&decision.title, head, &decision.id, "the title");
        if let Some(note) = &decision.added_note {
            plain(note, head, &decision.id, "`added_note`");
        }
        for (_, rule) in decision.rules().filter(|(at, _)| *at != otherwise) {
            plain(&rule.unmet, rule.place, &rule.id, "`unmet`");
        }
        for open in &decision.opens {
            plain(&open.text, open.place, &open.id, "the text");
        }
        for case in &decision.field_cases {
            if let FieldValue::Open(text) = &case.value {
                plain(text, case.place, &case.id, "`open`");
            }
        }
    }
    findings
}
