//! Calls that wait for their replies, found by token.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use crate::codec::Codec;
use crate::contract::Contract;
use crate::kafka::{Receipt, SendFailure};
use crate::message::{Failure, Reply};
use crate::sync::lock;
use crate::timeouts;

/// Locks that calls are spread over, so that callers on different threads rarely meet.
const SHARDS: usize = 16;

/// The calls of one shard.
type Calls = HashMap<u128, Arc<Slot>, BuildHasherDefault<TokenHasher>>;

/// Takes a token for its own hash: the tokens in the table are our own, and random in all bits but
/// six. What a peer sends is only looked up.
#[derive(Default)]
struct TokenHasher(u64);

impl Hasher for TokenHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[allow(clippy::cast_possible_truncation)] // The halves are what is wanted.
    fn write_u128(&mut self, token: u128) {
        self.0 = (token >> 64) as u64 ^ (token as u64).rotate_left(32);
    }
}

/// Where a call's record is: with us, or beyond recall.
const WAITING: u8 = 0;
const SENT: u8 = 1;
const WITHDRAWN: u8 = 2;

/// A call that waits.
pub(crate) struct Slot {
    record: AtomicU8,
    started: Instant,
    deadline: Instant,
    contract: &'static Contract,
    /// Where the request goes.
    topic: Arc<str>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ended: bool,
    outcome: Option<Result<Reply, Failure>>,
    waker: Option<Waker>,
    /// Why the broker did not acknowledge, where it said so.
    hint: Option<String>,
}

impl Slot {
    pub(crate) fn new(started: Instant, deadline: Instant, contract: &'static Contract, topic: Arc<str>) -> Self {
        Self { record: AtomicU8::new(WAITING), started, deadline, contract, topic, state: Mutex::default() }
    }

    /// How the contract encodes what a reply does not say the codec of.
    pub(crate) fn codec(&self) -> Codec {
        self.contract.codec()
    }

    /// Ends the call, if nothing else has. A record that has not left does not leave. Who waits is
    /// left to be woken.
    #[must_use = "somebody may wait"]
    pub(crate) fn complete(&self, outcome: Result<Reply, Failure>) -> Option<Waker> {
        self.withdraw();
        self.end(|_| outcome)
    }

    fn fail(&self, failure: Failure) {
        if let Some(waker) = self.complete(Err(failure)) {
            waker.wake();
        }
    }

    /// Takes the record back. `true` is certain: it was not sent and will not be.
    pub(crate) fn withdraw(&self) -> bool {
        match self.record.compare_exchange(WAITING, WITHDRAWN, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(found) => found == WITHDRAWN,
        }
    }

    /// Ends the call for want of an answer, as what is known of it says.
    fn expire(&self, cause: impl Fn() -> Option<String>) {
        let unsent = self.withdraw();
        let waited = timeouts::round_up_to_millis(self.deadline.saturating_duration_since(self.started));
        let waker = self.end(|hint| {
            Err(if unsent {
                let hint = hint.or_else(cause).map(|hint| format!(": {hint}")).unwrap_or_default();
                Failure::NotSent { reason: format!("the broker took nothing within {waited:?}{hint}") }
            } else {
                let hint =
                    hint.unwrap_or_else(|| format!("does a server of `{}` run, and answer in time?", self.topic));
                Failure::TimedOut { waited, hint: Some(hint) }
            })
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn close(&self) {
        let unsent = self.withdraw();
        if let Some(waker) = self.end(|_| Err(Failure::Closed { sent: !unsent })) {
            waker.wake();
        }
    }

    fn end(&self, outcome: impl FnOnce(Option<String>) -> Result<Reply, Failure>) -> Option<Waker> {
        let mut state = lock(&self.state);
        if state.ended {
            return None;
        }
        state.ended = true;
        let hint = state.hint.take();
        state.outcome = Some(outcome(hint));
        state.waker.take()
    }

    /// Notes what keeps the record, to be told if nothing else ends the call.
    pub(crate) fn hint(&self, hint: String) {
        lock(&self.state).hint = Some(hint);
    }

    /// What kept the record keeps it no longer.
    pub(crate) fn forget_hint(&self) {
        lock(&self.state).hint = None;
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Result<Reply, Failure>> {
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

impl Receipt for Slot {
    fn hand_over(&self) -> bool {
        self.record.compare_exchange(WAITING, SENT, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Only what was certainly not written, and only while somebody waits.
    fn take_back(&self, certain: bool) -> bool {
        certain
            && !lock(&self.state).ended
            && self.record.compare_exchange(SENT, WAITING, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn given_up(&self) -> bool {
        self.record.load(Ordering::Acquire) == WITHDRAWN
    }

    fn acknowledged(&self, _: Option<i64>) {}

    fn failed(&self, failure: SendFailure) {
        if failure.too_large {
            self.fail(Failure::TooLarge { detail: format!("the request: {}", failure.reason), ran: false });
        } else if failure.certain {
            self.fail(Failure::NotSent { reason: failure.reason });
        } else {
            // The broker may have it, so an answer may come still; if none does, this is why.
            self.hint(failure.reason);
        }
    }
}

/// All calls of a bus that wait, and the thread that ends them at their deadlines.
///
/// One thread for all calls, no timer each: it sleeps until the earliest deadline, looks through
/// the calls, and notes the next. Calls mostly end long before, so it mostly sleeps.
pub(crate) struct Pending {
    shards: [Mutex<Calls>; SHARDS],
    epoch: Instant,
    /// Milliseconds after `epoch` at which a call may expire; not after the first that does.
    next: AtomicU64,
    closed: AtomicBool,
    sweeper: OnceLock<Thread>,
    /// Why the broker takes nothing, where that is known.
    cause: Box<dyn Fn() -> Option<String> + Send + Sync>,
}

impl Pending {
    /// Starts the table and its thread. `cause` says why the broker takes nothing, where that is
    /// known.
    pub(crate) fn start(
        cause: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) -> std::io::Result<(Arc<Self>, JoinHandle<()>)> {
        let pending = Arc::new(Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            epoch: Instant::now(),
            next: AtomicU64::new(u64::MAX),
            closed: AtomicBool::new(false),
            sweeper: OnceLock::new(),
            cause: Box::new(cause),
        });
        let swept = Arc::clone(&pending);
        let thread =
            std::thread::Builder::new().name("bus-deadlines".to_owned()).spawn(move || swept.sweep_until_closed())?;
        let _ = pending.sweeper.set(thread.thread().clone());
        Ok((pending, thread))
    }

    fn shard(&self, token: u128) -> &Mutex<Calls> {
        // A token is random in all its bits.
        &self.shards[(token as usize) % SHARDS]
    }

    /// Milliseconds after the epoch, rounded up: a call never ends before its deadline.
    fn tick(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.epoch).as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// Lets a call wait. A table that has been closed ends it at once.
    pub(crate) fn insert(&self, token: u128, slot: &Arc<Slot>) {
        let due = self.tick(slot.deadline);
        lock(self.shard(token)).insert(token, Arc::clone(slot));
        if self.closed.load(Ordering::SeqCst) {
            self.close();
            return;
        }
        if self.next.fetch_min(due, Ordering::SeqCst) > due
            && let Some(sweeper) = self.sweeper.get()
        {
            sweeper.unpark();
        }
    }

    /// Takes a call out, if it waits still.
    pub(crate) fn remove(&self, token: u128) -> Option<Arc<Slot>> {
        lock(self.shard(token)).remove(&token)
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Ends every call that waits, and every one that comes.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        for shard in &self.shards {
            let slots = std::mem::take(&mut *lock(shard));
            for slot in slots.values() {
                slot.close();
            }
        }
        if let Some(sweeper) = self.sweeper.get() {
            sweeper.unpark();
        }
    }

    fn sweep_until_closed(&self) {
        while !self.closed.load(Ordering::SeqCst) {
            let next = self.next.load(Ordering::SeqCst);
            let now = self.tick(Instant::now()) - 1;
            if next > now {
                // A call that comes meanwhile with an earlier deadline unparks.
                std::thread::park_timeout(Duration::from_millis((next - now).min(60_000)));
                continue;
            }
            // Opened first: what is inserted while the calls are looked through lowers it again.
            self.next.store(u64::MAX, Ordering::SeqCst);
            let earliest = self.sweep(Instant::now());
            self.next.fetch_min(earliest, Ordering::SeqCst);
        }
    }

    /// Ends what is due and says when the next is.
    fn sweep(&self, now: Instant) -> u64 {
        let mut earliest = u64::MAX;
        let mut due = Vec::new();
        for shard in &self.shards {
            lock(shard).retain(|_, slot| {
                if slot.deadline <= now {
                    due.push(Arc::clone(slot));
                    return false;
                }
                earliest = earliest.min(self.tick(slot.deadline));
                true
            });
            for slot in due.drain(..) {
                slot.expire(&self.cause);
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
