//! What the formats that describe themselves are read as.

use std::borrow::Cow;

use serde::de::{Error, Unexpected, Visitor};

use crate::codec::fault::Fault;

/// One value, or the beginning of one.
#[derive(Debug)]
pub(super) enum Token<'de> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    /// A number with a fraction, or one that no 64 bits hold, as it is written.
    Decimal(&'de str),
    F32(f32),
    F64(f64),
    Text(Cow<'de, str>),
    Bytes(&'de [u8]),
    /// The elements follow: so many, or as many as come before the closing bracket.
    List(Option<usize>),
    /// The entries follow.
    Map(Option<usize>),
}

impl<'de> Token<'de> {
    /// Gives a number to a type, which takes it or does not.
    pub(super) fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Unsigned(number) => visitor.visit_u64(number),
            Self::Signed(number) => visitor.visit_i64(number),
            Self::Decimal(text) => visitor.visit_f64(float(text, true)?),
            Self::F32(number) => visitor.visit_f32(number),
            Self::F64(number) => visitor.visit_f64(number),
            _ => Err(not_expected(&visitor)),
        }
    }

    /// The number of a `f64`.
    pub(super) fn f64(&self) -> Result<Option<f64>, Fault> {
        Ok(match self {
            Self::Decimal(text) => Some(float(text, false)?),
            Self::F64(number) => Some(*number),
            Self::F32(number) => Some(f64::from(*number)),
            _ => None,
        })
    }
}

/// The complaint about a token where something else is expected. What it is is payload.
#[cold]
pub(super) fn not_expected<'de, V: Visitor<'de>>(visitor: &V) -> Fault {
    Error::invalid_type(Unexpected::Other(""), visitor)
}

/// The float that a number is the text of. A whole number stays one, where it must.
fn float(text: &str, exact: bool) -> Result<f64, Fault> {
    let number: f64 = text.parse().map_err(|_| Fault::said("invalid number"))?;
    if !number.is_finite() {
        return Err(Fault::said("a number is out of range"));
    }
    if exact && is_whole(text) && format!("{number:.0}") != text.strip_prefix("-0").map_or(text, |_| "-0") {
        return Err(Fault::said("a number is too large"));
    }
    Ok(number)
}

/// The `f32` that is nearest to the text of a number.
pub(super) fn short_float(text: &str) -> Result<f32, Fault> {
    let number: f32 = text.parse().map_err(|_| Fault::said("invalid number"))?;
    if number.is_finite() { Ok(number) } else { Err(Fault::said("a number is out of range")) }
}

fn is_whole(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}
