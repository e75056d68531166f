//! bincode 2 in its `standard` configuration, with bounds on what a body can make us do.
//!
//! bincode reads and writes the numbers and texts. The walk through serde's data model on the
//! way in is our own: bincode's has no bound on nesting or on elements that take no bytes,
//! allocates whatever length a text claims, and its errors neither say where nor keep the
//! payload to themselves.

use std::fmt;

use ::bincode::config::{Configuration, standard};
use ::bincode::de::read::{BorrowReader, Reader};
use ::bincode::de::{BorrowDecoder as _, DecoderImpl};
use ::bincode::error::{DecodeError, EncodeError};
use ::bincode::serde::EncodeError as SerdeEncodeError;
use ::bincode::{BorrowDecode, Decode};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::bounds::{Budget, DEPTH};
use super::error::{REFUSED, complaint};

/// Appends a value.
pub(super) fn encode<T: serde::Serialize + ?Sized>(value: &T, body: &mut Vec<u8>) -> Result<(), String> {
    ::bincode::serde::encode_into_std_write(value, body, standard()).map(drop).map_err(|cause| match cause {
        EncodeError::Serde(SerdeEncodeError::SequenceMustHaveLength) => {
            "a list or map does not know its length, as with serde's `flatten`".into()
        }
        EncodeError::InvalidPathCharacters => "a path is not UTF-8".into(),
        EncodeError::InvalidSystemTime { .. } => "a time is before 1970".into(),
        _ => REFUSED.into(),
    })
}

/// A body, and what of it is not read yet.
pub(super) struct Input<'de> {
    decoder: DecoderImpl<Rest<'de>, Configuration, ()>,
    total: usize,
    budget: Budget,
}

impl<'de> Input<'de> {
    /// The whole of a body.
    pub(super) fn new(body: &'de [u8]) -> Self {
        Self {
            decoder: DecoderImpl::new(Rest(body), standard(), ()),
            total: body.len(),
            budget: Budget::new(body.len()),
        }
    }

    /// Takes the next value.
    pub(super) fn value<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        T::deserialize(&mut *self).map_err(|fault| {
            let at = self.total - self.left();
            format!("{fault} at byte {at}")
        })
    }

    /// Checks that every byte was used.
    pub(super) fn finish(mut self) -> Result<(), String> {
        match self.left() {
            0 => Ok(()),
            1 => Err("1 byte is left over".into()),
            left => Err(format!("{left} bytes are left over")),
        }
    }

    fn left(&mut self) -> usize {
        self.decoder.borrow_reader().0.len()
    }

    /// Reads what bincode knows how to read by itself.
    fn read<T: Decode<()>>(&mut self) -> Result<T, Fault> {
        T::decode(&mut self.decoder).map_err(Fault::from)
    }

    /// Borrows a text or bytes: a claimed length beyond the body fails before it is allocated.
    fn borrow<T: BorrowDecode<'de, ()>>(&mut self) -> Result<T, Fault> {
        T::borrow_decode(&mut self.decoder).map_err(Fault::from)
    }

    /// Reads the length of a list.
    fn length(&mut self) -> Result<usize, Fault> {
        let claimed = self.read()?;
        self.budget.claim(claimed).ok_or_else(|| Fault("a list claims more elements than its body can hold".into()))
    }

    /// Does something a level deeper.
    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if !self.budget.enter() {
            return Err(Fault(format!("values are nested more than {DEPTH} deep")));
        }
        let outcome = inside(self);
        self.budget.leave();
        outcome
    }

    fn elements<V: Visitor<'de>>(&mut self, left: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deeper(|input| visitor.visit_seq(Elements { input, left }))
    }
}

/// The unread part of a body, in a form that bincode reads from and that tells its length.
struct Rest<'de>(&'de [u8]);

impl Reader for Rest<'_> {
    #[inline]
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError> {
        bytes.copy_from_slice(self.take_bytes(bytes.len())?);
        Ok(())
    }

    #[inline]
    fn peek_read(&mut self, count: usize) -> Option<&[u8]> {
        self.0.get(..count)
    }

    #[inline]
    fn consume(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }
}

impl<'de> BorrowReader<'de> for Rest<'de> {
    #[inline]
    fn take_bytes(&mut self, count: usize) -> Result<&'de [u8], DecodeError> {
        let Some((taken, rest)) = self.0.split_at_checked(count) else {
            return Err(DecodeError::UnexpectedEnd { additional: count - self.0.len() });
        };
        self.0 = rest;
        Ok(taken)
    }
}

/// Why a body cannot be read, in words without payload.
#[derive(Debug)]
pub(super) struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(REFUSED.into())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(complaint("invalid type", &expected))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(complaint("invalid value", &expected))
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self(complaint("invalid length", &expected))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self("unknown variant".into())
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self("unknown field".into())
    }

    fn missing_field(field: &'static str) -> Self {
        Self(format!("missing field `{field}`"))
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self("duplicate field".into())
    }
}

impl From<DecodeError> for Fault {
    fn from(cause: DecodeError) -> Self {
        Self(match cause {
            DecodeError::UnexpectedEnd { .. } => "the body ends too early".into(),
            DecodeError::InvalidIntegerType { expected, .. } => {
                format!("a number is too large, expected {}", format!("{expected:?}").to_lowercase())
            }
            DecodeError::OutsideUsizeRange(_) => "a length is too large for this machine".into(),
            DecodeError::InvalidBooleanValue(_) => "invalid value, expected a boolean".into(),
            DecodeError::InvalidCharEncoding(_) => "invalid value, expected a character".into(),
            DecodeError::Utf8 { .. } => "a text is not UTF-8".into(),
            _ => REFUSED.into(),
        })
    }
}

/// The answer to types that read whatever comes: bincode's bytes do not say what they are.
fn not_described<T>() -> Result<T, Fault> {
    Err(Fault("a type asks what comes next, as with serde's `tag`, `untagged` and `flatten`: only JSON can say".into()))
}

macro_rules! plain {
    ($($method:ident $visit:ident $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.read::<$type>()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Input<'de> {
    type Error = Fault;

    plain! {
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128,
        deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64,
        deserialize_char visit_char char,
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        not_described()
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        not_described()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        not_described()
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.borrow()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_string(self.borrow::<&str>()?.to_owned())
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_bytes(self.borrow()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_byte_buf(self.borrow::<&[u8]>()?.to_owned())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.read::<u8>()? {
            0 => visitor.visit_none(),
            1 => self.deeper(|input| visitor.visit_some(input)),
            _ => Err(Fault(complaint("invalid value", &"option"))),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        self.deeper(|input| visitor.visit_newtype_struct(input))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let length = self.length()?;
        self.elements(length, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.elements(length, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.elements(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let left = self.length()?;
        self.deeper(|input| visitor.visit_map(Elements { input, left }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.elements(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deeper(|input| visitor.visit_enum(input))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The elements of a list, a tuple or a struct, or the entries of a map.
struct Elements<'a, 'de> {
    input: &'a mut Input<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.input).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(&mut *self.input)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> EnumAccess<'de> for &mut Input<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let index: u32 = self.read()?;
        // serde calls an index beyond the last variant an invalid value; it is a variant we do not know.
        match seed.deserialize(IntoDeserializer::<'de, Fault>::into_deserializer(index)) {
            Ok(variant) => Ok((variant, self)),
            Err(_) => Err(Fault("unknown variant".into())),
        }
    }
}

impl<'de> VariantAccess<'de> for &mut Input<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.elements(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.elements(fields.len(), visitor)
    }
}
