//! What is printed of a decision as words in their order, before it has a form.

use chrono::{DateTime, Utc};
use unicode_normalization::UnicodeNormalization;

use crate::api::Lang;

/// What is printed, in one language. The two writers ([`super::html`], [`super::pdf`]) give it a form and add nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Language of all its texts.
    pub lang: Lang,
    /// Id of the decision; stands in the file's metadata.
    pub id: String,
    /// When the decision was recorded: the only date in the file's metadata.
    pub decided_at: DateTime<Utc>,
    /// What it is about, in a line; stands in the file's metadata.
    pub about: String,
    /// Its leaves in their order, each on pages of its own; at least one.
    pub leaves: Vec<Leaf>,
}

/// A part of what is printed that begins on a page of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Which part it is.
    pub part: Part,
    /// The head.
    pub head: Head,
    /// The body.
    pub blocks: Vec<Block>,
    /// Who gets it and who signs.
    pub foot: Option<Foot>,
    /// At the foot of the last page: how the decision is found again.
    pub marks: Vec<String>,
}

/// Which part a leaf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the official checks before signing; not for the citizen.
    Sheet,
    /// The notice.
    Notice,
    /// Reasons and clauses, which belong to the notice; its pages are counted on.
    Annex,
}

/// What stands above the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The head of an administrative document; an annex and a sheet have none.
    pub letter: Option<Letter>,
    /// The kind of document.
    pub kind: String,
    /// What it is about, in a line.
    pub about: String,
    /// What a reader has to know before all else: that another took its place, that it is a draft or a translation.
    pub remarks: Vec<String>,
}

/// The head of an administrative document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The issuing body, a line each.
    pub body: [String; 2],
    /// Number and symbol, the number left blank.
    pub number: String,
    /// The country's name.
    pub country: String,
    /// Its motto.
    pub motto: String,
    /// Place and date, the date left blank.
    pub place_date: String,
}

/// What stands below the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foot {
    /// Who gets it.
    pub recipients: Vec<String>,
    /// Who signs, and where; both left for the issuing body.
    pub signature: [String; 2],
}

/// A part of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Title of a benefit.
    Heading(String),
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// An item of a list; items that follow each other are one list.
    Item(Vec<Span>),
}

/// Text of one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// Its style.
    pub style: Style,
}

/// How text stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Not at all.
    Plain,
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Italic and bold.
    BoldItalic,
    /// Bold, and written by others: may run from right to left.
    Name,
}

impl Span {
    /// Plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Plain }
    }

    /// Bold text.
    pub fn bold(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Bold }
    }

    /// Italic text.
    pub fn italic(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Italic }
    }
}

/// Text from a record as it can stand on paper: composed letters, one blank between words, and none of the signs that
/// cannot be seen but steer how others are shown (controls, direction marks, joiners). More than two marks on one
/// letter are dropped: they would run over the lines around it.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.nfc() {
        let invisible = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
        marks = if unicode_normalization::char::is_combining_mark(c) { marks + 1 } else { 0 };
        if invisible || marks > 2 {
            continue;
        }
        let c = if c.is_control() || c.is_whitespace() { ' ' } else { c };
        if c != ' ' || !(out.is_empty() || out.ends_with(' ')) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn records_become_printable() {
        assert_eq!(clean("  Nguyễn\u{202e}\tThị\n\u{0}A\u{301}nh "), "Nguyễn Thị Ánh");
        assert_eq!(clean("<b>&"), "<b>&");
        assert_eq!(clean(&format!("x{}", "\u{300}".repeat(90))), "x\u{300}\u{300}");
        assert_eq!(clean("\u{200f}\u{feff}"), "");
    }
}
