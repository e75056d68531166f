//! The bytes of numbers and texts in each format.

/// bincode 2 in its `standard` configuration.
pub(super) mod number {
    macro_rules! variable {
        ($($unsigned:ident $signed:ident $narrower:ident $most:ty, $mark:literal;)*) => {$(
            pub(in super::super) fn $unsigned(body: &mut Vec<u8>, number: $unsigned) {
                match <$most>::try_from(number) {
                    Ok(number) => $narrower(body, number),
                    Err(_) => {
                        body.push($mark);
                        body.extend_from_slice(&number.to_le_bytes());
                    }
                }
            }

            pub(in super::super) fn $signed(body: &mut Vec<u8>, number: $signed) {
                // Zigzag: the sign becomes the lowest bit.
                $unsigned(body, ((number << 1) ^ (number >> ($signed::BITS - 1))).cast_unsigned());
            }
        )*};
    }

    pub(in super::super) fn u8(body: &mut Vec<u8>, number: u8) {
        body.push(number);
    }

    pub(in super::super) fn i8(body: &mut Vec<u8>, number: i8) {
        body.push(number.cast_unsigned());
    }

    pub(in super::super) fn u16(body: &mut Vec<u8>, number: u16) {
        match u8::try_from(number) {
            Ok(number) if number < 251 => body.push(number),
            _ => {
                body.push(251);
                body.extend_from_slice(&number.to_le_bytes());
            }
        }
    }

    pub(in super::super) fn i16(body: &mut Vec<u8>, number: i16) {
        u16(body, ((number << 1) ^ (number >> 15)).cast_unsigned());
    }

    variable! {
        u32 i32 u16 u16, 252;
        u64 i64 u32 u32, 253;
        u128 i128 u64 u64, 254;
    }
}

pub(super) mod json {
    use std::fmt::Display;
    use std::io::Write as _;

    use serde_json::ser::{CompactFormatter, Formatter as _};

    use crate::codec::fault::Fault;

    pub(in super::super) fn whole(body: &mut Vec<u8>, number: impl Display) {
        // Writing into memory does not fail.
        let _ = write!(body, "{number}");
    }

    pub(in super::super) fn f32(body: &mut Vec<u8>, number: f32) {
        let _ = CompactFormatter.write_f32(body, number);
    }

    pub(in super::super) fn f64(body: &mut Vec<u8>, number: f64) {
        let _ = CompactFormatter.write_f64(body, number);
    }

    pub(in super::super) fn text(body: &mut Vec<u8>, text: &str) -> Result<(), Fault> {
        serde_json::to_writer(body, text).map_err(|_| Fault::said("a text cannot be written"))
    }

    pub(in super::super) fn bytes(body: &mut Vec<u8>, bytes: &[u8]) {
        body.push(b'[');
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 {
                body.push(b',');
            }
            whole(body, byte);
        }
        body.push(b']');
    }
}

pub(super) mod msgpack {
    use crate::codec::fault::Fault;

    pub(in super::super) fn unsigned(body: &mut Vec<u8>, number: u64) {
        if let Ok(number) = u8::try_from(number) {
            if number >= 0x80 {
                body.push(0xcc);
            }
            body.push(number);
        } else if let Ok(number) = u16::try_from(number) {
            body.push(0xcd);
            body.extend_from_slice(&number.to_be_bytes());
        } else if let Ok(number) = u32::try_from(number) {
            body.push(0xce);
            body.extend_from_slice(&number.to_be_bytes());
        } else {
            body.push(0xcf);
            body.extend_from_slice(&number.to_be_bytes());
        }
    }

    pub(in super::super) fn signed(body: &mut Vec<u8>, number: i64) {
        if let Ok(number) = u64::try_from(number) {
            unsigned(body, number);
        } else if let Ok(number) = i8::try_from(number) {
            if number < -32 {
                body.push(0xd0);
            }
            body.push(number.cast_unsigned());
        } else if let Ok(number) = i16::try_from(number) {
            body.push(0xd1);
            body.extend_from_slice(&number.to_be_bytes());
        } else if let Ok(number) = i32::try_from(number) {
            body.push(0xd2);
            body.extend_from_slice(&number.to_be_bytes());
        } else {
            body.push(0xd3);
            body.extend_from_slice(&number.to_be_bytes());
        }
    }

    /// The head of something with a length: its marks for small ones, and for 8, 16 and 32 bits.
    fn head(body: &mut Vec<u8>, length: usize, small: (u8, usize), marks: [Option<u8>; 3]) -> Result<(), Fault> {
        let [bits_8, bits_16, bits_32] = marks;
        let length = u32::try_from(length).map_err(|_| Fault::said("a length is beyond 32 bits"))?;
        let bytes = length.to_be_bytes();
        match (length as usize, bits_8, bits_16) {
            (short, _, _) if short < small.1 => body.push(small.0 | bytes[3]),
            (0..0x100, Some(mark), _) => body.extend_from_slice(&[mark, bytes[3]]),
            (0..0x1_0000, _, Some(mark)) => body.extend_from_slice(&[mark, bytes[2], bytes[3]]),
            _ => {
                body.push(bits_32.unwrap_or_default());
                body.extend_from_slice(&bytes);
            }
        }
        Ok(())
    }

    pub(in super::super) fn text(body: &mut Vec<u8>, text: &str) -> Result<(), Fault> {
        head(body, text.len(), (0xa0, 32), [Some(0xd9), Some(0xda), Some(0xdb)])?;
        body.extend_from_slice(text.as_bytes());
        Ok(())
    }

    pub(in super::super) fn bytes(body: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Fault> {
        head(body, bytes.len(), (0, 0), [Some(0xc4), Some(0xc5), Some(0xc6)])?;
        body.extend_from_slice(bytes);
        Ok(())
    }

    pub(in crate::codec) fn list(body: &mut Vec<u8>, length: usize) -> Result<(), Fault> {
        head(body, length, (0x90, 16), [None, Some(0xdc), Some(0xdd)])
    }

    pub(in super::super) fn map(body: &mut Vec<u8>, length: usize) -> Result<(), Fault> {
        head(body, length, (0x80, 16), [None, Some(0xde), Some(0xdf)])
    }
}
