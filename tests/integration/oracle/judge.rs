//! Whether two laws ever answer differently: people near what differs between them, asked of both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::answer::Question;
use super::benefit::{self, Field};
use super::condition::Expr;
use super::implied;
use super::pack::Pack;
use super::people::People;
use super::profile::{Entry, Profile, Value};
use super::random::Random;
use super::representatives;
use super::truth::{self, Scope};
use super::vocabulary::{self, Kind};

/// How often the facts of a changed condition are drawn anew to make it hold or to tell the two laws apart.
const TRIES: usize = 40;

/// Days asked beside those on which something that differs begins or ends.
const OTHER_DAYS: usize = 8;

/// Values of the facts of a condition on a day.
type Values<'a> = HashMap<(usize, NaiveDate), Vec<(&'a str, Vec<Value>)>>;

/// What differs between two packs.
pub struct Near<'a> {
    /// The two laws.
    packs: [&'a Pack; 2],
    /// Conditions that differ, or whose numbers or consequences do: of the first law and, where it has one, the second.
    conditions: Vec<(Option<&'a Expr>, Option<&'a Expr>)>,
    /// Days on which something that differs begins or ends.
    days: Vec<NaiveDate>,
}

/// Something of a pack with its condition, its days and all it says.
struct Part<'a> {
    key: String,
    when: Option<&'a Expr>,
    days: Vec<NaiveDate>,
    says: String,
}

fn parts(pack: &Pack) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for (id, categories) in &pack.categories {
        for (at, category) in categories.iter().enumerate() {
            let days = vec![category.from, category.to];
            parts.push(Part {
                key: format!("@{id} {at}"),
                when: Some(&category.when),
                days,
                says: format!("{category:?}"),
            });
        }
    }
    for decision in pack.decisions.values() {
        let rules = decision.rules.iter().chain(&decision.otherwise);
        for rule in rules {
            let key = format!("{} {}", decision.id, rule.id);
            parts.push(Part {
                key,
                when: Some(&rule.when),
                days: vec![rule.from, rule.to],
                says: format!("{rule:?}"),
            });
        }
        for open in &decision.opens {
            let key = format!("{} open {}", decision.id, open.id);
            parts.push(Part {
                key,
                when: Some(&open.when),
                days: vec![open.from, open.to],
                says: format!("{open:?}"),
            });
        }
        for (at, case) in decision.cases.iter().enumerate() {
            let key = format!("{} field {} {at}", decision.id, case.id);
            parts.push(Part { key, when: case.when.as_ref(), days: Vec::new(), says: format!("{case:?}") });
        }
    }
    parts
}

impl<'a> Near<'a> {
    /// Finds what differs.
    pub fn new(first: &'a Pack, second: &'a Pack) -> Self {
        let (old, new) = (parts(first), parts(second));
        let mut days: BTreeSet<NaiveDate> = BTreeSet::new();
        let mut names: Vec<String> = Vec::new();
        for (id, dated) in &first.parameters {
            let other = second.parameters.get(id);
            if format!("{dated:?}") != format!("{:?}", other.map_or(&[][..], Vec::as_slice)) {
                names.push(id.clone());
                let all = dated.iter().chain(other.into_iter().flatten());
                days.extend(all.map(|value| value.from));
            }
        }
        let mut conditions = Vec::new();
        // What reads something that differs differs, too: once more for categories in categories.
        let mut changed: BTreeSet<&str> = BTreeSet::new();
        for _ in 0..4 {
            let keys: Vec<&str> = old.iter().chain(&new).map(|part| part.key.as_str()).collect();
            for key in keys {
                let find = |parts: &'_ [Part<'_>]| parts.iter().position(|part| part.key == key);
                let (was, is) = (find(&old).map(|at| &old[at]), find(&new).map(|at| &new[at]));
                let says = |part: Option<&Part<'_>>| part.map(|part| part.says.clone());
                let reads = |part: Option<&Part<'_>>| {
                    part.is_some_and(|part| {
                        names.iter().any(|name| {
                            part.says.contains(&format!("{name}\""))
                                || part.says.contains(&format!("${name}"))
                        })
                    })
                };
                if (says(was) != says(is) || reads(was) || reads(is)) && changed.insert(key) {
                    conditions.push((was.and_then(|part| part.when), is.and_then(|part| part.when)));
                    days.extend(was.into_iter().chain(is).flat_map(|part| part.days.iter().copied()));
                    if let Some(name) = key.strip_prefix('@') {
                        names.push(name.split(' ').next().unwrap_or(name).to_owned());
                    }
                }
            }
        }
        let beside = |day: NaiveDate| [day - Days::new(1), day, day + Days::new(1)];
        let inside = |day: &NaiveDate| first.from <= *day && *day <= first.to;
        let days = days.into_iter().flat_map(beside).filter(inside).collect();
        Self { packs: [first, second], conditions, days }
    }

    /// The first of `n` people near the difference for whom the two laws answer differently: the `[[test]]` that would
    /// notice it, by the first law.
    pub fn difference(&self, n: usize, seed: u64) -> Option<String> {
        let mut people = People::new(self.packs[0], seed);
        let mut days = self.days.clone();
        for _ in 0..OTHER_DAYS {
            days.push(people.random().day(self.packs[0].from, self.packs[0].to));
        }
        let mut values = Values::new();
        for number in 0..n {
            let request = people.complete();
            let random = people.random();
            let on = *random.pick(&days);
            let mut profile = Profile::read(&request, 0, on);
            if matches!(profile.get("born_on"), Some(Value::Date(born)) if born.first() > on) {
                continue;
            }
            if !self.conditions.is_empty() && number % 8 != 0 {
                self.move_near(&mut profile, random, on, &mut values);
            }
            for plan in [false, true] {
                for id in self.packs[0].decisions.keys() {
                    if self.differ(id, plan, on, &profile).is_some() {
                        return Some(self.as_test(id, plan, on, profile));
                    }
                }
            }
        }
        None
    }

    /// What the two laws say of a possible person where they say different things.
    fn differ(&self, id: &str, plan: bool, on: NaiveDate, profile: &Profile) -> Option<[Told; 2]> {
        if !implied::consistent(profile, &profile.clone(), on) {
            return None;
        }
        let [old, new] = self.packs.map(|pack| told(pack, id, plan, on, profile));
        let (old, new) = (old?, new?);
        (old != new).then_some([old, new])
    }

    /// The person with as many facts as possible at their plain value, written as a test of the first law.
    fn as_test(&self, id: &str, plan: bool, on: NaiveDate, mut profile: Profile) -> String {
        let usual = ["none", "normal", "vietnamese", "permanent", "bus", "elsewhere", "other", "full_time"];
        for fact in vocabulary::FACTS {
            let plain = match &fact.kind {
                _ if fact.absent.is_some() => continue,
                Kind::Word(words) => {
                    words.iter().find(|word| usual.contains(word)).map(|word| Value::Word((*word).to_owned()))
                }
                Kind::Bool => Some(Value::Bool(false)),
                Kind::Number(..) => Some(Value::Number(Decimal::from(0))),
                Kind::Words(_) | Kind::Entries(_) => Some(Value::List(Vec::new())),
                Kind::Date | Kind::Text => None,
            };
            for value in [None, plain] {
                let mut plainer = profile.clone();
                plainer.set(fact.id, value);
                if self.differ(id, plan, on, &plainer).is_some() {
                    profile = plainer;
                    break;
                }
            }
        }
        let Some([old, new]) = self.differ(id, plan, on, &profile) else { return String::new() };
        let mut text = format!("[[test]] # {id}\nas_of = {on}\n");
        if plan {
            text.push_str("authority = \"plan\"\n");
        }
        let given: Vec<String> = vocabulary::FACTS
            .iter()
            .filter_map(|fact| Some((fact, profile.get(fact.id)?)))
            .filter(|(fact, value)| fact.absent.is_none_or(|_| *value != &default_of(fact)))
            .filter(|(_, value)| **value != Value::Word(vocabulary::UNSTATED.to_owned()))
            .map(|(fact, value)| format!("{} = {}", name(fact.id), toml(value)))
            .collect();
        let want: Vec<String> = old
            .iter()
            .filter(|(name, value)| new.get(*name) != Some(value))
            .map(|(name, value)| format!("{} = {value}", self::name(name)))
            .collect();
        let instead: Vec<String> = new
            .iter()
            .filter(|(name, value)| old.get(*name) != Some(value))
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        text.push_str(&format!("given = {{ {} }}\nwant = {{ {} }}\n", given.join(", "), want.join(", ")));
        text.push_str(&format!("# instead: {}", instead.join(", ")));
        text
    }

    /// The facts of a changed condition, each with values that stand for all, in both laws.
    fn values(&self, place: usize, on: NaiveDate) -> Vec<(&'a str, Vec<Value>)> {
        let (was, is) = &self.conditions[place];
        let mut tests: Vec<&'a Expr> = Vec::new();
        for (pack, when) in [(self.packs[0], was), (self.packs[1], is)] {
            when.iter().for_each(|when| representatives::collect(when, pack, on, &mut tests));
        }
        let facts: BTreeSet<&str> = tests
            .iter()
            .map(|test| representatives::fact_of(test))
            .filter(|fact| vocabulary::find(fact).is_some())
            .collect();
        let nobody = Profile::default();
        let of = |fact: &'a str| {
            let mut values = Vec::new();
            for pack in self.packs {
                for decision in pack.decisions.values() {
                    let question = Question::new(pack, decision, true, on);
                    values.extend(representatives::of_fact(fact, &nobody, &tests, &question));
                }
            }
            (fact, values)
        };
        facts.into_iter().map(of).filter(|(_, values)| !values.is_empty()).collect()
    }

    /// Gives the facts of one changed condition values that make it differ between the laws or at least hold.
    fn move_near(&self, profile: &mut Profile, random: &mut Random, on: NaiveDate, values: &mut Values<'a>) {
        let place = random.below(self.conditions.len());
        let (was, is) = &self.conditions[place];
        let values = values.entry((place, on)).or_insert_with(|| self.values(place, on));
        let mut best = (0, profile.clone());
        for _ in 0..TRIES {
            let mut tried = profile.clone();
            for (fact, values) in values.iter() {
                if random.percent(75) {
                    tried.set(fact, Some(random.pick(values).clone()));
                }
            }
            if !implied::consistent(&tried, &tried.clone(), on) {
                continue;
            }
            let truth = |pack: &Pack, when: &Option<&Expr>| {
                when.and_then(|when| truth::holds(when, pack, on, Scope::Facts(&tried)))
            };
            let (old, new) = (truth(self.packs[0], was), truth(self.packs[1], is));
            let worth = if old != new { 2 } else { usize::from(old == Some(true)) } + 1;
            if worth > best.0 {
                best = (worth, tried);
            }
            if best.0 == 3 {
                break;
            }
        }
        *profile = best.1;
    }
}

/// Outcome and every field of the benefit, as a test writes them.
type Told = BTreeMap<String, String>;

/// What a law says, for complete facts; `None` when something is unknown.
fn told(pack: &Pack, id: &str, plan: bool, on: NaiveDate, profile: &Profile) -> Option<Told> {
    let question = Question::new(pack, pack.decisions.get(id)?, plan, on);
    let mut told = Told::new();
    if let Some(outcome) = question.outcome_of_the_day() {
        told.insert("outcome".into(), format!("\"{}\"", outcome.name()));
        return Some(told);
    }
    let known = |when: &Expr| truth::holds(when, pack, on, Scope::Facts(profile));
    let rules: Vec<bool> = question.rules.iter().map(|rule| known(&rule.when)).collect::<Option<_>>()?;
    let opens: Vec<bool> = question.opens.iter().map(|open| known(&open.when)).collect::<Option<_>>()?;
    let answer = question.decide(&rules, &opens);
    told.insert("outcome".into(), format!("\"{}\"", answer.outcome.name()));
    for (name, field) in benefit::fields(&question, profile, &answer) {
        let value = match field {
            Field::Known(json) if json == false => "\"null\"".into(),
            Field::Known(json) => json.to_string(),
            Field::Null | Field::Omitted => "\"null\"".into(),
        };
        told.insert(name, value);
    }
    let paid: Vec<String> = answer
        .paid_by
        .iter()
        .filter(|(_, percent)| **percent > Decimal::ZERO)
        .map(|(payer, percent)| format!("{{ payer = \"{payer}\", percent = \"{}\" }}", percent.normalize()))
        .collect();
    told.insert("paid_by".into(), format!("[{}]", paid.join(", ")));
    Some(told)
}

fn default_of(fact: &vocabulary::Fact) -> Value {
    Profile::read(&serde_json::json!({ "people": [{}] }), 0, NaiveDate::MIN)
        .get(fact.id)
        .cloned()
        .unwrap_or(Value::NoDate)
}

/// A name as a test writes it: members of a nested fact in quotes.
fn name(id: &str) -> String {
    let scoped = id.starts_with("household.") || id.starts_with("trip.");
    if scoped || !id.contains('.') { id.to_owned() } else { format!("\"{id}\"") }
}

fn toml(value: &Value) -> String {
    match value {
        Value::Word(word) => format!("\"{word}\""),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.normalize().to_string(),
        Value::Date(date) => format!("\"{}\"", date.first()),
        Value::NoDate => "\"none\"".into(),
        Value::List(entries) => {
            let entry = |entry: &Entry| match entry.get("") {
                Some(word) => toml(word),
                None => {
                    let members: Vec<String> =
                        entry.iter().map(|(name, value)| format!("{name} = {}", toml(value))).collect();
                    format!("{{ {} }}", members.join(", "))
                }
            };
            format!("[{}]", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}
