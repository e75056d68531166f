//! How old a record is, by the clock that stamped it.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Clocks that differ by more than this are not out of step, one of them is not a clock.
const SANE: u64 = 24 * 3600 * 1000;

/// How often the difference is learnt anew. Clocks do not part quickly, and reading one costs more
/// than most of what is done for a request.
const SAMPLE_MS: u64 = 50;

/// The difference between the broker's clock and ours, learnt from the times at which the broker
/// says it appended our answers.
#[derive(Debug)]
pub(super) struct Clock {
    started: Instant,
    ahead_ms: AtomicI64,
    known: AtomicBool,
    /// Milliseconds since `started` at which the next sample is wanted.
    next: AtomicU64,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            ahead_ms: AtomicI64::new(0),
            known: AtomicBool::new(false),
            next: AtomicU64::new(0),
        }
    }
}

impl Clock {
    /// Whether the broker's clock has been seen.
    pub(super) fn known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Whether the answer that is handed over now is to be a sample. Until one is acknowledged,
    /// every answer is.
    pub(super) fn wants_sample(&self, now: Instant) -> bool {
        let now = u64::try_from(now.saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX);
        if self.known() && now < self.next.load(Ordering::Relaxed) {
            return false;
        }
        self.next.store(now.saturating_add(SAMPLE_MS), Ordering::Relaxed);
        true
    }

    /// A record that was handed over at `sent` (ours, milliseconds) has been appended at `stamped`
    /// (the broker's) and acknowledged now.
    pub(super) fn sample(&self, sent: i64, stamped: i64) {
        let ahead = stamped.saturating_sub(i64::midpoint(sent, now_ms()));
        if ahead.unsigned_abs() < SANE {
            self.ahead_ms.store(ahead, Ordering::Relaxed);
            self.known.store(true, Ordering::Relaxed);
        }
    }

    /// How long ago a record was stamped; zero for one from the future. Where the topic keeps its
    /// producers' times, the stamp is any number.
    pub(super) fn age(&self, stamped: i64) -> Duration {
        let age = (now_ms() + self.ahead_ms.load(Ordering::Relaxed)).saturating_sub(stamped);
        Duration::from_millis(u64::try_from(age).unwrap_or(0))
    }
}

/// Milliseconds since the Unix epoch.
pub(super) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|now| i64::try_from(now.as_millis()).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_learnt_and_ages_are_right_again() {
        for ahead in [-3_600_000, 0, 3_600_000] {
            let clock = Clock::default();
            let broker = now_ms() + ahead;
            clock.sample(now_ms(), broker);
            assert!(clock.known());
            let age = clock.age(broker - 5_000).as_millis();
            assert!((4_900..5_500).contains(&age), "{ahead}: {age}");
            assert_eq!(clock.age(broker + 60_000), Duration::ZERO);
        }
    }

    #[test]
    fn a_stamp_that_is_no_time_is_not_believed() {
        let clock = Clock::default();
        for stamped in [1234, i64::MIN, i64::MAX] {
            clock.sample(now_ms(), stamped);
            assert!(!clock.known());
        }
        assert!(clock.age(i64::MIN) > Duration::from_secs(1 << 40));
        assert_eq!(clock.age(i64::MAX), Duration::ZERO);
    }
}
