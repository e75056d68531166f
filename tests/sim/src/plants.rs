//! Planted defects: which one is on, and what is expected to catch it.

use std::cell::Cell;

use crate::fault::FaultKind;
use crate::invariant::Invariant;

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
    /// The invariants of which one is to catch it.
    pub(crate) caught_by: &'static [Invariant],
    /// The faults that make it show.
    pub(crate) kinds: &'static [FaultKind],
}

/// The plant of this name.
pub(crate) fn known(name: &str) -> Option<Plant> {
    use FaultKind as F;
    use Invariant::{I1, I2, I3, I4, I5, I6, I7, I8, I9, I10};
    let kinds: &'static [FaultKind] = match name {
        "topic id not compared" | "identity forgotten" | "topic ignored" | "topic at start ignored" => {
            &[F::RecreateRequests]
        }
        "new partition at once" => &[F::GrowRequests],
        "no look-up" => &[F::GrowReplies],
        "leader not asked for" | "stalled partition in turn" => &[F::RequestLeaderless],
        "one lane for all" => &[F::RequestLeaderless, F::ReplyLeaderless],
        "call after the close" | "close ends nobody" | "queue kept at the close" => &[F::RestartClient, F::Outage],
        "expired record sent" | "withdrawn record sent" | "late taken for not sent" => &[F::FreezeBroker],
        "waiters overtaken" | "waiters without bound" | "never full" | "no window" => &[F::Overload],
        "queue overtaken" | "stall unseen" | "window without bound" | "acknowledgement uncounted" => {
            &[F::FreezeBroker, F::Overload]
        }
        "queue without bound" | "no shares" => &[F::LongOutage, F::Overload],
        "no quarantine" | "nobody accused" | "no grace" | "no turns" | "no claim" | "mark stays" => &[F::Poison],
        "unnamed running" | "running forgotten" | "running runs again" | "no last commit" | "no drain" => {
            &[F::RollServers]
        }
        "cut is another log" | "back is ignored" => &[F::LoseEnd],
        "pause outlives" | "never resumed" => &[F::Overload, F::ServerJoins],
        "lost is revoked" | "late result" | "takes on" | "no doubt" => &[F::FreezeServer],
        "refused forgotten" => &[F::CommitRefused, F::StopServer],
        "own stamp" | "slow sample" => &[F::ClocksDiffer, F::FreezeBroker],
        _ => &[],
    };
    let caught_by: &'static [Invariant] = match name {
        "token shown" => &[I10],
        "deadline not checked" => &[I1, I9],
        "doubt taken for certainty" | "late taken for not sent" | "time left not measured at the hand-over" => &[I4],
        "withdrawn record sent" | "expired record sent" => &[I4],
        "token not compared" => &[I2, I3, I4],
        "new partition at once" | "leader not asked for" | "one lane for all" | "no look-up" => &[I8],
        "waiters overtaken" | "queue overtaken" => &[I8, I6],
        "places without bound" | "waiters without bound" | "queue without bound" | "no window" | "never full" => &[I6],
        "stall unseen" | "window without bound" => &[I6],
        "call after the close" | "close ends nobody" | "queue kept at the close" => &[I1, I6, I9],
        "no grace" | "no turns" | "no quarantine" | "nobody accused" | "no claim" | "done is lost" => &[I8, I6, I9],
        "unnamed running" | "running forgotten" | "no last commit" | "refused forgotten" | "late result" => &[I5, I7],
        "cut is another log" | "back is ignored" | "takes on" | "no doubt" | "lost is revoked" => &[I5, I7, I8],
        _ => &[I1, I2, I3, I4, I5, I6, I7, I8, I9, I10],
    };
    names().into_iter().find(|known| *known == name).map(|name| Plant { name, caught_by, kinds })
}

/// The cores' sources: the plants are read from them, so that none is forgotten.
macro_rules! sources {
    ($($file:literal),* $(,)?) => { &[$(include_str!(concat!("../../../bus/src/protocol/", $file))),*] };
}

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

/// The names of all plants, in the order of the sources.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names = Vec::new();
    for source in SOURCES {
        for rest in source.split("planted!(\"").skip(1) {
            if let Some((name, _)) = rest.split_once('"')
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
    }
    names
}
