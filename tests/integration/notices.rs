//! The notice of a decision on paper: what its PDF and its page say, held against the kept JSON.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::LazyLock,
};

use an_sinh::{
    api::Lang,
    decide,
    notices::{self, Block, Notice},
    policy::Policy,
    store::{
        CitizenId, DecisionId,
        decisions::{Content, Decision},
    },
};
use serde_json::{Value, json};

use crate::{
    golden,
    people::{WARD, text},
};

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::embedded().expect("the embedded pack"));

/// A decision on a request, kept under fixed ids.
fn decided(mut request: Value) -> Decision {
    request["explain"] = "summary".into();
    let result = decide::evaluate(&POLICY, &request, "2026-11-24".parse().expect("a day"));
    let result = result.expect("an answer").to_json();
    request["people"][0]["personal_id"] = "001184000021".into();
    Decision {
        id: DecisionId::parse("01938f6e-0000-7000-8000-000000000001").expect("an id"),
        citizen: CitizenId::parse("01938f6e-0000-7000-8000-000000000002").expect("an id"),
        unit: WARD.into(),
        as_of: text(&result, "as_of").parse().expect("a day"),
        policy_id: POLICY.id().into(),
        policy_version: POLICY.version().into(),
        policy_digest: POLICY.digest().into(),
        receipt: format!("sha256:{}", "0123456789abcdef".repeat(4)),
        content: Content { facts: request, evidence: vec![], facts_from: vec![], warnings: vec![], result },
        supersedes: None,
        superseded_by: None,
        decided_at: "2026-11-24T03:04:05Z".parse().expect("an instant"),
        decided_by: "official:canbo.caugiay".into(),
    }
}

fn notice(lang: Lang, decision: &Decision, name: &str) -> Notice {
    notices::notice(lang, &POLICY, decision, Some(name)).expect("a notice")
}

fn pdf(notice: &Notice) -> Vec<u8> {
    notices::pdf(notice).expect("a PDF")
}

/// What a program of poppler-utils (`./scripts/test` installs it) says about a file given on standard input.
fn poppler(program: &str, arguments: &[&str], file: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} of poppler-utils: {error}"));
    let mut stdin = child.stdin.take().expect("standard input");
    let file = file.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&file));
    let out = child.wait_with_output().expect("an end");
    writer.join().expect("a writer").expect("written");
    assert!(out.status.success(), "{program} {arguments:?}");
    String::from_utf8(out.stdout).expect("UTF-8")
}

/// Text of all pages between the margins, in the order in which it is drawn, with single blanks.
pub fn body_text(file: &[u8]) -> String {
    let between = ["-raw", "-x", "0", "-y", "50", "-W", "596", "-H", "725", "-", "-"];
    words(&poppler("pdftotext", &between, file))
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a browser shows of a page of ours: text without tags and entities.
fn page_text(page: &str) -> String {
    let body = page.split_once("<body>").expect("a body").1;
    let mut text = String::new();
    for (at, piece) in body.split('<').enumerate() {
        let (tag, shown) = if at == 0 { ("", piece) } else { piece.split_once('>').expect("a closed tag") };
        let inline = ["b", "/b", "i", "/i", "bdi", "/bdi"].contains(&tag);
        text += if inline { "" } else { " " };
        text += shown;
    }
    words(&text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
}

/// A clause as the notice should write it, worked out from the JSON and the pack alone.
fn clause(lang: Lang, cite: &Value) -> String {
    let source = POLICY.pack.sources.iter().find(|source| cite["source"] == *source.id).expect("a source");
    let number = &source.number;
    let numbered = !number.starts_with('(');
    let document = match lang {
        Lang::Vi if numbered => format!("văn bản số {number}"),
        Lang::En if numbered => format!("No. {number}"),
        Lang::Vi => format!("{} {number}", source.title.vi),
        Lang::En => format!("{} {number}", source.title.en),
    };
    let place = text(cite, "place");
    let names = match lang {
        Lang::Vi => ["Điều", "khoản", "điểm", "mục"],
        Lang::En => ["Article", "clause", "point", "section"],
    };
    let mut parts: Vec<String> = match place.strip_prefix('Đ') {
        Some(rest) => {
            names.iter().zip(rest.split('.')).map(|(name, part)| format!("{name} {part}")).collect()
        }
        None if place.is_empty() => return document,
        None => vec![format!("{} {place}", names[3])],
    };
    parts.reverse();
    match lang {
        Lang::Vi => format!("{} {document}", parts.join(" ")),
        Lang::En => format!("{} of {document}", parts.join(", ")),
    }
}

fn blocks_text(notice: &Notice) -> Vec<String> {
    let of = |block: &Block| match block {
        Block::Heading(text) => words(text),
        Block::Paragraph(spans) | Block::Item(spans) => {
            words(&spans.iter().map(|span| span.text.as_str()).collect::<String>())
        }
    };
    notice.blocks.iter().map(of).collect()
}

/// Entitled, not, facts missing, law open, promised only: which of them a decision of the JSON is.
fn kind(told: &Value) -> &'static str {
    match (told["outcome"].as_str(), told["under_law"]["outcome"].as_str()) {
        (Some("entitled"), Some("not_entitled")) => "promised only",
        (Some("entitled"), _) => "entitled",
        (Some("not_entitled"), _) => "not entitled",
        (Some("needs_information"), _) => "facts missing",
        (Some("needs_review"), _) => "law open",
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_golden_decision_is_told_with_the_clauses_of_its_json() {
    let mut kinds = std::collections::BTreeMap::new();
    for (id, request) in golden::requests() {
        let decision = decided(request);
        let told: Vec<&Value> =
            decision.content.result["people"][0]["decisions"].as_array().into_iter().flatten().collect();
        for lang in [Lang::Vi, Lang::En] {
            let notice = notice(lang, &decision, "Nguyễn Thị Hồng Mẫu");
            let (paper, page) = (body_text(&pdf(&notice)), page_text(&notices::html(&notice)));
            for said in blocks_text(&notice) {
                assert!(paper.contains(&said), "{id}: the PDF lacks {said}\n{paper}");
                assert!(page.contains(&said), "{id}: the page lacks {said}\n{page}");
            }
            for told in &told {
                *kinds.entry(kind(told)).or_insert(0) += 1;
                let reasons = told["reasons"].as_array().expect("reasons");
                let cited = reasons
                    .iter()
                    .chain([&told["review"]])
                    .flat_map(|from| from["cite"].as_array().into_iter().flatten());
                for cite in cited {
                    let clause = clause(lang, cite);
                    assert!(
                        paper.contains(&clause) && page.contains(&clause),
                        "{id}: {clause} is not cited\n{paper}"
                    );
                }
                for missing in told["missing_facts"].as_array().expect("missing facts") {
                    let name = text(&missing["label"], lang.tag()).to_lowercase();
                    assert!(paper.to_lowercase().contains(&name), "{id}: {name} is not asked for");
                }
                let read = told["confidence"] == "seen" || told["reasons"] == json!([]);
                let doubt =
                    if lang == Lang::Vi { "Mức độ kiểm chứng" } else { "How well it was verified" };
                assert!(read || paper.contains(doubt), "{id}: {}", told["confidence"]);
            }
            assert!(
                !paper.contains('□') && !paper.contains('\u{fffd}'),
                "{id}: a letter is missing\n{paper}"
            );
            assert!(!paper.contains("001184000"), "{id}: the whole number is printed");
        }
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}

/// By law no, by the plan yes: nobody may read that as a right.
#[test]
fn a_promise_is_told_apart_from_law() {
    let (_, request) = golden::requests()
        .into_iter()
        .find(|(id, _)| id == "own.near_poor_adult_plan_and_law")
        .expect("the case");
    let decision = decided(request);
    let paper = body_text(&pdf(&notice(Lang::Vi, &decision, "Nguyễn Thị Hồng Mẫu")));
    assert!(
        paper.contains("Theo pháp luật đang có hiệu lực: được hưởng – được hỗ trợ 70% mức đóng."),
        "{paper}"
    );
    assert!(
        paper.contains("Theo pháp luật đang có hiệu lực: không được hưởng – không được miễn, giảm vé."),
        "{paper}"
    );
    assert!(
        paper
            .contains("đề ra: đi miễn phí. Đây là mục tiêu của Kế hoạch, chưa phải là quyền theo pháp luật."),
        "{paper}"
    );
    assert!(
        !paper.contains("90 ngày") && paper.contains("theo Luật Khiếu nại"),
        "no unchecked number is printed as law"
    );
}

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
        assert_eq!(fact("Title"), notice.head.about);
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

/// Ten times as much as any decision of today: it flows over pages, and no line runs out of its margins.
#[test]
fn long_notices_flow_over_pages() {
    let (_, request) = golden::requests()
        .into_iter()
        .find(|(id, _)| id == "own.near_poor_adult_plan_and_law")
        .expect("the case");
    let mut decision = decided(request);
    let told = &mut decision.content.result["people"][0]["decisions"];
    let all: Vec<Value> =
        std::iter::repeat_n(told.as_array().expect("decisions").clone(), 10).flatten().collect();
    *told = all.into();
    told[7]["reasons"][0]["text"]["vi"] = "một đoạn rất dài ".repeat(400).into();
    let notice = notice(Lang::Vi, &decision, "Nguyễn Thị Hồng Mẫu");
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
        assert!(page.contains("sha256:"), "page {} has no receipt", at + 1);
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
    let paper = body_text(&pdf(&notice(Lang::Vi, &decision, &wide)));
    assert_eq!(paper.matches('W').count(), 200, "a long name is cut into lines, not cut off");
    let gone = notices::notice(Lang::Vi, &POLICY, &decision, None).expect("a notice");
    assert!(body_text(&pdf(&gone)).contains("Kính gửi: Ông (Bà) ……"));
}
