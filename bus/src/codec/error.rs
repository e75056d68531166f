//! What is said of a value that does not fit, without saying the value.
//!
//! These texts travel to the other side and into logs. serde's own quote what they complain
//! about, so only the kind of complaint and, where it is the name of a type, what was expected
//! are taken over.

use std::fmt::{Display, Write};

use super::kind::Codec;

/// A value that could not be encoded.
///
/// ```
/// // Who calls sees it as the sentence of a failure.
/// fn failure(error: &bus::EncodeError) -> bus::Failure {
///     bus::Failure::Unencodable { detail: error.to_string() }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("cannot be encoded as {codec}: {reason}")]
pub struct EncodeError {
    pub(super) codec: Codec,
    pub(super) reason: String,
}

/// Bytes that are not what the contract says.
///
/// The text names the codec, what is wrong and where, and never a part of the bytes.
///
/// ```
/// // Who calls sees it as the sentence of a failure.
/// fn failure(error: &bus::DecodeError) -> bus::Failure {
///     bus::Failure::Undecodable { detail: error.to_string() }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("cannot be decoded as {codec}: {reason}")]
pub struct DecodeError {
    pub(super) codec: Codec,
    pub(super) reason: String,
}

/// What a type's own message becomes: it may quote the value, and nobody can tell.
pub(super) const REFUSED: &str = "a value is refused by its type";

/// The kinds of complaint that serde begins its messages with.
const KINDS: [&str; 6] =
    ["invalid type", "invalid value", "invalid length", "unknown variant", "unknown field", "duplicate field"];

/// A kind of complaint, with what was expected if that can be said.
pub(super) fn complaint(kind: &str, expected: &dyn Display) -> String {
    let mut text = String::from(kind);
    let expected = expected.to_string();
    if names_a_type(&expected) {
        let _ = write!(text, ", expected {expected}");
    }
    text
}

/// A message in serde's words, without what it quotes.
pub(super) fn without_payload(message: &str) -> String {
    if let Some(field) = missing_field(message) {
        return format!("missing field `{field}`");
    }
    let Some(kind) = KINDS.iter().find(|kind| message.starts_with(**kind)) else {
        return REFUSED.into();
    };
    // The last of them is serde's: a quoted text may hold the same words before it.
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => complaint(kind, &expected),
        None => (*kind).into(),
    }
}

/// The field that a message misses: what is absent is no payload.
fn missing_field(message: &str) -> Option<&str> {
    let field = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    (field.len() <= 64 && !field.contains('`')).then_some(field)
}

/// Whether a text is one of those that serde and its derives name types with.
///
/// A list of what is allowed: an expectation written by hand may quote anything.
fn names_a_type(text: &str) -> bool {
    const WHOLE: [&str; 21] = [
        "a boolean",
        "a string",
        "a character",
        "a borrowed string",
        "a borrowed byte array",
        "a byte array",
        "a sequence",
        "a map",
        "an array",
        "an empty array",
        "byte array",
        "map",
        "option",
        "path string",
        "sequence",
        "unit",
        "value",
        "fewer elements in array",
        "fewer elements in map",
        "IPv4 address",
        "IPv6 address",
    ];
    const NAMED: [&str; 11] = [
        "tuple struct ",
        "unit struct ",
        "newtype struct ",
        "struct variant ",
        "tuple variant ",
        "unit variant ",
        "newtype variant ",
        "struct ",
        "enum ",
        "a nonzero ",
        "a tuple of size ",
    ];
    const NUMBERS: [&str; 14] =
        ["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32", "f64"];
    let word = |text: &str| {
        (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "_:<>".contains(c))
    };
    if WHOLE.contains(&text) || NUMBERS.contains(&text) {
        return true;
    }
    NAMED.iter().find_map(|prefix| text.strip_prefix(prefix)).is_some_and(|name| match name.split_once(" with ") {
        Some((name, count)) => {
            let number = count.strip_suffix(" elements").or_else(|| count.strip_suffix(" element"));
            word(name) && number.is_some_and(|number| number.parse::<u32>().is_ok())
        }
        None => word(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_left_out() {
        for (message, text) in [
            (r#"invalid type: string "secret", expected u64"#, "invalid type, expected u64"),
            (
                r#"invalid type: string "x, expected secret", expected struct Order"#,
                "invalid type, expected struct Order",
            ),
            (
                "invalid length 1, expected struct Order with 2 elements",
                "invalid length, expected struct Order with 2 elements",
            ),
            ("invalid value: 7, expected a number that is not secret", "invalid value"),
            ("invalid value, expected yes, got `secret`", "invalid value"),
            ("unknown variant `secret`, expected `A` or `B`", "unknown variant"),
            ("unknown field `secret`, there are no fields", "unknown field"),
            ("missing field `amount`", "missing field `amount`"),
            ("missing field `a` of `secret`", REFUSED),
            ("secret", REFUSED),
        ] {
            assert_eq!(without_payload(message), text, "{message}");
        }
    }
}
