//! What a client talks through: Kafka, a handler in this process, or a function.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use tower_service::Service;

use crate::codec::{Codec, DECODED};
use crate::message::{Failure, Reply, Request};
use crate::timeouts;
use crate::transport::channel::{KafkaChannel, PendingReply};

/// A future of a reply, boxed.
pub(crate) type BoxReply = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send>>;

/// How long after the deadline a layer may still say why there is no answer: what is behind it knows
/// more than that the deadline has passed.
const LAST_WORD: Duration = Duration::from_millis(25);

/// The far end of a client.
///
/// A client is made `From` a channel. [`Bus::client`](crate::Bus::client) gives it one that leads
/// to Kafka, [`loopback`](crate::loopback) one that leads to a handler in this process, and
/// [`Channel::from_fn`] one that leads to a test's own function.
///
/// ```
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # struct Fixed;
/// # impl Clock for Fixed { async fn now(&self) -> Result<u64, String> { Ok(7) } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let channel = bus::loopback(ClockServer::new(Fixed));
/// let clock = ClockClient::from(channel);
/// assert_eq!(clock.now().await, Ok(7));
/// # }
/// ```
#[derive(Clone)]
pub struct Channel {
    target: Target,
    codec: Option<Codec>,
    timeout: Option<Duration>,
    caller: Option<Arc<str>>,
    max_decoded_bytes: usize,
}

#[derive(Clone)]
enum Target {
    Kafka(Arc<KafkaChannel>),
    /// A function, and how long after the deadline it may still speak.
    Function(Arc<dyn Fn(Request) -> BoxReply + Send + Sync>, Duration),
}

impl Channel {
    /// A channel whose replies a function makes, so that a test can be busy, late or silent.
    ///
    /// ```
    /// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
    /// # trait Clock { async fn now(&self) -> Result<u64, String>; }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let clock = ClockClient::from(bus::Channel::from_fn(|_request| async { Ok(bus::Reply::busy(None)) }));
    /// let failed = clock.now().await.unwrap_err();
    /// assert!(matches!(failed, bus::CallError::Bus(bus::Failure::Busy { .. })));
    /// # }
    /// ```
    pub fn from_fn<F, R>(function: F) -> Self
    where
        F: Fn(Request) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Reply, Failure>> + Send + 'static,
    {
        Self::to(Target::Function(Arc::new(move |request| Box::pin(function(request))), Duration::ZERO))
    }

    /// The channel of a client on a bus.
    pub(crate) fn kafka(channel: KafkaChannel) -> Self {
        Self::to(Target::Kafka(Arc::new(channel)))
    }

    /// A channel through a tower service, cloned for every call.
    pub(crate) fn from_service<S>(service: S) -> Self
    where
        S: Service<Request, Response = Reply> + Clone + Send + Sync + 'static,
        S::Error: Into<Failure>,
        S::Future: Send,
    {
        let call = move |request| -> BoxReply { Box::pin(call_service(service.clone(), request)) };
        Self::to(Target::Function(Arc::new(call), LAST_WORD))
    }

    /// What calls do that say nothing themselves.
    pub(crate) fn with_defaults(mut self, codec: Option<Codec>, timeout: Option<Duration>, caller: Arc<str>) -> Self {
        self.codec = codec;
        self.timeout = timeout;
        self.caller = Some(caller);
        self
    }

    /// What an answer may take in memory when it is decoded, in bytes.
    pub(crate) fn with_max_decoded_bytes(mut self, bytes: usize) -> Self {
        self.max_decoded_bytes = bytes;
        self
    }

    fn to(target: Target) -> Self {
        Self { target, codec: None, timeout: None, caller: None, max_decoded_bytes: DECODED }
    }

    /// A request, which is on its way once the future is polled.
    pub(crate) fn start(&self, request: Request) -> ChannelFuture {
        match &self.target {
            Target::Kafka(channel) => ChannelFuture(Started::Kafka(channel.start(request))),
            Target::Function(function, last_word) => {
                let (function, last_word) = (Arc::clone(function), *last_word);
                ChannelFuture(Started::Boxed(Box::pin(async move {
                    let deadline = request.deadline + last_word;
                    let waited = timeouts::round_up_to_millis(request.time_left());
                    tokio::time::timeout_at(deadline.into(), function(request))
                        .await
                        .unwrap_or(Err(Failure::TimedOut { waited, hint: None }))
                })))
            }
        }
    }

    /// The same channel, for whoever must not keep it open.
    pub(super) fn downgrade(&self) -> WeakChannel {
        WeakChannel(match &self.target {
            Target::Kafka(channel) => WeakTarget::Kafka(Arc::downgrade(channel)),
            Target::Function(function, last_word) => WeakTarget::Function(Arc::downgrade(function), *last_word),
        })
    }

    pub(crate) fn codec(&self) -> Option<Codec> {
        self.codec
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn max_decoded_bytes(&self) -> usize {
        self.max_decoded_bytes
    }

    pub(crate) fn caller(&self) -> Option<&Arc<str>> {
        self.caller.as_ref()
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = match &self.target {
            Target::Kafka(_) => "kafka",
            Target::Function(..) => "function",
        };
        f.debug_struct("Channel").field("to", &target).finish_non_exhaustive()
    }
}

/// One call of a tower service: ready first, then called.
pub(crate) async fn call_service<S>(mut service: S, request: Request) -> Result<Reply, Failure>
where
    S: Service<Request, Response = Reply>,
    S::Error: Into<Failure>,
{
    std::future::poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
    service.call(request).await.map_err(Into::into)
}

/// A request on its way: the future of its reply.
///
/// ```no_run
/// use tower_service::Service;
///
/// /// A layer of your own calls the channel that it wraps.
/// async fn pass_on(mut inner: bus::Channel, request: bus::Request) -> Result<bus::Reply, bus::Failure> {
///     let reply: bus::ChannelFuture = inner.call(request);
///     reply.await
/// }
/// ```
///
/// # Errors
/// A [`Failure`] where no reply comes; a reply that is a fault is a reply still.
#[must_use = "futures do nothing unless they are awaited"]
pub struct ChannelFuture(Started);

enum Started {
    Kafka(PendingReply),
    Boxed(BoxReply),
}

impl Future for ChannelFuture {
    type Output = Result<Reply, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Started::Kafka(reply) => Pin::new(reply).poll(cx),
            Started::Boxed(future) => future.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for ChannelFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelFuture").finish_non_exhaustive()
    }
}

impl Service<Request> for Channel {
    type Response = Reply;
    type Error = Failure;
    type Future = ChannelFuture;

    /// Always ready: a call that finds no place waits inside its own future, within its deadline.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> ChannelFuture {
        self.start(request)
    }
}

/// A channel that is gone with its last client.
pub(super) struct WeakChannel(WeakTarget);

enum WeakTarget {
    Kafka(Weak<KafkaChannel>),
    Function(Weak<dyn Fn(Request) -> BoxReply + Send + Sync>, Duration),
}

impl WeakChannel {
    /// Starts a request on its way, if there still is one.
    pub(super) fn start(&self, request: Request) -> Option<ChannelFuture> {
        let target = match &self.0 {
            WeakTarget::Kafka(channel) => Target::Kafka(channel.upgrade()?),
            WeakTarget::Function(function, last_word) => Target::Function(function.upgrade()?, *last_word),
        };
        Some(Channel::to(target).start(request))
    }
}
