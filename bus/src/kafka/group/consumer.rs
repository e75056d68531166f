//! One Kafka client of a member, from its subscription to its close.

use std::collections::VecDeque;
use std::ffi::c_char;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::bindings;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use super::commits::CommitUnderWay;
use super::control::Control;
use super::handler::{Assigned, Commit, Committed, Member, Position};
use super::topic_id::{Answer, Question};
use super::wake::Wake;
use crate::error::ConnectError;
use crate::kafka::client_errors::ClientErrors;
use crate::kafka::connection::Connection;
use crate::kafka::revive::{Watched, alone, reaches_a_broker};
use crate::kafka::settings::{Settings, create};
use crate::kafka::trace::{self, OfMember};
use crate::sync::lock;

/// How long a broker may take to name committed offsets, or the beginning of a partition.
const LOOK_UP: Duration = Duration::from_secs(3);

/// How long a broker may take to name the end of a partition, where that is only of use.
const END: Duration = Duration::from_millis(500);

/// How long a broker may take to say which topic a topic is, beyond all else that it was asked.
const IDENTITY: Duration = Duration::from_millis(500);

/// How long librdkafka may take to read elsewhere.
const SEEK: Duration = Duration::from_secs(1);

/// How long the broker that keeps a group is asked for it at a time.
const ASK: Duration = Duration::from_millis(500);

/// How many complaints are heard after each such question. More wait in librdkafka's queue.
const COMPLAINTS: usize = 256;

/// How long a broker may take to hear that a member leaves.
const LEAVE: Duration = Duration::from_secs(3);

/// How long a first join may take before the member leaves.
const JOIN: Duration = Duration::from_secs(1);

/// How long a close is waited for. Without a broker librdkafka may take any time.
const CLOSE: Duration = Duration::from_secs(2);

/// How many clients may be closing at once before another is made.
const CLOSING: usize = 2;

/// Makes the Kafka clients of a member, one after the other.
pub(super) struct Maker {
    pub(super) settings: Settings,
    client_errors: Arc<ClientErrors>,
    pub(super) member: Member,
    watch: Arc<Watch>,
    /// Close the clients before the present one.
    closing: Vec<JoinHandle<()>>,
}

impl Maker {
    pub(super) fn new(connection: &Connection, member: Member, control: Arc<Control>) -> Self {
        let watch = Arc::new(Watch { control, client: Mutex::default() });
        let watched: Arc<dyn Watched> = Arc::<Watch>::clone(&watch);
        connection.ward.watch_over(&watched);
        Self {
            settings: connection.settings.clone(),
            client_errors: Arc::clone(&connection.client_errors),
            member,
            watch,
            closing: Vec::new(),
        }
    }

    /// Makes a client that does not join the group yet.
    pub(super) fn consumer(&self) -> Result<Consumer, ConnectError> {
        let Member { topic, group, instance, .. } = &self.member;
        let context = GroupContext {
            client_errors: Arc::clone(&self.client_errors),
            events: Mutex::new(VecDeque::new()),
            closing: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            seen: OfMember::new(group, topic),
        };
        // The embedded broker knows no instances, only members.
        let instance = (!instance.drawn || self.settings.embedded.is_none()).then_some(instance.id.as_str());
        let mut client: BaseConsumer<GroupContext> = create(&self.settings.group(group, instance), context)?;
        let wake = Arc::new(Wake::default());
        let wakes = Arc::clone(&wake);
        client.set_nonempty_callback(move || wakes.wake());
        let client = Arc::new(client);
        *lock(&self.watch.client) = Arc::downgrade(&client);
        Ok(Consumer { client, topic: Arc::clone(topic), wake })
    }

    /// Closes a client on a thread of its own, without leaving the group: while no broker answers
    /// that takes librdkafka until one does.
    pub(super) fn close(&mut self, consumer: Consumer) {
        consumer.context().closing.store(true, Ordering::Release);
        let close = move || {
            let _ = consumer.client.unassign();
            drop(alone(consumer.client));
        };
        match std::thread::Builder::new().name("bus-closing".to_owned()).spawn(close) {
            Ok(thread) => self.closing.push(thread),
            // The closure, and with it the client, was dropped here.
            Err(error) => tracing::debug!(target: "bus::kafka", %error, "closing a consumer"),
        }
    }

    /// Whether another client may be made beside those that are closing.
    pub(super) fn has_room(&mut self) -> bool {
        self.closing.retain(|thread| !thread.is_finished());
        self.closing.len() < CLOSING
    }

    /// Waits for the clients that are closing, for so long that a stop without a broker ends.
    /// Blocks.
    pub(super) fn await_close(&mut self) {
        let until = Instant::now() + CLOSE;
        while !self.closing.is_empty() && Instant::now() < until {
            self.closing.retain(|thread| !thread.is_finished());
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }
}

/// The client of this moment, for whoever asks whether it still reaches a broker.
struct Watch {
    control: Arc<Control>,
    client: Mutex<Weak<BaseConsumer<GroupContext>>>,
}

impl Watched for Watch {
    fn name(&self) -> &'static str {
        "requests"
    }

    fn answers(&self, timeout: Duration) -> bool {
        let client = lock(&self.client).upgrade();
        // Between two clients there is nobody to ask.
        client.is_none_or(|client| reaches_a_broker(&*client, timeout))
    }

    fn set_due(&self) {
        self.control.ask_to_renew();
    }
}

/// A Kafka client that is, or wants to be, a member of a group.
pub(super) struct Consumer {
    pub(super) client: Arc<BaseConsumer<GroupContext>>,
    pub(super) topic: Arc<str>,
    pub(super) wake: Arc<Wake>,
}

impl Consumer {
    pub(super) fn context(&self) -> &GroupContext {
        self.client.context()
    }

    /// Joins the group.
    pub(super) fn subscribe(&self) -> Result<(), ConnectError> {
        self.client.subscribe(&[&self.topic]).map_err(|error| ConnectError::Kafka {
            doing: format!("subscribe to topic `{}`", self.topic),
            reason: error.to_string(),
        })
    }

    /// Whether the broker that keeps the group answers, and has loaded what it knows of it. Blocks.
    ///
    /// Asked before a member joins anew: librdkafka waits two seconds after a join that came too
    /// early. All that it complains of meanwhile is told: in an outage that is a line for each try
    /// to connect, and none of them says more than the answer does.
    pub(super) fn finds_group(&self, mut complaint: impl FnMut(&KafkaError)) -> bool {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.topic, 0);
        let asked = self.client.committed_offsets(list, ASK);
        for _ in 0..COMPLAINTS {
            match self.client.poll(Duration::ZERO) {
                Some(Err(error)) => complaint(&error),
                Some(Ok(_)) => {}
                None => break,
            }
        }
        match asked {
            Ok(_) => true,
            Err(error) => !matches!(
                error.rdkafka_error_code(),
                Some(
                    RDKafkaErrorCode::WaitingForCoordinator
                        | RDKafkaErrorCode::OperationTimedOut
                        | RDKafkaErrorCode::BrokerTransportFailure
                        | RDKafkaErrorCode::AllBrokersDown
                        | RDKafkaErrorCode::RequestTimedOut
                        | RDKafkaErrorCode::CoordinatorLoadInProgress
                        | RDKafkaErrorCode::CoordinatorNotAvailable
                        | RDKafkaErrorCode::NotCoordinator
                )
            ),
        }
    }

    /// The next thing that the group decided.
    pub(super) fn next_rebalance(&self) -> Option<Rebalance> {
        lock(&self.context().events).pop_front()
    }

    /// Whether the group has forgotten this member. What it says from then on is said in the name
    /// of nobody, and a broker that knows its instance by another member takes it for a stranger
    /// that goes by its name.
    pub(super) fn lost(&self) -> bool {
        self.context().lost.load(Ordering::Acquire) || self.client.assignment_lost()
    }

    /// What librdkafka has ended the client for, if it has.
    pub(super) fn fatal(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.client.client().fatal_error()
    }

    /// Looks up what the former owners left, and which topic this is. Blocks.
    pub(super) fn look_up(&self, partitions: &[i32], ends: bool) -> Result<(Vec<Assigned>, Option<u128>), KafkaError> {
        if partitions.is_empty() {
            return Ok((Vec::new(), None));
        }
        let question = self.ask_topic();
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition(&self.topic, *partition);
        }
        // Asked for by us, because the note of the former owner comes with it.
        let seen = &self.context().seen;
        for partition in partitions {
            seen.asking_committed(*partition);
        }
        let committed = self.client.committed_offsets(list, LOOK_UP)?;
        let mut assigned = Vec::new();
        for element in committed.elements() {
            element.error()?;
            let partition = element.partition();
            let committed = match element.offset() {
                Offset::Offset(offset) => Some((offset, element.metadata().to_owned())),
                _ => None,
            };
            seen.committed(partition, committed.as_ref().map(|(offset, _)| *offset));
            let end = if ends { self.end(partition) } else { None };
            assigned.push(Assigned { partition, committed, end });
        }
        let topic = question.and_then(|question| question.answer(IDENTITY)).and_then(Answer::id);
        Ok((assigned, topic))
    }

    /// Asks which topic this is.
    pub(super) fn ask_topic(&self) -> Option<Question> {
        Question::ask(self.client.client().native_ptr(), &self.topic)
    }

    /// Where a partition ends. Blocks.
    pub(super) fn end(&self, partition: i32) -> Option<i64> {
        trace::asking_end(&self.topic, partition);
        let (_, end) = self.client.fetch_watermarks(&self.topic, partition, END).ok()?;
        trace::end(&self.topic, partition, end);
        Some(end)
    }

    /// Reads these partitions from there on. Blocks.
    pub(super) fn read(&self, starts: &[(i32, Position)]) -> Result<(), KafkaError> {
        let mut list = TopicPartitionList::new();
        for (partition, position) in starts {
            let offset = match position {
                Position::At(offset) => Offset::Offset(*offset),
                // As a number: the logical beginning costs half a second.
                Position::Earliest => self
                    .client
                    .fetch_watermarks(&self.topic, *partition, LOOK_UP)
                    .map_or(Offset::Beginning, |(earliest, _)| Offset::Offset(earliest)),
            };
            list.add_partition_offset(&self.topic, *partition, offset)?;
        }
        self.client.assign(&list)
    }

    /// Goes on reading elsewhere. Where nothing stands there, at the first record that there is.
    pub(super) fn seek(&self, partition: i32, offset: i64) -> Result<(), KafkaError> {
        trace::seek(&self.topic, partition);
        self.client.seek(&self.topic, partition, Offset::Offset(offset), SEEK)
    }

    /// Commits, unless the group has forgotten this member. Does not wait.
    pub(super) fn commit(&self, number: u64, commits: Vec<Commit>) -> Result<CommitUnderWay, Committed> {
        if self.lost() {
            return Err(Committed::Over);
        }
        let client = self.client.client().native_ptr();
        self.context().seen.committing(client, number, commits.iter().map(|it| (it.partition, it.offset)));
        let mut list = TopicPartitionList::new();
        for commit in commits {
            let mut element = list.add_partition(&self.topic, commit.partition);
            if element.set_offset(Offset::Offset(commit.offset)).is_ok() {
                element.set_metadata(commit.metadata);
            }
        }
        CommitUnderWay::begin(client, &list).map_err(|error| outcome(Err(error)))
    }

    /// Leaves the group. Blocks until a broker has heard of it, or for [`LEAVE`].
    ///
    /// By ending the subscription first: a close alone says nothing to the broker where the member
    /// has an instance id, and its partitions would wait for the end of its session.
    pub(super) fn leave(&self) {
        self.context().closing.store(true, Ordering::Release);
        // A first join that is under way ends in a member that nobody would take out again.
        let joined = Instant::now() + JOIN;
        while !self.is_member() && !self.lost() && self.fatal().is_none() && Instant::now() < joined {
            drop(self.client.poll(Duration::from_millis(5)));
        }
        // For a rebalance that waits for it, to give or to take.
        let _ = self.client.assign(&TopicPartitionList::new());
        let _ = self.client.unassign();
        self.client.unsubscribe();
        let until = Instant::now() + LEAVE;
        while self.is_member() && Instant::now() < until {
            drop(self.client.poll(Duration::from_millis(5)));
            // While a rebalance is under way librdkafka puts this off, and may forget it.
            self.client.unsubscribe();
        }
    }

    /// Whether the group knows this client by a name. Librdkafka forgets it as it tells the broker
    /// that the member leaves.
    #[allow(unsafe_code)]
    fn is_member(&self) -> bool {
        let client = self.client.client().native_ptr();
        // SAFETY: the client is alive while it is borrowed; librdkafka answers with null or with a
        // text of its own that ends in a NUL, which is looked at and then given back by the
        // function that is there for it.
        unsafe {
            let name: *mut c_char = bindings::rd_kafka_memberid(client);
            if name.is_null() {
                return false;
            }
            let known = *name != 0;
            bindings::rd_kafka_mem_free(client, name.cast());
            known
        }
    }
}

/// What librdkafka calls back, on the thread that polls.
pub(super) struct GroupContext {
    client_errors: Arc<ClientErrors>,
    events: Mutex<VecDeque<Rebalance>>,
    closing: AtomicBool,
    /// Set when the group has forgotten the member.
    lost: AtomicBool,
    /// Told to whoever listens.
    pub(super) seen: OfMember,
}

impl GroupContext {
    /// Whether a loss of the session was told before now.
    pub(super) fn told_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }
}

/// What the group decided.
#[derive(Debug)]
pub(super) enum Rebalance {
    Assign(Vec<i32>),
    Revoke,
    /// The group does not know the member any more.
    Lost,
}

impl ClientContext for GroupContext {
    fn log(&self, level: rdkafka::config::RDKafkaLogLevel, facility: &str, message: &str) {
        self.client_errors.line(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.client_errors.event(&error, reason);
    }
}

impl ConsumerContext for GroupContext {
    /// Only notes what happened. The loop acts on it after the poll, so that a revocation can wait
    /// for what runs while polling, and with it heartbeats, goes on.
    fn rebalance(&self, client: &BaseConsumer<Self>, code: RDKafkaRespErr, list: &mut TopicPartitionList) {
        if self.closing.load(Ordering::Acquire) {
            // A close raises a last revocation and polls until it is carried out: nobody is left
            // to do that later.
            let _ = if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
                // None of them: to clear what there is would not be taken for an answer.
                client.assign(&TopicPartitionList::new())
            } else {
                client.unassign()
            };
            return;
        }
        let event = if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            let partitions: Vec<i32> =
                list.elements().iter().map(rdkafka::topic_partition_list::TopicPartitionListElem::partition).collect();
            self.seen.assigned(client.client().native_ptr(), &partitions);
            Rebalance::Assign(partitions)
        } else if client.assignment_lost() {
            self.lost.store(true, Ordering::Release);
            self.seen.lost();
            Rebalance::Lost
        } else {
            self.seen.revoked();
            Rebalance::Revoke
        };
        lock(&self.events).push_back(event);
    }
}

/// What is certain of a commit, in a word.
pub(super) fn certain(result: &Result<(), KafkaError>) -> &'static str {
    match result.as_ref().map_err(KafkaError::rdkafka_error_code) {
        Ok(()) => "taken",
        Err(Some(RDKafkaErrorCode::FencedInstanceId)) => "fenced",
        Err(Some(
            RDKafkaErrorCode::IllegalGeneration
            | RDKafkaErrorCode::UnknownMemberId
            | RDKafkaErrorCode::RebalanceInProgress,
        )) => "refused",
        // Nobody may have heard of it, or nobody answered: it may be taken yet.
        Err(_) => "unknown",
    }
}

/// While a group changes its broker refuses commits.
pub(super) fn outcome(result: Result<(), KafkaError>) -> Committed {
    let Err(error) = result else { return Committed::Taken };
    tracing::debug!(target: "bus::kafka", %error, "a commit was refused");
    match error.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::IllegalGeneration
            | RDKafkaErrorCode::UnknownMemberId
            | RDKafkaErrorCode::FencedInstanceId,
        ) => Committed::Over,
        _ => Committed::Refused,
    }
}
