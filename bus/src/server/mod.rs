//! The answering side.
//!
//! A record goes `listener` → `job` → `service` → `task` → the generated dispatcher → the handler; its
//! reply goes `job` → `answer`, and once the broker has it the `ticket` of the request is finished.

mod answer;
mod arrived;
mod bytes;
mod dead_letters;
mod dispatch;
mod guard;
mod job;
mod letter;
mod letter_budget;
mod listener;
mod loopback;
mod reading;
mod routes;
mod serve;
mod service;
mod serving;
mod signal;
mod task;
mod ticket;
mod topic_server;

pub use self::dispatch::Dispatch;
pub use self::loopback::loopback;
pub use self::serve::Serve;
pub use self::service::Handler;
pub use self::serving::{Served, Serving};
pub use self::signal::shutdown_signal;
