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
