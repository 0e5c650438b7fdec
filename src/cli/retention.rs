//! `an-sinh retention`

use std::{
    io::{self, Write},
    process::ExitCode,
};

use chrono::Utc;
use clap::Args;

use crate::{
    api::Lang,
    cli::{Failure, OPERATOR, database::Database},
    facts::Text,
    privacy::{self, Counted, KeepFor, Keeping, Kind},
};

/// Remove what is past its time.
///
/// What ends by itself always goes: ended sign-ins, answers kept for repeated requests, delivered events. All else is kept
/// until you say for how long, such as 90d, 18m or 10y; no such time is built in. Works in small steps beside the running
/// service, each with its entry in the audit log, and prints how much of each kind went.
#[derive(Debug, Args)]
pub struct Retention {
    #[command(flatten)]
    database: Database,
    /// Only count; nothing is removed.
    #[arg(long)]
    dry_run: bool,
    /// How long the audit log tells what was read, by id and purpose. Who read something when stays.
    #[arg(long, value_name = "TIME", env = "AN_SINH_KEEP_READINGS")]
    keep_readings: Option<KeepFor>,
    /// How long a version of a record is kept after a newer one took its place. Those of records with former numbers or that
    /// were merged stay.
    #[arg(long, value_name = "TIME", env = "AN_SINH_KEEP_VERSIONS")]
    keep_versions: Option<KeepFor>,
    /// How long a document is kept after it was replaced or withdrawn. Decisions keep the facts it gave.
    #[arg(long, value_name = "TIME", env = "AN_SINH_KEEP_ENDED_EVIDENCE")]
    keep_ended_evidence: Option<KeepFor>,
    /// How long a card is kept after it was revoked or ran out.
    #[arg(long, value_name = "TIME", env = "AN_SINH_KEEP_ENDED_CARDS")]
    keep_ended_cards: Option<KeepFor>,
    /// Then write the database anew, so that no unused part of its files holds what was removed. Needs room for a second
    /// copy and holds up the service while it lasts.
    #[arg(long, conflicts_with = "dry_run")]
    compact: bool,
}

impl Retention {
    pub(super) fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        let keeping = Keeping {
            readings: self.keep_readings,
            versions: self.keep_versions,
            ended_evidence: self.keep_ended_evidence,
            ended_cards: self.keep_ended_cards,
        };
        let now = Utc::now();
        if self.dry_run {
            let mut database = self.database.inspect()?;
            for kind in Kind::ALL {
                let counted = database.read(|conn, _| privacy::count(conn, kind, &keeping, now))?;
                tell(kind, counted, true, lang)?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let store = self.database.open()?;
        for kind in Kind::ALL {
            let counted = privacy::sweep(&store, kind, &keeping, OPERATOR, now)?;
            tell(kind, counted, false, lang)?;
        }
        if self.compact {
            store.compact()?;
        } else if !store.empty_log()? {
            let told = Text::new(
                "Lưu ý: nhật ký của SQLite đang được đọc nên chưa xóa trống; dịch vụ sẽ làm sau.",
                "Note: the log of SQLite is being read and was not emptied; later writes do so.",
            );
            writeln!(io::stderr(), "{}", lang.pick(&told)).map_err(Failure::io("stderr"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// One line a kind.
fn tell(kind: Kind, counted: Counted, dry_run: bool, lang: Lang) -> Result<(), Failure> {
    let name = name(kind);
    let told = match counted {
        Counted::Past(number) if dry_run => Text::new(
            format!("{}: {number} đã hết hạn lưu", name.vi),
            format!("{}: {number} past their time", name.en),
        ),
        Counted::Past(number) => {
            Text::new(format!("{}: đã xóa {number}", name.vi), format!("{}: {number} removed", name.en))
        }
        Counted::NotTold => {
            let setting = format!("AN_SINH_KEEP_{}", kind.as_str().to_uppercase());
            Text::new(
                format!("{}: giữ lại, chưa thiết lập thời hạn lưu ({setting})", name.vi),
                format!("{}: kept, how long is not set ({setting})", name.en),
            )
        }
    };
    writeln!(io::stdout(), "{}", lang.pick(&told)).map_err(Failure::io("stdout"))
}

fn name(kind: Kind) -> Text {
    match kind {
        Kind::Sessions => Text::new("Phiên đăng nhập đã hết hạn", "Sign-ins that ended"),
        Kind::Answers => Text::new("Câu trả lời giữ để chống trùng", "Answers kept for repeated requests"),
        Kind::Events => Text::new("Sự kiện đã gửi", "Delivered events"),
        Kind::Readings => Text::new("Nội dung lượt xem hồ sơ", "What readings were about"),
        Kind::Versions => Text::new("Bản cũ của hồ sơ", "Earlier versions of records"),
        Kind::EndedEvidence => {
            Text::new("Giấy tờ đã thay thế hoặc rút lại", "Documents replaced or withdrawn")
        }
        Kind::EndedCards => Text::new("Thẻ đã thu hồi hoặc hết hạn", "Cards revoked or run out"),
    }
}
