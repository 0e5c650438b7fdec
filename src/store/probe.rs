//! Does the database answer? Asked on a connection of its own, so that a busy pool is not taken for a lost database.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{
    AnyConn, StoreError,
    accounts::{self, AccountKind},
    backend::Backend,
};

/// The connection that only asks. One question at a time.
pub(super) struct Probe {
    backend: Backend,
    patience: Duration,
    conn: Mutex<Option<AnyConn>>,
}

impl Probe {
    pub(super) fn new(backend: Backend, patience: Duration) -> Self {
        Self { backend, patience, conn: Mutex::default() }
    }

    /// Reads something small that is always there. After a failure the next question connects anew.
    pub(super) fn ask(&self) -> Result<(), StoreError> {
        let mut slot = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut conn = match slot.take() {
            Some(conn) => conn,
            None => {
                let conn = self.backend.connect(self.patience);
                conn.map_err(|error| StoreError::Away(error.to_string()))?
            }
        };
        conn.snapshot(|conn| accounts::find(conn, AccountKind::Client, "").map(drop))?;
        *slot = Some(conn);
        Ok(())
    }
}
