//! One Vietnamese word for one thing: words that were given up stay away from programs, vocabulary and law.

use std::path::Path;

use an_sinh::policy::Policy;

use crate::helpers::rust_files;

/// What is not said, and why.
const GIVEN_UP: &[(&str, &str)] = &[
    ("bộ luật", "a Code; a pack is a “bộ quy định”"),
    ("lời hứa", "a State does not promise; a plan sets an aim, “mục tiêu”"),
    ("cam kết của Kế hoạch", "a plan sets an aim, “mục tiêu”"),
    ("ngoài pháp luật", "outside the law, that is unlawful"),
    ("phải không", "a question; “không được”"),
    ("mục bắt buộc", "a member is a “trường”"),
    ("đã chết", "“đã mất”"),
    ("ngày chết", "“ngày mất”"),
    ("câu trả lời theo", "an office does not answer, it works out"),
    ("lập quyết định", "a decision is recorded: “ghi nhận”"),
    ("thời hạn khiếu nại", "the law's word is “thời hiệu”"),
    ("plan promises", "a plan sets an aim"),
];

#[test]
fn words_that_were_given_up_stay_away() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect("a file");
    let policy = Policy::embedded().expect("the embedded pack");
    let mut texts: Vec<(String, String)> = rust_files(&root.join("src"))
        .into_iter()
        .map(|(path, text)| (path.display().to_string(), text))
        .collect();
    texts.extend(policy.files().iter().map(|file| (file.name.clone(), file.text.clone())));
    texts.extend(["src/facts/vocabulary.toml", "README.md"].map(|name| (name.to_owned(), read(name))));
    for (name, text) in &texts {
        let small = text.to_lowercase();
        for (word, why) in GIVEN_UP {
            assert!(!small.contains(&word.to_lowercase()), "{name} says “{word}”: {why}");
        }
        let bare = small
            .match_indices("số định danh")
            .filter(|(at, found)| !small[at + found.len()..].starts_with(" cá nhân"))
            .count();
        assert_eq!(bare, 0, "{name}: a “số định danh” is one of a person, “cá nhân”");
    }
}
