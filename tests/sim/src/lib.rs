//! The protocol cores of the bus in a simulated world.
//!
//! One seed is one history: the same events in the same order, every time. A process is a state
//! machine (`cx::Process`) around the real cores of `bus/src/protocol`, which are compiled from the
//! same source; the world around it (Kafka, clocks, the network) is a model.

// A model, read beside the traces that it prints: what it keeps for them counts as used.
#![allow(
    clippy::pedantic,
    clippy::style,
    clippy::panic,
    clippy::erasing_op,
    clippy::identity_op,
    dead_code,
    unused_imports
)]

pub mod accept;
pub(crate) mod client;
pub(crate) mod cx;
pub(crate) mod fault;
pub(crate) mod input;
pub mod invariant;
pub(crate) mod journal;
pub(crate) mod plan;
pub mod planted;
pub(crate) mod plants;
pub(crate) mod record;
pub mod run;
pub(crate) mod scenario;
#[cfg(test)]
mod script;
pub(crate) mod server;
pub(crate) mod time;
pub(crate) mod world;

// What only the library's shells use.
#[allow(dead_code)]
#[path = "../../../bus/src/protocol/mod.rs"]
mod protocol;
