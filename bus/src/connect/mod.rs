//! The face of the crate: a bus, described, connected, closed.

mod builder;
mod bus;
mod env;
mod service_links;

pub use self::builder::BusBuilder;
pub use self::bus::Bus;
