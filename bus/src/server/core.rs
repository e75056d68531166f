//! What the listener and the jobs of one request topic share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::runtime;

use super::bytes::Bytes;
use super::routes::Routes;
use super::ticket::Tally;
use crate::message::Fault;
use crate::protocol::requests::{BrokerClock, Now};
use crate::transport::{Shared, Topic};

/// What the listener and the jobs of one request topic share.
pub(super) struct Core {
    pub(super) shared: Arc<Shared>,
    pub(super) runtime: runtime::Handle,
    pub(super) routes: Routes,
    pub(super) replies: Arc<Topic>,
    pub(super) dead_letters: Arc<Topic>,
    pub(super) clock: BrokerClock,
    pub(super) max_age: MaxAge,
    /// What the arguments of one request may take in memory when they are decoded.
    pub(super) max_decoded_bytes: usize,
    pub(super) tally: Arc<Tally>,
    pub(super) bytes: Arc<Bytes>,
    pub(super) handed_back: AtomicU64,
    pub(super) last_answer: LastAnswer,
}

impl Core {
    /// The request topic.
    pub(super) fn topic(&self) -> &str {
        &self.routes.names.request
    }

    /// Counts a request that was refused, and warns of it once a minute for each reason: its caller
    /// is told, and whoever runs the server should know, too.
    pub(super) fn refused(&self, fault: &Fault, detail: &str, caller: Option<&str>) {
        self.shared.counts.refused.fetch_add(1, Ordering::Relaxed);
        // Both come from outside: only as much of them as a line of a log bears.
        let shown = |text: &str| text.chars().take(300).collect::<String>();
        let caller =
            caller.map_or_else(|| "an unnamed caller".to_owned(), |caller| format!("caller {:?}", shown(caller)));
        // By kind and topic alone: names of methods and callers are the sender's to invent.
        let kind = match fault {
            Fault::Other(_) => "another fault",
            known => known.name(),
        };
        self.shared.connection.complaints().warn(
            &format!("refused on {}: {kind}", self.topic()),
            &format!("a request on `{}` from {caller} was refused: {}", self.topic(), shown(detail)),
        );
    }

    /// Counts requests that run, and that the next owner of their partition may run again.
    pub(super) fn may_repeat(&self, requests: usize) {
        let requests = u64::try_from(requests).unwrap_or(u64::MAX);
        self.shared.counts.may_repeat.fetch_add(requests, Ordering::Relaxed);
    }

    /// Counts requests that are left to the next owner of their partition.
    pub(super) fn handed_back(&self, requests: usize) {
        let requests = u64::try_from(requests).unwrap_or(u64::MAX);
        self.handed_back.fetch_add(requests, Ordering::Relaxed);
        self.shared.counts.handed_back.fetch_add(requests, Ordering::Relaxed);
    }
}

/// Now, by both clocks.
pub(super) fn now() -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let wall = wall.and_then(|now| i64::try_from(now.as_millis()).ok()).unwrap_or(0);
    Now { even: Instant::now(), wall }
}

/// When the broker last acknowledged an answer.
#[derive(Debug)]
pub(super) struct LastAnswer {
    started: Instant,
    /// Milliseconds since `started`, and one, so that zero is never.
    at: AtomicU64,
}

impl Default for LastAnswer {
    fn default() -> Self {
        Self { started: Instant::now(), at: AtomicU64::new(0) }
    }
}

impl LastAnswer {
    pub(super) fn now(&self) {
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.at.store(at + 1, Ordering::Relaxed);
    }

    pub(super) fn age(&self) -> Option<Duration> {
        let at = self.at.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.started.elapsed().saturating_sub(Duration::from_millis(at)))
    }
}

/// When a request without a deadline of its own is too old to be run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MaxAge {
    /// After its method's timeout.
    Timeout,
    /// After this.
    Of(Duration),
    /// Never.
    Any,
}
