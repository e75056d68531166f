//! One process and what librdkafka holds for it.

use std::collections::VecDeque;

use crate::cx::{ClientSetup, Process, ServerSetup};
use crate::input::Input;
use crate::record::{SimRecord, Topic, TopicId};
use crate::time::Time;

/// What kind of process a host runs.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    Client(ClientSetup),
    Server(ServerSetup),
}

impl Role {
    pub(crate) fn is_server(&self) -> bool {
        matches!(self, Self::Server(_))
    }
}

/// Makes a process.
pub(crate) type Factory = fn(&Role) -> Box<dyn Process>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    /// Stopped by a signal, since then.
    Frozen(Time),
    /// Killed, ended, or not started yet.
    Gone,
}

/// A place where a process runs; a process that is started anew is the next life of its host.
pub(crate) struct Host {
    pub(crate) role: Role,
    pub(crate) life: u32,
    pub(crate) process: Option<Box<dyn Process>>,
    pub(crate) state: State,
    /// When it was asked to stop.
    pub(crate) stopping: Option<Time>,
    /// How far its wall clock is ahead, in milliseconds.
    pub(crate) clock_ms: i64,
    /// Whether it has seen the broker's clock beside its own since it started, or its own jumped.
    pub(crate) knows_time: bool,
    /// Which request topic it was last told that there is.
    pub(crate) topic: Option<TopicId>,
    /// When it last went on after it was frozen.
    pub(crate) continued: Time,
    /// What came while it was frozen.
    /// In which assignment it was, where the group had given it up meanwhile, and it had stood still
    /// for long enough to think of that.
    pub(crate) forgotten: Option<u32>,
    pub(crate) mail: VecDeque<Input>,
    pub(crate) producer: Producer,
    pub(crate) reading: Vec<Reading>,
    /// Counts what it was told to read.
    pub(crate) next_reading: u64,
    pub(crate) member: Member,
    pub(crate) next_commit: u64,
    /// When the last commit reaches its coordinator.
    pub(crate) last_commit: Time,
    /// Commits that are not answered yet.
    pub(crate) commits: usize,
    /// The synchronous commit that its polling thread waits for.
    pub(crate) blocked: Option<u64>,
    /// Partitions of each topic that its clients know, by their last refresh.
    pub(crate) known: [usize; 3],
    /// Whether its Kafka clients have forgotten all brokers, and until when: they are made anew then.
    pub(crate) deaf_until: Time,
}

/// librdkafka's producer.
#[derive(Debug, Default)]
pub(crate) struct Producer {
    /// Counts the producers of this host: one that is made anew knows nothing of the old sends.
    pub(crate) number: u32,
    pub(crate) sends: Vec<Outstanding>,
    pub(crate) lanes: Vec<Lane>,
}

/// A record that was handed over and not reported.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outstanding {
    pub(crate) id: u64,
    pub(crate) topic: Topic,
    pub(crate) partition: i32,
    pub(crate) record: SimRecord,
    pub(crate) cookie: u64,
    pub(crate) handed: Time,
    /// Whether it was ever sent to a broker, so that nobody can say that it is not written.
    pub(crate) transmitted: bool,
    /// Whether it waited for its broker before.
    pub(crate) held: bool,
}

/// The order of records to one partition.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) topic: Topic,
    pub(crate) partition: i32,
    pub(crate) last: Time,
    pub(crate) held_until: Time,
    /// When something was last reported or, with nothing under way, handed over.
    pub(crate) progress: Time,
    /// When the last records were acknowledged.
    pub(crate) acknowledged: VecDeque<Time>,
}

/// A partition that is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) number: u64,
    pub(crate) topic: Topic,
    pub(crate) partition: i32,
    pub(crate) position: i64,
    /// When it was last fetched from: librdkafka knows the leader's epoch of then.
    pub(crate) fetched: Option<Time>,
    /// When it last brought a record.
    pub(crate) brought: Option<Time>,
    pub(crate) paused: bool,
    /// Whether a fetch is under way.
    pub(crate) fetching: bool,
}

/// The member of the group, as the process's librdkafka sees itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) wanted: bool,
    pub(crate) instance: Option<u32>,
    pub(crate) id: Option<u64>,
    /// When the group last did without it, whether or not it has heard so.
    pub(crate) out_since: Time,
    pub(crate) generation: i32,
    pub(crate) stage: Stage,
    /// Counts the assignments of this host.
    pub(crate) assignments: u32,
    pub(crate) assigned: Vec<i32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Not a member.
    #[default]
    Out,
    /// Waits for the round to end.
    Joining,
    /// Has what the group gave it.
    Stable,
    /// Was told to give its partitions up and has not.
    Revoking,
    /// Lost its session and has not given its partitions up.
    Lost,
    /// Ended for good by Kafka.
    Fenced,
}

impl Host {
    pub(crate) fn new(role: Role) -> Self {
        Self {
            role,
            life: 0,
            process: None,
            state: State::Gone,
            stopping: None,
            clock_ms: 0,
            knows_time: false,
            topic: None,
            continued: 0,
            forgotten: None,
            mail: VecDeque::new(),
            producer: Producer::default(),
            reading: Vec::new(),
            next_reading: 0,
            member: Member::default(),
            next_commit: 0,
            last_commit: 0,
            commits: 0,
            blocked: None,
            known: [0; 3],
            deaf_until: 0,
        }
    }

    pub(crate) fn runs(&self) -> bool {
        self.state != State::Gone
    }

    /// The order of its records to one partition.
    pub(crate) fn lane(&mut self, topic: Topic, partition: i32) -> &mut Lane {
        let lanes = &mut self.producer.lanes;
        let at = lanes.iter().position(|lane| lane.topic == topic && lane.partition == partition);
        let at = at.unwrap_or_else(|| {
            lanes.push(Lane { topic, partition, last: 0, held_until: 0, progress: 0, acknowledged: VecDeque::new() });
            lanes.len() - 1
        });
        &mut lanes[at]
    }
}
