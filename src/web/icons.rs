//! Small pictures beside words. They say nothing that the word does not say, so readers aloud pass them over.

use maud::{Markup, html};

use crate::decide::Outcome;

fn icon(path: &str) -> Markup {
    html! { svg .icon viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(path) {} } }
}

/// The picture of an outcome.
pub fn outcome(outcome: Outcome) -> Markup {
    icon(match outcome {
        Outcome::Entitled => "M5 12.5l4.5 4.5L19 7.5",
        Outcome::NotEntitled => "M6.5 6.5l11 11M17.5 6.5l-11 11",
        Outcome::NeedsInformation => "M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3M12 18.5v.01",
        Outcome::NeedsReview => "M12 6v7.5M12 17.5v.01",
    })
}

/// A promise: a clock.
pub fn promise() -> Markup {
    icon("M12 7v5.5l3.5 2M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0")
}

/// One more.
pub fn plus() -> Markup {
    icon("M12 5v14M5 12h14")
}
