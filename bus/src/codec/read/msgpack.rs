//! MessagePack.

use std::borrow::Cow;

use super::token::Token;
use crate::codec::fault::Fault;

/// The unread part of a body.
pub(super) struct Source<'de> {
    pub(super) rest: &'de [u8],
}

#[cold]
fn ended() -> Fault {
    Fault::said("the body ends too early")
}

impl<'de> Source<'de> {
    pub(super) fn next_is_nil(&self) -> bool {
        self.rest.first() == Some(&0xc0)
    }

    pub(super) fn token(&mut self) -> Result<Token<'de>, Fault> {
        let mark = u8::from_be_bytes(self.array()?);
        Ok(match mark {
            0x00..=0x7f => Token::Unsigned(mark.into()),
            0x80..=0x8f => Token::Map(Some(self.count((mark & 0x0f).into(), 2)?)),
            0x90..=0x9f => Token::List(Some(self.count((mark & 0x0f).into(), 1)?)),
            0xa0..=0xbf => self.text((mark & 0x1f).into())?,
            0xc0 => Token::Nil,
            0xc1 => return Err(Fault::said("a mark has no meaning in MessagePack")),
            0xc2 => Token::Bool(false),
            0xc3 => Token::Bool(true),
            0xc4 => Token::Bytes(self.length_8()?),
            0xc5 => Token::Bytes(self.length_16()?),
            0xc6 => Token::Bytes(self.length_32()?),
            0xca => Token::F32(f32::from_be_bytes(self.array()?)),
            0xcb => Token::F64(f64::from_be_bytes(self.array()?)),
            0xcc => Token::Unsigned(u8::from_be_bytes(self.array()?).into()),
            0xcd => Token::Unsigned(u16::from_be_bytes(self.array()?).into()),
            0xce => Token::Unsigned(u32::from_be_bytes(self.array()?).into()),
            0xcf => Token::Unsigned(u64::from_be_bytes(self.array()?)),
            0xd0 => signed(i8::from_be_bytes(self.array()?).into()),
            0xd1 => signed(i16::from_be_bytes(self.array()?).into()),
            0xd2 => signed(i32::from_be_bytes(self.array()?).into()),
            0xd3 => signed(i64::from_be_bytes(self.array()?)),
            0xd9 => utf8(self.length_8()?)?,
            0xda => utf8(self.length_16()?)?,
            0xdb => utf8(self.length_32()?)?,
            0xdc => {
                let count = u16::from_be_bytes(self.array()?);
                Token::List(Some(self.count(count.into(), 1)?))
            }
            0xdd => {
                let count = u32::from_be_bytes(self.array()?);
                Token::List(Some(self.count(count, 1)?))
            }
            0xde => {
                let count = u16::from_be_bytes(self.array()?);
                Token::Map(Some(self.count(count.into(), 2)?))
            }
            0xdf => {
                let count = u32::from_be_bytes(self.array()?);
                Token::Map(Some(self.count(count, 2)?))
            }
            0xc7..=0xc9 | 0xd4..=0xd8 => return Err(Fault::said("an extension type, which serde has no word for")),
            0xe0..=0xff => Token::Signed(mark.cast_signed().into()),
        })
    }

    /// Reads over a value: what is open is a number, not a stack.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        let mut left = 1_usize;
        while left > 0 {
            left -= 1;
            let inside = match self.token()? {
                Token::List(Some(count)) => count,
                Token::Map(Some(count)) => count.saturating_mul(2),
                _ => 0,
            };
            left = left.saturating_add(inside);
        }
        Ok(())
    }

    /// A claimed number of elements, each of which takes so many bytes at least.
    fn count(&self, claimed: u32, bytes_each: usize) -> Result<usize, Fault> {
        match usize::try_from(claimed) {
            Ok(count) if count.saturating_mul(bytes_each) <= self.rest.len() => Ok(count),
            _ => Err(Fault::said("a list claims more elements than its body can hold")),
        }
    }

    fn text(&mut self, length: usize) -> Result<Token<'de>, Fault> {
        utf8(self.take(length)?)
    }

    fn length_8(&mut self) -> Result<&'de [u8], Fault> {
        let length = u8::from_be_bytes(self.array()?);
        self.take(length.into())
    }

    fn length_16(&mut self) -> Result<&'de [u8], Fault> {
        let length = u16::from_be_bytes(self.array()?);
        self.take(length.into())
    }

    fn length_32(&mut self) -> Result<&'de [u8], Fault> {
        let length = u32::from_be_bytes(self.array()?);
        self.take(usize::try_from(length).map_err(|_| ended())?)
    }

    fn take(&mut self, count: usize) -> Result<&'de [u8], Fault> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(ended)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(ended)?;
        self.rest = rest;
        Ok(*taken)
    }
}

fn signed<'de>(number: i64) -> Token<'de> {
    u64::try_from(number).map_or(Token::Signed(number), Token::Unsigned)
}

fn utf8(bytes: &[u8]) -> Result<Token<'_>, Fault> {
    str::from_utf8(bytes).map(|text| Token::Text(Cow::Borrowed(text))).map_err(|_| Fault::said("a text is not UTF-8"))
}
