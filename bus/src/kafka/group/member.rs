//! The loop of a member: polls, hands records on, commits, acts on what the group decides, and
//! joins anew where its Kafka client is of no more use.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaError;

use super::commits::CommitUnderWay;
use super::consumer::{Consumer, Maker, Rebalance, outcome};
use super::control::Control;
use super::handler::{Action, Commit, Committed, GroupHandler};
use super::queues::Queue;
use super::topic_id::Question;
use super::trouble::{self, Backoff, Verdict};
use crate::error::ConnectError;
use crate::kafka::record::RecordView;

/// How long the loop waits; whatever librdkafka tells ends it at once.
const POLL: Duration = Duration::from_millis(50);

/// How long the loop waits while something is due that nobody announces: room in the queue of
/// handlers, the outcome of a commit, or the end of a drain.
const BUSY_POLL: Duration = Duration::from_millis(1);

/// How many things that are no records are looked at in one turn.
const EVENTS: usize = 64;

/// How many records that are there already are read before they are handed on together. Each
/// hand-over wakes another thread; one for each record costs more than all else that is done for it.
const BATCH: usize = 64;

/// How long the end of a member may take that cannot go on.
const LAST: Duration = Duration::from_secs(2);

/// How long to wait before the broker that keeps the group is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// How long a member that could not read must have its share without a complaint until it is well.
const PROBATION: Duration = Duration::from_secs(1);

/// A member over all the Kafka clients that it needs.
pub(super) struct Running<H> {
    maker: Maker,
    handler: H,
    control: Arc<Control>,
    backoff: Backoff,
}

/// How the time of one Kafka client ends.
#[derive(Debug)]
enum End {
    /// Somebody asked the member to stop.
    Stopped,
    /// The member cannot go on.
    Final(String),
    /// The member goes on with another client, after so long.
    Renew(Duration),
}

impl<H: GroupHandler> Running<H> {
    pub(super) fn new(maker: Maker, handler: H, control: Arc<Control>) -> Self {
        Self { maker, handler, control, backoff: Backoff::default() }
    }

    /// Reads until it is told to stop or Kafka ends it. The group has been left when this returns.
    pub(super) fn run(&mut self, first: Consumer) {
        let mut consumer = first;
        let ended = loop {
            // A panic of ours must not leave a member that reads nothing and that nobody can stop.
            let end = catch_unwind(AssertUnwindSafe(|| Session::new(self, &consumer).run()))
                .unwrap_or_else(|_| End::Final("the thread that reads requests panicked".to_owned()));
            let ended = match end {
                End::Stopped => None,
                End::Final(reason) => {
                    let finish = || Session::new(self, &consumer).finish();
                    if catch_unwind(AssertUnwindSafe(finish)).is_err() {
                        consumer.leave();
                    }
                    Some(reason)
                }
                End::Renew(after) => {
                    if let Some(next) = self.renew(consumer, after) {
                        consumer = next;
                        continue;
                    }
                    // Told to stop meanwhile: there is no group to leave.
                    self.drain();
                    break None;
                }
            };
            self.maker.close(consumer);
            break ended;
        };
        self.maker.await_close();
        if let Some(reason) = &ended {
            tracing::error!(
                topic = &*self.maker.member.topic,
                reason,
                "the consumer has ended: requests are not read any more"
            );
        }
        self.control.ended(ended);
    }

    /// Another client in place of this one, or none where the member is to stop.
    fn renew(&mut self, old: Consumer, after: Duration) -> Option<Consumer> {
        self.give_up(&old);
        self.control.lost();
        self.maker.close(old);
        self.wait(after);
        while self.control.stopping().is_none() {
            if self.maker.has_room() {
                match self.join() {
                    Ok(Some(consumer)) => return Some(consumer),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(target: "bus::kafka", %error, "joining the group anew"),
                }
            }
            let wait = self.backoff.next(Instant::now(), trouble::FIRST);
            self.wait(wait);
        }
        None
    }

    /// Gives the partitions up that a client has which is of no more use. What is finished is still
    /// ours to commit where the group knows us; the close sends it.
    fn give_up(&mut self, old: &Consumer) {
        let now = Instant::now();
        if old.lost() {
            self.handler.lost(now);
        } else {
            self.handler.revoked(now);
        }
        while let Some(action) = self.handler.next(now) {
            if action == Action::End {
                return;
            }
            if let Action::Commit { number, commits, .. } = action {
                // Nobody waits for what becomes of it.
                let sent = old.commit(commits).map_or(Committed::Over, |_| Committed::Taken);
                self.handler.committed(number, sent, now);
            }
        }
    }

    /// Waits for what runs, where there is no group to leave.
    fn drain(&mut self) {
        loop {
            let now = Instant::now();
            self.handler.stop(self.control.stopping().unwrap_or(now), now);
            while let Some(action) = self.handler.next(now) {
                if action == Action::End {
                    return;
                }
            }
            std::thread::park_timeout(BUSY_POLL);
        }
    }

    /// Another client that joins the group as soon as there is a broker that keeps it, or none where
    /// the member is to stop, or somebody has found that this client will not find one.
    fn join(&mut self) -> Result<Option<Consumer>, ConnectError> {
        let consumer = self.maker.consumer()?;
        while self.control.stopping().is_none() && !self.control.take_renew() {
            let found = consumer.finds_group(|error| {
                if let Verdict::Denied(reason) = trouble::judge(error, None, &self.maker.member) {
                    self.denied(&reason);
                }
            });
            if found {
                consumer.subscribe()?;
                tracing::info!(target: "bus::kafka", topic = &*self.maker.member.topic, "joining the group anew");
                return Ok(Some(consumer));
            }
            self.wait(ASK_AGAIN);
        }
        self.maker.close(consumer);
        Ok(None)
    }

    /// The member has no right to read.
    fn denied(&self, reason: &str) {
        if self.control.trouble(reason) {
            let topic = &*self.maker.member.topic;
            tracing::error!(topic, reason, "requests cannot be read; trying again");
        }
    }

    /// Waits for so long, or until the member is to stop.
    fn wait(&self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until && self.control.stopping().is_none() {
            std::thread::park_timeout(POLL.min(until.saturating_duration_since(Instant::now())));
        }
    }
}

/// The time of one Kafka client.
struct Session<'a, H> {
    consumer: &'a Consumer,
    topic: Arc<str>,
    member: &'a mut Running<H>,
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
    fn new(member: &'a mut Running<H>, consumer: &'a Consumer) -> Self {
        let topic = Arc::clone(&member.maker.member.topic);
        Self {
            consumer,
            topic,
            member,
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

    fn run(&mut self) -> End {
        self.consumer.wake.here();
        loop {
            let now = Instant::now();
            self.member.handler.wake(now);
            if let Some(until) = self.member.control.stopping() {
                self.member.handler.stop(until, now);
            }
            if self.left {
                std::thread::park_timeout(BUSY_POLL);
            } else {
                let end = self.hear().or_else(|| self.read()).or_else(|| self.rebalance()).or_else(|| self.renews());
                if let Some(end) = end {
                    return end;
                }
                self.hear_answers();
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
        let urgent = self.full || self.committing.is_some() || self.member.handler.is_urgent();
        let started = Instant::now();
        self.consumer.wake.wait(if urgent { BUSY_POLL } else { POLL });
        if started.elapsed() >= POLL {
            // As seldom as it costs nothing: a wake-up that was lost would be a partition that is.
            self.queues.iter().for_each(Queue::doubt);
        }
    }

    /// Leaves the group at once, whatever runs.
    fn finish(&mut self) {
        let now = Instant::now();
        self.member.handler.stop(now, now);
        let until = now + LAST;
        while Instant::now() < until {
            if matches!(self.carry_out(), Some(End::Stopped)) {
                return;
            }
            self.hear_answers();
            std::thread::park_timeout(BUSY_POLL);
        }
        self.consumer.leave();
    }

    /// Does what is to be done.
    fn carry_out(&mut self) -> Option<End> {
        while let Some(action) = self.member.handler.next(Instant::now()) {
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
                    self.member.control.revoked();
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
    fn hear(&mut self) -> Option<End> {
        let consumer = self.consumer;
        let mut nothing = 0;
        for _ in 0..EVENTS {
            match consumer.client.poll(Duration::ZERO) {
                // Of a partition that has no queue of its own.
                Some(Ok(message)) => {
                    let end = self.take(&RecordView::new(&message));
                    self.member.handler.end_of_batch();
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
        self.member.handler.end_of_batch();
        end
    }

    /// Takes a record in.
    fn take(&mut self, record: &RecordView<'_>) -> Option<End> {
        if self.renew.is_some() || self.well.is_some() {
            self.is_well();
        }
        let offset = self.member.handler.record(record)?;
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
    fn hear_answers(&mut self) {
        if let Some((number, commit)) = &self.committing
            && let Some(committed) = commit.outcome(Duration::ZERO)
        {
            let number = *number;
            self.committing = None;
            self.member.handler.committed(number, outcome(committed), Instant::now());
        }
        if let Some(answer) = self.question.as_ref().and_then(|question| question.answer(Duration::ZERO)) {
            self.question = None;
            for (partition, offset) in answer.id().map(|id| self.member.handler.topic(id)).unwrap_or_default() {
                if self.seek(partition, offset).is_some() {
                    self.renew = Some(Instant::now());
                }
            }
        }
    }

    fn check_topic(&mut self) {
        self.question = self.consumer.ask_topic();
        if self.member.handler.wants_ends() {
            for partition in &self.partitions {
                let asked = Instant::now();
                match self.consumer.end(*partition) {
                    Some(end) => self.member.handler.log_ended(*partition, end, asked),
                    None => break,
                }
            }
        }
    }

    /// Acts on what the group decided.
    fn rebalance(&mut self) -> Option<End> {
        while let Some(next) = self.consumer.next_rebalance() {
            match next {
                Rebalance::Assign(partitions) => self.member.handler.assigned(partitions, Instant::now()),
                Rebalance::Revoke => self.member.handler.revoked(Instant::now()),
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
        let (assigned, topic) = match self.consumer.look_up(partitions, self.member.handler.wants_ends()) {
            Ok(found) => found,
            Err(error) => {
                // Not known is not none: it is asked again.
                tracing::warn!(target: "bus::kafka", %error, "the former owner's note could not be read");
                return Ok(());
            }
        };
        let positions = self.member.handler.looked_up(&assigned, topic, asked);
        // Before they are assigned, or the first records would be in two queues.
        self.queues = partitions.iter().filter_map(|partition| Queue::of(self.consumer, *partition)).collect();
        self.full = false;
        let starts: Vec<_> = assigned.iter().map(|it| it.partition).zip(positions).collect();
        self.consumer.read(&starts)?;
        self.partitions = partitions.to_vec();
        tracing::info!(target: "bus::kafka", topic = &*self.topic, ?partitions, "partitions assigned");
        self.member.control.assigned(partitions);
        self.well = Some(Instant::now() + PROBATION);
        Ok(())
    }

    fn commit(&mut self, number: u64, commits: Vec<Commit>) {
        self.committing = None;
        match self.consumer.commit(commits) {
            Ok(commit) => self.committing = Some((number, commit)),
            Err(committed) => self.member.handler.committed(number, committed, Instant::now()),
        }
    }

    /// What an error means for the member. Most are news of a connection that comes back by itself.
    fn complaint(&mut self, error: &KafkaError) -> Option<End> {
        let member = &self.member.maker.member;
        match trouble::judge(error, self.consumer.fatal(), member) {
            Verdict::Passing => {
                tracing::debug!(target: "bus::kafka", %error, "reading requests");
                None
            }
            Verdict::Denied(reason) => {
                self.member.denied(&reason);
                self.well = None;
                if self.renew.is_none() {
                    let now = Instant::now();
                    self.renew = Some(now + self.member.backoff.next(now, trouble::FIRST));
                }
                None
            }
            Verdict::Broken(reason) => {
                tracing::warn!(target: "bus::kafka", topic = &*self.topic, reason, "the consumer is of no more use");
                Some(self.anew())
            }
            // In the name of nobody, whom the group has forgotten: see `Consumer::lost`.
            Verdict::Replaced if self.consumer.context().told_lost() || member.instance.drawn => Some(self.anew()),
            Verdict::Replaced => Some(End::Final(trouble::replaced(member))),
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
        self.member.control.take_renew().then(|| self.anew())
    }

    /// Joins anew: at once, unless that was not long ago.
    fn anew(&mut self) -> End {
        End::Renew(self.member.backoff.next(Instant::now(), Duration::ZERO))
    }

    /// The member can read.
    fn is_well(&mut self) {
        (self.renew, self.well) = (None, None);
        if self.member.control.well() {
            tracing::info!(topic = &*self.topic, "requests are read again");
        }
    }
}
