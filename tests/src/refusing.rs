//! A broker that refuses what it is told to refuse.

use rdkafka::bindings;
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, Producer as _};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use crate::Broker;
use crate::switched::Switched;

/// librdkafka's own mock, or, with `BUS_BROKERS` set, a Kafka with rights.
#[allow(missing_debug_implementations)]
pub enum Refusing {
    /// With the client that owns it.
    Mock(BaseProducer),
    Kafka(Switched),
}

impl Refusing {
    /// Starts it, the mock with these topics. Blocks.
    pub fn start(topics: &[&str]) -> Self {
        if Broker::shared().is_real() {
            return Self::Kafka(Switched::start());
        }
        let owner: BaseProducer = ClientConfig::new().set("test.mock.num.brokers", "1").create().unwrap();
        let mock = owner.client().mock_cluster().unwrap();
        #[allow(unsafe_code)]
        // SAFETY: the client is alive, and it has a mock cluster. Its first member would wait 3 s
        // for others otherwise, and its session would end meanwhile.
        unsafe {
            let cluster = bindings::rd_kafka_handle_mock_cluster(owner.client().native_ptr());
            bindings::rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0);
        }
        for topic in topics {
            mock.create_topic(topic, 2, 1).unwrap();
        }
        drop(mock);
        Self::Mock(owner)
    }

    pub fn broker(&self) -> Broker {
        match self {
            Self::Mock(owner) => Broker::Kafka(owner.client().mock_cluster().unwrap().bootstrap_servers()),
            Self::Kafka(switched) => switched.broker.clone(),
        }
    }

    /// Lets the mock refuse requests of these kinds from now on, or take them again.
    pub fn refuse(owner: &BaseProducer, keys: &[RDKafkaApiKey], error: Option<RDKafkaRespErr>) {
        let mock = owner.client().mock_cluster().unwrap();
        for key in keys {
            match error {
                Some(error) => mock.request_errors(*key, &[error; 2_000]),
                None => mock.clear_request_errors(*key),
            }
        }
    }

    /// Takes the right to read as a group, or gives it back.
    pub fn reading_as(&self, group: &str, deny: bool) {
        let keys = [RDKafkaApiKey::Heartbeat, RDKafkaApiKey::JoinGroup, RDKafkaApiKey::OffsetCommit];
        let error = RDKafkaRespErr::RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
        match self {
            Self::Mock(owner) => Self::refuse(owner, &keys, deny.then_some(error)),
            Self::Kafka(switched) => switched.deny("Read", &["--group", group], deny),
        }
    }

    /// Takes the right to read a topic, or gives it back. The mock takes it for all topics.
    pub fn reading(&self, topic: &str, deny: bool) {
        let error = RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
        match self {
            Self::Mock(owner) => Self::refuse(owner, &[RDKafkaApiKey::Fetch], deny.then_some(error)),
            Self::Kafka(switched) => switched.deny("Read", &["--topic", topic], deny),
        }
    }

    /// Takes the right to write to a topic, or gives it back. The mock takes it for all topics.
    pub fn writing(&self, topic: &str, deny: bool) {
        let error = RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
        match self {
            Self::Mock(owner) => Self::refuse(owner, &[RDKafkaApiKey::Produce], deny.then_some(error)),
            Self::Kafka(switched) => switched.deny("Write", &["--topic", topic], deny),
        }
    }
}
