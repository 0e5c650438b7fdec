//! Reasons, written: each rule's part with what it says, where it stands and, in full, what it read.

use super::{
    answer::{Answer, Verdict},
    asked::Asked,
    explain::Part,
    json::{raw, string},
    standing::Standing,
    wording::{self, Tongue},
};
use crate::{
    facts::{FactId, Of, Value, named, vocabulary},
    policy::{
        Authority,
        conditions::Truth,
        model::RuleIdx,
        span_texts::{RuleTexts, SpanTexts},
    },
};

/// What reasons are told of.
#[derive(Debug, Clone, Copy)]
pub struct Reasons<'a, 'p> {
    /// The entitlement.
    pub asked: &'a Asked<'p>,
    /// Its answer.
    pub here: &'a Answer<'p>,
    /// What its law says.
    pub texts: &'a SpanTexts,
    /// The person.
    pub standing: &'a Standing,
    /// Whether everything is told.
    pub full: bool,
}

impl Reasons<'_, '_> {
    /// Writes a rule's part; the first one of a full explanation also names what no rule names.
    pub fn write(&self, part: Part, first: bool, out: &mut Vec<u8>) {
        let rule = self.asked.decision.rule(part.at);
        let said = &self.texts.rules[part.at.at()];
        raw(out, r#"{"rule":"#);
        string(out, &rule.id);
        raw(out, r#","verdict":""#);
        raw(out, part.verdict.as_str());
        raw(out, r#"","text":{"vi":""#);
        self.words(said, part, Tongue::Vi, out);
        raw(out, r#"","en":""#);
        self.words(said, part, Tongue::En, out);
        raw(out, r#""},"cite":"#);
        raw(out, if self.full { &said.cites.1 } else { &said.cites.0 });
        out.push(b',');
        raw(out, &said.marks);
        if self.full {
            raw(out, r#","facts":["#);
            let mut start = true;
            let active = self.here.table.active(part.at);
            let clause =
                active.map(|active| self.asked.policy.program().clauses.get(self.here.table.when[active]));
            let read = clause.map_or(&[][..], |clause| &clause.facts);
            let also = if first { self.also_read() } else { Vec::new() };
            for fact in read.iter().chain(also.iter().filter(|fact| !read.contains(fact))) {
                if !std::mem::take(&mut start) {
                    out.push(b',');
                }
                write_fact(*fact, self.standing, out);
            }
            raw(out, r#"],"parameters":["#);
            raw(out, &said.parameters);
            if first {
                let mut start = said.parameters.is_empty();
                for (at, json) in &self.texts.also_read {
                    if !said.read.contains(at) && !json.is_empty() {
                        if !std::mem::take(&mut start) {
                            out.push(b',');
                        }
                        raw(out, json);
                    }
                }
            }
            out.push(b']');
        }
        out.push(b'}');
    }

    /// Known facts beside those that rules name which can change the answer: what fields and open clauses read, what other
    /// facts were taken from, and, with facts unknown, what narrows them.
    fn also_read(&self) -> Vec<FactId> {
        let clauses = &self.asked.policy.program().clauses;
        let mut facts = self.asked.law.stretches[self.here.stretch].also_read.clone();
        let origins = named();
        facts.extend([
            origins.unit,
            origins.list_year,
            origins.veteran_kind,
            origins.certificate,
            origins.born_on_final,
            origins.died_on,
        ]);
        if !self.here.said.unknown.is_empty() || !self.here.said.opens_unknown.is_empty() {
            let lines = self.here.table.implied.iter().flat_map(|(when, then)| [*when, *then]);
            facts.extend(lines.flat_map(|clause| &clauses.get(clause).facts));
        }
        facts.sort_unstable();
        facts.dedup();
        facts.retain(|fact| {
            let value = self.standing.prepared.profile.get(*fact);
            !matches!(value, None | Some(Value::NoDate))
        });
        facts
    }

    fn words(&self, said: &RuleTexts, part: Part, tongue: Tongue, out: &mut Vec<u8>) {
        let rule = self.asked.decision.rule(part.at);
        let parts = if tongue == Tongue::Vi { &said.says.vi } else { &said.says.en };
        let says = |out: &mut Vec<u8>| wording::says(out, parts, tongue, self.standing);
        match part.verdict {
            Verdict::Applied => says(out),
            Verdict::Added => {
                says(out);
                // A base rule of another group that gives one output only must not read as if it decided.
                if let Some(note) = self.asked.decision.added_note.as_ref().filter(|_| rule.adds_to.is_none())
                {
                    out.push(b' ');
                    super::json::escape(out, tongue.of(note));
                }
            }
            Verdict::Beaten => {
                says(out);
                raw(
                    out,
                    tongue.pick(
                        " Không áp dụng, vì đã áp dụng căn cứ khác đứng trước.",
                        " Not used: another ground comes first.",
                    ),
                );
            }
            Verdict::NotMet => self.unmet(said, part.at, tongue, out),
            Verdict::NotInForce => {
                if self.asked.authority == Authority::Law && rule.authority == Authority::Plan {
                    raw(
                        out,
                        tongue.pick(
                            "Đây là mục tiêu của Kế hoạch; câu hỏi chỉ xét theo luật hiện hành.",
                            "This is an aim of the plan; only the law in force was asked about.",
                        ),
                    );
                } else {
                    raw(out, tongue.pick(&said.days.0, &said.days.1));
                }
            }
            Verdict::NeedsFacts => {
                raw(
                    out,
                    tongue.pick("Chưa rõ có thuộc diện này hay không: ", "Not known whether this applies: "),
                );
                says(out);
                raw(out, tongue.pick(" Cần thông tin về: ", " To be told: "));
                if let Some(active) = self.here.table.active(part.at) {
                    let clause = self.asked.policy.program().clauses.get(self.here.table.when[active]);
                    wording::still_open(out, &clause.facts, tongue, &self.standing.prepared.profile);
                }
                out.push(b'.');
            }
        }
    }

    /// What the rule asks, with the first condition that fails and the person's actual value.
    fn unmet(&self, said: &RuleTexts, rule: RuleIdx, tongue: Tongue, out: &mut Vec<u8>) {
        let clauses = &self.asked.policy.program().clauses;
        let active = self.here.table.active(rule).filter(|active| self.here.said.truth(*active) == Truth::No);
        let Some(active) = active else {
            // Its own condition holds: there is nothing that it could add to.
            raw(
                out,
                tongue.pick(
                    "Không có phần hỗ trợ nào để cộng thêm theo quy định này.",
                    "There is no support that this rule could add to.",
                ),
            );
            return;
        };
        raw(out, tongue.pick(&said.unmet.0, &said.unmet.1));
        let failing = clauses.first_failing(self.here.table.when[active], self.standing.answers());
        if let Some(literal) = failing {
            let fact = clauses.atoms.slots[usize::from(literal.at.slot)].fact;
            wording::actual(out, fact, tongue, self.standing);
        }
        out.push(b'.');
    }
}

/// Writes a fact with its value.
pub fn write_fact(fact: FactId, standing: &Standing, out: &mut Vec<u8>) {
    let def = vocabulary().get(fact);
    raw(out, r#"{"fact":""#);
    if def.of != Of::Person {
        raw(out, def.of.as_str());
        out.push(b'.');
    }
    raw(out, &def.id);
    raw(out, r#"","value":"#);
    wording::value(out, standing.prepared.profile.get(fact), &def.kind);
    out.push(b'}');
}
