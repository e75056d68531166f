//! Reads assigned partitions, without a group: no rebalance can lose what is read here.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

use super::complaints::{Complaints, Context};
use super::connection::Connection;
use super::record::RecordView;
use super::settings::create;
use crate::error::ConnectError;
use crate::sync::lock;

/// How long one poll waits; a record ends it at once. Also how long a stop may take.
const POLL: Duration = Duration::from_millis(100);

/// How many records that are there already are read before who waits for them is woken. Each that
/// is woken may take the processor from this thread.
const BATCH: usize = 64;

/// How long a broker may take to name the end of a partition.
const WATERMARKS: Duration = Duration::from_secs(5);

/// What the reading side does with what is read. All calls come from the reader's thread.
pub(crate) trait ReaderHandler: Send + 'static {
    /// A record of a partition that is assigned.
    fn record(&mut self, record: &RecordView<'_>);

    /// No further record is there for now: who waits for what was read is to be woken.
    fn rest(&mut self);
}

/// A thread that reads assigned partitions and hands every record on.
pub(crate) struct Reader {
    consumer: Arc<BaseConsumer<Context>>,
    complaints: Arc<Complaints>,
    assigned: Mutex<Vec<(Arc<str>, i32)>>,
    stop: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Reader {
    /// Starts a reader of nothing.
    pub(crate) fn start(connection: &Connection, mut handler: impl ReaderHandler) -> Result<Self, ConnectError> {
        let complaints = Arc::clone(&connection.complaints);
        let consumer: BaseConsumer<Context> = create(&connection.settings.reader(), Context(Arc::clone(&complaints)))?;
        let consumer = Arc::new(consumer);
        let stop = Arc::new(AtomicBool::new(false));
        let (polled, stopped) = (Arc::clone(&consumer), Arc::clone(&stop));
        let thread = std::thread::Builder::new()
            .name("bus-replies".to_owned())
            .spawn(move || {
                while !stopped.load(Ordering::Acquire) {
                    let mut wait = POLL;
                    for _ in 0..BATCH {
                        match polled.poll(wait) {
                            Some(Ok(message)) => handler.record(&RecordView::new(&message)),
                            // Lost brokers are told through the context, and librdkafka comes back
                            // by itself; a reader must not end because of what it is told.
                            Some(Err(error)) => {
                                tracing::debug!(target: "bus::kafka", %error, "reading replies");
                                break;
                            }
                            None => break,
                        }
                        wait = Duration::ZERO;
                    }
                    handler.rest();
                }
            })
            .map_err(|error| ConnectError::Kafka {
                doing: "start the reader's thread".to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self { consumer, complaints, assigned: Mutex::new(Vec::new()), stop, thread: Mutex::new(Some(thread)) })
    }

    /// Reads a partition, too, from its present end on. When this returns, nothing that is written
    /// from now on is missed. Blocks for the time of one look-up.
    pub(crate) fn assign(&self, topic: &Arc<str>, partition: i32) -> Result<(), ConnectError> {
        let doing = || format!("read partition {partition} of topic `{topic}`");
        // Held to the end, so that two clients that start together assign it once.
        let mut assigned = lock(&self.assigned);
        if assigned.iter().any(|(name, number)| name == topic && *number == partition) {
            return Ok(());
        }
        let started = Instant::now();
        // As a number: the logical end costs half a second and races with the first reply.
        let end = loop {
            match self.consumer.fetch_watermarks(topic, partition, WATERMARKS) {
                Ok((_, end)) => break end,
                // A topic that was made a moment ago may not have its leader everywhere yet.
                Err(error) if started.elapsed() > WATERMARKS => {
                    let reason = self.complaints.cause().unwrap_or_else(|| error.to_string());
                    return Err(ConnectError::Kafka { doing: doing(), reason });
                }
                Err(_) => std::thread::park_timeout(Duration::from_millis(10)),
            }
        };
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(end))
            .and_then(|()| self.consumer.incremental_assign(&list))
            .map_err(|error| ConnectError::Kafka { doing: doing(), reason: error.to_string() })?;
        assigned.push((Arc::clone(topic), partition));
        Ok(())
    }

    /// Stops reading. Blocks for the poll under way.
    pub(crate) fn close(&self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("assigned", &self.assigned).finish_non_exhaustive()
    }
}
