//! What a bus is made of, and how it is taken apart.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use uuid::Uuid;

use super::options::Options;
use super::pending::Pending;
use super::replies::Replies;
use super::sender::Sender;
use super::topic::Topic;
use crate::counters::Counts;
use crate::error::{ConnectError, TopicError};
use crate::health::{Aged, Health, ReplyHealth, TopicHealth};
use crate::kafka::{Connection, LookUpError, Reader, Settings, TopicNeed};
use crate::protocol::calls::LOOK_UP_EVERY;
use crate::sync::{Moment, lock};

/// How often a broker is asked whether it is back.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// How long a close waits for acknowledgements of what was sent last.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// What a bus is made of. Calls under way and threads hold it without keeping the bus open.
pub(crate) struct Shared {
    pub(crate) connection: Connection,
    pub(crate) sender: Arc<Sender>,
    pub(super) pending: Arc<Pending>,
    pub(crate) counts: Arc<Counts>,
    last_answer: Arc<Moment>,
    pub(crate) options: Options,
    /// Who we are, as `bus-caller` says it.
    pub(crate) caller: Arc<str>,
    /// The topics in use, as last looked up. As many as contracts.
    topics: Mutex<HashMap<Arc<str>, Arc<Topic>>>,
    reader: Mutex<Option<Arc<Reader>>>,
    /// One process reads one reply partition per topic, so that its replies come in full batches.
    reply_partitions: Mutex<HashMap<Arc<str>, i32>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    closing: watch::Sender<bool>,
    pub(crate) servers: watch::Sender<usize>,
    closed: AtomicBool,
    /// What is served, for whoever asks how it stands.
    served: Mutex<Vec<Weak<dyn ServedTopic>>>,
}

/// A request topic that is served.
pub(crate) trait ServedTopic: Send + Sync {
    fn health(&self) -> TopicHealth;
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
        let client_errors = Arc::clone(connection.client_errors());
        let (pending, deadlines) = Pending::start(move || client_errors.cause()).map_err(failed)?;
        let sender = Sender::start(&connection, Arc::clone(&pending))?;
        let shared = Arc::new(Self {
            connection,
            sender,
            pending,
            counts: Arc::default(),
            last_answer: Arc::default(),
            options,
            caller: caller.into(),
            topics: Mutex::default(),
            reader: Mutex::default(),
            reply_partitions: Mutex::default(),
            threads: Mutex::new(vec![deadlines]),
            closing: watch::Sender::new(false),
            servers: watch::Sender::new(0),
            closed: AtomicBool::new(false),
            served: Mutex::default(),
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
            .spawn(move || kept.connection.keep_clients(&kept.closed, || kept.look_at_reader()))
            .map_err(failed)?;
        lock(&shared.threads).push(keeper);
        Ok(shared)
    }

    /// Makes or checks a topic and keeps an eye on it from now on. Blocks.
    pub(crate) fn topic(&self, need: &TopicNeed) -> Result<Arc<Topic>, ConnectError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(ConnectError::Closed);
        }
        let found = self.connection.ensure(need)?;
        let mut topics = lock(&self.topics);
        if let Some(topic) = topics.get(need.topic.as_str()) {
            topic.update(found);
            return Ok(Arc::clone(topic));
        }
        let topic = Arc::new(Topic::new(&need.topic, found, Arc::clone(self.sender.gate()), random()));
        topics.insert(Arc::clone(topic.name()), Arc::clone(&topic));
        Ok(topic)
    }

    /// Reads a partition of a reply topic from now on, and says which. Blocks.
    pub(crate) fn read_replies(&self, topic: &Topic, asked: Option<u32>) -> Result<i32, ConnectError> {
        let (name, count) = (topic.name(), topic.count());
        let partition = match self.options.reply_partition_for(asked) {
            Some(asked) => match i32::try_from(asked) {
                Ok(partition) if asked < count => partition,
                _ => {
                    return Err(
                        TopicError::NoSuchPartition { topic: name.to_string(), asked, partitions: count }.into()
                    );
                }
            },
            None => *lock(&self.reply_partitions)
                .entry(Arc::clone(name))
                .or_insert_with(|| i32::try_from(random() % u64::from(count.max(1))).unwrap_or(0)),
        };
        self.reader()?.assign(name, partition)?;
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
        let replies = Replies::new(Arc::clone(&self.pending), Arc::clone(&self.counts), Arc::clone(&self.last_answer));
        let started = Arc::new(Reader::start(&self.connection, replies)?);
        *reader = Some(Arc::clone(&started));
        Ok(started)
    }

    /// Looks how far replies are read.
    fn look_at_reader(&self) {
        let reader = lock(&self.reader).clone();
        if let Some(reader) = reader {
            reader.look();
        }
    }

    /// Takes a topic that is served into what [`health`](Self::health) says.
    pub(crate) fn serves(&self, topic: &Arc<dyn ServedTopic>) {
        let mut served = lock(&self.served);
        served.retain(|known| known.strong_count() > 0);
        served.push(Arc::downgrade(topic));
    }

    /// How all stands that runs on this bus.
    pub(crate) fn health(&self) -> Health {
        let (broker, cause) = self.connection.standing();
        let reader = lock(&self.reader).clone();
        let running = reader.as_ref().is_some_and(|reader| reader.runs());
        let states = reader.map(|reader| reader.standing()).unwrap_or_default();
        let replies = states.into_iter().map(|state| ReplyHealth {
            topic: state.topic.to_string(),
            partition: state.partition,
            at_end: Aged::since(state.at_end),
            trouble: state.trouble.map(Aged::since),
            running,
        });
        let served: Vec<_> = lock(&self.served).iter().filter_map(Weak::upgrade).collect();
        Health {
            broker: Aged::since(broker),
            cause,
            replies: replies.collect(),
            topics: served.iter().map(|topic| topic.health()).collect(),
            last_answer: self.last_answer.age(),
            closed: *self.closing.borrow(),
        }
    }

    /// Looks topics up now and then, and asks whether a lost broker is back.
    fn keep_topics(&self) {
        let mut refreshed = Instant::now();
        // A topic that is gone is looked for until it is made again.
        let mut missing = false;
        while !self.closed.load(Ordering::Acquire) {
            std::thread::park_timeout(ASK_AGAIN);
            self.connection.drain_client_events();
            let down = self.connection.client_errors().all_brokers_down();
            let doubtful = self.connection.client_errors().topics_are_doubtful();
            if !down && !missing && !doubtful && refreshed.elapsed() < LOOK_UP_EVERY {
                continue;
            }
            missing = false;
            refreshed = Instant::now();
            self.connection.close_idle_admin();
            let topics: Vec<_> = lock(&self.topics).values().cloned().collect();
            for topic in topics {
                match self.connection.look_up(topic.name()) {
                    Ok(found) => {
                        if down {
                            self.connection.client_errors().clear();
                        }
                        missing |= found.is_none();
                        topic.update(found.unwrap_or_default());
                    }
                    Err(LookUpError::Topic) => {
                        // The broker is there, and has something against this topic alone.
                        if down {
                            self.connection.client_errors().clear();
                        }
                    }
                    Err(LookUpError::Broker(error)) => {
                        tracing::debug!(%error, topic = &**topic.name(), "looking a topic up");
                        break;
                    }
                }
            }
        }
    }

    /// Looks a topic up now, for whoever cannot wait for the next time. Blocks.
    pub(crate) fn look_up_now(&self, topic: &Topic) {
        match self.connection.look_up(topic.name()) {
            Ok(found) => topic.update(found.unwrap_or_default()),
            Err(error) => tracing::debug!(?error, topic = &**topic.name(), "looking a topic up"),
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
        self.sender.close(CLOSE_GRACE);
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            thread.thread().unpark();
            let _ = thread.join();
        }
        self.connection.close_idle_admin();
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

fn random() -> u64 {
    Uuid::new_v4().as_u64_pair().1
}
