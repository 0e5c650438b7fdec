//! The answer: for each person a card an entitlement.

use maud::{Markup, html};

use crate::{
    api::Lang,
    decide::{
        Assumption, Because, CiteAnswer, DecisionAnswer, EvaluationResponse, MissingFact, Outcome,
        PersonAnswer, Reason, Review, Verdict,
    },
    facts::vocabulary,
    policy::{Authority, Confidence, Policy},
    web::{
        benefit,
        format::{day, label, sentence, value},
        icons,
        questions::element,
        texts::{self, Say},
        typed::Typed,
    },
};

/// What the answer is told with.
pub struct Told<'a> {
    pub lang: Lang,
    pub policy: &'a Policy,
    pub response: &'a EvaluationResponse,
    /// What was asked.
    pub typed: &'a Typed,
}

impl Told<'_> {
    /// All people, then the household.
    pub fn markup(&self) -> Markup {
        let lang = self.lang;
        let by = if self.typed.get("/authority") == "law" { texts::LAW_ONLY } else { texts::LAW_AND_PLAN };
        html! {
            section #answer .answer aria-labelledby="answer-title" tabindex="-1" {
                div .answer-head {
                    h2 #answer-title { (texts::RESULT.tell(lang)) }
                    p { (texts::RESULT_ON.with(lang, &[&day(lang, self.response.as_of), by.tell(lang)])) }
                    a .quiet-link href="#facts" { (texts::CHANGE_FACTS.tell(lang)) }
                }
                @for (at, person) in self.response.people.iter().enumerate() { (self.person(at, person)) }
                @let household = &self.response.household.decisions;
                @if !household.is_empty() {
                    section .answer-person {
                        h3 { (texts::HOUSEHOLD.tell(lang)) }
                        div .cards { @for (at, decision) in household.iter().enumerate() { (self.card(&format!("h-{at}"), decision)) } }
                    }
                }
                p .notice { (texts::NOTICE.tell(lang)) }
            }
        }
    }

    fn person(&self, at: usize, person: &PersonAnswer) -> Markup {
        // The premium stands first: it is what most people ask for.
        let mut decisions: Vec<&DecisionAnswer> = person.decisions.iter().collect();
        decisions.sort_by_key(|decision| decision.entitlement != "health_insurance_premium");
        html! {
            section .answer-person aria-labelledby={ "answer-" (at) } {
                h3 #{ "answer-" (at) } { (person.id) }
                @if !person.warnings.is_empty() {
                    div .box.review {
                        h4 { (texts::WARNINGS.tell(self.lang)) }
                        ul { @for warning in &person.warnings { li { (sentence(self.lang.pick(&warning.detail))) } } }
                    }
                }
                div .cards {
                    @for (which, decision) in decisions.iter().enumerate() { (self.card(&format!("{at}-{which}"), decision)) }
                }
                @if !person.assumptions.is_empty() { (self.assumptions(&person.assumptions)) }
            }
        }
    }

    fn assumptions(&self, assumptions: &[Assumption]) -> Markup {
        let told = assumptions.iter().filter_map(|assumed| {
            let (_, fact) = vocabulary().facts().find(|(_, fact)| fact.id == assumed.fact)?;
            Some(format!("{}: {}", label(self.lang, &fact.label), value(self.lang, fact, &assumed.value)))
        });
        html! {
            details .assumed {
                summary { (texts::ASSUMED.tell(self.lang)) }
                ul { @for line in told { li { (line) } } }
            }
        }
    }

    fn card(&self, id: &str, decision: &DecisionAnswer) -> Markup {
        let lang = self.lang;
        // A yes by the plan alone is shown as the promise it is, not as a right.
        let promise_only = benefit::promise_only(decision);
        let class = if promise_only { "promise_only" } else { decision.outcome.as_str() };
        html! {
            article .card.(class) aria-labelledby={ "card-" (id) } {
                h4 #{ "card-" (id) } { (self.title(&decision.entitlement)) }
                p .outcome {
                    @if promise_only {
                        span .badge { (icons::promise()) (texts::PROMISE_ONLY.tell(lang)) }
                    } @else {
                        span .badge { (icons::outcome(decision.outcome)) (benefit::word(decision.outcome).tell(lang)) }
                    }
                    @if !promise_only && decision.authority == Authority::Plan { " " span .mark.plan { (texts::PROMISE.tell(lang)) } }
                }
                p .headline {
                    @if promise_only {
                        (texts::PROMISED.with(lang, &[&lower(&benefit::headline(lang, decision))]))
                    } @else {
                        (benefit::headline(lang, decision))
                    }
                }
                (self.deciding(decision))
                (self.promise(decision))
                (self.missing(decision))
                @if let Some(review) = &decision.review { (self.review(review)) }
                dl {
                    @for (name, values) in benefit::lines(lang, self.policy, decision) {
                        dt { (name) } dd { @for value in values { span .line { (value) } } }
                    }
                    @if let Some(valid) = &decision.valid {
                        dt { (texts::VALID.tell(lang)) }
                        dd {
                            span .line { (texts::FROM_TO.with(lang, &[&day(lang, valid.from), &day(lang, valid.to)])) }
                            span .line {
                                @match &decision.next_change {
                                    Some(next) => (texts::NEXT.with(lang, &[&day(lang, next.on), &because(lang, self.policy, &next.because)])),
                                    None => (texts::UNCHANGED.tell(lang)),
                                }
                            }
                        }
                    }
                    dt { (texts::CONFIDENCE.tell(lang)) } dd { (sentence(confidence(decision.confidence).tell(lang))) }
                }
                (self.why(decision))
            }
        }
    }

    /// The deciding reason in one sentence with its clause; with facts missing, what the answer hangs on. Where two
    /// budgets pay, the second has its own clause.
    fn deciding(&self, decision: &DecisionAnswer) -> Markup {
        let said = |verdict| decision.reasons.iter().find(move |reason| reason.verdict == verdict);
        let payers = decision.benefit["paid_by"].as_array().map_or(0, Vec::len);
        let reasons = [said(Verdict::Applied), said(Verdict::Added).filter(|_| payers > 1)];
        html! {
            @if decision.outcome == Outcome::NeedsInformation {
                p .because { (texts::DEPENDS.tell(self.lang)) }
            } @else {
                @for reason in reasons.into_iter().flatten() {
                    p .because { (self.lang.pick(&reason.text)) " " (self.cites(&reason.cite)) }
                }
            }
        }
    }

    /// A missing fact; a date of which the year is known already is missing its day.
    fn wanted(&self, fact: &MissingFact) -> String {
        let name = self.lang.pick(&fact.label);
        if self.typed.get(&fact.pointer).is_empty() || fact.fact != "born_on" {
            return name.to_owned();
        }
        texts::FULL_DATE.with(self.lang, &[name])
    }

    fn promise(&self, decision: &DecisionAnswer) -> Markup {
        let lang = self.lang;
        html! {
            @if let (Authority::Plan, Some(under_law)) = (decision.authority, &decision.under_law) {
                @let promised = lower(&benefit::headline(lang, decision));
                @let by_law = lower(&benefit::law_headline(lang, &decision.entitlement, under_law));
                p .box.promise { (texts::PLAN_AND_LAW.with(lang, &[&promised, &by_law])) }
            }
        }
    }

    fn missing(&self, decision: &DecisionAnswer) -> Markup {
        html! {
            @if !decision.missing_facts.is_empty() {
                div .box.missing {
                    h5 { (texts::MISSING.tell(self.lang)) }
                    ul {
                        @for fact in &decision.missing_facts {
                            li { a href={ "#" (element(&fact.pointer)) } { (sentence(&self.wanted(fact))) } }
                        }
                    }
                }
            }
        }
    }

    fn review(&self, review: &Review) -> Markup {
        let title = match review.kind.as_str() {
            "amount" => texts::REVIEW_AMOUNT,
            "source_amended" => texts::REVIEW_AMENDED,
            "effective_date" => texts::REVIEW_DATE,
            "outside_coverage" => texts::REVIEW_COVERAGE,
            _ => texts::REVIEW_LAW,
        };
        html! {
            div .box.review {
                h5 { (title.tell(self.lang)) }
                p { (self.lang.pick(&review.text)) " " (self.cites(&review.cite)) }
            }
        }
    }

    fn why(&self, decision: &DecisionAnswer) -> Markup {
        let (mut shown, mut folded): (Vec<&Reason>, Vec<&Reason>) = decision
            .reasons
            .iter()
            .partition(|reason| matches!(reason.verdict, Verdict::Applied | Verdict::Added));
        if shown.is_empty() {
            std::mem::swap(&mut shown, &mut folded);
        }
        html! {
            @if !shown.is_empty() {
                details .why {
                    summary { (texts::WHY.tell(self.lang)) }
                    (self.reasons(&shown))
                    @if !folded.is_empty() {
                        details .others {
                            summary { (texts::OTHER_RULES.with(self.lang, &[&folded.len().to_string()])) }
                            (self.reasons(&folded))
                        }
                    }
                }
            }
        }
    }

    fn reasons(&self, reasons: &[&Reason]) -> Markup {
        let lang = self.lang;
        html! {
            ul .reasons {
                @for reason in reasons {
                    li class=(verdict(reason.verdict).1) {
                        p .verdict {
                            (verdict(reason.verdict).0.tell(lang)) " "
                            @match reason.authority {
                                Authority::Law => span .mark { (texts::BY_THE_LAW.tell(lang)) },
                                Authority::Plan => span .mark.plan { (texts::BY_THE_PLAN.tell(lang)) },
                            }
                        }
                        p { (lang.pick(&reason.text)) }
                        p .source { (self.cites(&reason.cite)) " · " (confidence(reason.confidence).tell(lang)) }
                    }
                }
            }
        }
    }

    fn cites(&self, cites: &[CiteAnswer]) -> Markup {
        html! {
            @if !cites.is_empty() {
                cite {
                    @for (at, cite) in cites.iter().enumerate() {
                        @if at > 0 { "; " }
                        (place(self.lang, &cite.place)) (self.document(&cite.source))
                    }
                }
            }
        }
    }

    /// The name of an entitlement; its id when the pack has changed meanwhile.
    fn title<'b>(&'b self, entitlement: &'b str) -> &'b str {
        self.policy.decision(entitlement).map_or(entitlement, |(decision, _)| self.lang.pick(&decision.title))
    }

    /// A document as it is cited; its id when the pack has changed meanwhile.
    fn document(&self, source: &str) -> String {
        let pack = &self.policy.pack;
        let known = pack.sources.iter().find(|known| known.id == source);
        known.map_or_else(|| source.to_owned(), |known| self.lang.pick(&pack.cited_as(known)).to_owned())
    }
}

/// What ends an answer, in words.
pub(crate) fn because(lang: Lang, policy: &Policy, because: &Because) -> String {
    let by = match because.kind.as_str() {
        "birthday" => texts::BY_BIRTHDAY,
        "months" => texts::BY_MONTHS,
        "list" => texts::BY_LIST,
        "calendar_year" => texts::BY_YEAR,
        "death" => texts::BY_DEATH,
        "parameter" => texts::BY_PARAMETER,
        _ => texts::BY_RULE,
    };
    let named = policy.pack.parameters.iter().find(|parameter| parameter.id == because.id);
    by.with(lang, &[named.map_or(texts::BY_RULE.tell(lang), |parameter| lang.pick(&parameter.label))])
}

/// `Đ12.4.a` of the pack, with a blank behind it.
fn place(lang: Lang, place: &str) -> String {
    match (place, lang) {
        ("", _) => String::new(),
        (place, Lang::Vi) => match place.strip_prefix('Đ') {
            Some(rest) => format!("Điều {rest} "),
            None => format!("{place} "),
        },
        (place, Lang::En) => match place.strip_prefix('Đ') {
            Some(rest) => format!("Article {rest} of "),
            None => format!("{place} of "),
        },
    }
}

/// A headline inside a sentence.
pub(crate) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn verdict(verdict: Verdict) -> (Say, &'static str) {
    match verdict {
        Verdict::Applied => (texts::APPLIED, "applied"),
        Verdict::Added => (texts::ADDED, "added"),
        Verdict::Beaten => (texts::BEATEN, "beaten"),
        Verdict::NotMet => (texts::NOT_MET, "not-met"),
        Verdict::NotInForce => (texts::NOT_IN_FORCE, "not-in-force"),
        Verdict::NeedsFacts => (texts::NEEDS_FACTS, "needs-facts"),
    }
}

/// How well the texts behind an answer were verified.
pub(crate) fn confidence(confidence: Confidence) -> Say {
    match confidence {
        Confidence::Seen => texts::SEEN,
        Confidence::Secondary => texts::SECONDARY,
        Confidence::Inferred => texts::INFERRED,
        Confidence::Unverified => texts::UNVERIFIED,
    }
}
