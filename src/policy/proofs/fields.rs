//! Fields of the benefit: every case gives the field to somebody, and nobody who has the right falls past the last case.

use super::{
    Report, Seen,
    rules::{Chains, support_output},
    space::Space,
    worth::{Fields, Worth},
};
use crate::policy::{
    conditions::{Node, NodeIdx, OutputValue, compare_outputs},
    diagram::{NO, Ref, TooLarge, YES},
    ruleset::CannotBuild,
};

/// Truth as a terminal: no, yes, unknown.
const UNKNOWN: u32 = 2;

/// Works out all fields of one set of rules.
pub fn check(
    space: &mut Space<'_>,
    chains: &Chains,
    seen: &mut Seen,
    report: &mut Report<'_>,
) -> Result<(), CannotBuild> {
    let decision = space.decision;
    let mut fields = Fields::default();
    outputs(space, chains, &mut fields)?;
    let mut open: Vec<(&str, Ref)> = Vec::new();
    for at in space.group.opens.clone() {
        let holds = space.condition(decision.opens[at].when)?;
        open.extend(decision.opens[at].fields.iter().map(|name| (name.as_str(), holds)));
    }
    let mut names: Vec<&str> = Vec::new();
    for name in
        decision.field_cases.iter().map(|case| case.id.as_str()).chain(open.iter().map(|(name, _)| *name))
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // What a clause leaves open is so before any field is worked out.
    let opened = |space: &mut Space<'_>, name: &str| -> Result<Ref, TooLarge> {
        open.iter()
            .filter(|(other, _)| *other == name)
            .try_fold(NO, |all, (_, holds)| space.diagrams.or(all, *holds))
    };
    for name in &names {
        let (is_open, before) = (opened(space, name)?, fields.get(name));
        let end = fields.end(Worth::Open);
        let value = space.diagrams.choose(is_open, end, before)?;
        fields.set(name, value);
    }
    for name in names {
        let is_open = opened(space, name)?;
        let mut left = space.diagrams.not(is_open)?;
        let mut value = fields.get(name);
        for (at, case) in decision.field_cases.iter().enumerate().filter(|(_, case)| case.id == name) {
            let Some(shown) = fields.shown(space, case)? else { continue };
            let truth = match case.when {
                Some(when) => truth(space, &mut fields, when)?,
                None => YES,
            };
            seen.cases[at] = seen.cases[at] || space.somebody(&[(left, 1), (truth, 1)]);
            let unknown = fields.end(Worth::Undetermined);
            let (yes, open) = (is(space, truth, 1)?, is(space, truth, UNKNOWN)?);
            let (here, unclear) = (space.diagrams.and(left, yes)?, space.diagrams.and(left, open)?);
            value = space.diagrams.choose(here, shown, value)?;
            value = space.diagrams.choose(unclear, unknown, value)?;
            let no = is(space, truth, 0)?;
            left = space.diagrams.and(left, no)?;
        }
        fields.set(name, value);
        let shown = decision.fields.iter().any(|field| field == name) && decision.output(name).is_none();
        if shown && let Some(witness) = space.witness(&[(left, 1), (chains.entitled, 1)]) {
            let last = decision.field_cases.iter().rfind(|case| case.id == name);
            if let Some(last) = last {
                let message = format!(
                    "somebody who has the right meets no case of “{name}”; write a last case, if only `undetermined = true`"
                );
                report.find(last.place, name, message, Some(witness));
            }
        }
    }
    Ok(())
}

fn is(space: &mut Space<'_>, truth: Ref, wanted: u32) -> Result<Ref, TooLarge> {
    space.diagrams.map(truth, &mut |value| u32::from(value == wanted))
}

/// What the rules say of the outputs.
fn outputs(space: &mut Space<'_>, chains: &Chains, fields: &mut Fields) -> Result<(), TooLarge> {
    let decision = space.decision;
    for (at, output) in decision.outputs.iter().enumerate() {
        let value = if support_output(decision) == Some(at) {
            let totals: Vec<_> = chains.ways.iter().map(|way| chains.sum(space, way).total).collect();
            space.diagrams.map(chains.way, &mut |way| {
                let total = totals.get(way as usize).map(|total| OutputValue::Number(*total));
                fields.place(Worth::Known(total))
            })?
        } else {
            let chain = &chains.all[at];
            space.diagrams.map(chain.decider, &mut |link| {
                let link = (link as usize).checked_sub(1).and_then(|link| chain.links.get(link));
                fields.place(Worth::Known(link.map(|(_, value)| value.clone())))
            })?
        };
        fields.set(&output.name, value);
    }
    Ok(())
}

/// Truth of a field's condition for everybody.
fn truth(space: &mut Space<'_>, fields: &mut Fields, at: NodeIdx) -> Result<Ref, CannotBuild> {
    let pack = space.pack;
    Ok(match pack.conditions.get(at) {
        Node::Not(inner) => {
            let inner = truth(space, fields, *inner)?;
            space.diagrams.map(inner, &mut |value| match value {
                0 => 1,
                1 => 0,
                other => other,
            })?
        }
        Node::All(parts) => parts.iter().try_fold(YES, |all, part| {
            let part = truth(space, fields, *part)?;
            Ok::<_, CannotBuild>(space.diagrams.combine(all, part, &mut |a, b| match (a, b) {
                (0, _) | (_, 0) => 0,
                (1, 1) => 1,
                _ => UNKNOWN,
            })?)
        })?,
        Node::Any(parts) => parts.iter().try_fold(NO, |any, part| {
            let part = truth(space, fields, *part)?;
            Ok::<_, CannotBuild>(space.diagrams.combine(any, part, &mut |a, b| match (a, b) {
                (1, _) | (_, 1) => 1,
                (0, 0) => 0,
                _ => UNKNOWN,
            })?)
        })?,
        Node::Output { name, op, value } => {
            let named = fields.get(name);
            asked(space, fields, named, |got| compare_outputs(got, *op, value))?
        }
        Node::OutputIn { name, words } => {
            let named = fields.get(name);
            asked(
                space,
                fields,
                named,
                |got| matches!(got, OutputValue::Word(word) if words.iter().any(|known| **known == **word)),
            )?
        }
        Node::Always | Node::Test(_) | Node::Category(_) => space.condition(at)?,
    })
}

/// A question about an output or an earlier field.
fn asked(
    space: &mut Space<'_>,
    fields: &Fields,
    named: Ref,
    holds: impl Fn(&OutputValue) -> bool,
) -> Result<Ref, TooLarge> {
    space.diagrams.map(named, &mut |place| match fields.worth(place) {
        Worth::Known(Some(got)) => u32::from(holds(got)),
        Worth::Known(None) | Worth::Omit => 0,
        Worth::Undetermined | Worth::Open => UNKNOWN,
    })
}
