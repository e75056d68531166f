//! Reads a topic as a member of a consumer group, on a thread that runs no user code.

mod commits;
mod consumer;
mod control;
mod handler;
mod instance;
mod member;
mod queues;
mod session;
mod topic_id;
mod trouble;
mod wake;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use self::consumer::Maker;
use self::control::{Control, Standing};
pub(crate) use self::handler::{Action, Assigned, Commit, Committed, GroupHandler, Member, Position};
pub(crate) use self::instance::{Instance, refused as refused_instance};
use super::connection::Connection;
use crate::error::ConnectError;
use crate::sync::lock;

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
        let mut running = member::GroupMember::new(maker, handler, Arc::clone(&control));
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
