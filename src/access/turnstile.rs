//! Few at a time. Hashing a secret takes 19 MiB and a core for 20 ms; hundreds of strangers who sign in at once must not
//! take the memory and the cores that everybody else needs.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use crate::store::StoreError;

/// More than so many are not kept waiting: with one core the last of them waits for some one and a half seconds.
const MOST_WAITING: usize = 64;

/// Lets as many through as there are cores.
pub(super) struct Turnstile {
    inside: Mutex<Inside>,
    left: Condvar,
}

#[derive(Default)]
struct Inside {
    working: usize,
    waiting: usize,
}

/// A place inside; given back when dropped.
pub(super) struct Turn<'t>(&'t Turnstile);

impl Turnstile {
    pub(super) const fn new() -> Self {
        Self { inside: Mutex::new(Inside { working: 0, waiting: 0 }), left: Condvar::new() }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// [`StoreError::Busy`] at once when too many wait already.
    pub(super) fn enter(&self) -> Result<Turn<'_>, StoreError> {
        let places = thread::available_parallelism().map_or(1, usize::from);
        let mut inside = self.inside();
        if inside.working >= places {
            if inside.waiting >= MOST_WAITING {
                return Err(StoreError::Busy);
            }
            inside.waiting += 1;
            let full = |inside: &mut Inside| inside.working >= places;
            inside = self.left.wait_while(inside, full).unwrap_or_else(PoisonError::into_inner);
            inside.waiting -= 1;
        }
        inside.working += 1;
        Ok(Turn(self))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Only counts are behind it, and no count is left half changed.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.inside().working -= 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
        time::Duration,
    };

    use super::*;

    #[test]
    fn no_more_than_there_are_cores_and_not_too_many_wait() {
        let (turnstile, now, most, refused) =
            (Turnstile::new(), AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let cores = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..cores + MOST_WAITING + 20 {
                scope.spawn(|| match turnstile.enter() {
                    Ok(_turn) => {
                        most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                        thread::sleep(Duration::from_millis(50));
                        now.fetch_sub(1, SeqCst);
                    }
                    Err(error) => {
                        assert!(matches!(error, StoreError::Busy));
                        refused.fetch_add(1, SeqCst);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), cores);
        assert!((1..=20).contains(&refused.into_inner()));
        assert!(turnstile.enter().is_ok(), "the places were given back");
    }
}
