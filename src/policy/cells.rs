//! Cuts the values of a fact into cells at the constants that conditions mention, so that inside a cell no condition can
//! tell two values apart.

use chrono::{Days as Span, NaiveDate};

use super::{
    conditions::{Case, EntryTest, Quantity, Test, Truth},
    diagram::Cells,
    model::Pack,
    raw::Days,
    syntax::Op,
};
use crate::facts::{FactId, Kind, PartialDate, Profile, UnitCode, Value, calendar, vocabulary};

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

    /// What is known of the person, as sets of cells: one set a level, in as many worlds as it takes. Only a list with
    /// unknown members needs more than one.
    pub fn allowed(&self, case: &Case<'_>) -> Vec<Vec<Cells>> {
        let Cut::List { tests, .. } = &self.cut else { return vec![vec![self.allowed_cells(case)]] };
        let answers = match case.profile.get(self.fact) {
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
            _ => return vec![self.free()],
        };
        let world =
            |answer: u64| (0..tests.len()).map(|at| Cells::one((answer >> at & 1) as usize)).collect();
        answers.into_iter().map(world).collect()
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

    fn allowed_dates(&self, marks: &[Mark], past: bool, value: Option<&Value>, case: &Case<'_>) -> Cells {
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
        let ends: Vec<NaiveDate> = marks.iter().map(|mark| mark.last(case.day)).collect();
        (0..=marks.len())
            .filter(|cell| {
                let starts_by_last = *cell == 0 || ends[cell - 1] < last;
                let ends_after_first = *cell == marks.len() || ends[*cell] >= first;
                let not_empty = *cell == 0 || *cell == marks.len() || ends[cell - 1] < ends[*cell];
                starts_by_last && ends_after_first && not_empty
            })
            .collect()
    }

    /// Entries with unknown members can answer in several ways; the list's answers are all unions of one answer an entry.
    fn list_answers(&self, tests: &[EntryTest], entries: &[&[Option<Value>]], case: &Case<'_>) -> Vec<u64> {
        let mut unions = vec![0_u64];
        for entry in entries {
            let ways = entry_answers(case, self.fact, tests, entry);
            let mut next: Vec<u64> =
                unions.iter().flat_map(|union| ways.iter().map(move |way| union | way)).collect();
            next.sort_unstable();
            next.dedup();
            unions = next;
        }
        unions
    }

    /// A value of the cell, to show a person in whom something goes wrong.
    pub fn example(&self, cells: &[usize], case: &Case<'_>) -> Option<Value> {
        let cell = *cells.first()?;
        match &self.cut {
            Cut::Words(_) => Some(Value::Word(u16::try_from(cell).ok()?)),
            Cut::Bool => Some(Value::Bool(cell == 1)),
            Cut::Numbers(numbers) => Some(Value::Number(
                numbers
                    .get(cell)
                    .map_or_else(|| numbers.last().copied().unwrap_or(0), |next| next - 1)
                    .max(0),
            )),
            Cut::Dates { marks, .. } => {
                let day = match marks.get(cell) {
                    Some(mark) => mark.last(case.day),
                    None => marks.last()?.last(case.day) + Span::new(1),
                };
                Some(Value::Date(PartialDate::day(day.min(case.day))))
            }
            Cut::Units(units) => units.get(cell).map(|unit| Value::Unit(*unit)),
            Cut::List { tests, .. } => {
                let wanted =
                    cells.iter().enumerate().fold(0, |all, (at, cell)| all | (*cell as u64 & 1) << at);
                example_list(case, self.fact, tests, wanted)
            }
        }
    }
}

/// The numbers at which a comparison turns: it differs between `n - 1` and `n`.
fn turns(op: Op, limit: i64) -> Vec<i64> {
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

/// Every way in which one entry can answer the questions, a bit each.
fn entry_answers(case: &Case<'_>, fact: FactId, tests: &[EntryTest], entry: &[Option<Value>]) -> Vec<u64> {
    let whole: Option<u64> =
        tests.iter().enumerate().try_fold(0, |answers, (i, test)| match case.entry(fact, test, entry) {
            Truth::Yes => Some(answers | 1 << i),
            Truth::No => Some(answers),
            Truth::Unknown => None,
        });
    if let Some(answers) = whole {
        return vec![answers];
    }
    // Some member is unknown: try the values that the questions can tell apart.
    let mut ways = Vec::new();
    for candidate in completions(case, fact, tests, entry) {
        let answers = tests
            .iter()
            .enumerate()
            .filter(|(_, test)| case.entry(fact, test, &candidate) == Truth::Yes)
            .fold(0, |answers, (i, _)| answers | 1 << i);
        if !ways.contains(&answers) {
            ways.push(answers);
        }
    }
    ways
}

/// Completions of an entry's unknown members by values that the questions can tell apart.
fn completions(
    case: &Case<'_>,
    fact: FactId,
    tests: &[EntryTest],
    entry: &[Option<Value>],
) -> Vec<Vec<Option<Value>>> {
    let mut asked = Vec::new();
    tests.iter().for_each(|test| members(case, test, &mut asked));
    let mut all = vec![entry.to_vec()];
    let Kind::Records(defs) = &vocabulary().get(fact).kind else { return all };
    for (member, def) in defs.iter().enumerate() {
        if entry.get(member).is_some_and(Option::is_some) || def.default.is_some() {
            continue;
        }
        let numbers: Vec<i64> =
            asked.iter().filter(|(at, _)| *at == member).map(|(_, number)| *number).collect();
        if numbers.is_empty() {
            continue;
        }
        let values = example_values(case, &def.kind, &numbers);
        all = all
            .into_iter()
            .flat_map(|entry| {
                values.iter().map(move |value| {
                    let mut entry = entry.clone();
                    entry[member] = Some(value.clone());
                    entry
                })
            })
            .collect();
    }
    all
}

/// The members that a question asks, each with a number it turns at (0 where it is no number).
fn members(case: &Case<'_>, test: &EntryTest, asked: &mut Vec<(usize, i64)>) {
    match test {
        EntryTest::Always => {}
        EntryTest::All(parts) | EntryTest::Any(parts) => {
            parts.iter().for_each(|part| members(case, part, asked))
        }
        EntryTest::Not(inner) => members(case, inner, asked),
        EntryTest::Words { member, .. } | EntryTest::Bool { member } => asked.push((*member, 0)),
        EntryTest::Number { member, op, value } | EntryTest::MonthsSince { member, op, months: value } => {
            let limit = case.quantity(*value).unwrap_or(0);
            asked.extend(turns(*op, limit).into_iter().map(|turn| (*member, turn)));
        }
    }
}

/// One value for each stretch that questions can tell apart.
fn example_values(case: &Case<'_>, kind: &Kind, turns: &[i64]) -> Vec<Value> {
    match kind {
        Kind::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Kind::Word { words, .. } => {
            (0..words.len()).filter_map(|at| u16::try_from(at).ok()).map(Value::Word).collect()
        }
        Kind::Date { .. } => turns
            .iter()
            .flat_map(|months| [months - 1, *months])
            .filter_map(|months| calendar::first_of_month(calendar::month_index(case.day) - months))
            .map(|day| Value::Date(PartialDate::day(day)))
            .collect(),
        _ => {
            let (min, max) = kind.bounds().unwrap_or((0, 0));
            let mut numbers: Vec<i64> = turns
                .iter()
                .flat_map(|turn| [turn - 1, *turn])
                .map(|number| number.clamp(min, max))
                .collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers.into_iter().map(Value::Number).collect()
        }
    }
}

/// The distinct answers of single entries, each with an entry that gives it.
fn answers_of_entries(case: &Case<'_>, fact: FactId, tests: &[EntryTest]) -> Vec<(u64, Vec<Option<Value>>)> {
    let kind = &vocabulary().get(fact).kind;
    let mut found: Vec<(u64, Vec<Option<Value>>)> = Vec::new();
    let candidates = match kind {
        Kind::Words(words) => (0..words.len())
            .filter_map(|at| u16::try_from(at).ok())
            .map(|at| vec![Some(Value::Word(at))])
            .collect(),
        Kind::Records(defs) => {
            // Members with a default are tried at every value too: a rare member may be stated.
            let mut asked = Vec::new();
            tests.iter().for_each(|test| members(case, test, &mut asked));
            let mut all: Vec<Vec<Option<Value>>> = vec![vec![None; defs.len()]];
            for (member, def) in defs.iter().enumerate() {
                let numbers: Vec<i64> =
                    asked.iter().filter(|(at, _)| *at == member).map(|(_, number)| *number).collect();
                if numbers.is_empty() {
                    continue;
                }
                let values = example_values(case, &def.kind, &numbers);
                all = all
                    .into_iter()
                    .flat_map(|entry| {
                        values.iter().map(move |value| {
                            let mut entry = entry.clone();
                            entry[member] = Some(value.clone());
                            entry
                        })
                    })
                    .collect();
            }
            all
        }
        _ => Vec::new(),
    };
    for entry in candidates {
        let answers = tests
            .iter()
            .enumerate()
            .filter(|(_, test)| case.entry(fact, test, &entry) == Truth::Yes)
            .fold(0, |answers, (i, _)| answers | 1 << i);
        if !found.iter().any(|(known, _)| *known == answers) {
            found.push((answers, entry));
        }
    }
    found
}

/// More combinations of answers than the questions of a decision about one list have ever had.
const MOST_ANSWERS: usize = 1 << 16;

fn list_cut(pack: &Pack, fact: FactId, tests: &[&Test], days: Days) -> Result<Cut, CannotCut> {
    let mut questions: Vec<EntryTest> = Vec::new();
    for test in tests {
        if let Test::Some { entry, .. } = test
            && !questions.contains(entry)
        {
            questions.push(entry.as_ref().clone());
        }
    }
    if questions.is_empty() || questions.len() > 64 {
        return Err(CannotCut::TooMany(vocabulary().get(fact).name()));
    }
    let nobody = Profile::default();
    let case = Case { pack, profile: &nobody, day: days.from, outputs: None };
    let single = answers_of_entries(&case, fact, &questions);
    let mut answers = vec![0_u64];
    let mut known: std::collections::HashSet<u64> = answers.iter().copied().collect();
    let mut next = 0;
    while next < answers.len() {
        for (answer, _) in &single {
            let union = answers[next] | answer;
            if known.insert(union) {
                answers.push(union);
            }
        }
        if answers.len() > MOST_ANSWERS {
            return Err(CannotCut::TooMany(vocabulary().get(fact).name()));
        }
        next += 1;
    }
    answers.sort_unstable();
    Ok(Cut::List { tests: questions, answers })
}

fn example_list(case: &Case<'_>, fact: FactId, tests: &[EntryTest], wanted: u64) -> Option<Value> {
    let (mut entries, mut have) = (Vec::new(), 0);
    for (answers, entry) in answers_of_entries(case, fact, tests) {
        if answers & !wanted == 0 && answers & !have != 0 {
            have |= answers;
            entries.push(entry);
        }
    }
    if have != wanted {
        return None;
    }
    match vocabulary().get(fact).kind {
        Kind::Words(_) => Some(Value::Words(
            entries
                .iter()
                .filter_map(|entry| {
                    if let Some(Some(Value::Word(word))) = entry.first() { Some(*word) } else { None }
                })
                .collect(),
        )),
        _ => Some(Value::Records(entries)),
    }
}
