//! What an official checks before signing: marks, contradictions, assumptions, digests. It stays in the file.

use chrono::FixedOffset;
use serde_json::Value;

use super::{
    HANOI, Known,
    benefit::Teller,
    list,
    model::{Head, Leaf, Part, clean},
    texts,
};
use crate::{
    api::Lang,
    decide::{Assumption, DecisionAnswer, EvaluationResponse, Outcome},
    facts::{FactDef, vocabulary},
    store::decisions::Decision,
    web::{
        answer::lower,
        format::{day, value},
    },
};

/// What the sheet is made from.
pub struct Sheet<'a> {
    pub teller: Teller<'a>,
    pub decision: &'a Decision,
    pub known: &'a Known<'a>,
    /// By law alone; `redone`: whether that could be worked out whole.
    pub answer: &'a EvaluationResponse,
    pub redone: bool,
    /// Each benefit by law, and as it was kept.
    pub benefits: &'a [(bool, &'a DecisionAnswer, &'a DecisionAnswer)],
}

impl Sheet<'_> {
    /// The leaf.
    pub fn leaf(&self) -> Leaf {
        let lang = self.teller.lang;
        let mut blocks = vec![self.teller.to.named()];
        blocks.extend(list(texts::FILL_IN.tell(lang), self.blanks().into_iter()));
        blocks.extend(list(texts::STATE.tell(lang), self.state().into_iter()));
        for (at, (of_household, answer, kept)) in self.benefits.iter().enumerate() {
            blocks.push(self.teller.heading(at + 1, *of_household, answer));
            blocks.extend(self.teller.sheet(answer, kept));
        }
        blocks.extend(list(texts::WARNINGS.tell(lang), self.warnings().into_iter()));
        blocks.extend(list(texts::ASSUMPTIONS.tell(lang), self.assumptions().into_iter()));
        Leaf {
            part: Part::Sheet,
            head: Head {
                letter: None,
                kind: texts::SHEET.tell(lang).to_owned(),
                about: texts::SHEET_ABOUT.tell(lang).to_owned(),
                remarks: vec![texts::SHEET_ONLY.tell(lang).to_owned()],
            },
            blocks,
            foot: None,
            marks: self.trace(),
        }
    }

    fn blanks(&self) -> Vec<String> {
        let any = |outcomes: &[Outcome]| {
            self.benefits.iter().any(|(_, answer, _)| outcomes.contains(&answer.outcome))
        };
        let all = [
            (true, texts::FILL_NUMBER),
            (any(&[Outcome::Entitled, Outcome::NotEntitled]), texts::FILL_COMPLAINT),
            (any(&[Outcome::NeedsInformation]), texts::FILL_MISSING),
            (any(&[Outcome::NeedsReview]), texts::FILL_REVIEW),
            (self.known.supersedes.is_some(), texts::FILL_REPLACED),
        ];
        let told = all.into_iter().filter(|(told, _)| *told);
        told.map(|(_, say)| say.tell(self.teller.lang).to_owned()).collect()
    }

    fn state(&self) -> Vec<String> {
        let (lang, known) = (self.teller.lang, self.known);
        let mut told = Vec::new();
        if known.outside_unit {
            told.push(texts::STATE_DRAFT.with(lang, &[self.teller.unit]));
        }
        told.extend(known.superseded.map(|on| texts::STATE_SUPERSEDED.with(lang, &[&day(lang, on)])));
        told.extend(known.supersedes.map(|on| texts::STATE_SUPERSEDES.with(lang, &[&day(lang, on)])));
        told.extend(known.appealed.map(|on| texts::STATE_APPEALED.with(lang, &[&day(lang, on)])));
        if self.teller.to.is_family() {
            told.push(texts::STATE_DIED.tell(lang).to_owned());
        }
        if self.teller.to.is_parents() {
            told.push(texts::STATE_MINOR.tell(lang).to_owned());
        }
        if !self.redone {
            told.push(texts::STATE_NOT_REDONE.tell(lang).to_owned());
        }
        told
    }

    /// What does not fit together in the record. Where an earlier version named a paper by its id alone, what the papers
    /// differ on is told without it.
    fn warnings(&self) -> Vec<String> {
        let lang = self.teller.lang;
        let of_facts = self.answer.people.iter().flat_map(|person| &person.warnings);
        let mut told: Vec<String> = of_facts.map(|warning| lang.pick(&warning.detail).to_owned()).collect();
        let mut unnamed: Vec<String> = Vec::new();
        for warning in &self.decision.content.warnings {
            let detail = warning["detail"][lang.tag()].as_str().map(clean).unwrap_or_default();
            if names_an_id(&detail) {
                let pointers = warning["pointers"].as_array().into_iter().flatten();
                unnamed.extend(pointers.filter_map(Value::as_str).map(|pointer| fact_named(lang, pointer)));
            } else if !detail.is_empty() {
                told.push(detail);
            }
        }
        if !unnamed.is_empty() {
            told.push(texts::PAPERS_DIFFER.with(lang, &[&unnamed.join("; ")]));
        }
        told
    }

    fn assumptions(&self) -> Vec<String> {
        let lang = self.teller.lang;
        let assumed = self.answer.people.iter().flat_map(|person| &person.assumptions);
        let told = assumed.filter_map(|assumed: &Assumption| {
            let (_, fact) = vocabulary().facts().find(|(_, fact)| fact.id == assumed.fact)?;
            // As one would say it, where the label and the value would read like a form.
            match assumed.fact.as_str() {
                "other_groups" => return Some(texts::ASSUMED_NO_GROUP.tell(lang).to_owned()),
                "household_scheme_rank" if assumed.value == 1 => {
                    return Some(texts::ASSUMED_FIRST.tell(lang).to_owned());
                }
                _ => {}
            }
            Some(format!("{}: {}.", lang.pick(&fact.label), lower(&value(lang, fact, &assumed.value))))
        });
        told.collect()
    }

    fn trace(&self) -> Vec<String> {
        let (lang, decision) = (self.teller.lang, self.decision);
        let (hour, on) = FixedOffset::east_opt(HANOI).map_or_else(Default::default, |hanoi| {
            let at = decision.decided_at.with_timezone(&hanoi);
            (at.format("%H:%M").to_string(), day(lang, at.date_naive()))
        });
        let id = decision.id.to_string();
        vec![
            texts::TRACE_DECISION.with(lang, &[&id, &hour, &on, &super::recorded_by(decision)]),
            texts::TRACE_PACK
                .with(lang, &[&decision.policy_id, &decision.policy_version, &decision.policy_digest]),
            texts::TRACE_RECEIPT.with(lang, &[&decision.receipt]),
        ]
    }
}

/// The label of the fact at the end of a pointer such as `/facts/household/poverty_status`.
fn fact_named(lang: Lang, pointer: &str) -> String {
    let path = pointer.trim_start_matches("/facts").trim_start_matches('/');
    let (of, name) = path.split_once('/').unwrap_or(("", path));
    let id = name.replace('/', ".");
    let known = |(_, fact): &(_, &FactDef)| fact.id == id && fact.of.as_str() == of;
    let found = vocabulary().facts().find(known);
    found.map_or(id.clone(), |(_, fact)| lang.pick(&fact.label).to_owned())
}

/// Whether a text holds a UUID.
fn names_an_id(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .any(|word| word.len() == 36 && word.matches('-').count() == 4)
}
