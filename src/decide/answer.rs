//! The answer of one decision for one person on one day, before it is put into words.

use chrono::NaiveDate;

use super::{
    fields::{Field, Fields, View, benefit},
    prepare::{Prepared, prepare},
    request::Person,
};
use crate::{
    facts::{FactId, PartialDate, Value, vocabulary},
    policy::{
        Authority, Decision, Epochs, Pack, RuleSet,
        conditions::{Case, Truth},
        guard::Allowed,
        model::{Hit, RuleIdx},
        ruleset::{ENTITLED, NOT_ENTITLED, REVIEW, Said},
    },
};

/// The four outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The right exists.
    Entitled,
    /// It does not.
    NotEntitled,
    /// An absent fact could turn yes into no or back.
    NeedsInformation,
    /// The law itself is open or unverified at that point; a person decides.
    NeedsReview,
}

impl Outcome {
    /// As told in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entitled => "entitled",
            Self::NotEntitled => "not_entitled",
            Self::NeedsInformation => "needs_information",
            Self::NeedsReview => "needs_review",
        }
    }
}

/// An answer with everything that explains it.
#[derive(Debug)]
pub struct Answer<'p> {
    /// The outcome.
    pub outcome: Outcome,
    /// The rules of the day.
    pub rules: &'p RuleSet,
    /// The facts as used.
    pub prepared: Prepared,
    /// What is known, as the rules see it.
    pub allowed: Allowed,
    /// Completions are pruned by what facts imply.
    pub sound: bool,
    /// What the rules say.
    pub said: Said,
    /// The benefit's fields.
    pub fields: Fields,
    /// The benefit as told.
    pub benefit: serde_json::Value,
    /// What of it is undetermined.
    pub undetermined: Vec<String>,
    /// Facts that could turn the outcome.
    pub missing: Vec<FactId>,
    /// The papers hold no more of the birth date, and the outcome hangs on it.
    pub papers_hold_no_more: bool,
    /// The person had died before the day.
    pub died: bool,
}

/// What is decided for whom, when and by which law.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The pack.
    pub pack: &'a Pack,
    /// The entitlement.
    pub decision: &'a Decision,
    /// Its law over time.
    pub epochs: &'a Epochs,
    /// Law alone, or law and plan.
    pub authority: Authority,
    /// The person.
    pub person: &'a Person,
}

/// Answers a question for a day on which the decision has rules; `None` outside its coverage.
pub fn answer<'a>(question: Question<'a>, day: NaiveDate) -> Option<Answer<'a>> {
    let Question { pack, decision, epochs, authority, person } = question;
    let rules = epochs.on(authority, day)?;
    let prepared = prepare(pack, person, day);
    let case = Case { pack, profile: &prepared.profile, day, outputs: None };
    let allowed = rules.allowed(&case);
    let sound = !prepared.broken && rules.consistent(decision, &allowed);
    let said = rules.say(decision, &allowed, sound);
    let view = View { pack, decision, rules, profile: &prepared.profile, day };
    let fields = view.fields(&said, &allowed, sound);
    let (benefit, undetermined) = benefit(decision, &fields, said.support.as_ref());
    let mut outcome = match said.outcomes.as_slice() {
        [NOT_ENTITLED] => Outcome::NotEntitled,
        [ENTITLED] => Outcome::Entitled,
        [REVIEW] => Outcome::NeedsReview,
        _ => Outcome::NeedsInformation,
    };
    let mut missing = Vec::new();
    let mut papers_hold_no_more = false;
    if outcome == Outcome::NeedsInformation {
        missing = rules.missing(decision, &allowed, sound);
        missing.sort_unstable();
        if final_birth_date(pack, &prepared) {
            missing.retain(|fact| *fact != pack.born_on);
            if missing.is_empty() {
                outcome = Outcome::NeedsReview;
                papers_hold_no_more = true;
            }
        }
    }
    let (died, perhaps_died) = died_before(&prepared, day);
    if perhaps_died && outcome != Outcome::NotEntitled {
        outcome = Outcome::NeedsInformation;
        missing.extend(vocabulary().find("died_on"));
    }
    if died {
        outcome = Outcome::NotEntitled;
        missing.clear();
    }
    Some(Answer {
        outcome,
        rules,
        prepared,
        allowed,
        sound,
        said,
        fields,
        benefit: if died { serde_json::Value::Null } else { benefit },
        undetermined: if died { Vec::new() } else { undetermined },
        missing,
        papers_hold_no_more,
        died,
    })
}

fn final_birth_date(pack: &Pack, prepared: &Prepared) -> bool {
    let partial =
        matches!(prepared.profile.get(pack.born_on), Some(Value::Date(date)) if date.exact().is_none());
    let said = vocabulary().find("born_on_final").and_then(|fact| prepared.profile.get(fact));
    partial && said == Some(&Value::Bool(true))
}

/// Death ends every entitlement from the next day on: for certain, and perhaps where the date is known in part.
fn died_before(prepared: &Prepared, day: NaiveDate) -> (bool, bool) {
    match vocabulary().find("died_on").and_then(|fact| prepared.profile.get(fact)) {
        Some(Value::Date(date)) => (date.latest() < day, date.earliest() < day && day <= date.latest()),
        _ => (false, false),
    }
}

/// How a rule took part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It decided.
    Applied,
    /// It added to what another one decided.
    Added,
    /// It holds, but another one came first.
    Beaten,
    /// Its condition is not met.
    NotMet,
    /// It is not in force on the day.
    NotInForce,
    /// Facts are missing to tell.
    NeedsFacts,
}

impl Answer<'_> {
    /// Rules that decided, and rules that added. With facts missing: those that are certain to take part.
    pub fn deciding(&self, decision: &Decision) -> (Vec<RuleIdx>, Vec<RuleIdx>) {
        let (mut applied, mut added) = (Vec::new(), Vec::new());
        let decided = matches!(self.outcome, Outcome::Entitled | Outcome::NotEntitled);
        let note = |list: &mut Vec<RuleIdx>, rule: RuleIdx| {
            if !list.contains(&rule) {
                list.push(rule);
            }
        };
        if let Some(support) = &self.said.support {
            // All completions may agree on what is paid without agreeing on the rule that says so.
            let certain = |rule: &RuleIdx| self.truth(*rule) == Some(Truth::Yes);
            Some(support.base).filter(certain).into_iter().for_each(|rule| note(&mut applied, rule));
            support.added.iter().copied().filter(certain).for_each(|rule| note(&mut added, rule));
        }
        for (at, output) in decision.outputs.iter().enumerate() {
            let first = match self.rules.first_holding(at, &self.said.truths) {
                Some(link) => link.map(|link| self.rules.active[link.0].rule),
                // An earlier rule is unknown: the answer may still be certain through one that holds.
                None if output.hit == Hit::Priority && decided => {
                    self.rules.first_certain(at, &self.said.truths)
                }
                None => None,
            };
            let Some(rule) = first else { continue };
            match output.hit {
                Hit::Priority => note(&mut applied, rule),
                Hit::TierMaxThenAdd => {}
                Hit::Max | Hit::ArgMax(_) | Hit::Any => note(&mut added, rule),
            }
        }
        if self.said.support.is_none()
            && decided
            && let Some(at) = decision.outputs.iter().position(|output| output.hit == Hit::TierMaxThenAdd)
            && let Some(rule) = self.rules.first_certain(at, &self.said.truths)
        {
            note(&mut applied, rule);
        }
        // A group may come first although another rule of the tier gives the higher support: the group's rule counts as
        // applied, too. What applies does not also add.
        added.retain(|rule| !applied.contains(rule));
        (applied, added)
    }

    /// Truth of a rule of the decision; `None` when it is not in force.
    pub fn truth(&self, rule: RuleIdx) -> Option<Truth> {
        let at = self.rules.active.iter().position(|active| active.rule == rule)?;
        self.said.truths.get(at).copied()
    }

    /// Whether an amount is open.
    pub fn open_amount(&self, decision: &Decision) -> Option<crate::facts::Text> {
        decision.fields.iter().find_map(|name| match self.fields.get(name) {
            Some(Field::Open(text)) => Some(text.clone()),
            _ => None,
        })
    }

    /// The birth date when it is known to the day.
    pub fn born(&self, pack: &Pack) -> Option<PartialDate> {
        match self.prepared.profile.get(pack.born_on) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }
}
