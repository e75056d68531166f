//! The system's allocator, counting.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations since the process started, those that grew another included, and their bytes.
pub(crate) fn so_far() -> (u64, u64) {
    let stats = ALLOCATOR.stats();
    ((stats.allocations + stats.reallocations) as u64, stats.bytes_allocated as u64)
}
