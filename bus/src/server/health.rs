//! How a server stands, for probes and dashboards.

use std::time::Duration;

/// How long a server stays ready that cannot read: most trouble is over sooner.
const READY_FOR: Duration = Duration::from_secs(5);

/// How a server stands: [`Serving::health`](super::Serving::health).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// One for each request topic that is served.
    pub topics: Vec<TopicHealth>,
}

impl Health {
    /// Whether the server is a member of every group and has not been without the right to read for
    /// 5 s, be its share of the partitions empty or not: what a readiness probe asks for.
    pub fn is_ready(&self) -> bool {
        self.topics
            .iter()
            .all(|topic| topic.joined.value && topic.trouble.as_ref().is_none_or(|trouble| trouble.age < READY_FOR))
    }

    /// Whether Kafka has ended a consumer for good, so that only a restart of the process helps:
    /// what a liveness probe asks for.
    pub fn has_ended(&self) -> bool {
        self.topics.iter().any(|topic| topic.ended.is_some())
    }
}

/// How a server stands on one request topic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicHealth {
    /// The request topic.
    pub topic: String,
    /// The consumer group.
    pub group: String,
    /// Whether the group has given the server its share. That a broker is gone is known after the
    /// session timeout (6 s).
    pub joined: Aged<bool>,
    /// The partitions of its share.
    pub partitions: Aged<Vec<i32>>,
    /// How long ago Kafka acknowledged an answer, to within 50 ms; `None` before the first.
    pub last_answer: Option<Duration>,
    /// Why the server cannot read now. It tries again by itself.
    pub trouble: Option<Aged<String>>,
    /// Why the consumer has ended for good, where nobody stopped it.
    pub ended: Option<String>,
}

/// A value, and for how long it has been so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Aged<T> {
    /// The value.
    pub value: T,
    /// For how long.
    pub age: Duration,
}

impl<T> Aged<T> {
    pub(super) fn since((value, at): (T, std::time::Instant)) -> Self {
        Self { value, age: at.elapsed() }
    }
}
