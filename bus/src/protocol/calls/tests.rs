#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::deadlines::Deadlines;
use super::partitioner::murmur2;
use super::*;

fn calls() -> (Calls<&'static str>, Instant) {
    (Calls::default(), Instant::now())
}

/// A token, random in its upper bits as those of ours are.
fn token(n: u128) -> u128 {
    n << 96 | n
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_reply_ends_its_call_once_and_what_follows_is_a_duplicate() {
    let (mut calls, now) = calls();
    let (id, first) = calls.begin(token(7), now, now + SECOND, "call").unwrap();
    assert!(first);
    assert_eq!(calls.hand_over(id, now), Some(SECOND));
    assert_eq!(calls.reply(token(8)), Reply::Unknown);
    assert_eq!(calls.reply(token(7)), Reply::Answers("call"));
    assert_eq!(calls.reply(token(7)), Reply::Duplicate);
    assert_eq!((calls.len(), calls.next_deadline()), (0, None));
    assert_eq!(calls.expire(now + SECOND), None);
    assert_eq!(calls.give_up(id), None);
}

#[test]
fn a_token_that_a_waiting_call_has_is_refused_and_free_again_behind_it() {
    let (mut calls, now) = calls();
    calls.begin(token(1), now, now + SECOND, "first").unwrap();
    let (waits, _) = calls.begin_unplaced(token(2), now, now + SECOND, "waits for a place").unwrap();
    for taken in [1, 2] {
        assert_eq!(calls.begin(token(taken), now, now + SECOND, "b").unwrap_err(), NotBegun::TokenTaken("b"));
        assert_eq!(calls.begin_unplaced(token(taken), now, now + SECOND, "b").unwrap_err(), NotBegun::TokenTaken("b"));
    }
    assert_eq!(calls.reply(token(2)), Reply::Unknown, "nothing was sent");
    assert!(calls.placed(waits));
    assert_eq!(calls.reply(token(1)), Reply::Answers("first"));
    assert_eq!(calls.reply(token(2)), Reply::Answers("waits for a place"));
    assert_eq!(calls.len(), 0);
    calls.begin(token(1), now, now + SECOND, "next").unwrap();
    assert_eq!(calls.reply(token(1)), Reply::Answers("next"));
}

#[test]
fn a_deadline_ends_a_call_as_what_is_known_of_its_record_says() {
    let (mut calls, now) = calls();
    calls.begin(token(1), now, now + SECOND, "queued").unwrap();
    let (sent, _) = calls.begin(token(2), now, now + SECOND, "sent").unwrap();
    let (doubtful, _) = calls.begin(token(3), now, now + SECOND, "doubtful").unwrap();
    let (back, _) = calls.begin(token(4), now, now + SECOND, "back").unwrap();
    calls.begin_unplaced(token(5), now, now + SECOND, "unplaced").unwrap();
    for id in [sent, doubtful, back] {
        calls.hand_over(id, now).unwrap();
    }
    assert_eq!(calls.not_delivered(doubtful, false), None);
    calls.taken_back(back);
    assert_eq!(calls.expire(now + Duration::from_nanos(999_999_999)), None);
    let mut ended: Vec<_> = std::iter::from_fn(|| calls.expire(now + SECOND)).collect();
    ended.sort_by_key(|(call, _)| *call);
    let unsent = End::NotSent { placed: true, waited: SECOND };
    assert_eq!(
        ended,
        [
            ("back", unsent),
            ("doubtful", End::TimedOut { waited: SECOND }),
            ("queued", unsent),
            ("sent", End::TimedOut { waited: SECOND }),
            ("unplaced", End::NotSent { placed: false, waited: SECOND }),
        ]
    );
    // What may have run may be answered late; what was not sent cannot.
    assert_eq!([2, 3, 4, 1].map(|n| calls.reply(token(n))), [Reply::Late, Reply::Late, Reply::Unknown, Reply::Unknown]);
    assert_eq!(calls.reply(token(2)), Reply::Duplicate);
}

#[test]
fn an_ended_call_cannot_be_handed_over() {
    let (mut calls, now) = calls();
    let (id, _) = calls.begin(token(1), now, now + SECOND, "given up").unwrap();
    assert_eq!(calls.give_up(id), Some("given up"));
    assert_eq!(calls.hand_over(id, now), None);
    // Its room is another's now.
    let (other, _) = calls.begin(token(2), now, now + SECOND, "other").unwrap();
    assert_eq!((calls.hand_over(id, now), calls.waits(id)), (None, false));
    assert!(calls.waits(other));
    // At its deadline it is too late, though nothing has ended it yet.
    assert_eq!(calls.hand_over(other, now + SECOND), None);
    assert_eq!(calls.expire_one(other, now + SECOND), Some(("other", End::NotSent { placed: true, waited: SECOND })));
}

#[test]
fn what_is_left_is_told_when_the_record_is_handed_over() {
    let (mut calls, now) = calls();
    let (id, _) = calls.begin(token(1), now, now + SECOND, "call").unwrap();
    assert_eq!(calls.hand_over(id, now + SECOND / 4), Some(SECOND * 3 / 4));
}

#[test]
fn a_record_that_certainly_is_not_in_the_topic_ends_its_call() {
    let (mut calls, now) = calls();
    let (id, _) = calls.begin(token(1), now, now + SECOND, "refused").unwrap();
    calls.hand_over(id, now).unwrap();
    assert_eq!(calls.not_delivered(id, true), Some("refused"));
    assert_eq!(calls.not_delivered(id, true), None);
    assert_eq!(calls.reply(token(1)), Reply::Unknown);
}

#[test]
fn a_call_without_a_place_has_no_token_that_a_reply_could_name() {
    let (mut calls, now) = calls();
    let (id, _) = calls.begin_unplaced(token(1), now, now + SECOND, "call").unwrap();
    assert_eq!(calls.reply(token(1)), Reply::Unknown);
    assert!(calls.placed(id));
    assert_eq!(calls.reply(token(1)), Reply::Answers("call"));
    assert!(!calls.placed(id), "an ended call has no use for a place");
}

#[test]
fn a_close_ends_every_call_and_every_one_that_comes() {
    let (mut calls, now) = calls();
    calls.begin(token(1), now, now + SECOND, "queued").unwrap();
    let (sent, _) = calls.begin(token(2), now, now + 2 * SECOND, "sent").unwrap();
    calls.hand_over(sent, now).unwrap();
    let ended: Vec<_> = std::iter::from_fn(|| calls.close()).collect();
    assert_eq!(ended, [("queued", End::Closed { sent: false }), ("sent", End::Closed { sent: true })]);
    assert_eq!(calls.begin(token(3), now, now + SECOND, "late").unwrap_err(), NotBegun::Closed("late"));
    assert_eq!(calls.len(), 0);
}

proptest! {
    #[test]
    fn the_first_deadline_is_the_earliest_of_those_that_are_left(
        changes in proptest::collection::vec((0_u32..40, 0_u64..20, any::<bool>()), 1..200)
    ) {
        let now = Instant::now();
        let (mut deadlines, mut model) = (Deadlines::default(), BTreeMap::new());
        for (index, ms, out) in changes {
            if out || model.contains_key(&index) {
                deadlines.remove(index);
                model.remove(&index);
            } else {
                let deadline = now + Duration::from_millis(ms);
                let first = deadlines.insert(index, deadline);
                let earliest = model.values().min().is_none_or(|earliest| deadline < *earliest);
                prop_assert_eq!(first, earliest);
                model.insert(index, deadline);
            }
            prop_assert_eq!(deadlines.first().map(|(deadline, _)| deadline), model.values().min().copied());
        }
    }
}

const WAITING: WaitBounds = WaitBounds { calls: 2, bytes: 100 };

#[test]
fn a_place_that_is_freed_goes_to_who_waited_longest() {
    let places = Places::new(1, WAITING);
    assert!(places.take() && !places.take());
    assert_eq!(places.wait(1, 'a'), Place::Waits(0));
    assert_eq!(places.wait(1, 'b'), Place::Waits(1));
    assert_eq!(places.wait(1, 'c'), Place::Full('c'));
    assert_eq!(places.free(), Some('a'));
    assert!(!places.take(), "nobody overtakes");
    assert!(!places.leave(0), "a has the place");
    assert!(places.leave(1));
    assert_eq!((places.free(), places.taken(), places.waiting()), (None, 0, 0));
    assert_eq!(places.wait(1, 'd'), Place::Taken);
}

#[test]
fn what_waits_for_a_place_is_bounded_in_bytes() {
    let places = Places::new(1, WAITING);
    assert!(places.take());
    assert_eq!(places.wait(500, 'a'), Place::Waits(0));
    assert_eq!(places.wait(1, 'b'), Place::Full('b'));
    assert_eq!(places.free(), Some('a'));
    assert_eq!(places.wait(100, 'c'), Place::Waits(1));
}

/// The vectors of the test of Kafka's own `Utils.murmur2`.
#[test]
fn the_hash_is_the_one_of_kafkas_java_client() {
    for (text, hash) in [
        ("21", -973_932_308_i32),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ] {
        assert_eq!(murmur2(text.as_bytes()), u32::from_ne_bytes(hash.to_ne_bytes()), "{text}");
    }
}

fn topic(led: &[i32]) -> FoundTopic {
    FoundTopic { id: Some(1), count: u32::try_from(led.len()).unwrap_or(0), led: led.to_vec() }
}

#[test]
fn a_turn_lasts_two_milliseconds_and_every_partition_has_one() {
    let turns = StickyPartitioner::new(Instant::now(), topic(&[0, 1, 2, 3, 4]), 3);
    let chosen: Vec<i32> = (2..32).map(|now| turns.next_at(now, |_| true)).collect();
    assert!(chosen.chunks(2).all(|turn| turn[0] == turn[1]), "{chosen:?}");
    assert_eq!(chosen.iter().copied().collect::<HashSet<_>>().len(), 5);
    assert!(chosen.chunks(2).zip(chosen.chunks(2).skip(1)).all(|(one, next)| next[0] == (one[0] + 1) % 5));
}

#[test]
fn a_partition_without_a_leader_has_no_turn() {
    let now = Instant::now();
    let turns = StickyPartitioner::new(now, FoundTopic { id: None, count: 5, led: vec![0, 2, 4] }, 0);
    assert!((2..100).map(|now| turns.next_at(now, |_| true)).all(|chosen| [0, 2, 4].contains(&chosen)));
    turns.update(now, FoundTopic { id: None, count: 5, led: vec![1] });
    assert!((102..110).map(|now| turns.next_at(now, |_| true)).all(|chosen| chosen == 1));
    turns.update(now, FoundTopic::default());
    assert_eq!(turns.count(), 5);
}

#[test]
fn a_partition_that_takes_no_records_has_no_turn_while_another_does() {
    let turns = StickyPartitioner::new(Instant::now(), topic(&[0, 1, 2]), 0);
    assert!((2..50).map(|now| turns.next_at(now, |partition| partition != 1)).all(|chosen| chosen != 1));
    let all: HashSet<_> = (50..100).map(|now| turns.next_at(now, |_| false)).collect();
    assert_eq!(all.len(), 3, "where none does, all have their turns");
}

#[test]
fn a_new_partition_has_its_turn_after_two_look_ups() {
    let start = Instant::now();
    let turns = StickyPartitioner::new(start, topic(&[0, 1]), 0);
    let used = |from: u64| (from..from + 60).map(|now| turns.next_at(now, |_| true)).collect::<HashSet<_>>().len();
    let key = (0..1_000).map(|n| n.to_string()).find(|key| murmur2(key.as_bytes()) & 0x7fff_ffff & 3 == 3).unwrap();
    turns.update(start, topic(&[0, 1, 2, 3]));
    assert_eq!((turns.count(), turns.settled(), used(2), turns.for_key(&key)), (4, 2, 2, 1));
    turns.update(start + Duration::from_millis(9_999), topic(&[0, 1, 2, 3]));
    assert_eq!((used(100), turns.for_key(&key)), (2, 1));
    turns.update(start + SECOND * 10, topic(&[0, 1, 2, 3, 4]));
    assert_eq!((used(200), turns.for_key(&key)), (4, 3));
    turns.update(start + SECOND * 20, topic(&[0, 1, 2, 3, 4]));
    assert_eq!(used(300), 5);
}

#[test]
fn a_topic_never_shrinks_and_one_that_does_is_another() {
    let now = Instant::now();
    let turns = StickyPartitioner::new(now, topic(&[0, 1, 2, 3]), 0);
    turns.update(now, topic(&[0, 1]));
    assert_eq!(turns.count(), 4, "the answer is old");
    turns.update(now, FoundTopic { id: Some(2), ..topic(&[0, 1]) });
    assert_eq!((turns.count(), turns.settled()), (2, 2));
    turns.update(now, FoundTopic { id: Some(3), ..topic(&[0, 1, 2]) });
    assert_eq!((turns.count(), turns.settled()), (3, 2), "what the old one did not have is new");
    turns.update(now, FoundTopic { id: None, ..topic(&[0]) });
    assert_eq!((turns.count(), turns.settled()), (1, 1));
}

proptest! {
    #[test]
    fn a_key_has_one_partition_and_it_exists(key in ".*", count in 1_u32..200) {
        let turns = StickyPartitioner::new(Instant::now(), FoundTopic { id: None, count, led: Vec::new() }, 0);
        let chosen = turns.for_key(&key);
        prop_assert!((0..i32::try_from(count).unwrap_or(0)).contains(&chosen));
        prop_assert_eq!(chosen, turns.for_key(&key));
    }

    #[test]
    fn whoever_has_the_turn_has_a_leader(led in proptest::collection::btree_set(0_i32..64, 1..20), times in proptest::collection::vec(0_u64..10_000, 1..50), seed: u64) {
        let led: Vec<i32> = led.into_iter().collect();
        let turns = StickyPartitioner::new(Instant::now(), FoundTopic { id: None, count: 64, led: led.clone() }, seed);
        for now in times {
            prop_assert!(led.contains(&turns.next_at(now, |_| true)));
        }
    }
}
