//! One bus's way to its brokers: the settings, and a client that looks things up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;

use super::complaints::{Complaints, Context};
use super::embedded::CLUSTER_PREFIX;
use super::settings::{Embedded, Settings, create};
use super::{EmbeddedBroker, producer};
use crate::error::ConnectError;

/// How long one look-up may take. A look-up waits for a broker, so this is also how often a
/// waiting thread looks whether it is to stop.
const LOOK_UP: Duration = Duration::from_secs(2);

/// The way to the brokers, shared by all that a bus runs.
pub(crate) struct Connection {
    pub(super) settings: Settings,
    pub(super) complaints: Arc<Complaints>,
    /// A consumer, because a producer that asks for a topic makes it.
    pub(super) lookup: BaseConsumer<Context>,
}

/// What is known of a topic's partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Partitions {
    /// How many there are.
    pub(crate) count: u32,
    /// Those that have a leader, so that they take records now.
    pub(crate) led: Vec<i32>,
}

impl Connection {
    /// Checks the settings and waits until a broker answers. Blocks.
    pub(crate) fn open(mut settings: Settings, timeout: Duration) -> Result<Self, ConnectError> {
        settings.check()?;
        let started = Instant::now();
        let complaints = Arc::new(Complaints::default());
        if let Some(broker) = EmbeddedBroker::here(&settings.brokers) {
            settings.embedded = Some(Embedded::Here(broker));
        }
        // A setting that only a producer knows is checked now, too, not at the first call.
        producer::check(&settings, &complaints)?;
        let lookup: BaseConsumer<Context> = create(&settings.lookup(), Context(Arc::clone(&complaints)))?;
        let cluster = loop {
            let left = timeout.saturating_sub(started.elapsed());
            // In steps, because librdkafka reports what is wrong only to who polls it.
            if let Some(cluster) = lookup.client().fetch_cluster_id(left.min(Duration::from_millis(200))) {
                break cluster;
            }
            drop(lookup.poll(Duration::ZERO));
            if left.is_zero() {
                return Err(ConnectError::Unreachable {
                    brokers: settings.brokers,
                    waited: timeout,
                    cause: complaints.cause(),
                });
            }
        };
        if settings.embedded.is_none() && cluster.starts_with(CLUSTER_PREFIX) {
            settings.embedded = Some(Embedded::Elsewhere);
        }
        complaints.clear();
        Ok(Self { settings, complaints, lookup })
    }

    pub(crate) fn brokers(&self) -> &str {
        &self.settings.brokers
    }

    pub(crate) fn complaints(&self) -> &Arc<Complaints> {
        &self.complaints
    }

    /// The broker, where it lives in this process.
    pub(crate) fn embedded_here(&self) -> Option<&Arc<EmbeddedBroker>> {
        match &self.settings.embedded {
            Some(Embedded::Here(broker)) => Some(broker),
            _ => None,
        }
    }

    /// The partitions of a topic, or `None` where there is no such topic. Makes nothing. Blocks.
    pub(crate) fn partitions(&self, topic: &str) -> Result<Option<Partitions>, KafkaError> {
        super::topics::partitions(self.lookup.client(), topic, LOOK_UP)
    }

    /// Lets librdkafka tell the look-up client's complaints. Does not block.
    pub(crate) fn hear_complaints(&self) {
        drop(self.lookup.poll(Duration::ZERO));
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("brokers", &self.settings.brokers).finish_non_exhaustive()
    }
}
