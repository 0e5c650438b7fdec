//! Makes the facts of a person ready for one day: rare facts get their default, what facts imply is filled in, what
//! contradicts is noted.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::request::Person;
use crate::{
    facts::{FactId, Kind, Of, Profile, Text, UNSTATED, Value, vocabulary},
    policy::{
        Pack,
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

fn fact(name: &str) -> Option<FactId> {
    vocabulary().find(name)
}

/// Prepares a person for a day.
pub fn prepare(pack: &Pack, person: &Person, day: NaiveDate) -> Prepared {
    let mut prepared = Prepared {
        profile: person.given.clone(),
        assumed: Vec::new(),
        right_itself: !person.trip_given,
        warnings: Vec::new(),
        broken: false,
    };
    claimed_disability(&mut prepared);
    list_of_another_year(&mut prepared, day);
    ward(&mut prepared);
    if prepared.right_itself {
        for (name, word) in
            [("trip.service", "bus"), ("trip.trip_area", "elsewhere"), ("trip.medium", UNSTATED)]
        {
            if let Some(fact) = fact(name) {
                let word = vocabulary().get(fact).kind.word(word).map(Value::Word);
                prepared.profile.set(fact, word);
            }
        }
    }
    kind_of_veteran(&mut prepared);
    imply(pack, &mut prepared, day);
    school_mode(&mut prepared);
    for (id, def) in vocabulary().facts() {
        if let (None, Some(default)) = (prepared.profile.get(id), &def.default)
            && !(def.of == Of::Trip && prepared.right_itself)
        {
            prepared.profile.set(id, Some(default.clone()));
            prepared.assumed.push(id);
        } else if let (None, Some(default)) = (prepared.profile.get(id), &def.default) {
            prepared.profile.set(id, Some(default.clone()));
        }
    }
    odd_dates(&mut prepared, day);
    odd_number(&mut prepared);
    prepared
}

/// A severity that is only claimed counts as unknown.
fn claimed_disability(prepared: &mut Prepared) {
    let (Some(certificate), Some(severity)) = (fact("disability.certificate"), fact("disability.severity"))
    else {
        return;
    };
    let claimed = prepared.profile.get(certificate) == Some(&Value::Bool(false));
    // “None” needs no certificate.
    let stated = matches!(prepared.profile.get(severity), Some(Value::Word(word)) if *word > 0);
    if claimed && stated {
        prepared.profile.set(severity, None);
        prepared.warnings.push(Warning {
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
fn list_of_another_year(prepared: &mut Prepared, day: NaiveDate) {
    let (Some(year), Some(status)) = (fact("household.list_year"), fact("household.poverty_status")) else {
        return;
    };
    let Some(Value::Number(listed)) = prepared.profile.get(year) else { return };
    let kind = &vocabulary().get(status).kind;
    let on_list = |word: &u16| ["poor", "near_poor"].iter().any(|name| kind.word(name) == Some(*word));
    let listed = *listed;
    if listed != i64::from(day.year())
        && matches!(prepared.profile.get(status), Some(Value::Word(word)) if on_list(word))
    {
        prepared.profile.set(status, None);
        prepared.warnings.push(Warning {
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
fn ward(prepared: &mut Prepared) {
    let (Some(unit), Some(class), Some(area)) =
        (fact("household.unit"), fact("household.area_class"), fact("household.area"))
    else {
        return;
    };
    let Some(Value::Unit(code)) = prepared.profile.get(unit) else { return };
    let ward = code.unit().ward;
    if prepared.profile.get(area).is_none() {
        let word = if ward { "urban" } else { "rural" };
        prepared.profile.set(area, vocabulary().get(area).kind.word(word).map(Value::Word));
    }
    if ward && prepared.profile.get(class).is_none() {
        prepared.profile.set(class, vocabulary().get(class).kind.word("normal").map(Value::Word));
    }
}

/// Whoever names the kind of veteran says that the person is one.
fn kind_of_veteran(prepared: &mut Prepared) {
    let (Some(kind), Some(veteran)) = (fact("veteran_kind"), fact("veteran")) else { return };
    if prepared.profile.get(kind).is_some() && prepared.profile.get(veteran).is_none() {
        prepared.profile.set(veteran, Some(Value::Bool(true)));
    }
}

/// Up to upper secondary school study is full-time unless said otherwise: never asked, told as an assumption.
fn school_mode(prepared: &mut Prepared) {
    const SCHOOLS: [&str; 4] = ["preschool", "primary", "lower_secondary", "upper_secondary"];
    let (Some(studying), Some(mode)) = (fact("studying"), fact("study_mode")) else { return };
    let kind = &vocabulary().get(studying).kind;
    let Some(Value::Word(level)) = prepared.profile.get(studying) else { return };
    if SCHOOLS.iter().any(|school| kind.word(school) == Some(*level)) && prepared.profile.get(mode).is_none()
    {
        prepared.profile.set(mode, vocabulary().get(mode).kind.word("full_time").map(Value::Word));
        prepared.assumed.push(mode);
    }
}

/// Fills in what the facts imply, until nothing more follows.
fn imply(pack: &Pack, prepared: &mut Prepared, day: NaiveDate) {
    for _ in 0..pack.implied.len() {
        let mut changed = false;
        for line in &pack.implied {
            let case = Case { pack, profile: &prepared.profile, day, outputs: None };
            if case.truth(line.when) != Truth::Yes || prepared.profile.get(line.fact).is_some() {
                continue;
            }
            if let Some(value) = implied_value(pack, line.then) {
                prepared.profile.set(line.fact, Some(value));
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    for line in &pack.implied {
        let case = Case { pack, profile: &prepared.profile, day, outputs: None };
        if case.truth(line.when) == Truth::Yes && case.truth(line.then) == Truth::No {
            prepared.broken = true;
            let warning = contradiction(pack, &prepared.profile, line.when, line.fact);
            prepared.warnings.push(warning);
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

/// A decision or document dated after the day asked.
fn odd_dates(prepared: &mut Prepared, day: NaiveDate) {
    for (id, def) in vocabulary().facts() {
        if !matches!(def.kind, Kind::Date { past: true }) || def.id == "born_on" {
            continue;
        }
        if let Some(Value::Date(date)) = prepared.profile.get(id)
            && date.earliest() > day
        {
            prepared.warnings.push(Warning {
                code: "date_after_as_of",
                facts: vec![id],
                detail: Text::new(
                    format!("{}: {date} sau ngày được hỏi ({day}).", def.label.vi),
                    format!("{}: {date} lies after the day asked ({day}).", def.label.en),
                ),
            });
        }
    }
}

/// What the personal number says beside the birth date and sex. Re-registrations make honest people differ, so it is only a
/// warning (Circular 59/2021/TT-BCA Đ6).
fn odd_number(prepared: &mut Prepared) {
    let get = |name: &str| fact(name).and_then(|id| Some((id, prepared.profile.get(id)?.clone())));
    let Some((id, Value::PersonalId(number))) = get("personal_id") else { return };
    if matches!(get("citizenship"), Some((_, Value::Word(word))) if word != 0) {
        return;
    }
    let mut warnings = Vec::new();
    if let Some((born_on, Value::Date(born))) = get("born_on")
        && born.earliest().year() != number.birth_year()
    {
        warnings.push(Warning {
            code: "personal_id_year_mismatch",
            facts: vec![id, born_on],
            detail: Text::new(
                "Năm sinh trong số định danh khác năm sinh đã khai.",
                "The birth year in the personal number differs from the one given.",
            ),
        });
    }
    if let Some((sex, Value::Word(word))) = get("sex")
        && (word == 1) != number.is_female()
    {
        warnings.push(Warning {
            code: "personal_id_sex_mismatch",
            facts: vec![id, sex],
            detail: Text::new(
                "Giới tính trong số định danh khác giới tính đã khai.",
                "The sex in the personal number differs from the one given.",
            ),
        });
    }
    prepared.warnings.append(&mut warnings);
}
