//! A client's way to Kafka and back: one call, from the encoded request to its reply.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::handle::Handle;
use super::partition::Turns;
use super::pending::Slot;
use super::shared::Shared;
use crate::kafka::{HeaderList, Outgoing};
use crate::message::{Failure, Reply, Request};
use crate::wire;

/// What one client has of its bus.
pub(crate) struct Exchange {
    /// Keeps the bus open while there is a client.
    handle: Arc<Handle>,
    topic: Arc<str>,
    turns: Arc<Turns>,
    /// The reply partition, as every request's key says it.
    key: Bytes,
    /// One place a call in flight.
    places: Arc<Semaphore>,
}

impl Exchange {
    pub(crate) fn new(
        handle: Arc<Handle>,
        topic: Arc<str>,
        turns: Arc<Turns>,
        reply_partition: i32,
        places: usize,
    ) -> Self {
        Self {
            handle,
            topic,
            turns,
            key: wire::key_of(reply_partition).into(),
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Registers a call; it is sent when it is polled and has a place.
    pub(crate) fn start(&self, request: Request) -> Exchanging {
        let shared = Arc::clone(self.handle.shared());
        let token = Uuid::new_v4().as_u128();
        let now = Instant::now();
        let slot = Arc::new(Slot::new(now, request.deadline, request.contract, Arc::clone(&self.topic)));
        // Before the record is produced, so that no reply can be quicker than its call.
        shared.pending.insert(token, &slot);
        let unsent =
            Unsent { topic: Arc::clone(&self.topic), turns: Arc::clone(&self.turns), key: self.key.clone(), request };
        let stage = if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            unsent.send(&shared, token, &slot, now);
            Stage::Sent { _place: place }
        } else {
            slot.hint("all places for calls in flight are taken".to_owned());
            let place = Box::pin(Arc::clone(&self.places).acquire_owned());
            Stage::Queued { place, unsent: Some(Box::new(unsent)) }
        };
        Exchanging { shared, token, slot, stage }
    }
}

/// A request that is not on its way yet.
struct Unsent {
    topic: Arc<str>,
    turns: Arc<Turns>,
    key: Bytes,
    request: Request,
}

impl Unsent {
    fn send(self, shared: &Shared, token: u128, slot: &Arc<Slot>, now: Instant) {
        let Self { topic, turns, key, request } = self;
        let left = request.deadline.saturating_duration_since(now);
        if left.is_zero() {
            // The sweeper ends it as not sent.
            return;
        }
        let mut text = [0; wire::TOKEN_TEXT];
        let mut headers = HeaderList::with_capacity(wire::REQUEST_HEADERS + request.headers.len());
        wire::write_request(&request, wire::token_text(token, &mut text), left, |name, value| {
            headers.push(name, value);
        });
        shared.producer.send(Outgoing {
            topic,
            partition: request.key.as_deref().map_or_else(|| turns.next(now), |key| turns.of_key(key)),
            key: Some(key),
            headers,
            value: Some(request.body),
            receipt: Arc::clone(slot) as _,
        });
    }
}

/// A call that waits for its reply. Dropping it gives the call up: its place and its entry are
/// free at once, and a record that has not left does not leave.
pub(crate) struct Exchanging {
    shared: Arc<Shared>,
    token: u128,
    slot: Arc<Slot>,
    stage: Stage,
}

type Place = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

enum Stage {
    /// Waits for a place; the deadline runs.
    Queued {
        place: Place,
        unsent: Option<Box<Unsent>>,
    },
    Sent {
        _place: OwnedSemaphorePermit,
    },
    Over,
}

impl Future for Exchanging {
    type Output = Result<Reply, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Stage::Queued { place, unsent } = &mut this.stage
            && let Poll::Ready(Ok(place)) = place.as_mut().poll(cx)
        {
            this.slot.forget_hint();
            if let Some(unsent) = unsent.take() {
                unsent.send(&this.shared, this.token, &this.slot, Instant::now());
            }
            this.stage = Stage::Sent { _place: place };
        }
        let outcome = this.slot.poll(cx);
        if outcome.is_ready() {
            this.stage = Stage::Over;
        }
        outcome
    }
}

impl Drop for Exchanging {
    fn drop(&mut self) {
        if self.shared.pending.remove(self.token).is_some() {
            self.slot.withdraw();
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("topic", &self.topic).field("turns", &self.turns).finish_non_exhaustive()
    }
}
