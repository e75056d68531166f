//! A body that is being read: where in it the reader is, and what is left of its bounds.

use std::borrow::Cow;
use std::mem::{size_of, take};

use serde::de::DeserializeOwned;

use super::token::Token;
use super::{bincode, json, msgpack};
use crate::codec::bounds::Bounds;
use crate::codec::fault::Fault;
use crate::codec::kind::Codec;

/// A body, and what of it is not read yet.
pub(in crate::codec) struct Input<'de> {
    pub(super) source: Source<'de>,
    pub(super) bounds: Bounds,
    /// How many values stand in the body, and how many were taken.
    values: usize,
    taken: usize,
    bytes: usize,
    /// What comes next is the key of a JSON object, a text whatever its type.
    pub(super) key: bool,
    /// The names of each struct's fields, in the order in which they are met, where somebody asks.
    fields: Option<Vec<&'static [&'static str]>>,
}

pub(super) enum Source<'de> {
    Bincode(bincode::Source<'de>),
    Json(json::Source<'de>),
    MsgPack(msgpack::Source<'de>),
}

impl<'de> Input<'de> {
    /// The whole of a body, which may take `limit` bytes when it is decoded.
    pub(in crate::codec) fn new(codec: Codec, values: usize, body: &'de [u8], limit: usize) -> Self {
        let source = match codec {
            Codec::Bincode => Source::Bincode(bincode::Source { rest: body }),
            Codec::Json => Source::Json(json::Source { body, at: 0 }),
            Codec::MsgPack => Source::MsgPack(msgpack::Source { rest: body }),
        };
        Self {
            source,
            bounds: Bounds::new(body.len(), limit),
            values,
            taken: 0,
            bytes: body.len(),
            key: false,
            fields: None,
        }
    }

    /// Notes the names of fields from now on.
    pub(in crate::codec) fn note_fields(&mut self) {
        self.fields = Some(Vec::new());
    }

    /// The names that were noted.
    pub(in crate::codec) fn noted_fields(&mut self) -> Vec<&'static [&'static str]> {
        self.fields.take().unwrap_or_default()
    }

    pub(super) fn note(&mut self, fields: &'static [&'static str]) {
        if let Some(noted) = &mut self.fields {
            noted.push(fields);
        }
    }

    /// Takes the next value.
    pub(in crate::codec) fn value<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        self.begin(size_of::<T>())?;
        T::deserialize(&mut *self).map_err(|fault| self.complaint(&fault))
    }

    /// Comes to the next value, which has so many bytes in memory.
    pub(in crate::codec) fn begin(&mut self, bytes: usize) -> Result<(), String> {
        if self.taken == self.values {
            return Err("a value is missing".to_owned());
        }
        self.before_value(bytes).map_err(|fault| self.placed(&fault))
    }

    /// What is wrong with the value that was begun last.
    #[cold]
    pub(in crate::codec) fn complaint(&self, fault: &Fault) -> String {
        let placed = self.placed(fault);
        let of_several = self.values > 1 && !matches!(self.source, Source::Bincode(_));
        if of_several { format!("value {}: {placed}", self.taken) } else { placed }
    }

    fn before_value(&mut self, bytes: usize) -> Result<(), Fault> {
        if self.values > 1 {
            self.before_entry()?;
        }
        self.taken += 1;
        self.key = false;
        self.bounds.element(bytes)
    }

    /// Several values of a format that describes itself are the entries of an array.
    fn before_entry(&mut self) -> Result<(), Fault> {
        let (values, taken) = (self.values, self.taken);
        let expected_array = || Fault::said("invalid type, expected an array");
        match &mut self.source {
            Source::Json(json) => {
                if taken == 0 && !matches!(json.token()?, Token::List(_)) {
                    return Err(expected_array());
                }
                if json.goes_on(taken == 0, b']')? { Ok(()) } else { Err(wrong_count(&taken.to_string(), values)) }
            }
            Source::MsgPack(msgpack) if taken == 0 => match msgpack.token()? {
                Token::List(Some(count)) if count == values => Ok(()),
                Token::List(Some(count)) => Err(wrong_count(&count.to_string(), values)),
                _ => Err(expected_array()),
            },
            Source::Bincode(_) | Source::MsgPack(_) => Ok(()),
        }
    }

    /// Checks that every byte was used.
    pub(in crate::codec) fn finish(mut self) -> Result<(), String> {
        if self.taken < self.values {
            return Err("a value is left over".to_owned());
        }
        match self.end().map_err(|fault| self.placed(&fault))? {
            0 => Ok(()),
            1 => Err("1 byte is left over".to_owned()),
            left => Err(format!("{left} bytes are left over")),
        }
    }

    /// How many bytes are left.
    fn end(&mut self) -> Result<usize, Fault> {
        Ok(match &mut self.source {
            Source::Bincode(bincode) => bincode.rest.len(),
            Source::Json(json) => {
                if self.values == 0 && json.next_is_nil() {
                    json.token()?;
                }
                if self.values > 1 && json.goes_on(false, b']')? {
                    return Err(wrong_count("more than", self.values));
                }
                if self.values > 1 {
                    json.close(b']')?;
                }
                if json.peek().is_some() {
                    json.at += 1;
                    return Err(if self.values == 0 { none_expected() } else { Fault::said("trailing characters") });
                }
                0
            }
            Source::MsgPack(msgpack) => {
                if self.values == 0 && msgpack.next_is_nil() {
                    msgpack.token()?;
                }
                if self.values == 0 && !msgpack.rest.is_empty() {
                    return Err(none_expected());
                }
                msgpack.rest.len()
            }
        })
    }

    /// A complaint with its place.
    #[cold]
    fn placed(&self, fault: &Fault) -> String {
        match &self.source {
            Source::Bincode(bincode::Source { rest }) | Source::MsgPack(msgpack::Source { rest }) => {
                format!("{fault} at byte {}", self.bytes - rest.len())
            }
            Source::Json(json) => {
                let (line, column) = json.place();
                format!("{fault} at line {line} column {column}")
            }
        }
    }

    /// The next token of a format that describes itself.
    pub(super) fn token(&mut self) -> Result<Token<'de>, Fault> {
        match &mut self.source {
            Source::Bincode(_) => Err(not_described()),
            Source::Json(json) => json.token(),
            Source::MsgPack(msgpack) => msgpack.token(),
        }
    }

    /// The next token where a number is expected: as the key of an object it is a text.
    pub(super) fn number(&mut self) -> Result<Token<'de>, Fault> {
        let key = take(&mut self.key);
        let token = self.token()?;
        match &token {
            Token::Text(text) if key => match text {
                Cow::Borrowed(text) => Ok(json::number_in(text).unwrap_or(token)),
                Cow::Owned(_) => Ok(token),
            },
            _ => Ok(token),
        }
    }

    /// Does something a level deeper, inside a value of type `V`.
    pub(super) fn deeper<V, T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.bounds.enter(size_of::<V>())?;
        let outcome = inside(self);
        self.bounds.leave();
        outcome
    }

    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        let depth = self.bounds.depth();
        match &mut self.source {
            Source::Bincode(_) => Err(not_described()),
            Source::Json(json) => json.skip(depth),
            Source::MsgPack(msgpack) => msgpack.skip(),
        }
    }
}

#[cold]
fn wrong_count(found: &str, wanted: usize) -> Fault {
    Fault::new(if found.starts_with("more") {
        format!("the array has {found} {wanted} entries")
    } else {
        format!("the array has {found} instead of {wanted} entries")
    })
}

#[cold]
fn none_expected() -> Fault {
    Fault::said("there is a value where none is expected")
}

/// The answer to types that read whatever comes: bincode's bytes do not say what they are.
#[cold]
pub(super) fn not_described() -> Fault {
    Fault::said(
        "a type asks what comes next, as with serde's `tag`, `untagged` and `flatten`: bincode cannot say, JSON and \
         MessagePack can; use `codec = \"json\"`",
    )
}
