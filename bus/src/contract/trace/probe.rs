//! The format that only listens: it notes what is asked for and answers with samples.

use std::any::type_name;
use std::cell::RefCell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::super::shape::Shape;
use super::query::{CONTENT, Id, Query, TypeInfo, TypeReader};
use super::state::{Found, NameShown, Step, TraceState};
use super::{names, samples};

/// One place of a type.
#[derive(Clone, Copy)]
pub(super) struct Probe<'b> {
    book: &'b RefCell<TraceState>,
    slot: Id,
}

impl<'b> Probe<'b> {
    /// The type itself.
    pub(super) fn new(book: &'b RefCell<TraceState>) -> Self {
        Self { book, slot: 0 }
    }

    /// A part of this place.
    fn part(self, index: usize, of: TypeInfo) -> Result<Self, Refused> {
        let slot = self.book.borrow_mut().part(self.slot, index, of).ok_or(REFUSED)?;
        Ok(Self { book: self.book, slot })
    }

    /// Something without parts was asked for: the number of the sample to show.
    fn leaf(self, shape: Shape, samples: usize) -> Result<usize, Refused> {
        self.book.borrow_mut().leaf(self.slot, shape, samples).ok_or(REFUSED)
    }

    /// Something with parts was asked for. `read` shows them, and may tell how many were wanted.
    fn whole<T>(
        self,
        ask: Query,
        reader: TypeReader,
        read: impl FnOnce(Self) -> Result<(T, Option<usize>), Refused>,
    ) -> Result<T, Refused> {
        let slot = self.book.borrow_mut().enter(self.slot, ask, reader).ok_or(REFUSED)?;
        let (value, parts) = read(Self { book: self.book, slot })
            .map_or_else(|refused| (Err(refused), None), |(value, parts)| (Ok(value), parts));
        self.book.borrow_mut().leave(slot, parts);
        value
    }

    /// A whole of a fixed number of parts.
    fn fixed<'de, V: Visitor<'de>>(
        self,
        ask: Query,
        reader: TypeReader,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.whole(ask, reader, |of| {
            let keys = of.book.borrow().keys(of.slot);
            if let Some(keys) = keys {
                return Err(of.by_name(keys, visitor));
            }
            let mut parts = Parts { of, read: 0, len };
            let value = visitor.visit_seq(&mut parts)?;
            Ok((value, Some(parts.read)))
        })
    }
}

impl Probe<'_> {
    /// Shows a struct some fields by name and notes how it takes them. The pass ends here.
    fn by_name<'de, V: Visitor<'de>>(self, keys: Vec<Step>, visitor: V) -> Refused {
        let mut steps = Steps { of: self, keys: keys.into_iter(), step: Step::Nobody, found: None };
        let outcome = visitor.visit_map(&mut steps);
        // What is refused on the way to what is tried says nothing of it.
        let found = match (steps.found, outcome) {
            (None, Ok(_)) => Some(Found::Taken),
            (None, Err(Refused(Found::Other))) => None,
            (Some(found), _) | (None, Err(Refused(found))) => Some(found),
        };
        if let Some(found) = found {
            self.book.borrow_mut().find(found);
        }
        REFUSED
    }
}

fn reader<'de, V: Visitor<'de>>() -> TypeReader {
    TypeReader { visitor: type_name::<V>(), value: TypeInfo::of::<V::Value>() }
}

/// A sample was not taken: of what, is of interest only where names are tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused(Found);

/// Not taken, whatever for.
const REFUSED: Refused = Refused(Found::Other);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not taken")
    }
}

impl std::error::Error for Refused {}

impl Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        REFUSED
    }

    fn missing_field(name: &'static str) -> Self {
        Self(Found::Missing(name))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self(Found::Duplicate(name))
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self(Found::Unknown)
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self(Found::Unknown)
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
            let $sample = *samples::$samples.get(number).ok_or(REFUSED)?;
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
        self.whole(Query::Option, reader::<V>(), |of| {
            let value = if of.book.borrow().fill(of.slot) {
                visitor.visit_some(of.part(0, TypeInfo::name(names::inside_option(type_name::<V::Value>())))?)
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
        self.whole(Query::Struct { name, names: None, len: 0, newtype: false }, reader::<V>(), |_| {
            visitor.visit_unit().map(|value| (value, None))
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Refused> {
        self.whole(Query::Struct { name, names: None, len: 1, newtype: true }, reader::<V>(), |of| {
            visitor.visit_newtype_struct(of.part(0, TypeInfo::name(""))?).map(|value| (value, None))
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.whole(Query::Seq, reader::<V>(), |of| {
            let len = usize::from(of.book.borrow().fill(of.slot));
            visitor.visit_seq(Parts { of, read: 0, len }).map(|value| (value, None))
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        self.fixed(Query::Tuple(len), reader::<V>(), len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.fixed(Query::Struct { name, names: None, len, newtype: false }, reader::<V>(), len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.whole(Query::Map, reader::<V>(), |of| {
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
        self.fixed(Query::Struct { name, names: Some(fields), len, newtype: false }, reader::<V>(), len, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.whole(Query::Enum { name, names }, reader::<V>(), |of| {
            let by_name = of.book.borrow().name_to_show(of.slot);
            if let Some(shown) = by_name {
                return visitor.visit_enum(Named { of, shown }).map(|value| (value, None));
            }
            let (index, content) = of.book.borrow_mut().choose(of.slot).ok_or(REFUSED)?;
            let value = visitor.visit_enum(Chosen { of, index, content: Self { book: of.book, slot: content } });
            of.book.borrow_mut().chosen(of.slot, index);
            value.map(|value| (value, None))
        })
    }

    fn is_human_readable(&self) -> bool {
        self.book.borrow().readable()
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
        let part = self.of.part(self.read, TypeInfo::of::<T::Value>())?;
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
        seed.deserialize(self.of.part(0, TypeInfo::of::<K::Value>())?).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        seed.deserialize(self.of.part(1, TypeInfo::of::<V::Value>())?)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - self.read)
    }
}

/// The fields of a struct by name.
struct Steps<'b> {
    of: Probe<'b>,
    keys: std::vec::IntoIter<Step>,
    /// What the value is that comes next.
    step: Step,
    found: Option<Found>,
}

/// A name that no type has.
const NOBODY: &str = "\u{1}no type has this name";

impl<'de> MapAccess<'de> for Steps<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        let Some(step) = self.keys.next() else { return Ok(None) };
        self.step = step;
        let name = match step {
            Step::Field(name, _) | Step::Name(name) => name,
            Step::Nobody => NOBODY,
        };
        seed.deserialize(IntoDeserializer::<'de, Refused>::into_deserializer(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let found = match self.step {
            Step::Field(_, part) => return seed.deserialize(self.of.part(part, TypeInfo::of::<V::Value>())?),
            Step::Name(_) => Found::Taken,
            Step::Nobody if type_name::<V::Value>().ends_with("IgnoredAny") => Found::Skipped,
            Step::Nobody => Found::Other,
        };
        self.found = Some(found);
        Err(REFUSED)
    }
}

/// A variant that is shown by its name.
struct Named<'b> {
    of: Probe<'b>,
    shown: NameShown,
}

impl<'b, 'de> EnumAccess<'de> for Named<'b> {
    type Error = Refused;
    type Variant = Probe<'b>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Probe<'b>), Refused> {
        let name = match self.shown {
            NameShown::Of(name, _) => name,
            NameShown::Nobodys => NOBODY,
        };
        let taken = seed.deserialize(IntoDeserializer::<'de, Refused>::into_deserializer(name));
        match (taken, self.shown) {
            (Ok(variant), NameShown::Of(_, slot)) => Ok((variant, Probe { book: self.of.book, slot })),
            (Ok(_), NameShown::Nobodys) => {
                self.of.book.borrow_mut().find(Found::Taken);
                Err(REFUSED)
            }
            (Err(Refused(found)), _) => {
                self.of.book.borrow_mut().find(found);
                Err(REFUSED)
            }
        }
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
        let index = u32::try_from(self.index).map_err(|_| REFUSED)?;
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
        self.whole(Query::Struct { name: "", names: None, len: 0, newtype: false }, CONTENT, |_| Ok(((), None)))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refused> {
        self.whole(Query::Struct { name: "", names: None, len: 1, newtype: true }, CONTENT, |of| {
            seed.deserialize(of.part(0, TypeInfo::of::<T::Value>())?).map(|value| (value, None))
        })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        self.fixed(Query::Struct { name: "", names: None, len, newtype: false }, CONTENT, len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Refused> {
        let len = fields.len();
        self.fixed(Query::Struct { name: "", names: Some(fields), len, newtype: false }, CONTENT, len, visitor)
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
        Err(REFUSED)
    }
}
