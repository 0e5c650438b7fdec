//! Which facts the form asks, in which order: those that the law of the pack reads, by the table of facts.

use crate::{
    facts::{FactDef, FactId, Kind, Of, vocabulary},
    policy::{Policy, reads},
    web::texts::{self, Say},
};

/// Facts that no condition reads but that belong to the question: where the household lives, whether the papers hold
/// more of a birth date, and when a list ends.
const BESIDE: &[&str] = &["household.unit", "born_on_final", "household.list_year"];

/// Groups of a person's facts. What no group names stands in the last one, so that a new fact of the law is asked.
const GROUPS: &[(Say, &[&str])] = &[
    (
        texts::WHO,
        &["born_on", "sex", "residence", "citizenship", "ethnic_minority", "born_on_final", "marital_status"],
    ),
    (
        texts::WORK,
        &[
            "employment",
            "industrial_zone_worker",
            "pension",
            "pension_vnd",
            "social_allowance",
            "social_allowance_group",
            "social_pension",
            "has_health_card",
            "health_card_until",
            "household_scheme_rank",
        ],
    ),
    (
        texts::MERIT,
        &[
            "disability.severity",
            "disability.certificate",
            "disability.since",
            "disability.kind",
            "merit",
            "merit_relations",
            "veteran",
            "veteran_kind",
        ],
    ),
    (
        texts::STUDY,
        &[
            "studying",
            "studies_in_hanoi",
            "study_mode",
            "study_year",
            "course_ends_on",
            "school_kind",
            "school_founded_by_city",
        ],
    ),
    (texts::OTHER, &[]),
];

/// The household's facts that come first, and all of a trip's.
const PLACES: &[&str] = &[
    "unit",
    "poverty_status",
    "city_poverty_status",
    "livelihood",
    "area_class",
    "service",
    "trip_area",
    "medium",
    "pass_scope",
];

/// Facts under one heading.
pub struct Group {
    /// The heading.
    pub title: Say,
    /// Facts that many people have.
    pub common: Vec<&'static FactDef>,
    /// Facts that few people have, or that settle a detail only.
    pub rare: Vec<&'static FactDef>,
}

/// All that the form asks.
pub struct Questions {
    /// Of each person.
    pub person: Vec<Group>,
    /// Of the household.
    pub household: Group,
    /// Of a trip.
    pub trip: Group,
}

impl Questions {
    /// The facts that the decisions of a pack read on any day.
    pub fn of(policy: &Policy) -> Self {
        let asked = read_by_law(policy);
        let of = |of: Of| -> Vec<&'static FactDef> {
            vocabulary()
                .facts()
                .filter(|(id, fact)| fact.of == of && asked.contains(id))
                .map(|(_, fact)| fact)
                .collect()
        };
        let mut left = of(Of::Person);
        let mut person: Vec<Group> = Vec::new();
        for (title, order) in GROUPS {
            let mut facts = take(&mut left, order);
            if order.is_empty() {
                facts.append(&mut left);
            }
            person.push(group(*title, facts));
        }
        person.retain(|group| !(group.common.is_empty() && group.rare.is_empty()));
        let placed = |title, of_| {
            let mut left = of(of_);
            let mut facts = take(&mut left, PLACES);
            facts.append(&mut left);
            group(title, facts)
        };
        Self {
            person,
            household: placed(texts::HOUSEHOLD, Of::Household),
            trip: placed(texts::TRIP, Of::Trip),
        }
    }

    /// All facts of a scope, in the order of the form.
    pub fn facts(&self, of: Of) -> impl Iterator<Item = &'static FactDef> {
        let groups: Vec<&Group> = match of {
            Of::Person => self.person.iter().collect(),
            Of::Household => vec![&self.household],
            Of::Trip => vec![&self.trip],
        };
        groups.into_iter().flat_map(|group| group.common.iter().chain(&group.rare)).copied()
    }
}

/// Facts in a given order, out of those that are left.
fn take(left: &mut Vec<&'static FactDef>, order: &[&str]) -> Vec<&'static FactDef> {
    let mut taken = Vec::new();
    for id in order {
        if let Some(at) = left.iter().position(|fact| fact.id == *id) {
            taken.push(left.remove(at));
        }
    }
    taken
}

fn group(title: Say, facts: Vec<&'static FactDef>) -> Group {
    // A companion such as a date or an amount matters to few; what has a default is rare by definition.
    let is_rare = |fact: &FactDef| {
        let companion = matches!(fact.kind, Kind::Date { .. } | Kind::Money) && fact.id != "born_on";
        fact.of != Of::Trip
            && (companion || fact.detail || fact.default.is_some() && fact.id != "social_pension")
    };
    let (rare, common) = facts.into_iter().partition(|fact| is_rare(fact));
    Group { title, common, rare }
}

fn read_by_law(policy: &Policy) -> Vec<FactId> {
    let pack = &policy.pack;
    let mut read: Vec<FactId> = BESIDE.iter().filter_map(|name| vocabulary().find(name)).collect();
    for (decision, epochs) in policy.decisions() {
        let conditions = (decision.rules.iter().map(|rule| rule.when))
            .chain(decision.opens.iter().map(|open| open.when))
            .chain(decision.field_cases.iter().filter_map(|case| case.when));
        let days: Vec<_> =
            [decision.covers.from].into_iter().chain(epochs.changes.iter().map(|(day, _)| *day)).collect();
        for condition in conditions {
            for day in &days {
                read.extend(reads::facts(pack, condition, *day));
            }
        }
    }
    read.sort_unstable();
    read.dedup();
    // Nobody types a personal number into a public page.
    read.retain(|fact| !matches!(vocabulary().get(*fact).kind, Kind::PersonalId));
    read
}

/// RFC 6901 pointer of a fact in the request; also the name of its field in the form.
pub fn pointer(fact: &FactDef, person: usize) -> String {
    let path = fact.id.replace('.', "/");
    match fact.of {
        Of::Person => format!("/people/{person}/{path}"),
        of => format!("/{}/{path}", of.as_str()),
    }
}

/// The `id` of the element that holds the value at a pointer.
pub fn element(pointer: &str) -> String {
    format!("f{}", pointer.replace('/', "-"))
}
