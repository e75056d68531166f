//! What a bus is made of, and how it is taken apart.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use uuid::Uuid;

use super::options::Options;
use super::partition::Turns;
use super::pending::Pending;
use crate::counters::{Counts, count};
use crate::error::{ConnectError, TopicError};
use crate::kafka::{
    Connection, LookUpError, Partitions, Producer, Reader, ReaderHandler, RecordView, Settings, TopicNeed,
};
use crate::sync::lock;
use crate::wire;

/// How often topics are looked up, so that partitions that come, and leaders that go, are seen.
const REFRESH: Duration = Duration::from_secs(5);

/// How often a broker is asked whether it is back.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// How long a close waits for acknowledgements of what was sent last.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// What a bus is made of. Calls under way and threads hold it without keeping the bus open.
pub(crate) struct Shared {
    pub(crate) connection: Connection,
    pub(crate) producer: Producer,
    pub(crate) pending: Arc<Pending>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) options: Options,
    /// Who we are, as `bus-caller` says it.
    pub(crate) caller: Arc<str>,
    /// The topics in use, as last looked up. As many as contracts.
    topics: Mutex<HashMap<Arc<str>, Arc<Turns>>>,
    reader: Mutex<Option<Arc<Reader>>>,
    /// One process reads one reply partition per topic, so that its replies come in full batches.
    reply_partitions: Mutex<HashMap<Arc<str>, i32>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    closing: watch::Sender<bool>,
    pub(crate) servers: watch::Sender<usize>,
    closed: AtomicBool,
}

impl Shared {
    pub(crate) fn connect(
        settings: Settings,
        timeout: Duration,
        caller: String,
        options: Options,
    ) -> Result<Arc<Self>, ConnectError> {
        let connection = Connection::open(settings, timeout)?;
        let failed = |error: std::io::Error| ConnectError::Kafka {
            doing: "start a thread".to_owned(),
            reason: error.to_string(),
        };
        let producer = Producer::start(&connection)?;
        let complaints = Arc::clone(connection.complaints());
        let (pending, sweeper) = Pending::start(move || complaints.cause()).map_err(failed)?;
        let shared = Arc::new(Self {
            connection,
            producer,
            pending,
            counts: Arc::default(),
            options,
            caller: caller.into(),
            topics: Mutex::default(),
            reader: Mutex::default(),
            reply_partitions: Mutex::default(),
            threads: Mutex::new(vec![sweeper]),
            closing: watch::Sender::new(false),
            servers: watch::Sender::new(0),
            closed: AtomicBool::new(false),
        });
        let kept = Arc::clone(&shared);
        let keeper = std::thread::Builder::new()
            .name("bus-topics".to_owned())
            .spawn(move || kept.keep_topics())
            .map_err(failed)?;
        lock(&shared.threads).push(keeper);
        let kept = Arc::clone(&shared);
        let keeper = std::thread::Builder::new()
            .name("bus-clients".to_owned())
            .spawn(move || kept.connection.keep_clients(&kept.closed))
            .map_err(failed)?;
        lock(&shared.threads).push(keeper);
        Ok(shared)
    }

    /// Makes or checks a topic and keeps an eye on it from now on. Blocks.
    pub(crate) fn topic(&self, need: &TopicNeed) -> Result<(Arc<str>, Arc<Turns>), ConnectError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(ConnectError::Closed);
        }
        let found = self.connection.ensure(need)?;
        let mut topics = lock(&self.topics);
        if let Some((name, turns)) = topics.get_key_value(need.topic.as_str()) {
            turns.update(found);
            return Ok((Arc::clone(name), Arc::clone(turns)));
        }
        let name: Arc<str> = need.topic.as_str().into();
        let turns = Arc::new(Turns::new(found, random()));
        topics.insert(Arc::clone(&name), Arc::clone(&turns));
        Ok((name, turns))
    }

    /// Reads a partition of a reply topic from now on, and says which. Blocks.
    pub(crate) fn read_replies(&self, topic: &Arc<str>, count: u32, asked: Option<u32>) -> Result<i32, ConnectError> {
        let partition = match asked.or(self.options.reply_partition) {
            Some(asked) => match i32::try_from(asked) {
                Ok(partition) if asked < count => partition,
                _ => {
                    return Err(
                        TopicError::NoSuchPartition { topic: topic.to_string(), asked, partitions: count }.into()
                    );
                }
            },
            None => *lock(&self.reply_partitions)
                .entry(Arc::clone(topic))
                .or_insert_with(|| i32::try_from(random() % u64::from(count.max(1))).unwrap_or(0)),
        };
        self.reader()?.assign(topic, partition)?;
        Ok(partition)
    }

    fn reader(&self) -> Result<Arc<Reader>, ConnectError> {
        let mut reader = lock(&self.reader);
        if self.closed.load(Ordering::Acquire) {
            return Err(ConnectError::Closed);
        }
        if let Some(reader) = &*reader {
            return Ok(Arc::clone(reader));
        }
        let replies =
            Replies { pending: Arc::clone(&self.pending), counts: Arc::clone(&self.counts), woken: Vec::new() };
        let started = Arc::new(Reader::start(&self.connection, replies)?);
        *reader = Some(Arc::clone(&started));
        Ok(started)
    }

    /// Looks topics up now and then, and asks whether a lost broker is back.
    fn keep_topics(&self) {
        let mut refreshed = Instant::now();
        // A topic that is gone is looked for until it is made again.
        let mut missing = false;
        while !self.closed.load(Ordering::Acquire) {
            std::thread::park_timeout(ASK_AGAIN);
            self.connection.hear_complaints();
            let down = self.connection.complaints().all_brokers_down();
            let doubtful = self.connection.complaints().topics_are_doubtful();
            if !down && !missing && !doubtful && refreshed.elapsed() < REFRESH {
                continue;
            }
            missing = false;
            refreshed = Instant::now();
            self.connection.rest_admin();
            let topics: Vec<_> =
                lock(&self.topics).iter().map(|(name, turns)| (Arc::clone(name), Arc::clone(turns))).collect();
            for (name, turns) in topics {
                match self.connection.look_up(&name) {
                    Ok(found) => {
                        if down {
                            self.connection.complaints().clear();
                        }
                        missing |= found.is_none();
                        turns.update(found.unwrap_or_else(Partitions::default));
                    }
                    Err(LookUpError::Topic) => {
                        // The broker is there, and has something against this topic alone.
                        if down {
                            self.connection.complaints().clear();
                        }
                    }
                    Err(LookUpError::Broker(error)) => {
                        tracing::debug!(%error, topic = &*name, "looking a topic up");
                        break;
                    }
                }
            }
        }
    }

    /// Changes to true when the bus is being closed.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Counts a server in, until what is returned is dropped.
    pub(crate) fn serving(self: &Arc<Self>) -> ServerGuard {
        self.servers.send_modify(|running| *running += 1);
        ServerGuard { shared: Arc::clone(self) }
    }

    pub(crate) fn end_calls(&self) {
        self.closing.send_replace(true);
        self.pending.close();
    }

    /// Stops everything that was started. Blocks for the polls under way.
    pub(crate) fn disconnect(&self) {
        self.closed.store(true, Ordering::Release);
        self.pending.close();
        let reader = lock(&self.reader).take();
        if let Some(reader) = reader {
            reader.close();
        }
        self.producer.close(CLOSE_GRACE);
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            thread.thread().unpark();
            let _ = thread.join();
        }
        self.connection.rest_admin();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("connection", &self.connection).finish_non_exhaustive()
    }
}

/// A server that runs; a close waits until it is dropped.
pub(crate) struct ServerGuard {
    shared: Arc<Shared>,
}

impl Drop for ServerGuard {
    fn drop(&mut self) {
        self.shared.servers.send_modify(|running| *running -= 1);
    }
}

/// Gives replies to the calls that wait for them.
struct Replies {
    pending: Arc<Pending>,
    counts: Arc<Counts>,
    /// Whose replies have been read. As many as the reader reads before a rest.
    woken: Vec<Waker>,
}

impl ReaderHandler for Replies {
    /// Foreign tokens go no further than this look.
    fn record(&mut self, record: &RecordView<'_>) {
        let call = wire::read_token(record.headers())
            .ok()
            .and_then(|(token, _)| wire::own_token(token))
            .and_then(|token| self.pending.remove(token));
        match call {
            Some(call) => {
                let reply = wire::read_reply(record.headers(), record.value(), call.codec());
                self.woken.extend(call.complete(Ok(reply)));
            }
            None => count(&self.counts.foreign_replies),
        }
    }

    fn rest(&mut self) {
        for waker in self.woken.drain(..) {
            waker.wake();
        }
    }
}

fn random() -> u64 {
    Uuid::new_v4().as_u64_pair().1
}
