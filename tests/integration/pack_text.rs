//! The text of a pack, changed in one place.

use an_sinh::policy::SourceText;
use chrono::NaiveDate;

/// A stretch of a file of the pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's place in the pack.
    pub file: usize,
    /// First byte.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
}

impl Place {
    /// A part of it, from and to counted from its start.
    pub fn part(&self, from: usize, to: usize) -> Self {
        Self { file: self.file, start: self.start + from, end: self.start + to }
    }
}

/// The files with other words at some places.
pub fn apply(files: &[SourceText], edits: &[(Place, String)]) -> Vec<SourceText> {
    let mut files = files.to_vec();
    let mut edits: Vec<&(Place, String)> = edits.iter().collect();
    // From the end, so that earlier places stay where they are.
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    for (place, with) in edits {
        files[place.file].text.replace_range(place.start..place.end, with);
    }
    files
}

/// One dated whole number of the law.
#[derive(Debug, Clone)]
pub struct Number {
    /// The parameter.
    pub id: String,
    /// First day.
    pub from: NaiveDate,
    /// The number.
    pub value: i64,
    /// Where its digits stand.
    pub place: Place,
}

impl Number {
    /// The files with another number.
    pub fn with(&self, files: &[SourceText], number: &str) -> Vec<SourceText> {
        apply(files, &[(self.place.clone(), number.to_owned())])
    }
}

/// Every whole number among the parameters. Each value stands on a line of its own, as the pack's files write it.
pub fn parameter_values(files: &[SourceText]) -> Vec<Number> {
    let mut numbers = Vec::new();
    for (file, text) in files.iter().enumerate().filter(|(_, file)| file.name.starts_with("parameters/")) {
        let (mut id, mut start) = (String::new(), 0);
        for line in text.text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("id = \"") {
                id = name.trim_end().trim_end_matches('"').to_owned();
            }
            numbers.extend(number(&id, line, file, start));
            start += line.len();
        }
    }
    numbers
}

fn number(id: &str, line: &str, file: usize, start: usize) -> Option<Number> {
    let from = line.split_once("{ from = ")?.1.get(..10)?.parse().ok()?;
    let at = line.find(" value = \"")? + " value = \"".len();
    let digits = line[at..].split('"').next()?;
    let place = Place { file, start: start + at, end: start + at + digits.len() };
    Some(Number { id: id.to_owned(), from, value: digits.parse().ok()?, place })
}
