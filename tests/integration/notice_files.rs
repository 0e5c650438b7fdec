//! The notice as a file and under hostile input: format, margins, pages, names.

use an_sinh::{
    api::Lang,
    notices::{self, Known, Packs, Wanted},
};
use serde_json::Value;

use crate::{
    golden,
    notices::{POLICY, blocks_text, body_text, decided, for_citizen, notice, pdf, poppler},
};

#[test]
fn the_file_is_a4_tagged_whole_and_the_same_each_time() {
    let (_, request) = golden::requests().into_iter().next().expect("a case");
    let decision = decided(request);
    for lang in [Lang::Vi, Lang::En] {
        let notice = notice(lang, &decision, "Nguyễn Thị Hồng Mẫu");
        let file = pdf(&notice);
        assert_eq!(file, pdf(&notice), "the same notice, the same bytes");
        let facts = poppler("pdfinfo", &["-"], &file);
        let fact = |name: &str| {
            let line = facts
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or_else(|| panic!("{name}: {facts}"));
            line.trim_start_matches(':').trim().to_owned()
        };
        assert_eq!(fact("Tagged"), "yes");
        assert!(fact("Page size").contains("A4"), "{facts}");
        assert_eq!(fact("Title"), notice.about);
        assert!(fact("JavaScript") == "no" && fact("Encrypted") == "no", "{facts}");
        // Name, kind, encoding; then embedded, cut down, with a table of letters.
        let fonts = poppler("pdffonts", &["-"], &file);
        let fonts: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(!fonts.is_empty());
        for font in fonts {
            let words: Vec<&str> = font.split_whitespace().collect();
            assert!(font.contains("+Tinos-"), "{font}");
            assert_eq!(&words[words.len() - 5..words.len() - 2], ["yes", "yes", "yes"], "{font}");
        }
        let language = format!("/Lang({})", lang.tag());
        let spaced = format!("/Lang ({})", lang.tag());
        let plain = String::from_utf8_lossy(&file);
        assert!(plain.contains(&language) || plain.contains(&spaced), "no language");
        assert!(plain.contains("pdfaid:part") && plain.contains("pdfuaid:part"), "no kind of file");
    }
}

/// Forty times as much as any decision of today: it flows over pages, and no line runs out of its margins.
#[test]
fn long_notices_flow_over_pages() {
    let (_, request) = golden::requests()
        .into_iter()
        .find(|(id, _)| id == "own.near_poor_adult_plan_and_law")
        .expect("the case");
    let mut decision = decided(request);
    let told = &mut decision.content.result["people"][0]["decisions"];
    let all: Vec<Value> =
        std::iter::repeat_n(told.as_array().expect("decisions").clone(), 40).flatten().collect();
    *told = all.into();
    told[7]["reasons"][0]["text"]["vi"] = "một đoạn rất dài ".repeat(400).into();
    let packs = Packs { titles: &POLICY, decided: None };
    let known = Known { name: Some("Nguyễn Thị Hồng Mẫu"), ..Known::default() };
    let notice = notices::notice(Lang::Vi, packs, &decision, &known, Wanted::Notice).expect("a notice");
    let file = pdf(&notice);
    let paper = body_text(&file);
    for said in blocks_text(&notice) {
        assert!(paper.contains(&said), "the PDF lacks {said}");
    }
    let boxes = poppler("pdftotext", &["-bbox", "-", "-"], &file);
    let pages: Vec<&str> = boxes.split("<page ").skip(1).collect();
    assert!(pages.len() > 12, "{} pages", pages.len());
    for (at, page) in pages.iter().enumerate() {
        let mut words = 0;
        for word in page.lines().filter(|line| line.trim_start().starts_with("<word ")) {
            let edge = |name: &str| -> f32 {
                let rest = word.split_once(&format!("{name}=\"")).expect("an edge").1;
                rest.split_once('"').expect("a number").0.parse().expect("a number")
            };
            // 30 mm at the left, 20 mm at the right, of 210; all in points.
            assert!(edge("xMin") >= 84.5 && edge("xMax") <= 539.5, "page {}: {word}", at + 1);
            assert!(edge("yMin") >= 28.0 && edge("yMax") <= 820.0, "page {}: {word}", at + 1);
            words += 1;
        }
        assert!(words > 20, "page {} is nearly empty", at + 1);
        let numbered = page.contains(&format!(">{}</word>", at + 1));
        assert!(at == 0 || numbered, "page {} has no number", at + 1);
        assert_eq!(page.contains(">0000-0000-0001</word>"), at + 1 == pages.len(), "page {}", at + 1);
    }
}

#[test]
fn hostile_names_do_no_harm() {
    let (_, request) = golden::requests().into_iter().next().expect("a case");
    let decision = decided(request);
    let wide = "W".repeat(200);
    let marks = format!("Z{}", "\u{301}\u{327}".repeat(90));
    let names = [
        "<script>alert(1)</script>",
        "</title><img src=x onerror=alert(1)>\"'&amp;",
        wide.as_str(),
        "أحمد بن محمد",
        "\u{202e}ưẫM ịhT\u{202c}\u{2066}",
        "Nguyễn\u{0}\u{7}\u{1b}[31m\nThị\u{2028}Mẫu\u{feff}",
        "漢字 \u{1f600} \u{e000}\u{10ffff}",
        marks.as_str(),
        "(\\) Tj ET endstream endobj",
        " \u{200b}\u{ad} ",
    ];
    for name in names {
        for lang in [Lang::Vi, Lang::En] {
            let notice = notice(lang, &decision, name);
            let (paper, page) = (body_text(&pdf(&notice)), notices::html(&notice));
            assert!(paper.contains(if lang == Lang::Vi { "Kính gửi" } else { "To:" }), "{name}: {paper}");
            for text in [&paper, &page] {
                let steers = |c: char| {
                    c.is_control() && c != '\n'
                        || ('\u{202a}'..='\u{202e}').contains(&c)
                        || ('\u{2066}'..='\u{2069}').contains(&c)
                };
                assert!(!text.contains(steers), "{name}: a sign that steers is left");
            }
            assert!(!page.contains("<script") && !page.contains("<img"), "{name}: {page}");
            assert!(page.contains("<bdi>"), "{name}");
        }
    }
    let known = Known { name: Some(&wide), ..Known::default() };
    let paper = body_text(&pdf(&for_citizen(Lang::Vi, &decision, &known)));
    assert_eq!(paper.matches('W').count(), 200, "a long name is cut into lines, not cut off");
    let gone = for_citizen(Lang::Vi, &decision, &Known::default());
    assert!(body_text(&pdf(&gone)).contains(" …………………"), "a blank for the name");
}
