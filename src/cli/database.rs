//! Where records are kept, for the commands that need them.

use std::env::{self, VarError};

use clap::Args;

use crate::{cli::Failure, store::Secret};

/// Name of the environment variable with the data key. There is no argument for it: others could read it in the list
/// of processes.
const DATA_KEY: &str = "AN_SINH_DATA_KEY";

/// The database and its key.
#[derive(Debug, Args)]
pub struct Database {
    /// Where records are kept. The key that seals personal data is taken from AN_SINH_DATA_KEY (base64 of 32 bytes)
    /// or from a key file beside the database.
    #[arg(
        long,
        value_name = "URL",
        env = "AN_SINH_DATABASE_URL",
        default_value = "sqlite://data/an-sinh.db",
        hide_env_values = true
    )]
    pub database_url: String,
}

impl Database {
    /// The data key of the environment, if there is one.
    pub(super) fn data_key(&self) -> Result<Option<Secret>, Failure> {
        match env::var(DATA_KEY) {
            Ok(key) => Ok(Some(Secret::new(key))),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(Failure::Message(format!("{DATA_KEY} is not text"))),
        }
    }
}
