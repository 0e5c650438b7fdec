//! The notice of a recorded decision: an administrative document for the ward to number, sign and seal, and the sheet
//! that the official checks before signing. Reasons: `docs/adr/0016-notice-of-a-decision.md`.
//!
//! [`Notice`] is the one model: words in their order, made by [`notice`] from what was kept. [`html`] and [`pdf`] give it
//! a form. Nothing here reads a clock, a database or a file: the same decision and record give the same bytes.

mod addressee;
mod benefit;
mod by_law;
mod cites;
mod html;
mod model;
mod papers;
mod pdf;
mod sheet;
mod texts;

use chrono::{FixedOffset, NaiveDate};

use self::{addressee::Addressee, benefit::Teller, sheet::Sheet};
pub use self::{
    html::html,
    model::{Block, Foot, Head, Leaf, Letter, Notice, Part, Span, Style, clean},
    pdf::{PdfError, pdf},
};
use crate::{
    api::Lang,
    decide::{DecisionAnswer, EvaluationResponse, MissingFact, Outcome},
    facts::UnitCode,
    policy::{Authority, Confidence, Policy},
    store::decisions::Decision,
    web::format::{day, sentence},
};

/// The offset of Hanoi from UTC, in seconds.
const HANOI: i32 = 7 * 3600;

/// Units that are called after people: on paper they are always told with their kind (Decree 30/2020/NĐ-CP, appendix I;
/// from memory).
const CALLED_AFTER_PEOPLE: [&str; 3] = ["Hai Bà Trưng", "Hưng Đạo", "Trần Phú"];

/// What the record tells today of a kept decision and of whom it is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The citizen's name; none = there is no record any more.
    pub name: Option<&'a str>,
    /// Day of death, when they have died.
    pub died_on: Option<&'a str>,
    /// Day on which the decision was recorded that took the place of this one.
    pub superseded: Option<NaiveDate>,
    /// Day on which the decision was recorded whose place this one takes.
    pub supersedes: Option<NaiveDate>,
    /// It does so because an appeal was right.
    pub by_appeal: bool,
    /// Day of an appeal against this decision that has not ended.
    pub appealed: Option<NaiveDate>,
    /// Whoever recorded it does not belong to the unit in whose name the notice goes out.
    pub outside_unit: bool,
}

/// The law that a notice needs.
#[derive(Debug, Clone, Copy)]
pub struct Packs<'a> {
    /// Knows titles, names of documents and of groups. What it does not know is told by its id.
    pub titles: &'a Policy,
    /// The pack that decided, to ask it what law alone gives; none = it is not kept.
    pub decided: Option<&'a Policy>,
}

/// Which parts are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The sheet, then the notice.
    All,
    /// The notice with its annex.
    Notice,
    /// The sheet.
    Sheet,
}

/// Tells a kept decision by law alone; what the plan sets as an aim is one sentence.
///
/// # Errors
/// When what was kept is no answer of this program.
pub fn notice(
    lang: Lang,
    packs: Packs<'_>,
    decision: &Decision,
    known: &Known<'_>,
    wanted: Wanted,
) -> Result<Notice, serde_json::Error> {
    use serde::Deserialize;
    let kept = EvaluationResponse::deserialize(&decision.content.result)?;
    let (answer, redone) = by_law::by_law(decision, &kept, packs.decided);
    let unit = unit_name(lang, &decision.unit);
    let to = Addressee::of(lang, decision, known.name, known.died_on, day_of_decision(decision));
    let teller = Teller {
        lang,
        policy: packs.titles,
        as_of: decision.as_of,
        to: &to,
        unit: &unit,
        born: !decision.content.facts["people"][0]["born_on"].is_null(),
    };
    let benefits = benefits(&answer, &kept);
    let told = Told { teller, decision, known, benefits: &benefits };
    let mut leaves = Vec::new();
    if wanted != Wanted::Notice {
        let sheet = Sheet { teller, decision, known, answer: &answer, redone, benefits: &benefits };
        leaves.push(sheet.leaf());
    }
    if wanted != Wanted::Sheet {
        leaves.extend(told.leaves());
    }
    Ok(Notice {
        lang,
        id: decision.id.to_string(),
        decided_at: decision.decided_at,
        about: told.about(),
        leaves,
    })
}

/// A benefit: of the household, by law alone, as kept.
type Benefit<'a> = (bool, &'a DecisionAnswer, &'a DecisionAnswer);

/// Benefits of the person, then those of the household. The premium stands first: it is what most people ask for.
fn benefits<'a>(answer: &'a EvaluationResponse, kept: &'a EvaluationResponse) -> Vec<Benefit<'a>> {
    let own = |of: &'a EvaluationResponse| of.people.iter().flat_map(|person| &person.decisions);
    let mut told: Vec<Benefit<'a>> =
        own(answer).zip(own(kept)).map(|(answer, kept)| (false, answer, kept)).collect();
    told.sort_by_key(|(_, answer, _)| answer.entitlement != "health_insurance_premium");
    let of_household = answer.household.decisions.iter().zip(&kept.household.decisions);
    told.extend(of_household.map(|(answer, kept)| (true, answer, kept)));
    told
}

/// The day in Hanoi on which a decision was recorded.
fn day_of_decision(decision: &Decision) -> NaiveDate {
    let hanoi = FixedOffset::east_opt(HANOI);
    hanoi.map_or(decision.decided_at.date_naive(), |hanoi| {
        decision.decided_at.with_timezone(&hanoi).date_naive()
    })
}

/// Who recorded a decision, without the kind of account.
fn recorded_by(decision: &Decision) -> String {
    let by = decision.decided_by.split_once(':').map_or(decision.decided_by.as_str(), |(_, login)| login);
    clean(by)
}

/// The notice of a decision, with its annex.
struct Told<'a> {
    teller: Teller<'a>,
    decision: &'a Decision,
    known: &'a Known<'a>,
    benefits: &'a [Benefit<'a>],
}

impl Told<'_> {
    fn lang(&self) -> Lang {
        self.teller.lang
    }

    fn any(&self, outcomes: &[Outcome]) -> bool {
        self.benefits.iter().any(|(_, answer, _)| outcomes.contains(&answer.outcome))
    }

    fn decided(&self) -> bool {
        self.any(&[Outcome::Entitled, Outcome::NotEntitled]) || self.benefits.is_empty()
    }

    /// Where nothing was decided, the notice asks for papers or for patience, and says so first.
    fn about(&self) -> String {
        let say = if self.decided() {
            texts::ABOUT
        } else if self.any(&[Outcome::NeedsInformation]) {
            texts::ABOUT_MISSING
        } else {
            texts::ABOUT_REVIEW
        };
        say.tell(self.lang()).to_owned()
    }

    fn leaves(&self) -> Vec<Leaf> {
        let lang = self.lang();
        let mut notice = Leaf {
            part: Part::Notice,
            head: Head {
                letter: Some(letter(lang, &self.decision.unit)),
                kind: texts::KIND.tell(lang).to_owned(),
                about: self.about(),
                remarks: self.remarks(),
            },
            blocks: Vec::new(),
            foot: Some(foot(lang)),
            marks: Vec::new(),
        };
        let annex = self.annex();
        notice.blocks = self.body(annex.is_some());
        let mut leaves = vec![notice];
        leaves.extend(annex);
        if let Some(last) = leaves.last_mut() {
            last.marks.push(self.mark());
        }
        leaves
    }

    fn remarks(&self) -> Vec<String> {
        let (lang, known) = (self.lang(), self.known);
        let mut remarks = Vec::new();
        if known.outside_unit {
            remarks.push(texts::DRAFT.with(lang, &[self.teller.unit]));
        }
        remarks.extend(known.superseded.map(|on| texts::SUPERSEDED.with(lang, &[&day(lang, on)])));
        remarks.extend(known.appealed.map(|on| texts::APPEALED.with(lang, &[&day(lang, on)])));
        if lang == Lang::En {
            remarks.push(texts::TRANSLATION.tell(lang).to_owned());
        }
        remarks
    }

    fn body(&self, annexed: bool) -> Vec<Block> {
        let (lang, to) = (self.lang(), self.teller.to);
        let mut blocks = vec![to.line()];
        blocks.extend(self.who());
        let as_of = day(lang, self.decision.as_of);
        blocks.push(paragraph(&texts::INTRO.with(lang, &[self.teller.unit, to.whose(), &as_of])));
        if let Some(on) = self.known.supersedes {
            let say = if self.known.by_appeal { texts::REPLACES_BY_APPEAL } else { texts::REPLACES };
            blocks.push(paragraph(&say.with(lang, &[&day(lang, on)])));
        }
        blocks.extend(to.death());
        for (at, (of_household, answer, _)) in self.benefits.iter().enumerate() {
            blocks.extend(self.teller.blocks(at + 1, *of_household, answer));
        }
        if self.benefits.is_empty() {
            blocks.push(paragraph(texts::NOTHING.tell(lang)));
        }
        blocks.extend(self.missing());
        blocks.extend(self.plan());
        if annexed {
            let mut told = texts::SEE_ANNEX.tell(lang).to_owned();
            if self.benefits.iter().any(|(_, answer, _)| answer.confidence != Confidence::Seen) {
                told += texts::BEING_CHECKED.tell(lang);
            }
            blocks.push(paragraph(&told));
        }
        blocks.extend(self.closing());
        blocks
    }

    /// Year of birth and the end of the personal number: enough to know whom it is for, no more. Both are those the
    /// decision was made from.
    fn who(&self) -> Option<Block> {
        let lang = self.lang();
        let person = &self.decision.content.facts["people"][0];
        let year = person["born_on"].as_str().and_then(|born| born.get(..4));
        let end =
            person["personal_id"].as_str().and_then(|number| number.get(number.len().checked_sub(3)?..));
        let told = [
            year.map(|year| texts::BORN.with(lang, &[year])),
            end.map(|end| texts::PERSONAL_NUMBER.with(lang, &[&format!("*********{end}")])),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        (!told.is_empty()).then(|| paragraph(&told.join(" ")))
    }

    /// All facts that are asked for, each once, whichever benefits hang on it.
    fn missing(&self) -> Vec<Block> {
        let mut facts: Vec<&MissingFact> = Vec::new();
        for fact in self.benefits.iter().flat_map(|(_, answer, _)| &answer.missing_facts) {
            if !facts.iter().any(|known| known.pointer == fact.pointer) {
                facts.push(fact);
            }
        }
        if facts.is_empty() {
            return Vec::new();
        }
        let title = texts::MISSING.with(self.lang(), &[self.teller.to.you()]);
        let title = Block::Paragraph(vec![Span::bold(title)]);
        std::iter::once(title).chain(self.teller.wanted(&facts)).collect()
    }

    /// What the plan sets as an aim, and that today nobody has it.
    fn plan(&self) -> Option<Block> {
        let lang = self.lang();
        let more = |(_, answer, kept): &&Benefit<'_>| {
            kept.authority == Authority::Plan
                && kept.outcome == Outcome::Entitled
                && !self.teller.to.is_family()
                && answer.authority == Authority::Law
        };
        let titles: Vec<String> = self
            .benefits
            .iter()
            .filter(more)
            .map(|(_, answer, _)| crate::web::answer::lower(&self.teller.title(&answer.entitlement)))
            .collect();
        (!titles.is_empty()).then(|| {
            Block::Paragraph(vec![
                Span::plain(texts::PLAN.with(lang, &[&titles.join("; ")])),
                Span::bold(texts::PLAN_NOT_YET.tell(lang)),
            ])
        })
    }

    /// Only what was decided can be complained of.
    fn closing(&self) -> Vec<Block> {
        let (lang, you) = (self.lang(), self.teller.to.you());
        let mut blocks = vec![paragraph(&texts::CLOSING.with(lang, &[you, self.teller.unit]))];
        if self.decided() {
            blocks.push(paragraph(&texts::COMPLAINT.with(lang, &[you])));
        }
        blocks.push(paragraph(&texts::MADE_FROM.with(lang, &[&day(lang, day_of_decision(self.decision))])));
        blocks
    }

    /// The end of the decision's id, which no other decision shares, is what it is looked up by.
    fn mark(&self) -> String {
        let id: Vec<char> = self.decision.id.to_string().to_uppercase().chars().collect();
        let end: Vec<String> =
            id[id.len().saturating_sub(12)..].chunks(4).map(|part| part.iter().collect()).collect();
        let by = recorded_by(self.decision);
        texts::FOOT.with(self.lang(), &[&end.join("-"), &self.decision.policy_version, &by])
    }

    /// Reasons with their clauses, benefit by benefit, then every document that they cite, once.
    fn annex(&self) -> Option<Leaf> {
        let lang = self.lang();
        let mut blocks = Vec::new();
        let mut sources: Vec<&str> = Vec::new();
        for (at, (of_household, answer, _)) in self.benefits.iter().enumerate() {
            let reasons = self.teller.annex(answer);
            if reasons.is_empty() {
                continue;
            }
            blocks.push(self.teller.heading(at + 1, *of_household, answer));
            blocks.extend(reasons);
            for cited in self.teller.cited(answer) {
                // Of a text that amends, what it amends is cited too.
                let pack = &self.teller.policy.pack;
                let amended = cites::find(self.teller.policy, cited).and_then(|source| source.amends);
                let amended = amended.map(|amended| pack.source(amended).id.as_str());
                for source in amended.into_iter().chain([cited]) {
                    if !sources.contains(&source) {
                        sources.push(source);
                    }
                }
            }
        }
        if blocks.is_empty() {
            return None;
        }
        let full = sources.into_iter().map(|id| cites::full(lang, self.teller.policy, id) + ".");
        blocks.extend(list(texts::SOURCES.tell(lang), full));
        let head = Head {
            letter: None,
            kind: texts::ANNEX.tell(lang).to_owned(),
            about: texts::ANNEX_ABOUT.tell(lang).to_owned(),
            remarks: vec![texts::ANNEX_TO.with(lang, &[self.teller.unit])],
        };
        Some(Leaf { part: Part::Annex, head, blocks, foot: None, marks: Vec::new() })
    }
}

fn letter(lang: Lang, unit: &str) -> Letter {
    let (kind, name) = match UnitCode::parse(unit).map(UnitCode::unit) {
        Some(unit) if unit.ward => (texts::OF_WARD, unit.name),
        Some(unit) => (texts::OF_COMMUNE, unit.name),
        None => (texts::OF_WARD, unit),
    };
    let place = match lang {
        Lang::Vi if !CALLED_AFTER_PEOPLE.contains(&name) => name.to_owned(),
        _ => sentence(&unit_name(lang, unit)),
    };
    Letter {
        body: [texts::COMMITTEE.tell(lang).to_owned(), kind.with(lang, &[&name.to_uppercase()])],
        number: texts::NUMBER.tell(lang).to_owned(),
        country: texts::COUNTRY.tell(lang).to_owned(),
        motto: texts::MOTTO.tell(lang).to_owned(),
        place_date: texts::PLACE_DATE.with(lang, &[&place]),
    }
}

fn foot(lang: Lang) -> Foot {
    let tell = |say: crate::web::texts::Say| say.tell(lang).to_owned();
    Foot {
        recipients: [texts::RECIPIENTS, texts::RECIPIENT_CITIZEN, texts::RECIPIENT_FILE].map(tell).to_vec(),
        signature: [texts::ON_BEHALF, texts::SIGN_HERE].map(tell),
    }
}

/// `phường Cầu Giấy`, `Cầu Giấy ward`.
fn unit_name(lang: Lang, unit: &str) -> String {
    match UnitCode::parse(unit).map(UnitCode::unit) {
        Some(unit) if unit.ward => texts::WARD.with(lang, &[unit.name]),
        Some(unit) => texts::COMMUNE.with(lang, &[unit.name]),
        None => unit.to_owned(),
    }
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph(vec![Span::plain(text)])
}

/// A title and its items; nothing when there are none.
fn list(title: &str, items: impl Iterator<Item = String>) -> Vec<Block> {
    let mut items = items.map(|item| Block::Item(vec![Span::plain(sentence(&item))])).peekable();
    if items.peek().is_none() {
        return Vec::new();
    }
    let title = Block::Paragraph(vec![Span::bold(title)]);
    std::iter::once(title).chain(items).collect()
}
