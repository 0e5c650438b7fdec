//! Answers, written straight as the JSON of `POST /v1/evaluations`. Nothing is put together in between, and all memory is
//! kept from one request to the next.

use chrono::NaiveDate;

use super::{
    answer::{Answer, Outcome},
    asked::{Asked, Exact},
    assumptions::assumptions,
    explain::{Parts, Rests},
    json::{quoted_day, raw, string, text},
    prepare::Warning,
    quick_read::QuickReader,
    reasons::{self, Reasons},
    request::{Explain, Person, Request},
    review,
    standing::Standing,
    validity::{Outward, Validity},
    wording,
};
use crate::{
    facts::{FactId, Of, UNSTATED, Value, named, vocabulary},
    policy::{
        Authority, Policy,
        conditions::Truth,
        model::{CategoryIdx, RuleIdx},
    },
};

/// The memory of one thread that answers.
#[derive(Debug, Default)]
pub struct Workspace {
    standing: Standing,
    exact: Exact,
    outward: Outward,
    parts: Parts,
    deciding: Vec<RuleIdx>,
    missing: Vec<FactId>,
    assumed: Vec<FactId>,
    categories: Vec<(CategoryIdx, Truth, usize, usize)>,
    reader: QuickReader,
    decisions: Vec<u8>,
    /// Outcomes told, by decision: for the counters.
    pub outcomes: Vec<(usize, Outcome)>,
}

impl Workspace {
    /// Reads a body and writes its answer. `false`: something is wrong with the body, nothing was written, and
    /// [`super::read`] tells what it is.
    pub fn answer_body(&mut self, policy: &Policy, body: &[u8], today: NaiveDate, out: &mut Vec<u8>) -> bool {
        let mut reader = std::mem::take(&mut self.reader);
        let request = reader.read(policy, body, today);
        if let Some(request) = request {
            self.answer(policy, request, out);
        }
        let read = request.is_some();
        self.reader = reader;
        read
    }

    /// Writes the answer to a request.
    pub fn answer(&mut self, policy: &Policy, request: &Request, out: &mut Vec<u8>) {
        self.outcomes.clear();
        raw(out, r#"{"as_of":"#);
        quoted_day(out, request.as_of);
        raw(out, r#","policy":"#);
        raw(out, policy.reference());
        raw(out, r#","people":["#);
        for (at, person) in request.people.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            self.person(policy, request, at, person, out);
        }
        raw(out, r#"],"household":{"decisions":[]}}"#);
    }

    fn person(&mut self, policy: &Policy, request: &Request, at: usize, person: &Person, out: &mut Vec<u8>) {
        let day = request.as_of;
        self.standing.take(policy, person, day, true);
        self.exact.forget();
        self.outward.forget();
        self.assumed.clear();
        let mut decisions = std::mem::take(&mut self.decisions);
        decisions.clear();
        for (place, (decision, epochs)) in policy.decisions().enumerate() {
            if !request.entitlements.contains(&place) {
                continue;
            }
            let law = &policy.program().laws[place];
            let asked = Asked { policy, decision, epochs, law, authority: request.authority };
            if !decisions.is_empty() {
                decisions.push(b',');
            }
            let outcome = self.decision(&asked, request, at, person, &mut decisions);
            self.outcomes.push((place, outcome));
        }
        raw(out, r#"{"id":"#);
        string(out, &person.id);
        raw(out, r#","categories":["#);
        self.categories(policy, request, out);
        raw(out, r#"],"warnings":["#);
        for (i, warning) in self.standing.prepared.warnings.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            write_warning(warning, at, out);
        }
        raw(out, r#"],"assumptions":["#);
        self.assumed.sort_unstable();
        for (i, fact) in self.assumed.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            let def = vocabulary().get(*fact);
            raw(out, r#"{"fact":"#);
            string(out, &def.id);
            raw(out, r#","value":"#);
            let value = self.standing.prepared.profile.get(*fact);
            match value {
                // The only fact whose absence speaks is taken as drawn by whoever qualifies.
                Some(Value::Word(word)) if def.kind.word(UNSTATED) == Some(*word) => raw(out, "\"drawing\""),
                value => wording::value(out, value, &def.kind),
            }
            out.push(b'}');
        }
        raw(out, r#"],"decisions":["#);
        out.extend_from_slice(&decisions);
        raw(out, "]}");
        self.decisions = decisions;
    }

    /// Categories that the asked decisions read and that have rules on the day.
    fn categories(&mut self, policy: &Policy, request: &Request, out: &mut Vec<u8>) {
        let full = request.explain == Explain::Full;
        self.categories.clear();
        for place in &request.entitlements {
            let law = &policy.program().laws[*place];
            let Some(stretch) = law.on(request.as_of) else { continue };
            for (at, (category, when)) in law.stretches[stretch].categories.iter().enumerate() {
                if self.categories.iter().any(|(known, ..)| known == category) {
                    continue;
                }
                let truth = when.map_or(Truth::No, |when| self.standing.truth(policy, when));
                self.categories.push((*category, truth, *place, at));
            }
        }
        self.categories.sort_unstable_by_key(|(category, ..)| *category);
        let mut first = true;
        for (category, truth, place, at) in &self.categories {
            if *truth == Truth::No && !full {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            let law = &policy.program().laws[*place];
            let Some(stretch) = law.on(request.as_of) else { continue };
            let texts = law.texts(&policy.pack, &policy.pack.decisions[*place], stretch);
            let told = policy.pack.category(*category);
            raw(out, r#"{"id":"#);
            string(out, &told.id);
            if full {
                raw(out, r#","label":"#);
                text(out, &told.label);
            }
            raw(out, r#","holds":""#);
            let holds = match truth {
                Truth::Yes => "yes",
                Truth::No => "no",
                Truth::Unknown => "unknown",
            };
            raw(out, holds);
            raw(out, r#"","cite":"#);
            let (short, long) = &texts.categories[*at];
            raw(out, if full { long } else { short });
            out.push(b'}');
        }
    }

    fn decision(
        &mut self,
        asked: &Asked<'_>,
        request: &Request,
        at: usize,
        person: &Person,
        out: &mut Vec<u8>,
    ) -> Outcome {
        let (pack, decision, day) = (asked.pack(), asked.decision, request.as_of);
        let full = request.explain == Explain::Full;
        raw(out, r#"{"entitlement":"#);
        string(out, &decision.id);
        if full {
            raw(out, r#","title":"#);
            text(out, &decision.title);
        }
        if decision.introduced.is_some_and(|introduced| day < introduced) {
            raw(out, WITHOUT_RULES[0]);
            raw(out, "null");
            raw(out, WITHOUT_RULES[1]);
            return Outcome::NotEntitled;
        }
        let answer = Answer::of(asked, &mut self.standing, &mut self.exact, Some(&mut self.missing));
        let Some(here) = answer else {
            raw(out, OUTSIDE);
            review::outside_coverage(decision.covers, out);
            raw(out, WITHOUT_RULES[1]);
            return Outcome::NeedsReview;
        };
        let texts = asked.law.texts(pack, decision, here.stretch);
        let by_law = self.by_law(asked, &here);
        self.parts.decide(asked, &here);
        self.deciding.clear();
        self.deciding.extend(self.parts.applied.iter().chain(&self.parts.added));
        self.parts.find(asked, &here, &self.standing, false);
        let rests = Rests::of(asked, &here, texts, &self.parts, &self.standing, &mut self.exact);
        let validity = self.outward.validity(asked, person, &self.standing, &here, &self.deciding);
        if !here.died {
            assumptions(asked, &mut self.standing, &mut self.exact, &here, &mut self.assumed);
        }
        raw(out, r#","outcome":""#);
        raw(out, here.outcome.as_str());
        raw(out, r#"","benefit":"#);
        if here.died {
            raw(out, r#"null,"undetermined":[]"#);
        } else {
            here.benefit().write(out);
            raw(out, r#","undetermined":"#);
            here.benefit().write_undetermined(out);
        }
        write_validity(&validity, out);
        match &by_law {
            Some(law) if !here.died => {
                raw(out, r#","authority":"plan","under_law":{"outcome":""#);
                raw(out, law.outcome.as_str());
                out.push(b'"');
                let headline = law.field_table.headline;
                let name = &law.field_table.names[headline];
                if !law.died && law.fields.values[headline] != super::told::Field::Omit {
                    out.push(b',');
                    string(out, name);
                    out.push(b':');
                    law.benefit().write_field(name, headline, out);
                }
                out.push(b'}');
            }
            _ => raw(out, r#","authority":"law","under_law":null"#),
        }
        raw(out, r#","confidence":""#);
        raw(out, if here.died { "inferred" } else { rests.confidence.as_str() });
        raw(out, r#"","review":"#);
        review::review(asked, &here, &rests, texts, &self.standing, &mut self.exact, out);
        raw(out, r#","missing_facts":["#);
        for (i, fact) in self.missing.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            write_missing(*fact, at, out);
        }
        raw(out, r#"],"reasons":["#);
        if here.died {
            raw(out, r#"{"rule":"died_on","verdict":"not_met","text":"#);
            raw(out, DIED);
            raw(out, r#","cite":[],"authority":"law","confidence":"inferred""#);
            if full {
                raw(out, r#","facts":["#);
                reasons::write_fact(named().died_on, &self.standing, out);
                raw(out, r#"],"parameters":[]"#);
            }
            out.push(b'}');
        } else if request.explain != Explain::None {
            if full {
                self.parts.find(asked, &here, &self.standing, true);
            }
            let told = Reasons { asked, here: &here, texts, standing: &self.standing, full };
            for (i, part) in self.parts.parts.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                told.write(*part, i == 0, out);
            }
        }
        raw(out, r#"],"would_change_if":[]}"#);
        here.outcome
    }

    /// What law alone says, where a promise of the plan makes it differ.
    fn by_law<'p>(&mut self, asked: &Asked<'p>, here: &Answer<'p>) -> Option<Answer<'p>> {
        if asked.authority == Authority::Law || !here.table.promises(&here.said.yes, &here.said.unknown) {
            return None;
        }
        let by_law = Asked { authority: Authority::Law, ..*asked };
        let law = Answer::of(&by_law, &mut self.standing, &mut self.exact, None)?;
        (!law.same(here)).then_some(law)
    }
}

/// What stands around the review of an answer on a day on which the decision has no rules.
const WITHOUT_RULES: [&str; 2] = [
    r#","outcome":"not_entitled","benefit":null,"undetermined":[],"valid":null,"next_change":null,"authority":"law","under_law":null,"confidence":"unverified","review":"#,
    r#","missing_facts":[],"reasons":[],"would_change_if":[]}"#,
];

const OUTSIDE: &str = r#","outcome":"needs_review","benefit":null,"undetermined":[],"valid":null,"next_change":null,"authority":"law","under_law":null,"confidence":"unverified","review":"#;

const DIED: &str = r#"{"vi":"Người được hưởng đã mất trước ngày được hỏi; quyền lợi chấm dứt kể từ ngày tiếp theo ngày mất.","en":"The person had died before the day asked; the right ended with the next day."}"#;

fn write_validity(validity: &Validity<'_>, out: &mut Vec<u8>) {
    raw(out, r#","valid":{"from":"#);
    quoted_day(out, validity.days.from);
    raw(out, r#","to":"#);
    quoted_day(out, validity.days.to);
    match validity.next {
        None => raw(out, r#"},"next_change":null"#),
        Some((on, kind, id)) => {
            raw(out, r#"},"next_change":{"on":"#);
            quoted_day(out, on);
            raw(out, r#","because":{"kind":""#);
            raw(out, kind);
            raw(out, r#"","id":"#);
            string(out, id);
            raw(out, "}}");
        }
    }
}

/// Writes where a fact belongs in the request.
fn write_pointer(fact: FactId, person: usize, out: &mut Vec<u8>) {
    let def = vocabulary().get(fact);
    match def.of {
        Of::Person => {
            raw(out, "\"/people/");
            super::json::integer(out, i64::try_from(person).unwrap_or(i64::MAX));
        }
        of => {
            raw(out, "\"/");
            raw(out, of.as_str());
        }
    }
    for part in def.id.split('.') {
        out.push(b'/');
        raw(out, part);
    }
    out.push(b'"');
}

fn write_missing(fact: FactId, person: usize, out: &mut Vec<u8>) {
    let def = vocabulary().get(fact);
    raw(out, r#"{"fact":"#);
    string(out, def.question());
    raw(out, r#","of":""#);
    raw(out, def.of.as_str());
    raw(out, r#"","pointer":"#);
    write_pointer(fact, person, out);
    raw(out, r#","label":"#);
    text(out, &def.label);
    out.push(b'}');
}

fn write_warning(warning: &Warning, person: usize, out: &mut Vec<u8>) {
    raw(out, r#"{"code":""#);
    raw(out, warning.code);
    raw(out, r#"","pointers":["#);
    for (at, fact) in warning.facts.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_pointer(*fact, person, out);
    }
    raw(out, r#"],"detail":"#);
    text(out, &warning.detail);
    out.push(b'}');
}
