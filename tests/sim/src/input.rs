//! What happens to a process.

use std::time::Duration;

use crate::record::{SimRecord, Stamp, Topic, TopicId, Work};

/// An event that a process handles. Every question of a process is answered, sooner or later, by
/// the event that is named beside it; where Kafka does not answer, after the time-out of the
/// question with "no answer".
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Input {
    /// The first event of a process.
    Started,
    /// A timer (`cx.wake_at`) fired. Timers cannot be taken back: an old one is to be ignored.
    Wake(u64),
    /// The process is to end cleanly: a client closes, a server drains and leaves. It ends with
    /// `cx.exit()`; what has not ended `STOP_BOUND` later is a violation (I9).
    Stop,
    /// What a client is asked last: what waits in front of its producer goes nowhere.
    Closed,

    // The caller's side of a client.
    /// Somebody calls. A client tells the journal `call_began` with the token and, once,
    /// `call_ended`.
    Call(CallSpec),
    /// The caller dropped the future of this call. Nothing is to be told of it any more; a record
    /// that was not handed over is withdrawn.
    GiveUp {
        call: u64,
    },

    // Producer.
    /// The broker has the record.
    Delivered {
        cookie: u64,
        offset: i64,
        stamp: Stamp,
    },
    /// The broker does not have the record, or did not say so.
    Failed {
        cookie: u64,
        /// Whether it is certainly not in the topic, now or later.
        certain: bool,
        why: NotDelivered,
    },
    /// librdkafka says that all brokers are down. Nothing says that they are back but a look-up that
    /// is answered, or an acknowledgement.
    BrokersDown,

    // Reader.
    /// The answer to `cx.end_offset`: the offset behind the last record. `None`: no answer.
    End {
        topic: Topic,
        partition: i32,
        offset: Option<i64>,
    },
    /// The answer to `cx.beginning_offset`.
    Beginning {
        topic: Topic,
        partition: i32,
        offset: Option<i64>,
    },
    /// A record of a partition that is assigned. Offsets usually rise; they fall, or leap, when the
    /// position is gone (retention, a log that lost its end, a topic made anew): reading then goes on
    /// at the earliest record without another word (`auto.offset.reset=earliest`), or at the old
    /// position of a new log that has outgrown it.
    Record {
        topic: Topic,
        partition: i32,
        offset: i64,
        stamp: Stamp,
        record: SimRecord,
    },

    // Group.
    /// The group gave these partitions to this member. Nothing is read before `cx.assign`.
    Assigned(Vec<i32>),
    /// The group takes them all back (eager protocol). The member holds everybody up until it calls
    /// `cx.unassign()`, for the session timeout at most; then it is out and hears `Lost`.
    Revoked,
    /// The session was lost: others may read the partitions already, and no commit is taken. To be
    /// followed by `cx.unassign()`; the member joins again by itself.
    Lost,
    /// A static member whose instance id somebody else took: the consumer is at its end. Nothing more
    /// comes of it until `cx.join` makes a new one.
    Fenced,
    /// The answer to `cx.committed`: for each partition, in the order asked, what was committed.
    /// `None`: no answer.
    Committed(Option<Vec<(i32, Option<Committed>)>>),
    /// The coordinator took the commit of this number.
    CommitDone {
        id: u64,
    },
    CommitRefused {
        id: u64,
        why: Refused,
    },

    // Look-ups.
    /// The answer to `cx.look_up`.
    Topic {
        topic: Topic,
        answer: LookUp,
    },
}

/// A call to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CallSpec {
    /// The number by which world and journal know the call.
    pub(crate) call: u64,
    /// From now on.
    pub(crate) timeout: Duration,
    /// `#[bus(key)]`: the partition is `key % partitions` (no murmur here).
    pub(crate) key: Option<u32>,
    pub(crate) idempotent: bool,
    pub(crate) body: u64,
    pub(crate) work: Work,
}

/// Why a record was not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotDelivered {
    /// The producer does not know this partition (yet). Certain.
    UnknownPartition,
    /// The topic is not there. Certain.
    UnknownTopic,
    /// `message.timeout.ms` passed. Certain where the record was never sent.
    TimedOut,
    /// The broker refused it. Certain.
    TooLarge,
    /// The producer was closed, or made anew.
    Purged,
}

/// What is committed for a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    pub(crate) offset: i64,
    pub(crate) metadata: String,
}

/// Why a commit was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The member's generation is over.
    IllegalGeneration,
    /// The coordinator does not know the member.
    UnknownMember,
    /// A rebalance is under way.
    RebalanceInProgress,
    /// Somebody else has the instance id. `Fenced` follows.
    Fenced,
    /// More metadata than a broker takes (4,096 bytes).
    MetadataTooLarge,
    /// No coordinator answered. It may have been taken.
    NoAnswer,
}

/// What a look-up of a topic found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LookUp {
    Found {
        id: TopicId,
        /// How many partitions it has.
        count: u32,
        /// Those that have a leader, in order.
        led: Vec<i32>,
        /// Whether records are stamped by the broker.
        by_broker: bool,
    },
    /// There is no such topic.
    NoTopic,
    /// The answer names no broker and no topic, as of a cluster that is still starting. It says
    /// nothing.
    NoBrokers,
    NoAnswer,
}
