//! The notice of a decision on paper: what its PDF and its page say, held against the kept JSON.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::LazyLock,
};

use an_sinh::{
    api::Lang,
    decide,
    notices::{self, Block, Known, Notice, Packs, Part, Wanted},
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
    ward,
};

pub static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::embedded().expect("the embedded pack"));

/// A decision on a request, kept under fixed ids.
pub fn decided(mut request: Value) -> Decision {
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

const PACKS: fn() -> Packs<'static> = || Packs { titles: &POLICY, decided: Some(&POLICY) };

pub fn notice(lang: Lang, decision: &Decision, name: &str) -> Notice {
    let known = Known { name: Some(name), ..Known::default() };
    notices::notice(lang, PACKS(), decision, &known, Wanted::All).expect("a notice")
}

/// The notice with its annex, as it goes to the citizen.
pub fn for_citizen(lang: Lang, decision: &Decision, known: &Known<'_>) -> Notice {
    notices::notice(lang, PACKS(), decision, known, Wanted::Notice).expect("a notice")
}

pub fn pdf(notice: &Notice) -> Vec<u8> {
    notices::pdf(notice).expect("a PDF")
}

/// What a program of poppler-utils (`./scripts/test` installs it) says about a file given on standard input.
pub fn poppler(program: &str, arguments: &[&str], file: &[u8]) -> String {
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
    let find = |id: &str| POLICY.pack.sources.iter().find(|source| source.id == id).expect("a source");
    let source = find(&text(cite, "source"));
    let number = &source.number;
    let document = match (source.id.as_str(), lang) {
        ("luat51_2024" | "luat46_2014", Lang::Vi) => {
            format!("Luật Bảo hiểm y tế số 25/2008/QH12, được sửa đổi, bổ sung bởi Luật số {number}")
        }
        ("luat51_2024" | "luat46_2014", Lang::En) => {
            format!("Law on Health Insurance No. 25/2008/QH12, as amended by Law No. {number}")
        }
        (_, Lang::Vi) if number.starts_with('(') => format!("{} {number}", source.title.vi),
        (_, Lang::En) if number.starts_with('(') => format!("{} {number}", source.title.en),
        // The end of it; what stands before is the kind or the name.
        (_, Lang::Vi) => format!("số {number}"),
        (_, Lang::En) => format!("No. {number}"),
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
    let kind = source.title.vi.split(' ').next().expect("a word");
    let known = source.amends.is_none() && !number.starts_with('(');
    let before = match (kind, lang) {
        ("Luật" | "Pháp", Lang::Vi) if known => format!("{} ", source.title.vi),
        ("Luật" | "Pháp", Lang::En) if known => format!("{} ", source.title.en),
        (_, Lang::Vi) if known => {
            let two = source.title.vi.split(' ').take(2).collect::<Vec<_>>().join(" ");
            format!("{two} ")
        }
        ("Nghị", Lang::En) if known && source.title.vi.starts_with("Nghị định") => {
            "Decree ".to_owned()
        }
        ("Nghị", Lang::En) if known => "Resolution ".to_owned(),
        ("Quyết", Lang::En) if known => "Decision ".to_owned(),
        ("Công", Lang::En) if known => "Official Letter ".to_owned(),
        _ => String::new(),
    };
    match lang {
        Lang::Vi => format!("{} {before}{document}", parts.join(" ")),
        Lang::En => format!("{} of {before}{document}", parts.join(", ")),
    }
}

pub fn blocks_text(notice: &Notice) -> Vec<String> {
    notice.leaves.iter().flat_map(|leaf| leaf.blocks.iter().map(block_text)).collect()
}

fn block_text(block: &Block) -> String {
    match block {
        Block::Heading(text) => words(text),
        Block::Paragraph(spans) | Block::Item(spans) => {
            words(&spans.iter().map(|span| span.text.as_str()).collect::<String>())
        }
    }
}

/// The answer to the same facts by law alone.
fn under_law(decision: &Decision) -> Value {
    let mut facts = decision.content.facts.clone();
    facts["authority"] = "law".into();
    decide::evaluate(&POLICY, &facts, decision.as_of).expect("an answer").to_json()
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
fn every_golden_decision_is_told_by_law_with_the_clauses_of_its_json() {
    let mut kinds = std::collections::BTreeMap::new();
    for (id, request) in golden::requests() {
        let decision = decided(request);
        let list = |answer: &Value| answer["people"][0]["decisions"].as_array().cloned().unwrap_or_default();
        for told in list(&decision.content.result) {
            *kinds.entry(kind(&told)).or_insert(0) += 1;
        }
        let by_law = under_law(&decision);
        for lang in [Lang::Vi, Lang::En] {
            let notice = notice(lang, &decision, "Nguyễn Thị Hồng Mẫu");
            let (paper, page) = (body_text(&pdf(&notice)), page_text(&notices::html(&notice)));
            for said in blocks_text(&notice) {
                assert!(paper.contains(&said), "{id}: the PDF lacks {said}\n{paper}");
                assert!(page.contains(&said), "{id}: the page lacks {said}\n{page}");
            }
            for told in list(&by_law) {
                let decided = ["entitled", "not_entitled"].contains(&text(&told, "outcome").as_str());
                let reasons = told["reasons"].as_array().expect("reasons");
                let deciding = reasons.iter().filter(|reason| {
                    decided
                        && reason["authority"] == "law"
                        && (reason["verdict"] == "applied" || reason["verdict"] == "added")
                });
                let cited = deciding.chain([&told["review"]]);
                for cite in cited.flat_map(|from| from["cite"].as_array().into_iter().flatten()) {
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
                let doubt =
                    if lang == Lang::Vi { "Mức độ kiểm chứng" } else { "How well it was verified" };
                assert!(paper.contains(doubt), "{id}: {}", told["confidence"]);
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

/// What stands on the notice and its annex, without the sentence about the plan.
fn without_plan(notice: &Notice) -> (Vec<String>, Vec<String>) {
    let plan = if notice.lang == Lang::Vi { "Kế hoạch số 181/KH-UBND" } else { "Plan No. 181/KH-UBND" };
    blocks_text(notice).into_iter().partition(|said| !said.contains(plan))
}

/// Nobody reads a plan as a right: but for one sentence, which names no money, payer, card or day, the notice of a
/// decision by law and plan is that of the decision by law alone. No id and no digest stands on it.
#[test]
fn nobody_of_the_ward_is_promised_anything_by_the_plan() {
    let people = ward::loaded();
    let mut with_plan = 0;
    for (at, (citizen, profile)) in people.iter().enumerate() {
        let request = json!({ "as_of": ward::day().to_string(), "authority": "plan",
            "household": profile.household, "people": [profile.person] });
        let mut by_plan = decided(request.clone());
        by_plan.content.warnings.clone_from(&profile.warnings);
        let mut by_law = request;
        by_law["authority"] = "law".into();
        let by_law = decided(by_law);
        let known = Known {
            name: Some(&citizen.person.name),
            died_on: citizen.person.died_on.as_deref(),
            ..Known::default()
        };
        for lang in [Lang::Vi, Lang::En] {
            let told = for_citizen(lang, &by_plan, &known);
            let (said, plan) = without_plan(&told);
            let (wanted, none) = without_plan(&for_citizen(lang, &by_law, &known));
            assert_eq!((said, none.len()), (wanted, 0), "person {at}");
            assert!(plan.len() <= 1, "person {at}: {plan:?}");
            with_plan += plan.len();
            for plan in &plan {
                let digits: String = plan.chars().filter(char::is_ascii_digit).collect();
                assert_eq!(digits, "181", "person {at}: {plan}");
                let not_yet = if lang == Lang::Vi {
                    "hiện nay chưa được hưởng."
                } else {
                    "today it is not given."
                };
                assert!(plan.ends_with(not_yet), "{plan}");
            }
            // What is printed: the page has the head and the foot too.
            if at % 7 == 0 {
                let (paper, page) = (whole_text(&pdf(&told)), page_text(&notices::html(&told)));
                for shown in [paper, page] {
                    assert!(!shown.contains("sha256"), "person {at}: {shown}");
                    let long = shown.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
                    let long: Vec<&str> = long.filter(|word| word.len() >= 32).collect();
                    assert!(long.is_empty(), "person {at}: {long:?}");
                }
            }
            // Neither on the sheet does an id name a paper.
            let sheet = notices::notice(lang, PACKS(), &by_plan, &known, Wanted::Sheet).expect("a sheet");
            let ids = blocks_text(&sheet).join("\n").matches("01938f6e-").count();
            assert_eq!(ids, 0, "papers are named by what they are");
        }
    }
    assert!(with_plan > 50, "{with_plan} notices name an aim of the plan");
}

/// Text of all pages, margins included.
fn whole_text(file: &[u8]) -> String {
    words(&poppler("pdftotext", &["-raw", "-", "-"], file))
}

#[test]
fn what_the_law_gives_stands_first_and_the_plan_in_one_sentence() {
    let (_, request) = golden::requests()
        .into_iter()
        .find(|(id, _)| id == "own.near_poor_adult_plan_and_law")
        .expect("the case");
    let decision = decided(request);
    let paper = body_text(&pdf(&for_citizen(Lang::Vi, &decision, &Known::default())));
    for said in [
        "Kết quả: được hưởng – được ngân sách hỗ trợ 70% mức đóng.",
        "Kết quả: không được hưởng, do theo hồ sơ không thuộc nhóm được hưởng.",
        "hiện nay chưa được hưởng.",
        "có quyền khiếu nại đến",
        "trong thời hiệu ……… ngày",
        "được sửa đổi, bổ sung bởi Luật số 51/2024/QH15",
    ] {
        assert!(paper.contains(said), "{said}\n{paper}");
    }
    for never in
        ["90 ngày", "ngoài pháp luật", "31/12/2027", "100% mức đóng", "gân sách Thành phố", "KIỂM TRA"]
    {
        assert!(!paper.contains(never), "{never}\n{paper}");
    }
    // Without the pack that decided, no amount is made up.
    let packs = Packs { titles: &POLICY, decided: None };
    let less = notices::notice(Lang::Vi, packs, &decision, &Known::default(), Wanted::All).expect("a notice");
    let paper = body_text(&pdf(&less));
    assert!(paper.contains("70% mức đóng") && paper.contains("30% mức đóng"), "{paper}");
    let amount = |(at, _): (usize, &str)| paper[..at].ends_with(|c: char| c.is_ascii_digit());
    assert!(!paper.match_indices(" đồng").any(amount) && paper.contains("không nêu số tiền"), "{paper}");
}

/// A child's parents, the family of a person who has died, a man and a woman.
#[test]
fn a_notice_speaks_to_whom_it_goes() {
    let (_, request) = golden::requests().into_iter().next().expect("a case");
    let told = |born: &str, sex: &str, died_on: Option<&str>| {
        let mut request = request.clone();
        request["people"][0]["born_on"] = born.into();
        request["people"][0]["sex"] = sex.into();
        let decision = decided(request);
        let known = Known { name: Some("Trần Mẫu"), died_on, ..Known::default() };
        body_text(&pdf(&for_citizen(Lang::Vi, &decision, &known)))
    };
    for (paper, to) in [
        (told("1960-05-01", "male", None), "Kính gửi: Ông Trần Mẫu"),
        (told("1960-05-01", "female", None), "Kính gửi: Bà Trần Mẫu"),
        (told("2020-05-01", "male", None), "Kính gửi: Cha, mẹ (người giám hộ) của cháu Trần Mẫu"),
        (told("2008-11-25", "male", None), "Kính gửi: Cha, mẹ (người giám hộ) của cháu Trần Mẫu"),
        (told("2008-11-24", "male", None), "Kính gửi: Ông Trần Mẫu"),
        (told("1960-05-01", "male", Some("2026-11-01")), "Kính gửi: Gia đình ông Trần Mẫu"),
    ] {
        assert!(paper.contains(to), "{to}\n{paper}");
    }
    let gone = told("1960-05-01", "male", Some("2026-11-01"));
    assert!(gone.contains("đã mất ngày 01/11/2026") && !gone.contains("đặt mục tiêu"), "{gone}");
}

/// What happened to a decision since stands on the paper, before all else.
#[test]
fn a_notice_says_what_became_of_the_decision() {
    let (_, request) = golden::requests().into_iter().next().expect("a case");
    let decision = decided(request);
    let told = |known: Known<'_>| {
        let both = notices::notice(Lang::Vi, PACKS(), &decision, &known, Wanted::All).expect("a notice");
        body_text(&pdf(&both))
    };
    let day = "2026-12-20".parse().ok();
    let superseded = told(Known { superseded: day, ..Known::default() });
    assert!(superseded.contains("(Đã được thay thế bởi kết quả ghi nhận ngày 20/12/2026"), "{superseded}");
    assert!(superseded.contains("không ký thông báo này"), "{superseded}");
    let later = told(Known { supersedes: day, by_appeal: true, ..Known::default() });
    assert!(later.contains("thay thế Thông báo số") && later.contains("giải quyết khiếu nại"), "{later}");
    let appealed = told(Known { appealed: day, ..Known::default() });
    assert!(appealed.contains("đang được giải quyết theo khiếu nại nộp ngày 20/12/2026"), "{appealed}");
    let draft = told(Known { outside_unit: true, ..Known::default() });
    assert!(draft.contains("DỰ THẢO – chờ Ủy ban nhân dân phường Cầu Giấy"), "{draft}");
}

/// Who signs reads the sheet; the citizen does not get it.
#[test]
fn the_sheet_stands_before_the_notice_on_pages_of_its_own() {
    let (_, request) = golden::requests().into_iter().next().expect("a case");
    let decision = decided(request);
    for lang in [Lang::Vi, Lang::En] {
        let notice = notice(lang, &decision, "Nguyễn Thị Hồng Mẫu");
        let parts: Vec<Part> = notice.leaves.iter().map(|leaf| leaf.part).collect();
        assert_eq!(parts, [Part::Sheet, Part::Notice, Part::Annex]);
        let pages = poppler("pdftotext", &["-raw", "-", "-"], &pdf(&notice));
        let pages: Vec<&str> = pages.split('\u{c}').collect();
        let titles = match lang {
            Lang::Vi => ["PHIẾU KIỂM TRA TRƯỚC KHI KÝ", "THÔNG BÁO", "PHỤ LỤC"],
            Lang::En => ["CHECK SHEET BEFORE SIGNING", "NOTICE", "ANNEX"],
        };
        for (title, page) in titles.iter().zip(&pages) {
            assert!(page.contains(title), "{title}: {page}");
        }
        assert!(pages[0].contains(&decision.receipt.replace("sha256:", "")[..20]), "{}", pages[0]);
    }
}
