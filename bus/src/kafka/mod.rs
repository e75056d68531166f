//! All that touches rdkafka: connection, producer, consumers, topics, the embedded broker.
//!
//! Nothing outside this folder imports rdkafka, and nothing inside it knows what a request is.

mod complaints;
mod connection;
mod embedded;
mod group;
mod handover;
mod known_settings;
mod producer;
mod reader;
mod record;
mod revive;
mod settings;
mod topics;
mod words;

pub(crate) use self::connection::{Connection, LookUpError, Partitions};
pub use self::embedded::EmbeddedBroker;
pub(crate) use self::group::{Assigned, Commit, Group, GroupHandler, Instance, Member, Precaution, refused_instance};
pub(crate) use self::producer::{Outgoing, Producer, Receipt, SendFailure};
pub(crate) use self::reader::{Reader, ReaderHandler};
pub(crate) use self::record::{HeaderList, RecordView};
pub(crate) use self::settings::Settings;
pub(crate) use self::topics::{TopicNeed, TopicRole};
