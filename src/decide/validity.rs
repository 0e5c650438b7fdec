//! From when to when an answer stays the same, and what ends it.

use chrono::{Datelike, Days as Span, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{
    answer::Answer,
    asked::{Asked, Exact},
    request::Person,
    standing::Standing,
};
use crate::{
    facts::{FactId, Value, calendar, named, vocabulary},
    policy::{
        Change, Mark, Pack, Policy,
        model::{ParameterIdx, RuleIdx},
        raw::Days,
    },
};

/// Why an answer changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Because {
    /// `birthday`, `months`, `parameter`, `law`, `list`, `calendar_year` or `death`.
    pub kind: String,
    /// The parameter, rule or fact.
    pub id: String,
}

/// What may turn an answer on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// A change of law, by its places in the list of changes.
    Law(usize, usize),
    Birthday(FactId),
    Months(FactId),
    CalendarYear,
    List,
    Death,
}

/// The stretch on which an answer stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity<'p> {
    /// First and last day.
    pub days: Days,
    /// The day after the last one, with the kind and the id of its cause; `None` at the end of coverage.
    pub next: Option<(NaiveDate, &'static str, &'p str)>,
}

/// A list makes at most three of a person: before its year, in it and after it; a birthday on which what facts imply turns
/// makes one more.
const PLACES: usize = 4;

/// Looks outward from an answer over the days on which something may turn; keeps its memory.
#[derive(Debug, Default)]
pub struct Outward {
    /// Where the person stands on other days: a list that holds for its year makes other facts of the same person. Kept
    /// from one entitlement to the next.
    places: [Standing; PLACES],
    /// How many of them stand for the person asked about.
    taken: usize,
    exact: Exact,
    turns: Vec<(NaiveDate, Cause)>,
}

impl Outward {
    /// Another person is asked about.
    pub fn forget(&mut self) {
        self.taken = 0;
    }

    /// Where the person stands on a day: the place among `places`.
    fn go(&mut self, policy: &Policy, person: &Person, day: NaiveDate) -> usize {
        let known = self.places[..self.taken].iter().position(|place| place.prepared.days.holds(day));
        match known {
            Some(at) => {
                self.places[at].go(policy, person, day);
                at
            }
            None => {
                // The first place is the day asked about, which every walk comes back to.
                let at = self.taken.min(PLACES - 1);
                self.taken = at + 1;
                self.places[at].take(policy, person, day, false);
                at
            }
        }
    }

    /// Walks outward over the days on which something may turn and stops at the first difference.
    pub fn validity<'p>(
        &mut self,
        asked: &Asked<'p>,
        person: &Person,
        standing: &Standing,
        here: &Answer<'p>,
        deciding: &[RuleIdx],
    ) -> Validity<'p> {
        let (day, covers) = (standing.day(), asked.decision.covers);
        if self.taken == 0 {
            self.places[0].copy(standing);
            self.taken = 1;
        }
        self.exact.forget();
        self.collect(asked, standing, here);
        let mut days = covers;
        // Nobody is entitled before birth; such a day could not even be asked.
        let born = match standing.prepared.profile.get(named().born_on) {
            Some(Value::Date(born)) => Some(born.earliest()).filter(|born| *born <= day),
            _ => None,
        };
        let after_birth = born.map_or(covers.from, |born| born.max(covers.from));
        days.from = after_birth;
        self.turns.retain(|(on, _)| after_birth < *on && *on <= covers.to);
        self.turns.sort_unstable_by_key(|(on, _)| *on);
        let own = std::mem::take(&mut self.turns);
        // The law's own days stand sorted in the pack; the person's are few.
        let law = asked.epochs.changes.as_slice();
        let mut seen = Seen::new(here, standing);
        let mut at = (law.partition_point(|(on, _)| *on <= day), own.partition_point(|(on, _)| *on <= day));
        loop {
            let on = |before: Option<NaiveDate>| before.filter(|on| after_birth < *on);
            let one = on(at.0.checked_sub(1).map(|at| law[at].0));
            let other = on(at.1.checked_sub(1).map(|at| own[at].0));
            let Some(on) = one.max(other) else { break };
            at = (at.0 - usize::from(one == Some(on)), at.1 - usize::from(other == Some(on)));
            let Some(before) = on.pred_opt() else { break };
            // Another cause on the same day: looked at already.
            if before == seen.day {
                continue;
            }
            if !self.same(asked, person, before, here, &mut seen) {
                days.from = on;
                break;
            }
        }
        seen = Seen::new(here, standing);
        let place = self.go(asked.policy, person, day);
        (seen.place, seen.changes) = (place, self.places[place].changes());
        let mut at = (law.partition_point(|(on, _)| *on <= day), own.partition_point(|(on, _)| *on <= day));
        let mut next = None;
        loop {
            let one = law.get(at.0).map(|(on, _)| *on).filter(|on| *on <= covers.to);
            let other = own.get(at.1).map(|(on, _)| *on);
            let Some(on) = one.into_iter().chain(other).min() else { break };
            let first = at;
            at = (
                at.0 + usize::from(one == Some(on)),
                at.1 + own[at.1..].iter().take_while(|(other, _)| *other == on).count(),
            );
            if !self.same(asked, person, on, here, &mut seen) {
                days.to = on - Span::new(1);
                let of_law = law[first.0..at.0]
                    .iter()
                    .flat_map(|(_, changes)| (0..changes.len()).map(|change| Cause::Law(first.0, change)));
                let causes = of_law.chain(own[first.1..at.1].iter().map(|(_, cause)| *cause));
                let cause = causes.min_by_key(|cause| weight(asked, here, deciding, *cause));
                next = cause.map(|cause| {
                    let (kind, id) = told(asked, cause);
                    (on, kind, id)
                });
                break;
            }
        }
        self.turns = own;
        Validity { days, next }
    }

    fn same<'p>(
        &mut self,
        asked: &Asked<'p>,
        person: &Person,
        day: NaiveDate,
        here: &Answer<'p>,
        seen: &mut Seen,
    ) -> bool {
        let at = self.go(asked.policy, person, day);
        let Some(stretch) = asked.law.on(day) else { return false };
        let law = &asked.law.stretches[stretch];
        let now = Seen {
            table: std::ptr::from_ref(law.table(asked.authority).as_ref()) as usize,
            fields: std::ptr::from_ref(law.fields.as_ref()) as usize,
            place: at,
            changes: self.places[at].changes(),
            year: if law.fields.year_ends { day.year() } else { 0 },
            dies: seen.dies,
            day: seen.day,
        };
        // Neither the law nor an answer of the person has changed since the last look.
        let same = now == *seen && !now.dies;
        *seen = Seen { day, ..now };
        if same {
            return true;
        }
        here.still(asked, &mut self.places[at], &mut self.exact)
    }

    /// The days on which the answer may turn for the person's own sake, with the cause.
    fn collect(&mut self, asked: &Asked<'_>, standing: &Standing, here: &Answer<'_>) {
        self.turns.clear();
        let mut turn = |on: NaiveDate, cause: Cause| self.turns.push((on, cause));
        let profile = &standing.prepared.profile;
        let covers = asked.decision.covers;
        for &(fact, mark) in &asked.epochs.marks {
            let Some(Value::Date(date)) = profile.get(fact) else {
                // An unknown date lies on or before the day asked: past a fixed day more is possible.
                if let (None, Mark::Day(fixed)) = (profile.get(fact), mark) {
                    turn(fixed, Cause::Months(fact));
                    turn(fixed + Span::new(1), Cause::Months(fact));
                }
                continue;
            };
            for end in both_ends(date.earliest(), date.latest()) {
                let (on, cause) = match mark {
                    Mark::Aged(years) => {
                        let year = end.year().saturating_add(i32::try_from(years).unwrap_or(i32::MAX));
                        if year < covers.from.year() || covers.to.year() < year {
                            continue;
                        }
                        (calendar::birthday(end, years), Cause::Birthday(fact))
                    }
                    Mark::CardEnded { months, month_day } => {
                        let end = calendar::child_card_end(end, months, month_day);
                        (end + Span::new(1), Cause::Birthday(fact))
                    }
                    Mark::MonthsBack(months) => {
                        match calendar::first_of_month(calendar::month_index(end) + months) {
                            Some(on) => (on, Cause::Months(fact)),
                            None => continue,
                        }
                    }
                    Mark::Day(_) => continue,
                };
                turn(on, cause);
            }
        }
        for &(fact, member, months) in &asked.epochs.entry_marks {
            let Some(Value::Records(entries)) = profile.get(fact) else { continue };
            for entry in entries.iter() {
                let Some(Some(Value::Date(date))) = entry.get(member) else { continue };
                for end in both_ends(date.earliest(), date.latest()) {
                    let on = calendar::first_of_month(calendar::month_index(end) + months);
                    on.into_iter().for_each(|on| turn(on, Cause::Months(fact)));
                }
            }
        }
        if here.field_table.year_ends {
            for year in covers.from.year()..=covers.to.year() {
                let first = NaiveDate::from_ymd_opt(year, 1, 1);
                first.into_iter().for_each(|on| turn(on, Cause::CalendarYear));
            }
        }
        // A list holds for its year.
        if let Some(Value::Number(year)) = profile.get(named().list_year)
            && let Ok(year) = i32::try_from(*year)
        {
            for year in [year, year + 1] {
                let first = NaiveDate::from_ymd_opt(year, 1, 1);
                first.into_iter().for_each(|on| turn(on, Cause::List));
            }
        }
        if let Some(Value::Date(died)) = profile.get(named().died_on) {
            for end in both_ends(died.earliest(), died.latest()) {
                turn(end + Span::new(1), Cause::Death);
            }
        }
    }
}

/// What an answer was last found the same for.
#[derive(PartialEq)]
struct Seen {
    table: usize,
    fields: usize,
    place: usize,
    changes: u32,
    year: i32,
    dies: bool,
    /// The day looked at; the same whatever the day.
    day: NaiveDate,
}

impl Seen {
    fn new(here: &Answer<'_>, standing: &Standing) -> Self {
        Self {
            table: std::ptr::from_ref(here.table) as usize,
            fields: std::ptr::from_ref(here.field_table) as usize,
            place: 0,
            changes: standing.changes(),
            year: if here.field_table.year_ends { standing.day().year() } else { 0 },
            dies: matches!(standing.prepared.profile.get(named().died_on), Some(Value::Date(_))),
            day: standing.day(),
        }
    }
}

/// The two days that a date known in part can be; once when it is known to the day.
fn both_ends(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    std::iter::once(first).chain((first != last).then_some(last))
}

/// Of several causes on one day the one that the answer is known to hang on comes first.
fn weight(asked: &Asked<'_>, here: &Answer<'_>, deciding: &[RuleIdx], cause: Cause) -> u8 {
    let texts = asked.law.texts(asked.pack(), asked.decision, here.stretch);
    let read = |at: ParameterIdx| {
        deciding.iter().any(|rule| texts.rules[rule.at()].read.contains(&at))
            || here.fields.used.iter().any(|case| asked.decision.field_cases[case].parameters.contains(&at))
    };
    match cause {
        Cause::List => 0,
        Cause::Birthday(_) | Cause::Months(_) | Cause::Death => 1,
        Cause::Law(on, change) => {
            let (day, changes) = &asked.epochs.changes[on];
            match &changes[change] {
                // A value that is only written anew, with another source, changes nothing.
                Change::Parameter(at) if same_value(asked.pack(), *at, *day) => 6,
                Change::Parameter(at) if read(*at) => 2,
                Change::Parameter(_) => 4,
                _ => 3,
            }
        }
        Cause::CalendarYear => 5,
    }
}

fn told<'p>(asked: &Asked<'p>, cause: Cause) -> (&'static str, &'p str) {
    let (pack, decision) = (asked.pack(), asked.decision);
    match cause {
        Cause::Law(on, change) => match &asked.epochs.changes[on].1[change] {
            Change::Parameter(at) => ("parameter", &pack.parameter(*at).id),
            Change::Rule(at) => ("law", &decision.rules[*at].id),
            Change::Open(at) => ("law", &decision.opens[*at].id),
            Change::Category(at) => ("law", &pack.category(*at).id),
        },
        Cause::Birthday(fact) => ("birthday", &vocabulary().get(fact).id),
        Cause::Months(fact) => ("months", &vocabulary().get(fact).id),
        Cause::CalendarYear => ("calendar_year", "end_of_year"),
        Cause::List => ("list", "list_year"),
        Cause::Death => ("death", "died_on"),
    }
}

fn same_value(pack: &Pack, at: ParameterIdx, on: NaiveDate) -> bool {
    let amount = |day| pack.parameter_on(at, day).map(|value| &value.amount);
    on.pred_opt().is_some_and(|before| amount(before) == amount(on))
}
