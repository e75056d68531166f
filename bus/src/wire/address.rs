//! Where a reply goes: the request's key.

use std::ops::Deref;
use std::str;

use super::token::Token;

/// The longest key that names a partition, in bytes.
const LONGEST_KEY: usize = 10;

/// Where a reply goes, and whom it is for: the request's key and token, given back as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) key: Key,
    pub(crate) partition: i32,
    pub(super) token: Token,
}

/// A key that names a partition: at most ten digits, or four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    bytes: [u8; LONGEST_KEY],
    length: usize,
}

impl Key {
    fn new(key: &[u8]) -> Option<Self> {
        let mut bytes = [0; LONGEST_KEY];
        bytes.get_mut(..key.len())?.copy_from_slice(key);
        Some(Self { bytes, length: key.len() })
    }
}

impl Deref for Key {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The reply partition that a key names: ASCII decimal, or the four bytes of a Java integer. Whether
/// it is there is for others to find out: it may be one that was added just now.
pub(super) fn read_key(key: Option<&[u8]>, partitions: u32) -> Result<(Key, i32), String> {
    let key = key.ok_or("the key is null, so the reply has no partition to go to")?;
    let decimal = !key.is_empty() && key.iter().all(u8::is_ascii_digit);
    let number = match key {
        [b'0'] => 0,
        [b'0', ..] if decimal => return Err("the key has a leading zero, so it names no partition".to_owned()),
        _ if decimal => str::from_utf8(key).ok().and_then(|text| text.parse::<u32>().ok()).unwrap_or(u32::MAX),
        [a, b, c, d] => u32::from_be_bytes([*a, *b, *c, *d]),
        _ => {
            return Err(
                "the key is neither a decimal number nor a four-byte integer, so it names no partition".to_owned()
            );
        }
    };
    match (i32::try_from(number), Key::new(key)) {
        (Ok(partition), Some(key)) => Ok((key, partition)),
        _ => Err(format!("the key names reply partition {number}, and there are {partitions}")),
    }
}

/// The key of a request whose reply goes to this partition.
pub(crate) fn key_of(partition: i32) -> Key {
    // At most ten digits.
    let digits = partition.unsigned_abs().to_string();
    Key::new(digits.as_bytes()).unwrap_or(Key { bytes: [0; LONGEST_KEY], length: 0 })
}
