//! Reads a record of the request topic, as far as it can be read.

use std::time::Duration;

use bytes::Bytes;

use super::arrived::{Arrived, What};
use super::letter::DeadLetter;
use super::topic_server::{MaxAge, TopicServer};
use crate::contract::{Contract, Method};
use crate::kafka::{RecordView, Time};
use crate::protocol::requests::{Arrival, Stamp};
use crate::timeouts;
use crate::wire::{self, Incoming};

/// What a record takes beside its value, in bytes, roughly.
const OVERHEAD: usize = 512;

/// Reads a record.
pub(super) fn read(server: &TopicServer, record: &RecordView<'_>) -> (Arrival, Arrived) {
    let bytes = record.value().map_or(0, <[u8]>::len) + OVERHEAD;
    let read = wire::read_request(record.key(), record.headers(), record.value(), server.replies.count());
    let body = || record.value().map(Bytes::copy_from_slice).unwrap_or_default();
    // What cannot be run is refused whatever its age.
    let (what, allowed, stamp) = match read {
        Err(unreadable) => {
            let letter = Box::new(DeadLetter::of_record(record));
            (What::Unreadable { letter, unreadable: Box::new(unreadable) }, timeouts::LONGEST, Stamp::None)
        }
        Ok(incoming) => match server.routes.find(incoming.method.as_deref()) {
            Ok(route) => {
                let allowed = allowed(server.max_age, &incoming, route.contract, route.method);
                let request = What::Request { route: route.clone(), incoming: Box::new(incoming), body: body() };
                (request, allowed, stamp(record))
            }
            Err(detail) => {
                let unserved = What::Unserved { incoming: Box::new(incoming), body: body(), detail };
                (unserved, timeouts::LONGEST, Stamp::None)
            }
        },
    };
    let arrival = Arrival { offset: record.offset(), identity: identity(record), stamp, allowed };
    (arrival, Arrived { what, bytes: server.bytes.hold(bytes) })
}

/// How old a request may become: what it says itself, or what the server says of those that say
/// nothing.
fn allowed(max_age: MaxAge, incoming: &Incoming, contract: &Contract, method: &Method) -> Duration {
    match (incoming.timeout, max_age) {
        (Some(timeout), _) => timeout.min(timeouts::LONGEST),
        (None, MaxAge::Timeout) => contract.timeout_for(method),
        (None, MaxAge::Of(age)) => age.min(timeouts::LONGEST),
        (None, MaxAge::Any) => timeouts::LONGEST,
    }
}

fn stamp(record: &RecordView<'_>) -> Stamp {
    match record.time() {
        Time::Appended(millis) => Stamp::Broker(millis),
        Time::Created(millis) => Stamp::Producer(millis),
        Time::None => Stamp::None,
    }
}

/// What makes a record this record, and not one that stands at its offset in another log: when it
/// was written, and a little of what it holds.
fn identity(record: &RecordView<'_>) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let time = match record.time() {
        Time::Appended(millis) | Time::Created(millis) => millis.cast_unsigned(),
        Time::None => 0,
    };
    let value = record.value().unwrap_or_default();
    let ends = value.first_chunk::<8>().into_iter().chain(value.last_chunk::<8>());
    ends.map(|bytes| u64::from_le_bytes(*bytes))
        .chain([value.len() as u64])
        .fold(time, |hash, word| (hash.rotate_left(23) ^ word).wrapping_mul(FACTOR))
}
