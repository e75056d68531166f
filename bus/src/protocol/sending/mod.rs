//! The gate in front of the producer, per partition.
//!
//! What was handed to librdkafka and is not acknowledged may have been written, and cannot be taken
//! back. So a partition's records are handed over only while its broker acknowledges, and no more at
//! a time than it acknowledged of late; the others wait in the partition's own queue, where each can
//! still be withdrawn. A partition in trouble takes neither the window nor the queue of another.

mod gate;
mod lane;
mod lanes;
mod recent;
#[cfg(all(test, not(bus_sim), not(bus_loom)))]
mod tests;

#[cfg_attr(any(bus_sim, bus_loom), allow(unused_imports))]
pub(crate) use self::gate::Refusal;
pub(crate) use self::gate::{Bounds, Gate};
#[cfg(any(test, bus_sim))]
pub(crate) use self::lane::Lane;
pub(crate) use self::lane::{Fate, HandOver, Loss};
pub(crate) use self::lanes::Lanes;
