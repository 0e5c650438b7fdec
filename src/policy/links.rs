//! How rules are linked, and the words by which fields and outputs speak of each other.

use super::{
    Finding, SourceText,
    conditions::{Node, NodeIdx, OutputValue},
    model::{Decision, FieldValue, Hit, OutputIdx, Pack, Rule, RuleIdx, Setting},
    syntax::Op,
};

/// Links that lead nowhere or in a circle, words that nothing gives.
pub fn check(pack: &Pack, files: &[SourceText]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for decision in &pack.decisions {
        let mut find = |rule: &Rule, message: String| {
            findings.push(Finding::at(&files[rule.place.file], rule.place.offset, &rule.id, message));
        };
        for (at, rule) in decision.rules() {
            adding(decision, rule, &mut find);
            over(decision, at, rule, &mut find);
        }
        words(pack, decision, files, &mut findings);
    }
    findings
}

fn adding(decision: &Decision, rule: &Rule, find: &mut impl FnMut(&Rule, String)) {
    let Some(adds_to) = &rule.adds_to else { return };
    let sums = |output: OutputIdx| decision.outputs[output.at()].hit == Hit::TierMaxThenAdd;
    if !rule.then.iter().any(|(output, _)| sums(*output)) {
        find(rule, "an adding rule adds to a `tier_max_then_add` output; this one gives none".into());
    }
    if let Some((output, _)) = rule.then.iter().find(|(output, _)| !sums(*output)) {
        let name = &decision.outputs[output.at()].name;
        find(rule, format!("an adding rule only adds; its “{name}” would not be read"));
    }
    for base in adds_to.rules.iter().map(|base| decision.rule(*base)) {
        if base.adds_to.is_some() {
            find(rule, format!("it adds to “{}”, which is an adding rule itself", base.id));
        }
    }
}

fn over(decision: &Decision, at: RuleIdx, rule: &Rule, find: &mut impl FnMut(&Rule, String)) {
    let by_priority = |rule: &Rule, output: OutputIdx| {
        decision.outputs[output.at()].hit == Hit::Priority
            && rule.adds_to.is_none()
            && rule.then.iter().any(|(other, _)| *other == output)
    };
    for beaten in &rule.over {
        let other = decision.rule(*beaten);
        if *beaten == at || circle(decision, at, *beaten) {
            find(rule, format!("`over` leads in a circle through “{}”", other.id));
        } else if !rule
            .then
            .iter()
            .any(|(output, _)| by_priority(rule, *output) && by_priority(other, *output))
        {
            find(rule, format!("it cannot be over “{}”: the two set no `priority` output both", other.id));
        }
    }
}

/// Whether what a rule beats beats in the end that which beats it.
fn circle(decision: &Decision, start: RuleIdx, from: RuleIdx) -> bool {
    let (mut seen, mut left) = (vec![false; decision.rules.len()], vec![from]);
    while let Some(at) = left.pop() {
        if at == start {
            return true;
        }
        if !std::mem::replace(&mut seen[at.at()], true) {
            left.extend(&decision.rule(at).over);
        }
    }
    false
}

/// Every word that is asked of an output or field is one that it can have.
fn words(pack: &Pack, decision: &Decision, files: &[SourceText], findings: &mut Vec<Finding>) {
    let (output, op, asked) = &decision.entitled;
    let closing = decision.rule(decision.otherwise());
    let name = &decision.outputs[output.at()].name;
    if let Some(message) = unheard(decision, name, *op, asked) {
        findings.push(Finding::at(&files[closing.place.file], 0, &decision.id, message));
    }
    for case in &decision.field_cases {
        let mut find = |message: String| {
            findings.push(Finding::at(&files[case.place.file], case.place.offset, &case.id, message));
        };
        case.when.into_iter().for_each(|when| asked_words(pack, decision, when, &mut find));
    }
}

fn asked_words(pack: &Pack, decision: &Decision, at: NodeIdx, find: &mut impl FnMut(String)) {
    match pack.conditions.get(at) {
        Node::Not(inner) => asked_words(pack, decision, *inner, find),
        Node::All(parts) | Node::Any(parts) => {
            parts.iter().for_each(|part| asked_words(pack, decision, *part, find))
        }
        Node::Output { name, op, value } => unheard(decision, name, *op, value).into_iter().for_each(find),
        Node::OutputIn { name, words } => words
            .iter()
            .filter_map(|word| unheard(decision, name, Op::Eq, &OutputValue::word(word)))
            .for_each(find),
        Node::Always | Node::Test(_) | Node::Category(_) => {}
    }
}

/// What is wrong with a question about an output or field, if anything is.
fn unheard(decision: &Decision, name: &str, op: Op, asked: &OutputValue) -> Option<String> {
    let OutputValue::Word(word) = asked else { return None };
    if !matches!(op, Op::Eq | Op::Ne) {
        return Some(format!("“{name}” is asked about the word “{word}”, and words have no order"));
    }
    let mut known: Vec<&str> = Vec::new();
    // The group of the highest is a group.
    let hit = decision.output(name).map(|at| decision.outputs[at.at()].hit);
    let given_as = if matches!(hit, Some(Hit::ArgMax(_))) { "group" } else { name };
    for (output, setting) in decision.rules.iter().flat_map(|rule| &rule.then) {
        if let (true, Setting::Fixed(OutputValue::Word(word))) =
            (decision.outputs[output.at()].name == given_as, setting)
        {
            known.push(word);
        }
    }
    for case in decision.field_cases.iter().filter(|case| case.id == name) {
        match &case.value {
            FieldValue::Fixed(OutputValue::Word(word)) => known.push(word),
            // A text with blanks can come out as any word.
            FieldValue::Text(_) => return None,
            _ => {}
        }
    }
    if known.contains(&word.as_ref()) {
        return None;
    }
    let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
    Some(format!("nothing gives “{name}” the word “{word}”{}", super::names::hint(word, &known)))
}
