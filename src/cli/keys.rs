//! `an-sinh keys`

use std::{
    io::{self, Write},
    process::ExitCode,
};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};

use crate::{
    access::{self, KeyState},
    api::Lang,
    cli::{Failure, OPERATOR, database::Database},
    facts::Text,
};

/// Manage the keys that sign access tokens.
///
/// A running service notices within a minute, without a restart.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    List(List),
    Rotate(Rotate),
    Retire(Retire),
}

impl KeysCommand {
    pub(super) fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        match self {
            Self::List(list) => list.run(lang),
            Self::Rotate(rotate) => rotate.run(),
            Self::Retire(retire) => retire.run(),
        }
    }
}

/// List the keys, the oldest first: name, when it was made, and whether it signs or until when it verifies.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    database: Database,
}

impl List {
    fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        let store = self.database.open()?;
        let keys = store.read(|conn| access::keys(conn, store.vault()))?;
        for key in &keys {
            let line = format!("{}  {}  {}", key.kid, written(key.created_at), lang.pick(&state(key)));
            writeln!(io::stdout(), "{line}").map_err(Failure::io("stdout"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn state(key: &KeyState) -> Text {
    match key.verifies_until {
        None => Text::new("đang ký", "signs"),
        Some(until) if until >= Utc::now() => {
            let until = written(until);
            Text::new(format!("còn kiểm tra đến {until}"), format!("verifies until {until}"))
        }
        Some(_) => Text::new("hết dùng", "done"),
    }
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Make a key that signs from now on, and print its name.
///
/// The one before verifies until the last token it signed is dead, some 16 minutes; keys that are done are removed.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    database: Database,
}

impl Rotate {
    fn run(self) -> Result<ExitCode, Failure> {
        let store = self.database.open()?;
        let rotated = store.write(|conn| access::rotate_key(conn, store.vault(), OPERATOR, Utc::now()));
        let kid = rotated.map_err(Failure::from)?;
        writeln!(io::stdout(), "{kid}").map_err(Failure::io("stdout"))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Remove a key that no longer signs, as after a leak: rotate, then retire the old one.
///
/// Its tokens are refused within a minute.
#[derive(Debug, Args)]
pub struct Retire {
    /// Name of the key, as `keys list` tells it.
    kid: String,
    #[command(flatten)]
    database: Database,
}

impl Retire {
    fn run(self) -> Result<ExitCode, Failure> {
        let store = self.database.open()?;
        store
            .write(|conn| access::retire_key(conn, store.vault(), &self.kid, OPERATOR, Utc::now()))
            .map_err(Failure::from)?;
        Ok(ExitCode::SUCCESS)
    }
}
