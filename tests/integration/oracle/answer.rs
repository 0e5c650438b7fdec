//! From the rules that hold to the outputs and the outcome.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::pack::{Decision, Hit, Open, Pack, Rule, Side};
use super::profile::Value;
use super::truth::{self, Scope};

/// The answer to yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Entitled,
    NotEntitled,
    NeedsReview,
    NeedsInformation,
}

impl Outcome {
    /// Its name in an answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entitled => "entitled",
            Self::NotEntitled => "not_entitled",
            Self::NeedsReview => "needs_review",
            Self::NeedsInformation => "needs_information",
        }
    }
}

/// What is decided for complete facts.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub outcome: Outcome,
    /// Outputs by name; `None` when the law gives no value.
    pub outputs: BTreeMap<String, Option<Value>>,
    /// The rule that gives the headline.
    pub applied: Option<String>,
    /// Rules that added to it.
    pub added: Vec<String>,
    /// Percent by payer.
    pub paid_by: BTreeMap<String, Decimal>,
    /// Outputs and fields that an open clause leaves without a value.
    pub open_fields: Vec<String>,
}

/// One decision on one day, with the rules in force that day.
pub struct Question<'a> {
    pub pack: &'a Pack,
    pub decision: &'a Decision,
    pub on: NaiveDate,
    pub rules: Vec<&'a Rule>,
    pub opens: Vec<&'a Open>,
}

impl<'a> Question<'a> {
    /// Picks the rules in force; those of the plan only when it is asked.
    pub fn new(pack: &'a Pack, decision: &'a Decision, plan: bool, on: NaiveDate) -> Self {
        let in_force = |from: NaiveDate, to: NaiveDate| from <= on && on <= to;
        let rules = decision
            .rules
            .iter()
            .filter(|rule| in_force(rule.from, rule.to) && (plan || !rule.plan))
            .collect();
        let opens = decision.opens.iter().filter(|open| in_force(open.from, open.to)).collect();
        Self { pack, decision, on, rules, opens }
    }

    /// The outcome that the day alone settles.
    pub fn outcome_of_the_day(&self) -> Option<Outcome> {
        if self.decision.introduced.is_some_and(|introduced| self.on < introduced) {
            return Some(Outcome::NotEntitled);
        }
        let covered = self.decision.from <= self.on && self.on <= self.decision.to;
        if covered { None } else { Some(Outcome::NeedsReview) }
    }

    /// Decides, given which rules and which open clauses hold.
    pub fn decide(&self, rule_holds: &[bool], open_holds: &[bool]) -> Answer {
        let held = |(rule, holds): (&&'a Rule, &bool)| holds.then_some(*rule);
        let holding: Vec<&Rule> = self.rules.iter().zip(rule_holds).filter_map(held).collect();
        let (mut adding, mut base) = (Vec::new(), Vec::new());
        for rule in holding {
            if rule.adds() { adding.push(rule) } else { base.push(rule) }
        }
        if base.is_empty() {
            base.extend(&self.decision.otherwise);
        }
        base.sort_by_key(|rule| (rule.tier, rule.rank)); // stable: file order last
        let mut answer = Answer {
            outcome: Outcome::NotEntitled,
            outputs: BTreeMap::new(),
            applied: None,
            added: Vec::new(),
            paid_by: BTreeMap::new(),
            open_fields: Vec::new(),
        };
        for (output, hit) in &self.decision.hit {
            let value = match hit {
                Hit::Priority => {
                    let first = base.iter().find(|rule| rule.then.contains_key(output));
                    if *output == self.decision.headline {
                        answer.applied = first.map(|rule| rule.id.clone());
                    }
                    first.and_then(|rule| self.then(rule, output))
                }
                Hit::TierMaxThenAdd => self.tier_max_then_add(output, &base, &adding, &mut answer),
                Hit::Max => self.highest(output, &base, &adding).and_then(|rule| self.then(rule, output)),
                Hit::Any => {
                    let says_so = |rule: &&Rule| self.then(rule, output) == Some(Value::Bool(true));
                    Some(Value::Bool(base.iter().chain(&adding).any(says_so)))
                }
                Hit::ArgMax(other) => {
                    self.highest(other, &base, &adding).and_then(|rule| self.then(rule, "group"))
                }
            };
            answer.outputs.insert(output.clone(), value);
        }
        self.settle(&mut answer, open_holds);
        answer
    }

    /// Yes or no by the rules, then the open clauses.
    fn settle(&self, answer: &mut Answer, open_holds: &[bool]) {
        let (output, op, limit) = &self.decision.entitled_when;
        let test = super::condition::Expr::Compare(output.clone(), *op, limit.clone());
        let nobody = super::profile::Profile::default();
        let yes = truth::holds(&test, self.pack, self.on, Scope::Benefit(&answer.outputs, &nobody));
        answer.outcome = match yes {
            Some(true) => Outcome::Entitled,
            Some(false) => Outcome::NotEntitled,
            None => Outcome::NeedsReview,
        };
        for (open, holds) in self.opens.iter().zip(open_holds) {
            let matters = match open.side {
                Side::Grant => yes != Some(true),
                Side::Deny => yes != Some(false),
                Side::Either => true,
            };
            if !(*holds && matters) {
                continue;
            }
            for affected in &open.affects {
                if affected == "outcome" {
                    answer.outcome = Outcome::NeedsReview;
                } else {
                    answer.open_fields.push(affected.clone());
                }
            }
        }
    }

    /// The highest value in the first tier that has one, then what is added to the rule that gives it.
    fn tier_max_then_add(
        &self,
        output: &str,
        base: &[&Rule],
        adding: &[&Rule],
        answer: &mut Answer,
    ) -> Option<Value> {
        let setting: Vec<&&Rule> = base.iter().filter(|rule| rule.then.contains_key(output)).collect();
        let tier = setting.first()?.tier;
        let mut chosen: Option<(&Rule, Decimal)> = None;
        for rule in setting.into_iter().filter(|rule| rule.tier == tier) {
            let value = self.number(rule, output)?;
            if chosen.is_none_or(|(_, highest)| value > highest) {
                chosen = Some((rule, value));
            }
        }
        let (chosen, mut total) = chosen?;
        if *output == self.decision.headline {
            answer.applied = Some(chosen.id.clone());
        }
        self.pay(chosen, total, answer);
        for rule in adding {
            let linked = rule.adds_to.contains(&chosen.id) || rule.adds_to_tiers.contains(&chosen.tier);
            if !linked || !rule.then.contains_key(output) {
                continue;
            }
            let mut raised = total + self.number(rule, output)?;
            if rule.then.contains_key("cap_total") {
                raised = raised.min(self.number(rule, "cap_total")?);
            }
            if raised > total {
                answer.added.push(rule.id.clone());
                self.pay(rule, raised - total, answer);
                total = raised;
            }
        }
        Some(Value::Number(total))
    }

    fn pay(&self, rule: &Rule, percent: Decimal, answer: &mut Answer) {
        if let Some(Value::Word(payer)) = self.then(rule, "payer") {
            *answer.paid_by.entry(payer).or_default() += percent;
        }
    }

    /// The rule with the highest value of an output; of equal ones the first by tier and rank.
    fn highest<'r>(&self, output: &str, base: &[&'r Rule], adding: &[&'r Rule]) -> Option<&'r Rule> {
        let mut best: Option<(&Rule, Decimal)> = None;
        for rule in base.iter().chain(adding).filter(|rule| rule.then.contains_key(output)) {
            let value = self.number(rule, output)?;
            if best.is_none_or(|(_, highest)| value > highest) {
                best = Some((rule, value));
            }
        }
        best.map(|(rule, _)| rule)
    }

    fn then(&self, rule: &Rule, output: &str) -> Option<Value> {
        let then = rule.then.get(output)?;
        truth::resolve(&then.value, self.pack, self.on).map(|operand| truth::value_of(&operand))
    }

    fn number(&self, rule: &Rule, output: &str) -> Option<Decimal> {
        match self.then(rule, output)? {
            Value::Number(number) => Some(number),
            other => panic!("{}: {output} is {other:?}", rule.id),
        }
    }
}
