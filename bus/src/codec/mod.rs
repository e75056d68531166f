//! How values become bytes: bincode by default, JSON for peers in other languages, MessagePack where
//! two sides are deployed apart.
//!
//! The codec is named per message, so one server answers clients of all kinds.

mod bounds;
mod decoder;
mod encoder;
mod error;
mod fault;
mod kind;
mod read;
mod verify;
mod write;

pub(crate) use self::bounds::DECODED;
pub use self::decoder::{Decoder, read_one};
pub use self::encoder::{Encoder, write_one};
pub use self::error::{DecodeError, EncodeError};
pub use self::kind::Codec;

#[cfg(test)]
mod tests;
