//! Reads a topic as a member of a consumer group, on a thread that runs no user code.

mod commits;
mod consumer;
mod control;
mod instance;
mod member;
mod queues;
mod topic_id;
mod trouble;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use self::consumer::Maker;
use self::control::Control;
use self::control::Standing;
pub(crate) use self::instance::{Instance, refused as refused_instance};
use super::connection::Connection;
use super::record::RecordView;
use crate::error::ConnectError;
use crate::sync::lock;

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
    fn lost(&mut self, now: Instant);

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

/// A running member of a consumer group.
pub(crate) struct Group {
    control: Arc<Control>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Group {
    /// Joins the group.
    pub(crate) fn join<H: GroupHandler>(
        connection: &Connection,
        member: Member,
        handler: H,
        on_end: impl FnOnce() + Send + 'static,
    ) -> Result<Self, ConnectError> {
        let control = Arc::new(Control::default());
        let maker = Maker::new(connection, member, Arc::clone(&control));
        let first = maker.consumer()?;
        first.subscribe()?;
        let mut running = member::Running::new(maker, handler, Arc::clone(&control));
        let thread = std::thread::Builder::new()
            .name("bus-requests".to_owned())
            .spawn(move || {
                // The group is left before anybody is told, so that a successor has the
                // partitions when `run_until` returns.
                running.run(first);
                drop(running);
                on_end();
            })
            .map_err(|error| ConnectError::Kafka {
                doing: "start the listener's thread".to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self { control, thread: Mutex::new(Some(thread)) })
    }

    /// How the member stands in its group.
    pub(crate) fn standing(&self) -> Standing {
        self.control.standing()
    }

    /// Commits and leaves the group, and lets what runs go on for so long. Does not wait for it.
    pub(crate) fn stop(&self, drain: Duration) {
        self.control.stop(drain);
    }

    /// Lets the member join anew with another Kafka client, as who watches the connection does.
    #[cfg(test)]
    pub(crate) fn renew(&self) {
        self.control.ask_to_renew();
    }

    /// Waits for the thread. Blocks.
    pub(crate) fn join_thread(&self) {
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Group {
    /// Nobody can stop the member any more: not who started it, and not who gave up while it did.
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("control", &self.control).finish_non_exhaustive()
    }
}
