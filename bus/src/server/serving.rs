//! A running server, until it stops.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;

use super::topic_server::TopicServer;
use crate::error::ServeError;
use crate::health::{Aged, Health, TopicHealth};
use crate::kafka::Group;
use crate::transport::{Handle, ServedTopic};

/// A running server. Dropping it stops it without waiting for what runs.
///
/// ```no_run
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # struct Fixed;
/// # impl Clock for Fixed { async fn now(&self) -> Result<u64, String> { Ok(7) } }
/// # async fn example(bus: bus::Bus) -> Result<(), bus::ServeError> {
/// let serving = bus.serve(ClockServer::new(Fixed)).start().await?;
/// serving.joined().await;
/// let served = serving.stop().await?;
/// println!("{} finished", served.finished);
/// # Ok(()) }
/// ```
#[must_use = "a server stops when it is dropped"]
pub struct Serving {
    pub(super) members: Vec<Arc<ServedGroup>>,
    pub(super) drain: Duration,
    pub(super) ended: watch::Sender<usize>,
    pub(super) handle: Arc<Handle>,
}

/// One request topic of a running server, and its group.
pub(super) struct ServedGroup {
    /// The group's.
    pub(super) name: String,
    pub(super) group: Arc<Group>,
    pub(super) server: Arc<TopicServer>,
    pub(super) has_joined: watch::Receiver<bool>,
}

impl ServedTopic for ServedGroup {
    fn health(&self) -> TopicHealth {
        let standing = self.group.standing();
        let trouble = standing.trouble.or_else(|| self.server.last_answer.trouble());
        TopicHealth {
            topic: self.server.topic().to_owned(),
            group: self.name.clone(),
            joined: Aged::since(standing.joined),
            partitions: Aged::since(standing.partitions),
            last_answer: self.server.last_answer.age(),
            trouble: trouble.map(Aged::since),
            ended: standing.ended,
            has_joined: standing.has_joined,
        }
    }
}

/// What a server did.
///
/// ```no_run
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # struct Fixed;
/// # impl Clock for Fixed { async fn now(&self) -> Result<u64, String> { Ok(7) } }
/// # async fn example(bus: bus::Bus) -> Result<(), bus::ServeError> {
/// let served = bus.serve(ClockServer::new(Fixed)).run_until(bus::shutdown_signal()).await?;
/// println!("{} finished, {} left to others", served.finished, served.handed_back);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Served {
    /// Requests that were answered, or dropped for a reason that is counted
    /// ([`Bus::counters`](crate::Bus::counters)).
    pub finished: u64,
    /// Requests that were read and left to the next owner of their partition.
    pub handed_back: u64,
}

impl Serving {
    /// Waits until the server has its first share of the partitions, which may be none.
    pub async fn joined(&self) {
        for member in &self.members {
            // An error means that the listener has ended, which `over` tells.
            let _ = member.has_joined.clone().wait_for(|joined| *joined).await;
        }
    }

    /// Whether the server has partitions to read, and reads them. A member of a group that is larger
    /// than its topic has none.
    pub fn has_partitions(&self) -> bool {
        self.members.iter().any(|member| member.group.standing().reads())
    }

    /// How the server stands: its topics, and whether brokers answer. What else runs on the bus is in
    /// [`Bus::health`](crate::Bus::health), which knows this server, too.
    ///
    /// ```no_run
    /// # fn example(serving: &bus::Serving) -> Option<String> {
    /// for topic in serving.health().topics {
    ///     if let Some(trouble) = topic.trouble {
    ///         return Some(format!("{} for {:?}: {}", topic.topic, trouble.age, trouble.value));
    ///     }
    /// }
    /// # None }
    /// ```
    pub fn health(&self) -> Health {
        let mut health = self.handle.shared().health();
        health.replies.clear();
        health.topics = self.members.iter().map(|member| member.health()).collect();
        health
    }

    /// Waits until the server serves no more, though nobody has stopped it: because the bus is
    /// closed, or because Kafka has ended a consumer for good. Then [`stop`](Self::stop) it.
    ///
    /// ```no_run
    /// # async fn example(serving: bus::Serving) -> Result<(), bus::ServeError> {
    /// tokio::select! {
    ///     ended = serving.ended() => ended?,
    ///     () = bus::shutdown_signal() => {}
    /// }
    /// serving.stop().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ServeError::Consumer`] where Kafka ended a consumer.
    pub async fn ended(&self) -> Result<(), ServeError> {
        let mut ended = self.ended.subscribe();
        // An error means that the sender is gone, and `self` holds it.
        let _ = ended.wait_for(|ended| *ended > 0).await;
        self.failure().map_or(Ok(()), Err)
    }

    /// Why Kafka has ended a consumer, if it has.
    fn failure(&self) -> Option<ServeError> {
        self.members.iter().find_map(|member| {
            let reason = member.group.standing().ended?;
            Some(ServeError::Consumer { topic: member.server.topic().to_owned(), reason })
        })
    }

    /// A close stops the server even where nobody awaits it.
    pub(super) fn stop_when_closing(&self) {
        let mut closing = self.handle.shared().closing();
        let groups = self.members.iter().map(|member| Arc::downgrade(&member.group)).collect();
        let stops = StopsGroups { groups, drain: Duration::ZERO };
        let drain = self.drain;
        tokio::spawn(async move {
            // An error means that the bus is gone.
            let _ = closing.wait_for(|closing| *closing).await;
            stops.after(drain);
        });
    }

    /// Ends when the server can go on no more: the bus is being closed, or Kafka ended a consumer.
    pub(super) async fn over(&self) {
        let mut closing = self.handle.shared().closing();
        let mut ended = self.ended.subscribe();
        tokio::select! {
            _ = closing.wait_for(|closing| *closing) => {}
            _ = ended.wait_for(|ended| *ended > 0) => {}
        }
    }

    /// Stops cleanly, as [`Serve::run_until`](crate::Serve::run_until) does.
    ///
    /// # Errors
    /// [`ServeError::Consumer`] where Kafka had ended a consumer before.
    pub async fn stop(self) -> Result<Served, ServeError> {
        let failed = self.failure();
        for member in &self.members {
            member.group.stop(self.drain);
        }
        let mut ended = self.ended.subscribe();
        // An error means that the sender is gone, and `self` holds it.
        let _ = ended.wait_for(|ended| *ended >= self.members.len()).await;
        let mut served = Served::default();
        for member in &self.members {
            // Ended already, or about to return.
            member.group.join_thread();
            served.finished += member.server.tally.finished();
            served.handed_back += member.server.handed_back.load(Ordering::Relaxed);
        }
        tracing::info!(finished = served.finished, handed_back = served.handed_back, "served");
        match failed {
            Some(error) => Err(error),
            None => Ok(served),
        }
    }
}

/// Stops groups when it is dropped: with the task that holds it, or with that task's runtime, on
/// which no handler would run any more.
struct StopsGroups {
    groups: Vec<Weak<Group>>,
    drain: Duration,
}

impl StopsGroups {
    fn after(mut self, drain: Duration) {
        self.drain = drain;
    }
}

impl Drop for StopsGroups {
    fn drop(&mut self) {
        for group in self.groups.iter().filter_map(Weak::upgrade) {
            group.stop(self.drain);
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        for member in &self.members {
            member.group.stop(Duration::ZERO);
        }
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving").field("topics", &self.members.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
