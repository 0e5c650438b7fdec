//! `an-sinh accounts`

use std::{
    io::{self, BufRead, Write},
    process::ExitCode,
};

use chrono::Utc;
use clap::{Args, Subcommand};

use crate::{
    access::{
        AccessError, Account, AccountKind, HashedSecret, NewAccount, Role, Scope, check_password,
        create_account, random_secret, reset_secret, set_disabled, set_role,
    },
    api::Lang,
    cli::{Failure, OPERATOR, database::Database},
    facts::{Text, UnitCode},
    store::{AnyConn, accounts},
};

/// Manage the accounts of officials and machines.
///
/// Each change is in the audit log and ends the account's sessions; access tokens run out within 15 minutes.
#[derive(Debug, Subcommand)]
pub enum AccountsCommand {
    Add(Add),
    List(List),
    Disable(Disable),
    Enable(Enable),
    Password(Password),
    Role(SetRole),
}

impl AccountsCommand {
    pub(super) fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        match self {
            Self::Add(add) => add.run(),
            Self::List(list) => list.run(lang),
            Self::Disable(Disable { named }) => {
                named.change(|conn, account| set_disabled(conn, account, true, OPERATOR, Utc::now()))
            }
            Self::Enable(Enable { named }) => {
                named.change(|conn, account| set_disabled(conn, account, false, OPERATOR, Utc::now()))
            }
            Self::Password(password) => password.run(),
            Self::Role(role) => role.run(),
        }
    }
}

/// Add an account.
///
/// The password of an official is read from one line of standard input; the secret of a client is made up and printed
/// once.
#[derive(Debug, Args)]
pub struct Add {
    /// Name to sign in with: 2 to 64 small letters, digits, “.”, “_” and “-”.
    login: String,
    #[command(flatten)]
    powers: Powers,
    /// The official must choose a password of their own first.
    #[arg(long)]
    must_change: bool,
    #[command(flatten)]
    database: Database,
}

/// What an account is for.
#[derive(Debug, Args)]
struct Powers {
    /// What it is for; its scopes follow. People: ward_official, city_reviewer, policy_manager, auditor, administrator.
    /// Machines: transit_operator, integrator.
    #[arg(long, value_name = "ROLE", value_parser = parse_role)]
    role: Role,
    /// Code of the ward or commune whose citizens it may see; a ward official needs one.
    #[arg(long, value_name = "CODE", value_parser = parse_unit)]
    unit: Option<UnitCode>,
    /// For machines: only these scopes of the role; may be given several times.
    #[arg(long = "scope", value_name = "SCOPE", value_parser = parse_scope)]
    scopes: Vec<Scope>,
}

impl Add {
    fn run(self) -> Result<ExitCode, Failure> {
        let Powers { role, unit, scopes } = self.powers;
        let secret = choose_secret(role.kind(), &self.login)?;
        let store = self.database.open()?;
        let account = NewAccount {
            role,
            login: &self.login,
            secret: HashedSecret::new(&secret).map_err(Failure::from)?,
            unit,
            scopes: &scopes,
            must_change: self.must_change && role.kind() == AccountKind::Official,
        };
        store.write(|conn| create_account(conn, account, OPERATOR, Utc::now())).map_err(Failure::from)?;
        tell_secret(role.kind(), &secret)
    }
}

/// List all accounts: login, role, unit, state and id.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    database: Database,
}

impl List {
    fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        const PAGE: i64 = 200;
        let store = self.database.open()?;
        let mut after = String::new();
        loop {
            let page = store.read(|conn| accounts::page(conn, &after, PAGE));
            let page = page.map_err(Failure::from)?;
            let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
            after.clone_from(&last.id);
            for account in &page {
                let unit = account.unit.as_deref().unwrap_or("-");
                let Account { login, role, id, .. } = account;
                let state = state(account);
                let line = format!("{login:<24}  {role:<16}  {unit:<5}  {:<17}  {id}", lang.pick(&state));
                writeln!(io::stdout(), "{line}").map_err(Failure::io("stdout"))?;
            }
        }
    }
}

fn state(account: &Account) -> Text {
    match account {
        Account { disabled: true, .. } => Text::new("đã khóa", "disabled"),
        Account { locked_until: Some(until), .. } if *until > Utc::now() => Text::new("tạm khóa", "locked"),
        Account { must_change: true, .. } => Text::new("phải đổi mật khẩu", "must-change"),
        _ => Text::new("đang dùng", "active"),
    }
}

/// Shut an account: nobody signs in with it.
#[derive(Debug, Args)]
pub struct Disable {
    #[command(flatten)]
    named: Named,
}

impl Named {
    fn change(
        self,
        change: impl FnOnce(&mut AnyConn, Account) -> Result<Account, AccessError>,
    ) -> Result<ExitCode, Failure> {
        let store = self.database.open()?;
        store
            .write(|conn| {
                let account = self.find(conn)?;
                change(conn, account).map(drop).map_err(Failure::from)
            })
            .map(|()| ExitCode::SUCCESS)
    }

    fn find(&self, conn: &mut AnyConn) -> Result<Account, Failure> {
        let mut found = accounts::find_by_id(conn, &self.account)?.into_iter().collect::<Vec<_>>();
        for kind in [AccountKind::Official, AccountKind::Client] {
            found.extend(accounts::find(conn, kind, &self.account)?);
        }
        match (found.pop(), found.is_empty()) {
            (Some(account), true) => Ok(account),
            (Some(_), false) => Err(Failure::said(
                "Một cán bộ và một phần mềm cùng dùng tên đăng nhập này: hãy nêu mã tài khoản.",
                "an official and a client have this login: give the id",
            )),
            (None, _) => Err(Failure::said("Không có tài khoản này.", "there is no such account")),
        }
    }
}

/// Open an account that was shut, or that is locked after wrong passwords.
#[derive(Debug, Args)]
pub struct Enable {
    #[command(flatten)]
    named: Named,
}

/// One account.
#[derive(Debug, Args)]
pub struct Named {
    /// Login or id of the account.
    account: String,
    #[command(flatten)]
    database: Database,
}

/// Set another password, read from one line of standard input; or make a client another secret, printed once.
#[derive(Debug, Args)]
pub struct Password {
    #[command(flatten)]
    named: Named,
    /// The official must choose a password of their own first.
    #[arg(long)]
    must_change: bool,
}

impl Password {
    fn run(self) -> Result<ExitCode, Failure> {
        let store = self.named.database.open()?;
        let account = store.read(|conn| self.named.find(conn))?;
        let kind = account.kind;
        let secret = choose_secret(kind, &account.login)?;
        let hashed = HashedSecret::new(&secret).map_err(Failure::from)?;
        store
            .write(|conn| reset_secret(conn, account, hashed, self.must_change, OPERATOR, Utc::now()))
            .map_err(Failure::from)?;
        tell_secret(kind, &secret)
    }
}

/// Give an account another role.
///
/// Unit and scopes are those given here; what is left out is taken away.
#[derive(Debug, Args)]
pub struct SetRole {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    powers: Powers,
}

impl SetRole {
    fn run(self) -> Result<ExitCode, Failure> {
        let Powers { role, unit, scopes } = self.powers;
        self.named.change(|conn, account| set_role(conn, account, role, unit, &scopes, OPERATOR, Utc::now()))
    }
}

fn choose_secret(kind: AccountKind, login: &str) -> Result<String, Failure> {
    match kind {
        AccountKind::Official => read_password(login),
        AccountKind::Client => random_secret().map_err(Failure::from),
    }
}

/// A secret that we made up; a password is known to whoever typed it.
fn tell_secret(kind: AccountKind, secret: &str) -> Result<ExitCode, Failure> {
    if kind == AccountKind::Client {
        writeln!(io::stdout(), "{secret}").map_err(Failure::io("stdout"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn read_password(login: &str) -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(Failure::io("stdin"))?;
    let password = line.trim_end_matches(['\r', '\n']);
    check_password(login, password).map_err(|weak| Failure::error(&weak))?;
    Ok(password.to_owned())
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| format!("roles are {}", Role::NAMES.join(", ")))
}

fn parse_unit(text: &str) -> Result<UnitCode, String> {
    UnitCode::parse(text).ok_or_else(|| "no ward or commune of Hanoi has this code".to_owned())
}

fn parse_scope(text: &str) -> Result<Scope, String> {
    let known = || Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    Scope::parse(text).ok_or_else(|| format!("scopes are {}", known()))
}
