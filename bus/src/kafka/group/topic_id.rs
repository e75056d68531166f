//! Which topic of its name a topic is: one that was deleted and made anew has another identity.
//!
//! A broker that knows no identities, or whose user may not describe the topic, says nothing of it.

use std::time::Duration;

use rdkafka::bindings;
use rdkafka::types::{RDKafka, RDKafkaRespErr};

use crate::kafka::answers::{Answers, Event};
use crate::kafka::describe::{self, Resource};

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
pub(super) struct Question(Answers);

impl Question {
    /// Asks. Does not wait.
    pub(super) fn ask(client: *mut RDKafka, topic: &str) -> Option<Self> {
        describe::describe(client, Resource::Topic(topic), false, ANSWER).map(Self)
    }

    /// The answer, once it is there.
    #[allow(unsafe_code)]
    pub(super) fn answer(&self, wait: Duration) -> Option<Answer> {
        // SAFETY: the event is alive while it is read.
        self.0.next(wait, |event| unsafe { identity(event) }.map_or(Answer::Unknown, Answer::Id))
    }
}

/// What an answer says.
///
/// # Safety
/// The event is alive.
#[allow(unsafe_code)]
unsafe fn identity(event: Event) -> Option<u128> {
    // SAFETY: the caller's promise; each pointer is looked at before it is followed, and points into
    // the event.
    unsafe {
        if !describe::is_answered(event) {
            return None;
        }
        let (topic, error) = describe::topic(event)?;
        if !error.is_null() && bindings::rd_kafka_error_code(error) != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        let id = bindings::rd_kafka_TopicDescription_topic_id(topic);
        if id.is_null() {
            return None;
        }
        let most = bindings::rd_kafka_Uuid_most_significant_bits(id).cast_unsigned();
        let least = bindings::rd_kafka_Uuid_least_significant_bits(id).cast_unsigned();
        Some((u128::from(most) << 64) | u128::from(least)).filter(|id| *id != 0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::ptr;

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
