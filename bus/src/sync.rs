//! Locks that do not pass panics on.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. What our locks guard is whole between any two statements, so a panic elsewhere while
/// the lock was held is no reason to stop here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
