//! The route of the notice: forms, languages, headers, who may read it.

use an_sinh::access::{AccountKind, Scope};
use serde_json::json;

use crate::{
    helpers::TestApp,
    notices::body_text,
    people::{OTHER_WARD, Session, text},
};

/// A citizen with a kept decision; the path of its notice.
fn kept(official: &Session<'_>, name: &str) -> (String, String) {
    let citizen = official.citizen(name, "001180000001", "1980-05-02");
    let reply = official.create(&format!("/v1/citizens/{citizen}/decisions"), &json!({}));
    assert_eq!(reply.status, 201, "{reply:?}");
    (citizen, format!("/v1/decisions/{}/notice", text(&reply.json(), "id")))
}

#[test]
fn the_route_gives_pdf_or_page_in_either_language() {
    let app = TestApp::start();
    let official = app.official();
    let (citizen, path) = kept(&official, "Nguyễn Thị <b>Mẫu</b>");
    let first = official.get(&path);
    assert_eq!((first.status, first.header("content-type")), (200, "application/pdf"), "{}", first.status);
    assert_eq!((first.header("content-language"), first.header("cache-control")), ("vi", "no-store"));
    let id = path.split('/').nth(3).expect("an id");
    assert_eq!(first.header("content-disposition"), format!("inline; filename=\"notice-{id}-vi.pdf\""));
    let paper = body_text(&first.bytes);
    assert!(
        paper.contains("Kính gửi: Ông (Bà) Nguyễn Thị <b>Mẫu</b>") && paper.contains("PHƯỜNG CẦU GIẤY"),
        "{paper}"
    );
    assert!(paper.contains("*********001"), "{paper}");
    assert_eq!(first.bytes, official.get(&format!("{path}?format=pdf&lang=vi")).bytes);

    let accept = |accept: &str| official.send("GET", &path, &[("accept", accept)], None);
    let page = accept("text/html");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.bytes, official.get(&format!("{path}?format=html")).bytes);
    assert_eq!(accept("application/pdf").bytes, first.bytes);
    let text_of_page = page.text();
    assert!(
        text_of_page.contains("<html lang=\"vi\">")
            && text_of_page.contains("Nguyễn Thị &lt;b&gt;Mẫu&lt;/b&gt;")
    );
    for inline in ["<style", "<script", " style=", " onload=", "://", "javascript:"] {
        assert!(!text_of_page.contains(inline), "{inline}");
    }
    assert!(page.header("content-security-policy").contains("style-src 'self';"));
    let sheet = text_of_page.split_once("rel=\"stylesheet\" href=\"").expect("a sheet").1;
    assert_eq!(app.get(sheet.split_once('"').expect("an end").0).status, 200);
    let english = official.get(&format!("{path}?lang=en&format=html"));
    assert!(
        english.text().contains("SOCIALIST REPUBLIC OF VIET NAM")
            && english.header("content-language") == "en"
    );

    // A tag holds until something it tells changes.
    let tag = first.header("etag").to_owned();
    let held = |tag: &str| official.send("GET", &path, &[("if-none-match", tag)], None);
    assert_eq!((held(&tag).status, held(&tag).bytes.len()), (304, 0));
    assert_ne!(english.header("etag"), page.header("etag"));
    let change = json!({ "name": "Nguyễn Thị Khác" });
    let changed =
        official.send("PATCH", &format!("/v1/citizens/{citizen}"), &[("if-match", "\"1\"")], Some(&change));
    assert_eq!(changed.status, 200, "{changed:?}");
    let renamed = held(&tag);
    assert!(renamed.status == 200 && body_text(&renamed.bytes).contains("Nguyễn Thị Khác"));

    // The sheet is for the official; the notice alone is for the citizen.
    let part = |part: &str| official.get(&format!("{path}?format=html&part={part}")).text().to_owned();
    let (notice, sheet) = (part("notice"), part("sheet"));
    assert!(
        notice.contains("THÔNG BÁO") && !notice.contains("PHIẾU KIỂM TRA") && !notice.contains("sha256:")
    );
    assert!(sheet.contains("PHIẾU KIỂM TRA") && !sheet.contains("THÔNG BÁO") && sheet.contains("sha256:"));
    assert!(text_of_page.contains("THÔNG BÁO") && text_of_page.contains("PHIẾU KIỂM TRA"));

    for wrong in ["?format=docx", "?part=all", "?lang=fr", "?format=pdf&format=html", "?name=1", "?lang"] {
        official.get(&format!("{path}{wrong}")).problem(400, "bad_request");
    }
    official.get("/v1/decisions/x/notice").problem(404, "decision_not_found");
    let unknown = "/v1/decisions/01938f6e-0000-7000-8000-000000000001/notice";
    official.get(unknown).problem(404, "decision_not_found");
    let app = app.restart();
    let official = app.session(AccountKind::Official, "official");
    assert_eq!(official.get(&path).bytes, renamed.bytes, "a restart changes no byte");
}

/// Names, numbers and outcomes go to whoever asked, not into what is written about it.
#[test]
fn only_the_scope_and_the_unit_open_a_notice() {
    let app = TestApp::start();
    let (_, path) = kept(&app.official(), "Nguyễn Thị Hồng Mẫu");
    app.get(&path).problem(401, "unauthenticated");
    let writer = app.sign_in(AccountKind::Client, "writer", None, &[Scope::DecisionsWrite]);
    writer.get(&path).problem(403, "missing_scope");
    let other = app.sign_in(AccountKind::Official, "other", Some(OTHER_WARD), &[Scope::CitizensRead]);
    other.get(&path).problem(404, "decision_not_found");
    let city = app.sign_in(AccountKind::Client, "city", None, &[Scope::CitizensRead]);
    assert_eq!(city.get(&path).status, 200);
}
