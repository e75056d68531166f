//! The heart: what a client and a server decide, as state machines.
//!
//! Nothing in here reads a clock, starts a thread, waits, does IO, or draws a random number: `now`
//! and random numbers are passed in, and what is to be done comes out. So `tests/sim` can compile
//! the same source and run it in virtual time. Nothing in here imports anything of the crate
//! outside of here.

/// Whether the defect of this name is planted. Always `false` in the library. The simulator, which
/// compiles this source with `cfg(bus_sim)`, plants one defect at a time and shows that an invariant
/// catches it.
#[allow(unused_macros)]
macro_rules! planted {
    ($name:literal) => {
        $crate::protocol::planted($name)
    };
}

/// What [`planted!`] asks.
#[cfg(not(bus_sim))]
#[allow(dead_code)]
const fn planted(_: &'static str) -> bool {
    false
}

#[cfg(bus_sim)]
use crate::plants::planted;

pub(crate) mod calls;
#[allow(dead_code, unused_imports)]
pub(crate) mod requests;
pub(crate) mod sending;
mod sync;
