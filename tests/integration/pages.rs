//! Pages for people.

use crate::helpers::TestApp;

#[test]
fn the_first_page_speaks_both_languages() {
    let app = TestApp::start();
    let vietnamese = app.get("/");
    assert_eq!((vietnamese.status, vietnamese.header("content-language")), (200, "vi"));
    assert!(vietnamese.text().contains("Hà Nội"));
    let by_header = app.send("GET", "/", &[("accept-language", "en")], Vec::new());
    assert_eq!(by_header.header("content-language"), "en");
    let by_choice = app.send("GET", "/?lang=vi", &[("accept-language", "en")], Vec::new());
    assert_eq!(by_choice.header("content-language"), "vi");
}

#[test]
fn files_are_kept_by_browsers_until_they_change() {
    let app = TestApp::start();
    let page = app.get("/");
    let (_, rest) = page.text().split_once("rel=\"stylesheet\" href=\"").expect("a style sheet");
    let address = rest.split('"').next().expect("its address");
    let file = app.get(address);
    assert_eq!((file.status, file.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(file.header("cache-control").contains("immutable"));
    let (plain, _) = address.split_once('?').expect("a digest");
    assert_eq!(app.get(plain).header("cache-control"), "no-cache");
    let again = app.send("GET", plain, &[("if-none-match", file.header("etag"))], Vec::new());
    assert_eq!(again.status, 304);
    app.get("/static/none.css").problem(404, "not_found");
}

#[test]
fn pages_hold_nothing_inline() {
    let app = TestApp::start();
    let page = app.get("/");
    for forbidden in ["<script>", "<style", " style=", " onclick=", "javascript:", "://"] {
        assert!(!page.text().contains(forbidden), "{forbidden} in {}", page.text());
    }
}
