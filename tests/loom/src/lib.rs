//! What stays concurrent in the protocol cores, in every order that threads can take.
//!
//! The cores are compiled from the library's own source, with loom's atomics and locks.

#![allow(clippy::unwrap_used)]

// What only the library's shells, and the simulator, use.
#[allow(dead_code, unused_imports)]
#[path = "../../../bus/src/protocol"]
mod protocol {
    /// No defect is planted here.
    macro_rules! planted {
        ($name:literal) => {
            false
        };
    }

    pub(crate) mod calls;
    pub(crate) mod sending;
    pub(crate) mod sync;
}

#[cfg(test)]
mod calls;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod places;
