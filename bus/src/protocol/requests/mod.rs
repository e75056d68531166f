//! A server's core per request topic: offsets, commit metadata, deadlines, hand-over, admission.
//!
//! A [`Partition`](partition::Partition) knows which of its requests are to run and what is to be
//! committed, and stands behind one lock each. A [`Member`](member::Member) decides what a member of
//! the group does with all of them: it is asked on the thread that polls. [`Admission`] spans the
//! partitions, as does the [`BrokerClock`].

mod admission;
mod claim;
mod clock;
mod commit_metadata;
mod log;
mod member;
mod partition;
mod replies;

pub(crate) use self::admission::{Admission, Bounds};
pub(crate) use self::claim::Turn;
pub(crate) use self::clock::{BrokerClock, Now, Stamp};
pub(crate) use self::commit_metadata::TopicId;
#[cfg(bus_sim)]
pub(crate) use self::commit_metadata::{Found, read as read_metadata};
pub(crate) use self::member::{CommitOutcome, Member, MemberAction, View};
pub(crate) use self::partition::{Arrival, GivenUp, LeftBehind, Partition, PartitionCommit, Start, Taken, Verdict};
pub(crate) use self::replies::{ReplyPartitions, Settled};
