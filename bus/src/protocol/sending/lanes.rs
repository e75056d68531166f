//! The lanes of a topic, found without a lock.

use std::sync::{Arc, OnceLock};

use super::gate::Gate;
use super::lane::Lane;

/// Powers of two that partitions are numbered in. A topic has fewer partitions than 2^24 - 1.
const BUCKETS: usize = 24;

/// A run of lanes, each made when it is first used.
type Bucket<R> = Box<[OnceLock<Arc<Lane<R>>>]>;

/// The lanes of a topic, by the number of the partition. It grows and never moves, so whoever looks
/// takes no lock.
#[derive(Debug)]
pub(crate) struct Lanes<R> {
    gate: Arc<Gate<R>>,
    buckets: [OnceLock<Bucket<R>>; BUCKETS],
    /// Where numbers go that no partition has.
    nowhere: OnceLock<Arc<Lane<R>>>,
}

impl<R> Lanes<R> {
    pub(crate) fn new(gate: Arc<Gate<R>>) -> Self {
        Self { gate, buckets: std::array::from_fn(|_| OnceLock::new()), nowhere: OnceLock::new() }
    }

    /// The lane of a partition.
    pub(crate) fn lane(&self, partition: i32) -> &Arc<Lane<R>> {
        let partition = if planted!("one lane for all") { 0 } else { partition };
        // Bucket b holds the partitions from 2^b - 1 on, 2^b of them.
        let place = u32::try_from(partition).unwrap_or(u32::MAX).saturating_add(1);
        let bucket = place.ilog2() as usize;
        let run = |bucket: usize| -> Bucket<R> { (0..1_usize << bucket).map(|_| OnceLock::new()).collect() };
        let cell = self.buckets.get(bucket).and_then(|cell| {
            let first = 1_usize << bucket;
            cell.get_or_init(|| run(bucket)).get(place as usize - first)
        });
        cell.unwrap_or(&self.nowhere).get_or_init(|| self.gate.open_lane())
    }

    /// Whether records for a partition go straight through, for all that is known.
    pub(crate) fn flows(&self, partition: i32, now: std::time::Instant) -> bool {
        self.gate.flows(self.lane(partition), now)
    }
}
