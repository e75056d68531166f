//! What the builder or the environment chose for all clients and servers.

use std::time::Duration;

use crate::codec::DECODED;

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
    /// What one message may take in memory when it is decoded, in bytes.
    pub(crate) fn max_decoded_bytes(&self) -> usize {
        self.max_decoded_bytes.unwrap_or(DECODED)
    }
}
