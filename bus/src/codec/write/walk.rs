//! What a type says of itself, written into a body.

use serde::ser::{Serialize, Serializer};

use super::formats::{json, msgpack, number};
use super::output::Output;
use super::parts::{Kind, Parts};
use crate::codec::fault::Fault;
use crate::codec::kind::{Codec, RAW_JSON};

/// How `serde_json` names a number that it keeps as a text.
const RAW_NUMBER: &str = "$serde_json::private::Number";

/// How `rmp-serde` names an extension type.
const EXTENSION: &str = "_ExtStruct";

/// Whether a type is the one that serde calls so.
fn is_named(of: &str, name: &str) -> bool {
    of.strip_suffix(name).is_some_and(|path| path.is_empty() || path.ends_with("::"))
}

macro_rules! whole {
    ($($method:ident $type:ident $bincode:ident $msgpack:ident $wide:ty,)*) => {$(
        fn $method(self, value: $type) -> Result<(), Fault> {
            if stringify!($type) != self.of {
                self.seen.leaf(self.of, self.within, concat!(stringify!($type), " "));
            }
            if self.digested(b'n', &i128::from(value).to_le_bytes()) {
                return Ok(());
            }
            match self.codec {
                Codec::Bincode => number::$bincode(self.body, value),
                Codec::Json => self.quoted(|body| json::whole(body, value)),
                Codec::MsgPack => msgpack::$msgpack(self.body, <$wide>::from(value)),
            }
            Ok(())
        }
    )*};
}

macro_rules! wide {
    ($($method:ident $type:ident,)*) => {$(
        fn $method(self, value: $type) -> Result<(), Fault> {
            // Not every way of reading has a word for numbers of 128 bits, such as that behind
            // serde's `flatten`.
            if self.codec != Codec::Bincode {
                self.seen.doubt();
            }
            self.seen.leaf(self.of, self.within, stringify!($type));
            if let Some(digest) = &mut self.digest {
                digest.wide(&value.to_le_bytes());
                return Ok(());
            }
            match self.codec {
                Codec::Bincode => number::$type(self.body, value),
                Codec::Json => self.quoted(|body| json::whole(body, value)),
                Codec::MsgPack => msgpack::bytes(self.body, &value.to_be_bytes())?,
            }
            Ok(())
        }
    )*};
}

macro_rules! float {
    ($($method:ident $type:ident $mark:literal,)*) => {$(
        fn $method(self, value: $type) -> Result<(), Fault> {
            if stringify!($type) != self.of {
                self.seen.leaf(self.of, self.within, stringify!($type));
            }
            // Widening keeps every value apart, one that is no number included.
            if self.digested(b'f', &f64::from(value).to_bits().to_le_bytes()) {
                return Ok(());
            }
            match self.codec {
                Codec::Bincode => self.body.extend_from_slice(&value.to_le_bytes()),
                Codec::Json if !value.is_finite() => {
                    return Err(Fault::said("a float is infinite or no number, which JSON has no word for"));
                }
                Codec::Json => self.quoted(|body| json::$type(body, value)),
                Codec::MsgPack => {
                    self.body.push($mark);
                    self.body.extend_from_slice(&value.to_be_bytes());
                }
            }
            Ok(())
        }
    )*};
}

impl<'o, 'b> Serializer for &'o mut Output<'b> {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Parts<'o, 'b>;
    type SerializeTuple = Parts<'o, 'b>;
    type SerializeTupleStruct = Parts<'o, 'b>;
    type SerializeTupleVariant = Parts<'o, 'b>;
    type SerializeMap = Parts<'o, 'b>;
    type SerializeStruct = Parts<'o, 'b>;
    type SerializeStructVariant = Parts<'o, 'b>;

    whole! {
        serialize_i8 i8 i8 signed i64,
        serialize_i16 i16 i16 signed i64,
        serialize_i32 i32 i32 signed i64,
        serialize_i64 i64 i64 signed i64,
        serialize_u8 u8 u8 unsigned u64,
        serialize_u16 u16 u16 unsigned u64,
        serialize_u32 u32 u32 unsigned u64,
        serialize_u64 u64 u64 unsigned u64,
    }

    wide! {
        serialize_i128 i128,
        serialize_u128 u128,
    }

    float! {
        serialize_f32 f32 0xca,
        serialize_f64 f64 0xcb,
    }

    fn serialize_bool(self, value: bool) -> Result<(), Fault> {
        if self.of != "bool" {
            self.seen.leaf(self.of, self.within, "bool");
        }
        if self.digested(b'b', &[value.into()]) {
            return Ok(());
        }
        match self.codec {
            Codec::Bincode => self.body.push(value.into()),
            Codec::Json => {
                self.quoted(|body| body.extend_from_slice(if value { b"true" } else { b"false" }));
            }
            Codec::MsgPack => self.body.push(if value { 0xc3 } else { 0xc2 }),
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Fault> {
        if self.of != "char" {
            self.seen.leaf(self.of, self.within, "char");
        }
        let mut bytes = [0; 4];
        let text = value.encode_utf8(&mut bytes);
        if self.codec == Codec::Bincode && self.digest.is_none() {
            self.body.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        self.text(text)
    }

    fn serialize_str(self, value: &str) -> Result<(), Fault> {
        if self.of != "alloc::string::String" {
            self.seen.text(self.of, self.within, value);
        }
        if std::mem::take(&mut self.raw) && self.digest.is_none() {
            self.body.extend_from_slice(value.as_bytes());
            return Ok(());
        }
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Fault> {
        self.seen.leaf(self.of, self.within, "bytes");
        self.no_key()?;
        if self.digested(b'y', value) {
            return Ok(());
        }
        match self.codec {
            Codec::Bincode => {
                number::u64(self.body, value.len() as u64);
                self.body.extend_from_slice(value);
                Ok(())
            }
            Codec::Json => {
                json::bytes(self.body, value);
                Ok(())
            }
            Codec::MsgPack => msgpack::bytes(self.body, value),
        }
    }

    fn serialize_none(self) -> Result<(), Fault> {
        if !self.of.starts_with("core::option::Option<") {
            self.seen.leaf(self.of, self.within, "none");
        }
        if self.codec == Codec::Bincode && self.digest.is_none() {
            self.body.push(0);
            return Ok(());
        }
        self.nil(b'0')
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        self.enter()?;
        if !self.of.starts_with("core::option::Option<") {
            self.seen.leaf(self.of, self.within, "some");
        }
        let start = self.body.len();
        if let Some(digest) = &mut self.digest {
            digest.name(b'1', "");
        } else if self.codec == Codec::Bincode {
            self.body.push(1);
        }
        self.inner(value)?;
        if self.digest.is_none() && matches!(&self.body[start..], b"null" | b"\xc0") && self.codec != Codec::Bincode {
            return Err(Fault::said("an option holds what is written as nothing is, such as another empty option"));
        }
        self.leave();
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        if self.of != "()" {
            self.seen.leaf(self.of, self.within, "unit");
        }
        self.nil(b'u')
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Fault> {
        self.seen.leaf(self.of, self.within, name);
        if self.codec == Codec::MsgPack && self.digest.is_none() {
            self.body.push(0x90);
            return Ok(());
        }
        self.nil(b'u')
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, variant: &'static str) -> Result<(), Fault> {
        self.enter()?;
        self.variant(index, variant, false)?;
        self.leave();
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Fault> {
        if name == EXTENSION {
            return Err(Fault::said("an extension type of MessagePack, which serde has no word for"));
        }
        self.enter()?;
        if !is_named(self.of, name) {
            self.seen.leaf(self.of, self.within, name);
        }
        self.inner(value)?;
        self.leave();
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.enter()?;
        self.variant(index, variant, true)?;
        self.inner(value)?;
        if self.codec == Codec::Json && self.digest.is_none() {
            self.body.push(b'}');
        }
        self.leave();
        Ok(())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Parts<'o, 'b>, Fault> {
        Parts::begin(self, Kind::List, length)
    }

    fn serialize_tuple(self, length: usize) -> Result<Parts<'o, 'b>, Fault> {
        Parts::begin(self, Kind::Tuple, Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Parts<'o, 'b>, Fault> {
        Parts::begin(self, Kind::Tuple, Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Parts<'o, 'b>, Fault> {
        self.enter()?;
        self.variant(index, variant, true)?;
        Parts::begin(self, Kind::TupleVariant, Some(length))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Parts<'o, 'b>, Fault> {
        Parts::begin(self, Kind::Map, length)
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Parts<'o, 'b>, Fault> {
        if name == RAW_JSON || name == RAW_NUMBER {
            if self.codec != Codec::Json {
                return Err(Fault::said("raw JSON, which only JSON carries; use `codec = \"json\"`"));
            }
            self.no_key()?;
            if name == RAW_NUMBER {
                self.seen.doubt();
            }
            return Parts::begin(self, Kind::Raw, Some(length));
        }
        Parts::begin(self, Kind::Struct, Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Parts<'o, 'b>, Fault> {
        self.enter()?;
        self.variant(index, variant, true)?;
        Parts::begin(self, Kind::StructVariant, Some(length))
    }

    fn is_human_readable(&self) -> bool {
        self.codec != Codec::Bincode
    }
}
