//! How old a record is, by the clock that stamped it.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Clocks that differ by more than this are not out of step, one of them is not a clock.
const SANE: u64 = 24 * 3600 * 1000;

/// How often the broker's clock is learnt anew, in milliseconds. Clocks do not part quickly, and
/// reading one costs more than most of what is done for a request.
const SAMPLE: u64 = 50;

/// An acknowledgement that took longer says too little of when the record was appended.
const SLOW: Duration = Duration::from_millis(400);

/// The time that a record carries, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// The broker's clock, when it appended the record.
    Broker(i64),
    /// The producer's clock, which may be any.
    Producer(i64),
    None,
}

/// Now, by the clock that goes evenly and by the one on the wall, in milliseconds since the Unix
/// epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) even: Instant,
    pub(crate) wall: i64,
}

/// How old a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age {
    pub(crate) age: Duration,
    /// Whether our wall clock, which may be off, has no part in it.
    pub(crate) sure: bool,
}

/// The broker's clock, learnt from the times at which the broker says it appended our answers. From
/// then on our wall clock may jump.
#[derive(Debug)]
pub(crate) struct BrokerClock {
    started: Instant,
    /// What the broker's clock said when ours was started.
    then: AtomicI64,
    known: AtomicBool,
    /// Milliseconds since `started` at which the next sample is wanted.
    next: AtomicU64,
}

impl BrokerClock {
    pub(crate) fn new(now: Instant) -> Self {
        Self { started: now, then: AtomicI64::new(0), known: AtomicBool::new(false), next: AtomicU64::new(0) }
    }

    fn since_start(&self, now: Instant) -> i64 {
        i64::try_from(now.saturating_duration_since(self.started).as_millis()).unwrap_or(i64::MAX)
    }

    /// Whether the broker's clock has been seen.
    pub(crate) fn known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Whether the answer that is handed over now is to be a sample. Until one is acknowledged,
    /// every answer is.
    pub(crate) fn wants_sample(&self, now: Instant) -> bool {
        let now = u64::try_from(self.since_start(now)).unwrap_or(0);
        if self.known() && now < self.next.load(Ordering::Relaxed) {
            return false;
        }
        self.next.store(now.saturating_add(SAMPLE), Ordering::Relaxed);
        true
    }

    /// A record that was handed over at `sent` and acknowledged `now` bears this stamp. Only a
    /// broker's says anything of its clock: a topic may keep its producers' times, which here are our
    /// own.
    pub(crate) fn sample(&self, sent: Instant, now: Now, stamp: Stamp) {
        let stamped = match stamp {
            Stamp::Broker(stamped) => stamped,
            Stamp::Producer(_) | Stamp::None => return,
        };
        let slow = now.even.saturating_duration_since(sent) > SLOW && !planted!("slow sample");
        if !slow && stamped.saturating_sub(now.wall).unsigned_abs() < SANE {
            let appended = i64::midpoint(self.since_start(sent), self.since_start(now.even));
            self.then.store(stamped - appended, Ordering::Relaxed);
            self.known.store(true, Ordering::Relaxed);
        }
    }

    /// How long ago a record was stamped; zero for one from the future. `newest` is how old it can
    /// be at most, where that is known: our wall clock, which may be off, is believed no further.
    pub(crate) fn age(&self, now: Now, stamp: Stamp, newest: Option<Duration>) -> Age {
        if planted!("no age") {
            return Age { age: Duration::ZERO, sure: true };
        }
        let known = self.known();
        let of_broker = if known { self.then.load(Ordering::Relaxed) + self.since_start(now.even) } else { now.wall };
        let since = |stamped: i64| Duration::from_millis(u64::try_from(of_broker.saturating_sub(stamped)).unwrap_or(0));
        let at_most = |age: Duration| newest.map_or(age, |newest| age.min(newest));
        match stamp {
            Stamp::Broker(stamped) if known => Age { age: since(stamped), sure: true },
            Stamp::Broker(stamped) => Age { age: at_most(since(stamped)), sure: false },
            Stamp::Producer(stamped) => Age { age: since(stamped), sure: true },
            Stamp::None => Age { age: Duration::ZERO, sure: true },
        }
    }
}

#[cfg(all(test, not(bus_sim)))]
mod tests {
    use super::*;

    const WALL: i64 = 1_700_000_000_000;
    const SECOND: Duration = Duration::from_secs(1);

    fn at(start: Instant, seconds: u32, wall: i64) -> Now {
        Now { even: start + seconds * SECOND, wall }
    }

    #[test]
    fn a_clock_that_is_off_is_learnt_and_ages_are_right_again_whatever_the_wall_says() {
        let start = Instant::now();
        for ahead in [-3_600_000, 0, 3_600_000] {
            let clock = BrokerClock::new(start);
            let broker = WALL + ahead;
            assert!(!clock.age(at(start, 0, WALL), Stamp::Broker(broker), None).sure);
            clock.sample(start + SECOND, at(start, 1, WALL), Stamp::Broker(broker));
            assert!(clock.known());
            // A minute later ours has jumped by an hour.
            let age = clock.age(at(start, 61, WALL + 3_660_000), Stamp::Broker(broker + 55_000), None);
            assert_eq!(age, Age { age: 5 * SECOND, sure: true });
            let future = clock.age(at(start, 61, WALL), Stamp::Broker(broker + 70_000), None);
            assert_eq!(future.age, Duration::ZERO);
        }
    }

    #[test]
    fn nothing_is_learnt_from_a_stamp_of_our_own() {
        let start = Instant::now();
        let clock = BrokerClock::new(start);
        clock.sample(start, at(start, 0, WALL), Stamp::Producer(WALL));
        clock.sample(start, at(start, 0, WALL), Stamp::None);
        assert!(!clock.known());
    }

    #[test]
    fn nothing_is_learnt_from_an_answer_that_was_long_on_its_way() {
        let start = Instant::now();
        let clock = BrokerClock::new(start);
        clock.sample(start, at(start, 1, WALL), Stamp::Broker(WALL));
        assert!(!clock.known());
    }

    #[test]
    fn a_stamp_that_is_no_time_is_not_believed() {
        let start = Instant::now();
        let clock = BrokerClock::new(start);
        for stamped in [1234, i64::MIN, i64::MAX] {
            clock.sample(start, at(start, 0, WALL), Stamp::Broker(stamped));
            assert!(!clock.known());
        }
        let now = at(start, 0, WALL);
        assert!(clock.age(now, Stamp::Broker(i64::MIN), None).age > Duration::from_secs(1 << 40));
        assert_eq!(clock.age(now, Stamp::Broker(i64::MAX), None).age, Duration::ZERO);
    }

    #[test]
    fn our_own_clock_is_believed_as_far_as_it_can_be() {
        let start = Instant::now();
        let clock = BrokerClock::new(start);
        let (now, newest) = (at(start, 60, WALL), Some(Duration::from_millis(200)));
        let age = |stamped, newest| clock.age(now, Stamp::Broker(stamped), newest).age;
        assert_eq!(age(WALL - 10_000, newest), Duration::from_millis(200));
        assert_eq!(age(WALL - 10_000, None), 10 * SECOND);
        assert_eq!(age(WALL - 50, newest), Duration::from_millis(50));
        clock.sample(start + 60 * SECOND, now, Stamp::Broker(WALL));
        assert_eq!(clock.age(now, Stamp::Broker(WALL - 10_000), newest).age, 10 * SECOND);
    }

    #[test]
    fn a_sample_is_wanted_until_one_came_and_then_now_and_again() {
        let start = Instant::now();
        let clock = BrokerClock::new(start);
        assert!(clock.wants_sample(start) && clock.wants_sample(start));
        clock.sample(start, at(start, 0, WALL), Stamp::Broker(WALL));
        assert!(!clock.wants_sample(start + Duration::from_millis(40)));
        assert!(clock.wants_sample(start + Duration::from_millis(50)));
        assert!(!clock.wants_sample(start + Duration::from_millis(90)));
    }
}
