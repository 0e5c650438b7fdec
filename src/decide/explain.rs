//! Why: every rule's part in the answer, and what the answer rests on.

use super::{
    answer::{Answer, Outcome, Verdict},
    asked::{Asked, Exact},
    standing::Standing,
};
use crate::policy::{
    Authority, Confidence, OTHERWISE,
    clauses::Distance,
    conditions::Truth,
    model::{ParameterIdx, RuleIdx},
    program::Table,
    span_texts::SpanTexts,
};

/// How many near misses a summary shows.
const NEAR_MISSES: usize = 3;

/// A rule's part before it is put into words.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// What it did.
    pub verdict: Verdict,
    /// How far it was from doing more.
    near: Option<Distance>,
    /// The rule.
    pub at: RuleIdx,
}

/// Parts of rules; keeps its memory.
#[derive(Debug, Default)]
pub struct Parts {
    /// Rules that decided.
    pub applied: Vec<RuleIdx>,
    /// Rules that added.
    pub added: Vec<RuleIdx>,
    /// Every rule's part, in the order of verdicts and of the pack within each.
    pub parts: Vec<Part>,
    near: Vec<(bool, Option<Distance>, RuleIdx)>,
}

impl Parts {
    /// Rules that decided, and rules that added.
    pub fn decide<'p>(&mut self, asked: &Asked<'p>, answer: &Answer<'p>) {
        answer.deciding(asked, &mut self.applied, &mut self.added);
    }

    /// Finds every rule's part; `full` leaves none out.
    pub fn find<'p>(&mut self, asked: &Asked<'p>, answer: &Answer<'p>, standing: &Standing, full: bool) {
        let decision = asked.decision;
        let clauses = &asked.policy.program().clauses;
        self.parts.clear();
        for (at, rule) in decision.rules() {
            if asked.authority == Authority::Law && rule.authority == Authority::Plan {
                if full {
                    self.parts.push(Part { verdict: Verdict::NotInForce, near: None, at });
                }
                continue;
            }
            let active = answer.table.active(at);
            let truth = active.map(|active| answer.said.truth(active));
            let verdict = match truth {
                None if full => Verdict::NotInForce,
                None => continue,
                Some(_) if self.applied.contains(&at) => Verdict::Applied,
                Some(_) if self.added.contains(&at) => Verdict::Added,
                Some(_) if rule.id == OTHERWISE && !full => continue,
                Some(Truth::Yes) if !has_base(asked, answer, at) => Verdict::NotMet,
                Some(Truth::Yes) => Verdict::Beaten,
                Some(Truth::No) => Verdict::NotMet,
                Some(Truth::Unknown) => Verdict::NeedsFacts,
            };
            let near = match (verdict, active) {
                _ if full || answer.outcome == Outcome::Entitled && !self.applied.is_empty() => None,
                (Verdict::NotMet | Verdict::NeedsFacts, Some(active))
                    if answer.table.would_entitle(active) && truth != Some(Truth::Yes) =>
                {
                    let distance = clauses.distance(answer.table.when[active], standing.answers());
                    // A rule of which nothing holds is no near miss.
                    Some(distance).filter(|distance| verdict == Verdict::NeedsFacts || distance.hold.0 > 0)
                }
                _ => None,
            };
            self.parts.push(Part { verdict, near, at });
        }
        if !full {
            self.summarise(answer.outcome);
        }
        self.parts.sort_unstable_by_key(|part| (part.verdict, part.at));
    }

    /// The deciding rules and at most three near misses: rules that would give the right, those that facts are still needed
    /// for first, then what fails least. Whoever has the right is told what else holds, not what does not.
    fn summarise(&mut self, outcome: Outcome) {
        self.near.clear();
        self.near.extend(
            self.parts
                .iter()
                .filter(|part| match part.verdict {
                    // Where the right is certain but no rule is, those that may give it are told.
                    Verdict::NeedsFacts => part.near.is_some(),
                    Verdict::NotMet => part.near.is_some() && outcome != Outcome::Entitled,
                    Verdict::Beaten => outcome == Outcome::Entitled,
                    _ => false,
                })
                .map(|part| (part.verdict == Verdict::NotMet, part.near, part.at)),
        );
        self.near.sort_unstable();
        self.near.truncate(NEAR_MISSES);
        let near = &self.near;
        self.parts.retain(|part| {
            matches!(part.verdict, Verdict::Applied | Verdict::Added)
                || near.iter().any(|(.., kept)| *kept == part.at)
        });
    }
}

/// An adding rule has nothing to add to while none of the rules it adds to holds.
fn has_base(asked: &Asked<'_>, answer: &Answer<'_>, at: RuleIdx) -> bool {
    if asked.decision.rule(at).adds_to.is_none() {
        return true;
    }
    let rules = &answer.table.rules;
    let adder = rules.adders().iter().position(|(active, _)| rules.active[*active].rule == at);
    let Some(adder) = adder else { return true };
    let said = &answer.said;
    said.yes.iter().chain(said.unknown.iter()).any(|base| {
        asked.decision.rule(rules.active[base].rule).adds_to.is_none()
            && rules.adds(asked.decision, adder, base)
    })
}

/// What an answer rests on.
#[derive(Debug, Clone, Copy)]
pub struct Rests<'p> {
    /// The weakest mark over rules, their parameters and sources, and the fields' cases.
    pub confidence: Confidence,
    /// A cited text was amended by one that nobody read: the review, as JSON.
    pub amended: Option<&'p str>,
    /// A parameter on whose first day sources differ, and the review.
    pub disputed: Option<(ParameterIdx, &'p str)>,
}

impl<'p> Rests<'p> {
    fn on(&mut self, ground: &'p crate::policy::span_texts::Ground) {
        self.confidence = self.confidence.min(ground.mark);
        self.amended = self.amended.or(ground.amended.as_deref());
        let disputed = ground.disputed.as_ref().map(|(at, review)| (*at, review.as_ref()));
        self.disputed = self.disputed.into_iter().chain(disputed).min_by_key(|(at, _)| *at);
    }

    /// Gathers what an answer rests on. For a no: the closing answer and the conditions nearest to being met.
    pub fn of(
        asked: &Asked<'p>,
        answer: &Answer<'p>,
        texts: &'p SpanTexts,
        parts: &Parts,
        standing: &Standing,
        exact: &mut Exact,
    ) -> Self {
        let mut rests = Self { confidence: Confidence::Seen, amended: None, disputed: None };
        let mut any = false;
        for at in parts.applied.iter().chain(&parts.added) {
            rests.on(&texts.rules[at.at()].ground);
            any = true;
        }
        // Where nothing decides, the rules still in question do.
        if !any || answer.outcome == Outcome::NeedsInformation {
            for active in answer.said.unknown.iter() {
                rests.on(&texts.rules[answer.table.rules.active[active].rule.at()].ground);
            }
        }
        if answer.outcome == Outcome::NotEntitled {
            for part in parts.parts.iter().filter(|part| part.verdict == Verdict::NotMet) {
                rests.on(&texts.rules[part.at.at()].ground);
            }
        }
        if answer.outcome == Outcome::NeedsReview {
            for (at, active) in answer.table.rules.opens.iter().enumerate() {
                if asked.decision.opens[active.open].outcome && can_hold(asked, answer, at, standing, exact) {
                    rests.on(&texts.opens[active.open].ground);
                }
            }
        }
        answer.fields.used.iter().for_each(|case| rests.on(&texts.cases[case]));
        if rests.amended.is_some() {
            rests.confidence = Confidence::Unverified;
        }
        rests
    }
}

/// Whether an open clause in force can hold.
pub fn can_hold(
    asked: &Asked<'_>,
    answer: &Answer<'_>,
    at: usize,
    standing: &Standing,
    exact: &mut Exact,
) -> bool {
    let table: &Table = answer.table;
    if answer.said.opens_yes.has(at) {
        return true;
    }
    answer.said.opens_unknown.has(at) && {
        let known = exact.of(asked, table, standing);
        table.rules.open_can_hold(asked.decision, at, &known.allowed)
    }
}
