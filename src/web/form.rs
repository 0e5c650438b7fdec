//! The form: facts of a household, kept as typed, each error beside its field.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::{
    api::Lang,
    facts::{FactDef, Kind, Text, Unit, Word, units},
    web::{
        format::{label, sentence},
        icons,
        questions::{Group, Questions, element, pointer},
        texts,
        typed::{MOST, Typed},
    },
};

/// What the form shows.
pub struct Form<'a> {
    pub lang: Lang,
    pub questions: &'a Questions,
    pub typed: &'a Typed,
    /// What is wrong, by pointer.
    pub errors: &'a BTreeMap<String, Vec<String>>,
    /// Pointers of facts that the answer waits for.
    pub wanted: &'a BTreeSet<String>,
}

impl Form<'_> {
    /// The whole form.
    pub fn markup(&self) -> Markup {
        let lang = self.lang;
        html! {
            form #facts .facts method="post" action=(self.to("main")) novalidate {
                input type="hidden" name="people" value=(self.typed.people);
                // Enter in a field presses the first button of a form: it must be this one.
                button .first-button type="submit" name="do" value="answer" formaction=(self.to("answer")) tabindex="-1" aria-hidden="true" {
                    (texts::ANSWER.tell(lang))
                }
                h2 { (texts::FORM.tell(lang)) }
                p .hint { (texts::FORM_HINT.tell(lang)) " " (texts::PRIVACY.tell(lang)) }
                @for person in 0..self.typed.people { (self.person(person)) }
                @if self.typed.people < MOST {
                    p { button .quiet-button type="submit" name="do" value="add" formaction=(self.to(&format!("person-{}", self.typed.people))) { (icons::plus()) (texts::ADD_PERSON.tell(lang)) } }
                }
                (self.group(&self.questions.household, 0))
                (self.trip())
                (self.asked())
                div .send {
                    button .button type="submit" name="do" value="answer" formaction=(self.to("answer")) { (texts::ANSWER.tell(lang)) }
                    a .quiet-link href={ "/?lang=" (lang.tag()) } { (texts::CLEAR.tell(lang)) }
                }
            }
        }
    }

    /// The address of the page, with the place to show after a button was pressed.
    fn to(&self, place: &str) -> String {
        format!("/?lang={}#{place}", self.lang.tag())
    }

    fn person(&self, person: usize) -> Markup {
        let called = self.typed.called(self.lang, person);
        let id = format!("/people/{person}/id");
        html! {
            section .person aria-labelledby={ "person-" (person) } {
                div .person-head {
                    h3 #{ "person-" (person) } { (called) }
                    @if self.typed.people > 1 {
                        button .quiet-button type="submit" name="do" value={ "remove-" (person) } formaction=(self.to("facts")) {
                            (texts::REMOVE_PERSON.with(self.lang, &[&called]))
                        }
                    }
                }
                @if self.typed.people > 1 || !self.typed.get(&id).is_empty() {
                    div .fields { (self.text(&id, texts::CALLED.tell(self.lang), Some(texts::CALLED_HINT.tell(self.lang)), "text")) }
                }
                @for group in &self.questions.person { (self.group(group, person)) }
            }
        }
    }

    fn group(&self, group: &Group, person: usize) -> Markup {
        html! {
            fieldset .group {
                legend { (group.title.tell(self.lang)) }
                div .fields { @for fact in &group.common { (self.fact(fact, person)) } }
                @if !group.rare.is_empty() {
                    @let used = group.rare.iter().any(|fact| self.used(&pointer(fact, person)));
                    details .more open[used] {
                        summary { (texts::MORE.tell(self.lang)) }
                        div .fields { @for fact in &group.rare { (self.fact(fact, person)) } }
                    }
                }
            }
        }
    }

    fn trip(&self) -> Markup {
        let facts: Vec<_> = self.questions.trip.common.iter().chain(&self.questions.trip.rare).collect();
        let used = facts.iter().any(|fact| self.used(&pointer(fact, 0)));
        html! {
            details .group.trip open[used] {
                summary { (texts::TRIP.tell(self.lang)) }
                p .hint { (texts::TRIP_HINT.tell(self.lang)) }
                div .fields { @for fact in facts { (self.fact(fact, 0)) } }
            }
        }
    }

    fn asked(&self) -> Markup {
        let lang = self.lang;
        let by = self.typed.get("/authority");
        let by_law = by == "law";
        html! {
            fieldset .group {
                legend { (texts::ASKED.tell(lang)) }
                div .fields {
                    (self.text("/as_of", texts::AS_OF.tell(lang), Some(texts::AS_OF_HINT.tell(lang)), "text"))
                    (self.choice("/authority", texts::AUTHORITY.tell(lang), &[
                        ("plan", texts::BY_PLAN.tell(lang), !by_law),
                        ("law", texts::BY_LAW.tell(lang), by_law),
                    ]))
                }
            }
        }
    }

    /// Whether a part that is folded by default has something to show.
    fn used(&self, pointer: &str) -> bool {
        self.typed.any_below(pointer)
            || self.wanted.contains(pointer)
            || self.errors.keys().any(|other| other.starts_with(pointer))
    }

    fn fact(&self, fact: &FactDef, person: usize) -> Markup {
        self.input(&fact.kind, &fact.label, &pointer(fact, person))
    }

    fn input(&self, kind: &Kind, name: &Text, pointer: &str) -> Markup {
        let lang = self.lang;
        let title = label(lang, name);
        match kind {
            Kind::Bool => {
                let typed = self.typed.get(pointer);
                self.choice(
                    pointer,
                    &title,
                    &[
                        ("", texts::UNKNOWN.tell(lang), !matches!(typed, "true" | "false")),
                        ("true", texts::YES.tell(lang), typed == "true"),
                        ("false", texts::NO.tell(lang), typed == "false"),
                    ],
                )
            }
            Kind::Word { words, .. } => self.select(pointer, &title, &self.words(pointer, words)),
            Kind::Unit => self.select(pointer, &title, &self.units(pointer)),
            Kind::Date { .. } => self.text(pointer, &title, Some(texts::DATE_HINT.tell(lang)), "text"),
            Kind::Percent => self.text(pointer, &title, Some(texts::PERCENT_HINT.tell(lang)), "numeric"),
            Kind::Money => self.text(pointer, &title, Some(texts::MONEY_HINT.tell(lang)), "numeric"),
            Kind::Count { min, max } => {
                let hint = texts::COUNT_HINT.with(lang, &[&min.to_string(), &max.to_string()]);
                self.text(pointer, &title, Some(&hint), "numeric")
            }
            Kind::PersonalId => html! {},
            Kind::Words(words) => self.checks(pointer, &title, words),
            Kind::Records(members) => html! {
                div .entry {
                    (self.select(pointer, &title, &html! {
                        @let typed = self.typed.get(pointer);
                        @let some = typed == "some" || typed.is_empty() && self.typed.any_below(pointer);
                        option value="" { (texts::UNKNOWN.tell(lang)) }
                        option value="none" selected[typed == "none"] { (texts::NONE.tell(lang)) }
                        option value="some" selected[some] { (texts::ONE_ENTRY.tell(lang)) }
                    }))
                    @let open = self.typed.any_below(&format!("{pointer}/0")) || self.typed.get(pointer) == "some";
                    details .more open[open] {
                        summary { (texts::ENTRY.tell(lang)) }
                        div .fields {
                            @for member in members {
                                (self.input(&member.kind, &member.label, &format!("{pointer}/0/{}", member.id)))
                            }
                        }
                    }
                }
            },
        }
    }

    fn words(&self, pointer: &str, words: &[Word]) -> Markup {
        let typed = self.typed.get(pointer);
        html! {
            option value="" { (texts::UNKNOWN.tell(self.lang)) }
            @for word in words {
                option value=(word.id) selected[typed == word.id] { (label(self.lang, &word.label)) }
            }
        }
    }

    fn units(&self, pointer: &str) -> Markup {
        let typed = self.typed.get(pointer);
        let named = |ward: bool| {
            let mut named: Vec<&Unit> = units().iter().filter(|unit| unit.ward == ward).collect();
            named.sort_by_key(|unit| folded(unit.name));
            named
        };
        html! {
            option value="" { (texts::UNKNOWN.tell(self.lang)) }
            @for (title, ward) in [(texts::WARDS, true), (texts::COMMUNES, false)] {
                optgroup label=(title.tell(self.lang)) {
                    @for unit in named(ward) {
                        option value=(unit.code) selected[typed == unit.code] { (unit.name) }
                    }
                }
            }
        }
    }

    fn select(&self, pointer: &str, title: &str, options: &Markup) -> Markup {
        let id = element(pointer);
        html! {
            div .field.wrong[self.wrong(pointer)] {
                label for=(id) { (title) (self.tag(pointer)) }
                (self.complaints(pointer))
                select #(id) name=(pointer) aria-describedby=[self.described(pointer, false)] aria-invalid=[self.invalid(pointer)] { (options) }
            }
        }
    }

    fn text(&self, pointer: &str, title: &str, hint: Option<&str>, mode: &str) -> Markup {
        let id = element(pointer);
        html! {
            div .field.wrong[self.wrong(pointer)] {
                label for=(id) { (title) (self.tag(pointer)) }
                (self.complaints(pointer))
                input #(id) type="text" name=(pointer) value=(self.typed.get(pointer)) inputmode=(mode) autocomplete="off"
                    maxlength="64" aria-describedby=[self.described(pointer, hint.is_some())] aria-invalid=[self.invalid(pointer)];
                @if let Some(hint) = hint { p .hint #{ (id) "-hint" } { (hint) } }
            }
        }
    }

    fn choice(&self, pointer: &str, title: &str, options: &[(&str, &str, bool)]) -> Markup {
        let id = element(pointer);
        html! {
            fieldset .field.choice.wrong[self.wrong(pointer)] #(id) tabindex="-1" aria-describedby=[self.described(pointer, false)] {
                legend { (title) (self.tag(pointer)) }
                (self.complaints(pointer))
                div .options {
                    @for (value, name, chosen) in options {
                        label { input type="radio" name=(pointer) value=(value) checked[*chosen]; span { (name) } }
                    }
                }
            }
        }
    }

    fn checks(&self, pointer: &str, title: &str, words: &[Word]) -> Markup {
        let ticked = |id: &str| self.typed.all(pointer).any(|typed| typed == id);
        let none = texts::NONE.tell(self.lang).to_owned();
        let words = words.iter().map(|word| (word.id.as_str(), label(self.lang, &word.label)));
        html! {
            fieldset .field.choice.wide.wrong[self.wrong(pointer)] #(element(pointer)) tabindex="-1" {
                legend { (title) (self.tag(pointer)) }
                (self.complaints(pointer))
                div .options {
                    @for (value, name) in std::iter::once(("none", none)).chain(words) {
                        label { input type="checkbox" name=(pointer) value=(value) checked[ticked(value)]; span { (name) } }
                    }
                }
            }
        }
    }

    fn wrong(&self, pointer: &str) -> bool {
        self.errors.contains_key(pointer)
    }

    fn invalid(&self, pointer: &str) -> Option<&'static str> {
        self.wrong(pointer).then_some("true")
    }

    fn described(&self, pointer: &str, hint: bool) -> Option<String> {
        let id = element(pointer);
        let parts: Vec<String> = [(self.wrong(pointer), "error"), (hint, "hint")]
            .into_iter()
            .filter(|(there, _)| *there)
            .map(|(_, part)| format!("{id}-{part}"))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    fn tag(&self, pointer: &str) -> Markup {
        html! { @if self.wanted.contains(pointer) { " " span .tag { (texts::NEEDED.tell(self.lang)) } } }
    }

    fn complaints(&self, pointer: &str) -> Markup {
        html! {
            @if let Some(errors) = self.errors.get(pointer) {
                p .error #{ (element(pointer)) "-error" } { @for error in errors { (sentence(error)) " " } }
            }
        }
    }
}

/// For sorting names as a Vietnamese reader looks for them: marks do not count, đ comes after d.
fn folded(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let plain = name.to_lowercase().replace('đ', "dzz");
    plain.nfd().filter(|letter| !unicode_normalization::char::is_combining_mark(*letter)).collect()
}
