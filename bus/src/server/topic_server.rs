//! What the listener and the jobs of one request topic share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::runtime;

use super::bytes::Bytes;
use super::letter_budget::LetterBudget;
use super::routes::Routes;
use super::ticket::Tally;
use crate::contract::{Contract, Method};
use crate::message::Fault;
use crate::protocol::requests::{BrokerClock, Now};
use crate::repeats::Repeats;
use crate::sync::{Moment, lock};
use crate::transport::{Shared, Topic};

/// What the listener and the jobs of one request topic share.
pub(super) struct TopicServer {
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
    pub(super) letter_budget: Mutex<LetterBudget>,
    /// The longest that a request may run, unless its method says more.
    pub(super) max_timeout: Duration,
    /// Of requests that were refused, and of dead letters that were lost.
    pub(super) repeats: Repeats,
}

impl TopicServer {
    /// The longest that a request for a method may run.
    pub(super) fn longest(&self, contract: &Contract, method: &Method) -> Duration {
        self.max_timeout.max(contract.timeout_for(method))
    }

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
        // By kind alone: names of methods and callers are the sender's to invent.
        let kind = match fault {
            Fault::Other(_) => "another fault",
            known => known.name(),
        };
        if let Some(repeated) = self.repeats.worth_logging(kind) {
            let (topic, detail) = (self.topic(), shown(detail));
            tracing::warn!(repeated, "a request on `{topic}` from {caller} was refused: {detail}");
        }
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

/// When the broker last acknowledged an answer, and why it refuses them.
#[derive(Debug, Default)]
pub(super) struct LastAnswer {
    at: Moment,
    /// Beside the lock, because every acknowledgement looks at it.
    is_refused: AtomicBool,
    /// Why, since when.
    refused: Mutex<Option<(String, Instant)>>,
}

impl LastAnswer {
    pub(super) fn now(&self) {
        self.at.set();
    }

    pub(super) fn age(&self) -> Option<Duration> {
        self.at.age()
    }

    /// The broker took an answer.
    pub(super) fn taken(&self) {
        if self.is_refused.load(Ordering::Relaxed) && self.is_refused.swap(false, Ordering::AcqRel) {
            *lock(&self.refused) = None;
        }
    }

    /// The broker takes no answers.
    pub(super) fn refused(&self, reason: &str) {
        lock(&self.refused).get_or_insert_with(|| (reason.to_owned(), Instant::now()));
        self.is_refused.store(true, Ordering::Release);
    }

    /// Why the broker takes no answers, since when.
    pub(super) fn trouble(&self) -> Option<(String, Instant)> {
        lock(&self.refused).clone()
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
