//! Which partition a request goes to.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::kafka::Partitions;
use crate::sync::lock;

/// How long requests without a key go to one partition before the next has its turn.
///
/// A produce request holds records of one partition, and the number of produce requests is what a
/// broker charges for: spread record by record, 64 callers over five partitions make a fifth of
/// the calls that they make in turns.
const TURN_MS: u64 = 2;

/// The partitions of a topic, as last looked up, and whose turn it is.
#[derive(Debug)]
pub(crate) struct Turns {
    started: Instant,
    /// The partition in the upper half, the millisecond that its turn began in the lower.
    current: AtomicU64,
    known: Mutex<Partitions>,
    count: std::sync::atomic::AtomicU32,
}

impl Turns {
    /// Starts with a partition chosen by `seed`, so that clients do not walk in step.
    pub(crate) fn new(known: Partitions, seed: u64) -> Self {
        let first = usize::try_from(seed).ok().and_then(|seed| known.led.get(seed % known.led.len().max(1))).copied();
        let first = u64::from(u32::try_from(first.unwrap_or(0)).unwrap_or(0));
        Self {
            started: Instant::now(),
            current: AtomicU64::new(first << 32),
            count: std::sync::atomic::AtomicU32::new(known.count),
            known: Mutex::new(known),
        }
    }

    /// How many partitions the topic has.
    pub(crate) fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    /// Takes note of what a look-up found. No partitions are no news.
    pub(crate) fn update(&self, found: Partitions) {
        if found.count > 0 {
            self.count.store(found.count, Ordering::Relaxed);
            *lock(&self.known) = found;
        }
    }

    /// The partition whose turn it is.
    pub(crate) fn next(&self, now: Instant) -> i32 {
        let now = now.saturating_duration_since(self.started).as_millis();
        self.next_at(u64::try_from(now).unwrap_or(u64::MAX))
    }

    fn next_at(&self, now: u64) -> i32 {
        let now = now & u64::from(u32::MAX);
        let current = self.current.load(Ordering::Relaxed);
        let (partition, since) = (current >> 32, current & u64::from(u32::MAX));
        // Wraps after 49 days; the turn that is then cut short does no harm.
        if now.wrapping_sub(since) & u64::from(u32::MAX) < TURN_MS {
            return i32::try_from(partition).unwrap_or(0);
        }
        let next = self.after(i32::try_from(partition).unwrap_or(0));
        let word = (u64::from(u32::try_from(next).unwrap_or(0)) << 32) | now;
        // Whoever loses the race goes where the winner goes.
        match self.current.compare_exchange(current, word, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => next,
            Err(winner) => i32::try_from(winner >> 32).unwrap_or(0),
        }
    }

    /// The next partition that has a leader, in the order of numbers, round and round.
    fn after(&self, partition: i32) -> i32 {
        let known = lock(&self.known);
        let next = known.led.iter().filter(|led| **led > partition).min();
        next.or_else(|| known.led.iter().min()).copied().unwrap_or(partition)
    }

    /// The partition of a keyed request: `(murmur2(text) & 0x7fffffff) % partitions`, as Kafka's
    /// Java client computes it for a record's key.
    pub(crate) fn of_key(&self, text: &str) -> i32 {
        let positive = murmur2(text.as_bytes()) & 0x7fff_ffff;
        i32::try_from(positive % self.count().max(1)).unwrap_or(0)
    }
}

/// The hash of Kafka's Java client.
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    const SEED: u32 = 0x9747_b28c;
    // Kafka's lengths are 32-bit; longer keys than that do not exist.
    let mut hash = SEED ^ u32::try_from(data.len()).unwrap_or(u32::MAX);
    let words = data.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn partitions(led: &[i32]) -> Partitions {
        Partitions { count: u32::try_from(led.len()).unwrap_or(0), led: led.to_vec() }
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

    #[test]
    fn a_turn_lasts_two_milliseconds_and_every_partition_has_one() {
        let turns = Turns::new(partitions(&[0, 1, 2, 3, 4]), 3);
        let chosen: Vec<i32> = (2..32).map(|now| turns.next_at(now)).collect();
        assert!(chosen.chunks(2).all(|turn| turn[0] == turn[1]), "{chosen:?}");
        assert_eq!(chosen.iter().copied().collect::<HashSet<_>>().len(), 5);
        assert!(chosen.chunks(2).zip(chosen.chunks(2).skip(1)).all(|(one, next)| next[0] == (one[0] + 1) % 5));
    }

    #[test]
    fn a_partition_without_a_leader_has_no_turn() {
        let turns = Turns::new(Partitions { count: 5, led: vec![0, 2, 4] }, 0);
        assert!((2..100).map(|now| turns.next_at(now)).all(|chosen| [0, 2, 4].contains(&chosen)));
        turns.update(Partitions { count: 5, led: vec![1] });
        assert!((102..110).map(|now| turns.next_at(now)).all(|chosen| chosen == 1));
        turns.update(Partitions::default());
        assert_eq!(turns.count(), 5);
    }

    proptest! {
        #[test]
        fn a_key_has_one_partition_and_it_exists(key in ".*", count in 1_u32..200) {
            let turns = Turns::new(Partitions { count, led: Vec::new() }, 0);
            let chosen = turns.of_key(&key);
            prop_assert!((0..i32::try_from(count).unwrap_or(0)).contains(&chosen));
            prop_assert_eq!(chosen, turns.of_key(&key));
        }

        #[test]
        fn whoever_has_the_turn_has_a_leader(led in proptest::collection::btree_set(0_i32..64, 1..20), times in proptest::collection::vec(0_u64..10_000, 1..50), seed: u64) {
            let led: Vec<i32> = led.into_iter().collect();
            let turns = Turns::new(Partitions { count: 64, led: led.clone() }, seed);
            for now in times {
                prop_assert!(led.contains(&turns.next_at(now)));
            }
        }
    }
}
