//! Planted defects: which one is on, and what is expected to catch it.

use std::cell::Cell;

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
