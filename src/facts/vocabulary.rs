//! The one typed table of facts, read from `vocabulary.toml`.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::{Text, Value};

/// Whose fact it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// One person.
    Person,
    /// The household the people of a request live in.
    Household,
    /// A trip by public transport.
    Trip,
}

impl Of {
    /// As written in conditions and requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Household => "household",
            Self::Trip => "trip",
        }
    }
}

/// A fact's place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u16);

/// One allowed value of a fact of words.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "(String, String, String)")]
pub struct Word {
    /// As written in requests and conditions.
    pub id: String,
    /// For people.
    pub label: Text,
}

impl From<(String, String, String)> for Word {
    fn from((id, vi, en): (String, String, String)) -> Self {
        Self { id, label: Text { vi, en } }
    }
}

/// What values a fact can have.
#[derive(Debug, Clone)]
pub enum Kind {
    /// true or false.
    Bool,
    /// One of the words; `unstated` is an internal value behind the last word, for facts whose absence has its own meaning.
    Word {
        /// Allowed values.
        words: Vec<Word>,
        /// The words stand in rising order and can be compared by `<` and `>=`.
        ordered: bool,
    },
    /// A day, month or year.
    Date {
        /// An unknown date lies on or before the day asked.
        past: bool,
    },
    /// A whole number within bounds.
    Count {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// Whole đồng a month.
    Money,
    /// A whole number from 0 to 100.
    Percent,
    /// Twelve digits.
    PersonalId,
    /// A ward or commune.
    Unit,
    /// A complete list of words.
    Words(Vec<Word>),
    /// A complete list of entries with members.
    Records(Vec<Member>),
}

/// The largest amount a request may name: far above any income, far below an overflow.
pub const MAX_VND: i64 = 1_000_000_000_000;

impl Kind {
    /// Bounds of a fact that is a number.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        match self {
            Self::Count { min, max } => Some((*min, *max)),
            Self::Money => Some((0, MAX_VND)),
            Self::Percent => Some((0, 100)),
            _ => None,
        }
    }

    /// The words of a fact of words or a list of words.
    pub fn words(&self) -> Option<&[Word]> {
        match self {
            Self::Word { words, .. } | Self::Words(words) => Some(words),
            _ => None,
        }
    }

    /// The place of a word in the list.
    pub fn word(&self, id: &str) -> Option<u16> {
        let words = self.words()?;
        let at = words
            .iter()
            .position(|word| word.id == id)
            .or_else(|| (id == UNSTATED).then_some(words.len()))?;
        u16::try_from(at).ok()
    }

    /// Name of the type, as the API tells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Word { .. } => "word",
            Self::Date { .. } => "date",
            Self::Count { .. } => "count",
            Self::Money => "money",
            Self::Percent => "percent",
            Self::PersonalId => "personal_id",
            Self::Unit => "unit",
            Self::Words(_) => "words",
            Self::Records(_) => "records",
        }
    }
}

/// The internal value of a fact whose absence has a meaning of its own. No request may say it.
pub const UNSTATED: &str = "unstated";

/// A member of a list entry.
#[derive(Debug, Clone)]
pub struct Member {
    /// As written.
    pub id: String,
    /// For people.
    pub label: Text,
    /// Its type.
    pub kind: Kind,
    /// An entry without it is an error.
    pub required: bool,
    /// What an absent member is taken as.
    pub default: Option<Value>,
}

/// One row of the table.
#[derive(Debug, Clone)]
pub struct FactDef {
    /// As written in requests; nested members with a dot (`disability.severity`).
    pub id: String,
    /// Whose fact.
    pub of: Of,
    /// For people.
    pub label: Text,
    /// Its type.
    pub kind: Kind,
    /// What an absent rare fact (†) is taken as.
    pub default: Option<Value>,
    /// Settles only a date, a price or a share; never holds back an outcome.
    pub detail: bool,
    /// Sensitive personal data (Law 91/2025/QH15), seen only with a reason.
    pub guarded: bool,
}

impl FactDef {
    /// As written in a condition: `employment`, `household.unit`.
    pub fn name(&self) -> String {
        match self.of {
            Of::Person => self.id.clone(),
            of => format!("{}.{}", of.as_str(), self.id),
        }
    }

    /// The name a person would ask for: the part before the dot.
    pub fn question(&self) -> &str {
        self.id.split('.').next().unwrap_or(&self.id)
    }
}

/// One line of what facts imply about each other, in the words of conditions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpliedText {
    /// If this holds …
    pub when: String,
    /// … this does; it speaks of one fact.
    pub then: String,
}

/// The whole table.
#[derive(Debug)]
pub struct Vocabulary {
    facts: Vec<FactDef>,
    implied: Vec<ImpliedText>,
    by_name: HashMap<String, FactId>,
    defaults: Vec<(FactId, Value)>,
    past_dates: Vec<FactId>,
    /// By scope: facts by their ids, and objects of facts by their names.
    by_scope: [FxHashMap<String, FactId>; 3],
    nested: [FxHashMap<String, Vec<(String, FactId)>>; 3],
}

impl Vocabulary {
    /// A fact of a scope that stands there by its own name.
    pub fn quick_find(&self, of: Of, id: &str) -> Option<FactId> {
        self.by_scope[of as usize].get(id).copied()
    }

    /// The facts in an object of a scope, such as `disability`.
    pub fn nested(&self, of: Of, name: &str) -> Option<&[(String, FactId)]> {
        self.nested[of as usize].get(name).map(Vec::as_slice)
    }

    /// Rare facts (†) with what they are taken as when absent.
    pub fn defaults(&self) -> &[(FactId, Value)] {
        &self.defaults
    }

    /// Dates that lie on or before the day asked.
    pub fn past_dates(&self) -> &[FactId] {
        &self.past_dates
    }

    /// All facts, in table order.
    pub fn facts(&self) -> impl Iterator<Item = (FactId, &FactDef)> {
        (0..).map(FactId).zip(&self.facts)
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Never.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// One row.
    pub fn get(&self, id: FactId) -> &FactDef {
        &self.facts[usize::from(id.0)]
    }

    /// Finds a fact by its name in conditions.
    pub fn find(&self, name: &str) -> Option<FactId> {
        self.by_name.get(name).copied()
    }

    /// Finds a fact of a scope.
    pub fn find_of(&self, of: Of, id: &str) -> Option<FactId> {
        match of {
            Of::Person => self.find(id),
            of => self.find(&format!("{}.{id}", of.as_str())),
        }
    }

    /// What facts imply.
    pub fn implied(&self) -> &[ImpliedText] {
        &self.implied
    }
}

/// The table.
#[expect(
    clippy::panic,
    reason = "compiled in and covered by the tests: a mistake in it cannot reach a release"
)]
pub fn vocabulary() -> &'static Vocabulary {
    static TABLE: LazyLock<Vocabulary> = LazyLock::new(|| {
        read(include_str!("vocabulary.toml")).unwrap_or_else(|error| panic!("vocabulary.toml: {error}"))
    });
    &TABLE
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fact: Vec<Row>,
    implied: Vec<ImpliedText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    of: Option<Of>,
    r#type: String,
    vi: String,
    en: String,
    #[serde(default)]
    words: Vec<Word>,
    #[serde(default)]
    ordered: bool,
    #[serde(default)]
    past: bool,
    min: Option<i64>,
    max: Option<i64>,
    default: Option<toml::Value>,
    settles: Option<String>,
    #[serde(default)]
    guarded: bool,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    member: Vec<Row>,
}

fn read(text: &str) -> Result<Vocabulary, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut facts = Vec::with_capacity(file.fact.len());
    let mut by_name = HashMap::new();
    for row in file.fact {
        let kind = kind(&row)?;
        let fact = FactDef {
            default: default(&row, &kind)?,
            of: row.of.ok_or_else(|| format!("{}: `of` is missing", row.id))?,
            detail: row.settles.as_deref() == Some("detail"),
            guarded: row.guarded,
            label: Text { vi: row.vi, en: row.en },
            id: row.id,
            kind,
        };
        let id = FactId(u16::try_from(facts.len()).map_err(|_| "too many facts".to_owned())?);
        if by_name.insert(fact.name(), id).is_some() {
            return Err(format!("{} stands twice", fact.name()));
        }
        facts.push(fact);
    }
    let all = || (0..).map(FactId).zip(&facts);
    let defaults = all().filter_map(|(id, fact)| Some((id, fact.default.clone()?))).collect();
    let past = |fact: &FactDef| matches!(fact.kind, Kind::Date { past: true });
    let past_dates = all().filter(|(_, fact)| past(fact)).map(|(id, _)| id).collect();
    let (mut by_scope, mut nested) =
        (<[FxHashMap<String, FactId>; 3]>::default(), <[FxHashMap<String, Vec<_>>; 3]>::default());
    for (id, fact) in all() {
        let scope = fact.of as usize;
        match fact.id.split_once('.') {
            None => drop(by_scope[scope].insert(fact.id.clone(), id)),
            Some((outer, inner)) => {
                nested[scope].entry(outer.to_owned()).or_default().push((inner.to_owned(), id));
            }
        }
    }
    Ok(Vocabulary { implied: file.implied, by_name, defaults, past_dates, by_scope, nested, facts })
}

fn kind(row: &Row) -> Result<Kind, String> {
    let words = || row.words.clone();
    Ok(match row.r#type.as_str() {
        "bool" => Kind::Bool,
        "word" => Kind::Word { words: words(), ordered: row.ordered },
        "date" => Kind::Date { past: row.past },
        "count" => match (row.min, row.max) {
            (Some(min), Some(max)) if min < max => Kind::Count { min, max },
            _ => return Err(format!("{}: a count needs min and max", row.id)),
        },
        "money" => Kind::Money,
        "percent" => Kind::Percent,
        "personal_id" => Kind::PersonalId,
        "unit" => Kind::Unit,
        "words" => Kind::Words(words()),
        "records" => Kind::Records(
            row.member
                .iter()
                .map(|member| {
                    let kind = kind(member)?;
                    Ok(Member {
                        id: member.id.clone(),
                        label: Text::new(&member.vi, &member.en),
                        required: member.required,
                        default: default(member, &kind)?,
                        kind,
                    })
                })
                .collect::<Result<_, String>>()?,
        ),
        other => return Err(format!("{}: no type {other}", row.id)),
    })
}

fn default(row: &Row, kind: &Kind) -> Result<Option<Value>, String> {
    let Some(default) = &row.default else { return Ok(None) };
    let value = match (kind, default) {
        (Kind::Bool, toml::Value::Boolean(value)) => Value::Bool(*value),
        (Kind::Word { .. }, toml::Value::String(word)) => {
            Value::Word(kind.word(word).ok_or_else(|| format!("{}: no word {word}", row.id))?)
        }
        (Kind::Count { .. }, toml::Value::Integer(value)) => Value::Number(*value),
        (Kind::Date { .. }, toml::Value::String(word)) if word == "none" => Value::NoDate,
        (Kind::Words(_), toml::Value::String(word)) if word == "none" => Value::Words(Arc::default()),
        (Kind::Records(_), toml::Value::String(word)) if word == "none" => Value::Records(Arc::default()),
        _ => return Err(format!("{}: default does not fit the type", row.id)),
    };
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_has_labels_and_distinct_words() {
        fn check(id: &str, label: &Text, kind: &Kind) {
            assert!(!label.vi.is_empty() && !label.en.is_empty(), "{id}");
            if let Some(words) = kind.words() {
                assert!(!words.is_empty(), "{id} has no words");
                for (i, word) in words.iter().enumerate() {
                    assert!(!word.label.vi.is_empty() && !word.label.en.is_empty(), "{id}.{}", word.id);
                    assert!(
                        words[..i].iter().all(|other| other.id != word.id),
                        "{id}.{} stands twice",
                        word.id
                    );
                }
            }
            if let Kind::Records(members) = kind {
                members
                    .iter()
                    .for_each(|member| check(&format!("{id}.{}", member.id), &member.label, &member.kind));
            }
        }
        for (_, fact) in vocabulary().facts() {
            check(&fact.name(), &fact.label, &fact.kind);
        }
        assert!(vocabulary().len() > 90, "{}", vocabulary().len());
    }

    #[test]
    fn facts_are_found_by_scope() {
        let table = vocabulary();
        assert_eq!(table.find("household.unit"), table.find_of(Of::Household, "unit"));
        assert!(table.find("unit").is_none());
        assert_eq!(table.get(table.find("disability.severity").unwrap()).question(), "disability");
    }
}
