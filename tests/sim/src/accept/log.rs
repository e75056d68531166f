//! One partition as it was seen: what was acknowledged, and where it was said to end.

use std::collections::{BTreeMap, BTreeSet};

/// A log of the broker, which gives each offset once.
#[derive(Debug, Default)]
pub(super) struct Log {
    given: BTreeSet<i64>,
    /// The highest offset that was acknowledged when a process asked where the log ends.
    asked: BTreeMap<String, Option<i64>>,
}

impl Log {
    /// A record has this offset. Acknowledgements overtake each other.
    pub(super) fn appended(&mut self, offset: i64) -> Option<String> {
        (!self.given.insert(offset)).then(|| format!("offset {offset} was given twice"))
    }

    pub(super) fn asking_end(&mut self, process: &str) -> Option<String> {
        self.asked.insert(process.to_owned(), self.given.last().copied());
        None
    }

    /// The log ends here: behind all that was acknowledged before it was asked.
    pub(super) fn end(&mut self, process: &str, end: i64) -> Option<String> {
        let known = self.asked.remove(process)??;
        (end <= known).then(|| format!("the log was said to end at {end}, and {known} was given before"))
    }
}
