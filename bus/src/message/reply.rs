//! What comes back.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::Headers;
use crate::codec::Codec;

/// What a server says to a request: an answer, the method's own error, or a fault of ours.
///
/// ```
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// // A test's own server.
/// let clock = ClockClient::from(bus::Channel::from_fn(|request| async move { Ok(request.ok(&7_u64)) }));
/// assert_eq!(clock.now().await, Ok(7));
/// # }
/// ```
#[derive(Clone)]
pub struct Reply {
    pub(crate) status: Status,
    pub(crate) codec: Codec,
    pub(crate) body: Bytes,
    pub(crate) detail: String,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) headers: Headers,
    /// The number of the server's terms, where they are not the caller's.
    pub(crate) shape: Option<u64>,
    /// Whether the request was rejected: not for layers to say.
    pub(super) rejected: bool,
}

/// Which kind of reply it is.
///
/// ```
/// let reply = bus::Reply::busy(None);
/// assert_eq!(*reply.status(), bus::Status::Fault(bus::Fault::Busy));
/// ```
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
///
/// ```
/// assert_eq!(bus::Fault::UnknownMethod.name(), "unknown-method");
/// assert_eq!(bus::Fault::from_name("busy"), bus::Fault::Busy);
/// ```
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
    /// The caller's types are not the server's, and the server asks for all that the caller knows
    /// of them: the request was not run.
    ShapesWanted,
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

/// The faults that have names of ours, as the `bus-fault` header says them.
const NAMED: [(Fault, &str); 10] = [
    (Fault::Busy, "busy"),
    (Fault::Expired, "expired"),
    (Fault::UnknownMethod, "unknown-method"),
    (Fault::Malformed, "malformed"),
    (Fault::ContractMismatch, "contract-mismatch"),
    (Fault::ShapesWanted, "shapes-wanted"),
    (Fault::Panicked, "panicked"),
    (Fault::Crashed, "crashed"),
    (Fault::TooLarge, "too-large"),
    (Fault::Unencodable, "unencodable"),
];

impl Fault {
    /// The name that stands in the `bus-fault` header.
    pub fn name(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => NAMED.iter().find(|(fault, _)| fault == known).map_or("", |(_, name)| name),
        }
    }

    /// The fault of this name.
    pub fn from_name(name: &str) -> Self {
        NAMED
            .iter()
            .find(|(_, known)| *known == name)
            .map_or_else(|| Self::Other(name.to_owned()), |(fault, _)| fault.clone())
    }
}

impl Reply {
    pub(crate) fn new(status: Status, codec: Codec, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            codec,
            body: body.into(),
            detail: String::new(),
            retry_after: None,
            headers: Headers::new(),
            shape: None,
            rejected: false,
        }
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

/// Without the body: what is printed of a message is never its payload.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("codec", &self.codec)
            .field("bytes", &self.body.len())
            .field("detail", &self.detail)
            .field("retry_after", &self.retry_after)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_one_name_and_is_found_by_it() {
        for (fault, name) in &NAMED {
            assert_eq!(fault.name(), *name);
            assert_eq!(&Fault::from_name(name), fault);
        }
        let names: std::collections::BTreeSet<&str> = NAMED.iter().map(|(_, name)| *name).collect();
        assert_eq!((names.len(), Fault::from_name("new")), (NAMED.len(), Fault::Other("new".to_owned())));
    }
}
