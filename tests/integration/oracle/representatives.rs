//! For an unknown fact a short list of values that stands for all: no two of them answer every test alike, and every
//! way of answering the tests is among them.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, Days, Months, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::answer::Question;
use super::calendar::{self, PartialDate};
use super::condition::{Expr, Operand};
use super::implied;
use super::pack::Pack;
use super::profile::{Entry, Profile, Value};
use super::truth::{self, Scope};
use super::vocabulary::{self, Kind};

/// Lists with at most this many entries are tried for an unknown list.
const LONGEST_LIST: usize = 3;
/// More lists than this are more than anybody tries; the search for others ends there.
const MOST_LISTS: usize = 500;
/// Oldest person tried for an unknown birth date.
const OLDEST: i32 = 121;

/// All tests that the rules, open clauses and categories in force make, and the table of implications.
pub fn tests<'a>(question: &Question<'a>) -> Vec<&'a Expr> {
    let mut found = Vec::new();
    for rule in &question.rules {
        collect(&rule.when, question.pack, question.on, &mut found);
    }
    for open in &question.opens {
        collect(&open.when, question.pack, question.on, &mut found);
    }
    found
}

/// The tests of one condition, those of its categories in their place.
pub fn collect<'a>(expr: &'a Expr, pack: &'a Pack, on: NaiveDate, found: &mut Vec<&'a Expr>) {
    for test in expr.tests() {
        match test {
            Expr::Category(id) => {
                for category in pack.categories[id].iter().filter(|valid| valid.from <= on && on <= valid.to)
                {
                    collect(&category.when, pack, on, found);
                }
            }
            test if !found.contains(&test) => found.push(test),
            _ => {}
        }
    }
}

/// The one fact that a test reads.
pub fn fact_of(test: &Expr) -> &str {
    match test {
        Expr::Age(..) | Expr::CardRunning(..) => "born_on",
        Expr::Fact(name)
        | Expr::Compare(name, ..)
        | Expr::In(name, _)
        | Expr::MonthsSince(name, ..)
        | Expr::Some(name, _)
        | Expr::Empty(name) => name,
        other => panic!("not a test: {other:?}"),
    }
}

/// Representative values of a fact that is unknown or known in part, for those `tests` whose answer matters.
pub fn of_fact(fact: &str, profile: &Profile, tests: &[&Expr], question: &Question) -> Vec<Value> {
    let (pack, on) = (question.pack, question.on);
    let kind = &vocabulary::find(fact).unwrap_or_else(|| panic!("no fact {fact}")).kind;
    let lines: Vec<_> = implied::TABLE.iter().collect();
    let mut asked: Vec<&Expr> = tests.iter().copied().filter(|test| fact_of(test) == fact).collect();
    asked.extend(lines.iter().filter(|line| line.reads == fact).map(|line| &line.when));
    let candidates = match (kind, profile.get(fact)) {
        (Kind::Entries(_) | Kind::Words(_), known) => {
            let all = self::tests(question);
            let all: Vec<&Expr> = all.into_iter().filter(|test| fact_of(test) == fact).collect();
            return lists(fact, known, &asked, &all, pack, on);
        }
        (Kind::Date, known) => {
            let whole = PartialDate::parse("1900").expect("a year").first();
            let (first, last) = match known {
                Some(Value::Date(partial)) => (partial.first(), partial.last()),
                // The date of a decision or document that brought something about lies behind us.
                _ if fact.ends_with("since") => (whole, on),
                _ => (whole, on + Months::new(12)),
            };
            let mut days = if fact == "born_on" { births(on) } else { days(fact, &asked, pack, on) };
            days.extend([first, last.min(on)]);
            days.retain(|day| first <= *day && *day <= last && (fact != "born_on" || *day <= on));
            days.sort();
            days.into_iter().map(|day| Value::Date(PartialDate::full(day))).collect()
        }
        (kind, _) => values(fact, kind, &asked, pack, on),
    };
    distinct(candidates, |value| {
        let mut probe = Profile::default();
        probe.set(fact, Some(value.clone()));
        let mut truths: Vec<_> =
            asked.iter().map(|test| truth::holds(test, pack, on, Scope::Facts(&probe))).collect();
        let follows = lines.iter().filter(|line| line.fact == fact);
        truths.extend(follows.map(|line| Some(line.value == *value)));
        truths
    })
}

/// Keeps the first of all that look alike.
fn distinct<T, K: PartialEq>(candidates: Vec<T>, look: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen: Vec<K> = Vec::new();
    let mut kept = Vec::new();
    for candidate in candidates {
        let looks = look(&candidate);
        if !seen.contains(&looks) {
            seen.push(looks);
            kept.push(candidate);
        }
    }
    kept
}

/// Constants that tests compare a fact or member with.
pub fn constants(name: &str, tests: &[&Expr], pack: &Pack, on: NaiveDate) -> Vec<Operand> {
    let mut found = Vec::new();
    for test in tests {
        let operands = match test {
            Expr::Compare(read, _, operand) if read == name => vec![operand],
            Expr::In(read, operands) if read == name => operands.iter().collect(),
            _ => continue,
        };
        found.extend(operands.into_iter().filter_map(|operand| truth::resolve(operand, pack, on)));
    }
    found
}

/// All words, both bools, numbers at and beside each constant.
fn values(name: &str, kind: &Kind, tests: &[&Expr], pack: &Pack, on: NaiveDate) -> Vec<Value> {
    match kind {
        Kind::Word(words) => words.iter().map(|word| Value::Word((*word).to_owned())).collect(),
        Kind::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Kind::Number(least, most) => {
            let mut numbers = vec![Decimal::from(*least), Decimal::from(*most)];
            for constant in constants(name, tests, pack, on) {
                let Operand::Number(number) = constant else { continue };
                numbers.extend([number.floor() - Decimal::ONE, number.floor(), number.ceil() + Decimal::ONE]);
            }
            numbers.retain(|number| Decimal::from(*least) <= *number && *number <= Decimal::from(*most));
            numbers.into_iter().map(Value::Number).collect()
        }
        Kind::Date => {
            let days = days(name, tests, pack, on).into_iter();
            days.map(|day| Value::Date(PartialDate::full(day))).collect()
        }
        Kind::Words(_) | Kind::Entries(_) | Kind::Text => Vec::new(),
    }
}

/// Days beside each day and each count of months that tests mention.
pub fn days(name: &str, tests: &[&Expr], pack: &Pack, on: NaiveDate) -> Vec<NaiveDate> {
    let mut days = vec![on, on + Months::new(1)];
    for constant in constants(name, tests, pack, on) {
        let Operand::Date(day) = constant else { continue };
        days.extend([day - Days::new(1), day, day + Days::new(1)]);
    }
    for test in tests {
        let Expr::MonthsSince(read, _, limit) = test else { continue };
        let Some(Operand::Number(limit)) = truth::resolve(limit, pack, on) else { continue };
        let limit = limit.to_i32().expect("whole months");
        for months in [limit - 1, limit, limit + 1].iter().filter(|_| read == name) {
            let month = calendar::month_number(on) - months;
            days.push(calendar::day(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, 1));
        }
    }
    days
}

/// Birth days on which ages and ends of cards turn, of every year.
fn births(on: NaiveDate) -> Vec<NaiveDate> {
    let mut days = Vec::new();
    for year in (on.year() - OLDEST)..=on.year() {
        let same_day = calendar::birthday(on, year);
        let month_end = calendar::end_of_month(year, on.month());
        let fixed = [(1, 1), (2, 28), (3, 1), (9, 30), (10, 1), (12, 31)];
        days.extend(fixed.map(|(month, day)| calendar::day(year, month, day)));
        days.extend([same_day - Days::new(1), same_day, same_day + Days::new(1)]);
        days.extend([calendar::day(year, on.month(), 1), month_end, month_end + Days::new(1)]);
        for month in 1..=12 {
            days.push(calendar::day(year, month, 1));
        }
        days.extend(NaiveDate::from_ymd_opt(year, 2, 29));
    }
    days
}

thread_local! {
    /// Entries depend on the tests and the values of their parameters only, and those change rarely.
    static ENTRIES: RefCell<HashMap<String, Vec<Entry>>> = RefCell::new(HashMap::new());
}

/// Entries of a list of which no two answer all questions about an entry alike.
fn entries(list: &str, fixed: &Entry, asked: &[&Expr], pack: &Pack, on: NaiveDate) -> Vec<Entry> {
    let kind = &vocabulary::find(list).unwrap_or_else(|| panic!("no list {list}")).kind;
    let questions: Vec<&Expr> = asked
        .iter()
        .filter_map(|test| if let Expr::Some(_, inner) = test { Some(&**inner) } else { None })
        .collect();
    let tests: Vec<&Expr> = questions.iter().flat_map(|question| question.tests()).collect();
    let key = format!("{list} {fixed:?} {questions:?} {:?}", parameters(&tests, pack, on));
    if let Some(known) = ENTRIES.with_borrow(|cache| cache.get(&key).cloned()) {
        return known;
    }
    let mut found = Vec::new();
    if let Kind::Words(words) = kind {
        let entry = |word: &&str| Entry::from([(String::new(), Value::Word((*word).to_owned()))]);
        found.extend(words.iter().map(entry));
    }
    if let Kind::Entries(members) = kind {
        let mut unfinished = vec![fixed.clone()];
        while let Some(entry) = unfinished.pop() {
            let unknown =
                |question: &&&Expr| truth::holds(question, pack, on, Scope::Entry(list, &entry)).is_none();
            let Some(question) = questions.iter().find(unknown) else {
                found.push(entry);
                continue;
            };
            let of_question = question.tests();
            let open = of_question.iter().map(|test| fact_of(test)).find(|name| !entry.contains_key(*name));
            let member =
                members.iter().find(|member| Some(member.id) == open).expect("a member not yet known");
            let of_member: Vec<&Expr> =
                tests.iter().copied().filter(|test| fact_of(test) == member.id).collect();
            for value in distinct(values(member.id, &member.kind, &of_member, pack, on), |value| {
                let entry = Entry::from([(member.id.to_owned(), value.clone())]);
                truths(&of_member, list, &entry, pack, on)
            }) {
                let mut with = entry.clone();
                with.insert(member.id.to_owned(), value);
                unfinished.push(with);
            }
        }
    }
    let found = distinct(found, |entry| truths(&questions, list, entry, pack, on));
    ENTRIES.with_borrow_mut(|cache| cache.insert(key, found.clone()));
    found
}

fn truths(tests: &[&Expr], list: &str, entry: &Entry, pack: &Pack, on: NaiveDate) -> Vec<Option<bool>> {
    tests.iter().map(|test| truth::holds(test, pack, on, Scope::Entry(list, entry))).collect()
}

/// Values on the day of the parameters that tests use; the day itself where one counts months.
fn parameters(tests: &[&Expr], pack: &Pack, on: NaiveDate) -> BTreeMap<String, Option<Operand>> {
    let mut found = BTreeMap::new();
    for test in tests {
        let operands: Vec<&Operand> = match test {
            Expr::Compare(_, _, operand) => vec![operand],
            Expr::MonthsSince(_, _, operand) => {
                found.insert(String::new(), Some(Operand::Date(on)));
                vec![operand]
            }
            Expr::In(_, operands) => operands.iter().collect(),
            _ => Vec::new(),
        };
        for operand in operands {
            if let Operand::Parameter(id) = operand {
                found.insert(id.clone(), pack.parameter(id, on));
            }
        }
    }
    found
}

/// Lists of which no two answer all questions alike: the given one with its unknown members filled in, or any.
/// `all` are the questions of the decision, `asked` those whose answer matters.
fn lists(
    list: &str,
    known: Option<&Value>,
    asked: &[&Expr],
    all: &[&Expr],
    pack: &Pack,
    on: NaiveDate,
) -> Vec<Value> {
    let answers = |entries: &[Entry]| -> (bool, Vec<Option<bool>>) {
        let mut probe = Profile::default();
        probe.set(list, Some(Value::List(entries.to_vec())));
        let truths = asked.iter().map(|test| truth::holds(test, pack, on, Scope::Facts(&probe)));
        (entries.is_empty(), truths.collect())
    };
    let options = |fixed: &Entry| {
        distinct(entries(list, fixed, all, pack, on), |entry| answers(std::slice::from_ref(entry)))
    };
    let mut found: Vec<Vec<Entry>> = vec![Vec::new()];
    if let Some(Value::List(given)) = known {
        for entry in given {
            found = distinct(longer(&found, &options(entry)), |list| answers(list));
        }
    } else {
        let any = options(&Entry::new());
        let mut longest = found.clone();
        for _ in 0..LONGEST_LIST {
            longest = longer(&longest, &any);
            let before = found.len();
            found.extend(longest);
            found = distinct(found, |list| answers(list));
            longest = found[before..].to_vec();
            if found.len() > MOST_LISTS {
                break;
            }
        }
    }
    found.into_iter().map(Value::List).collect()
}

/// Each list with each entry added.
fn longer(lists: &[Vec<Entry>], entries: &[Entry]) -> Vec<Vec<Entry>> {
    let with = |list: &Vec<Entry>, entry: &Entry| [&list[..], std::slice::from_ref(entry)].concat();
    lists.iter().flat_map(|list| entries.iter().map(|entry| with(list, entry)).collect::<Vec<_>>()).collect()
}
