//! A client's way to Kafka and back: one call, from the encoded request to its reply.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use uuid::Uuid;

use super::handle::Handle;
use super::pending::{Call, PendingCall};
use super::shared::Shared;
use super::topic::{Outgoing, RecordKey, Topic, What};
use crate::message::{Failure, Reply, Request};
use crate::protocol::calls::{Place, Places, WaitBounds};
use crate::wire;

/// What may wait for a place, of one client.
const WAITING: WaitBounds = WaitBounds { calls: 65_536, bytes: 1 << 30 };

/// What a call counts that waits for a place, besides its body.
const WAITER: usize = 512;

/// What one client has of its bus.
pub(crate) struct KafkaChannel {
    /// Keeps the bus open while there is a client.
    _handle: Arc<Handle>,
    way: Arc<Way>,
}

/// What a call that is under way has of its client.
struct Way {
    shared: Arc<Shared>,
    topic: Arc<Topic>,
    /// The reply partition, as every request's key says it.
    key: wire::Key,
    /// One place a call in flight.
    places: Places<Call>,
}

impl KafkaChannel {
    pub(crate) fn new(handle: Arc<Handle>, topic: Arc<Topic>, reply_partition: i32, places: usize) -> Self {
        let way = Way {
            shared: Arc::clone(handle.shared()),
            topic,
            key: wire::key_of(reply_partition),
            places: Places::new(places, WAITING),
        };
        Self { _handle: handle, way: Arc::new(way) }
    }

    /// A call, which is sent when it is polled and has a place.
    pub(crate) fn start(&self, request: Request) -> PendingReply {
        PendingReply { way: Arc::clone(&self.way), stage: Stage::Prepared(request) }
    }
}

impl Way {
    fn send(&self, call: Call, body: Bytes, now: Instant) {
        let partition = self.topic.partition_for(call.call.request().key.as_deref(), now);
        let outgoing = Outgoing {
            topic: Arc::clone(&self.topic),
            partition,
            key: Some(RecordKey::Partition(self.key)),
            value: Some(body),
            what: What::Request(call),
        };
        self.shared.sender.send(outgoing, now);
    }

    /// Gives a place back, or on to who waits longest.
    fn free_place(&self) {
        if let Some(next) = self.places.free() {
            // One that has ended meanwhile gives it back when its caller hears of its end.
            self.shared.pending.placed(&next);
            next.call.has_place();
        }
    }
}

/// A call that waits for its reply. Dropping it gives the call up: its place and its entry are
/// free at once, and a record that has not left does not leave.
pub(crate) struct PendingReply {
    way: Arc<Way>,
    stage: Stage,
}

enum Stage {
    /// Nothing has happened yet.
    Prepared(Request),
    /// Waits for a place, by this number; the deadline runs.
    Queued {
        call: Call,
        number: u64,
        body: Bytes,
    },
    /// Has a place.
    Placed(Call),
    Done,
}

impl PendingReply {
    /// The first poll: the call begins, and is sent if it finds a place.
    fn begin(&mut self, mut request: Request, cx: &Context<'_>) -> Result<(), Failure> {
        let (way, now) = (&self.way, Instant::now());
        let pending = &way.shared.pending;
        let body = mem::take(&mut request.body);
        let call =
            PendingCall::new(Uuid::new_v4().as_u128(), request, Arc::clone(way.topic.name()), cx.waker().clone());
        let closed = Failure::Closed { sent: false };
        if way.places.take() {
            // Before the record is produced, so that no reply can be quicker than its call.
            let Some(call) = pending.begin(call, true, now) else {
                way.free_place();
                return Err(closed);
            };
            self.stage = Stage::Placed(call.clone());
            way.send(call, body, now);
            return Ok(());
        }
        let call = pending.begin(call, false, now).ok_or(closed)?;
        match way.places.wait(body.len() + WAITER, call.clone()) {
            Place::Taken => {
                self.stage = Stage::Placed(call.clone());
                // One that has ended meanwhile hears so below.
                if pending.placed(&call) {
                    way.send(call, body, now);
                }
            }
            Place::Waits(number) => self.stage = Stage::Queued { call, number, body },
            Place::Full(call) => {
                pending.give_up(&call);
                return Err(Failure::NotSent {
                    reason: format!(
                        "all places for calls in flight are taken, and {} calls wait",
                        way.places.waiting()
                    ),
                });
            }
        }
        Ok(())
    }

    /// Gives back what the call holds.
    fn finish(&mut self) {
        match mem::replace(&mut self.stage, Stage::Done) {
            Stage::Placed(_) => self.way.free_place(),
            Stage::Queued { number, .. } => {
                if !self.way.places.leave(number) {
                    self.way.free_place();
                }
            }
            Stage::Prepared(_) | Stage::Done => {}
        }
    }
}

impl Future for PendingReply {
    type Output = Result<Reply, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        match &mut this.stage {
            Stage::Prepared(_) => {
                if let Stage::Prepared(request) = mem::replace(&mut this.stage, Stage::Done)
                    && let Err(failure) = this.begin(request, cx)
                {
                    return Poll::Ready(Err(failure));
                }
                // Its waker is where it belongs. If it has ended meanwhile, that was woken.
                return Poll::Pending;
            }
            Stage::Queued { call, body, .. } if call.call.is_placed() => {
                let (call, body) = (call.clone(), mem::take(body));
                this.stage = Stage::Placed(call.clone());
                this.way.send(call, body, Instant::now());
            }
            Stage::Queued { .. } | Stage::Placed(_) | Stage::Done => {}
        }
        let (Stage::Queued { call, .. } | Stage::Placed(call)) = &this.stage else { return Poll::Pending };
        let mut outcome = call.call.poll(cx);
        if outcome.is_pending() {
            // Whoever polls at the deadline hears of it now, from who knows why, and not from a
            // deadline further out.
            let now = Instant::now();
            if call.call.request().deadline <= now {
                this.way.shared.pending.expire_one(call, now);
                outcome = call.call.poll(cx);
            }
        }
        if outcome.is_ready() {
            this.finish();
        }
        outcome
    }
}

impl Drop for PendingReply {
    fn drop(&mut self) {
        if let Stage::Queued { call, .. } | Stage::Placed(call) = &self.stage {
            self.way.shared.pending.give_up(call);
        }
        self.finish();
    }
}

impl fmt::Debug for KafkaChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaChannel").field("topic", &self.way.topic).finish_non_exhaustive()
    }
}
