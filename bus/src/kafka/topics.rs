//! Topics: looked up without making them by accident, made on purpose, checked.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::Client;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, Producer as _};
use rdkafka::types::RDKafkaRespErr;

use super::client_errors::ErrorContext;
use super::connection::Connection;
use super::describe::Resource;
use super::settings::{Embedded, create};
use crate::error::{ConnectError, TopicError};

/// How long one look-up may take. A look-up waits for a broker, so this is also how often a
/// waiting thread looks whether it is to stop.
const LOOK_UP: Duration = Duration::from_secs(2);

/// How long a broker may take over an admin request.
const ADMIN: Duration = Duration::from_secs(5);

/// How long a topic that was made may take until each partition has a leader.
const LEADERS: Duration = Duration::from_secs(10);

/// The setting of a topic that says how its records lie on the broker.
const COMPRESSION: &str = "compression.type";

/// The setting of a topic that says whose clock stamps its records.
const TIMESTAMPS: &str = "message.timestamp.type";

/// What a topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicRole {
    /// Requests of a contract.
    Request,
    /// Replies of a contract.
    Reply,
    /// Requests that nobody can read or run.
    Dead,
}

impl TopicRole {
    /// The settings of a topic that the bus makes, by Kafka's names.
    ///
    /// ```
    /// let settings = bus::kafka::TopicRole::Request.settings();
    /// assert!(settings.contains(&("cleanup.policy", "delete")));
    /// ```
    pub fn settings(self) -> [(&'static str, &'static str); 5] {
        [
            ("cleanup.policy", "delete"),
            ("retention.ms", self.retention_ms()),
            ("retention.bytes", self.retention_bytes()),
            // The age of a request is measured by one clock, the broker's.
            (TIMESTAMPS, "LogAppendTime"),
            // What a client compressed is inflated by the broker, which refuses what is then too large.
            (COMPRESSION, "uncompressed"),
        ]
    }

    /// How long records are kept in a topic that we make. An hour is beyond every deadline; dead
    /// letters are for people, who need a week.
    fn retention_ms(self) -> &'static str {
        match self {
            Self::Request | Self::Reply => "3600000",
            Self::Dead => "604800000",
        }
    }

    /// How many bytes of records are kept in each partition, -1 for all. Requests and replies are
    /// bounded by those who wait for them; what nobody can read, by nobody else.
    fn retention_bytes(self) -> &'static str {
        match self {
            Self::Request | Self::Reply => "-1",
            Self::Dead => "1073741824",
        }
    }
}

/// What is known of a topic's partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Partitions {
    /// How many there are.
    pub(crate) count: u32,
    /// Those that have a leader, so that they take records now.
    pub(crate) led: Vec<i32>,
}

/// Why a topic could not be looked up.
#[derive(Clone, Debug)]
pub(crate) enum LookUpError {
    /// The broker answers, and has something against this topic.
    Topic,
    /// No broker answers, for this reason.
    Broker(String),
}

/// What a contract needs of a topic.
#[derive(Clone, Debug)]
pub(crate) struct TopicNeed {
    pub(crate) topic: String,
    pub(crate) role: TopicRole,
    /// Fewer are refused.
    pub(crate) at_least: Option<u32>,
    /// How many are made when the topic is missing.
    pub(crate) make: u32,
    pub(crate) replication: Option<u16>,
}

/// Waits for an admin request, on a thread that may block.
fn wait<T>(request: impl Future<Output = T>) -> T {
    tokio::runtime::Handle::current().block_on(request)
}

/// Looks a topic up; `None` where there is none.
fn partitions(client: &Client<ErrorContext>, topic: &str) -> Result<Option<Partitions>, KafkaError> {
    let metadata = client.fetch_metadata(Some(topic), LOOK_UP)?;
    let Some(found) = metadata.topics().iter().find(|found| found.name() == topic) else { return Ok(None) };
    match found.error() {
        None => {}
        Some(
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
            | RDKafkaRespErr::RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC
            | RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID,
        ) => return Ok(None),
        Some(error) => return Err(KafkaError::MetadataFetch(error.into())),
    }
    let led = found
        .partitions()
        .iter()
        .filter(|partition| partition.leader() >= 0)
        .map(rdkafka::metadata::MetadataPartition::id)
        .collect();
    Ok(Some(Partitions { count: u32::try_from(found.partitions().len()).unwrap_or(u32::MAX), led }))
}

impl Connection {
    /// The partitions of a topic, or `None` where there is no such topic. Makes nothing. Blocks.
    pub(crate) fn partitions(&self, topic: &str) -> Result<Option<Partitions>, KafkaError> {
        partitions(self.lookup.get().client(), topic)
    }

    /// As [`partitions`](Self::partitions), telling a broker that answers from one that does not.
    pub(crate) fn look_up(&self, topic: &str) -> Result<Option<Partitions>, LookUpError> {
        self.partitions(topic).map_err(|error| match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::InvalidTopic) => LookUpError::Topic,
            _ => LookUpError::Broker(error.to_string()),
        })
    }

    /// Makes the topic if it is missing, checks it if it is there, and says how many partitions it
    /// has. Returns when every partition has a leader. Blocks, on a thread that belongs to a tokio
    /// runtime.
    pub(crate) fn ensure(&self, need: &TopicNeed) -> Result<Partitions, ConnectError> {
        valid_name(&need.topic)?;
        let started = Instant::now();
        let mut made = false;
        loop {
            match self.look(need)? {
                None if made && started.elapsed() < LEADERS => {}
                None => {
                    self.make(need)?;
                    made = true;
                    continue;
                }
                Some(found) => {
                    if !made {
                        self.check(need, &found)?;
                    }
                    if found.led.len() == found.count as usize || started.elapsed() > LEADERS {
                        return Ok(found);
                    }
                }
            }
            // Nothing tells when a leader is chosen; a few milliseconds are what it takes.
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn look(&self, need: &TopicNeed) -> Result<Option<Partitions>, ConnectError> {
        let topic = need.topic.clone();
        self.partitions(&topic).map_err(|error| match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::TopicAuthorizationFailed) => self.not_allowed(need, "Describe"),
            Some(RDKafkaErrorCode::InvalidTopic) => TopicError::Name { topic, reason: NAME_RULE.to_owned() }.into(),
            _ => {
                let reason = self.reason(&error);
                ConnectError::from(TopicError::LookUp { topic, reason })
            }
        })
    }

    fn make(&self, need: &TopicNeed) -> Result<(), ConnectError> {
        match &self.settings.embedded {
            Some(Embedded::Here(broker)) => return broker.create_topic(&need.topic, need.make),
            Some(Embedded::Elsewhere) => return self.make_by_asking(need),
            None => {}
        }
        let admin = self.admin()?;
        let replication = need.replication.map_or(-1, i32::from);
        let mut topic = NewTopic::new(
            &need.topic,
            i32::try_from(need.make).unwrap_or(i32::MAX),
            TopicReplication::Fixed(replication),
        );
        for (name, value) in need.role.settings() {
            topic = topic.set(name, value);
        }
        let options = AdminOptions::new().request_timeout(Some(ADMIN)).operation_timeout(Some(ADMIN));
        let missing = |reason: String| TopicError::Missing {
            topic: need.topic.clone(),
            reason,
            command: self.create_command(need),
        };
        let made = wait(admin.create_topics([&topic], &options));
        let results = made.map_err(|error| missing(self.reason(&error)))?;
        match results.into_iter().next() {
            // Another process was quicker: then it is there, and that is what was wanted.
            None | Some(Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => {
                tracing::info!(topic = need.topic, partitions = need.make, "topic made");
                Ok(())
            }
            Some(Err((_, RDKafkaErrorCode::InvalidTopic))) => {
                Err(TopicError::Name { topic: need.topic.clone(), reason: NAME_RULE.to_owned() }.into())
            }
            Some(Err((_, RDKafkaErrorCode::InvalidReplicationFactor))) => Err(TopicError::Replication {
                topic: need.topic.clone(),
                wanted: need.replication.unwrap_or_default(),
                reason: "Kafka refuses this replication factor".to_owned(),
            }
            .into()),
            Some(Err((
                _,
                RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed,
            ))) => Err(self.not_allowed(need, "Create")),
            Some(Err((_, code))) => Err(missing(code.to_string()).into()),
        }
    }

    /// Makes a topic on the embedded broker of another process, which has no admin API and makes
    /// what a producer asks for, with four partitions.
    fn make_by_asking(&self, need: &TopicNeed) -> Result<(), ConnectError> {
        let producer: BaseProducer<ErrorContext> =
            create(&self.settings.maker(), ErrorContext(Arc::clone(&self.client_errors)))?;
        producer.client().fetch_metadata(Some(&need.topic), ADMIN).map(drop).map_err(|error| {
            TopicError::Missing {
                topic: need.topic.clone(),
                reason: error.to_string(),
                command: format!(
                    "`EmbeddedBroker::create_topic({:?}, {})` where the broker runs",
                    need.topic, need.make
                ),
            }
            .into()
        })
    }

    fn check(&self, need: &TopicNeed, found: &Partitions) -> Result<(), ConnectError> {
        if let Some(wanted) = need.at_least.filter(|wanted| found.count < *wanted) {
            return Err(TopicError::TooFewPartitions {
                topic: need.topic.clone(),
                found: found.count,
                wanted,
                command: format!(
                    "kafka-topics.sh --bootstrap-server {} --alter --topic {} --partitions {wanted}",
                    self.settings.brokers, need.topic
                ),
            }
            .into());
        }
        if self.settings.embedded.is_some() {
            // No admin API, and nothing that compacts.
            return Ok(());
        }
        let admin = self.admin()?;
        let options = AdminOptions::new().request_timeout(Some(ADMIN));
        let described = wait(admin.describe_configs([&ResourceSpecifier::Topic(&need.topic)], &options));
        // Whoever may not read the settings may use the topic still, so no answer is no objection.
        let settings = described.ok().and_then(|results| results.into_iter().next()).and_then(Result::ok);
        let setting = |name| settings.as_ref()?.get(name)?.value.clone();
        if let Some(found) = setting(COMPRESSION).filter(|found| found != "uncompressed")
            && need.role != TopicRole::Dead
        {
            self.client_errors.warn(&format!("compression of {}", need.topic), &self.compressed(need, &found));
        }
        if setting(TIMESTAMPS).is_some_and(|found| found != "LogAppendTime") && need.role == TopicRole::Request {
            self.client_errors.warn(&format!("clock of {}", need.topic), &self.of_callers_clocks(need));
        }
        match setting("cleanup.policy") {
            Some(policy) if policy.contains("compact") => Err(TopicError::Compacted {
                topic: need.topic.clone(),
                found: policy,
                command: format!(
                    "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {} --add-config cleanup.policy=delete",
                    self.settings.brokers, need.topic
                ),
            }
            .into()),
            _ => Ok(()),
        }
    }

    fn of_callers_clocks(&self, need: &TopicNeed) -> String {
        let topic = &need.topic;
        format!(
            "topic `{topic}` has {TIMESTAMPS}=CreateTime: requests are stamped by the clocks of their callers, so the \
             age of one is believed only as far as it can be, and a caller whose clock is off may be answered late; \
             `kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {topic} --add-config \
             {TIMESTAMPS}=LogAppendTime` has the broker stamp them",
            self.settings.brokers
        )
    }

    fn compressed(&self, need: &TopicNeed, found: &str) -> String {
        let topic = &need.topic;
        format!(
            "topic `{topic}` has {COMPRESSION}={found}: a compressed record may become many times max.message.bytes in \
             the memory of whoever reads it, before the bus sees it; `kafka-configs.sh --bootstrap-server {} --alter \
             --entity-type topics --entity-name {topic} --add-config {COMPRESSION}=uncompressed` lets the broker refuse it",
            self.settings.brokers
        )
    }

    fn not_allowed(&self, need: &TopicNeed, operation: &str) -> ConnectError {
        self.missing(operation, Resource::Topic(&need.topic))
    }

    fn create_command(&self, need: &TopicNeed) -> String {
        let copies = need.replication.map(|copies| format!(" --replication-factor {copies}")).unwrap_or_default();
        let settings = need.role.settings().map(|(name, value)| format!(" --config {name}={value}")).concat();
        format!(
            "kafka-topics.sh --bootstrap-server {} --create --topic {} --partitions {}{copies}{settings}",
            self.settings.brokers, need.topic, need.make
        )
    }
}

/// Kafka's rule for names of topics.
const NAME_RULE: &str = "1 to 249 of ASCII letters, digits, `.`, `_` and `-`, not `.` or `..`, and no other topic whose \
                         name is the same but for `.` and `_`";

/// Refuses what Kafka would refuse, without asking it: librdkafka's own complaint names no rule.
fn valid_name(topic: &str) -> Result<(), TopicError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=249).contains(&topic.len()) && topic != "." && topic != ".." && topic.bytes().all(allowed) {
        Ok(())
    } else {
        Err(TopicError::Name { topic: topic.to_owned(), reason: NAME_RULE.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_kafka_refuses_are_refused() {
        for name in ["", ".", "..", "b c", "größe", "a/b", "a\0b", &"x".repeat(250)] {
            assert!(valid_name(name).is_err(), "{name:?}");
        }
        for name in ["portfolio.req", "a_b-c.D9", &"x".repeat(249)] {
            assert!(valid_name(name).is_ok(), "{name:?}");
        }
    }
}
