//! Reads one file of `entitlements/`.

use rust_decimal::Decimal;
use toml::Spanned;

use super::{
    conditions::{Node, NodeIdx, OutputValue},
    expression,
    load::{Loader, place},
    model::{
        AddsTo, CategoryIdx, Decision, FieldCase, FieldValue, Hit, Open, Output, OutputIdx, PackTest, Piece,
        Place, Rule, Template,
    },
    names::{NOT_PLAIN, hint, index, is_plain},
    raw::{Authority, Days, RawDecision, RawField, RawOpen, RawOtherwise, RawRule, RawTest},
    syntax::{self, Ast, Operand},
};
use crate::facts::Text;

/// The name under which the closing answer stands among the rules.
pub const OTHERWISE: &str = "otherwise";

/// Reads a decision; `None` when its header is unusable. Findings go to the loader.
pub(super) fn read(loader: &mut Loader<'_>, file: usize, raw: RawDecision) -> Option<Decision> {
    let id = raw.decision.get_ref().clone();
    let covers = {
        let within = loader.covers;
        loader.days(file, raw.decision.span().start, Some(raw.covers), within)
    };
    let (outputs, names) = outputs(loader, file, &id, &raw.hit)?;
    let headline = index(&names, raw.headline.get_ref()).map(OutputIdx);
    if headline.is_none() {
        let hint = hint(raw.headline.get_ref(), &names);
        loader.finding(
            file,
            raw.headline.span().start,
            &id,
            format!("no output “{}”{hint}", raw.headline.get_ref()),
        );
    }
    let entitled = entitled(loader, file, &id, &raw.entitled_when, &names);
    let rule_names: Vec<String> = raw
        .rule
        .iter()
        .map(|rule| rule.get_ref().id.get_ref().clone())
        .chain([OTHERWISE.to_owned()])
        .collect();
    let mut reader = Reader { loader, file, covers, tiers: raw.tiers, names, rule_names, outputs };
    let mut rules: Vec<Rule> = raw.rule.into_iter().filter_map(|rule| reader.rule(rule)).collect();
    rules.extend(reader.otherwise(raw.otherwise));
    for (at, rule) in rules.iter().enumerate() {
        if rules[..at].iter().any(|other| other.id == rule.id) {
            reader.loader.finding(file, rule.place.offset, &rule.id, "this rule stands twice");
        }
        if !is_plain(&rule.id) {
            reader.loader.finding(file, rule.place.offset, &rule.id, NOT_PLAIN);
        }
    }
    let field_names: Vec<String> = raw.fields.iter().map(|field| field.get_ref().clone()).collect();
    let mut known: Vec<String> = reader.names.clone();
    let field_cases = raw.field.into_iter().filter_map(|field| reader.field(field, &mut known)).collect();
    for field in &raw.fields {
        let name = field.get_ref();
        if !name.split('.').all(is_plain) {
            reader.loader.finding(file, field.span().start, name, NOT_PLAIN);
        }
        if !known.contains(name) && name != "paid_by" {
            let hint = hint(name, &known);
            reader.loader.finding(
                file,
                field.span().start,
                &id,
                format!("nothing gives the field “{name}”{hint}"),
            );
        }
    }
    known.push("outcome".into());
    known.push("paid_by".into());
    let opens = raw.open.into_iter().filter_map(|open| reader.open(open, &known)).collect();
    let tests = raw.test.into_iter().map(|test| read_test(file, test)).collect();
    let categories = categories(reader.loader, &rules);
    let Reader { tiers, outputs, .. } = reader;
    Some(Decision {
        id,
        title: raw.title.into(),
        covers,
        introduced: raw.introduced.map(|day| day.0),
        headline: headline?,
        entitled: entitled?,
        added_note: raw.added_note.map(Into::into),
        tiers,
        fields: field_names,
        outputs,
        rules,
        opens,
        field_cases,
        tests,
        categories,
    })
}

fn outputs(
    loader: &mut Loader<'_>,
    file: usize,
    id: &str,
    hit: &std::collections::BTreeMap<String, Spanned<String>>,
) -> Option<(Vec<Output>, Vec<String>)> {
    let names: Vec<String> = hit.keys().cloned().collect();
    let mut outputs = Vec::with_capacity(names.len());
    for (name, policy) in hit {
        let read = match policy.get_ref().as_str() {
            "priority" => Some(Hit::Priority),
            "tier_max_then_add" => Some(Hit::TierMaxThenAdd),
            "max" => Some(Hit::Max),
            "any" => Some(Hit::Any),
            other => other
                .strip_prefix("argmax ")
                .and_then(|of| index(&names, of))
                .map(|at| Hit::ArgMax(OutputIdx(at))),
        };
        match read {
            Some(hit) => outputs.push(Output { name: name.clone(), hit }),
            None => {
                let allowed = "priority, tier_max_then_add, max, argmax OUTPUT, any";
                let message = format!("no hit policy “{}”; allowed: {allowed}", policy.get_ref());
                loader.finding(file, policy.span().start, id, message);
                return None;
            }
        }
    }
    let mut sums = hit.iter().filter(|(_, policy)| policy.get_ref() == "tier_max_then_add");
    if let Some((name, policy)) = sums.nth(1) {
        let message = format!("“{name}” is a second `tier_max_then_add` output; a decision has at most one");
        loader.finding(file, policy.span().start, id, message);
    }
    for (name, policy) in hit {
        let highest = policy.get_ref().strip_prefix("argmax ").and_then(|of| index(&names, of));
        if highest.is_some_and(|of| outputs[usize::from(of)].hit != Hit::Max) {
            let message = format!("“{name}” follows the highest of an output, and that one is not `max`");
            loader.finding(file, policy.span().start, id, message);
        }
    }
    Some((outputs, names))
}

fn entitled(
    loader: &mut Loader<'_>,
    file: usize,
    id: &str,
    text: &Spanned<String>,
    names: &[String],
) -> Option<(OutputIdx, syntax::Op, OutputValue)> {
    let read = match syntax::parse(text.get_ref()) {
        Ok(Ast::Compare(name, op, operand)) => index(names, &name.it).and_then(|at| {
            let value = match operand.it {
                Operand::Number(number) => OutputValue::Number(number.into()),
                Operand::Word(word) => OutputValue::word(&word),
                Operand::Bool(value) => OutputValue::Bool(value),
                _ => return None,
            };
            Some((OutputIdx(at), op, value))
        }),
        _ => None,
    };
    if read.is_none() {
        loader.finding(
            file,
            text.span().start + 1,
            id,
            "one output compared with a value is needed, such as “support_percent > 0”",
        );
    }
    read
}

pub(super) struct Reader<'l, 'f> {
    pub(super) loader: &'l mut Loader<'f>,
    pub(super) file: usize,
    pub(super) covers: Days,
    pub(super) tiers: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) rule_names: Vec<String>,
    pub(super) outputs: Vec<Output>,
}

impl Reader<'_, '_> {
    pub(super) fn finding(&mut self, at: usize, subject: &str, message: impl Into<String>) {
        self.loader.finding(self.file, at, subject, message);
    }

    fn rule(&mut self, raw: Spanned<RawRule>) -> Option<Rule> {
        let place = place(self.file, &raw.span());
        let raw = raw.into_inner();
        let id = raw.id.get_ref().clone();
        let adds = !raw.adds_to.is_empty() || !raw.adds_to_tiers.is_empty();
        let then = self.then(&id, raw.then, adds);
        let (tier, rank) = match (&raw.tier, raw.rank, adds) {
            (Some(tier), Some(rank), false) => (self.tier(&id, tier)?, rank),
            (None, None, true) => (usize::MAX, 0),
            _ => {
                self.finding(
                    raw.id.span().start,
                    &id,
                    "a base rule has `tier` and `rank`, an adding one `adds_to` or `adds_to_tiers`",
                );
                return None;
            }
        };
        let adds_to = adds.then(|| AddsTo {
            rules: raw.adds_to.iter().filter_map(|name| self.rule_name(&id, name)).collect(),
            tiers: raw.adds_to_tiers.iter().filter_map(|tier| self.tier(&id, tier)).collect(),
        });
        let over = raw.over.iter().filter_map(|name| self.rule_name(&id, name)).collect();
        let covers = self.covers;
        let valid = self.loader.days(self.file, raw.id.span().start, raw.valid, covers);
        let cites = self.loader.cites(self.file, &id, &raw.cite);
        if cites.is_empty() {
            self.finding(raw.id.span().start, &id, "a rule without a citation");
        }
        let (when, mut parameters) = self.loader.condition(self.file, &id, &raw.when, &[])?;
        let text =
            Template { vi: self.template(&id, &raw.vi, &then), en: self.template(&id, &raw.en, &then) };
        parameters.extend(
            then.parameters.iter().filter(|at| !parameters.contains(at)).copied().collect::<Vec<_>>(),
        );
        Some(Rule {
            id,
            place,
            tier,
            rank,
            adds_to,
            over,
            when,
            then: then.settings,
            payer: then.payer,
            cap_total: then.cap_total.unwrap_or(Decimal::ONE_HUNDRED),
            cites,
            authority: raw.authority,
            confidence: raw.confidence,
            valid,
            text,
            unmet: raw.unmet.into(),
            parameters,
        })
    }

    fn otherwise(&mut self, raw: Spanned<RawOtherwise>) -> Option<Rule> {
        let place = place(self.file, &raw.span());
        let raw = raw.into_inner();
        let then = self.then(OTHERWISE, raw.then, false);
        let cites = self.loader.cites(self.file, OTHERWISE, &raw.cite);
        if cites.is_empty() {
            self.finding(place.offset, OTHERWISE, "the closing answer without a citation");
        }
        let text = Template {
            vi: self.template(OTHERWISE, &raw.vi, &then),
            en: self.template(OTHERWISE, &raw.en, &then),
        };
        Some(Rule {
            id: OTHERWISE.into(),
            place,
            tier: self.tiers.len().saturating_sub(1),
            rank: i64::MAX,
            adds_to: None,
            over: Vec::new(),
            when: self.loader.conditions.add(Node::Always),
            then: then.settings,
            payer: then.payer,
            cap_total: Decimal::ONE_HUNDRED,
            cites,
            authority: Authority::Law,
            confidence: raw.confidence,
            valid: self.covers,
            text,
            unmet: Text::default(),
            parameters: then.parameters,
        })
    }

    fn open(&mut self, raw: Spanned<RawOpen>, known: &[String]) -> Option<Open> {
        let place = place(self.file, &raw.span());
        let raw = raw.into_inner();
        let id = raw.id.get_ref().clone();
        let (when, _) = self.loader.condition(self.file, &id, &raw.when, &[])?;
        let affects = raw.affects.unwrap_or_default();
        for name in &affects {
            if !known.contains(name.get_ref()) {
                let hint = hint(name.get_ref(), known);
                self.finding(
                    name.span().start,
                    &id,
                    format!("no output or field “{}”{hint}", name.get_ref()),
                );
            }
        }
        let affects: Vec<String> = affects.into_iter().map(Spanned::into_inner).collect();
        let covers = self.covers;
        let valid = self.loader.days(self.file, place.offset, raw.valid, covers);
        let cites = self.loader.cites(self.file, &id, &raw.cite);
        if cites.is_empty() {
            self.finding(place.offset, &id, "an open clause without a citation");
        }
        Some(Open {
            id,
            place,
            when,
            side: raw.side,
            outcome: affects.is_empty() || affects.iter().any(|name| name == "outcome"),
            fields: affects.into_iter().filter(|name| name != "outcome").collect(),
            cites,
            authority: raw.authority,
            confidence: raw.confidence,
            valid,
            text: Text { vi: raw.vi, en: raw.en },
        })
    }

    fn field(&mut self, raw: Spanned<RawField>, known: &mut Vec<String>) -> Option<FieldCase> {
        let place = place(self.file, &raw.span());
        let raw = raw.into_inner();
        let id = raw.id.get_ref().clone();
        let when = match &raw.when {
            Some(text) => Some(self.loader.condition(self.file, &id, text, known)?),
            None => None,
        };
        let (when, mut parameters) =
            when.map_or((None, Vec::new()), |(when, parameters)| (Some(when), parameters));
        let mut values: Vec<FieldValue> = Vec::new();
        if let Some(text) = &raw.value {
            match expression::parse(text.get_ref(), known, &self.loader.parameter_names, &mut parameters) {
                Ok(calc) => values.push(FieldValue::Calc(calc)),
                Err(mistake) => self.finding(text.span().start + 1 + mistake.at, &id, mistake.message),
            }
        }
        if let Some(date) = &raw.date {
            match expression::parse_date(date.get_ref(), &self.loader.parameter_names, &mut parameters) {
                Some(date) => values.push(FieldValue::Date(date)),
                None => {
                    let allowed =
                        "born_on, card_end($months, $month_day), end_of_year, YYYY-MM-DD, $parameter";
                    self.finding(
                        date.span().start,
                        &id,
                        format!("no date “{}”; allowed: {allowed}", date.get_ref()),
                    );
                }
            }
        }
        if let Some(text) = &raw.text {
            let known = known.clone();
            let pieces = self.pieces(&id, text, &known);
            if pieces.iter().any(|piece| matches!(piece, Piece::Fact(_) | Piece::Age)) {
                let message = "the text of a field takes outputs, earlier fields and $parameters, no facts";
                self.finding(text.span().start, &id, message);
            }
            values.push(FieldValue::Text(pieces));
        }
        values.extend(raw.list.map(|list| FieldValue::Fixed(OutputValue::List(list.into()))));
        values.extend(raw.word.map(|word| FieldValue::Fixed(OutputValue::word(&word))));
        values.extend(raw.r#bool.map(|value| FieldValue::Fixed(OutputValue::Bool(value))));
        values.extend(raw.open.map(|text| FieldValue::Open(text.into())));
        values.extend(raw.undetermined.then_some(FieldValue::Undetermined));
        values.extend(raw.none.then_some(FieldValue::None));
        values.extend(raw.omit.then_some(FieldValue::Omit));
        if values.len() != 1 {
            self.finding(place.offset, &id, "a field case says one thing: value, date, text, list, word, bool, open, undetermined, none or omit");
        }
        let cites = self.loader.cites(self.file, &id, &raw.cite);
        if !known.contains(&id) {
            known.push(id.clone());
        }
        Some(FieldCase {
            id,
            place,
            when,
            value: values.pop()?,
            cites,
            confidence: raw.confidence,
            parameters,
        })
    }
}

fn read_test(file: usize, raw: Spanned<RawTest>) -> PackTest {
    let place = Place { file, offset: raw.span().start };
    let raw = raw.into_inner();
    PackTest {
        name: raw.name,
        place,
        as_of: raw.as_of.0,
        authority: raw.authority,
        given: serde_json::to_value(&raw.given).unwrap_or_default(),
        want: raw.want,
    }
}

/// The categories that rules read, directly or through others, in pack order.
fn categories(loader: &Loader<'_>, rules: &[Rule]) -> Vec<CategoryIdx> {
    let mut found: Vec<CategoryIdx> = Vec::new();
    for rule in rules {
        collect(&loader.conditions, rule.when, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn collect(conditions: &super::conditions::Conditions, at: NodeIdx, found: &mut Vec<CategoryIdx>) {
    match conditions.get(at) {
        Node::Category(category) => found.push(*category),
        Node::Not(inner) => collect(conditions, *inner, found),
        Node::All(parts) | Node::Any(parts) => {
            parts.iter().for_each(|part| collect(conditions, *part, found))
        }
        _ => {}
    }
}
