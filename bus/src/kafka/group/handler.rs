//! What a member of a group asks of whoever decides for it, and what it is told to do.

use std::sync::Arc;
use std::time::Instant;

use super::instance::Instance;
use crate::kafka::record::RecordView;

/// What is known of a partition before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assigned {
    pub(crate) partition: i32,
    /// What its former owner committed: the offset, and the note with it.
    pub(crate) committed: Option<(i64, String)>,
    /// Where its log ended, where that was asked for.
    pub(crate) end: Option<i64>,
}

/// What is to be committed for a partition: the offset that is to be read next, and a note for the
/// next owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) metadata: String,
}

/// Where reading is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    At(i64),
    /// At the first record that there is.
    Earliest,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    Taken,
    /// It may be taken later.
    Refused,
    /// The group takes none of this member's any more.
    Over,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Look these partitions up, and read them.
    Read(Vec<i32>),
    Commit {
        number: u64,
        commits: Vec<Commit>,
        /// Whether it is the last one, and waited for.
        last: bool,
    },
    /// Give all partitions up.
    Unassign,
    Leave,
    Pause,
    Resume,
    /// Ask which topic this is.
    CheckTopic,
    End,
}

/// Decides for a member what is done. All calls come from the group's thread.
pub(crate) trait GroupHandler: Send + 'static {
    /// Called before anything else at any time.
    fn wake(&mut self, now: Instant);

    /// These partitions are ours from now on, and no others.
    fn assigned(&mut self, partitions: Vec<i32>, now: Instant);

    /// What was looked up of them, when, and which topic this is. Says where reading starts.
    fn looked_up(&mut self, assigned: &[Assigned], topic: Option<u128>, asked: Instant) -> Vec<Position>;

    /// Whether it is of use to know where logs end.
    fn wants_ends(&self) -> bool;

    /// The log of a partition ended there when it was asked.
    fn log_ended(&mut self, partition: i32, end: i64, asked: Instant);

    /// A record of a partition that is ours. Where the log is not what it was, reading is to go on
    /// at the offset that is returned.
    fn record(&mut self, record: &RecordView<'_>) -> Option<i64>;

    /// No further record is there for now: what was read is to be handed on.
    fn end_of_batch(&mut self);

    /// The topic is this one. Where that is news, says where reading goes on.
    fn topic(&mut self, id: u128) -> Vec<(i32, i64)>;

    /// The group takes all partitions back.
    fn revoked(&mut self, now: Instant);

    /// The group does not know the member any more.
    fn lost(&mut self);

    /// The member is to leave; what runs may go on until then.
    fn stop(&mut self, until: Instant, now: Instant);

    fn committed(&mut self, number: u64, committed: Committed, now: Instant);

    /// What is to be done now, until there is nothing more.
    fn next(&mut self, now: Instant) -> Option<Action>;

    /// Whether something is due that no record announces.
    fn is_urgent(&self) -> bool;
}

/// How a member of a group is made.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) topic: Arc<str>,
    pub(crate) group: String,
    pub(crate) instance: Instance,
}
