//! `an-sinh backup`

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;

use crate::{
    api::Lang,
    cli::{Failure, database::Database},
    facts::{Text, Vnd},
    store::{BackupError, back_up},
};

/// Copy the database while the service runs.
///
/// SQLite: the copy holds everything answered before it began, as of one moment, and appears under its name when it is whole
/// and on disk; an existing file is never overwritten. The key that seals personal data is not in it: keep that apart. With
/// PostgreSQL the command to run instead is printed, and the exit status is 2.
#[derive(Debug, Args)]
pub struct Backup {
    /// File to write. It must not be there yet.
    file: PathBuf,
    #[command(flatten)]
    database: Database,
}

impl Backup {
    pub(super) fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        let size = match back_up(&self.database.config()?, &self.file) {
            Ok(size) => size,
            Err(BackupError::OnServer) => {
                let command = format!(
                    "pg_dump --format=custom --file='{}' '{}'",
                    self.file.display(),
                    self.database.shown_url()
                );
                return Err(on_server(&command, lang));
            }
            Err(error) => return Err(failure(&error, lang)),
        };
        let (file, key) = (self.file.display(), self.database.key_place());
        let told = Text::new(
            format!(
                "{file}: {} byte. Khóa dữ liệu ({key}) KHÔNG nằm trong bản sao này; hãy cất khóa ở nơi khác. Mất khóa thì \
                 không đọc được bản sao.",
                Vnd(i64::try_from(size).unwrap_or(i64::MAX))
            ),
            format!(
                "{file}: {size} bytes. The data key ({key}) is NOT in this copy: keep it elsewhere. Without it the copy cannot be \
                 read."
            ),
        );
        writeln!(io::stdout(), "{}", lang.pick(&told)).map_err(Failure::io("stdout"))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// With PostgreSQL its own tools do the work.
pub(super) fn on_server(command: &str, lang: Lang) -> Failure {
    let told = Text::new(
        format!(
            "Cơ sở dữ liệu nằm trên máy chủ PostgreSQL; hãy dùng công cụ của PostgreSQL:\n\n{command}\n\nKhóa dữ liệu không nằm \
             trong đó; hãy cất khóa riêng."
        ),
        format!(
            "The database is on a PostgreSQL server; use its own tools:\n\n{command}\n\nThe data key is not in it: keep it apart."
        ),
    );
    Failure::Message(lang.pick(&told).to_owned())
}

/// In both languages, what an operator can do something about.
pub(super) fn failure(error: &BackupError, lang: Lang) -> Failure {
    let told = match error {
        BackupError::Exists(file) => {
            let file = file.display();
            Text::new(format!("{file} đã tồn tại."), format!("{file} is there already."))
        }
        BackupError::InUse(file) => {
            let file = file.display();
            Text::new(
                format!("{file} đang được sử dụng: hãy dừng dịch vụ trước."),
                format!("{file} is in use: stop the service first."),
            )
        }
        BackupError::Unsound(file, why) => {
            let file = file.display();
            Text::new(
                format!("{file} không phải là bản sao nguyên vẹn: {why}"),
                format!("{file} is no sound copy: {why}"),
            )
        }
        BackupError::Newer(migration) => Text::new(
            format!("Bản sao do phiên bản mới hơn ghi ra (bước chuyển đổi {migration})."),
            format!("The copy was written by a newer release (migration {migration})."),
        ),
        BackupError::OnServer | BackupError::File(..) | BackupError::Store(_) => {
            return Failure::error(error);
        }
    };
    Failure::Message(lang.pick(&told).to_owned())
}
