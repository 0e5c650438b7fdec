//! TOML as the reader of a pack needs it: each function takes one thing out of a table, or says what is wrong.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use toml::{Table, Value};

use super::calendar;
use super::condition::{self, Expr};

/// `{ from, to }`, either of which may be missing.
pub struct Span(pub Option<NaiveDate>, pub Option<NaiveDate>);

impl Span {
    /// The span under a key.
    pub fn of(table: &Table, key: &str) -> Result<Self, String> {
        let Some(span) = table.get(key).and_then(Value::as_table) else { return Ok(Self(None, None)) };
        only(span, &["from", "to"])?;
        Ok(Self(span.get("from").map(date).transpose()?, span.get("to").map(date).transpose()?))
    }

    /// Its first day.
    pub fn from(&self) -> Result<NaiveDate, String> {
        self.0.ok_or("no first day".to_owned())
    }

    /// Its last day.
    pub fn to(&self) -> Result<NaiveDate, String> {
        self.1.ok_or("no last day".to_owned())
    }
}

/// The TOML files of a folder in name order.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok(files)
}

/// A file as a table.
pub fn table(file: &Path) -> Result<Table, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// The tables under a key; none when the key is absent.
pub fn tables<'a>(table: &'a Table, key: &str) -> Result<Vec<&'a Table>, String> {
    let Some(list) = table.get(key) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or(format!("{key} is not a list of tables"))?;
    Ok(list.iter().filter_map(Value::as_table).collect())
}

/// Reads each table under a key; an error names the id of the table.
pub fn each<T>(
    table: &Table,
    key: &str,
    read: impl Fn(&Table) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let id = |table: &Table| format!("{key} {}", text(table, "id").unwrap_or_default());
    tables(table, key)?
        .into_iter()
        .map(|table| read(table).map_err(|error| format!("{}: {error}", id(table))))
        .collect()
}

/// The text under a key.
pub fn text(table: &Table, key: &str) -> Result<String, String> {
    let value = table.get(key).and_then(Value::as_str).ok_or(format!("no text `{key}`"))?;
    Ok(value.to_owned())
}

/// The list of texts under a key; empty when the key is absent.
pub fn words(table: &Table, key: &str) -> Result<Vec<String>, String> {
    let Some(list) = table.get(key) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or(format!("{key} is not a list"))?;
    list.iter().map(|word| word.as_str().map(str::to_owned).ok_or(format!("{key}: not a text"))).collect()
}

/// The condition under a key.
pub fn expr(table: &Table, key: &str) -> Result<Expr, String> {
    condition::parse(&text(table, key)?)
}

/// A day.
pub fn date(value: &Value) -> Result<NaiveDate, String> {
    let date = value.as_datetime().and_then(|datetime| datetime.date).ok_or(format!("{value}: not a day"))?;
    Ok(calendar::day(i32::from(date.year), u32::from(date.month), u32::from(date.day)))
}

/// A key that this reader does not know would be law that it passes over.
pub fn only(table: &Table, known: &[&str]) -> Result<(), String> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("unknown key `{key}`")),
        None => Ok(()),
    }
}
