//! Text broken into lines.

use super::fonts::{Face, Letter, Opened};
use crate::notices::model::Span;

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its letters, with the blank that parted it from the next line.
    pub letters: Vec<Letter>,
    /// Width in points, without blanks at its end.
    pub width: f32,
    /// What each blank inside it is wider, in points.
    pub stretch: f32,
    /// How far it is set in, in points.
    pub indent: f32,
}

/// How a paragraph is set. All in points.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Size of the letters.
    pub size: f32,
    /// Width of a line.
    pub width: f32,
    /// How far the first line is set in.
    pub indent: f32,
    /// Whether lines are stretched to the width.
    pub justify: bool,
}

/// The letters of some text.
pub fn letters(faces: &[Opened; 4], spans: &[Span]) -> Vec<Letter> {
    let of = |span: &Span| {
        let face = Face::of(span.style);
        let opened = &faces[face as usize];
        span.text.chars().map(|c| opened.letter(c, face)).collect::<Vec<_>>()
    };
    spans.iter().flat_map(of).collect()
}

/// Breaks letters into lines, at blanks; a word that is wider than a line is cut.
pub fn lines(letters: &[Letter], setting: Setting) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut rest = letters;
    while !rest.is_empty() {
        let indent = if lines.is_empty() { setting.indent } else { 0.0 };
        let room = setting.width - indent;
        let end = line_end(rest, setting.size, room);
        let (line, after) = rest.split_at(end);
        let inner = line.len() - line.iter().rev().take_while(|letter| letter.c == ' ').count();
        let width = width(&line[..inner], setting.size);
        let blanks = line[..inner].iter().filter(|letter| letter.c == ' ').count();
        let stretch = if setting.justify && !after.is_empty() && blanks > 0 {
            ((room - width) / blanks as f32).max(0.0)
        } else {
            0.0
        };
        lines.push(Line { letters: line.to_vec(), width, stretch, indent });
        rest = after;
    }
    lines
}

/// Width of letters in points.
pub fn width(letters: &[Letter], size: f32) -> f32 {
    letters.iter().map(|letter| letter.width).sum::<f32>() * size
}

/// Where the first line ends: after the blanks behind the last word that has room. At least one letter is taken.
fn line_end(letters: &[Letter], size: f32, room: f32) -> usize {
    let (mut used, mut after_blank) = (0.0, None);
    for (at, letter) in letters.iter().enumerate() {
        if letter.c == ' ' {
            after_blank = Some(at + 1);
        } else if used + letter.width * size > room {
            return after_blank.unwrap_or(at.max(1));
        }
        used += letter.width * size;
    }
    letters.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::pdf::fonts::faces;

    fn broken(text: &str, width: f32) -> Vec<String> {
        let letters = letters(faces().expect("faces"), &[Span::plain(text)]);
        let setting = Setting { size: 13.0, width, indent: 10.0, justify: true };
        let lines = lines(&letters, setting);
        for line in &lines {
            let end = line.letters.iter().rev().take_while(|letter| letter.c == ' ').count();
            let inner = &line.letters[..line.letters.len() - end];
            let blanks = inner.iter().filter(|letter| letter.c == ' ').count() as f32;
            // A line too narrow for a single letter takes one all the same.
            let fits = line.indent + line.width + line.stretch * blanks <= width + 0.01;
            assert!(fits || inner.len() == 1, "{line:?}");
        }
        lines.iter().map(|line| line.letters.iter().map(|letter| letter.c).collect()).collect()
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_are_cut() {
        assert_eq!(broken("một hai ba", 400.0), ["một hai ba"]);
        assert_eq!(broken("một hai ba bốn", 60.0), ["một hai ", "ba bốn"]);
        let cut = broken(&"x".repeat(40), 60.0);
        assert!(cut.len() > 3 && cut.concat().len() == 40, "{cut:?}");
        assert!(broken("", 60.0).is_empty());
        assert_eq!(broken("W", 1.0), ["W"].map(String::from).to_vec());
    }
}
