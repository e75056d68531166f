//! Reads a topic as a member of a consumer group, on a thread that runs no user code.

mod consumer;
mod control;
mod instance;
mod member;
mod queues;
mod trouble;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use self::consumer::Maker;
use self::control::Control;
use self::control::Standing;
pub(crate) use self::instance::{Instance, refused as refused_instance};
use super::connection::Connection;
use super::record::RecordView;
use crate::error::ConnectError;
use crate::sync::lock;

/// A partition that this member got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assigned {
    pub(crate) partition: i32,
    /// The first offset that is read.
    pub(crate) from: i64,
    /// What the former owner left with its last commit.
    pub(crate) metadata: String,
}

/// An offset to be committed: the next one to be read, and a note for the next owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) metadata: String,
}

/// What is done before a record is taken.
#[derive(Clone, Debug)]
pub(crate) struct Precaution {
    /// Committed first.
    pub(crate) commits: Vec<Commit>,
    /// Whether nothing may run beside the record.
    pub(crate) alone: bool,
}

/// What the reading side does with what is read. All calls come from the group's thread.
pub(crate) trait GroupHandler: Send + 'static {
    /// These partitions are ours from now on, and no others.
    fn assigned(&mut self, partitions: &[Assigned]);

    /// A record of a partition that is ours.
    fn record(&mut self, record: &RecordView<'_>);

    /// No further record is there for now: what was read is to be handed on.
    fn rest(&mut self);

    /// Whether there is no room for more records now.
    fn full(&self) -> bool;

    /// Take no more: the partitions are being taken away, or the member stops.
    fn stop_taking(&mut self);

    /// Whether nothing that was started is unfinished.
    fn idle(&self) -> bool;

    /// The partitions are gone; what is unfinished is no longer ours to commit.
    fn revoked(&mut self);

    /// What has been finished since the last time, and, for an owner that leaves, that it does.
    fn commits(&mut self, leaving: bool) -> Vec<Commit>;

    /// The last commit was refused: what was in it is in the next.
    fn commit_again(&mut self);

    /// What is to be done before a record is taken, if anything is.
    fn before(&mut self, partition: i32, offset: i64) -> Option<Precaution>;
}

/// How a member of a group is made.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) topic: Arc<str>,
    pub(crate) group: String,
    pub(crate) instance: Instance,
    /// How long what runs may go on when partitions are taken away.
    pub(crate) revocation_drain: Duration,
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

    /// Lets what runs go on for so long, then commits and leaves the group. Does not wait for it.
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
