//! The answering side.
//!
//! A record goes `listener` → (`admission`) → `job` → the generated dispatcher → the handler; its
//! answer goes `job` → `answer`, and once the broker has it `offsets` may move on.

mod answer;
mod arrived;
mod core;
mod dispatch;
mod guard;
mod job;
mod listener;
mod loopback;
mod routes;
mod serve;
mod service;
mod signal;
mod ticket;

pub use self::dispatch::Dispatch;
pub use self::loopback::loopback;
pub use self::serve::{Serve, Served, Serving};
pub use self::service::Handler;
pub use self::signal::shutdown_signal;
