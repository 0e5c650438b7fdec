//! Where records are kept, for the commands that need them.

use std::{
    env::{self, VarError},
    path::PathBuf,
};

use chrono::Utc;
use clap::Args;

use crate::{
    audit,
    cli::Failure,
    store::{Inspection, Secret, Store, StoreConfig},
};

/// Name of the environment variable with the data key. There is no argument for it: others could read it in the list
/// of processes.
const DATA_KEY: &str = "AN_SINH_DATA_KEY";

/// The database and its key.
#[derive(Debug, Args)]
pub struct Database {
    /// Where records are kept: sqlite://PATH or postgres://USER@HOST/NAME. The key that seals personal data is taken from
    /// AN_SINH_DATA_KEY (base64 of 32 bytes), from the key file given, or from a file beside a SQLite database.
    ///
    /// [default: sqlite://data/an-sinh.db, with --demo sqlite://data/demo.db]
    #[arg(long, value_name = "URL", env = "AN_SINH_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// File with the key that seals personal data.
    #[arg(long, value_name = "FILE", env = "AN_SINH_DATA_KEY_FILE")]
    data_key_file: Option<PathBuf>,
}

impl Database {
    /// The database given, or the usual one.
    pub(super) fn url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| "sqlite://data/an-sinh.db".to_owned())
    }

    /// The database given, or one for the demo alone: its published passwords belong in no other.
    pub(super) fn demo_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| "sqlite://data/demo.db".to_owned())
    }

    /// Opens the database, made and brought up to date when need be.
    pub(super) fn open(&self) -> Result<Store, Failure> {
        let store = Store::open(&self.config()?).map_err(Failure::from)?;
        store.write(|conn| audit::take_over_chain(conn, Utc::now())).map_err(Failure::from)?;
        Ok(store)
    }

    /// Opens the database to look at it only; nothing is made or changed.
    pub(super) fn inspect(&self) -> Result<Inspection, Failure> {
        Inspection::open(&self.config()?).map_err(Failure::from)
    }

    /// How the store is opened.
    pub(super) fn config(&self) -> Result<StoreConfig, Failure> {
        Ok(StoreConfig {
            data_key: self.data_key()?,
            data_key_file: self.data_key_file(),
            ..StoreConfig::new(self.url())
        })
    }

    /// The address without a password, to be shown.
    pub(super) fn shown_url(&self) -> String {
        without_password(&self.url())
    }

    /// Where the data key is taken from.
    pub(super) fn key_place(&self) -> String {
        let url = self.url();
        match (env::var_os(DATA_KEY), &self.data_key_file, url.strip_prefix("sqlite:")) {
            (Some(_), _, _) => DATA_KEY.to_owned(),
            (None, Some(file), _) => file.display().to_string(),
            (None, None, Some(path)) => {
                let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
                path.with_extension("key").display().to_string()
            }
            (None, None, None) => format!("{DATA_KEY}, AN_SINH_DATA_KEY_FILE"),
        }
    }

    /// The file with the data key, if one is named.
    pub(super) fn data_key_file(&self) -> Option<PathBuf> {
        self.data_key_file.clone()
    }

    /// The data key of the environment, if there is one.
    pub(super) fn data_key(&self) -> Result<Option<Secret>, Failure> {
        match env::var(DATA_KEY) {
            Ok(key) => Ok(Some(Secret::new(key))),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(Failure::said(
                format!("{DATA_KEY} không phải là văn bản."),
                format!("{DATA_KEY} is not text"),
            )),
        }
    }
}

/// `scheme://user:password@host/…?password=…` without the passwords.
fn without_password(url: &str) -> String {
    let (head, query) = url.split_once('?').map_or((url, None), |(head, query)| (head, Some(query)));
    let (scheme, rest) = head.split_once("://").unwrap_or(("", head));
    let head = match rest.rsplit_once('@') {
        Some((user, host)) => format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or_default()),
        None => head.to_owned(),
    };
    let query = query.map(|query| {
        let kept: Vec<_> = query.split('&').filter(|part| !part.starts_with("password=")).collect();
        kept.join("&")
    });
    match query.filter(|query| !query.is_empty()) {
        Some(query) => format!("{head}?{query}"),
        None => head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        for (url, shown) in [
            ("postgres://u:geheim@h:5432/db", "postgres://u@h:5432/db"),
            ("postgres://u:p@ss@h/db?sslmode=require&password=geheim", "postgres://u@h/db?sslmode=require"),
            ("postgres:///db?host=/run", "postgres:///db?host=/run"),
            ("sqlite://data/an-sinh.db", "sqlite://data/an-sinh.db"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
