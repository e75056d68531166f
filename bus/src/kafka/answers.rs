//! The queue on which librdkafka answers one thing that was asked of it and is not waited for.

use std::ptr::NonNull;
use std::time::Duration;

use rdkafka::bindings;
use rdkafka::types::RDKafka;

/// What librdkafka answers with.
pub(super) type Event = NonNull<bindings::rd_kafka_event_t>;

/// Where an answer comes. Dropped, it goes nowhere: librdkafka drops answers to a queue that is gone.
pub(super) struct Answers {
    queue: NonNull<bindings::rd_kafka_queue_t>,
}

// SAFETY: the queue belongs to this value alone, and librdkafka binds none to a thread.
#[allow(unsafe_code)]
unsafe impl Send for Answers {}

impl Answers {
    /// A queue of a client that the caller holds.
    #[allow(unsafe_code)]
    pub(super) fn of(client: *mut RDKafka) -> Option<Self> {
        // SAFETY: the client is one that the caller holds, so it is alive; null is looked for.
        let queue = NonNull::new(unsafe { bindings::rd_kafka_queue_new(client) })?;
        Some(Self { queue })
    }

    /// The queue, for whoever asks. It is alive as long as `self`.
    pub(super) fn queue(&self) -> *mut bindings::rd_kafka_queue_t {
        self.queue.as_ptr()
    }

    /// What `read` makes of the next answer, once it is there. The event lives until `read` returns.
    #[allow(unsafe_code)]
    pub(super) fn next<T>(&self, wait: Duration, read: impl FnOnce(Event) -> T) -> Option<T> {
        let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the queue is alive as long as `self`. An event that is not null is ours to read and
        // to destroy.
        unsafe {
            let event = NonNull::new(bindings::rd_kafka_queue_poll(self.queue(), wait))?;
            let found = read(event);
            bindings::rd_kafka_event_destroy(event.as_ptr());
            Some(found)
        }
    }
}

impl Drop for Answers {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the queue is ours, and nothing of it is in use.
        unsafe { bindings::rd_kafka_queue_destroy(self.queue()) }
    }
}
