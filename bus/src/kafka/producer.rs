//! A producer and the thread that polls it for delivery reports.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::{BaseProducer, Producer as _, ProducerContext, PurgeConfig};
use rdkafka::types::RDKafka;
use rdkafka::{ClientContext, Timestamp};

use super::client_errors::ClientErrors;
use super::connection::Connection;
use super::describe::Resource;
use super::handover::{NotTaken, ProducerRecord, Undelivered, not_persisted, produce};
use super::record::HeaderList;
use super::revive::{Handle, Replaceable};
use super::settings::{Settings, create};
use super::trace;
use crate::error::ConnectError;
use crate::sync::lock;

/// How long a close waits for the reports of what was handed over last.
const LAST_REPORTS: Duration = Duration::from_secs(1);

/// What becomes of records, told on the producer's thread: no waiting here.
pub(crate) trait Deliveries: Send + Sync + 'static {
    /// What goes with a record and comes back with its report.
    type Parcel: Send + Sync + 'static;

    /// The broker has a record, at this time of its clock where the topic keeps the broker's time.
    fn delivered(&self, parcel: Box<Self::Parcel>, timestamp: Option<i64>);

    /// The broker does not have a record, or may have it and said nothing.
    fn failed(&self, parcel: Box<Self::Parcel>, failure: SendFailure, record: &Undelivered<'_>);

    /// Between two polls: does what is due, and says how long the next poll may wait.
    fn between_polls(&self) -> Duration;

    /// The client is being made anew: nothing is to be handed over, and what the old one held comes
    /// back meanwhile.
    fn renewing(&self);

    /// It has been made anew.
    fn renewed(&self);
}

/// Why a record was not acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct SendFailure {
    pub(crate) why: Why,
    /// Whether the record is certainly not in the topic.
    pub(crate) certain: bool,
    /// librdkafka's reason, with its last complaint.
    pub(crate) reason: String,
}

/// Why a record was not acknowledged, as far as somebody acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It, or the batch that it was in, is larger than the broker takes.
    TooLarge,
    /// The producer does not know the partition.
    UnknownPartition,
    /// The producer's own queue is full.
    QueueFull,
    /// No broker answered.
    Silent,
    /// There is no right to write it.
    Denied,
    /// The client was closed or made anew.
    Purged,
    /// Anything else.
    Refused,
}

impl Why {
    fn of(code: Option<RDKafkaErrorCode>) -> Self {
        match code {
            Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::MessageBatchTooLarge) => Self::TooLarge,
            Some(RDKafkaErrorCode::UnknownPartition) => Self::UnknownPartition,
            Some(RDKafkaErrorCode::QueueFull) => Self::QueueFull,
            Some(RDKafkaErrorCode::MessageTimedOut | RDKafkaErrorCode::OperationTimedOut) => Self::Silent,
            Some(RDKafkaErrorCode::TopicAuthorizationFailed) => Self::Denied,
            Some(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight) => Self::Purged,
            _ => Self::Refused,
        }
    }
}

/// A record that was not taken at once, as it came.
pub(crate) struct Refused<P> {
    pub(crate) failure: SendFailure,
    pub(crate) headers: HeaderList,
    pub(crate) parcel: Box<P>,
}

/// The producer. Dropped on the bus's own thread, or where the last clone goes.
pub(crate) struct Producer<D: Deliveries> {
    inner: Arc<Inner<D>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Inner<D: Deliveries> {
    settings: Settings,
    client_errors: Arc<ClientErrors>,
    deliveries: Arc<D>,
    line: Arc<Replaceable<Line<D>>>,
    closed: AtomicBool,
}

/// A client, and what it was given.
struct Line<D: Deliveries> {
    client: BaseProducer<DeliveryContext<D>>,
    /// Handed over and not acknowledged.
    outstanding: Arc<AtomicUsize>,
}

impl<D: Deliveries> Handle for Line<D> {
    fn native(&self) -> *mut RDKafka {
        self.client.client().native_ptr()
    }
}

impl<D: Deliveries> Line<D> {
    fn new(settings: &Settings, client_errors: &Arc<ClientErrors>, deliveries: &Arc<D>) -> Result<Self, ConnectError> {
        let outstanding = Arc::default();
        let context = DeliveryContext {
            settings: settings.clone(),
            client_errors: Arc::clone(client_errors),
            deliveries: Arc::clone(deliveries),
            outstanding: Arc::clone(&outstanding),
        };
        Ok(Self { client: create(&settings.producer(), context)?, outstanding })
    }

    fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Relaxed)
    }

    /// Gives up what was handed over and hears of each record.
    fn give_up(&self) {
        self.client.purge(PurgeConfig::default().queue().inflight());
        // Each report ends a poll of no length, and one that is never told would keep alive what its
        // parcel holds: for an answer, all of the bus.
        let until = Instant::now() + Duration::from_millis(500);
        while self.outstanding() > 0 && Instant::now() < until {
            self.client.poll(Duration::from_millis(1));
        }
    }
}

/// What librdkafka calls back.
struct DeliveryContext<D> {
    settings: Settings,
    client_errors: Arc<ClientErrors>,
    deliveries: Arc<D>,
    outstanding: Arc<AtomicUsize>,
}

impl<D: Deliveries> ClientContext for DeliveryContext<D> {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.client_errors.line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.client_errors.event(&error, reason);
    }
}

impl<D: Deliveries> ProducerContext for DeliveryContext<D> {
    type DeliveryOpaque = Box<D::Parcel>;

    fn delivery(&self, result: &DeliveryResult<'_>, parcel: Self::DeliveryOpaque) {
        self.outstanding.fetch_sub(1, Ordering::Relaxed);
        match result {
            Ok(message) => {
                trace::appended(message.topic(), message.partition(), message.offset());
                // Where the topic keeps its writers' times, the time is our own.
                let appended = match message.timestamp() {
                    Timestamp::LogAppendTime(millis) => Some(millis),
                    Timestamp::CreateTime(_) | Timestamp::NotAvailable => None,
                };
                self.deliveries.delivered(parcel, appended);
            }
            Err((error, message)) => {
                let code = error.rdkafka_error_code();
                let to = (message.topic(), message.partition());
                let failure = failure(
                    &self.settings,
                    &self.client_errors,
                    code,
                    to,
                    message.payload_len(),
                    not_persisted(message),
                );
                self.deliveries.failed(parcel, failure, &Undelivered { message });
            }
        }
    }
}

/// What is known of a record that was not taken, or not acknowledged.
fn failure(
    settings: &Settings,
    client_errors: &ClientErrors,
    code: Option<RDKafkaErrorCode>,
    (topic, partition): (&str, i32),
    bytes: usize,
    certain: bool,
) -> SendFailure {
    let why = Why::of(code);
    if matches!(
        code,
        Some(
            RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::UnknownTopicOrPartition
        )
    ) {
        client_errors.doubt_topics();
    }
    let reason = match (code, client_errors.cause()) {
        (Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::MessageBatchTooLarge), _) => format!(
            "{bytes} bytes; raise `message.max.bytes` here (1,000,000 unless it is set) and `max.message.bytes` of the topic"
        ),
        (Some(RDKafkaErrorCode::TopicAuthorizationFailed), _) => {
            format!(
                "no right to write to topic `{topic}`; grant it: {}",
                settings.grant("Write", Resource::Topic(topic))
            )
        }
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
        (None, _) => "librdkafka gives no reason".to_owned(),
    };
    SendFailure { why, certain: certain || why == Why::TooLarge, reason }
}

impl<D: Deliveries> Producer<D> {
    /// Starts the producer and its thread.
    pub(crate) fn start(connection: &Connection, deliveries: Arc<D>) -> Result<Self, ConnectError> {
        let (settings, client_errors) = (connection.settings.clone(), Arc::clone(&connection.client_errors));
        let line = connection.ward.admit("producer", Line::new(&settings, &client_errors, &deliveries)?);
        let inner = Arc::new(Inner { settings, client_errors, deliveries, line, closed: AtomicBool::new(false) });
        let of_thread = Arc::clone(&inner);
        let thread = std::thread::Builder::new()
            .name("bus-producer".to_owned())
            .spawn(move || of_thread.run())
            .map_err(|error| ConnectError::Kafka {
                doing: "start the producer's thread".to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self { inner, thread: Mutex::new(Some(thread)) })
    }

    /// Hands a record to librdkafka. Never blocks. The parcel comes back with the report.
    pub(crate) fn produce(&self, record: ProducerRecord<'_>, parcel: Box<D::Parcel>) -> Result<(), Refused<D::Parcel>> {
        let line = self.inner.line.peek();
        line.outstanding.fetch_add(1, Ordering::Relaxed);
        let (bytes, topic, partition) = (record.value.map_or(0, <[u8]>::len), record.topic, record.partition);
        produce(&line.client, record, parcel).map_err(|NotTaken { code, headers, parcel }| {
            line.outstanding.fetch_sub(1, Ordering::Relaxed);
            let to = (&*topic.to_string_lossy(), partition);
            Refused {
                failure: failure(&self.inner.settings, &self.inner.client_errors, Some(code), to, bytes, true),
                headers,
                parcel,
            }
        })
    }

    /// What was handed over is given up after `grace`. Blocks that long at the most, and a little.
    pub(crate) fn close(&self, grace: Duration) {
        let until = Instant::now() + grace;
        while self.inner.line.peek().outstanding() > 0 && Instant::now() < until {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        self.inner.closed.store(true, Ordering::Release);
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

impl<D: Deliveries> Inner<D> {
    fn run(&self) {
        let mut line = self.line.get();
        while !self.closed.load(Ordering::Acquire) {
            if self.line.is_due() {
                self.make_anew(&line);
                line = self.line.get();
            }
            line.client.poll(self.deliveries.between_polls());
        }
        let until = Instant::now() + LAST_REPORTS;
        while line.outstanding() > 0 && Instant::now() < until {
            line.client.poll(Duration::from_millis(10));
        }
        line.give_up();
    }

    /// Goes on with another client. What the old one held is ended first.
    fn make_anew(&self, old: &Line<D>) {
        match Line::new(&self.settings, &self.client_errors, &self.deliveries) {
            Ok(line) => {
                self.deliveries.renewing();
                self.line.replace(line);
                old.give_up();
                self.deliveries.renewed();
            }
            Err(error) => tracing::warn!(target: "bus::kafka", %error, "the producer is not made anew"),
        }
    }
}

impl<D: Deliveries> fmt::Debug for Producer<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("outstanding", &self.inner.line.peek().outstanding()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
