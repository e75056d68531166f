//! What a type asks for, answered from the body.

use std::borrow::Cow;
use std::mem::{size_of, take};

use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde::de::{Deserializer, Error as _, Visitor};

use super::access::{Named, Numbered};
use super::input::{Input, Source, not_described};
use super::token::{Token, not_expected, short_float};
use crate::codec::fault::Fault;
use crate::codec::kind::RAW_JSON;

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

impl<'de> Input<'de> {
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
            return self.deeper::<V::Value, _>(|input| visitor.visit_enum(Numbered { input, index }));
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
