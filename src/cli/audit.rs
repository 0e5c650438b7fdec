//! `an-sinh audit …`

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::{Args, Subcommand};

use crate::{
    api::Lang,
    audit::{
        self, Given, Open, Report,
        note::{Note, VerifierKey},
    },
    cli::{Failure, database::Database},
    decisions,
    facts::Text,
    store::StoreError,
};

/// A check found something.
const FOUND: u8 = 1;

/// Check the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    Verify(Verify),
}

impl AuditCommand {
    pub(super) fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        match self {
            Self::Verify(verify) => verify.run(lang),
        }
    }
}

/// Check that nothing was edited, removed, reordered or back-dated.
///
/// Makes every hash of the log anew and compares every row that it commits to. Only reads: works on a copy, or while the
/// service runs. Where the data key is at hand, sealed parts are opened and receipts made anew too. Exit status 0: all is
/// as it was recorded; 1: something is not; 2: it could not be checked.
#[derive(Debug, Args)]
pub struct Verify {
    /// A checkpoint kept outside the database, as GET /v1/audit/checkpoint gave it; may be given several times. Only
    /// with one does it show when the end of the log was cut off or the whole log was written anew.
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// A key that signs checkpoints (NAME+ID+KEY), kept outside too; may be given several times. Without it the keys in
    /// the database count.
    #[arg(long = "key", value_name = "KEY", value_parser = parse_key)]
    keys: Vec<VerifierKey>,
    #[command(flatten)]
    database: Database,
}

impl Verify {
    fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        let given = self.checkpoints.iter().map(read_note).collect::<Result<Vec<_>, _>>()?;
        let mut inspection = self.database.inspect()?;
        let mut bar = Bar::new();
        let checked = inspection.read(|conn, vault| {
            let open = vault.map(|vault| Open { vault, receipt: decisions::receipt });
            let report = audit::verify(conn, &given, &self.keys, open, |done, total| bar.show(done, total))?;
            Ok((report, audit::verifier_keys(conn)?, vault.is_some()))
        });
        bar.end();
        let mut out = io::stdout().lock();
        let told = match checked {
            Ok((report, keys, with_key)) => {
                let text = told(&report, &keys, with_key, !given.is_empty());
                let told = pick(text, lang);
                write!(out, "{told}").map(|()| report.is_clean())
            }
            // What was written there does not even read as what it should be.
            Err(error @ (StoreError::Database(_) | StoreError::Sealed(_) | StoreError::Damaged(_))) => {
                let text = Text::new(
                    format!("Dữ liệu không đọc được nên đã bị sửa hoặc hỏng: {error}\n"),
                    format!("What is kept cannot be read, so it was edited or is broken: {error}\n"),
                );
                write!(out, "{}", pick(text, lang)).map(|()| false)
            }
            Err(error) => return Err(Failure::error(&error)),
        };
        let clean = told.map_err(Failure::io("stdout"))?;
        Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
    }
}

fn pick(text: Text, lang: Lang) -> String {
    match lang {
        Lang::Vi => text.vi,
        Lang::En => text.en,
    }
}

fn parse_key(text: &str) -> Result<VerifierKey, String> {
    VerifierKey::parse(text).ok_or_else(|| "a key has the form NAME+ID+KEY".to_owned())
}

fn read_note(file: &PathBuf) -> Result<Given, Failure> {
    let name = file.display().to_string();
    let text = fs::read_to_string(file).map_err(Failure::io(&name))?;
    match Note::parse(&text) {
        Some(note) => Ok(Given { name, note }),
        None => Err(Failure::said(
            format!("{name}: không phải điểm kiểm tra (C2SP tlog-checkpoint)."),
            format!("{name}: no checkpoint (C2SP tlog-checkpoint)"),
        )),
    }
}

/// What was seen, what to know about it, and what is wrong.
fn told(report: &Report, keys: &[VerifierKey], with_key: bool, with_checkpoint: bool) -> Text {
    let root = STANDARD.encode(report.root);
    let Report { entries, rows, opened, checkpoints, .. } = report;
    let mut vi = format!(
        "Nhật ký: {entries} mục, gốc của cây {root}\nĐã đối chiếu {rows} dòng dữ liệu (mở niêm phong {opened}) và {checkpoints} điểm kiểm tra\n"
    );
    let mut en = format!(
        "Log: {entries} entries, root {root}\nCompared {rows} rows (sealed parts opened: {opened}) and {checkpoints} checkpoints\n"
    );
    let mut add = |in_vi: String, in_en: String| {
        vi += &(in_vi + "\n");
        en += &(in_en + "\n");
    };
    for key in keys {
        add(format!("Khóa kiểm tra: {key}"), format!("Verifier key: {key}"));
    }
    if !with_key {
        add(
            "Lưu ý: không có khóa dữ liệu nên chưa mở các phần niêm phong và chưa tính lại biên nhận.".into(),
            "Note: no data key, so sealed parts were not opened and receipts not made anew.".into(),
        );
    }
    if !with_checkpoint {
        add(
            "Lưu ý: không có điểm kiểm tra lưu ngoài (--checkpoint) nên không thể biết nhật ký có bị cắt phần cuối hoặc viết lại toàn bộ hay không.".into(),
            "Note: without a checkpoint kept outside (--checkpoint) a log that was cut at its end or wholly rewritten looks the same.".into(),
        );
    }
    if let Some(first) = report.clock_back.first() {
        let count = report.clock_back.len();
        add(
            format!(
                "Lưu ý: {count} mục ghi giờ sớm hơn mục đứng trước, bắt đầu từ mục {first}: đồng hồ đã bị lùi. Thứ tự tính theo số mục."
            ),
            format!(
                "Note: {count} entries are dated before the one they follow, from entry {first} on: the clock was set back. The order is that of the numbers."
            ),
        );
    }
    for finding in &report.findings {
        let text = finding.text();
        add(text.vi, text.en);
    }
    let found = report.findings.len() as u64 + report.more;
    if found == 0 {
        add("Mọi dữ liệu đúng như đã ghi nhận.".into(), "All is as it was recorded.".into());
    } else {
        add(format!("{found} điểm sai lệch"), format!("{found} finding(s)"));
    }
    Text::new(vi, en)
}

/// A line on the terminal while the work goes on.
struct Bar {
    shown: Option<Instant>,
    drawn: bool,
}

impl Bar {
    const EVERY: Duration = Duration::from_millis(200);
    const WIDTH: u64 = 40;

    fn new() -> Self {
        Self { shown: io::stderr().is_terminal().then(Instant::now), drawn: false }
    }

    fn show(&mut self, done: u64, total: u64) {
        if self.shown.is_none_or(|shown| shown.elapsed() < Self::EVERY) {
            return;
        }
        self.shown = Some(Instant::now());
        self.drawn = true;
        let full = usize::try_from(Self::WIDTH * done.min(total) / total.max(1)).unwrap_or(0);
        let width = usize::try_from(Self::WIDTH).unwrap_or(0);
        // Nobody has to see it.
        let _ = write!(io::stderr(), "\r[{:<width$}] {done}/{total}", "#".repeat(full));
    }

    fn end(&self) {
        if self.drawn {
            let _ = writeln!(io::stderr());
        }
    }
}
