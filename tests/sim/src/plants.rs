//! Planted defects: which one is on, and what is to catch it.

use std::cell::Cell;

use crate::fault::FaultKind as F;
use crate::invariant::Invariant::{self, I1, I2, I3, I4, I5, I6, I7, I8, I9, I10};
use crate::plan::{Plan, Shape};

thread_local! {
    static PLANTED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Whether the defect of this name is on in this thread. The cores ask by way of `planted!`.
#[inline]
pub(crate) fn planted(name: &'static str) -> bool {
    PLANTED.get().is_some_and(|on| on == name)
}

/// Plants a defect in all histories that this thread runs from now on, or none.
pub(crate) fn plant(name: Option<&'static str>) {
    PLANTED.set(name);
}

/// What is known of a plant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plant {
    pub(crate) name: &'static str,
    /// What the sabotaged core does.
    pub(crate) does: &'static str,
    /// What has to catch it: one invariant, or what one mistake breaks either way.
    pub(crate) by: &'static [Invariant],
    /// The faults that make it show; without any, whatever is drawn.
    pub(crate) kinds: &'static [F],
    pub(crate) shape: Shape,
}

impl Plant {
    const fn new(name: &'static str, by: &'static [Invariant], kinds: &'static [F], does: &'static str) -> Self {
        Self { name, does, by, kinds, shape: Shape::Drawn }
    }

    const fn bent(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// The history of a seed in which it is looked for.
    pub(crate) fn plan(&self, seed: u64) -> Plan {
        if self.kinds.is_empty() && self.shape == Shape::Drawn {
            Plan::of(seed)
        } else {
            Plan::shaped(seed, self.kinds, self.shape)
        }
    }
}

/// The plant of this name.
pub(crate) fn known(name: &str) -> Option<&'static Plant> {
    PLANTS.iter().find(|plant| plant.name == name)
}

/// All plants, in the order of the cores.
pub(crate) const PLANTS: &[Plant] = &[
    // calls: which partition
    Plant::new("topic id not compared", &[I8], &[F::RecreateRequests], "takes a topic made anew for the old one"),
    Plant::new("new partition at once", &[I8], &[F::GrowRequests], "sends to a partition that nobody reads yet"),
    Plant::new("leader not asked for", &[I8], &[F::RequestLeaderless], "sends to a partition without a leader")
        .bent(Shape::Crowd),
    // calls: pending
    Plant::new("token shown", &[I10], &[], "prints the token of a call"),
    Plant::new("call after the close", &[I1], &[], "takes a call that comes while the client closes"),
    Plant::new("token not entered", &[I2, I8], &[], "begins a call whose answer is not recognised"),
    Plant::new("token not compared", &[I4], &[], "finds another call where an ended one was"),
    Plant::new("withdrawn record sent", &[I4], &[F::FreezeBroker, F::Overload], "sends a request whose call has ended")
        .bent(Shape::Together),
    Plant::new(
        "expired record sent",
        &[I4],
        &[F::Overload, F::PauseProcess],
        "sends a request whose deadline has passed",
    )
    .bent(Shape::Together),
    Plant::new(
        "time left not measured at the hand-over",
        &[I4],
        &[F::FreezeBroker],
        "writes the time that was left when the call was made",
    ),
    Plant::new("doubt taken for certainty", &[I4], &[], "says that a request that may be written is not"),
    Plant::new("late taken for not sent", &[I4], &[F::FreezeBroker], "says at the deadline that nothing was sent"),
    Plant::new("deadline looked at late", &[I1], &[], "wakes a second after the deadline"),
    Plant::new("earlier deadline behind a later", &[I1], &[], "keeps deadlines in the order in which they came"),
    Plant::new("deadline not checked", &[I9], &[], "is told of a deadline and ends nothing, again and again"),
    Plant::new("close ends nobody", &[I1], &[F::RestartClient, F::Outage], "closes and leaves calls waiting"),
    // calls: places
    Plant::new("places without bound", &[I6], &[F::Overload], "has a place for every call"),
    Plant::new("waiters without bound", &[I6], &[F::Overload], "lets any number of calls wait for a place")
        .bent(Shape::FewWaiters),
    Plant::new("place never freed", &[I6], &[], "keeps the place of a call that has ended"),
    Plant::new("waiter not told", &[I8], &[F::Overload], "gives a place to a call and does not wake it"),
    // sending
    Plant::new("queue without bound", &[I6], &[F::LongOutage, F::Overload], "lets any number of records wait")
        .bent(Shape::Flood),
    Plant::new("no shares", &[I8], &[F::RequestLeaderless], "lets one partition fill the queue of all")
        .bent(Shape::Crowd),
    Plant::new("queue kept at the close", &[I6], &[F::Outage, F::RestartClient], "closes and keeps what waits")
        .bent(Shape::Together),
    Plant::new("window without bound", &[I6], &[F::FreezeBroker, F::Overload], "hands over whatever there is"),
    Plant::new("stall unseen", &[I6], &[F::FreezeBroker, F::Overload], "hands over while nothing is acknowledged"),
    Plant::new("window never freed", &[I8], &[], "forgets that a record was acknowledged"),
    Plant::new(
        "one lane for all",
        &[I8],
        &[F::RequestLeaderless, F::ReplyLeaderless],
        "lets all partitions wait for one",
    ),
    // requests: admission
    Plant::new("no window", &[I6], &[F::Overload], "runs more handlers than allowed"),
    Plant::new("queue forgotten", &[I8], &[F::Overload], "never runs what waited for a handler"),
    Plant::new("never full", &[I6], &[F::Overload], "reads on without room").bent(Shape::Flood),
    // requests: who holds the commit point
    Plant::new("no quarantine", &[I9], &[F::Poison], "never looks for what ends its process"),
    Plant::new("nobody accused", &[I9], &[F::Poison], "finds what ends its process, and runs it again"),
    Plant::new("no claim", &[I9], &[F::Poison], "runs requests before its hold is committed"),
    Plant::new("no turns", &[I4], &[F::Poison], "lets requests of two partitions run alone at once"),
    Plant::new(
        "waits for what runs alone",
        &[I8],
        &[],
        "holds a partition until what runs alone has ended, however long it takes",
    )
    .bent(Shape::KilledTwice),
    Plant::new("done is lost", &[I8], &[], "does not hear that its hold is committed"),
    Plant::new("mark stays", &[I8], &[], "leaves, and its hold still counts as a crash"),
    // requests: clock
    Plant::new(
        "slow sample",
        &[I5, I7],
        &[F::ClocksDiffer, F::FreezeBroker],
        "learns the time from a slow answer, so that it is off either way",
    ),
    Plant::new("no age", &[I5], &[], "takes every request for new"),
    Plant::new("expired runs", &[I5], &[], "runs what is too old"),
    // requests: commit metadata
    Plant::new("unnamed running", &[I5], &[F::RollServers], "names nothing that still runs in the last commit"),
    Plant::new("gap not written", &[I7], &[], "tells the next owner that all it read is finished"),
    Plant::new("time left not written", &[I7], &[F::RollServers], "says that what still runs has no time left"),
    // requests: the log
    Plant::new("identity forgotten", &[I5], &[F::RecreateRequests], "forgets what it read of a new topic already"),
    Plant::new("back is ignored", &[I5], &[F::LoseEnd], "reads on where offsets fall"),
    Plant::new("topic at start ignored", &[I7], &[F::RecreateRequests], "believes a commit of another topic"),
    Plant::new("topic ignored", &[I7], &[F::RecreateRequests], "does not look which topic it reads"),
    // requests: the member
    Plant::new("never resumed", &[I8], &[F::Overload, F::ServerJoins], "pauses and never reads again"),
    Plant::new("no last commit", &[I5], &[F::RollServers], "leaves without saying what runs"),
    Plant::new("no drain", &[I6], &[F::RollServers], "ends with handlers that run"),
    // requests: a partition
    Plant::new("running taken for finished", &[I7], &[F::RollServers], "takes what a former owner runs for finished"),
    Plant::new("finished runs again", &[I5], &[], "runs what a former owner finished"),
    Plant::new("no doubt", &[I5], &[F::FreezeServer], "goes on as owner after it stood still"),
    Plant::new(
        "any log",
        &[I6],
        &[F::SlowHandlers, F::RecreateRequests],
        "lets a request of the old topic end one of the new",
    )
    .bent(Shape::Together),
    Plant::new("released is finished", &[I7], &[], "commits past what it hands back"),
    Plant::new("lost is finished", &[I7], &[], "commits past what was never answered"),
    Plant::new("held for ever", &[I6], &[F::RollServers], "waits for what a former owner ran, for ever"),
    Plant::new("still ours", &[I8], &[F::ServerJoins, F::RecreateRequests], "goes on as owner of what was taken away"),
    Plant::new("commits what was read", &[I7], &[], "commits past what is not finished"),
    Plant::new("running forgotten", &[I5], &[F::RollServers], "leaves, and lets the next owner run what runs"),
    Plant::new("refused forgotten", &[I8], &[F::CommitRefused], "does not repeat a refused commit").bent(Shape::Quiet),
    // requests: reply partitions
    Plant::new("no look-up", &[I8], &[F::GrowReplies], "refuses a reply partition that it does not know yet"),
    Plant::new(
        "waits for a look-up for ever",
        &[I6],
        &[F::Unaddressed],
        "waits for a reply partition that is not there",
    ),
];

/// The cores' sources: the plants are read from them, so that none is forgotten.
#[cfg(test)]
macro_rules! sources {
    ($($file:literal),* $(,)?) => { &[$(include_str!(concat!("../../../bus/src/protocol/", $file))),*] };
}

#[cfg(test)]
const SOURCES: &[&str] = sources![
    "calls/deadlines.rs",
    "calls/mod.rs",
    "calls/partitioner.rs",
    "calls/past.rs",
    "calls/pending.rs",
    "calls/places.rs",
    "requests/admission.rs",
    "requests/claim.rs",
    "requests/clock.rs",
    "requests/commit_metadata.rs",
    "requests/log.rs",
    "requests/member.rs",
    "requests/mod.rs",
    "requests/partition.rs",
    "requests/replies.rs",
    "sending/gate.rs",
    "sending/lane.rs",
    "sending/lanes.rs",
    "sending/mod.rs",
    "sending/recent.rs",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_defect_in_the_cores_is_known_and_every_known_one_is_there() {
        let in_sources: BTreeSet<&str> = SOURCES
            .iter()
            .flat_map(|source| source.split("planted!(\"").skip(1))
            .filter_map(|rest| rest.split_once('"').map(|(name, _)| name))
            .collect();
        let known: BTreeSet<&str> = PLANTS.iter().map(|plant| plant.name).collect();
        assert_eq!(known.len(), PLANTS.len(), "a name stands for two");
        assert_eq!(in_sources, known);
    }
}
