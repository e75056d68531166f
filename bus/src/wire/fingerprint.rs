//! A caller's fingerprint of a method, as the header says it.

use std::fmt;

/// A caller's fingerprint of a method: of the bytes, and of the names where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TheirFingerprint {
    pub(crate) wire: u64,
    pub(crate) api: Option<u64>,
}

impl TheirFingerprint {
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(match text.split_once('-') {
            Some((wire, api)) => Self { wire: read_number(wire)?, api: Some(read_number(api)?) },
            None => Self { wire: read_number(text)?, api: None },
        })
    }
}

/// 16 hexadecimal digits.
pub(super) fn read_number(digits: &str) -> Option<u64> {
    let plain = digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if plain { u64::from_str_radix(digits, 16).ok() } else { None }
}

impl fmt::Display for TheirFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.wire)?;
        self.api.map_or(Ok(()), |api| write!(f, "-{api:016x}"))
    }
}
