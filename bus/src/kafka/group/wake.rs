//! Wakes the thread of a member.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// Wakes the thread of a member. librdkafka calls it when a queue that was empty is so no more.
#[derive(Debug, Default)]
pub(super) struct Wake {
    thread: OnceLock<Thread>,
    woken: AtomicBool,
}

impl Wake {
    /// From now on the calling thread is the one that is woken.
    pub(super) fn here(&self) {
        let _ = self.thread.set(std::thread::current());
    }

    /// Does not block: librdkafka holds a lock meanwhile.
    pub(super) fn wake(&self) {
        self.woken.store(true, Ordering::Release);
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Waits until somebody wakes, or for so long.
    pub(super) fn wait(&self, time: Duration) {
        if !self.woken.swap(false, Ordering::AcqRel) {
            std::thread::park_timeout(time);
            self.woken.store(false, Ordering::Release);
        }
    }
}
