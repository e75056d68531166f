//! The names of the headers that are ours. No other file knows one.

use crate::message::OWN_PREFIX;

pub(super) const METHOD: &str = "bus-method";
pub(super) const TIMEOUT: &str = "bus-timeout";
pub(super) const CODEC: &str = "bus-codec";
pub(super) const CONTRACT: &str = "bus-contract";
pub(super) const SHAPE: &str = "bus-shape";
pub(super) const SHAPES: &str = "bus-shapes";
pub(super) const CALLER: &str = "bus-caller";
pub(super) const ONEWAY: &str = "bus-oneway";
pub(super) const STATUS: &str = "bus-status";
pub(super) const FAULT: &str = "bus-fault";
pub(super) const DETAIL: &str = "bus-detail";
pub(super) const RETRY_AFTER: &str = "bus-retry-after";
/// What the name of every header starts with that a dead letter has besides its request's.
pub(super) const DEAD: &str = "bus-dead-";
pub(super) const DEAD_REASON: &str = "bus-dead-reason";
pub(super) const DEAD_TOPIC: &str = "bus-dead-topic";
pub(super) const DEAD_PARTITION: &str = "bus-dead-partition";
pub(super) const DEAD_OFFSET: &str = "bus-dead-offset";
pub(super) const DEAD_LEFT_OUT: &str = "bus-dead-left-out";

/// Headers of ours on a request at the most: token, method, timeout, contract, shape, shapes,
/// codec, caller, oneway.
pub(crate) const REQUEST_HEADERS: usize = 9;

/// Headers of ours on a reply at the most: token, status, fault, detail, retry-after, codec, shape.
pub(crate) const REPLY_HEADERS: usize = 7;

/// Headers that a dead letter has besides those of its request.
pub(crate) const DEAD_LETTER_HEADERS: usize = 5;

/// Whether a header is ours.
pub(super) fn is_own(name: &[u8]) -> bool {
    name.starts_with(OWN_PREFIX.as_bytes())
}
