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
    ABOUT: "Về kết quả xét hưởng chế độ, chính sách an sinh xã hội", "Outcome of the examination of social benefits";
    ABOUT_MISSING: "Về việc bổ sung thông tin, giấy tờ để xét hưởng chế độ, chính sách an sinh xã hội",
        "Information and papers needed to examine social benefits";
    ABOUT_REVIEW: "Về việc đang xem xét hồ sơ hưởng chế độ, chính sách an sinh xã hội", "Social benefits that are being examined";
    TRANSLATION: "Bản tiếng Anh chỉ để tham khảo; bản tiếng Việt có giá trị.",
        "This English text is for information; the Vietnamese notice is the one that counts.";
    DRAFT: "DỰ THẢO – chờ Ủy ban nhân dân {} xem xét, ký ban hành", "DRAFT – awaiting the People’s Committee of {}, which issues and signs it";
    SUPERSEDED: "(Đã được thay thế bởi kết quả ghi nhận ngày {}; không còn hiệu lực)",
        "(Another outcome, recorded on {}, has taken its place; no longer in effect)";
    APPEALED: "(Kết quả này đang được giải quyết theo khiếu nại nộp ngày {})", "(A complaint of {} against this outcome is being handled)";

    // Who and what.
    TO_MAN: "Kính gửi: Ông ", "To: Mr ";
    TO_WOMAN: "Kính gửi: Bà ", "To: Ms ";
    TO_EITHER: "Kính gửi: Ông (Bà) ", "To: ";
    TO_PARENTS: "Kính gửi: Cha, mẹ (người giám hộ) của cháu ", "To: the parents (or guardian) of the child ";
    TO_FAMILY_MAN: "Kính gửi: Gia đình ông ", "To: the family of the late Mr ";
    TO_FAMILY_WOMAN: "Kính gửi: Gia đình bà ", "To: the family of the late Ms ";
    TO_FAMILY_EITHER: "Kính gửi: Gia đình ông (bà) ", "To: the family of the late ";
    MAN: "Ông", "you";
    WOMAN: "Bà", "you";
    EITHER: "Ông (Bà)", "you";
    FAMILY: "gia đình", "the family";
    WHOSE_MAN: "Ông", "your";
    WHOSE_WOMAN: "Bà", "your";
    WHOSE_EITHER: "Ông (Bà)", "your";
    WHOSE_CHILD: "cháu", "the child’s";
    WHOSE_DECEASED: "người đã mất", "the deceased’s";
    NO_NAME: "…………………………………………", "……………………………………………";
    BORN: "Năm sinh: {}.", "Year of birth: {}.";
    PERSONAL_NUMBER: "Số định danh cá nhân: {} (chỉ in ba số cuối).", "Personal number: {} (only its last three digits are printed).";
    DIED: "Người được hưởng đã mất ngày {}; quyền lợi chấm dứt kể từ ngày tiếp theo.", "The person died on {}; every right ended with the next day.";
    INTRO: "Ủy ban nhân dân {} thông báo kết quả xét hưởng chế độ, chính sách an sinh xã hội của {} theo pháp luật, căn cứ hồ sơ đến ngày {}, như sau:",
        "The People’s Committee of {} gives notice of the outcome of the examination of {} social benefits under the law, by what is on record up to {}:";
    REPLACES: "Thông báo này thay thế Thông báo số ……… /TB-UBND ngày ……… (kết quả ghi nhận ngày {}).",
        "This notice takes the place of Notice No. ……… /TB-UBND of ……… (outcome recorded on {}).";
    REPLACES_BY_APPEAL: "Thông báo này thay thế Thông báo số ……… /TB-UBND ngày ……… (kết quả ghi nhận ngày {}), theo kết quả giải quyết khiếu nại.",
        "This notice takes the place of Notice No. ……… /TB-UBND of ……… (outcome recorded on {}), as the complaint against it was decided.";
    NOTHING: "Không có quyền lợi nào được xét.", "No benefit was examined.";
    OF_HOUSEHOLD: "{} (của hộ gia đình)", "{} (of the household)";

    // One benefit.
    OUTCOME: "Kết quả: ", "Outcome: ";
    YES: "được hưởng", "entitled";
    YES_FOR_NOW: "được hưởng (tạm tính)", "entitled (for the time being)";
    NO: "không được hưởng", "not entitled";
    NO_FOR_NOW: "không được hưởng (tạm tính)", "not entitled (for the time being)";
    INFORMATION: "cần thêm thông tin", "needs information";
    INFORMATION_MORE: " để kết luận; đề nghị bổ sung như nêu ở dưới.", " before it can be decided; please provide what is listed below.";
    REVIEW: "cần xem xét", "needs review";
    REVIEW_MORE: ". Hồ sơ đang được xem xét; Ủy ban nhân dân {} sẽ thông báo kết quả trước ngày ………",
        ". The case is being examined; the People’s Committee of {} will give notice of the outcome before ………";
    NO_MORE: ", do theo hồ sơ không thuộc nhóm được hưởng.", ": by what is on record, none of the groups that are entitled.";
    NO_DIED: ", do người được hưởng đã mất.", ": the person has died.";
    UNTIL_AMENDED: " Kết quả tạm tính theo quy định trước ngày {}; Ủy ban nhân dân sẽ thông báo lại sau khi đối chiếu với {}.",
        " Worked out for the time being by the rules before {}; a new notice follows once {} has been looked at.";
    UNTIL_AMENDMENT: " Kết quả tạm tính theo quy định trước khi sửa đổi; Ủy ban nhân dân sẽ thông báo lại sau khi đối chiếu với văn bản sửa đổi.",
        " Worked out for the time being by the rules before they were amended; a new notice follows once the amendment has been looked at.";
    PAID_IN_FULL_STATE: "được ngân sách nhà nước đóng toàn bộ", "the State budget pays the whole premium";
    PAID_IN_FULL_CITY: "được ngân sách Thành phố đóng toàn bộ", "the city budget pays the whole premium";
    PAID_BY_AGENCY: "được cơ quan bảo hiểm xã hội đóng", "the social-insurance agency pays the premium";
    PAID_IN_PART: "được ngân sách hỗ trợ {}% mức đóng", "{}% of the premium is paid from the budget";
    STAYS: "Kết quả này giữ nguyên khi hoàn cảnh và quy định chưa thay đổi.", "This outcome stays as long as neither circumstances nor rules change.";
    CHANGES: "Kết quả này áp dụng đến hết ngày {}; từ ngày {} có thể thay đổi, {}.", "This outcome holds until {}; from {} it may change, {}.";
    BY_BIRTHDAY: "do đến mốc tuổi", "since an age is reached";
    BY_MONTHS: "do hết số tháng theo quy định", "since the months that the law grants end";
    BY_PARAMETER: "do {} thay đổi", "since the {} changes";
    BY_RULE: "do quy định thay đổi", "since the rules change";
    BY_LIST: "do danh sách năm {} hết hiệu lực", "since the list of {} ends";
    BY_YEAR: "do sang năm mới", "since a new calendar year begins";
    BY_DEATH: "do người được hưởng qua đời", "since the person has died";

    // What is due, as it is called on paper.
    PAID_BY: "Nguồn chi trả", "Paid by";
    A_MONTH: "{} mỗi tháng", "{} a month";
    GROUP: "Theo diện", "Group";
    PREMIUM: "Mức đóng", "Premium";
    OWN_SHARE: "Phần {} tự đóng", "Share that {} pay";
    OWN_AMOUNT: "Phần {} tự đóng mỗi tháng", "Amount that {} pay a month";
    OWN_PERCENT: "{}% mức đóng", "{}% of the premium";
    LEVEL: "Mức hưởng khi khám, chữa bệnh", "Share of treatment costs covered";
    CARD_CODE: "Mã quyền lợi trên thẻ bảo hiểm y tế", "Code on the health-insurance card";
    CARD_VALID: "Thời hạn thẻ", "The card is valid";
    CARD_VALID_OPEN: "Thời hạn thẻ do cơ quan bảo hiểm xã hội ghi trên thẻ.", "The social-insurance agency prints the card’s term on the card.";
    MODES: "Phương tiện được đi", "Services to ride on";
    TRANSIT_CARD: "Có cần thẻ đi lại không", "Is a travel card needed";
    CARD_NEEDED: "cần", "yes";
    CARD_NOT_NEEDED: "không cần", "no";
    FULL_PASS: "Giá vé tháng thường", "Ordinary monthly pass";
    MEDIUM: "Thẻ, vé đang dùng", "Card or ticket in use";
    OPEN_DETAILS: "Chưa xác định được", "Not settled";
    MORE_DETAILS: "chi tiết khác của mức hưởng", "further details of the benefit";

    // Behind the benefits.
    MISSING: "Để có căn cứ xét các quyền lợi nêu trên, đề nghị {} bổ sung trước ngày ……… tại ………………………:",
        "To let the benefits above be decided, {} should provide before ………, at ………………………:";
    ASK: "{}: có hay không?", "{}: yes or no?";
    TELL: "Thông tin về {}", "Information on: {}";
    PAPER: "{} Giấy tờ có thể nộp: {}.", "{} A paper that may show it: {}.";
    PLAN: "Ngoài các quyền lợi theo pháp luật nêu trên, Kế hoạch số 181/KH-UBND của Thành phố đặt mục tiêu hỗ trợ thêm đối với: {}. Mục tiêu này chưa phải là quyền lợi theo pháp luật; hiện nay ",
        "Beside the benefits by law above, the city’s Plan No. 181/KH-UBND sets the aim of more support for: {}. This aim is not a right by law; today it is ";
    PLAN_NOT_YET: "chưa được hưởng.", "not given.";
    SEE_ANNEX: "Lý do và căn cứ pháp lý nêu tại Phụ lục kèm theo.", "Reasons and clauses stand in the annex.";
    BEING_CHECKED: " Căn cứ của kết quả này đang được đối chiếu với văn bản gốc.", " The texts behind this outcome are being checked against the originals.";
    CLOSING: "Khi thông tin trong hồ sơ thay đổi, đề nghị {} báo cho Ủy ban nhân dân {} để được xem xét, điều chỉnh.",
        "When something on record changes, {} should tell the People’s Committee of {}, so that it is looked at and adjusted.";
    COMPLAINT: "Nếu không đồng ý, trong thời hiệu ……… ngày kể từ ngày nhận được thông báo này, {} có quyền khiếu nại đến ……………………………… theo Luật Khiếu nại.",
        "If {} do not agree, a complaint may be made to ……………………………… within ……… days of receiving this notice, under the Law on Complaints.";
    MADE_FROM: "Kết quả được ghi nhận ngày {}. Thông báo có hiệu lực khi được ký, đóng dấu.",
        "The outcome was recorded on {}. The notice takes effect once signed and sealed.";

    // The foot.
    RECIPIENTS: "Nơi nhận:", "Recipients:";
    RECIPIENT_CITIZEN: "- Như trên;", "- The addressee;";
    RECIPIENT_FILE: "- Lưu: VT.", "- File.";
    ON_BEHALF: "TM. ỦY BAN NHÂN DÂN", "FOR THE PEOPLE’S COMMITTEE";
    SIGN_HERE: "(Chức vụ, chữ ký, họ tên và dấu)", "(Office, signature, name and seal)";
    FOOT: "Mã tra cứu: {} · Phiên bản quy định: {} · Người ghi nhận: {}", "Look-up code: {} · Version of the rules: {} · Recorded by: {}";

    // The annex.
    ANNEX: "PHỤ LỤC", "ANNEX";
    ANNEX_ABOUT: "Lý do và căn cứ", "Reasons and clauses";
    ANNEX_TO: "(Kèm theo Thông báo số ……… /TB-UBND ngày …… tháng …… năm ……… của Ủy ban nhân dân {})",
        "(To Notice No. ……… /TB-UBND of ……… of the People’s Committee of {})";
    NOT_OF_GROUPS: "Theo hồ sơ, không thuộc các nhóm được hưởng theo {}.", "By what is on record, none of the groups entitled under {}.";
    OPEN_POINT: "Điểm cần xem xét thêm: ", "To be looked at further: ";
    SOURCES: "Văn bản được viện dẫn:", "Texts cited:";

    // The sheet.
    SHEET: "PHIẾU KIỂM TRA TRƯỚC KHI KÝ", "CHECK SHEET BEFORE SIGNING";
    SHEET_ABOUT: "Kèm dự thảo thông báo kết quả xét hưởng chế độ, chính sách an sinh xã hội", "For the draft notice on social benefits";
    SHEET_ONLY: "(Lưu hồ sơ, không giao cho công dân)", "(For the file; not handed to the citizen)";
    FILL_IN: "Điền trước khi ký:", "To be filled in before signing:";
    FILL_NUMBER: "số, ngày của thông báo; chức vụ, họ tên người ký; nơi nhận.", "Number and day of the notice; office and name of who signs; recipients.";
    FILL_COMPLAINT: "thời hiệu và nơi nhận khiếu nại: chưa đối chiếu với nguyên văn Luật Khiếu nại nên không in sẵn; quyền khởi kiện tại Tòa án chưa được in, ghi thêm theo luật.",
        "Period and addressee of a complaint: not checked against the wording of the Law on Complaints, so not printed; the right to go to court is not printed and is added as the law has it.";
    FILL_MISSING: "ngày và nơi bổ sung thông tin, giấy tờ.", "Day and place for information and papers.";
    FILL_REVIEW: "ngày thông báo kết quả xem xét.", "Day by which the outcome of the review is told.";
    FILL_REPLACED: "số, ngày của thông báo bị thay thế.", "Number and day of the notice whose place is taken.";
    STATE: "Tình trạng:", "State:";
    STATE_DRAFT: "người ghi nhận không thuộc Ủy ban nhân dân {}; thông báo chỉ là dự thảo.", "Recorded by somebody outside the People’s Committee of {}; the notice is a draft.";
    STATE_SUPERSEDED: "đã được thay thế bởi kết quả ghi nhận ngày {}; không ký thông báo này.", "Another outcome, recorded on {}, has taken its place; do not sign this notice.";
    STATE_SUPERSEDES: "thay thế kết quả ghi nhận ngày {}.", "Takes the place of the outcome recorded on {}.";
    STATE_APPEALED: "có khiếu nại nộp ngày {} chưa được giải quyết.", "A complaint of {} has not been decided yet.";
    STATE_DIED: "người được hưởng đã mất; thông báo gửi gia đình.", "The person has died; the notice goes to the family.";
    STATE_MINOR: "người được hưởng chưa đủ 18 tuổi; thông báo gửi cha, mẹ (người giám hộ).", "The person is under 18; the notice goes to the parents or guardian.";
    STATE_NOT_REDONE: "không tính lại được theo riêng pháp luật: thông báo chỉ nêu kết quả, không nêu số tiền.",
        "The law alone could not be applied again: the notice tells the outcome without amounts.";
    BY_LAW: "theo pháp luật: {}.", "By law: {}.";
    BY_PLAN: "Kế hoạch số 181/KH-UBND đặt mục tiêu: {} (không phải quyền lợi theo pháp luật, không in thành quyền lợi trên thông báo).",
        "Aim of Plan No. 181/KH-UBND: {} (no right by law, and not printed as one).";
    CHECKED_SEEN: "mức độ kiểm chứng: đã đọc nguyên văn các văn bản làm căn cứ.", "How well it was verified: the texts behind this outcome were read.";
    CHECKED_SECONDARY: "mức độ kiểm chứng: ít nhất một văn bản làm căn cứ mới được biết qua báo chí hoặc trang thông tin của cơ quan nhà nước, chưa đọc nguyên văn.",
        "How well it was verified: at least one text behind this outcome is known only from the press or an agency’s page; its wording was not read.";
    CHECKED_INFERRED: "mức độ kiểm chứng: kết quả này có phần được suy ra từ các quy định đã kiểm chứng.",
        "How well it was verified: part of this outcome follows by inference from verified rules.";
    CHECKED_UNVERIFIED: "mức độ kiểm chứng: ít nhất một căn cứ của kết quả này chưa được kiểm chứng; cần đối chiếu với văn bản trước khi ký.",
        "How well it was verified: at least one text behind this outcome has not been verified; check it against the text before signing.";
    WARNINGS: "Điều cần xem lại trong hồ sơ:", "To be looked at in the record:";
    PAPERS_DIFFER: "các giấy tờ còn hiệu lực ghi khác nhau về {}.", "Valid documents contradict each other on: {}.";
    ASSUMPTIONS: "Những điều sau chưa có trong hồ sơ, tạm coi là:", "Not on record and taken for granted:";
    ASSUMED_NO_GROUP: "người được hưởng không thuộc diện ưu tiên nào khác.", "The person is in no other group.";
    ASSUMED_FIRST: "người được hưởng là người đầu tiên trong hộ tham gia bảo hiểm y tế.", "The person is the first of the household in the health-insurance scheme.";
    TRACE_DECISION: "Mã kết quả: {} · ghi nhận lúc {} ngày {} · {}", "Outcome {} · recorded at {} on {} · {}";
    TRACE_PACK: "Bộ quy định: {} {} · {}", "Pack of law: {} {} · {}";
    TRACE_RECEIPT: "Dấu băm: {}", "Receipt: {}";
    CITIZEN: "Công dân: ", "Citizen: ";

    // Members of a benefit that may be left open.
    OPEN_GROUP: "diện được hưởng", "the group";
    OPEN_PERCENT: "tỷ lệ hỗ trợ", "the share that is supported";
    OPEN_PREMIUM: "mức đóng", "the premium";
    OPEN_AMOUNT: "số tiền", "the amount";
    OPEN_SELF: "phần tự đóng", "the own share";
    OPEN_PASS: "giá vé tháng", "the price of the monthly pass";
    OPEN_PAYERS: "nguồn chi trả", "who pays";
    OPEN_LEVEL: "mức hưởng khi khám, chữa bệnh", "the share of treatment costs covered";
    OPEN_CODE: "mã thẻ bảo hiểm y tế", "the code of the health card";
    OPEN_FARE: "mức giảm vé", "how much of the fare is waived";
    OPEN_CARD: "thẻ đi lại và thời hạn thẻ", "the travel card and its term";
    OPEN_MODES: "phương tiện được đi", "the services to ride on";
    OPEN_MEDIUM: "thẻ, vé đang dùng", "the card or ticket in use";

    // Papers.
    PAPER_BIRTH: "giấy khai sinh hoặc thẻ căn cước", "birth certificate or identity card";
    PAPER_IDENTITY: "thẻ căn cước, VNeID hoặc giấy xác nhận thông tin về cư trú", "identity card, VNeID or a confirmation of residence";
    PAPER_DISABILITY: "giấy xác nhận khuyết tật", "disability certificate";
    PAPER_POVERTY: "giấy chứng nhận hộ nghèo, hộ cận nghèo (nếu do phường, xã này cấp thì không phải nộp)",
        "certificate of a poor or near-poor household (not needed if this ward or commune issued it)";
    PAPER_AREA: "không phải nộp, Ủy ban nhân dân xác định", "none, the People’s Committee finds out";
    PAPER_WORK: "hợp đồng lao động, hoặc bản tự khai nếu không làm việc theo hợp đồng", "employment contract, or a declaration where there is none";
    PAPER_STUDY: "giấy xác nhận của nhà trường", "certificate of enrolment";
    PAPER_PENSION: "quyết định hưởng lương hưu hoặc trợ cấp bảo hiểm xã hội", "decision on a pension or social-insurance benefit";
    PAPER_ALLOWANCE: "quyết định trợ cấp xã hội hoặc trợ cấp hưu trí xã hội", "decision on a social allowance or social pension";
    PAPER_MERIT: "giấy chứng nhận hoặc quyết định về người có công", "certificate or decision on meritorious service";
    PAPER_VETERAN: "quyết định, giấy chứng nhận cựu chiến binh, thanh niên xung phong", "decision or certificate of a veteran or youth volunteer";
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
