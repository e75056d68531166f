//! The atomics and locks of the cores: the standard library's, or loom's where its model checker
//! compiles this source.

#[cfg(bus_loom)]
pub(crate) use loom::sync::Mutex;
#[cfg(bus_loom)]
pub(crate) use loom::sync::MutexGuard;
#[cfg(bus_loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
#[cfg(not(bus_loom))]
pub(crate) use std::sync::Mutex;
#[cfg(not(bus_loom))]
pub(crate) use std::sync::MutexGuard;
#[cfg(not(bus_loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use std::sync::PoisonError;

/// Locks. What the cores' locks guard is whole between any two statements, so a panic elsewhere
/// while the lock was held is no reason to stop here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
