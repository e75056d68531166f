//! Which requests of a partition are finished, and how far the offset may be committed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::kafka::Commit;

/// What a note starts with, and its version.
const MARK: &str = "bus1";

/// The longest note, in bytes. A broker takes 4,096 unless it is told otherwise.
const LONGEST_NOTE: usize = 3_500;

/// How many owners in a row may end at one commit point before the next runs requests alone.
const CRASHES: u32 = 2;

/// How many requests run alone then. As many as can be in flight at once with the defaults, and
/// some: the one that ends its process is among them.
const ALONE: u32 = 2_048;

/// The offsets of one partition, from the commit point on.
///
/// The commit point is the first offset that was started and is not finished, or, with none, the
/// one behind the last that was started. What is finished beyond the commit point travels in the
/// note of the commit, so that the next owner does not run it again.
///
/// The note also counts the owners that have held the commit point. One that leaves takes its mark
/// away; one whose process ends does not. After two such ends in a row the next owner runs requests
/// one by one, each with a commit before it that says so: the request at the commit point of an
/// owner that ended then is the one that ended it.
#[derive(Debug)]
pub(crate) struct Offsets {
    /// The offset that reading began at.
    from: i64,
    /// The offset behind the last that was started.
    position: i64,
    unfinished: BTreeSet<i64>,
    /// What the former owner noted: all below `position` but these was finished.
    former: Note,
    /// The commit point of the last commit.
    committed: Option<i64>,
    /// Whether anything was finished since the last commit.
    dirty: bool,
    /// How many owners in a row have held the commit point, this one included.
    owners: u32,
    /// How many requests are to run alone still.
    alone: u32,
}

/// What became of a request that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Started {
    /// It is to be run.
    Run,
    /// A former owner finished it.
    Finished,
    /// It ran alone at a former owner whose process ended then.
    Crashed,
}

/// What goes before a request that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    Nothing,
    /// A commit.
    Commit(Commit),
    /// A commit, and the end of all that runs; and nothing else runs beside it.
    Alone(Commit),
}

impl Offsets {
    /// The offsets of a partition that starts here, with its former owner's note.
    pub(crate) fn new(from: i64, note: &str) -> Self {
        let former = Note::read(from, note).unwrap_or(Note {
            position: from,
            unfinished: BTreeSet::new(),
            owners: 0,
            alone: false,
        });
        Self {
            from,
            position: from.max(0),
            unfinished: BTreeSet::new(),
            committed: None,
            dirty: false,
            owners: former.owners.saturating_add(1),
            alone: if former.owners >= CRASHES || former.alone { ALONE } else { 0 },
            former,
        }
    }

    /// Forgets what is known of other records. Reading never goes back by itself: before where it
    /// began it comes when the topic was made anew, or its log lost its end.
    fn look_back(&mut self, offset: i64) {
        if offset < self.from {
            self.from = offset;
            self.position = offset;
            self.former = Note { position: offset, unfinished: BTreeSet::new(), owners: 0, alone: false };
        }
    }

    /// A request was read.
    pub(crate) fn start(&mut self, offset: i64) -> Started {
        self.look_back(offset);
        self.position = self.position.max(offset + 1);
        if offset < self.former.position && !self.former.unfinished.contains(&offset) {
            self.dirty = true;
            return Started::Finished;
        }
        self.unfinished.insert(offset);
        // Only the first one can be: it stood at the commit point.
        if std::mem::take(&mut self.former.alone) { Started::Crashed } else { Started::Run }
    }

    /// A request is finished: answered and acknowledged, or dead, or expired.
    pub(crate) fn finish(&mut self, offset: i64) {
        if self.unfinished.remove(&offset) {
            self.dirty = true;
        }
    }

    /// What goes before a request that was read. The first one is preceded by a commit that marks
    /// the commit point as ours, so that the next owner can tell whether we left or our process
    /// ended; an owner that is never asked for anything marks nothing.
    pub(crate) fn before(&mut self, partition: i32, offset: i64) -> Before {
        self.look_back(offset);
        let alone = self.alone > 0;
        self.alone = self.alone.saturating_sub(1);
        // The one that is known to have ended its process does not run.
        if self.former.alone || (!alone && self.committed.is_some()) {
            return Before::Nothing;
        }
        let point = self.unfinished.first().copied().unwrap_or(offset);
        // What the former owner noted and we have not read yet goes on with our note.
        let position = self.position.max(self.former.position).max(point);
        self.dirty = false;
        self.hold(point);
        let commit = self.write(partition, point, position, Some(Mark { owners: self.owners, alone }));
        if alone { Before::Alone(commit) } else { Before::Commit(commit) }
    }

    /// What is to be committed, if anything was finished since the last time. An owner that leaves
    /// commits in any case, to take its mark away.
    pub(crate) fn commit(&mut self, partition: i32, leaving: bool) -> Option<Commit> {
        let last = leaving && self.committed.is_some();
        if !std::mem::take(&mut self.dirty) && !last {
            return None;
        }
        let point = self.unfinished.first().copied().unwrap_or(self.position);
        // What the former owner noted and we have not read yet goes on with our note.
        let position = self.position.max(self.former.position);
        self.hold(point);
        let mark = (!leaving).then_some(Mark { owners: self.owners, alone: false });
        Some(self.write(partition, point, position, mark))
    }

    /// The last commit was refused.
    pub(crate) fn commit_again(&mut self) {
        self.dirty |= self.committed.is_some();
    }

    /// We hold this commit point now, alone if it is a new one.
    fn hold(&mut self, point: i64) {
        // The first time it is the former owner's, unless Kafka has removed what was there.
        if self.committed.is_some_and(|held| held != point) {
            self.owners = 1;
        }
        self.committed = Some(point);
    }

    fn write(&self, partition: i32, point: i64, position: i64, mark: Option<Mark>) -> Commit {
        let unread = self.former.unfinished.range(self.position..).copied();
        let metadata = Note::write(point, position, mark, self.unfinished.iter().copied().chain(unread));
        Commit { partition, offset: point, metadata }
    }
}

/// Who holds a commit point.
#[derive(Clone, Copy, Debug)]
struct Mark {
    owners: u32,
    alone: bool,
}

/// What the former owner says of a partition beyond its commit point.
///
/// `bus1 REACH aOWNERS GAP GAP ..`: how far behind the commit point reading has come, how many
/// owners have held it (with a `c` where the request there runs alone; missing after a clean
/// leave), and the distances from each unfinished offset to the next. What is finished is noted by
/// what is not: usually a few of many. A note that would be too long ends earlier: what it leaves
/// out runs again.
#[derive(Debug)]
struct Note {
    position: i64,
    unfinished: BTreeSet<i64>,
    owners: u32,
    alone: bool,
}

impl Note {
    fn write(point: i64, position: i64, mark: Option<Mark>, unfinished: impl Iterator<Item = i64>) -> String {
        if position <= point && mark.is_none() {
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
        let mark =
            mark.map(|mark| format!(" a{}{}", mark.owners, if mark.alone { "c" } else { "" })).unwrap_or_default();
        format!("{MARK} {}{mark}{gaps}", (reach - point).max(0))
    }

    /// Reads a note. What is not one of ours, or is not whole, notes nothing.
    fn read(point: i64, note: &str) -> Option<Self> {
        let mut words = note.split(' ').peekable();
        if words.next() != Some(MARK) {
            return None;
        }
        let reach: i64 = words.next()?.parse().ok().filter(|reach| *reach >= 0)?;
        let position = point.checked_add(reach)?;
        let (mut owners, mut alone) = (0, false);
        if let Some(mark) = words.next_if(|word| word.starts_with('a')) {
            let mark = &mark[1..];
            alone = mark.ends_with('c');
            owners = mark.strip_suffix('c').unwrap_or(mark).parse().ok()?;
        }
        let (mut unfinished, mut last) = (BTreeSet::new(), point);
        for gap in words {
            last = last.checked_add(gap.parse().ok().filter(|gap| *gap >= 0)?)?;
            unfinished.insert(last);
        }
        Some(Self { position, unfinished, owners, alone })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_committed_before_the_first_is_finished() {
        let mut offsets = Offsets::new(10, "");
        assert_eq!((offsets.start(10), offsets.start(11)), (Started::Run, Started::Run));
        offsets.finish(11);
        let commit = offsets.commit(0, false).unwrap();
        assert_eq!((commit.offset, commit.metadata.as_str()), (10, "bus1 2 a1 0"));
        offsets.finish(10);
        assert_eq!(
            offsets.commit(0, false).unwrap(),
            Commit { partition: 0, offset: 12, metadata: "bus1 0 a1".to_owned() }
        );
        assert_eq!(offsets.commit(0, false), None);
        // Leaving takes the mark away.
        assert_eq!(offsets.commit(0, true).unwrap(), Commit { partition: 0, offset: 12, metadata: String::new() });
    }

    #[test]
    fn a_commit_that_was_refused_is_made_again() {
        let mut offsets = Offsets::new(10, "");
        offsets.start(10);
        offsets.finish(10);
        let refused = offsets.commit(0, false).unwrap();
        assert_eq!(offsets.commit(0, false), None);
        offsets.commit_again();
        assert_eq!(offsets.commit(0, false), Some(refused));
    }

    #[test]
    fn the_next_owner_skips_what_the_note_calls_finished() {
        let mut next = Offsets::new(10, "bus1 5 0 2");
        let run: Vec<i64> = (10..17).filter(|offset| next.start(*offset) == Started::Run).collect();
        assert_eq!(run, [10, 12, 15, 16]);
    }

    #[test]
    fn a_note_of_somebody_else_notes_nothing() {
        for note in ["", "hello", "bus1", "bus1 x", "bus1 5 -3", "bus1 -1", "bus2 5", "bus1 9223372036854775807 1 1"] {
            assert_eq!(Offsets::new(7, note).start(7), Started::Run, "{note:?}");
        }
    }

    #[test]
    fn gaps_that_kafka_leaves_do_not_stop_the_commit() {
        let mut offsets = Offsets::new(0, "");
        for offset in [3, 7, 20] {
            assert_eq!(offsets.start(offset), Started::Run);
            offsets.finish(offset);
        }
        assert_eq!(offsets.commit(0, false).unwrap().offset, 21);
    }

    #[test]
    fn a_topic_that_is_made_anew_is_read_from_its_start() {
        let mut offsets = Offsets::new(100, "bus1 5 a1 2");
        assert_eq!(offsets.start(102), Started::Run);
        offsets.finish(102);
        for offset in 0..5 {
            assert_eq!(offsets.start(offset), Started::Run, "{offset}");
            offsets.finish(offset);
        }
        assert_eq!(offsets.commit(0, false).unwrap().offset, 5);
    }

    /// A group of owners that each end at the request at `poison`, with those before it in flight.
    #[test]
    fn the_request_that_ends_its_process_is_found_after_three_ends_and_no_other_is_accused() {
        let (poison, last) = (13, 20);
        let mut committed = Commit { partition: 0, offset: 10, metadata: String::new() };
        let mut ends = 0;
        'owners: for _ in 0..10 {
            let mut offsets = Offsets::new(committed.offset, &committed.metadata);
            for offset in committed.offset..last {
                let before = offsets.before(0, offset);
                let runs_alone = matches!(before, Before::Alone(_));
                if let Before::Commit(commit) | Before::Alone(commit) = before {
                    committed = commit;
                }
                match offsets.start(offset) {
                    Started::Crashed => {
                        assert_eq!((offset, ends), (poison, 3));
                        return;
                    }
                    Started::Run if offset == poison => {
                        ends += 1;
                        continue 'owners;
                    }
                    // Alone, each is finished before the next; otherwise all are in flight.
                    Started::Run if runs_alone => offsets.finish(offset),
                    Started::Run | Started::Finished => {}
                }
            }
        }
        panic!("never found");
    }

    #[test]
    fn owners_that_leave_cleanly_accuse_nobody() {
        let mut committed = Commit { partition: 0, offset: 10, metadata: String::new() };
        for _ in 0..10 {
            let mut offsets = Offsets::new(committed.offset, &committed.metadata);
            assert!(matches!(offsets.before(0, 10), Before::Commit(_)));
            assert_eq!(offsets.start(10), Started::Run);
            committed = offsets.commit(0, true).unwrap();
        }
    }

    #[test]
    fn owners_that_end_without_being_asked_for_anything_accuse_nobody() {
        let mut offsets = Offsets::new(10, "");
        assert!(matches!(offsets.before(0, 10), Before::Commit(_)));
        offsets.start(10);
        offsets.finish(10);
        let committed = offsets.commit(0, false).unwrap();
        for _ in 0..10 {
            assert_eq!(Offsets::new(committed.offset, &committed.metadata).commit(0, false), None);
        }
        let mut last = Offsets::new(committed.offset, &committed.metadata);
        assert!(matches!(last.before(0, 11), Before::Commit(_)));
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
                        if offsets.start(position) == Started::Run {
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
                        if let Some(commit) = offsets.commit(0, false) {
                            prop_assert!(commit.offset >= committed.offset, "the commit went back");
                            committed = commit;
                        }
                    }
                    Step::HandOver => {
                        if let Some(commit) = offsets.commit(0, true) {
                            committed = commit;
                        }
                        prop_assert!(!committed.metadata.contains('a'), "{}", committed.metadata);
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
            let note = Note::write(point, position, None, unfinished.iter().copied());
            prop_assert!(note.len() <= 4_096);
            if let Some(Note { position, unfinished: noted, .. }) = Note::read(point, &note) {
                prop_assert!(noted.iter().all(|offset| unfinished.contains(offset)));
                prop_assert!(unfinished.iter().filter(|offset| **offset < position).all(|offset| noted.contains(offset)));
            }
        }

        #[test]
        fn no_note_panics(from in 0_i64..1_000, note in "(bus1 [0-9] (a[0-9]c?)?)?[ 0-9a-z-]*") {
            let mut offsets = Offsets::new(from, &note);
            let _ = offsets.before(0, from);
            offsets.start(from);
            offsets.finish(from);
            let _ = offsets.commit(0, false);
        }
    }
}
