//! One benefit of a decision, in blocks.

use crate::{
    api::Lang,
    decide::{CiteAnswer, DecisionAnswer, Outcome, Reason, Review, Verdict},
    notices::{
        cites,
        model::{Block, Span},
        papers, texts,
    },
    policy::{Authority, Confidence, Policy},
    web::{
        answer::{because, lower},
        benefit,
        format::{day, sentence},
        texts as pages,
        texts::Say,
    },
};

/// What benefits are told with.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'a> {
    /// The language.
    pub lang: Lang,
    /// Knows titles, numbers of documents and names of groups.
    pub policy: &'a Policy,
    /// The year of birth is on record: of a birth date that is missing, only the day is.
    pub born: bool,
}

impl Teller<'_> {
    /// All blocks of one benefit. `number` counts benefits from 1.
    pub fn blocks(self, number: usize, of_household: bool, answer: &DecisionAnswer) -> Vec<Block> {
        let mut blocks = vec![self.heading(number, of_household, answer)];
        blocks.extend(self.outcome(answer));
        blocks.extend(self.missing(answer));
        blocks.extend(answer.review.as_ref().map(|review| self.review(review)));
        blocks.extend(self.details(answer));
        blocks.extend(self.reasons(answer));
        blocks.extend(self.checked(answer.confidence));
        blocks
    }

    fn say(self, say: Say) -> &'static str {
        say.tell(self.lang)
    }

    fn heading(self, number: usize, of_household: bool, answer: &DecisionAnswer) -> Block {
        let known = self.policy.decision(&answer.entitlement);
        let title =
            known.map_or(answer.entitlement.as_str(), |(decision, _)| self.lang.pick(&decision.title));
        let title = sentence(title);
        let title = if of_household { texts::OF_HOUSEHOLD.with(self.lang, &[&title]) } else { title };
        Block::Heading(format!("{number}. {title}"))
    }

    /// The outcome by law first: a notice rests on law. What the plan adds is told apart.
    fn outcome(self, answer: &DecisionAnswer) -> Vec<Block> {
        let lang = self.lang;
        let headline = lower(&benefit::headline(lang, answer));
        let Some(under_law) = answer.under_law.as_ref().filter(|_| answer.authority == Authority::Plan)
        else {
            return vec![self.said(texts::OUTCOME, answer.outcome.as_str(), &headline)];
        };
        let by_law = lower(&benefit::law_headline(lang, &answer.entitlement, under_law));
        let outcome = under_law["outcome"].as_str().unwrap_or_default();
        vec![
            self.said(texts::BY_THE_LAW_IN_FORCE, outcome, &by_law),
            Block::Paragraph(vec![
                Span::plain(self.say(texts::BY_PLAN)),
                Span::plain(format!("{headline}.")),
                Span::italic(self.say(texts::NOT_A_RIGHT)),
            ]),
        ]
    }

    fn said(self, before: Say, outcome: &str, headline: &str) -> Block {
        let word = match outcome {
            "entitled" => texts::YES,
            "not_entitled" => texts::NO,
            "needs_information" => texts::INFORMATION,
            _ => texts::REVIEW,
        };
        // What these two say, the headline would say again.
        let more = match outcome {
            "entitled" | "not_entitled" => format!(" – {headline}."),
            _ => ".".to_owned(),
        };
        Block::Paragraph(vec![Span::plain(self.say(before)), Span::bold(self.say(word)), Span::plain(more)])
    }

    fn missing(self, answer: &DecisionAnswer) -> Vec<Block> {
        if answer.missing_facts.is_empty() {
            return Vec::new();
        }
        let items = answer.missing_facts.iter().map(|fact| {
            let (label, paper) = (self.lang.pick(&fact.label), self.say(papers::paper(&fact.fact)));
            let name = match fact.fact.as_str() {
                "born_on" if self.born => sentence(&pages::FULL_DATE.with(self.lang, &[label])),
                _ => sentence(label),
            };
            Block::Item(vec![Span::plain(texts::PAPER.with(self.lang, &[&name, paper]) + ".")])
        });
        let title = Block::Paragraph(vec![Span::bold(self.say(texts::MISSING))]);
        std::iter::once(title).chain(items).collect()
    }

    fn review(self, review: &Review) -> Block {
        let title = match review.kind.as_str() {
            "amount" => pages::REVIEW_AMOUNT,
            "source_amended" => pages::REVIEW_AMENDED,
            "effective_date" => pages::REVIEW_DATE,
            "outside_coverage" => pages::REVIEW_COVERAGE,
            _ => pages::REVIEW_LAW,
        };
        let mut spans = vec![
            Span::bold(format!("{}: ", self.say(title))),
            Span::plain(sentence(self.lang.pick(&review.text))),
        ];
        spans.extend(self.cited(&review.cite));
        Block::Paragraph(spans)
    }

    /// What is due, and from when to when. Nothing where yes or no is still open.
    fn details(self, answer: &DecisionAnswer) -> Vec<Block> {
        let lang = self.lang;
        if !matches!(answer.outcome, Outcome::Entitled | Outcome::NotEntitled) {
            return Vec::new();
        }
        let item = |name: &str, value: &str| {
            let end = if value.ends_with('.') { "" } else { "." };
            Block::Item(vec![Span::plain(format!("{name}: {value}{end}"))])
        };
        let mut items: Vec<Block> = benefit::lines(lang, self.policy, answer)
            .into_iter()
            .map(|(name, values)| item(name, &values.join("; ")))
            .collect();
        if let Some(valid) = &answer.valid {
            let days = pages::FROM_TO.with(lang, &[&day(lang, valid.from), &day(lang, valid.to)]);
            let change = answer.next_change.as_ref().map(|next| {
                let cause = because(lang, self.policy, &next.because);
                pages::NEXT.with(lang, &[&day(lang, next.on), &cause])
            });
            let term = match change {
                Some(change) => format!("{}. {change}", lower(&days)),
                None => lower(&days),
            };
            items.push(item(self.say(texts::TERM), &term));
        }
        let open = self.open(answer);
        if !open.is_empty() {
            items.push(item(self.say(texts::OPEN_DETAILS), &open.join("; ")));
        }
        let with_plan = answer.authority == Authority::Plan && !items.is_empty();
        let title =
            with_plan.then(|| Block::Paragraph(vec![Span::plain(self.say(texts::DETAILS_WITH_PLAN))]));
        title.into_iter().chain(items).collect()
    }

    /// Members of the benefit that are not settled, each name once.
    fn open(self, answer: &DecisionAnswer) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for path in &answer.undetermined {
            let member = path.strip_prefix("benefit.").unwrap_or(path).split('.').next().unwrap_or_default();
            let name = self.say(match member {
                "group" | "level_group" => texts::OPEN_GROUP,
                "support_percent" => texts::OPEN_PERCENT,
                "premium_vnd" => texts::OPEN_PREMIUM,
                "self_vnd" => texts::OPEN_SELF,
                "estimated_value_vnd" => texts::OPEN_VALUE,
                "monthly_pass_vnd" | "full_pass_vnd" => texts::OPEN_PASS,
                "paid_by" => texts::OPEN_PAYERS,
                "benefit_level_percent" | "uncapped" => texts::OPEN_LEVEL,
                "card_code" => texts::OPEN_CODE,
                "card_valid" => texts::OPEN_VALID,
                "fare" => texts::OPEN_FARE,
                "card" => texts::OPEN_CARD,
                "modes" => texts::OPEN_MODES,
                "medium" => texts::OPEN_MEDIUM,
                money if money.ends_with("_vnd") => texts::OPEN_AMOUNT,
                _ => texts::MORE_DETAILS,
            });
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What decided, then what else was looked at. Where nothing decided, what came nearest is the reason.
    fn reasons(self, answer: &DecisionAnswer) -> Vec<Block> {
        let decides = |reason: &&Reason| matches!(reason.verdict, Verdict::Applied | Verdict::Added);
        let (mut first, mut others): (Vec<&Reason>, Vec<&Reason>) = answer.reasons.iter().partition(decides);
        if first.is_empty() {
            std::mem::swap(&mut first, &mut others);
        }
        let mut blocks = Vec::new();
        for (title, reasons) in [(texts::REASONS, first), (texts::OTHER_RULES, others)] {
            if !reasons.is_empty() {
                blocks.push(Block::Paragraph(vec![Span::bold(self.say(title))]));
                blocks.extend(reasons.into_iter().map(|reason| self.reason(reason)));
            }
        }
        blocks
    }

    fn reason(self, reason: &Reason) -> Block {
        let mut spans = vec![Span::plain(sentence(self.lang.pick(&reason.text)))];
        spans.extend(self.cited(&reason.cite));
        if reason.authority == Authority::Plan {
            spans.push(Span::italic(self.say(texts::FROM_THE_PLAN)));
        }
        Block::Item(spans)
    }

    fn cited(self, cites: &[CiteAnswer]) -> Option<Span> {
        let line = cites::line(self.lang, self.policy, cites);
        (!line.is_empty()).then(|| Span::italic(format!(" ({line})")))
    }

    /// Told where a text was not read; a notice whose texts were all read needs no such line.
    fn checked(self, confidence: Confidence) -> Option<Block> {
        let say = match confidence {
            Confidence::Seen => return None,
            Confidence::Secondary => texts::CHECKED_SECONDARY,
            Confidence::Inferred => texts::CHECKED_INFERRED,
            Confidence::Unverified => texts::CHECKED_UNVERIFIED,
        };
        Some(Block::Paragraph(vec![Span::italic(self.say(say))]))
    }
}
