//! `an-sinh policy coverage`: what of the law a pack holds, how well it was verified and what is open. `docs/law-coverage.md` is this page.

use std::{
    collections::BTreeSet,
    fmt::{self, Write},
};

use chrono::NaiveDate;

use crate::{
    facts::Text,
    policy::{
        Authority, Confidence, Days, Decision, Pack, Policy,
        model::{Cite, FieldValue, ParameterAmount, ParameterIdx, Rule},
        raw::Side,
        reads,
    },
};

/// From the best to the weakest.
const CONFIDENCE: [Confidence; 4] =
    [Confidence::Seen, Confidence::Secondary, Confidence::Inferred, Confidence::Unverified];

/// The page, as Markdown.
///
/// # Errors
/// None in practice: only if a text could not be written into memory.
pub fn page(policy: &Policy) -> Result<String, fmt::Error> {
    let pack = &policy.pack;
    let mut out = String::new();
    writeln!(out, "# What of the law is covered\n")?;
    writeln!(
        out,
        "Written by `an-sinh policy coverage` from the pack {} {}; `scripts/update-contract` renews it. Not edited by hand.\n",
        policy.id(),
        policy.version()
    )?;
    writeln!(
        out,
        "A text is `seen` when the legal text was read, `secondary` when an agency or the press restates it, `inferred` when it follows from such texts, `unverified` when it comes from memory.\n"
    )?;
    for decision in &pack.decisions {
        Chapter::of(pack, decision).write(&mut out)?;
    }
    Ok(out)
}

/// One entitlement.
struct Chapter<'p> {
    pack: &'p Pack,
    decision: &'p Decision,
    /// Parameters that it reads, in pack order.
    parameters: BTreeSet<ParameterIdx>,
}

impl<'p> Chapter<'p> {
    fn of(pack: &'p Pack, decision: &'p Decision) -> Self {
        let mut parameters = Vec::new();
        let mut categories = Vec::new();
        for rule in &decision.rules {
            parameters.extend(reads::parameters_of(pack, rule));
        }
        for open in &decision.opens {
            reads::read_by(pack, open.when, &mut parameters, &mut categories);
        }
        for case in &decision.field_cases {
            parameters.extend(&case.parameters);
            if let Some(when) = case.when {
                reads::read_by(pack, when, &mut parameters, &mut categories);
            }
        }
        Self { pack, decision, parameters: parameters.into_iter().collect() }
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let decision = self.decision;
        writeln!(out, "## {} (`{}`)\n\n{}\n", decision.title.en, decision.id, decision.title.vi)?;
        let plan = decision.rules.iter().filter(|rule| rule.authority == Authority::Plan).count();
        let adding = decision.rules.iter().filter(|rule| rule.adds_to.is_some()).count();
        writeln!(
            out,
            "Days {}. {} rules with the closing answer: {} by law, {plan} by plan; {adding} of them add to others. {} categories, {} parameters, {} cases of {} fields, {} open points, {} tests.\n",
            days(decision.covers),
            decision.rules.len(),
            decision.rules.len() - plan,
            decision.categories.len(),
            self.parameters.len(),
            decision.field_cases.len(),
            decision.fields.len(),
            decision.opens.len() + self.open_fields().count(),
            decision.tests.len()
        )?;
        self.shares(out)?;
        self.open_points(out)?;
        self.unknown(out)?;
        self.amended(out)?;
        self.rules(out)
    }

    /// How much rests on what.
    fn shares(&self, out: &mut String) -> fmt::Result {
        let rules: Vec<_> = self.decision.rules.iter().map(|rule| rule.confidence).collect();
        let values: Vec<_> = self.values().map(|(_, value)| value.confidence).collect();
        // A rule that was changed often counts once a version; a rule in force for years weighs more than one of a month.
        let length = |rule: &Rule| (rule.valid.to - rule.valid.from).num_days() + 1;
        let all_days: i64 = self.decision.rules.iter().map(length).sum();
        writeln!(
            out,
            "### Share by confidence\n\n| | rules | weighed by their days | values of parameters |\n|---|---|---|---|"
        )?;
        for confidence in CONFIDENCE {
            let share = |of: &[Confidence]| {
                let count = of.iter().filter(|one| **one == confidence).count();
                format!("{count} ({} %)", percent(count as i64, of.len() as i64))
            };
            let of_days: i64 =
                self.decision.rules.iter().filter(|rule| rule.confidence == confidence).map(length).sum();
            writeln!(
                out,
                "| {} | {} | {} % | {} |",
                confidence.as_str(),
                share(&rules),
                percent(of_days, all_days),
                share(&values)
            )?;
        }
        writeln!(out)
    }

    fn values(&self) -> impl Iterator<Item = (&'p str, &'p crate::policy::model::ParameterValue)> {
        self.parameters.iter().flat_map(|at| {
            let parameter = self.pack.parameter(*at);
            parameter.values.iter().map(|value| (parameter.id.as_str(), value))
        })
    }

    /// Members of the benefit that the law leaves open, each text once.
    fn open_fields(&self) -> impl Iterator<Item = (&'p str, &'p Text)> {
        let mut told = BTreeSet::new();
        self.decision.field_cases.iter().filter_map(move |case| match &case.value {
            FieldValue::Open(text) if told.insert((&case.id, &text.vi)) => Some((case.id.as_str(), text)),
            _ => None,
        })
    }

    fn open_points(&self, out: &mut String) -> fmt::Result {
        writeln!(
            out,
            "### Open points\n\n| point | days | puts in doubt | what is open |\n|---|---|---|---|"
        )?;
        for open in &self.decision.opens {
            let doubt = match (open.outcome, open.side) {
                (true, Side::Grant) => "a no".to_owned(),
                (true, Side::Deny) => "a yes".to_owned(),
                (true, Side::Either) => "the outcome".to_owned(),
                (false, _) => code_list(open.fields.iter().map(String::as_str)),
            };
            writeln!(out, "| `{}` | {} | {doubt} | {} |", open.id, days(open.valid), both(&open.text))?;
        }
        for (id, text) in self.open_fields() {
            writeln!(out, "| `{id}` | {} | `{id}` | {} |", days(self.decision.covers), both(text))?;
        }
        writeln!(out)
    }

    /// What is announced but not published, and days on which sources differ.
    fn unknown(&self, out: &mut String) -> fmt::Result {
        let mut lines = String::new();
        for (id, value) in self.values() {
            if value.amount == ParameterAmount::Unknown {
                writeln!(lines, "- `{id}`, {}: not published.", days(value.days))?;
            }
            if let Some(other) = value.alternative_from {
                writeln!(lines, "- `{id}`, value from {}: other sources say from {other}.", value.days.from)?;
            }
        }
        section(out, "Parameters not known or disputed", &lines)
    }

    /// Cited documents that others amend.
    fn amended(&self, out: &mut String) -> fmt::Result {
        let mut cited = BTreeSet::new();
        let decision = self.decision;
        let cites = decision.rules.iter().flat_map(|rule| &rule.cites);
        let cites = cites.chain(decision.opens.iter().flat_map(|open| &open.cites));
        let cites = cites.chain(decision.field_cases.iter().flat_map(|case| &case.cites));
        let versions = decision.categories.iter().flat_map(|at| &self.pack.category(*at).versions);
        let cites = cites.chain(versions.flat_map(|version| &version.cites));
        cited.extend(cites.map(|cite| cite.source));
        cited.extend(self.values().flat_map(|(_, value)| &value.cites).map(|cite| cite.source));
        let mut lines = String::new();
        for source in cited.iter().map(|at| self.pack.source(*at)) {
            for amendment in &source.amended_by {
                let by = &self.pack.source(amendment.source).number;
                let read = if amendment.read { "read and carried in" } else { "**not read yet**" };
                writeln!(lines, "- {} by {by} from {}: {read}.", source.number, amendment.from)?;
            }
        }
        section(out, "Amended documents", &lines)
    }

    fn rules(&self, out: &mut String) -> fmt::Result {
        writeln!(
            out,
            "### Rules\n\n| rule | tier | days | by | confidence | where it stands |\n|---|---|---|---|---|---|"
        )?;
        for rule in &self.decision.rules {
            let tier = match &rule.adds_to {
                None => self.decision.tiers.get(rule.tier).cloned().unwrap_or_default(),
                Some(to) => {
                    let rules = to.rules.iter().map(|at| self.decision.rule(*at).id.as_str());
                    let tiers = to.tiers.iter().filter_map(|at| self.decision.tiers.get(*at));
                    format!("adds to {}", code_list(rules.chain(tiers.map(String::as_str))))
                }
            };
            let by = if rule.authority == Authority::Plan { "plan" } else { "law" };
            writeln!(
                out,
                "| `{}` | {tier} | {} | {by} | {} | {} |",
                rule.id,
                days(rule.valid),
                rule.confidence.as_str(),
                self.cites(&rule.cites)
            )?;
        }
        writeln!(out)
    }

    fn cites(&self, cites: &[Cite]) -> String {
        let told = cites.iter().map(|cite| {
            let number = &self.pack.source(cite.source).number;
            if cite.place.is_empty() { number.clone() } else { format!("{number} {}", cite.place) }
        });
        told.collect::<Vec<_>>().join("; ")
    }
}

fn section(out: &mut String, title: &str, lines: &str) -> fmt::Result {
    writeln!(out, "### {title}\n\n{}", if lines.is_empty() { "None.\n" } else { lines })
}

fn days(days: Days) -> String {
    if days.to == NaiveDate::MAX {
        format!("from {}", days.from)
    } else {
        format!("{} to {}", days.from, days.to)
    }
}

fn both(text: &Text) -> String {
    format!("{}<br>{}", text.en, text.vi).replace('|', "\\|")
}

fn code_list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Rounded half up.
fn percent(part: i64, whole: i64) -> i64 {
    if whole == 0 { 0 } else { (part * 200 + whole) / (whole * 2) }
}
