//! Calls that wait for their replies, and the thread that ends them at their deadlines.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::codec::Codec;
use crate::kafka::{SendFailure, Why};
use crate::message::{Failure, Reply, Request};
use crate::protocol::calls::{self, CallId, Calls, End, NotBegun};
use crate::sync::lock;
use crate::timeouts;

/// Locks that calls are spread over, so that callers on different threads rarely meet.
const SHARDS: usize = 16;

/// How many tokens are drawn for a call at the most, where another call has what was drawn.
const DRAWN: u32 = 8;

/// A call that waits: what its caller and who ends it share. Whether it has ended, and what is
/// known of its record, stands in the table alone.
pub(crate) struct PendingCall {
    token: u128,
    /// Without its body, which goes with the record.
    request: Request,
    /// Where the request goes.
    topic: Arc<str>,
    state: Mutex<State>,
    /// There is a hint: whoever hands the record over looks here first.
    hinted: AtomicBool,
}

/// A pending call, and where in the table it is.
#[derive(Clone)]
pub(crate) struct Call {
    pub(super) call: Arc<PendingCall>,
    pub(super) id: CallId,
}

struct State {
    outcome: Option<Result<Reply, Failure>>,
    waker: Option<Waker>,
    /// It has got the place that it waited for.
    placed: bool,
    /// Why the broker did not acknowledge, where it said so.
    hint: Option<String>,
}

impl PendingCall {
    pub(super) fn new(token: u128, request: Request, topic: Arc<str>, waker: Waker) -> Arc<Self> {
        let state = State { outcome: None, waker: Some(waker), placed: false, hint: None };
        Arc::new(Self { token, request, topic, state: Mutex::new(state), hinted: AtomicBool::new(false) })
    }

    pub(super) fn token(&self) -> u128 {
        self.token
    }

    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    /// How the contract encodes what a reply does not say the codec of.
    pub(super) fn codec(&self) -> Codec {
        self.request.contract.codec()
    }

    /// Ends the call, once: by who took it out of the table. Who waits is left to be woken.
    #[must_use = "somebody may wait"]
    pub(super) fn complete(&self, outcome: Result<Reply, Failure>) -> Option<Waker> {
        let mut state = lock(&self.state);
        state.outcome = Some(outcome);
        state.waker.take()
    }

    fn fail(&self, failure: impl FnOnce(Option<String>) -> Failure) {
        let mut state = lock(&self.state);
        let hint = state.hint.take();
        state.outcome = Some(Err(failure(hint)));
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Ends a call that got no answer.
    fn end(&self, end: End, cause: impl FnOnce() -> Option<String>) {
        self.fail(|hint| match end {
            End::NotSent { placed: true, waited } => {
                let hint = hint.or_else(cause).map(|hint| format!(": {hint}")).unwrap_or_default();
                let waited = timeouts::round_up_to_millis(waited);
                Failure::NotSent { reason: format!("the broker took nothing within {waited:?}{hint}") }
            }
            End::NotSent { placed: false, waited } => {
                let waited = timeouts::round_up_to_millis(waited);
                Failure::NotSent {
                    reason: format!("no place within {waited:?}: all places for calls in flight are taken"),
                }
            }
            End::TimedOut { waited } => {
                let topic = &self.topic;
                let unanswered = || format!("does a server of `{topic}` run, and answer in time?");
                let waited = timeouts::round_up_to_millis(waited);
                Failure::TimedOut { waited, hint: Some(hint.unwrap_or_else(unanswered)) }
            }
            End::Closed { sent } => Failure::Closed { sent },
        });
    }

    /// Notes what keeps the record, to be told if nothing else ends the call.
    fn hint(&self, hint: String) {
        lock(&self.state).hint = Some(hint);
        self.hinted.store(true, Ordering::Release);
    }

    /// What kept the record keeps it no longer.
    fn forget_hint(&self) {
        if self.hinted.load(Ordering::Acquire) {
            lock(&self.state).hint = None;
        }
    }

    /// It has the place that it waited for: its caller goes on.
    pub(super) fn has_place(&self) {
        let mut state = lock(&self.state);
        state.placed = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn is_placed(&self) -> bool {
        lock(&self.state).placed
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Result<Reply, Failure>> {
        let mut state = lock(&self.state);
        if let Some(outcome) = state.outcome.take() {
            return Poll::Ready(outcome);
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            waker => *waker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

/// All calls of a bus that wait, and the thread that ends them at their deadlines.
///
/// One thread for all calls, no timer each: it sleeps until the earliest deadline.
pub(crate) struct Pending {
    shards: [Mutex<Calls<Arc<PendingCall>>>; SHARDS],
    epoch: Instant,
    /// Milliseconds after `epoch` at which a call may expire; not after the first that does.
    next: AtomicU64,
    closed: AtomicBool,
    thread: OnceLock<Thread>,
    /// Why the broker takes nothing, where that is known.
    cause: Box<dyn Fn() -> Option<String> + Send + Sync>,
}

impl Pending {
    /// Starts the table and its thread. `cause` says why the broker takes nothing, where that is
    /// known.
    pub(super) fn start(
        cause: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) -> std::io::Result<(Arc<Self>, JoinHandle<()>)> {
        let pending = Arc::new(Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            epoch: Instant::now(),
            next: AtomicU64::new(u64::MAX),
            closed: AtomicBool::new(false),
            thread: OnceLock::new(),
            cause: Box::new(cause),
        });
        let kept = Arc::clone(&pending);
        let thread =
            std::thread::Builder::new().name("bus-deadlines".to_owned()).spawn(move || kept.expire_until_closed())?;
        let _ = pending.thread.set(thread.thread().clone());
        Ok((pending, thread))
    }

    #[allow(clippy::cast_possible_truncation)] // A token is random in all its bits.
    fn shard(&self, token: u128) -> &Mutex<Calls<Arc<PendingCall>>> {
        &self.shards[(token as usize) % SHARDS]
    }

    /// Milliseconds after the epoch, rounded up: a call never ends before its deadline.
    fn tick(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.epoch).as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// Lets a call wait, with its place or for one. `None`: the bus is closed.
    pub(super) fn begin(&self, mut call: Arc<PendingCall>, placed: bool, now: Instant) -> Option<Call> {
        let deadline = call.request.deadline;
        let begin = if placed { Calls::begin } else { Calls::begin_unplaced };
        let mut drawn = 1;
        let (id, first) = loop {
            let token = call.token;
            match begin(&mut lock(self.shard(token)), token, now, deadline, Arc::clone(&call)) {
                Ok(entered) => break entered,
                // A source of random numbers that repeats.
                Err(NotBegun::TokenTaken(_)) if drawn < DRAWN => {
                    Arc::get_mut(&mut call)?.token = Uuid::new_v4().as_u128();
                    drawn += 1;
                }
                Err(NotBegun::Closed(_) | NotBegun::TokenTaken(_)) => return None,
            }
        };
        if first {
            let due = self.tick(deadline);
            if self.next.fetch_min(due, Ordering::SeqCst) > due
                && let Some(thread) = self.thread.get()
            {
                thread.unpark();
            }
        }
        Some(Call { call, id })
    }

    /// A call has got its place. `false`: it has ended meanwhile.
    pub(super) fn placed(&self, call: &Call) -> bool {
        lock(self.shard(call.call.token)).placed(call.id)
    }

    /// Asked just before a call's record is handed over: the time that is left. `None` withdraws it.
    pub(super) fn hand_over(&self, call: &Call, now: Instant) -> Option<Duration> {
        call.call.forget_hint();
        lock(self.shard(call.call.token)).hand_over(call.id, now)
    }

    /// A call's record is with us again, for this reason.
    pub(super) fn taken_back(&self, call: &Call, reason: String) {
        call.call.hint(reason);
        lock(self.shard(call.call.token)).taken_back(call.id);
    }

    /// Whether a call waits still.
    pub(super) fn waits(&self, call: &Call) -> bool {
        lock(self.shard(call.call.token)).waits(call.id)
    }

    /// A call's record was not acknowledged.
    pub(super) fn failed(&self, call: &Call, failure: SendFailure) {
        let certain = failure.certain;
        let ended = lock(self.shard(call.call.token)).not_delivered(call.id, certain);
        match ended {
            Some(ended) => ended.fail(|_| {
                if failure.why == Why::TooLarge {
                    Failure::TooLarge { detail: format!("the request: {}", failure.reason), ran: false }
                } else {
                    Failure::NotSent { reason: failure.reason }
                }
            }),
            // The broker may have it, so an answer may come still; if none does, this is why.
            None => call.call.hint(failure.reason),
        }
    }

    /// Who a reply is for.
    pub(super) fn reply(&self, token: u128) -> calls::Reply<Arc<PendingCall>> {
        lock(self.shard(token)).reply(token)
    }

    /// The caller gives a call up.
    pub(super) fn give_up(&self, call: &Call) {
        let ended = lock(self.shard(call.call.token)).give_up(call.id);
        drop(ended);
    }

    /// Ends a call whose deadline has passed, without waiting for the thread.
    pub(super) fn expire_one(&self, call: &Call, now: Instant) {
        let due = lock(self.shard(call.call.token)).expire_one(call.id, now);
        if let Some((call, end)) = due {
            call.end(end, &self.cause);
        }
    }

    /// How many calls wait.
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Ends every call that waits, and every one that comes.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        for shard in &self.shards {
            loop {
                // Not in the loop's head, which would hold the lock while somebody is woken.
                let ended = lock(shard).close();
                let Some((call, end)) = ended else { break };
                call.end(end, || None);
            }
        }
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    fn expire_until_closed(&self) {
        while !self.closed.load(Ordering::SeqCst) {
            let next = self.next.load(Ordering::SeqCst);
            let now = self.tick(Instant::now()) - 1;
            if next > now {
                // A call that comes meanwhile with an earlier deadline unparks.
                std::thread::park_timeout(Duration::from_millis((next - now).min(60_000)));
                continue;
            }
            // Opened first: what comes while the shards are looked at lowers it again.
            self.next.store(u64::MAX, Ordering::SeqCst);
            let earliest = self.expire(Instant::now()).map_or(u64::MAX, |earliest| self.tick(earliest));
            self.next.fetch_min(earliest, Ordering::SeqCst);
        }
    }

    /// Ends what is due and says when the next is.
    fn expire(&self, now: Instant) -> Option<Instant> {
        let mut earliest: Option<Instant> = None;
        for shard in &self.shards {
            loop {
                let mut calls = lock(shard);
                let Some((call, end)) = calls.expire(now) else {
                    earliest = earliest.into_iter().chain(calls.next_deadline()).min();
                    break;
                };
                drop(calls);
                call.end(end, &self.cause);
            }
        }
        earliest
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("calls", &self.len()).finish_non_exhaustive()
    }
}
