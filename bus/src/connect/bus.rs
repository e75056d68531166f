//! A connection to Kafka that clients and servers share.

use std::fmt;
use std::sync::Arc;

use crate::client::{Client, ClientBuilder};
use crate::counters::Counters;
use crate::health::Health;
use crate::kafka::EmbeddedBroker;
use crate::server::{Dispatch, Serve};
use crate::transport::Handle;

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

impl Bus {
    pub(super) fn new(handle: Arc<Handle>) -> Self {
        Self { handle }
    }

    /// Where the brokers are, as they were named.
    pub fn brokers(&self) -> &str {
        self.handle.shared().connection.brokers()
    }

    /// The broker, if it is embedded in this process.
    pub fn embedded_broker(&self) -> Option<Arc<EmbeddedBroker>> {
        self.handle.shared().connection.embedded_here().cloned()
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
        Serve::new(Arc::clone(&self.handle), server)
    }

    /// What has been counted so far.
    pub fn counters(&self) -> Counters {
        self.handle.shared().counts.read()
    }

    /// How all stands that runs on this bus: brokers, the replies of its clients, its servers. Cheap,
    /// and asks nobody: it tells what was found out beside the calls.
    ///
    /// ```no_run
    /// # async fn example(bus: bus::Bus) {
    /// let health = bus.health();
    /// println!("live: {}, ready: {}", health.is_live(), health.is_ready());
    /// println!("{health}"); // ready; brokers answer for 30 s; replies on clock.resp/3 are read for 30 s
    /// # }
    /// ```
    pub fn health(&self) -> Health {
        self.handle.shared().health()
    }

    /// Ends every waiting call with [`Failure::Closed`](crate::Failure::Closed), lets servers
    /// finish within their drain time, and disconnects.
    pub async fn close(&self) {
        let shared = Arc::clone(self.handle.shared());
        shared.end_calls();
        let mut servers = shared.servers.subscribe();
        // An error means that the sender is gone, and `shared` holds it.
        let _ = servers.wait_for(|running| *running == 0).await;
        let _ = tokio::task::spawn_blocking(move || shared.disconnect()).await;
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").field("brokers", &self.brokers()).finish_non_exhaustive()
    }
}
