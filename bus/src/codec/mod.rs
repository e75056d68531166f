//! How values become bytes: bincode by default, JSON for peers in other languages, MessagePack where
//! two sides are deployed apart.
//!
//! The codec is named per message, so one server answers clients of all kinds.

mod bounds;
mod error;
mod fault;
mod read;
mod verify;
mod write;

use std::any::TypeId;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::bounds::DECODED;
pub use self::error::{DecodeError, EncodeError};
use self::read::Input;
use self::write::{Borrowed, Output, Seen, Value};

/// How `serde_json` names a value that it keeps as a text.
const RAW_JSON: &str = "$serde_json::private::RawValue";

/// How the body of a message is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// bincode 2 in its `standard` configuration: the values one after another.
    #[default]
    Bincode,
    /// JSON: the value itself where there is one, an array where there are several.
    Json,
    /// MessagePack with the names of fields and variants: the value itself where there is one, an
    /// array where there are several. As small as bytes with names are, for two sides that are
    /// deployed apart.
    MsgPack,
}

impl Codec {
    /// The name that stands in the `bus-codec` header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bincode => "bincode",
            Self::Json => "json",
            Self::MsgPack => "msgpack",
        }
    }

    /// The codec of this name.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        match name {
            b"bincode" => Some(Self::Bincode),
            b"json" => Some(Self::Json),
            b"msgpack" => Some(Self::MsgPack),
            _ => None,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What most messages have room in.
const ROOM: usize = 128;

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
        Self { codec, values, written: 0, body: Vec::with_capacity(ROOM), key: None }
    }

    /// Appends a value.
    pub(crate) fn value<T: Serialize + DeserializeOwned + 'static>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.write::<T, T>(value)
    }

    /// Appends a list, in the bytes of a `Vec`.
    pub(crate) fn list<T: Serialize + DeserializeOwned + 'static>(&mut self, values: &[T]) -> Result<(), EncodeError> {
        self.write::<[T], Vec<T>>(values)
    }

    /// Appends a text, in the bytes of a `String`.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), EncodeError> {
        self.write::<str, String>(text)
    }

    /// Appends a value that is read as another type.
    pub(crate) fn write<W, R>(&mut self, value: &W) -> Result<(), EncodeError>
    where
        W: Serialize + ?Sized,
        R: Serialize + DeserializeOwned + 'static,
    {
        self.write_value(&Borrowed(value), TypeId::of::<R>(), verify::read_as::<R>)
    }

    fn write_value(&mut self, value: &dyn Value, read: TypeId, by: verify::Read) -> Result<(), EncodeError> {
        let codec = self.codec;
        let error = |reason: String| EncodeError { codec, reason };
        self.separate();
        let start = self.body.len();
        let mut seen = Seen::of(read, codec);
        let mut out = Output::new(codec, &mut self.body, &mut seen, value.type_name());
        value.write(&mut out).map_err(|fault| error(fault.to_string()))?;
        if self.body.len() > bounds::BODY {
            return Err(error(bounds::body_too_large(self.body.len())));
        }
        if seen.unsure() {
            let written = self.body.get(start..).unwrap_or_default();
            if verify::read_back(codec, value, by, written).map_err(error)? {
                seen.confirm();
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Several values of a format that describes itself are an array.
    fn separate(&mut self) {
        if self.values < 2 {
            return;
        }
        match (self.codec, self.written) {
            (Codec::Json, 0) => self.body.push(b'['),
            (Codec::Json, _) => self.body.push(b','),
            (Codec::MsgPack, 0) => write::list_head(&mut self.body, self.values),
            (Codec::Bincode | Codec::MsgPack, _) => {}
        }
    }

    /// Notes the text that the request's partition is chosen by.
    #[doc(hidden)]
    pub fn partition_key(&mut self, key: String) {
        self.key = Some(key);
    }

    /// The body, and the partition key if one was noted.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Option<String>) {
        match (self.codec, self.values) {
            (Codec::Json, 0) => self.body.extend_from_slice(b"null"),
            (Codec::MsgPack, 0) => self.body.push(0xc0),
            (Codec::Json, 2..) => self.body.push(b']'),
            _ => {}
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

/// One value as a body, for tests of whole types: none where it cannot be written.
#[doc(hidden)]
pub fn write_one<T: Serialize + DeserializeOwned + 'static>(codec: Codec, value: &T) -> Option<Vec<u8>> {
    let mut encoder = Encoder::new(codec, 1);
    encoder.value(value).ok()?;
    Some(encoder.finish().0)
}

/// The value of a body, for tests of whole types: none where it cannot be read.
#[doc(hidden)]
pub fn read_one<T: DeserializeOwned>(codec: Codec, body: &[u8]) -> Option<T> {
    let mut decoder = Decoder::new(codec, 1, body, DECODED).ok()?;
    let value = decoder.value().ok()?;
    decoder.finish().ok()?;
    Some(value)
}

#[cfg(test)]
mod tests;
