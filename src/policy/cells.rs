//! Cuts the values of a fact into cells at the constants that conditions mention, so that inside a cell no condition can
//! tell two values apart.

use chrono::{Days as Span, NaiveDate};

use super::{
    conditions::{Case, EntryTest, Quantity, Test},
    diagram::Cells,
    lists::{entry_answers, example_list, list_cut},
    model::Pack,
    raw::Days,
    syntax::Op,
};
use crate::facts::{FactId, Kind, PartialDate, UnitCode, Value, calendar, units, vocabulary};

/// One fact as one level of the diagrams, or as neighbouring ones for a list: a level a question about its entries.
#[derive(Debug)]
pub struct Var {
    /// The fact.
    pub fact: FactId,
    /// How its values are cut.
    pub cut: Cut,
    /// Its first level.
    pub level: usize,
}

/// How the values of a fact are cut into cells.
#[derive(Debug)]
pub enum Cut {
    /// A cell a word; one more for the internal `unstated`.
    Words(usize),
    /// No, yes.
    Bool,
    /// Between the numbers: cell `i` ends before number `i`.
    Numbers(Vec<i64>),
    /// Between days that move with the day asked: cell `i` ends with day `i`; then all later days; then “no such date”.
    Dates { marks: Vec<Mark>, past: bool },
    /// A cell a unit; one more for all others.
    Units(Vec<UnitCode>),
    /// A level of no and yes for each question about entries. `answers` are the combinations that some list gives: two
    /// questions may imply each other.
    List { tests: Vec<EntryTest>, answers: Vec<u64> },
}

/// A day that conditions turn on, as a function of the day asked: the last date before the turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The last birth date of those who have completed so many years.
    Aged(u32),
    /// The last birth date whose child card has ended.
    CardEnded { months: u32, month_day: (u32, u32) },
    /// The last day of the month so many months back.
    MonthsBack(i64),
    /// A fixed day.
    Day(NaiveDate),
}

impl Mark {
    /// The last date before the turn, on the day asked.
    pub fn last(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Aged(years) => calendar::last_birth_date_aged(years, day),
            Self::CardEnded { months, month_day } => {
                calendar::first_birth_date_card_runs(months, month_day, day) - Span::new(1)
            }
            Self::MonthsBack(months) => calendar::first_of_month(calendar::month_index(day) - months)
                .map_or(NaiveDate::MIN, calendar::end_of_month),
            Self::Day(day) => day,
        }
    }
}

/// Why a fact cannot be cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotCut {
    /// More cells than a diagram level holds.
    #[error("“{0}” would need more than {most} cells", most = Cells::MOST)]
    TooMany(String),
    /// Two marks change their order inside the days.
    #[error("the days that conditions on “{0}” turn on change their order")]
    Order(String),
    /// A parameter has no value.
    #[error("a parameter in a condition has no known whole value on {0}")]
    NoValue(NaiveDate),
}

impl Var {
    /// Cuts a fact for all the tests that ask it, on days with the same law.
    pub fn new(
        pack: &Pack,
        fact: FactId,
        tests: &[&Test],
        days: Days,
        level: usize,
    ) -> Result<Self, CannotCut> {
        let def = vocabulary().get(fact);
        let quantity = |value: Quantity| pack.quantity(value, days.from).ok_or(CannotCut::NoValue(days.from));
        let cut = match &def.kind {
            Kind::Bool => Cut::Bool,
            Kind::Word { words, .. } => Cut::Words(words.len() + 1),
            Kind::Unit => {
                let mut units: Vec<UnitCode> = tests
                    .iter()
                    .filter_map(
                        |test| if let Test::Unit { units, .. } = test { Some(units.clone()) } else { None },
                    )
                    .flatten()
                    .collect();
                units.sort_unstable();
                units.dedup();
                Cut::Units(units)
            }
            Kind::Count { .. } | Kind::Money | Kind::Percent => {
                let mut numbers = Vec::new();
                for test in tests {
                    if let Test::Number { op, value, .. } = test {
                        numbers.extend(turns(*op, quantity(*value)?));
                    }
                }
                numbers.sort_unstable();
                numbers.dedup();
                Cut::Numbers(numbers)
            }
            Kind::Date { past } => Cut::Dates { marks: marks(pack, fact, tests, days)?, past: *past },
            Kind::Words(_) | Kind::Records(_) => list_cut(pack, fact, tests, days)?,
            Kind::PersonalId => Cut::Bool,
        };
        let var = Self { fact, cut, level };
        if var.width() > Cells::MOST { Err(CannotCut::TooMany(def.name())) } else { Ok(var) }
    }

    /// How many cells each of its levels has.
    pub fn width(&self) -> usize {
        match &self.cut {
            Cut::Words(count) => *count,
            Cut::Bool | Cut::List { .. } => 2,
            Cut::Numbers(numbers) => numbers.len() + 1,
            Cut::Dates { marks, .. } => marks.len() + 2,
            Cut::Units(units) => units.len() + 1,
        }
    }

    /// Its levels.
    pub fn levels(&self) -> std::ops::Range<usize> {
        let count = if let Cut::List { tests, .. } = &self.cut { tests.len() } else { 1 };
        self.level..self.level + count
    }

    /// The level and the cells in which a test holds.
    pub fn holds(&self, pack: &Pack, test: &Test, days: Days) -> Result<(usize, Cells), CannotCut> {
        if let (Cut::List { tests, .. }, Test::Some { entry, .. }) = (&self.cut, test) {
            let at = tests.iter().position(|other| other == entry.as_ref()).unwrap_or(0);
            return Ok((self.level + at, Cells::one(1)));
        }
        Ok((self.level, self.cells(pack, test, days)?))
    }

    fn cells(&self, pack: &Pack, test: &Test, days: Days) -> Result<Cells, CannotCut> {
        let quantity = |value: Quantity| pack.quantity(value, days.from).ok_or(CannotCut::NoValue(days.from));
        Ok(match (&self.cut, test) {
            (Cut::Words(count), Test::Words { set, .. }) => {
                (0..*count).filter(|cell| set >> cell & 1 == 1).collect()
            }
            (Cut::Bool, Test::Bool { .. }) => Cells::one(1),
            (Cut::Units(all), Test::Unit { units, .. }) => all
                .iter()
                .enumerate()
                .filter(|(_, unit)| units.contains(unit))
                .map(|(cell, _)| cell)
                .collect(),
            (Cut::Numbers(numbers), Test::Number { op, value, .. }) => {
                let limit = quantity(*value)?;
                let inside = |cell: usize| {
                    numbers.get(cell).map_or_else(|| numbers.last().copied().unwrap_or(0), |next| next - 1)
                };
                (0..self.width()).filter(|cell| op.holds(inside(*cell).cmp(&limit))).collect()
            }
            (Cut::Dates { marks, .. }, _) => date_cells(pack, marks, test, days)?,
            _ => Cells::NONE,
        })
    }

    /// Adds what is known of the person to each world, as sets of cells: one set a level. A list with unknown members can
    /// be known in several ways; these come back.
    pub fn push_allowed(&self, case: &Case<'_>, worlds: &mut [Vec<Cells>]) -> Option<Vec<Vec<Cells>>> {
        let mut push = |cells: Cells| worlds.iter_mut().for_each(|world| world.push(cells));
        let Cut::List { tests, .. } = &self.cut else {
            push(self.allowed_cells(case));
            return None;
        };
        let answers = match case.profile.get(self.fact) {
            Some(Value::Records(entries)) if entries.is_empty() => vec![0],
            Some(Value::Records(entries)) => {
                let entries: Vec<&[Option<Value>]> = entries.iter().map(Vec::as_slice).collect();
                self.list_answers(tests, &entries, case)
            }
            Some(Value::Words(words)) => {
                let entries: Vec<[Option<Value>; 1]> =
                    words.iter().map(|word| [Some(Value::Word(*word))]).collect();
                let entries: Vec<&[Option<Value>]> = entries.iter().map(<[_; 1]>::as_slice).collect();
                self.list_answers(tests, &entries, case)
            }
            _ => {
                tests.iter().for_each(|_| push(Cells::first(2)));
                return None;
            }
        };
        if let [answer] = answers.as_slice() {
            (0..tests.len()).for_each(|at| push(Cells::one((answer >> at & 1) as usize)));
            return None;
        }
        let world =
            |answer: u64| (0..tests.len()).map(|at| Cells::one((answer >> at & 1) as usize)).collect();
        Some(answers.into_iter().map(world).collect())
    }

    /// Everything open.
    pub fn free(&self) -> Vec<Cells> {
        vec![Cells::first(self.width()); self.levels().len()]
    }

    fn allowed_cells(&self, case: &Case<'_>) -> Cells {
        let value = case.profile.get(self.fact);
        match (&self.cut, value) {
            (Cut::Words(_), Some(Value::Word(word))) => Cells::one(usize::from(*word)),
            (Cut::Words(count), _) => Cells::first(count - 1),
            (Cut::Bool, Some(Value::Bool(value))) => Cells::one(usize::from(*value)),
            (Cut::Numbers(numbers), Some(Value::Number(number))) => {
                Cells::one(numbers.partition_point(|turn| turn <= number))
            }
            (Cut::Units(units), Some(Value::Unit(unit))) => {
                Cells::one(units.iter().position(|other| other == unit).unwrap_or(units.len()))
            }
            (Cut::Dates { marks, past }, value) => self.allowed_dates(marks, *past, value, case),
            _ => Cells::first(self.width()),
        }
    }

    pub(super) fn allowed_dates(
        &self,
        marks: &[Mark],
        past: bool,
        value: Option<&Value>,
        case: &Case<'_>,
    ) -> Cells {
        let none = marks.len() + 1;
        let (first, last) = match value {
            Some(Value::NoDate) => return Cells::one(none),
            Some(Value::Date(date)) => {
                // A birth in the rest of a partial year has not happened yet.
                let last = if self.fact == case.pack.born_on {
                    date.latest().min(case.day.max(date.earliest()))
                } else {
                    date.latest()
                };
                (date.earliest(), last)
            }
            _ if self.fact == case.pack.born_on => (
                calendar::last_birth_date_aged(calendar::MAX_AGE_YEARS + 1, case.day) + Span::new(1),
                case.day,
            ),
            _ if past => (NaiveDate::MIN, case.day),
            _ => (NaiveDate::MIN, NaiveDate::MAX),
        };
        let mut cells = Cells::NONE;
        let mut before: Option<NaiveDate> = None;
        for cell in 0..=marks.len() {
            let end = marks.get(cell).map(|mark| mark.last(case.day));
            let starts_by_last = before.is_none_or(|before| before < last);
            let ends_after_first = end.is_none_or(|end| end >= first);
            let not_empty = before.is_none() || end.is_none() || before < end;
            if starts_by_last && ends_after_first && not_empty {
                cells.add(cell);
            }
            before = end;
        }
        cells
    }

    /// Entries with unknown members can answer in several ways; the list's answers are all unions of one answer an entry.
    fn list_answers(&self, tests: &[EntryTest], entries: &[&[Option<Value>]], case: &Case<'_>) -> Vec<u64> {
        // Equal entries answer alike; a list of fifty is no more work than its different ones.
        let mut different: Vec<&[Option<Value>]> = Vec::with_capacity(entries.len());
        for entry in entries {
            if !different.contains(entry) {
                different.push(entry);
            }
        }
        let mut unions = vec![0_u64];
        for entry in different {
            let ways = entry_answers(case, self.fact, tests, entry);
            let mut next: Vec<u64> =
                unions.iter().flat_map(|union| ways.iter().map(move |way| union | way)).collect();
            next.sort_unstable();
            next.dedup();
            unions = next;
        }
        unions
    }

    /// A value of the cell, to show a person in whom something goes wrong; `None` where no value lies in it on the day, or
    /// where the fact is known to have none.
    pub fn example(&self, cells: &[usize], case: &Case<'_>) -> Option<Value> {
        let cell = *cells.first()?;
        match &self.cut {
            Cut::Words(_) => Some(Value::Word(u16::try_from(cell).ok()?)),
            Cut::Bool => Some(Value::Bool(cell == 1)),
            Cut::Numbers(_) => {
                let (least, most) = vocabulary().get(self.fact).kind.bounds()?;
                self.numbers(cell, least, most).map(|(first, _)| Value::Number(first))
            }
            Cut::Dates { marks, past } => {
                let start = cell.checked_sub(1).and_then(|before| marks.get(before));
                let first = start.map_or(Some(NaiveDate::MIN), |mark| mark.last(case.day).succ_opt())?;
                let bound = if *past || self.fact == case.pack.born_on { case.day } else { NaiveDate::MAX };
                let last = marks.get(cell).map_or(bound, |mark| mark.last(case.day).min(bound));
                // Far ends are no dates that people write.
                let shown = if last == NaiveDate::MAX { first.max(case.day) } else { last };
                (cell <= marks.len() && first <= last).then_some(Value::Date(PartialDate::day(shown)))
            }
            Cut::Units(asked) => asked
                .get(cell)
                .copied()
                .or_else(|| {
                    let mut all = units().iter().filter_map(|unit| UnitCode::parse(unit.code));
                    all.find(|code| !asked.contains(code))
                })
                .map(Value::Unit),
            Cut::List { tests, .. } => {
                let wanted =
                    cells.iter().enumerate().fold(0, |all, (at, cell)| all | (*cell as u64 & 1) << at);
                example_list(case, self.fact, tests, wanted)
            }
        }
    }

    /// First and last number of a cell between two bounds, if there is one.
    pub(super) fn numbers(&self, cell: usize, least: i64, most: i64) -> Option<(i64, i64)> {
        let Cut::Numbers(turns) = &self.cut else { return None };
        let first =
            cell.checked_sub(1).and_then(|before| turns.get(before)).map_or(least, |turn| (*turn).max(least));
        let last = turns.get(cell).map_or(most, |turn| turn.saturating_sub(1).min(most));
        (first <= last).then_some((first, last))
    }
}

/// The numbers at which a comparison turns: it differs between `n - 1` and `n`.
pub(super) fn turns(op: Op, limit: i64) -> Vec<i64> {
    match op {
        Op::Ge | Op::Lt => vec![limit],
        Op::Gt | Op::Le => vec![limit + 1],
        Op::Eq | Op::Ne => vec![limit, limit + 1],
    }
}

fn marks(pack: &Pack, fact: FactId, tests: &[&Test], days: Days) -> Result<Vec<Mark>, CannotCut> {
    let quantity = |value: Quantity| pack.quantity(value, days.from).ok_or(CannotCut::NoValue(days.from));
    let mut marks = Vec::new();
    for test in tests {
        match test {
            Test::Age { op, years } => {
                marks.extend(
                    turns(*op, quantity(*years)?)
                        .into_iter()
                        .map(|years| Mark::Aged(u32::try_from(years).unwrap_or(0))),
                );
            }
            Test::CardRunning { months, month_day } => {
                marks.push(card_mark(pack, *months, *month_day, days)?)
            }
            Test::MonthsSince { op, months, .. } => {
                marks.extend(turns(*op, quantity(*months)?).into_iter().map(Mark::MonthsBack))
            }
            Test::Date { op, day, .. } => {
                let before = Mark::Day(day.pred_opt().unwrap_or(*day));
                match op {
                    Op::Lt | Op::Ge => marks.push(before),
                    Op::Le | Op::Gt => marks.push(Mark::Day(*day)),
                    Op::Eq | Op::Ne => marks.extend([before, Mark::Day(*day)]),
                }
            }
            _ => {}
        }
    }
    marks.sort_by_key(|mark| (mark.last(days.from), mark.last(days.to)));
    marks.dedup();
    let mut day = days.from;
    while marks.len() > 1 && day <= days.to {
        let ends: Vec<NaiveDate> = marks.iter().map(|mark| mark.last(day)).collect();
        if !ends.is_sorted() {
            return Err(CannotCut::Order(vocabulary().get(fact).name()));
        }
        day = day + Span::new(1);
    }
    Ok(marks)
}

fn card_mark(
    pack: &Pack,
    months: Quantity,
    month_day: super::model::ParameterIdx,
    days: Days,
) -> Result<Mark, CannotCut> {
    let none = CannotCut::NoValue(days.from);
    let months = pack
        .quantity(months, days.from)
        .and_then(|months| u32::try_from(months).ok())
        .ok_or_else(|| none.clone())?;
    Ok(Mark::CardEnded { months, month_day: pack.month_day(month_day, days.from).ok_or(none)? })
}

fn date_cells(pack: &Pack, marks: &[Mark], test: &Test, days: Days) -> Result<Cells, CannotCut> {
    let quantity = |value: Quantity| pack.quantity(value, days.from).ok_or(CannotCut::NoValue(days.from));
    let real = Cells::first(marks.len() + 1);
    // Dates up to and including a mark.
    let until =
        |mark: Mark| Cells::first(marks.iter().position(|other| *other == mark).map_or(0, |at| at + 1));
    let compare = |op: Op, at_least: &dyn Fn(i64) -> Cells, limit: i64| match op {
        Op::Ge => at_least(limit),
        Op::Gt => at_least(limit + 1),
        Op::Lt => real.without(&at_least(limit)),
        Op::Le => real.without(&at_least(limit + 1)),
        Op::Eq => at_least(limit).without(&at_least(limit + 1)),
        Op::Ne => real.without(&at_least(limit).without(&at_least(limit + 1))),
    };
    Ok(match test {
        Test::Age { op, years } => {
            let aged = |years: i64| until(Mark::Aged(u32::try_from(years).unwrap_or(0)));
            compare(*op, &aged, quantity(*years)?)
        }
        Test::CardRunning { months, month_day } => {
            real.without(&until(card_mark(pack, *months, *month_day, days)?))
        }
        Test::MonthsSince { op, months, .. } => {
            compare(*op, &|months| until(Mark::MonthsBack(months)), quantity(*months)?)
        }
        Test::Date { op, day, .. } => {
            let before = until(Mark::Day(day.pred_opt().unwrap_or(*day)));
            match op {
                Op::Lt => before,
                Op::Le => until(Mark::Day(*day)),
                Op::Ge => real.without(&before),
                Op::Gt => real.without(&until(Mark::Day(*day))),
                Op::Eq => until(Mark::Day(*day)).without(&before),
                Op::Ne => real.without(&until(Mark::Day(*day)).without(&before)),
            }
        }
        _ => Cells::NONE,
    })
}
