//! The promises, on the embedded broker or, with `BUS_BROKERS` set, on the Kafka that it names.

#![allow(clippy::option_option)] // What a codec has to tell apart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod addresses;
mod bad_input;
mod basics;
mod bombs;
mod codecs;
mod contracts;
mod correlation;
mod crashes;
mod expiry;
mod group;
mod handover;
mod headers;
mod health;
mod invariants;
mod lifetime;
mod malformed;
mod membership;
mod outage;
mod peers;
mod poison;
mod rejected;
mod rights;
mod sending;
mod serving;
mod sharing;
mod sizes;
mod topic_names;
mod topics;
mod wire_page;
