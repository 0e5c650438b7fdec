//! Where log lines go and what they look like.

use std::{
    io::{self, IsTerminal},
    panic,
};

use tracing_subscriber::{EnvFilter, fmt::time::SystemTime, layer::SubscriberExt, util::SubscriberInitExt};

/// What is logged when nothing else is asked for. The HTTP library calls it an error when a client sends what is not
/// HTTP; the client is answered 400, and anyone could fill the log so.
const FILTER: &str = "info,actix_http::h1::dispatcher=off";

/// Writes log lines to standard error: for people on a terminal, as JSON elsewhere. `AN_SINH_LOG` filters them
/// (`an_sinh=debug,warn` say).
pub fn init() {
    let filter = EnvFilter::try_from_env("AN_SINH_LOG").unwrap_or_else(|_| EnvFilter::new(FILTER));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_timer(SystemTime);
    let registry = tracing_subscriber::registry().with(filter);
    // Fails only when a subscriber is set already, and then log lines have a place to go.
    let _ = if io::stderr().is_terminal() {
        registry.with(lines.with_target(false)).try_init()
    } else {
        registry.with(lines.json().flatten_event(true).with_span_list(false)).try_init()
    };
    // The message of a panic may quote what a person sent; the place in the program is enough to find the fault.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "Panicked at {place}");
    }));
}
