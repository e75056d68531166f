//! What `#[bus::request]` makes, over the loopback: the real codec and dispatch, no broker.

// A test may panic: that is how it fails.
#![allow(clippy::used_underscore_binding)] // Names that people give.
#![allow(clippy::unwrap_used, clippy::panic)]

mod carried;
mod example;
mod hygiene;
mod names;
mod options;
