//! The token: which call a record belongs to.

use std::str;

use uuid::Uuid;

use super::header::RawHeader;
use super::names::is_own;

/// How long the text of a token of ours is, in bytes.
pub(crate) const TOKEN_TEXT: usize = uuid::fmt::Hyphenated::LENGTH;

/// The longest token, in bytes.
pub(super) const LONGEST_TOKEN: usize = 249;

/// The token header. Its value is null; a client that cannot write null writes an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(super) name: String,
    pub(super) empty: bool,
}

/// Reads the token: exactly one header without `bus-` has a null value, or, where none is null, an
/// empty one.
pub(crate) fn read_token<'a>(headers: impl Iterator<Item = RawHeader<'a>>) -> Result<(&'a [u8], bool), &'static str> {
    let (mut null, mut empty) = (None, None);
    let (mut nulls, mut empties) = (0_u32, 0_u32);
    for (name, value) in headers {
        match value {
            _ if is_own(name) => {}
            None => {
                nulls += 1;
                null = Some(name);
            }
            Some([]) => {
                empties += 1;
                empty = Some(name);
            }
            Some(_) => {}
        }
    }
    match (null, nulls, empty, empties) {
        (Some(name), 1, ..) => Ok((name, false)),
        (None, _, Some(name), 1) => Ok((name, true)),
        (None, _, None, _) => Err("no header has a null value, so there is no token"),
        (Some(_), ..) => Err("more than one header has a null value, so the token cannot be told"),
        (None, _, Some(_), _) => Err("more than one header has an empty value, so the token cannot be told"),
    }
}

/// Writes a token of ours as text.
pub(crate) fn token_text(token: u128, buffer: &mut [u8; TOKEN_TEXT]) -> &str {
    Uuid::from_u128(token).hyphenated().encode_lower(buffer)
}

/// Reads a token of ours; `None` where it is somebody else's.
pub(crate) fn own_token(token: &[u8]) -> Option<u128> {
    Uuid::try_parse_ascii(token).ok().map(|token| token.as_u128())
}
