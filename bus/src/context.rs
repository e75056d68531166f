//! What a handler may know of the request it runs for.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::message::{Headers, Request};

tokio::task_local! {
    static CURRENT: Context;
}

/// The request that the running handler was called for: its deadline, its caller, its headers.
///
/// ```
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn tenant(&self) -> Result<String, String>; }
/// struct Clocks;
///
/// impl Clock for Clocks {
///     async fn tenant(&self) -> Result<String, String> {
///         let context = bus::Context::current().ok_or("not called over the bus")?;
///         let tenant = context.headers().get("tenant").ok_or("no tenant")?;
///         Ok(String::from_utf8_lossy(tenant).into_owned())
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let clock = ClockClient::from(bus::loopback(ClockServer::new(Clocks)));
/// assert_eq!(clock.tenant().header("tenant", "acme").await, Ok("acme".to_owned()));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Context {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    deadline: Instant,
    caller: Option<Arc<str>>,
    headers: Headers,
}

impl Context {
    /// The context of the handler that this is called in, in the task that the bus started for it;
    /// `None` elsewhere, a task that the handler spawned included: clone it and take it along.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    pub(crate) fn of(request: &Request) -> Self {
        Self {
            inner: Arc::new(Inner {
                deadline: request.deadline,
                caller: request.caller.clone(),
                headers: request.headers.clone(),
            }),
        }
    }

    /// Runs a handler in this context.
    pub(crate) fn scope<F: Future>(self, handler: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, handler)
    }

    /// When the caller stops waiting. A handler that is still running then is dropped.
    pub fn deadline(&self) -> Instant {
        self.inner.deadline
    }

    /// How long the caller still waits; zero when it does no more.
    pub fn time_left(&self) -> Duration {
        self.inner.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether nobody waits for the answer any more. For handlers under `#[bus(blocking)]`, which
    /// cannot be dropped while they compute.
    pub fn is_cancelled(&self) -> bool {
        self.time_left().is_zero()
    }

    /// Ends when nobody waits for the answer any more.
    pub async fn cancelled(&self) {
        tokio::time::sleep_until(self.inner.deadline.into()).await;
    }

    /// Who calls, as `service` or `service/version`, where the caller says so.
    pub fn caller(&self) -> Option<&str> {
        self.inner.caller.as_deref()
    }

    /// The caller's headers.
    pub fn headers(&self) -> &Headers {
        &self.inner.headers
    }
}

/// The earlier of a deadline and the one of the request that is being handled, if one is: calls
/// that a handler makes do not outlive the one it was called by.
pub(crate) fn cap_deadline(deadline: Instant) -> Instant {
    CURRENT.try_with(|context| context.deadline().min(deadline)).unwrap_or(deadline)
}
