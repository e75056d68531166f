//! A client before it is connected.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tower_layer::Layer;
use tower_service::Service;

use super::Client;
use super::channel::Channel;
use crate::codec::Codec;
use crate::error::{ConfigError, ConnectError};
use crate::kafka::{Resource, Right};
use crate::message::{Failure, Reply, Request};
use crate::transport::channel::KafkaChannel;
use crate::transport::{Handle, TopicNames, blocking, needs};

/// How many calls of one client may be in flight.
const MAX_IN_FLIGHT: usize = 4096;

type Wrap = Box<dyn FnOnce(Channel) -> Channel + Send>;

/// A client to be; await it.
///
/// ```no_run
/// # use std::time::Duration;
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # async fn example(bus: bus::Bus) -> Result<(), bus::ConnectError> {
/// let clock: ClockClient = bus.client().timeout(Duration::from_millis(300)).max_in_flight(64).await?;
/// # Ok(()) }
/// ```
#[must_use = "a client builder does nothing unless it is awaited"]
pub struct ClientBuilder<C> {
    handle: Arc<Handle>,
    timeout: Option<Duration>,
    reply_partition: Option<u32>,
    max_in_flight: usize,
    codec: Option<Codec>,
    max_decoded_bytes: Option<usize>,
    layers: Vec<Wrap>,
    topics: Option<TopicNames>,
    client: PhantomData<fn() -> C>,
}

impl<C: Client> ClientBuilder<C> {
    pub(crate) fn new(handle: Arc<Handle>) -> Self {
        Self {
            handle,
            timeout: None,
            reply_partition: None,
            max_in_flight: MAX_IN_FLIGHT,
            codec: None,
            max_decoded_bytes: None,
            layers: Vec::new(),
            topics: None,
            client: PhantomData,
        }
    }

    /// How long calls wait whose method and call say nothing.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The partition of the reply topic that replies come back on, instead of the bus's.
    pub fn reply_partition(mut self, partition: u32) -> Self {
        self.reply_partition = Some(partition);
        self
    }

    /// How many calls may be in flight; further ones wait for a place, within their deadline. The
    /// default is 4,096.
    pub fn max_in_flight(mut self, calls: usize) -> Self {
        self.max_in_flight = calls;
        self
    }

    /// The topics of requests and of replies, instead of those that the contract names. The bus's
    /// prefix does not stand before them; the server has to be given the same, with
    /// [`Serve::topics`](crate::Serve::topics).
    pub fn topics(mut self, request: impl Into<String>, reply: impl Into<String>) -> Self {
        self.topics = Some(TopicNames::given(request, reply));
        self
    }

    /// How requests are encoded, instead of as the contract says.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = Some(codec);
        self
    }

    /// What one answer may take in memory when it is decoded, in bytes; a larger one is
    /// [`Failure::Undecodable`]. The default is the bus's, 16 MiB.
    pub fn max_decoded_bytes(mut self, bytes: usize) -> Self {
        self.max_decoded_bytes = Some(bytes);
        self
    }

    /// Wraps the channel in a tower layer. The last one added is the first that sees a request.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Channel> + Send + 'static,
        L::Service: Service<Request, Response = Reply> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<Failure>,
        <L::Service as Service<Request>>::Future: Send,
    {
        self.layers.push(Box::new(move |channel| Channel::from_service(layer.layer(channel))));
        self
    }

    async fn connect(self) -> Result<C, ConnectError> {
        if self.max_in_flight == 0 {
            return Err(ConfigError::Value {
                what: "max_in_flight".to_owned(),
                value: "0".to_owned(),
                reason: "no call could ever be sent".to_owned(),
            }
            .into());
        }
        let contract = C::contract();
        contract.fits(self.codec.unwrap_or(contract.codec()))?;
        let (handle, asked, places) = (Arc::clone(&self.handle), self.reply_partition, self.max_in_flight);
        let contract = C::contract();
        let names = TopicNames::of(contract, &self.handle.shared().options.topic_prefix, self.topics)?;
        let channel = blocking("prepare a client", move || {
            let shared = handle.shared();
            let topic = shared.topic(&needs::request(contract, &names))?;
            let replies = shared.topic(&needs::reply(contract, &names))?;
            shared.connection.check_rights(&[
                Right::Write(Resource::Topic(topic.name())),
                Right::Read(Resource::Topic(replies.name())),
            ])?;
            let partition = shared.read_replies(&replies, asked)?;
            Ok(KafkaChannel::new(Arc::clone(&handle), topic, partition, places))
        })
        .await?;
        let shared = self.handle.shared();
        let mut channel = Channel::kafka(channel);
        for layer in self.layers {
            channel = layer(channel);
        }
        let timeout = shared.options.timeout_for(self.timeout);
        let decoded = shared.options.max_decoded_bytes_for(self.max_decoded_bytes);
        let channel = channel.with_defaults(self.codec, timeout, Arc::clone(&shared.caller));
        Ok(channel.with_max_decoded_bytes(decoded).into())
    }
}

impl<C: Client> IntoFuture for ClientBuilder<C> {
    type Output = Result<C, ConnectError>;
    type IntoFuture = Connecting<C>;

    fn into_future(self) -> Connecting<C> {
        Connecting { future: Box::pin(self.connect()) }
    }
}

/// The future of a [`ClientBuilder`].
///
/// ```no_run
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # async fn example(bus: bus::Bus) -> Result<(), bus::ConnectError> {
/// use std::future::IntoFuture;
///
/// let connecting = bus.client::<ClockClient>().into_future();
/// let clock = connecting.await?;
/// # let _ = clock; Ok(()) }
/// ```
///
/// # Errors
/// [`ConnectError::Topic`] where a topic is not as the contract needs it.
#[must_use = "futures do nothing unless they are awaited"]
pub struct Connecting<C> {
    future: Pin<Box<dyn Future<Output = Result<C, ConnectError>> + Send>>,
}

impl<C> Future for Connecting<C> {
    type Output = Result<C, ConnectError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        self.future.as_mut().poll(cx)
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("timeout", &self.timeout)
            .field("reply_partition", &self.reply_partition)
            .field("max_in_flight", &self.max_in_flight)
            .field("codec", &self.codec)
            .finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for Connecting<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connecting").finish_non_exhaustive()
    }
}
