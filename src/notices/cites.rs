//! Clauses as official papers write them.

use crate::{
    api::Lang,
    decide::CiteAnswer,
    policy::{Policy, Source},
    web::format::sentence,
};

/// Clauses in one line, parted by semicolons.
pub fn line(lang: Lang, policy: &Policy, cites: &[CiteAnswer]) -> String {
    cites.iter().map(|cite| one(lang, policy, cite)).collect::<Vec<_>>().join("; ")
}

fn one(lang: Lang, policy: &Policy, cite: &CiteAnswer) -> String {
    let (place, text) = (place(lang, &cite.place), document(lang, policy, cite));
    match (place.as_str(), lang) {
        ("", _) => text,
        (place, Lang::Vi) => format!("{place} {text}"),
        (place, Lang::En) => format!("{place} of {text}"),
    }
}

/// As the pack has it cited. Its number or id, when no pack at hand knows it, so that what is cited never disappears.
fn document(lang: Lang, policy: &Policy, cite: &CiteAnswer) -> String {
    match find(policy, &cite.source) {
        Some(source) => lang.pick(&policy.pack.cited_as(source)).to_owned(),
        None => cite.number.clone().unwrap_or_else(|| cite.source.clone()),
    }
}

/// The document's name alone: `Nghị quyết số 07/2019/NQ-HĐND`.
pub fn name(lang: Lang, policy: &Policy, id: &str) -> String {
    find(policy, id).map_or_else(|| id.to_owned(), |source| lang.pick(&source.name()).to_owned())
}

/// The document with day, issuer and subject, for the list of texts.
pub fn full(lang: Lang, policy: &Policy, id: &str) -> String {
    find(policy, id).map_or_else(|| id.to_owned(), |source| sentence(lang.pick(&source.full_name())))
}

/// The document of that id.
pub fn find<'p>(policy: &'p Policy, id: &str) -> Option<&'p Source> {
    policy.pack.sources.iter().find(|source| source.id == id)
}

/// `Đ12.4.a` → `điểm a khoản 4 Điều 12`; what has another form stands as the pack writes it, called a section.
fn place(lang: Lang, place: &str) -> String {
    let Some(rest) = place.strip_prefix('Đ') else {
        // A plan or a notice has sections.
        return match (place, lang) {
            ("", _) => String::new(),
            (place, Lang::Vi) => format!("mục {place}"),
            (place, Lang::En) => format!("section {place}"),
        };
    };
    let parts: Vec<&str> = rest.split('.').collect();
    match (parts.as_slice(), lang) {
        ([article], Lang::Vi) => format!("Điều {article}"),
        ([article, clause], Lang::Vi) => format!("khoản {clause} Điều {article}"),
        ([article, clause, point], Lang::Vi) => format!("điểm {point} khoản {clause} Điều {article}"),
        ([article], Lang::En) => format!("Article {article}"),
        ([article, clause], Lang::En) => format!("clause {clause}, Article {article}"),
        ([article, clause, point], Lang::En) => format!("point {point}, clause {clause}, Article {article}"),
        (_, Lang::Vi) => format!("Điều {rest}"),
        (_, Lang::En) => format!("Article {rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_as_on_official_papers() {
        for (written, vi, en) in [
            ("Đ12.4.a", "điểm a khoản 4 Điều 12", "point a, clause 4, Article 12"),
            ("Đ3.1", "khoản 1 Điều 3", "clause 1, Article 3"),
            ("Đ9", "Điều 9", "Article 9"),
            ("III.3.3.b", "mục III.3.3.b", "section III.3.3.b"),
            ("", "", ""),
        ] {
            assert_eq!((place(Lang::Vi, written), place(Lang::En, written)), (vi.into(), en.into()));
        }
    }
}
