//! Writes the values of one message.

use std::any::TypeId;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::EncodeError;
use super::kind::Codec;
use super::write::{self, Borrowed, Output, Seen, Value};
use super::{bounds, verify};

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
            (Codec::MsgPack, 0) => {
                // A method has not four thousand million arguments.
                let _ = write::list_head(&mut self.body, self.values);
            }
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

/// One value as a body, for tests of whole types: none where it cannot be written.
#[doc(hidden)]
pub fn write_one<T: Serialize + DeserializeOwned + 'static>(codec: Codec, value: &T) -> Option<Vec<u8>> {
    let mut encoder = Encoder::new(codec, 1);
    encoder.value(value).ok()?;
    Some(encoder.finish().0)
}
