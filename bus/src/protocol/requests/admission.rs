//! How many handlers run at once, the queue behind them, and when reading pauses.

use std::collections::VecDeque;

/// What a server takes in at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Handlers at once.
    pub(crate) concurrency: usize,
    /// Requests that wait for a handler before reading pauses.
    pub(crate) queue: usize,
    /// Bytes of requests that were read and are not answered before reading pauses.
    pub(crate) bytes: usize,
}

/// The window of running handlers and the queue behind it.
#[derive(Debug)]
pub(crate) struct Admission<T> {
    bounds: Bounds,
    running: usize,
    waiting: VecDeque<T>,
}

impl<T> Admission<T> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, running: 0, waiting: VecDeque::new() }
    }

    /// Leaves those that are to be started now, and keeps the others until one of those ends.
    pub(crate) fn enter(&mut self, requests: &mut Vec<T>) {
        let window = if planted!("no window") { usize::MAX } else { self.bounds.concurrency };
        let room = window.saturating_sub(self.running).min(requests.len());
        self.running += room;
        self.waiting.extend(requests.drain(room..));
    }

    /// A handler ended: the next request, which takes its place.
    pub(crate) fn leave(&mut self) -> Option<T> {
        let next = if planted!("queue forgotten") { None } else { self.waiting.pop_front() };
        if next.is_none() {
            self.running = self.running.saturating_sub(1);
        }
        next
    }

    /// Whether reading should pause: from a full queue, or too many bytes, until both are half.
    /// `bytes` is what all that was read and is not answered takes; `held` is how many requests
    /// were read that may not enter yet.
    pub(crate) fn full(&self, paused: bool, bytes: usize, held: usize) -> bool {
        if planted!("never full") {
            return false;
        }
        let at = |bound: usize| if paused { (bound / 2).max(1) } else { bound.max(1) };
        self.waiting.len() + held >= at(self.bounds.queue) || bytes >= at(self.bounds.bytes)
    }

    /// Whether one more request finds a place behind so many that are about to enter.
    pub(crate) fn has_room(&self, entering: usize) -> bool {
        let queued = entering.saturating_sub(self.bounds.concurrency.saturating_sub(self.running));
        self.waiting.len() + queued < self.bounds.queue.max(1)
    }

    /// Empties the queue. What was in it is left to the next owner of its partition.
    pub(crate) fn hand_back(&mut self) -> VecDeque<T> {
        std::mem::take(&mut self.waiting)
    }

    pub(crate) fn running(&self) -> usize {
        self.running
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(all(test, not(bus_sim)))]
mod tests {
    use super::*;

    fn admission(concurrency: usize, queue: usize, bytes: usize) -> Admission<u32> {
        Admission::new(Bounds { concurrency, queue, bytes })
    }

    #[test]
    fn as_many_run_as_there_is_room_and_the_others_follow_in_order() {
        let mut admission = admission(2, 10, 1_000);
        let mut requests = vec![1, 2, 3, 4];
        admission.enter(&mut requests);
        assert_eq!((requests, admission.running(), admission.waiting()), (vec![1, 2], 2, 2));
        assert_eq!(admission.leave(), Some(3));
        assert_eq!(admission.leave(), Some(4));
        assert_eq!((admission.leave(), admission.leave(), admission.leave()), (None, None, None));
        assert_eq!(admission.running(), 0);
    }

    #[test]
    fn reading_pauses_at_a_full_queue_and_goes_on_at_half() {
        let mut admission = admission(1, 4, 1_000);
        admission.enter(&mut vec![0, 1, 2, 3]);
        assert!(!admission.full(false, 0, 0));
        admission.enter(&mut vec![4]);
        assert!(admission.full(false, 0, 0));
        admission.leave();
        admission.leave();
        assert!(admission.full(true, 0, 0));
        admission.leave();
        assert!(!admission.full(true, 0, 0));
    }

    #[test]
    fn reading_pauses_at_too_many_bytes_and_goes_on_at_half() {
        let admission = admission(1, 4, 1_000);
        assert!(!admission.full(false, 999, 0));
        assert!(admission.full(false, 1_000, 0));
        assert!(admission.full(true, 500, 0));
        assert!(!admission.full(true, 499, 0));
        assert!(admission.full(false, 0, 100) && !admission.full(false, 0, 0), "what is held takes places, too");
    }

    #[test]
    fn there_is_room_for_as_many_as_may_run_and_wait() {
        let mut admission = admission(2, 3, 1_000);
        assert!(admission.has_room(4) && !admission.has_room(5));
        admission.enter(&mut vec![1, 2, 3]);
        assert!(admission.has_room(1) && !admission.has_room(2));
        admission.enter(&mut vec![4, 5]);
        assert!(!admission.has_room(0));
        admission.leave();
        assert!(admission.has_room(0));
    }

    #[test]
    fn a_queue_that_is_handed_back_runs_no_more() {
        let mut admission = admission(1, 4, 1_000);
        admission.enter(&mut vec![1, 2, 3]);
        assert_eq!(admission.hand_back(), [2, 3]);
        assert_eq!((admission.leave(), admission.running()), (None, 0));
    }
}
