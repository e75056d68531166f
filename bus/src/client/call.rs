//! A call: encoded when it is made, sent when it is awaited.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::again::Again;
use super::channel::{Channel, ChannelFuture};
use crate::codec::{Codec, DecodeError, Decoder, EncodeError, Encoder};
use crate::contract::{Contract, DEFAULT_TIMEOUT, Method};
use crate::message::{CallError, Failure, Headers, Reply, Request, Status};
use crate::timeouts;

/// Takes a value out of an answer. A function pointer, so that [`Call`] is bound to nothing and a
/// type that cannot cross the bus is reported where it is written, not at every `.await`.
type Decode<T> = fn(&mut Decoder<'_>) -> Result<T, DecodeError>;

/// A call of a client method, to be awaited.
///
/// The arguments are encoded already, so a call borrows nothing; nothing is sent before it is
/// awaited, and the deadline starts then. Dropping a call that is under way gives up on its answer.
///
/// ```
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # struct Fixed;
/// # impl Clock for Fixed { async fn now(&self) -> Result<u64, String> { Ok(7) } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), bus::CallError<String>> {
/// # let clock = ClockClient::from(bus::loopback(ClockServer::new(Fixed)));
/// let now = clock.now().timeout(std::time::Duration::from_millis(300)).header("tenant", "acme").await?;
/// # assert_eq!(now, 7); Ok(()) }
/// ```
#[must_use = "a call does nothing unless it is awaited"]
pub struct Call<T, E> {
    channel: Channel,
    contract: &'static Contract,
    method: &'static Method,
    codec: Codec,
    body: Result<(Bytes, Option<String>), Failure>,
    headers: Headers,
    timeout: Option<Duration>,
    ok: Decode<T>,
    error: Decode<E>,
}

impl<T, E> Call<T, E> {
    /// Called by the expansion of `#[bus::request]`.
    #[doc(hidden)]
    pub fn new(
        channel: &Channel,
        contract: &'static Contract,
        method: &'static Method,
        encode: impl FnOnce(&mut Encoder) -> Result<(), EncodeError>,
        ok: Decode<T>,
        error: Decode<E>,
    ) -> Self {
        let codec = channel.codec().unwrap_or(contract.codec());
        let mut encoder = Encoder::new(codec, method.arguments().len());
        let body = match encode(&mut encoder) {
            Ok(()) => {
                let (body, key) = encoder.finish();
                Ok((body.into(), key))
            }
            Err(cause) => Err(Failure::Unencodable { detail: format!("the arguments of `{}` {cause}", method.name()) }),
        };
        Self {
            channel: channel.clone(),
            contract,
            method,
            codec,
            body,
            headers: Headers::new(),
            timeout: None,
            ok,
            error,
        }
    }

    /// Waits no longer than this from the `.await` on, instead of the method's, the client's or
    /// the default timeout.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Adds a header that the handler reads from its [`Context`](crate::Context).
    ///
    /// A header that cannot travel ([`HeaderError`](crate::HeaderError)) surfaces at the `.await`,
    /// as [`Failure::Unencodable`].
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Bytes>) -> Self {
        if let Err(refused) = self.headers.append(name, value) {
            self.body = Err(Failure::Unencodable { detail: refused.to_string() });
        }
        self
    }
}

impl<T, E> fmt::Debug for Call<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("contract", &self.contract.name())
            .field("method", &self.method.name())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl<T, E> IntoFuture for Call<T, E> {
    type Output = Result<T, CallError<E>>;
    type IntoFuture = CallFuture<T, E>;

    fn into_future(self) -> CallFuture<T, E> {
        let limit = self.channel.max_decoded_bytes();
        let state = match self.body {
            Err(failure) => State::Failed(Some(failure)),
            Ok((body, key)) => State::Prepared(Some(Prepared {
                channel: self.channel,
                contract: self.contract,
                codec: self.codec,
                body,
                key,
                headers: self.headers,
                timeout: self.timeout,
            })),
        };
        CallFuture { state, method: self.method, limit, ok: self.ok, error: self.error }
    }
}

/// The future of a [`Call`].
///
/// ```no_run
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # async fn example(clock: ClockClient) -> Result<u64, bus::CallError<String>> {
/// use std::future::IntoFuture;
///
/// let now: bus::CallFuture<u64, String> = clock.now().into_future();
/// now.await
/// # }
/// ```
#[must_use = "futures do nothing unless they are awaited"]
pub struct CallFuture<T, E> {
    state: State,
    method: &'static Method,
    /// What the answer may take in memory when it is decoded.
    limit: usize,
    ok: Decode<T>,
    error: Decode<E>,
}

enum State {
    Failed(Option<Failure>),
    Prepared(Option<Prepared>),
    Started(ChannelFuture, Again),
}

/// A call that nobody has polled: nothing has happened yet.
struct Prepared {
    channel: Channel,
    contract: &'static Contract,
    codec: Codec,
    body: Bytes,
    key: Option<String>,
    headers: Headers,
    timeout: Option<Duration>,
}

impl Prepared {
    /// The first poll: the deadline starts.
    fn start(self, method: &'static Method) -> State {
        // The call's own word first, then the method's, then the client's.
        let timeout = self
            .timeout
            .or(method.timeout())
            .or(self.channel.timeout())
            .or(self.contract.timeout())
            .unwrap_or(DEFAULT_TIMEOUT)
            .min(timeouts::LONGEST);
        let request = Request {
            contract: self.contract,
            method,
            codec: self.codec,
            body: self.body,
            headers: self.headers,
            deadline: crate::context::cap_deadline(Instant::now() + timeout),
            caller: self.channel.caller().cloned(),
            key: self.key,
            tells_shapes: method.tells_shapes(),
            shape: None,
            max_decoded_bytes: self.channel.max_decoded_bytes(),
        };
        let again = Again::of(&self.channel, &request);
        State::Started(self.channel.start(request), again)
    }
}

impl<T, E> Future for CallFuture<T, E> {
    type Output = Result<T, CallError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Prepared(prepared) = &mut self.state
            && let Some(prepared) = prepared.take()
        {
            self.state = prepared.start(self.method);
        }
        let reply = match &mut self.state {
            State::Failed(failure) => Err(failure.take().unwrap_or(Failure::Closed { sent: false })),
            State::Started(future, again) => loop {
                match Pin::new(&mut *future).poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(reply)) if again.is_wanted(&reply) => match again.start() {
                        Some(asked) => *future = asked,
                        None => break Ok(reply),
                    },
                    Poll::Ready(reply) => break reply,
                }
            },
            State::Prepared(_) => return Poll::Pending,
        };
        Poll::Ready(reply.map_err(CallError::Bus).and_then(|reply| self.read(&reply)))
    }
}

impl<T, E> CallFuture<T, E> {
    fn read(&self, reply: &Reply) -> Result<T, CallError<E>> {
        if let Some(failure) = reply.failure() {
            return Err(CallError::Bus(failure));
        }
        let undecodable = |cause: DecodeError| {
            let detail = format!("the answer of `{}` {cause}", self.method.name());
            let ours = self.method.terms(reply.codec).number;
            CallError::Bus(match reply.shape.filter(|theirs| *theirs != ours) {
                Some(theirs) => Failure::AnswerMismatch {
                    detail: format!("{detail}; the server's types are {theirs:016x}, the caller's {ours:016x}"),
                },
                None => Failure::Undecodable { detail },
            })
        };
        let mut decoder = Decoder::new(reply.codec, 1, &reply.body, self.limit).map_err(undecodable)?;
        let outcome = if reply.status == Status::Error {
            Err(CallError::Service((self.error)(&mut decoder).map_err(undecodable)?))
        } else {
            Ok((self.ok)(&mut decoder).map_err(undecodable)?)
        };
        decoder.finish().map_err(undecodable)?;
        outcome
    }
}

impl<T, E> fmt::Debug for CallFuture<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture").field("method", &self.method.name()).finish_non_exhaustive()
    }
}
