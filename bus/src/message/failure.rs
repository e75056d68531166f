//! Why a call has no answer.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::{Fault, Reply, Status};

/// How a call of a client method failed: by the service's own error, or on the way.
///
/// ```
/// # #[derive(Debug)] enum PortfolioError { NoSuchUser }
/// fn status(error: &bus::CallError<PortfolioError>) -> u16 {
///     match error {
///         bus::CallError::Service(PortfolioError::NoSuchUser) => 404,
///         bus::CallError::Bus(bus::Failure::TimedOut { .. }) => 504,
///         bus::CallError::Bus(failure) if failure.is_retryable() => 503,
///         _ => 502,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError<E> {
    /// The handler returned this error.
    Service(E),
    /// No answer came, and this is why.
    Bus(Failure),
}

impl<E> CallError<E> {
    /// The service's own error, if it is that.
    pub fn service(&self) -> Option<&E> {
        match self {
            Self::Service(error) => Some(error),
            Self::Bus(_) => None,
        }
    }

    /// The failure on the way, if it is that.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Service(_) => None,
            Self::Bus(failure) => Some(failure),
        }
    }
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            Self::Bus(failure) => failure.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for CallError<E> {}

impl<E> From<Failure> for CallError<E> {
    fn from(failure: Failure) -> Self {
        Self::Bus(failure)
    }
}

/// Why no answer came. One type for all methods, so that a facade maps it once.
///
/// The two questions that matter have a method each: [`may_have_run`](Self::may_have_run) and
/// [`is_retryable`](Self::is_retryable).
///
/// ```
/// let failure = bus::Failure::Busy { retry_after: None };
/// assert!(failure.is_retryable() && !failure.may_have_run());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The request never left this process: a retry cannot run it twice.
    #[error("request not sent: {reason}")]
    NotSent {
        /// What kept it, with librdkafka's last complaint where there is one.
        reason: String,
    },
    /// The deadline passed after the request was handed to the broker.
    #[error("no answer within {waited:?}; the request may have run{}", .hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default())]
    TimedOut {
        /// How long the call waited.
        waited: Duration,
        /// What is known of the reason.
        hint: Option<String>,
    },
    /// The server has too much to do and did not run the request.
    #[error("the server is busy{}", .retry_after.map(|after| format!("; ask again in {after:?}")).unwrap_or_default())]
    Busy {
        /// When the server thinks that asking again is worth it.
        retry_after: Option<Duration>,
    },
    /// The request was too old when the server read it, and was not run.
    #[error("expired: {detail}")]
    Expired {
        /// The server's sentence.
        detail: String,
    },
    /// The server has no such method.
    #[error("unknown method: {detail}")]
    UnknownMethod {
        /// The server's sentence.
        detail: String,
    },
    /// The server could not read the request.
    #[error("malformed request: {detail}")]
    Malformed {
        /// The server's sentence.
        detail: String,
    },
    /// The two sides were built from different contracts, and the request was not run.
    #[error("contract mismatch: {detail}")]
    ContractMismatch {
        /// The server's sentence: method, what differs, both types and both versions.
        detail: String,
    },
    /// The handler panicked.
    #[error("the request failed: {detail}")]
    Panicked {
        /// The server's sentence, without the panic's message.
        detail: String,
    },
    /// The request ended the process of every server that ran it, and is a dead letter now.
    #[error("the request ends the process that runs it: {detail}")]
    Crashed {
        /// The server's sentence.
        detail: String,
    },
    /// The request, or the answer of a handler that ran, is larger than the broker takes.
    #[error("too large: {detail}")]
    TooLarge {
        /// Which of the two, and how large.
        detail: String,
        /// Whether it was the answer, so that the handler has run.
        ran: bool,
    },
    /// The arguments could not be encoded; nothing was sent.
    #[error("cannot send: {detail}")]
    Unencodable {
        /// Which method, and why.
        detail: String,
    },
    /// An answer came that is not what the contract says.
    #[error("undecodable answer: {detail}")]
    Undecodable {
        /// Which method, and why.
        detail: String,
    },
    /// An answer came from a server that was built from another contract, and it cannot be read.
    #[error("contract mismatch in the answer: {detail}")]
    AnswerMismatch {
        /// Which method, both builds, and what is wrong.
        detail: String,
    },
    /// The bus was closed while the call waited.
    #[error("the bus was closed{}", if *.sent { "; the request may have run" } else { " before the request was sent" })]
    Closed {
        /// Whether the request had been handed to the broker.
        sent: bool,
    },
    /// A fault that a newer server names, or that a layer made.
    #[error("{name}: {detail}")]
    Other {
        /// The fault's name.
        name: String,
        /// The server's sentence.
        detail: String,
    },
}

impl Failure {
    /// Whether the handler may have run. `false` is certain, `true` is not.
    pub fn may_have_run(&self) -> bool {
        match self {
            Self::NotSent { .. }
            | Self::Busy { .. }
            | Self::Expired { .. }
            | Self::UnknownMethod { .. }
            | Self::Malformed { .. }
            | Self::ContractMismatch { .. }
            | Self::Unencodable { .. } => false,
            Self::TimedOut { .. }
            | Self::Panicked { .. }
            | Self::Crashed { .. }
            | Self::Undecodable { .. }
            | Self::AnswerMismatch { .. }
            | Self::Other { .. } => true,
            Self::TooLarge { ran, .. } => *ran,
            Self::Closed { sent } => *sent,
        }
    }

    /// Whether asking again can help and cannot run the request twice.
    ///
    /// A timeout is not among them: ask again only where the method is idempotent.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::NotSent { .. } | Self::Busy { .. } | Self::Expired { .. })
    }

    /// The failure that a fault of the server is to its caller.
    pub(crate) fn of_fault(fault: &Fault, reply: &Reply) -> Self {
        let detail = reply.detail.clone();
        match fault {
            Fault::Busy => Self::Busy { retry_after: reply.retry_after },
            Fault::Expired => Self::Expired { detail },
            Fault::UnknownMethod => Self::UnknownMethod { detail },
            Fault::Malformed => Self::Malformed { detail },
            Fault::ContractMismatch | Fault::ShapesWanted => Self::ContractMismatch { detail },
            Fault::Panicked => Self::Panicked { detail },
            Fault::Crashed => Self::Crashed { detail },
            Fault::TooLarge => Self::TooLarge { detail, ran: true },
            Fault::Unencodable | Fault::Other(_) => Self::Other { name: fault.name().to_owned(), detail },
        }
    }
}

/// What a layer that fails in tower's way turns into.
impl From<Box<dyn Error + Send + Sync>> for Failure {
    fn from(error: Box<dyn Error + Send + Sync>) -> Self {
        match error.downcast::<Self>() {
            Ok(failure) => *failure,
            Err(error) => Self::Other { name: "layer".to_owned(), detail: error.to_string() },
        }
    }
}

impl Reply {
    /// The failure that this reply is, or `None` where it has a body to decode.
    pub(crate) fn failure(&self) -> Option<Failure> {
        match &self.status {
            Status::Ok | Status::Error => None,
            Status::Fault(fault) => Some(Failure::of_fault(fault, self)),
        }
    }
}

#[cfg(test)]
mod tests;
