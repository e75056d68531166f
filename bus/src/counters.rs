//! What happened, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$docs:meta])* $name:ident,)*) => {
        /// What a bus has counted since it was connected.
        ///
        /// ```
        /// # async fn example(bus: &bus::Bus) {
        /// if bus.counters().dead_letters > 0 {
        ///     println!("somebody sends what nobody can read");
        /// }
        /// # }
        /// ```
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counters {
            $($(#[$docs])* pub $name: u64,)*
        }

        /// The counters as they are counted.
        #[derive(Debug, Default)]
        pub(crate) struct Counts {
            $(pub(crate) $name: AtomicU64,)*
        }

        impl Counts {
            pub(crate) fn read(&self) -> Counters {
                Counters { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

counters! {
    /// Replies on our partitions that no call of ours waits for: another client's, or one that came
    /// late or twice.
    foreign_replies,
    /// Those of them that came after their call had ended without an answer.
    late_replies,
    /// Those of them that came after another answer to the same call.
    duplicate_replies,
    /// Requests that were answered, with an answer or with an error of the service.
    answered,
    /// Requests that were refused: busy, unknown method, malformed, contract mismatch.
    refused,
    /// Requests whose handler panicked.
    panicked,
    /// Requests that had expired before they ran, or before they were answered.
    expired,
    /// Requests that a former owner of the partition had finished.
    already_finished,
    /// Requests that went to the topic of dead letters: the broker has them there.
    dead_letters,
    /// Requests that should have gone there and could not be written.
    lost_dead_letters,
    /// Requests that should have gone there when too many did.
    suppressed_dead_letters,
    /// Requests that were read and not started, and left to the next owner of the partition; and
    /// those that still ran when a server that stopped had waited for long enough.
    handed_back,
    /// Requests that a former owner of the partition still ran when it left, and whose time ran out
    /// since. It has answered them, unless its process ended before it could.
    left_to_former_owner,
    /// Requests that were run here and that the next owner of the partition may run again.
    may_repeat,
    /// Answers that the broker did not take.
    lost_answers,
}

/// Counts one.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
