//! A client: a shell around `protocol::calls` and `protocol::sending`, as the library's is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cx::{ClientSetup, Cx, Holdings, Outcome, Process};
use crate::input::{CallSpec, Input, LookUp, NotDelivered};
use crate::protocol::calls::{
    CallId, Calls, End, FoundTopic, LOOK_UP_EVERY, NotBegun, Place, Places, Reply, StickyPartitioner, WaitBounds,
};
use crate::protocol::sending::{Bounds, Fate, Gate, HandOver, Lanes, Loss};
use crate::record::{Fault, Kind, SimRecord, Status, Topic};

/// Bounds of what waits in front of the producer.
const QUEUE: Bounds = Bounds { records: 64, bytes: 64 * RECORD };

/// What a record counts in bytes.
const RECORD: usize = 100;

/// How often a broker is asked whether it is back.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// What the timers are for.
const DEADLINES: u64 = 0;
const GATE: u64 = 1;
const LOOK: u64 = 2;
const FORGET: u64 = 3;

/// How often what waits is looked through for what was given up.
const FORGET_EVERY: Duration = Duration::from_millis(250);

/// A request on its way to the producer.
#[derive(Clone, Copy, Debug)]
struct Outgoing {
    id: CallId,
    partition: i32,
    record: SimRecord,
}

/// A call whose caller waits.
struct Live {
    id: CallId,
    token: u128,
    spec: CallSpec,
    /// Its number among those that wait for a place; none where it has one.
    waits: Option<u64>,
}

/// Without the token.
impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("id", &self.id)
            .field("call", &self.spec.call)
            .field("waits", &self.waits)
            .finish_non_exhaustive()
    }
}

/// A timer that was set, so that it is not set again and again.
#[derive(Debug, Default)]
struct Timer(Option<Instant>);

impl Timer {
    fn set(&mut self, at: Option<Instant>, id: u64, cx: &mut Cx<'_>) {
        if let Some(at) = at
            && self.0.is_none_or(|set| at < set)
        {
            self.0 = Some(at);
            cx.wake_at(at, id);
        }
    }
}

/// How far the client is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connected {
    /// The topics are looked up.
    Not,
    /// The reply partition is chosen, and its end is asked for.
    Chosen(i32),
    /// The reply partition is read.
    Reads(i32),
}

/// The part that hands records over: apart, so that the gate can be asked beside it.
#[derive(Debug, Default)]
struct Sender {
    calls: Calls<u64>,
    /// What was handed over, by cookie.
    sent: BTreeMap<u64, (Outgoing, HandOver)>,
    next_cookie: u64,
}

impl Sender {
    fn hand_over(&mut self, outgoing: Outgoing, how: HandOver, cx: &mut Cx<'_>) -> Fate<Outgoing> {
        let Some(left) = self.calls.hand_over(outgoing.id, cx.now()) else { return Fate::Dropped };
        let timeout_ms = u32::try_from(left.as_millis().max(1)).unwrap_or(u32::MAX);
        let record = SimRecord { timeout_ms: Some(timeout_ms), ..outgoing.record };
        let cookie = self.next_cookie;
        if cx.produce(Topic::Requests, outgoing.partition, record, cookie).is_err() {
            self.calls.taken_back(outgoing.id);
            return Fate::Full(outgoing);
        }
        self.next_cookie += 1;
        self.sent.insert(cookie, (outgoing, how));
        Fate::HandedOver
    }
}

/// A client process.
#[derive(Debug)]
pub(crate) struct Client {
    setup: ClientSetup,
    connected: Connected,
    gate: Option<Arc<Gate<Outgoing>>>,
    lanes: Option<Lanes<Outgoing>>,
    partitioner: Option<StickyPartitioner>,
    places: Places<u64>,
    sender: Sender,
    live: BTreeMap<u64, Live>,
    /// Calls that came before the client was connected. A library's user cannot make them.
    early: Vec<u64>,
    /// How many partitions the reply topic has, once that is known.
    replies: Option<u32>,
    down: bool,
    asked: [bool; 2],
    looked: Option<Instant>,
    deadlines: Timer,
    looks: Timer,
    gate_looks: Timer,
    forgets: Timer,
    /// Replies that no call waits for: late, twice, not ours.
    counts: [u64; 3],
}

impl Client {
    pub(crate) fn new(setup: &ClientSetup) -> Self {
        let bounds = WaitBounds { calls: setup.waiting, bytes: usize::MAX };
        Self {
            setup: setup.clone(),
            connected: Connected::Not,
            gate: None,
            lanes: None,
            partitioner: None,
            places: Places::new(setup.places, bounds),
            sender: Sender::default(),
            live: BTreeMap::new(),
            early: Vec::new(),
            replies: None,
            down: false,
            asked: [false; 2],
            looked: None,
            deadlines: Timer::default(),
            looks: Timer::default(),
            gate_looks: Timer::default(),
            forgets: Timer::default(),
            counts: [0; 3],
        }
    }

    fn ready(&self) -> bool {
        matches!(self.connected, Connected::Reads(_)) && self.partitioner.is_some()
    }

    // Calls.

    fn call(&mut self, spec: CallSpec, cx: &mut Cx<'_>) {
        let now = cx.now();
        let token = (u128::from(cx.random()) << 64) | u128::from(cx.random());
        let deadline = now + spec.timeout;
        let mut waits = None;
        let early = !self.ready();
        let placed = if early {
            if self.early.len() >= self.setup.waiting {
                cx.call_ended(spec.call, Outcome::NotSent);
                return;
            }
            self.early.push(spec.call);
            false
        } else if self.places.take() {
            true
        } else {
            match self.places.wait(RECORD, spec.call) {
                Place::Taken => true,
                Place::Waits(number) => {
                    waits = Some(number);
                    false
                }
                Place::Full(_) => {
                    cx.call_ended(spec.call, Outcome::NotSent);
                    return;
                }
            }
        };
        // Now and then the source of random numbers repeats itself: that token is taken.
        let repeated = self.live.values().next().map(|live| live.token).filter(|_| spec.call % 16 == 7);
        let begin = if placed { Calls::begin } else { Calls::begin_unplaced };
        let mut drawn = repeated.unwrap_or(token);
        let mut begun = begin(&mut self.sender.calls, drawn, now, deadline, spec.call);
        if let Err(NotBegun::TokenTaken(_)) = begun {
            drawn = token;
            begun = begin(&mut self.sender.calls, drawn, now, deadline, spec.call);
        }
        let Ok((id, _)) = begun else {
            cx.call_ended(spec.call, Outcome::Closed { sent: false });
            self.early.retain(|early| *early != spec.call);
            if let Some(number) = waits {
                self.places.leave(number);
            } else if placed {
                self.free(cx);
            }
            return;
        };
        let token = drawn;
        cx.call_began(spec.call, token);
        self.live.insert(spec.call, Live { id, token, spec, waits });
        if placed {
            self.send(spec.call, cx);
        }
    }

    /// Sends a call that has a place.
    fn send(&mut self, call: u64, cx: &mut Cx<'_>) {
        let (Some(live), Some(lanes), Some(partitioner), Some(gate), Connected::Reads(reply_partition)) =
            (self.live.get(&call), &self.lanes, &self.partitioner, &self.gate, self.connected)
        else {
            return;
        };
        let now = cx.now();
        let partition = match live.spec.key {
            Some(key) => partitioner.for_hash(key),
            None => partitioner.next(now, |partition| lanes.flows(partition, now)),
        };
        let record = SimRecord {
            kind: Kind::Request,
            reply_partition,
            token: live.token,
            timeout_ms: None,
            body: live.spec.body,
            attempt: 0,
            key: live.spec.key,
            work: live.spec.work,
        };
        let outgoing = Outgoing { id: live.id, partition, record };
        let lane = Arc::clone(lanes.lane(partition));
        if gate.admit(&lane, now, self.down) {
            match self.sender.hand_over(outgoing, HandOver { alone: false }, cx) {
                Fate::HandedOver => return,
                Fate::Dropped => {
                    gate.not_handed_over(&lane);
                    return;
                }
                Fate::Full(_) | Fate::Unknown(_) => gate.not_handed_over(&lane),
            }
        }
        if gate.wait(&lane, RECORD, outgoing).is_err() {
            self.not_sent(outgoing.id, cx);
            return;
        }
        self.drain(partition, cx);
    }

    /// Ends a call whose record certainly is not in the topic.
    fn not_sent(&mut self, id: CallId, cx: &mut Cx<'_>) {
        if let Some(call) = self.sender.calls.not_delivered(id, true) {
            self.ended(call, Outcome::NotSent, cx);
        }
    }

    /// A call has ended, and its caller is told. Its place is another's.
    fn ended(&mut self, call: u64, outcome: Outcome, cx: &mut Cx<'_>) {
        cx.call_ended(call, outcome);
        self.leave(call, cx);
    }

    fn leave(&mut self, call: u64, cx: &mut Cx<'_>) {
        let Some(live) = self.live.remove(&call) else { return };
        let early = self.early.iter().position(|early| *early == call);
        match (early, live.waits) {
            (Some(early), _) => drop(self.early.remove(early)),
            (None, Some(number)) => drop(self.places.leave(number)),
            (None, None) => self.free(cx),
        }
    }

    fn free(&mut self, cx: &mut Cx<'_>) {
        let Some(next) = self.places.free() else { return };
        let Some(live) = self.live.get_mut(&next) else { return };
        live.waits = None;
        // One that has ended meanwhile gives it back when its caller hears of its end.
        if self.sender.calls.placed(live.id) {
            self.send(next, cx);
        }
    }

    fn start_early(&mut self, cx: &mut Cx<'_>) {
        for call in std::mem::take(&mut self.early) {
            let Some(live) = self.live.get_mut(&call) else { continue };
            match self.places.wait(RECORD, call) {
                Place::Taken => {
                    if self.sender.calls.placed(live.id) {
                        self.send(call, cx);
                    }
                }
                Place::Waits(number) => live.waits = Some(number),
                Place::Full(_) => {
                    let id = live.id;
                    live.waits = Some(u64::MAX);
                    self.not_sent(id, cx);
                }
            }
        }
    }

    // Sending.

    fn drain(&mut self, partition: i32, cx: &mut Cx<'_>) {
        let (Some(lanes), Some(gate)) = (&self.lanes, self.gate.clone()) else { return };
        let lane = Arc::clone(lanes.lane(partition));
        let sender = &mut self.sender;
        let back = gate.drain(&lane, cx.now(), self.down, |outgoing, how| sender.hand_over(outgoing, how, cx));
        if let Some(outgoing) = back {
            self.not_sent(outgoing.id, cx);
        }
    }

    fn drain_all(&mut self, cx: &mut Cx<'_>) {
        let Some(gate) = self.gate.clone() else { return };
        let sender = &mut self.sender;
        drop(gate.forget(|outgoing| !sender.calls.waits(outgoing.id)));
        let back = gate.drain_all(cx.now(), self.down, |_, outgoing, how| sender.hand_over(outgoing, how, cx));
        for outgoing in back {
            self.not_sent(outgoing.id, cx);
        }
    }

    fn delivered(&mut self, cookie: u64, cx: &mut Cx<'_>) {
        let Some((outgoing, how)) = self.sender.sent.remove(&cookie) else { return };
        self.back(cx);
        if let (Some(lanes), Some(gate)) = (&self.lanes, &self.gate) {
            gate.delivered(lanes.lane(outgoing.partition), cx.now(), how);
        }
        self.drain(outgoing.partition, cx);
    }

    fn failed(&mut self, cookie: u64, certain: bool, why: NotDelivered, cx: &mut Cx<'_>) {
        let Some((outgoing, how)) = self.sender.sent.remove(&cookie) else { return };
        let (Some(lanes), Some(gate)) = (&self.lanes, self.gate.clone()) else { return };
        let lane = Arc::clone(lanes.lane(outgoing.partition));
        let silent = matches!(why, NotDelivered::TimedOut | NotDelivered::Purged);
        gate.failed(&lane, cx.now(), how, if silent { Loss::Silent } else { Loss::Refused });
        let again = match why {
            NotDelivered::UnknownPartition => {
                gate.unknown(&lane, cx.now());
                true
            }
            NotDelivered::TooLarge => !how.alone,
            NotDelivered::UnknownTopic | NotDelivered::TimedOut | NotDelivered::Purged => false,
        };
        if again && certain && self.sender.calls.waits(outgoing.id) {
            self.sender.calls.taken_back(outgoing.id);
            if gate.go_again(&lane, RECORD, outgoing).is_err() {
                self.not_sent(outgoing.id, cx);
            }
        } else if let Some(call) = self.sender.calls.not_delivered(outgoing.id, certain) {
            let outcome =
                if why == NotDelivered::TooLarge { Outcome::Refused { ran: false } } else { Outcome::NotSent };
            self.ended(call, outcome, cx);
        }
        self.drain(outgoing.partition, cx);
    }

    // Look-ups and reading.

    fn look_up(&mut self, topic: Topic, cx: &mut Cx<'_>) {
        let asked = &mut self.asked[usize::from(topic == Topic::Replies)];
        if !*asked {
            *asked = true;
            cx.look_up(topic);
        }
    }

    fn looked_up(&mut self, topic: Topic, answer: LookUp, cx: &mut Cx<'_>) {
        self.asked[usize::from(topic == Topic::Replies)] = false;
        match answer {
            LookUp::Found { id, count, led, .. } => {
                self.back(cx);
                let now = cx.now();
                match topic {
                    Topic::Requests => {
                        let found = FoundTopic { id: Some(id), count, led };
                        if let Some(partitioner) = &self.partitioner {
                            partitioner.update(now, found);
                        } else {
                            let gate = Gate::new(now, QUEUE);
                            self.lanes = Some(Lanes::new(Arc::clone(&gate)));
                            self.gate = Some(gate);
                            self.partitioner = Some(StickyPartitioner::new(now, found, cx.random()));
                        }
                        self.looked = Some(now);
                    }
                    Topic::Replies => {
                        self.replies = Some(count);
                        if self.connected == Connected::Not {
                            let drawn = cx.random() % u64::from(count.max(1));
                            let drawn = i32::try_from(drawn).unwrap_or(0);
                            let partition = self.setup.reply_partition.unwrap_or(drawn);
                            self.connected = Connected::Chosen(partition);
                            cx.end_offset(Topic::Replies, partition);
                        }
                    }
                    Topic::Dead => {}
                }
                if self.ready() {
                    self.start_early(cx);
                }
            }
            // The broker is there, and has nothing to say of this topic.
            LookUp::NoTopic => self.back(cx),
            LookUp::NoBrokers | LookUp::NoAnswer => {}
        }
    }

    /// A broker has answered.
    fn back(&mut self, cx: &mut Cx<'_>) {
        if self.down {
            self.down = false;
            self.drain_all(cx);
        }
    }

    fn reply(&mut self, record: &SimRecord, cx: &mut Cx<'_>) {
        let Kind::Reply(status) = record.kind else { return };
        match self.sender.calls.reply(record.token) {
            Reply::Answers(call) => {
                let outcome = match status {
                    Status::Ok => Outcome::Answered(record.body),
                    Status::Fault(fault) => Outcome::Refused { ran: matches!(fault, Fault::Panicked | Fault::Crashed) },
                };
                self.ended(call, outcome, cx);
            }
            Reply::Late => self.counts[0] += 1,
            Reply::Duplicate => self.counts[1] += 1,
            Reply::Unknown => self.counts[2] += 1,
        }
    }

    // Time.

    fn expire(&mut self, cx: &mut Cx<'_>) {
        while let Some((call, end)) = self.sender.calls.expire(cx.now()) {
            self.ended(call, outcome_of(end), cx);
        }
    }

    fn look(&mut self, cx: &mut Cx<'_>) {
        let due = self.looked.is_none_or(|looked| cx.now() >= looked + LOOK_UP_EVERY);
        if due || self.down {
            self.look_up(Topic::Requests, cx);
        }
        match self.connected {
            Connected::Not => self.look_up(Topic::Replies, cx),
            Connected::Chosen(_) | Connected::Reads(_) => {}
        }
    }

    fn set_timers(&mut self, cx: &mut Cx<'_>) {
        self.deadlines.set(self.sender.calls.next_deadline(), DEADLINES, cx);
        self.gate_looks.set(self.gate.as_ref().and_then(|gate| gate.next_look(cx.now())), GATE, cx);
        let waiting = self.gate.as_ref().is_some_and(|gate| gate.waiting() > 0);
        self.forgets.set(waiting.then(|| cx.now() + FORGET_EVERY), FORGET, cx);
        let settled = self.ready() && !self.down;
        let next = match self.looked {
            // What was asked and is not answered yet is not asked again at once.
            Some(looked) if settled => (looked + LOOK_UP_EVERY).max(cx.now() + ASK_AGAIN),
            _ => cx.now() + ASK_AGAIN,
        };
        self.looks.set(Some(next), LOOK, cx);
    }
}

fn outcome_of(end: End) -> Outcome {
    match end {
        End::NotSent { .. } => Outcome::NotSent,
        End::TimedOut { .. } => Outcome::TimedOut,
        End::Closed { sent } => Outcome::Closed { sent },
    }
}

impl Process for Client {
    fn handle(&mut self, input: Input, cx: &mut Cx<'_>) {
        match input {
            Input::Started => {
                self.look_up(Topic::Requests, cx);
                self.look_up(Topic::Replies, cx);
            }
            Input::Wake(DEADLINES) => {
                self.deadlines = Timer::default();
                self.expire(cx);
            }
            Input::Wake(GATE) => {
                self.gate_looks = Timer::default();
                self.drain_all(cx);
            }
            Input::Wake(FORGET) => {
                self.forgets = Timer::default();
                let sender = &mut self.sender;
                if let Some(gate) = &self.gate {
                    gate.forget(|outgoing| !sender.calls.waits(outgoing.id));
                }
            }
            Input::Wake(_) => {
                self.looks = Timer::default();
                self.look(cx);
            }
            Input::Stop => {
                let ended: Vec<_> = std::iter::from_fn(|| self.sender.calls.close()).collect();
                for (call, end) in ended {
                    self.ended(call, outcome_of(end), cx);
                }
                cx.exit();
            }
            Input::Closed => {
                if let Some(gate) = &self.gate {
                    // Their calls have ended already.
                    drop(gate.close());
                }
                // What librdkafka has is purged with it.
                self.sender.sent.clear();
            }
            Input::Call(spec) => self.call(spec, cx),
            Input::GiveUp { call } => {
                if let Some(live) = self.live.get(&call)
                    && self.sender.calls.give_up(live.id).is_some()
                {
                    self.leave(call, cx);
                }
            }
            Input::Delivered { cookie, .. } => self.delivered(cookie, cx),
            Input::Failed { cookie, certain, why } => self.failed(cookie, certain, why, cx),
            Input::BrokersDown => self.down = true,
            Input::End { topic: Topic::Replies, partition, offset } => match offset {
                Some(offset) => {
                    cx.assign(Topic::Replies, partition, offset);
                    self.connected = Connected::Reads(partition);
                    if self.ready() {
                        self.start_early(cx);
                    }
                }
                None => cx.end_offset(Topic::Replies, partition),
            },
            Input::Record { topic: Topic::Replies, record, .. } => self.reply(&record, cx),
            Input::Topic { topic, answer } => self.looked_up(topic, answer, cx),
            // Nothing of a client's.
            Input::End { .. }
            | Input::Beginning { .. }
            | Input::Record { .. }
            | Input::Assigned(_)
            | Input::Revoked
            | Input::Lost
            | Input::Fenced
            | Input::Committed(_)
            | Input::CommitDone { .. }
            | Input::CommitRefused { .. } => {}
        }
        self.set_timers(cx);
    }

    fn holds(&self, report: &mut Holdings<'_>) {
        let waiting = self.places.waiting() + self.early.len();
        report.held("calls that wait for a place", waiting, 2 * self.setup.waiting);
        let in_flight = self.live.len().saturating_sub(waiting);
        report.held("calls in flight", in_flight, self.setup.places);
        let known = self.sender.calls.len();
        report.held("calls that are pending", known, self.setup.places + 2 * self.setup.waiting);
        report.held("places taken", self.places.taken(), self.setup.places);
        if let Some(gate) = &self.gate {
            report.held("records in front of the producer", gate.waiting(), QUEUE.records);
        }
        // What was given up stays with librdkafka until it is delivered or has failed.
        report.held("records handed over", self.sender.sent.len(), usize::MAX);
    }
}
