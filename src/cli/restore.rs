//! `an-sinh restore`

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use chrono::Utc;
use clap::Args;

use crate::{
    api::Lang,
    audit::{self, Open, Report},
    cli::{
        Failure,
        backup::{failure, on_server},
        database::Database,
    },
    decisions,
    facts::Text,
    store::{BackupError, Candidate, StoreError},
};

/// The copy is not as it was recorded.
const FOUND: u8 = 1;
/// Findings that are printed; `an-sinh audit verify` tells all.
const FINDINGS: usize = 10;

/// Put a copy made by `backup` in the place of the database.
///
/// The service must be stopped. The copy is first looked at beside its place: the file must be whole, no newer than this
/// program and sealed with the data key at hand, and its audit log must verify (else exit status 1). Then it takes its place in
/// one step. A database that is there is only replaced with --force, and kept under another name.
#[derive(Debug, Args)]
pub struct Restore {
    /// File that `backup` wrote.
    file: PathBuf,
    /// Replace a database that is there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    database: Database,
}

impl Restore {
    pub(super) fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        let mut candidate = match Candidate::of(&self.file, &self.database.config()?, self.force) {
            Ok(candidate) => candidate,
            Err(BackupError::OnServer) => {
                let command = format!(
                    "pg_restore --clean --if-exists --single-transaction --dbname='{}' '{}'\nan-sinh audit verify",
                    self.database.shown_url(),
                    self.file.display()
                );
                return Err(on_server(&command, lang));
            }
            Err(BackupError::Exists(place)) => {
                let place = place.display();
                let told = Text::new(
                    format!(
                        "{place} đã tồn tại; dùng --force để thay thế (bản cũ được giữ lại dưới tên khác)."
                    ),
                    format!(
                        "{place} is there already; --force replaces it (the old one is kept under another name)."
                    ),
                );
                return Err(Failure::Message(lang.pick(&told).to_owned()));
            }
            Err(error @ BackupError::Unsound(..)) => {
                failure(&error, lang).write(lang, &mut io::stderr().lock()).map_err(Failure::io("stderr"))?;
                return Ok(ExitCode::from(FOUND));
            }
            Err(error) => return Err(failure(&error, lang)),
        };
        let checked = candidate.write(|conn| audit::take_over_chain(conn, Utc::now())).and_then(|()| {
            candidate.read(|conn, vault| {
                let open = Open { vault, receipt: decisions::receipt };
                audit::verify(conn, &[], &[], Some(open), |_, _| {})
            })
        });
        match checked {
            Ok(report) if report.is_clean() => {}
            unclean => {
                candidate.discard().map_err(|error| failure(&error, lang))?;
                return edited(unclean, lang);
            }
        }
        let old = candidate.put_in_place(Utc::now()).map_err(|error| failure(&error, lang))?;
        let mut told = Text::new(
            format!("Đã phục hồi {} từ {}.", self.database.shown_url(), self.file.display()),
            format!("Restored {} from {}.", self.database.shown_url(), self.file.display()),
        );
        if let Some(old) = old {
            told.vi += &format!(" Cơ sở dữ liệu cũ được giữ tại {}.", old.display());
            told.en += &format!(" The old database is kept as {}.", old.display());
        }
        writeln!(io::stdout(), "{}", lang.pick(&told)).map_err(Failure::io("stdout"))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What does not fit, and that nothing was changed.
fn edited(checked: Result<Report, StoreError>, lang: Lang) -> Result<ExitCode, Failure> {
    let findings = checked.map_err(|error| Failure::error(&error))?.findings;
    let mut told = Text::new(
        "Bản sao không đúng như đã ghi nhận; không thay đổi gì.\n",
        "The copy is not as it was recorded; nothing was changed.\n",
    );
    for finding in findings.iter().take(FINDINGS) {
        let text = finding.text();
        told.vi += &(text.vi + "\n");
        told.en += &(text.en + "\n");
    }
    write!(io::stderr(), "{}", lang.pick(&told)).map_err(Failure::io("stderr"))?;
    Ok(ExitCode::from(FOUND))
}
