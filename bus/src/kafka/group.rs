//! Reads a topic as a member of a consumer group, on a thread that runs no user code.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use super::complaints::Complaints;
use super::connection::Connection;
use super::record::RecordView;
use super::revive::{self, Replaceable};
use super::settings::{Settings, create};
use crate::error::ConnectError;
use crate::sync::lock;
use crate::timeouts;

/// How long one poll waits; a record ends it at once.
const POLL: Duration = Duration::from_millis(50);

/// How long one poll waits while something is due that no record announces: room in the queue of
/// handlers, or the end of a drain.
const BUSY_POLL: Duration = Duration::from_millis(2);

/// How many records that are there already are read before they are handed on together. Each
/// hand-over wakes another thread; one for each record costs more than all else that is done for it.
const BATCH: usize = 64;

/// How often finished offsets are committed.
const COMMIT: Duration = Duration::from_millis(200);

/// How long a request that runs alone is waited for before others are read again.
const ALONE: Duration = Duration::from_secs(10);

/// How long a consumer that is made anew waits for the old one to leave the group.
const LEAVING: Duration = Duration::from_secs(2);

/// How long a broker may take to name committed offsets or the ends of a partition.
const LOOK_UP: Duration = Duration::from_secs(3);

/// A partition that this member got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assigned {
    pub(crate) partition: i32,
    /// The first offset that is read.
    pub(crate) from: i64,
    /// What the former owner left with its last commit.
    pub(crate) metadata: String,
}

/// An offset to be committed: the next one to be read, and a note for the next owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) metadata: String,
}

/// What is done before a record is taken.
#[derive(Clone, Debug)]
pub(crate) struct Precaution {
    /// Committed first.
    pub(crate) commits: Vec<Commit>,
    /// Whether nothing may run beside the record.
    pub(crate) alone: bool,
}

/// What the reading side does with what is read. All calls come from the group's thread.
pub(crate) trait GroupHandler: Send + 'static {
    /// These partitions are ours from now on, and no others.
    fn assigned(&mut self, partitions: &[Assigned]);

    /// A record of a partition that is ours.
    fn record(&mut self, record: &RecordView<'_>);

    /// No further record is there for now: what was read is to be handed on.
    fn rest(&mut self);

    /// Whether there is no room for more records now.
    fn full(&self) -> bool;

    /// Take no more: the partitions are being taken away, or the member stops.
    fn stop_taking(&mut self);

    /// Whether nothing that was started is unfinished.
    fn idle(&self) -> bool;

    /// The partitions are gone; what is unfinished is no longer ours to commit.
    fn revoked(&mut self);

    /// What has been finished since the last time, and, for an owner that leaves, that it does.
    fn commits(&mut self, leaving: bool) -> Vec<Commit>;

    /// The last commit was refused: what was in it is in the next.
    fn commit_again(&mut self);

    /// What is to be done before a record is taken, if anything is.
    fn before(&mut self, partition: i32, offset: i64) -> Option<Precaution>;
}

/// How a member of a group is made.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) topic: Arc<str>,
    pub(crate) group: String,
    pub(crate) instance: Option<String>,
    /// How long what runs may go on when partitions are taken away.
    pub(crate) revocation_drain: Duration,
}

/// A running member of a consumer group.
pub(crate) struct Group {
    control: Arc<Control>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Control {
    /// Set to stop: the time until which what runs may go on.
    stop: Mutex<Option<Instant>>,
    /// Whether the member ended by itself, and why.
    failed: Mutex<Option<String>>,
    has_partitions: AtomicBool,
}

impl Group {
    /// Joins the group.
    pub(crate) fn join<H: GroupHandler>(
        connection: &Connection,
        member: Member,
        handler: H,
        on_end: impl FnOnce() + Send + 'static,
    ) -> Result<Self, ConnectError> {
        let complaints = Arc::clone(&connection.complaints);
        let consumer = make(&connection.settings, &complaints, &member)?;
        subscribe(&consumer, &member)?;
        let anew = connection.ward.admit("requests", consumer);
        let control = Arc::new(Control::default());
        let mut running = Running {
            settings: connection.settings.clone(),
            consumer: anew.get(),
            anew,
            member,
            handler,
            control: Arc::clone(&control),
            revoking: None,
            paused: false,
        };
        let thread = std::thread::Builder::new()
            .name("bus-requests".to_owned())
            .spawn(move || {
                // A panic of ours must not leave a member that reads nothing and that nobody can stop.
                let failed = catch_unwind(AssertUnwindSafe(|| running.run()))
                    .unwrap_or_else(|_| Some("the thread that reads requests panicked".to_owned()));
                // The group is left before anybody is told, so that a successor has the
                // partitions when `run_until` returns.
                running.leave();
                let (control, anew) = (Arc::clone(&running.control), Arc::clone(&running.anew));
                drop(running);
                revive::end(anew, LEAVING);
                *lock(&control.failed) = failed;
                on_end();
            })
            .map_err(|error| ConnectError::Kafka {
                doing: "start the listener's thread".to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self { control, thread: Mutex::new(Some(thread)) })
    }

    /// Whether partitions have been assigned.
    pub(crate) fn has_partitions(&self) -> bool {
        self.control.has_partitions.load(Ordering::Acquire)
    }

    /// Lets what runs go on for so long, then commits and leaves the group. Does not wait for it.
    pub(crate) fn stop(&self, drain: Duration) {
        let mut stop = lock(&self.control.stop);
        let until = Instant::now() + drain.min(timeouts::LONGEST);
        *stop = Some(stop.map_or(until, |earlier| earlier.min(until)));
    }

    /// Why the member has left, where nobody asked it to.
    pub(crate) fn failed(&self) -> Option<String> {
        lock(&self.control.failed).clone()
    }

    /// Waits for the thread. Blocks.
    pub(crate) fn join_thread(&self) {
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Group {
    /// Nobody can stop the member any more: not who started it, and not who gave up while it did.
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("control", &self.control).finish_non_exhaustive()
    }
}

/// What librdkafka calls back, on the thread that polls.
struct GroupContext {
    complaints: Arc<Complaints>,
    events: Mutex<VecDeque<Rebalance>>,
    closing: AtomicBool,
    /// Set when the broker refused a commit.
    refused: AtomicBool,
}

enum Rebalance {
    Assign(Vec<i32>),
    Revoke,
}

impl ClientContext for GroupContext {
    fn log(&self, level: rdkafka::config::RDKafkaLogLevel, facility: &str, message: &str) {
        self.complaints.line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.complaints.event(&error, reason);
    }
}

impl ConsumerContext for GroupContext {
    /// Only notes what happened. The loop acts on it after the poll, so that a revocation can wait
    /// for what runs while polling, and with it heartbeats, goes on.
    fn rebalance(&self, consumer: &BaseConsumer<Self>, code: RDKafkaRespErr, list: &mut TopicPartitionList) {
        if self.closing.load(Ordering::Acquire) {
            // `drop` raises a last revocation and polls until it is carried out: nobody is left
            // to do that later.
            let _ = consumer.unassign();
            return;
        }
        let event = if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            Rebalance::Assign(
                list.elements().iter().map(rdkafka::topic_partition_list::TopicPartitionListElem::partition).collect(),
            )
        } else {
            Rebalance::Revoke
        };
        lock(&self.events).push_back(event);
    }

    /// While a group changes its broker refuses commits. What was to be committed then is
    /// committed with the next.
    fn commit_callback(&self, result: Result<(), KafkaError>, _: &TopicPartitionList) {
        if let Err(error) = result {
            tracing::debug!(target: "bus::kafka", %error, "a commit was refused");
            self.refused.store(true, Ordering::Release);
        }
    }
}

/// Makes a consumer that is a member of nothing yet.
fn make(
    settings: &Settings,
    complaints: &Arc<Complaints>,
    member: &Member,
) -> Result<BaseConsumer<GroupContext>, ConnectError> {
    let context = GroupContext {
        complaints: Arc::clone(complaints),
        events: Mutex::new(VecDeque::new()),
        closing: AtomicBool::new(false),
        refused: AtomicBool::new(false),
    };
    create(&settings.group(&member.group, member.instance.as_deref()), context)
}

/// Joins the group.
fn subscribe(consumer: &BaseConsumer<GroupContext>, member: &Member) -> Result<(), ConnectError> {
    consumer.subscribe(&[&member.topic]).map_err(|error| ConnectError::Kafka {
        doing: format!("subscribe to topic `{}`", member.topic),
        reason: error.to_string(),
    })
}

struct Running<H> {
    settings: Settings,
    /// The consumer of this moment.
    consumer: Arc<BaseConsumer<GroupContext>>,
    /// Says when it is to be made anew.
    anew: Arc<Replaceable<BaseConsumer<GroupContext>>>,
    member: Member,
    handler: H,
    control: Arc<Control>,
    /// A revocation that waits for what runs, until then.
    revoking: Option<Instant>,
    paused: bool,
}

impl<H: GroupHandler> Running<H> {
    /// Reads until it is told to stop or Kafka ends it; the latter is the reason returned.
    fn run(&mut self) -> Option<String> {
        let mut committed = Instant::now();
        let mut draining = None;
        loop {
            if draining.is_none() && self.anew.is_due() {
                self.make_anew();
            }
            if draining.is_none() {
                draining = *lock(&self.control.stop);
                if draining.is_some() {
                    self.handler.stop_taking();
                    self.pause(true);
                }
            }
            if let Some(until) = draining
                && (self.handler.idle() || Instant::now() >= until)
            {
                return None;
            }
            let urgent = draining.is_some() || self.revoking.is_some() || self.paused;
            let mut wait = if urgent { BUSY_POLL } else { POLL };
            for _ in 0..BATCH {
                match self.consumer.poll(wait) {
                    Some(Ok(message)) => {
                        let record = RecordView::new(&message);
                        if take(&self.consumer, &self.member.topic, &mut self.handler, &record) {
                            // It may have taken long: look for a stop and for rebalances first.
                            break;
                        }
                    }
                    Some(Err(error)) => {
                        if let Some(reason) = self.fatal(&error) {
                            self.handler.rest();
                            return Some(reason);
                        }
                        break;
                    }
                    None => break,
                }
                wait = Duration::ZERO;
            }
            self.handler.rest();
            if let Some(reason) = self.rebalance() {
                return Some(reason);
            }
            if draining.is_none() && self.revoking.is_none() {
                let full = self.handler.full();
                if full != self.paused {
                    self.pause(full);
                }
            }
            if committed.elapsed() >= COMMIT {
                committed = Instant::now();
                if self.consumer.context().refused.swap(false, Ordering::AcqRel) {
                    self.handler.commit_again();
                }
                self.commit(CommitMode::Async, false);
            }
        }
    }

    /// Acts on what the group decided.
    fn rebalance(&mut self) -> Option<String> {
        loop {
            let next = lock(&self.consumer.context().events).pop_front();
            match next {
                Some(Rebalance::Assign(partitions)) => {
                    if let Err(error) = self.assign(&partitions) {
                        return Some(format!("the assigned partitions could not be read: {error}"));
                    }
                }
                Some(Rebalance::Revoke) => {
                    self.handler.stop_taking();
                    // With the session already lost nothing can be committed, so nothing is waited for.
                    let wait =
                        if self.consumer.assignment_lost() { Duration::ZERO } else { self.member.revocation_drain };
                    self.revoking = Some(Instant::now() + wait.min(timeouts::LONGEST));
                }
                None => break,
            }
        }
        if let Some(until) = self.revoking
            && (self.handler.idle() || Instant::now() >= until)
        {
            self.finish_revocation();
        }
        None
    }

    fn finish_revocation(&mut self) {
        self.revoking = None;
        self.commit(CommitMode::Sync, true);
        self.handler.revoked();
        let _ = self.consumer.unassign();
        self.paused = false;
        self.control.has_partitions.store(false, Ordering::Release);
    }

    fn assign(&mut self, partitions: &[i32]) -> Result<(), KafkaError> {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition(&self.member.topic, *partition);
        }
        // Asked for by us, because the note of the former owner comes with it.
        let (committed, asked) = match self.consumer.committed_offsets(list.clone(), LOOK_UP) {
            Ok(committed) => (committed, true),
            Err(error) => {
                tracing::warn!(target: "bus::kafka", %error, "the former owner's note could not be read");
                (list, false)
            }
        };
        let mut start = TopicPartitionList::new();
        let mut assigned = Vec::new();
        for element in committed.elements() {
            let partition = element.partition();
            let from = match element.offset() {
                Offset::Offset(offset) => offset,
                // Not known is not none: librdkafka asks again, and starts there.
                _ if !asked || element.error().is_err() => -1,
                // A new group starts at the earliest request. As a number: the logical beginning
                // costs half a second.
                _ => self
                    .consumer
                    .fetch_watermarks(&self.member.topic, partition, LOOK_UP)
                    .map_or(-1, |(earliest, _)| earliest),
            };
            let offset = if from >= 0 { Offset::Offset(from) } else { Offset::Invalid };
            start.add_partition_offset(&self.member.topic, partition, offset)?;
            assigned.push(Assigned { partition, from, metadata: element.metadata().to_owned() });
        }
        self.handler.assigned(&assigned);
        self.consumer.assign(&start)?;
        self.paused = false;
        tracing::info!(target: "bus::kafka", topic = &*self.member.topic, ?partitions, "partitions assigned");
        self.control.has_partitions.store(!assigned.is_empty(), Ordering::Release);
        Ok(())
    }

    /// Goes on as another member, for this one has lost its brokers: what it finished it can commit
    /// no more.
    fn make_anew(&mut self) {
        let made = match make(&self.settings, &self.consumer.context().complaints, &self.member) {
            Ok(made) => made,
            Err(error) => {
                tracing::warn!(target: "bus::kafka", %error, "the consumer of requests is not made anew");
                return;
            }
        };
        self.handler.stop_taking();
        self.handler.revoked();
        self.control.has_partitions.store(false, Ordering::Release);
        self.revoking = None;
        self.paused = false;
        self.consumer.context().closing.store(true, Ordering::Release);
        let _ = self.consumer.unassign();
        let ending = self.anew.replace(made);
        self.consumer = self.anew.get();
        // One instance must not be there twice.
        ending.wait(LEAVING);
        if let Err(error) = subscribe(&self.consumer, &self.member) {
            tracing::warn!(target: "bus::kafka", %error, "the consumer that was made anew");
        }
    }

    fn commit(&mut self, mode: CommitMode, leaving: bool) {
        let commits = self.handler.commits(leaving);
        write_commits(&self.consumer, &self.member.topic, commits, mode);
    }

    fn pause(&mut self, pause: bool) {
        let done = self.consumer.assignment().and_then(|partitions| {
            if pause { self.consumer.pause(&partitions) } else { self.consumer.resume(&partitions) }
        });
        match done {
            Ok(()) => self.paused = pause,
            Err(error) => tracing::debug!(target: "bus::kafka", %error, pause, "pausing"),
        }
    }

    /// Whether an error ends the member. Most are news of a connection that comes back by itself.
    fn fatal(&self, error: &KafkaError) -> Option<String> {
        let code = error.rdkafka_error_code();
        let ends = matches!(error, KafkaError::MessageConsumptionFatal(_))
            || matches!(
                code,
                Some(
                    RDKafkaErrorCode::GroupAuthorizationFailed
                        | RDKafkaErrorCode::TopicAuthorizationFailed
                        | RDKafkaErrorCode::InvalidSessionTimeout
                        | RDKafkaErrorCode::InconsistentGroupProtocol
                )
            );
        if !ends {
            tracing::debug!(target: "bus::kafka", %error, "reading requests");
            return None;
        }
        let group = &self.member.group;
        Some(match code {
            Some(RDKafkaErrorCode::GroupAuthorizationFailed) => format!(
                "no right to read as consumer group `{group}`; grant it: kafka-acls.sh --add --allow-principal User:USER --operation Read --group {group}"
            ),
            Some(RDKafkaErrorCode::TopicAuthorizationFailed) => {
                format!("no right to read topic `{0}`; grant it: kafka-acls.sh --add --allow-principal User:USER --operation Read --topic {0}", self.member.topic)
            }
            Some(RDKafkaErrorCode::InvalidSessionTimeout) => {
                "the broker refuses the session timeout; set `session.timeout.ms` within its group.min.session.timeout.ms and group.max.session.timeout.ms".to_owned()
            }
            Some(RDKafkaErrorCode::InconsistentGroupProtocol) => {
                format!("consumer group `{group}` has members of another kind (another assignment strategy); name another with `.group(..)`")
            }
            _ => self.consumer.client().fatal_error().map_or_else(|| error.to_string(), |(_, reason)| reason),
        })
    }

    /// Commits what is finished and makes ready for the drop that leaves the group.
    fn leave(&mut self) {
        self.commit(CommitMode::Sync, true);
        self.handler.revoked();
        self.consumer.context().closing.store(true, Ordering::Release);
        let _ = self.consumer.unassign();
    }
}

/// Takes a record in, with what has to be done before, and says whether it ran alone: then it had
/// this thread to itself until it was finished.
fn take<H: GroupHandler>(
    consumer: &BaseConsumer<GroupContext>,
    topic: &str,
    handler: &mut H,
    record: &RecordView<'_>,
) -> bool {
    let Some(Precaution { commits, alone }) = handler.before(record.partition(), record.offset()) else {
        handler.record(record);
        return false;
    };
    if alone {
        handler.rest();
        wait_idle(handler);
    }
    write_commits(consumer, topic, commits, CommitMode::Sync);
    handler.record(record);
    if alone {
        handler.rest();
        wait_idle(handler);
    }
    alone
}

/// Waits until nothing runs, for so long that a stop is not held up for long.
fn wait_idle<H: GroupHandler>(handler: &H) {
    let until = Instant::now() + ALONE;
    while !handler.idle() && Instant::now() < until {
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

fn write_commits(consumer: &BaseConsumer<GroupContext>, topic: &str, commits: Vec<Commit>, mode: CommitMode) {
    if commits.is_empty() {
        return;
    }
    let mut list = TopicPartitionList::new();
    for commit in commits {
        let mut element = list.add_partition(topic, commit.partition);
        if element.set_offset(Offset::Offset(commit.offset)).is_ok() {
            element.set_metadata(commit.metadata);
        }
    }
    // A commit that fails is harmless: what it would have kept from running again is told apart by
    // the next owner, or by the next commit.
    if let Err(error) = consumer.commit(&list, mode) {
        tracing::debug!(target: "bus::kafka", %error, "commit");
    }
}
