//! What clients and servers share of one bus: it carries out what they want of Kafka.

mod blocking;
pub(crate) mod channel;
mod handle;
pub(crate) mod needs;
mod options;
mod pending;
mod receipt;
mod replies;
mod sender;
mod shared;
mod topic;
mod topic_names;

pub(crate) use self::blocking::blocking;
pub(crate) use self::handle::Handle;
pub(crate) use self::options::Options;
pub(crate) use self::receipt::Receipt;
pub(crate) use self::shared::{ServedTopic, Shared};
pub(crate) use self::topic::{Outgoing, RecordKey, Topic, What};
pub(crate) use self::topic_names::{TopicNames, check_prefix};
