//! Locks that do not pass panics on, and moments that threads tell each other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Locks. What our locks guard is whole between any two statements, so a panic elsewhere while
/// the lock was held is no reason to stop here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When something happened last.
#[derive(Debug)]
pub(crate) struct Moment {
    started: Instant,
    /// Milliseconds since `started`, and one, so that zero is never.
    at: AtomicU64,
}

impl Default for Moment {
    fn default() -> Self {
        Self { started: Instant::now(), at: AtomicU64::new(0) }
    }
}

impl Moment {
    /// It happens now.
    pub(crate) fn set(&self) {
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.at.store(at + 1, Ordering::Relaxed);
    }

    /// How long ago it happened, if it did.
    pub(crate) fn age(&self) -> Option<Duration> {
        let at = self.at.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.started.elapsed().saturating_sub(Duration::from_millis(at)))
    }
}
