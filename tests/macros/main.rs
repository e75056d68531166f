//! What `#[bus::request]` makes, over the loopback: the real codec and dispatch, no broker.

mod carried;
mod example;
mod hygiene;
mod names;
mod options;
