//! The law that decisions were made by: kept with the first decision of each pack, compiled again when one is replayed.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    audit::canonical,
    policy::{self, Policy, SourceText},
    store::{AnyConn, Store, StoreError, policy_packs, policy_packs::KeptPack},
};

/// Compiled packs held at once, the one in force apart. A pack takes some megabytes.
const HELD: usize = 4;

/// Why a pack that once decided cannot decide again.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It was not kept: it decided before packs were.
    #[error("the pack {0} is not kept")]
    NotKept(String),
    /// It was kept, but is not what it was, or this release cannot read it.
    #[error("the kept pack {digest} does not load: {why}")]
    DoesNotLoad {
        /// Its digest.
        digest: String,
        /// The first finding.
        why: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a pack that made a decision, in the transaction of the decision. Once is enough.
///
/// # Errors
/// When the store fails.
pub fn keep(conn: &mut AnyConn, policy: &Policy, now: DateTime<Utc>) -> Result<(), StoreError> {
    if policy_packs::is_kept(conn, policy.digest())? {
        return Ok(());
    }
    let files: serde_json::Map<String, Value> =
        policy.files().iter().map(|file| (file.name.clone(), file.text.as_str().into())).collect();
    let pack = KeptPack {
        digest: policy.digest().to_owned(),
        policy_id: policy.id().to_owned(),
        version: policy.version().to_owned(),
        files: canonical(&files.into()).into_bytes(),
    };
    policy_packs::insert(conn, &pack, now)
}

/// Packs no longer in force, compiled. A few are held, the one used longest ago goes first.
#[derive(Default)]
pub struct Packs {
    held: Mutex<VecDeque<Arc<Policy>>>,
    /// Compiling takes a core for a while: one at a time, and never the same pack twice.
    compiling: Mutex<()>,
}

impl Packs {
    /// The pack of that digest: the one in force, one that is held, or the kept one compiled now.
    ///
    /// It is not proved again: it answered before only because it had been, and the digest says that it is the same.
    ///
    /// # Errors
    /// When it was not kept or does not load.
    pub fn find(&self, store: &Store, in_force: Arc<Policy>, digest: &str) -> Result<Arc<Policy>, PackError> {
        if in_force.digest() == digest {
            return Ok(in_force);
        }
        if let Some(held) = self.held(digest) {
            return Ok(held);
        }
        let _turn = lock(&self.compiling);
        // Whoever had the turn before may have compiled it.
        if let Some(held) = self.held(digest) {
            return Ok(held);
        }
        let files = store.read(|conn| policy_packs::files(conn, digest))?;
        let files = files.ok_or_else(|| PackError::NotKept(digest.to_owned()))?;
        let policy = compile(&files, digest)
            .map(Arc::new)
            .map_err(|why| PackError::DoesNotLoad { digest: digest.to_owned(), why })?;
        let mut held = lock(&self.held);
        held.truncate(HELD - 1);
        held.push_front(Arc::clone(&policy));
        Ok(policy)
    }

    fn held(&self, digest: &str) -> Option<Arc<Policy>> {
        let mut held = lock(&self.held);
        let at = held.iter().position(|policy| policy.digest() == digest)?;
        let found = held.remove(at)?;
        held.push_front(Arc::clone(&found));
        Some(found)
    }
}

impl fmt::Debug for Packs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = lock(&self.held);
        f.debug_list().entries(held.iter().map(|policy| policy.digest())).finish()
    }
}

/// The digest is over the files: what gives it is what decided.
fn compile(files: &[u8], digest: &str) -> Result<Policy, String> {
    let files: BTreeMap<String, String> = serde_json::from_slice(files).map_err(|error| error.to_string())?;
    let files: Vec<SourceText> = files.into_iter().map(|(name, text)| SourceText { name, text }).collect();
    if policy::digest(&files) != digest {
        return Err("the files have another digest".into());
    }
    Policy::read(files).map_err(|findings| {
        findings.first().map_or_else(|| "no reason given".into(), |first| first.to_string())
    })
}

/// A panic while a lock was held leaves nothing half done here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
