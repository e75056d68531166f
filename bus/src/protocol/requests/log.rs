//! Whether a record is the next one of the log that is read, or the log is another.
//!
//! Reading never goes back by itself. Where it does, the log lost its end, or its topic was made
//! anew, and Kafka gives no word of it. So what was read last is remembered, and read again: where
//! the same records stand, the log is the same as far as they go.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many records are remembered: more than are read between two looks at the topic's identity at
/// thousands a second, and sixteen bytes each.
const REMEMBERED: usize = 16_384;

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the next.
    Next,
    /// It was read before.
    Known,
    /// The log lost its end, and this is the first record of what follows now.
    Cut,
    /// The log is another. It begins with this record, or, with `seek`, is to be read from its
    /// beginning.
    Another { seek: bool },
    /// Perhaps it is another: to be seen by reading on from this offset.
    Seek(i64),
}

/// The log that is read.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Counts the logs of this name: with an offset it tells one request from all others.
    number: u32,
    /// The offset behind the last record that was read.
    position: i64,
    /// What was read last, in order: offset and identity.
    recent: VecDeque<(i64, u64)>,
    /// Which of these nothing was done with but what a former owner said of their offsets.
    told: BTreeSet<i64>,
    /// What was read last of what may have been this log already.
    earlier: BTreeMap<i64, u64>,
    probing: Option<Probe>,
}

/// What was read is read again, up to an offset.
#[derive(Clone, Copy, Debug)]
struct Probe {
    until: i64,
    matched: bool,
}

impl Log {
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn position(&self) -> i64 {
        self.position
    }

    /// Whether it is not known what log this is.
    pub(super) fn probing(&self) -> bool {
        self.probing.is_some()
    }

    /// Reading starts here.
    pub(super) fn start(&mut self, from: i64) {
        self.position = from.max(0);
        self.recent.clear();
        self.told.clear();
        self.probing = None;
    }

    pub(super) fn next_number(&mut self) {
        self.number = self.number.wrapping_add(1);
    }

    /// The record that was read last was judged by what a former owner said of its offset. Of
    /// another log that says nothing.
    pub(super) fn told(&mut self, offset: i64) {
        self.told.insert(offset);
    }

    /// The log is another. Some of what was read last may have been of it already.
    pub(super) fn replace(&mut self) {
        self.next_number();
        self.probing = None;
        let told = std::mem::take(&mut self.told);
        let recent = self.recent.drain(..).filter(|(offset, _)| !told.contains(offset));
        if planted!("identity forgotten") {
            drop(recent);
        } else {
            self.earlier.extend(recent);
        }
    }

    /// A record was read and is to be read again.
    pub(super) fn forget(&mut self, offset: i64) {
        if let Ok(place) = self.recent.binary_search_by_key(&offset, |(offset, _)| *offset) {
            self.recent.remove(place);
        }
        self.told.remove(&offset);
        self.earlier.remove(&offset);
    }

    pub(super) fn forget_all(&mut self) {
        self.recent.clear();
        self.told.clear();
        self.earlier.clear();
        self.probing = None;
    }

    /// A record was read.
    pub(super) fn place(&mut self, offset: i64, identity: u64) -> Place {
        if let Some(probe) = self.probing
            && let Some(place) = self.probed(probe, offset, identity)
        {
            return place;
        }
        if offset < self.position && !planted!("back is ignored") {
            let Some((first, _)) = self.recent.front().copied() else { return Place::Another { seek: false } };
            self.probing = Some(Probe { until: self.position, matched: false });
            self.position = first;
            return Place::Seek(first);
        }
        self.position = offset + 1;
        if self.recent.len() == REMEMBERED
            && let Some((oldest, _)) = self.recent.pop_front()
        {
            self.told.remove(&oldest);
        }
        self.recent.push_back((offset, identity));
        if self.earlier.is_empty() {
            return Place::Next;
        }
        let known = self.earlier.remove(&offset) == Some(identity);
        if self.earlier.last_key_value().is_some_and(|(last, _)| *last < offset) {
            self.earlier.clear();
        }
        if known { Place::Known } else { Place::Next }
    }

    /// What a record that is read again says; `None` where it is past what is remembered.
    fn probed(&mut self, probe: Probe, offset: i64, identity: u64) -> Option<Place> {
        let known = self.recent.binary_search_by_key(&offset, |(offset, _)| *offset);
        if let Ok(place) = known
            && self.recent[place].1 == identity
        {
            self.position = offset + 1;
            let over = self.position >= probe.until;
            self.probing = (!over).then_some(Probe { matched: true, ..probe });
            return Some(Place::Known);
        }
        self.probing = None;
        if offset >= probe.until {
            return None;
        }
        let first = self.recent.front().map_or(0, |(first, _)| *first);
        if probe.matched && offset >= first {
            self.recent.truncate(known.unwrap_or_else(|place| place));
            self.told.split_off(&offset);
            self.recent.push_back((offset, identity));
            self.position = offset + 1;
            return Some(Place::Cut);
        }
        Some(Place::Another { seek: offset > 0 && offset >= first })
    }
}

#[cfg(all(test, not(bus_sim)))]
mod tests {
    use super::*;

    fn read(log: &mut Log, offsets: std::ops::Range<i64>, generation: u64) -> Vec<Place> {
        offsets.map(|offset| log.place(offset, identity(offset, generation))).collect()
    }

    fn identity(offset: i64, generation: u64) -> u64 {
        generation << 32 | offset.unsigned_abs()
    }

    fn log(from: i64) -> Log {
        let mut log = Log::default();
        log.start(from);
        log
    }

    #[test]
    fn offsets_that_kafka_leaves_out_are_nothing_new() {
        let mut log = log(0);
        for offset in [3, 7, 20] {
            assert_eq!(log.place(offset, identity(offset, 1)), Place::Next);
        }
        assert_eq!(log.position(), 21);
    }

    #[test]
    fn a_topic_made_anew_is_another_log_where_reading_began_at_its_first_offset_too() {
        for from in [0, 100] {
            let mut log = log(from);
            read(&mut log, from..from + 20, 1);
            assert_eq!(log.place(0, identity(0, 2)), Place::Seek(from));
            assert!(log.probing());
            // Nothing stands there in a log of five: reading begins at its first again.
            assert_eq!(log.place(0, identity(0, 2)), Place::Another { seek: false });
        }
    }

    #[test]
    fn a_topic_made_anew_that_has_outgrown_what_is_remembered_is_read_from_its_beginning() {
        let mut log = log(100);
        read(&mut log, 100..120, 1);
        assert_eq!(log.place(0, identity(0, 2)), Place::Seek(100));
        assert_eq!(log.place(100, identity(100, 2)), Place::Another { seek: true });
    }

    #[test]
    fn a_log_that_lost_its_end_goes_on_behind_what_is_the_same() {
        let mut log = log(100);
        read(&mut log, 100..120, 1);
        assert_eq!(log.place(0, identity(0, 1)), Place::Seek(100));
        assert_eq!(read(&mut log, 100..110, 1), [Place::Known; 10]);
        assert_eq!(log.place(110, identity(110, 2)), Place::Cut);
        assert_eq!(read(&mut log, 111..130, 2), [Place::Next; 19]);
    }

    #[test]
    fn a_log_that_is_the_same_after_all_goes_on_where_it_was() {
        let mut log = log(0);
        read(&mut log, 0..20, 1);
        assert_eq!(log.place(5, identity(5, 1)), Place::Seek(0));
        assert_eq!(read(&mut log, 0..20, 1), [Place::Known; 20]);
        assert_eq!(read(&mut log, 20..25, 1), [Place::Next; 5]);
    }

    #[test]
    fn what_was_read_of_the_new_log_before_it_was_known_to_be_new_is_known() {
        let mut log = log(0);
        read(&mut log, 0..20, 1);
        // Of the new log, which has outgrown the old position: nothing tells.
        read(&mut log, 20..30, 2);
        log.replace();
        log.start(0);
        assert_eq!(read(&mut log, 0..20, 2), [Place::Next; 20]);
        assert_eq!(read(&mut log, 20..30, 2), [Place::Known; 10]);
        assert_eq!(read(&mut log, 30..40, 2), [Place::Next; 10]);
        assert!(log.earlier.is_empty());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut log = log(0);
        read(&mut log, 0..i64::try_from(REMEMBERED).unwrap_or(0) + 100, 1);
        assert_eq!(log.recent.len(), REMEMBERED);
    }
}
