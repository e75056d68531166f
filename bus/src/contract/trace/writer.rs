//! The format that writes nothing: it notes what a value would write.

use std::cell::RefCell;
use std::fmt;

use serde::Serialize;
use serde::ser::{
    Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

use super::super::table::TypeShape;
use super::record::{Place, Record, Whole};

/// One place of a value.
#[derive(Clone, Copy)]
pub(super) struct Writer<'r> {
    record: &'r RefCell<Record>,
    place: Place,
    readable: bool,
}

impl<'r> Writer<'r> {
    /// The value itself.
    pub(super) fn new(record: &'r RefCell<Record>, readable: bool) -> Self {
        Self { record, place: 0, readable }
    }

    fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    fn leaf(self, shape: &TypeShape) -> Result<(), Stop> {
        if self.record.borrow_mut().leaf(self.place, shape) { Ok(()) } else { Err(Stop) }
    }

    fn enter(self, whole: Whole) -> Result<Self, Stop> {
        let place = self.record.borrow_mut().enter(self.place, whole).ok_or(Stop)?;
        Ok(self.at(place))
    }

    fn leave(self) {
        self.record.borrow_mut().leave();
    }

    fn part<T: Serialize + ?Sized>(self, index: usize, value: &T) -> Result<(), Stop> {
        let place = self.record.borrow().part(self.place, index).ok_or(Stop)?;
        self.value(place, value)
    }

    fn value<T: Serialize + ?Sized>(self, place: Place, value: &T) -> Result<(), Stop> {
        self.record.borrow_mut().tell::<T>(place);
        value.serialize(self.at(place))
    }

    fn variant(self, name: &'static str, index: u32, variant: &'static str, content: Whole) -> Result<Self, Stop> {
        let of = self.enter(Whole::Enum(name))?;
        let place = self.record.borrow_mut().variant(of.place, index, variant).ok_or(Stop)?;
        self.at(place).enter(content)
    }
}

/// The value cannot be written, or is not looked at any further.
#[derive(Debug)]
pub(super) struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not written")
    }
}

impl std::error::Error for Stop {}

impl Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! leaves {
    ($($method:ident $type:ty => $shape:ident,)*) => {$(
        fn $method(self, _: $type) -> Result<(), Stop> {
            self.leaf(&TypeShape::$shape)
        }
    )*};
}

impl<'r> Serializer for Writer<'r> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Parts<'r>;
    type SerializeTuple = Parts<'r>;
    type SerializeTupleStruct = Parts<'r>;
    type SerializeTupleVariant = Parts<'r>;
    type SerializeMap = Parts<'r>;
    type SerializeStruct = Fields<'r>;
    type SerializeStructVariant = Fields<'r>;

    leaves! {
        serialize_bool bool => Bool,
        serialize_i8 i8 => I8,
        serialize_i16 i16 => I16,
        serialize_i32 i32 => I32,
        serialize_i64 i64 => I64,
        serialize_i128 i128 => I128,
        serialize_u8 u8 => U8,
        serialize_u16 u16 => U16,
        serialize_u32 u32 => U32,
        serialize_u64 u64 => U64,
        serialize_u128 u128 => U128,
        serialize_f32 f32 => F32,
        serialize_f64 f64 => F64,
        serialize_char char => Char,
        serialize_str &str => Text,
        serialize_bytes &[u8] => Bytes,
    }

    fn serialize_none(self) -> Result<(), Stop> {
        self.enter(Whole::Option)?.leave();
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        let of = self.enter(Whole::Option)?;
        of.part(0, value)?;
        of.leave();
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Stop> {
        self.leaf(&TypeShape::Unit)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Stop> {
        self.enter(Whole::UnitStruct(name))?.leave();
        Ok(())
    }

    fn serialize_unit_variant(self, name: &'static str, index: u32, variant: &'static str) -> Result<(), Stop> {
        self.variant(name, index, variant, Whole::UnitStruct(""))?.leave();
        self.leave();
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Stop> {
        let of = self.enter(Whole::Newtype(name))?;
        of.part(0, value)?;
        of.leave();
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        let of = self.variant(name, index, variant, Whole::Newtype(""))?;
        of.part(0, value)?;
        of.leave();
        self.leave();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'r>, Stop> {
        Ok(Parts { of: self.enter(Whole::List)?, next: 0, levels: 1 })
    }

    fn serialize_tuple(self, len: usize) -> Result<Parts<'r>, Stop> {
        Ok(Parts { of: self.enter(Whole::Tuple(len))?, next: 0, levels: 1 })
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Parts<'r>, Stop> {
        Ok(Parts { of: self.enter(Whole::TupleStruct(name, len))?, next: 0, levels: 1 })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Parts<'r>, Stop> {
        let of = self.variant(name, index, variant, Whole::TupleStruct("", len))?;
        Ok(Parts { of, next: 0, levels: 2 })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'r>, Stop> {
        Ok(Parts { of: self.enter(Whole::Map)?, next: 0, levels: 1 })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'r>, Stop> {
        Ok(Fields::of(self.enter(Whole::Struct(name))?, 1))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'r>, Stop> {
        Ok(Fields::of(self.variant(name, index, variant, Whole::Struct(""))?, 2))
    }

    fn is_human_readable(&self) -> bool {
        self.readable
    }
}

/// What is written one after another.
pub(super) struct Parts<'r> {
    of: Writer<'r>,
    next: usize,
    /// How many levels end with it.
    levels: usize,
}

impl Parts<'_> {
    fn end_levels(self) {
        (0..self.levels).for_each(|_| self.of.leave());
    }
}

macro_rules! parts {
    ($($trait:ident $method:ident,)*) => {$(
        impl $trait for Parts<'_> {
            type Ok = ();
            type Error = Stop;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.next += 1;
                self.of.part(self.next - 1, value)
            }

            fn end(self) -> Result<(), Stop> {
                self.end_levels();
                Ok(())
            }
        }
    )*};
}

parts! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        self.of.part(0, key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.of.part(1, value)
    }

    fn end(self) -> Result<(), Stop> {
        self.end_levels();
        Ok(())
    }
}

/// Fields that are written by name.
pub(super) struct Fields<'r> {
    of: Writer<'r>,
    next: usize,
    first: bool,
    written: Vec<&'static str>,
    levels: usize,
}

impl<'r> Fields<'r> {
    fn of(of: Writer<'r>, levels: usize) -> Self {
        let first = of.record.borrow().is_first(of.place);
        Self { of, next: 0, first, written: Vec::new(), levels }
    }

    fn place(&mut self, name: &'static str) -> Result<Place, Stop> {
        let (position, place) =
            self.of.record.borrow_mut().field(self.of.place, name, self.next, self.first).ok_or(Stop)?;
        self.next = position + 1;
        Ok(place)
    }

    fn write<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
        let place = self.place(name)?;
        self.written.push(name);
        self.of.value(place, value)
    }

    fn finish(self) {
        self.of.record.borrow_mut().fields_written(self.of.place, &self.written);
        (0..self.levels).for_each(|_| self.of.leave());
    }
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl $trait for Fields<'_> {
            type Ok = ();
            type Error = Stop;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
                self.write(name, value)
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), Stop> {
                self.place(name).map(drop)
            }

            fn end(self) -> Result<(), Stop> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

fields!(SerializeStruct SerializeStructVariant);
