//! Virtual time.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Microseconds since the history began.
pub(crate) type Time = u64;

pub(crate) const MS: Time = 1_000;
pub(crate) const SECOND: Time = 1_000_000;

/// The Unix time, in milliseconds, at which every history begins.
pub(crate) const BEGINNING_MS: i64 = 1_800_000_000_000;

/// The cores take `Instant`s. All of a run of the simulator count from one, a day ahead of the
/// machine's clock, so that nothing underflows; only differences are ever used.
fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(|| Instant::now() + Duration::from_secs(86_400))
}

pub(crate) fn instant(at: Time) -> Instant {
    epoch() + Duration::from_micros(at)
}

/// The time of an instant, rounded up: a timer never fires early.
pub(crate) fn time(at: Instant) -> Time {
    let nanos = at.saturating_duration_since(epoch()).as_nanos();
    u64::try_from(nanos.div_ceil(1_000)).unwrap_or(Time::MAX)
}

pub(crate) fn micros(duration: Duration) -> Time {
    u64::try_from(duration.as_micros()).unwrap_or(Time::MAX)
}
