//! What is wrong with a pack, said so that a lawyer finds the place.

use std::fmt;

use super::files::SourceText;

/// One thing wrong with a pack, with its place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// File inside the pack.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The rule, parameter, source … it is about.
    pub subject: String,
    /// What is wrong, with the nearest known name where a name was not found.
    pub message: String,
    /// A person and a day on which it shows, as a request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<serde_json::Value>,
}

impl Finding {
    /// A finding at a byte offset of a file.
    pub fn at(
        text: &SourceText,
        offset: usize,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let before = text.text.get(..offset).unwrap_or(&text.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            file: text.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            subject: subject.into(),
            message: message.into(),
            witness: None,
        }
    }

    /// Adds the person and day on which it shows.
    pub fn with_witness(mut self, witness: serde_json::Value) -> Self {
        self.witness = Some(witness);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}: {}", self.file, self.line, self.column, self.subject, self.message)?;
        if let Some(witness) = &self.witness {
            write!(f, "\n    witness: {witness}")?;
        }
        Ok(())
    }
}
