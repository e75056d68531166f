//! Who hears what becomes of a record.

use std::time::Instant;

use crate::kafka::SendFailure;

/// What becomes of a record, told to who sent it. Called on the producer's thread: no waiting here.
pub(crate) trait Receipt: Send + Sync + 'static {
    /// Asked just before the record is handed over; `false` withdraws it.
    fn hand_over(&self, now: Instant) -> bool;

    /// Whether `hand_over` would withdraw the record, now and from now on.
    fn given_up(&self, now: Instant) -> bool;

    /// Whether a record that came back may be sent again. `certain`: it is not in the topic.
    fn goes_again(&self, certain: bool) -> bool;

    /// The broker has it, at this time of its clock where the topic keeps the broker's time.
    fn acknowledged(&self, timestamp: Option<i64>);

    /// The broker does not have it, or may have it and said nothing.
    fn failed(&self, failure: SendFailure);
}
