#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const FREE: Turn = Turn { free: true, idle: true, room: true };
const SECOND: Duration = Duration::from_secs(1);

/// An owner of a partition, in time that goes when it is told to.
struct Owner {
    clock: BrokerClock,
    partition: Partition<()>,
    now: Instant,
    number: u64,
}

/// What the wall says, always.
const WALL: i64 = 1_700_000_000_000;

/// A broker's clock that says the same now.
fn known_clock(now: Instant) -> BrokerClock {
    let clock = BrokerClock::new(now);
    clock.sample(now, Now { even: now, wall: WALL }, Stamp::Broker(WALL));
    clock
}

fn id(number: u128) -> Option<TopicId> {
    TopicId::new(number)
}

fn arrival(offset: i64) -> Arrival {
    of_log(offset, 1)
}

fn of_log(offset: i64, generation: u64) -> Arrival {
    Arrival { offset, identity: generation << 40 | offset.unsigned_abs(), stamp: Stamp::None, allowed: 5 * SECOND }
}

impl Owner {
    fn new(from: i64, metadata: &str) -> Self {
        Self::of_topic(from, metadata, None)
    }

    fn of_topic(from: i64, metadata: &str, topic: Option<TopicId>) -> Self {
        let now = Instant::now();
        let mut owner = Self { clock: known_clock(now), partition: Partition::default(), now, number: 0 };
        owner.partition.assigned(Some((from, metadata)), topic, owner.now);
        owner
    }

    /// The next owner, at once.
    fn after(&mut self, commit: &PartitionCommit) -> Self {
        let (clock, now) = (known_clock(self.now), self.now);
        let mut owner = Self { clock, partition: Partition::default(), now, number: 0 };
        owner.partition.assigned(Some((commit.offset, &commit.metadata)), self.partition.topic, owner.now);
        owner
    }

    fn read(&mut self, offset: i64) -> Verdict<()> {
        self.take(arrival(offset))
    }

    fn offer(&mut self, arrival: Arrival) -> Verdict<()> {
        self.partition.record(arrival, (), &self.clock, Now { even: self.now, wall: WALL })
    }

    /// Reads a record, with the commit that is to go before it.
    fn take(&mut self, arrival: Arrival) -> Verdict<()> {
        let verdict = self.offer(arrival);
        if verdict != Verdict::Waits {
            return verdict;
        }
        self.claim();
        self.ready().unwrap_or(Verdict::Waits)
    }

    fn claim(&mut self) {
        if self.partition.wants_commit() {
            self.commit(false);
            self.partition.commit_done(self.number);
        }
    }

    fn ready(&mut self) -> Option<Verdict<()>> {
        let ready = self.partition.ready(&self.clock, self.now, FREE);
        if ready.is_some() {
            return ready;
        }
        self.claim();
        self.partition.ready(&self.clock, self.now, FREE)
    }

    fn runs(&mut self, offset: i64) -> u32 {
        match self.read(offset) {
            Verdict::Run(taken) => taken.log,
            other => panic!("{offset}: {other:?}"),
        }
    }

    fn commit(&mut self, leaving: bool) -> Option<PartitionCommit> {
        self.number += 1;
        self.partition.commit(self.number, self.now, leaving)
    }

    fn leave(&mut self) -> PartitionCommit {
        self.partition.stop_taking();
        let commit = self.commit(true).unwrap();
        self.partition.revoked();
        commit
    }
}

#[test]
fn nothing_is_committed_before_the_first_is_finished() {
    let mut owner = Owner::new(10, "");
    let log = owner.runs(10);
    owner.runs(11);
    owner.partition.finish(11, log);
    let commit = owner.commit(false).unwrap();
    assert_eq!((commit.offset, commit.metadata.as_str()), (10, "bus1 2 a1 0"));
    owner.partition.finish(10, log);
    let commit = owner.commit(false).unwrap();
    assert_eq!((commit.offset, commit.metadata.as_str()), (12, "bus1 0 a1"));
    assert_eq!(owner.commit(false), None);
    // Leaving takes the mark away.
    let commit = owner.leave();
    assert_eq!((commit.offset, commit.metadata.as_str()), (12, ""));
}

#[test]
fn the_first_request_waits_for_the_commit_that_marks_its_owner() {
    let mut owner = Owner::new(10, "");
    assert_eq!(owner.offer(arrival(10)), Verdict::Waits);
    assert_eq!(owner.offer(arrival(11)), Verdict::Waits);
    assert!(owner.partition.wants_commit());
    assert_eq!(owner.partition.ready(&owner.clock, owner.now, FREE), None);
    let commit = owner.commit(false).unwrap();
    assert_eq!((commit.offset, commit.metadata.as_str()), (10, "bus1 2 a1 0 1"));
    assert!(!owner.partition.wants_commit());
    owner.partition.commit_refused();
    assert!(owner.partition.wants_commit(), "it was refused");
    owner.commit(false).unwrap();
    owner.partition.commit_done(owner.number - 1);
    assert_eq!(owner.partition.ready(&owner.clock, owner.now, FREE), None, "another commit is done");
    owner.partition.commit_done(owner.number);
    assert!(matches!(
        owner.partition.ready(&owner.clock, owner.now, FREE),
        Some(Verdict::Run(Taken { offset: 10, .. }))
    ));
    assert!(matches!(
        owner.partition.ready(&owner.clock, owner.now, FREE),
        Some(Verdict::Run(Taken { offset: 11, .. }))
    ));
    assert_eq!(owner.partition.ready(&owner.clock, owner.now, FREE), None);
    assert!(matches!(owner.offer(arrival(12)), Verdict::Run(_)));
}

#[test]
fn a_request_does_not_wait_for_ever_for_a_commit_that_nobody_takes() {
    let mut owner = Owner::new(10, "");
    owner.offer(arrival(10));
    owner.now += Duration::from_millis(999);
    assert_eq!(owner.partition.ready(&owner.clock, owner.now, FREE), None);
    owner.now += Duration::from_millis(1);
    assert!(matches!(owner.partition.ready(&owner.clock, owner.now, FREE), Some(Verdict::Run(_))));
}

#[test]
fn a_request_that_waited_too_long_is_expired() {
    let mut owner = Owner::new(10, "");
    let brief = Arrival { allowed: Duration::from_millis(300), ..arrival(10) };
    owner.offer(brief);
    owner.now += Duration::from_millis(300);
    owner.claim();
    assert!(matches!(owner.partition.ready(&owner.clock, owner.now, FREE), Some(Verdict::Expired(_))));
}

#[test]
fn a_commit_that_was_refused_is_made_again() {
    let mut owner = Owner::new(10, "");
    let log = owner.runs(10);
    owner.partition.finish(10, log);
    let refused = owner.commit(false).unwrap();
    assert_eq!(owner.commit(false), None);
    owner.partition.commit_refused();
    assert_eq!(owner.commit(false), Some(refused));
}

#[test]
fn the_next_owner_skips_what_the_former_finished() {
    let mut next = Owner::new(10, "bus1 5 0 2");
    let run: Vec<i64> = (10..17).filter(|offset| matches!(next.read(*offset), Verdict::Run(_))).collect();
    assert_eq!(run, [10, 12, 15, 16]);
}

#[test]
fn what_a_newer_version_committed_is_not_overwritten_before_it_is_passed() {
    let mut owner = Owner::new(7, "bus2 what nobody knows");
    let log = owner.runs(7);
    owner.runs(8);
    owner.partition.finish(8, log);
    assert_eq!(owner.commit(false), None);
    owner.partition.finish(7, log);
    assert_eq!(owner.commit(false).unwrap().offset, 9);
}

#[test]
fn a_request_is_expired_when_its_age_is_what_it_may_be() {
    let mut owner = Owner::new(0, "");
    owner.runs(0);
    let aged = |offset, age| Arrival { stamp: Stamp::Broker(WALL - age), ..arrival(offset) };
    assert!(matches!(owner.take(aged(1, 5_000)), Verdict::Expired(_)));
    let Verdict::Run(taken) = owner.take(aged(2, 4_000)) else { panic!("not run") };
    assert_eq!(taken.deadline, owner.now + SECOND);
}

#[test]
fn a_request_whose_age_only_our_own_clock_tells_waits_for_the_brokers_and_not_for_ever() {
    let ours_is_ahead = |offset| Arrival { stamp: Stamp::Broker(WALL - 8_000), ..arrival(offset) };
    for learnt in [true, false] {
        let mut owner = Owner::new(0, "");
        owner.clock = BrokerClock::new(owner.now);
        assert_eq!(owner.offer(ours_is_ahead(0)), Verdict::Waits);
        owner.claim();
        assert_eq!(owner.ready(), None);
        assert!(owner.partition.doubts_the_time());
        if learnt {
            owner.clock.sample(owner.now, Now { even: owner.now, wall: WALL }, Stamp::Broker(WALL - 7_500));
            let Some(Verdict::Run(taken)) = owner.ready() else { panic!("not run") };
            assert_eq!(taken.deadline, owner.now + Duration::from_millis(4_500));
        } else {
            owner.now += UNDATED;
            assert!(matches!(owner.ready(), Some(Verdict::Expired(_))));
        }
    }
}

#[test]
fn a_request_that_came_behind_the_end_of_the_log_is_young_whatever_our_clock_says() {
    let mut owner = Owner::new(0, "");
    owner.clock = BrokerClock::new(owner.now);
    owner.partition.log_ended(10, owner.now);
    owner.now += SECOND;
    let ours_is_ahead = Arrival { stamp: Stamp::Broker(WALL - 8_000), ..arrival(10) };
    let Verdict::Run(taken) = owner.take(ours_is_ahead) else { panic!("not run") };
    assert_eq!(taken.deadline, owner.now + 4 * SECOND);
}

#[test]
fn in_doubt_nothing_is_started_before_a_commit_was_taken() {
    let mut owner = Owner::new(0, "");
    owner.runs(0);
    owner.partition.doubt(owner.now);
    assert_eq!(owner.offer(arrival(1)), Verdict::Waits);
    owner.now += 2 * SECOND;
    assert_eq!(owner.partition.ready(&owner.clock, owner.now, FREE), None, "however long it takes");
    owner.claim();
    assert!(matches!(owner.ready(), Some(Verdict::Run(_))));
    assert!(matches!(owner.offer(arrival(2)), Verdict::Run(_)));
}

#[test]
fn what_still_runs_is_named_by_the_last_commit_and_left_alone_until_its_deadline() {
    let mut first = Owner::new(10, "");
    let log = first.runs(10);
    for offset in 11..15 {
        first.runs(offset);
    }
    first.partition.finish(11, log);
    let mut second = {
        let commit = first.leave();
        first.after(&commit)
    };
    assert_eq!(second.read(10), Verdict::StillRuns);
    assert_eq!(second.read(11), Verdict::FinishedBefore);
    assert!((12..15).all(|offset| second.read(offset) == Verdict::StillRuns));
    second.runs(15);
    second.partition.finish(15, second.partition.log.number());
    assert_eq!(second.partition.give_up(second.now + 4 * SECOND), []);
    // Told on, with what time is left.
    second.now += 2 * SECOND;
    let commit = second.commit(false).unwrap();
    assert_eq!(commit.offset, 10, "not finished");
    let mut third = second.after(&commit);
    assert!((12..15).all(|offset| third.read(offset) == Verdict::StillRuns));
    let given_up = third.partition.give_up(third.now + 3 * SECOND);
    assert_eq!(given_up, [12, 13, 14].map(|offset| (offset, GivenUp::OfFormerOwner)));
    // Nobody commits what is not his.
    first.partition.finish(10, log);
    assert_eq!(first.commit(false), None);
    assert_eq!(first.commit(true), None);
    assert_eq!(first.partition.unfinished(), 3);
}

#[test]
fn a_partition_that_comes_back_does_not_run_what_runs_here() {
    let mut owner = Owner::new(0, "");
    let log = owner.runs(0);
    owner.runs(1);
    let commit = owner.leave();
    let now = owner.now;
    owner.partition.assigned(Some((commit.offset, &commit.metadata)), None, now);
    assert_eq!((owner.read(0), owner.read(1)), (Verdict::TakenBefore, Verdict::TakenBefore));
    owner.runs(2);
    owner.partition.finish(0, log);
    assert_eq!(owner.commit(false).unwrap().offset, 1, "its end counts here");
    // Another finished it meanwhile: it holds nothing up.
    owner.partition.revoked();
    owner.partition.assigned(Some((2, "bus1 1 0")), None, now);
    assert_eq!(owner.partition.unfinished(), 2);
    owner.partition.finish(1, log);
    assert_eq!(owner.partition.unfinished(), 1);
}

#[test]
fn a_partition_that_comes_and_goes_unread_is_told_on_as_it_was() {
    let mut owner = Owner::new(0, "");
    for offset in 0..4 {
        owner.runs(offset);
    }
    let first = owner.leave();
    owner.partition.assigned(Some((first.offset, &first.metadata)), None, owner.now);
    owner.partition.finish(1, owner.partition.log.number());
    let second = owner.leave();
    let Found::Known(told) = commit_metadata::read(second.offset, &second.metadata) else { panic!("not read") };
    let rows: Vec<_> = told.running.iter().map(|run| (run.first, run.last)).collect();
    assert_eq!((second.offset, told.position, rows), (0, 4, vec![(0, 3)]));
    let mut next = owner.after(&second);
    assert!((0..4).all(|offset| next.read(offset) == Verdict::StillRuns));
    next.runs(4);
}

#[test]
fn a_request_whose_answer_was_lost_is_held_until_its_deadline_and_left_to_the_next_owner() {
    let mut owner = Owner::new(0, "");
    let log = owner.runs(0);
    owner.runs(1);
    owner.partition.answer_lost(0, log, owner.now + SECOND);
    owner.partition.answer_lost(1, log, owner.now + 3 * SECOND);
    assert_eq!(owner.partition.give_up(owner.now + SECOND), [(0, GivenUp::Unanswered)]);
    assert_eq!(owner.commit(false).unwrap().offset, 1);
    assert_eq!(owner.partition.stop_taking().unanswered, [1]);
    let commit = owner.commit(true).unwrap();
    let mut next = owner.after(&commit);
    next.runs(1);
}

#[test]
fn a_request_that_was_released_runs_at_the_next_owner() {
    let mut owner = Owner::new(0, "");
    let log = owner.runs(0);
    owner.runs(1);
    owner.partition.release(0, log);
    let commit = owner.leave();
    let mut next = owner.after(&commit);
    next.runs(0);
    assert_eq!(next.read(1), Verdict::StillRuns);
}

#[test]
fn what_waits_is_left_to_the_next_owner() {
    let mut owner = Owner::new(0, "");
    owner.offer(arrival(0));
    owner.offer(arrival(1));
    assert_eq!(owner.partition.stop_taking().waiting, [(0, ()), (1, ())]);
    assert_eq!(owner.offer(arrival(2)), Verdict::NotOurs);
    let commit = owner.commit(true).unwrap();
    assert_eq!((commit.offset, commit.metadata.as_str()), (0, "bus1 2 0 1"));
}

#[test]
fn a_topic_that_is_made_anew_is_read_from_its_start_wherever_reading_began() {
    for from in [0, 100] {
        let mut owner = Owner::of_topic(from, "", id(1));
        for offset in from..from + 40 {
            let log = owner.runs(offset);
            owner.partition.finish(offset, log);
        }
        let commit = owner.commit(false).unwrap();
        assert_eq!(commit.offset, from + 40);
        assert_eq!(owner.take(of_log(0, 2)), Verdict::Seek(from));
        if from > 0 {
            assert_eq!(owner.commit(true), None, "not known what this is");
        }
        for offset in 0..20 {
            assert!(matches!(owner.take(of_log(offset, 2)), Verdict::Run(_)), "{offset}");
            owner.partition.finish(offset, owner.partition.log.number());
        }
        assert_eq!(owner.commit(false).unwrap().offset, 20);
        assert_eq!(owner.partition.topic(id(2).unwrap()), None, "it has no name before the look-up");
        let commit = owner.leave();
        // The next owner neither loses nor repeats.
        let mut next = owner.after(&commit);
        assert!(matches!(next.take(of_log(20, 2)), Verdict::Run(_)));
    }
}

#[test]
fn a_topic_made_anew_that_has_outgrown_the_old_position_loses_nothing_and_repeats_nothing() {
    let mut owner = Owner::of_topic(0, "", id(1));
    let old = owner.runs(3);
    for offset in 4..10 {
        owner.runs(offset);
    }
    // Of the new log already, and nothing tells.
    for offset in 10..14 {
        assert!(matches!(owner.take(of_log(offset, 2)), Verdict::Run(_)));
    }
    owner.partition.finish(12, old);
    assert_eq!(owner.partition.topic(id(2).unwrap()), Some(0));
    // What runs of the old log is nobody's offset.
    owner.partition.finish(3, old);
    let run: Vec<i64> = (0..20).filter(|offset| matches!(owner.take(of_log(*offset, 2)), Verdict::Run(_))).collect();
    assert_eq!(run, (0..10).chain(14..20).collect::<Vec<_>>());
    let new = owner.partition.log.number();
    for offset in (0..10).chain(14..20) {
        owner.partition.finish(offset, new);
    }
    assert_eq!(owner.commit(false).unwrap().offset, 10, "what was taken in before holds the new log up");
    for offset in [10, 11, 13] {
        owner.partition.finish(offset, old);
    }
    let commit = owner.leave();
    assert_eq!(commit.offset, 20);
    let found = commit_metadata::read(20, &commit.metadata);
    assert!(matches!(found, Found::Known(CommitMetadata { topic, .. }) if topic == id(2)), "{found:?}");
}

#[test]
fn what_a_former_owner_said_of_the_old_log_is_forgotten_when_the_topic_is_another() {
    // Of the old log 3 runs at the former owner, 4 is finished, and 5 is to run.
    let mut former = Owner::of_topic(3, "", id(1));
    former.runs(3);
    let log = former.runs(4);
    former.runs(5);
    former.runs(6);
    former.partition.finish(4, log);
    former.partition.release(5, log);
    let commit = former.leave();
    let mut owner = former.after(&commit);
    // Of the new log already, and nothing tells.
    assert_eq!(owner.take(of_log(3, 2)), Verdict::StillRuns);
    assert_eq!(owner.take(of_log(4, 2)), Verdict::FinishedBefore);
    assert!(matches!(owner.take(of_log(5, 2)), Verdict::Run(_)));
    assert_eq!(owner.partition.topic(id(2).unwrap()), Some(0));
    let run: Vec<i64> = (0..8).filter(|offset| matches!(owner.take(of_log(*offset, 2)), Verdict::Run(_))).collect();
    assert_eq!(run, [0, 1, 2, 3, 4, 6, 7], "5 runs already, of the others was only heard");
}

#[test]
fn what_runs_here_of_a_log_that_is_gone_does_not_stand_for_the_record_at_its_offset() {
    let mut owner = Owner::of_topic(0, "", id(1));
    let old = owner.runs(0);
    owner.runs(1);
    owner.leave();
    // It was made anew meanwhile, and the broker cannot say so.
    owner.partition.assigned(None, None, owner.now);
    let Verdict::Run(taken) = owner.take(of_log(0, 2)) else { panic!("another request") };
    owner.partition.finish(0, old);
    assert_eq!(owner.partition.point(), 0, "that was the old one");
    owner.partition.finish(0, taken.log);
    assert_eq!(owner.partition.topic(id(2).unwrap()), Some(0), "we knew another");
    assert_eq!(owner.partition.running().count(), 0);
}

#[test]
fn what_runs_here_is_not_handed_over_as_of_the_topic_that_the_last_commit_names() {
    let mut owner = Owner::of_topic(0, "", id(1));
    owner.runs(0);
    owner.leave();
    let mut other = Owner::of_topic(0, "", id(2));
    other.runs(0);
    let commit = other.leave();
    owner.partition.assigned(Some((0, &commit.metadata)), None, owner.now);
    assert_eq!(owner.partition.running().count(), 0);
    assert_eq!(owner.partition.unfinished(), 1, "it goes on, and is nobody's offset");
}

#[test]
fn what_was_committed_of_another_topic_of_that_name_says_nothing() {
    let mut owner = Owner::of_topic(0, "", id(1));
    for offset in 0..5 {
        let log = owner.runs(offset);
        owner.partition.finish(offset, log);
    }
    let commit = owner.leave();
    let mut next = Partition::<()>::default();
    let start =
        |next: &mut Partition<()>, topic| next.assigned(Some((commit.offset, &commit.metadata)), topic, owner.now);
    assert_eq!(start(&mut next, id(1)), Start::At(5));
    assert_eq!(start(&mut next, None), Start::At(5), "a broker that cannot say is believed to have the same");
    assert_eq!(next.topic(id(2).unwrap()), Some(0), "and is not when it can");
    next.revoked();
    assert_eq!(start(&mut next, id(2)), Start::Earliest);
    let at = Now { even: owner.now, wall: WALL };
    assert_eq!(next.record(of_log(0, 2), (), &owner.clock, at), Verdict::Waits, "to be run");
}

#[test]
fn a_log_that_lost_its_end_runs_what_came_instead_and_nothing_twice() {
    let mut owner = Owner::of_topic(0, "", id(1));
    for offset in 0..20 {
        owner.runs(offset);
    }
    let log = owner.partition.log.number();
    owner.partition.finish(3, log);
    assert_eq!(owner.read(0), Verdict::Seek(0));
    assert!((0..15).all(|offset| owner.read(offset) == Verdict::TakenBefore));
    for offset in 15..25 {
        assert!(matches!(owner.take(of_log(offset, 2)), Verdict::Run(_)), "{offset}");
    }
    // Of the end that is gone.
    owner.partition.finish(17, log);
    for offset in (0..3).chain(4..15) {
        owner.partition.finish(offset, log);
    }
    assert_eq!(owner.commit(false).unwrap().offset, 15);
}

#[test]
fn a_log_that_lost_its_beginning_goes_on() {
    let mut owner = Owner::of_topic(0, "", id(1));
    let log = owner.runs(0);
    owner.runs(1);
    // Kafka removed up to 50.
    owner.runs(50);
    for offset in [0, 1, 50] {
        owner.partition.finish(offset, log);
    }
    assert_eq!(owner.commit(false).unwrap().offset, 51);
}

/// Owners that each end at the request at `poison`, with those before it in flight.
fn ends_until_found(poison: i64, slow: Option<i64>) -> u32 {
    let mut committed = PartitionCommit { offset: 10, metadata: String::new(), may_repeat: Vec::new() };
    let mut ends = 0;
    'owners: for _ in 0..10 {
        let mut owner = Owner::new(committed.offset, &committed.metadata);
        let mut running: Vec<Taken<()>> = Vec::new();
        let mut next = committed.offset;
        for _ in 0..1_000 {
            owner.number += 1;
            if let Some(commit) = owner.partition.commit(owner.number, owner.now, false) {
                committed = commit;
                owner.partition.commit_done(owner.number);
            }
            owner.now += Duration::from_millis(100);
            let verdict =
                match owner.partition.ready(&owner.clock, owner.now, Turn { idle: running.is_empty(), ..FREE }) {
                    Some(verdict) => verdict,
                    None if next < 20 => {
                        next += 1;
                        owner.offer(Arrival { allowed: 60 * SECOND, ..arrival(next - 1) })
                    }
                    None => continue,
                };
            match verdict {
                Verdict::Crashed(taken) => {
                    assert_eq!(taken.offset, poison);
                    return ends;
                }
                Verdict::Run(taken) if taken.offset == poison => {
                    ends += 1;
                    continue 'owners;
                }
                Verdict::Run(taken) if owner.partition.runs_alone() && Some(taken.offset) != slow => {
                    owner.partition.finish(taken.offset, taken.log);
                }
                Verdict::Run(taken) => running.push(taken),
                _ => {}
            }
        }
        panic!("the owner ends no more");
    }
    panic!("never found");
}

#[test]
fn the_request_that_ends_its_process_is_found_after_three_ends_and_no_other_is_accused() {
    assert_eq!(ends_until_found(13, None), 3);
    assert_eq!(ends_until_found(10, None), 3);
}

#[test]
fn a_slow_request_before_it_is_not_accused_and_costs_one_end_more() {
    assert_eq!(ends_until_found(13, Some(11)), 4);
}

#[test]
fn a_partition_that_looks_for_it_goes_on_beside_a_request_that_runs_long() {
    let mut owner = Owner::new(10, "bus1 1 a2 0");
    assert!(matches!(owner.read(10), Verdict::Run(_)));
    for offset in 11..15 {
        assert_eq!(owner.offer(arrival(offset)), Verdict::Waits);
    }
    assert_eq!(owner.ready(), None, "one runs alone");
    owner.now += SECOND;
    for offset in 11..15 {
        let Some(Verdict::Run(taken)) = owner.ready() else { panic!("{offset} waits") };
        assert_eq!(taken.offset, offset);
        owner.partition.finish(offset, taken.log);
    }
    // Another partition has its turn, and not for ever.
    owner.offer(arrival(15));
    assert_eq!(owner.partition.ready(&owner.clock, owner.now, Turn { free: false, idle: false, room: true }), None);
    owner.now += 10 * SECOND;
    let late = Turn { free: false, idle: false, room: true };
    assert!(matches!(owner.partition.ready(&owner.clock, owner.now, late), Some(Verdict::Expired(_))));
    owner.offer(arrival(16));
    assert_eq!(owner.partition.ready(&owner.clock, owner.now, late), None, "the mark goes first");
    owner.claim();
    assert!(matches!(owner.partition.ready(&owner.clock, owner.now, late), Some(Verdict::Run(_))));
    owner.runs(17);
}

/// A record that the broker stamped so long after the partition went to its owner.
fn written(offset: i64, after: Duration) -> Arrival {
    let stamp = Stamp::Broker(WALL + i64::try_from(after.as_millis()).unwrap());
    Arrival { stamp, allowed: 60 * SECOND, ..arrival(offset) }
}

#[test]
fn what_was_written_after_the_former_owner_ended_is_no_suspect_and_ends_the_search() {
    // By the broker's clock; by where the log ended; and where nothing tells, everything is.
    for (how, stamped, end) in [("clock", true, None), ("end", false, Some(12)), ("nothing", false, None)] {
        let mut owner = Owner::new(10, "bus1 1 a2 0");
        if let Some(end) = end {
            owner.partition.log_ended(end, owner.now);
        }
        let Verdict::Run(first) = owner.take(written(10, Duration::ZERO)) else { panic!("{how}") };
        owner.partition.finish(10, first.log);
        // By a clock that may be off by so much it may have been written before.
        assert_eq!(owner.offer(written(11, CLOCKS)), Verdict::Waits);
        owner.now += 2 * SECOND;
        for offset in 12..15 {
            let arrival = if stamped { written(offset, SECOND) } else { written(offset, Duration::ZERO) };
            assert_eq!(owner.offer(arrival), Verdict::Waits);
        }
        let Some(Verdict::Run(suspect)) = owner.ready() else { panic!("{how}") };
        assert_eq!(suspect.offset, 11);
        assert!(owner.partition.runs_alone());
        assert_eq!(owner.ready(), None, "{how}: beside a suspect nothing runs");
        owner.partition.finish(11, suspect.log);
        let together: Vec<i64> = std::iter::from_fn(|| owner.ready())
            .filter_map(|verdict| if let Verdict::Run(taken) = verdict { Some(taken.offset) } else { None })
            .collect();
        assert_eq!(together, if how == "nothing" { vec![12] } else { vec![12, 13, 14] }, "{how}");
    }
}

#[test]
fn once_one_is_found_the_search_for_its_copies_holds_no_other_partition() {
    let mut owner = Owner::new(10, "bus1 1 a2c 0");
    let Verdict::Crashed(found) = owner.offer(arrival(10)) else { panic!("it was certain") };
    owner.partition.finish(10, found.log);
    assert!(matches!(owner.take(arrival(11)), Verdict::Run(_)), "alone still");
    assert_eq!(owner.offer(arrival(12)), Verdict::Waits);
    assert_eq!(owner.ready(), None);
    assert!(!owner.partition.runs_alone());
}

#[test]
fn what_a_former_owner_runs_is_held_to_its_own_deadline_and_not_to_when_its_note_was_read() {
    let noted = {
        let mut former = Owner::new(10, "");
        let Verdict::Run(_) = former.take(Arrival { allowed: 60 * SECOND, ..arrival(10) }) else { panic!("it runs") };
        former.leave()
    };
    // Written ten seconds ago; the note was on its way for five of them.
    let old = Arrival { stamp: Stamp::Broker(WALL - 10_000), allowed: 60 * SECOND, ..arrival(10) };
    let mut owner = Owner::new(noted.offset, &noted.metadata);
    assert_eq!(owner.offer(old), Verdict::StillRuns);
    assert_eq!(owner.partition.next_end(), Some(owner.now + 50 * SECOND));
    // With a clock that is not known yet: as soon as it is.
    let mut owner = Owner::new(noted.offset, &noted.metadata);
    let known = std::mem::replace(&mut owner.clock, BrokerClock::new(owner.now));
    assert_eq!(owner.offer(old), Verdict::StillRuns);
    assert_eq!(owner.partition.next_end(), Some(owner.now + 60 * SECOND));
    assert_eq!(owner.partition.ready(&known, owner.now, FREE), None);
    assert_eq!(owner.partition.next_end(), Some(owner.now + 50 * SECOND));
}

#[test]
fn what_runs_here_and_at_the_owner_in_between_is_left_alone_by_the_next() {
    let mut first = Owner::new(10, "");
    let log = first.runs(10);
    // Fenced: nothing is said of what runs here. Another takes it, and hands it over.
    first.partition.revoked();
    let mut between = Owner::new(10, "");
    between.runs(10);
    let noted = between.leave();
    first.partition.assigned(Some((noted.offset, &noted.metadata)), None, first.now);
    assert_eq!(first.offer(arrival(10)), Verdict::TakenBefore);
    assert_eq!(first.offer(arrival(11)), Verdict::Waits);
    let commit = first.commit(false).unwrap();
    let mut next = first.after(&commit);
    assert_eq!(next.offer(arrival(10)), Verdict::StillRuns, "it ends here, and runs there");
    // Finished here it is finished.
    first.partition.finish(10, log);
    assert_eq!(first.commit(false).unwrap().offset, 11, "the second waits");
}

#[test]
fn how_old_a_waiting_request_is_is_asked_again_when_the_clock_is_known() {
    let mut owner = Owner::new(10, "");
    let known = std::mem::replace(&mut owner.clock, BrokerClock::new(owner.now));
    owner.partition.log_ended(10, owner.now);
    owner.now += Duration::from_millis(400);
    // Our own clock is ahead, and is believed as far as it can be: 400 ms.
    let stamp = Stamp::Broker(WALL - 60_000);
    assert_eq!(owner.offer(Arrival { stamp, allowed: SECOND, ..arrival(10) }), Verdict::Waits);
    // It was written just now: the broker's clock says so.
    known.sample(owner.now, Now { even: owner.now, wall: WALL }, Stamp::Broker(WALL - 60_000));
    owner.clock = known;
    owner.now += Duration::from_millis(700);
    owner.claim();
    assert!(matches!(owner.ready(), Some(Verdict::Run(_))));
}

#[test]
fn without_room_only_what_is_too_old_leaves_its_place() {
    let mut owner = Owner::new(10, "");
    for (offset, allowed) in [(10, SECOND), (11, 60 * SECOND)] {
        assert_eq!(owner.offer(Arrival { allowed, ..arrival(offset) }), Verdict::Waits);
    }
    owner.claim();
    let full = Turn { room: false, ..FREE };
    assert_eq!(owner.partition.ready(&owner.clock, owner.now, full), None);
    owner.now += SECOND;
    let verdict = owner.partition.ready(&owner.clock, owner.now, full);
    assert!(matches!(verdict, Some(Verdict::Expired(taken)) if taken.offset == 10));
    assert_eq!(owner.partition.ready(&owner.clock, owner.now, full), None);
    assert!(matches!(owner.ready(), Some(Verdict::Run(taken)) if taken.offset == 11));
}

#[test]
fn a_log_that_is_another_for_no_known_topic_asks_which_it_is() {
    let mut owner = Owner::of_topic(0, "", id(1));
    owner.runs(0);
    owner.runs(1);
    assert!(!owner.partition.wants_topic());
    assert_eq!(owner.offer(of_log(0, 2)), Verdict::Seek(0));
    assert_eq!(owner.offer(of_log(0, 2)), Verdict::Waits);
    assert!(owner.partition.wants_topic());
    assert_eq!(owner.partition.topic(id(2).unwrap()), None);
    assert!(!owner.partition.wants_topic());
    // From here on another one is seen.
    assert_eq!(owner.partition.topic(id(3).unwrap()), Some(0));
}

#[test]
fn a_request_whose_answer_was_lost_is_given_up_once_though_its_log_is_taken_for_another() {
    for found_again in [false, true] {
        let mut owner = Owner::of_topic(0, "", id(1));
        owner.runs(0);
        let log = owner.runs(1);
        assert!(owner.partition.answer_lost(1, log, owner.now + 5 * SECOND));
        assert_eq!(owner.partition.topic(id(2).unwrap()), Some(0));
        let _ = owner.take(of_log(0, 2));
        if found_again {
            // It was of this log already: the commit point stays before it.
            assert_eq!(owner.offer(arrival(1)), Verdict::TakenBefore);
            owner.partition.finish(0, log + 1);
            assert_eq!(owner.commit(false).unwrap().offset, 1);
        }
        assert_eq!(owner.partition.give_up(owner.now), []);
        assert_eq!(owner.partition.next_end(), Some(owner.now + 5 * SECOND));
        assert_eq!(owner.partition.give_up(owner.now + 5 * SECOND), [(1, GivenUp::Unanswered)]);
        assert_eq!(owner.partition.give_up(owner.now + 9 * SECOND), []);
        assert_eq!(owner.partition.next_end(), None);
        owner.partition.revoked();
    }
}

#[test]
fn a_request_that_ran_beside_others_is_accused_after_its_second_end() {
    let alone = |times, certain| {
        let claim = super::super::commit_metadata::Claim {
            owners: 3,
            alone: Some(super::super::commit_metadata::Alone { offset: 12, times, certain }),
        };
        let unfinished = BTreeSet::from([10, 12]);
        Draft { point: 10, position: 13, claim: Some(claim), topic: None, unfinished: &unfinished, running: &[] }
            .write()
            .metadata
    };
    for (times, certain, accused) in [(1, false, false), (2, false, true), (1, true, true)] {
        let mut owner = Owner::new(10, &alone(times, certain));
        owner.offer(arrival(10));
        owner.offer(arrival(11));
        let verdict = owner.offer(arrival(12));
        assert_eq!(matches!(verdict, Verdict::Crashed(_)), accused, "{times} {certain}");
    }
}

#[test]
fn the_next_runs_alone_only_once_the_one_that_was_found_is_finished_in_a_commit() {
    let mut former = Owner::new(10, "bus1 1 a2c 0");
    let Verdict::Crashed(found) = former.offer(arrival(10)) else { panic!("it was certain") };
    // Another copy of it.
    assert_eq!(former.take(arrival(11)), Verdict::Waits, "the verdict comes first");
    former.partition.finish(10, found.log);
    assert!(matches!(former.ready(), Some(Verdict::Run(taken)) if taken.offset == 11));
    former.partition.commit_refused();
    let committed = former.commit(false).unwrap();
    assert_eq!(committed.offset, 11, "what was found does not come back");
    let mut next = former.after(&committed);
    assert!(matches!(next.offer(arrival(11)), Verdict::Crashed(_)));
}

#[test]
fn one_that_was_found_and_is_never_finished_does_not_hold_the_others_for_ever() {
    let mut owner = Owner::new(10, "bus1 1 a2c 0");
    assert!(matches!(owner.offer(arrival(10)), Verdict::Crashed(_)));
    assert_eq!(owner.offer(Arrival { allowed: 60 * SECOND, ..arrival(11) }), Verdict::Waits);
    assert_eq!(owner.ready(), None);
    owner.now += 10 * SECOND;
    assert!(matches!(owner.ready(), Some(Verdict::Run(_))));
}

#[test]
fn owners_that_leave_cleanly_accuse_nobody() {
    let mut committed = (10, String::new());
    for _ in 0..10 {
        let mut owner = Owner::new(committed.0, &committed.1);
        assert!(matches!(owner.read(10), Verdict::Run(_)));
        owner.partition.release(10, owner.partition.log.number());
        let commit = owner.leave();
        committed = (commit.offset, commit.metadata);
    }
}

#[test]
fn owners_that_end_without_being_asked_for_anything_accuse_nobody() {
    let mut owner = Owner::new(10, "");
    let log = owner.runs(10);
    owner.partition.finish(10, log);
    let committed = owner.commit(false).unwrap();
    for _ in 0..10 {
        assert_eq!(Owner::new(committed.offset, &committed.metadata).commit(false), None);
    }
    let mut last = Owner::new(committed.offset, &committed.metadata);
    last.runs(11);
    assert!(matches!(last.read(12), Verdict::Run(_)), "not one by one");
}

#[derive(Clone, Debug)]
enum Step {
    Read,
    Finish(prop::sample::Index),
    Commit,
    HandOver,
    End,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        10 => Just(Step::Read),
        8 => any::<prop::sample::Index>().prop_map(Step::Finish),
        2 => Just(Step::Commit),
        2 => Just(Step::HandOver),
        1 => Just(Step::End),
    ];
    proptest::collection::vec(step, 1..400)
}

proptest! {
    /// Against a model: owners read, finish in any order, commit, hand over cleanly, and end. A clean
    /// hand-over repeats nothing, whatever runs; an end repeats only what was not committed; nothing
    /// is ever skipped that nobody ran.
    #[test]
    fn a_clean_hand_over_loses_nothing_and_repeats_nothing(steps in steps(), gap in 1_i64..4) {
        let mut owner = Owner::new(0, "");
        let mut committed = PartitionCommit { offset: 0, metadata: String::new(), may_repeat: Vec::new() };
        let mut position = 0;
        let mut running: Vec<(i64, u32)> = Vec::new();
        let mut runs: BTreeMap<i64, u32> = BTreeMap::new();
        let mut ends = 0;
        for step in steps {
            match step {
                Step::Read => {
                    owner.now += Duration::from_millis(20);
                    let mut verdict = owner.take(arrival(position));
                    // Alone in its partition, until it is long enough.
                    while verdict == Verdict::Waits {
                        owner.now += Duration::from_millis(200);
                        verdict = owner.ready().unwrap_or(Verdict::Waits);
                    }
                    match verdict {
                        Verdict::Run(taken) | Verdict::Crashed(taken) => {
                            let before = runs.entry(position).or_default();
                            *before += 1;
                            prop_assert!(*before <= 1 + ends, "{position} ran again");
                            running.push((taken.offset, taken.log));
                        }
                        Verdict::Expired(taken) => owner.partition.finish(taken.offset, taken.log),
                        _ => prop_assert!(runs.contains_key(&position), "{position} was skipped"),
                    }
                    position += gap;
                }
                Step::Finish(index) if !running.is_empty() => {
                    let (offset, log) = running.swap_remove(index.index(running.len()));
                    owner.partition.finish(offset, log);
                }
                Step::Finish(_) => {}
                Step::Commit => {
                    owner.partition.give_up(owner.now);
                    if let Some(commit) = owner.commit(false) {
                        prop_assert!(commit.offset >= committed.offset, "the commit went back");
                        committed = commit;
                        owner.partition.commit_done(owner.number);
                    }
                }
                Step::HandOver | Step::End => {
                    let clean = matches!(step, Step::HandOver);
                    ends += u32::from(!clean);
                    owner.partition.stop_taking();
                    if clean && let Some(commit) = owner.commit(true) {
                        prop_assert!(commit.may_repeat.is_empty());
                        prop_assert!(!commit.metadata.contains('a'), "{}", commit.metadata);
                        committed = commit;
                    }
                    running.clear();
                    owner = owner.after(&committed);
                    // Kafka gives the next record there is.
                    position = (committed.offset + gap - 1) / gap * gap;
                }
            }
        }
    }

    #[test]
    fn no_metadata_panics(from in 0_i64..1_000, metadata in "(bus1 [0-9] (a[0-9]c?)?)?[ 0-9a-z+-]*") {
        let mut owner = Owner::new(from, &metadata);
        owner.read(from);
        owner.partition.finish(from, owner.partition.log.number());
        let _ = owner.commit(false);
        let _ = owner.commit(true);
    }
}
