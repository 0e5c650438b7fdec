//! What a check of the log can find, in words.

use super::tree::Hash;
use crate::facts::Text;

/// More findings than these are counted, not kept.
const MOST: usize = 1_000;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $name:ident = $vi:literal, $en:literal;)*) => {
        /// What is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[doc = $doc])* $name,)* }

        impl Kind {
            fn text(self) -> Text {
                match self { $(Self::$name => Text::new($vi, $en),)* }
            }
        }
    };
}

kinds! {
    /// No act has this place.
    EntryMissing = "mục này không còn trong nhật ký", "this entry is no longer in the log";
    /// Places are counted from 1.
    EntryMisplaced = "số thứ tự không hợp lệ", "no entry can have this place";
    /// The leaf is not the hash of what the act says.
    EntryChanged = "nội dung không khớp với mã băm: mục đã bị sửa", "its content does not match its hash: the entry was changed";
    /// The hash of a subtree is not that of its leaves.
    NodeChanged = "mã băm của cây tại mục này không khớp với các mục đứng trước", "a hash of the tree kept here does not match the entries before it";
    /// Subject and salt are gone and no erasure says so.
    Unexplained = "nội dung đã bị xóa mà không có lần xóa nào được ghi nhận", "its content is gone, but no recorded erasure says so";
    /// An erasure says that subject and salt are gone.
    NotErased = "đã ghi nhận là xóa nhưng nội dung vẫn còn", "its erasure was recorded, but its content is there";
    /// A commitment to a row without its act.
    StrayMention = "có cam kết về dòng dữ liệu nhưng không có mục nhật ký tương ứng", "a commitment to a row stands here without an entry";
    /// A commitment to a table this program does not know.
    UnknownTable = "cam kết về một bảng không rõ", "it commits to a row of an unknown table";
    /// The row is not what the last act left.
    RowChanged = "dữ liệu đã bị sửa sau lần ghi nhận cuối cùng", "the row was changed after the last recorded act";
    /// The row is gone and no act says so.
    RowMissing = "dữ liệu đã bị xóa mà không được ghi nhận", "the row was removed, and no recorded act says so";
    /// The last act says that the row is gone.
    RowBack = "đã ghi nhận là xóa nhưng dữ liệu vẫn còn", "its removal was recorded, but the row is there";
    /// No act speaks of the row.
    RowUnknown = "không có mục nào trong nhật ký ghi nhận dữ liệu này", "no recorded act wrote this row";
    /// The sealed part does not open.
    Unsealable = "phần niêm phong không mở được bằng khóa dữ liệu", "its sealed part does not open with the data key";
    /// The receipt is not that of facts, result and policy.
    ReceiptWrong = "dấu băm không khớp với thông tin, kết quả và bộ quy định", "the receipt is not that of its facts, result and policy";
    /// Not a signed note of a checkpoint.
    NoteUnreadable = "không đọc được điểm kiểm tra", "this is no checkpoint";
    /// No trusted key signed it.
    NoteUnsigned = "chữ ký không đúng với khóa nào được tin cậy", "no trusted key signed it";
    /// It covers more than there is.
    NoteAhead = "nhật ký ngắn hơn điểm kiểm tra: phần cuối đã bị cắt", "the log is shorter than the checkpoint: its end was cut off";
    /// Another root.
    NoteContradicts = "gốc của cây khác với điểm kiểm tra: nhật ký đã bị viết lại", "the root differs from the checkpoint: the log was rewritten";
}

/// Something that is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub kind: Kind,
    /// Where.
    pub place: Text,
}

impl Finding {
    pub(super) fn entry(kind: Kind, seq: i64) -> Self {
        Self { kind, place: Text::new(format!("mục {seq}"), format!("entry {seq}")) }
    }

    pub(super) fn row(kind: Kind, table: &str, id: &str) -> Self {
        Self {
            kind,
            place: Text::new(format!("bảng {table}, dòng {id}"), format!("table {table}, row {id}")),
        }
    }

    pub(super) fn note(kind: Kind, name: &str) -> Self {
        Self { kind, place: Text::new(format!("điểm kiểm tra {name}"), format!("checkpoint {name}")) }
    }

    /// Place and words in both languages.
    pub fn text(&self) -> Text {
        let (place, words) = (&self.place, self.kind.text());
        Text::new(format!("{}: {}", place.vi, words.vi), format!("{}: {}", place.en, words.en))
    }
}

/// What a check saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Acts in the log.
    pub entries: u64,
    /// Root over them.
    pub root: Hash,
    /// Rows that were compared with the act that wrote them last.
    pub rows: u64,
    /// Sealed parts that were opened.
    pub opened: u64,
    /// Checkpoints that were compared.
    pub checkpoints: u64,
    /// Acts dated before the act they follow: the clock was set back. The order is that of the places.
    pub clock_back: Vec<i64>,
    /// What is wrong; empty = all is as it was recorded.
    pub findings: Vec<Finding>,
    /// Findings beyond those kept.
    pub more: u64,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            entries: 0,
            root: super::tree::empty_root(),
            rows: 0,
            opened: 0,
            checkpoints: 0,
            clock_back: Vec::new(),
            findings: Vec::new(),
            more: 0,
        }
    }

    pub(super) fn found(&mut self, finding: Finding) {
        if self.findings.len() < MOST { self.findings.push(finding) } else { self.more += 1 }
    }

    /// Whether all is as it was recorded.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}
