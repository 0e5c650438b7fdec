//! `an-sinh accounts`

use std::{
    io::{self, BufRead},
    process::ExitCode,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    access::{AccountKind, NewAccount, Scope, create_account},
    cli::Failure,
    facts::UnitCode,
    store::{Secret, Store, StoreConfig},
};

/// Passwords of officials have at least this many characters (NIST SP 800-63B asks for 8).
const SHORTEST_PASSWORD: usize = 12;

/// Manage the accounts of officials and machines.
#[derive(Debug, Subcommand)]
pub enum AccountsCommand {
    Add(Add),
}

impl AccountsCommand {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Add(add) => add.run(),
        }
    }
}

/// Add an account.
///
/// The password of an official is read from one line of standard input; the secret of a client is made up and printed
/// once.
#[derive(Debug, Args)]
pub struct Add {
    /// Official or client.
    #[arg(value_enum)]
    kind: Kind,
    /// Name to sign in with.
    login: String,
    /// Code of the ward or commune whose citizens it may see; without it, all.
    #[arg(long, value_name = "CODE", value_parser = parse_unit)]
    unit: Option<UnitCode>,
    /// What it may do; may be given several times.
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = parse_scope)]
    scopes: Vec<Scope>,
    /// Where records are kept.
    #[arg(
        long,
        value_name = "URL",
        env = "AN_SINH_DATABASE_URL",
        default_value = "sqlite://data/an-sinh.db",
        hide_env_values = true
    )]
    database_url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A person.
    Official,
    /// A machine.
    Client,
}

impl Add {
    fn run(self) -> Result<ExitCode, Failure> {
        let (kind, secret) = match self.kind {
            Kind::Official => (AccountKind::Official, read_password()?),
            Kind::Client => (AccountKind::Client, random_secret()?),
        };
        let failed = |error: &dyn std::error::Error| Failure::Message(error.to_string());
        let data_key = std::env::var("AN_SINH_DATA_KEY").ok().map(Secret::new);
        let config = StoreConfig { data_key, ..StoreConfig::new(self.database_url) };
        let store = Store::open(&config).map_err(|error| failed(&error))?;
        let account =
            NewAccount { kind, login: &self.login, secret: &secret, unit: self.unit, scopes: &self.scopes };
        store.write(|conn| create_account(conn, account, Utc::now())).map_err(|error| failed(&error))?;
        if self.kind == Kind::Client {
            println!("{secret}");
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read_password() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(Failure::io("stdin"))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.chars().count() < SHORTEST_PASSWORD {
        return Err(Failure::Message(format!("the password needs at least {SHORTEST_PASSWORD} characters")));
    }
    Ok(password.to_owned())
}

fn random_secret() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Failure::Message("the system has no randomness".into()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn parse_unit(text: &str) -> Result<UnitCode, String> {
    UnitCode::parse(text).ok_or_else(|| "no ward or commune of Hanoi has this code".to_owned())
}

fn parse_scope(text: &str) -> Result<Scope, String> {
    let known = || Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    Scope::parse(text).ok_or_else(|| format!("scopes are {}", known()))
}
