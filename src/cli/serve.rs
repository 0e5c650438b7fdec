//! `an-sinh serve`

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use actix_web::{dev::ServerHandle, rt, web};
use clap::Args;

use crate::{
    api::{AppState, Config, server},
    cli::{
        Failure,
        demo::{self, Demo},
        logging,
        policy::read_pack,
    },
    store::Secret,
};

/// Run the HTTP service.
#[derive(Debug, Args)]
pub struct Serve {
    /// Load an invented ward and print accounts to try it with.
    #[arg(long)]
    demo: bool,
    /// Folder with the pack of law, instead of the one in this program.
    #[arg(long, value_name = "DIR", env = "AN_SINH_POLICY")]
    policy: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", env = "AN_SINH_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where records are kept: sqlite://data/an-sinh.db, or sqlite://data/demo.db with --demo.
    #[arg(long, value_name = "URL", env = "AN_SINH_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Base64 of the 32 bytes that seal personal data; without it a key file beside the database is used. Only from
    /// the environment: arguments can be read by every user of the machine.
    #[arg(skip = std::env::var("AN_SINH_DATA_KEY").ok().map(Secret::new))]
    data_key: Option<Secret>,
    /// Requests a minute for one address without a token; 0 = no limit.
    #[arg(long, value_name = "N", env = "AN_SINH_ANONYMOUS_PER_MINUTE", default_value_t = Config::default().anonymous_per_minute)]
    anonymous_per_minute: u32,
    /// Requests a minute for one account or client; 0 = no limit.
    #[arg(long, value_name = "N", env = "AN_SINH_PRINCIPAL_PER_MINUTE", default_value_t = Config::default().principal_per_minute)]
    principal_per_minute: u32,
    /// Checks a minute of cards by personal number, for one client; 0 = no limit.
    #[arg(long, value_name = "N", env = "AN_SINH_NUMBER_CHECKS_PER_MINUTE", default_value_t = Config::default().number_checks_per_minute)]
    number_checks_per_minute: u32,
    /// Requests worked on at once; more are answered 503.
    #[arg(long, value_name = "N", env = "AN_SINH_MAX_IN_FLIGHT", default_value_t = Config::default().max_in_flight)]
    max_in_flight: usize,
    /// Take the client's address from Forwarded or X-Forwarded-For. Only behind a proxy that sets them.
    #[arg(long, env = "AN_SINH_TRUST_FORWARDED")]
    trust_forwarded: bool,
}

impl Serve {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        logging::init();
        let policy = read_pack(self.policy.as_deref())?;
        let state =
            AppState::new(self.config(), policy).map_err(|error| Failure::Message(error.to_string()))?;
        let demo = if self.demo { Some(demo::load(&state)?) } else { None };
        rt::System::new().block_on(serve(web::Data::new(state), demo))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Known passwords belong in a database of their own.
    fn database_url(&self) -> String {
        let usual = if self.demo { "sqlite://data/demo.db" } else { "sqlite://data/an-sinh.db" };
        self.database_url.clone().unwrap_or_else(|| usual.to_owned())
    }

    fn config(&self) -> Config {
        Config {
            listen: self.listen,
            database_url: self.database_url(),
            data_key: self.data_key.clone(),
            number_checks_per_minute: self.number_checks_per_minute,
            anonymous_per_minute: self.anonymous_per_minute,
            principal_per_minute: self.principal_per_minute,
            max_in_flight: self.max_in_flight,
            trust_forwarded: self.trust_forwarded,
            ..Config::default()
        }
    }
}

async fn serve(state: web::Data<AppState>, demo: Option<Demo>) -> Result<(), Failure> {
    let listen = state.config.listen;
    let (address, server) = server::bind(state).map_err(Failure::io(listen))?;
    println!("http://{address}");
    if let Some(demo) = demo {
        println!("{}", demo.guide(address));
    }
    tracing::info!(%address, "Listening on http://{address}");
    rt::spawn(stop_on_signal(server.handle()));
    server.await.map_err(Failure::io(address))?;
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
