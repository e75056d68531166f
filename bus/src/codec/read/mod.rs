//! The walk through serde's data model on the way in, one for all codecs.
//!
//! It is our own because a body comes from outside: what it claims in lengths, levels and memory
//! is bounded before it is believed, and complaints neither keep nor quote the payload. One walk
//! for all codecs means that each type is compiled for one reader.

mod access;
mod bincode;
mod json;
mod msgpack;
mod token;

use std::borrow::Cow;
use std::mem::{size_of, take};

use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};

use self::access::{Elements, Named};
use self::token::{Token, not_expected, short_float};
use super::bounds::Bounds;
use super::fault::Fault;
use super::{Codec, RAW_JSON};

/// A body, and what of it is not read yet.
pub(super) struct Input<'de> {
    source: Source<'de>,
    bounds: Bounds,
    /// How many values stand in the body, and how many were taken.
    values: usize,
    taken: usize,
    bytes: usize,
    /// What comes next is the key of a JSON object, a text whatever its type.
    key: bool,
    /// The names of each struct's fields, in the order in which they are met, where somebody asks.
    fields: Option<Vec<&'static [&'static str]>>,
}

enum Source<'de> {
    Bincode(bincode::Source<'de>),
    Json(json::Source<'de>),
    MsgPack(msgpack::Source<'de>),
}

impl<'de> Input<'de> {
    /// The whole of a body, which may take `limit` bytes when it is decoded.
    pub(super) fn new(codec: Codec, values: usize, body: &'de [u8], limit: usize) -> Self {
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
    pub(super) fn note_fields(&mut self) {
        self.fields = Some(Vec::new());
    }

    /// The names that were noted.
    pub(super) fn noted_fields(&mut self) -> Vec<&'static [&'static str]> {
        self.fields.take().unwrap_or_default()
    }

    fn note(&mut self, fields: &'static [&'static str]) {
        if let Some(noted) = &mut self.fields {
            noted.push(fields);
        }
    }

    /// Takes the next value.
    pub(super) fn value<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        if self.taken == self.values {
            return Err("a value is missing".to_owned());
        }
        self.before_value(size_of::<T>()).map_err(|fault| self.placed(&fault))?;
        T::deserialize(&mut *self).map_err(|fault| {
            let placed = self.placed(&fault);
            let of_several = self.values > 1 && !matches!(self.source, Source::Bincode(_));
            if of_several { format!("value {}: {placed}", self.taken) } else { placed }
        })
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
    pub(super) fn finish(mut self) -> Result<(), String> {
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
    fn token(&mut self) -> Result<Token<'de>, Fault> {
        match &mut self.source {
            Source::Bincode(_) => Err(not_described()),
            Source::Json(json) => json.token(),
            Source::MsgPack(msgpack) => msgpack.token(),
        }
    }

    /// The next token where a number is expected: as the key of an object it is a text.
    fn number(&mut self) -> Result<Token<'de>, Fault> {
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
    fn deeper<V, T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.bounds.enter(size_of::<V>())?;
        let outcome = inside(self);
        self.bounds.leave();
        outcome
    }

    /// Reads a list of which the beginning has been read.
    fn list<V: Visitor<'de>>(&mut self, count: Option<usize>, visitor: V) -> Result<V::Value, Fault> {
        self.deeper::<V::Value, _>(|input| {
            let mut elements = Elements::of_list(input, count);
            let value = visitor.visit_seq(&mut elements)?;
            elements.end()?;
            Ok(value)
        })
    }

    /// Reads a map of which the beginning has been read.
    fn map<V: Visitor<'de>>(&mut self, count: Option<usize>, visitor: V, grows: bool) -> Result<V::Value, Fault> {
        self.deeper::<V::Value, _>(|input| {
            let mut elements = Elements::of_map(input, count, grows);
            let value = visitor.visit_map(&mut elements)?;
            elements.end()?;
            Ok(value)
        })
    }

    /// Reads what has a fixed number of parts: bincode writes them one after another.
    fn parts<V: Visitor<'de>>(&mut self, count: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deeper::<V::Value, _>(|input| visitor.visit_seq(&mut Elements::of_parts(input, count)))
    }

    /// Reads a list of a format that describes itself.
    fn described_list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        self.key = false;
        match self.token()? {
            Token::List(count) => self.list(count, visitor),
            _ => Err(not_expected(&visitor)),
        }
    }

    fn text<V: Visitor<'de>>(&mut self, text: Cow<'de, str>, visitor: V) -> Result<V::Value, Fault> {
        self.bounds.allocate(text.len())?;
        match text {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn bytes<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        if let Source::Bincode(bincode) = &mut self.source {
            let bytes = bincode.bytes()?;
            self.bounds.allocate(bytes.len())?;
            return visitor.visit_borrowed_bytes(bytes);
        }
        self.key = false;
        match self.token()? {
            Token::Bytes(bytes) => {
                self.bounds.allocate(bytes.len())?;
                visitor.visit_borrowed_bytes(bytes)
            }
            Token::Text(text) => {
                self.bounds.allocate(text.len())?;
                match text {
                    Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
                    Cow::Owned(text) => visitor.visit_byte_buf(text.into_bytes()),
                }
            }
            Token::List(count) => self.list(count, visitor),
            _ => Err(not_expected(&visitor)),
        }
    }

    fn unit<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        if matches!(self.source, Source::Bincode(_)) {
            return visitor.visit_unit();
        }
        self.key = false;
        match self.token()? {
            Token::Nil => visitor.visit_unit(),
            _ => Err(not_expected(&visitor)),
        }
    }

    /// The raw text of a JSON value, as `serde_json` asks for it.
    fn raw_json<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        let depth = self.bounds.depth();
        let Source::Json(json) = &mut self.source else { return Err(Fault::said("raw JSON in another format")) };
        json.peek();
        let start = json.at;
        json.skip(depth)?;
        let text = str::from_utf8(&json.body[start..json.at]).map_err(|_| Fault::said("a text is not UTF-8"))?;
        self.bounds.allocate(text.len())?;
        let entry = std::iter::once((RAW_JSON, BorrowedStrDeserializer::new(text)));
        visitor.visit_map(MapDeserializer::new(entry))
    }

    fn skip(&mut self) -> Result<(), Fault> {
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
fn not_described() -> Fault {
    Fault::said(
        "a type asks what comes next, as with serde's `tag`, `untagged` and `flatten`: bincode cannot say, JSON and \
         MessagePack can; use `codec = \"json\"`",
    )
}

macro_rules! numbers {
    ($($method:ident $visit:ident $read:ident,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match &mut self.source {
                Source::Bincode(bincode) => visitor.$visit(bincode.$read()?),
                _ => self.number()?.number(visitor),
            }
        }
    )*};
}

macro_rules! wide {
    ($($method:ident $visit:ident $type:ident,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            if let Source::Bincode(bincode) = &mut self.source {
                return visitor.$visit(bincode.$type()?);
            }
            match self.number()? {
                Token::Decimal(text) => match text.parse() {
                    Ok(number) => visitor.$visit(number),
                    Err(_) => Err(not_expected(&visitor)),
                },
                Token::Bytes(bytes) => match <[u8; 16]>::try_from(bytes) {
                    Ok(bytes) => visitor.$visit($type::from_be_bytes(bytes)),
                    Err(_) => Err(not_expected(&visitor)),
                },
                other => other.number(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Input<'de> {
    type Error = Fault;

    numbers! {
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 byte,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
    }

    wide! {
        deserialize_i128 visit_i128 i128,
        deserialize_u128 visit_u128 u128,
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &mut self.source {
            Source::Bincode(bincode) => visitor.visit_i8(bincode.byte()?.cast_signed()),
            _ => self.number()?.number(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &mut self.source {
            Source::Bincode(bincode) => visitor.visit_f32(f32::from_le_bytes(bincode.array()?)),
            _ => match self.number()? {
                Token::Decimal(text) => visitor.visit_f32(short_float(text)?),
                other => other.number(visitor),
            },
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Source::Bincode(bincode) = &mut self.source {
            return visitor.visit_f64(f64::from_le_bytes(bincode.array()?));
        }
        let token = self.number()?;
        match token.f64()? {
            Some(number) => visitor.visit_f64(number),
            None => token.number(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Source::Bincode(bincode) = &mut self.source {
            return visitor.visit_bool(bincode.bool()?);
        }
        let key = take(&mut self.key);
        match self.token()? {
            Token::Bool(yes) => visitor.visit_bool(yes),
            Token::Text(text) if key && text == "true" => visitor.visit_bool(true),
            Token::Text(text) if key && text == "false" => visitor.visit_bool(false),
            _ => Err(not_expected(&visitor)),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &mut self.source {
            Source::Bincode(bincode) => visitor.visit_char(bincode.char()?),
            _ => self.deserialize_str(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Source::Bincode(bincode) = &mut self.source {
            let text = Cow::Borrowed(bincode.text()?);
            return self.text(text, visitor);
        }
        self.key = false;
        match self.token()? {
            Token::Text(text) => self.text(text, visitor),
            _ => Err(not_expected(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        Input::bytes(self, visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        Input::bytes(self, visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.key = false;
        match self.token()? {
            Token::Nil => visitor.visit_unit(),
            Token::Bool(yes) => visitor.visit_bool(yes),
            Token::Text(text) => self.text(text, visitor),
            Token::Bytes(bytes) => {
                self.bounds.allocate(bytes.len())?;
                visitor.visit_borrowed_bytes(bytes)
            }
            Token::List(count) => self.list(count, visitor),
            Token::Map(count) => self.map(count, visitor, true),
            number => number.number(visitor),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.key = false;
        match self.token()? {
            Token::Text(text) => visitor.visit_str(&text),
            Token::Unsigned(number) => visitor.visit_u64(number),
            _ => Err(not_expected(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.key = false;
        self.skip()?;
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let there = match &mut self.source {
            Source::Bincode(bincode) => bincode.option()?,
            Source::Json(json) => self.key || !json.next_is_nil(),
            Source::MsgPack(msgpack) => !msgpack.next_is_nil(),
        };
        if there {
            return self.deeper::<V::Value, _>(|input| visitor.visit_some(input));
        }
        if !matches!(self.source, Source::Bincode(_)) {
            self.token()?;
        }
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.unit(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        if matches!(self.source, Source::MsgPack(_)) {
            return match self.token()? {
                // As `rmp-serde` writes it.
                Token::Nil | Token::List(Some(0)) => visitor.visit_unit(),
                _ => Err(not_expected(&visitor)),
            };
        }
        self.unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        if name == RAW_JSON {
            return self.raw_json(visitor);
        }
        self.deeper::<V::Value, _>(|input| visitor.visit_newtype_struct(input))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Source::Bincode(bincode) = &mut self.source {
            let claimed = bincode.u64()?;
            let length = self.bounds.claim(claimed)?;
            return self.list(Some(length), visitor);
        }
        self.described_list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        if matches!(self.source, Source::Bincode(_)) {
            return self.parts(length, visitor);
        }
        self.described_list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Source::Bincode(bincode) = &mut self.source {
            let claimed = bincode.u64()?;
            let length = self.bounds.claim(claimed)?;
            return self.map(Some(length), visitor, true);
        }
        self.key = false;
        match self.token()? {
            Token::Map(count) => self.map(count, visitor, true),
            _ => Err(not_expected(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if matches!(self.source, Source::Bincode(_)) {
            self.note(fields);
            return self.parts(fields.len(), visitor);
        }
        self.key = false;
        match self.token()? {
            Token::Map(count) => self.map(count, visitor, false),
            Token::List(count) => self.list(count, visitor),
            _ => Err(not_expected(&visitor)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if let Source::Bincode(bincode) = &mut self.source {
            let index = bincode.u32()?;
            return self.deeper::<V::Value, _>(|input| visitor.visit_enum(access::Numbered { input, index }));
        }
        self.key = false;
        match self.token()? {
            Token::Text(name) => self.deeper::<V::Value, _>(|input| {
                input.bounds.part(size_of::<V::Value>());
                visitor.visit_enum(Named { name: &name, input, content: false })
            }),
            Token::Map(count @ (None | Some(1))) => self.deeper::<V::Value, _>(|input| {
                let name = input.variant_name(count)?;
                let value = visitor.visit_enum(Named { name: &name, input: &mut *input, content: true })?;
                if let Source::Json(json) = &mut input.source {
                    json.close(b'}')?;
                }
                Ok(value)
            }),
            Token::Map(Some(_)) => Err(Fault::invalid_length(0, &"map with a single key")),
            _ => Err(not_expected(&visitor)),
        }
    }

    fn is_human_readable(&self) -> bool {
        !matches!(self.source, Source::Bincode(_))
    }
}

impl<'de> Input<'de> {
    /// The key of a map that holds a variant.
    fn variant_name(&mut self, count: Option<usize>) -> Result<Cow<'de, str>, Fault> {
        match (&mut self.source, count) {
            (Source::Json(json), None) => {
                if !json.goes_on(true, b'}')? {
                    return Err(Fault::invalid_length(0, &"map with a single key"));
                }
                json.quote()?;
                let name = json.rest_of_text()?;
                json.colon()?;
                Ok(name)
            }
            (Source::MsgPack(msgpack), Some(1)) => match msgpack.token()? {
                Token::Text(name) => Ok(name),
                _ => Err(Fault::said("a variant has no name")),
            },
            _ => Err(not_described()),
        }
    }
}
