//! What all pages share: head, navigation, the choice of language, the notice.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_LANGUAGE, VARY},
    },
};
use maud::{DOCTYPE, Markup, html};

use crate::{
    api::Lang,
    web::{assets, texts},
};

/// The language of a page: `?lang=` before `Accept-Language`.
pub fn language(request: &HttpRequest) -> Lang {
    match parameter(request, "lang") {
        Some("vi") => Lang::Vi,
        Some("en") => Lang::En,
        _ => Lang::from_headers(request.headers()),
    }
}

/// A parameter of the address, as it stands there.
pub fn parameter<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.query_string().split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The other language, its tag and its name.
pub fn other(lang: Lang) -> (&'static str, &'static str) {
    match lang {
        Lang::Vi => ("en", "English"),
        Lang::En => ("vi", "Tiếng Việt"),
    }
}

/// A whole page around `main`. `switch` leads to the same page in the other language.
pub fn page(lang: Lang, status: StatusCode, title: &str, switch: &Markup, main: &Markup) -> HttpResponse {
    let markup = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · An Sinh" }
                link rel="icon" type="image/svg+xml" href=(assets::address("icon.svg"));
                link rel="stylesheet" href=(assets::address("an-sinh.css"));
                link rel="stylesheet" href=(assets::address("form.css"));
                link rel="stylesheet" href=(assets::address("answer.css"));
            }
            body {
                a .skip href="#main" { (texts::SKIP.tell(lang)) }
                header .bar {
                    a .brand href={ "/?lang=" (lang.tag()) } {
                        img src=(assets::address("icon.svg")) alt="" width="32" height="32";
                        span { b { "An Sinh" } small { (texts::SUBTITLE.tell(lang)) } }
                    }
                    nav aria-label=(texts::NAVIGATION.tell(lang)) {
                        a href="/v1/policy" { (texts::POLICY.tell(lang)) }
                        a href="/docs" { (texts::API.tell(lang)) }
                        (switch)
                    }
                }
                main #main { (main) }
                footer { p { (texts::NOTICE.tell(lang)) } p { (texts::PRIVACY.tell(lang)) } }
            }
        }
    };
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_LANGUAGE, lang.tag()))
        .insert_header((VARY, "accept-language"))
        .body(markup.into_string())
}
