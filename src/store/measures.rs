//! What the store counts of its writing, for Prometheus.

use prometheus::{Histogram, HistogramOpts, IntCounter, core::Collector};

/// Counters of one store. Clones share what they count.
#[derive(Clone)]
pub struct Measures {
    /// Works that shared one commit: its count is the commits, its sum the works.
    pub(super) works: Histogram,
    /// How long a commit took to reach the disk, in seconds.
    pub(super) seconds: Histogram,
    /// Commits that failed: nothing of their works was kept.
    pub(super) failed: IntCounter,
    /// Works turned away because too many were waiting.
    pub(super) turned_away: IntCounter,
}

impl Measures {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let works =
            HistogramOpts::new("an_sinh_store_commit_works", "Changes that shared one commit to the disk.")
                .buckets(vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]);
        let seconds = HistogramOpts::new("an_sinh_store_commit_seconds", "Time one commit took.")
            .buckets(vec![0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0]);
        Ok(Self {
            works: Histogram::with_opts(works)?,
            seconds: Histogram::with_opts(seconds)?,
            failed: IntCounter::new(
                "an_sinh_store_commits_failed_total",
                "Commits of which nothing was kept.",
            )?,
            turned_away: IntCounter::new(
                "an_sinh_store_turned_away_total",
                "Changes turned away because too many were waiting to write.",
            )?,
        })
    }

    /// Everything counted, to be registered.
    pub fn collectors(&self) -> [Box<dyn Collector>; 4] {
        [
            Box::new(self.works.clone()),
            Box::new(self.seconds.clone()),
            Box::new(self.failed.clone()),
            Box::new(self.turned_away.clone()),
        ]
    }
}

/// What the store is busy with at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Callers waiting for their turn to write.
    pub writers_waiting: usize,
    /// Connections that read and are in use.
    pub readers_busy: u32,
}
