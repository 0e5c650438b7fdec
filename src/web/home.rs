//! The first page: the facts of one household in, the answer out. Nothing is kept and no fact stands in an address.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use maud::{Markup, html};

use crate::{
    access::Evaluate,
    api::{AppState, Lang, Problem, middleware::KeepBody, principal::Public},
    decide::{self, EvaluationResponse},
    facts::{FactDef, FieldError, Kind, Text, vocabulary},
    policy::Policy,
    web::{
        answer::Told,
        examples::{self, EXAMPLES},
        form::Form,
        format::label,
        layout::{self, language, page, parameter},
        questions::{Questions, element, pointer},
        texts,
        typed::Typed,
    },
};

/// The empty form, or an example with its answer.
pub async fn show(
    caller: Result<Public<Evaluate>, Problem>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let lang = language(&request);
    if caller.is_err() {
        return Ok(closed(lang));
    }
    let example = parameter(&request, "example").and_then(examples::find);
    let typed = example.map_or_else(Typed::empty, |example| example.typed(state.today()));
    let switch = language_link(lang, example.map(|example| example.id));
    respond(lang, state, typed, example.is_some(), switch).await
}

/// The answer to what was typed, or the form with one person more or less.
pub async fn answer(
    _: Public<Evaluate>,
    request: HttpRequest,
    state: web::Data<AppState>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let lang = language(&request);
    let form = form.into_inner();
    let wish = form.iter().find(|(name, _)| name == "do").map(|(_, wish)| wish.clone()).unwrap_or_default();
    let mut typed = Typed::read(form);
    if wish == "add" {
        typed.add_person();
    } else if let Some(person) = wish.strip_prefix("remove-").and_then(|at| at.parse().ok()) {
        typed.remove_person(person);
    }
    let asked = !matches!(wish.as_str(), "add" | "show") && !wish.starts_with("remove-");
    let switch = language_button(lang, asked);
    respond(lang, state, typed, asked, switch).await
}

/// Where every question needs an account the page says so and asks nothing.
fn closed(lang: Lang) -> HttpResponse {
    let main = html! { section .hero { h1 { (texts::SUBTITLE.tell(lang)) } p .lead { (texts::CLOSED.tell(lang)) } } };
    page(lang, StatusCode::OK, texts::SUBTITLE.tell(lang), &language_link(lang, None), &main)
}

async fn respond(
    lang: Lang,
    state: web::Data<AppState>,
    typed: Typed,
    asked: bool,
    switch: Markup,
) -> Result<HttpResponse, Problem> {
    // Pure computation that may take a while for a large household: not on a thread that serves connections.
    let (status, main) = web::block(move || {
        let policy = state.policy();
        let questions = Questions::of(&policy);
        let answer = asked.then(|| {
            let (body, findings) = typed.request(&questions, lang);
            match decide::evaluate(&policy, &body, state.today()) {
                Ok(answer) if findings.is_empty() => Ok(answer),
                Ok(_) => Err(findings),
                Err(more) => Err(findings.into_iter().chain(more).collect()),
            }
        });
        if let Some(Ok(answer)) = &answer {
            state.metrics.evaluated(answer.outcomes());
        }
        let status =
            if matches!(answer, Some(Err(_))) { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        (status, main(lang, &policy, &questions, &typed, answer))
    })
    .await?;
    let mut response = page(lang, status, texts::TITLE.tell(lang), &switch, &main);
    // The page itself tells what is wrong; without this a problem body would take its place.
    response.extensions_mut().insert(KeepBody);
    Ok(response)
}

fn main(
    lang: Lang,
    policy: &Policy,
    questions: &Questions,
    typed: &Typed,
    answer: Option<Result<EvaluationResponse, Vec<FieldError>>>,
) -> Markup {
    let (answer, findings) = match answer {
        Some(Ok(answer)) => (Some(answer), Vec::new()),
        Some(Err(findings)) => (None, findings),
        None => (None, Vec::new()),
    };
    let mut errors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in &findings {
        errors.entry(finding.pointer.clone()).or_default().push(complaint(lang, finding));
    }
    let people = answer.iter().flat_map(|answer| &answer.people);
    let decisions = people.flat_map(|person| &person.decisions);
    let wanted: BTreeSet<String> =
        decisions.flat_map(|decision| &decision.missing_facts).map(|fact| fact.pointer.clone()).collect();
    let form = Form { lang, questions, typed, errors: &errors, wanted: &wanted };
    html! {
        @if errors.is_empty() { (hero(lang, answer.is_some())) } @else { (summary(lang, typed, &errors)) }
        @if let Some(response) = &answer {
            (Told { lang, policy, response, typed }.markup())
        }
        (form.markup())
    }
}

fn hero(lang: Lang, answered: bool) -> Markup {
    html! {
        section .hero.small[answered] {
            h1 { (texts::TITLE.tell(lang)) }
            @if !answered { p .lead { (texts::LEAD.tell(lang)) } }
            nav .examples aria-labelledby="examples" {
                h2 #examples { (texts::EXAMPLES.tell(lang)) }
                ul {
                    @for example in EXAMPLES {
                        li { a href={ "/?example=" (example.id) "&lang=" (lang.tag()) "#answer" } { (example.title.tell(lang)) } }
                    }
                }
            }
        }
    }
}

fn summary(lang: Lang, typed: &Typed, errors: &BTreeMap<String, Vec<String>>) -> Markup {
    // In the order of the form.
    let place =
        |pointer: &str| ["/people", "/household", "/trip"].iter().position(|part| pointer.starts_with(part));
    let mut sorted: Vec<_> = errors.iter().collect();
    sorted.sort_by_key(|(pointer, _)| place(pointer).unwrap_or(usize::MAX));
    let of_whom = |pointer: &str| match person_of(pointer) {
        Some(person) if typed.people > 1 => format!("{}: ", typed.called(lang, person)),
        _ => String::new(),
    };
    html! {
        h1 .visually-hidden { (texts::TITLE.tell(lang)) }
        section .errors role="alert" aria-labelledby="errors" {
            h2 #errors { (texts::ERRORS.with(lang, &[&errors.len().to_string()])) }
            ul {
                @for (pointer, details) in sorted {
                    li { a href={ "#" (element(pointer)) } { (of_whom(pointer)) (details.join(" ")) } }
                }
            }
        }
    }
}

/// Whose fact a pointer means.
fn person_of(pointer: &str) -> Option<usize> {
    pointer.strip_prefix("/people/")?.split('/').next()?.parse().ok()
}

/// A finding in the words of the form: the fact by its label, not by the name that a program uses.
fn complaint(lang: Lang, finding: &FieldError) -> String {
    let named = |name: &Text| label(lang, name);
    let person = person_of(&finding.pointer).unwrap_or_default();
    let here = |fact: &FactDef| {
        let at = pointer(fact, person);
        finding.pointer.strip_prefix(&at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let asked = || vocabulary().facts().map(|(_, fact)| fact).find(|fact| here(fact));
    let last = finding.pointer.rsplit('/').next().unwrap_or_default();
    let name = match (finding.pointer.as_str(), asked()) {
        ("/as_of", _) => texts::AS_OF.tell(lang).to_owned(),
        (_, Some(fact)) => match &fact.kind {
            Kind::Records(members) => {
                let member = members.iter().find(|member| member.id == last);
                member.map_or_else(|| named(&fact.label), |member| named(&member.label))
            }
            _ => named(&fact.label),
        },
        _ if last == "id" => texts::CALLED.tell(lang).to_owned(),
        _ => last.to_owned(),
    };
    match (finding.code, last) {
        ("invalid_date", "as_of") => texts::BAD_DAY.with(lang, &[&name]),
        ("invalid_date", _) => texts::BAD_DATE.with(lang, &[&name]),
        ("missing_field", _) => texts::BAD_GAP.with(lang, &[&name]),
        _ => lang.pick(&finding.detail).replace(&format!("“{last}”"), &format!("“{name}”")),
    }
}

fn language_link(lang: Lang, example: Option<&str>) -> Markup {
    let (tag, name) = layout::other(lang);
    let address = match example {
        Some(id) => format!("/?example={id}&lang={tag}#answer"),
        None => format!("/?lang={tag}"),
    };
    html! { a lang=(tag) hreflang=(tag) href=(address) { (name) } }
}

/// After something was typed the other language must not lose it: the form goes along.
fn language_button(lang: Lang, asked: bool) -> Markup {
    let (tag, name) = layout::other(lang);
    html! {
        button type="submit" form="facts" formaction={ "/?lang=" (tag) } name="do" value=(if asked { "answer" } else { "show" }) lang=(tag) { (name) }
    }
}
