//! The answer of one decision for one person on one day, before it is put into words.

use chrono::NaiveDate;

use super::{
    asked::{Asked, Exact},
    benefit::Benefit,
    fields::{Fields, Workings},
    prepare::Prepared,
    said::{Said, Support},
    standing::Standing,
    told::Output,
};
use crate::{
    facts::{FactId, Value, named},
    policy::{
        atoms::Answers,
        field_table::FieldTable,
        model::{Hit, RuleIdx},
        program::Table,
        ruleset::{ENTITLED, NOT_ENTITLED, REVIEW},
    },
};

/// The four outcomes.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
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

/// How a rule took part.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
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

impl Verdict {
    /// As told in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Added => "added",
            Self::Beaten => "beaten",
            Self::NotMet => "not_met",
            Self::NotInForce => "not_in_force",
            Self::NeedsFacts => "needs_facts",
        }
    }
}

/// An answer with everything that explains it.
#[derive(Debug)]
pub struct Answer<'p> {
    /// The outcome.
    pub outcome: Outcome,
    /// The place of the stretch of law that the day lies in.
    pub stretch: usize,
    /// Its rules.
    pub table: &'p Table,
    /// Its fields.
    pub field_table: &'p FieldTable,
    /// What the rules say.
    pub said: Said<'p>,
    /// The benefit's fields.
    pub fields: Fields<'p>,
    read: Option<FieldAnswers>,
    /// The papers hold no more of the birth date, and the outcome hangs on it.
    pub papers_hold_no_more: bool,
    /// The person had died before the day.
    pub died: bool,
}

impl<'p> Answer<'p> {
    /// Answers for the day on which the person stands; `None` outside the decision's coverage. With `missing`, the facts
    /// that could turn the outcome are put there.
    pub fn of(
        asked: &Asked<'p>,
        standing: &mut Standing,
        exact: &mut Exact,
        missing: Option<&mut Vec<FactId>>,
    ) -> Option<Self> {
        let day = standing.day();
        let stretch = asked.law.on(day)?;
        let law = &asked.law.stretches[stretch];
        let (table, field_table) = (law.table(asked.authority).as_ref(), law.fields.as_ref());
        let said = Said::of(asked, table, standing, exact, None)?;
        let fields = Workings { asked, table, fields: field_table, standing, exact }.fields(&said);
        let mut outcome = if said.outcomes == 1 << NOT_ENTITLED {
            Outcome::NotEntitled
        } else if said.outcomes == 1 << ENTITLED {
            Outcome::Entitled
        } else if said.outcomes == 1 << REVIEW {
            Outcome::NeedsReview
        } else {
            Outcome::NeedsInformation
        };
        let mut papers_hold_no_more = false;
        let mut found = Vec::new();
        let final_birth = final_birth_date(&standing.prepared);
        if outcome == Outcome::NeedsInformation && (missing.is_some() || final_birth) {
            let known = exact.of(asked, table, standing);
            found = table.rules.missing(asked.decision, &known.allowed, known.sound);
            found.sort_unstable();
            if final_birth {
                found.retain(|fact| *fact != named().born_on);
                if found.is_empty() {
                    outcome = Outcome::NeedsReview;
                    papers_hold_no_more = true;
                }
            }
        }
        let (died, perhaps_died) = died_before(&standing.prepared, day);
        if perhaps_died && outcome != Outcome::NotEntitled {
            outcome = Outcome::NeedsInformation;
            found.push(named().died_on);
        }
        if died {
            outcome = Outcome::NotEntitled;
            found.clear();
        }
        if let Some(missing) = missing {
            *missing = found;
        }
        let read = FieldAnswers::of(field_table, standing);
        Some(Self { outcome, stretch, table, field_table, said, fields, read, papers_hold_no_more, died })
    }

    /// Whether outcome and benefit are told alike on the day on which the person stands now. Stops at the first difference,
    /// and works out no field where neither its law nor what it reads has changed.
    pub fn still(&self, asked: &Asked<'p>, standing: &mut Standing, exact: &mut Exact) -> bool {
        // Papers that hold no more and death have their own say in the outcome.
        let alive = standing.prepared.profile.get(named().died_on).is_none_or(|on| *on == Value::NoDate);
        if !alive || self.died || self.papers_hold_no_more || final_birth_date(&standing.prepared) {
            return Self::of(asked, standing, exact, None).is_some_and(|there| there.same(self));
        }
        let Some(stretch) = asked.law.on(standing.day()) else { return false };
        let law = &asked.law.stretches[stretch];
        let (table, field_table) = (law.table(asked.authority).as_ref(), law.fields.as_ref());
        let Some(said) = Said::of(asked, table, standing, exact, Some(self.said.outcomes)) else {
            return false;
        };
        if said.plainly_differs(&self.said, field_table) {
            return false;
        }
        // Places of open clauses are those of one table.
        let opens =
            std::ptr::eq(table, self.table) || said.opens_yes.is_empty() && self.said.opens_yes.is_empty();
        if opens
            && std::ptr::eq(field_table, self.field_table)
            && !field_table.year_ends
            && said.same(&self.said, asked.decision.outputs.len())
            && self.read.is_some()
            && self.read == FieldAnswers::of(field_table, standing)
        {
            return true;
        }
        let fields = Workings { asked, table, fields: field_table, standing, exact }.fields(&said);
        Benefit { table: field_table, fields: &fields, said: &said }.same(&self.benefit())
    }

    /// The benefit, to be compared or written.
    pub fn benefit(&self) -> Benefit<'_, 'p> {
        Benefit { table: self.field_table, fields: &self.fields, said: &self.said }
    }

    /// Whether outcome and benefit are told alike.
    pub fn same(&self, other: &Self) -> bool {
        self.outcome == other.outcome
            && self.died == other.died
            && (self.died || self.benefit().same(&other.benefit()))
    }

    /// Rules that decided, and rules that added. With facts missing: those that are certain to take part.
    pub fn deciding(&self, asked: &Asked<'p>, applied: &mut Vec<RuleIdx>, added: &mut Vec<RuleIdx>) {
        applied.clear();
        added.clear();
        let (table, said) = (self.table, &self.said);
        let rule = |active: usize| table.rules.active[active].rule;
        let decided = matches!(self.outcome, Outcome::Entitled | Outcome::NotEntitled);
        let note = |list: &mut Vec<RuleIdx>, rule: RuleIdx| {
            if !list.contains(&rule) {
                list.push(rule);
            }
        };
        if let Some(support) = &said.support {
            // All completions may agree on what is paid without agreeing on the rule that says so.
            if table.active(support.base).is_some_and(|active| said.yes.has(active)) {
                note(applied, support.base);
            }
            support
                .added
                .iter()
                .filter(|active| said.yes.has(*active))
                .for_each(|active| note(added, rule(active)));
        }
        for (at, output) in asked.decision.outputs.iter().enumerate() {
            let first = match table.first(at, said.yes, said.unknown) {
                Some(link) => link,
                // An earlier rule is unknown: what is settled all the same may be settled through one that holds.
                None if output.hit == Hit::Priority && decided => {
                    table.first_certain(at, said.yes).filter(|link| self.says(at, *link))
                }
                None => None,
            };
            let Some(link) = first else { continue };
            let rule = rule(table.link(at, link).0);
            match output.hit {
                Hit::Priority => note(applied, rule),
                Hit::TierMaxThenAdd => {}
                Hit::Max | Hit::ArgMax(_) | Hit::Any => note(added, rule),
            }
        }
        let certain =
            |support: &Support<'_>| table.active(support.base).is_some_and(|active| said.yes.has(active));
        if !said.support.as_ref().is_some_and(certain)
            && decided
            && let Some(at) =
                asked.decision.outputs.iter().position(|output| output.hit == Hit::TierMaxThenAdd)
            && let Some(link) = table.first_certain(at, said.yes).filter(|link| self.says(at, *link))
        {
            note(applied, rule(table.link(at, link).0));
        }
        // A group may come first although another rule of the tier gives the higher support: the group's rule counts as
        // applied, too. What applies does not also add.
        added.retain(|rule| !applied.contains(rule));
    }

    /// Whether a link of an output's chain gives what is settled of the output.
    fn says(&self, output: usize, link: usize) -> bool {
        self.said.outputs[output] == Output::Value((&self.table.link(output, link).1).into())
    }
}

/// What is known of the facts that fields read.
#[derive(Debug, Clone, Copy, PartialEq)]
struct FieldAnswers([Answers; Self::MOST]);

impl FieldAnswers {
    const MOST: usize = 16;

    /// `None` when there are too many to keep.
    fn of(fields: &FieldTable, standing: &Standing) -> Option<Self> {
        if fields.slots.len() > Self::MOST {
            return None;
        }
        let mut read = [Answers::default(); Self::MOST];
        for (read, slot) in read.iter_mut().zip(&fields.slots) {
            *read = standing.answers()[usize::from(*slot)];
        }
        Some(Self(read))
    }
}

fn final_birth_date(prepared: &Prepared) -> bool {
    let get = |fact| prepared.profile.get(fact);
    get(named().born_on_final) == Some(&Value::Bool(true))
        && matches!(get(named().born_on), Some(Value::Date(date)) if date.exact().is_none())
}

/// Death ends every entitlement from the next day on: for certain, and perhaps where the date is known in part.
fn died_before(prepared: &Prepared, day: NaiveDate) -> (bool, bool) {
    match prepared.profile.get(named().died_on) {
        Some(Value::Date(date)) => (date.latest() < day, date.earliest() < day && day <= date.latest()),
        _ => (false, false),
    }
}
