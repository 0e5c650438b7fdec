//! What a person typed, as it was typed, and the request it makes.

use serde_json::{Map, Value as Json, json};

use crate::{
    api::Lang,
    decide::MOST_PEOPLE,
    facts::{FactDef, FieldError, Kind, Of, Text},
    web::{
        questions::{Questions, pointer},
        texts,
    },
};

/// The most people of one form: a household, not a list.
pub const MOST: usize = if MOST_PEOPLE < 12 { MOST_PEOPLE } else { 12 };

/// Names and values of the form. Names are the pointers of the request, so an error finds its field.
#[derive(Debug, Clone)]
pub struct Typed {
    values: Vec<(String, String)>,
    /// How many people the form shows.
    pub people: usize,
}

impl Typed {
    /// An empty form for one person.
    pub fn empty() -> Self {
        Self { values: Vec::new(), people: 1 }
    }

    /// From the fields of a form.
    pub fn read(mut values: Vec<(String, String)>) -> Self {
        let count =
            values.iter().find(|(name, _)| name == "people").and_then(|(_, count)| count.parse().ok());
        values.retain(|(name, value)| name.starts_with('/') && !value.is_empty());
        Self { values, people: count.unwrap_or(1).clamp(1, MOST) }
    }

    /// What stands in a field; empty when nothing does.
    pub fn get(&self, name: &str) -> &str {
        self.values.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    /// All values of a field that can have several.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether anything stands at or below a pointer.
    pub fn any_below(&self, pointer: &str) -> bool {
        let inside = |name: &str| {
            name.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.values.iter().any(|(name, _)| inside(name))
    }

    /// Puts a value into a field.
    pub fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.push((name.into(), value.into()));
    }

    /// One more person, with nothing known.
    pub fn add_person(&mut self) {
        self.people = (self.people + 1).min(MOST);
    }

    /// Takes a person out; those behind move up.
    pub fn remove_person(&mut self, person: usize) {
        if self.people < 2 || person >= self.people {
            return;
        }
        let gone = format!("/people/{person}/");
        self.values.retain(|(name, _)| !name.starts_with(&gone));
        for (name, _) in &mut self.values {
            let moved = (person + 1..self.people).find_map(|at| {
                let rest = name.strip_prefix(&format!("/people/{at}/"))?;
                Some(format!("/people/{}/{rest}", at - 1))
            });
            if let Some(moved) = moved {
                *name = moved;
            }
        }
        self.people -= 1;
    }

    /// What a person is called in the answer.
    pub fn called(&self, lang: Lang, person: usize) -> String {
        let given = self.get(&format!("/people/{person}/id")).trim();
        if given.is_empty() {
            texts::PERSON.with(lang, &[&(person + 1).to_string()])
        } else {
            given.to_owned()
        }
    }

    /// The body for [`crate::decide::evaluate`], with what only the form can get wrong.
    pub fn request(&self, questions: &Questions, lang: Lang) -> (Json, Vec<FieldError>) {
        let mut findings = Vec::new();
        let mut facts = |of: Of, person: usize| {
            let mut object = Map::new();
            for fact in questions.facts(of) {
                let Some(value) = self.value(fact, &pointer(fact, person), &mut findings) else { continue };
                match fact.id.split_once('.') {
                    None => {
                        object.insert(fact.id.clone(), value);
                    }
                    Some((outer, inner)) => {
                        let nested = object.entry(outer).or_insert_with(|| json!({}));
                        if let Json::Object(nested) = nested {
                            nested.insert(inner.to_owned(), value);
                        }
                    }
                }
            }
            object
        };
        let household = facts(Of::Household, 0);
        let trip = facts(Of::Trip, 0);
        let people: Vec<Json> = (0..self.people)
            .map(|person| {
                let mut object = facts(Of::Person, person);
                object.insert("id".into(), self.called(lang, person).into());
                Json::Object(object)
            })
            .collect();
        let mut body = json!({ "explain": "full", "household": household, "people": people, "trip": trip });
        for name in ["as_of", "authority"] {
            let typed = self.get(&format!("/{name}")).trim();
            if !typed.is_empty() {
                body[name] = iso_date(typed).unwrap_or_else(|| typed.to_owned()).into();
            }
        }
        (body, findings)
    }

    fn value(&self, fact: &FactDef, pointer: &str, findings: &mut Vec<FieldError>) -> Option<Json> {
        let typed = self.get(pointer);
        match &fact.kind {
            Kind::Words(_) => {
                let words: Vec<&str> = self.all(pointer).filter(|word| *word != "none").collect();
                (typed == "none" || !words.is_empty()).then(|| words.into())
            }
            Kind::Records(members) => {
                let mut entry = Map::new();
                for member in members {
                    if let Some(value) = scalar(&member.kind, self.get(&format!("{pointer}/0/{}", member.id)))
                    {
                        entry.insert(member.id.clone(), value);
                    }
                }
                if typed == "none" && !entry.is_empty() {
                    let detail = Text::new(
                        texts::NONE_AND_ENTRY.with(Lang::Vi, &[&fact.label.vi]),
                        texts::NONE_AND_ENTRY.with(Lang::En, &[&fact.label.en]),
                    );
                    findings.push(FieldError { pointer: pointer.to_owned(), code: "contradiction", detail });
                }
                match typed {
                    "none" if entry.is_empty() => Some(json!([])),
                    "" if entry.is_empty() => None,
                    _ => Some(json!([entry])),
                }
            }
            kind => scalar(kind, typed),
        }
    }
}

/// One value as the request wants it. What cannot be read goes on as text: the reader of requests says what is wrong.
fn scalar(kind: &Kind, typed: &str) -> Option<Json> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    Some(match kind {
        Kind::Bool => match typed {
            "true" => true.into(),
            "false" => false.into(),
            _ => typed.into(),
        },
        Kind::Date { .. } => iso_date(typed).unwrap_or_else(|| typed.to_owned()).into(),
        Kind::Count { .. } | Kind::Percent | Kind::Money => {
            whole_number(typed).map_or_else(|| typed.into(), Json::from)
        }
        _ => typed.into(),
    })
}

/// `10/03/1956` and `3/1956`, as papers in Viet Nam write dates, in the order of the API. Also with dots, dashes or
/// blanks between the parts. Anything else is left to the reader of dates.
fn iso_date(typed: &str) -> Option<String> {
    let parts: Vec<&str> = typed.split(['/', '.', '-', ' ']).filter(|part| !part.is_empty()).collect();
    let number = |text: &str, most: usize| {
        let digits = text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    match parts.as_slice() {
        [month, year] if year.len() == 4 => Some(format!("{:04}-{:02}", number(year, 4)?, number(month, 2)?)),
        [day, month, year] if year.len() == 4 => {
            Some(format!("{:04}-{:02}-{:02}", number(year, 4)?, number(month, 2)?, number(day, 2)?))
        }
        _ => None,
    }
}

/// `3.000.000`, `3,000,000` or `3 000 000`; separators only where groups of three digits begin.
fn whole_number(typed: &str) -> Option<i64> {
    let typed = typed.trim_end_matches('%').trim_end();
    let groups: Vec<&str> = typed.split(['.', ',', ' ', '\u{a0}']).collect();
    let (first, rest) = groups.split_first()?;
    let grouped =
        rest.is_empty() || (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    if !grouped
        || !groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    groups.concat().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (typed, want) in [
            ("10/03/1956", Some("1956-03-10")),
            ("1/2/2020", Some("2020-02-01")),
            ("10-03-1956", Some("1956-03-10")),
            ("3/1956", Some("1956-03")),
            ("1956", None),
            ("1956-03", None),
            ("1956-03-10", None),
            ("1/2/20", None),
            ("a/b/1956", None),
            ("010/03/1956", None),
        ] {
            assert_eq!(iso_date(typed).as_deref(), want, "{typed}");
        }
    }

    #[test]
    fn numbers_are_read_with_their_separators() {
        for (typed, want) in [
            ("3000000", Some(3_000_000)),
            ("3.000.000", Some(3_000_000)),
            ("3,000,000", Some(3_000_000)),
            ("61%", Some(61)),
            ("0", Some(0)),
            ("1.5", None),
            ("1..000", None),
            ("-1", None),
            ("ba triệu", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(whole_number(typed), want, "{typed}");
        }
    }

    #[test]
    fn a_person_taken_out_leaves_the_others_as_they_were() {
        let mut typed = Typed::read(vec![
            ("people".into(), "3".into()),
            ("/people/0/id".into(), "a".into()),
            ("/people/1/id".into(), "b".into()),
            ("/people/2/id".into(), "c".into()),
            ("/household/unit".into(), "00070".into()),
        ]);
        typed.remove_person(1);
        assert_eq!((typed.people, typed.get("/people/1/id"), typed.get("/people/2/id")), (2, "c", ""));
        assert_eq!(typed.get("/household/unit"), "00070");
    }
}
