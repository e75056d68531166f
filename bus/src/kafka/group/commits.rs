//! Commits that are not waited for, and what becomes of them.
//!
//! By hand, because librdkafka tells the outcome of such a commit to nobody where rust-rdkafka asks
//! for it: not even that it was refused.

use std::ptr::{self, NonNull};
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::bindings;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::types::{RDKafka, RDKafkaRespErr};

/// A commit under way. Dropped, its outcome goes nowhere.
pub(super) struct CommitUnderWay {
    outcomes: NonNull<bindings::rd_kafka_queue_t>,
}

// SAFETY: the queue belongs to this value alone, and librdkafka binds none to a thread.
#[allow(unsafe_code)]
unsafe impl Send for CommitUnderWay {}

impl CommitUnderWay {
    /// Commits. Does not wait.
    #[allow(unsafe_code)]
    pub(super) fn begin(client: *mut RDKafka, offsets: &TopicPartitionList) -> Result<Self, KafkaError> {
        // SAFETY: the client is one that the caller holds, so it is alive; the list is borrowed, and
        // librdkafka copies it; the queue is looked at before it is used, lives as long as `Self`,
        // and outlives this call.
        unsafe {
            let Some(outcomes) = NonNull::new(bindings::rd_kafka_queue_new(client)) else {
                return Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::Fail));
            };
            let under_way = Self { outcomes };
            match bindings::rd_kafka_commit_queue(client, offsets.ptr(), outcomes.as_ptr(), None, ptr::null_mut()) {
                RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(under_way),
                error => Err(KafkaError::ConsumerCommit(error.into())),
            }
        }
    }

    /// What became of it, once that is known.
    #[allow(unsafe_code)]
    pub(super) fn outcome(&self, wait: Duration) -> Option<Result<(), KafkaError>> {
        let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the queue is alive as long as `self`; an event that is not null is ours to read and
        // to give back.
        let error = unsafe {
            let event = NonNull::new(bindings::rd_kafka_queue_poll(self.outcomes.as_ptr(), wait))?;
            let error = bindings::rd_kafka_event_error(event.as_ptr());
            bindings::rd_kafka_event_destroy(event.as_ptr());
            error
        };
        Some(match error {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(()),
            error => Err(KafkaError::ConsumerCommit(error.into())),
        })
    }
}

impl Drop for CommitUnderWay {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the queue is ours, and nothing of it is in use.
        unsafe { bindings::rd_kafka_queue_destroy(self.outcomes.as_ptr()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rdkafka::consumer::{BaseConsumer, Consumer as _};
    use rdkafka::{ClientConfig, Offset};

    use super::*;
    use crate::kafka::EmbeddedBroker;

    #[test]
    fn what_becomes_of_a_commit_is_told() {
        let broker = EmbeddedBroker::start().unwrap();
        broker.create_topic("committed", 1).unwrap();
        let client: BaseConsumer =
            ClientConfig::new().set("bootstrap.servers", broker.brokers()).set("group.id", "told").create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset("committed", 0, Offset::Offset(7)).unwrap();
        list.find_partition("committed", 0).unwrap().set_metadata("a note");
        let commit = CommitUnderWay::begin(client.client().native_ptr(), &list).unwrap();
        drop(CommitUnderWay::begin(client.client().native_ptr(), &list));
        assert_eq!(commit.outcome(Duration::from_secs(10)), Some(Ok(())));
        let found = client.committed_offsets(list, Duration::from_secs(10)).unwrap();
        assert_eq!((found.elements()[0].offset(), found.elements()[0].metadata()), (Offset::Offset(7), "a note"));
        // Kafka takes nothing that is longer than 4,096 bytes; the embedded broker takes it.
        assert_eq!(commit.outcome(Duration::ZERO), None, "told once");
    }
}
