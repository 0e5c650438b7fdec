//! How documents are named in citations: kind before number, a law by its name, a text that amends as the text it amends.

use chrono::NaiveDate;

use super::model::{Pack, Source};
use crate::facts::Text;

/// Kinds of documents: how a Vietnamese title begins, the English word, and whether the name belongs to the citation
/// (laws and ordinances are known by their names).
const KINDS: &[(&str, &str, bool)] = &[
    ("Luật", "Law", true),
    ("Pháp lệnh", "Ordinance", true),
    ("Nghị quyết", "Resolution", false),
    ("Nghị định", "Decree", false),
    ("Quyết định", "Decision", false),
    ("Kế hoạch", "Plan", false),
    ("Công văn", "Official Letter", false),
    ("Thông tư", "Circular", false),
    ("Thông báo", "Notice", false),
    ("Hướng dẫn liên ngành", "Joint Guidance", false),
    ("Hướng dẫn liên sở", "Joint Guidance", false),
];

impl Source {
    /// Whether a number is known; in place of one that is not stands a remark in brackets.
    pub fn is_numbered(&self) -> bool {
        !self.number.starts_with('(')
    }

    /// `Nghị định số 188/2025/NĐ-CP`, `Luật Bảo hiểm y tế số 25/2008/QH12`; a document without a known number by its
    /// title. What it amends is not told: [`Pack::cited_as`] does.
    pub fn name(&self) -> Text {
        let kind = KINDS.iter().find(|(vi, ..)| self.title.vi.starts_with(vi));
        match kind {
            _ if !self.is_numbered() => Text::new(
                format!("{} {}", self.title.vi, self.number),
                format!("{} {}", self.title.en, self.number),
            ),
            Some((_, _, true)) if self.amends.is_none() => Text::new(
                format!("{} số {}", self.title.vi, self.number),
                format!("{} No. {}", self.title.en, self.number),
            ),
            Some((vi, en, _)) => {
                Text::new(format!("{vi} số {}", self.number), format!("{en} No. {}", self.number))
            }
            None => Text::new(format!("văn bản số {}", self.number), format!("document No. {}", self.number)),
        }
    }

    /// The document as a list of texts has it: name, day of issue, issuer, subject. Day and issuer stand together or not
    /// at all: half of them would look like a slip.
    pub fn full_name(&self) -> Text {
        let name = self.name();
        let issued = self.issued.map(|on| (long_day(on), crate::facts::describe_day(on).en));
        let (issued_vi, issued_en) = match issued {
            Some((vi, en)) => {
                (format!(" {vi} của {}", self.issuer.vi), format!(" of {en}, issued by {}", self.issuer.en))
            }
            None => (String::new(), String::new()),
        };
        // What the name has said already is not said again.
        let said = name.vi.starts_with(&self.title.vi);
        let subject = KINDS.iter().find_map(|(kind, ..)| self.title.vi.strip_prefix(kind));
        let subject = subject.filter(|_| !said).map(|rest| {
            let rest = rest.trim_start();
            rest.strip_prefix("của ").and_then(|rest| rest.strip_prefix(&self.issuer.vi)).unwrap_or(rest)
        });
        let subject = subject.map(|rest| format!(" {}", rest.trim_start())).unwrap_or_default();
        let title =
            if name.en.starts_with(&self.title.en) { String::new() } else { format!(": {}", self.title.en) };
        Text::new(format!("{}{issued_vi}{subject}", name.vi), format!("{}{issued_en}{title}", name.en))
    }
}

impl Pack {
    /// The document as it stands behind a place: `Nghị định số 188/2025/NĐ-CP`; of a text that amends, what it amends:
    /// `Luật Bảo hiểm y tế số 25/2008/QH12, được sửa đổi, bổ sung bởi Luật số 51/2024/QH15`, since the place is one of the
    /// amended text.
    pub fn cited_as(&self, source: &Source) -> Text {
        let name = source.name();
        match source.amends.and_then(|amended| self.sources.get(amended.at())) {
            Some(amended) => {
                let amended = amended.name();
                Text::new(
                    format!("{}, được sửa đổi, bổ sung bởi {}", amended.vi, name.vi),
                    format!("{}, as amended by {}", amended.en, name.en),
                )
            }
            None => name,
        }
    }
}

/// `ngày 01 tháng 7 năm 2026`: a nought before days below ten and before January and February only.
pub fn long_day(day: NaiveDate) -> String {
    use chrono::Datelike;
    let month = day.month();
    let month = if month < 3 { format!("0{month}") } else { month.to_string() };
    format!("ngày {:02} tháng {month} năm {}", day.day(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn documents_are_named_as_on_official_papers() {
        let policy = Policy::embedded().expect("the embedded pack");
        let source = |id: &str| policy.pack.sources.iter().find(|source| source.id == id).expect("a source");
        for (id, vi, en) in [
            (
                "luat51_2024",
                "Luật Bảo hiểm y tế số 25/2008/QH12, được sửa đổi, bổ sung bởi Luật số 51/2024/QH15",
                "Law on Health Insurance No. 25/2008/QH12, as amended by Law No. 51/2024/QH15",
            ),
            (
                "luat_bhyt_2008",
                "Luật Bảo hiểm y tế số 25/2008/QH12",
                "Law on Health Insurance No. 25/2008/QH12",
            ),
            ("nd188_2025", "Nghị định số 188/2025/NĐ-CP", "Decree No. 188/2025/NĐ-CP"),
            ("nq07_2019_hdnd", "Nghị quyết số 07/2019/NQ-HĐND", "Resolution No. 07/2019/NQ-HĐND"),
            ("cv38_2026", "Công văn số 38/BYT-BH", "Official Letter No. 38/BYT-BH"),
            ("hd1151_2024", "Hướng dẫn liên sở số 1151/HDLS", "Joint Guidance No. 1151/HDLS"),
        ] {
            assert_eq!(policy.pack.cited_as(source(id)), Text::new(vi, en));
        }
        for (id, vi) in [
            (
                "nd161_2026",
                "Nghị định số 161/2026/NĐ-CP ngày 15 tháng 5 năm 2026 của Chính phủ quy định mức lương cơ sở",
            ),
            ("luat_nct_2009", "Luật Người cao tuổi số 39/2009/QH12"),
            ("luat_bhyt_2008", "Luật Bảo hiểm y tế số 25/2008/QH12 ngày 14 tháng 11 năm 2008 của Quốc hội"),
        ] {
            assert_eq!(source(id).full_name().vi, vi);
        }
        assert!(source("nq261_2025_qh15").full_name().vi.matches("Quốc hội").count() == 1);
        let named = policy.pack.sources.iter().filter(|source| source.is_numbered());
        assert!(
            named.into_iter().all(|source| !source.name().vi.starts_with("văn bản")),
            "every kind is known"
        );
    }
}
