//! What all pages share: head, navigation, the choice of language, the notice.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_LANGUAGE, VARY},
};
use maud::{DOCTYPE, Markup, html};

use crate::{api::Lang, web::assets};

/// A text in the language of the page.
pub fn t<'a>(lang: Lang, vi: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Vi => vi,
        Lang::En => en,
    }
}

/// The language of a page: `?lang=` before `Accept-Language`.
pub fn language(request: &HttpRequest) -> Lang {
    let chosen = request.query_string().split('&').find_map(|pair| pair.strip_prefix("lang="));
    match chosen {
        Some("vi") => Lang::Vi,
        Some("en") => Lang::En,
        _ => Lang::from_headers(request.headers()),
    }
}

/// A whole page around `main`.
pub fn page(request: &HttpRequest, title: &str, main: &Markup) -> HttpResponse {
    let lang = language(request);
    let path = request.path();
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
            }
            body {
                a .skip href="#main" { (t(lang, "Đến nội dung chính", "Skip to content")) }
                header .bar {
                    a .brand href={ "/?lang=" (lang.tag()) } { "An Sinh" }
                    nav aria-label=(t(lang, "Điều hướng", "Navigation")) {
                        a href="/docs" { (t(lang, "Tài liệu API", "API")) }
                        (language_choice(lang, path))
                    }
                }
                main #main { (main) }
                footer {
                    p {
                        (t(
                            lang,
                            "Kết quả chỉ để tham khảo; quyết định của cơ quan có thẩm quyền mới có giá trị.",
                            "An answer informs; a recorded decision of the competent body decides.",
                        ))
                    }
                }
            }
        }
    };
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_LANGUAGE, lang.tag()))
        .insert_header((VARY, "accept-language"))
        .body(markup.into_string())
}

fn language_choice(lang: Lang, path: &str) -> Markup {
    let other = match lang {
        Lang::Vi => ("en", "English"),
        Lang::En => ("vi", "Tiếng Việt"),
    };
    html! { a lang=(other.0) hreflang=(other.0) href={ (path) "?lang=" (other.0) } { (other.1) } }
}
