//! `an-sinh accounts`

use std::{
    io::{self, BufRead, Write},
    process::ExitCode,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    access::{AccountKind, NewAccount, Scope, create_account},
    cli::{Failure, database::Database},
    facts::UnitCode,
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
    #[command(flatten)]
    database: Database,
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
        let store = self.database.open()?;
        let account =
            NewAccount { kind, login: &self.login, secret: &secret, unit: self.unit, scopes: &self.scopes };
        store
            .write(|conn| create_account(conn, account, Utc::now()))
            .map_err(|error| Failure::error(&error))?;
        if self.kind == Kind::Client {
            writeln!(io::stdout(), "{secret}").map_err(Failure::io("stdout"))?;
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
