//! To whom a notice goes, and how it speaks to them: to a grown person, to the parents of a child, to the family of a
//! person who has died.

use chrono::NaiveDate;

use super::{
    model::{Block, Span, Style, clean},
    texts,
};
use crate::{
    api::Lang,
    facts::{PartialDate, calendar::age_on},
    store::decisions::Decision,
    web::texts::Say,
};

/// Whoever is younger is represented by parents or a guardian (Civil Code of 2015, articles 20 and 21; from memory).
const OF_AGE: u32 = 18;

/// Whom the notice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Themselves,
    Parents,
    Family,
}

/// To whom a notice goes.
#[derive(Debug, Clone)]
pub struct Addressee {
    lang: Lang,
    kind: Kind,
    /// Index into the words for a man, a woman, either.
    sex: usize,
    name: String,
    /// Day of death as on record, told as day, month and year or as much of it as is known.
    died_on: Option<String>,
}

impl Addressee {
    /// From what the decision was made from and the name and the day of death on record today. A birth date of which
    /// only the year is known counts as that of a grown person when it may be one.
    pub fn of(
        lang: Lang,
        decision: &Decision,
        name: Option<&str>,
        died_on: Option<&str>,
        day: NaiveDate,
    ) -> Self {
        let person = &decision.content.facts["people"][0];
        let name = name.map(clean).filter(|name| !name.is_empty());
        let died_on = died_on.or_else(|| person["died_on"].as_str());
        let born = person["born_on"].as_str().and_then(|born| PartialDate::parse(born).ok());
        let kind = match born {
            _ if died_on.is_some() => Kind::Family,
            Some(born) if age_on(born.earliest(), day) < OF_AGE => Kind::Parents,
            _ => Kind::Themselves,
        };
        let sex = match person["sex"].as_str() {
            Some("male") => 0,
            Some("female") => 1,
            _ => 2,
        };
        Self {
            lang,
            kind,
            sex,
            name: name.unwrap_or_else(|| texts::NO_NAME.tell(lang).to_owned()),
            died_on: died_on.map(|on| day_or_part(lang, on)),
        }
    }

    fn by_sex(&self, [man, woman, either]: [Say; 3]) -> &'static str {
        [man, woman, either].get(self.sex).copied().unwrap_or(either).tell(self.lang)
    }

    /// `Kính gửi: Ông (Bà) Nguyễn Văn Mẫu`.
    pub fn line(&self) -> Block {
        let to = match self.kind {
            Kind::Themselves => self.by_sex([texts::TO_MAN, texts::TO_WOMAN, texts::TO_EITHER]),
            Kind::Parents => texts::TO_PARENTS.tell(self.lang),
            Kind::Family => {
                self.by_sex([texts::TO_FAMILY_MAN, texts::TO_FAMILY_WOMAN, texts::TO_FAMILY_EITHER])
            }
        };
        Block::Paragraph(vec![Span::plain(to), Span { text: self.name.clone(), style: Style::Name }])
    }

    /// `Công dân: Nguyễn Văn Mẫu`, for the sheet.
    pub fn named(&self) -> Block {
        Block::Paragraph(vec![
            Span::plain(texts::CITIZEN.tell(self.lang)),
            Span { text: self.name.clone(), style: Style::Name },
        ])
    }

    /// Whoever reads and acts: `Ông (Bà)`, `gia đình`, `you`.
    pub fn you(&self) -> &'static str {
        match self.kind {
            Kind::Themselves => self.by_sex([texts::MAN, texts::WOMAN, texts::EITHER]),
            Kind::Parents => texts::EITHER.tell(self.lang),
            Kind::Family => texts::FAMILY.tell(self.lang),
        }
    }

    /// Whose benefits they are: `Ông (Bà)`, `cháu`; in English in the possessive, `your`, `the child’s`.
    pub fn whose(&self) -> &'static str {
        match self.kind {
            Kind::Themselves => self.by_sex([texts::WHOSE_MAN, texts::WHOSE_WOMAN, texts::WHOSE_EITHER]),
            Kind::Parents => texts::WHOSE_CHILD.tell(self.lang),
            Kind::Family => texts::WHOSE_DECEASED.tell(self.lang),
        }
    }

    /// Who pays what no budget pays: `Ông (Bà)`, `gia đình`, `you`, `the family`.
    pub fn payer(&self) -> &'static str {
        match self.kind {
            Kind::Themselves => self.you(),
            Kind::Parents | Kind::Family => texts::FAMILY.tell(self.lang),
        }
    }

    /// Whether it goes to the family of a person who has died.
    pub fn is_family(&self) -> bool {
        self.kind == Kind::Family
    }

    /// Whether it goes to the parents or the guardian of a child.
    pub fn is_parents(&self) -> bool {
        self.kind == Kind::Parents
    }

    /// That the person has died, and what that ends.
    pub fn death(&self) -> Option<Block> {
        let on = self.died_on.as_ref()?;
        Some(Block::Paragraph(vec![Span::plain(texts::DIED.with(self.lang, &[on]))]))
    }
}

/// `05/3/2026`, `03/2026`, `2026`: as much as is known.
fn day_or_part(lang: Lang, date: &str) -> String {
    match (PartialDate::parse(date).ok().and_then(PartialDate::exact), date.split_once('-')) {
        (Some(day), _) => crate::web::format::day(lang, day),
        (None, Some((year, month))) => format!("{month}/{year}"),
        (None, None) => date.to_owned(),
    }
}
