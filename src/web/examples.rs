//! Invented people to begin with: one click fills the form and shows the answer.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::web::{
    texts::{self, Say},
    typed::Typed,
};

/// When an invented person was born, told from the day on which the page is read.
enum Born {
    /// Some months after the last birthday.
    Aged(u32),
    /// The year alone, in which the person reaches this age.
    Reaches(i32),
}

/// One invented household.
pub struct Example {
    /// As in `/?example=…`.
    pub id: &'static str,
    /// Who it is.
    pub title: Say,
    born: Born,
    facts: &'static [(&'static str, &'static str)],
}

/// Nothing that a group of the law would ask for.
const PLAIN: &[(&str, &str)] = &[
    ("/people/0/citizenship", "vietnamese"),
    ("/people/0/residence", "permanent"),
    ("/people/0/ethnic_minority", "false"),
    ("/people/0/industrial_zone_worker", "false"),
    ("/people/0/social_allowance", "none"),
    ("/people/0/merit", "none"),
    ("/people/0/merit_relations", "none"),
    ("/people/0/veteran", "false"),
    ("/household/unit", "00070"),
    ("/household/area_class", "normal"),
];

/// All of them, in the order of the page.
pub const EXAMPLES: &[Example] = &[
    Example {
        id: "near_poor",
        title: texts::EXAMPLE_NEAR_POOR,
        born: Born::Aged(45),
        facts: &[
            ("/people/0/employment", "self_employed"),
            ("/people/0/pension", "none"),
            ("/people/0/has_health_card", "false"),
            ("/people/0/disability/severity", "none"),
            ("/people/0/studying", "none"),
            ("/household/poverty_status", "near_poor"),
            ("/household/city_poverty_status", "near_poor"),
            ("/household/livelihood", "other"),
        ],
    },
    Example {
        id: "child",
        title: texts::EXAMPLE_CHILD,
        born: Born::Aged(5),
        facts: &[
            ("/people/0/employment", "none"),
            ("/people/0/pension", "none"),
            ("/people/0/disability/severity", "none"),
            ("/people/0/studying", "preschool"),
            ("/household/poverty_status", "none"),
            ("/household/city_poverty_status", "none"),
            ("/household/livelihood", "other"),
        ],
    },
    Example {
        id: "birth_year",
        title: texts::EXAMPLE_YEAR,
        born: Born::Reaches(60),
        facts: &[
            ("/people/0/employment", "none"),
            ("/people/0/pension", "none"),
            ("/people/0/has_health_card", "false"),
            ("/people/0/disability/severity", "none"),
            ("/people/0/studying", "none"),
            ("/household/poverty_status", "none"),
            ("/household/city_poverty_status", "none"),
            ("/household/livelihood", "other"),
        ],
    },
    Example {
        id: "disabled",
        title: texts::EXAMPLE_DISABLED,
        born: Born::Aged(34),
        facts: &[
            ("/people/0/employment", "contract"),
            ("/people/0/pension", "none"),
            ("/people/0/has_health_card", "true"),
            ("/people/0/disability/severity", "severe"),
            ("/people/0/studying", "none"),
            ("/household/poverty_status", "none"),
            ("/household/city_poverty_status", "none"),
            ("/household/livelihood", "other"),
        ],
    },
    Example {
        id: "pensioner",
        title: texts::EXAMPLE_PENSIONER,
        born: Born::Aged(72),
        facts: &[
            ("/people/0/employment", "none"),
            ("/people/0/pension", "retirement"),
            ("/people/0/has_health_card", "true"),
            ("/people/0/disability/severity", "none"),
            ("/people/0/studying", "none"),
            ("/household/poverty_status", "none"),
            ("/household/city_poverty_status", "none"),
            ("/household/livelihood", "other"),
        ],
    },
    Example {
        id: "student",
        title: texts::EXAMPLE_STUDENT,
        born: Born::Aged(20),
        facts: &[
            ("/people/0/employment", "none"),
            ("/people/0/pension", "none"),
            ("/people/0/has_health_card", "false"),
            ("/people/0/disability/severity", "none"),
            ("/people/0/studying", "university"),
            ("/people/0/study_mode", "full_time"),
            ("/people/0/studies_in_hanoi", "true"),
            ("/household/poverty_status", "none"),
            ("/household/city_poverty_status", "none"),
            ("/household/livelihood", "farm_average"),
        ],
    },
];

impl Example {
    /// The form filled in, for someone who reads the page on `today`.
    pub fn typed(&self, today: NaiveDate) -> Typed {
        let mut typed = Typed::empty();
        typed.put("/people/0/born_on", self.born_on(today));
        for (name, value) in PLAIN.iter().chain(self.facts) {
            typed.put(*name, *value);
        }
        typed
    }

    fn born_on(&self, today: NaiveDate) -> String {
        match self.born {
            Born::Aged(years) => {
                let day =
                    today.checked_sub_months(Months::new(12 * years + 3)).unwrap_or(today) - Days::new(4);
                day.format("%d/%m/%Y").to_string()
            }
            Born::Reaches(years) => (today.year() - years).to_string(),
        }
    }
}

/// One by its id.
pub fn find(id: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.id == id)
}
