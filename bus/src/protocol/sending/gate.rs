//! All lanes of a producer, and what they share: the bounds of what waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::lane::{Fate, HandOver, Lane, Loss, UNKNOWN};
use crate::protocol::sync::{AtomicBool, AtomicUsize, Mutex, Ordering, lock};

/// How much may wait in front of a producer, over all partitions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

/// Why a record may not even wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The queue, or its partition's share of it, is full.
    Full,
    Closed,
}

/// The gate in front of one producer.
///
/// `down` is always: librdkafka says that no broker is reachable, and nothing worked since.
#[derive(Debug)]
pub(crate) struct Gate<R> {
    /// What times are counted from.
    epoch: Instant,
    bounds: Bounds,
    /// Records that wait, over all lanes, and their bytes.
    waiting: AtomicUsize,
    bytes: AtomicUsize,
    closed: AtomicBool,
    /// As many as partitions that were ever written to.
    lanes: Mutex<Vec<Arc<Lane<R>>>>,
}

impl<R> Gate<R> {
    /// While something waits, [`drain`](Self::drain) is to be called this often: a lane may open by
    /// the clock alone.
    pub(crate) const LOOK: Duration = Duration::from_millis(10);

    pub(crate) fn new(now: Instant, bounds: Bounds) -> Arc<Self> {
        Arc::new(Self {
            epoch: now,
            bounds,
            waiting: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            lanes: Mutex::new(Vec::new()),
        })
    }

    fn ms(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.epoch).as_millis()).unwrap_or(u64::MAX)
    }

    /// A lane for one more partition.
    pub(super) fn open_lane(&self) -> Arc<Lane<R>> {
        let lane = Arc::new(Lane::new());
        lock(&self.lanes).push(Arc::clone(&lane));
        lane
    }

    fn lanes(&self) -> Vec<Arc<Lane<R>>> {
        lock(&self.lanes).clone()
    }

    /// Records that wait, over all partitions.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// Handed over and not acknowledged, over all partitions.
    #[cfg_attr(not(any(test, bus_sim)), allow(dead_code))]
    pub(crate) fn outstanding(&self) -> usize {
        lock(&self.lanes).iter().map(|lane| lane.outstanding()).sum()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether a lane's records go straight through, for all that is known.
    pub(crate) fn flows(&self, lane: &Lane<R>, now: Instant) -> bool {
        lane.flows(self.ms(now))
    }

    /// Whether a record may be handed over at once. If so it takes a place in the lane's window, and
    /// is told to [`delivered`](Self::delivered), [`failed`](Self::failed) or
    /// [`not_handed_over`](Self::not_handed_over). What waits goes first.
    pub(crate) fn admit(&self, lane: &Lane<R>, now: Instant, down: bool) -> bool {
        let behind = lane.waiting() > 0;
        !behind && !down && !self.is_closed() && lane.reserve(self.ms(now))
    }

    /// A record that was admitted was not handed over: its place is another's.
    #[allow(clippy::unused_self)] // As its counterpart, `admit`.
    pub(crate) fn not_handed_over(&self, lane: &Lane<R>) {
        lane.release();
    }

    /// The producer does not know the lane's partition: it is left alone for a moment.
    pub(crate) fn unknown(&self, lane: &Lane<R>, now: Instant) {
        lane.put_off(self.ms(now), UNKNOWN);
    }

    /// Lets a record wait.
    pub(crate) fn wait(&self, lane: &Lane<R>, bytes: usize, record: R) -> Result<(), (Refusal, R)> {
        self.enqueue(lane, bytes, record, false)
    }

    /// Lets a record go again that a batch was refused with: before what waits, in the order in
    /// which they are given, each alone.
    pub(crate) fn go_again(&self, lane: &Lane<R>, bytes: usize, record: R) -> Result<(), (Refusal, R)> {
        self.enqueue(lane, bytes, record, true)
    }

    fn enqueue(&self, lane: &Lane<R>, bytes: usize, record: R, singly: bool) -> Result<(), (Refusal, R)> {
        let mut queue = lock(&lane.queue);
        // Under the lock, or what comes while a close empties the queue would wait for ever.
        if self.is_closed() {
            return Err((Refusal::Closed, record));
        }
        let held = queue.singly.len() + queue.records.len();
        if !planted!("queue without bound") {
            // A lane may hold as much as is free: half of all that there is if it is the only one
            // in trouble, a third each if there are two, and something is left for the next.
            let (records, size) = (self.waiting.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed));
            let (free, room) = (self.bounds.records.saturating_sub(records), self.bounds.bytes.saturating_sub(size));
            let share = !planted!("no shares");
            let full = if share { held >= free } else { free == 0 };
            let large = if share { queue.bytes.saturating_add(bytes) > room } else { bytes > room };
            // What is larger than all bounds may wait if nothing else does.
            if full || (large && size > 0) {
                return Err((Refusal::Full, record));
            }
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        queue.bytes += bytes;
        if singly {
            lane.one_more_alone();
            queue.singly.push_back((bytes, record));
        } else {
            queue.records.push_back((bytes, record));
        }
        lane.waiting.store(held + 1, Ordering::Release);
        Ok(())
    }

    /// Lets a record go again that was handed over and certainly is not in the topic, before all that
    /// waits. There are no more of them than a window holds. Given back where the gate is closed.
    #[must_use = "what is given back was not sent"]
    pub(crate) fn wait_first(&self, lane: &Lane<R>, bytes: usize, record: R) -> Option<R> {
        let back = lane.put_back(bytes, record, HandOver { alone: false }, &self.closed);
        if back.is_none() {
            self.waiting.fetch_add(1, Ordering::Relaxed);
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
            lane.taken();
        }
        back
    }

    fn left(&self, records: usize, bytes: usize) {
        self.waiting.fetch_sub(records, Ordering::Release);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The broker has a record of this lane. Says whether it is the first after a loss.
    pub(crate) fn delivered(&self, lane: &Lane<R>, now: Instant, hand_over: HandOver) -> bool {
        lane.acknowledged(self.ms(now), hand_over)
    }

    /// The broker does not have a record of this lane, or did not say so.
    pub(crate) fn failed(&self, lane: &Lane<R>, now: Instant, hand_over: HandOver, loss: Loss) {
        match loss {
            Loss::Refused => {
                lane.answered(self.ms(now), hand_over);
            }
            Loss::Silent => lane.silent(hand_over),
            Loss::Purged => lane.purged(hand_over),
        }
    }

    /// Hands over what waits in a lane while it may. To be called when a record has begun to wait,
    /// when one of the lane was acknowledged or failed, and now and then. One thread does it at a
    /// time, so that the order stays. What is given back could not be kept: the gate was closed
    /// meanwhile.
    #[must_use = "what is given back was not sent"]
    pub(crate) fn drain(
        &self,
        lane: &Lane<R>,
        now: Instant,
        down: bool,
        mut hand_over: impl FnMut(R, HandOver) -> Fate<R>,
    ) -> Option<R> {
        let now_ms = self.ms(now);
        while lane.waiting() > 0 && !down && lane.begin_draining() {
            let given_back = self.drain_alone(lane, now_ms, &mut hand_over);
            lane.end_draining();
            // Whoever came meanwhile and went away again left its record, or its place, to us.
            if given_back.is_some() || !lane.has_place(now_ms) {
                return given_back;
            }
        }
        None
    }

    fn drain_alone(
        &self,
        lane: &Lane<R>,
        now_ms: u64,
        hand_over: &mut impl FnMut(R, HandOver) -> Fate<R>,
    ) -> Option<R> {
        while lane.waiting() > 0 && lane.reserve(now_ms) {
            let Some((bytes, record, how)) = lane.pop() else {
                lane.release();
                return None;
            };
            let back = match hand_over(record, how) {
                Fate::HandedOver => None,
                Fate::Dropped => {
                    lane.release();
                    if how.alone {
                        lane.one_less_alone();
                    }
                    None
                }
                Fate::Full(record) => {
                    lane.put_off(now_ms, Self::LOOK);
                    Some(record)
                }
                Fate::Unknown(record) => {
                    lane.put_off(now_ms, UNKNOWN);
                    Some(record)
                }
            };
            if let Some(record) = back {
                lane.release();
                let given_back = lane.put_back(bytes, record, how, &self.closed);
                if given_back.is_some() {
                    self.left(1, bytes);
                }
                return given_back;
            }
            lane.taken();
            self.left(1, bytes);
        }
        None
    }

    /// As [`drain`](Self::drain), over all lanes.
    #[must_use = "what is given back was not sent"]
    pub(crate) fn drain_all(
        &self,
        now: Instant,
        down: bool,
        mut hand_over: impl FnMut(&Arc<Lane<R>>, R, HandOver) -> Fate<R>,
    ) -> Vec<R> {
        let drained = |lane: Arc<Lane<R>>| self.drain(&lane, now, down, |record, how| hand_over(&lane, record, how));
        self.lanes().into_iter().filter_map(drained).collect()
    }

    /// When a lane in which something waits opens by the clock alone. Else it opens when something is
    /// acknowledged or fails, or when brokers are back.
    #[cfg_attr(not(bus_sim), allow(dead_code))]
    pub(crate) fn next_look(&self, now: Instant) -> Option<Instant> {
        let now_ms = self.ms(now);
        let lanes = lock(&self.lanes);
        let put_off = lanes.iter().filter(|lane| lane.waiting() > 0).filter_map(|lane| lane.put_off_until(now_ms));
        put_off.min().map(|ms| self.epoch + Duration::from_millis(ms))
    }

    /// Takes out what nobody wants sent any more. An outage may last, and callers go on asking: what
    /// they gave up must take neither their memory nor their places in the queue.
    pub(crate) fn forget(&self, mut unwanted: impl FnMut(&R) -> bool) -> Vec<R> {
        let mut forgotten = Vec::new();
        for lane in self.lanes() {
            // Not passed over where nothing seems to wait: with the lock comes the latest.
            let mut queue = lock(&lane.queue);
            let (mut freed, before) = (0, forgotten.len());
            for singly in [true, false] {
                let records = if singly { &mut queue.singly } else { &mut queue.records };
                let (out, kept) = std::mem::take(records)
                    .into_iter()
                    .partition::<std::collections::VecDeque<_>, _>(|(_, record)| unwanted(record));
                *records = kept;
                for (bytes, record) in out {
                    if singly {
                        lane.one_less_alone();
                    }
                    freed += bytes;
                    forgotten.push(record);
                }
            }
            queue.bytes -= freed;
            lane.waiting.store(queue.singly.len() + queue.records.len(), Ordering::Release);
            drop(queue);
            self.left(forgotten.len() - before, freed);
        }
        forgotten
    }

    /// Lets nothing through any more, and gives back what waits.
    pub(crate) fn close(&self) -> Vec<R> {
        self.closed.store(true, Ordering::Release);
        if planted!("queue kept at the close") {
            return Vec::new();
        }
        self.forget(|_| true)
    }
}
