//! Connections that read, and how long a caller waits for one.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection};

use super::{AnyConn, StoreError, backend::Backend};

/// While the database is known to be away, a caller waits no longer than this: it may be back.
const SHORT_WAIT: Duration = Duration::from_millis(250);
/// How long a failure to connect stands for the state of the database.
const REMEMBERED: Duration = Duration::from_secs(3);

/// The pool of connections that read.
#[derive(Clone)]
pub(super) struct Readers {
    pool: Pool<Connector>,
    outage: Outage,
    patience: Duration,
}

impl Readers {
    /// At most `size` connections to `backend`, opened when they are needed. `patience`: how long a caller waits for one.
    pub(super) fn new(backend: Backend, size: u32, patience: Duration) -> Result<Self, StoreError> {
        let outage = Outage::default();
        let pool = Pool::builder()
            .max_size(size.max(1))
            .min_idle(Some(1))
            .connection_timeout(patience)
            .build(Connector { backend, patience, outage: outage.clone() })
            .map_err(|error| StoreError::Open(error.to_string()))?;
        Ok(Self { pool, outage, patience })
    }

    /// A connection that was asked whether it still works.
    pub(super) fn take(&self) -> Result<PooledConnection<Connector>, StoreError> {
        let begun = Instant::now();
        loop {
            let left = self.patience.saturating_sub(begun.elapsed());
            if let Ok(conn) = self.pool.get_timeout(left.min(SHORT_WAIT)) {
                return Ok(conn);
            }
            if let Some(told) = self.outage.now() {
                return Err(StoreError::Away(told));
            }
            if begun.elapsed() >= self.patience {
                return Err(StoreError::Busy);
            }
        }
    }

    /// Connections in use.
    pub(super) fn busy(&self) -> u32 {
        let state = self.pool.state();
        state.connections.saturating_sub(state.idle_connections)
    }
}

/// The last failure to connect, until a connection is opened again.
#[derive(Clone, Default)]
struct Outage(Arc<Mutex<Option<(Instant, String)>>>);

impl Outage {
    fn note(&self, what: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = what.map(|what| (Instant::now(), what));
    }

    fn now(&self) -> Option<String> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(at, _)| at.elapsed() < REMEMBERED).map(|(_, told)| told.clone())
    }
}

/// Opens connections for the pool.
pub(super) struct Connector {
    backend: Backend,
    patience: Duration,
    outage: Outage,
}

impl ManageConnection for Connector {
    type Connection = AnyConn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConn, Self::Error> {
        let opened = self.backend.connect(self.patience);
        self.outage.note(opened.as_ref().err().map(ToString::to_string));
        opened.map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut AnyConn) -> Result<(), Self::Error> {
        match conn {
            // A file does not hang up.
            AnyConn::Sqlite(_) => Ok(()),
            AnyConn::Postgres(conn) => conn.ping().map_err(diesel::r2d2::Error::QueryError),
        }
    }

    fn has_broken(&self, conn: &mut AnyConn) -> bool {
        conn.is_broken()
    }
}
