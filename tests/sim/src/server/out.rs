//! What a server writes: answers, faults, dead letters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::Request;
use crate::cx::Cx;
use crate::input::NotDelivered;
use crate::protocol::requests::Stamp;
use crate::protocol::sending::{Bounds, Fate, Gate, HandOver, Lane, Lanes, Loss};
use crate::record::{self, Fault, Kind, SimRecord, Topic};

/// Bounds of what waits in front of the producer.
pub(super) const QUEUE: Bounds = Bounds { records: 512, bytes: 512 * RECORD };

/// What a record counts in bytes.
const RECORD: usize = 100;

/// A record on its way to the producer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outgoing {
    topic: Topic,
    partition: i32,
    record: SimRecord,
    pub(super) request: Request,
    /// What the caller is told once a dead letter is written.
    pub(super) fault: Option<Fault>,
}

impl Outgoing {
    pub(super) fn reply(request: Request, kind: Kind, body: u64) -> Self {
        let record = SimRecord { kind, body, timeout_ms: None, ..request.record };
        Self { topic: Topic::Replies, partition: request.record.reply_partition, record, request, fault: None }
    }

    pub(super) fn dead(request: Request, reason: Fault) -> Self {
        let kind = Kind::Dead { partition: request.partition, offset: request.offset, reason };
        let record = SimRecord { kind, ..request.record };
        Self { topic: Topic::Dead, partition: 0, record, request, fault: Some(reason) }
    }

    pub(super) fn is_dead_letter(&self) -> bool {
        self.topic == Topic::Dead
    }
}

/// What became of one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// The broker has it. With the time at which it was handed over.
    Delivered {
        stamp: record::Stamp,
        sent: Instant,
    },
    /// Nobody waits for it any more.
    Expired,
    Lost,
}

/// The way out.
#[derive(Debug)]
pub(super) struct Out {
    pub(super) gate: Arc<Gate<Outgoing>>,
    replies: Lanes<Outgoing>,
    dead: Lanes<Outgoing>,
    sender: Sender,
    pub(super) down: bool,
}

#[derive(Debug, Default)]
struct Sender {
    sent: BTreeMap<u64, (Outgoing, HandOver, Instant)>,
    next_cookie: u64,
    /// What has ended and is not taken note of yet.
    ended: Vec<(Outgoing, Outcome)>,
}

impl Sender {
    fn hand_over(&mut self, outgoing: Outgoing, how: HandOver, cx: &mut Cx<'_>) -> Fate<Outgoing> {
        if !outgoing.is_dead_letter() && cx.now() >= outgoing.request.deadline {
            self.ended.push((outgoing, Outcome::Expired));
            return Fate::Dropped;
        }
        let cookie = self.next_cookie;
        if cx.produce(outgoing.topic, outgoing.partition, outgoing.record, cookie).is_err() {
            return Fate::Full(outgoing);
        }
        self.next_cookie += 1;
        self.sent.insert(cookie, (outgoing, how, cx.now()));
        Fate::HandedOver
    }
}

impl Out {
    pub(super) fn new(now: Instant) -> Self {
        let gate = Gate::new(now, QUEUE);
        Self {
            replies: Lanes::new(Arc::clone(&gate)),
            dead: Lanes::new(Arc::clone(&gate)),
            gate,
            sender: Sender::default(),
            down: false,
        }
    }

    fn lane(&self, outgoing: &Outgoing) -> Arc<Lane<Outgoing>> {
        let lanes = if outgoing.is_dead_letter() { &self.dead } else { &self.replies };
        Arc::clone(lanes.lane(outgoing.partition))
    }

    pub(super) fn send(&mut self, outgoing: Outgoing, cx: &mut Cx<'_>) {
        let lane = self.lane(&outgoing);
        if self.gate.admit(&lane, cx.now(), self.down) {
            match self.sender.hand_over(outgoing, HandOver { alone: false }, cx) {
                Fate::HandedOver => return,
                Fate::Dropped => return self.gate.not_handed_over(&lane),
                Fate::Full(_) | Fate::Unknown(_) => self.gate.not_handed_over(&lane),
            }
        }
        if self.gate.wait(&lane, RECORD, outgoing).is_err() {
            self.sender.ended.push((outgoing, Outcome::Lost));
            return;
        }
        self.drain(&lane, cx);
    }

    fn drain(&mut self, lane: &Lane<Outgoing>, cx: &mut Cx<'_>) {
        let sender = &mut self.sender;
        let back = self.gate.drain(lane, cx.now(), self.down, |outgoing, how| sender.hand_over(outgoing, how, cx));
        self.sender.ended.extend(back.map(|outgoing| (outgoing, Outcome::Lost)));
    }

    pub(super) fn drain_all(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        let unwanted = |it: &Outgoing| !it.is_dead_letter() && now >= it.request.deadline;
        let forgotten = self.gate.forget(unwanted).into_iter().map(|outgoing| (outgoing, Outcome::Expired));
        self.sender.ended.extend(forgotten);
        let sender = &mut self.sender;
        let back = self.gate.drain_all(now, self.down, |_, outgoing, how| sender.hand_over(outgoing, how, cx));
        self.sender.ended.extend(back.into_iter().map(|outgoing| (outgoing, Outcome::Lost)));
    }

    /// A broker has answered.
    pub(super) fn back(&mut self, cx: &mut Cx<'_>) {
        if self.down {
            self.down = false;
            self.drain_all(cx);
        }
    }

    pub(super) fn delivered(&mut self, cookie: u64, stamp: record::Stamp, cx: &mut Cx<'_>) {
        let Some((outgoing, how, sent)) = self.sender.sent.remove(&cookie) else { return };
        self.back(cx);
        let lane = self.lane(&outgoing);
        self.gate.delivered(&lane, cx.now(), how);
        self.sender.ended.push((outgoing, Outcome::Delivered { stamp, sent }));
        self.drain(&lane, cx);
    }

    pub(super) fn failed(&mut self, cookie: u64, why: NotDelivered, cx: &mut Cx<'_>) {
        let Some((outgoing, how, _)) = self.sender.sent.remove(&cookie) else { return };
        let lane = self.lane(&outgoing);
        let silent = matches!(why, NotDelivered::TimedOut | NotDelivered::Purged);
        self.gate.failed(&lane, cx.now(), how, if silent { Loss::Silent } else { Loss::Refused });
        let again = match why {
            NotDelivered::UnknownPartition => {
                self.gate.unknown(&lane, cx.now());
                true
            }
            NotDelivered::TooLarge => !how.alone,
            NotDelivered::UnknownTopic | NotDelivered::TimedOut | NotDelivered::Purged => false,
        };
        if !again || self.gate.go_again(&lane, RECORD, outgoing).is_err() {
            self.sender.ended.push((outgoing, Outcome::Lost));
        }
        self.drain(&lane, cx);
    }

    pub(super) fn ended(&mut self) -> Option<(Outgoing, Outcome)> {
        self.sender.ended.pop()
    }

    pub(super) fn handed_over(&self) -> usize {
        self.sender.sent.len()
    }
}

/// The time that a record carries, as the core takes it.
pub(super) fn stamp(stamp: record::Stamp) -> Stamp {
    if stamp.by_broker { Stamp::Broker(stamp.ms) } else { Stamp::Producer(stamp.ms) }
}
