//! The parts of a value: elements, entries, fields, and what a variant holds.

use std::mem::size_of;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::input::{Input, Source};
use super::token::{Token, not_expected};
use crate::codec::fault::Fault;

/// How many elements a reader may make room for before it has seen one.
const ROOM: usize = 64;

/// What an entry of a map takes beside key and value.
const ENTRY: usize = 16;

/// The elements of a list, a tuple or a struct, or the entries of a map.
struct Elements<'a, 'de> {
    input: &'a mut Input<'de>,
    left: Left,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Left {
    /// So many.
    Known(usize),
    /// As many as come before the closing bracket.
    Open { first: bool },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Elements that a list grows by.
    List,
    /// Entries that a map grows by.
    Map,
    /// Fields, by name, of a value that has its place already.
    Fields,
    /// Parts of a value that has its place already.
    Parts,
}

impl<'de> Input<'de> {
    /// Reads a list of which the beginning has been read.
    pub(super) fn list<V: Visitor<'de>>(&mut self, count: Option<usize>, visitor: V) -> Result<V::Value, Fault> {
        self.deeper::<V::Value, _>(|input| {
            let mut elements = Elements::of_list(input, count);
            let value = visitor.visit_seq(&mut elements)?;
            elements.end()?;
            Ok(value)
        })
    }

    /// Reads a map of which the beginning has been read.
    pub(super) fn map<V: Visitor<'de>>(
        &mut self,
        count: Option<usize>,
        visitor: V,
        grows: bool,
    ) -> Result<V::Value, Fault> {
        self.deeper::<V::Value, _>(|input| {
            let mut elements = Elements::of_map(input, count, grows);
            let value = visitor.visit_map(&mut elements)?;
            elements.end()?;
            Ok(value)
        })
    }

    /// Reads what has a fixed number of parts: bincode writes them one after another.
    pub(super) fn parts<V: Visitor<'de>>(&mut self, count: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deeper::<V::Value, _>(|input| visitor.visit_seq(&mut Elements::of_parts(input, count)))
    }

    /// Reads a list of a format that describes itself.
    pub(super) fn described_list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        self.key = false;
        match self.token()? {
            Token::List(count) => self.list(count, visitor),
            _ => Err(not_expected(&visitor)),
        }
    }
}

impl<'a, 'de> Elements<'a, 'de> {
    fn of_list(input: &'a mut Input<'de>, count: Option<usize>) -> Self {
        Self { input, left: Left::of(count), kind: Kind::List }
    }

    fn of_map(input: &'a mut Input<'de>, count: Option<usize>, grows: bool) -> Self {
        Self { input, left: Left::of(count), kind: if grows { Kind::Map } else { Kind::Fields } }
    }

    fn of_parts(input: &'a mut Input<'de>, count: usize) -> Self {
        Self { input, left: Left::Known(count), kind: Kind::Parts }
    }

    /// Whether there is another one, which is then to be read.
    fn next(&mut self) -> Result<bool, Fault> {
        match &mut self.left {
            Left::Known(0) => Ok(false),
            Left::Known(left) => {
                *left -= 1;
                Ok(true)
            }
            Left::Open { first } => {
                let close = if matches!(self.kind, Kind::Map | Kind::Fields) { b'}' } else { b']' };
                let Source::Json(json) = &mut self.input.source else { return Ok(false) };
                let more = json.goes_on(*first, close)?;
                *first = false;
                Ok(more)
            }
        }
    }

    /// Checks that all were taken.
    fn end(self) -> Result<(), Fault> {
        match self.left {
            Left::Known(0) => Ok(()),
            Left::Known(_) => Err(Fault::said("there is more than the type takes")),
            Left::Open { .. } => {
                let close = if matches!(self.kind, Kind::Map | Kind::Fields) { b'}' } else { b']' };
                match &mut self.input.source {
                    Source::Json(json) => json.close(close),
                    _ => Ok(()),
                }
            }
        }
    }

    fn hint(&self) -> Option<usize> {
        match self.left {
            Left::Known(left) => Some(left.min(ROOM)),
            Left::Open { .. } => None,
        }
    }
}

impl Left {
    fn of(count: Option<usize>) -> Self {
        count.map_or(Self::Open { first: true }, Self::Known)
    }
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        if !self.next()? {
            return Ok(None);
        }
        let bytes = size_of::<T::Value>();
        if self.kind == Kind::List {
            self.input.bounds.element(bytes)?;
        } else {
            self.input.bounds.part(bytes);
        }
        seed.deserialize(&mut *self.input).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

impl<'de> MapAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        if !self.next()? {
            return Ok(None);
        }
        let bytes = size_of::<K::Value>();
        if self.kind == Kind::Map {
            self.input.bounds.element(bytes.saturating_add(ENTRY))?;
        }
        self.input.bounds.part(bytes);
        if let Source::Json(json) = &mut self.input.source {
            if json.peek() != Some(b'"') {
                return Err(Fault::said("key must be a string"));
            }
            self.input.key = true;
        }
        let key = seed.deserialize(&mut *self.input);
        self.input.key = false;
        key.map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        if let Source::Json(json) = &mut self.input.source {
            json.colon()?;
        }
        let bytes = size_of::<V::Value>();
        if self.kind == Kind::Map {
            self.input.bounds.element(bytes)?;
        } else {
            self.input.bounds.part(bytes);
        }
        seed.deserialize(&mut *self.input)
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

/// A variant by its number, as bincode has it.
pub(super) struct Numbered<'a, 'de> {
    pub(super) input: &'a mut Input<'de>,
    pub(super) index: u32,
}

impl<'a, 'de> EnumAccess<'de> for Numbered<'a, 'de> {
    type Error = Fault;
    type Variant = Content<'a, 'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'a, 'de>), Fault> {
        // serde calls an index beyond the last variant an invalid value; it is a variant we do not know.
        match seed.deserialize(IntoDeserializer::<'de, Fault>::into_deserializer(self.index)) {
            Ok(variant) => Ok((variant, Content { input: self.input, there: true })),
            Err(_) => Err(Fault::said("unknown variant")),
        }
    }
}

/// A variant by its name.
pub(super) struct Named<'a, 'de> {
    pub(super) name: &'a str,
    pub(super) input: &'a mut Input<'de>,
    /// Whether something stands behind the name.
    pub(super) content: bool,
}

impl<'a, 'de> EnumAccess<'de> for Named<'a, 'de> {
    type Error = Fault;
    type Variant = Content<'a, 'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'a, 'de>), Fault> {
        let variant = seed.deserialize(StrDeserializer::<Fault>::new(self.name))?;
        Ok((variant, Content { input: self.input, there: self.content }))
    }
}

/// What a variant holds.
pub(super) struct Content<'a, 'de> {
    input: &'a mut Input<'de>,
    there: bool,
}

impl<'de> Content<'_, 'de> {
    fn described(&self) -> bool {
        !matches!(self.input.source, Source::Bincode(_))
    }

    /// The beginning of the content in a format that describes itself.
    fn token<V: Visitor<'de>>(&mut self, visitor: &V) -> Result<Token<'de>, Fault> {
        if self.there {
            self.input.token()
        } else {
            Err(Fault::invalid_type(serde::de::Unexpected::UnitVariant, visitor))
        }
    }
}

impl<'de> VariantAccess<'de> for Content<'_, 'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        if self.described() && self.there {
            return match self.input.token()? {
                Token::Nil => Ok(()),
                _ => Err(Fault::invalid_type(serde::de::Unexpected::Other(""), &"unit")),
            };
        }
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        if !self.there {
            return Err(Fault::invalid_type(serde::de::Unexpected::UnitVariant, &"newtype variant"));
        }
        self.input.bounds.part(size_of::<T::Value>());
        seed.deserialize(self.input)
    }

    fn tuple_variant<V: Visitor<'de>>(mut self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        if !self.described() {
            return self.input.parts(length, visitor);
        }
        match self.token(&visitor)? {
            Token::List(count) => self.input.list(count, visitor),
            _ => Err(not_expected(&visitor)),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if !self.described() {
            self.input.note(fields);
            return self.input.parts(fields.len(), visitor);
        }
        match self.token(&visitor)? {
            Token::Map(count) => self.input.map(count, visitor, false),
            Token::List(count) => self.input.list(count, visitor),
            _ => Err(not_expected(&visitor)),
        }
    }
}
