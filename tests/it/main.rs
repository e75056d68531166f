//! The promises, on the embedded broker or, with `BUS_BROKERS` set, on the Kafka that it names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod basics;
mod correlation;
mod expiry;
mod headers;
mod lifetime;
mod malformed;
mod outage;
mod peers;
mod sharing;
mod sizes;
