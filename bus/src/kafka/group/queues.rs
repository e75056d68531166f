//! The queues that a member reads: one for each of its partitions, and one for what else librdkafka
//! tells.
//!
//! Back-pressure is not to read a partition's queue: librdkafka fetches into it until it is full,
//! and what is there is there at once when there is room again. A pause of librdkafka's own throws
//! away what is there, and it may take a second until it fetches again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;

use super::consumer::{Consumer, GroupContext};

/// The queue of a partition.
pub(super) struct Queue {
    queue: PartitionQueue<GroupContext>,
    /// Whether there may be something in it.
    filled: Arc<AtomicBool>,
}

impl Queue {
    /// Takes the records of a partition out of the common queue. Before it is assigned, or the
    /// first would be in both.
    pub(super) fn of(consumer: &Consumer, partition: i32) -> Option<Self> {
        let mut queue = consumer.client.split_partition_queue(&consumer.topic, partition)?;
        let filled = Arc::new(AtomicBool::new(true));
        let (fills, wake) = (Arc::clone(&filled), Arc::clone(&consumer.wake));
        queue.set_nonempty_callback(move || {
            fills.store(true, Ordering::Release);
            wake.wake();
        });
        Some(Self { queue, filled })
    }

    /// Whether there may be something in it, until it is found empty.
    pub(super) fn filled(&self) -> bool {
        self.filled.load(Ordering::Acquire)
    }

    /// Looks again, whatever librdkafka has told.
    pub(super) fn doubt(&self) {
        self.filled.store(true, Ordering::Release);
    }

    /// The next that is there.
    pub(super) fn next(&self) -> Option<Result<BorrowedMessage<'_>, KafkaError>> {
        // Before the look: what comes after it is told again.
        self.filled.store(false, Ordering::Release);
        let next = self.queue.poll(Duration::ZERO);
        if next.is_some() {
            self.filled.store(true, Ordering::Release);
        }
        next
    }
}
