//! bincode 2 in its `standard` configuration: numbers of variable length, least byte first.

use crate::codec::fault::Fault;

/// The unread part of a body.
pub(super) struct Source<'de> {
    pub(super) rest: &'de [u8],
}

const MARK_16: u8 = 251;
const MARK_32: u8 = 252;
const MARK_64: u8 = 253;
const MARK_128: u8 = 254;

#[cold]
fn ended() -> Fault {
    Fault::said("the body ends too early")
}

#[cold]
fn too_large(expected: &str) -> Fault {
    Fault::new(format!("a number is too large, expected {expected}"))
}

macro_rules! variable {
    ($($unsigned:ident $signed:ident $most:ident,)*) => {$(
        #[inline]
        pub(super) fn $unsigned(&mut self) -> Result<$unsigned, Fault> {
            match self.rest.split_first() {
                Some((byte, rest)) if *byte < MARK_16 => {
                    self.rest = rest;
                    Ok($unsigned::from(*byte))
                }
                _ => $unsigned::try_from(self.marked($most, stringify!($unsigned))?)
                    .map_err(|_| too_large(stringify!($unsigned))),
            }
        }

        #[inline]
        pub(super) fn $signed(&mut self) -> Result<$signed, Fault> {
            // Zigzag: the sign is the lowest bit.
            self.$unsigned().map(|number| (number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
        }
    )*};
}

impl<'de> Source<'de> {
    variable! {
        u16 i16 MARK_16,
        u32 i32 MARK_32,
        u64 i64 MARK_64,
        u128 i128 MARK_128,
    }

    /// A number behind a mark that says its size, up to the largest that is expected.
    fn marked(&mut self, most: u8, expected: &str) -> Result<u128, Fault> {
        let before = self.rest;
        let mark = self.byte()?;
        if mark > most {
            self.rest = before;
            return Err(too_large(expected));
        }
        Ok(match mark {
            MARK_16 => u16::from_le_bytes(self.array()?).into(),
            MARK_32 => u32::from_le_bytes(self.array()?).into(),
            MARK_64 => u64::from_le_bytes(self.array()?).into(),
            _ => u128::from_le_bytes(self.array()?),
        })
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let (byte, rest) = self.rest.split_first().ok_or_else(ended)?;
        self.rest = rest;
        Ok(*byte)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(ended)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'de [u8], Fault> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(ended)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn bool(&mut self) -> Result<bool, Fault> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Fault::said("invalid value, expected a boolean")),
        }
    }

    pub(super) fn option(&mut self) -> Result<bool, Fault> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Fault::said("invalid value, expected option")),
        }
    }

    pub(super) fn char(&mut self) -> Result<char, Fault> {
        let invalid = || Fault::said("invalid value, expected a character");
        let width = match self.rest.first() {
            None => return Err(ended()),
            Some(0..0x80) => 1,
            Some(0xc2..0xe0) => 2,
            Some(0xe0..0xf0) => 3,
            Some(0xf0..0xf5) => 4,
            Some(_) => return Err(invalid()),
        };
        let text = str::from_utf8(self.take(width)?).map_err(|_| invalid())?;
        text.chars().next().ok_or_else(invalid)
    }

    /// Bytes behind their length: a length beyond the body fails before anything is allocated.
    pub(super) fn bytes(&mut self) -> Result<&'de [u8], Fault> {
        let length = self.u64()?;
        self.take(usize::try_from(length).map_err(|_| ended())?)
    }

    pub(super) fn text(&mut self) -> Result<&'de str, Fault> {
        str::from_utf8(self.bytes()?).map_err(|_| Fault::said("a text is not UTF-8"))
    }
}
