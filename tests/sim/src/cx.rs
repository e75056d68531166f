//! What a process can do.

use std::time::Instant;

use rand::Rng as _;
use rand_xorshift::XorShiftRng;

use crate::input::{Committed, Input};
use crate::record::{SimRecord, Topic};

/// A process: a client or a server, as a state machine.
///
/// What its `Debug` prints is what would stand in a log: no token may be in it (I10).
pub(crate) trait Process: std::fmt::Debug {
    /// Handles one event. All that it wants done it says to `cx`.
    fn handle(&mut self, input: Input, cx: &mut Cx<'_>);

    /// Says how much the process holds. Asked after every event; more than the bound at any time,
    /// or anything left when nothing is under way any more, is a violation (I6).
    fn holds(&self, report: &mut Holdings<'_>);
}

/// Takes in what a process holds.
pub(crate) struct Holdings<'a> {
    pub(crate) report: &'a mut dyn FnMut(&'static str, usize, usize),
}

impl Holdings<'_> {
    /// `held` of something that may never be more than `bound`, and is 0 in the end.
    pub(crate) fn held(&mut self, what: &'static str, held: usize, bound: usize) {
        (self.report)(what, held, bound);
    }
}

/// How a client is set up.
#[derive(Clone, Debug)]
pub(crate) struct ClientSetup {
    /// The partition of the reply topic that it reads. `None`: it draws one.
    pub(crate) reply_partition: Option<i32>,
    /// Calls in flight.
    pub(crate) places: usize,
    /// How many calls may wait for a place.
    pub(crate) waiting: usize,
}

/// How a server is set up.
#[derive(Clone, Debug)]
pub(crate) struct ServerSetup {
    /// `group.instance.id`, for a static member.
    pub(crate) instance: Option<u32>,
    /// Handlers at once.
    pub(crate) concurrency: usize,
    /// Requests behind them.
    pub(crate) queue: usize,
    /// How long a clean stop lets what runs finish, in milliseconds.
    pub(crate) drain_ms: u64,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With this body of a reply.
    Answered(u64),
    /// A server says that it failed without an answer. `ran`: whether the handler may have run.
    Refused { ran: bool },
    /// Certain: no handler ran, and none will.
    NotSent,
    /// No answer came; it may have run.
    TimedOut,
    /// The client was closed. `sent`: whether it may have run.
    Closed { sent: bool },
}

/// What became of a request that a server read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposal {
    /// Taken in, to be run.
    Taken,
    /// A reply (an answer or a fault) is in the reply topic.
    Answered,
    /// It is too old to be run or to be answered. Counted.
    Expired,
    /// A dead letter of it is in the dead-letter topic.
    DeadLettered,
    /// A former owner marked it finished.
    FinishedBefore,
    /// The commit that follows in this event, the last before `unassign`, names it as still running
    /// here.
    HandedOver,
    /// A former owner still runs it: left alone until its deadline.
    StillRuns,
    /// A former owner still ran it, and its deadline has passed. Counted.
    LeftToFormerOwner,
    /// Left to the next owner, not begun.
    HandedBack,
    /// The last commit names it not, and so many run in its partition: it may run again.
    Unnamed { of: usize },
    /// Left to the next owner though it ran here: it may run again. Counted.
    MayRepeat,
    /// The answer could not be written, and the deadline has passed. Counted.
    AnswerLost,
}

/// What one event makes a process do. Carried out in order, when the event has been handled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    WakeAt { at: Instant, id: u64 },
    Produce { topic: Topic, partition: i32, record: SimRecord, cookie: u64 },
    Assign { topic: Topic, partition: i32, offset: i64 },
    EndOffset { topic: Topic, partition: i32 },
    BeginningOffset { topic: Topic, partition: i32 },
    Pause { partition: i32 },
    Resume { partition: i32 },
    Join { instance: Option<u32> },
    Leave,
    Unassign,
    AskCommitted { partitions: Vec<i32> },
    Commit { id: u64, list: Vec<(i32, Committed)>, sync: bool },
    LookUp { topic: Topic },
    Exit,
    Die,
    // What is journalled.
    CallBegan { call: u64, token: u128 },
    CallEnded { call: u64, outcome: Outcome },
    RunBegan { partition: i32, offset: i64, token: u128 },
    RunEnded { partition: i32, offset: i64, token: u128, answered: bool },
    Disposed { partition: i32, offset: i64, body: u64, disposal: Disposal },
}

/// The world as one process sees it while it handles one event.
pub(crate) struct Cx<'a> {
    pub(crate) now: Instant,
    pub(crate) wall_ms: i64,
    pub(crate) rng: &'a mut XorShiftRng,
    /// Records that librdkafka's queue takes still.
    pub(crate) room: usize,
    /// The number of the next commit of this process.
    pub(crate) next_commit: &'a mut u64,
    pub(crate) actions: &'a mut Vec<Action>,
}

/// librdkafka's own queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueFull;

impl Cx<'_> {
    /// The monotonic clock. The same for all processes of a history.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// This process's own wall clock, milliseconds since the Unix epoch. May be off, and jump.
    pub(crate) fn wall_ms(&self) -> i64 {
        self.wall_ms
    }

    /// A random number.
    pub(crate) fn random(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// `Input::Wake(id)` at this time, or at once where it has passed.
    pub(crate) fn wake_at(&mut self, at: Instant, id: u64) {
        self.actions.push(Action::WakeAt { at, id });
    }

    /// Hands a record to librdkafka: beyond recall. `Input::Delivered` or `Input::Failed` with this
    /// cookie says what became of it, within 10 s (`message.timeout.ms`). A request's `timeout_ms`
    /// is what is left *now*.
    pub(crate) fn produce(
        &mut self,
        topic: Topic,
        partition: i32,
        record: SimRecord,
        cookie: u64,
    ) -> Result<(), QueueFull> {
        if self.room == 0 {
            return Err(QueueFull);
        }
        self.room -= 1;
        self.actions.push(Action::Produce { topic, partition, record, cookie });
        Ok(())
    }

    /// Reads a partition from this offset on, or from another one than before. `Input::Record`s
    /// follow, in order. Of the request topic only what the group gave is read; assigning there is
    /// also how a member seeks. A pause does not outlive it.
    pub(crate) fn assign(&mut self, topic: Topic, partition: i32, offset: i64) {
        self.actions.push(Action::Assign { topic, partition, offset });
    }

    /// `Input::End`.
    pub(crate) fn end_offset(&mut self, topic: Topic, partition: i32) {
        self.actions.push(Action::EndOffset { topic, partition });
    }

    /// `Input::Beginning`.
    pub(crate) fn beginning_offset(&mut self, topic: Topic, partition: i32) {
        self.actions.push(Action::BeginningOffset { topic, partition });
    }

    /// No more records of this request partition until it is resumed. A few may be under way.
    pub(crate) fn pause(&mut self, partition: i32) {
        self.actions.push(Action::Pause { partition });
    }

    pub(crate) fn resume(&mut self, partition: i32) {
        self.actions.push(Action::Resume { partition });
    }

    /// Joins the group of the request topic, as a static member where there is an instance.
    /// `Input::Assigned` follows; a member that lost its session joins again by itself.
    pub(crate) fn join(&mut self, instance: Option<u32>) {
        self.actions.push(Action::Join { instance });
    }

    /// Leaves the group at once (a static member too), after which no commit is taken.
    pub(crate) fn leave(&mut self) {
        self.actions.push(Action::Leave);
    }

    /// Gives all partitions of the request topic up: no more records of them, and after
    /// `Input::Revoked` the rebalance goes on.
    pub(crate) fn unassign(&mut self) {
        self.actions.push(Action::Unassign);
    }

    /// Asks for what is committed for these partitions of the request topic: `Input::Committed`.
    pub(crate) fn committed(&mut self, partitions: Vec<i32>) {
        self.actions.push(Action::AskCommitted { partitions });
    }

    /// Commits, under the member id and generation of now. `Input::CommitDone` or
    /// `Input::CommitRefused` with the number returned here. Behind a `sync` commit this process gets
    /// no record of the request topic before the answer (its polling thread waits).
    pub(crate) fn commit(&mut self, list: Vec<(i32, Committed)>, sync: bool) -> u64 {
        let id = *self.next_commit;
        *self.next_commit += 1;
        self.actions.push(Action::Commit { id, list, sync });
        id
    }

    /// `Input::Topic`.
    pub(crate) fn look_up(&mut self, topic: Topic) {
        self.actions.push(Action::LookUp { topic });
    }

    /// The process ended cleanly, as `Input::Stop` asked it to.
    pub(crate) fn exit(&mut self) {
        self.actions.push(Action::Exit);
    }

    /// A handler ended the process: nothing that follows in this event is done.
    pub(crate) fn die(&mut self) {
        self.actions.push(Action::Die);
    }

    // What is journalled. The world checks the invariants with it; it changes nothing.

    /// A call has drawn its token.
    pub(crate) fn call_began(&mut self, call: u64, token: u128) {
        self.actions.push(Action::CallBegan { call, token });
    }

    /// The caller was told how its call ended.
    pub(crate) fn call_ended(&mut self, call: u64, outcome: Outcome) {
        self.actions.push(Action::CallEnded { call, outcome });
    }

    /// A handler was started with the request at this offset.
    pub(crate) fn run_began(&mut self, partition: i32, offset: i64, token: u128) {
        self.actions.push(Action::RunBegan { partition, offset, token });
    }

    /// A handler ended: with an answer, or cancelled at its deadline, or in a panic.
    pub(crate) fn run_ended(&mut self, partition: i32, offset: i64, token: u128, answered: bool) {
        self.actions.push(Action::RunEnded { partition, offset, token, answered });
    }

    /// What became of a request that was read. One request may have several, one after another. Its
    /// body tells it from what stood or will stand at that offset in another log of that name.
    pub(crate) fn disposed(&mut self, partition: i32, offset: i64, body: u64, disposal: Disposal) {
        self.actions.push(Action::Disposed { partition, offset, body, disposal });
    }
}
