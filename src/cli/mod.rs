//! The command line: one file per command.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 done, 1 a check found something,
//! 2 bad usage or input.

mod accounts;
mod audit;
mod backup;
mod coverage;
mod database;
mod demo;
mod evaluate;
mod issuer;
mod keys;
pub mod logging;
mod migrate;
mod openapi;
mod pack;
mod policy;
#[cfg(unix)]
mod reload;
mod restore;
mod retention;
mod serve;

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::{
    access::AccessError,
    api::{Lang, Problem, problem::Context},
    facts::Text,
    store::StoreError,
};

/// Who acts at the command line, in the audit log.
const OPERATOR: &str = "system:cli";

/// The usage or the input is wrong, or the work could not be done.
const FAILED: u8 = 2;

/// Which social benefits a resident of Hanoi is entitled to, how much, under which clause, and why.
#[derive(Debug, Parser)]
#[command(name = "an-sinh", version, max_term_width = 110)]
struct Arguments {
    /// Language of messages.
    #[arg(long, global = true, env = "AN_SINH_LANG", value_enum, default_value_t)]
    lang: Language,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Evaluate(evaluate::Evaluate),
    #[command(subcommand)]
    Accounts(accounts::AccountsCommand),
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    Openapi(openapi::Openapi),
    Migrate(migrate::Migrate),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Retention(retention::Retention),
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::Vi => Self::Vi,
            Language::En => Self::En,
        }
    }
}

/// Why a command ends without its result.
#[derive(Debug)]
enum Failure {
    /// What the API would answer with a problem.
    Problem(Problem),
    /// Reading or writing failed; with what was being done.
    Io(String, io::Error),
    /// What people read in their language.
    Said(Text),
    /// Anything else, told in words.
    Message(String),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Said(error.text())
    }
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Self {
        Self::Said(error.text())
    }
}

impl Failure {
    fn said(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Said(Text::new(vi, en))
    }

    fn io(doing: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.to_string();
        move |error| Self::Io(doing, error)
    }

    /// An error with all its sources.
    fn error(error: &dyn std::error::Error) -> Self {
        let sources = std::iter::successors(error.source(), |error| error.source());
        let words = std::iter::once(error.to_string()).chain(sources.map(ToString::to_string));
        Self::Message(words.collect::<Vec<_>>().join(": "))
    }

    /// In the words of the API, one finding a line.
    fn write(self, lang: Lang, to: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Problem(problem) => {
                let body = problem.in_context(Context { lang, ..Context::default() }).body();
                writeln!(to, "{} ({}): {}", body.title, body.code, body.detail)?;
                for error in &body.errors {
                    writeln!(to, "  {} ({}): {}", error.pointer, error.code, error.detail)?;
                }
                Ok(())
            }
            Self::Io(doing, error) => writeln!(to, "{doing}: {error}"),
            Self::Said(text) => writeln!(to, "{}", lang.pick(&text)),
            Self::Message(message) => writeln!(to, "{message}"),
        }
    }
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let lang = arguments.lang.into();
    let outcome = match arguments.command {
        None => print_help(),
        Some(Command::Serve(serve)) => serve.run(),
        Some(Command::Evaluate(evaluate)) => evaluate.run(lang),
        Some(Command::Accounts(accounts)) => accounts.run(lang),
        Some(Command::Audit(audit)) => audit.run(lang),
        Some(Command::Keys(keys)) => keys.run(lang),
        Some(Command::Policy(policy)) => policy.run(),
        Some(Command::Openapi(openapi)) => openapi.run(),
        Some(Command::Migrate(migrate)) => migrate.run(),
        Some(Command::Backup(backup)) => backup.run(lang),
        Some(Command::Restore(restore)) => restore.run(lang),
        Some(Command::Retention(retention)) => retention.run(lang),
    };
    match outcome {
        Ok(status) => status,
        // Whoever read our output has read enough: `an-sinh evaluate --ndjson … | head`.
        Err(Failure::Io(_, error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // With standard error closed there is nobody left to tell; the status still says it.
            let _ = failure.write(lang, &mut io::stderr().lock());
            ExitCode::from(FAILED)
        }
    }
}

fn print_help() -> Result<ExitCode, Failure> {
    Arguments::command().print_help().map_err(Failure::io("stdout"))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
