//! What a bus writes goes through here: straight to librdkafka while its partition flows, and into
//! the partition's queue while it does not.

use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

use super::pending::{Call, Pending};
use super::receipt::Receipt;
use super::topic::{Outgoing, RecordKey, Topic, What};
use crate::error::ConnectError;
use crate::kafka::{
    ClientErrors, Connection, Deliveries, HeaderList, Producer, ProducerRecord, SendFailure, Undelivered, Why,
};
use crate::protocol::sending::{Bounds, Fate, Gate, HandOver, Loss, Refusal};
use crate::sync::lock;
use crate::wire;

/// Records that wait in front of librdkafka, and their bytes. Callers and handlers are bounded each
/// on their own; this bounds their sum.
const QUEUE: Bounds = Bounds { records: 65_536, bytes: 1 << 30 };

/// How long one poll for delivery reports waits; a report ends it at once.
const POLL: Duration = Duration::from_millis(100);

/// How often what waits is looked through for what was given up.
const FORGET: Duration = Duration::from_millis(250);

/// The one producer of a bus, and the gate in front of it.
pub(crate) struct Sender {
    desk: Arc<Desk>,
    producer: Producer<Desk>,
}

/// Where reports come in.
struct Desk {
    gate: Arc<Gate<Outgoing>>,
    pending: Arc<Pending>,
    client_errors: Arc<ClientErrors>,
    /// The client is being made anew.
    renewing: AtomicBool,
    /// What the old client held, in its order, until the new one is there.
    taken_back: Mutex<Vec<Outgoing>>,
    /// When what waits was last looked through.
    forgot: Mutex<Instant>,
    sender: OnceLock<Weak<Sender>>,
}

/// What goes with a record and comes back with its report.
struct Parcel {
    topic: Arc<Topic>,
    partition: i32,
    how: HandOver,
    whose: Whose,
}

enum Whose {
    Request(Call),
    Other(Arc<dyn Receipt>),
}

fn closed() -> SendFailure {
    SendFailure { why: Why::Refused, certain: true, reason: "the bus is closed".to_owned() }
}

impl Sender {
    pub(super) fn start(connection: &Connection, pending: Arc<Pending>) -> Result<Arc<Self>, ConnectError> {
        let now = Instant::now();
        let desk = Arc::new(Desk {
            gate: Gate::new(now, QUEUE),
            pending,
            client_errors: Arc::clone(connection.client_errors()),
            renewing: AtomicBool::new(false),
            taken_back: Mutex::default(),
            forgot: Mutex::new(now),
            sender: OnceLock::new(),
        });
        let sender = Arc::new(Self { producer: Producer::start(connection, Arc::clone(&desk))?, desk });
        let _ = sender.desk.sender.set(Arc::downgrade(&sender));
        Ok(sender)
    }

    pub(super) fn gate(&self) -> &Arc<Gate<Outgoing>> {
        &self.desk.gate
    }

    /// Writes a record, or lets it wait while its partition's broker does not acknowledge. Never
    /// blocks; who sent it hears what became of it, in here where it is refused at once.
    pub(crate) fn send(&self, outgoing: Outgoing, now: Instant) {
        let lane = Arc::clone(outgoing.topic.lanes.lane(outgoing.partition));
        let gate = &self.desk.gate;
        let mut waits = outgoing;
        if gate.admit(&lane, now, self.desk.down()) {
            match self.hand_over(waits, HandOver { alone: false }, now) {
                Fate::HandedOver => return,
                Fate::Dropped => return gate.not_handed_over(&lane),
                Fate::Full(outgoing) => {
                    gate.not_handed_over(&lane);
                    waits = outgoing;
                }
                Fate::Unknown(outgoing) => {
                    gate.not_handed_over(&lane);
                    gate.unknown(&lane, now);
                    waits = outgoing;
                }
            }
        }
        match gate.wait(&lane, waits.bytes(), waits) {
            // What it waited for may have come just before.
            Ok(()) => self
                .desk
                .give_back(gate.drain(&lane, now, self.desk.down(), |waits, how| self.hand_over(waits, how, now))),
            Err((Refusal::Closed, refused)) => self.desk.fail(refused.what, closed()),
            Err((Refusal::Full, refused)) => self.desk.fail(refused.what, self.desk.full()),
        }
    }

    /// Gives a record to librdkafka.
    fn hand_over(&self, outgoing: Outgoing, how: HandOver, now: Instant) -> Fate<Outgoing> {
        let Outgoing { topic, partition, key, value, what } = outgoing;
        let (headers, whose) = match what {
            What::Request(call) => {
                let Some(left) = self.desk.pending.hand_over(&call, now) else { return Fate::Dropped };
                let (request, mut text) = (call.call.request(), [0; wire::TOKEN_TEXT]);
                let token = wire::token_text(call.call.token(), &mut text);
                let mut headers = HeaderList::with_capacity(wire::REQUEST_HEADERS + request.headers.len());
                wire::write_request(request, token, left, |name, value| headers.push(name, value));
                (headers, Whose::Request(call))
            }
            What::Other(headers, receipt) => {
                if !receipt.hand_over(now) {
                    return Fate::Dropped;
                }
                (headers, Whose::Other(receipt))
            }
        };
        let parcel = Box::new(Parcel { topic: Arc::clone(&topic), partition, how, whose });
        let record =
            ProducerRecord { topic: &topic.c_name, partition, key: key.as_deref(), value: value.as_deref(), headers };
        let Err(refused) = self.producer.produce(record, parcel) else { return Fate::HandedOver };
        let why = refused.failure.why;
        if !matches!(why, Why::QueueFull | Why::UnknownPartition) {
            self.desk.fail_parcel(refused.parcel.whose, refused.failure);
            return Fate::Dropped;
        }
        let what = self.desk.keep(refused.parcel.whose, refused.headers, refused.failure.reason);
        let mut outgoing = Outgoing { topic, partition, key, value, what };
        if why == Why::QueueFull {
            return Fate::Full(outgoing);
        }
        // A request without a key goes as well to a partition that is known.
        if let What::Request(call) = &outgoing.what
            && call.call.request().key.is_none()
        {
            self.desk.gate.unknown(outgoing.topic.lanes.lane(partition), now);
            outgoing.partition = outgoing.topic.partition_for(None, now);
            if outgoing.partition != partition {
                self.send(outgoing, now);
                return Fate::Dropped;
            }
        }
        Fate::Unknown(outgoing)
    }

    fn drain(&self, topic: &Topic, partition: i32, now: Instant) {
        let lane = topic.lanes.lane(partition);
        let back = self.desk.gate.drain(lane, now, self.desk.down(), |waits, how| self.hand_over(waits, how, now));
        self.desk.give_back(back);
    }

    fn drain_all(&self, now: Instant) {
        let down = self.desk.down();
        let back = self.desk.gate.drain_all(now, down, |_, waits, how| self.hand_over(waits, how, now));
        self.desk.give_back(back);
    }

    /// Writes nothing more; what was handed over is given up after `grace`. Blocks that long at the
    /// most, and a little.
    pub(super) fn close(&self, grace: Duration) {
        let waiting = self.desk.gate.close();
        self.desk.give_back(waiting);
        self.producer.close(grace);
    }
}

impl Desk {
    /// Whether nothing may be handed over, wherever it goes.
    fn down(&self) -> bool {
        self.client_errors.all_brokers_down() || self.renewing.load(Ordering::Relaxed)
    }

    fn full(&self) -> SendFailure {
        let cause = self.client_errors.cause().map(|cause| format!(": {cause}")).unwrap_or_default();
        let reason = format!("{} records wait for the broker{cause}", self.gate.waiting());
        SendFailure { why: Why::Refused, certain: true, reason }
    }

    /// A record that was refused for now is with us again.
    fn keep(&self, whose: Whose, headers: HeaderList, reason: String) -> What {
        match whose {
            Whose::Request(call) => {
                self.pending.taken_back(&call, reason);
                What::Request(call)
            }
            Whose::Other(receipt) => What::Other(headers, receipt),
        }
    }

    fn fail_parcel(&self, whose: Whose, failure: SendFailure) {
        match whose {
            Whose::Request(call) => self.pending.failed(&call, failure),
            Whose::Other(receipt) => receipt.failed(failure),
        }
    }

    fn fail(&self, what: What, failure: SendFailure) {
        match what {
            What::Request(call) => self.pending.failed(&call, failure),
            What::Other(_, receipt) => receipt.failed(failure),
        }
    }

    /// What waited when the gate was closed was not sent.
    fn give_back(&self, waited: impl IntoIterator<Item = Outgoing>) {
        for outgoing in waited {
            self.fail(outgoing.what, closed());
        }
    }

    /// Whether a record that came back may go again, and is wanted still.
    fn goes_again(&self, parcel: &Parcel, failure: &SendFailure, now: Instant) -> bool {
        let wanted = |certain: bool| match &parcel.whose {
            Whose::Request(call) => certain && self.pending.waits(call),
            Whose::Other(receipt) => !receipt.given_up(now) && receipt.goes_again(certain),
        };
        match failure.why {
            // The batch may be what was too large. A record alone is a batch by itself.
            Why::TooLarge => !parcel.how.alone && wanted(true),
            Why::UnknownPartition => wanted(failure.certain),
            Why::Purged => self.renewing.load(Ordering::Acquire) && wanted(failure.certain),
            Why::QueueFull | Why::Silent | Why::Denied | Why::Refused => false,
        }
    }

    /// Drops what nobody wants sent any more. Told to who sent it, as a hand-over would be.
    fn forget(&self, now: Instant) {
        let mut forgot = lock(&self.forgot);
        if now.saturating_duration_since(*forgot) < FORGET {
            return;
        }
        *forgot = now;
        drop(forgot);
        let unwanted = |outgoing: &Outgoing| match &outgoing.what {
            What::Request(call) => !self.pending.waits(call),
            What::Other(_, receipt) => receipt.given_up(now),
        };
        for outgoing in self.gate.forget(unwanted) {
            if let What::Other(_, receipt) = outgoing.what {
                receipt.hand_over(now);
            }
        }
    }
}

impl Deliveries for Desk {
    type Parcel = Parcel;

    fn delivered(&self, parcel: Box<Parcel>, timestamp: Option<i64>) {
        let (lane, now) = (parcel.topic.lanes.lane(parcel.partition), Instant::now());
        let recovered = self.gate.delivered(lane, now, parcel.how);
        if recovered || self.client_errors.all_brokers_down() {
            self.client_errors.clear_all();
        }
        if let Whose::Other(receipt) = &parcel.whose {
            receipt.acknowledged(timestamp);
        }
        // At once, not after the poll: rust-rdkafka's poll runs its whole timeout.
        if lane.waiting() > 0
            && let Some(sender) = self.sender.get().and_then(Weak::upgrade)
        {
            sender.drain(&parcel.topic, parcel.partition, now);
        }
    }

    fn failed(&self, parcel: Box<Parcel>, failure: SendFailure, record: &Undelivered<'_>) {
        let now = Instant::now();
        let Parcel { topic, partition, how, .. } = &*parcel;
        let (topic, partition, how) = (Arc::clone(topic), *partition, *how);
        let lane = topic.lanes.lane(partition);
        let loss = match failure.why {
            Why::Silent => Loss::Silent,
            Why::Purged => Loss::Purged,
            Why::TooLarge | Why::UnknownPartition | Why::QueueFull | Why::Denied | Why::Refused => Loss::Refused,
        };
        self.gate.failed(lane, now, how, loss);
        if self.goes_again(&parcel, &failure, now) {
            let what = self.keep(parcel.whose, record.headers(), failure.reason);
            let again = Outgoing {
                topic: Arc::clone(&topic),
                partition,
                key: record.key().map(RecordKey::Other),
                value: record.value(),
                what,
            };
            match failure.why {
                Why::Purged => lock(&self.taken_back).push(again),
                why => {
                    if why == Why::UnknownPartition {
                        self.gate.unknown(lane, now);
                    }
                    if let Err((refusal, again)) = self.gate.go_again(lane, again.bytes(), again) {
                        self.fail(again.what, if refusal == Refusal::Closed { closed() } else { self.full() });
                    }
                }
            }
        } else {
            self.fail_parcel(parcel.whose, failure);
        }
        if lane.waiting() > 0
            && let Some(sender) = self.sender.get().and_then(Weak::upgrade)
        {
            sender.drain(&topic, partition, now);
        }
    }

    fn between_polls(&self) -> Duration {
        let waiting = self.gate.waiting() > 0;
        if waiting && let Some(sender) = self.sender.get().and_then(Weak::upgrade) {
            let now = Instant::now();
            sender.drain_all(now);
            self.forget(now);
        }
        // With something waiting a lane may open by the clock alone.
        if waiting { Gate::<Outgoing>::LOOK } else { POLL }
    }

    fn renewing(&self) {
        self.renewing.store(true, Ordering::Release);
    }

    fn renewed(&self) {
        // The last first, so that the first is in front.
        for again in mem::take(&mut *lock(&self.taken_back)).into_iter().rev() {
            let topic = Arc::clone(&again.topic);
            let back = self.gate.wait_first(topic.lanes.lane(again.partition), again.bytes(), again);
            self.give_back(back);
        }
        self.renewing.store(false, Ordering::Release);
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("producer", &self.producer)
            .field("waiting", &self.desk.gate.waiting())
            .finish_non_exhaustive()
    }
}
