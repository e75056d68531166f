//! Commits that are not waited for, and what becomes of them.
//!
//! By hand, because librdkafka tells the outcome of such a commit to nobody where rust-rdkafka asks
//! for it: not even that it was refused.

use std::ptr;
use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::bindings;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::types::{RDKafka, RDKafkaRespErr};

use crate::kafka::answers::Answers;

/// A commit under way. Dropped, its outcome goes nowhere.
pub(super) struct CommitUnderWay(Answers);

impl CommitUnderWay {
    /// Commits. Does not wait.
    #[allow(unsafe_code)]
    pub(super) fn begin(client: *mut RDKafka, offsets: &TopicPartitionList) -> Result<Self, KafkaError> {
        let answers = Answers::of(client).ok_or(KafkaError::ConsumerCommit(RDKafkaErrorCode::Fail))?;
        // SAFETY: the client is one that the caller holds, so it is alive; the list is borrowed, and
        // librdkafka copies it; the queue outlives this call.
        let error =
            unsafe { bindings::rd_kafka_commit_queue(client, offsets.ptr(), answers.queue(), None, ptr::null_mut()) };
        said(error).map(|()| Self(answers))
    }

    /// What became of it, once that is known.
    #[allow(unsafe_code)]
    pub(super) fn outcome(&self, wait: Duration) -> Option<Result<(), KafkaError>> {
        // SAFETY: the event is alive while it is read.
        self.0.next(wait, |event| said(unsafe { bindings::rd_kafka_event_error(event.as_ptr()) }))
    }
}

/// What librdkafka said of a commit.
fn said(error: RDKafkaRespErr) -> Result<(), KafkaError> {
    match error {
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(()),
        error => Err(KafkaError::ConsumerCommit(error.into())),
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
