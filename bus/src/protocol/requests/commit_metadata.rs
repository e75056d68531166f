//! What an owner of a partition tells the next one beside the committed offset.
//!
//! `bus1 REACH aOWNERS GAP GAP .. END SPELLED ..`, words with one space between:
//!
//! * `REACH`: how far behind the commit point reading has come.
//! * `aOWNERS`: how many owners in a row have held the commit point, this one included; with a `c`
//!   where the request at the commit point runs alone. Missing after a clean leave.
//! * `GAP`: the distance from each unfinished offset to the next. What is finished is told by what
//!   is not: usually few of many.
//! * `END`: the distance to the end of the reach, and only where something follows.
//! * `SPELLED`: numbers that are all zero, and say more by how they are spelled: with one to four
//!   digits, with a sign or without one. A reader that knows gaps alone adds nothing to where it
//!   stands, and stands where nothing has been read yet.
//!
//! Spelled are the identity of the topic, the requests that still run at the owner that wrote this
//! with the time that each has left, and the request that runs alone.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

/// What the metadata starts with, and its version.
const MARK: &str = "bus1";

/// What the metadata of every version starts with.
const FAMILY: &str = "bus";

/// The longest metadata, in bytes. A broker takes 4,096 unless it is told otherwise.
const LONGEST: usize = 3_500;

/// How many of these bytes may name requests that still run.
const LONGEST_RUNNING: usize = 1_500;

/// How many requests may be read from one run of offsets: more than anybody has in flight.
const LONGEST_RUN: u64 = 1 << 20;

/// The unit of the time that a running request has left. Rounded up.
const UNIT: Duration = Duration::from_millis(100);

/// What a spelled number is about.
const TOPIC: u64 = 1;
const RUNNING: u64 = 2;
const ALONE: u64 = 3;

/// Which topic of its name a topic is: another once it was deleted and made anew. Folded from the
/// 128 random bits that Kafka gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TopicId(u64);

impl TopicId {
    /// From Kafka's number. Zero is what brokers say that know none.
    pub(crate) fn new(id: u128) -> Option<Self> {
        let bytes = id.to_be_bytes();
        let half = |at: usize| bytes[at..at + 8].iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        (id != 0).then(|| Self(half(0) ^ half(8).rotate_left(1)))
    }
}

/// Who holds a commit point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// How many owners in a row have held it, this one included.
    pub(crate) owners: u32,
    pub(crate) alone: Option<Alone>,
}

/// A request that runs alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alone {
    pub(crate) offset: i64,
    /// How many owners in a row have run it alone, this one included.
    pub(crate) times: u32,
    /// Whether nothing ran beside it in its process, of other partitions neither.
    pub(crate) certain: bool,
}

/// Offsets in a row, all of which are running or finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// How long the last of them may run on.
    pub(crate) left: Duration,
}

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    /// The offset that is committed.
    pub(crate) point: i64,
    /// The offset behind the last that was read.
    pub(crate) position: i64,
    pub(crate) claim: Option<Claim>,
    pub(crate) topic: Option<TopicId>,
    /// Offsets that the next owner is to run, in order.
    pub(crate) unfinished: &'a BTreeSet<i64>,
    /// Offsets that it is not to run though they are not finished, in order.
    pub(crate) running: &'a [Run],
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) metadata: String,
    /// The running requests that did not fit in: they may run again.
    pub(crate) unnamed: Vec<i64>,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CommitMetadata {
    /// All below but what is named is finished.
    pub(crate) position: i64,
    pub(crate) unfinished: BTreeSet<i64>,
    pub(crate) owners: u32,
    pub(crate) alone: Option<Alone>,
    pub(crate) topic: Option<TopicId>,
    pub(crate) running: Vec<Run>,
}

/// What stands beside a committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing of ours.
    Nothing,
    Known(CommitMetadata),
    /// Ours, of a version that is not known here.
    Newer,
}

impl Draft<'_> {
    pub(crate) fn write(&self) -> Written {
        let nothing = Written { metadata: String::new(), unnamed: Vec::new() };
        let (named, unnamed) = self.named();
        // What is not named is told as unfinished: rather twice than never.
        let added: BTreeSet<i64> = unnamed.iter().copied().chain(self.unfinished.iter().copied()).collect();
        let unfinished = if unnamed.is_empty() { self.unfinished } else { &added };
        let extension = self.extension(&named);
        if self.position <= self.point && self.claim.is_none() && extension.is_empty() {
            return nothing;
        }
        let room = LONGEST.saturating_sub(extension.len());
        let (mut gaps, mut last, mut reach) = (String::new(), self.point, self.position);
        for offset in unfinished.iter().copied() {
            if planted!("gap not written") {
                continue;
            }
            let written = gaps.len();
            let _ = write!(gaps, " {}", offset - last);
            if gaps.len() > room {
                // What is left out runs again.
                gaps.truncate(written);
                reach = offset;
                break;
            }
            last = offset;
        }
        let reach = reach.max(self.point);
        if !extension.is_empty() {
            let _ = write!(gaps, " {}", reach.max(last) - last);
        }
        let mut metadata = format!("{MARK} {}", reach - self.point);
        if let Some(claim) = self.claim {
            let accused = claim.alone.is_some_and(|alone| alone.certain && alone.offset == self.point);
            let _ = write!(metadata, " a{}{}", claim.owners, if accused { "c" } else { "" });
        }
        metadata.push_str(&gaps);
        metadata.push_str(&extension);
        Written { metadata, unnamed }
    }

    /// The running requests as rows of offsets, and those that do not fit.
    fn named(&self) -> (Vec<Run>, Vec<i64>) {
        if planted!("unnamed running") {
            return (Vec::new(), self.running.iter().flat_map(|run| run.first..=run.last).collect());
        }
        let exact = self.runs(|run, next| run.last + 1 == next.first && units(run.left) == units(next.left));
        if spelled_runs(self.point, &exact).len() <= LONGEST_RUNNING {
            return (exact, Vec::new());
        }
        // Finished ones between two that run do no harm in a row: the next owner runs neither.
        let mut merged = self.runs(|run, next| self.unfinished.range(run.last..next.first).next().is_none());
        let mut unnamed = Vec::new();
        while spelled_runs(self.point, &merged).len() > LONGEST_RUNNING {
            let Some(run) = merged.pop() else { break };
            let of_run = self.running.iter().filter(|it| (run.first..=run.last).contains(&it.first));
            unnamed.extend(of_run.flat_map(|it| it.first..=it.last));
        }
        (merged, unnamed)
    }

    fn runs(&self, joins: impl Fn(&Run, &Run) -> bool) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for next in self.running {
            match runs.last_mut() {
                Some(run) if joins(run, next) => {
                    run.last = next.last;
                    run.left = run.left.max(next.left);
                }
                _ => runs.push(*next),
            }
        }
        runs
    }

    fn extension(&self, named: &[Run]) -> String {
        let mut spelled = String::new();
        if let Some(topic) = self.topic {
            spell(&mut spelled, TOPIC);
            for digit in 0..22 {
                spell_digit(&mut spelled, (topic.0 >> (3 * digit)) & 7);
            }
        }
        if let Some(alone) = self.claim.and_then(|claim| claim.alone)
            && let Ok(distance) = u64::try_from(alone.offset - self.point)
        {
            spell(&mut spelled, ALONE);
            spell(&mut spelled, distance);
            spell(&mut spelled, u64::from(alone.times) << 1 | u64::from(alone.certain));
        }
        if !named.is_empty() {
            spell(&mut spelled, RUNNING);
            spelled.push_str(&spelled_runs(self.point, named));
        }
        spelled
    }
}

fn units(left: Duration) -> u64 {
    u64::try_from(left.as_millis().div_ceil(UNIT.as_millis())).unwrap_or(u64::MAX)
}

fn spelled_runs(point: i64, runs: &[Run]) -> String {
    let mut spelled = String::new();
    spell(&mut spelled, u64::try_from(runs.len()).unwrap_or(0));
    let mut next = point;
    for run in runs {
        spell(&mut spelled, u64::try_from(run.first - next).unwrap_or(0));
        spell(&mut spelled, u64::try_from(run.last - run.first).unwrap_or(0));
        spell(&mut spelled, if planted!("time left not written") { 0 } else { units(run.left) });
        next = run.last + 1;
    }
    spelled
}

/// A number as digits of two bits each, the lowest first, each but the last with a third bit.
fn spell(spelled: &mut String, mut number: u64) {
    while number > 3 {
        spell_digit(spelled, (number & 3) | 4);
        number >>= 2;
    }
    spell_digit(spelled, number);
}

fn spell_digit(spelled: &mut String, digit: u64) {
    spelled.push_str([" 0", " +0", " 00", " +00", " 000", " +000", " 0000", " +0000"][(digit & 7) as usize]);
}

/// Reads digits that were spelled.
struct Spelled<'a, I: Iterator<Item = &'a str>>(I);

impl<'a, I: Iterator<Item = &'a str>> Spelled<'a, I> {
    fn digit(&mut self) -> Option<u64> {
        let word = self.0.next()?;
        let zeros = word.strip_prefix('+').unwrap_or(word);
        let signed = u64::from(zeros.len() < word.len());
        let plain = (1..=4).contains(&zeros.len()) && zeros.bytes().all(|byte| byte == b'0');
        plain.then(|| (zeros.len() as u64 - 1) * 2 + signed)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(2) {
            let digit = self.digit()?;
            number |= (digit & 3) << shift;
            if digit & 4 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Takes in what is known here, and stops at what is not.
    fn read_into(&mut self, point: i64, into: &mut CommitMetadata) -> Option<()> {
        loop {
            match self.number()? {
                TOPIC => {
                    let mut id = 0;
                    for place in 0..22 {
                        id |= self.digit()? << (3 * place);
                    }
                    into.topic = Some(TopicId(id));
                }
                ALONE => {
                    let offset = point.checked_add(i64::try_from(self.number()?).ok()?)?;
                    let times = self.number()?;
                    let certain = times & 1 == 1;
                    into.alone = Some(Alone { offset, times: u32::try_from(times >> 1).ok()?, certain });
                }
                RUNNING => {
                    let mut next = point;
                    for _ in 0..self.number()? {
                        let first = next.checked_add(i64::try_from(self.number()?).ok()?)?;
                        let further = self.number().filter(|further| *further <= LONGEST_RUN)?;
                        let last = first.checked_add(i64::try_from(further).ok()?)?;
                        let millis = self.number()?.checked_mul(100)?;
                        into.running.push(Run { first, last, left: Duration::from_millis(millis) });
                        next = last.checked_add(1)?;
                    }
                }
                _ => return None,
            }
        }
    }
}

/// Reads what stands beside a committed offset. What is not one of ours, or is not whole, says
/// nothing.
pub(crate) fn read(point: i64, metadata: &str) -> Found {
    if let Some(known) = CommitMetadata::read(point, metadata) {
        return Found::Known(known);
    }
    let version = metadata.split(' ').next().and_then(|word| word.strip_prefix(FAMILY));
    let version = version.and_then(|version| version.parse::<u32>().ok());
    if version.is_some_and(|version| version > 1) { Found::Newer } else { Found::Nothing }
}

impl CommitMetadata {
    fn read(point: i64, metadata: &str) -> Option<Self> {
        let mut words = metadata.split(' ').peekable();
        if words.next() != Some(MARK) {
            return None;
        }
        let reach: i64 = words.next()?.parse().ok().filter(|reach| *reach >= 0)?;
        let mut found = Self { position: point.checked_add(reach)?, ..Self::default() };
        if let Some(mark) = words.next_if(|word| word.starts_with('a')) {
            let mark = &mark[1..];
            if mark.ends_with('c') {
                found.alone = Some(Alone { offset: point, times: 1, certain: true });
            }
            found.owners = mark.strip_suffix('c').unwrap_or(mark).parse().ok()?;
        }
        let mut last = point;
        for gap in words.by_ref() {
            last = last.checked_add(gap.parse().ok().filter(|gap| *gap >= 0)?)?;
            if last >= found.position {
                break;
            }
            found.unfinished.insert(last);
        }
        // Further gaps can follow only from a version that writes nothing spelled; they mean nothing.
        let _ = Spelled(words).read_into(point, &mut found);
        Some(found)
    }
}

#[cfg(all(test, not(bus_sim)))]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The reader of the version before: what it makes of metadata must stay what is meant.
    fn read_by_the_version_before(point: i64, note: &str) -> Option<(i64, BTreeSet<i64>, u32, bool)> {
        let mut words = note.split(' ').peekable();
        if words.next() != Some("bus1") {
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
        Some((position, unfinished, owners, alone))
    }

    fn known(point: i64, metadata: &str) -> CommitMetadata {
        match read(point, metadata) {
            Found::Known(known) => known,
            other => panic!("{other:?}"),
        }
    }

    fn one(offset: i64, millis: u64) -> Run {
        Run { first: offset, last: offset, left: Duration::from_millis(millis) }
    }

    #[test]
    fn metadata_of_the_version_before_is_read_as_it_was() {
        let found = known(10, "bus1 5 a2c 0 2");
        assert_eq!((found.position, found.owners), (15, 2));
        assert_eq!(found.unfinished, BTreeSet::from([10, 12]));
        assert_eq!(found.alone, Some(Alone { offset: 10, times: 1, certain: true }));
        assert_eq!((found.topic, found.running.len()), (None, 0));
    }

    #[test]
    fn what_is_not_ours_says_nothing_and_what_is_newer_is_known_to_be() {
        for metadata in [
            "",
            "hello",
            "bus1",
            "bus1 x",
            "bus1 5 -3",
            "bus1 -1",
            "bus1 9223372036854775807 1 1",
            "bus",
            "bus0 1",
            "business",
        ] {
            assert_eq!(read(7, metadata), Found::Nothing, "{metadata:?}");
        }
        assert_eq!(read(7, "bus2 5"), Found::Newer);
        assert_eq!(read(7, "bus17"), Found::Newer);
    }

    #[test]
    fn nothing_is_written_where_there_is_nothing_to_tell() {
        let draft =
            Draft { point: 5, position: 5, claim: None, topic: None, unfinished: &BTreeSet::new(), running: &[] };
        assert_eq!(draft.write(), Written { metadata: String::new(), unnamed: Vec::new() });
    }

    #[test]
    fn many_that_run_with_finished_ones_between_fit_as_rows() {
        let running: Vec<_> = (0..1_000).map(|step| one(10 + 3 * step, 37 * step.unsigned_abs())).collect();
        let draft = Draft {
            point: 10,
            position: 4_000,
            claim: None,
            topic: None,
            unfinished: &BTreeSet::new(),
            running: &running,
        };
        let written = draft.write();
        assert!(written.unnamed.is_empty());
        let found = known(10, &written.metadata);
        assert_eq!((found.running[0].first, found.running[0].last), (10, 10 + 3 * 999));
        assert!(found.running[0].left >= Duration::from_millis(37 * 999));
    }

    #[test]
    fn what_runs_and_does_not_fit_is_told_as_unfinished() {
        // An unfinished one between each two that run: no two share a row.
        let running: Vec<_> = (0..500).map(|step| one(10 + 2 * step, 60_000)).collect();
        let unfinished: BTreeSet<i64> = (0..500).map(|step| 11 + 2 * step).collect();
        let draft =
            Draft { point: 10, position: 1_010, claim: None, topic: None, unfinished: &unfinished, running: &running };
        let written = draft.write();
        assert!(!written.unnamed.is_empty() && written.metadata.len() < 4_096);
        let found = known(10, &written.metadata);
        let named: usize = found.running.iter().map(|run| usize::try_from(run.last - run.first + 1).unwrap()).sum();
        assert_eq!(named + written.unnamed.len(), 500);
        for Run { first: offset, .. } in running {
            let held = found.running.iter().any(|run| (run.first..=run.last).contains(&offset));
            assert!(held || found.unfinished.contains(&offset), "{offset} is lost");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again_by_this_version_and_rightly_by_the_one_before(
            point in 0_i64..1 << 50,
            kinds in proptest::collection::vec(0_u8..4, 0..1_500),
            left in proptest::collection::vec(0_u64..100_000, 1..40),
            topic: u128,
            owners in proptest::option::of(0_u32..5),
            alone in proptest::option::of((0_i64..2_000, 1_u32..4, any::<bool>())),
        ) {
            let position = point + i64::try_from(kinds.len()).unwrap();
            let of = |kind: u8| (point..).zip(kinds.iter()).filter(move |(_, it)| **it == kind).map(|(offset, _)| offset);
            let unfinished: BTreeSet<i64> = of(0).collect();
            let running: Vec<_> = of(1).zip(left.iter().cycle()).map(|(offset, left)| one(offset, *left)).collect();
            let claim = owners.map(|owners| Claim {
                owners,
                alone: alone.map(|(distance, times, certain)| Alone { offset: point + distance, times, certain }),
            });
            let draft = Draft { point, position, claim, topic: TopicId::new(topic), unfinished: &unfinished, running: &running };
            let Written { metadata, unnamed } = draft.write();
            prop_assert!(metadata.len() < 4_096, "{}", metadata.len());
            let (before, ours) = (read_by_the_version_before(point, &metadata), read(point, &metadata));
            if metadata.is_empty() {
                prop_assert_eq!((before, ours), (None, Found::Nothing));
                return Ok(());
            }
            let (reach, gaps, _, _) = before.unwrap();
            let Found::Known(found) = ours else { return Err(TestCaseError::fail("not read")) };
            prop_assert_eq!(found.position, reach);
            prop_assert_eq!(found.topic, TopicId::new(topic));
            prop_assert_eq!(found.owners, claim.map_or(0, |claim| claim.owners));
            if let Some(alone) = claim.and_then(|claim| claim.alone) {
                prop_assert_eq!(found.alone, Some(alone));
            }
            let held = |offset: i64| found.running.iter().find(|run| (run.first..=run.last).contains(&offset));
            let mut told_as_unfinished = 0;
            for (offset, kind) in (point..).zip(&kinds) {
                let below = offset < found.position;
                // Both versions skip and run the same.
                prop_assert_eq!(below && gaps.contains(&offset), below && found.unfinished.contains(&offset));
                match kind {
                    0 => prop_assert!(!below || found.unfinished.contains(&offset), "{offset} would be skipped"),
                    1 => {
                        told_as_unfinished += usize::from(held(offset).is_none());
                        prop_assert!(held(offset).is_some() || !below || found.unfinished.contains(&offset));
                    }
                    _ => prop_assert!(!below || !found.unfinished.contains(&offset), "{offset} would run again"),
                }
                prop_assert!(*kind != 0 || held(offset).is_none(), "{offset} waits to be run");
            }
            prop_assert_eq!(told_as_unfinished, unnamed.len());
            for running in &running {
                if let Some(run) = held(running.first) {
                    prop_assert!(run.left >= running.left);
                }
            }
        }

        #[test]
        fn no_metadata_panics(point in 0_i64..1_000, metadata in "(bus1 [0-9]{1,19} (a[0-9]c?)?)?[ 0-9a-z+-]*", words in proptest::collection::vec(0_u64..8, 0..200)) {
            let mut metadata = metadata;
            let _ = read(point, &metadata);
            metadata.push_str(" 9999");
            for digit in words {
                spell_digit(&mut metadata, digit);
            }
            let _ = read(point, &metadata);
        }
    }
}
