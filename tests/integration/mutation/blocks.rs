//! The blocks of a pack's file (`[[rule]]`, `[[field]]` …) with the places of their lines. Each key stands on a line of its
//! own, as the pack's files write it.

use crate::pack_text::Place;

/// One block, from its heading to the next.
pub struct Block<'a> {
    /// The word in the brackets of its heading.
    pub kind: String,
    text: &'a str,
    file: usize,
    start: usize,
}

/// The blocks of a file.
pub fn blocks(file: usize, text: &str) -> Vec<Block<'_>> {
    let mut heads: Vec<usize> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            heads.push(start);
        }
        start += line.len();
    }
    let ends = heads.iter().skip(1).copied().chain([text.len()]);
    heads
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let text = &text[*start..end];
            let kind = text.lines().next().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            Block { kind, text, file, start: *start }
        })
        .collect()
}

impl<'a> Block<'a> {
    /// All of it.
    pub fn whole(&self) -> Place {
        Place { file: self.file, start: self.start, end: self.start + self.text.len() }
    }

    /// What stands behind `key = ` on its line.
    pub fn line(&self, key: &str) -> Option<(&'a str, Place)> {
        let head = format!("{key} ");
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let value = line.strip_prefix(&head).and_then(|rest| rest.trim_start().strip_prefix("= "));
            if let Some(value) = value {
                let value = value.trim_end();
                let at = start + line.find(value)?;
                return Some((value, self.whole().part(at, at + value.len())));
            }
            start += line.len();
        }
        None
    }

    /// The text inside the quotes behind `key = `.
    pub fn text(&self, key: &str) -> Option<(&'a str, Place)> {
        let (value, place) = self.line(key)?;
        let inside = value.strip_prefix('"')?.strip_suffix('"')?;
        Some((inside, place.part(1, 1 + inside.len())))
    }

    /// Every line in which some words stand.
    pub fn lines_with(&self, words: &str) -> Vec<(&'a str, Place)> {
        let mut found = Vec::new();
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            if line.contains(words) {
                found.push((line, self.whole().part(start, start + line.len())));
            }
            start += line.len();
        }
        found
    }
}
