//! How long calls wait: one rule for both sides.

use std::time::Duration;

use crate::contract::{Contract, Method};

/// How long a call waits where nothing says otherwise.
pub(crate) const DEFAULT: Duration = Duration::from_secs(5);

/// The longest wait there is. A year is beyond every call, and keeps sums of time from overflowing.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// What the contract says of a method.
pub(crate) fn of(contract: &Contract, method: &Method) -> Duration {
    method.timeout().or(contract.timeout()).unwrap_or(DEFAULT).min(LONGEST)
}

/// A wait as people are told of it: whole milliseconds, so that 2 s that were measured a moment
/// late do not read 1.999994631s.
pub(crate) fn told(waited: Duration) -> Duration {
    let microseconds = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
    Duration::from_millis(microseconds.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_told_in_whole_milliseconds() {
        for (waited, shown) in [(1_999_994_631, "2s"), (300_000_000, "300ms"), (250_000, "1ms"), (0, "0ns")] {
            assert_eq!(format!("{:?}", told(Duration::from_nanos(waited))), shown);
        }
    }
}
