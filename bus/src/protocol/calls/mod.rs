//! A client's core: calls that wait, their deadlines, their places, and which partition a request
//! goes to.

mod deadlines;
mod partitioner;
mod past;
mod pending;
mod places;
#[cfg(all(test, not(bus_sim), not(bus_loom)))]
mod tests;

pub(crate) use self::partitioner::{FoundTopic, LOOK_UP_EVERY, StickyPartitioner};
pub(crate) use self::pending::{CallId, Calls, End, NotBegun, Reply};
pub(crate) use self::places::{Place, Places, WaitBounds};
