//! `an-sinh migrate`

use std::process::ExitCode;

use clap::Args;

use crate::cli::{Failure, database::Database};

/// Create the database or bring its schema up to date, as `serve` does on start.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    database: Database,
}

impl Migrate {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        self.database.open()?;
        Ok(ExitCode::SUCCESS)
    }
}
