//! The format that only listens: it notes what is asked for and answers with samples.

use std::any::type_name;
use std::cell::RefCell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::super::shape::Shape;
use super::book::{Ask, Book, CONTENT, Id, Reader, Told};
use super::{names, samples};

/// One place of a type.
#[derive(Clone, Copy)]
pub(super) struct Probe<'b> {
    book: &'b RefCell<Book>,
    slot: Id,
}

impl<'b> Probe<'b> {
    /// The type itself.
    pub(super) fn new(book: &'b RefCell<Book>) -> Self {
        Self { book, slot: 0 }
    }

    /// A part of this place.
    fn part(self, index: usize, of: Told) -> Result<Self, Refused> {
        let slot = self.book.borrow_mut().part(self.slot, index, of).ok_or(Refused)?;
        Ok(Self { book: self.book, slot })
    }

    /// Something without parts was asked for: the number of the sample to show.
    fn leaf(self, shape: Shape, samples: usize) -> Result<usize, Refused> {
        self.book.borrow_mut().leaf(self.slot, shape, samples).ok_or(Refused)
    }

    /// Something with parts was asked for. `read` shows them, and may tell how many were wanted.
    fn whole<T>(
        self,
        ask: Ask,
        reader: Reader,
        read: impl FnOnce(Self) -> Result<(T, Option<usize>), Refused>,
    ) -> Result<T, Refused> {
        let slot = self.book.borrow_mut().enter(self.slot, ask, reader).ok_or(Refused)?;
        let (value, parts) = read(Self { book: self.book, slot })
            .map_or_else(|refused| (Err(refused), None), |(value, parts)| (Ok(value), parts));
        self.book.borrow_mut().leave(slot, parts);
        value
    }

    /// A whole of a fixed number of parts.
    fn fixed<'de, V: Visitor<'de>>(
        self,
        ask: Ask,
        reader: Reader,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.whole(ask, reader, |of| {
            let mut parts = Parts { of, read: 0, len };
            let value = visitor.visit_seq(&mut parts)?;
            Ok((value, Some(parts.read)))
        })
    }
}

fn reader<'de, V: Visitor<'de>>() -> Reader {
    Reader { visitor: type_name::<V>(), value: Told::of::<V::Value>() }
}

/// A sample was not taken: what of it is of no interest.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not taken")
    }
}

impl std::error::Error for Refused {}

impl Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $shape:ident $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            let fitting = || samples::NUMBERS.iter().filter_map(|number| <$type>::try_from(*number).ok());
            let number = self.leaf(Shape::$shape, fitting().count())?;
            visitor.$visit(fitting().nth(number).unwrap_or_default())
        }
    )*};
}

macro_rules! listed {
    ($($method:ident $visit:ident $shape:ident $samples:ident $sample:ident $value:expr,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            let number = self.leaf(Shape::$shape, samples::$samples.len())?;
            let $sample = *samples::$samples.get(number).ok_or(Refused)?;
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Refused;

    numbers! {
        deserialize_i8 visit_i8 I8 i8,
        deserialize_i16 visit_i16 I16 i16,
        deserialize_i32 visit_i32 I32 i32,
        deserialize_i64 visit_i64 I64 i64,
        deserialize_i128 visit_i128 I128 i128,
        deserialize_u8 visit_u8 U8 u8,
        deserialize_u16 visit_u16 U16 u16,
        deserialize_u32 visit_u32 U32 u32,
        deserialize_u64 visit_u64 U64 u64,
        deserialize_u128 visit_u128 U128 u128,
    }

    listed! {
        deserialize_bool visit_bool Bool BOOLS sample sample,
        deserialize_f32 visit_f32 F32 SHORT_FLOATS sample sample,
        deserialize_f64 visit_f64 F64 FLOATS sample sample,
        deserialize_char visit_char Char CHARS sample sample,
        deserialize_str visit_str Text TEXTS sample sample,
        deserialize_string visit_string Text TEXTS sample sample.to_owned(),
        deserialize_bytes visit_bytes Bytes BYTES sample &vec![0; sample],
        deserialize_byte_buf visit_byte_buf Bytes BYTES sample vec![0; sample],
    }

    /// bincode has no answer to this, so the place stays opaque whatever is taken; it is tried for
    /// the sake of what comes after it.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.leaf(Shape::Opaque(String::new()), 6)? {
            0 => visitor.visit_unit(),
            1 => visitor.visit_bool(false),
            2 => visitor.visit_u64(1),
            3 => visitor.visit_str("a"),
            4 => visitor.visit_seq(Empty),
            _ => visitor.visit_map(Empty),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.whole(Ask::Option, reader::<V>(), |of| {
            let value = if of.book.borrow().fill(of.slot) {
                visitor.visit_some(of.part(0, Told::name(names::inside_option(type_name::<V::Value>())))?)
            } else {
                visitor.visit_none()
            };
            value.map(|value| (value, None))
        })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf(Shape::Unit, 1)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Refused> {
        self.whole(Ask::Struct { name, names: None, len: 0 }, reader::<V>(), |_| {
            visitor.visit_unit().map(|value| (value, None))
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Refused> {
        self.whole(Ask::Struct { name, names: None, len: 1 }, reader::<V>(), |of| {
            visitor.visit_newtype_struct(of.part(0, Told::name(""))?).map(|value| (value, None))
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.whole(Ask::Seq, reader::<V>(), |of| {
            let len = usize::from(of.book.borrow().fill(of.slot));
            visitor.visit_seq(Parts { of, read: 0, len }).map(|value| (value, None))
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        self.fixed(Ask::Tuple(len), reader::<V>(), len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.fixed(Ask::Struct { name, names: None, len }, reader::<V>(), len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.whole(Ask::Map, reader::<V>(), |of| {
            let len = usize::from(of.book.borrow().fill(of.slot));
            visitor.visit_map(Parts { of, read: 0, len }).map(|value| (value, None))
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let len = fields.len();
        self.fixed(Ask::Struct { name, names: Some(fields), len }, reader::<V>(), len, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.whole(Ask::Enum { name, names }, reader::<V>(), |of| {
            let (index, content) = of.book.borrow_mut().choose(of.slot).ok_or(Refused)?;
            let value = visitor.visit_enum(Chosen { of, index, content: Self { book: of.book, slot: content } });
            of.book.borrow_mut().chosen(of.slot, index);
            value.map(|value| (value, None))
        })
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The parts of a place, one after another.
struct Parts<'b> {
    of: Probe<'b>,
    read: usize,
    len: usize,
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        if self.read == self.len {
            return Ok(None);
        }
        let part = self.of.part(self.read, Told::of::<T::Value>())?;
        self.read += 1;
        seed.deserialize(part).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - self.read)
    }
}

impl<'de> MapAccess<'de> for Parts<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        if self.read == self.len {
            return Ok(None);
        }
        self.read += 1;
        seed.deserialize(self.of.part(0, Told::of::<K::Value>())?).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        seed.deserialize(self.of.part(1, Told::of::<V::Value>())?)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - self.read)
    }
}

/// A variant that was chosen.
struct Chosen<'b> {
    of: Probe<'b>,
    index: usize,
    content: Probe<'b>,
}

impl<'b, 'de> EnumAccess<'de> for Chosen<'b> {
    type Error = Refused;
    type Variant = Probe<'b>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Probe<'b>), Refused> {
        let index = u32::try_from(self.index).map_err(|_| Refused)?;
        match seed.deserialize(IntoDeserializer::<'de, Refused>::into_deserializer(index)) {
            Ok(variant) => Ok((variant, self.content)),
            Err(refused) => {
                self.of.book.borrow_mut().missing(self.of.slot, self.index);
                Err(refused)
            }
        }
    }
}

/// The content of a variant is noted as a struct without a name.
impl<'de> VariantAccess<'de> for Probe<'_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        self.whole(Ask::Struct { name: "", names: None, len: 0 }, CONTENT, |_| Ok(((), None)))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refused> {
        self.whole(Ask::Struct { name: "", names: None, len: 1 }, CONTENT, |of| {
            seed.deserialize(of.part(0, Told::of::<T::Value>())?).map(|value| (value, None))
        })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        self.fixed(Ask::Struct { name: "", names: None, len }, CONTENT, len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Refused> {
        let len = fields.len();
        self.fixed(Ask::Struct { name: "", names: Some(fields), len }, CONTENT, len, visitor)
    }
}

/// A list or map without anything in it.
struct Empty;

impl<'de> SeqAccess<'de> for Empty {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, _: T) -> Result<Option<T::Value>, Refused> {
        Ok(None)
    }
}

impl<'de> MapAccess<'de> for Empty {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, _: K) -> Result<Option<K::Value>, Refused> {
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, _: V) -> Result<V::Value, Refused> {
        Err(Refused)
    }
}
