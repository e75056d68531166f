//! The one bound that all waits share, and how waits are told.

use std::time::Duration;

/// The longest wait there is. A year is beyond every call, and keeps sums of time from overflowing.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A wait as people are told of it: whole milliseconds, so that 2 s that were measured a moment
/// late do not read 1.999994631s.
pub(crate) fn round_up_to_millis(waited: Duration) -> Duration {
    let microseconds = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
    Duration::from_millis(microseconds.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_told_in_whole_milliseconds() {
        for (waited, shown) in [(1_999_994_631, "2s"), (300_000_000, "300ms"), (250_000, "1ms"), (0, "0ns")] {
            assert_eq!(format!("{:?}", round_up_to_millis(Duration::from_nanos(waited))), shown);
        }
    }
}
