//! What the listener and the jobs of one request topic share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime;

use super::admission::Admission;
use super::clock::Clock;
use super::routes::Routes;
use super::ticket::Ticket;
use crate::message::Fault;
use crate::sync::lock;
use crate::transport::Shared;
use crate::transport::partition::Turns;

/// What the listener and the jobs of one request topic share.
pub(super) struct Core {
    pub(super) shared: Arc<Shared>,
    pub(super) runtime: runtime::Handle,
    pub(super) routes: Routes,
    pub(super) reply_topic: Arc<str>,
    pub(super) replies: Arc<Turns>,
    pub(super) dead_topic: Arc<str>,
    pub(super) admission: Admission,
    pub(super) clock: Clock,
    pub(super) max_age: MaxAge,
    /// What the arguments of one request may take in memory when they are decoded.
    pub(super) max_decoded_bytes: usize,
    /// Requests that were answered, or dropped with a reason that is counted.
    pub(super) finished: Arc<AtomicU64>,
    pub(super) handed_back: AtomicU64,
    pub(super) last_answer: LastAnswer,
    /// Requests whose answers the broker did not take, until nobody waits for them any more. Not
    /// more than are unfinished.
    pub(super) unanswered: Mutex<Vec<(Instant, Ticket)>>,
}

/// How long a request whose answer was lost may hold its partition's offset, whatever its deadline.
const LONGEST_UNANSWERED: Duration = Duration::from_secs(60);

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

    /// An answer was not taken by the broker. While its deadline holds the request is unfinished, so
    /// that the next owner of the partition may answer; then it is given up.
    pub(super) fn unanswered(&self, deadline: Instant, ticket: Ticket) {
        let until = deadline.min(Instant::now() + LONGEST_UNANSWERED);
        lock(&self.unanswered).push((until, ticket));
    }

    /// Finishes the requests that nobody waits for any more.
    pub(super) fn give_up_unanswered(&self, now: Instant) {
        for (_, ticket) in lock(&self.unanswered).extract_if(.., |(until, _)| *until <= now) {
            ticket.finish();
        }
    }

    /// Leaves the requests whose answers were lost to the next owner.
    pub(super) fn hand_unanswered_back(&self) -> usize {
        std::mem::take(&mut *lock(&self.unanswered)).len()
    }

    /// Counts requests that are left to the next owner of their partition.
    pub(super) fn handed_back(&self, requests: usize) {
        let requests = u64::try_from(requests).unwrap_or(u64::MAX);
        self.handed_back.fetch_add(requests, Ordering::Relaxed);
        self.shared.counts.handed_back.fetch_add(requests, Ordering::Relaxed);
    }
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
