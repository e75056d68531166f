//! Which partition a request goes to.

use std::time::{Duration, Instant};

use crate::protocol::sync::{AtomicU64, AtomicUsize, Mutex, Ordering, lock};

/// How long requests without a key go to one partition before the next has its turn.
///
/// A produce request holds records of one partition, and the number of produce requests is what a
/// broker charges for: spread record by record, 64 callers over five partitions make a fifth of
/// the calls that they make in turns.
const TURN_MS: u64 = 2;

/// How often clients and servers look their topics up.
pub(crate) const LOOK_UP_EVERY: Duration = Duration::from_secs(5);

/// How long a partition is known before requests go there: by then every server has looked, and
/// somebody reads it.
const SETTLED: Duration = Duration::from_secs(2 * LOOK_UP_EVERY.as_secs());

/// What a look-up says of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FoundTopic {
    /// What makes it *this* topic, where the broker says so.
    pub(crate) id: Option<u128>,
    /// How many partitions there are.
    pub(crate) count: u32,
    /// Those that have a leader, so that they take records now.
    pub(crate) led: Vec<i32>,
}

/// The partitions of a topic, as last looked up, and whose turn it is.
#[derive(Debug)]
pub(crate) struct StickyPartitioner {
    epoch: Instant,
    /// The partition in the upper half, the millisecond that its turn began in the lower.
    current: AtomicU64,
    known: Mutex<Known>,
    count: AtomicUsize,
    /// How many partitions requests go to.
    settled: AtomicUsize,
}

#[derive(Debug)]
struct Known {
    topic: FoundTopic,
    /// When the topic was first seen to have so many partitions, where that is not long ago.
    growth: Vec<(u32, Instant)>,
}

impl StickyPartitioner {
    /// Starts with a partition chosen by `seed`, so that clients do not walk in step.
    pub(crate) fn new(now: Instant, found: FoundTopic, seed: u64) -> Self {
        let led = &found.led;
        let first = usize::try_from(seed % (led.len().max(1) as u64)).ok().and_then(|first| led.get(first)).copied();
        let first = u64::from(u32::try_from(first.unwrap_or(0)).unwrap_or(0));
        Self {
            epoch: now,
            current: AtomicU64::new(first << 32),
            count: AtomicUsize::new(found.count as usize),
            settled: AtomicUsize::new(found.count as usize),
            known: Mutex::new(Known { topic: found, growth: Vec::new() }),
        }
    }

    /// How many partitions the topic has.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.count.load(Ordering::Relaxed)).unwrap_or(u32::MAX)
    }

    /// How many of them requests go to.
    pub(crate) fn settled(&self) -> u32 {
        u32::try_from(self.settled.load(Ordering::Relaxed)).unwrap_or(u32::MAX)
    }

    /// Takes note of what a look-up found. No partitions are no news.
    pub(crate) fn update(&self, now: Instant, found: FoundTopic) {
        if found.count == 0 {
            return;
        }
        let mut known = lock(&self.known);
        // A topic never shrinks. Where no id tells, one that did is another of that name.
        let another = match (found.id, known.topic.id) {
            (Some(found), Some(known)) => found != known && !planted!("topic id not compared"),
            _ => found.count < known.topic.count,
        };
        if another {
            known.growth.clear();
        } else if found.count < known.topic.count {
            // The answer of a broker that has not heard of the latest.
            return;
        }
        let mut settled = self.settled().min(found.count);
        if found.count > known.growth.last().map_or(settled, |(count, _)| *count) {
            known.growth.push((found.count, now));
        }
        let old = |since: Instant| now.saturating_duration_since(since) >= SETTLED || planted!("new partition at once");
        known.growth.retain(|(count, since)| {
            if old(*since) {
                settled = settled.max(*count);
            }
            !old(*since)
        });
        self.count.store(found.count as usize, Ordering::Relaxed);
        self.settled.store(settled as usize, Ordering::Relaxed);
        known.topic = found;
    }

    /// The partition whose turn it is. `flows` says whether a partition takes records now: one that
    /// does not has no turn while another does.
    pub(crate) fn next(&self, now: Instant, flows: impl Fn(i32) -> bool) -> i32 {
        let now = now.saturating_duration_since(self.epoch).as_millis();
        self.next_at(u64::try_from(now).unwrap_or(u64::MAX), flows)
    }

    pub(super) fn next_at(&self, now: u64, flows: impl Fn(i32) -> bool) -> i32 {
        let now = now & u64::from(u32::MAX);
        let current = self.current.load(Ordering::Relaxed);
        let (partition, since) = (current >> 32, current & u64::from(u32::MAX));
        // Wraps after 49 days; the turn that is then cut short does no harm.
        if now.wrapping_sub(since) & u64::from(u32::MAX) < TURN_MS {
            return i32::try_from(partition).unwrap_or(0);
        }
        let next = self.after(i32::try_from(partition).unwrap_or(0), flows);
        let word = (u64::from(u32::try_from(next).unwrap_or(0)) << 32) | now;
        // Whoever loses the race goes where the winner goes.
        match self.current.compare_exchange(current, word, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => next,
            Err(winner) => i32::try_from(winner >> 32).unwrap_or(0),
        }
    }

    /// The next partition that has a leader and takes records, in the order of numbers, round and
    /// round.
    fn after(&self, partition: i32, flows: impl Fn(i32) -> bool) -> i32 {
        let settled = i32::try_from(self.settled()).unwrap_or(i32::MAX);
        let known = lock(&self.known);
        let next = |wanted: &dyn Fn(i32) -> bool| {
            let led = || known.topic.led.iter().copied().filter(|led| *led < settled && wanted(*led));
            led().filter(|led| *led > partition).min().or_else(|| led().min())
        };
        if planted!("leader not asked for") {
            return (partition + 1) % settled.max(1);
        }
        next(&flows).or_else(|| next(&|_| true)).unwrap_or(partition)
    }

    /// The partition of a keyed request: `(murmur2(text) & 0x7fffffff) % partitions`, as Kafka's
    /// Java client computes it for a record's key.
    pub(crate) fn for_key(&self, text: &str) -> i32 {
        self.for_hash(murmur2(text.as_bytes()))
    }

    /// The partition of a keyed request, by the hash of its key.
    pub(crate) fn for_hash(&self, hash: u32) -> i32 {
        let positive = hash & 0x7fff_ffff;
        i32::try_from(positive % self.settled().max(1)).unwrap_or(0)
    }
}

/// The hash of Kafka's Java client.
pub(super) fn murmur2(data: &[u8]) -> u32 {
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
