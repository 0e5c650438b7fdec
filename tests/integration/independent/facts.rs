//! The facts of one person, read from the JSON request.

use chrono::NaiveDate;
use serde_json::Value;

use super::Authority;

/// Everything the two readings look at. Words are those of the vocabulary of facts; a companion fact that is not given is `None`.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub(super) born_on: NaiveDate,
    pub(super) died_on: Option<NaiveDate>,
    pub(super) citizenship: &'a str,
    pub(super) residence: &'a str,
    pub(super) ethnic_minority: bool,
    pub(super) employment: &'a str,
    pub(super) pension: &'a str,
    pub(super) pension_vnd: i64,
    pub(super) social_allowance: &'a str,
    pub(super) social_allowance_group: Option<&'a str>,
    pub(super) social_pension: Option<&'a str>,
    pub(super) has_health_card: bool,
    pub(super) household_scheme_rank: i64,
    pub(super) merit: Vec<Title<'a>>,
    pub(super) relations: Vec<Relation<'a>>,
    pub(super) veteran: bool,
    pub(super) veteran_kind: Option<&'a str>,
    pub(super) severity: &'a str,
    pub(super) studying: &'a str,
    pub(super) study_mode: Option<&'a str>,
    pub(super) studies_in_hanoi: Option<bool>,
    pub(super) school_founded_by_city: Option<bool>,
    pub(super) industrial_zone_worker: Option<bool>,
    pub(super) other_groups: Vec<(&'a str, Option<NaiveDate>)>,
    pub(super) area_class: &'a str,
    pub(super) area_class_since: Option<NaiveDate>,
    pub(super) area_traits: Vec<&'a str>,
    pub(super) poverty_status: &'a str,
    pub(super) status_since: Option<NaiveDate>,
    pub(super) city_poverty_status: &'a str,
    pub(super) city_status_since: Option<NaiveDate>,
    pub(super) livelihood: &'a str,
    pub(super) income_per_person_vnd: Option<i64>,
    pub(super) trip: Option<Trip<'a>>,
}

/// An own title of meritorious service.
#[derive(Clone, Debug)]
pub struct Title<'a> {
    pub(super) title: &'a str,
    pub(super) impairment_percent: i64,
}

/// What the person is to a person of meritorious service.
#[derive(Clone, Debug)]
pub struct Relation<'a> {
    pub(super) relation: &'a str,
    pub(super) title: &'a str,
    pub(super) impairment_percent: i64,
    pub(super) own_impairment_percent: i64,
    pub(super) remarried: bool,
    pub(super) monthly_allowance: bool,
}

/// One trip.
#[derive(Clone, Debug)]
pub struct Trip<'a> {
    pub(super) service: &'a str,
    pub(super) area: &'a str,
    pub(super) medium: Option<&'a str>,
    pub(super) pass_scope: Option<&'a str>,
    pub(super) trips_a_month: Option<i64>,
    pub(super) route_km: Option<i64>,
    pub(super) group_purchase: bool,
    pub(super) regular_travel: bool,
}

impl<'a> Facts<'a> {
    /// The facts of the person at this place of the request; none where a fact that both readings need is unknown (or a birth date partial).
    pub fn read(request: &'a Value, place: usize) -> Option<Self> {
        let person = &request["people"][place];
        let household = &request["household"];
        let born_on = date(person, "born_on")?;
        let pension = word(person, "pension")?;
        let poverty_status = word(household, "poverty_status")?;
        // A city line is never lower than the national one.
        let implied = matches!(poverty_status, "poor" | "near_poor").then_some(poverty_status);
        Some(Self {
            born_on,
            died_on: date(person, "died_on"),
            citizenship: word(person, "citizenship")?,
            residence: word(person, "residence")?,
            ethnic_minority: flag(person, "ethnic_minority")?,
            employment: word(person, "employment")?,
            pension,
            pension_vnd: match whole(person, "pension_vnd") {
                Some(amount) => amount,
                None if pension == "none" => 0,
                None => return None,
            },
            social_allowance: word(person, "social_allowance")?,
            social_allowance_group: word(person, "social_allowance_group"),
            social_pension: word(person, "social_pension"),
            has_health_card: flag(person, "has_health_card")?,
            household_scheme_rank: whole(person, "household_scheme_rank").unwrap_or(1),
            merit: person["merit"].as_array()?.iter().filter_map(title).collect(),
            relations: person["merit_relations"].as_array()?.iter().filter_map(relation).collect(),
            veteran: flag(person, "veteran")?,
            veteran_kind: word(person, "veteran_kind"),
            severity: match person["disability"]["certificate"].as_bool() {
                Some(false) => return None,
                _ => word(&person["disability"], "severity")?,
            },
            studying: word(person, "studying")?,
            study_mode: word(person, "study_mode"),
            studies_in_hanoi: flag(person, "studies_in_hanoi"),
            school_founded_by_city: flag(person, "school_founded_by_city"),
            industrial_zone_worker: flag(person, "industrial_zone_worker"),
            other_groups: list(person, "other_groups")
                .iter()
                .filter_map(|entry| Some((word(entry, "group")?, date(entry, "since"))))
                .collect(),
            area_class: word(household, "area_class")?,
            area_class_since: date(household, "area_class_since"),
            area_traits: list(household, "area_traits").iter().filter_map(Value::as_str).collect(),
            poverty_status,
            status_since: date(household, "status_since"),
            city_poverty_status: word(household, "city_poverty_status").or(implied)?,
            city_status_since: date(household, "city_status_since"),
            livelihood: word(household, "livelihood")?,
            income_per_person_vnd: whole(household, "income_per_person_vnd"),
            trip: match &request["trip"] {
                Value::Object(facts) if !facts.is_empty() => Some(trip(&request["trip"])?),
                _ => None,
            },
        })
    }

    /// Whether the place has this trait, as its class or beside it.
    pub fn place_is(&self, what: &str) -> bool {
        self.area_class == what || self.area_traits.contains(&what)
    }
}

/// The day asked and what the answer shall rest on; none where the request leaves the day to the clock.
pub fn asked(request: &Value) -> Option<(NaiveDate, Authority)> {
    let authority = if word(request, "authority") == Some("law") { Authority::Law } else { Authority::Plan };
    Some((date(request, "as_of")?, authority))
}

fn title(entry: &Value) -> Option<Title<'_>> {
    Some(Title {
        title: word(entry, "title")?,
        impairment_percent: whole(entry, "impairment_percent").unwrap_or(0),
    })
}

fn relation(entry: &Value) -> Option<Relation<'_>> {
    Some(Relation {
        relation: word(entry, "relation")?,
        title: word(entry, "title")?,
        impairment_percent: whole(entry, "impairment_percent").unwrap_or(0),
        own_impairment_percent: whole(entry, "own_impairment_percent").unwrap_or(0),
        remarried: flag(entry, "remarried").unwrap_or(false),
        monthly_allowance: flag(entry, "monthly_allowance").unwrap_or(false),
    })
}

fn trip(facts: &Value) -> Option<Trip<'_>> {
    Some(Trip {
        service: word(facts, "service")?,
        area: word(facts, "trip_area")?,
        medium: word(facts, "medium"),
        pass_scope: word(facts, "pass_scope"),
        trips_a_month: whole(facts, "trips_a_month"),
        route_km: whole(facts, "route_km"),
        group_purchase: flag(facts, "group_purchase").unwrap_or(false),
        regular_travel: flag(facts, "regular_travel").unwrap_or(false),
    })
}

fn word<'a>(of: &'a Value, id: &str) -> Option<&'a str> {
    of[id].as_str()
}

fn flag(of: &Value, id: &str) -> Option<bool> {
    of[id].as_bool()
}

fn whole(of: &Value, id: &str) -> Option<i64> {
    of[id].as_i64()
}

fn date(of: &Value, id: &str) -> Option<NaiveDate> {
    of[id].as_str()?.parse().ok()
}

fn list<'a>(of: &'a Value, id: &str) -> &'a [Value] {
    of[id].as_array().map_or(&[], Vec::as_slice)
}
