//! What a person has to look at before relying on an answer.

use super::{
    answer::{Answer, Outcome},
    asked::{Asked, Exact},
    explain::{Rests, can_hold},
    json::{raw, text},
    standing::Standing,
    told::Field,
};
use crate::{
    facts::{Text, describe_day},
    policy::{Days, span_texts::SpanTexts},
};

const BIRTH_DATE: &str = r#"{"kind":"law_open","text":{"vi":"Giấy tờ chỉ ghi năm (tháng) sinh mà kết quả phụ thuộc vào ngày sinh; người có thẩm quyền xem xét.","en":"The papers hold only the year (month) of birth and the answer hangs on the day; the competent body decides."},"cite":[]}"#;

/// Writes the first thing that a person has to look at, or `null`.
pub fn review<'p>(
    asked: &Asked<'p>,
    here: &Answer<'p>,
    rests: &Rests<'p>,
    texts: &SpanTexts,
    standing: &Standing,
    exact: &mut Exact,
    out: &mut Vec<u8>,
) {
    let decision = asked.decision;
    if here.died {
        return raw(out, "null");
    }
    if here.papers_hold_no_more {
        return raw(out, BIRTH_DATE);
    }
    if here.outcome == Outcome::NeedsReview {
        let opens = here.table.rules.opens.iter().enumerate();
        let mut outcome = opens.filter(|(_, active)| decision.opens[active.open].outcome);
        let open = outcome.find(|(at, _)| can_hold(asked, here, *at, standing, exact));
        return raw(out, open.map_or("null", |(_, active)| &texts.opens[active.open].review));
    }
    let open_amount = here.field_table.told.iter().find_map(|at| match here.fields.values[*at] {
        Field::Open(text) => Some(text),
        _ => None,
    });
    if let Some(said) = open_amount {
        raw(out, r#"{"kind":"amount","text":"#);
        text(out, said);
        raw(out, r#","cite":"#);
        raw(out, here.fields.open_clause.map_or("[]", |at| &texts.opens[at].cites));
        return out.push(b'}');
    }
    raw(out, rests.amended.or(rests.disputed.map(|(_, review)| review)).unwrap_or("null"));
}

/// Writes that a decision has not been worked out for a day.
pub fn outside_coverage(covers: Days, out: &mut Vec<u8>) {
    let (from, to) = (describe_day(covers.from), describe_day(covers.to));
    let said = Text::new(
        format!("Quyền lợi này mới chỉ được rà soát cho các ngày từ {} đến hết {}.", from.vi, to.vi),
        format!("This entitlement has been worked out for days from {} to {} only.", from.en, to.en),
    );
    raw(out, r#"{"kind":"outside_coverage","text":"#);
    text(out, &said);
    raw(out, r#","cite":[]}"#);
}
