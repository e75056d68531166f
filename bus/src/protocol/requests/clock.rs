//! How old a record is, by the clock that stamped it.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Clocks that differ by more than this are not out of step, one of them is not a clock.
const SANE: u64 = 24 * 3600 * 1000;

/// How often the difference is learnt anew, in milliseconds. Clocks do not part quickly, and reading
/// one costs more than most of what is done for a request.
const SAMPLE: u64 = 50;

/// The time that a record carries, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// The broker's clock, when it appended the record.
    Broker(i64),
    /// The producer's clock, which may be any.
    Producer(i64),
    None,
}

/// The difference between the broker's clock and ours, learnt from the times at which the broker
/// says it appended our answers. Wall clocks are passed in, in milliseconds since the Unix epoch.
#[derive(Debug)]
pub(crate) struct BrokerClock {
    started: Instant,
    ahead: AtomicI64,
    known: AtomicBool,
    /// Milliseconds since `started` at which the next sample is wanted.
    next: AtomicU64,
}

impl BrokerClock {
    pub(crate) fn new(now: Instant) -> Self {
        Self { started: now, ahead: AtomicI64::new(0), known: AtomicBool::new(false), next: AtomicU64::new(0) }
    }

    /// Whether the broker's clock has been seen.
    pub(crate) fn known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Whether the answer that is handed over now is to be a sample. Until one is acknowledged,
    /// every answer is.
    pub(crate) fn wants_sample(&self, now: Instant) -> bool {
        let now = u64::try_from(now.saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX);
        if self.known() && now < self.next.load(Ordering::Relaxed) {
            return false;
        }
        self.next.store(now.saturating_add(SAMPLE), Ordering::Relaxed);
        true
    }

    /// A record that was handed over at `sent` and acknowledged at `acknowledged`, both ours, bears
    /// this stamp. Only a broker's says anything of its clock: a topic may keep its producers' times,
    /// which here are our own.
    pub(crate) fn sample(&self, sent: i64, acknowledged: i64, stamp: Stamp) {
        let stamped = match stamp {
            Stamp::Broker(stamped) => stamped,
            Stamp::Producer(stamped) if planted!("own stamp") => stamped,
            Stamp::Producer(_) | Stamp::None => return,
        };
        let ahead = stamped.saturating_sub(i64::midpoint(sent, acknowledged));
        if ahead.unsigned_abs() < SANE {
            self.ahead.store(ahead, Ordering::Relaxed);
            self.known.store(true, Ordering::Relaxed);
        }
    }

    /// How long ago a record was stamped; zero for one from the future. `newest` is how old it can
    /// be at most, where that is known: a producer's clock is believed no further.
    pub(crate) fn age(&self, wall: i64, stamp: Stamp, newest: Option<Duration>) -> Duration {
        let (stamped, at_most) = match stamp {
            Stamp::Broker(stamped) => (stamped, None),
            Stamp::Producer(stamped) => (stamped, newest),
            Stamp::None => return Duration::ZERO,
        };
        let age = wall.saturating_add(self.ahead.load(Ordering::Relaxed)).saturating_sub(stamped);
        let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
        if planted!("no age") {
            return Duration::ZERO;
        }
        at_most.map_or(age, |at_most| age.min(at_most))
    }
}

#[cfg(all(test, not(bus_sim)))]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    #[test]
    fn a_clock_that_is_off_is_learnt_and_ages_are_right_again() {
        for ahead in [-3_600_000, 0, 3_600_000] {
            let clock = BrokerClock::new(Instant::now());
            let broker = NOW + ahead;
            clock.sample(NOW - 10, NOW + 10, Stamp::Broker(broker));
            assert!(clock.known());
            assert_eq!(clock.age(NOW, Stamp::Broker(broker - 5_000), None), Duration::from_secs(5));
            assert_eq!(clock.age(NOW, Stamp::Broker(broker + 60_000), None), Duration::ZERO);
        }
    }

    #[test]
    fn nothing_is_learnt_from_a_stamp_of_our_own() {
        let clock = BrokerClock::new(Instant::now());
        clock.sample(NOW, NOW, Stamp::Producer(NOW));
        clock.sample(NOW, NOW, Stamp::None);
        assert!(!clock.known());
    }

    #[test]
    fn a_stamp_that_is_no_time_is_not_believed() {
        let clock = BrokerClock::new(Instant::now());
        for stamped in [1234, i64::MIN, i64::MAX] {
            clock.sample(NOW, NOW, Stamp::Broker(stamped));
            assert!(!clock.known());
        }
        assert!(clock.age(NOW, Stamp::Broker(i64::MIN), None) > Duration::from_secs(1 << 40));
        assert_eq!(clock.age(NOW, Stamp::Broker(i64::MAX), None), Duration::ZERO);
    }

    #[test]
    fn a_producers_clock_is_believed_as_far_as_it_can_be() {
        let clock = BrokerClock::new(Instant::now());
        let newest = Some(Duration::from_millis(200));
        assert_eq!(clock.age(NOW, Stamp::Producer(NOW - 10_000), newest), Duration::from_millis(200));
        assert_eq!(clock.age(NOW, Stamp::Producer(NOW - 10_000), None), Duration::from_secs(10));
        assert_eq!(clock.age(NOW, Stamp::Producer(NOW - 50), newest), Duration::from_millis(50));
        assert_eq!(clock.age(NOW, Stamp::Broker(NOW - 10_000), newest), Duration::from_secs(10));
    }

    #[test]
    fn a_sample_is_wanted_until_one_came_and_then_now_and_again() {
        let start = Instant::now();
        let clock = BrokerClock::new(start);
        assert!(clock.wants_sample(start) && clock.wants_sample(start));
        clock.sample(NOW, NOW, Stamp::Broker(NOW));
        assert!(!clock.wants_sample(start + Duration::from_millis(40)));
        assert!(clock.wants_sample(start + Duration::from_millis(50)));
        assert!(!clock.wants_sample(start + Duration::from_millis(90)));
    }
}
