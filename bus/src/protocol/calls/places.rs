//! How many calls of a client are in flight, and who waits for a place.

use std::collections::BTreeMap;

use crate::protocol::sync::{AtomicU64, Mutex, Ordering, lock};

/// How much may wait for a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WaitBounds {
    pub(crate) calls: usize,
    pub(crate) bytes: usize,
}

/// What became of the wish for a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place<W> {
    /// It is taken.
    Taken,
    /// Its turn comes; this is its number.
    Waits(u64),
    /// Too many wait already.
    Full(W),
}

/// The places of a client: one a call in flight. `W` is who waits.
///
/// Taken and waiting are one word: with nobody waiting a place is taken and freed without a lock.
#[derive(Debug)]
pub(crate) struct Places<W> {
    limit: u64,
    bounds: WaitBounds,
    /// Who waits in the upper half, who is in flight in the lower. The upper half changes under the
    /// lock alone.
    word: AtomicU64,
    queue: Mutex<Queue<W>>,
}

#[derive(Debug)]
struct Queue<W> {
    /// By number: in the order in which they came.
    waiting: BTreeMap<u64, (usize, W)>,
    next: u64,
    bytes: usize,
}

const WAITER: u64 = 1 << 32;
const TAKEN: u64 = WAITER - 1;

impl<W> Places<W> {
    pub(crate) fn new(limit: usize, bounds: WaitBounds) -> Self {
        Self {
            limit: u64::try_from(limit).unwrap_or(u64::MAX).min(TAKEN),
            bounds,
            word: AtomicU64::new(0),
            queue: Mutex::new(Queue { waiting: BTreeMap::new(), next: 0, bytes: 0 }),
        }
    }

    /// Changes the word, unless `change` has nothing to change.
    fn change(&self, change: impl Fn(u64) -> Option<u64>) -> bool {
        let mut word = self.word.load(Ordering::Acquire);
        while let Some(next) = change(word) {
            match self.word.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return true,
                Err(found) => word = found,
            }
        }
        false
    }

    /// Takes a place, if one is free and nobody waits.
    pub(crate) fn take(&self) -> bool {
        self.change(|word| {
            let free = word < self.limit || planted!("places without bound");
            free.then_some(word + 1)
        })
    }

    /// Takes a place, or waits for one with so many bytes.
    pub(crate) fn wait(&self, bytes: usize, waiter: W) -> Place<W> {
        let mut queue = lock(&self.queue);
        // Under the lock nobody else begins to wait, but a place may be freed still.
        loop {
            if self.take() {
                return Place::Taken;
            }
            let full = queue.waiting.len() >= self.bounds.calls
                || (queue.bytes.saturating_add(bytes) > self.bounds.bytes && queue.bytes > 0);
            if full && !planted!("waiters without bound") {
                return Place::Full(waiter);
            }
            // Not if a place was freed since we looked: then it is ours.
            if self.change(|word| (word >= self.limit).then(|| word + WAITER)) {
                break;
            }
        }
        let number = queue.next;
        queue.next += 1;
        queue.bytes += bytes;
        queue.waiting.insert(number, (bytes, waiter));
        Place::Waits(number)
    }

    /// Gives a place back, and says who has it now.
    #[must_use = "who waits is to be told"]
    pub(crate) fn free(&self) -> Option<W> {
        if planted!("place never freed") {
            return None;
        }
        if self.change(|word| (word < WAITER).then(|| word.saturating_sub(1))) {
            return None;
        }
        let mut queue = lock(&self.queue);
        let Some((_, (bytes, waiter))) = queue.waiting.pop_first() else {
            // Who waited has left meanwhile.
            self.change(|word| Some(word.saturating_sub(1)));
            return None;
        };
        queue.bytes -= bytes;
        self.change(|word| Some(word - WAITER));
        if planted!("waiter not told") {
            return None;
        }
        Some(waiter)
    }

    /// Waits no longer. `false`: it does not wait, because it has got a place.
    pub(crate) fn leave(&self, number: u64) -> bool {
        let mut queue = lock(&self.queue);
        let Some((bytes, _)) = queue.waiting.remove(&number) else { return false };
        queue.bytes -= bytes;
        self.change(|word| Some(word - WAITER));
        true
    }

    /// How many places are taken.
    #[cfg_attr(not(any(test, bus_sim)), allow(dead_code))]
    pub(crate) fn taken(&self) -> usize {
        usize::try_from(self.word.load(Ordering::Relaxed) & TAKEN).unwrap_or(usize::MAX)
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.queue).waiting.len()
    }
}
