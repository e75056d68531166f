//! What a request that was taken in owes to its partition's offset.

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::arrived::Arrived;
use super::bytes::HeldBytes;
use crate::protocol::requests::Partition;
use crate::sync::lock;

/// How long a request whose answer was lost may hold its partition's offset, whatever its deadline.
const LONGEST_UNANSWERED: Duration = Duration::from_secs(60);

/// A partition of the request topic, behind its one lock.
pub(super) struct Slot {
    pub(super) number: i32,
    pub(super) partition: Mutex<Partition<Arrived>>,
    tally: Arc<Tally>,
}

/// What was taken in of all partitions and is not finished.
#[derive(Debug, Default)]
pub(super) struct Tally {
    unfinished: AtomicUsize,
    /// Requests that were answered, or dropped with a reason that is counted.
    finished: AtomicU64,
}

impl Tally {
    pub(super) fn unfinished(&self) -> usize {
        self.unfinished.load(Ordering::Acquire)
    }

    pub(super) fn finished(&self) -> u64 {
        self.finished.load(Ordering::Relaxed)
    }
}

impl Slot {
    pub(super) fn new(number: i32, tally: Arc<Tally>) -> Self {
        Self { number, partition: Mutex::default(), tally }
    }

    /// The ticket of a request that was taken in.
    pub(super) fn ticket(self: &Arc<Self>, offset: i64, log: u32, bytes: HeldBytes) -> Ticket {
        self.tally.unfinished.fetch_add(1, Ordering::AcqRel);
        Ticket { slot: Arc::clone(self), offset, log, open: true, _bytes: bytes }
    }
}

/// A request that was taken in. Finishing it lets the offset move on; dropping it unfinished leaves
/// the request to the next owner of the partition.
pub(super) struct Ticket {
    slot: Arc<Slot>,
    offset: i64,
    log: u32,
    open: bool,
    _bytes: HeldBytes,
}

impl Ticket {
    pub(super) fn finish(mut self) {
        self.open = false;
        lock(&self.slot.partition).finish(self.offset, self.log);
        self.slot.tally.finished.fetch_add(1, Ordering::Relaxed);
    }

    /// The broker did not take the answer. While its deadline holds the request is unfinished, so that
    /// the next owner of the partition may answer; then it is given up.
    pub(super) fn unanswered(mut self, deadline: Instant) {
        let until = deadline.min(Instant::now() + LONGEST_UNANSWERED);
        self.open = false;
        lock(&self.slot.partition).answer_lost(self.offset, self.log, until);
    }

    pub(super) fn partition(&self) -> i32 {
        self.slot.number
    }

    pub(super) fn offset(&self) -> i64 {
        self.offset
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.open {
            lock(&self.slot.partition).release(self.offset, self.log);
        }
        // After the offset was noted, so that a commit that sees nothing unfinished sees all that is
        // finished.
        self.slot.tally.unfinished.fetch_sub(1, Ordering::AcqRel);
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("partition", &self.slot.number)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}
