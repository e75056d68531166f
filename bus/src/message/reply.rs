//! What comes back.

use std::time::Duration;

use bytes::Bytes;

use super::Headers;
use crate::codec::Codec;

/// What a server says to a request: an answer, the method's own error, or a fault of ours.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) status: Status,
    pub(crate) codec: Codec,
    pub(crate) body: Bytes,
    pub(crate) detail: String,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) headers: Headers,
}

/// Which kind of reply it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// The body is the answer.
    Ok,
    /// The body is the method's own error.
    Error,
    /// There is no body: the request was refused or failed on the way.
    Fault(Fault),
}

/// Why a server did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Too much to do: the request was not run.
    Busy,
    /// The request came too late: it was not run.
    Expired,
    /// No method of that name: the request was not run.
    UnknownMethod,
    /// The request could not be read: it was not run.
    Malformed,
    /// The two sides were built from different contracts: the request was not run.
    ContractMismatch,
    /// The handler panicked.
    Panicked,
    /// The request ended the process of every server that ran it.
    Crashed,
    /// The handler ran, and its answer is larger than the broker takes.
    TooLarge,
    /// The handler ran, and its answer could not be encoded.
    Unencodable,
    /// A fault that a newer peer names.
    Other(String),
}

impl Fault {
    /// The name that stands in the `bus-fault` header.
    pub fn name(&self) -> &str {
        match self {
            Self::Busy => "busy",
            Self::Expired => "expired",
            Self::UnknownMethod => "unknown-method",
            Self::Malformed => "malformed",
            Self::ContractMismatch => "contract-mismatch",
            Self::Panicked => "panicked",
            Self::Crashed => "crashed",
            Self::TooLarge => "too-large",
            Self::Unencodable => "unencodable",
            Self::Other(name) => name,
        }
    }

    /// The fault of this name.
    pub fn from_name(name: &str) -> Self {
        [
            Self::Busy,
            Self::Expired,
            Self::UnknownMethod,
            Self::Malformed,
            Self::ContractMismatch,
            Self::Panicked,
            Self::Crashed,
            Self::TooLarge,
            Self::Unencodable,
        ]
        .into_iter()
        .find(|fault| fault.name() == name)
        .unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}

impl Reply {
    pub(crate) fn new(status: Status, codec: Codec, body: impl Into<Bytes>) -> Self {
        Self { status, codec, body: body.into(), detail: String::new(), retry_after: None, headers: Headers::new() }
    }

    /// A reply that says why there is no answer. The sentence is read by people and never holds
    /// what a message carried.
    pub fn fault(fault: Fault, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::new(Status::Fault(fault), Codec::default(), Bytes::new()) }
    }

    /// The reply of a server that has too much to do, and when to ask again.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let busy = bus::Reply::busy(Some(Duration::from_millis(250)));
    /// assert_eq!(busy.status(), &bus::Status::Fault(bus::Fault::Busy));
    /// ```
    pub fn busy(retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..Self::fault(Fault::Busy, "the server has too much to do") }
    }

    /// Which kind of reply it is.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// The encoded answer or error; empty for a fault.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The sentence of a fault; empty otherwise.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The server's headers.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The server's headers, to add to.
    pub fn headers_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }
}
