//! Numbers, texts and the like in codecs that say what they carry.

use super::super::table::TypeShape;
use super::Outcome;
use crate::codec::Codec;

/// What becomes of a value of one kind that is read as another.
pub(super) fn outcome(written: &TypeShape, read: &TypeShape, codec: Codec) -> (Outcome, &'static str) {
    use TypeShape::{Bool, Bytes, Char, F32, F64, Text};
    if written == read {
        return (Outcome::Same, "");
    }
    match (written, read) {
        (Char, Text) => (Outcome::Safe, "a character is a text"),
        (Text, Char) => (Outcome::ByValue, "only a text of one character is one"),
        (F32, F64) => (Outcome::Safe, "every number of 32 bits is one of 64"),
        (F64, F32) => (Outcome::Refused, "numbers would be rounded without an error"),
        (Bytes, Text) | (Text, Bytes) => (Outcome::Unknown, "whether a text is taken for bytes is the type's own rule"),
        (Bool | Char | Text | Bytes, _) | (_, Bool | Char | Text | Bytes) => {
            (Outcome::ErrorInDecoding, "they are written in different ways")
        }
        (F32 | F64, _) => (Outcome::ErrorInDecoding, "a number with a point is not taken for a whole one"),
        (whole, F32 | F64) => to_float(whole, read),
        (one, two) => match (width(one), width(two)) {
            (Some((_, 128)), _) | (_, Some((_, 128))) if codec != Codec::Json => {
                (Outcome::Unknown, "numbers of 128 bits are written in another way")
            }
            (Some((signed, bits)), Some((other_signed, other_bits))) => {
                let fits = match (signed, other_signed) {
                    (true, true) | (false, false) => bits <= other_bits,
                    (false, true) => bits < other_bits,
                    (true, false) => false,
                };
                if fits {
                    (Outcome::Safe, "every number fits")
                } else {
                    (Outcome::ByValue, "a number that does not fit is an error")
                }
            }
            _ => (Outcome::ErrorInDecoding, "they are written in different ways"),
        },
    }
}

/// Whether a kind is signed, and how many bits it has.
fn width(shape: &TypeShape) -> Option<(bool, u32)> {
    Some(match shape {
        TypeShape::I8 => (true, 8),
        TypeShape::I16 => (true, 16),
        TypeShape::I32 => (true, 32),
        TypeShape::I64 => (true, 64),
        TypeShape::I128 => (true, 128),
        TypeShape::U8 => (false, 8),
        TypeShape::U16 => (false, 16),
        TypeShape::U32 => (false, 32),
        TypeShape::U64 => (false, 64),
        TypeShape::U128 => (false, 128),
        _ => return None,
    })
}

/// A number is converted only where converting back gives the same.
fn to_float(whole: &TypeShape, float: &TypeShape) -> (Outcome, &'static str) {
    let exact = if *float == TypeShape::F32 { 24 } else { 53 };
    match width(whole) {
        Some((signed, bits)) if bits - u32::from(signed) <= exact => (Outcome::Safe, "every number fits"),
        Some(_) => (Outcome::Refused, "large numbers would be rounded without an error"),
        None => (Outcome::ErrorInDecoding, "they are written in different ways"),
    }
}
