//! The time of one Kafka client of a member: polls, hands records on, commits, and acts on what the
//! group decides.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaError;

use super::commits::CommitUnderWay;
use super::consumer::{Consumer, Rebalance, certain, outcome};
use super::control::Control;
use super::handler::{Action, Commit, GroupHandler, Member};
use super::queues::Queue;
use super::topic_id::Question;
use super::trouble::{self, Backoff, Verdict};
use crate::kafka::record::RecordView;
use crate::kafka::settings::Settings;
use crate::kafka::trace;

/// How long the loop waits; whatever librdkafka tells ends it at once.
pub(super) const POLL: Duration = Duration::from_millis(50);

/// How long the loop waits while something is due that nobody announces: room in the queue of
/// handlers, the outcome of a commit, or the end of a drain.
pub(super) const BUSY_POLL: Duration = Duration::from_millis(1);

/// How many things that are no records are looked at in one turn.
const EVENTS: usize = 64;

/// How many records that are there already are read before they are handed on together. Each
/// hand-over wakes another thread; one for each record costs more than all else that is done for it.
const BATCH: usize = 64;

/// How long the end of a member may take that cannot go on.
const LAST: Duration = Duration::from_secs(2);

/// How long a member that could not read must have its share without a complaint until it is well.
const PROBATION: Duration = Duration::from_secs(1);

/// What a member is, whichever client it has.
pub(super) struct State<H> {
    pub(super) member: Member,
    pub(super) settings: Settings,
    pub(super) handler: H,
    pub(super) control: Arc<Control>,
    pub(super) backoff: Backoff,
}

impl<H> State<H> {
    /// The member has no right to read.
    pub(super) fn denied(&self, reason: &str) {
        if self.control.trouble(reason) {
            let topic = &*self.member.topic;
            tracing::error!(topic, reason, "requests cannot be read; trying again");
        }
    }
}

/// How the time of one Kafka client ends.
#[derive(Debug)]
pub(super) enum End {
    /// Somebody asked the member to stop.
    Stopped,
    /// The member cannot go on.
    Final(String),
    /// The member goes on with another client, after so long.
    Renew(Duration),
}

/// The time of one Kafka client.
pub(super) struct Session<'a, H> {
    consumer: &'a Consumer,
    topic: Arc<str>,
    state: &'a mut State<H>,
    /// The commit that is under way.
    committing: Option<(u64, CommitUnderWay)>,
    /// Which topic this is, once the broker answers.
    question: Option<Question>,
    partitions: Vec<i32>,
    /// Whether the group has been left: then nothing is read any more.
    left: bool,
    /// Those of the share.
    queues: Vec<Queue>,
    /// The queue that is read first in the next turn.
    turn: usize,
    /// Whether there is no room for more.
    full: bool,
    /// When the member joins anew, unless it can read before.
    renew: Option<Instant>,
    /// When a member that could not read is well, unless there is another complaint before.
    well: Option<Instant>,
}

impl<'a, H: GroupHandler> Session<'a, H> {
    pub(super) fn new(state: &'a mut State<H>, consumer: &'a Consumer) -> Self {
        let topic = Arc::clone(&state.member.topic);
        Self {
            consumer,
            topic,
            state,
            committing: None,
            question: None,
            partitions: Vec::new(),
            left: false,
            queues: Vec::new(),
            turn: 0,
            full: false,
            renew: None,
            well: None,
        }
    }

    /// Reads until the client's time ends.
    pub(super) fn run(&mut self) -> End {
        self.consumer.wake.here();
        loop {
            let now = Instant::now();
            self.state.handler.wake(now);
            if let Some(until) = self.state.control.stopping() {
                self.state.handler.stop(until, now);
            }
            if self.left {
                std::thread::park_timeout(BUSY_POLL);
            } else {
                let end =
                    self.poll_events().or_else(|| self.read()).or_else(|| self.rebalance()).or_else(|| self.renews());
                if let Some(end) = end {
                    return end;
                }
                self.poll_answers();
            }
            if let Some(end) = self.carry_out() {
                return end;
            }
            if !self.left {
                self.wait();
            }
        }
    }

    /// Waits until there is something to do.
    fn wait(&mut self) {
        if !self.full && self.queues.iter().any(Queue::filled) {
            return;
        }
        let urgent = self.full || self.committing.is_some() || self.state.handler.is_urgent();
        let started = Instant::now();
        self.consumer.wake.wait(if urgent { BUSY_POLL } else { POLL });
        if started.elapsed() >= POLL {
            // As seldom as it costs nothing: a wake-up that was lost would be a partition that is.
            self.queues.iter().for_each(Queue::doubt);
        }
    }

    /// Leaves the group at once, whatever runs.
    pub(super) fn finish(&mut self) {
        let now = Instant::now();
        self.state.handler.stop(now, now);
        let until = now + LAST;
        while Instant::now() < until {
            if matches!(self.carry_out(), Some(End::Stopped)) {
                return;
            }
            self.poll_answers();
            std::thread::park_timeout(BUSY_POLL);
        }
        self.consumer.leave();
    }

    /// Does what is to be done.
    fn carry_out(&mut self) -> Option<End> {
        while let Some(action) = self.state.handler.next(Instant::now()) {
            match action {
                Action::Read(partitions) => {
                    if let Err(error) = self.assign(&partitions) {
                        tracing::warn!(target: "bus::kafka", %error, ?partitions, "the assigned partitions could not be read");
                        return Some(self.anew());
                    }
                }
                Action::Commit { number, commits, .. } => self.commit(number, commits),
                Action::Unassign => {
                    self.queues.clear();
                    self.full = false;
                    let _ = self.consumer.client.unassign();
                    self.partitions.clear();
                    (self.committing, self.question) = (None, None);
                    self.state.control.revoked();
                }
                Action::Leave => {
                    self.consumer.leave();
                    self.left = true;
                }
                Action::Pause => self.full = true,
                Action::Resume => self.full = false,
                Action::CheckTopic => self.check_topic(),
                Action::End => return Some(End::Stopped),
            }
        }
        None
    }

    /// Hears what librdkafka tells beside records.
    fn poll_events(&mut self) -> Option<End> {
        let consumer = self.consumer;
        let mut nothing = 0;
        for _ in 0..EVENTS {
            match consumer.client.poll(Duration::ZERO) {
                // Of a partition that has no queue of its own.
                Some(Ok(message)) => {
                    let end = self.take(&RecordView::new(&message));
                    self.state.handler.end_of_batch();
                    if end.is_some() {
                        return end;
                    }
                }
                Some(Err(error)) => {
                    if let Some(end) = self.complaint(&error) {
                        return Some(end);
                    }
                }
                // Also said of what was told to the context; twice in a row it is true.
                None => {
                    nothing += 1;
                    if nothing > 1 {
                        break;
                    }
                    continue;
                }
            }
            nothing = 0;
        }
        None
    }

    /// Hands on what is there, a little of each partition in turn.
    fn read(&mut self) -> Option<End> {
        if self.full || self.queues.is_empty() {
            return None;
        }
        let queues = std::mem::take(&mut self.queues);
        let share = BATCH.div_ceil(queues.len());
        self.turn = (self.turn + 1) % queues.len();
        let mut end = None;
        'turn: for queue in queues[self.turn..].iter().chain(&queues[..self.turn]) {
            for _ in 0..share {
                if !queue.filled() {
                    break;
                }
                end = match queue.next() {
                    Some(Ok(message)) => self.take(&RecordView::new(&message)),
                    Some(Err(error)) => self.complaint(&error),
                    None => break,
                };
                if end.is_some() {
                    break 'turn;
                }
            }
        }
        self.queues = queues;
        self.state.handler.end_of_batch();
        end
    }

    /// Takes a record in.
    fn take(&mut self, record: &RecordView<'_>) -> Option<End> {
        if self.renew.is_some() || self.well.is_some() {
            self.is_well();
        }
        trace::read(&self.topic, record.partition(), record.offset());
        let offset = self.state.handler.record(record)?;
        self.seek(record.partition(), offset)
    }

    /// Reads elsewhere. Where librdkafka cannot, another client can.
    fn seek(&mut self, partition: i32, offset: i64) -> Option<End> {
        tracing::warn!(
            topic = &*self.topic,
            partition,
            offset,
            "the log is not what it was: reading goes on elsewhere"
        );
        let Err(error) = self.consumer.seek(partition, offset) else { return None };
        tracing::warn!(target: "bus::kafka", %error, partition, offset, "reading elsewhere");
        Some(self.anew())
    }

    /// Takes in what brokers have answered meanwhile.
    fn poll_answers(&mut self) {
        if let Some((number, commit)) = &self.committing
            && let Some(committed) = commit.outcome(Duration::ZERO)
        {
            let number = *number;
            self.committing = None;
            self.consumer.context().seen.commit_answered(number, certain(&committed));
            self.state.handler.committed(number, outcome(committed), Instant::now());
        }
        if let Some(answer) = self.question.as_ref().and_then(|question| question.answer(Duration::ZERO)) {
            self.question = None;
            for (partition, offset) in answer.id().map(|id| self.state.handler.topic(id)).unwrap_or_default() {
                if self.seek(partition, offset).is_some() {
                    self.renew = Some(Instant::now());
                }
            }
        }
    }

    fn check_topic(&mut self) {
        self.question = self.consumer.ask_topic();
        if self.state.handler.wants_ends() {
            for partition in &self.partitions {
                let asked = Instant::now();
                match self.consumer.end(*partition) {
                    Some(end) => self.state.handler.log_ended(*partition, end, asked),
                    None => break,
                }
            }
        }
    }

    /// Acts on what the group decided.
    fn rebalance(&mut self) -> Option<End> {
        while let Some(next) = self.consumer.next_rebalance() {
            match next {
                Rebalance::Assign(partitions) => self.state.handler.assigned(partitions, Instant::now()),
                Rebalance::Revoke => self.state.handler.revoked(Instant::now()),
                Rebalance::Lost => {
                    tracing::warn!(target: "bus::kafka", topic = &*self.topic, "the group has forgotten this member");
                    return Some(self.anew());
                }
            }
        }
        None
    }

    fn assign(&mut self, partitions: &[i32]) -> Result<(), KafkaError> {
        let asked = Instant::now();
        let (assigned, topic) = match self.consumer.look_up(partitions, self.state.handler.wants_ends()) {
            Ok(found) => found,
            Err(error) => {
                // Not known is not none: it is asked again.
                tracing::warn!(target: "bus::kafka", %error, "the former owner's note could not be read");
                return Ok(());
            }
        };
        let positions = self.state.handler.looked_up(&assigned, topic, asked);
        // Before they are assigned, or the first records would be in two queues.
        self.queues = partitions.iter().filter_map(|partition| Queue::of(self.consumer, *partition)).collect();
        self.full = false;
        let starts: Vec<_> = assigned.iter().map(|it| it.partition).zip(positions).collect();
        self.consumer.read(&starts)?;
        self.partitions = partitions.to_vec();
        tracing::info!(target: "bus::kafka", topic = &*self.topic, ?partitions, "partitions assigned");
        self.state.control.assigned(partitions);
        self.well = Some(Instant::now() + PROBATION);
        Ok(())
    }

    fn commit(&mut self, number: u64, commits: Vec<Commit>) {
        self.committing = None;
        match self.consumer.commit(number, commits) {
            Ok(commit) => self.committing = Some((number, commit)),
            Err(committed) => self.state.handler.committed(number, committed, Instant::now()),
        }
    }

    /// What an error means for the member. Most are news of a connection that comes back by itself.
    fn complaint(&mut self, error: &KafkaError) -> Option<End> {
        let member = &self.state.member;
        match trouble::judge(error, self.consumer.fatal(), member, &self.state.settings) {
            Verdict::Passing => {
                tracing::debug!(target: "bus::kafka", %error, "reading requests");
                None
            }
            Verdict::Denied(reason) => {
                self.state.denied(&reason);
                self.well = None;
                if self.renew.is_none() {
                    let now = Instant::now();
                    self.renew = Some(now + self.state.backoff.next(now, trouble::FIRST));
                }
                None
            }
            Verdict::Broken(reason) => {
                tracing::warn!(target: "bus::kafka", topic = &*self.topic, reason, "the consumer is of no more use");
                Some(self.anew())
            }
            // In the name of nobody, whom the group has forgotten: see `Consumer::lost`.
            Verdict::Replaced if self.consumer.context().told_lost() => Some(self.anew()),
            Verdict::Replaced => {
                self.consumer.context().seen.fenced();
                Some(if member.instance.drawn { self.anew() } else { End::Final(trouble::replaced(member)) })
            }
            Verdict::Final(reason) => Some(End::Final(reason)),
        }
    }

    /// Whether the member is to join anew: somebody asks for it, or it has waited to be allowed to
    /// read for long enough.
    fn renews(&mut self) -> Option<End> {
        let now = Instant::now();
        if self.well.is_some_and(|at| at <= now) {
            self.is_well();
        }
        if self.renew.is_some_and(|at| at <= now) {
            return Some(End::Renew(Duration::ZERO));
        }
        self.state.control.take_renew().then(|| self.anew())
    }

    /// Joins anew: at once, unless that was not long ago.
    fn anew(&mut self) -> End {
        End::Renew(self.state.backoff.next(Instant::now(), Duration::ZERO))
    }

    /// The member can read.
    fn is_well(&mut self) {
        (self.renew, self.well) = (None, None);
        if self.state.control.well() {
            tracing::info!(topic = &*self.topic, "requests are read again");
        }
    }
}
