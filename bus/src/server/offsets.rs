//! Which requests of a partition are finished, and how far the offset may be committed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::kafka::Commit;

/// What a note starts with, and its version.
const MARK: &str = "bus1";

/// The longest note, in bytes. A broker takes 4,096 unless it is told otherwise.
const LONGEST_NOTE: usize = 3_500;

/// The offsets of one partition, from the commit point on.
///
/// The commit point is the first offset that was started and is not finished, or, with none, the
/// one behind the last that was started. What is finished beyond the commit point travels in the
/// note of the commit, so that the next owner does not run it again.
#[derive(Debug)]
pub(crate) struct Offsets {
    /// The offset behind the last that was started.
    position: i64,
    unfinished: BTreeSet<i64>,
    /// What the former owner noted: all below `former_position` but these was finished.
    former_position: i64,
    former_unfinished: BTreeSet<i64>,
    committed: Option<(i64, i64)>,
    /// Whether anything was finished since the last commit.
    dirty: bool,
}

impl Offsets {
    /// The offsets of a partition that starts here, with its former owner's note.
    pub(crate) fn new(from: i64, note: &str) -> Self {
        let (former_position, former_unfinished) = read_note(from, note).unwrap_or((from, BTreeSet::new()));
        Self {
            position: from.max(0),
            unfinished: BTreeSet::new(),
            former_position,
            former_unfinished,
            committed: None,
            dirty: false,
        }
    }

    /// A request was read. `false`: the former owner finished it.
    pub(crate) fn start(&mut self, offset: i64) -> bool {
        self.position = self.position.max(offset + 1);
        if offset < self.former_position && !self.former_unfinished.contains(&offset) {
            self.dirty = true;
            return false;
        }
        self.unfinished.insert(offset);
        true
    }

    /// A request is finished: answered and acknowledged, or dead, or expired.
    pub(crate) fn finish(&mut self, offset: i64) {
        if self.unfinished.remove(&offset) {
            self.dirty = true;
        }
    }

    fn commit_point(&self) -> i64 {
        self.unfinished.first().copied().unwrap_or(self.position)
    }

    /// What is to be committed, if anything was finished since the last time.
    pub(crate) fn commit(&mut self, partition: i32) -> Option<Commit> {
        if !std::mem::take(&mut self.dirty) {
            return None;
        }
        let point = self.commit_point();
        // What the former owner noted and we have not read yet goes on with our note.
        let position = self.position.max(self.former_position);
        if self.committed == Some((point, position)) && self.unfinished.is_empty() {
            return None;
        }
        self.committed = Some((point, position));
        let unread = self.former_unfinished.range(self.position..).copied();
        let metadata = write_note(point, position, self.unfinished.iter().copied().chain(unread));
        Some(Commit { partition, offset: point, metadata })
    }
}

/// Notes what is finished beyond the commit point by what is not: usually a few of many.
///
/// `bus1 POSITION GAP GAP ..`: how far behind the commit point reading has come, and the distances
/// from each unfinished offset to the next. A note that would be too long ends earlier: what it
/// leaves out runs again.
fn write_note(point: i64, position: i64, unfinished: impl Iterator<Item = i64>) -> String {
    if position <= point {
        return String::new();
    }
    let (mut gaps, mut last, mut reach) = (String::new(), point, position);
    for offset in unfinished {
        let written = gaps.len();
        let _ = write!(gaps, " {}", offset - last);
        if gaps.len() > LONGEST_NOTE {
            gaps.truncate(written);
            reach = offset;
            break;
        }
        last = offset;
    }
    format!("{MARK} {}{gaps}", reach - point)
}

/// Reads a note. What is not one of ours, or is not whole, notes nothing.
fn read_note(point: i64, note: &str) -> Option<(i64, BTreeSet<i64>)> {
    let mut words = note.split(' ');
    if words.next() != Some(MARK) {
        return None;
    }
    let reach: i64 = words.next()?.parse().ok().filter(|reach| *reach >= 0)?;
    let position = point.checked_add(reach)?;
    let (mut unfinished, mut last) = (BTreeSet::new(), point);
    for gap in words {
        last = last.checked_add(gap.parse().ok().filter(|gap| *gap >= 0)?)?;
        unfinished.insert(last);
    }
    Some((position, unfinished))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_committed_before_the_first_is_finished() {
        let mut offsets = Offsets::new(10, "");
        assert!(offsets.start(10) && offsets.start(11));
        offsets.finish(11);
        let commit = offsets.commit(0).unwrap();
        assert_eq!((commit.offset, commit.metadata.as_str()), (10, "bus1 2 0"));
        offsets.finish(10);
        assert_eq!(offsets.commit(0).unwrap(), Commit { partition: 0, offset: 12, metadata: String::new() });
        assert_eq!(offsets.commit(0), None);
    }

    #[test]
    fn the_next_owner_skips_what_the_note_calls_finished() {
        let mut next = Offsets::new(10, "bus1 5 0 2");
        let run: Vec<i64> = (10..17).filter(|offset| next.start(*offset)).collect();
        assert_eq!(run, [10, 12, 15, 16]);
    }

    #[test]
    fn a_note_of_somebody_else_notes_nothing() {
        for note in ["", "hello", "bus1", "bus1 x", "bus1 5 -3", "bus1 -1", "bus2 5", "bus1 9223372036854775807 1 1"] {
            assert!(Offsets::new(7, note).start(7), "{note:?}");
        }
    }

    #[test]
    fn gaps_that_kafka_leaves_do_not_stop_the_commit() {
        let mut offsets = Offsets::new(0, "");
        for offset in [3, 7, 20] {
            assert!(offsets.start(offset));
            offsets.finish(offset);
        }
        assert_eq!(offsets.commit(0).unwrap().offset, 21);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Start,
        Finish(prop::sample::Index),
        Commit,
        HandOver,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            5 => Just(Step::Start),
            4 => any::<prop::sample::Index>().prop_map(Step::Finish),
            1 => Just(Step::Commit),
            1 => Just(Step::HandOver),
        ];
        proptest::collection::vec(step, 1..400)
    }

    proptest! {
        /// Against a model: an owner reads, finishes in any order, commits, and hands over, cleanly
        /// (with a last commit) as a group does. No request is skipped that was not finished, and
        /// none runs again that was.
        #[test]
        fn a_clean_hand_over_loses_nothing_and_repeats_nothing(steps in steps(), gap in 1_i64..4) {
            let mut offsets = Offsets::new(0, "");
            let mut committed = Commit { partition: 0, offset: 0, metadata: String::new() };
            let mut position = 0;
            let mut running: Vec<i64> = Vec::new();
            let mut finished: BTreeMap<i64, u32> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Start => {
                        if offsets.start(position) {
                            prop_assert!(!finished.contains_key(&position), "{} ran again", position);
                            running.push(position);
                        } else {
                            prop_assert!(finished.contains_key(&position), "{} was skipped", position);
                        }
                        position += gap;
                    }
                    Step::Finish(index) if !running.is_empty() => {
                        let offset = running.swap_remove(index.index(running.len()));
                        *finished.entry(offset).or_default() += 1;
                        offsets.finish(offset);
                    }
                    Step::Finish(_) => {}
                    Step::Commit => {
                        if let Some(commit) = offsets.commit(0) {
                            prop_assert!(commit.offset >= committed.offset, "the commit went back");
                            committed = commit;
                        }
                    }
                    Step::HandOver => {
                        if let Some(commit) = offsets.commit(0) {
                            committed = commit;
                        }
                        running.clear();
                        prop_assert!((0..committed.offset).step_by(usize::try_from(gap).unwrap()).all(|done| finished.contains_key(&done)));
                        offsets = Offsets::new(committed.offset, &committed.metadata);
                        // Kafka gives the next record there is.
                        position = (committed.offset + gap - 1) / gap * gap;
                    }
                }
            }
        }

        #[test]
        fn a_note_is_never_longer_than_a_broker_takes(unfinished in proptest::collection::btree_set(0_i64..i64::MAX / 4, 0..2_000), reach in 0_i64..i64::MAX / 4) {
            let point = unfinished.first().copied().unwrap_or(0);
            let position = unfinished.last().map_or(point + reach, |last| last + 1);
            let note = write_note(point, position, unfinished.iter().copied());
            prop_assert!(note.len() <= 4_096);
            if let Some((position, noted)) = read_note(point, &note) {
                prop_assert!(noted.iter().all(|offset| unfinished.contains(offset)));
                prop_assert!(unfinished.iter().filter(|offset| **offset < position).all(|offset| noted.contains(offset)));
            }
        }

        #[test]
        fn no_note_panics(from in 0_i64..1_000, note in "(bus1)?[ 0-9a-z-]*") {
            let mut offsets = Offsets::new(from, &note);
            offsets.start(from);
            offsets.finish(from);
            let _ = offsets.commit(0);
        }
    }
}
