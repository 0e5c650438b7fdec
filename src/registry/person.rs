//! What a client says about a person, read and checked.

use chrono::NaiveDate;
use serde_json::Value;

use super::{
    Move, OldNumber,
    fields::Fields,
    identity::{self, Warning},
};
use crate::{
    facts::{FieldError, PartialDate, PersonalId, UnitCode},
    store::{CitizenId, HouseholdId, Reach, citizens::Person},
};

const SEX: [&str; 2] = ["male", "female"];
const RESIDENCE: [&str; 3] = ["permanent", "temporary", "none"];
const CITIZENSHIP: [&str; 3] = ["vietnamese", "foreign", "stateless"];

/// A citizen to be added.
#[derive(Debug, Clone)]
pub struct NewCitizen {
    /// Unit that will keep the record.
    pub unit: String,
    /// Household they join; none = one of their own.
    pub household: Option<HouseholdId>,
    /// What the papers say.
    pub person: Person,
}

impl NewCitizen {
    /// Reads `{ name, personal_id?, born_on?, sex?, residence?, citizenship?, unit?, household_id? }`. The unit may be
    /// left out by a caller who has one.
    ///
    /// # Errors
    /// Every finding at once.
    pub fn parse(body: &Value, reach: &Reach, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let person = read_person(&mut fields, today);
        let unit = read_unit(&mut fields, reach);
        let household = read_household(&mut fields);
        fields.finish()?;
        match (person, unit) {
            (Some(person), Some(unit)) => Ok(Self { unit, household, person }),
            // Whatever is missing has been reported above.
            _ => Err(Vec::new()),
        }
    }
}

/// Reads a change: members given replace those on record, `null` clears them. `old_number` says what becomes of a number
/// that is replaced: `was_wrong` (when left out) or `given_up`.
///
/// # Errors
/// Every finding at once.
pub fn merge(
    current: &Person,
    change: &Value,
    today: NaiveDate,
) -> Result<(Person, OldNumber), Vec<FieldError>> {
    let mut merged = serde_json::to_value(current).unwrap_or_default();
    let changes = Fields::of(change).map(|_| change.as_object().into_iter().flatten())?;
    for (name, value) in changes {
        merged[name.as_str()] = value.clone();
    }
    let mut fields = Fields::of(&merged)?;
    let person = read_person(&mut fields, today);
    let old_number = match fields.choice("old_number", &["was_wrong", "given_up"]) {
        Some("given_up") => OldNumber::GivenUp,
        _ => OldNumber::WasWrong,
    };
    fields.finish()?;
    Ok((person.ok_or_else(Vec::new)?, old_number))
}

/// Reads `{ on, unit?, household_id? }`: where a citizen goes. The unit they are in when left out.
///
/// # Errors
/// Every finding at once.
pub fn parse_move(body: &Value, unit_now: &str, today: NaiveDate) -> Result<Move, Vec<FieldError>> {
    let mut fields = Fields::of(body)?;
    let on = fields.date("on");
    let on = fields.required("on", on);
    if on.is_some_and(|on| on > today) {
        fields.error(
            "on",
            "date_in_future",
            "Ngày chuyển không được sau ngày hôm nay.",
            "The day of the move must not lie after today.",
        );
    }
    let unit = fields.text("unit", 5).unwrap_or_else(|| unit_now.to_owned());
    if UnitCode::parse(&unit).is_none() {
        unknown_unit(&mut fields);
    }
    let household = read_household(&mut fields);
    fields.finish()?;
    Ok(Move { unit, household, on: on.ok_or_else(Vec::new)? })
}

fn read_household(fields: &mut Fields<'_>) -> Option<HouseholdId> {
    let text = fields.text("household_id", 36)?;
    let id = HouseholdId::parse(&text);
    if id.is_none() {
        fields.error("household_id", "invalid_id", "Mã hộ không đúng dạng.", "Not the id of a household.");
    }
    id
}

fn unknown_unit(fields: &mut Fields<'_>) {
    fields.error(
        "unit",
        "unknown_unit",
        "Không có phường, xã mang mã này tại Hà Nội.",
        "No ward or commune of Hanoi has this code.",
    );
}

impl Person {
    /// What does not fit together in the papers.
    pub fn warnings(&self) -> Vec<Warning> {
        let number = self.personal_id.as_deref().and_then(|text| PersonalId::parse(text).ok());
        let Some(number) = number.filter(|_| is_structured(self.citizenship.as_deref())) else {
            return Vec::new();
        };
        let born = self.born_on.as_deref().and_then(|text| PartialDate::parse(text).ok());
        identity::mismatches(&number, born, self.sex.as_deref().map(|sex| sex == "female"))
    }
}

fn read_person(fields: &mut Fields<'_>, today: NaiveDate) -> Option<Person> {
    let name = fields.text("name", 200);
    let name = fields.required("name", name);
    if name.as_deref().is_some_and(|name| !name.chars().any(char::is_alphabetic)) {
        fields.error("name", "invalid_text", "Họ tên phải có chữ cái.", "A name has letters.");
    }
    let citizenship = fields.choice("citizenship", &CITIZENSHIP).map(str::to_owned);
    let structured = is_structured(citizenship.as_deref());
    let personal_id = fields
        .text("personal_id", 32)
        .and_then(|text| identity::read_number(&text, structured, today, fields.findings()))
        .map(|number| number.reveal().to_owned());
    let born_on = fields
        .text("born_on", 10)
        .filter(|text| identity::read_birth(text, today, fields.findings()).is_some());
    let died_on = fields.date("died_on");
    if died_on.is_some_and(|died_on| died_on > today) {
        fields.error(
            "died_on",
            "date_in_future",
            "Ngày mất không được sau ngày hôm nay.",
            "The day of death must not lie after today.",
        );
    }
    let earliest =
        born_on.as_deref().and_then(|text| PartialDate::parse(text).ok()).map(|born| born.earliest());
    if died_on.zip(earliest).is_some_and(|(died_on, born)| died_on < born) {
        fields.error(
            "died_on",
            "out_of_range",
            "Ngày mất không được trước ngày sinh.",
            "The day of death must not lie before the day of birth.",
        );
    }
    Some(Person {
        died_on: died_on.map(|day| day.to_string()),
        personal_id,
        born_on,
        sex: fields.choice("sex", &SEX).map(str::to_owned),
        residence: fields.choice("residence", &RESIDENCE).map(str::to_owned),
        citizenship,
        name: name?,
    })
}

/// The structure of numbers of foreigners and the stateless is not published.
fn is_structured(citizenship: Option<&str>) -> bool {
    citizenship.is_none_or(|citizenship| citizenship == "vietnamese")
}

fn read_unit(fields: &mut Fields<'_>, reach: &Reach) -> Option<String> {
    let given = fields.text("unit", 5);
    match (given, reach) {
        (Some(unit), _) if UnitCode::parse(&unit).is_none() => {
            unknown_unit(fields);
            None
        }
        (Some(unit), reach) if !reach.covers(&unit) => {
            fields.error(
                "unit",
                "unit_out_of_reach",
                "Chỉ lập được hồ sơ tại phường, xã của mình.",
                "Records can be made in your own unit only.",
            );
            None
        }
        (Some(unit), _) => Some(unit),
        (None, Reach::Unit(unit)) => Some(unit.clone()),
        (None, Reach::City) => fields.required("unit", None),
    }
}

/// What a client looks for.
#[derive(Debug, Clone)]
pub struct Search {
    /// Full name; marks and case do not matter.
    pub name: Option<String>,
    /// Words of a name, in any order, within `unit`.
    pub words: Option<String>,
    /// Ward or commune; the caller's own when left out.
    pub unit: Option<String>,
    /// Personal number.
    pub personal_id: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Records after this one.
    pub after: Option<CitizenId>,
    /// Records at most.
    pub limit: i64,
}

impl Search {
    /// Reads `{ name?, words?, personal_id?, birth_year?, unit?, limit?, cursor? }`.
    ///
    /// # Errors
    /// Every finding at once.
    pub fn parse(body: &Value, reach: &Reach, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let name = fields.text("name", 200);
        let words = fields.text("words", 200);
        let mut unit = fields.text("unit", 5);
        if unit.as_deref().is_some_and(|unit| UnitCode::parse(unit).is_none()) {
            unknown_unit(&mut fields);
        }
        if let Reach::Unit(own) = reach {
            unit.get_or_insert_with(|| own.clone());
        }
        if words.is_some() {
            unit = fields.required("unit", unit);
        }
        let personal_id = fields
            .text("personal_id", 32)
            .and_then(|text| identity::read_number(&text, false, today, fields.findings()))
            .map(|number| number.reveal().to_owned());
        let birth_year = fields.number("birth_year", 1880, 2100);
        let limit = fields.number("limit", 1, 200).unwrap_or(50);
        let after = fields.text("cursor", 64).and_then(|text| {
            let id = CitizenId::parse(&text);
            if id.is_none() {
                fields.error("cursor", "invalid_cursor", "Con trỏ không hợp lệ.", "Not a cursor of ours.");
            }
            id
        });
        if !["name", "words", "personal_id"]
            .iter()
            .any(|name| body.get(name).is_some_and(|value| !value.is_null()))
        {
            fields.error(
                "name",
                "missing_field",
                "Cần họ tên, một phần họ tên hoặc số định danh cá nhân.",
                "A name, words of a name or a personal number is needed.",
            );
        }
        fields.finish()?;
        Ok(Self { name, words, unit, personal_id, birth_year, after, limit })
    }

    /// Whether unit and year of birth fit.
    pub fn fits(&self, unit: &str, person: &Person) -> bool {
        if self.unit.as_deref().is_some_and(|wanted| wanted != unit) {
            return false;
        }
        let year = |born_on: &String| born_on.get(..4).and_then(|year| year.parse().ok());
        self.birth_year.is_none_or(|wanted| person.born_on.as_ref().and_then(year) == Some(wanted))
    }
}
