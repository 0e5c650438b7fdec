//! What the service counts, for Prometheus. Labels are routes, methods, statuses, entitlements and outcomes: nothing
//! about a person, and none that a client can make up.

use std::time::Duration;

use actix_web::{HttpResponse, get, http::StatusCode, web};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::api::{AppState, Problem};

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_metrics);
}

/// What became of a pack that was read while the service ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// It is in force.
    InForce,
    /// It is the one that was in force.
    Unchanged,
    /// Something is wrong with it; the old one stays in force.
    Refused,
}

impl Reload {
    const ALL: [Self; 3] = [Self::InForce, Self::Unchanged, Self::Refused];

    fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// The counters of one process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    evaluations: IntCounterVec,
    batch_lines: IntCounterVec,
    in_flight: IntGauge,
    batches: IntGauge,
    writers_waiting: IntGauge,
    readers_busy: IntGauge,
    policy: IntGaugeVec,
    reloads: IntCounterVec,
}

impl Metrics {
    /// All counters at zero.
    ///
    /// # Errors
    /// When two counters have the same name, a fault of this program.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new(
                "an_sinh_http_requests_total",
                "Requests answered, by route template, method and status.",
            ),
            &["route", "method", "status"],
        )?;
        let durations = HistogramVec::new(
            HistogramOpts::new(
                "an_sinh_http_request_duration_seconds",
                "Time from head of request to answer.",
            )
            .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]),
            &["route", "method"],
        )?;
        let evaluations = IntCounterVec::new(
            Opts::new(
                "an_sinh_evaluations_total",
                "Decisions computed for single requests, by entitlement and outcome.",
            ),
            &["entitlement", "outcome"],
        )?;
        let batch_lines = IntCounterVec::new(
            Opts::new("an_sinh_batch_lines_total", "Lines of batches, by what they got: answer or problem."),
            &["got"],
        )?;
        let batches = IntGauge::new("an_sinh_batches_under_way", "Batches whose answer is being sent.")?;
        let in_flight = IntGauge::new("an_sinh_http_requests_in_flight", "Requests being worked on.")?;
        let writers_waiting =
            IntGauge::new("an_sinh_store_writers_waiting", "Changes waiting for their turn to be written.")?;
        let readers_busy =
            IntGauge::new("an_sinh_store_readers_busy", "Connections to the database that are reading.")?;
        let policy = IntGaugeVec::new(
            Opts::new("an_sinh_policy_info", "The pack of law in force; always 1."),
            &["id", "version", "digest"],
        )?;
        let reloads = IntCounterVec::new(
            Opts::new(
                "an_sinh_policy_reloads_total",
                "Packs of law read while running, by what became of them.",
            ),
            &["result"],
        )?;
        // From zero on, so that the first refusal is seen as a rise.
        Reload::ALL.iter().for_each(|reload| reloads.with_label_values(&[reload.as_str()]).reset());
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(durations.clone()))?;
        registry.register(Box::new(evaluations.clone()))?;
        registry.register(Box::new(batch_lines.clone()))?;
        registry.register(Box::new(in_flight.clone()))?;
        registry.register(Box::new(batches.clone()))?;
        registry.register(Box::new(writers_waiting.clone()))?;
        registry.register(Box::new(readers_busy.clone()))?;
        registry.register(Box::new(policy.clone()))?;
        registry.register(Box::new(reloads.clone()))?;
        Ok(Self {
            registry,
            requests,
            durations,
            evaluations,
            batch_lines,
            in_flight,
            batches,
            writers_waiting,
            readers_busy,
            policy,
            reloads,
        })
    }

    /// Where other parts of the service register counters of their own.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Counts an answered request.
    pub fn answered(&self, route: &str, method: &str, status: StatusCode, duration: Duration) {
        // A method is any token a client likes; only known ones become labels.
        let method = match method {
            "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method,
            _ => "other",
        };
        self.requests.with_label_values(&[route, method, status.as_str()]).inc();
        self.durations.with_label_values(&[route, method]).observe(duration.as_secs_f64());
    }

    /// Counts decisions by entitlement and outcome.
    pub fn evaluated<'a>(&self, outcomes: impl Iterator<Item = (&'a str, &'a str)>) {
        for (entitlement, outcome) in outcomes {
            self.evaluations.with_label_values(&[entitlement, outcome]).inc();
        }
    }

    /// Counts lines of a batch.
    pub fn batch_lines(&self, answered: u64, refused: u64) {
        self.batch_lines.with_label_values(&["answer"]).inc_by(answered);
        self.batch_lines.with_label_values(&["problem"]).inc_by(refused);
    }

    /// Counts a pack read while running.
    pub fn reloaded(&self, reload: Reload) {
        self.reloads.with_label_values(&[reload.as_str()]).inc();
    }

    fn render(&self, state: &AppState) -> Result<Vec<u8>, prometheus::Error> {
        let policy = state.policy();
        self.policy.reset();
        self.policy.with_label_values(&[policy.id(), policy.version(), policy.digest()]).set(1);
        self.in_flight.set(i64::try_from(state.limits.in_flight()).unwrap_or(i64::MAX));
        self.batches.set(i64::try_from(state.limits.batches()).unwrap_or(i64::MAX));
        let load = state.records.store.load();
        self.writers_waiting.set(i64::try_from(load.writers_waiting).unwrap_or(i64::MAX));
        self.readers_busy.set(i64::from(load.readers_busy));
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// What the service counts
///
/// Requests by route template, method and status, their durations, decisions by entitlement and outcome, commits to the
/// database with how many changes shared each, and who waits to write, in the text format of Prometheus.
#[utoipa::path(
    tag = "operations",
    operation_id = "getMetrics",
    responses((status = 200, description = "All counters.", body = String, content_type = "text/plain"))
)]
#[get("/metrics")]
async fn get_metrics(state: web::Data<AppState>) -> Result<HttpResponse, Problem> {
    let text = state.metrics.render(&state).map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().content_type(prometheus::TEXT_FORMAT).body(text))
}
