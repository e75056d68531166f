//! What the builder or the environment chose for all clients and servers.

use std::time::Duration;

/// What the builder or the environment chose for all clients and servers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) reply_partition: Option<u32>,
    pub(crate) instance: Option<String>,
}
