//! Appeals: what a citizen says against a decision, until when they may, and what became of it.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::{Clock, DecisionError, day_in_hanoi};
use crate::{
    access::Caller,
    audit::{self, Table},
    facts::{FieldError, Text, Vnd},
    registry::fields::Fields,
    store::{
        AnyConn, AppealId, DecisionId, Reach, StoreError, Vault,
        appeals::{self, Appeal, Ending, Grounds, Outcome},
        decisions::{self, Decision},
        outbox,
    },
};

/// Characters of grounds, at most.
pub const LONGEST_GROUNDS: usize = 4_000;

/// Why no appeal was filed, found or ended.
#[derive(Debug, thiserror::Error)]
pub enum AppealError {
    /// There is no such appeal within the caller's reach.
    #[error("no such appeal")]
    NoSuchAppeal,
    /// It has ended already.
    #[error("the appeal has ended")]
    Closed,
    /// The decision could not be read, or the input does not fit it.
    #[error(transparent)]
    Decision(#[from] DecisionError),
}

impl From<StoreError> for AppealError {
    fn from(error: StoreError) -> Self {
        Self::Decision(error.into())
    }
}

/// An appeal as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAppeal {
    filed_on: NaiveDate,
    grounds: Grounds,
}

impl NewAppeal {
    /// Reads `{ filed_on, grounds, entitlements? }`. Whether they fit the decision is seen in [`file()`].
    ///
    /// # Errors
    /// Every finding at once.
    pub fn parse(body: &Value, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let filed_on = fields.date("filed_on");
        let filed_on = fields.required("filed_on", filed_on);
        if filed_on.is_some_and(|filed_on| filed_on > today) {
            fields.error(
                "filed_on",
                "date_in_future",
                "Ngày nộp đơn khiếu nại không được sau ngày hôm nay.",
                "The day it was filed must not lie after today.",
            );
        }
        let text = prose(&mut fields, "grounds");
        let text = fields.required("grounds", text);
        let entitlements = read_entitlements(&mut fields);
        fields.finish()?;
        match (filed_on, text) {
            (Some(filed_on), Some(text)) => Ok(Self { filed_on, grounds: Grounds { text, entitlements } }),
            // Whatever is missing has been reported above.
            _ => Err(Vec::new()),
        }
    }
}

/// Text of several lines.
fn prose(fields: &mut Fields<'_>, name: &'static str) -> Option<String> {
    let told = fields.raw(name)?;
    let text = told.as_str().map(|text| text.replace("\r\n", "\n").trim().to_owned());
    let fits = |text: &String| {
        !text.is_empty()
            && text.chars().count() <= LONGEST_GROUNDS
            && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
    };
    let text = text.filter(fits);
    if text.is_none() {
        fields.error(
            name,
            "invalid_text",
            format!(
                "Nội dung dài từ 1 đến {} ký tự, được xuống dòng; không dùng ký tự điều khiển khác.",
                Vnd(i64::try_from(LONGEST_GROUNDS).unwrap_or(i64::MAX))
            ),
            format!(
                "A text of 1 to {LONGEST_GROUNDS} characters; of control characters only line ends and tabs."
            ),
        );
    }
    text
}

fn read_entitlements(fields: &mut Fields<'_>) -> Vec<String> {
    let Some(told) = fields.raw("entitlements") else { return Vec::new() };
    let items = told.as_array().filter(|items| !items.is_empty());
    let names: Option<Vec<String>> =
        items.and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    names.unwrap_or_else(|| {
        fields.error(
            "entitlements",
            "invalid_list",
            "Cần danh sách mã quyền lợi, ít nhất một mã.",
            "A list of ids of entitlements, one at least.",
        );
        Vec::new()
    })
}

/// Last day for an appeal: `days` after the day of the decision. The law counts from the day on which the person received
/// it or learned of it, which is never earlier and is not on record.
pub fn last_day(decision: &Decision, days: u32) -> NaiveDate {
    let decided_on = day_in_hanoi(decision.decided_at);
    decided_on.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

/// Keeps an appeal against a decision, with its event and its entry in the audit log. One that comes late is kept too: it
/// is not for a program to turn it away.
///
/// # Errors
/// When the decision is out of reach, or the appeal is older than it or speaks of what it does not.
pub fn file(
    conn: &mut AnyConn,
    vault: &Vault,
    decision: DecisionId,
    new: NewAppeal,
    days: u32,
    caller: &Caller,
    clock: Clock,
) -> Result<Appeal, AppealError> {
    let decision = super::find(conn, vault, decision, &caller.reach())?;
    fits(&decision, &new, clock.today).map_err(DecisionError::Invalid)?;
    let appeal = Appeal {
        id: AppealId::new(),
        decision: decision.id,
        due_on: last_day(&decision, days),
        unit: decision.unit,
        filed_on: new.filed_on,
        grounds: new.grounds,
        recorded_at: clock.now,
        recorded_by: caller.subject.clone(),
        outcome: None,
    };
    appeals::insert(conn, vault, &appeal)?;
    let id = appeal.id.to_string();
    let told = json!({ "unit": appeal.unit, "decision_id": appeal.decision });
    outbox::add(conn, "appeal.filed", &id, &told, clock.now)?;
    let act = audit::Entry { actor: &caller.subject, action: "appeal.filed", subject: &id, receipt: None };
    audit::append(conn, act.touching(&[(Table::Appeals, &id)]), clock.now)?;
    Ok(appeal)
}

fn fits(decision: &Decision, new: &NewAppeal, today: NaiveDate) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    // A clock that was set back since turns nobody away.
    let decided_on = day_in_hanoi(decision.decided_at).min(today);
    if new.filed_on < decided_on {
        errors.push(FieldError {
            pointer: "/filed_on".into(),
            code: "filed_before_decision",
            detail: Text::new(
                "Ngày nộp đơn khiếu nại không được trước ngày ghi nhận quyết định.",
                "It cannot be filed before the day of the decision.",
            ),
        });
    }
    for (index, name) in new.grounds.entitlements.iter().enumerate() {
        if !decision.content.outcomes().any(|(entitlement, _)| entitlement == name) {
            errors.push(FieldError {
                pointer: format!("/entitlements/{index}"),
                code: "not_in_decision",
                detail: Text::new(
                    "Quyết định không xét quyền lợi này.",
                    "The decision does not speak of this entitlement.",
                ),
            });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The appeal of that id within reach.
///
/// # Errors
/// [`AppealError::NoSuchAppeal`], outside reach too.
pub fn find(conn: &mut AnyConn, vault: &Vault, id: AppealId, reach: &Reach) -> Result<Appeal, AppealError> {
    appeals::find(conn, vault, id, reach)?.ok_or(AppealError::NoSuchAppeal)
}

/// Up to `limit` appeals against a decision within reach, in the order they were recorded, those after `after` only.
///
/// # Errors
/// When the decision is out of reach.
pub fn of_decision(
    conn: &mut AnyConn,
    vault: &Vault,
    decision: DecisionId,
    reach: &Reach,
    after: Option<AppealId>,
    limit: i64,
) -> Result<Vec<Appeal>, AppealError> {
    let decision = super::find(conn, vault, decision, reach)?.id;
    Ok(appeals::of_decision(conn, vault, decision, after, limit)?)
}

/// How an appeal ended, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutcome {
    ending: Ending,
    reason: String,
    decision: Option<String>,
}

impl NewOutcome {
    /// Reads `{ outcome, reason, decision_id? }`; the decision with `changed`, and only then.
    ///
    /// # Errors
    /// Every finding at once.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let ending = fields.choice("outcome", &Ending::NAMES);
        let ending = fields.required("outcome", ending).and_then(Ending::parse);
        let reason = prose(&mut fields, "reason");
        let reason = fields.required("reason", reason);
        let decision = fields.text("decision_id", 64);
        match ending {
            Some(Ending::Changed) => drop(fields.required("decision_id", decision.as_deref())),
            Some(_) if decision.is_some() => fields.error(
                "decision_id",
                "not_with_this_outcome",
                "Chỉ nêu quyết định mới khi kết quả là “changed” (thay đổi quyết định).",
                "A new decision is named with the outcome “changed” only.",
            ),
            _ => {}
        }
        fields.finish()?;
        match (ending, reason) {
            (Some(ending), Some(reason)) => Ok(Self { ending, reason, decision }),
            // Whatever is missing has been reported above.
            _ => Err(Vec::new()),
        }
    }
}

/// Keeps the outcome of an appeal just read, with its event and its entry in the audit log.
///
/// # Errors
/// When it has ended already, or the decision that is named did not take the place of the one appealed.
pub fn end(
    conn: &mut AnyConn,
    vault: &Vault,
    appeal: Appeal,
    new: NewOutcome,
    caller: &Caller,
    clock: Clock,
) -> Result<Appeal, AppealError> {
    if appeal.outcome.is_some() {
        return Err(AppealError::Closed);
    }
    let decision = match new.decision.as_deref() {
        Some(named) => Some(successor(conn, appeal.decision, named)?),
        None => None,
    };
    let outcome = Outcome {
        ending: new.ending,
        decision,
        reason: new.reason,
        recorded_at: clock.now,
        recorded_by: caller.subject.clone(),
    };
    appeals::insert_outcome(conn, vault, appeal.id, &outcome)?;
    let id = appeal.id.to_string();
    let told = json!({ "unit": appeal.unit, "decision_id": appeal.decision });
    outbox::add(conn, "appeal.ended", &id, &told, clock.now)?;
    let act = audit::Entry { actor: &caller.subject, action: "appeal.ended", subject: &id, receipt: None };
    audit::append(conn, act.touching(&[(Table::AppealOutcomes, &id)]), clock.now)?;
    Ok(Appeal { outcome: Some(outcome), ..appeal })
}

/// The decision named, if it took the place of `appealed`, at once or by way of others.
fn successor(conn: &mut AnyConn, appealed: DecisionId, named: &str) -> Result<DecisionId, AppealError> {
    let named = DecisionId::parse(named);
    let mut last = appealed;
    // Each is newer than the one before: the way has an end.
    while let Some(next) = decisions::successor(conn, last)? {
        if Some(next) == named {
            return Ok(next);
        }
        last = next;
    }
    let error = FieldError {
        pointer: "/decision_id".into(),
        code: "does_not_supersede",
        detail: Text::new(
            "Quyết định này không thay thế quyết định bị khiếu nại; hãy ghi nhận quyết định mới với “supersedes”.",
            "This decision did not take the place of the one appealed; record one with “supersedes”.",
        ),
    };
    Err(DecisionError::Invalid(vec![error]).into())
}
