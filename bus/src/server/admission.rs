//! How many handlers run at once, and the queue behind them.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::job::Job;
use crate::sync::lock;

/// The window of running handlers and the queue behind it.
pub(super) struct Admission {
    concurrency: usize,
    queue: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: usize,
    waiting: VecDeque<Job>,
}

impl Admission {
    pub(super) fn new(concurrency: usize, queue: usize) -> Self {
        Self { concurrency, queue, state: Mutex::default() }
    }

    /// Leaves the jobs that are to be started now, and keeps the others until one of those ends.
    pub(super) fn enter(&self, jobs: &mut Vec<Job>) {
        let mut state = lock(&self.state);
        let room = self.concurrency.saturating_sub(state.running).min(jobs.len());
        state.running += room;
        state.waiting.extend(jobs.drain(room..));
    }

    /// A handler ended: the next job, which takes its place.
    pub(super) fn leave(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.running = state.running.saturating_sub(1);
        }
        next
    }

    /// Whether reading should pause: from a full queue until it is half empty.
    pub(super) fn full(&self, paused: bool) -> bool {
        let waiting = lock(&self.state).waiting.len();
        waiting >= if paused { (self.queue / 2).max(1) } else { self.queue.max(1) }
    }

    /// Empties the queue. What was in it is left to the next owner of its partition.
    pub(super) fn hand_back(&self) -> VecDeque<Job> {
        std::mem::take(&mut lock(&self.state).waiting)
    }
}
