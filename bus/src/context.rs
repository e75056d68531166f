//! What a handler may know of the request it runs for.

use std::time::Instant;

/// The earlier of a deadline and the one of the request that is being handled, if one is.
pub(crate) fn earlier(deadline: Instant) -> Instant {
    deadline
}
