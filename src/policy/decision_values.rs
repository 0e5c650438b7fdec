//! The parts of a rule: where it stands, what it sets, the blanks of its texts.

use rust_decimal::Decimal;
use toml::Spanned;

use super::{
    conditions::OutputValue,
    decision_file::Reader,
    model::{Hit, OutputIdx, ParameterIdx, Piece, RuleIdx, Setting},
    names::{hint, index, number},
    raw::{PAYERS, RawOutput},
};
use crate::facts::vocabulary;

/// What `then` says, taken apart.
#[derive(Default)]
pub(super) struct Then {
    pub(super) settings: Vec<(OutputIdx, Setting)>,
    pub(super) payer: Option<String>,
    pub(super) cap_total: Option<Decimal>,
    pub(super) parameters: Vec<ParameterIdx>,
}

impl Reader<'_, '_> {
    pub(super) fn tier(&mut self, id: &str, tier: &Spanned<String>) -> Option<usize> {
        let at = self.tiers.iter().position(|name| name == tier.get_ref());
        if at.is_none() {
            let message = format!("no tier “{}”; allowed: {}", tier.get_ref(), self.tiers.join(", "));
            self.finding(tier.span().start, id, message);
        }
        at
    }

    pub(super) fn rule_name(&mut self, id: &str, name: &Spanned<String>) -> Option<RuleIdx> {
        let at = index(&self.rule_names, name.get_ref());
        if at.is_none() {
            let hint = hint(name.get_ref(), &self.rule_names);
            self.finding(name.span().start, id, format!("no rule “{}”{hint}", name.get_ref()));
        }
        at.map(RuleIdx)
    }

    pub(super) fn then(
        &mut self,
        id: &str,
        raw: std::collections::BTreeMap<String, Spanned<RawOutput>>,
        adds: bool,
    ) -> Then {
        let mut then = Then::default();
        for (name, value) in raw {
            let at = value.span().start;
            let text = match value.get_ref() {
                RawOutput::Text(text) => text.clone(),
                RawOutput::Bool(_) => String::new(),
            };
            match name.as_str() {
                "payer" => {
                    if !PAYERS.contains(&text.as_str()) {
                        self.finding(at, id, format!("no payer “{text}”; allowed: {}", PAYERS.join(", ")));
                    }
                    then.payer = Some(text);
                }
                "group" if !self.loader.category_names.contains(&text) => {
                    let hint = hint(&text, &self.loader.category_names);
                    self.finding(at, id, format!("the group “{text}” is no category{hint}"));
                }
                "cap_total" => match number(&text) {
                    Some(cap) => then.cap_total = Some(cap),
                    None => self.finding(at, id, format!("“{text}” is no number")),
                },
                _ => {
                    let Some(output) = index(&self.names, &name) else {
                        let hint = hint(&name, &self.names);
                        self.finding(at, id, format!("no output “{name}” in [hit]{hint}"));
                        continue;
                    };
                    if let Some(setting) =
                        self.setting(id, at, OutputIdx(output), value.get_ref(), adds, &mut then.parameters)
                    {
                        then.settings.push((OutputIdx(output), setting));
                    }
                }
            }
        }
        then
    }

    fn setting(
        &mut self,
        id: &str,
        at: usize,
        output: OutputIdx,
        raw: &RawOutput,
        adds: bool,
        parameters: &mut Vec<ParameterIdx>,
    ) -> Option<Setting> {
        let hit = self.outputs[output.at()].hit;
        let numeric = matches!(hit, Hit::TierMaxThenAdd | Hit::Max);
        match raw {
            RawOutput::Bool(value) if !numeric => Some(Setting::Fixed(OutputValue::Bool(*value))),
            RawOutput::Bool(_) => {
                self.finding(at, id, "a number is needed here");
                None
            }
            RawOutput::Text(text) => {
                let text = match (text.strip_prefix('+'), adds && hit == Hit::TierMaxThenAdd) {
                    (Some(rest), true) => rest,
                    (None, false) => text,
                    _ => {
                        self.finding(at, id, "an adding rule writes “+…”, a base rule does not");
                        return None;
                    }
                };
                if let Some(name) = text.strip_prefix('$') {
                    let Some(parameter) = index(&self.loader.parameter_names, name).map(ParameterIdx) else {
                        let hint = hint(name, &self.loader.parameter_names);
                        self.finding(at, id, format!("no parameter “{name}”{hint}"));
                        return None;
                    };
                    parameters.push(parameter);
                    return Some(Setting::Parameter(parameter));
                }
                match (numeric, number(text)) {
                    (true, Some(number)) => Some(Setting::Fixed(OutputValue::Number(number))),
                    (true, None) => {
                        self.finding(at, id, format!("“{text}” is no number"));
                        None
                    }
                    (false, Some(number)) if text.bytes().next().is_some_and(|b| b.is_ascii_digit()) => {
                        Some(Setting::Fixed(OutputValue::Number(number)))
                    }
                    (false, _) => Some(Setting::Fixed(OutputValue::word(text))),
                }
            }
        }
    }

    pub(super) fn template(&mut self, id: &str, text: &Spanned<String>, then: &Then) -> Vec<Piece> {
        let known: Vec<String> = then.settings.iter().map(|(at, _)| self.names[at.at()].clone()).collect();
        self.pieces(id, text, &known)
    }

    /// Reads a text with `{blanks}`.
    pub(super) fn pieces(&mut self, id: &str, text: &Spanned<String>, outputs: &[String]) -> Vec<Piece> {
        let (mut pieces, mut rest) = (Vec::new(), text.get_ref().as_str());
        if rest.trim().is_empty() {
            self.finding(text.span().start, id, "an empty text");
        }
        while let Some(open) = rest.find('{') {
            let Some(close) = rest[open..].find('}').map(|at| open + at) else {
                self.finding(text.span().start, id, "“{” without “}”");
                return pieces;
            };
            if open > 0 {
                pieces.push(Piece::Literal(rest[..open].to_owned()));
            }
            let name = &rest[open + 1..close];
            let piece = if name == "age" {
                Some(Piece::Age)
            } else if let Some(parameter) = name.strip_prefix('$') {
                index(&self.loader.parameter_names, parameter).map(|at| Piece::Parameter(ParameterIdx(at)))
            } else if outputs.iter().any(|output| output == name) {
                Some(Piece::Output(name.to_owned()))
            } else {
                vocabulary().find(name).map(Piece::Fact)
            };
            match piece {
                Some(piece) => pieces.push(piece),
                None => {
                    let known =
                        vocabulary().facts().map(|(_, fact)| fact.name()).chain(outputs.iter().cloned());
                    let known: Vec<String> = known
                        .chain(self.loader.parameter_names.iter().map(|name| format!("${name}")))
                        .collect();
                    let hint = hint(name, &known);
                    self.finding(text.span().start, id, format!("the blank {{{name}}} has no value{hint}"));
                }
            }
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        pieces
    }
}
