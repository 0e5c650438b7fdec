//! Random but consistent people, as bodies of `POST /v1/evaluations`.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Months, NaiveDate};
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value as Json, json};

use super::calendar;
use super::condition::{Expr, Operand};
use super::implied;
use super::pack::Pack;
use super::random::Random;
use super::representatives;
use super::request::{get, put};
use super::vocabulary::{self, Fact, Kind};

/// Makes requests about one person each.
pub struct People<'a> {
    pack: &'a Pack,
    random: Random,
    /// Facts that the decisions read on some day.
    read: BTreeSet<String>,
    tests: Vec<&'a Expr>,
    change_days: Vec<NaiveDate>,
    /// How often in a hundred a fact of this person has its usual value.
    usual: usize,
}

impl<'a> People<'a> {
    /// The same seed gives the same people.
    pub fn new(pack: &'a Pack, seed: u64) -> Self {
        let mut conditions: Vec<&Expr> =
            pack.categories.values().flatten().map(|category| &category.when).collect();
        let mut read = BTreeSet::new();
        for decision in pack.decisions.values() {
            conditions.extend(decision.rules.iter().map(|rule| &rule.when));
            conditions.extend(decision.opens.iter().map(|open| &open.when));
            for when in decision.cases.iter().filter_map(|case| case.when.as_ref()) {
                read.extend(names(when).into_iter().filter(|name| vocabulary::find(name).is_some()));
            }
        }
        let is_test = |test: &&Expr| !matches!(test, Expr::Category(_));
        let tests: Vec<&Expr> = conditions.iter().flat_map(|expr| expr.tests()).filter(is_test).collect();
        read.extend(tests.iter().map(|test| representatives::fact_of(test).to_owned()));
        Self { pack, random: Random::new(seed), read, tests, change_days: pack.change_days(), usual: 60 }
    }

    /// The generator of numbers behind the people.
    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// A request in which every fact is known that the decisions read, rare ones perhaps by default.
    pub fn complete(&mut self) -> Json {
        self.usual = *self.random.pick(&[60, 85, 95]);
        let on = self.as_of();
        let born = self.born(on);
        let age = calendar::age(born, on);
        let mut request = json!({
            "as_of": on.to_string(),
            "authority": if self.random.percent(50) { "plan" } else { "law" },
            "explain": if self.random.percent(80) { "summary" } else { "full" },
            "entitlements": self.pack.decisions.keys().collect::<Vec<_>>(),
            "household": {},
            "people": [{ "id": "me", "born_on": born.to_string() }],
        });
        let with_trip = self.random.percent(60);
        for fact in vocabulary::FACTS {
            let trip = fact.id.starts_with("trip.");
            if fact.id == "born_on" || !self.read.contains(fact.id) || (trip && !with_trip) {
                continue;
            }
            if fact.absent.is_some() && !self.random.percent(25) {
                continue;
            }
            if let Some(value) = self.fact(fact, &request, on, age) {
                put(&mut request, fact.id, Some(value));
            }
        }
        if self.random.percent(80) {
            self.place(&mut request);
        }
        request
    }

    /// The same request without some of the facts that have no default; a birth date may lose only its day or month.
    pub fn without(&mut self, complete: &Json, how_many: usize) -> Json {
        let mut request = complete.clone();
        for _ in 0..how_many {
            let removable: Vec<&str> = vocabulary::FACTS
                .iter()
                .filter(|fact| fact.absent.is_none() && get(&request, fact.id).is_some())
                // At school the mode of study is taken as full-time unless said otherwise: no promise holds for it.
                .filter(|fact| fact.id != "study_mode" || !at_school(&request))
                .map(|fact| fact.id)
                .collect();
            if removable.is_empty() {
                break;
            }
            let fact = *self.random.pick(&removable);
            match get(&request, fact).cloned() {
                Some(Json::String(day)) if fact.ends_with("_on") && self.random.percent(70) => {
                    let kept = if self.random.percent(50) { 4 } else { 7 };
                    put(&mut request, fact, Some(json!(day[..kept.min(day.len())])));
                }
                Some(Json::Array(entries)) if !entries.is_empty() && self.random.percent(40) => {
                    let fewer = self.without_a_member(entries);
                    put(&mut request, fact, Some(fewer));
                }
                _ => put(&mut request, fact, None),
            }
            self.without_companions(&mut request, fact);
        }
        request
    }

    fn without_a_member(&mut self, mut entries: Vec<Json>) -> Json {
        let at = self.random.below(entries.len());
        if let Some(entry) = entries[at].as_object_mut() {
            let optional: Vec<String> = entry
                .keys()
                .filter(|key| !["title", "relation", "group"].contains(&key.as_str()))
                .cloned()
                .collect();
            if !optional.is_empty() {
                entry.remove(self.random.pick(&optional));
            }
        }
        Json::Array(entries)
    }

    /// Who does not say whether someone studies does not say how.
    fn without_companions(&mut self, request: &mut Json, fact: &str) {
        let companions: &[&str] = match fact {
            "studying" => &["study_mode", "studies_in_hanoi", "study_year", "course_ends_on", "school_kind"],
            "disability.severity" => &["disability.kind", "disability.certificate", "disability.since"],
            _ => &[],
        };
        companions.iter().for_each(|companion| put(request, companion, None));
    }

    /// Days of the pack, often one on which the law changes or the day before.
    fn as_of(&mut self) -> NaiveDate {
        if self.random.percent(50) && !self.change_days.is_empty() {
            let change = *self.random.pick(&self.change_days);
            let day = change - Days::new(self.random.below(2) as u64);
            return day.clamp(self.pack.from, self.pack.to);
        }
        self.random.day(self.pack.from, self.pack.to)
    }

    /// Birth days often near a day on which an age or the end of a child's card turns.
    fn born(&mut self, on: NaiveDate) -> NaiveDate {
        let mut ages = vec![6, 15, 16, 60, 70, 75, 80];
        for test in &self.tests {
            let Expr::Age(_, operand) = test else { continue };
            if let Some(Operand::Number(years)) = super::truth::resolve(operand, self.pack, on) {
                ages.extend(years.to_i32());
            }
        }
        if self.random.percent(45) {
            let years = *self.random.pick(&ages);
            let birthday = calendar::birthday(on, on.year() - years);
            let shift = *self.random.pick(&[-40, -1, -1, 0, 0, 1, 1, 40]);
            return (birthday + chrono::Duration::days(shift)).min(on);
        }
        if self.random.percent(10) {
            let leap = (on.year() - self.random.below(25) as i32 * 4 - 1) / 4 * 4;
            return calendar::day(leap, 2, if leap % 100 == 0 { 28 } else { 29 }).min(on);
        }
        if self.random.percent(25) {
            let year = on.year() - 6 - self.random.below(2) as i32;
            let (month, day) = *self.random.pick(&[(9, 29), (9, 30), (10, 1), (12, 31), (1, 1)]);
            return calendar::day(year, month, day);
        }
        let (youngest, oldest) =
            *self.random.pick(&[(0, 7), (6, 22), (15, 25), (22, 62), (58, 82), (70, 103)]);
        let last = on - Months::new(12 * youngest);
        self.random.day(on - Months::new(12 * oldest), last)
    }

    /// A value of a fact that fits what the request says so far; `None` when it does not arise.
    fn fact(&mut self, fact: &Fact, request: &Json, on: NaiveDate, age: i32) -> Option<Json> {
        let so_far = |id: &str| get(request, id).and_then(Json::as_str).unwrap_or("none");
        let child = age < 15;
        match fact.id {
            "employment" | "single_parent" | "maternity" if child => return Some(json!("none")),
            "veteran" | "industrial_zone_worker" if child => return Some(json!(false)),
            "merit" if child => return Some(json!([])),
            "pension_vnd" if so_far("pension") == "none" => {
                return if self.random.percent(50) { Some(json!(0)) } else { None };
            }
            "study_mode" => {
                let school = ["preschool", "primary", "lower_secondary", "upper_secondary"];
                if so_far("studying") == "none"
                    || (school.contains(&so_far("studying")) && self.random.percent(60))
                {
                    return None;
                }
            }
            "studies_in_hanoi"
            | "study_year"
            | "course_ends_on"
            | "school_kind"
            | "school_founded_by_city"
                if so_far("studying") == "none" =>
            {
                return None;
            }
            "social_allowance_since" | "social_allowance_group"
                if so_far("social_allowance") != "drawing" =>
            {
                return None;
            }
            "veteran_kind" if get(request, "veteran") != Some(&json!(true)) => return None,
            "disability.kind" | "disability.certificate" | "disability.since"
                if so_far("disability.severity") == "none" =>
            {
                return None;
            }
            "disability.certificate" => return Some(json!(true)),
            "household.status_since" if !so_far("household.poverty_status").starts_with("exited") => {
                return None;
            }
            "household.city_status_since"
                if !so_far("household.city_poverty_status").starts_with("exited") =>
            {
                return None;
            }
            "household.city_poverty_status" => {
                let national = so_far("household.poverty_status");
                if ["poor", "near_poor"].contains(&national) {
                    return if self.random.percent(50) { Some(json!(national)) } else { None };
                }
            }
            "household.area_traits" => return Some(self.traits(so_far("household.area_class"))),
            "household.unit" | "personal_id" | "born_on_final" | "died_on" => return None,
            "health_card_until" if get(request, "has_health_card") != Some(&json!(true)) => return None,
            _ => {}
        }
        Some(self.value(fact.id, &fact.kind, on))
    }

    /// A trait that the class does not already tell.
    fn traits(&mut self, class: &str) -> Json {
        let possible: &[&str] = match class {
            "normal" | "none" => &["ethnic_mountain", "special_zone"],
            _ => &["ethnic_mountain", "special_zone", "poor_commune", "island", "safe_zone"],
        };
        let found = *self.random.pick(possible);
        if found == class { json!([]) } else { json!([found]) }
    }

    fn value(&mut self, name: &str, kind: &Kind, on: NaiveDate) -> Json {
        match kind {
            Kind::Word(words) => {
                let usual = ["none", "normal", "vietnamese", "permanent", "bus", "elsewhere", "other"];
                let usual = words.iter().find(|word| usual.contains(word));
                match usual.filter(|_| self.random.percent(self.usual)) {
                    Some(word) => json!(word),
                    None => json!(self.random.pick(words)),
                }
            }
            Kind::Bool => json!(!self.random.percent(self.usual)),
            Kind::Number(least, most) => self.number(name, *least, *most, on),
            Kind::Date => json!(self.date(name, on).to_string()),
            Kind::Words(words) => {
                let how_many = self.random.below(3);
                let chosen: BTreeSet<&str> = (0..how_many).map(|_| *self.random.pick(words)).collect();
                json!(chosen)
            }
            Kind::Entries(members) => {
                let how_many = if self.random.percent(self.usual) { 0 } else { 1 + self.random.below(2) };
                let mut entries: Vec<Json> = Vec::new();
                for _ in 0..how_many {
                    let entry = self.entry(members, on);
                    let same =
                        |other: &Json| other["title"] == entry["title"] && other["group"] == entry["group"];
                    if !entries.iter().any(same) {
                        entries.push(entry);
                    }
                }
                json!(entries)
            }
            Kind::Text => Json::Null,
        }
    }

    fn entry(&mut self, members: &[Fact], on: NaiveDate) -> Json {
        let mut entry = Map::new();
        for member in members {
            let title = entry.get("title").and_then(Json::as_str).unwrap_or_default().to_owned();
            let of = |titles: &[&str]| titles.contains(&title.as_str());
            let arises = match member.id {
                "impairment_percent" => {
                    of(&["war_invalid", "war_invalid_b", "sick_soldier", "chemical_victim"])
                }
                "own_impairment_percent" => of(&["chemical_victim"]),
                "full_time" | "seniority_years" => of(&["revolutionary_before_1945"]),
                "award" => of(&["helped_revolution"]),
                "count" => of(&["martyr"]),
                "special_severity" | "nurture" => self.random.percent(10),
                "since" => self.random.percent(50),
                _ => true,
            };
            if arises {
                let value = self.value(member.id, &member.kind, on);
                entry.insert(member.id.to_owned(), value);
            }
        }
        Json::Object(entry)
    }

    /// Often at or beside a number that a test mentions.
    fn number(&mut self, name: &str, least: i64, most: i64, on: NaiveDate) -> Json {
        let inner: Vec<&Expr> = self
            .tests
            .iter()
            .flat_map(|test| if let Expr::Some(_, inner) = test { inner.tests() } else { vec![*test] })
            .collect();
        let constants: Vec<i64> = representatives::constants(name, &inner, self.pack, on)
            .into_iter()
            .filter_map(|operand| if let Operand::Number(number) = operand { number.to_i64() } else { None })
            .collect();
        if !constants.is_empty() && self.random.percent(70) {
            let constant = *self.random.pick(&constants);
            return json!((constant + self.random.between(-1, 1)).clamp(least, most));
        }
        json!(self.random.between(least, most.min(10_000_000)))
    }

    fn date(&mut self, name: &str, on: NaiveDate) -> NaiveDate {
        let days = representatives::days(name, &self.tests, self.pack, on);
        if self.random.percent(60) {
            let near = *self.random.pick(&days) + chrono::Duration::days(self.random.between(-16, 16));
            return near.min(on);
        }
        self.random.day(on - Months::new(12 * 6), on)
    }

    /// A unit of the city that fits the class of the place; a ward is a normal place and may leave that unsaid.
    fn place(&mut self, request: &mut Json) {
        let ward = get(request, "household.area_class").is_none_or(|class| class == "normal")
            && self.random.percent(60);
        let units: Vec<&str> =
            implied::units().into_iter().filter(|unit| implied::is_ward(unit) == Some(ward)).collect();
        put(request, "household.unit", Some(json!(self.random.pick(&units))));
        if ward && self.random.percent(50) {
            put(request, "household.area_class", None);
        }
        if self.random.percent(60) {
            put(request, "household.area", None);
        }
    }
}

/// Names in a condition, those of entries not included.
fn names(expr: &Expr) -> Vec<String> {
    let of = |test: &&Expr| match test {
        Expr::Category(_) => None,
        test => Some(representatives::fact_of(test).to_owned()),
    };
    expr.tests().iter().filter_map(of).collect()
}

fn at_school(request: &Json) -> bool {
    let school = ["preschool", "primary", "lower_secondary", "upper_secondary"];
    get(request, "studying").and_then(Json::as_str).is_some_and(|level| school.contains(&level))
}
