//! What a value means, and whether what was read is what was meant: a model that knows nothing of
//! shapes. Also compiled into the crate of generated pairs.

use std::fmt;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// A value as a tree. What a name means is a number that two versions of a type share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Nothing,
    Bool(bool),
    Int(i128),
    /// Beyond what `Int` holds.
    Large(u128),
    Short(f32),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Maybe(Option<Box<Tree>>),
    Row(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
    Fields(Vec<(u32, Tree)>),
    Variant(u32, Box<Tree>),
}

/// What names mean: the name of a type, the name of a field or variant of it, the meaning.
pub(crate) type Meanings = fn(&str, &str) -> u32;

/// The tree of a value.
pub(crate) fn tree<T: Serialize + ?Sized>(value: &T, meanings: Meanings) -> Tree {
    value.serialize(Planter { meanings }).unwrap_or(Tree::Nothing)
}

/// Whether a value that was read is the one that was written.
pub(crate) fn is_meant(written: &Tree, read: &Tree) -> bool {
    match (written, read) {
        (Tree::Nothing | Tree::Maybe(None), Tree::Nothing | Tree::Maybe(None)) => true,
        (Tree::Maybe(Some(one)), Tree::Maybe(Some(two))) => is_meant(one, two),
        (Tree::Maybe(Some(one)), two) => is_meant(one, two),
        (one, Tree::Maybe(Some(two))) => is_meant(one, two),
        (Tree::Int(one), Tree::Short(two)) => same_number(*one, f64::from(*two)),
        (Tree::Int(one), Tree::Float(two)) => same_number(*one, *two),
        // There and back is the same.
        (Tree::Short(one), Tree::Float(two)) => (*two as f32).to_bits() == one.to_bits(),
        (Tree::Short(one), Tree::Short(two)) => one.to_bits() == two.to_bits(),
        (Tree::Float(one), Tree::Float(two)) => one.to_bits() == two.to_bits(),
        (Tree::Float(one), Tree::Short(two)) => f64::from(*two).to_bits() == one.to_bits(),
        (Tree::Bytes(one), Tree::Row(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| *two == Tree::Int(i128::from(*one)))
        }
        (Tree::Row(one), Tree::Row(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| is_meant(one, two))
        }
        (Tree::Map(one), Tree::Map(two)) => {
            one.len() == two.len()
                && one
                    .iter()
                    .all(|(key, value)| two.iter().any(|(other, found)| is_meant(key, other) && is_meant(value, found)))
        }
        // What only one of the two sides has is lost or a default, as whoever changed it wanted.
        (Tree::Fields(one), Tree::Fields(two)) => one.iter().all(|(meaning, value)| {
            two.iter().find(|(other, _)| other == meaning).is_none_or(|(_, found)| is_meant(value, found))
        }),
        (Tree::Variant(one, value), Tree::Variant(two, found)) => {
            (one == two && is_meant(value, found)) || *two == OTHER
        }
        (one, two) => one == two,
    }
}

/// The meaning of a variant that stands for all that a reader does not know.
pub(crate) const OTHER: u32 = u32::MAX;

fn same_number(whole: i128, float: f64) -> bool {
    whole as f64 == float && float as i128 == whole
}

#[derive(Clone, Copy)]
struct Planter {
    meanings: Meanings,
}

/// No value: a type that refuses to be written.
#[derive(Debug)]
pub(crate) struct NoTree;

impl fmt::Display for NoTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no tree")
    }
}

impl std::error::Error for NoTree {}

impl Error for NoTree {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! whole {
    ($($method:ident $type:ty,)*) => {$(
        fn $method(self, value: $type) -> Result<Tree, NoTree> {
            Ok(Tree::Int(i128::from(value)))
        }
    )*};
}

impl Serializer for Planter {
    type Ok = Tree;
    type Error = NoTree;
    type SerializeSeq = Growing;
    type SerializeTuple = Growing;
    type SerializeTupleStruct = Growing;
    type SerializeTupleVariant = Growing;
    type SerializeMap = Growing;
    type SerializeStruct = Growing;
    type SerializeStructVariant = Growing;

    whole! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
    }

    fn serialize_u128(self, value: u128) -> Result<Tree, NoTree> {
        Ok(i128::try_from(value).map_or(Tree::Large(value), Tree::Int))
    }

    fn serialize_bool(self, value: bool) -> Result<Tree, NoTree> {
        Ok(Tree::Bool(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Tree, NoTree> {
        Ok(Tree::Short(value))
    }

    fn serialize_f64(self, value: f64) -> Result<Tree, NoTree> {
        Ok(Tree::Float(value))
    }

    fn serialize_char(self, value: char) -> Result<Tree, NoTree> {
        Ok(Tree::Text(value.into()))
    }

    fn serialize_str(self, value: &str) -> Result<Tree, NoTree> {
        Ok(Tree::Text(value.into()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Tree, NoTree> {
        Ok(Tree::Bytes(value.into()))
    }

    fn serialize_none(self) -> Result<Tree, NoTree> {
        Ok(Tree::Maybe(None))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Tree, NoTree> {
        Ok(Tree::Maybe(Some(Box::new(value.serialize(self)?))))
    }

    fn serialize_unit(self) -> Result<Tree, NoTree> {
        Ok(Tree::Nothing)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Tree, NoTree> {
        Ok(Tree::Nothing)
    }

    fn serialize_unit_variant(self, name: &'static str, _: u32, variant: &'static str) -> Result<Tree, NoTree> {
        Ok(Tree::Variant((self.meanings)(name, variant), Box::new(Tree::Nothing)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Tree, NoTree> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Tree, NoTree> {
        Ok(Tree::Variant((self.meanings)(name, variant), Box::new(value.serialize(self)?)))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Growing, NoTree> {
        Ok(Growing::new(self, "", Grown::Row))
    }

    fn serialize_tuple(self, _: usize) -> Result<Growing, NoTree> {
        Ok(Growing::new(self, "", Grown::Row))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Growing, NoTree> {
        Ok(Growing::new(self, "", Grown::Row))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Growing, NoTree> {
        Ok(Growing::new(self, name, Grown::RowOf(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Growing, NoTree> {
        Ok(Growing::new(self, "", Grown::Map))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Growing, NoTree> {
        Ok(Growing::new(self, name, Grown::Fields))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Growing, NoTree> {
        Ok(Growing::new(self, name, Grown::FieldsOf(variant)))
    }
}

enum Grown {
    Row,
    RowOf(&'static str),
    Map,
    Fields,
    FieldsOf(&'static str),
}

/// A tree with branches to come.
struct Growing {
    planter: Planter,
    name: &'static str,
    grown: Grown,
    parts: Vec<Tree>,
    entries: Vec<(Tree, Tree)>,
    fields: Vec<(u32, Tree)>,
    key: Option<Tree>,
}

impl Growing {
    fn new(planter: Planter, name: &'static str, grown: Grown) -> Self {
        Self { planter, name, grown, parts: Vec::new(), entries: Vec::new(), fields: Vec::new(), key: None }
    }

    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoTree> {
        self.parts.push(value.serialize(self.planter)?);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), NoTree> {
        // Fields of variants mean what they mean in all variants of that name.
        let meaning = match self.grown {
            Grown::FieldsOf(variant) => (self.planter.meanings)(self.name, &format!("{variant}.{name}")),
            _ => (self.planter.meanings)(self.name, name),
        };
        self.fields.push((meaning, value.serialize(self.planter)?));
        Ok(())
    }

    fn tree(self) -> Tree {
        let variant = |name: &str, tree| Tree::Variant((self.planter.meanings)(self.name, name), Box::new(tree));
        match self.grown {
            Grown::Row => Tree::Row(self.parts),
            Grown::Map => Tree::Map(self.entries),
            Grown::Fields => Tree::Fields(self.fields),
            Grown::RowOf(name) => variant(name, Tree::Row(self.parts)),
            Grown::FieldsOf(name) => variant(name, Tree::Fields(self.fields)),
        }
    }
}

macro_rules! parts {
    ($($trait:ident $method:ident,)*) => {$(
        impl $trait for Growing {
            type Ok = Tree;
            type Error = NoTree;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoTree> {
                self.part(value)
            }

            fn end(self) -> Result<Tree, NoTree> {
                Ok(self.tree())
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

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl $trait for Growing {
            type Ok = Tree;
            type Error = NoTree;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), NoTree> {
                self.field(name, value)
            }

            fn end(self) -> Result<Tree, NoTree> {
                Ok(self.tree())
            }
        }
    )*};
}

fields!(SerializeStruct SerializeStructVariant);

impl SerializeMap for Growing {
    type Ok = Tree;
    type Error = NoTree;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoTree> {
        self.key = Some(key.serialize(self.planter)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoTree> {
        let key = self.key.take().unwrap_or(Tree::Nothing);
        self.entries.push((key, value.serialize(self.planter)?));
        Ok(())
    }

    fn end(self) -> Result<Tree, NoTree> {
        Ok(self.tree())
    }
}
