//! A record of the request topic as far as it could be read.

use bytes::Bytes;

use super::bytes::HeldBytes;
use super::letter::DeadLetter;
use super::routes::Route;
use crate::wire::{Incoming, Unreadable};

/// A record as far as it could be read: what it is about is decided once it is known to be ours to
/// take care of.
pub(super) struct Arrived {
    pub(super) what: What,
    /// Counted until it is answered.
    pub(super) bytes: HeldBytes,
}

pub(super) enum What {
    Request {
        incoming: Box<Incoming>,
        route: Route,
        body: Bytes,
    },
    /// Its method is not served here.
    Unserved {
        incoming: Box<Incoming>,
        body: Bytes,
        detail: String,
    },
    Unreadable {
        letter: Box<DeadLetter>,
        unreadable: Box<Unreadable>,
    },
}
