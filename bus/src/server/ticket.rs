//! What a request that was read owes to its partition's offset.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::offsets::{Before, Offsets, Started};
use crate::kafka::{Assigned, Commit, Precaution};
use crate::sync::lock;

/// The partitions that are ours between two rebalances.
#[derive(Debug, Default)]
pub(super) struct Generation {
    partitions: HashMap<i32, Mutex<Offsets>>,
    unfinished: AtomicUsize,
}

impl Generation {
    pub(super) fn new(assigned: &[Assigned]) -> Self {
        let partitions =
            assigned.iter().map(|it| (it.partition, Mutex::new(Offsets::new(it.from, &it.metadata)))).collect();
        Self { partitions, unfinished: AtomicUsize::new(0) }
    }

    /// Takes a request in.
    pub(super) fn start(
        self: &Arc<Self>,
        partition: i32,
        offset: i64,
        finished: &Arc<AtomicU64>,
    ) -> Result<Ticket, Declined> {
        let offsets = self.partitions.get(&partition).ok_or(Declined::NotOurs)?;
        let started = lock(offsets).start(offset);
        if started == Started::Finished {
            return Err(Declined::Finished);
        }
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        let crashed = started == Started::Crashed;
        Ok(Ticket { generation: Arc::clone(self), partition, offset, crashed, finished: Arc::clone(finished) })
    }

    /// What goes before a request that was read, with what the other partitions have to commit.
    pub(super) fn before(&self, partition: i32, offset: i64) -> Option<Precaution> {
        let before = lock(self.partitions.get(&partition)?).before(partition, offset);
        let (commit, alone) = match before {
            Before::Nothing => return None,
            Before::Commit(commit) => (commit, false),
            Before::Alone(commit) => (commit, true),
        };
        let mut commits = self.commits(false);
        commits.retain(|other| other.partition != partition);
        commits.push(commit);
        Some(Precaution { commits, alone })
    }

    /// Requests that were taken in and are not finished.
    pub(super) fn unfinished(&self) -> usize {
        self.unfinished.load(Ordering::Acquire)
    }

    pub(super) fn commit_again(&self) {
        for offsets in self.partitions.values() {
            lock(offsets).commit_again();
        }
    }

    pub(super) fn commits(&self, leaving: bool) -> Vec<Commit> {
        self.partitions.iter().filter_map(|(partition, offsets)| lock(offsets).commit(*partition, leaving)).collect()
    }
}

/// Why a record was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declined {
    NotOurs,
    Finished,
}

/// A request that was taken in. Finishing it lets the offset move on; dropping it unfinished
/// leaves the request to the next owner of the partition.
pub(super) struct Ticket {
    generation: Arc<Generation>,
    partition: i32,
    offset: i64,
    crashed: bool,
    finished: Arc<AtomicU64>,
}

impl Ticket {
    /// Whether the request ran alone at a former owner whose process ended then.
    pub(super) fn crashed(&self) -> bool {
        self.crashed
    }

    pub(super) fn finish(self) {
        if let Some(offsets) = self.generation.partitions.get(&self.partition) {
            lock(offsets).finish(self.offset);
        }
        self.finished.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn partition(&self) -> i32 {
        self.partition
    }

    pub(super) fn offset(&self) -> i64 {
        self.offset
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // After `finish` has noted the offset, so that a commit that sees nothing unfinished sees
        // all that is finished.
        self.generation.unfinished.fetch_sub(1, Ordering::AcqRel);
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("partition", &self.partition)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}
