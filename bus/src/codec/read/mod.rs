//! The walk through serde's data model on the way in, one for all codecs.
//!
//! It is our own because a body comes from outside: what it claims in lengths, levels and memory
//! is bounded before it is believed, and complaints neither keep nor quote the payload. One walk
//! for all codecs means that each type is compiled for one reader.

mod access;
mod bincode;
mod input;
mod json;
mod msgpack;
mod token;
mod walk;

pub(super) use self::input::Input;
