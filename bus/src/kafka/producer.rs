//! The one producer of a bus, with a queue of ours in front of librdkafka's.
//!
//! librdkafka has no timeout per record and takes nothing back: what was handed over and is not
//! acknowledged may have been written. So records are handed over only while the broker
//! acknowledges. When it stops, they wait here, where each can still be withdrawn, and one that is
//! withdrawn was certainly not sent.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::bindings::{
    RD_KAFKA_MSG_F_COPY, rd_kafka_error_code, rd_kafka_error_destroy, rd_kafka_message_status, rd_kafka_msg_status_t,
    rd_kafka_produceva, rd_kafka_vtype_t, rd_kafka_vu_s, rd_kafka_vu_s__bindgen_ty_1,
    rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1,
};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, DeliveryResult, Message as _};
use rdkafka::producer::{BaseProducer, Producer as _, ProducerContext, PurgeConfig};
use rdkafka::util::IntoOpaque as _;

use super::complaints::{self, Complaints};
use super::connection::Connection;
use super::record::HeaderList;
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
    client: OnceLock<BaseProducer<Context>>,
    gate: Arc<Gate>,
}

/// Whether records may be handed over, and those that may not yet.
struct Gate {
    complaints: Arc<Complaints>,
    started: Instant,
    /// Handed over and not acknowledged.
    outstanding: AtomicUsize,
    /// Milliseconds since `started` at which something was last known to be acknowledged or, with
    /// nothing outstanding, handed over.
    progress: AtomicU64,
    /// Something was acknowledged since `progress`. Whoever sends next reads the clock for it, so
    /// that an acknowledgement need not.
    acknowledged: AtomicBool,
    /// A record failed for want of a broker, and none was acknowledged since.
    lost: AtomicBool,
    closed: AtomicBool,
    waiting: AtomicUsize,
    queue: Mutex<VecDeque<Outgoing>>,
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
    fn open(&self) -> bool {
        let outstanding = self.outstanding.load(Ordering::Relaxed);
        if self.complaints.all_brokers_down() {
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

/// The receipt as librdkafka carries it: behind one thin pointer.
type Opaque = Box<Arc<dyn Receipt>>;

/// What librdkafka calls back.
struct Context {
    gate: Arc<Gate>,
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
        self.gate.outstanding.fetch_sub(1, Ordering::Relaxed);
        match result {
            Ok(message) => {
                self.gate.acknowledged();
                let lost = self.gate.lost.load(Ordering::Relaxed) && self.gate.lost.swap(false, Ordering::Relaxed);
                if lost || self.gate.complaints.all_brokers_down() {
                    self.gate.complaints.clear();
                }
                receipt.acknowledged(message.timestamp().to_millis());
            }
            Err((error, message)) => {
                let code = error.rdkafka_error_code();
                if matches!(code, Some(RDKafkaErrorCode::MessageTimedOut | RDKafkaErrorCode::OperationTimedOut)) {
                    self.gate.lost.store(true, Ordering::Relaxed);
                } else {
                    // The broker answered, if only to refuse.
                    self.gate.acknowledged();
                }
                receipt.failed(self.gate.failure(error, message.payload_len(), Some(message)));
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
    fn failure(&self, error: &KafkaError, bytes: usize, message: Option<&BorrowedMessage<'_>>) -> SendFailure {
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
        let reason = match (code, self.complaints.cause()) {
            (Some(RDKafkaErrorCode::MessageTimedOut), Some(cause)) => cause,
            (Some(code), Some(cause)) => format!("{code} ({cause})"),
            (Some(code), None) => code.to_string(),
            (None, _) => error.to_string(),
        };
        SendFailure { certain: message.is_none_or(not_persisted), too_large: false, reason }
    }
}

/// Whether librdkafka knows that the broker never wrote the record.
#[allow(unsafe_code)]
fn not_persisted(message: &BorrowedMessage<'_>) -> bool {
    // SAFETY: the message belongs to the delivery report that is being handled and lives as long
    // as it is borrowed; librdkafka only reads a field of it.
    let status = unsafe { rd_kafka_message_status(message.ptr()) };
    status == rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_NOT_PERSISTED
}

/// Makes a producer only to hear whether its settings are in order.
pub(super) fn check(settings: &Settings, complaints: &Arc<Complaints>) -> Result<(), ConnectError> {
    let context = complaints::Context(Arc::clone(complaints));
    create::<_, BaseProducer<complaints::Context>>(&settings.producer(), context).map(drop)
}

/// Hands a record to librdkafka, which copies it. `BaseProducer::send` does the same by way of a
/// list of headers of its own and of a name that it copies for every record.
#[allow(unsafe_code)]
fn produce(
    client: &BaseProducer<Context>,
    topic: &str,
    partition: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: HeaderList,
    opaque: Opaque,
) -> Result<(), KafkaError> {
    // As Kafka bounds the names of topics, and the NUL that ends a name.
    let mut name = [0_u8; 250];
    match name.split_last_mut().and_then(|(_, room)| room.get_mut(..topic.len())) {
        Some(room) => room.copy_from_slice(topic.as_bytes()),
        None => return Err(KafkaError::MessageProduction(RDKafkaErrorCode::InvalidTopic)),
    }
    let memory = |bytes: Option<&[u8]>| rd_kafka_vu_s__bindgen_ty_1 {
        mem: rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
            ptr: bytes.map_or(ptr::null_mut(), |bytes| bytes.as_ptr().cast_mut().cast()),
            size: bytes.map_or(0, <[u8]>::len),
        },
    };
    let opaque = opaque.into_ptr();
    let parts = [
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_TOPIC, rd_kafka_vu_s__bindgen_ty_1 { cstr: name.as_ptr().cast() }),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_PARTITION, rd_kafka_vu_s__bindgen_ty_1 { i32_: partition }),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_MSGFLAGS, rd_kafka_vu_s__bindgen_ty_1 { i: RD_KAFKA_MSG_F_COPY }),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_KEY, memory(key)),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_VALUE, memory(value)),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_HEADERS, rd_kafka_vu_s__bindgen_ty_1 { headers: headers.as_ptr() }),
        (rd_kafka_vtype_t::RD_KAFKA_VTYPE_OPAQUE, rd_kafka_vu_s__bindgen_ty_1 { ptr: opaque }),
    ]
    .map(|(vtype, u)| rd_kafka_vu_s { vtype, u });
    // SAFETY: each part is of the type that it says; the name ends in a NUL; key and value are as
    // long as they say and are only read, for the flag makes librdkafka copy them; all of it lives
    // until the call returns. The client is alive while it is borrowed.
    let error = unsafe { rd_kafka_produceva(client.client().native_ptr(), parts.as_ptr(), parts.len()) };
    if error.is_null() {
        // librdkafka has taken the headers, and gives the opaque back with the delivery report.
        mem::forget(headers);
        return Ok(());
    }
    // SAFETY: an error that is not null is ours to read and to destroy; what failed took neither
    // headers nor opaque, and the opaque came out of `into_ptr` and is turned back once.
    let code = unsafe {
        let code = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
        drop(Opaque::from_ptr(opaque));
        code
    };
    Err(KafkaError::MessageProduction(code.into()))
}

impl Producer {
    /// Starts the producer and its thread.
    pub(crate) fn start(connection: &Connection) -> Result<Self, ConnectError> {
        let gate = Arc::new(Gate {
            complaints: Arc::clone(&connection.complaints),
            started: Instant::now(),
            outstanding: AtomicUsize::new(0),
            progress: AtomicU64::new(0),
            acknowledged: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            queue: Mutex::new(VecDeque::new()),
            drains: OnceLock::new(),
        });
        let client: BaseProducer<Context> =
            create(&connection.settings.producer(), Context { gate: Arc::clone(&gate) })?;
        let shared = Arc::new(Shared { client: OnceLock::new(), gate });
        let _ = shared.client.set(client);
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
        // What waits goes first, or a queue under load would never empty in order.
        if gate.waiting.load(Ordering::Acquire) == 0 && gate.open() {
            if let Err(record) = self.shared.hand_over(record) {
                self.shared.wait(record);
            }
        } else {
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
        while self.shared.gate.outstanding.load(Ordering::Relaxed) > 0 && Instant::now() < until {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Gives a record to librdkafka, or back where its own queue is full.
    fn hand_over(&self, record: Outgoing) -> Result<(), Outgoing> {
        let Some(client) = self.client.get() else { return Err(record) };
        if !record.receipt.hand_over() {
            return Ok(());
        }
        let Outgoing { topic, partition, key, headers, value, receipt } = record;
        if self.gate.outstanding.fetch_add(1, Ordering::Relaxed) == 0 {
            self.gate.progressed();
        }
        let opaque = Box::new(Arc::clone(&receipt));
        if let Err(error) = produce(client, &topic, partition, key.as_deref(), value.as_deref(), headers, opaque) {
            self.gate.outstanding.fetch_sub(1, Ordering::Relaxed);
            let bytes = value.as_ref().map_or(0, bytes::Bytes::len);
            receipt.failed(self.gate.failure(&error, bytes, None));
        }
        Ok(())
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
        while self.gate.waiting.load(Ordering::Acquire) > 0 && self.gate.open() {
            let Some(record) = lock(&self.gate.queue).pop_front() else { return };
            let refused = self.hand_over(record).err();
            let mut queue = lock(&self.gate.queue);
            if let Some(record) = refused {
                queue.push_front(record);
            }
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
        let Some(client) = self.client.get() else { return };
        let mut forgot = Instant::now();
        loop {
            // With something waiting the gate may open by the clock alone.
            let waiting = self.gate.waiting.load(Ordering::Acquire) > 0;
            client.poll(if waiting { Duration::from_millis(10) } else { POLL });
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
        while self.gate.outstanding.load(Ordering::Relaxed) > 0 && Instant::now() < until {
            client.poll(Duration::from_millis(10));
        }
        client.purge(PurgeConfig::default().queue().inflight());
        // Each report ends a poll of no length, and one that is never told would keep alive what its
        // receipt holds: for an answer, all of the bus.
        let until = Instant::now() + Duration::from_millis(500);
        while self.gate.outstanding.load(Ordering::Relaxed) > 0 && Instant::now() < until {
            client.poll(Duration::from_millis(1));
        }
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer")
            .field("outstanding", &self.shared.gate.outstanding)
            .field("waiting", &self.shared.gate.waiting)
            .finish_non_exhaustive()
    }
}
