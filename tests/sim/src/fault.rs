//! What may befall a history.

use crate::record::Topic;
use crate::time::{MS, SECOND, Time};

/// How a produce request goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProduceTrouble {
    /// The connection breaks before the record is written.
    LostBefore,
    /// It is written, and the acknowledgement is lost.
    LostAfter,
    /// It is written, and acknowledged late.
    Late,
}

macro_rules! kinds {
    ($($kind:ident: $says:literal, $weight:literal, $lasts:expr;)*) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum FaultKind { $($kind),* }

        /// How many kinds there are.
        pub(crate) const KINDS: usize = [$($says),*].len();

        impl FaultKind {
            pub(crate) const ALL: [Self; KINDS] = [$(Self::$kind),*];

            /// What the table calls it.
            pub(crate) fn says(self) -> &'static str {
                match self { $(Self::$kind => $says),* }
            }

            /// How often it is chosen. What is never chosen comes about by others.
            pub(crate) fn weight(self) -> u32 {
                match self { $(Self::$kind => $weight),* }
            }

            /// How long it lasts: from, to.
            pub(crate) fn lasts(self) -> (Time, Time) {
                match self { $(Self::$kind => $lasts),* }
            }
        }
    };
}

kinds! {
    // Processes.
    KillServer: "a server is killed, and started anew", 3, (500 * MS, 4 * SECOND);
    KillClient: "a client is killed, and started anew", 2, (500 * MS, 4 * SECOND);
    FreezeServer: "a server is stopped for longer than its session, and goes on", 3, (7 * SECOND, 10 * SECOND);
    PauseProcess: "a process is stopped for less than a session, and goes on", 2, (200 * MS, 5 * SECOND);
    StopServer: "a server is stopped cleanly, and started anew", 4, (SECOND, 4 * SECOND);
    RollServers: "all servers are stopped cleanly, one after another, with slow handlers", 3, (9 * SECOND, 11 * SECOND);
    ServerJoins: "another server joins", 3, (MS, 2 * MS);
    RestartClient: "a client is closed, and started anew on its reply partition", 2, (500 * MS, 2 * SECOND);
    // Topics.
    RecreateRequests: "the request topic is deleted and made anew", 4, (50 * MS, 3 * SECOND);
    Outgrown: "a request topic made anew outgrows the old positions before it is read", 0, (0, 1);
    LoseEnd: "a request partition loses the end of its log", 3, (MS, 2 * MS);
    Retention: "requests are removed from the front before they are read", 2, (MS, 2 * MS);
    GrowRequests: "request partitions are added", 4, (MS, 2 * MS);
    GrowReplies: "reply partitions are added, and a client starts on one", 4, (MS, 2 * MS);
    RequestLeaderless: "a request partition has no leader", 3, (2 * SECOND, 12 * SECOND);
    ReplyLeaderless: "a reply partition has no leader", 3, (2 * SECOND, 12 * SECOND);
    LeaderMoves: "partitions get other leaders", 1, (MS, 2 * MS);
    // Brokers.
    FreezeBroker: "the brokers are frozen", 4, (SECOND, 5 * SECOND);
    FreezeLong: "the brokers are frozen for longer than a record may take", 1, (10 * SECOND, 12 * SECOND);
    LateWrite: "a record is written after its sender gave it up", 0, (0, 1);
    BrokerDown: "one broker is down", 2, (SECOND, 5 * SECOND);
    Outage: "all brokers are down for less than a session", 2, (SECOND, 5 * SECOND);
    LongOutage: "all brokers are down for longer than a session", 2, (7 * SECOND, 11 * SECOND);
    NoBrokers: "a cluster that starts names no brokers", 3, (3 * SECOND, 6 * SECOND);
    AckLostBefore: "the acknowledgement is lost, and so is the record", 2, (SECOND, 4 * SECOND);
    AckLostAfter: "the acknowledgement is lost after the record was written", 2, (SECOND, 4 * SECOND);
    AckLate: "an acknowledgement is late", 2, (SECOND, 4 * SECOND);
    Doubled: "a record is written twice by a retry", 0, (0, 1);
    // The group.
    SessionLost: "a member loses its session", 0, (0, 1);
    Fenced: "a member is fenced", 0, (0, 1);
    StaticMembers: "a static member takes its place back", 3, (500 * MS, 3 * SECOND);
    CommitRefused: "a commit is refused", 2, (SECOND, 5 * SECOND);
    CommitUnanswered: "a commit finds no coordinator", 0, (0, 1);
    CommitAnswerLost: "a commit is taken, and its answer is lost", 2, (SECOND, 5 * SECOND);
    SlowCommits: "commits take long", 2, (SECOND, 5 * SECOND);
    CommittedUnanswered: "nobody says what is committed", 2, (2 * SECOND, 6 * SECOND);
    OffsetsUnanswered: "nobody says where a partition ends", 2, (2 * SECOND, 6 * SECOND);
    CoordinatorMoves: "another broker coordinates the group", 1, (MS, 2 * MS);
    // Clocks.
    ClocksDiffer: "clocks differ", 3, (MS, 2 * MS);
    ClockJumps: "a clock jumps", 2, (MS, 2 * MS);
    // Requests.
    SlowHandlers: "handlers are slow", 3, (2 * SECOND, 6 * SECOND);
    HangingHandlers: "handlers hang", 2, (SECOND, 3 * SECOND);
    PanickingHandlers: "handlers panic", 2, (SECOND, 3 * SECOND);
    Poison: "a request ends every process that runs it", 4, (16 * SECOND, 20 * SECOND);
    Unreadable: "a request cannot be read", 2, (SECOND, 3 * SECOND);
    Unaddressed: "a request names a reply partition that is not there", 1, (MS, 2 * MS);
    StrayReplies: "replies come that nobody waits for", 2, (SECOND, 3 * SECOND);
    CallersGiveUp: "callers give up", 3, (SECOND, 4 * SECOND);
    Overload: "more calls than handlers and places", 3, (SECOND, 2 * SECOND);
    QueueFull: "librdkafka's queue is full", 2, (SECOND, 3 * SECOND);
}

impl FaultKind {
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// Whether calls need not notice it at all.
    pub(crate) fn harmless(self) -> bool {
        matches!(
            self,
            Self::KillClient
                | Self::RestartClient
                | Self::StopServer
                | Self::RollServers
                | Self::ServerJoins
                | Self::GrowRequests
                | Self::GrowReplies
                | Self::LeaderMoves
                | Self::StrayReplies
                | Self::CallersGiveUp
                | Self::Unreadable
                | Self::PanickingHandlers
                | Self::Unaddressed
        )
    }
}

/// A fault of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) at: Time,
    pub(crate) until: Time,
    /// Chooses what it strikes.
    pub(crate) luck: u64,
}

impl Fault {
    /// The partition that it strikes, of so many.
    pub(crate) fn partition(&self, count: usize) -> usize {
        usize::try_from(self.luck % 1_000_003).unwrap_or(0) % count.max(1)
    }

    /// The produce trouble that it is, for records to this partition.
    pub(crate) fn trouble(&self, topic: Topic, partition: i32) -> Option<ProduceTrouble> {
        let trouble = match self.kind {
            FaultKind::AckLostBefore => ProduceTrouble::LostBefore,
            FaultKind::AckLostAfter => ProduceTrouble::LostAfter,
            FaultKind::AckLate => ProduceTrouble::Late,
            _ => return None,
        };
        // One in four strikes the dead letters only, the others requests, replies, or both.
        let strikes = match (self.luck >> 20) % 4 {
            0 => topic == Topic::Requests,
            1 => topic == Topic::Replies,
            2 => topic == Topic::Dead,
            _ => true,
        };
        (strikes && (topic == Topic::Dead || self.luck >> 24 & 1 == 0 || partition == 0)).then_some(trouble)
    }
}
