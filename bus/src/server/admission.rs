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

    /// Gives the job back to be started now, or keeps it until another ends.
    pub(super) fn enter(&self, job: Job) -> Option<Job> {
        let mut state = lock(&self.state);
        if state.running < self.concurrency {
            state.running += 1;
            return Some(job);
        }
        state.waiting.push_back(job);
        None
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
