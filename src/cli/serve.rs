//! `an-sinh serve`

use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
};

use actix_web::{dev::ServerHandle, rt, web};
use clap::Args;

#[cfg(unix)]
use crate::cli::reload;
use crate::{
    api::{AppState, Config, server},
    audit,
    cli::{
        Failure,
        database::Database,
        demo::{self, Demo},
        issuer::Issuer,
        logging,
        pack::PackSource,
    },
    privacy::KeepFor,
};

/// Run the HTTP service.
#[derive(Debug, Args)]
pub struct Serve {
    /// Load an invented ward and print accounts to try it with.
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    pack: PackSource,
    /// Address and port to listen on; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", env = "AN_SINH_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    database: Database,
    /// Requests a minute for one address without a token; 0 = no limit.
    #[arg(long, value_name = "N", env = "AN_SINH_ANONYMOUS_PER_MINUTE", default_value_t = Config::default().anonymous_per_minute)]
    anonymous_per_minute: u32,
    /// Requests a minute for one account or client; 0 = no limit.
    #[arg(long, value_name = "N", env = "AN_SINH_PRINCIPAL_PER_MINUTE", default_value_t = Config::default().principal_per_minute)]
    principal_per_minute: u32,
    /// Requests worked on at once; more are answered 503.
    #[arg(long, value_name = "N", env = "AN_SINH_MAX_IN_FLIGHT", default_value_t = Config::default().max_in_flight)]
    max_in_flight: usize,
    /// Batches under way at once; more are answered 503.
    #[arg(long, value_name = "N", env = "AN_SINH_MAX_BATCHES", default_value_t = Config::default().max_batches)]
    max_batches: usize,
    /// Checks a minute of cards by personal number, for one account or client; 0 = no limit.
    #[arg(long, value_name = "N", env = "AN_SINH_NUMBER_CHECKS_PER_MINUTE", default_value_t = Config::default().number_checks_per_minute)]
    number_checks_per_minute: u32,
    /// Name of the audit log in its checkpoints, such as an-sinh.example/audit.
    #[arg(long, value_name = "NAME", env = "AN_SINH_AUDIT_ORIGIN", default_value_t = Config::default().audit_origin, value_parser = parse_origin)]
    audit_origin: String,
    /// Days after a decision in which an appeal counts as in time. The 90 are not checked against the law.
    #[arg(long, value_name = "DAYS", env = "AN_SINH_APPEAL_DAYS", default_value_t = Config::default().appeal_days, value_parser = clap::value_parser!(u32).range(1..=3650))]
    appeal_days: u32,
    /// How long decisions are kept, such as 10y, 18m or 90d: before, no person they are about is erased. Without it, none is.
    #[arg(long, value_name = "TIME", env = "AN_SINH_KEEP_DECISIONS")]
    keep_decisions: Option<KeepFor>,
    /// Demand that whoever reads a record says why, in the header An-Sinh-Purpose.
    #[arg(long, env = "AN_SINH_REQUIRE_PURPOSE")]
    require_purpose: bool,
    /// Demand a token for stateless evaluation and the policy browser too.
    #[arg(long, env = "AN_SINH_REQUIRE_TOKEN")]
    require_token: bool,
    /// Take the client's address from Forwarded or X-Forwarded-For. Only behind a proxy that sets them.
    #[arg(long, env = "AN_SINH_TRUST_FORWARDED")]
    trust_forwarded: bool,
    #[command(flatten)]
    issuer: Issuer,
}

impl Serve {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        logging::init();
        let policy = self.pack.read_or_fail()?;
        let state = AppState::new(self.config()?, policy).map_err(|error| Failure::error(&error))?;
        let demo = if self.demo { Some(demo::load(&state)?) } else { None };
        rt::System::new().block_on(serve(web::Data::new(state), self.pack, demo))?;
        Ok(ExitCode::SUCCESS)
    }

    fn config(&self) -> Result<Config, Failure> {
        Ok(Config {
            listen: self.listen,
            database_url: if self.demo { self.database.demo_url() } else { self.database.url() }.into(),
            data_key_file: self.database.data_key_file(),
            data_key: self.database.data_key()?,
            anonymous_per_minute: self.anonymous_per_minute,
            principal_per_minute: self.principal_per_minute,
            number_checks_per_minute: self.number_checks_per_minute,
            max_in_flight: self.max_in_flight,
            max_batches: self.max_batches,
            audit_origin: self.audit_origin.clone(),
            appeal_days: self.appeal_days,
            keep_decisions: self.keep_decisions,
            require_purpose: self.require_purpose,
            require_token: self.require_token,
            trust_forwarded: self.trust_forwarded,
            trusted_issuer: self.issuer.trusted(),
            ..Config::default()
        })
    }
}

fn parse_origin(text: &str) -> Result<String, String> {
    let fits = audit::note::is_name(text);
    fits.then(|| text.to_owned()).ok_or_else(|| "a name without spaces and plus signs".to_owned())
}

async fn serve(state: web::Data<AppState>, pack: PackSource, demo: Option<Demo>) -> Result<(), Failure> {
    let listen = state.config.listen;
    // Before anyone can know that the service runs, and send the signal.
    #[cfg(unix)]
    rt::spawn(reload::on_hangup(state.clone(), pack).map_err(Failure::io("SIGHUP"))?);
    #[cfg(not(unix))]
    drop(pack);
    let (address, server) = server::bind(state.clone()).map_err(Failure::io(listen))?;
    // For people, and for scripts that start the service on port 0. Nobody has to read it.
    let guide = demo.map(|demo| demo.guide(address) + "\n").unwrap_or_default();
    let _ = write!(io::stdout(), "http://{address}\n{guide}").and_then(|()| io::stdout().flush());
    tracing::info!(%address, "Listening on http://{address}");
    rt::spawn(stop_on_signal(server.handle()));
    server::run(state, server).await.map_err(Failure::io(address))?;
    tracing::info!("Stopped");
    Ok(())
}

/// The first signal lets running requests finish, the second does not wait.
async fn stop_on_signal(server: ServerHandle) {
    signal().await;
    tracing::info!("Stopping; running requests are finished first");
    let finishing = server.stop(true);
    let impatient = async {
        signal().await;
        server.stop(false).await;
    };
    futures_util::future::select(Box::pin(finishing), Box::pin(impatient)).await;
}

/// Waits for SIGINT (Ctrl-C) or SIGTERM.
async fn signal() {
    #[cfg(unix)]
    {
        use rt::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            let interrupt = Box::pin(rt::signal::ctrl_c());
            futures_util::future::select(Box::pin(terminate.recv()), interrupt).await;
            return;
        }
    }
    // An error here means that signals can't be watched; the system's default then ends the process.
    if rt::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
