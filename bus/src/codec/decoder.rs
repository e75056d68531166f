//! Reads the values of one message.

use std::fmt;

use serde::de::DeserializeOwned;

use super::bounds;
use super::error::DecodeError;
use super::kind::Codec;
use super::read::Input;

/// Reads the values of one message, within bounds.
///
/// A body has at most 64 MiB, nests at most 128 deep and no deeper than the stack has room for, and
/// takes in memory what the client or the server allows, 16 MiB where nobody says anything. Lists
/// and maps in bincode claim their length before their elements: all claims of one body together
/// are at most its bytes plus 4,096, which is room for every body whose elements take a byte or more.
pub struct Decoder<'a> {
    codec: Codec,
    input: Input<'a>,
}

impl<'a> Decoder<'a> {
    /// A decoder of a message of so many values, which may take `limit` bytes in memory.
    pub(crate) fn new(codec: Codec, values: usize, body: &'a [u8], limit: usize) -> Result<Self, DecodeError> {
        if body.len() > bounds::BODY {
            return Err(DecodeError { codec, reason: bounds::body_too_large(body.len()) });
        }
        Ok(Self { codec, input: Input::new(codec, values, body, limit) })
    }

    /// Takes the next value.
    pub(crate) fn value<T: DeserializeOwned>(&mut self) -> Result<T, DecodeError> {
        self.input.value().map_err(|reason| DecodeError { codec: self.codec, reason })
    }

    /// Checks that every byte was used.
    pub fn finish(self) -> Result<(), DecodeError> {
        self.input.finish().map_err(|reason| DecodeError { codec: self.codec, reason })
    }
}

/// Without the body: what is printed of a message is never its payload.
impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("codec", &self.codec).finish_non_exhaustive()
    }
}

/// The value of a body, for tests of whole types: none where it cannot be read.
#[doc(hidden)]
pub fn read_one<T: DeserializeOwned>(codec: Codec, body: &[u8]) -> Option<T> {
    let mut decoder = Decoder::new(codec, 1, body, bounds::DECODED).ok()?;
    let value = decoder.value().ok()?;
    decoder.finish().ok()?;
    Some(value)
}
