//! What every stack is given, and what it has to do.

use std::time::Duration;

use tokio::runtime::Handle;

use crate::Failed;
use crate::stats::Turn;

/// What a caller sends and gets back.
pub(crate) const PAYLOAD: &str =
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

/// A set of clients and servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) partitions: i32,
    pub(crate) clients: usize,
    pub(crate) servers: usize,
}

/// Where a stack runs: two runtimes, because clients and servers are processes of their own
/// elsewhere and do not wake each other's threads.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) brokers: String,
    /// Of this run alone, so that no consumer group has members left from another.
    pub(crate) run: String,
    pub(crate) clients: Handle,
    pub(crate) servers: Handle,
}

/// Clients and servers of one kind, connected and ready. A peer in another language is one that
/// starts its process and has it run the turns.
pub(crate) trait Stack {
    /// Keeps so many callers busy for so long: each makes one call after another.
    fn turn(&mut self, callers: usize, time: Duration) -> Result<Turn, Failed>;

    /// Stops all that was started.
    fn stop(self: Box<Self>);
}

/// So many callers over so many clients, as evenly as can be.
pub(super) fn share(callers: usize, clients: usize) -> impl Iterator<Item = usize> {
    (0..clients).map(move |client| (callers + client) / clients)
}
