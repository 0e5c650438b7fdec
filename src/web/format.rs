//! Money, days and words as readers of the page write them.

use chrono::NaiveDate;
use serde_json::Value as Json;

use crate::{
    api::Lang,
    facts::{FactDef, Kind, Text, Vnd, describe_day, english},
    web::texts,
};

/// `105.300 đồng`, `105,300 VND`.
pub fn money(lang: Lang, amount: i64) -> String {
    match lang {
        Lang::Vi => format!("{} đồng", Vnd(amount)),
        Lang::En => format!("{} VND", english(Vnd(amount))),
    }
}

/// `14/01/2026`, `14 January 2026`.
pub fn day(lang: Lang, day: NaiveDate) -> String {
    lang.pick(&describe_day(day)).to_owned()
}

/// A day that stands as text in an answer.
pub fn day_of(lang: Lang, json: &Json) -> Option<String> {
    let date = json.as_str()?.parse().ok()?;
    Some(day(lang, date))
}

/// With a capital letter in front: the table of facts writes labels as they stand inside a sentence.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A label, with a capital letter.
pub fn label(lang: Lang, text: &Text) -> String {
    sentence(lang.pick(text))
}

/// The value of a fact as an answer tells it, in words.
pub fn value(lang: Lang, fact: &FactDef, json: &Json) -> String {
    let word = |json: &Json| {
        let words = fact.kind.words().unwrap_or_default();
        let found = words.iter().find(|word| json.as_str() == Some(&word.id));
        found.map_or_else(
            || json.as_str().unwrap_or_default().to_owned(),
            |word| lang.pick(&word.label).to_owned(),
        )
    };
    match json {
        Json::Bool(true) => texts::YES.tell(lang).to_lowercase(),
        Json::Bool(false) => texts::NO.tell(lang).to_lowercase(),
        Json::Null => texts::NONE.tell(lang).to_lowercase(),
        Json::Array(items) if items.is_empty() => texts::NONE.tell(lang).to_lowercase(),
        Json::Array(items) => items.iter().map(word).collect::<Vec<_>>().join(", "),
        Json::Number(number) => match (&fact.kind, number.as_i64()) {
            (Kind::Money, Some(amount)) => money(lang, amount),
            _ => number.to_string(),
        },
        Json::String(text) => match fact.kind {
            Kind::Date { .. } => day_of(lang, json).unwrap_or_else(|| text.clone()),
            _ => word(json),
        },
        Json::Object(_) => String::new(),
    }
}
