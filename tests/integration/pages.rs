//! Pages for people.

use crate::helpers::{Reply, TestApp};

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

/// A form as a browser sends it.
fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    let encode = |text: &str| {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    let pairs: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&").into_bytes()
}

fn send(app: &TestApp, lang: &str, fields: &[(&str, &str)]) -> Reply {
    let kind = ("content-type", "application/x-www-form-urlencoded");
    app.send("POST", &format!("/?lang={lang}"), &[kind], form(fields))
}

/// Outcome and headline of each card.
fn cards(page: &str) -> Vec<(&str, &str)> {
    page.split("<article class=\"card ")
        .skip(1)
        .map(|card| {
            let (outcome, rest) = card.split_once('"').expect("an outcome");
            let (_, rest) = rest.split_once("<p class=\"headline\">").expect("a headline");
            (outcome, rest.split('<').next().expect("its text"))
        })
        .collect()
}

/// Someone in whom every group of the law can be told apart.
const GOLDEN: &[(&str, &str)] = &[
    ("people", "1"),
    ("/people/0/born_on", "02/05/1980"),
    ("/people/0/citizenship", "vietnamese"),
    ("/people/0/residence", "permanent"),
    ("/people/0/ethnic_minority", "false"),
    ("/people/0/employment", "self_employed"),
    ("/people/0/pension", "none"),
    ("/people/0/social_allowance", "none"),
    ("/people/0/has_health_card", "false"),
    ("/people/0/merit", "none"),
    ("/people/0/merit_relations", "none"),
    ("/people/0/veteran", "false"),
    ("/people/0/disability/severity", "none"),
    ("/people/0/studying", "none"),
    ("/household/unit", "00070"),
    ("/household/poverty_status", "near_poor"),
    ("/household/area_class", "normal"),
    ("/household/livelihood", "other"),
    ("/as_of", "14/01/2026"),
    ("/authority", "plan"),
];

#[test]
fn every_example_shows_its_answer_at_once() {
    let app = TestApp::start();
    let no_support = ("not_entitled", "Không được hỗ trợ mức đóng");
    let paid = ("entitled", "Được hỗ trợ 100% mức đóng, 105.300 đồng mỗi tháng");
    let free = ("entitled", "Đi miễn phí");
    // By law a near-poor passenger pays: an aim of the plan is not shown as a right.
    let promised = ("promise_only", "Kế hoạch đặt mục tiêu: đi miễn phí");
    for (id, premium, transit) in [
        ("near_poor", paid, promised),
        ("child", paid, free),
        ("birth_year", no_support, ("needs_information", "Cần thêm thông tin để kết luận")),
        ("disabled", no_support, free),
        ("pensioner", ("entitled", "Được hỗ trợ 100% mức đóng"), free),
        ("student", paid, ("entitled", "Được mua vé tháng giảm giá")),
    ] {
        let page = app.get(&format!("/?example={id}&lang=vi"));
        assert_eq!(page.status, 200);
        assert_eq!(cards(page.text()), [premium, transit], "{id}");
        let english = app.get(&format!("/?example={id}&lang=en"));
        let outcomes =
            |page: &str| cards(page).into_iter().map(|(outcome, _)| outcome.to_owned()).collect::<Vec<_>>();
        assert_eq!(outcomes(english.text()), outcomes(page.text()), "{id}");
    }
    assert!(cards(app.get("/?example=nobody").text()).is_empty());
}

#[test]
fn a_typed_form_is_answered_and_kept() {
    let app = TestApp::start();
    let page = send(&app, "vi", GOLDEN);
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let text = page.text();
    assert_eq!(cards(text)[0], ("entitled", "Được hỗ trợ 100% mức đóng, 105.300 đồng mỗi tháng"));
    for told in [
        "Cho ngày 14/01/2026",
        "Ngân sách nhà nước 70%: 73.710 đồng",
        "Ngân sách Thành phố 30%: 31.590 đồng",
        "Từ 01/01/2026 đến hết 30/6/2026",
        "Từ 01/7/2026 có thể thay đổi, do mức lương cơ sở thay đổi.",
        "Theo luật hiện hành: được hỗ trợ 70% mức đóng.",
        "Điều 12.4.a Luật Bảo hiểm y tế số 25/2008/QH12, được sửa đổi, bổ sung bởi Luật số 51/2024/QH15",
        "CN2",
    ] {
        assert!(text.contains(told), "no “{told}”");
    }
    assert!(text.contains("name=\"/people/0/born_on\" value=\"02/05/1980\""));
    assert!(text.contains("<option value=\"near_poor\" selected>"));
    assert!(text.contains("name=\"/people/0/veteran\" value=\"false\" checked"));

    let english = send(&app, "en", GOLDEN);
    for told in [
        "100% of the premium is paid, 105,300 VND a month",
        "14 January 2026",
        "Article 12.4.a of Law on Health Insurance No. 25/2008/QH12, as amended by Law No. 51/2024/QH15",
    ] {
        assert!(english.text().contains(told), "no “{told}”");
    }
    let law: Vec<_> = GOLDEN
        .iter()
        .map(|(name, value)| (*name, if *name == "/authority" { "law" } else { value }))
        .collect();
    assert_eq!(cards(send(&app, "vi", &law).text())[0].1, "Được hỗ trợ 70% mức đóng, 73.710 đồng mỗi tháng");
}

#[test]
fn the_page_and_the_api_answer_alike() {
    let app = TestApp::start();
    let body = include_str!("../../openapi/examples/evaluate.request.json");
    let answer = app.post("/v1/evaluations", &serde_json::from_str(body).expect("the example")).json();
    let decision = &answer["people"][0]["decisions"][0];
    let page = send(&app, "vi", GOLDEN);
    assert_eq!(Some(cards(page.text())[0].0), decision["outcome"].as_str());
}

#[test]
fn what_is_missing_is_named_beside_its_field() {
    let app = TestApp::start();
    let page = send(&app, "vi", &[("people", "1"), ("/people/0/born_on", "1980")]);
    assert!(cards(page.text()).iter().all(|(outcome, _)| *outcome == "needs_information"));
    for field in ["f-people-0-employment", "f-people-0-disability-severity", "f-household-poverty_status"] {
        assert!(page.text().contains(&format!("href=\"#{field}\"")), "{field} is not asked for");
        assert!(page.text().contains(&format!("id=\"{field}\"")), "{field} is not there");
    }
    assert!(page.text().contains("Cần cho kết quả"));
}

#[test]
fn mistakes_are_told_and_nothing_typed_is_lost() {
    let app = TestApp::start();
    let fields = [
        ("people", "2"),
        ("/people/0/born_on", "30/02/1980"),
        ("/people/0/id", "mẹ"),
        ("/people/1/id", "con"),
        ("/people/1/born_on", "2027"),
        ("/people/1/employment", "nonsense"),
        ("/people/1/pension_vnd", "ba triệu"),
        ("/people/1/merit", "none"),
        ("/people/1/merit/0/title", "war_invalid"),
        ("/people/1/merit/0/impairment_percent", "101"),
        ("/people/0/merit/0/impairment_percent", "61"),
        ("/household/list_year", "1900"),
        ("/as_of", "hôm qua"),
    ];
    for (lang, told) in [
        (
            "vi",
            [
                "mẹ: “Ngày sinh” phải là ngày có thật",
                "“Ngày cần biết” phải là một ngày có thật",
                "Có 9 chỗ cần sửa",
            ],
        ),
        (
            "en",
            [
                "mẹ: “Date of birth” must be a real date",
                "“Day asked” must be a real day",
                "9 things to correct",
            ],
        ),
    ] {
        let page = send(&app, lang, &fields);
        assert_eq!((page.status, page.header("content-type")), (422, "text/html; charset=utf-8"), "{page:?}");
        let text = page.text();
        assert!(cards(text).is_empty());
        for told in told {
            assert!(text.contains(told), "no “{told}” in {text}");
        }
        for pointer in [
            "/people/0/born_on",
            "/people/1/born_on",
            "/people/1/employment",
            "/people/1/pension_vnd",
            "/people/1/merit",
            "/people/1/merit/0/impairment_percent",
            "/people/0/merit/0/title",
            "/household/list_year",
            "/as_of",
        ] {
            let id = format!("f{}", pointer.replace('/', "-"));
            assert!(text.contains(&format!("href=\"#{id}\"")), "{pointer} is not in the summary");
            assert!(text.contains(&format!("id=\"{id}\"")), "{pointer} has no field");
            assert!(text.contains(&format!("id=\"{id}-error\"")), "{pointer} has no message");
        }
        for kept in ["30/02/1980", "2027", "ba triệu", "101", "61", "1900", "hôm qua", "mẹ", "con"] {
            assert!(text.contains(&format!("value=\"{kept}\"")), "{kept} is lost");
        }
        assert!(text.contains("<option value=\"war_invalid\" selected>"));
    }
}

#[test]
fn people_come_and_go_without_script() {
    let app = TestApp::start();
    let two = [("people", "1"), ("/people/0/id", "mẹ"), ("/people/0/born_on", "1956"), ("do", "add")];
    let page = send(&app, "vi", &two);
    assert!(page.text().contains("name=\"people\" value=\"2\""));
    assert!(page.text().contains("name=\"/people/1/born_on\""));
    assert!(page.text().contains("value=\"1956\""));
    assert!(cards(page.text()).is_empty(), "nothing was asked yet");
    let both = [("people", "2"), ("/people/0/id", "mẹ"), ("/people/1/id", "con"), ("do", "remove-0")];
    let page = send(&app, "vi", &both);
    assert!(page.text().contains("name=\"/people/0/id\" value=\"con\""));
    assert!(!page.text().contains("mẹ\""));
    for people in ["0", "-1", "999999999", "", "x"] {
        let page = send(&app, "vi", &[("people", people), ("do", "add")]);
        assert_eq!(page.status, 200, "{people}");
        assert!(page.text().matches("class=\"person\"").count() <= 12, "{people}");
    }
}

#[test]
fn nothing_typed_becomes_markup_or_an_address() {
    let app = TestApp::start();
    let nasty = "\"><script>alert('x')</script>";
    let mut fields = GOLDEN.to_vec();
    fields.extend([("/people/0/id", nasty), ("/people/0/pension_vnd", nasty)]);
    for fields in [&fields[..], &fields[..fields.len() - 1]] {
        let page = send(&app, "vi", fields);
        assert!(!page.text().contains("<script"), "{}", page.text());
        assert!(page.text().contains("&lt;script&gt;"));
        let addresses = page.text().split("href=\"").chain(page.text().split("action=\"")).skip(1);
        for address in addresses.filter_map(|rest| rest.split('"').next()) {
            assert!(!address.contains("1980") && !address.contains("script"), "{address}");
        }
    }
    assert!(app.get("/").text().contains("method=\"post\""));
}

#[test]
fn every_field_has_a_name() {
    let app = TestApp::start();
    for page in [app.get("/?lang=vi"), app.get("/?example=student&lang=en")] {
        let text = page.text();
        for (tag, _) in [("<select id=\"", ()), ("<input id=\"", ())] {
            for field in text.split(tag).skip(1) {
                let id = field.split('"').next().expect("an id");
                assert!(text.contains(&format!("<label for=\"{id}\"")), "{id} has no label");
                assert_eq!(text.matches(&format!("id=\"{id}\"")).count(), 1, "{id} stands twice");
            }
        }
        assert_eq!(text.matches("<fieldset").count(), text.matches("<legend").count());
        assert_eq!(text.matches("<h1").count(), 1);
        let (_, units) = text.split_once("id=\"f-household-unit\"").expect("the wards");
        let (units, _) = units.split_once("</select>").expect("their end");
        assert_eq!(units.matches("<option").count(), 127, "all wards and communes, and none");
    }
}

#[test]
fn forms_that_are_none_are_refused_as_problems() {
    let app = TestApp::start();
    app.post("/", &serde_json::json!({})).problem(415, "unsupported_media_type");
    let large = vec![b'a'; 300 * 1024];
    let kind = ("content-type", "application/x-www-form-urlencoded");
    app.send("POST", "/", &[kind], large).problem(413, "body_too_large");
    let refused = app.send("PUT", "/", &[], Vec::new());
    assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD, POST"));
}

#[test]
fn where_tokens_are_demanded_the_page_answers_nobody() {
    let app = TestApp::with(|config| config.require_token = true);
    let page = app.get("/?example=child");
    assert_eq!(page.status, 200);
    assert!(cards(page.text()).is_empty() && !page.text().contains("<form"));
    assert_eq!(send(&app, "vi", GOLDEN).status, 401);
}
