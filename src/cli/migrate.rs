//! `an-sinh migrate`

use std::process::ExitCode;

use clap::Args;

use crate::{
    cli::{Failure, database::Database},
    store::{Store, StoreConfig},
};

/// Create the database or bring its schema up to date, as `serve` does on start.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    database: Database,
}

impl Migrate {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let data_key = self.database.data_key()?;
        let config = StoreConfig { data_key, ..StoreConfig::new(self.database.database_url) };
        Store::open(&config).map_err(|error| Failure::error(&error))?;
        Ok(ExitCode::SUCCESS)
    }
}
