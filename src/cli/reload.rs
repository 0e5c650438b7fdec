//! Another pack of law without a stop: SIGHUP reads the folder of `--policy` again.

use std::io;

use actix_web::{rt::signal::unix::SignalKind, web};

use crate::{
    api::{AppState, metrics::Reload},
    cli::pack::PackSource,
    policy::{Finding, Policy},
};

/// Answers each SIGHUP from now on, one after the other; several that come meanwhile count as one.
///
/// # Errors
/// When signals can't be watched. A SIGHUP would then end the process.
pub fn on_hangup(state: web::Data<AppState>, pack: PackSource) -> io::Result<impl Future<Output = ()>> {
    let mut hangup = actix_web::rt::signal::unix::signal(SignalKind::hangup())?;
    Ok(async move {
        while hangup.recv().await.is_some() {
            if pack.dir().is_none() {
                tracing::warn!("SIGHUP does nothing without --policy: the law is the one in this program");
                continue;
            }
            // Reading and proving take a second of computing: not on a thread that serves.
            let pack = pack.clone();
            match web::block(move || pack.read()).await {
                Ok(read) => take(&state, read),
                Err(error) => {
                    tracing::error!(%error, "The pack could not be read; the old one stays in force");
                    state.metrics.reloaded(Reload::Refused);
                }
            }
        }
    })
}

/// Puts a proved pack in force, or tells why the old one stays.
fn take(state: &AppState, read: Result<Policy, Vec<Finding>>) {
    let old = state.policy();
    let reload = match read {
        Ok(new) if new.digest() == old.digest() => {
            tracing::info!(version = new.version(), digest = new.digest(), "The pack is unchanged");
            Reload::Unchanged
        }
        Ok(new) => {
            let (version, digest) = (new.version().to_owned(), new.digest().to_owned());
            state.replace_policy(new);
            tracing::info!(%version, %digest, was = old.digest(), "Pack {version} is in force");
            Reload::InForce
        }
        Err(findings) => {
            for finding in &findings {
                tracing::error!(%finding, "Refused: {finding}");
            }
            let (count, version) = (findings.len(), old.version());
            tracing::error!(
                count,
                version,
                digest = old.digest(),
                "The pack is refused; {version} stays in force"
            );
            Reload::Refused
        }
    };
    state.metrics.reloaded(reload);
}
