//! How much was acknowledged a moment ago.

use crate::protocol::sync::{AtomicU64, Ordering};

/// Slices of time that are counted apart.
const SLICES: usize = 5;

/// How long a slice is. With the one that is under way, `SLICES` of them reach back between 200 and
/// 250 ms.
const SLICE_MS: u64 = 50;

/// Counts what happens, and forgets it within 250 ms.
#[derive(Debug)]
pub(super) struct Recent {
    /// The number of the slice in the upper half, how often in the lower.
    slices: [AtomicU64; SLICES],
}

impl Recent {
    pub(super) fn new() -> Self {
        // A number that no slice has.
        Self { slices: std::array::from_fn(|_| AtomicU64::new(u64::MAX << 32)) }
    }

    #[allow(clippy::cast_possible_truncation)] // Below `SLICES`.
    fn slot(&self, slice: u64) -> &AtomicU64 {
        &self.slices[(slice % SLICES as u64) as usize]
    }

    /// Counts one at this millisecond.
    pub(super) fn count(&self, now_ms: u64) {
        let slice = (now_ms / SLICE_MS) & 0x7fff_ffff;
        let slot = self.slot(slice);
        let mut found = slot.load(Ordering::Relaxed);
        loop {
            let next = if found >> 32 == slice { found + 1 } else { (slice << 32) | 1 };
            match slot.compare_exchange_weak(found, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(other) => found = other,
            }
        }
    }

    /// How many were counted in the last 250 ms; a few of the oldest may be missing.
    pub(super) fn sum(&self, now_ms: u64) -> usize {
        let now = (now_ms / SLICE_MS) & 0x7fff_ffff;
        let counted = |slot: &AtomicU64| {
            let found = slot.load(Ordering::Relaxed);
            let fresh = now.wrapping_sub(found >> 32) < SLICES as u64;
            if fresh { found & 0xffff_ffff } else { 0 }
        };
        let sum: u64 = self.slices.iter().map(counted).sum();
        usize::try_from(sum).unwrap_or(usize::MAX)
    }
}
