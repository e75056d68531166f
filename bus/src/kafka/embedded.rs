//! A broker inside this process: librdkafka's mock cluster, for development and tests.

use std::fmt;
use std::sync::{Arc, Mutex, Weak};

use rdkafka::ClientConfig;
use rdkafka::bindings;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, DefaultProducerContext, Producer as _};

use crate::error::ConnectError;
use crate::sync::lock;

/// What the name of the mock's cluster starts with, whoever runs it.
pub(super) const CLUSTER_PREFIX: &str = "mockCluster";

/// The one broker of the mock cluster.
const BROKER: i32 = 1;

/// The embedded brokers that live in this process, so that a bus that is given only their address
/// can make topics on them: the mock cluster has no admin API.
static HERE: Mutex<Vec<Weak<EmbeddedBroker>>> = Mutex::new(Vec::new());

/// A Kafka broker inside this process, in memory, gone with its last handle.
///
/// It speaks Kafka's protocol on a port of the loopback interface, so other processes can use it
/// too. It is right for function and wrong for figures: it has no admin API, no retention by time,
/// keeps about 5 MiB a partition, lets a further member of a group wait for about a second, and
/// takes no commits while a group changes, so that requests answered just then run once more.
///
/// ```
/// # fn main() -> Result<(), bus::ConnectError> {
/// let broker = bus::kafka::EmbeddedBroker::start()?;
/// println!("BUS_BROKERS={}", broker.brokers());
/// # Ok(()) }
/// ```
pub struct EmbeddedBroker {
    /// Owns the mock cluster, which lives as long as this client.
    owner: BaseProducer<DefaultProducerContext>,
    brokers: String,
}

impl EmbeddedBroker {
    /// Starts a broker.
    pub fn start() -> Result<Arc<Self>, ConnectError> {
        let failed = |reason: String| ConnectError::Kafka { doing: "start the embedded broker".to_owned(), reason };
        let owner: BaseProducer<DefaultProducerContext> = ClientConfig::new()
            .set("test.mock.num.brokers", "1")
            .set_log_level(rdkafka::config::RDKafkaLogLevel::Error)
            .create()
            .map_err(|error| failed(error.to_string()))?;
        let brokers = owner
            .client()
            .mock_cluster()
            .map(|cluster| cluster.bootstrap_servers())
            .ok_or_else(|| failed("librdkafka made no mock cluster".to_owned()))?;
        join_groups_at_once(&owner);
        let broker = Arc::new(Self { owner, brokers });
        let mut here = lock(&HERE);
        here.retain(|broker| broker.strong_count() > 0);
        here.push(Arc::downgrade(&broker));
        Ok(broker)
    }

    /// The broker at this address, if it lives in this process.
    pub(super) fn here(brokers: &str) -> Option<Arc<Self>> {
        lock(&HERE).iter().filter_map(Weak::upgrade).find(|broker| broker.brokers == brokers)
    }

    /// Where it listens, as `host:port`.
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// Makes a topic. One that is there already is left as it is.
    ///
    /// Serving and calling make the topics that their contracts name; this is for topics that are
    /// to differ from the contract, or that another process will use.
    pub fn create_topic(&self, topic: &str, partitions: u32) -> Result<(), ConnectError> {
        let failed = |reason: String| ConnectError::Kafka {
            doing: format!("make topic `{topic}` on the embedded broker"),
            reason,
        };
        let cluster = self.owner.client().mock_cluster().ok_or_else(|| failed("it is gone".to_owned()))?;
        let partitions = i32::try_from(partitions).map_err(|error| failed(error.to_string()))?;
        match cluster.create_topic(topic, partitions, 1) {
            Ok(()) | Err(KafkaError::MockCluster(RDKafkaErrorCode::TopicAlreadyExists)) => Ok(()),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// Takes the broker off the network, as a crash would, until [`up`](Self::up).
    pub fn down(&self) -> Result<(), ConnectError> {
        self.switch("take the embedded broker down", |cluster| cluster.broker_down(BROKER))
    }

    /// Puts the broker back on the network, with what it held.
    pub fn up(&self) -> Result<(), ConnectError> {
        self.switch("bring the embedded broker up", |cluster| cluster.broker_up(BROKER))
    }

    fn switch(
        &self,
        doing: &str,
        act: impl FnOnce(&rdkafka::mocking::MockCluster<'_, DefaultProducerContext>) -> Result<(), KafkaError>,
    ) -> Result<(), ConnectError> {
        let failed = |reason: String| ConnectError::Kafka { doing: doing.to_owned(), reason };
        let cluster = self.owner.client().mock_cluster().ok_or_else(|| failed("it is gone".to_owned()))?;
        act(&cluster).map_err(|error| failed(error.to_string()))
    }
}

impl fmt::Debug for EmbeddedBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedBroker").field("brokers", &self.brokers).finish_non_exhaustive()
    }
}

/// Lets the first member of a group have its partitions at once instead of after 3 s, as our
/// script for real Kafka does.
#[allow(unsafe_code)]
fn join_groups_at_once(owner: &BaseProducer<DefaultProducerContext>) {
    // SAFETY: the pointer of the client is valid while `owner` is borrowed; librdkafka answers with
    // the client's own mock cluster or null; the setter only writes a number under its own lock.
    unsafe {
        let cluster = bindings::rd_kafka_handle_mock_cluster(owner.client().native_ptr());
        if !cluster.is_null() {
            bindings::rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_found_by_its_address_while_it_lives() {
        let broker = EmbeddedBroker::start().unwrap();
        let brokers = broker.brokers().to_owned();
        assert!(EmbeddedBroker::here(&brokers).is_some());
        broker.create_topic("orders.req", 3).unwrap();
        broker.create_topic("orders.req", 3).unwrap();
        drop(broker);
        assert!(EmbeddedBroker::here(&brokers).is_none());
    }
}
