//! Seeded households for the comparison: one to six people with every fact that the two readings look at, ages near the limits of the law, days
//! near its changes. The same seed gives the same households on every machine.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::calendar::day;
use super::households_people::write_person;

/// Days on which one of the two benefits changes.
const CHANGES: [NaiveDate; 38] = [
    day(2018, 12, 1),
    day(2019, 7, 1),
    day(2019, 9, 1),
    day(2020, 1, 1),
    day(2021, 7, 1),
    day(2021, 11, 6),
    day(2021, 11, 21),
    day(2022, 1, 1),
    day(2022, 2, 15),
    day(2023, 7, 1),
    day(2023, 10, 19),
    day(2023, 11, 1),
    day(2023, 12, 3),
    day(2024, 1, 1),
    day(2024, 4, 1),
    day(2024, 6, 13),
    day(2024, 7, 1),
    day(2024, 8, 8),
    day(2024, 8, 23),
    day(2024, 10, 27),
    day(2024, 11, 1),
    day(2025, 7, 1),
    day(2025, 8, 1),
    day(2025, 8, 15),
    day(2025, 8, 30),
    day(2025, 9, 3),
    day(2025, 11, 18),
    day(2026, 1, 1),
    day(2026, 2, 1),
    day(2026, 2, 14),
    day(2026, 2, 23),
    day(2026, 6, 18),
    day(2026, 6, 25),
    day(2026, 7, 1),
    day(2026, 7, 6),
    day(2026, 11, 1),
    day(2027, 1, 1),
    day(2027, 7, 1),
];
/// The plan's promises begin.
const PLAN_181: NaiveDate = day(2024, 6, 13);
/// Wards and communes have their codes of today from this day.
const UNITS_FROM: NaiveDate = day(2025, 7, 1);

/// An endless row of requests.
pub struct Households {
    draw: Draw,
    first: NaiveDate,
    last: NaiveDate,
    most: u64,
}

impl Households {
    /// Households of days between `first` and `last`, both included (at most 2018-12-01 to 2027-12-31).
    pub fn new(seed: u64, first: NaiveDate, last: NaiveDate) -> Self {
        Self { draw: Draw(seed), first, last, most: 6 }
    }

    /// Of one person each.
    pub fn of_one_person(self) -> Self {
        Self { most: 1, ..self }
    }

    /// Appends the next household to `out` as the JSON body of `POST /v1/evaluations`, on one line, without an end of line.
    pub fn write_next(&mut self, out: &mut String) {
        let draw = &mut self.draw;
        let on = asked_day(draw, self.first, self.last);
        let authority = if on >= PLAN_181 && draw.chance(50) { "plan" } else { "law" };
        out.push_str("{\"as_of\":\"");
        push_date(out, on);
        out.push_str("\",\"authority\":\"");
        out.push_str(authority);
        out.push_str(
            "\",\"entitlements\":[\"health_insurance_premium\",\"free_transit\"],\"explain\":\"none\",",
        );
        let home = write_household(draw, on, out);
        if draw.chance(33) {
            write_trip(draw, out);
        }
        out.push_str("\"people\":[");
        let people = 1 + draw.below(self.most);
        for place in 0..people {
            if place > 0 {
                out.push(',');
            }
            write_person(draw, on, &home, place, out);
        }
        out.push_str("]}");
    }
}

impl Iterator for Households {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut out = String::with_capacity(6_000);
        self.write_next(&mut out);
        Some(out)
    }
}

/// What of the household the facts of its people must agree with.
pub struct Home {
    pub city_poverty_status: &'static str,
}

fn asked_day(draw: &mut Draw, first: NaiveDate, last: NaiveDate) -> NaiveDate {
    if draw.chance(65) {
        let change = CHANGES[draw.below(CHANGES.len() as u64) as usize];
        let on = match draw.below(5) {
            0 => change - Days::new(1),
            1 => change + Days::new(1),
            _ => change,
        };
        if (first..=last).contains(&on) {
            return on;
        }
    }
    if draw.chance(10) {
        // Days around the end of February and of September: birthdays of 29 February, young children's cards.
        let year = first.year() + draw.below((last.year() - first.year()) as u64 + 1) as i32;
        let near = if draw.chance(50) { day(year, 2, 27) } else { day(year, 9, 29) };
        let on = near + Days::new(draw.below(4));
        if (first..=last).contains(&on) {
            return on;
        }
    }
    let span = (last - first).num_days() as u64;
    first + Days::new(draw.below(span + 1))
}

fn write_household(draw: &mut Draw, on: NaiveDate, out: &mut String) -> Home {
    let statuses = ["none", "none", "poor", "near_poor", "exited_poverty", "exited_near_poverty"];
    let national = draw.pick(&statuses);
    // A city line is never lower than the national one.
    let city = match national {
        "poor" | "near_poor" => national,
        _ if draw.chance(50) => national,
        _ => draw.pick(&statuses),
    };
    out.push_str("\"household\":{");
    if on >= UNITS_FROM && draw.chance(30) {
        text(out, "unit", draw.pick(&["00376", "10441", "00136"]));
    }
    text(out, "area", draw.pick(&["urban", "rural"]));
    text(out, "poverty_status", national);
    if national != "none" {
        since(draw, on, out, "status_since");
    }
    text(out, "city_poverty_status", city);
    if city != "none" {
        since(draw, on, out, "city_status_since");
    }
    flag(out, "cannot_escape_poverty", draw.chance(10) && city == "poor");
    // A household on a list has no average living standard.
    let listed = matches!(city, "poor" | "near_poor");
    let livelihood =
        if listed { "other" } else { draw.pick(&["farm_average", "farm_average", "other_average", "other"]) };
    text(out, "livelihood", livelihood);
    write_place(draw, on, out);
    let salaries = [1_390_000, 1_490_000, 1_800_000, 2_340_000, 2_530_000];
    let income = match city {
        "poor" | "near_poor" => 900_000 + draw.below(500_000) as i64,
        _ => draw.pick(&salaries) + draw.pick(&[-1, 0, 1, 500_000]),
    };
    number(out, "income_per_person_vnd", income);
    close(out, '}');
    out.push(',');
    Home { city_poverty_status: city }
}

fn write_place(draw: &mut Draw, on: NaiveDate, out: &mut String) {
    let classes = [
        "normal",
        "normal",
        "normal",
        "difficult",
        "very_difficult",
        "former_difficult",
        "former_difficult",
        "poor_commune",
        "island",
        "safe_zone",
    ];
    let class = draw.pick(&classes);
    text(out, "area_class", class);
    if class == "former_difficult" {
        if draw.chance(40) {
            date(out, "area_class_since", day(2021, 6, 4).min(on));
        } else {
            since(draw, on, out, "area_class_since");
        }
    }
    let traits: &[&'static str] = match class {
        "normal" => &["ethnic_mountain", "special_zone"],
        _ => &["ethnic_mountain", "poor_commune", "island", "special_zone", "safe_zone"],
    };
    if draw.chance(60) {
        out.push_str("\"area_traits\":[");
        let mut some = false;
        for one in traits {
            if draw.chance(15) && *one != class {
                out.push_str(if some { ",\"" } else { "\"" });
                out.push_str(one);
                out.push('"');
                some = true;
            }
        }
        out.push_str("],");
    }
}

/// A past day, often some 36 months back.
fn since(draw: &mut Draw, on: NaiveDate, out: &mut String, id: &str) {
    let months = draw.pick(&[0, 1, 12, 34, 35, 36, 37, 48]);
    let back = on.checked_sub_months(Months::new(months)).unwrap_or(on);
    let shifted = day(back.year(), back.month(), 1 + draw.below(28) as u32);
    date(out, id, shifted.min(on));
}

fn write_trip(draw: &mut Draw, out: &mut String) {
    out.push_str("\"trip\":{");
    let services = ["bus", "bus", "bus", "metro_2a", "metro_3_1", "unsubsidised_bus", "other"];
    text(out, "service", draw.pick(&services));
    text(out, "trip_area", draw.pick(&["inside_ring_road_1", "partly_inside", "elsewhere", "elsewhere"]));
    let media = [
        "none",
        "chip_id",
        "chip_card",
        "virtual_card",
        "metro_app",
        "plastic_no_chip",
        "old_metro_card",
        "pilot_e_ticket",
        "paper_pass",
    ];
    text(out, "medium", draw.pick(&media));
    text(out, "pass_scope", draw.pick(&["one_route", "inter_route", "multimodal"]));
    number(out, "trips_a_month", draw.pick(&[0, 1, 10, 25, 60]));
    number(out, "route_km", draw.pick(&[3, 14, 15, 24, 25, 29, 30, 39, 40, 60]));
    if draw.chance(40) {
        flag(out, "group_purchase", draw.chance(50));
    }
    if draw.chance(40) {
        flag(out, "regular_travel", draw.chance(60));
    }
    close(out, '}');
    out.push(',');
}

/// Splitmix64.
pub struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit - 1`.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

/// Appends `"id":"word",`.
pub fn text(out: &mut String, id: &str, word: &str) {
    key(out, id);
    out.push('"');
    out.push_str(word);
    out.push_str("\",");
}

/// Appends `"id":true,` or `"id":false,`.
pub fn flag(out: &mut String, id: &str, value: bool) {
    key(out, id);
    out.push_str(if value { "true," } else { "false," });
}

/// Appends `"id":number,`.
pub fn number(out: &mut String, id: &str, value: i64) {
    key(out, id);
    push_number(out, value);
    out.push(',');
}

/// Appends `"id":"YYYY-MM-DD",`.
pub fn date(out: &mut String, id: &str, value: NaiveDate) {
    key(out, id);
    out.push('"');
    push_date(out, value);
    out.push_str("\",");
}

/// Appends `"id":`.
pub fn key(out: &mut String, id: &str) {
    out.push('"');
    out.push_str(id);
    out.push_str("\":");
}

/// Ends an object or list, dropping the comma after its last member.
pub fn close(out: &mut String, bracket: char) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push(bracket);
}

fn push_number(out: &mut String, value: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

fn push_date(out: &mut String, value: NaiveDate) {
    push_number(out, i64::from(value.year()));
    for part in [value.month(), value.day()] {
        out.push_str(if part < 10 { "-0" } else { "-" });
        push_number(out, i64::from(part));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::facts::{Facts, asked};
    use super::{Households, day};

    #[test]
    fn households_are_complete_and_the_same_each_time() {
        let rows = |seed| Households::new(seed, day(2018, 12, 1), day(2027, 12, 31)).take(500);
        assert!(rows(1).eq(rows(1)) && rows(1).ne(rows(2)));
        for row in rows(3) {
            let request: Value = serde_json::from_str(&row).expect("JSON");
            assert!(asked(&request).is_some());
            let people = request["people"].as_array().expect("people").len();
            assert!((1..=6).contains(&people));
            assert!((0..people).all(|place| Facts::read(&request, place).is_some()), "{row}");
        }
    }

    /// What `scripts/bench batch` answers.
    #[test]
    fn people_alone_have_twenty_facts_and_more() {
        for row in Households::new(4, day(2018, 12, 1), day(2027, 12, 31)).of_one_person().take(500) {
            let request: Value = serde_json::from_str(&row).expect("JSON");
            assert_eq!(request["people"].as_array().map(Vec::len), Some(1));
            let members = |of: &Value| of.as_object().map_or(0, serde_json::Map::len);
            assert!(members(&request["people"][0]) - 1 + members(&request["household"]) >= 20, "{row}");
        }
    }
}
