//! What the law of a stretch of days says, written once: texts with blanks for the person's facts only, clauses and
//! parameters as the pieces of JSON that answers are put together from.

use std::{fmt::Write as _, sync::Arc};

use chrono::NaiveDate;
use serde_json::json;

use super::{
    conditions::OutputValue,
    model::{Cite, Decision, Pack, ParameterAmount, ParameterIdx, Piece, Rule, Setting},
    raw::{Authority, Confidence},
    reads::{parameters_of, read_by},
};
use crate::facts::{FactId, Text, Vnd, describe_day, english};

/// A piece of a text, ready for a JSON string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPart {
    /// As it stands, escaped.
    Plain(Box<str>),
    /// Completed years.
    Age,
    /// What is known of the person.
    Fact(FactId),
}

/// A text in both languages, as pieces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// Vietnamese.
    pub vi: Vec<TextPart>,
    /// English.
    pub en: Vec<TextPart>,
}

/// How well a part of the law is known, and what about it a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The weakest mark over the text itself, its sources in force and its parameters.
    pub mark: Confidence,
    /// The review for the first source in force that an unread text amends, as JSON.
    pub amended: Option<Box<str>>,
    /// The first parameter on whose first day sources differ, with its review as JSON.
    pub disputed: Option<(ParameterIdx, Box<str>)>,
}

/// An open clause on the days.
#[derive(Debug)]
pub struct OpenTexts {
    /// How well it is known.
    pub ground: Ground,
    /// The review when it leaves the outcome open, as JSON.
    pub review: Box<str>,
    /// Where it stands, as a JSON list.
    pub cites: Box<str>,
}

/// A rule on the days.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleTexts {
    /// What it says when it holds.
    pub says: Parts,
    /// What it says when it does not, without the full stop, in both languages.
    pub unmet: (Box<str>, Box<str>),
    /// Authority and confidence.
    pub marks: Box<str>,
    /// Places in force: a JSON list, short and with numbers of documents.
    pub cites: (Box<str>, Box<str>),
    /// Parameters with their values: the inside of a JSON list.
    pub parameters: Box<str>,
    /// Days on which it applies, when it does not on these.
    pub days: (Box<str>, Box<str>),
    /// How well it is known.
    pub ground: Ground,
    /// What it reads.
    pub read: Vec<ParameterIdx>,
}

/// Everything a decision can say on days with the same law.
#[derive(Debug)]
pub struct SpanTexts {
    /// By rule.
    pub rules: Vec<Arc<RuleTexts>>,
    /// By open clause.
    pub opens: Vec<OpenTexts>,
    /// By field case: how well it is known.
    pub cases: Vec<Ground>,
    /// Parameters that fields and open clauses read, as JSON: they can change the answer although no rule names them.
    pub also_read: Vec<(ParameterIdx, Box<str>)>,
    /// By category of the decision: its places, short and long.
    pub categories: Vec<(Box<str>, Box<str>)>,
}

impl SpanTexts {
    /// Puts the texts of a day together. `pool` holds what other stretches have said of each rule: most say the same.
    pub fn build(pack: &Pack, decision: &Decision, day: NaiveDate, pool: &mut [Vec<Arc<RuleTexts>>]) -> Self {
        let writer = Writer { pack, decision, day };
        let rules = decision
            .rules
            .iter()
            .zip(pool)
            .map(|(rule, pool)| {
                let texts = writer.rule(rule);
                match pool.iter().find(|known| ***known == texts) {
                    Some(known) => Arc::clone(known),
                    None => {
                        let texts = Arc::new(texts);
                        pool.push(Arc::clone(&texts));
                        texts
                    }
                }
            })
            .collect();
        let opens = decision
            .opens
            .iter()
            .map(|open| {
                let cites = cites_json(pack, &open.cites, day, true);
                OpenTexts {
                    ground: writer.ground(open.confidence, &open.cites, &[]),
                    review: review_json("law_open", &open.text, &cites),
                    cites,
                }
            })
            .collect();
        let cases = decision
            .field_cases
            .iter()
            .map(|case| {
                writer.ground(case.confidence.unwrap_or(Confidence::Seen), &case.cites, &case.parameters)
            })
            .collect();
        let mut also_read: Vec<ParameterIdx> = Vec::new();
        for case in &decision.field_cases {
            also_read.extend(&case.parameters);
            case.when.iter().for_each(|when| read_by(pack, *when, &mut also_read, &mut Vec::new()));
        }
        for open in &decision.opens {
            read_by(pack, open.when, &mut also_read, &mut Vec::new());
        }
        also_read.sort_unstable();
        also_read.dedup();
        let also_read = also_read.into_iter().map(|at| (at, writer.parameters(&[at]))).collect();
        let categories = decision
            .categories
            .iter()
            .map(|at| {
                let cites = pack.category_on(*at, day).map_or(&[][..], |version| &version.cites);
                (cites_json(pack, cites, day, false), cites_json(pack, cites, day, true))
            })
            .collect();
        Self { rules, opens, cases, also_read, categories }
    }
}

struct Writer<'a> {
    pack: &'a Pack,
    decision: &'a Decision,
    day: NaiveDate,
}

impl Writer<'_> {
    fn rule(&self, rule: &Rule) -> RuleTexts {
        let read = parameters_of(self.pack, rule);
        let (from, to) = (describe_day(rule.valid.from), describe_day(rule.valid.to));
        let unmet = |text: &str| escaped(text.trim_end_matches('.'));
        let authority = match rule.authority {
            Authority::Law => "law",
            Authority::Plan => "plan",
        };
        // A rule of other days is told with what it stood on then.
        let cited_on = self.day.min(rule.valid.to).max(rule.valid.from);
        RuleTexts {
            says: Parts {
                vi: self.parts(rule, &rule.text.vi, |vnd| vnd.to_string(), |text| &text.vi),
                en: self.parts(rule, &rule.text.en, english, |text| &text.en),
            },
            unmet: (unmet(&rule.unmet.vi), unmet(&rule.unmet.en)),
            marks: format!(r#""authority":"{authority}","confidence":{}"#, json!(rule.confidence)).into(),
            cites: (
                cites_json(self.pack, &rule.cites, cited_on, false),
                cites_json(self.pack, &rule.cites, cited_on, true),
            ),
            parameters: self.parameters(&read),
            days: (
                escaped(&format!("Quy định này chỉ áp dụng từ {} đến {}.", from.vi, to.vi)),
                escaped(&format!("This rule applies from {} to {} only.", from.en, to.en)),
            ),
            ground: self.ground(rule.confidence, &rule.cites, &read),
            read,
        }
    }

    fn ground(&self, mark: Confidence, cites: &[Cite], parameters: &[ParameterIdx]) -> Ground {
        let mut ground = Ground { mark, amended: None, disputed: None };
        for cite in cites {
            let source = self.pack.source(cite.source);
            if source.in_force(self.day) {
                ground.mark = ground.mark.min(source.confidence);
                if ground.amended.is_none() {
                    ground.amended = self.amended(cite);
                }
            }
        }
        let mut parameters = parameters.to_vec();
        parameters.sort_unstable();
        for at in parameters {
            if let Some(value) = self.pack.parameter_on(at, self.day) {
                ground.mark = ground.mark.min(value.confidence);
            }
            if ground.disputed.is_none() {
                ground.disputed = self.disputed(at).map(|review| (at, review));
            }
        }
        ground
    }

    /// A cited text was amended by one whose content is not known.
    fn amended(&self, cite: &Cite) -> Option<Box<str>> {
        let source = self.pack.source(cite.source);
        let amendment = source.unread_amendment(self.day)?;
        let by = self.pack.source(amendment.source);
        let from = describe_day(amendment.from);
        let (source, by) = (source.name(), by.name());
        let said = Text::new(
            format!(
                "{} đã được {} sửa đổi từ ngày {}; nội dung sửa đổi chưa được rà soát, kết quả tính theo quy định trước khi sửa đổi.",
                source.vi, by.vi, from.vi
            ),
            format!(
                "{} was amended by {} from {}; the amendment has not been read, the outcome follows the rules before it.",
                source.en, by.en, from.en
            ),
        );
        let cites = cites_json(self.pack, std::slice::from_ref(cite), self.day, true);
        Some(review_json("source_amended", &said, &cites))
    }

    /// Sources differ on the first day of a parameter's value.
    fn disputed(&self, at: ParameterIdx) -> Option<Box<str>> {
        let parameter = self.pack.parameter(at);
        let value = parameter.values.iter().find(|value| value.disputed_on(self.day))?;
        let (first, other) = (describe_day(value.days.from), describe_day(value.alternative_from?));
        let said = Text::new(
            format!(
                "Các nguồn ghi ngày áp dụng khác nhau cho {}: {} hoặc {}.",
                parameter.label.vi, first.vi, other.vi
            ),
            format!(
                "Sources differ on the first day of the {}: {} or {}.",
                parameter.label.en, first.en, other.en
            ),
        );
        Some(review_json("effective_date", &said, &cites_json(self.pack, &value.cites, self.day, true)))
    }

    fn parts(
        &self,
        rule: &Rule,
        pieces: &[Piece],
        money: fn(Vnd) -> String,
        pick: fn(&Text) -> &str,
    ) -> Vec<TextPart> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        for piece in pieces {
            let blank = match piece {
                Piece::Literal(text) => {
                    plain.push_str(text);
                    continue;
                }
                Piece::Output(name) => {
                    plain.push_str(&self.setting(rule, name));
                    continue;
                }
                Piece::Parameter(at) => {
                    plain.push_str(&self.parameter(*at, money, pick));
                    continue;
                }
                Piece::Age => TextPart::Age,
                Piece::Fact(fact) => TextPart::Fact(*fact),
            };
            if !plain.is_empty() {
                parts.push(TextPart::Plain(escaped(&plain)));
                plain.clear();
            }
            parts.push(blank);
        }
        if !plain.is_empty() {
            parts.push(TextPart::Plain(escaped(&plain)));
        }
        parts
    }

    fn setting(&self, rule: &Rule, name: &str) -> String {
        let Some(output) = self.decision.output(name) else { return String::new() };
        match rule.then.iter().find(|(at, _)| *at == output).map(|(_, setting)| setting) {
            Some(Setting::Fixed(OutputValue::Number(number))) => number.normalize().to_string(),
            Some(Setting::Fixed(OutputValue::Word(word))) => word.to_string(),
            Some(Setting::Parameter(at)) => self
                .pack
                .number(*at, self.day)
                .map_or_else(|| "?".to_owned(), |number| number.normalize().to_string()),
            _ => String::new(),
        }
    }

    fn parameter(&self, at: ParameterIdx, money: fn(Vnd) -> String, pick: fn(&Text) -> &str) -> String {
        let parameter = self.pack.parameter(at);
        match self.pack.parameter_on(at, self.day).map(|value| &value.amount) {
            Some(ParameterAmount::Number(number)) => match Vnd::round_half_up(*number) {
                Some(vnd) if parameter.unit.starts_with("vnd") => money(vnd),
                _ => number.normalize().to_string(),
            },
            Some(ParameterAmount::MonthDay(month, day)) => format!("{day:02}/{month:02}"),
            Some(ParameterAmount::Day(day)) => pick(&describe_day(*day)).to_owned(),
            Some(ParameterAmount::Unknown) | None => "?".into(),
        }
    }

    fn parameters(&self, parameters: &[ParameterIdx]) -> Box<str> {
        let mut out = String::new();
        for at in parameters {
            let Some(value) = self.pack.parameter_on(*at, self.day) else { continue };
            let told = match &value.amount {
                ParameterAmount::Number(number) => Some(number.normalize().to_string()),
                ParameterAmount::MonthDay(month, day) => Some(format!("{month:02}-{day:02}")),
                ParameterAmount::Day(day) => Some(day.to_string()),
                ParameterAmount::Unknown => None,
            };
            let comma = if out.is_empty() { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                r#"{comma}{{"id":{},"value":{},"from":"{}","cite":{},"confidence":{}}}"#,
                json!(self.pack.parameter(*at).id),
                json!(told),
                value.days.from,
                cites_json(self.pack, &value.cites, self.day, true),
                json!(value.confidence)
            );
        }
        out.into()
    }
}

/// A review as JSON. `cites` is a JSON list.
fn review_json(kind: &str, text: &Text, cites: &str) -> Box<str> {
    format!(
        r#"{{"kind":"{kind}","text":{{"vi":{},"en":{}}},"cite":{cites}}}"#,
        json!(text.vi),
        json!(text.en)
    )
    .into()
}

/// The inside of a JSON string.
pub fn escaped(text: &str) -> Box<str> {
    let quoted = json!(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().into()
}

/// Places of sources in force on a day, as a JSON list; with the documents' numbers when `long`.
pub fn cites_json(pack: &Pack, cites: &[Cite], day: NaiveDate, long: bool) -> Box<str> {
    let mut out = String::from("[");
    for cite in cites {
        let source = pack.source(cite.source);
        if !source.in_force(day) {
            continue;
        }
        let comma = if out.len() > 1 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = if long {
            let cited_as = pack.cited_as(source);
            write!(
                out,
                r#"{comma}{{"source":{},"number":{},"cited_as":{{"vi":{},"en":{}}},"place":{}}}"#,
                json!(source.id),
                json!(source.number),
                json!(cited_as.vi),
                json!(cited_as.en),
                json!(cite.place)
            )
        } else {
            write!(out, r#"{comma}{{"source":{},"place":{}}}"#, json!(source.id), json!(cite.place))
        };
    }
    out.push(']');
    out.into()
}
