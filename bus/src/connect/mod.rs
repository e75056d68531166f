//! A connection to Kafka that clients and servers share.

mod builder;
mod env;
mod shared;

use std::fmt;
use std::sync::Arc;

pub use self::builder::BusBuilder;
pub(crate) use self::shared::Shared;
use crate::client::{Client, ClientBuilder};
use crate::counters::Counters;
use crate::error::ConnectError;
use crate::kafka::EmbeddedBroker;
use crate::server::{Dispatch, Serve};

/// A connection to Kafka, for any number of clients and servers. Cheap to clone.
///
/// It has one producer, one reader of replies and, per request topic that is served, one consumer.
/// [`close`](Self::close) ends it; so does dropping the last of its clones and clients.
///
/// ```
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # struct Fixed;
/// # impl Clock for Fixed { async fn now(&self) -> Result<u64, String> { Ok(7) } }
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = bus::Bus::embedded().await?;
/// let serving = bus.serve(ClockServer::new(Fixed)).start().await?;
/// let clock: ClockClient = bus.client().await?;
/// assert_eq!(clock.now().await?, 7);
/// serving.stop().await?;
/// bus.close().await;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Bus {
    handle: Arc<Handle>,
}

/// What bus clones and clients hold; the last one that goes closes the bus.
pub(crate) struct Handle {
    shared: Arc<Shared>,
}

impl Bus {
    /// Starts to describe a bus for a service of this name. The name stands in the `bus-caller`
    /// header of its requests and in Kafka's `client.id`.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), bus::ConnectError> {
    /// let bus = bus::Bus::builder("facade").brokers("localhost:9092").connect().await?;
    /// # Ok(()) }
    /// ```
    pub fn builder(service: impl Into<String>) -> BusBuilder {
        BusBuilder::new(service.into())
    }

    /// Connects as the environment says: `BUS_BROKERS` (needed), `BUS_SERVICE`,
    /// `BUS_REPLY_PARTITION`, `BUS_INSTANCE_ID`, `BUS_TIMEOUT` (`2s`, `300ms`), and any librdkafka
    /// setting as `BUS_KAFKA_<NAME>`: `BUS_KAFKA_SASL_USERNAME` is `sasl.username`.
    ///
    /// # Errors
    /// [`ConfigError::NoBrokers`](crate::ConfigError::NoBrokers) without `BUS_BROKERS`, never the embedded broker;
    /// [`ConfigError::UnknownVariable`](crate::ConfigError::UnknownVariable) for a `BUS_` name that is none of these.
    pub async fn from_env() -> Result<Self, ConnectError> {
        BusBuilder::from_env()?.connect().await
    }

    /// A bus on a broker inside this process, for development and tests. Another bus of this
    /// process joins with `Bus::builder("..").brokers(bus.brokers())`.
    pub async fn embedded() -> Result<Self, ConnectError> {
        let broker = EmbeddedBroker::start()?;
        // The connection finds the broker by its address and keeps it.
        Self::builder("embedded").brokers(broker.brokers()).connect().await
    }

    /// Where the brokers are, as they were named.
    pub fn brokers(&self) -> &str {
        self.handle.shared.connection.brokers()
    }

    /// The broker, if it is embedded in this process.
    pub fn embedded_broker(&self) -> Option<Arc<EmbeddedBroker>> {
        self.handle.shared.connection.embedded_here().cloned()
    }

    /// A client, once it is awaited; until then its settings can be changed.
    ///
    /// It is ready when the await returns: its topics are there, and its reply partition is read.
    pub fn client<C: Client>(&self) -> ClientBuilder<C> {
        ClientBuilder::new(Arc::clone(&self.handle))
    }

    /// Serves a contract, once it is run; until then its settings can be changed and further
    /// contracts added.
    pub fn serve<D: Dispatch>(&self, server: D) -> Serve {
        Serve::new(self.clone(), server)
    }

    /// What has been counted so far.
    pub fn counters(&self) -> Counters {
        self.handle.shared.counts.read()
    }

    /// Ends every waiting call with [`Failure::Closed`](crate::Failure::Closed), lets servers
    /// finish within their drain time, and disconnects.
    pub async fn close(&self) {
        let shared = Arc::clone(&self.handle.shared);
        shared.end_calls();
        let mut servers = shared.servers.subscribe();
        // An error means that the sender is gone, and `shared` holds it.
        let _ = servers.wait_for(|running| *running == 0).await;
        let _ = tokio::task::spawn_blocking(move || shared.disconnect()).await;
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").field("brokers", &self.brokers()).finish_non_exhaustive()
    }
}

impl Handle {
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.end_calls();
        let shared = Arc::clone(&self.shared);
        // Disconnecting waits for threads, and whoever drops the last clone may be one that
        // must not wait.
        let disconnecting = std::thread::Builder::new().name("bus-close".to_owned()).spawn(move || shared.disconnect());
        if let Err(error) = disconnecting {
            tracing::warn!(%error, "no thread could be started to disconnect; the connections end with the process");
        }
    }
}

/// Runs what blocks on the pool for it. A task that panics there is a bug of ours, told as such.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ConnectError> + Send + 'static,
) -> Result<T, ConnectError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(ConnectError::Kafka { doing: "connect".to_owned(), reason: error.to_string() }))
}
