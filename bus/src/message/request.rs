//! What a caller asks.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Fault, Headers, Rejected, Reply, Status};
use crate::codec::{Codec, DecodeError, Decoder, EncodeError, Encoder};
use crate::contract::{Contract, Method};
use crate::wire_type::Wire;

/// A request on its way to a handler.
///
/// Layers and [`Channel::from_fn`](crate::Channel::from_fn) see requests in this form.
///
/// ```
/// /// What a layer may log of a request.
/// fn line(request: &bus::Request) -> String {
///     format!("{} from {:?}, {:?} left", request.method().name(), request.caller(), request.time_left())
/// }
/// ```
#[derive(Clone)]
pub struct Request {
    pub(crate) contract: &'static Contract,
    pub(crate) method: &'static Method,
    pub(crate) codec: Codec,
    pub(crate) body: Bytes,
    pub(crate) headers: Headers,
    pub(crate) deadline: Instant,
    pub(crate) caller: Option<Arc<str>>,
    pub(crate) key: Option<String>,
    /// Whether it tells all that is known of its types, as a server has asked.
    pub(crate) tells_shapes: bool,
    /// At a server the number of its terms, where they are not the caller's.
    pub(crate) shape: Option<u64>,
    /// What the arguments may take in memory when they are decoded, in bytes.
    pub(crate) max_decoded_bytes: usize,
}

impl Request {
    /// The contract that is called.
    pub fn contract(&self) -> &'static Contract {
        self.contract
    }

    /// The method that is called.
    pub fn method(&self) -> &'static Method {
        self.method
    }

    /// How the body is written.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The encoded arguments.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The caller's headers.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The caller's headers, to add to.
    pub fn headers_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }

    /// When the caller stops waiting.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long the caller still waits; zero when it does no more.
    pub fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Who calls, as `service` or `service/version`, where the caller says so.
    pub fn caller(&self) -> Option<&str> {
        self.caller.as_deref()
    }

    /// The text of the `#[bus(key)]` argument, where there is one. Known on the caller's side only.
    pub fn partition_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The reply that answers with a value.
    pub fn ok<T: Wire>(&self, value: &T) -> Reply {
        self.encoded(Status::Ok, |encoder| T::encode(value, encoder))
    }

    /// The reply that answers with the method's own error.
    pub fn error<E: Wire>(&self, error: &E) -> Reply {
        self.encoded(Status::Error, |encoder| E::encode(error, encoder))
    }

    /// Called by the expansion of `#[bus::request]`: [`ok`](Self::ok) without a bound of its own,
    /// so that a type that cannot cross the bus is reported once.
    #[doc(hidden)]
    pub fn ok_with<T>(&self, value: &T, encode: fn(&T, &mut Encoder) -> Result<(), EncodeError>) -> Reply {
        self.encoded(Status::Ok, |encoder| encode(value, encoder))
    }

    /// Called by the expansion of `#[bus::request]`: [`error`](Self::error) without a bound of its own.
    #[doc(hidden)]
    pub fn error_with<E>(&self, error: &E, encode: fn(&E, &mut Encoder) -> Result<(), EncodeError>) -> Reply {
        self.encoded(Status::Error, |encoder| encode(error, encoder))
    }

    fn encoded(&self, status: Status, mut encode: impl FnMut(&mut Encoder) -> Result<(), EncodeError>) -> Reply {
        self.reply_of(status, &mut encode)
    }

    /// The same, compiled once for all types.
    fn reply_of(&self, status: Status, encode: &mut dyn FnMut(&mut Encoder) -> Result<(), EncodeError>) -> Reply {
        let mut encoder = Encoder::new(self.codec, 1);
        match encode(&mut encoder) {
            Ok(()) => Reply { shape: self.shape, ..Reply::new(status, self.codec, encoder.finish().0) },
            Err(cause) => Reply::fault(Fault::Unencodable, format!("the answer of `{}` {cause}", self.method.name())),
        }
    }

    /// Called by the expansion of `#[bus::request]`: the arguments, ready to be taken one by one.
    #[doc(hidden)]
    pub fn arguments(&self) -> Result<Decoder<'_>, DecodeError> {
        Decoder::new(self.codec, self.method.arguments().len(), &self.body, self.max_decoded_bytes)
    }

    /// Called by the expansion of `#[bus::request]`: the end of a request whose body is not what the
    /// contract says.
    #[doc(hidden)]
    pub fn undecodable(&self, cause: &DecodeError) -> Rejected {
        Rejected::new(Fault::Malformed, format!("the arguments of `{}` {cause}", self.method.name()))
    }

    /// Called by the expansion of `#[bus::request]`: the end of a request for a method that is not
    /// there, which happens where two builds of one contract differ by `#[cfg]`.
    #[doc(hidden)]
    pub fn unknown_method(&self) -> Rejected {
        Rejected::new(
            Fault::UnknownMethod,
            format!("`{}` of contract `{}` is not served here", self.method.name(), self.contract.name()),
        )
    }
}

/// Without the body and the key: what is printed of a message is never its payload.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("contract", &self.contract.name())
            .field("method", &self.method.name())
            .field("codec", &self.codec)
            .field("bytes", &self.body.len())
            .field("headers", &self.headers)
            .field("time_left", &self.time_left())
            .field("caller", &self.caller)
            .finish_non_exhaustive()
    }
}
