//! Reads assigned partitions, without a group: no rebalance can lose what is read here.

use std::ffi::CString;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::bindings;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};

use super::client_errors::{ClientErrors, ErrorContext};
use super::connection::Connection;
use super::describe::Resource;
use super::record::RecordView;
use super::revive::Replaceable;
use super::settings::{Settings, create};
use crate::error::ConnectError;
use crate::sync::lock;

/// How long one poll waits; a record ends it at once. Also how long a stop may take.
const POLL: Duration = Duration::from_millis(100);

/// How many records that are there already are read before who waits for them is woken. Each that
/// is woken may take the processor from this thread.
const BATCH: usize = 64;

/// How long a broker may take to name the end of a partition.
const WATERMARKS: Duration = Duration::from_secs(5);

/// How often it is looked at whether all is read.
const LOOK: Duration = Duration::from_secs(2);

/// How long a broker may take to say where a partition ends when that is looked at.
const END: Duration = Duration::from_secs(1);

/// How long one question for it waits, so that the next goes to a consumer that was made anew.
const LOOK_UP: Duration = Duration::from_secs(2);

/// What the reading side does with what is read. All calls come from the reader's thread.
pub(crate) trait ReaderHandler: Send + 'static {
    /// A record of a partition that is assigned.
    fn record(&mut self, record: &RecordView<'_>);

    /// No further record is there for now: who waits for what was read is to be woken.
    fn end_of_batch(&mut self);
}

/// A thread that reads assigned partitions and hands every record on.
pub(crate) struct Reader {
    reading: Arc<Reading>,
    /// Held while a partition is looked up and assigned, so that two clients that start together
    /// assign it once.
    assigning: Mutex<()>,
    stop: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread reads with.
struct Reading {
    settings: Settings,
    client_errors: Arc<ClientErrors>,
    consumer: Arc<Replaceable<BaseConsumer<ErrorContext>>>,
    /// What is read. Locked while it is assigned, too, so that a consumer that is made anew is given
    /// all of it.
    assigned: Mutex<Vec<Assigned>>,
    /// Why partitions cannot be read, since when.
    trouble: Mutex<Option<(String, Instant)>>,
    /// When it was last looked at how far it reads.
    looked: Mutex<Instant>,
}

/// A partition that is read.
#[derive(Debug)]
struct Assigned {
    topic: Arc<str>,
    partition: i32,
    /// From which offset it was read first.
    first: i64,
    /// Where it ended when that was last looked at.
    end: i64,
    /// Whether it was read to there by the next time, since when.
    at_end: (bool, Instant),
}

/// How a partition is read.
#[derive(Debug)]
pub(crate) struct ReadingState {
    pub(crate) topic: Arc<str>,
    pub(crate) partition: i32,
    /// Whether it is read to its end, since when.
    pub(crate) at_end: (bool, Instant),
    /// Why not, where that is known.
    pub(crate) trouble: Option<(String, Instant)>,
}

impl Reader {
    /// Starts a reader of nothing.
    pub(crate) fn start(connection: &Connection, handler: impl ReaderHandler) -> Result<Self, ConnectError> {
        let client_errors = Arc::clone(&connection.client_errors);
        let consumer: BaseConsumer<ErrorContext> =
            create(&connection.settings.reader(), ErrorContext(Arc::clone(&client_errors)))?;
        let reading = Arc::new(Reading {
            settings: connection.settings.clone(),
            client_errors,
            consumer: connection.ward.admit("replies", consumer),
            assigned: Mutex::default(),
            trouble: Mutex::default(),
            looked: Mutex::new(Instant::now()),
        });
        let stop = Arc::new(AtomicBool::new(false));
        let (of_thread, stopped) = (Arc::clone(&reading), Arc::clone(&stop));
        let thread = std::thread::Builder::new()
            .name("bus-replies".to_owned())
            .spawn(move || of_thread.run(handler, &stopped))
            .map_err(|error| ConnectError::Kafka {
                doing: "start the reader's thread".to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self { reading, assigning: Mutex::default(), stop, thread: Mutex::new(Some(thread)) })
    }

    /// Reads a partition, too, from its present end on. When this returns, nothing that is written
    /// from now on is missed. Blocks for the time of one look-up.
    pub(crate) fn assign(&self, topic: &Arc<str>, partition: i32) -> Result<(), ConnectError> {
        let doing = || format!("read partition {partition} of topic `{topic}`");
        let _assigning = lock(&self.assigning);
        if lock(&self.reading.assigned).iter().any(|known| known.topic == *topic && known.partition == partition) {
            return Ok(());
        }
        let started = Instant::now();
        // As a number: the logical end costs half a second and races with the first reply.
        let end = loop {
            match self.reading.consumer.get().fetch_watermarks(topic, partition, LOOK_UP) {
                Ok((_, end)) => break end,
                // A topic that was made a moment ago may not have its leader everywhere yet.
                Err(error) if started.elapsed() > WATERMARKS => {
                    let reason = self.reading.client_errors.cause().unwrap_or_else(|| error.to_string());
                    return Err(ConnectError::Kafka { doing: doing(), reason });
                }
                Err(_) => std::thread::park_timeout(Duration::from_millis(10)),
            }
        };
        let mut list = TopicPartitionList::new();
        let mut assigned = lock(&self.reading.assigned);
        list.add_partition_offset(topic, partition, Offset::Offset(end))
            .and_then(|()| self.reading.consumer.get().incremental_assign(&list))
            .map_err(|error| ConnectError::Kafka { doing: doing(), reason: error.to_string() })?;
        let at_end = (true, Instant::now());
        assigned.push(Assigned { topic: Arc::clone(topic), partition, first: end, end, at_end });
        Ok(())
    }

    /// Looks whether all is read that there was the last time, unless that was just now. Blocks
    /// for the questions to brokers.
    pub(crate) fn look(&self) {
        let mut looked = lock(&self.reading.looked);
        if looked.elapsed() >= LOOK {
            *looked = Instant::now();
            drop(looked);
            self.reading.look();
        }
    }

    /// How the partitions are read.
    pub(crate) fn standing(&self) -> Vec<ReadingState> {
        let trouble = lock(&self.reading.trouble).clone();
        let state = |of: &Assigned| ReadingState {
            topic: Arc::clone(&of.topic),
            partition: of.partition,
            at_end: of.at_end,
            trouble: trouble.clone().filter(|_| !of.at_end.0),
        };
        lock(&self.reading.assigned).iter().map(state).collect()
    }

    /// Whether its thread runs.
    pub(crate) fn runs(&self) -> bool {
        lock(&self.thread).as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Stops reading. Blocks for the poll under way.
    pub(crate) fn close(&self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

impl Reading {
    fn run(&self, mut handler: impl ReaderHandler, stop: &AtomicBool) {
        let mut consumer = self.consumer.get();
        while !stop.load(Ordering::Acquire) {
            if self.consumer.is_due() {
                self.make_anew(&consumer);
                consumer = self.consumer.get();
            }
            let mut wait = POLL;
            for _ in 0..BATCH {
                match consumer.poll(wait) {
                    Some(Ok(message)) => handler.record(&RecordView::new(&message)),
                    // Lost brokers are told through the context, and librdkafka comes back by
                    // itself or is made anew; a reader must not end because of what it is told.
                    Some(Err(error)) => {
                        self.complaint(&error);
                        break;
                    }
                    None => break,
                }
                wait = Duration::ZERO;
            }
            handler.end_of_batch();
        }
    }

    fn complaint(&self, error: &KafkaError) {
        tracing::debug!(target: "bus::kafka", %error, "reading replies");
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::TopicAuthorizationFailed) {
            return;
        }
        // Which topic it is, librdkafka does not say here.
        let mut topics: Vec<_> = lock(&self.assigned).iter().map(|of| Arc::clone(&of.topic)).collect();
        topics.sort_unstable();
        topics.dedup();
        let which = if topics.len() > 1 { "one of these topics" } else { "topic" };
        let grants: Vec<_> = topics.iter().map(|topic| self.settings.grant("Read", Resource::Topic(topic))).collect();
        let reason = format!("no right to read {which}: {}; grant it: {}", topics.join(", "), grants.join("; "));
        self.client_errors.error_of_kind("the right to read replies", &reason);
        *lock(&self.trouble) = Some((reason, Instant::now()));
    }

    /// Compares how far each partition was fetched with where it ended the last time.
    fn look(&self) {
        let known: Vec<_> = lock(&self.assigned).iter().map(|of| (Arc::clone(&of.topic), of.partition)).collect();
        let mut all = true;
        for (topic, partition) in known {
            let consumer = self.consumer.get();
            let fetched = fetched_to(&consumer, &topic, partition);
            let end = consumer.fetch_watermarks(&topic, partition, END).map(|(_, end)| end);
            let mut assigned = lock(&self.assigned);
            let Some(of) = assigned.iter_mut().find(|of| of.topic == topic && of.partition == partition) else {
                continue;
            };
            let at_end = end.is_ok() && fetched.is_some_and(|fetched| fetched >= of.end);
            of.end = end.unwrap_or(of.end);
            if of.at_end.0 != at_end {
                of.at_end = (at_end, Instant::now());
            }
            all &= at_end;
        }
        if all {
            *lock(&self.trouble) = None;
        }
    }

    /// Goes on with another consumer, behind the last record that was handed on. Where that is gone
    /// it begins with the earliest that is there: too much is harmless, too little loses replies.
    fn make_anew(&self, old: &BaseConsumer<ErrorContext>) {
        let assigned = lock(&self.assigned);
        let made = create::<_, BaseConsumer<ErrorContext>>(
            &self.settings.reader(),
            ErrorContext(Arc::clone(&self.client_errors)),
        )
        .map_err(|error| error.to_string())
        .and_then(|consumer| {
            let read = old.position().unwrap_or_default();
            let mut list = TopicPartitionList::new();
            for Assigned { topic, partition, first, .. } in &*assigned {
                let next = match read.find_partition(topic, *partition).map(|found| found.offset()) {
                    Some(Offset::Offset(next)) => next.max(0),
                    _ => *first,
                };
                list.add_partition_offset(topic, *partition, Offset::Offset(next))
                    .map_err(|error| error.to_string())?;
            }
            consumer.assign(&list).map_err(|error| error.to_string())?;
            Ok(consumer)
        });
        match made {
            Ok(consumer) => self.consumer.replace(consumer),
            Err(error) => tracing::warn!(target: "bus::kafka", error, "the reader of replies is not made anew"),
        }
    }
}

/// Where a partition ended when it was last fetched from, whatever was fetched; none where the
/// last fetch was refused, and before the first.
#[allow(unsafe_code)]
fn fetched_to(consumer: &BaseConsumer<ErrorContext>, topic: &str, partition: i32) -> Option<i64> {
    let name = CString::new(topic).ok()?;
    let (mut low, mut high) = (0, 0);
    // SAFETY: the client is alive while it is borrowed; the name ends in a NUL and lives until the
    // call returns; librdkafka writes both numbers, or says that there is an error.
    let asked = unsafe {
        let client = consumer.client().native_ptr();
        bindings::rd_kafka_get_watermark_offsets(client, name.as_ptr(), partition, &raw mut low, &raw mut high)
    };
    (asked == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0).then_some(high)
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("assigned", &self.reading.assigned).finish_non_exhaustive()
    }
}
