//! Lists in the diagrams: which questions about entries are asked, and which combinations of answers a list can give.

use chrono::NaiveDate;

use super::{
    cells::{CannotCut, Cut, turns},
    conditions::{Case, EntryTest, Test, Truth},
    model::Pack,
    raw::Days,
};
use crate::facts::{FactId, Kind, Member, PartialDate, Profile, Value, calendar, vocabulary};

/// Every way in which one entry can answer the questions, a bit each.
pub fn entry_answers(
    case: &Case<'_>,
    fact: FactId,
    tests: &[EntryTest],
    entry: &[Option<Value>],
) -> Vec<u64> {
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
    let Kind::Records(defs) = &vocabulary().get(fact).kind else { return Vec::new() };
    let open: Vec<bool> = defs
        .iter()
        .zip(entry)
        .map(|(def, value)| match value {
            None => def.default.is_none(),
            Some(Value::Date(date)) => date.exact().is_none(),
            Some(_) => false,
        })
        .collect();
    let mut ways = Vec::new();
    for candidate in combinations(case, defs, tests, entry, &open) {
        let answers = answers_of(case, fact, tests, &candidate);
        if !ways.contains(&answers) {
            ways.push(answers);
        }
    }
    ways
}

/// What a whole entry answers, a bit a question.
fn answers_of(case: &Case<'_>, fact: FactId, tests: &[EntryTest], entry: &[Option<Value>]) -> u64 {
    let holds = |test: &EntryTest| case.entry(fact, test, entry) == Truth::Yes;
    tests.iter().enumerate().filter(|(_, test)| holds(test)).fold(0, |answers, (i, _)| answers | 1 << i)
}

/// The entry with its open members at every value that the questions can tell apart.
fn combinations(
    case: &Case<'_>,
    defs: &[Member],
    tests: &[EntryTest],
    entry: &[Option<Value>],
    open: &[bool],
) -> Vec<Vec<Option<Value>>> {
    let mut asked = Vec::new();
    tests.iter().for_each(|test| members(case, test, &mut asked));
    let mut all = vec![entry.to_vec()];
    for (member, def) in defs.iter().enumerate().filter(|(member, _)| open[*member]) {
        let numbers: Vec<i64> =
            asked.iter().filter(|(at, _)| *at == member).map(|(_, number)| *number).collect();
        if numbers.is_empty() {
            continue;
        }
        let mut values = example_values(case, &def.kind, &numbers);
        if let Some(Value::Date(date)) = &entry[member] {
            // Of a date known in part: its ends, and the turns between them.
            let (first, last) = (date.earliest(), date.latest());
            values.retain(
                |value| matches!(value, Value::Date(day) if first < day.earliest() && day.earliest() < last),
            );
            values.extend([first, last].map(|day| Value::Date(PartialDate::day(day))));
        }
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

/// Counts of months at which questions about dates of entries turn, by member.
pub fn month_turns(pack: &Pack, tests: &[EntryTest], day: NaiveDate) -> Vec<(usize, i64)> {
    fn walk(test: &EntryTest, pack: &Pack, day: NaiveDate, found: &mut Vec<(usize, i64)>) {
        match test {
            EntryTest::All(parts) | EntryTest::Any(parts) => {
                parts.iter().for_each(|part| walk(part, pack, day, found));
            }
            EntryTest::Not(inner) => walk(inner, pack, day, found),
            EntryTest::MonthsSince { member, op, months } => {
                let turns = pack.quantity(*months, day).map_or_else(Vec::new, |months| turns(*op, months));
                found.extend(turns.into_iter().map(|months| (*member, months)));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    tests.iter().for_each(|test| walk(test, pack, day, &mut found));
    found
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
        // Members with a default are tried at every value too: a rare member may be stated.
        Kind::Records(defs) => {
            combinations(case, defs, tests, &vec![None; defs.len()], &vec![true; defs.len()])
        }
        _ => Vec::new(),
    };
    for entry in candidates {
        let answers = answers_of(case, fact, tests, &entry);
        if !found.iter().any(|(known, _)| *known == answers) {
            found.push((answers, entry));
        }
    }
    found
}

/// Every way in which a list of one entry can answer the questions of a list fact, whatever the day: the numbers in the
/// questions are resolved, and dates are tried around their turns.
pub fn single_answers(pack: &Pack, fact: FactId, tests: &[EntryTest], day: NaiveDate) -> Vec<u64> {
    let nobody = Profile::default();
    let case = Case { pack, profile: &nobody, day };
    answers_of_entries(&case, fact, tests).into_iter().map(|(answers, _)| answers).collect()
}

/// More combinations of answers than the questions of a decision about one list have ever had.
const MOST_ANSWERS: usize = 1 << 16;

pub fn list_cut(pack: &Pack, fact: FactId, tests: &[&Test], days: Days) -> Result<Cut, CannotCut> {
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
    let case = Case { pack, profile: &nobody, day: days.from };
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

pub fn example_list(case: &Case<'_>, fact: FactId, tests: &[EntryTest], wanted: u64) -> Option<Value> {
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
        _ => Some(Value::Records(entries.into())),
    }
}
