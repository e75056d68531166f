//! The one producer of a bus, with a queue of ours in front of librdkafka's.
//!
//! librdkafka has no timeout per record and takes nothing back: what was handed over and is not
//! acknowledged may have been written. So records are handed over only while the broker
//! acknowledges. When it stops, they wait here, where each can still be withdrawn, and one that is
//! withdrawn was certainly not sent.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, DeliveryResult, Message as _};
use rdkafka::producer::{BaseProducer, Producer as _, ProducerContext, PurgeConfig};
use rdkafka::types::RDKafka;

use super::complaints::{self, Complaints};
use super::connection::Connection;
use super::handover::{Opaque, not_persisted, produce, take_back};
use super::record::HeaderList;
use super::revive::{Handle, Replaceable};
use super::settings::{Settings, create};
use crate::error::ConnectError;
use crate::sync::lock;

/// Records handed over and not acknowledged. Enough for the largest batches that a connection
/// carries, few enough that a broker that stops leaves little in doubt.
const WINDOW: usize = 10_000;

/// Records that wait in front of librdkafka. Callers and handlers are bounded each on their own;
/// this bounds their sum.
const WAITING: usize = 65_536;

/// How long the broker may acknowledge nothing, with something to acknowledge, before records
/// wait. Far above a slow acknowledgement, far below a call's timeout.
const STALL: Duration = Duration::from_millis(250);

/// How long one poll for delivery reports waits; a report ends it at once.
const POLL: Duration = Duration::from_millis(100);

/// How often what waits is looked through for what was given up.
const FORGET: Duration = Duration::from_millis(250);

/// What becomes of a record, told to who sent it. Called on the producer's thread: no waiting here.
pub(crate) trait Receipt: Send + Sync + 'static {
    /// Asked just before the record is handed over; `false` withdraws it.
    fn hand_over(&self) -> bool;

    /// Whether `hand_over` would withdraw the record, now and from now on.
    fn given_up(&self) -> bool;

    /// Whether the record may go again, to a client that was made anew; `certain` says that it was
    /// never written. From then on it can be withdrawn again.
    fn take_back(&self, certain: bool) -> bool;

    /// The broker has it, at this time of its clock where the topic keeps the broker's time.
    fn acknowledged(&self, timestamp: Option<i64>);

    /// The broker does not have it, or may have it and said nothing.
    fn failed(&self, failure: SendFailure);
}

/// Why a record was not acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct SendFailure {
    /// Whether the record is certainly not in the topic.
    pub(crate) certain: bool,
    /// Whether it is larger than the broker takes.
    pub(crate) too_large: bool,
    /// librdkafka's reason, with its last complaint.
    pub(crate) reason: String,
}

/// What is sent to a producer that is closed.
fn closed() -> SendFailure {
    SendFailure { certain: true, too_large: false, reason: "the bus is closed".to_owned() }
}

/// A record to be written.
pub(crate) struct Outgoing {
    pub(crate) topic: Arc<str>,
    pub(crate) partition: i32,
    pub(crate) key: Option<bytes::Bytes>,
    pub(crate) headers: HeaderList,
    pub(crate) value: Option<bytes::Bytes>,
    pub(crate) receipt: Arc<dyn Receipt>,
}

/// The producer. Dropped on the bus's own thread, or where the last clone goes.
pub(crate) struct Producer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    settings: Settings,
    line: Arc<Replaceable<Line>>,
    gate: Arc<Gate>,
}

/// A client, and what it was given.
struct Line {
    client: BaseProducer<Context>,
    /// Handed over and not acknowledged.
    outstanding: Arc<AtomicUsize>,
}

impl Handle for Line {
    fn native(&self) -> *mut RDKafka {
        self.client.client().native_ptr()
    }
}

impl Line {
    fn new(settings: &Settings, gate: &Arc<Gate>) -> Result<Self, ConnectError> {
        let outstanding = Arc::default();
        let context = Context { gate: Arc::clone(gate), outstanding: Arc::clone(&outstanding) };
        Ok(Self { client: create(&settings.producer(), context)?, outstanding })
    }

    fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Relaxed)
    }

    /// Gives up what was handed over and tells its receipts.
    fn give_up(&self) {
        self.client.purge(PurgeConfig::default().queue().inflight());
        // Each report ends a poll of no length, and one that is never told would keep alive what its
        // receipt holds: for an answer, all of the bus.
        let until = Instant::now() + Duration::from_millis(500);
        while self.outstanding() > 0 && Instant::now() < until {
            self.client.poll(Duration::from_millis(1));
        }
    }
}

/// Whether records may be handed over, and those that may not yet.
struct Gate {
    complaints: Arc<Complaints>,
    started: Instant,
    /// Milliseconds since `started` at which something was last known to be acknowledged or, with
    /// nothing outstanding, handed over.
    progress: AtomicU64,
    /// Something was acknowledged since `progress`. Whoever sends next reads the clock for it, so
    /// that an acknowledgement need not.
    acknowledged: AtomicBool,
    /// A record failed for want of a broker, and none was acknowledged since.
    lost: AtomicBool,
    /// The client is being made anew.
    renewing: AtomicBool,
    closed: AtomicBool,
    waiting: AtomicUsize,
    queue: Mutex<VecDeque<Outgoing>>,
    /// What a client held that is made anew, in its order, until it can go into the queue.
    taken_back: Mutex<Vec<Outgoing>>,
    /// Who drains the queue when the broker acknowledges.
    drains: OnceLock<Weak<Shared>>,
}

impl Gate {
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn progressed(&self) {
        self.progress.store(self.now(), Ordering::Relaxed);
    }

    fn acknowledged(&self) {
        // Looked at first: a flag that is only read stays in the caches of all who read it.
        if !self.acknowledged.load(Ordering::Relaxed) {
            self.acknowledged.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the next record may be handed over.
    fn open(&self, outstanding: usize) -> bool {
        if self.complaints.all_brokers_down() || self.renewing.load(Ordering::Relaxed) {
            return false;
        }
        if outstanding == 0 {
            return true;
        }
        if self.acknowledged.load(Ordering::Relaxed) {
            self.acknowledged.store(false, Ordering::Relaxed);
            self.progressed();
        }
        // After a loss one record at a time tries the way.
        let silent = Duration::from_millis(self.now().saturating_sub(self.progress.load(Ordering::Relaxed)));
        let stalled = silent > STALL;
        outstanding < WINDOW && !stalled && !self.lost.load(Ordering::Relaxed)
    }
}

/// What librdkafka calls back.
struct Context {
    gate: Arc<Gate>,
    outstanding: Arc<AtomicUsize>,
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.gate.complaints.line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.gate.complaints.event(&error, reason);
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = Opaque;

    fn delivery(&self, result: &DeliveryResult<'_>, receipt: Self::DeliveryOpaque) {
        self.outstanding.fetch_sub(1, Ordering::Relaxed);
        match result {
            Ok(message) => {
                self.gate.acknowledged();
                let lost = self.gate.lost.load(Ordering::Relaxed) && self.gate.lost.swap(false, Ordering::Relaxed);
                if lost || self.gate.complaints.all_brokers_down() {
                    self.gate.complaints.clear_all();
                }
                receipt.acknowledged(message.timestamp().to_millis());
            }
            Err((error, message)) => {
                let code = error.rdkafka_error_code();
                if self.gate.renewing.load(Ordering::Acquire)
                    && matches!(code, Some(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight))
                    && receipt.take_back(not_persisted(message))
                {
                    lock(&self.gate.taken_back).push(take_back(message, Arc::clone(&*receipt)));
                    return;
                }
                match code {
                    Some(RDKafkaErrorCode::MessageTimedOut | RDKafkaErrorCode::OperationTimedOut) => {
                        self.gate.lost.store(true, Ordering::Relaxed);
                    }
                    // By us, not by a broker.
                    Some(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight) => {}
                    // The broker answered, if only to refuse.
                    _ => self.gate.acknowledged(),
                }
                let to = (message.topic(), message.partition());
                receipt.failed(self.gate.failure(error, to, message.payload_len(), Some(message)));
            }
        }
        // At once, not after the poll: rust-rdkafka's poll runs its whole timeout.
        if self.gate.waiting.load(Ordering::Acquire) > 0
            && let Some(shared) = self.gate.drains.get().and_then(Weak::upgrade)
        {
            shared.drain();
        }
    }
}

impl Gate {
    fn failure(
        &self,
        error: &KafkaError,
        (topic, partition): (&str, i32),
        bytes: usize,
        message: Option<&BorrowedMessage<'_>>,
    ) -> SendFailure {
        let code = error.rdkafka_error_code();
        if code == Some(RDKafkaErrorCode::MessageSizeTooLarge) {
            return SendFailure {
                certain: true,
                too_large: true,
                reason: format!(
                    "{bytes} bytes; raise `message.max.bytes` here (1,000,000 unless it is set) and `max.message.bytes` of the topic"
                ),
            };
        }
        if matches!(
            code,
            Some(
                RDKafkaErrorCode::UnknownTopic
                    | RDKafkaErrorCode::UnknownPartition
                    | RDKafkaErrorCode::UnknownTopicOrPartition
            )
        ) {
            self.complaints.doubt_topics();
        }
        let reason = match (code, self.complaints.cause()) {
            (Some(RDKafkaErrorCode::UnknownTopic), _) => format!(
                "topic `{topic}` is gone: no broker knows it; once somebody makes it, it is used again within seconds"
            ),
            (Some(RDKafkaErrorCode::UnknownPartition), _) => format!(
                "topic `{topic}` has no partition {partition}: somebody made it anew with fewer, or it is gone; \
                 whatever is made is used within seconds"
            ),
            (Some(RDKafkaErrorCode::UnknownTopicOrPartition), _) => format!(
                "topic `{topic}`, or its partition {partition}, is gone: no broker knows it; once somebody makes it, \
                 it is used again within seconds"
            ),
            (Some(RDKafkaErrorCode::MessageTimedOut), Some(cause)) => cause,
            (Some(code), Some(cause)) => format!("{code} ({cause})"),
            (Some(code), None) => code.to_string(),
            (None, _) => error.to_string(),
        };
        SendFailure { certain: message.is_none_or(not_persisted), too_large: false, reason }
    }
}

/// Makes a producer only to hear whether its settings are in order.
pub(super) fn check(settings: &Settings, complaints: &Arc<Complaints>) -> Result<(), ConnectError> {
    let context = complaints::Context(Arc::clone(complaints));
    create::<_, BaseProducer<complaints::Context>>(&settings.producer(), context).map(drop)
}

impl Producer {
    /// Starts the producer and its thread.
    pub(crate) fn start(connection: &Connection) -> Result<Self, ConnectError> {
        let gate = Arc::new(Gate {
            complaints: Arc::clone(&connection.complaints),
            started: Instant::now(),
            progress: AtomicU64::new(0),
            acknowledged: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            renewing: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            queue: Mutex::new(VecDeque::new()),
            taken_back: Mutex::default(),
            drains: OnceLock::new(),
        });
        let line = connection.ward.admit("producer", Line::new(&connection.settings, &gate)?);
        let shared = Arc::new(Shared { settings: connection.settings.clone(), line, gate });
        let _ = shared.gate.drains.set(Arc::downgrade(&shared));
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("bus-producer".to_owned())
            .spawn(move || of_thread.run())
            .map_err(|error| ConnectError::Kafka {
                doing: "start the producer's thread".to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Writes a record, or lets it wait while the broker does not acknowledge. Never blocks; its
    /// receipt hears what became of it, in here where it is refused at once.
    pub(crate) fn send(&self, record: Outgoing) {
        let gate = &self.shared.gate;
        if gate.closed.load(Ordering::Acquire) {
            record.receipt.failed(closed());
            return;
        }
        let line = self.shared.line.peek();
        // What waits goes first, or a queue under load would never empty in order.
        if gate.waiting.load(Ordering::Acquire) == 0 && gate.open(line.outstanding()) {
            self.shared.hand_over(&line, record);
        } else {
            drop(line);
            self.shared.wait(record);
        }
    }

    /// Writes nothing more; what was handed over is given up after `grace`. Blocks that long at
    /// the most.
    pub(crate) fn close(&self, grace: Duration) {
        self.shared.gate.closed.store(true, Ordering::Release);
        let waiting = {
            let mut queue = lock(&self.shared.gate.queue);
            self.shared.gate.waiting.store(0, Ordering::Release);
            std::mem::take(&mut *queue)
        };
        for record in waiting {
            record.receipt.failed(closed());
        }
        let until = Instant::now() + grace;
        while self.shared.line.peek().outstanding() > 0 && Instant::now() < until {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Gives a record to librdkafka.
    fn hand_over(&self, line: &Line, record: Outgoing) {
        if !record.receipt.hand_over() {
            return;
        }
        let Outgoing { topic, partition, key, headers, value, receipt } = record;
        if line.outstanding.fetch_add(1, Ordering::Relaxed) == 0 {
            self.gate.progressed();
        }
        let opaque = Box::new(Arc::clone(&receipt));
        let sent = produce(&line.client, &topic, partition, key.as_deref(), value.as_deref(), headers, opaque);
        if let Err(error) = sent {
            line.outstanding.fetch_sub(1, Ordering::Relaxed);
            let bytes = value.as_ref().map_or(0, bytes::Bytes::len);
            receipt.failed(self.gate.failure(&error, (&topic, partition), bytes, None));
        }
    }

    fn wait(&self, record: Outgoing) {
        let mut queue = lock(&self.gate.queue);
        // Under the lock, or what comes while a close empties the queue would wait for ever.
        if self.gate.closed.load(Ordering::Acquire) {
            drop(queue);
            record.receipt.failed(closed());
            return;
        }
        if queue.len() >= WAITING {
            drop(queue);
            let cause = self.gate.complaints.cause().map(|cause| format!(": {cause}")).unwrap_or_default();
            record.receipt.failed(SendFailure {
                certain: true,
                too_large: false,
                reason: format!("{WAITING} records wait for the broker{cause}"),
            });
            return;
        }
        queue.push_back(record);
        self.gate.waiting.store(queue.len(), Ordering::Release);
    }

    /// Hands over what waits while the gate is open.
    fn drain(&self) {
        let line = self.line.peek();
        while self.gate.waiting.load(Ordering::Acquire) > 0 && self.gate.open(line.outstanding()) {
            let Some(record) = lock(&self.gate.queue).pop_front() else { return };
            self.hand_over(&line, record);
            let queue = lock(&self.gate.queue);
            self.gate.waiting.store(queue.len(), Ordering::Release);
        }
    }

    /// Drops what nobody wants sent any more. An outage may last, and callers go on asking: what
    /// they gave up must take neither their memory nor their places in the queue.
    fn forget(&self) {
        let given_up: VecDeque<_> = {
            let mut queue = lock(&self.gate.queue);
            let (given_up, wanted) = mem::take(&mut *queue).into_iter().partition(|record| record.receipt.given_up());
            *queue = wanted;
            self.gate.waiting.store(queue.len(), Ordering::Release);
            given_up
        };
        for record in given_up {
            record.receipt.hand_over();
        }
    }

    fn run(&self) {
        let mut line = self.line.get();
        let mut forgot = Instant::now();
        loop {
            if self.line.is_due() {
                self.make_anew(&line);
                line = self.line.get();
            }
            // With something waiting the gate may open by the clock alone.
            let waiting = self.gate.waiting.load(Ordering::Acquire) > 0;
            line.client.poll(if waiting { Duration::from_millis(10) } else { POLL });
            self.drain();
            if waiting && forgot.elapsed() >= FORGET {
                self.forget();
                forgot = Instant::now();
            }
            if self.gate.closed.load(Ordering::Acquire) {
                break;
            }
        }
        let until = Instant::now() + Duration::from_secs(1);
        while line.outstanding() > 0 && Instant::now() < until {
            line.client.poll(Duration::from_millis(10));
        }
        line.give_up();
    }

    /// Lets what was taken back wait again, before all that came later.
    fn put_in_front(&self) {
        let mut queue = lock(&self.gate.queue);
        for record in mem::take(&mut *lock(&self.gate.taken_back)).into_iter().rev() {
            queue.push_front(record);
        }
        self.gate.waiting.store(queue.len(), Ordering::Release);
    }

    /// Goes on with another client. What the old one held and never wrote waits again; the rest may
    /// have been written, and is ended as such. What waits in front stays, for the new one.
    fn make_anew(&self, old: &Line) {
        match Line::new(&self.settings, &self.gate) {
            Ok(line) => {
                self.gate.renewing.store(true, Ordering::Release);
                self.line.replace(line);
                old.give_up();
                self.put_in_front();
                self.gate.lost.store(false, Ordering::Relaxed);
                self.gate.renewing.store(false, Ordering::Release);
            }
            Err(error) => tracing::warn!(target: "bus::kafka", %error, "the producer is not made anew"),
        }
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer")
            .field("outstanding", &self.shared.line.peek().outstanding)
            .field("waiting", &self.shared.gate.waiting)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
