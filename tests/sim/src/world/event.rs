//! What is to happen in a history, in order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::input::{CallSpec, Committed, Input};
use crate::record::Topic;
use crate::time::Time;

/// Something that happens in the world.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A process hears something, in this life of it.
    Deliver {
        host: usize,
        life: u32,
        input: Input,
    },
    /// A commit is answered. Where the polling thread waited for it, it goes on.
    CommitAnswer {
        host: usize,
        life: u32,
        input: Input,
        id: u64,
    },
    /// A record reaches its broker.
    Arrive {
        host: usize,
        producer: u32,
        send: u64,
    },
    /// A record that a frozen broker had in its socket is written now.
    Thaw {
        host: usize,
        producer: u32,
        send: u64,
        times: u8,
    },
    /// The broker's answer to a record is there.
    Acknowledge {
        host: usize,
        producer: u32,
        send: u64,
        offset: i64,
        stamp_ms: i64,
    },
    /// A record is given up: `message.timeout.ms`.
    GiveUpSend {
        host: usize,
        producer: u32,
        send: u64,
    },
    /// A fetch is answered.
    Fetch {
        host: usize,
        life: u32,
        reading: u64,
    },
    /// The answer to a question for an offset.
    Watermark {
        host: usize,
        life: u32,
        topic: Topic,
        partition: i32,
        end: bool,
        since: Time,
    },
    LookUp {
        host: usize,
        life: u32,
        topic: Topic,
        since: Time,
    },
    /// librdkafka refreshes what it knows of the topics.
    Refresh {
        host: usize,
        life: u32,
    },
    /// As `Refresh`, once: a record went to a partition that the producer did not know.
    RefreshOnce {
        host: usize,
        life: u32,
    },
    /// librdkafka notices whether any broker can be reached.
    BrokersSeen {
        host: usize,
        life: u32,
    },
    AskCommitted {
        host: usize,
        life: u32,
        partitions: Vec<i32>,
        since: Time,
    },
    Join {
        host: usize,
        life: u32,
    },
    Leave {
        member: u64,
        instance: Option<u32>,
    },
    /// A member hears that a round has begun, with its heartbeat.
    Told {
        member: u64,
    },
    /// A round has lasted as long as it may.
    RoundOver {
        round: u32,
    },
    /// The group's answer reaches a member.
    Sync {
        host: usize,
        life: u32,
        member: u64,
        generation: i32,
        partitions: Vec<i32>,
    },
    /// A member that sends no heartbeats is out.
    Expire {
        member: u64,
        silent_since: Time,
    },
    /// A process notices that its session is over.
    SessionOver {
        host: usize,
        life: u32,
        member: u64,
    },
    /// The coordinator could not be reached for a session.
    Unreached {
        host: usize,
        life: u32,
        member: u64,
    },
    FencedNow {
        host: usize,
        life: u32,
        member: u64,
    },
    Commit(Box<CommitRequest>),
    Call {
        host: usize,
        spec: CallSpec,
    },
    GiveUp {
        host: usize,
        life: u32,
        call: u64,
    },
    Fault(usize),
    Start {
        host: usize,
    },
    Stop {
        host: usize,
    },
    Roll {
        host: usize,
    },
    Continue {
        host: usize,
    },
    /// A topic is there again.
    Woken {
        topic: Topic,
    },
    /// Somebody looks after a process whose member was fenced.
    Supervise {
        host: usize,
        life: u32,
    },
    /// The quiet tail is over: everything must have come to rest.
    Rest,
    /// The end of the history.
    End,
}

/// A commit on its way to the coordinator.
#[derive(Clone, Debug)]
pub(crate) struct CommitRequest {
    pub(crate) host: usize,
    pub(crate) life: u32,
    pub(crate) id: u64,
    pub(crate) member: u64,
    pub(crate) instance: Option<u32>,
    pub(crate) generation: i32,
    pub(crate) list: Vec<(i32, Committed)>,
    /// When each of these last brought a record before.
    pub(crate) brought: Vec<Option<Time>>,
    pub(crate) sync: bool,
    pub(crate) since: Time,
}

/// What is to happen, by time and, at one time, in the order of scheduling.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// When, which in the order of scheduling, and where its event lies: events are too large to be
    /// moved about in a heap.
    order: BinaryHeap<Reverse<(Time, u64, usize)>>,
    events: Vec<Option<Event>>,
    free: Vec<usize>,
    scheduled: u64,
}

impl Schedule {
    pub(crate) fn add(&mut self, at: Time, event: Event) {
        self.scheduled += 1;
        let place = self.free.pop().unwrap_or(self.events.len());
        match self.events.get_mut(place) {
            Some(slot) => *slot = Some(event),
            None => self.events.push(Some(event)),
        }
        self.order.push(Reverse((at, self.scheduled, place)));
    }

    /// Takes out the event that is next.
    pub(crate) fn next(&mut self) -> Option<(Time, Event)> {
        let Reverse((at, _, place)) = self.order.pop()?;
        let event = self.events.get_mut(place).and_then(Option::take)?;
        self.free.push(place);
        Some((at, event))
    }
}
