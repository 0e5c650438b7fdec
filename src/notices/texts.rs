//! Every text of the notice that the pages do not have, in both languages, each once.

use crate::web::texts::{Say, texts};

texts! {
    // The head, as Decree 30/2020/NĐ-CP has it.
    COUNTRY: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM";
    MOTTO: "Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness";
    COMMITTEE: "ỦY BAN NHÂN DÂN", "PEOPLE’S COMMITTEE";
    OF_WARD: "PHƯỜNG {}", "OF {} WARD";
    OF_COMMUNE: "XÃ {}", "OF {} COMMUNE";
    WARD: "phường {}", "{} ward";
    COMMUNE: "xã {}", "{} commune";
    NUMBER: "Số: ……… /TB-UBND", "No.: ……… /TB-UBND";
    PLACE_DATE: "{}, ngày …… tháng …… năm ………", "{}, day …… month …… year ………";
    KIND: "THÔNG BÁO", "NOTICE";
    ABOUT: "Kết quả xét quyền lợi an sinh xã hội", "Outcome of the examination of social benefits";
    TRANSLATION: "Bản tiếng Anh chỉ để tham khảo; bản tiếng Việt có giá trị.",
        "This English text is for information; the Vietnamese notice is the one that counts.";

    // Who and what.
    TO: "Kính gửi: Ông (Bà) ", "To: ";
    NO_NAME: "…………………………………………", "……………………………………………";
    BORN: "Năm sinh: {}.", "Year of birth: {}.";
    PERSONAL_NUMBER: "Số định danh cá nhân: {} (chỉ in ba số cuối).", "Personal number: {} (only its last three digits are printed).";
    INTRO: "Ủy ban nhân dân {} thông báo kết quả xét quyền lợi an sinh xã hội của Ông (Bà), tính theo hồ sơ tại ngày {}, như sau:",
        "The People’s Committee of {} gives notice of the outcome of the examination of your social benefits, by what is on record for {}:";
    BY_LAW_ONLY: "Kết quả được xét theo pháp luật đang có hiệu lực, không tính phần nêu trong Kế hoạch 181/KH-UBND.",
        "Only the law in force was applied, without what Plan 181/KH-UBND sets out.";
    NOTHING: "Không có quyền lợi nào được xét.", "No benefit was examined.";
    OF_HOUSEHOLD: "{} (của hộ gia đình)", "{} (of the household)";

    // One benefit.
    OUTCOME: "Kết quả: ", "Outcome: ";
    BY_THE_LAW_IN_FORCE: "Theo pháp luật đang có hiệu lực: ", "By the law in force: ";
    BY_PLAN: "Ngoài pháp luật, Kế hoạch 181/KH-UBND của Thành phố đề ra: ", "Apart from the law, the city’s Plan 181/KH-UBND sets out: ";
    NOT_A_RIGHT: " Đây là mục tiêu của Kế hoạch, chưa phải là quyền theo pháp luật.", " This is an aim of the plan, not yet a right by law.";
    DETAILS_WITH_PLAN: "Chi tiết dưới đây đã tính cả phần Kế hoạch đề ra:", "The details below count in what the plan sets out:";
    YES: "được hưởng", "entitled";
    NO: "không được hưởng", "not entitled";
    INFORMATION: "chưa đủ thông tin để kết luận", "not enough is known to conclude";
    REVIEW: "cần cơ quan có thẩm quyền xem xét", "to be examined by the competent body";
    TERM: "Thời gian áp dụng", "Applies";
    OPEN_DETAILS: "Chưa xác định được", "Not settled";
    MORE_DETAILS: "chi tiết khác của mức hưởng", "further details of the benefit";
    MISSING: "Còn thiếu thông tin. Đề nghị Ông (Bà) bổ sung:", "Information is missing. Please provide:";
    PAPER: "{} (giấy tờ có thể nộp: {})", "{} (a paper that may show it: {})";
    REASONS: "Lý do và căn cứ:", "Reasons and clauses:";
    OTHER_RULES: "Quy định khác đã xét:", "Other rules considered:";
    FROM_THE_PLAN: " [phần của Kế hoạch, không phải quy định pháp luật]", " [from the plan, not from the law]";
    CHECKED_SECONDARY: "Mức độ kiểm chứng: căn cứ của kết quả này mới được biết qua báo chí hoặc trang thông tin của cơ quan; chưa đọc nguyên văn ít nhất một văn bản.",
        "How well it was verified: at least one text behind this outcome is known only from the press or an agency’s page; its wording was not read.";
    CHECKED_INFERRED: "Mức độ kiểm chứng: kết quả này có phần được suy ra từ các quy định đã kiểm chứng.",
        "How well it was verified: part of this outcome follows by inference from verified rules.";
    CHECKED_UNVERIFIED: "Mức độ kiểm chứng: ít nhất một căn cứ của kết quả này chưa được kiểm chứng; cần đối chiếu với văn bản trước khi ký.",
        "How well it was verified: at least one text behind this outcome has not been verified; check it against the text before signing.";

    // Behind the benefits.
    WARNINGS: "Điều cần xem lại trong hồ sơ:", "To be looked at in the record:";
    ASSUMPTIONS: "Thông tin không có trong hồ sơ, được giả định như sau:", "Not on record and taken for granted:";
    SOURCES: "Văn bản được viện dẫn:", "Texts cited:";
    ISSUED: "{}, ngày {}", "{}, {}";
    CLOSING: "Khi thông tin trong hồ sơ thay đổi, đề nghị Ông (Bà) báo cho Ủy ban nhân dân {} để được xét lại.",
        "When something on record changes, please tell the People’s Committee of {}, so that it is examined again.";
    COMPLAINT: "Nếu không đồng ý, Ông (Bà) có quyền khiếu nại theo Luật Khiếu nại, trong thời hạn ……… ngày kể từ ngày nhận được thông báo này. ",
        "If you do not agree you may complain under the Law on Complaints, within ……… days of receiving this notice. ";
    COMPLAINT_UNCHECKED: "(Thời hạn chưa được đối chiếu với văn bản luật nên không in sẵn; cơ quan ban hành điền.)",
        "(The period has not been checked against the text of the law, so it is not printed; the issuing body fills it in.)";
    MADE_FROM: "Kết quả được ghi nhận lúc {} ngày {}. Thông báo có giá trị khi được người có thẩm quyền ký và cơ quan đóng dấu.",
        "The outcome was recorded at {} on {}. The notice counts once it is signed by the competent person and sealed.";

    // The foot.
    RECIPIENTS: "Nơi nhận:", "Recipients:";
    RECIPIENT_CITIZEN: "- Như trên;", "- The addressee;";
    RECIPIENT_FILE: "- Lưu: VT.", "- File.";
    ON_BEHALF: "TM. ỦY BAN NHÂN DÂN", "FOR THE PEOPLE’S COMMITTEE";
    SIGN_HERE: "(Chức vụ, chữ ký, họ tên và dấu)", "(Office, signature, name and seal)";
    FOOT_DECISION: "Mã quyết định: {} · Bộ quy định: {} {}", "Decision: {} · Pack of law: {} {}";
    FOOT_RECEIPT: "Biên nhận: {}", "Receipt: {}";
    FOOT_DIGEST: "Dấu băm của bộ quy định: {}", "Digest of the pack: {}";
    FOOT_BY: "Người ghi nhận: {}", "Recorded by: {}";

    // Members of a benefit that may be left open.
    OPEN_GROUP: "diện được hưởng", "the group";
    OPEN_PERCENT: "tỷ lệ hỗ trợ", "the share that is supported";
    OPEN_PREMIUM: "mức đóng", "the premium";
    OPEN_AMOUNT: "số tiền", "the amount";
    OPEN_SELF: "phần tự đóng", "the own share";
    OPEN_VALUE: "giá trị ước tính của quyền đi lại", "the estimated value of the rides";
    OPEN_PASS: "giá vé tháng", "the price of the monthly pass";
    OPEN_PAYERS: "nguồn chi trả", "who pays";
    OPEN_LEVEL: "mức hưởng khi khám, chữa bệnh", "the share of treatment costs covered";
    OPEN_CODE: "mã thẻ bảo hiểm y tế", "the code of the health card";
    OPEN_VALID: "thời hạn thẻ bảo hiểm y tế", "the term of the health card";
    OPEN_FARE: "mức giảm vé", "how much of the fare is waived";
    OPEN_CARD: "thẻ đi lại và thời hạn thẻ", "the travel card and its term";
    OPEN_MODES: "phương tiện được đi", "the services to ride on";
    OPEN_MEDIUM: "thẻ, vé đang dùng", "the card or ticket in use";

    // Papers.
    PAPER_BIRTH: "giấy khai sinh hoặc giấy tờ định danh", "birth certificate or identity document";
    PAPER_IDENTITY: "căn cước hoặc giấy tờ cư trú", "identity or residence document";
    PAPER_DISABILITY: "giấy xác nhận khuyết tật", "disability certificate";
    PAPER_POVERTY: "quyết định hoặc danh sách hộ nghèo, hộ cận nghèo", "decision or list of poor and near-poor households";
    PAPER_AREA: "danh sách địa bàn do cơ quan có thẩm quyền công bố", "the competent body’s list of areas";
    PAPER_WORK: "hợp đồng lao động", "employment contract";
    PAPER_STUDY: "giấy xác nhận của nhà trường", "certificate of enrolment";
    PAPER_PENSION: "quyết định hưởng lương hưu hoặc trợ cấp bảo hiểm xã hội", "decision on a pension or social-insurance benefit";
    PAPER_ALLOWANCE: "quyết định trợ cấp xã hội hoặc trợ cấp hưu trí xã hội", "decision on a social allowance or social pension";
    PAPER_MERIT: "giấy chứng nhận hoặc quyết định về người có công", "certificate or decision on meritorious service";
    PAPER_HEALTH_CARD: "thẻ bảo hiểm y tế", "health-insurance card";
    PAPER_OTHER: "giấy tờ chứng minh hoặc bản tự khai", "a paper that proves it, or a declaration";
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_is_there_once_with_the_same_blanks() {
        crate::web::texts::check(super::ALL);
    }
}
