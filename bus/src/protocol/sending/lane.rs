//! One partition's way to its broker.

use std::collections::VecDeque;
use std::time::Duration;

use super::recent::Recent;
use crate::protocol::sync::{AtomicBool, AtomicU64, AtomicUsize, Mutex, Ordering, lock};

/// How long a partition's broker may acknowledge nothing, with something to acknowledge, before
/// records wait. Far above a slow acknowledgement, far below a call's timeout.
pub(super) const STALL: Duration = Duration::from_millis(250);

/// Records that may be handed over and not acknowledged where nothing was acknowledged of late: what
/// is in doubt when a broker stops that nobody has used for a moment.
pub(super) const SMALLEST_WINDOW: usize = if cfg!(bus_loom) { 1 } else { 8 };

/// Records that may be handed over and not acknowledged at all. Enough for the largest batches that
/// a connection carries.
pub(super) const LARGEST_WINDOW: usize = 10_000;

/// How long a partition that the producer does not know is left alone before it is tried again.
pub(super) const UNKNOWN: Duration = Duration::from_millis(100);

/// A partition of a topic, as records go there.
#[derive(Debug)]
pub(crate) struct Lane<R> {
    /// Handed over and not acknowledged.
    outstanding: AtomicUsize,
    /// The millisecond at which something was last acknowledged or, with nothing outstanding, handed
    /// over.
    progress: AtomicU64,
    acknowledged: Recent,
    /// A record was lost for want of a broker, and none was acknowledged since.
    lost: AtomicBool,
    /// The millisecond up to which nothing is tried.
    put_off: AtomicU64,
    /// Records that a batch was refused for: they wait, or the one of them that is under way.
    singly: AtomicUsize,
    /// Somebody hands over what waits.
    draining: AtomicBool,
    pub(super) waiting: AtomicUsize,
    pub(super) queue: Mutex<Queue<R>>,
}

/// What waits for a partition, in order.
#[derive(Debug)]
pub(super) struct Queue<R> {
    /// What goes first, each alone in its batch.
    pub(super) singly: VecDeque<(usize, R)>,
    /// Records, and what each counts in bytes.
    pub(super) records: VecDeque<(usize, R)>,
    pub(super) bytes: usize,
}

/// How a record is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HandOver {
    /// Nothing else of its partition is under way, so that it is a batch by itself. To be told to
    /// [`Lane::delivered`] and [`Lane::failed`].
    pub(crate) alone: bool,
}

/// What became of a record that was to be handed over.
#[derive(Debug)]
pub(crate) enum Fate<R> {
    /// librdkafka has it.
    HandedOver,
    /// It is not wanted any more, or was refused for good.
    Dropped,
    /// librdkafka's own queue is full.
    Full(R),
    /// The producer does not know the partition yet.
    Unknown(R),
}

/// Why a record was not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The broker answered, if only to refuse.
    Refused,
    /// No broker answered.
    Silent,
    /// It was given up here, before a broker answered.
    Purged,
}

impl<R> Lane<R> {
    pub(super) fn new() -> Self {
        Self {
            outstanding: AtomicUsize::new(0),
            progress: AtomicU64::new(0),
            acknowledged: Recent::new(),
            lost: AtomicBool::new(false),
            put_off: AtomicU64::new(0),
            singly: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            queue: Mutex::new(Queue { singly: VecDeque::new(), records: VecDeque::new(), bytes: 0 }),
        }
    }

    /// Handed over and not acknowledged.
    pub(crate) fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Relaxed)
    }

    /// Records that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// How many records may be under way at this time: as many as were acknowledged of late.
    pub(super) fn window(&self, now_ms: u64) -> usize {
        if self.singly.load(Ordering::Relaxed) > 0 || self.lost.load(Ordering::Relaxed) {
            // What was refused goes record by record. After a loss one record at a time tries the way.
            return 1;
        }
        if planted!("window without bound") {
            return LARGEST_WINDOW;
        }
        self.acknowledged.sum(now_ms).clamp(SMALLEST_WINDOW, LARGEST_WINDOW)
    }

    /// Whether the broker is silent, with something to acknowledge.
    pub(super) fn stalled(&self, now_ms: u64) -> bool {
        let silent = now_ms.saturating_sub(self.progress.load(Ordering::Relaxed));
        self.outstanding() > 0 && u128::from(silent) > STALL.as_millis() && !planted!("stall unseen")
    }

    /// Whether records go straight through, for all that is known.
    pub(super) fn flows(&self, now_ms: u64) -> bool {
        !self.lost.load(Ordering::Relaxed) && now_ms >= self.put_off.load(Ordering::Relaxed) && !self.stalled(now_ms)
    }

    /// Takes the place of one record in the window, if there is one.
    pub(super) fn reserve(&self, now_ms: u64) -> bool {
        if now_ms < self.put_off.load(Ordering::Relaxed) || self.stalled(now_ms) {
            return false;
        }
        let mut before = self.outstanding();
        loop {
            if before > 0 && before >= self.window(now_ms) {
                return false;
            }
            match self.outstanding.compare_exchange_weak(before, before + 1, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => break,
                Err(found) => before = found,
            }
        }
        if before == 0 {
            self.progress.store(now_ms, Ordering::Relaxed);
        }
        true
    }

    /// A record that was admitted was not handed over: its place is another's.
    pub(super) fn release(&self) {
        self.outstanding.fetch_sub(1, Ordering::AcqRel);
    }

    /// Nothing is tried for a moment.
    pub(super) fn put_off(&self, now_ms: u64, moment: Duration) {
        let moment = u64::try_from(moment.as_millis()).unwrap_or(u64::MAX);
        self.put_off.store(now_ms.saturating_add(moment), Ordering::Relaxed);
    }

    /// The millisecond up to which nothing is tried, where that is to come.
    #[cfg_attr(not(bus_sim), allow(dead_code))]
    pub(super) fn put_off_until(&self, now_ms: u64) -> Option<u64> {
        Some(self.put_off.load(Ordering::Relaxed)).filter(|until| *until > now_ms)
    }

    /// One record more goes alone.
    pub(super) fn one_more_alone(&self) {
        self.singly.fetch_add(1, Ordering::Relaxed);
    }

    /// A record that went alone has come to its end.
    pub(super) fn one_less_alone(&self) {
        self.singly.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn acknowledged(&self, now_ms: u64, hand_over: HandOver) -> bool {
        self.acknowledged.count(now_ms);
        self.answered(now_ms, hand_over)
    }

    /// Says whether it is the first answer after a loss.
    pub(super) fn answered(&self, now_ms: u64, hand_over: HandOver) -> bool {
        self.progress.store(now_ms, Ordering::Relaxed);
        // Looked at first: a flag that is only read stays in the caches of all who read it.
        let lost = self.lost.load(Ordering::Relaxed) && self.lost.swap(false, Ordering::Relaxed);
        self.ended(hand_over);
        lost
    }

    pub(super) fn silent(&self, hand_over: HandOver) {
        self.lost.store(true, Ordering::Relaxed);
        self.ended(hand_over);
    }

    /// Nothing is known of the broker: the next record finds out.
    pub(super) fn purged(&self, hand_over: HandOver) {
        self.lost.store(false, Ordering::Relaxed);
        self.ended(hand_over);
    }

    fn ended(&self, hand_over: HandOver) {
        if !planted!("window never freed") {
            self.outstanding.fetch_sub(1, Ordering::AcqRel);
        }
        if hand_over.alone {
            self.one_less_alone();
        }
    }

    /// Takes the next record out. What waits is counted until [`taken`](Self::taken), so that
    /// nothing overtakes it.
    pub(super) fn pop(&self) -> Option<(usize, R, HandOver)> {
        let mut queue = lock(&self.queue);
        let alone = !queue.singly.is_empty();
        let (bytes, record) = queue.singly.pop_front().or_else(|| queue.records.pop_front())?;
        queue.bytes -= bytes;
        Some((bytes, record, HandOver { alone }))
    }

    /// Puts a record back where it was taken from, or gives it back if the gate was closed meanwhile
    /// and nobody empties the queue any more.
    pub(super) fn put_back(&self, bytes: usize, record: R, hand_over: HandOver, closed: &AtomicBool) -> Option<R> {
        let mut queue = lock(&self.queue);
        if closed.load(Ordering::Acquire) {
            self.waiting.store(queue.singly.len() + queue.records.len(), Ordering::Release);
            return Some(record);
        }
        queue.bytes += bytes;
        if hand_over.alone { &mut queue.singly } else { &mut queue.records }.push_front((bytes, record));
        None
    }

    /// What waits is counted anew.
    pub(super) fn taken(&self) {
        let queue = lock(&self.queue);
        self.waiting.store(queue.singly.len() + queue.records.len(), Ordering::Release);
    }

    /// Whether this thread is the one that hands over. One that is not may go: whoever is looks again
    /// after [`end_draining`](Self::end_draining).
    pub(super) fn begin_draining(&self) -> bool {
        // An exchange, not a look: it makes what this thread did before visible to who ends.
        !self.draining.swap(true, Ordering::AcqRel)
    }

    pub(super) fn end_draining(&self) {
        self.draining.swap(false, Ordering::AcqRel);
    }

    /// Whether the next record could be handed over.
    pub(super) fn has_place(&self, now_ms: u64) -> bool {
        // Not a mere look: either this sees that a place was freed, or who freed it sees what waits.
        let outstanding = self.outstanding.fetch_add(0, Ordering::AcqRel);
        now_ms >= self.put_off.load(Ordering::Relaxed)
            && !self.stalled(now_ms)
            && (outstanding == 0 || outstanding < self.window(now_ms))
    }
}
