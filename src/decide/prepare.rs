//! Makes the facts of a person ready for one day: rare facts get their default, what facts imply is filled in, what
//! contradicts is noted.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::request::Person;
use crate::{
    facts::{FactId, Kind, Of, Profile, Text, Value, calendar, named, vocabulary},
    policy::{
        Days, Pack, Policy,
        conditions::{Case, EntryTest, Node, NodeIdx, Test, Truth},
    },
};

/// A person's facts on a day.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// With defaults and implied values.
    pub profile: Profile,
    /// Rare facts (†) that were absent and taken at their default.
    pub assumed: Vec<FactId>,
    /// Facts of a trip that nobody asked about: the right itself is asked.
    pub right_itself: bool,
    /// What contradicts.
    pub warnings: Vec<Warning>,
    /// Given facts break what facts imply: completions are not pruned then.
    pub broken: bool,
    /// The days on which the same comes out, warnings aside.
    pub days: Days,
    /// Whether anybody will read the warnings.
    warn: bool,
}

impl Default for Prepared {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            assumed: Vec::new(),
            right_itself: false,
            warnings: Vec::new(),
            broken: false,
            days: Days { from: NaiveDate::MAX, to: NaiveDate::MIN },
            warn: false,
        }
    }
}

/// Something odd about the given facts; the law can still be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Stable code.
    pub code: &'static str,
    /// The facts it is about.
    pub facts: Vec<FactId>,
    /// What is odd.
    pub detail: Text,
}

impl Prepared {
    /// Prepares a person for a day, in place of whoever was prepared before. Without `warn` nobody reads the warnings.
    pub fn prepare(&mut self, policy: &Policy, person: &Person, day: NaiveDate, warn: bool) {
        self.warn = warn;
        self.profile.clone_from(&person.given);
        self.assumed.clear();
        self.warnings.clear();
        self.right_itself = !person.trip_given;
        self.broken = false;
        self.days = Days { from: NaiveDate::MIN, to: NaiveDate::MAX };
        self.claimed_disability();
        self.list_of_another_year(day);
        self.ward();
        if self.right_itself {
            for (fact, value) in &named().plain_trip {
                self.profile.set(*fact, Some(value.clone()));
            }
        }
        if self.profile.get(named().veteran_kind).is_some() && self.profile.get(named().veteran).is_none() {
            // Whoever names the kind of veteran says that the person is one.
            self.profile.set(named().veteran, Some(Value::Bool(true)));
        }
        self.imply(policy, day);
        self.school_mode();
        for (id, default) in vocabulary().defaults() {
            if self.profile.get(*id).is_none() {
                self.profile.set(*id, Some(default.clone()));
                if !(self.right_itself && vocabulary().get(*id).of == Of::Trip) {
                    self.assumed.push(*id);
                }
            }
        }
        if warn {
            self.odd_dates(day);
            odd_number(self);
        }
    }

    fn warn(&mut self, warning: impl FnOnce() -> Warning) {
        if self.warn {
            self.warnings.push(warning());
        }
    }

    /// The same comes out between the days around `day` only.
    fn until(&mut self, turn: NaiveDate, day: NaiveDate) {
        if turn <= day {
            self.days.from = self.days.from.max(turn);
        } else {
            self.days.to = self.days.to.min(turn.pred_opt().unwrap_or(turn));
        }
    }

    /// A severity that is only claimed counts as unknown.
    fn claimed_disability(&mut self) {
        let severity = named().severity;
        let claimed = self.profile.get(named().certificate) == Some(&Value::Bool(false));
        // “None” needs no certificate.
        let stated = matches!(self.profile.get(severity), Some(Value::Word(word)) if *word > 0);
        if claimed && stated {
            self.profile.set(severity, None);
            self.warn(|| Warning {
                code: "disability_without_certificate",
                facts: vec![severity],
                detail: Text::new(
                    "Mức độ khuyết tật chỉ là lời khai, chưa có giấy xác nhận khuyết tật nên được coi là chưa biết.",
                    "The severity of disability is only claimed; without a certificate it counts as unknown.",
                ),
            });
        }
    }

    /// A place on the list of another year says nothing about this year's list. A household that left does not lapse.
    fn list_of_another_year(&mut self, day: NaiveDate) {
        let (year, status) = (named().list_year, named().poverty_status);
        let Some(Value::Number(listed)) = self.profile.get(year) else { return };
        let listed = *listed;
        if !matches!(self.profile.get(status), Some(Value::Word(word)) if named().listed.contains(word)) {
            return;
        }
        for year in [listed, listed + 1] {
            let first = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1));
            if let Some(first) = first {
                self.until(first, day);
            }
        }
        if listed != i64::from(day.year()) {
            self.profile.set(status, None);
            self.warn(|| Warning {
                code: "list_of_another_year",
                facts: vec![year, status],
                detail: Text::new(
                    format!("Danh sách hộ nghèo, cận nghèo năm {listed} không nói về năm {}; cần danh sách của năm được hỏi.", day.year()),
                    format!("The list of {listed} says nothing about {}; the list of the year asked is needed.", day.year()),
                ),
            });
        }
    }

    /// A ward has no difficult areas unless the unit table says otherwise (it does not).
    fn ward(&mut self) {
        let Some(Value::Unit(code)) = self.profile.get(named().unit) else { return };
        let ward = code.unit().ward;
        if self.profile.get(named().area).is_none() {
            let area = if ward { &named().urban } else { &named().rural };
            self.profile.set(named().area, Some(area.clone()));
        }
        if ward && self.profile.get(named().area_class).is_none() {
            self.profile.set(named().area_class, Some(named().normal.clone()));
        }
    }

    /// Up to upper secondary school study is full-time unless said otherwise: never asked, told as an assumption.
    fn school_mode(&mut self) {
        let (studying, mode) = (named().studying, named().study_mode);
        let Some(Value::Word(level)) = self.profile.get(studying) else { return };
        if named().schools.contains(level) && self.profile.get(mode).is_none() {
            self.profile.set(mode, Some(named().full_time.clone()));
            self.assumed.push(mode);
        }
    }

    /// Fills in what the facts imply, until nothing more follows.
    fn imply(&mut self, policy: &Policy, day: NaiveDate) {
        let pack = &policy.pack;
        for _ in 0..pack.implied.len() {
            let mut changed = false;
            for line in &pack.implied {
                if self.profile.get(line.fact).is_some() {
                    continue;
                }
                let case = Case { pack, profile: &self.profile, day };
                if case.truth(line.when) != Truth::Yes {
                    continue;
                }
                if let Some(value) = implied_value(pack, line.then) {
                    self.profile.set(line.fact, Some(value));
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        for line in &pack.implied {
            let case = Case { pack, profile: &self.profile, day };
            if case.truth(line.when) == Truth::Yes && case.truth(line.then) == Truth::No {
                self.broken = true;
                if self.warn {
                    let warning = contradiction(pack, &self.profile, line.when, line.fact);
                    self.warnings.push(warning);
                }
            }
        }
        // What is implied by an age turns on a birthday.
        if let Some(Value::Date(born)) = self.profile.get(named().born_on).cloned() {
            for years in policy.implied_ages() {
                for end in [born.earliest(), born.latest()] {
                    self.until(calendar::birthday(end, *years), day);
                }
            }
        }
    }

    /// A decision or document dated after the day asked.
    fn odd_dates(&mut self, day: NaiveDate) {
        for id in vocabulary().past_dates() {
            if *id == named().born_on {
                continue;
            }
            if let Some(Value::Date(date)) = self.profile.get(*id)
                && date.earliest() > day
            {
                let (date, label) = (*date, &vocabulary().get(*id).label);
                self.warnings.push(Warning {
                    code: "date_after_as_of",
                    facts: vec![*id],
                    detail: Text::new(
                        format!("{}: {date} sau ngày được hỏi ({day}).", label.vi),
                        format!("{}: {date} lies after the day asked ({day}).", label.en),
                    ),
                });
            }
        }
    }
}

/// The one value for which a consequence holds, where there is one.
fn implied_value(pack: &Pack, then: NodeIdx) -> Option<Value> {
    match pack.conditions.get(then) {
        Node::Test(Test::Words { set, .. }) if set.count_ones() == 1 => {
            u16::try_from(set.trailing_zeros()).ok().map(Value::Word)
        }
        Node::Test(Test::Number { op: crate::policy::Op::Eq, value, .. }) => match value {
            crate::policy::conditions::Quantity::Number(number) => Some(Value::Number(*number)),
            crate::policy::conditions::Quantity::Parameter(_) => None,
        },
        Node::Not(inner) => match pack.conditions.get(*inner) {
            Node::Test(Test::Bool { .. }) => Some(Value::Bool(false)),
            Node::Test(Test::Some { fact, entry }) if **entry == EntryTest::Always => {
                match vocabulary().get(*fact).kind {
                    Kind::Records(_) => Some(Value::Records(Arc::default())),
                    _ => Some(Value::Words(Arc::default())),
                }
            }
            _ => None,
        },
        _ => None,
    }
}

fn contradiction(pack: &Pack, profile: &Profile, when: NodeIdx, then: FactId) -> Warning {
    let mut facts = crate::policy::reads::facts(pack, when, NaiveDate::MIN);
    facts.push(then);
    let say = |pick: fn(&Text) -> &str| {
        let parts: Vec<String> = facts
            .iter()
            .filter_map(|fact| {
                let def = vocabulary().get(*fact);
                let value = profile.get(*fact)?.describe(&def.kind);
                Some(format!("{}: {}", pick(&def.label), pick(&value)))
            })
            .collect();
        parts.join("; ")
    };
    let (vi, en) = (say(|text| &text.vi), say(|text| &text.en));
    Warning {
        code: "facts_contradict",
        detail: Text::new(
            format!("Các thông tin không đi cùng nhau được: {vi}."),
            format!("These facts cannot stand together: {en}."),
        ),
        facts,
    }
}

/// What the personal number says beside the birth date and sex. Re-registrations make honest people differ, so it is only a
/// warning (Circular 59/2021/TT-BCA Đ6).
fn odd_number(prepared: &mut Prepared) {
    let get = |id: FactId| Some((id, prepared.profile.get(id)?.clone()));
    let Some((id, Value::PersonalId(number))) = get(named().personal_id) else { return };
    if matches!(get(named().citizenship), Some((_, Value::Word(word))) if word != 0) {
        return;
    }
    let mut warnings = Vec::new();
    if let Some((born_on, Value::Date(born))) = get(named().born_on)
        && born.earliest().year() != number.birth_year()
    {
        warnings.push(Warning {
            code: "personal_id_year_mismatch",
            facts: vec![id, born_on],
            detail: Text::new(
                "Năm sinh trong số định danh cá nhân khác năm sinh đã khai.",
                "The birth year in the personal number differs from the one given.",
            ),
        });
    }
    if let Some((sex, Value::Word(word))) = get(named().sex)
        && (word == 1) != number.is_female()
    {
        warnings.push(Warning {
            code: "personal_id_sex_mismatch",
            facts: vec![id, sex],
            detail: Text::new(
                "Giới tính trong số định danh cá nhân khác giới tính đã khai.",
                "The sex in the personal number differs from the one given.",
            ),
        });
    }
    prepared.warnings.append(&mut warnings);
}
