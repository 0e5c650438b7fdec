//! One benefit of a decision, in blocks. All of it is told by law alone: see [`super::by_law`].

use crate::{
    api::Lang,
    decide::{
        Because, CiteAnswer, DecisionAnswer, MissingFact, NextChange, Outcome, Reason, Review, Verdict,
    },
    facts::{Kind, vocabulary},
    notices::{
        addressee::Addressee,
        cites,
        model::{Block, Span},
        papers, texts,
    },
    policy::{Authority, Confidence, Policy},
    web::{
        answer::lower,
        benefit,
        format::{day, money, sentence},
        texts as pages,
        texts::Say,
    },
};

/// What benefits are told with.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'a> {
    /// The language.
    pub lang: Lang,
    /// Knows titles, names of documents and names of groups.
    pub policy: &'a Policy,
    /// Day the decision answers for.
    pub as_of: chrono::NaiveDate,
    /// Whom the notice speaks to.
    pub to: &'a Addressee,
    /// `phường Cầu Giấy`.
    pub unit: &'a str,
    /// The year of birth is on record: of a birth date that is missing, only the day is.
    pub born: bool,
}

impl Teller<'_> {
    /// Title, outcome, what is due and until when; what is behind it stands in [`Teller::annex`] and [`Teller::sheet`].
    pub fn blocks(self, number: usize, of_household: bool, answer: &DecisionAnswer) -> Vec<Block> {
        let mut blocks = vec![self.heading(number, of_household, answer), self.outcome(answer)];
        if answer.outcome == Outcome::Entitled {
            blocks.extend(self.details(answer));
            blocks.extend(self.term(answer));
        }
        blocks
    }

    fn say(self, say: Say) -> &'static str {
        say.tell(self.lang)
    }

    /// Title of an entitlement; its id when no pack at hand knows it.
    pub fn title(self, entitlement: &str) -> String {
        let known = self.policy.decision(entitlement);
        sentence(known.map_or(entitlement, |(decision, _)| self.lang.pick(&decision.title)))
    }

    /// `1. Hỗ trợ đóng bảo hiểm y tế`.
    pub fn heading(self, number: usize, of_household: bool, answer: &DecisionAnswer) -> Block {
        let title = self.title(&answer.entitlement);
        let title = if of_household { texts::OF_HOUSEHOLD.with(self.lang, &[&title]) } else { title };
        Block::Heading(format!("{number}. {title}"))
    }

    fn outcome(self, answer: &DecisionAnswer) -> Block {
        let until = self.until_amended(answer);
        let (word, more) = match answer.outcome {
            Outcome::Entitled => {
                let headline = self.headline(answer).map_or_else(String::new, |told| format!(" – {told}"));
                let word = if until.is_some() { texts::YES_FOR_NOW } else { texts::YES };
                (word, format!("{headline}."))
            }
            Outcome::NotEntitled => {
                let word = if until.is_some() { texts::NO_FOR_NOW } else { texts::NO };
                (word, self.say(if died(answer) { texts::NO_DIED } else { texts::NO_MORE }).to_owned())
            }
            Outcome::NeedsInformation => (texts::INFORMATION, self.say(texts::INFORMATION_MORE).to_owned()),
            Outcome::NeedsReview => (texts::REVIEW, texts::REVIEW_MORE.with(self.lang, &[self.unit])),
        };
        let mut spans =
            vec![Span::plain(self.say(texts::OUTCOME)), Span::bold(self.say(word)), Span::plain(more)];
        spans.extend(until.map(Span::plain));
        Block::Paragraph(spans)
    }

    /// Where a text behind a yes or no was amended by one that was not read: that the outcome is one for the time being.
    fn until_amended(self, answer: &DecisionAnswer) -> Option<String> {
        let review = answer.review.as_ref().filter(|review| review.kind == "source_amended")?;
        if !matches!(answer.outcome, Outcome::Entitled | Outcome::NotEntitled) {
            return None;
        }
        let sources = review.cite.iter().filter_map(|cite| cites::find(self.policy, &cite.source));
        let amendment = sources.filter_map(|source| source.unread_amendment(self.as_of)).next();
        Some(match amendment {
            Some(amendment) => {
                let by = self.policy.pack.source(amendment.source).name();
                let before = day(self.lang, amendment.from);
                texts::UNTIL_AMENDED.with(self.lang, &[&before, self.lang.pick(&by)])
            }
            None => self.say(texts::UNTIL_AMENDMENT).to_owned(),
        })
    }

    /// The benefit in a few words of the law: who pays all of a premium, or how much of it is paid. `None` where it would
    /// only say once more that there is a right.
    fn headline(self, answer: &DecisionAnswer) -> Option<String> {
        if answer.entitlement == "health_insurance_premium" {
            let percent = answer.benefit["support_percent"].as_str()?;
            let payers = answer.benefit["paid_by"].as_array();
            let payer =
                payers.filter(|payers| payers.len() == 1).and_then(|payers| payers[0]["payer"].as_str());
            return Some(match (payer, percent) {
                (Some("state_budget"), "100") => self.say(texts::PAID_IN_FULL_STATE).to_owned(),
                (Some("city_budget"), "100") => self.say(texts::PAID_IN_FULL_CITY).to_owned(),
                (Some("social_insurance_agency"), _) => self.say(texts::PAID_BY_AGENCY).to_owned(),
                _ => texts::PAID_IN_PART.with(self.lang, &[percent]),
            });
        }
        let told = benefit::headline(self.lang, answer);
        (told != self.say(pages::ENTITLED)).then(|| lower(&told))
    }

    /// What is due.
    fn details(self, answer: &DecisionAnswer) -> Vec<Block> {
        let lang = self.lang;
        let due = &answer.benefit;
        let amount = |name: &str| due[name].as_i64().map(|amount| money(lang, amount));
        let mut items: Vec<(String, String)> = Vec::new();
        let mut tell = |name: &str, told: Option<String>| {
            items.extend(told.map(|told| (name.to_owned(), told)));
        };
        tell(
            self.say(texts::GROUP),
            benefit::group(lang, self.policy, &due["group"]).map(|told| lower(&told)),
        );
        let premium = amount("premium_vnd").map(|told| texts::A_MONTH.with(lang, &[&told]));
        tell(self.say(texts::PREMIUM), premium);
        let mut payers = benefit::payers(lang, &due["paid_by"]);
        if let [first, ..] = payers.as_mut_slice() {
            *first = lower(first);
        }
        tell(self.say(texts::PAID_BY), (!payers.is_empty()).then(|| payers.join("; ")));
        let (name, share) = self.own_share(answer);
        tell(&name, share);
        let code = due["card_code"].as_str();
        match (benefit::level(lang, due), code) {
            // Both are about treatment, and share a line.
            (Some(level), Some(code)) => {
                let named = lower(self.say(texts::CARD_CODE));
                tell(self.say(texts::LEVEL), Some(format!("{level}; {named}: {code}")));
            }
            (level, code) => {
                tell(self.say(texts::LEVEL), level);
                tell(self.say(texts::CARD_CODE), code.map(str::to_owned));
            }
        }
        tell(
            self.say(texts::CARD_VALID),
            benefit::card_valid(lang, &due["card_valid"]).map(|told| lower(&told)),
        );
        tell(self.say(texts::MODES), benefit::modes(lang, &due["modes"]).map(|told| lower(&told)));
        tell(self.say(texts::TRANSIT_CARD), self.card(answer));
        tell(self.say(texts::FULL_PASS), amount("full_pass_vnd"));
        tell(self.say(texts::MEDIUM), benefit::medium(lang, &due["medium"]).map(|told| lower(&told)));
        let open = self.open(answer);
        tell(self.say(texts::OPEN_DETAILS), (!open.is_empty()).then(|| open.join("; ")));
        let item = |text: String| Block::Item(vec![Span::plain(text)]);
        let mut blocks: Vec<Block> =
            items.iter().map(|(name, told)| item(format!("{name}: {told}."))).collect();
        if answer.undetermined.iter().any(|path| path.starts_with("benefit.card_valid")) {
            blocks.push(item(self.say(texts::CARD_VALID_OPEN).to_owned()));
        }
        blocks
    }

    /// What no budget pays: the amount, or the share where the amount is open. Nothing where all is paid.
    fn own_share(self, answer: &DecisionAnswer) -> (String, Option<String>) {
        let lang = self.lang;
        let payer = [self.to.payer()];
        let own = answer.benefit["self_vnd"].as_i64();
        let paid = answer.benefit["support_percent"].as_str();
        let paid = paid.and_then(|percent| percent.parse::<rust_decimal::Decimal>().ok());
        match (own, paid) {
            (Some(own), _) => (texts::OWN_AMOUNT.with(lang, &payer), (own > 0).then(|| money(lang, own))),
            (None, Some(paid)) => {
                let rest = rust_decimal::Decimal::ONE_HUNDRED - paid;
                let told = texts::OWN_PERCENT.with(lang, &[&rest.normalize().to_string()]);
                (texts::OWN_SHARE.with(lang, &payer), (rest > rust_decimal::Decimal::ZERO).then_some(told))
            }
            (None, None) => (String::new(), None),
        }
    }

    fn card(self, answer: &DecisionAnswer) -> Option<String> {
        let card = &answer.benefit["card"];
        let needed = card["required"].as_bool()?;
        let told = self.say(if needed { texts::CARD_NEEDED } else { texts::CARD_NOT_NEEDED });
        let term = match card["valid_months"].as_i64() {
            Some(months) => Some(pages::CARD_MONTHS.with(self.lang, &[&months.to_string()])),
            None => crate::web::format::day_of(self.lang, &card["until"])
                .map(|until| lower(&pages::TO_DAY.with(self.lang, &[&until]))),
        };
        Some(term.map_or_else(|| told.to_owned(), |term| format!("{told}, {term}")))
    }

    /// Until when, where a change is known. The last day that the pack was worked out for is no end of a right.
    fn term(self, answer: &DecisionAnswer) -> Option<Block> {
        answer.valid.as_ref()?;
        let told = match &answer.next_change {
            None => self.say(texts::STAYS).to_owned(),
            Some(next) => {
                let last = next.on.pred_opt().unwrap_or(next.on);
                let (last, on) = (day(self.lang, last), day(self.lang, next.on));
                texts::CHANGES.with(self.lang, &[&last, &on, &self.because(next)])
            }
        };
        Some(Block::Paragraph(vec![Span::plain(told)]))
    }

    fn because(self, next: &NextChange) -> String {
        use chrono::Datelike;
        let Because { kind, id } = &next.because;
        let say = match kind.as_str() {
            "birthday" => texts::BY_BIRTHDAY,
            "months" => texts::BY_MONTHS,
            "list" => {
                let year = next.on.pred_opt().unwrap_or(next.on).year();
                return texts::BY_LIST.with(self.lang, &[&year.to_string()]);
            }
            "calendar_year" => texts::BY_YEAR,
            "death" => texts::BY_DEATH,
            "parameter" => {
                let named = self.policy.pack.parameters.iter().find(|parameter| parameter.id == *id);
                let Some(named) = named else { return self.say(texts::BY_RULE).to_owned() };
                return texts::BY_PARAMETER.with(self.lang, &[self.lang.pick(&named.label)]);
            }
            _ => texts::BY_RULE,
        };
        self.say(say).to_owned()
    }

    /// Members of the benefit that are not settled, each name once. An estimate is no right, and the term of a health card
    /// is told apart.
    fn open(self, answer: &DecisionAnswer) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for path in &answer.undetermined {
            let member = path.strip_prefix("benefit.").unwrap_or(path).split('.').next().unwrap_or_default();
            let name = self.say(match member {
                "estimated_value_vnd" | "card_valid" => continue,
                "group" | "level_group" => texts::OPEN_GROUP,
                "support_percent" => texts::OPEN_PERCENT,
                "premium_vnd" => texts::OPEN_PREMIUM,
                "self_vnd" => texts::OPEN_SELF,
                "monthly_pass_vnd" | "full_pass_vnd" => texts::OPEN_PASS,
                "paid_by" => texts::OPEN_PAYERS,
                "benefit_level_percent" | "uncapped" => texts::OPEN_LEVEL,
                "card_code" => texts::OPEN_CODE,
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

    /// What is asked for, facts that one paper may show together, with the paper.
    pub fn wanted(self, facts: &[&MissingFact]) -> Vec<Block> {
        let mut papers: Vec<(&'static str, Vec<String>)> = Vec::new();
        for fact in facts {
            let (paper, asked) = (self.say(papers::paper(&fact.fact)), self.asked(fact));
            match papers.iter_mut().find(|(known, _)| *known == paper) {
                Some((_, all)) => all.push(asked),
                None => papers.push((paper, vec![asked])),
            }
        }
        let item = |(paper, asked): &(&str, Vec<String>)| {
            Block::Item(vec![Span::plain(texts::PAPER.with(self.lang, &[&asked.join(" "), paper]))])
        };
        papers.iter().map(item).collect()
    }

    fn asked(self, fact: &MissingFact) -> String {
        let label = self.lang.pick(&fact.label);
        let label = match fact.fact.as_str() {
            "born_on" if self.born => pages::FULL_DATE.with(self.lang, &[label]),
            _ => label.to_owned(),
        };
        let yes_or_no = vocabulary().facts().any(|(_, def)| {
            def.id == fact.fact && def.of.as_str() == fact.of && matches!(def.kind, Kind::Bool)
        });
        if yes_or_no {
            texts::ASK.with(self.lang, &[&sentence(&label)])
        } else {
            texts::TELL.with(self.lang, &[&label]) + "."
        }
    }

    /// What decided, with its clauses, and what the law leaves open. Of a no that no rule decides: which texts name the
    /// groups that the person is none of, and not what the person is not, one by one; the kept answer tells that.
    pub fn annex(self, answer: &DecisionAnswer) -> Vec<Block> {
        let decides = |reason: &&Reason| {
            matches!(reason.verdict, Verdict::Applied | Verdict::Added) && reason.authority == Authority::Law
        };
        let mut blocks: Vec<Block> = match answer.outcome {
            Outcome::Entitled | Outcome::NotEntitled => {
                answer.reasons.iter().filter(decides).map(|reason| self.reason(reason)).collect()
            }
            _ => Vec::new(),
        };
        if answer.outcome == Outcome::NotEntitled && blocks.is_empty() {
            let mut named: Vec<String> = Vec::new();
            for cite in not_met(answer).flat_map(|reason| &reason.cite) {
                let name = cites::name(self.lang, self.policy, &cite.source);
                if !named.contains(&name) {
                    named.push(name);
                }
            }
            if !named.is_empty() {
                let told = texts::NOT_OF_GROUPS.with(self.lang, &[&named.join("; ")]);
                blocks.push(Block::Item(vec![Span::plain(told)]));
            }
        }
        blocks.extend(answer.review.as_ref().map(|review| self.review(review)));
        blocks
    }

    /// The sources that [`Teller::annex`] names.
    pub fn cited(self, answer: &DecisionAnswer) -> Vec<&str> {
        let decided = matches!(answer.outcome, Outcome::Entitled | Outcome::NotEntitled);
        let told: Vec<&Reason> = answer
            .reasons
            .iter()
            .filter(|reason| matches!(reason.verdict, Verdict::Applied | Verdict::Added))
            .filter(|reason| decided && reason.authority == Authority::Law)
            .collect();
        let nearest = answer.outcome == Outcome::NotEntitled && told.is_empty();
        let nearest = not_met(answer).filter(move |_| nearest);
        let reasons = told.into_iter();
        let open = answer.review.iter().flat_map(|review| &review.cite);
        let cites = reasons.chain(nearest).flat_map(|reason| &reason.cite).chain(open);
        cites.map(|cite| cite.source.as_str()).collect()
    }

    fn reason(self, reason: &Reason) -> Block {
        let mut spans = vec![Span::plain(sentence(self.lang.pick(&reason.text)))];
        spans.extend(self.clauses(&reason.cite));
        Block::Item(spans)
    }

    fn review(self, review: &Review) -> Block {
        let mut spans = vec![
            Span::bold(self.say(texts::OPEN_POINT)),
            Span::plain(sentence(self.lang.pick(&review.text))),
        ];
        spans.extend(self.clauses(&review.cite));
        Block::Item(spans)
    }

    fn clauses(self, cites: &[CiteAnswer]) -> Option<Span> {
        let line = cites::line(self.lang, self.policy, cites);
        (!line.is_empty()).then(|| Span::italic(format!(" ({line})")))
    }

    /// What who signs has to know of a benefit: the outcome by law, what the plan sets as an aim, how well the texts were
    /// verified, what the law leaves open. `kept` is the benefit as it was recorded.
    pub fn sheet(self, answer: &DecisionAnswer, kept: &DecisionAnswer) -> Vec<Block> {
        let lang = self.lang;
        let word = |answer: &DecisionAnswer| lower(benefit::word(answer.outcome).tell(lang));
        let item = |text: String| Block::Item(vec![Span::plain(sentence(&text))]);
        let mut blocks = vec![item(texts::BY_LAW.with(lang, &[&word(answer)]))];
        if kept.authority == Authority::Plan {
            blocks.push(item(texts::BY_PLAN.with(lang, &[&word(kept)])));
        }
        blocks.push(item(self.say(checked(answer.confidence)).to_owned()));
        blocks.extend(answer.review.as_ref().map(|review| self.review(review)));
        let open = self.open(answer);
        if answer.outcome == Outcome::Entitled && !open.is_empty() {
            blocks.push(item(format!("{}: {}.", self.say(texts::OPEN_DETAILS), open.join("; "))));
        }
        blocks
    }
}

/// Whether the person had died before the day asked about.
fn died(answer: &DecisionAnswer) -> bool {
    answer.reasons.iter().any(|reason| reason.rule == "died_on")
}

/// Rules of law that were looked at and whose conditions are not met.
fn not_met(answer: &DecisionAnswer) -> impl Iterator<Item = &Reason> {
    answer
        .reasons
        .iter()
        .filter(|reason| reason.authority == Authority::Law && reason.verdict == Verdict::NotMet)
}

fn checked(confidence: Confidence) -> Say {
    match confidence {
        Confidence::Seen => texts::CHECKED_SEEN,
        Confidence::Secondary => texts::CHECKED_SECONDARY,
        Confidence::Inferred => texts::CHECKED_INFERRED,
        Confidence::Unverified => texts::CHECKED_UNVERIFIED,
    }
}
