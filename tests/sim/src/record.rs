//! What stands in the topics of the simulated Kafka.

use std::fmt;
use std::time::Duration;

/// The topics of a history. All processes speak one contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Topic {
    /// Where clients write and the group of servers reads.
    Requests,
    /// Where servers write and each client reads one partition.
    Replies,
    /// Where servers write what can never be answered. One partition.
    Dead,
}

/// What makes a topic *this* topic: one that is deleted and made anew has another.
pub(crate) type TopicId = u128;

/// The time that a record carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Milliseconds since the Unix epoch.
    pub(crate) ms: i64,
    /// Whose clock it is: the broker's (`LogAppendTime`) or the producing process's (`CreateTime`).
    pub(crate) by_broker: bool,
}

/// A record: the headers and the body of the wire as plain values.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct SimRecord {
    pub(crate) kind: Kind,
    /// The key: the partition of the reply topic that the caller reads.
    pub(crate) reply_partition: i32,
    /// The token header.
    pub(crate) token: u128,
    /// `bus-timeout`: milliseconds that were left when the record was handed over.
    pub(crate) timeout_ms: Option<u32>,
    /// Of a request: its body, no two calls have the same. Of a reply: [`answer_to`] it.
    pub(crate) body: u64,
    /// `bus-attempt`: 0 for the first.
    pub(crate) attempt: u32,
    /// `bus-key`: the key argument's hash, where the call has one.
    pub(crate) key: Option<u32>,
    /// What the modelled handler does with this request: part of the request, because a request that
    /// ends its process ends every process that runs it. A reply repeats it.
    pub(crate) work: Work,
}

/// Without the token and the body, as what is logged must be.
impl fmt::Debug for SimRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimRecord")
            .field("kind", &self.kind)
            .field("call", &(self.body & u64::from(u32::MAX)))
            .field("reply_partition", &self.reply_partition)
            .field("timeout_ms", &self.timeout_ms)
            .field("attempt", &self.attempt)
            .field("work", &self.work)
            .finish_non_exhaustive()
    }
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Reply(Status),
    /// Where the request stood that is dead, and why.
    Dead {
        partition: i32,
        offset: i64,
        reason: Fault,
    },
    /// `bus-cancel`: nobody waits for the request with this token any more.
    Cancel,
}

/// The status of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    Fault(Fault),
}

/// Why a server answered without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The queue of handlers is full. The handler did not run.
    Busy,
    /// It came too late. The handler did not run.
    Expired,
    /// The handler panicked.
    Panicked,
    /// It ends the process of every server that runs it.
    Crashed,
    /// It names a reply partition that the reply topic does not have.
    Unaddressed,
    /// It cannot be read. The handler did not run.
    Malformed,
}

/// What a handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Answers after this long. Below a millisecond to many seconds.
    Takes(Duration),
    /// Never answers: runs until it is cancelled at its deadline.
    Hangs,
    /// Panics after this long.
    Panics(Duration),
    /// Ends its process after this long (`cx.die()`).
    Kills(Duration),
    /// The body cannot be read: a dead letter with [`Fault::Malformed`], and that as the answer.
    Unreadable,
}

/// The body of the reply to a request: of token and body, so that an answer that reaches the wrong
/// call is seen.
pub(crate) fn answer_to(token: u128, body: u64) -> u64 {
    let [high, low] = [(token >> 64) as u64, token as u64];
    (high ^ low.rotate_left(17) ^ body).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) ^ body
}
