//! The loop of a member: polls, hands records on, commits, acts on what the group decides, and
//! joins anew where its Kafka client is of no more use.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{CommitMode, Consumer as _};
use rdkafka::error::KafkaError;

use super::consumer::{Consumer, Maker, Rebalance};
use super::control::Control;
use super::queues::Queue;
use super::trouble::{self, Backoff, Verdict};
use super::{GroupHandler, Precaution};
use crate::error::ConnectError;
use crate::kafka::record::RecordView;
use crate::timeouts;

/// How long the loop waits; whatever librdkafka tells ends it at once.
const POLL: Duration = Duration::from_millis(50);

/// How long the loop waits while something is due that nobody announces: room in the queue of
/// handlers, or the end of a drain.
const BUSY_POLL: Duration = Duration::from_millis(1);

/// How many things that are no records are looked at in one turn.
const EVENTS: usize = 64;

/// How many records that are there already are read before they are handed on together. Each
/// hand-over wakes another thread; one for each record costs more than all else that is done for it.
const BATCH: usize = 64;

/// How often finished offsets are committed.
const COMMIT: Duration = Duration::from_millis(200);

/// How long a request that runs alone is waited for before others are read again.
const ALONE: Duration = Duration::from_secs(10);

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
            self.handler.rest();
            let ended = match end {
                End::Stopped => None,
                End::Final(reason) => Some(reason),
                End::Renew(after) => {
                    if let Some(next) = self.renew(consumer, after) {
                        consumer = next;
                        continue;
                    }
                    // Told to stop meanwhile: there is no group to leave.
                    break None;
                }
            };
            self.leave(consumer);
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
        self.handler.stop_taking();
        // What is finished is still ours to commit where the group knows us; the close sends it.
        old.commit(self.handler.commits(false), CommitMode::Async);
        self.handler.revoked();
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

    /// Another client that joins the group as soon as there is a broker that keeps it, or none where
    /// the member is to stop, or somebody has found that this client will not find one.
    fn join(&mut self) -> Result<Option<Consumer>, ConnectError> {
        let consumer = self.maker.consumer()?;
        while self.control.stopping().is_none() && !self.control.take_renew() {
            let found = consumer.finds_group().unwrap_or_else(|error| {
                if let Verdict::Denied(reason) = trouble::judge(&error, None, &self.maker.member) {
                    self.denied(&reason);
                }
                false
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

    /// Commits what is finished and leaves the group.
    fn leave(&mut self, consumer: Consumer) {
        consumer.commit(self.handler.commits(true), CommitMode::Sync);
        self.handler.revoked();
        consumer.leave();
        self.maker.close(consumer);
    }
}

/// The time of one Kafka client.
struct Session<'a, H> {
    consumer: &'a Consumer,
    topic: Arc<str>,
    revocation_drain: Duration,
    member: &'a mut Running<H>,
    /// When what runs is to end, once the member is to stop.
    draining: Option<Instant>,
    /// A revocation that waits for what runs, until then.
    revoking: Option<Instant>,
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
        let revocation_drain = member.maker.member.revocation_drain.min(timeouts::LONGEST);
        Self {
            consumer,
            topic,
            revocation_drain,
            member,
            draining: None,
            revoking: None,
            queues: Vec::new(),
            turn: 0,
            full: false,
            renew: None,
            well: None,
        }
    }

    fn run(&mut self) -> End {
        self.consumer.wake.here();
        let mut committed = Instant::now();
        loop {
            if self.stops() {
                return End::Stopped;
            }
            let end = self.hear().or_else(|| self.read()).or_else(|| self.rebalance()).or_else(|| self.renews());
            if let Some(end) = end {
                return end;
            }
            if committed.elapsed() >= COMMIT {
                committed = Instant::now();
                if self.consumer.take_refused() {
                    self.member.handler.commit_again();
                }
                self.commit(CommitMode::Async, false);
            }
            self.wait();
        }
    }

    /// Waits until there is something to do.
    fn wait(&mut self) {
        if self.reads() && self.queues.iter().any(Queue::filled) {
            return;
        }
        let urgent = self.draining.is_some() || self.revoking.is_some() || self.full;
        let started = Instant::now();
        self.consumer.wake.wait(if urgent { BUSY_POLL } else { POLL });
        if started.elapsed() >= POLL {
            // As seldom as it costs nothing: a wake-up that was lost would be a partition that is.
            self.queues.iter().for_each(Queue::doubt);
        }
    }

    /// Whether records are taken.
    fn reads(&self) -> bool {
        self.draining.is_none() && self.revoking.is_none() && !self.full
    }

    /// Whether the member is to stop, and nothing runs any more that is waited for.
    fn stops(&mut self) -> bool {
        if self.draining.is_none() {
            self.draining = self.member.control.stopping();
            if self.draining.is_some() {
                self.member.handler.stop_taking();
            }
        }
        self.draining.is_some_and(|until| self.member.handler.idle() || Instant::now() >= until)
    }

    /// Hears what librdkafka tells beside records.
    fn hear(&mut self) -> Option<End> {
        let consumer = self.consumer;
        let mut nothing = 0;
        for _ in 0..EVENTS {
            match consumer.client.poll(Duration::ZERO) {
                // Of a partition that has no queue of its own.
                Some(Ok(message)) => {
                    self.take(&RecordView::new(&message));
                    self.member.handler.rest();
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
        self.full = self.member.handler.full();
        if !self.reads() || self.queues.is_empty() {
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
                match queue.next() {
                    Some(Ok(message)) => {
                        if self.take(&RecordView::new(&message)) {
                            // It may have taken long: look for a stop and for rebalances first.
                            break 'turn;
                        }
                    }
                    Some(Err(error)) => {
                        end = self.complaint(&error);
                        if end.is_some() {
                            break 'turn;
                        }
                    }
                    None => break,
                }
            }
        }
        self.queues = queues;
        self.member.handler.rest();
        end
    }

    /// Takes a record in, with what has to be done before, and says whether it ran alone: then it
    /// had this thread to itself until it was finished.
    fn take(&mut self, record: &RecordView<'_>) -> bool {
        if self.renew.is_some() || self.well.is_some() {
            self.is_well();
        }
        let handler = &mut self.member.handler;
        let Some(Precaution { commits, alone }) = handler.before(record.partition(), record.offset()) else {
            handler.record(record);
            return false;
        };
        if alone {
            handler.rest();
            wait_idle(handler);
        }
        self.consumer.commit(commits, CommitMode::Sync);
        handler.record(record);
        if alone {
            handler.rest();
            wait_idle(handler);
        }
        alone
    }

    /// Acts on what the group decided.
    fn rebalance(&mut self) -> Option<End> {
        while let Some(next) = self.consumer.next_rebalance() {
            match next {
                // It will leave in a moment: what it took now it could not finish.
                Rebalance::Assign(_) if self.draining.is_some() => {}
                Rebalance::Assign(partitions) => {
                    if let Err(error) = self.assign(&partitions) {
                        tracing::warn!(target: "bus::kafka", %error, ?partitions, "the assigned partitions could not be read");
                        return Some(self.anew());
                    }
                }
                Rebalance::Revoke => {
                    self.member.handler.stop_taking();
                    self.revoking = Some(Instant::now() + self.revocation_drain);
                }
                Rebalance::Lost => {
                    tracing::warn!(target: "bus::kafka", topic = &*self.topic, "the group has forgotten this member");
                    return Some(self.anew());
                }
            }
        }
        if let Some(until) = self.revoking
            && (self.member.handler.idle() || Instant::now() >= until)
        {
            self.finish_revocation();
        }
        None
    }

    fn assign(&mut self, partitions: &[i32]) -> Result<(), KafkaError> {
        let (start, assigned) = self.consumer.starts(partitions)?;
        self.member.handler.assigned(&assigned);
        self.queues = partitions.iter().filter_map(|partition| Queue::of(self.consumer, *partition)).collect();
        self.consumer.client.assign(&start)?;
        tracing::info!(target: "bus::kafka", topic = &*self.topic, ?partitions, "partitions assigned");
        self.member.control.assigned(partitions);
        self.well = Some(Instant::now() + PROBATION);
        Ok(())
    }

    fn finish_revocation(&mut self) {
        self.revoking = None;
        self.commit(CommitMode::Sync, true);
        self.member.handler.revoked();
        self.queues.clear();
        let _ = self.consumer.client.unassign();
        self.member.control.revoked();
    }

    fn commit(&mut self, mode: CommitMode, leaving: bool) {
        let commits = self.member.handler.commits(leaving);
        self.consumer.commit(commits, mode);
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

/// Waits until nothing runs, for so long that a stop is not held up for long.
fn wait_idle<H: GroupHandler>(handler: &H) {
    let until = Instant::now() + ALONE;
    while !handler.idle() && Instant::now() < until {
        std::thread::park_timeout(Duration::from_millis(1));
    }
}
