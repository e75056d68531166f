//! All that touches rdkafka: connection, producer, consumers, topics, the embedded broker.
//!
//! Nothing outside this folder imports rdkafka, and nothing inside it knows what a request is.

mod answers;
mod client_errors;
mod connection;
mod describe;
mod embedded;
mod group;
mod handover;
mod known_settings;
mod producer;
mod reader;
mod record;
mod revive;
mod rights;
mod settings;
mod topics;
mod trace;
mod words;

pub(crate) use self::client_errors::ClientErrors;
pub(crate) use self::connection::Connection;
pub(crate) use self::describe::Resource;
pub use self::embedded::EmbeddedBroker;
pub(crate) use self::group::{
    Action, Assigned, Commit, Committed, Group, GroupHandler, Instance, Member, Position, refused_instance,
};
pub(crate) use self::handover::{ProducerRecord, Undelivered};
pub(crate) use self::producer::{Deliveries, Producer, SendFailure, Why};
pub(crate) use self::reader::{Reader, ReaderHandler};
pub(crate) use self::record::{HeaderList, RecordView, Time};
pub(crate) use self::rights::Right;
pub(crate) use self::settings::Settings;
pub use self::topics::TopicRole;
pub(crate) use self::topics::{LookUpError, Partitions, TopicNeed};
