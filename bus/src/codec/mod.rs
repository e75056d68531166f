//! How values become bytes: bincode by default, JSON for peers in other languages.
//!
//! The codec is named per message, so one server answers clients of both kinds.

mod bincode;
mod bounds;
mod error;
mod json;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::error::{DecodeError, EncodeError};

/// How the body of a message is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// bincode 2 in its `standard` configuration: the values one after another.
    #[default]
    Bincode,
    /// JSON: the value itself where there is one, an array where there are several.
    Json,
}

impl Codec {
    /// The name that stands in the `bus-codec` header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bincode => "bincode",
            Self::Json => "json",
        }
    }

    /// The codec of this name.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        match name {
            b"bincode" => Some(Self::Bincode),
            b"json" => Some(Self::Json),
            _ => None,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Writes the values of one message.
pub struct Encoder {
    codec: Codec,
    values: usize,
    written: usize,
    body: Vec<u8>,
    key: Option<String>,
}

impl Encoder {
    /// An encoder for a message of so many values.
    pub(crate) fn new(codec: Codec, values: usize) -> Self {
        Self { codec, values, written: 0, body: Vec::new(), key: None }
    }

    /// Appends a value.
    pub(crate) fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let error = |reason: String| EncodeError { codec: self.codec, reason };
        match self.codec {
            Codec::Bincode => bincode::encode(value, &mut self.body).map_err(error)?,
            Codec::Json => {
                if self.values > 1 {
                    self.body.push(if self.written == 0 { b'[' } else { b',' });
                }
                json::encode(value, &mut self.body).map_err(error)?;
            }
        }
        if self.body.len() > bounds::BODY {
            return Err(error(bounds::body_too_large(self.body.len())));
        }
        self.written += 1;
        Ok(())
    }

    /// Notes the text that the request's partition is chosen by.
    #[doc(hidden)]
    pub fn partition_key(&mut self, key: String) {
        self.key = Some(key);
    }

    /// The body, and the partition key if one was noted.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Option<String>) {
        if self.codec == Codec::Json {
            match self.values {
                0 => self.body.extend_from_slice(b"null"),
                1 => {}
                _ => self.body.push(b']'),
            }
        }
        (self.body, self.key)
    }
}

/// Without the body: what is printed of a message is never its payload.
impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("codec", &self.codec)
            .field("values", &self.values)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Reads the values of one message, within bounds.
///
/// A body has at most 64 MiB and nests at most 128 deep. Lists and maps in bincode claim their
/// length before their elements: all claims of one body together are at most its bytes plus
/// 4,096, which is room for every body whose elements take a byte or more.
pub struct Decoder<'a> {
    codec: Codec,
    body: Body<'a>,
}

enum Body<'a> {
    Bincode(bincode::Input<'a>),
    Json(json::Values<'a>),
}

impl<'a> Decoder<'a> {
    /// A decoder of a message of so many values.
    pub(crate) fn new(codec: Codec, values: usize, body: &'a [u8]) -> Result<Self, DecodeError> {
        let error = |reason: String| DecodeError { codec, reason };
        if body.len() > bounds::BODY {
            return Err(error(bounds::body_too_large(body.len())));
        }
        let body = match codec {
            Codec::Bincode => Body::Bincode(bincode::Input::new(body)),
            Codec::Json => Body::Json(json::Values::new(body, values).map_err(error)?),
        };
        Ok(Self { codec, body })
    }

    /// Takes the next value.
    pub(crate) fn value<T: DeserializeOwned>(&mut self) -> Result<T, DecodeError> {
        let value = match &mut self.body {
            Body::Bincode(input) => input.value(),
            Body::Json(values) => values.value(),
        };
        value.map_err(|reason| DecodeError { codec: self.codec, reason })
    }

    /// Checks that every byte was used.
    pub fn finish(self) -> Result<(), DecodeError> {
        let done = match self.body {
            Body::Bincode(input) => input.finish(),
            Body::Json(values) => values.finish(),
        };
        done.map_err(|reason| DecodeError { codec: self.codec, reason })
    }
}

/// Without the body: what is printed of a message is never its payload.
impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("codec", &self.codec).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
