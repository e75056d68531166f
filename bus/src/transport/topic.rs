//! Topics in use: what is known of their partitions, and the records on their way there.

use std::ffi::CString;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::pending::Call;
use super::receipt::Receipt;
use crate::kafka::{HeaderList, Partitions};
use crate::protocol::calls::{FoundTopic, StickyPartitioner};
use crate::protocol::sending::{Gate, Lanes};
use crate::wire::Key;

/// A topic that a bus writes to or reads, as last looked up.
pub(crate) struct Topic {
    name: Arc<str>,
    /// As librdkafka wants it.
    pub(super) c_name: CString,
    pub(super) partitioner: StickyPartitioner,
    pub(super) lanes: Lanes<Outgoing>,
}

impl Topic {
    pub(super) fn new(name: &str, found: Partitions, gate: Arc<Gate<Outgoing>>, seed: u64) -> Self {
        Self {
            name: name.into(),
            // A name with a NUL in it was refused before.
            c_name: CString::new(name).unwrap_or_default(),
            partitioner: StickyPartitioner::new(Instant::now(), as_found(found), seed),
            lanes: Lanes::new(gate),
        }
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How many partitions there are.
    pub(crate) fn count(&self) -> u32 {
        self.partitioner.count()
    }

    /// Takes note of what a look-up found.
    pub(super) fn update(&self, found: Partitions) {
        self.partitioner.update(Instant::now(), as_found(found));
    }

    /// The partition that a request goes to.
    pub(super) fn partition_for(&self, key: Option<&str>, now: Instant) -> i32 {
        match key {
            Some(key) => self.partitioner.for_key(key),
            None => self.partitioner.next(now, |partition| self.lanes.flows(partition, now)),
        }
    }
}

fn as_found(found: Partitions) -> FoundTopic {
    FoundTopic { id: None, count: found.count, led: found.led }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topic")
            .field("name", &self.name)
            .field("partitioner", &self.partitioner)
            .finish_non_exhaustive()
    }
}

/// A record to be written.
pub(crate) struct Outgoing {
    pub(crate) topic: Arc<Topic>,
    pub(crate) partition: i32,
    pub(crate) key: Option<RecordKey>,
    pub(crate) value: Option<Bytes>,
    pub(crate) what: What,
}

/// The key of a record.
pub(crate) enum RecordKey {
    /// Of a request or a reply: it names a partition, and lies in place.
    Partition(Key),
    /// Whatever else a record came with.
    Other(Bytes),
}

impl Deref for RecordKey {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Partition(key) => key,
            Self::Other(key) => key,
        }
    }
}

/// What a record is, and who hears what becomes of it.
pub(crate) enum What {
    /// The request of a call. Its headers are written when it is handed over: one of them is the
    /// time that is left.
    Request(Call),
    /// Anything else.
    Other(HeaderList, Arc<dyn Receipt>),
}

/// What the headers of a record count in bytes, roughly.
const HEADERS: usize = 512;

impl Outgoing {
    /// What it counts while it waits.
    pub(super) fn bytes(&self) -> usize {
        let (key, value) = (self.key.as_deref(), self.value.as_deref());
        key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len) + HEADERS
    }
}
