//! How values become bytes: bincode by default, JSON for peers in other languages.
//!
//! The codec is named per message, so one server answers clients of both kinds.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

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

/// A value that could not be encoded.
#[derive(Debug, thiserror::Error)]
#[error("cannot be encoded as {codec}: {reason}")]
pub struct EncodeError {
    codec: Codec,
    reason: String,
}

/// Bytes that are not what the contract says.
#[derive(Debug, thiserror::Error)]
#[error("cannot be decoded as {codec}: {reason}")]
pub struct DecodeError {
    codec: Codec,
    reason: String,
}

/// Writes the values of one message.
#[derive(Debug)]
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
            Codec::Bincode => {
                bincode::serde::encode_into_std_write(value, &mut self.body, bincode::config::standard())
                    .map_err(|cause| error(cause.to_string()))?;
            }
            Codec::Json => {
                if self.values > 1 {
                    self.body.push(if self.written == 0 { b'[' } else { b',' });
                }
                serde_json::to_writer(&mut self.body, value).map_err(|cause| error(cause.to_string()))?;
            }
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

/// Reads the values of one message.
#[derive(Debug)]
pub struct Decoder<'a> {
    codec: Codec,
    rest: &'a [u8],
    values: std::vec::IntoIter<&'a serde_json::value::RawValue>,
}

impl<'a> Decoder<'a> {
    /// A decoder of a message of so many values.
    pub(crate) fn new(codec: Codec, values: usize, body: &'a [u8]) -> Result<Self, DecodeError> {
        let error = |reason: String| DecodeError { codec, reason };
        let mut list: Vec<&'a serde_json::value::RawValue> = Vec::new();
        if codec == Codec::Json && values == 1 {
            list.push(serde_json::from_slice(body).map_err(|cause| error(cause.to_string()))?);
        } else if codec == Codec::Json && values > 1 {
            list = serde_json::from_slice(body).map_err(|cause| error(cause.to_string()))?;
        }
        Ok(Self { codec, rest: body, values: list.into_iter() })
    }

    /// Takes the next value.
    pub(crate) fn value<T: DeserializeOwned>(&mut self) -> Result<T, DecodeError> {
        let codec = self.codec;
        let error = |reason: String| DecodeError { codec, reason };
        match self.codec {
            Codec::Bincode => {
                let (value, used) = bincode::serde::decode_from_slice(self.rest, bincode::config::standard())
                    .map_err(|cause| error(cause.to_string()))?;
                self.rest = &self.rest[used..];
                Ok(value)
            }
            Codec::Json => {
                let raw = self.values.next().ok_or_else(|| error("a value is missing".into()))?;
                self.rest = &[];
                serde_json::from_str(raw.get()).map_err(|cause| error(cause.to_string()))
            }
        }
    }

    /// Checks that every byte was used.
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DecodeError { codec: self.codec, reason: format!("{} bytes are left over", self.rest.len()) })
        }
    }
}
