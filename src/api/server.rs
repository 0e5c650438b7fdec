//! Listening: timeouts, workers, and a shutdown that lets running requests finish.

use std::{io, net::SocketAddr, time::Duration};

use actix_web::{HttpServer, dev::Server, rt, web};
use chrono::Utc;

use crate::api::{AppState, app::app};

/// How often it is looked whether a checkpoint of the audit log is due, or something that was erased is still in the log of
/// the database.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(5);

/// Binds and returns the address (with the port that port 0 became) and the server, for [`run`].
/// It does not handle signals: whoever runs it decides when to stop.
///
/// # Errors
/// When the address can't be bound.
pub fn bind(state: web::Data<AppState>) -> io::Result<(SocketAddr, Server)> {
    let config = state.config.clone();
    let mut server = HttpServer::new(move || app(state.clone()))
        .client_request_timeout(config.head_timeout)
        .disable_signals()
        .shutdown_timeout(20);
    if let Some(workers) = config.workers {
        server = server.workers(workers.clamp(1, 512));
    }
    let server = server.bind(config.listen)?;
    let address = server.addrs().first().copied().unwrap_or(config.listen);
    Ok((address, server.run()))
}

/// Serves until the server is stopped, then writes what the state still keeps in memory. Worker threads may hold the
/// state a little longer, so this can't be left to its end.
///
/// # Errors
/// When the server fails.
pub async fn run(state: web::Data<AppState>, server: Server) -> io::Result<()> {
    let tasks = [rt::spawn(keep_checkpoints(state.clone())), rt::spawn(read_keys(state.clone()))];
    let ended = server.await;
    tasks.iter().for_each(rt::task::JoinHandle::abort);
    state.records.close();
    ended
}

/// Makes checkpoints of the audit log while the server runs.
async fn keep_checkpoints(state: web::Data<AppState>) {
    let mut ticks = rt::time::interval(BETWEEN_CHECKPOINTS);
    // The first tick comes at once.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let state = state.clone();
        let tidy = move || {
            state.records.checkpoint_when_due();
            state.records.empty_log_when_due();
        };
        if web::block(tidy).await.is_err() {
            return;
        }
    }
}

/// Reads the keys that verify tokens every while, so that a rotation or a retirement elsewhere is known here too.
async fn read_keys(state: web::Data<AppState>) {
    loop {
        rt::time::sleep(state.config.keys_read_every).await;
        let state = state.clone();
        // Only a panic in there could fail this, and that is in the log.
        let _ = web::block(move || state.records.tokens.read_again(Utc::now())).await;
    }
}
