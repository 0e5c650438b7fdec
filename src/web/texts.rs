//! Every text of the pages, in both languages, each once.

use crate::api::Lang;

/// A text in both languages. `{}` stands where something is put in.
#[derive(Debug, Clone, Copy)]
pub struct Say {
    vi: &'static str,
    en: &'static str,
}

impl Say {
    /// A text in both languages.
    pub const fn new(vi: &'static str, en: &'static str) -> Self {
        Self { vi, en }
    }

    /// In one language.
    pub fn tell(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Vi => self.vi,
            Lang::En => self.en,
        }
    }

    /// In one language, with `parts` in place of `{}`, in their order.
    pub fn with(self, lang: Lang, parts: &[&str]) -> String {
        let mut pieces = self.tell(lang).split("{}");
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for (at, piece) in pieces.enumerate() {
            out.push_str(parts.get(at).copied().unwrap_or_default());
            out.push_str(piece);
        }
        out
    }
}

/// A table of texts: `NAME: "vi", "en";`.
macro_rules! texts {
    ($($name:ident: $vi:literal, $en:literal;)*) => {
        $(
            #[doc = $en]
            pub const $name: Say = Say::new($vi, $en);
        )*

        #[cfg(test)]
        const ALL: &[Say] = &[$($name),*];
    };
}
pub(crate) use texts;

texts! {
    // Around every page.
    SKIP: "Đến nội dung chính", "Skip to content";
    NAVIGATION: "Điều hướng", "Navigation";
    SUBTITLE: "Quyền lợi an sinh Hà Nội", "Hanoi social benefits";
    API: "Tài liệu API", "API";
    POLICY: "Quy định", "The law";
    NOTICE: "Kết quả chỉ để tham khảo; chỉ văn bản do người có thẩm quyền ký mới có giá trị.",
        "An answer informs; only what the competent person signs decides.";
    PRIVACY: "Thông tin bạn nhập không được lưu lại và không xuất hiện trong địa chỉ trang.",
        "What you enter is not stored and never appears in the page's address.";
    CLOSED: "Nơi này chỉ trả lời cho chương trình và cán bộ có tài khoản; xem tài liệu API.",
        "This service answers only programs and officials with an account; see the API's documentation.";

    // The first page.
    TITLE: "Bạn và gia đình được hưởng quyền lợi gì?", "What are you and your family entitled to?";
    LEAD: "Nhập những gì đã biết về một hộ gia đình ở Hà Nội: ai được hỗ trợ đóng bảo hiểm y tế, ai được miễn vé xe buýt và đường sắt đô thị, theo điều khoản nào và vì sao.",
        "Enter what is known about one household in Hanoi: whose health insurance is paid for, who rides buses and the metro free, under which clause and why.";
    EXAMPLES: "Xem thử với một ví dụ", "Try an example";
    EXAMPLE_NEAR_POOR: "Lao động tự do, hộ cận nghèo", "Self-employed, near-poor household";
    EXAMPLE_CHILD: "Trẻ em 5 tuổi", "Child of five";
    EXAMPLE_YEAR: "Tròn 60 tuổi năm nay, chỉ biết năm sinh", "60 this year, only the birth year known";
    EXAMPLE_DISABLED: "Người lao động khuyết tật nặng", "Employee with a severe disability";
    EXAMPLE_PENSIONER: "Người 72 tuổi hưởng lương hưu", "Pensioner of 72";
    EXAMPLE_STUDENT: "Sinh viên, hộ nông nghiệp", "Student, farming household";

    // The form.
    FORM: "Thông tin của hộ gia đình", "The household's facts";
    FORM_HINT: "Điều chưa biết cứ để “Chưa biết”: kết quả sẽ nói còn thiếu điều gì.",
        "Leave what is not known at “Not known”: the answer says what is still missing.";
    PERSON: "Người {}", "Person {}";
    CALLED: "Gọi là", "Called";
    CALLED_HINT: "Ví dụ: mẹ, con cả. Không cần họ tên.", "Such as mother, eldest child. No name is needed.";
    WHO: "Nhân thân", "Who";
    WORK: "Việc làm, lương hưu, bảo hiểm", "Work, pension, insurance";
    MERIT: "Người có công, khuyết tật", "Merit and disability";
    STUDY: "Học tập", "Study";
    OTHER: "Diện khác", "Other groups";
    HOUSEHOLD: "Hộ gia đình và nơi ở", "Household and place";
    TRIP: "Một chuyến đi cụ thể", "A particular trip";
    TRIP_HINT: "Không bắt buộc. Để trống nếu chỉ hỏi có quyền đi miễn phí hay không.",
        "Optional. Leave empty to ask about the right itself.";
    MORE: "Chi tiết ít gặp", "Rarer details";
    ASKED: "Câu hỏi", "The question";
    AS_OF: "Ngày cần biết", "Day asked";
    AS_OF_HINT: "Để trống là hôm nay. Viết 14/01/2026 hoặc 2026-01-14.", "Empty means today. Write 2026-01-14 or 14/01/2026.";
    AUTHORITY: "Căn cứ", "By";
    BY_PLAN: "Luật và mục tiêu của Kế hoạch số 181/KH-UBND", "Law and the aims of Plan No. 181/KH-UBND";
    BY_LAW: "Chỉ luật hiện hành", "Law in force only";
    UNKNOWN: "Chưa biết", "Not known";
    YES: "Có", "Yes";
    NO: "Không", "No";
    NONE: "Không có", "None";
    ONE_ENTRY: "Có, ghi ở dưới", "Yes, told below";
    ENTRY: "Ghi chi tiết", "Tell the details";
    DATE_HINT: "Ngày/tháng/năm, tháng/năm hoặc chỉ năm: 10/03/1956, 03/1956, 1956.",
        "Day, month or year alone: 1956-03-10, 1956-03, 1956 or 10/03/1956.";
    PERCENT_HINT: "Số nguyên từ 0 đến 100.", "A whole number from 0 to 100.";
    MONEY_HINT: "Số đồng mỗi tháng, ví dụ 3.000.000.", "VND a month, such as 3,000,000.";
    COUNT_HINT: "Số nguyên từ {} đến {}.", "A whole number from {} to {}.";
    WARDS: "Phường", "Wards";
    COMMUNES: "Xã", "Communes";
    NEEDED: "Cần cho kết quả", "Needed for the answer";
    ADD_PERSON: "Thêm một người trong hộ", "Add a member of the household";
    REMOVE_PERSON: "Bỏ {}", "Remove {}";
    ANSWER: "Xem quyền lợi", "Show the entitlements";
    CLEAR: "Nhập lại từ đầu", "Start over";
    ERRORS: "Có {} chỗ cần sửa", "{} things to correct";
    BAD_DATE: "“{}” phải là ngày có thật, viết như 10/03/1956, 03/1956 hoặc 1956.",
        "“{}” must be a real date, written like 1956-03-10, 1956-03, 1956 or 10/03/1956.";
    BAD_DAY: "“{}” phải là một ngày có thật, viết như 14/01/2026.", "“{}” must be a real day, written like 2026-01-14.";
    BAD_GAP: "Hãy điền “{}”.", "Please fill in “{}”.";
    NONE_AND_ENTRY: "“{}”: đã chọn không có nhưng vẫn ghi chi tiết; hãy bỏ một trong hai.",
        "“{}”: none is chosen and yet details are told; drop one of them.";

    // The answer.
    RESULT: "Kết quả", "The answer";
    RESULT_ON: "Cho ngày {}, theo {}.", "For {}, by {}.";
    LAW_AND_PLAN: "luật và Kế hoạch số 181/KH-UBND", "law and Plan No. 181/KH-UBND";
    LAW_ONLY: "luật hiện hành", "law in force";
    CHANGE_FACTS: "Sửa thông tin", "Change the facts";
    ENTITLED: "Được hưởng", "Entitled";
    NOT_ENTITLED: "Không được hưởng", "Not entitled";
    NEEDS_INFORMATION: "Cần thêm thông tin", "Needs information";
    NEEDS_REVIEW: "Cần xem xét", "Needs review";
    HEALTH_PERCENT_MONEY: "Được hỗ trợ {}% mức đóng, {} mỗi tháng", "{}% of the premium is paid, {} a month";
    HEALTH_PERCENT: "Được hỗ trợ {}% mức đóng", "{}% of the premium is paid";
    HEALTH_YES: "Được hỗ trợ mức đóng", "The premium is supported";
    HEALTH_NO: "Không được hỗ trợ mức đóng", "The premium is not supported";
    RIDES_FREE: "Đi miễn phí", "Rides free";
    PASS_AT: "Vé tháng giảm giá: {}", "Reduced monthly pass: {}";
    PASS_REDUCED: "Được mua vé tháng giảm giá", "May buy a reduced monthly pass";
    PAYS_FARE: "Không được miễn, giảm vé", "Pays the full fare";
    NOT_ENOUGH: "Cần thêm thông tin để kết luận", "Not enough is known to answer";
    OFFICIAL_DECIDES: "Cần người có thẩm quyền xem xét", "The competent body has to look at it";
    DUE_MONTHLY: "{} mỗi tháng", "{} a month";
    DEPENDS: "Kết quả phụ thuộc vào những điều chưa biết dưới đây.", "The answer depends on what is not known below.";
    PAID_BY: "Nguồn chi trả", "Who pays";
    SHARE: "{} {}%", "{} {}%";
    SHARE_MONEY: "{} {}%: {}", "{} {}%: {}";
    STATE_BUDGET: "Ngân sách nhà nước", "State budget";
    CITY_BUDGET: "Ngân sách Thành phố", "City budget";
    INSURANCE_AGENCY: "Cơ quan bảo hiểm xã hội", "Social-insurance agency";
    GROUP: "Theo diện", "Group";
    PREMIUM: "Mức đóng", "Premium";
    SELF_PAID: "Phần tự đóng mỗi tháng", "Own share";
    LEVEL: "Mức hưởng khi khám, chữa bệnh", "Share of treatment costs covered";
    LEVEL_UNCAPPED: "{}%, không áp dụng giới hạn tỷ lệ thanh toán", "{}%, without caps on payment";
    CARD_CODE: "Mã quyền lợi trên thẻ bảo hiểm y tế", "Card code";
    CARD_VALID: "Thời hạn thẻ", "Card valid";
    MODES: "Phương tiện được đi", "Rides on";
    TRANSIT_CARD: "Thẻ đi lại", "Travel card";
    CARD_NEEDED: "Cần có thẻ", "A card is needed";
    CARD_NOT_NEEDED: "Không cần thẻ", "No card is needed";
    CARD_MONTHS: "thời hạn {} tháng", "valid for {} months";
    FULL_PASS: "Giá vé tháng thường", "Ordinary monthly pass";
    MEDIUM: "Thẻ, vé đang dùng", "Card or ticket in use";
    MEDIUM_YES: "Được chấp nhận", "Accepted";
    MEDIUM_NO: "Không còn được chấp nhận", "No longer accepted";
    MEDIUM_UNTIL: "được chấp nhận đến hết {}", "accepted until {}";
    VALUE: "Giá trị ước tính mỗi tháng", "Estimated value a month";
    VALID: "Thời gian", "When";
    FROM_TO: "Từ {} đến hết {}", "From {} to {}";
    TO_DAY: "Đến hết {}", "Until {}";
    NEXT: "Từ {} có thể thay đổi, {}.", "May change on {}: {}.";
    UNCHANGED: "Chưa thấy thay đổi trong thời gian đã rà soát.", "No change is known in the period worked out.";
    BY_BIRTHDAY: "do đến mốc tuổi", "an age is reached";
    BY_MONTHS: "do hết số tháng theo quy định", "the months that the law grants end";
    BY_PARAMETER: "do {} thay đổi", "change of the {}";
    BY_RULE: "do quy định thay đổi", "the law changes";
    BY_LIST: "do danh sách của năm hết hiệu lực", "the year of the list ends";
    BY_YEAR: "do sang năm mới", "a new calendar year";
    BY_DEATH: "do người được hưởng qua đời", "the person has died";
    WHY: "Vì sao", "Why";
    MISSING: "Còn thiếu", "Still missing";
    FULL_DATE: "{} đầy đủ ngày, tháng, năm", "full {} with day and month";
    REVIEW_LAW: "Điểm cần xem xét thêm", "The law is open";
    REVIEW_AMOUNT: "Số tiền chưa rõ", "The amount is open";
    REVIEW_AMENDED: "Văn bản đã được sửa đổi", "The source was amended";
    REVIEW_DATE: "Ngày áp dụng chưa thống nhất", "Sources differ on the day";
    REVIEW_COVERAGE: "Ngoài thời gian đã rà soát", "Outside the period worked out";
    PROMISE_ONLY: "Mới là mục tiêu của Kế hoạch", "Only an aim of the plan";
    PROMISED: "Kế hoạch đặt mục tiêu: {}", "The plan’s aim: {}";
    PROMISE: "Mục tiêu của Kế hoạch", "An aim of the plan";
    PLAN_AND_LAW: "Kế hoạch số 181/KH-UBND đặt mục tiêu: {}. Theo luật hiện hành: {}.",
        "Aim of Plan No. 181/KH-UBND: {}. By law in force: {}.";
    WARNINGS: "Cần xem lại", "Please check";
    ASSUMED: "Giả định khi chưa có thông tin", "Taken for granted where nothing was told";
    CONFIDENCE: "Độ tin cậy", "Confidence";
    SEEN: "đã đọc văn bản gốc", "the legal text was read";
    SECONDARY: "theo báo chí hoặc trang của cơ quan, chưa đọc văn bản gốc", "from the press or an agency's page; the legal text was not read";
    INFERRED: "suy ra từ quy định đã kiểm chứng", "follows from verified rules";
    UNVERIFIED: "chưa kiểm chứng", "not verified";
    APPLIED: "Quyết định kết quả", "Decides";
    ADDED: "Cộng thêm", "Adds";
    BEATEN: "Không quyết định kết quả", "Does not decide here";
    NOT_MET: "Không thuộc trường hợp", "Not met";
    NOT_IN_FORCE: "Không có hiệu lực", "Not in force";
    NEEDS_FACTS: "Thiếu thông tin", "Facts missing";
    BY_THE_LAW: "Luật", "Law";
    BY_THE_PLAN: "Kế hoạch", "Plan";
    OTHER_RULES: "Các quy định khác đã xét ({})", "Other rules considered ({})";
}

/// Checks a table: nothing is empty, nothing stands twice, both languages have as many blanks.
#[cfg(test)]
pub fn check(all: &[Say]) {
    for (at, say) in all.iter().enumerate() {
        assert!(!say.vi.is_empty() && !say.en.is_empty());
        assert_eq!(say.vi.matches("{}").count(), say.en.matches("{}").count(), "{}", say.en);
        let twice = all[..at].iter().find(|other| other.vi == say.vi && other.en == say.en);
        assert!(twice.is_none(), "{} stands twice", say.en);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_once_with_the_same_blanks() {
        check(ALL);
        assert_eq!(ENTITLED.with(Lang::En, &["x"]), "Entitled");
        assert_eq!(FROM_TO.with(Lang::En, &["a", "b"]), "From a to b");
    }
}
