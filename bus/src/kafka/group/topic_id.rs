//! Which topic of its name a topic is: one that was deleted and made anew has another identity.
//!
//! By hand, because rust-rdkafka has no such request. A broker that knows no identities, or whose
//! user may not describe the topic, says nothing of it.

use std::ffi::CString;
use std::ptr::{self, NonNull};
use std::time::Duration;

use rdkafka::bindings;
use rdkafka::types::{RDKafka, RDKafkaRespErr};

/// How long a broker may take to answer.
const ANSWER: Duration = Duration::from_secs(3);

/// What a topic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Id(u128),
    /// Nobody can say.
    Unknown,
}

impl Answer {
    pub(super) fn id(self) -> Option<u128> {
        match self {
            Self::Id(id) => Some(id),
            Self::Unknown => None,
        }
    }
}

/// A question that was put to a broker. Dropped, its answer goes nowhere.
pub(super) struct Question {
    answers: NonNull<bindings::rd_kafka_queue_t>,
}

// SAFETY: the queue belongs to this value alone, and librdkafka binds none to a thread.
#[allow(unsafe_code)]
unsafe impl Send for Question {}

impl Question {
    /// Asks. Does not wait.
    #[allow(unsafe_code)]
    pub(super) fn ask(client: *mut RDKafka, topic: &str) -> Option<Self> {
        let name = CString::new(topic).ok()?;
        // SAFETY: the client is one that the caller holds, so it is alive. All that is made here is
        // either null, which is looked for, or given back by the function that is there for it; the
        // request copies what it is given, and the name lives until after it. The queue lives as
        // long as `Self`, and librdkafka drops answers to one that is gone.
        unsafe {
            let answers = NonNull::new(bindings::rd_kafka_queue_new(client))?;
            let question = Self { answers };
            let api = bindings::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
            let options = NonNull::new(bindings::rd_kafka_AdminOptions_new(client, api))?;
            let timeout = i32::try_from(ANSWER.as_millis()).unwrap_or(i32::MAX);
            bindings::rd_kafka_AdminOptions_set_request_timeout(options.as_ptr(), timeout, ptr::null_mut(), 0);
            let mut names = [name.as_ptr()];
            let topics = bindings::rd_kafka_TopicCollection_of_topic_names(names.as_mut_ptr(), names.len());
            bindings::rd_kafka_DescribeTopics(client, topics, options.as_ptr(), answers.as_ptr());
            bindings::rd_kafka_TopicCollection_destroy(topics);
            bindings::rd_kafka_AdminOptions_destroy(options.as_ptr());
            Some(question)
        }
    }

    /// The answer, once it is there.
    #[allow(unsafe_code)]
    pub(super) fn answer(&self, wait: Duration) -> Option<Answer> {
        let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the queue is alive as long as `self`. An event that is not null is ours to read and
        // to destroy, and what it leads to lives until then: the result, its list of as many
        // descriptions as is said, and the numbers of the identity. None of them is kept.
        unsafe {
            let event = NonNull::new(bindings::rd_kafka_queue_poll(self.answers.as_ptr(), wait))?;
            let id = identity(event);
            bindings::rd_kafka_event_destroy(event.as_ptr());
            Some(id.map_or(Answer::Unknown, Answer::Id))
        }
    }
}

/// What an answer says.
///
/// # Safety
/// The event is alive.
#[allow(unsafe_code)]
unsafe fn identity(event: NonNull<bindings::rd_kafka_event_t>) -> Option<u128> {
    // SAFETY: the caller's promise; each pointer is looked at before it is followed, and points into
    // the event.
    unsafe {
        if bindings::rd_kafka_event_error(event.as_ptr()) != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        let result = bindings::rd_kafka_event_DescribeTopics_result(event.as_ptr());
        if result.is_null() {
            return None;
        }
        let mut count = 0;
        let topics = bindings::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        if topics.is_null() || count == 0 || (*topics).is_null() {
            return None;
        }
        let error = bindings::rd_kafka_TopicDescription_error(*topics);
        if !error.is_null() && bindings::rd_kafka_error_code(error) != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        let id = bindings::rd_kafka_TopicDescription_topic_id(*topics);
        if id.is_null() {
            return None;
        }
        let most = bindings::rd_kafka_Uuid_most_significant_bits(id).cast_unsigned();
        let least = bindings::rd_kafka_Uuid_least_significant_bits(id).cast_unsigned();
        Some((u128::from(most) << 64) | u128::from(least)).filter(|id| *id != 0)
    }
}

impl Drop for Question {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the queue is ours, and nothing of it is in use.
        unsafe { bindings::rd_kafka_queue_destroy(self.answers.as_ptr()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rdkafka::ClientConfig;
    use rdkafka::consumer::{BaseConsumer, Consumer as _};

    use super::*;
    use crate::kafka::EmbeddedBroker;

    fn ask(brokers: &str, topic: &str) -> Answer {
        let client: BaseConsumer =
            ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", "identities").create().unwrap();
        let question = Question::ask(client.client().native_ptr(), topic).unwrap();
        // A question that is dropped before its answer harms nobody.
        drop(Question::ask(client.client().native_ptr(), topic));
        question.answer(Duration::from_secs(10)).unwrap()
    }

    /// The embedded broker is one. What a real one says is seen where a topic is made anew.
    #[test]
    fn a_broker_that_knows_no_identities_says_nothing_of_them() {
        let embedded = EmbeddedBroker::start().unwrap();
        embedded.create_topic("identity.one", 1).unwrap();
        assert_eq!(ask(embedded.brokers(), "identity.one"), Answer::Unknown);
        assert_eq!(ask(embedded.brokers(), "b\u{7f}d name"), Answer::Unknown);
        assert!(Question::ask(ptr::null_mut(), "a\0b").is_none());
    }

    #[test]
    fn nobody_answers_where_there_is_no_broker() {
        let client: BaseConsumer =
            ClientConfig::new().set("bootstrap.servers", "127.0.0.1:9").set("group.id", "identities").create().unwrap();
        let question = Question::ask(client.client().native_ptr(), "any").unwrap();
        assert_eq!(question.answer(Duration::from_secs(10)), Some(Answer::Unknown));
    }
}
