//! What the builder or the environment chose for all clients and servers, and how it is merged with
//! what one of them says for itself.

use std::time::Duration;

use crate::codec::DECODED;
use crate::kafka::Instance;

/// What the builder or the environment chose for all clients and servers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) reply_partition: Option<u32>,
    pub(crate) instance: Option<String>,
    /// What stands before the name of every topic that is not given.
    pub(crate) topic_prefix: String,
    pub(crate) max_decoded_bytes: Option<usize>,
}

impl Options {
    /// How long the calls of a client wait that say nothing themselves, where that was said.
    pub(crate) fn timeout_for(&self, client: Option<Duration>) -> Option<Duration> {
        client.or(self.timeout)
    }

    /// The reply partition of a client, where one was asked for.
    pub(super) fn reply_partition_for(&self, client: Option<u32>) -> Option<u32> {
        client.or(self.reply_partition)
    }

    /// What one message may take in memory when it is decoded, in bytes.
    pub(crate) fn max_decoded_bytes_for(&self, asked: Option<usize>) -> usize {
        asked.or(self.max_decoded_bytes).unwrap_or(DECODED)
    }

    /// The name of a server in the group of a request topic.
    pub(crate) fn instance_for(&self, topic: &str) -> Instance {
        self.instance.as_deref().map_or_else(Instance::drawn, |instance| Instance::named(instance, topic))
    }
}
