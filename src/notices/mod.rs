//! The notice of a recorded decision: an administrative document for the ward to number, sign and seal.
//!
//! [`Notice`] is the one model: words in their order, made by [`notice`] from what was kept. [`html`] and [`pdf`] give it
//! a form. Nothing here reads a clock, a database or a file: the same decision and name give the same bytes.

mod benefit;
mod cites;
mod html;
mod model;
mod papers;
mod pdf;
mod texts;

use chrono::FixedOffset;
use serde_json::Value;

use self::benefit::Teller;
pub use self::{
    html::html,
    model::{Block, Head, Notice, Span, Style, clean},
    pdf::{PdfError, pdf},
};
use crate::{
    api::Lang,
    decide::{Assumption, DecisionAnswer, EvaluationResponse},
    facts::{UnitCode, vocabulary},
    policy::Policy,
    store::decisions::Decision,
    web::format::{day, label, sentence, value},
};

/// The offset of Hanoi from UTC, in seconds.
const HANOI: i32 = 7 * 3600;

/// Tells a kept decision. Titles, numbers of documents and names of groups come from `policy`; what it does not know is
/// told by its id. `name` is the citizen's as the record has it today, `None` when there is no record any more.
///
/// # Errors
/// When what was kept is no answer of this program.
pub fn notice(
    lang: Lang,
    policy: &Policy,
    decision: &Decision,
    name: Option<&str>,
) -> Result<Notice, serde_json::Error> {
    use serde::Deserialize;
    let answer = EvaluationResponse::deserialize(&decision.content.result)?;
    let unit = unit_name(lang, &decision.unit);
    let mut blocks = who(lang, decision, name);
    blocks.extend(opening(lang, decision, &unit));
    let told = benefits(&answer);
    let born = !decision.content.facts["people"][0]["born_on"].is_null();
    let teller = Teller { lang, policy, born };
    for (at, (of_household, benefit)) in told.iter().enumerate() {
        blocks.extend(teller.blocks(at + 1, *of_household, benefit));
    }
    if told.is_empty() {
        blocks.push(paragraph(texts::NOTHING.tell(lang)));
    }
    blocks.extend(doubts(lang, &answer, &decision.content.warnings));
    blocks.extend(sources(lang, policy, &told));
    blocks.extend(closing(lang, decision, &unit));
    Ok(Notice {
        lang,
        id: decision.id.to_string(),
        decided_at: decision.decided_at,
        head: head(lang, &decision.unit),
        blocks,
        recipients: [texts::RECIPIENTS, texts::RECIPIENT_CITIZEN, texts::RECIPIENT_FILE]
            .map(|say| say.tell(lang).to_owned())
            .to_vec(),
        signature: [texts::ON_BEHALF, texts::SIGN_HERE].map(|say| say.tell(lang).to_owned()),
        marks: marks(lang, decision),
    })
}

/// Benefits of the person, then those of the household. The premium stands first: it is what most people ask for.
fn benefits(answer: &EvaluationResponse) -> Vec<(bool, &DecisionAnswer)> {
    let mut own: Vec<_> =
        answer.people.iter().flat_map(|person| &person.decisions).map(|told| (false, told)).collect();
    own.sort_by_key(|(_, told)| told.entitlement != "health_insurance_premium");
    own.extend(answer.household.decisions.iter().map(|told| (true, told)));
    own
}

fn head(lang: Lang, unit: &str) -> Head {
    let known = UnitCode::parse(unit).map(UnitCode::unit);
    let (kind, name) = match known {
        Some(unit) if unit.ward => (texts::OF_WARD, unit.name),
        Some(unit) => (texts::OF_COMMUNE, unit.name),
        None => (texts::OF_WARD, unit),
    };
    Head {
        body: [texts::COMMITTEE.tell(lang).to_owned(), kind.with(lang, &[&name.to_uppercase()])],
        number: texts::NUMBER.tell(lang).to_owned(),
        country: texts::COUNTRY.tell(lang).to_owned(),
        motto: texts::MOTTO.tell(lang).to_owned(),
        place_date: texts::PLACE_DATE.with(lang, &[name]),
        kind: texts::KIND.tell(lang).to_owned(),
        about: texts::ABOUT.tell(lang).to_owned(),
        translation: (lang == Lang::En).then(|| texts::TRANSLATION.tell(lang).to_owned()),
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

/// Name, year of birth and the end of the personal number: enough to know whom it is for, no more. Year and number are
/// those the decision was made from.
fn who(lang: Lang, decision: &Decision, name: Option<&str>) -> Vec<Block> {
    let name = name.map(clean).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| texts::NO_NAME.tell(lang).to_owned());
    let name = Span { text: name, style: Style::Name };
    let mut blocks = vec![Block::Paragraph(vec![Span::plain(texts::TO.tell(lang)), name])];
    let person = &decision.content.facts["people"][0];
    let year = person["born_on"].as_str().and_then(|born| born.get(..4));
    let end = person["personal_id"].as_str().and_then(|number| number.get(number.len().checked_sub(3)?..));
    let told = [
        year.map(|year| texts::BORN.with(lang, &[year])),
        end.map(|end| texts::PERSONAL_NUMBER.with(lang, &[&format!("*********{end}")])),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    if !told.is_empty() {
        blocks.push(paragraph(&told.join(" ")));
    }
    blocks
}

fn opening(lang: Lang, decision: &Decision, unit: &str) -> Vec<Block> {
    let mut blocks = vec![paragraph(&texts::INTRO.with(lang, &[unit, &day(lang, decision.as_of)]))];
    if decision.content.facts["authority"] == "law" {
        blocks.push(paragraph(texts::BY_LAW_ONLY.tell(lang)));
    }
    blocks
}

/// What does not fit together in the record, and what was taken for granted.
fn doubts(lang: Lang, answer: &EvaluationResponse, of_documents: &[Value]) -> Vec<Block> {
    let of_facts = answer.people.iter().flat_map(|person| &person.warnings);
    let of_facts = of_facts.map(|warning| lang.pick(&warning.detail).to_owned());
    let of_documents = of_documents.iter().filter_map(|warning| {
        let detail = &warning["detail"][lang.tag()];
        detail.as_str().map(clean)
    });
    let assumed = answer.people.iter().flat_map(|person| &person.assumptions);
    let assumed = assumed.filter_map(|assumed: &Assumption| {
        let (_, fact) = vocabulary().facts().find(|(_, fact)| fact.id == assumed.fact)?;
        Some(format!("{}: {}.", label(lang, &fact.label), value(lang, fact, &assumed.value)))
    });
    let mut blocks = list(texts::WARNINGS.tell(lang), of_facts.chain(of_documents));
    blocks.extend(list(texts::ASSUMPTIONS.tell(lang), assumed));
    blocks
}

/// Every document that a reason or an open point cites, once, with its title.
fn sources(lang: Lang, policy: &Policy, told: &[(bool, &DecisionAnswer)]) -> Vec<Block> {
    let mut ids: Vec<&str> = Vec::new();
    for (_, benefit) in told {
        let cited = benefit.reasons.iter().flat_map(|reason| &reason.cite);
        let open = benefit.review.iter().flat_map(|review| &review.cite);
        for cite in cited.chain(open) {
            if !ids.contains(&cite.source.as_str()) {
                ids.push(&cite.source);
            }
        }
    }
    list(texts::SOURCES.tell(lang), ids.into_iter().map(|id| cites::full(lang, policy, id) + "."))
}

fn closing(lang: Lang, decision: &Decision, unit: &str) -> Vec<Block> {
    let complaint = Block::Paragraph(vec![
        Span::plain(texts::COMPLAINT.tell(lang)),
        Span::italic(texts::COMPLAINT_UNCHECKED.tell(lang)),
    ]);
    let mut made = String::new();
    if let Some(hanoi) = FixedOffset::east_opt(HANOI) {
        let at = decision.decided_at.with_timezone(&hanoi);
        made = texts::MADE_FROM.with(lang, &[&at.format("%H:%M").to_string(), &day(lang, at.date_naive())]);
    }
    vec![paragraph(&texts::CLOSING.with(lang, &[unit])), complaint, paragraph(&made)]
}

fn marks(lang: Lang, decision: &Decision) -> Vec<String> {
    let by = decision.decided_by.split_once(':').map_or(decision.decided_by.as_str(), |(_, login)| login);
    let id = decision.id.to_string();
    vec![
        format!(
            "{} · {}",
            texts::FOOT_DECISION.with(lang, &[&id, &decision.policy_id, &decision.policy_version]),
            texts::FOOT_BY.with(lang, &[&clean(by)])
        ),
        texts::FOOT_RECEIPT.with(lang, &[&decision.receipt]),
        texts::FOOT_DIGEST.with(lang, &[&decision.policy_digest]),
    ]
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
