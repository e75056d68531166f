//! What brokers were seen to do, told under the target `bus::trace` at the level `TRACE`: the
//! simulator's model of Kafka is held against it. `tests/sim/src/accept/mod.rs` says what each event
//! is. Where nobody listens it costs a look at a number.

use std::ffi::{CStr, c_char};
use std::sync::{Arc, Mutex};

use rdkafka::bindings;
use rdkafka::types::RDKafka;

use crate::sync::lock;

/// The target of all of it.
const TARGET: &str = "bus::trace";

macro_rules! tell {
    ($event:literal, $($field:tt)*) => {
        tracing::trace!(target: TARGET, event = $event, $($field)*)
    };
}

/// Whether anybody listens.
fn heard() -> bool {
    tracing::enabled!(target: TARGET, tracing::Level::TRACE)
}

/// The broker has a record.
pub(super) fn appended(topic: &str, partition: i32, offset: i64) {
    tell!("append", topic, partition, offset);
}

/// A record of an assigned partition was read.
pub(super) fn read(topic: &str, partition: i32, offset: i64) {
    tell!("read", topic, partition, offset);
}

/// Reading goes on elsewhere.
pub(super) fn seek(topic: &str, partition: i32) {
    tell!("seek", topic, partition);
}

pub(super) fn asking_end(topic: &str, partition: i32) {
    tell!("asking_end", topic, partition);
}

pub(super) fn end(topic: &str, partition: i32, offset: i64) {
    tell!("end", topic, partition, offset);
}

/// Tells of a member of a group.
#[derive(Debug)]
pub(super) struct OfMember {
    group: String,
    topic: Arc<str>,
    /// The id that the member was last seen to have.
    last: Mutex<String>,
}

impl OfMember {
    pub(super) fn new(group: &str, topic: &Arc<str>) -> Self {
        Self { group: group.to_owned(), topic: Arc::clone(topic), last: Mutex::default() }
    }

    /// The group gave the member its share.
    pub(super) fn assigned(&self, client: *mut RDKafka, partitions: &[i32]) {
        if heard()
            && let Some(Seat { group, member, generation }) = Seat::of(client)
        {
            tell!("assigned", group, topic = &*self.topic, member, generation, ?partitions);
            *lock(&self.last) = member;
        }
    }

    /// The group takes it back.
    pub(super) fn revoked(&self) {
        self.tell_last("revoked");
    }

    /// The member knows that its session is over.
    pub(super) fn lost(&self) {
        self.tell_last("lost");
    }

    /// The broker has another member of its name.
    pub(super) fn fenced(&self) {
        self.tell_last("fenced");
    }

    fn tell_last(&self, event: &str) {
        let member = lock(&self.last);
        if !member.is_empty() {
            tracing::trace!(target: TARGET, event, group = self.group, member = &**member);
        }
    }

    /// A commit is sent: partitions and offsets.
    pub(super) fn committing(&self, client: *mut RDKafka, number: u64, offsets: impl Iterator<Item = (i32, i64)>) {
        if heard()
            && let Some(Seat { group, member, generation }) = Seat::of(client)
        {
            for (partition, offset) in offsets {
                tell!("committing", group, topic = &*self.topic, member, generation, number, partition, offset);
            }
        }
    }

    /// What became of it: `taken`, `refused`, `fenced`, or `unknown`.
    pub(super) fn commit_answered(&self, number: u64, outcome: &str) {
        tell!("commit_answered", group = self.group, number, outcome);
    }

    pub(super) fn asking_committed(&self, partition: i32) {
        tell!("asking_committed", group = self.group, topic = &*self.topic, partition);
    }

    pub(super) fn committed(&self, partition: i32, offset: Option<i64>) {
        tell!("committed", group = self.group, topic = &*self.topic, partition, offset);
    }
}

/// What a client is in its group.
#[derive(Debug, PartialEq, Eq)]
struct Seat {
    group: String,
    member: String,
    generation: i32,
}

impl Seat {
    /// None where it is no member.
    #[allow(unsafe_code)]
    fn of(client: *mut RDKafka) -> Option<Self> {
        // SAFETY: the caller holds the client, so it is alive; what librdkafka makes here is looked at
        // before it is used, read while it lives, and given back to the function that is there for it.
        unsafe {
            let seat = bindings::rd_kafka_consumer_group_metadata(client);
            if seat.is_null() {
                return None;
            }
            let text = |text: *const c_char| {
                if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
            };
            let found = Self {
                group: text(bindings::rd_kafka_consumer_group_metadata_group_id(seat)),
                member: text(bindings::rd_kafka_consumer_group_metadata_member_id(seat)),
                generation: bindings::rd_kafka_consumer_group_metadata_generation_id(seat),
            };
            bindings::rd_kafka_consumer_group_metadata_destroy(seat);
            (!found.member.is_empty()).then_some(found)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::{Duration, Instant};

    use rdkafka::ClientConfig;
    use rdkafka::consumer::{BaseConsumer, Consumer as _};

    use super::*;
    use crate::kafka::EmbeddedBroker;

    #[test]
    fn a_client_is_seen_in_its_group_once_it_is_a_member() {
        let broker = EmbeddedBroker::start().unwrap();
        broker.create_topic("seat", 1).unwrap();
        let client: BaseConsumer =
            ClientConfig::new().set("bootstrap.servers", broker.brokers()).set("group.id", "seats").create().unwrap();
        let seat = || Seat::of(client.client().native_ptr());
        assert_eq!(seat(), None);
        client.subscribe(&["seat"]).unwrap();
        let until = Instant::now() + Duration::from_secs(30);
        while seat().is_none_or(|seat| seat.generation < 1) && Instant::now() < until {
            drop(client.poll(Duration::from_millis(20)));
        }
        let found = seat().unwrap();
        assert_eq!(found.group, "seats");
        assert!(!found.member.is_empty() && found.generation >= 1, "{found:?}");
    }
}
